"""Do the pixels agree? Zero-normalised cross-correlation of a grid of patches under a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matchers.images.descriptor import View

CELLS = 6  # rows and columns of the grid over the part of the view that the reference covers
MIN_PIXELS = 20
MIN_DEVIATION = 4.0  # grey levels; flatter patches say nothing
GOOD = 0.6
FINE = 0.85
COVERED = 250  # of 255: a pixel wholly inside the warped reference


@attrs.frozen(kw_only=True, eq=False)
class Grid:
    """Correlations of the patches.

    ``values`` (CELLS, CELLS) are in -1..1, NaN where a patch is uncovered or flat in the reference, 0 where it is flat
    in the view alone: painted over. ``box`` (left, top, right, bottom) is where the grid lies, in pixels of the view's
    grey copy (of its mirror image where the map says so). ``reference_share`` and ``query_share`` are the shares of
    each picture that the other covers.
    """

    values: npt.NDArray[np.float64]
    box: tuple[int, int, int, int]
    reference_share: float
    query_share: float

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Which patches agree."""
        return np.nan_to_num(self.values, nan=-1.0) > GOOD

    @property
    def compared(self) -> int:
        """How many patches could be compared."""
        return int(np.isfinite(self.values).sum())

    @property
    def mean(self) -> float:
        """The mean correlation of the compared patches."""
        return float(np.nanmean(self.values))

    @property
    def good_share(self) -> float:
        """The share of the compared patches that agree."""
        return float(self.good.sum() / self.compared)

    @property
    def fine_share(self) -> float:
        """The share of the compared patches that agree to the pixel, as a copy's do and a second photo's do not."""
        return float((np.nan_to_num(self.values, nan=-1.0) > FINE).sum() / self.compared)


def correlate(view: View, whole: View, transform: npt.NDArray[Any], *, mirrored: bool) -> Grid | None:
    """Warp the registered picture onto a view and correlate; None when nothing can be compared.

    Args:
        view: of the listing's picture.
        whole: the registered picture.
        transform: (3, 3), from the registered picture's normalised pixels to the view's.
        mirrored: whether the map is to the view's mirror image.
    """
    target = np.ascontiguousarray(view.grey[:, ::-1]) if mirrored else view.grey
    down = np.diag([view.grey.shape[1] / view.size[0], view.grey.shape[0] / view.size[1], 1.0])
    up = np.diag([whole.size[0] / whole.grey.shape[1], whole.size[1] / whole.grey.shape[0], 1.0])
    small = down @ transform @ up
    height, width = target.shape
    scale = abs(np.linalg.det(small[:2, :2])) ** 0.5
    source: Any = whole.grey
    if scale < 0.7:  # noqa: PLR2004 (warping looks at four pixels only: average before shrinking)
        source = cv2.GaussianBlur(source, (0, 0), 0.45 / max(scale, 0.1))
    warped = cv2.warpPerspective(source, small, (width, height))
    inside = cv2.warpPerspective(np.full(source.shape, 255, np.uint8), small, (width, height)) > COVERED
    covered = int(inside.sum())
    if covered < MIN_PIXELS * 4:
        return None
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    ys, xs = np.nonzero(inside)
    cells = (ys - top) * CELLS // (bottom - top) * CELLS + (xs - left) * CELLS // (right - left)
    values = _correlations(cells, warped[ys, xs], target[ys, xs])
    if not np.isfinite(values).any():
        return None
    area = abs(cv2.contourArea(_outline(source.shape, small)))
    return Grid(
        values=values.reshape(CELLS, CELLS),
        box=(left, top, right, bottom),
        reference_share=min(1.0, covered / max(area, 1.0)),
        query_share=covered / target.size,
    )


def _correlations(cells: npt.NDArray[np.intp], reference: Any, view: Any) -> npt.NDArray[np.float64]:
    """Return each cell's correlation from its pixels' sums; NaN where it says nothing."""
    count = np.bincount(cells, minlength=CELLS**2)
    a, b = reference.astype(np.float64), view.astype(np.float64)
    sums = [np.bincount(cells, item, CELLS**2) / np.maximum(count, 1) for item in (a, b, a * a, b * b, a * b)]
    spread_a = np.sqrt(np.maximum(sums[2] - sums[0] ** 2, 0))
    spread_b = np.sqrt(np.maximum(sums[3] - sums[1] ** 2, 0))
    values = (sums[4] - sums[0] * sums[1]) / np.maximum(spread_a * spread_b, 1e-6)
    values[spread_b < MIN_DEVIATION / 2] = 0.0  # something was there and is not: painted over
    values[(count < MIN_PIXELS) | (spread_a < MIN_DEVIATION)] = np.nan
    return np.asarray(values)


def _outline(shape: tuple[int, ...], transform: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    height, width = shape
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    return np.asarray(cv2.perspectiveTransform(corners, transform)[0], np.float32)
