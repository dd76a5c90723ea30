"""Which words of a registered picture did a seller hide in the copy: blurred, painted over, pixelated, stickered?

The registered picture is laid over the listing's. Where it shows a line of words and the copy shows nothing or
something else, while the surroundings agree, the line is concealed. Fine texture is compared, not colour or light:
blurring and masking take it away, a sticker brings another.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from contracts.match import Region

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[Any]
Cells = npt.NDArray[np.intp]  # (n, 4): left, top, right, bottom in pixels

VERSION = "concealment/1"
SIDE = 480  # pixels of the longer side both pictures are compared at
FEATURES = 600
RATIO = 0.8  # Lowe's ratio test
MIN_INLIERS = 12
REPROJECTION = 4.0  # pixels
SMALLEST = 96  # pixels of the longer side of the common frame; less shows no letters
LETTERS = 8  # pixels a line must be high in the common frame
FINE = 4.0  # pixels; texture finer than this is compared
CELL = 20  # pixels of a cell of the grid the whole pictures are compared in
EDGE = 0.15  # share of a line's box above and below that is not letters
TEXTURED = 5.0  # grey levels of fine texture that make a place worth comparing
FLAT = 8.0  # grey levels a surface of one colour varies by after compression
SHIFTS = range(-2, 3)  # pixels the map may be off
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


def find(query: Grey, reference: Grey, lettering: Sequence[Region]) -> tuple[Concealed, ...]:
    """Return the lines of words that the listing's picture conceals.

    Args:
        query: the listing's picture, grey.
        reference: the registered picture it was made from, grey.
        lettering: where the registered picture shows words, in fractions of it.
    """
    if not lettering:
        return ()
    query, reference = _fit(query), _fit(reference)
    laid = _lay(reference, query)
    if laid is None:
        return ()
    onto, mirrored = laid
    frame = _Frame.of(reference, query[:, ::-1] if mirrored else query, onto)
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
            there = _on(query, region, reference, onto, mirrored=mirrored)
            found.append(Concealed(region=there, how=frame.how(cells)))
    return tuple(found)


@attrs.frozen(kw_only=True, eq=False)
class _Frame:
    """Both pictures in the registered one's frame, at the coarser one's resolution."""

    expected: Floats
    shown: Floats
    inside: Floats  # 1 where the listing's picture reaches

    @classmethod
    def of(cls, reference: Grey, query: Grey, onto: Any) -> _Frame | None:
        scale = min(1.0, float(np.sqrt(abs(np.linalg.det(onto[:2, :2])))))
        height, width = (round(side * scale) for side in reference.shape)
        if max(height, width) < SMALLEST:
            return None
        there = onto @ np.diag([reference.shape[1] / width, reference.shape[0] / height, 1.0])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cls(
            expected=cv2.resize(reference, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32),
            shown=cv2.warpPerspective(query, there, (width, height), flags=flags).astype(np.float32),
            inside=cv2.warpPerspective(np.ones(query.shape, np.float32), there, (width, height), flags=flags),
        )

    def compare(self, cells: Cells) -> tuple[Floats, Floats, Floats]:
        """Compare the fine texture in each cell.

        Returns:
            Per cell the strength of the registered picture's texture in grey levels, the share of it that is left in
            the listing's, and how far both correlate, the best over small shifts.
        """
        fine, copy = (grey - cv2.GaussianBlur(grey, (0, 0), FINE) for grey in (self.expected, self.shown))
        strength, left = (np.maximum(_means(part * part, cells), 0) for part in (fine, copy))
        likeness = np.full(len(cells), -1.0)
        for down in SHIFTS:
            for across in SHIFTS:
                moved = np.roll(copy, (down, across), axis=(0, 1))
                alike = _means(fine * moved, cells) / np.sqrt(
                    strength * np.maximum(_means(moved * moved, cells), 0) + 1.0
                )
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
        return cells if _means(self.inside, cells).mean() >= SEEN else cells[:0]

    def how(self, cells: Cells) -> How:
        """Tell how the words in some cells are hidden."""
        window = np.s_[cells[:, 1].min() : cells[:, 3].max(), cells[:, 0].min() : cells[:, 2].max()]
        shown, expected = self.shown[window], self.expected[window]
        if float(shown.std()) < FLAT:
            return How.COVERED
        broad = [cv2.GaussianBlur(part, (0, 0), FINE).ravel() for part in (shown, expected)]
        alike = float(np.corrcoef(broad[0], broad[1])[0, 1])
        return How.BLURRED if alike > AGREES else How.STICKERED


def _means(values: Floats, cells: Cells) -> Floats:
    """Return the mean of ``values`` in each cell."""
    sums = cv2.integral(values, sdepth=cv2.CV_64F)
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


def _lay(reference: Grey, query: Grey) -> tuple[Any, bool] | None:
    """Return the map from the registered picture's pixels to the listing's, and whether that one is mirrored."""
    sift = cv2.SIFT.create(nfeatures=FEATURES, contrastThreshold=0.02)
    points, features = sift.detectAndCompute(reference, None)
    best: tuple[int, Any, bool] | None = None
    for mirrored in (False, True):
        there, others = sift.detectAndCompute(np.ascontiguousarray(query[:, ::-1]) if mirrored else query, None)
        if features is None or others is None or min(len(points), len(there)) < MIN_INLIERS:
            continue
        near = cv2.BFMatcher().knnMatch(features, others, k=2)
        pairs = [pair[0] for pair in near if len(pair) > 1 and pair[0].distance < RATIO * pair[1].distance]
        if len(pairs) < MIN_INLIERS:
            continue
        source = np.array([points[pair.queryIdx].pt for pair in pairs], np.float32)
        target = np.array([there[pair.trainIdx].pt for pair in pairs], np.float32)
        cv2.setRNGSeed(0)  # the same pictures always give the same answer
        onto, mask = cv2.findHomography(source, target, cv2.RANSAC, REPROJECTION, maxIters=1000)
        inliers = 0 if onto is None else int(mask.sum())
        if inliers >= MIN_INLIERS and (best is None or inliers > best[0]):
            best = inliers, onto, mirrored
    return None if best is None else best[1:]


def _on(query: Grey, region: Region, reference: Grey, onto: Any, *, mirrored: bool) -> Region:
    """Return where a region of the registered picture lies on the listing's, in fractions of it."""
    across, down = (region.left, region.left + region.width), (region.top, region.top + region.height)
    corners = np.array([[[x * reference.shape[1], y * reference.shape[0]] for x in across for y in down]], np.float32)
    x, y = (cv2.perspectiveTransform(corners, onto)[0] / (query.shape[1], query.shape[0])).T
    x, y = np.clip(1 - x if mirrored else x, 0, 1), np.clip(y, 0, 1)
    left, top, width, height = (round(float(value), 4) for value in (x.min(), y.min(), np.ptp(x), np.ptp(y)))
    return Region(left=left, top=top, width=width, height=height)
