"""What is made from stored pictures, kept beside the search index so that it is made once for each picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs
from django.conf import settings

from contracts.errors import JikimiError
from evidence.keeping import keep
from evidence.store import Store
from listings.processes import do_all

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
        return self.read(settings.INDEX_DIR, sha256)

    def keep(self, sha256: str, made: Made) -> None:
        """Keep it in the place of what was kept before."""
        self.write(settings.INDEX_DIR, sha256, made)

    def path(self, index: Path, sha256: str) -> Path:
        """Return the file it is kept in."""
        return index / "pictures" / self.version.replace("/", "-") / sha256[:2] / f"{sha256}.{self.suffix}"

    def read(self, index: Path, sha256: str) -> Made | None:
        """Return what is kept below ``index``: for other processes, which know no settings."""
        try:
            return self.load(self.path(index, sha256).read_bytes())
        except OSError:
            return None

    def write(self, index: Path, sha256: str, made: Made) -> None:
        """Keep it below ``index``."""
        keep(self.path(index, sha256), self.dump(made))


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

    def missing(self, sha256s: Iterable[str]) -> list[Making]:
        """Return what is to be done, by `listings.processes.do_all`, so that it is kept of all these pictures."""
        index, evidence = settings.INDEX_DIR, settings.EVIDENCE_DIR
        return [Making(self, index, evidence, sha256) for sha256 in sha256s if not self.path(index, sha256).exists()]

    def prepare(self, sha256s: Iterable[str]) -> None:
        """Make it for many stored pictures on every core; those that cannot be read are left out."""
        do_all(self.missing(sha256s))

    def _of(self, index: Path, evidence: Path, sha256: str) -> Made | None:
        kept = self.read(index, sha256)
        return self.made(index, evidence, sha256) if kept is None else kept

    def made(self, index: Path, evidence: Path, sha256: str) -> Made | None:
        """Make and keep it, whatever is kept; None when it cannot be."""
        try:
            source = (
                Store(evidence).get(sha256) if self.source is None else self.source._of(index, evidence, sha256)  # noqa: SLF001 (its own class)
            )
            if source is None:
                return None
            made = self.make(source)
        except JikimiError:
            return None
        self.write(index, sha256, made)
        return made


@attrs.frozen
class Making:
    """To make one thing of one picture; picklable, and equal to any other that makes the same."""

    derived: Derived[Any]
    index: Path
    evidence: Path
    sha256: str

    def __call__(self) -> None:
        """Make and keep it."""
        self.derived.made(self.index, self.evidence, self.sha256)
