"""What sellers write, one TOML file per language, and the kinds of goods they sell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).parent


@attrs.frozen(kw_only=True)
class Kind:
    """A kind of goods. ``price`` is what it ordinarily costs, lowest and highest, in KRW."""

    key: str
    category: str
    shape: str
    price: tuple[int, int]
    hints: tuple[str, ...]
    classes: tuple[int, ...]
    nouns: Mapping[str, str] = attrs.field(eq=False)

    def noun(self, language: str) -> str:
        """Return what the kind is called in ``language``."""
        return self.nouns[language]


@attrs.frozen(kw_only=True)
class Words:
    """Everything needed to write like a seller in one language; templates are filled by `str.format`."""

    language: str
    lists: Mapping[str, Any]

    def __getitem__(self, name: str) -> list[str]:
        found: list[str] = self.lists[name]
        return found

    def description(self, label: str) -> list[str]:
        """Return the texts sellers write below offers of this sort."""
        found: list[str] = self.lists["descriptions"][label]
        return found


@cache
def words(language: str) -> Words:
    """Read the words of one language."""
    return Words(language=language, lists=tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8")))


@cache
def _kinds_file() -> dict[str, Any]:
    return tomllib.loads((HERE / "kinds.toml").read_text(encoding="utf-8"))


LANGUAGES = ("en", "de", "zh", "id", "th")


@cache
def kinds() -> tuple[Kind, ...]:
    """Return every kind of goods."""
    return tuple(
        Kind(
            key=row["key"],
            category=row["category"],
            shape=row["shape"],
            price=tuple(row["price"]),
            hints=tuple(row["hints"]),
            classes=tuple(row.get("classes", ())),
            nouns={language: row[language] for language in LANGUAGES},
        )
        for row in _kinds_file()["kinds"]
    )


def category_name(category: str, language: str) -> str:
    """Return what a shelf is called; English where the language has no word for it."""
    names = _kinds_file()["categories"][category]
    return str(names.get(language, names["en"]))


def kind_of(name: str, keywords: Iterable[str], nice_class: int | None) -> Kind:
    """Recognise a registered product as one of our kinds: by its name, its keywords, its class; else the first kind.

    The longest hint decides, so that 선크림 (sunscreen) is not taken for 크림 (cream).
    """
    for text in (name.casefold(), " ".join(keywords).casefold()):
        found = max(((len(hint), kind) for kind in kinds() for hint in kind.hints if _mentions(text, hint)),
                    key=lambda pair: pair[0], default=None)  # fmt: skip
        if found:
            return found[1]
    return next((kind for kind in kinds() if nice_class in kind.classes), kinds()[0])


def _mentions(text: str, hint: str) -> bool:
    """Short Latin hints ("cap", "pan", "tea") only as whole words, so that "teal" is no tea."""
    if not hint.isascii():
        return hint in text
    tokens = text.replace("-", " ").split()
    return hint in tokens or hint + "s" in tokens or (len(hint) > 4 and hint in text)  # noqa: PLR2004 (see docstring)
