"""Kinds of goods: ``config/goods/*.toml``. What sellers call them in each language, and their Nice class.

Two rooms read them: the matchers, to tell that goods lie outside what a brand registered, and the jobs, to look for a
brand's goods where its name is left out. A kind that is not here says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from contracts.config import CONFIG_DIR, Language, Strict, load

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Goods(Strict):
    """One kind of goods. ``merchandise``: what others' marks are printed on without a licence.

    ``words`` by language, the usual one first.
    """

    name: str  # in English, as `name_ko` in Korean; sentences use both
    name_ko: str
    nice: Annotated[int, Field(ge=1, le=45)]
    merchandise: bool = False
    words: Annotated[Mapping[Language, Words], Field(min_length=1)]

    @property
    def all_words(self) -> tuple[str, ...]:
        """What the goods are called in any language, each once."""
        return tuple(dict.fromkeys(word for words in self.words.values() for word in words))


class GoodsTable(Strict):
    """The kinds of one file, with where the classes are from."""

    verified_on: date
    source: str
    goods: Annotated[tuple[Goods, ...], Field(min_length=1)]


@cache
def goods(folder: Path = CONFIG_DIR / "goods") -> tuple[Goods, ...]:
    """Return every kind of goods."""
    return tuple(kind for path in sorted(folder.glob("*.toml")) for kind in load(path, GoodsTable).goods)
