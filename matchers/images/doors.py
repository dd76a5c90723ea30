"""Ranking whole folders: what `jikimi match images` and `jikimi match logos` print."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2

from evidence.pictures import BadPicture
from matchers.images.compare import rank
from matchers.images.descriptor import Descriptor, describe
from matchers.images.index import ReferenceIndex

# A forked child of a process whose OpenCV has threads hangs at its first call (seen 2026-11-23).
SPAWN = get_context("spawn")
Row = tuple[str, str, float]

_index: tuple[ReferenceIndex, list[str]] | None = None


def _described(path: Path) -> Descriptor | str:
    try:
        return describe(path.read_bytes())
    except (BadPicture, OSError) as error:
        return f"{path.name}: {error}"


def _start(names: list[str], descriptors: list[Descriptor]) -> None:
    global _index  # noqa: PLW0603 (one index per worker process, made once)
    cv2.setNumThreads(1)
    _index = ReferenceIndex(descriptors), names


def _rank(path: Path) -> list[Row] | str:
    assert _index is not None
    described = _described(path)
    if isinstance(described, str):
        return described
    index, names = _index
    return [(path.name, names[item.position], item.score) for item in rank(described, index)]


def rank_folders(references: Path, queries: Path) -> Iterator[list[Row] | str]:
    """Rank every picture of ``queries`` against those of ``references``.

    Yields, per query in name order, its rows ``(query, reference, score)`` best first, or a sentence saying why a
    file could not be read; a broken reference is reported the same way and left out.
    """
    names, descriptors = [], []
    files = sorted(path for path in references.iterdir() if path.is_file())
    with ProcessPoolExecutor(os.cpu_count(), mp_context=SPAWN) as pool:
        for path, described in zip(files, pool.map(_described, files, chunksize=16), strict=True):
            if isinstance(described, str):
                yield described
            else:
                names.append(path.name)
                descriptors.append(described)
    asked = sorted(path for path in queries.iterdir() if path.is_file())
    with ProcessPoolExecutor(
        os.cpu_count(), mp_context=SPAWN, initializer=_start, initargs=(names, descriptors)
    ) as pool:
        yield from pool.map(_rank, asked, chunksize=8)
