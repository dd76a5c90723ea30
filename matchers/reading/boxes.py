"""Where words stand in a picture, and each of them cut out and set upright."""

from __future__ import annotations

import math

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from contracts.match import Region
from matchers.reading import rapid

Pixels = npt.NDArray[np.uint8]

# RapidOCR's detector costs by the pixel: 30 ms at 320, 72 at 512, 131 at 736 pixels a side on one thread, and found
# 178, 179 and 178 of 180 lines 20 to 55 pixels high on photos of 480 to 800 pixels (2026-11-27).
DETECTED = 480 * 480  # pixels the detector looks at
KEPT_SIDE = 1600  # pixels of the longer side that letters are cut out of
LONGEST = 3  # a picture longer than this many times its width is read from its beginning only
THINNEST = 16  # pixels; letters in anything thinner cannot be read
MOST = 16  # lines of a picture that are read, the largest first
HIGHEST = 0.6  # share of the picture's shorter side; the detector takes whole garments for a letter
UPRIGHT = 1.5  # a box this many times higher than wide holds a line turned by a quarter
WIDEST = 30  # letters' heights of a line that are read


@attrs.frozen(kw_only=True, eq=False)
class Box:
    """A line of words: where it stands, and its pixels (BGR) set upright, in both ways where it stands on end."""

    region: Region
    ways: tuple[Pixels, ...]


def find(picture: Pixels) -> list[Box]:
    """Return the lines of words in a BGR picture, the largest first; at most `MOST`, whatever is in it."""
    height, width = picture.shape[:2]
    if min(height, width) < THINNEST:
        return []
    begun = picture[: LONGEST * width, : LONGEST * height]
    kept = _shrink(begun, KEPT_SIDE / max(begun.shape[:2]))
    area = kept.shape[0] * kept.shape[1]
    seen = _shrink(kept, math.sqrt(DETECTED / area))
    corners = rapid.find(seen) * (kept.shape[1] / seen.shape[1], kept.shape[0] / seen.shape[0])
    fitting = (quad for quad in corners if min(_sides(quad)) <= HIGHEST * min(kept.shape[:2]))
    lines = sorted(fitting, key=_size, reverse=True)[:MOST]
    # Regions are told on the whole picture, of which only the beginning may have been looked at.
    whole = width * kept.shape[1] / begun.shape[1], height * kept.shape[0] / begun.shape[0]
    return [Box(region=_region(quad, whole), ways=_upright(kept, quad)) for quad in lines]


def _shrink(pixels: Pixels, scale: float) -> Pixels:
    if scale >= 1:
        return pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _sides(quad: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return width and height of a quadrangle given from its top left corner on, clockwise."""
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    return float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))


def _size(quad: npt.NDArray[np.float64]) -> float:
    width, height = _sides(quad)
    return width * height


def _region(quad: npt.NDArray[np.float64], whole: tuple[float, float]) -> Region:
    low, high = quad.min(axis=0) / whole, quad.max(axis=0) / whole
    left, top = (round(float(value), 4) for value in np.clip(low, 0, 1))
    width, height = (round(float(value), 4) for value in np.clip(high, 0, 1) - np.clip(low, 0, 1))
    return Region(left=left, top=top, width=width, height=height)


def _upright(pixels: Pixels, quad: npt.NDArray[np.float64]) -> tuple[Pixels, ...]:
    wide, high = (max(2, round(side)) for side in _sides(quad))
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    turn = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    line = cv2.warpPerspective(pixels, turn, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    ways = (np.rot90(line), np.rot90(line, 3)) if high >= UPRIGHT * wide else (line,)
    return tuple(np.ascontiguousarray(way[:, : WIDEST * way.shape[0]]) for way in ways)
