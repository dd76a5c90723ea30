"""Where could a logo stand? Every place, size and turn of a photo against every logo, coarsely.

A window of 16 x 16 cells slides over seven sizes of the photo; what it sees is compared with each logo's templates by
correlation. A few places per logo go on to the fit: the coarse score alone puts the right logo first in one photo of
five, but the right place among a logo's first six in most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from matchers.logos.edges import CELL, Floats, Pixels, orientation, pooled
from matchers.logos.logo import COARSE, MARGIN, TURNS, Logo

SHARES = 0.1 * 1.35 ** np.arange(9)  # of the photo's longer side that the logo's longer side may take
CELLS = COARSE // CELL
PAD = CELLS // 4  # cells a logo may hang over the photo's edge
CLUTTER = 8.0  # pixels
BLOCK = 8  # positions each way of which only the best goes on
STRIP = 256  # positions compared at once: bounds memory
PER_SIZE = 3
KEPT = 10
QUIET = 1.0  # added to the norm of a window: what is nearly empty resembles nothing

Ints = npt.NDArray[np.intp]


@attrs.frozen(kw_only=True, eq=False)
class Places:
    """Where logos may stand; each array has one row per place.

    ``logos`` are positions in the list that was looked for, ``scores`` correlations 0..1, ``sizes`` positions in
    `SHARES`, ``turns`` in degrees, ``centres`` (n, 2) in pixels of the photo at that size (see `resized`).
    """

    logos: Ints
    scores: Floats
    sizes: Ints
    turns: Floats
    centres: Floats

    def some(self, rows: Ints) -> Places:
        """Return the places of these rows."""
        return Places(**{field.name: getattr(self, field.name)[rows] for field in attrs.fields(Places)})


def foremost(logos: Ints, scores: npt.NDArray[Any], count: int) -> Ints:
    """Return the rows of each logo's ``count`` highest scores, by logo and then from the best down."""
    order = np.lexsort((-scores, logos))
    ordered = logos[order]
    return order[np.arange(len(order)) - np.searchsorted(ordered, ordered) < count]


def resized(photo: Pixels, share: float, side: int) -> Pixels:
    """Resize a photo so that a logo of ``share`` of its longer side fills a window of ``side`` pixels."""
    height, width = photo.shape[:2]
    scale = side * MARGIN / share / max(height, width)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))


def search(photo: Pixels, logos: Sequence[Logo]) -> Places:
    """Return the likeliest places of each logo, at most `KEPT` each."""
    templates = np.concatenate([logo.templates for logo in logos]).T
    found: list[Floats] = []
    for size, share in enumerate(SHARES):
        field = pooled(orientation(resized(photo, share, COARSE), CLUTTER))
        best = np.concatenate(list(_blocks(field, templates, len(logos))))
        order = np.argsort(-best[..., 0], axis=0, kind="stable")[:PER_SIZE]
        found.extend(
            np.column_stack([np.arange(len(logos)), row, np.full(len(logos), size)])
            for row in np.take_along_axis(best, order[..., None], 0)
        )
    table = np.concatenate(found)
    table = table[foremost(table[:, 0].astype(np.intp), table[:, 1], KEPT)]
    return Places(
        logos=table[:, 0].astype(np.intp),
        scores=table[:, 1].astype(np.float32),
        centres=((table[:, 2:4] - PAD) * CELL + (COARSE - 1) / 2).astype(np.float32),
        turns=TURNS[table[:, 4].astype(np.intp)].astype(np.float32),
        sizes=table[:, 5].astype(np.intp),
    )


def _blocks(field: Floats, templates: Floats, logos: int) -> Iterator[Floats]:
    """Yield for some blocks of positions, shaped (blocks, logos, 4), each logo's best: score, column, row, turn."""
    rows, columns = field.shape[:2]
    after = (PAD, max(PAD, CELLS - PAD - rows)), (PAD, max(PAD, CELLS - PAD - columns)), (0, 0)
    views = np.lib.stride_tricks.sliding_window_view(np.pad(field, after), (CELLS, CELLS), (0, 1))
    views = views.transpose(0, 1, 3, 4, 2)
    for top in range(0, views.shape[0], BLOCK):
        for left in range(0, views.shape[1], STRIP):
            strip = views[top : top + BLOCK, left : left + STRIP]
            high, wide = strip.shape[:2]
            seen = np.ascontiguousarray(strip).reshape(high * wide, -1)
            scores = (seen @ templates) / (np.linalg.norm(seen, axis=1, keepdims=True) + QUIET)
            scores = scores.reshape(high, wide, logos, len(TURNS))
            scores = np.pad(scores, ((0, 0), (0, -wide % BLOCK), (0, 0), (0, 0)), constant_values=-1.0)
            blocks = scores.reshape(high, -1, BLOCK, logos, len(TURNS)).transpose(1, 3, 0, 2, 4)
            flat = blocks.reshape(*blocks.shape[:2], -1)
            at = flat.argmax(2)
            row, column, turn = np.unravel_index(at, blocks.shape[2:])
            score = np.take_along_axis(flat, at[..., None], 2)[..., 0]
            start = left + BLOCK * np.arange(len(blocks))[:, None]
            yield np.stack([score, start + column, top + row, turn], 2, dtype=np.float32)
