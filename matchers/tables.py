"""The two tables of the titles door: marks with their spellings, and titles. CSV in UTF-8 with a header."""

from __future__ import annotations

import csv
from pathlib import Path

from contracts.errors import BadInput
from contracts.match import Mark, Script, Spelling

csv.field_size_limit(10_000_000)


def _rows(path: Path, header: tuple[str, str]) -> list[tuple[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as lines:
            reader = csv.reader(line.replace("\0", "") for line in lines)
            first = next(reader, [])
            if tuple(first) != header:
                raise BadInput(str(path), "line 1", ",".join(header), ",".join(first))
            rows = []
            for row in reader:
                if len(row) != len(header):
                    raise BadInput(str(path), f"line {reader.line_num}", f"{len(header)} columns", row)
                rows.append((row[0], row[1]))
            return rows
    except OSError as error:
        raise BadInput(str(path), "(file)", "a readable file", error.strerror) from None


def read_marks(path: Path) -> list[Mark]:
    """Read ``mark_id,text``, one row per spelling. Raises `BadInput` naming the line."""
    spellings: dict[str, list[Spelling]] = {}
    for mark_id, text in _rows(path, ("mark_id", "text")):
        spellings.setdefault(mark_id, []).append(Spelling(text=text, script=Script.OTHER))
    return [Mark(mark_id=mark_id, spellings=tuple(texts)) for mark_id, texts in spellings.items()]


def read_titles(path: Path) -> list[tuple[str, str]]:
    """Read ``title_id,title``. Raises `BadInput` naming the line."""
    return _rows(path, ("title_id", "title"))
