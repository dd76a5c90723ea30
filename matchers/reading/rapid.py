"""RapidOCR (PP-OCRv6 small, Apache-2.0): its models lie in the package, nothing is fetched."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rapidocr

MODELS = Path(rapidocr.__file__).parent / "models"
DETECTOR = MODELS / "PP-OCRv6_det_small.onnx"
RECOGNISER = MODELS / "PP-OCRv6_rec_small.onnx"  # Latin, Greek, Chinese, kana; no Hangul, no Thai
UNBOUNDED = 10_000  # pixels: the picture is brought to size before

_one_at_a_time = threading.Lock()  # an engine's settings are changed by each call


@lru_cache(maxsize=1)
def _engine() -> Any:
    # With the models named by path RapidOCR has no reason to look for them on the network.
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "Global.use_cls": False,
            "Det.model_path": str(DETECTOR),
            "Det.limit_type": "max",
            "Det.limit_side_len": UNBOUNDED,
            "Rec.model_path": str(RECOGNISER),
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def find(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return the corners (n, 4, 2) in pixels of each line of words, clockwise from the top left."""
    with _one_at_a_time:
        found = _engine()(picture, use_det=True, use_cls=False, use_rec=False)
    boxes = getattr(found, "boxes", None)
    return np.zeros((0, 4, 2)) if boxes is None else np.asarray(boxes, dtype=np.float64)


def read(line: npt.NDArray[np.uint8]) -> tuple[str, float]:
    """Return what one upright line says and how sure that is, 0..1."""
    with _one_at_a_time:
        found = _engine()(line, use_det=False, use_cls=False, use_rec=True)
    if not found.txts:
        return "", 0.0
    return str(found.txts[0]).strip(), float(found.scores[0])
