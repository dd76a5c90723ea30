"""What is kept of a picture: hashes of its eight mirror and quarter-turn forms, local features, a small grey copy."""

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

VERSION = "pictures/2"
LONG_SIDE = 320  # pixels; anchors in the field were measured at this size, and larger brought nothing (2026-11-23)
FEATURES = 300  # SIFT keypoints kept per picture
GREY_SIDE = 160  # pixels of the grey copy that correlation runs on
BORDER_TOLERANCE = 12  # grey levels a uniform border may vary by (JPEG noise)
MIN_INNER = 0.3  # a border is only cut while this share of each side remains

Bytes8 = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@attrs.frozen(kw_only=True, eq=False)
class Descriptor:
    """Everything comparison needs of one picture; about 60 kB.

    ``phash`` is ImageHash's 64-bit pHash; ``pdq`` (8, 32) the 256-bit PDQ hashes of the eight mirror and quarter-turn
    forms, the picture itself first. ``quality`` is PDQ's 0..100 (under 50: too flat to trust). ``points`` (n, 2) are
    keypoints in pixels of the normalised picture, ``features`` (n, 128) their RootSIFT vectors as bytes; ``mirrored``
    the same of the mirror image. ``box`` is where the normalised picture lies in the original, in fractions (left, top,
    width, height).
    """

    sha256: str
    phash: int
    pdq: Bytes8
    quality: int
    size: tuple[int, int]
    box: tuple[float, float, float, float]
    grey: Bytes8
    points: Floats
    features: Bytes8
    mirrored_points: Floats
    mirrored_features: Bytes8

    def to_bytes(self) -> bytes:
        """Return a compact, versioned form for a cache on disk."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            meta=np.array([VERSION, self.sha256, str(self.phash), str(self.quality)]),
            size=np.array(self.size),
            box=np.array(self.box),
            pdq=self.pdq,
            grey=self.grey,
            points=self.points.astype(np.float16),
            features=self.features,
            mirrored_points=self.mirrored_points.astype(np.float16),
            mirrored_features=self.mirrored_features,
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Descriptor | None:
        """Read what `to_bytes` wrote; None when another version wrote it or it is torn: describe the picture again."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                version, sha256, phash, quality = (str(item) for item in stored["meta"])
                if version != VERSION:
                    return None
                left, top, width, height = (float(part) for part in stored["box"])
                return cls(
                    sha256=sha256,
                    phash=int(phash),
                    quality=int(quality),
                    size=(int(stored["size"][0]), int(stored["size"][1])),
                    box=(left, top, width, height),
                    pdq=stored["pdq"],
                    grey=stored["grey"],
                    points=stored["points"].astype(np.float32),
                    features=stored["features"],
                    mirrored_points=stored["mirrored_points"].astype(np.float32),
                    mirrored_features=stored["mirrored_features"],
                )
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None


def describe(data: bytes) -> Descriptor:
    """Describe a picture.

    Raises:
        evidence.pictures.BadPicture: bytes that are no picture within the limits.
    """
    return describe_picture(decode(data), hashlib.sha256(data).hexdigest())


def hash_of(data: bytes) -> bytes:
    """Return the 256-bit PDQ hash alone, as `Descriptor.pdq` has it first: what the search index keeps of a picture.

    Raises:
        evidence.pictures.BadPicture: bytes that are no picture within the limits.
    """
    small, _ = _normalised(decode(data))
    bits, _ = pdqhash.compute(small)
    return np.packbits(np.asarray(bits, dtype=np.uint8)).tobytes()


def describe_picture(picture: Image.Image, sha256: str) -> Descriptor:
    """Describe a decoded RGB picture."""
    small, box = _normalised(picture)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    hashes, quality = pdqhash.compute_dihedral(small)
    points, features = _local_features(grey)
    mirrored_points, mirrored_features = _local_features(np.ascontiguousarray(grey[:, ::-1]))
    return Descriptor(
        sha256=sha256,
        phash=int(str(imagehash.phash(Image.fromarray(small))), 16),
        pdq=np.stack([np.packbits(np.asarray(bits, dtype=np.uint8)) for bits in hashes]),
        quality=int(quality),
        size=(grey.shape[1], grey.shape[0]),
        box=box,
        grey=_fit(grey, GREY_SIDE),
        points=points,
        features=features,
        mirrored_points=mirrored_points,
        mirrored_features=mirrored_features,
    )


def _normalised(picture: Image.Image) -> tuple[Any, tuple[float, float, float, float]]:
    """Cut uniform borders and shrink; return the pixels and where they lie in the original."""
    full = np.asarray(picture)
    left, top, right, bottom = _inner_box(cv2.cvtColor(_fit(full, LONG_SIDE), cv2.COLOR_RGB2GRAY))
    height, width = full.shape[:2]
    inner = full[
        int(top * height) : max(int(bottom * height), int(top * height) + 1),
        int(left * width) : max(int(right * width), int(left * width) + 1),
    ]
    return _fit(inner, LONG_SIDE), (left, top, right - left, bottom - top)


def _fit(pixels: Any, side: int) -> Any:
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _inner_box(grey: Any) -> tuple[float, float, float, float]:
    """Return the box inside uniform borders as fractions left, top, right, bottom."""
    rows = np.ptp(grey, axis=1) > BORDER_TOLERANCE
    columns = np.ptp(grey, axis=0) > BORDER_TOLERANCE
    if not rows.any() or not columns.any():
        return 0.0, 0.0, 1.0, 1.0
    height, width = grey.shape
    top, bottom = int(rows.argmax()), height - int(rows[::-1].argmax())
    left, right = int(columns.argmax()), width - int(columns[::-1].argmax())
    if bottom - top < MIN_INNER * height or right - left < MIN_INNER * width:
        return 0.0, 0.0, 1.0, 1.0
    return left / width, top / height, right / width, bottom / height


def _local_features(grey: Any) -> tuple[Floats, Bytes8]:
    """Return keypoints and RootSIFT vectors (Arandjelovic and Zisserman, CVPR 2012) as bytes."""
    sift = cv2.SIFT.create(nfeatures=FEATURES, contrastThreshold=0.02)
    keypoints, vectors = sift.detectAndCompute(grey, None)
    if vectors is None or not len(keypoints):
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.uint8)
    order = np.argsort([-point.response for point in keypoints], kind="stable")[:FEATURES]
    vectors = vectors[order]
    root = np.sqrt(vectors / np.maximum(vectors.sum(axis=1, keepdims=True), 1e-6))
    points = np.array([keypoints[position].pt for position in order], dtype=np.float32)
    return points, np.clip(root * 512, 0, 255).astype(np.uint8)
