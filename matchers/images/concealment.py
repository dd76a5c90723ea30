"""Which words of a registered picture did a seller hide in the copy: blurred, painted over, pixelated, stickered?

The registered picture is laid over the listing's, as comparing them found it to lie. Where it shows a line of words
and the copy shows nothing or something else, while the surroundings agree, the line is concealed. Fine texture is
compared, not colour or light: blurring and masking take it away, a sticker brings another.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise, product
from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from contracts.match import Region

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[Any]
Cells = npt.NDArray[np.intp]  # (n, 4): left, top, right, bottom in pixels

VERSION = "concealment/2"
SIDE = 480  # pixels of the longer side both pictures are compared at
SMALLEST = 96  # pixels of the longer side of the common frame; less shows no letters
LETTERS = 8  # pixels a line must be high in the common frame
FINE = 4.0  # pixels; texture finer than this is compared
CELL = 20  # pixels of a cell of the grid the whole pictures are compared in
EDGE = 0.15  # share of a line's box above and below that is not letters
TEXTURED = 5.0  # grey levels of fine texture that make a place worth comparing
FLAT = 8.0  # grey levels a surface of one colour varies by after compression
REACH = 2  # pixels the map may be off
AGREES = 0.5  # correlation of fine texture
FADED = 0.35  # share of the fine texture's strength left, measured against the agreeing places'
FOREIGN = 0.25  # correlation below which the texture is another one
COPIED = 0.4  # share of the textured places that must agree: else it is not this picture
HIDDEN = 0.6  # share of a line that must be gone
SEEN = 0.8  # share of a line that must lie on the listing's picture


class How(StrEnum):
    """How a line of words was hidden."""

    BLURRED = "blurred"  # its broad light and dark are left
    COVERED = "covered"  # by one colour
    STICKERED = "stickered"  # by something else


@attrs.frozen(kw_only=True)
class Concealed:
    """A line of words of the registered picture that is hidden, and where on the listing's picture that is."""

    region: Region
    how: How


def find(query: Grey, reference: Grey, lettering: Sequence[Region], laid: Sequence[float]) -> tuple[Concealed, ...]:
    """Return the lines of words that the listing's picture conceals.

    Args:
        query: the listing's picture, grey.
        reference: the registered picture it was made from, grey.
        lettering: where the registered picture shows words, in fractions of it.
        laid: how the registered picture lies on the listing's, as `contracts.match.PictureMatch` has it.
    """
    if not lettering:
        return ()
    query, reference = _fit(query), _fit(reference)
    onto = _sized(query) @ np.reshape(laid, (3, 3)) @ np.linalg.inv(_sized(reference))
    frame = _Frame.of(reference, query, onto)
    if frame is None:
        return ()
    strength, kept, likeness = frame.compare(frame.grid())
    textured = strength > TEXTURED
    agrees = textured & (likeness > AGREES)
    if not agrees.any() or agrees.sum() < COPIED * textured.sum():
        return ()
    usual = float(np.median(kept[agrees]))
    found = []
    for region in lettering:
        cells = frame.line(region)
        strength, kept, likeness = frame.compare(cells)
        hidden = (kept < FADED * usual) | (likeness < FOREIGN)
        textured = strength > TEXTURED
        if textured.any() and (hidden & textured).sum() >= HIDDEN * textured.sum():
            found.append(Concealed(region=_on(region, laid), how=frame.how(cells)))
    return tuple(found)


@attrs.frozen(kw_only=True, eq=False)
class _Frame:
    """Both pictures in the registered one's frame, at the coarser one's resolution.

    ``inside`` is 1 where the listing's picture reaches; ``fine`` and ``copied`` are both pictures' fine texture, the
    latter with a margin of `REACH` pixels.
    """

    expected: Floats
    shown: Floats
    inside: Floats
    fine: Floats
    copied: Floats

    @classmethod
    def of(cls, reference: Grey, query: Grey, onto: Any) -> _Frame | None:
        scale = min(1.0, float(np.sqrt(abs(np.linalg.det(onto[:2, :2])))))
        height, width = (round(side * scale) for side in reference.shape)
        if max(height, width) < SMALLEST or min(height, width) < LETTERS:
            return None
        there = onto @ np.diag([reference.shape[1] / width, reference.shape[0] / height, 1.0])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        expected = cv2.resize(reference, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
        shown = cv2.warpPerspective(query, there, (width, height), flags=flags).astype(np.float32)
        fine, copied = (grey - cv2.GaussianBlur(grey, (0, 0), FINE) for grey in (expected, shown))
        return cls(
            expected=expected,
            shown=shown,
            inside=cv2.warpPerspective(np.ones(query.shape, np.float32), there, (width, height), flags=flags),
            fine=fine,
            copied=np.pad(copied, REACH),
        )

    def compare(self, cells: Cells) -> tuple[Floats, Floats, Floats]:
        """Compare the fine texture in each cell.

        Returns:
            Per cell the strength of the registered picture's texture in grey levels, the share of it that is left in
            the listing's, and how far both correlate, the best over small shifts.
        """
        if not len(cells):
            return np.zeros(0), np.zeros(0), np.zeros(0)
        (x, y), (right, bottom) = cells[:, :2].min(0), cells[:, 2:].max(0)
        fine = self.fine[y:bottom, x:right]
        copied = self.copied[y : bottom + 2 * REACH, x : right + 2 * REACH]
        cells = cells - (x, y, x, y)
        unmoved = copied[REACH:-REACH, REACH:-REACH]
        strength, left = (np.maximum(_means(_sums(part * part), cells), 0) for part in (fine, unmoved))
        powers = _sums(copied * copied)
        likeness = np.full(len(cells), -1.0)
        for down, across in product(range(2 * REACH + 1), repeat=2):
            moved = copied[down : down + fine.shape[0], across : across + fine.shape[1]]
            power = np.maximum(_means(powers, cells + np.tile((across, down), 2)), 0)
            alike = _means(_sums(fine * moved), cells) / np.sqrt(strength * power + 1.0)
            np.maximum(likeness, alike, out=likeness)
        return np.sqrt(strength), np.sqrt(left / np.maximum(strength, 1e-6)), likeness

    def grid(self) -> Cells:
        """Return the whole frame in cells."""
        height, width = self.expected.shape
        corners = [(x, y) for y in range(0, height - CELL + 1, CELL) for x in range(0, width - CELL + 1, CELL)]
        return np.array([(x, y, x + CELL, y + CELL) for x, y in corners], np.intp).reshape(-1, 4)

    def line(self, region: Region) -> Cells:
        """Return a line of words in cells about as wide as high; none where it is too small or not to be seen."""
        height, width = self.expected.shape
        # Boxes of words are drawn generously: their edges are what lies around.
        top, bottom = ((region.top + share * region.height) * height for share in (EDGE, 1 - EDGE))
        left, right = region.left * width, (region.left + region.width) * width
        if bottom - top < LETTERS:
            return np.zeros((0, 4), np.intp)
        borders = np.linspace(left, right, max(1, round((right - left) / (bottom - top))) + 1)
        cells = np.array([(a, top, b, bottom) for a, b in pairwise(borders)]).round().astype(np.intp)
        cells = np.clip(cells, 0, (width, height, width, height))
        return cells if _means(_sums(self.inside), cells).mean() >= SEEN else cells[:0]

    def how(self, cells: Cells) -> How:
        """Tell how the words in some cells are hidden."""
        window = np.s_[cells[:, 1].min() : cells[:, 3].max(), cells[:, 0].min() : cells[:, 2].max()]
        shown, expected = self.shown[window], self.expected[window]
        if float(shown.std()) < FLAT:
            return How.COVERED
        broad = [cv2.GaussianBlur(part, (0, 0), FINE).ravel() for part in (shown, expected)]
        alike = float(np.corrcoef(broad[0], broad[1])[0, 1])
        return How.BLURRED if alike > AGREES else How.STICKERED


def _sums(values: Floats) -> Floats:
    """Return the sums of ``values`` above and left of each pixel, as `_means` needs them."""
    return np.asarray(cv2.integral(values, sdepth=cv2.CV_64F))


def _means(sums: Floats, cells: Cells) -> Floats:
    """Return the mean of the summed values in each cell."""
    left, top, right, bottom = cells.T
    total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    area = np.maximum((bottom - top) * (right - left), 1)
    return total / area  # type: ignore[no-any-return]


def _fit(grey: Grey) -> Grey:
    scale = SIDE / max(grey.shape)
    if scale >= 1:
        return grey
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _sized(grey: Grey) -> Floats:
    """Return the map from fractions of a picture to its pixels."""
    return np.diag([float(grey.shape[1]), float(grey.shape[0]), 1.0])


def _on(region: Region, laid: Sequence[float]) -> Region:
    """Return where a region of the registered picture lies on the listing's, in fractions of it."""
    across, down = (region.left, region.left + region.width), (region.top, region.top + region.height)
    corners = np.array([[[x, y] for x in across for y in down]])
    x, y = np.clip(cv2.perspectiveTransform(corners, np.reshape(laid, (3, 3)))[0], 0, 1).T
    left, top, width, height = (round(float(value), 4) for value in (x.min(), y.min(), np.ptp(x), np.ptp(y)))
    return Region(left=left, top=top, width=width, height=height)
