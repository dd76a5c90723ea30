"""Search without a service: SQLite FTS5 and a binary index in a folder.

``current`` names the generation in use; while a rebuild runs, ``next`` names the one being built, and one rename of
``next`` over ``current`` is the switch. Whatever is written goes to both.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from listings.search.generation import Generation, GenerationGone
from listings.search.grams import Fold, fold
from listings.search.interface import (
    Hit,
    ImageHit,
    ListingDoc,
    RebuildInterrupted,
    SearchUnavailable,
    Wanted,
    batches,
    check_image_query,
    check_limit,
    check_sweep,
)

DOCS_AT_ONCE = 500  # per transaction: a crash loses at most this much of a put, and the caller puts it again
TRIES = 5  # a generation can vanish under a reader only when a rebuild switched; five rebuilds in a row do not happen

Answer = TypeVar("Answer")


class EmbeddedIndex:
    """The embedded implementation of `listings.search.interface.SearchIndex`.

    Args:
        folder: where the index lies; made on first use. One machine only: its locks do not work over a network.
        folding: how text is folded before it is cut.
    """

    def __init__(self, folder: Path, folding: Fold = fold) -> None:
        self.folder = folder
        self.folding = folding

    def put(self, docs: Iterable[ListingDoc]) -> None:
        """Add or replace documents, in transactions of some hundred."""
        for batch in batches(docs, DOCS_AT_ONCE):
            self._write(lambda generation, batch=batch: generation.put(batch))  # type: ignore[misc]

    def remove(self, keys: Iterable[str]) -> None:
        """Forget documents."""
        for batch in batches(keys, DOCS_AT_ONCE):
            self._write(lambda generation, batch=batch: generation.remove(batch))  # type: ignore[misc]

    def search_text(self, spellings: Sequence[str], *, organisation: int | None, limit: int) -> list[Hit]:
        """Return listings that may carry one of ``spellings``, best first."""
        check_limit(limit)
        return self._read(lambda generation: generation.search_text(spellings, organisation, limit))

    def search_image(self, bits: bytes, *, max_distance: int, organisation: int | None, limit: int) -> list[ImageHit]:
        """Return pictures at most ``max_distance`` bits away, nearest first."""
        check_image_query(bits, max_distance, limit)
        return self._read(lambda generation: generation.search_image(bits, max_distance, organisation, limit))

    def sweep(self, wanted: Wanted, *, organisation: int | None, after: str = "", limit: int) -> list[str]:
        """Return the keys of listings that fit, in key order from behind ``after`` on."""
        check_sweep(wanted, limit)
        return self._read(lambda generation: generation.sweep(wanted, organisation, after, limit))

    def count(self) -> int:
        """Return how many listings are indexed."""
        return self._read(Generation.count)

    def differing(self, docs: Iterable[ListingDoc]) -> Iterator[str]:
        """Yield the keys of those documents that are not indexed, or otherwise."""
        for batch in batches(docs, DOCS_AT_ONCE):
            yield from self._read(lambda generation, batch=batch: generation.differing(batch))  # type: ignore[misc]

    def refresh(self) -> None:
        """Do nothing: every write is visible once it returned."""

    def rebuild(self, docs: Iterable[ListingDoc]) -> None:
        """Build a new generation from ``docs`` and switch to it."""
        with self._rebuild_lock():
            self._current()
            self._sweep()
            building = self._generation(self._make())
            self._point("next", building.folder.name)
            try:
                for batch in batches(docs, DOCS_AT_ONCE):
                    building.put(batch)
            except BaseException:
                self._sweep()
                raise
            (self.folder / "next").replace(self.folder / "current")
            self._sweep()

    def clear(self) -> None:
        """Forget everything."""
        self.rebuild(())

    def _read(self, ask: Callable[[Generation], Answer]) -> Answer:
        for _ in range(TRIES):
            with suppress(GenerationGone), _plain_errors():
                return ask(self._generation(self._current()))
        raise SearchUnavailable(f"search index in {self.folder}: its generations keep changing")

    def _write(self, change: Callable[[Generation], None]) -> None:
        """Apply ``change`` to the generation in use and the one being built, until they are still those afterwards.

        Changes are idempotent, so one applied twice because a rebuild started or ended meanwhile does no harm.
        """
        for _ in range(TRIES):
            names = self._names()
            with suppress(GenerationGone), _plain_errors():
                for name in names:
                    change(self._generation(name))
                if set(self._names()) <= set(names):
                    return
        raise SearchUnavailable(f"search index in {self.folder}: its generations keep changing")

    def _names(self) -> list[str]:
        # `next` first: read after `current`, it could become `current` in between and be missed.
        following = self._pointed("next")
        current = self._current()
        return [current] if following in (None, current) else [current, str(following)]

    def _current(self) -> str:
        """Return the name of the generation in use, making an empty one on first use."""
        name = self._pointed("current")
        if name is None:
            fresh = self._make()
            draft = self.folder / f"current.{fresh}"
            draft.write_text(fresh, encoding="ascii")
            try:
                (self.folder / "current").hardlink_to(draft)  # of two processes starting together, one wins
            except FileExistsError:
                self._retire(self.folder / fresh)
            finally:
                draft.unlink()
            name = self._pointed("current")
        return str(name)

    def _generation(self, name: str) -> Generation:
        return Generation(self.folder / name, self.folding)

    def _make(self) -> str:
        name = f"generation-{uuid.uuid4().hex}"
        self._generation(name).create()
        return name

    def _pointed(self, pointer: str) -> str | None:
        try:
            return (self.folder / pointer).read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    def _point(self, pointer: str, name: str) -> None:
        draft = self.folder / f"{pointer}.{name}"
        draft.write_text(name, encoding="ascii")
        draft.replace(self.folder / pointer)

    def _sweep(self) -> None:
        """Remove what a rebuild that was killed left behind, and generations no longer in use."""
        (self.folder / "next").unlink(missing_ok=True)
        current = self._pointed("current")
        for folder in self.folder.glob("generation-*"):
            if folder.name != current:
                self._retire(folder)
        for folder in self.folder.glob("retired-*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _retire(self, folder: Path) -> None:
        """Take a generation away whole: SQLite without its write-ahead log would answer with old rows."""
        with suppress(FileNotFoundError):
            retired = folder.rename(folder.with_name(f"retired-{uuid.uuid4().hex}"))
            shutil.rmtree(retired, ignore_errors=True)

    @contextmanager
    def _rebuild_lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "rebuild.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RebuildInterrupted(f"search index in {self.folder}: another rebuild is running") from None
            yield


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise SearchUnavailable(f"search index: {error}") from error
