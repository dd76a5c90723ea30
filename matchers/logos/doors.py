"""Looking for a folder of logos in a folder of photos: what `jikimi match logos` prints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2

from evidence.pictures import BadPicture
from matchers.logos.find import find, read
from matchers.logos.logo import Logo, describe

WORKERS = os.cpu_count() or 1
# A forked child of a process whose OpenCV has threads hangs at its first call (seen 2026-11-23).
SPAWN = get_context("spawn")
Row = tuple[str, str, float]

_logos: list[Logo] = []


def _described(path: Path) -> Logo | str:
    try:
        return describe(path.read_bytes(), path.name)
    except (BadPicture, OSError) as error:
        return f"{path.name}: {error}"


def _start(logos: list[Logo]) -> None:
    cv2.setNumThreads(1)
    _logos[:] = logos


def _rank(path: Path) -> list[Row] | str:
    try:
        photo = read(path.read_bytes())
    except (BadPicture, OSError) as error:
        return f"{path.name}: {error}"
    return [(path.name, _logos[found.position].name, found.score) for found in find(photo, _logos)]


def rank_folders(logos: Path, photos: Path) -> Iterator[list[Row] | str]:
    """Look for every logo of one folder in every photo of another.

    Yields, per photo in name order, its rows ``(photo, logo, score)`` best first, or a sentence saying why a file could
    not be read; a broken logo is reported the same way and left out.
    """
    known = []
    files = sorted(path for path in logos.iterdir() if path.is_file())
    with ProcessPoolExecutor(WORKERS, mp_context=SPAWN) as pool:
        for described in pool.map(_described, files, chunksize=16):
            if isinstance(described, str):
                yield described
            else:
                known.append(described)
    asked = sorted(path for path in photos.iterdir() if path.is_file())
    with ProcessPoolExecutor(WORKERS, mp_context=SPAWN, initializer=_start, initargs=(known,)) as pool:
        yield from pool.map(_rank, asked, chunksize=4)
