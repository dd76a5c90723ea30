"""The binary index: a file of 256-bit codes, one per slot, mapped into memory and compared by popcount.

The file knows nothing but codes. Which slots count, and whose they are, is decided by rows in SQLite, which also keep
each code: whatever is in the file beyond the last counted slot is the torn tail of a write that never happened, and a
file that is too short is written again from the rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from listings.search.interface import HASH_BYTES

WORDS = HASH_BYTES // 8
BLOCK = 1 << 17  # codes compared at once: 4 MB of codes and 4 MB of differences stay in a core's cache


def append(path: Path, slots: int, codes: Iterable[bytes]) -> None:
    """Cut the file to ``slots`` codes, write ``codes`` after them and wait until they are on disk."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        file.truncate(slots * HASH_BYTES)
        file.seek(slots * HASH_BYTES)
        file.writelines(codes)
        file.flush()
        os.fsync(file.fileno())


def is_whole(path: Path, slots: int) -> bool:
    """Tell whether the file holds at least ``slots`` codes."""
    try:
        return path.stat().st_size >= slots * HASH_BYTES
    except FileNotFoundError:
        return slots == 0


def near(path: Path, slots: int, bits: bytes, max_distance: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return slots among the first ``slots`` within ``max_distance`` bits of ``bits``, and their distances.

    Nearest first, then by slot. Exact: every code is compared.
    """
    if slots == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    codes = np.memmap(path, np.uint64, "r", shape=(slots, WORDS))
    wanted = np.frombuffer(bits, np.uint64)
    found: list[npt.NDArray[np.int64]] = []
    distances: list[npt.NDArray[np.int64]] = []
    for start in range(0, slots, BLOCK):
        apart = np.bitwise_count(codes[start : start + BLOCK] ^ wanted).sum(axis=1, dtype=np.int64)
        close = np.flatnonzero(apart <= max_distance)
        found.append(close + start)
        distances.append(apart[close])
    slot, distance = np.concatenate(found), np.concatenate(distances)
    order = np.argsort(distance, kind="stable")
    return slot[order], distance[order]
