"""Descriptors of stored pictures, kept beside the search index so that each picture is described once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
from django.conf import settings

from contracts.errors import JikimiError
from evidence.store import Store
from matchers.images.descriptor import VERSION, Descriptor, describe

FEW = 24  # fewer missing descriptors than this are made here: starting processes costs more


def descriptor(sha256: str) -> Descriptor | None:
    """Return the descriptor of a stored picture, from the cache or made now; None when it cannot be read."""
    path = _path(settings.INDEX_DIR, sha256)
    try:
        cached = Descriptor.from_bytes(path.read_bytes())
    except OSError:
        cached = None
    return cached or _make(settings.INDEX_DIR, settings.EVIDENCE_DIR, sha256)


def prepare(sha256s: Iterable[str]) -> None:
    """Describe many stored pictures on every core; those that cannot be read are left out."""
    missing = [sha256 for sha256 in dict.fromkeys(sha256s) if not _path(settings.INDEX_DIR, sha256).exists()]
    if len(missing) < FEW:
        for sha256 in missing:
            _make(settings.INDEX_DIR, settings.EVIDENCE_DIR, sha256)
        return
    work = [(settings.INDEX_DIR, settings.EVIDENCE_DIR, sha256) for sha256 in missing]
    # Not forked: OpenCV's threads do not survive it (seen 2026-11-23).
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=_start) as pool:
        for _ in pool.map(_make_quietly, work, chunksize=8):
            pass


def _start() -> None:
    cv2.setNumThreads(1)


def _make_quietly(work: tuple[Path, Path, str]) -> None:
    _make(*work)


def _path(index: Path, sha256: str) -> Path:
    return index / "pictures" / VERSION.replace("/", "-") / sha256[:2] / f"{sha256}.npz"


def _make(index: Path, evidence: Path, sha256: str) -> Descriptor | None:
    try:
        made = describe(Store(evidence).get(sha256))
    except JikimiError:
        return None
    path = _path(index, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_bytes(made.to_bytes())
    draft.replace(path)  # another process may make the same one: either is whole
    return made
