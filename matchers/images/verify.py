"""Is one picture a copy of the other? Features agree on one affine map, and the pixels agree under it.

Plain counts of matching features fail at high precision: the same carpet or bedspread in two photos gives 30 to 80 of
them. Warping the reference by the affine map and asking a grid of patches whether they correlate raised the recall at
precision 0.99 from 0.61 to 0.88 (measured 2026-11-23 on edited copies among strangers).
"""

from __future__ import annotations

import math
from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from contracts.match import Region
from matchers.images.descriptor import Bytes8, Descriptor, Floats

RATIO = 0.85  # Lowe's ratio test, loose: the affine map throws out the rest
MIN_PAIRS = 5
GRID = 5
MIN_CELL_PIXELS = 30
MIN_CELL_DEVIATION = 4.0  # grey levels; flatter cells say nothing
GOOD_CELL = 0.6
REPROJECTION = 5.0  # pixels of the normalised picture


@attrs.frozen(kw_only=True)
class Agreement:
    """How far two pictures agree.

    ``pdq_distance`` is the least Hamming distance over the mirror and quarter-turn forms (0..256); ``inliers`` the
    feature pairs on one affine map; ``correlation`` the mean zero-normalised cross-correlation of the cells (-1..1);
    ``good_cells`` the share of cells above 0.6; ``cells`` how many could be compared; ``reference_share`` and
    ``query_share`` the share of each picture that the other covers.
    """

    pdq_distance: int
    inliers: int = 0
    inlier_share: float = 0.0
    correlation: float = 0.0
    good_cells: float = 0.0
    cells: int = 0
    reference_share: float = 0.0
    query_share: float = 0.0
    mirrored: bool = False
    query_region: Region | None = None
    reference_region: Region | None = None

    @property
    def strength(self) -> float:
        """How much agrees: many points and pixels for a copy, far fewer for another product in the same jar."""
        return self.inliers * (0.2 + max(0.0, self.correlation))

    def features(self) -> tuple[float, ...]:
        """Return what the score model reads, in its order."""
        return (
            max(0.0, 1 - self.pdq_distance / 128),
            math.log1p(self.inliers),
            self.inlier_share,
            max(0.0, self.correlation),
            self.good_cells,
            math.log1p(self.cells),
            min(self.reference_share, 1.0),
        )


def pdq_distance(query: Descriptor, reference: Descriptor) -> int:
    """Return the least Hamming distance between the reference's PDQ hash and the query's eight forms."""
    return int(np.bitwise_count(query.pdq ^ reference.pdq[0]).sum(axis=1, dtype=np.int64).min())


def agree(query: Descriptor, reference: Descriptor) -> Agreement:
    """Compare two pictures, the query also mirrored."""
    distance = pdq_distance(query, reference)
    best = Agreement(pdq_distance=distance)
    for mirrored in (False, True):
        points, features = (
            (query.mirrored_points, query.mirrored_features) if mirrored else (query.points, query.features)
        )
        found = _align(query, reference, points, features, distance, mirrored=mirrored)
        if found is not None and found.strength > best.strength:
            best = found
    return best


def _align(
    query: Descriptor, reference: Descriptor, points: Floats, features: Bytes8, distance: int, *, mirrored: bool
) -> Agreement | None:
    pairs = _mutual_pairs(reference.features, features)
    if len(pairs) < MIN_PAIRS:
        return None
    source, target = reference.points[pairs[:, 0]], points[pairs[:, 1]]
    cv2.setRNGSeed(0)  # the same pictures always give the same answer
    affine, mask = cv2.estimateAffine2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=REPROJECTION, maxIters=1000, confidence=0.995
    )
    if affine is None or not _sane(affine):
        return None
    inliers = int(mask.sum())
    if inliers < MIN_PAIRS:
        return None
    patch = _correlate(query, reference, affine, mirrored=mirrored)
    if patch is None:
        return None
    correlation, good, cells, reference_share, query_share = patch
    chosen = mask.ravel().astype(bool)
    return Agreement(
        pdq_distance=distance,
        inliers=inliers,
        inlier_share=inliers / len(pairs),
        correlation=correlation,
        good_cells=good,
        cells=cells,
        reference_share=reference_share,
        query_share=query_share,
        mirrored=mirrored,
        query_region=_region(target[chosen], query, mirrored=mirrored),
        reference_region=_region(source[chosen], reference, mirrored=False),
    )


def _mutual_pairs(reference: Bytes8, query: Bytes8) -> npt.NDArray[np.intp]:
    """Return index pairs that are each other's nearest and clearly nearer than the reference's second choice."""
    if len(reference) < 2 or len(query) < 2:  # noqa: PLR2004 (two neighbours are needed for a ratio)
        return np.zeros((0, 2), np.intp)
    left, right = reference.astype(np.float32), query.astype(np.float32)
    # Squared distances by one matrix product, in place: 300 x 300 in about a millisecond (2026-11-23).
    distances = left @ right.T
    distances *= -2
    distances += np.einsum("ij,ij->i", left, left)[:, None]
    distances += np.einsum("ij,ij->i", right, right)[None]
    nearest = distances.argmin(1)
    rows = np.arange(len(left))
    mutual = distances.argmin(0)[nearest] == rows
    least = distances[rows, nearest].copy()
    distances[rows, nearest] = np.inf
    second = distances.min(1)
    keep = mutual & (least < RATIO**2 * np.maximum(second, 1e-6))
    return np.stack([rows[keep], nearest[keep]], axis=1)


def _sane(affine: Any) -> bool:
    """Tell whether an affine map is one a picture is really edited by: no collapse, no wild shear."""
    linear = affine[:, :2]
    scales = np.linalg.svd(linear, compute_uv=False)
    return bool(np.linalg.det(linear) > 0 and scales[1] > 0.08 and scales[0] < 12 and scales[0] / scales[1] < 3.5)  # noqa: PLR2004 (bounds of the edits we know)


def _correlate(
    query: Descriptor, reference: Descriptor, affine: Any, *, mirrored: bool
) -> tuple[float, float, int, float, float] | None:
    target = query.grey[:, ::-1] if mirrored else query.grey
    query_scale = query.grey.shape[1] / query.size[0]
    reference_scale = reference.grey.shape[1] / reference.size[0]
    down = np.diag([query_scale, query_scale, 1.0]) @ np.vstack([affine, [0, 0, 1]])
    small = down @ np.diag([1 / reference_scale, 1 / reference_scale, 1.0])
    height, width = target.shape
    warped = cv2.warpAffine(reference.grey, small[:2], (width, height), flags=cv2.INTER_AREA)
    inside = cv2.warpAffine(np.full(reference.grey.shape, 255, np.uint8), small[:2], (width, height)) > 250  # noqa: PLR2004 (wholly covered)
    covered = int(inside.sum())
    if covered < MIN_CELL_PIXELS * 4:
        return None
    area = abs(float(np.linalg.det(small[:2, :2]))) * reference.grey.size
    rows, columns = np.where(inside.any(1))[0], np.where(inside.any(0))[0]
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    scores = []
    for ys in np.array_split(np.arange(top, bottom), GRID):
        for xs in np.array_split(np.arange(left, right), GRID):
            if not len(ys) or not len(xs):
                continue
            window = np.s_[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
            mask = inside[window]
            if mask.sum() < MIN_CELL_PIXELS:
                continue
            a = warped[window][mask].astype(np.float32)
            b = target[window][mask].astype(np.float32)
            spread_a, spread_b = float(a.std()), float(b.std())
            if spread_a < MIN_CELL_DEVIATION:
                continue
            if spread_b < MIN_CELL_DEVIATION / 2:
                scores.append(0.0)  # something was there and is not: painted over
                continue
            scores.append(float(((a - a.mean()) * (b - b.mean())).mean() / (spread_a * spread_b)))
    if not scores:
        return None
    values = np.array(scores)
    return (
        float(values.mean()),
        float((values > GOOD_CELL).mean()),
        len(scores),
        covered / max(area, 1.0),
        covered / target.size,
    )


def _region(points: Floats, picture: Descriptor, *, mirrored: bool) -> Region:
    """Return the box around matched points in fractions of the original picture."""
    x, y = points[:, 0] / picture.size[0], points[:, 1] / picture.size[1]
    if mirrored:
        x = 1 - x
    left, top, width, height = picture.box
    return Region(
        left=round(left + width * float(x.min()), 4),
        top=round(top + height * float(y.min()), 4),
        width=round(width * float(np.ptp(x)), 4),
        height=round(height * float(np.ptp(y)), 4),
    )
