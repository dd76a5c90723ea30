"""What is kept of a picture: hashes, an embedding, local features and a small grey copy, of it and of its parts."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import attrs
import cv2
import imagehash
import numpy as np
import numpy.typing as npt
import pdqhash
from PIL import Image

from evidence.pictures import decode
from matchers.images import embedding
from matchers.images.features import Bytes8, Floats, local_features
from matchers.images.parts import parts

VERSION = "pictures/3"
LONG_SIDE = 320  # pixels; anchors in the field were measured at this size, and larger brought nothing (2026-11-23)
PART_SIDE = 240  # pixels of the long side of a part; a smaller one is enlarged, which gives SIFT more to hold on to
FEATURES = 300  # SIFT keypoints kept per picture
PART_FEATURES = 160
GREY_SIDE = 160  # pixels of the grey copy that correlation runs on
BORDER_TOLERANCE = 12  # grey levels a uniform border may vary by (JPEG noise)
BORDER_STRAYS = 0.02  # of a border's pixels may vary more (ringing, a speck)
MIN_INNER = 0.3  # a border is only cut while this share of each side remains
ARRAYS = ("pdq", "grey", "points", "features", "embedding")

Fractions = tuple[float, float, float, float]


@attrs.frozen(kw_only=True, eq=False)
class View:
    """A picture, or a part of one, as comparison sees it.

    ``box`` is where it lies in the original, in fractions (left, top, width, height); ``size`` its width and height in
    the pixels that ``points`` (n, 2) are given in. ``pdq`` (8, 32) are the 256-bit PDQ hashes of the eight mirror and
    quarter-turn forms, the picture itself first, ``quality`` PDQ's 0..100 (under 50: too flat to trust); ``phash``
    ImageHash's 64 bits. ``features`` (n, 128) are RootSIFT vectors as bytes, ``embedding`` (128,) is the network's.
    """

    box: Fractions
    size: tuple[int, int]
    phash: int
    pdq: Bytes8
    quality: int
    embedding: npt.NDArray[np.int8]
    grey: Bytes8
    points: Floats
    features: Bytes8


@attrs.frozen(kw_only=True, eq=False)
class Descriptor:
    """Everything comparison needs of one picture: ``views`` holds the whole first, then its parts.

    About 65 kB for a photo, up to 30 kB more for each cell of a collage. A registered picture is compared as a whole.
    """

    sha256: str
    views: tuple[View, ...]

    @property
    def whole(self) -> View:
        """The picture within its uniform borders."""
        return self.views[0]

    def to_bytes(self) -> bytes:
        """Return a compact, versioned form for a cache on disk."""
        arrays: dict[str, Any] = {"meta": np.array([VERSION, self.sha256, str(len(self.views))])}
        for number, view in enumerate(self.views):
            arrays |= {f"{name}{number}": getattr(view, name) for name in ARRAYS}
            arrays[f"points{number}"] = view.points.astype(np.float16)
            arrays[f"numbers{number}"] = np.array([*view.box, *view.size, view.quality])
            arrays[f"phash{number}"] = np.uint64(view.phash)
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Descriptor | None:
        """Read what `to_bytes` wrote; None when another version wrote it or it is torn: describe the picture again."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                version, sha256, count = (str(item) for item in stored["meta"])
                if version != VERSION:
                    return None
                return cls(sha256=sha256, views=tuple(_stored(stored, number) for number in range(int(count))))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None


def _stored(stored: Any, number: int) -> View:
    left, top, width, height, *size, quality = (float(item) for item in stored[f"numbers{number}"])
    arrays = {name: stored[f"{name}{number}"] for name in ARRAYS}
    arrays["points"] = arrays["points"].astype(np.float32)
    return View(
        box=(left, top, width, height),
        size=(int(size[0]), int(size[1])),
        quality=int(quality),
        phash=int(stored[f"phash{number}"]),
        **arrays,
    )


def describe(data: bytes) -> Descriptor:
    """Describe a picture.

    Raises:
        evidence.pictures.BadPicture: bytes that are no picture within the limits.
        matchers.images.network.NoNetwork: the network's weights are not installed.
    """
    return describe_picture(decode(data), hashlib.sha256(data).hexdigest())


def hash_of(data: bytes) -> bytes:
    """Return the 256-bit PDQ hash alone, as `View.pdq` has it first: what the search index keeps of a picture.

    Raises:
        evidence.pictures.BadPicture: bytes that are no picture within the limits.
    """
    inner, _ = _inner(np.asarray(decode(data)))
    bits, _ = pdqhash.compute(_fit(inner, LONG_SIDE))
    return np.packbits(np.asarray(bits, dtype=np.uint8)).tobytes()


def describe_picture(picture: Image.Image, sha256: str) -> Descriptor:
    """Describe a decoded RGB picture and the pictures it is made of."""
    full = np.asarray(picture)
    inner, box = _inner(full)
    views = [_view(_fit(inner, LONG_SIDE), box, FEATURES)]
    height, width = full.shape[:2]
    for left, top, right, bottom in parts(full):
        cell, (x, y, wide, high) = _inner(full[top:bottom, left:right])
        place = (
            (left + x * (right - left)) / width,
            (top + y * (bottom - top)) / height,
            wide * (right - left) / width,
            high * (bottom - top) / height,
        )
        views.append(_view(_sized(cell, PART_SIDE), place, PART_FEATURES))
    return Descriptor(sha256=sha256, views=tuple(views))


def _view(pixels: Any, box: Fractions, limit: int) -> View:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    hashes, quality = pdqhash.compute_dihedral(pixels)
    points, features = local_features(grey, limit)
    return View(
        box=box,
        size=(grey.shape[1], grey.shape[0]),
        phash=int(str(imagehash.phash(Image.fromarray(pixels))), 16),
        pdq=np.stack([np.packbits(np.asarray(bits, dtype=np.uint8)) for bits in hashes]),
        quality=int(quality),
        embedding=embedding.embed(pixels),
        grey=_fit(grey, GREY_SIDE),
        points=points,
        features=features,
    )


def _fit(pixels: Any, side: int) -> Any:
    """Shrink to ``side`` where larger."""
    return _sized(pixels, side) if max(pixels.shape[:2]) > side else np.ascontiguousarray(pixels)


def _sized(pixels: Any, side: int) -> Any:
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def _inner(full: Any) -> tuple[Any, Fractions]:
    """Cut uniform borders; return the pixels inside and where they lie, in fractions."""
    grey = cv2.cvtColor(_fit(full, LONG_SIDE), cv2.COLOR_RGB2GRAY).astype(np.int16)
    left, top, right, bottom = _inner_box(grey)
    height, width = full.shape[:2]
    inner = full[
        int(top * height) : max(int(bottom * height), int(top * height) + 1),
        int(left * width) : max(int(right * width), int(left * width) + 1),
    ]
    return inner, (left, top, right - left, bottom - top)


def _inner_box(grey: Any) -> Fractions:
    """Return the box inside uniform borders as fractions left, top, right, bottom."""
    rows, columns = (
        (np.abs(grey - np.median(grey, axis=axis, keepdims=True)) > BORDER_TOLERANCE).mean(axis=axis) > BORDER_STRAYS
        for axis in (1, 0)
    )
    if not rows.any() or not columns.any():
        return 0.0, 0.0, 1.0, 1.0
    height, width = grey.shape
    top, bottom = int(rows.argmax()), height - int(rows[::-1].argmax())
    left, right = int(columns.argmax()), width - int(columns[::-1].argmax())
    if bottom - top < MIN_INNER * height or right - left < MIN_INNER * width:
        return 0.0, 0.0, 1.0, 1.0
    return left / width, top / height, right / width, bottom / height
