"""A short vector that stays near itself under edits: EfficientNet-Lite0, pooled, then projected by fitted numbers.

The projection (numbers in ``embedding.npz``, made by ``scripts/fit/picture_embedding.py``) whitens what edits
change and keeps what tells photos apart (linear discriminants: Fisher 1936; for retrieval: Mikolajczyk and Matas,
ICCV 2007).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from matchers.images.network import WIDTH, session

SIDE = 224  # pixels; pictures are stretched to a square, so that a changed aspect changes nothing
DIMENSIONS = 128
SCALE = 400.0  # a component of a unit vector times this fits a signed byte
NUMBERS = Path(__file__).with_name("embedding.npz")

Bytes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]


def pooled(pixels: npt.NDArray[np.uint8]) -> Floats:
    """Return what the network says of an RGB picture before projection: (WIDTH,), both halves of length one."""
    square = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    ready = ((square.astype(np.float32) - 127) / 128).transpose(2, 0, 1)[None]
    found: Floats = session().run(None, {"pixels": np.ascontiguousarray(ready)})[0][0]
    middle, last = found[: WIDTH - 1280], found[WIDTH - 1280 :]
    return np.concatenate([middle / np.linalg.norm(middle), last / np.linalg.norm(last)])


def embed(pixels: npt.NDArray[np.uint8]) -> Bytes:
    """Return the embedding of an RGB picture: `DIMENSIONS` signed bytes."""
    mean, projection = _numbers()
    vector = (pooled(pixels) - mean) @ projection
    vector /= max(float(np.linalg.norm(vector)), 1e-6)
    return np.clip(np.rint(vector * SCALE), -127, 127).astype(np.int8)


def similarity(one: Bytes, others: npt.NDArray[np.int8]) -> Floats:
    """Return the cosines (-1..1) of an embedding with others (n, DIMENSIONS)."""
    left, right = one.astype(np.float32), others.astype(np.float32)
    lengths = np.linalg.norm(left) * np.linalg.norm(right, axis=-1)
    return np.asarray((right @ left) / np.maximum(lengths, 1e-6), np.float32)


@cache
def _numbers() -> tuple[Floats, Floats]:
    with np.load(NUMBERS, allow_pickle=False) as stored:
        return stored["mean"].astype(np.float32), stored["projection"] * stored["scale"]
