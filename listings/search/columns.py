"""The binary index: files of rows of one width, one row per slot, mapped into memory.

A file knows nothing but rows. Which slots count, and whose they are, is decided by SQLite, which also keeps each row:
whatever is in a file beyond the last counted slot is the torn tail of a write that never happened, and a file that is
too short is written again.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from pathlib import Path

import attrs
import numpy as np
import numpy.typing as npt


@attrs.frozen
class Column:
    """One such file, and the table of the same name that holds its rows as ``slot, doc, ..., value``.

    Slots are never used twice, so a reader's older view of the file stays true while others write.
    """

    path: Path
    width: int

    @property
    def table(self) -> str:
        """The table's name."""
        return self.path.name

    def used(self, db: sqlite3.Connection) -> int:
        """Return how many slots there are."""
        (used,) = db.execute("SELECT used FROM slots WHERE name = ?", (self.table,)).fetchone()
        return int(used)

    def add(self, db: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Put rows without their slots into the table; `write` puts them into the file."""
        if rows:
            start, places = self.used(db), ", ?" * len(rows[0])
            numbered = [(start + number, *row) for number, row in enumerate(rows)]
            db.executemany(f"INSERT INTO {self.table} VALUES (?{places})", numbered)  # noqa: S608 (our own name)
            db.execute("UPDATE slots SET used = used + ? WHERE name = ?", (len(rows), self.table))

    def write(self, db: sqlite3.Connection, start: int) -> None:
        """Put what the table has from slot ``start`` on into the file, and all of it where the file is too short."""
        used = self.used(db)
        if not self.is_whole(start):
            draft = self.path.with_suffix(".draft")
            _append(draft, 0, self._values(db, 0, used))
            draft.replace(self.path)
        elif used > start:
            _append(self.path, start * self.width, self._values(db, start, used))

    def _values(self, db: sqlite3.Connection, start: int, end: int) -> Iterator[bytes]:
        """Yield what stands in some slots, row by row; one nobody uses any more holds zeros."""
        rows = db.execute(f"SELECT slot, value FROM {self.table} WHERE slot >= ? ORDER BY slot", (start,))  # noqa: S608 (likewise)
        for slot, value in rows:
            yield from repeat(bytes(self.width), slot - start)
            yield value
            start = slot + 1
        yield from repeat(bytes(self.width), end - start)

    def is_whole(self, slots: int) -> bool:
        """Tell whether the file holds at least ``slots`` rows."""
        try:
            return self.path.stat().st_size >= slots * self.width
        except FileNotFoundError:
            return slots == 0

    def mapped(self, slots: int) -> npt.NDArray[np.uint8]:
        """Return the first ``slots`` rows: (slots, width)."""
        if slots == 0:
            return np.empty((0, self.width), np.uint8)
        return np.memmap(self.path, np.uint8, "r", shape=(slots, self.width))


def _append(path: Path, length: int, rows: Iterable[bytes]) -> None:
    """Cut the file to ``length`` bytes, write ``rows`` after them and wait until they are on disk."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        file.truncate(length)
        file.seek(length)
        file.writelines(rows)
        file.flush()
        os.fsync(file.fileno())
