import hashlib
import io
import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from contracts.errors import BadInput
from matchers.images import network
from matchers.images.checkpoint import MAGIC, PROTOCOL, read_checkpoint
from matchers.images.embedding import DIMENSIONS, embed, similarity


def checkpoint(tmp_path, body):
    """Write a file of PyTorch's old form whose one storage holds the numbers 0 to 5."""
    head = b"".join(pickle.dumps(part, 2) for part in (MAGIC, PROTOCOL, {}))
    numbers = (6).to_bytes(8, "little") + np.arange(6, dtype="<f4").tobytes()
    path = tmp_path / "made.pth"
    path.write_bytes(head + body + pickle.dumps(["7"], 2) + numbers)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


# {"weight": torch._utils._rebuild_tensor_v2(<storage 7>, offset, shape, strides)} in pickle's own opcodes.
TENSOR = (
    b"\x80\x02}X\x06\x00\x00\x00weightctorch._utils\n_rebuild_tensor_v2\n("
    b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x007X\x03\x00\x00\x00cpuK\x06Nt"
    b"QK%b(K\x02K\x03t(K\x03K\x01ttRs."
)


def test_a_tensor_is_read_without_pytorch(tmp_path):
    assert np.array_equal(
        read_checkpoint(*checkpoint(tmp_path, TENSOR % b"\x00"))["weight"], np.arange(6).reshape(2, 3)
    )


def test_a_tensor_beyond_its_numbers_is_refused(tmp_path):
    with pytest.raises(BadInput, match="within its storage"):
        read_checkpoint(*checkpoint(tmp_path, TENSOR % b"\x01"))


def test_anything_but_tensors_is_refused_before_it_runs(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    with pytest.raises(BadInput, match="tensors alone"):
        read_checkpoint(*checkpoint(tmp_path, pickle.dumps(OrderedDict(weight=Trap()), 2)))
    assert not (tmp_path / "sprung").exists()


def test_another_file_is_refused_unread(tmp_path):
    path, _ = checkpoint(tmp_path, TENSOR % b"\x00")

    with pytest.raises(BadInput, match="SHA-256"):
        read_checkpoint(path, "0" * 64)


def test_the_network_is_written_once_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("JIKIMI_MODELS", str(tmp_path))

    path = network.network_file()
    written = path.stat().st_mtime_ns

    assert network.network_file() == path
    assert path.stat().st_mtime_ns == written
    assert [item.name for item in tmp_path.iterdir()] == [f"{network.VERSION}.onnx"]


def test_missing_weights_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("JIKIMI_MODELS", str(tmp_path))
    monkeypatch.setattr(network, "PACKAGE", "no_such_package")

    with pytest.raises(network.NoNetwork, match="scripts/setup"):
        network.network_file()


def drawing(seed):
    noise = np.random.default_rng(seed).integers(0, 255, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((240, 240), Image.Resampling.BICUBIC)


def test_an_edit_stays_nearer_to_its_photo_than_any_other_photo():
    photos = np.stack([embed(np.asarray(drawing(seed))) for seed in range(6)])
    out = io.BytesIO()
    ImageEnhance.Brightness(drawing(2).crop((20, 10, 220, 230))).enhance(0.7).save(out, "JPEG", quality=40)

    cosines = similarity(embed(np.asarray(Image.open(out))), photos)

    assert photos.shape == (6, DIMENSIONS)
    assert cosines.argmax() == 2
