"""Kinds of goods: ``config/goods.toml``. The words sellers call them, and their Nice class."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from contracts.config import CONFIG_DIR, Strict, load


class Goods(Strict):
    """One kind of goods. ``merchandise``: what others' marks are printed on without a licence."""

    name: str  # in English, as `name_ko` in Korean; sentences use both
    name_ko: str
    nice: Annotated[int, Field(ge=1, le=45)]
    merchandise: bool = False
    words: Annotated[tuple[str, ...], Field(min_length=1)]


class GoodsTable(Strict):
    """Every kind of goods, with where the classes are from."""

    verified_on: date
    source: str
    goods: Annotated[tuple[Goods, ...], Field(min_length=1)]


@cache
def goods(path: Path = CONFIG_DIR / "goods.toml") -> tuple[Goods, ...]:
    """Return every kind of goods."""
    return load(path, GoodsTable).goods
