"""Visual words: a local feature as one of 4,096 cells and 64 bits saying where in the cell it lies.

Twelve bytes instead of 128, and a search that looks at a few cells only: what keeps 100,000 pictures in memory. The
feature is projected to 64 components; each half of them picks one of 64 centres (inverted multi-index: Babenko and
Lempitsky, CVPR 2012), and the sign of each component of what remains is a bit (after Hamming embedding: Jegou, Douze
and Schmid, ECCV 2008). The numbers in ``visual_words.npz`` are made by ``scripts/fit/visual_words.py``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import attrs
import numpy as np
import numpy.typing as npt

NUMBERS = Path(__file__).with_name("visual_words.npz")
COMPONENTS = 64
CENTRES = 64  # of each half
CELLS = CENTRES**2
NEAREST = 3  # centres of each half whose combinations are considered

Floats = npt.NDArray[np.float32]


@attrs.frozen(kw_only=True, eq=False)
class Words:
    """Where features fall: ``cells`` (n, probes), the nearest first, and ``bits`` (n, probes) within each."""

    cells: npt.NDArray[np.uint16]
    bits: npt.NDArray[np.uint64]


@attrs.frozen(kw_only=True, eq=False)
class Vocabulary:
    """The fitted numbers: ``mean`` (128,), ``projection`` (128, 64), ``centres`` (2, 64, 32)."""

    mean: Floats
    projection: Floats
    centres: Floats

    def words(self, features: npt.NDArray[np.uint8], probes: int = 1) -> Words:
        """Return the ``probes`` nearest cells of RootSIFT vectors (n, 128) and the bits in each."""
        low = (features.astype(np.float32) - self.mean) @ self.projection
        halves = low.reshape(len(low), 2, COMPONENTS // 2)
        distances = np.stack([
            (centres**2).sum(1) - 2 * halves[:, half] @ centres.T for half, centres in enumerate(self.centres)
        ])  # fmt: skip
        near = np.argsort(distances, axis=2, kind="stable")[:, :, :NEAREST]
        far = np.take_along_axis(distances, near, axis=2)
        both = (far[0][:, :, None] + far[1][:, None, :]).reshape(len(low), NEAREST**2)
        order = np.argsort(both, axis=1, kind="stable")[:, :probes]
        first = np.take_along_axis(near[0], order // NEAREST, axis=1)
        second = np.take_along_axis(near[1], order % NEAREST, axis=1)
        centre = np.concatenate([self.centres[0][first], self.centres[1][second]], axis=2)
        signs = np.packbits(low[:, None] > centre, axis=2)
        bits = np.ascontiguousarray(signs).view(np.uint64)[..., 0]
        return Words(cells=(first * CENTRES + second).astype(np.uint16), bits=bits)


@cache
def vocabulary() -> Vocabulary:
    """Return the fitted vocabulary."""
    with np.load(NUMBERS, allow_pickle=False) as stored:
        return Vocabulary(**{name: stored[name].astype(np.float32) for name in ("mean", "projection", "centres")})
