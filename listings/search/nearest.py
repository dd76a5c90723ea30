"""Which rows of a binary index are near what is looked for; exact: every row is compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 17  # codes compared at once: 4 MB of codes and 4 MB of differences stay in a core's cache
VECTORS = 1 << 13  # embeddings compared at once: 4 MB once they are floats

Rows = npt.NDArray[np.uint8]
Slots = npt.NDArray[np.int64]


def near(codes: Rows, bits: bytes, max_distance: int) -> tuple[Slots, Slots]:
    """Return slots of ``codes`` (n, 32) within ``max_distance`` bits of ``bits``, and their distances.

    Nearest first, then by slot.
    """
    found, distances = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    wanted, numbers = np.frombuffer(bits, np.uint64), codes.view(np.uint64)
    for start in range(0, len(numbers), BLOCK):
        apart = np.bitwise_count(numbers[start : start + BLOCK] ^ wanted).sum(axis=1, dtype=np.int64)
        close = np.flatnonzero(apart <= max_distance)
        found.append(close + start)
        distances.append(apart[close])
    slot, distance = np.concatenate(found), np.concatenate(distances)
    order = np.argsort(distance, kind="stable")
    return slot[order], distance[order]


def alike(embeddings: Rows, wanted: tuple[bytes, ...], least_cosine: float) -> Slots:
    """Return slots of ``embeddings`` (n, 128, signed bytes) whose cosine with any of ``wanted`` is at least that."""
    asked = np.frombuffer(b"".join(wanted), np.int8).reshape(len(wanted), embeddings.shape[1]).astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    found, numbers = [np.empty(0, np.int64)], embeddings.view(np.int8)
    for start in range(0, len(numbers), VECTORS):
        block = numbers[start : start + VECTORS].astype(np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))
        found.append(np.flatnonzero((block @ asked.T).max(axis=1) >= least_cosine * np.maximum(lengths, 1)) + start)
    return np.concatenate(found)
