"""Brings each room's Korean catalogue up to date with the texts in its code and templates: ``make messages``.

Neither GNU gettext nor the network is needed: Django turns templates into Python text, Babel reads that and the code.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def rooms() -> list[Path]:
    """Return the rooms that keep a Korean catalogue."""
    return sorted(path.parents[3] for path in ROOT.glob("*/locale/ko/LC_MESSAGES/django.po"))


def catalogue_of(room: Path) -> Path:
    """Return where a room's Korean catalogue lies."""
    return room / "locale" / "ko" / "LC_MESSAGES" / "django.po"


def _sources(room: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(room.rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in sorted((room / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            yield str(path.relative_to(ROOT)), "\n".join(line.strip() for line in text.splitlines())


def texts_of(room: Path) -> Catalog:
    """Return every text of a room that is meant to be translated, with the files it stands in."""
    found = Catalog(locale="ko", project="jikimi", charset="utf-8")
    for name, source in _sources(room):
        file = io.BytesIO(source.encode())
        for _line, message, _comments, context in extract("python", file, KEYWORDS, options={"encoding": "utf-8"}):
            found.add(message, locations=[(name, 0)], context=context)
    return found


def read_catalogue(room: Path) -> Catalog:
    """Return a room's Korean catalogue as it stands."""
    with catalogue_of(room).open("rb") as file:
        return read_po(file, locale="ko")


def untranslated(room: Path) -> list[str]:
    """Return the texts of a room that have no Korean."""
    known = read_catalogue(room)
    missing = []
    for message in texts_of(room):
        if not message.id:
            continue
        translated = known.get(message.id, message.context)
        strings = translated.string if translated else ""
        complete = all(strings) if isinstance(strings, tuple) else bool(strings)
        if translated is None or translated.fuzzy or not complete:
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def main() -> int:
    """Update every catalogue; the exit status is 1 while a text lacks its Korean."""
    left = 0
    for room in rooms():
        catalogue = read_catalogue(room)
        catalogue.update(texts_of(room), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        catalogue.fuzzy = False
        with catalogue_of(room).open("wb") as file:
            write_po(file, catalogue, width=120, no_location=False, include_lineno=False, sort_output=True)
        missing = untranslated(room)
        left += len(missing)
        for text in missing:
            sys.stdout.write(f"{room.name}: no Korean for {text!r}\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
