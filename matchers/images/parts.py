"""Finds the pictures inside a picture: cells of a collage, a photo in a screenshot, one pasted on another.

All of them are upright rectangles whose sides are straight steps of brightness or colour, sharp in one row or column
of pixels and as long as the rectangle; a product's own outline hardly ever is. Rows and columns with long steps are
listed, and every rectangle between two rows and two columns is asked how much of its four sides is such a step.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, right and bottom outside

SIDE = 400  # pixels of the long side on which steps are looked for
STEP = 10  # grey levels between two pixels that make a step
RUN = 0.09  # of the picture's side: shorter straight steps are texture
LINES = 14  # rows, and columns, that are considered
FILLED = 0.88  # of a window must be a step for it to be part of a line
COVERED = 0.7  # of each side of a rectangle
LEAST_SIDE, LEAST_AREA, MOST_AREA = 0.13, 0.03, 0.93
SAME = 0.6  # overlap (intersection over union) from which two rectangles are one
MOST = 6
FLAT = 14.0  # grey levels of deviation below which a rectangle is a button or a banner, not a picture


def parts(pixels: npt.NDArray[np.uint8]) -> list[Box]:
    """Return the rectangles in an RGB picture that look like pictures of their own, the surest first."""
    scale = min(1.0, SIDE / max(pixels.shape[:2]))
    height, width = (round(side * scale) for side in pixels.shape[:2])
    if min(height, width) < 1 / RUN:
        return []
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    rows, columns = _steps(small), _steps(small.transpose(1, 0, 2))
    ys, xs = _lines(rows), _lines(columns)
    boxes, sides = _rectangles(xs, ys, rows, columns)
    grey = cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_RGB2GRAY)
    chosen: list[Any] = []
    for place in np.argsort(-sides, kind="stable"):
        box = boxes[place]
        if all(_overlap(box, other) < SAME for other in chosen):
            left, top, right, bottom = box
            if grey[top:bottom, left:right].std() >= FLAT:
                chosen.append(box)
        if len(chosen) == MOST:
            break
    full_height, full_width = pixels.shape[:2]
    stretch = np.array([full_width / width, full_height / height] * 2)
    return [tuple(int(value) for value in np.rint(box * stretch)) for box in chosen]  # type: ignore[misc]


def _steps(pixels: Any) -> Any:
    """Return where a pixel differs from the one above it more than its neighbours above and below do."""
    red, green, blue = np.moveaxis(np.abs(np.diff(pixels.astype(np.int16), axis=0)), 2, 0)
    step = np.maximum(np.maximum(red, green), blue)  # `max(axis=2)` takes ten times as long
    step = np.vstack([np.zeros((1, step.shape[1]), np.int16), step, np.zeros((1, step.shape[1]), np.int16)])
    peak = (step > STEP) & (step >= np.roll(step, 1, 0)) & (step >= np.roll(step, -1, 0))
    peak[:-1] |= peak[1:]  # a step between two pixels after scaling
    run = max(3, round(RUN * pixels.shape[1]))
    filled = cv2.blur(peak.astype(np.float32), (run, 1), borderType=cv2.BORDER_CONSTANT) >= FILLED
    return cv2.dilate(filled.astype(np.uint8), np.ones((1, run), np.uint8)).astype(bool) & (
        cv2.dilate(peak.astype(np.uint8), np.ones((1, 3), np.uint8)).astype(bool)
    )


def _lines(steps: Any) -> npt.NDArray[np.intp]:
    """Return the rows with the longest steps, the two borders of the picture among them."""
    last = len(steps) - 1
    strength = steps.sum(axis=1)
    strength[[0, last]] = 0
    found = [0, last]
    for row in np.argsort(-strength, kind="stable")[: 4 * LINES]:
        if strength[row] >= RUN * steps.shape[1] and all(abs(row - other) > 2 for other in found):  # noqa: PLR2004
            found.append(int(row))
        if len(found) == LINES + 2:
            break
    return np.array(sorted(found))


def _rectangles(xs: Any, ys: Any, rows: Any, columns: Any) -> tuple[Any, Any]:
    """Return rectangles (n, 4) of fitting size whose sides are steps, and how much of their sides is."""
    height, width = len(rows) - 1, len(columns) - 1
    lefts, rights = (part.ravel() for part in np.meshgrid(xs, xs))
    tops, bottoms = (part.ravel() for part in np.meshgrid(ys, ys))
    wide = (rights - lefts) >= LEAST_SIDE * width
    tall = (bottoms - tops) >= LEAST_SIDE * height
    across, down = np.flatnonzero(wide), np.flatnonzero(tall)
    left, right = np.repeat(lefts[across], len(down)), np.repeat(rights[across], len(down))
    top, bottom = np.tile(tops[down], len(across)), np.tile(bottoms[down], len(across))
    share = (right - left) * (bottom - top) / (width * height)
    keep = (share >= LEAST_AREA) & (share <= MOST_AREA)
    left, top, right, bottom = left[keep], top[keep], right[keep], bottom[keep]
    by_row = np.pad(np.cumsum(rows, axis=1), ((0, 0), (1, 0)))
    by_column = np.pad(np.cumsum(columns, axis=1), ((0, 0), (1, 0)))
    sides = np.stack([
        np.where(edge == limit, 1.0, (sums[edge, end] - sums[edge, start]) / (end - start))
        for sums, edge, limit, start, end in (
            (by_row, top, 0, left, right),
            (by_row, bottom, height, left, right),
            (by_column, left, 0, top, bottom),
            (by_column, right, width, top, bottom),
        )
    ])  # fmt: skip
    least = sides.min(axis=0) if len(left) else np.zeros(0)
    sure = least + 0.5 * (sides.mean(axis=0) if len(left) else 0)
    keep = least >= COVERED
    return np.stack([left, top, right, bottom], axis=1)[keep], sure[keep]


def _overlap(one: Any, other: Any) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    area = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(across * down / (sum(area) - across * down))
