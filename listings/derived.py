"""What is made from stored pictures, kept beside the search index so that it is made once for each picture."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs
import cv2
from django.conf import settings

from contracts.errors import JikimiError
from evidence.keeping import keep
from evidence.store import Store

FEW = 24  # fewer missing ones than this are made here: starting processes costs more

Made = TypeVar("Made")


@attrs.frozen(kw_only=True)
class Kept(Generic[Made]):
    """One kind of thing that is kept of stored pictures, a file for each.

    ``version`` names how it is made: another version lies in another folder. ``dump`` and ``load`` write and read the
    file, ``load`` giving None for one that is torn.
    """

    version: str
    dump: Callable[[Made], bytes]
    load: Callable[[bytes], Made | None]
    suffix: str

    def kept(self, sha256: str) -> Made | None:
        """Return what is kept of a picture; None when nothing is."""
        return self._read(settings.INDEX_DIR, sha256)

    def keep(self, sha256: str, made: Made) -> None:
        """Keep it in the place of what was kept before."""
        self._write(settings.INDEX_DIR, sha256, made)

    def _path(self, index: Path, sha256: str) -> Path:
        return index / "pictures" / self.version.replace("/", "-") / sha256[:2] / f"{sha256}.{self.suffix}"

    def _read(self, index: Path, sha256: str) -> Made | None:
        try:
            return self.load(self._path(index, sha256).read_bytes())
        except OSError:
            return None

    def _write(self, index: Path, sha256: str, made: Made) -> None:
        keep(self._path(index, sha256), self.dump(made))


@attrs.frozen(kw_only=True)
class Derived(Kept[Made]):
    """One kind of thing that is made from a picture's bytes, or from another such thing, alone.

    ``make`` takes the bytes, or what ``source`` makes of them, and may raise `JikimiError` for a picture that cannot be
    read. It, ``dump`` and ``load`` must be picklable: they are called in other processes too.
    """

    make: Callable[[Any], Made]
    source: Derived[Any] | None = None

    def of(self, sha256: str) -> Made | None:
        """Return what belongs to a stored picture, from disk or made now; None when it cannot be read."""
        return self._of(settings.INDEX_DIR, settings.EVIDENCE_DIR, sha256)

    def prepare(self, sha256s: Iterable[str]) -> None:
        """Make it for many stored pictures on every core; those that cannot be read are left out.

        A daemonic process, as each of Celery's workers is, may have no children: it makes them all itself.
        """
        missing = [sha256 for sha256 in dict.fromkeys(sha256s) if not self._path(settings.INDEX_DIR, sha256).exists()]
        if len(missing) < FEW or multiprocessing.current_process().daemon:
            for sha256 in missing:
                self._make(settings.INDEX_DIR, settings.EVIDENCE_DIR, sha256)
            return
        work = [(self, settings.INDEX_DIR, settings.EVIDENCE_DIR, sha256) for sha256 in missing]
        # Not forked: OpenCV's threads do not survive it (seen 2026-11-23).
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn, initializer=_start) as pool:
            for _ in pool.map(_make_quietly, work, chunksize=8):
                pass

    def _of(self, index: Path, evidence: Path, sha256: str) -> Made | None:
        kept = self._read(index, sha256)
        return self._make(index, evidence, sha256) if kept is None else kept

    def _make(self, index: Path, evidence: Path, sha256: str) -> Made | None:
        try:
            source = (
                Store(evidence).get(sha256) if self.source is None else self.source._of(index, evidence, sha256)  # noqa: SLF001 (its own class)
            )
            if source is None:
                return None
            made = self.make(source)
        except JikimiError:
            return None
        self._write(index, sha256, made)
        return made


def _start() -> None:
    cv2.setNumThreads(1)


def _make_quietly(work: tuple[Derived[Made], Path, Path, str]) -> None:
    derived, index, evidence, sha256 = work
    derived._make(index, evidence, sha256)  # noqa: SLF001 (its own module)
