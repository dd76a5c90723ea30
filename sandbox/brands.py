"""What a counterfeiter sees of a brand: its names, goods, prices and pictures, read from its folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from contracts.errors import BadInput
from sandbox.words import Kind, kind_of

PICTURES = {".png", ".jpg", ".jpeg", ".webp"}
ENOUGH_LATIN = 2


@attrs.frozen(kw_only=True)
class Goods:
    """One genuine product. ``krw`` is its ordinary price in won, ``photos`` the pictures the brand publishes."""

    name: str
    krw: int
    kind: Kind
    photos: tuple[Path, ...]


@attrs.frozen(kw_only=True)
class Brand:
    """A brand as the public sees it. ``shops`` are the ids of its authorised sellers by marketplace."""

    slug: str
    name: str
    spellings: tuple[str, ...]
    goods: tuple[Goods, ...]
    shops: Mapping[str, tuple[str, ...]] = attrs.field(eq=False)

    def local_name(self, language: str) -> str:
        """Return the name in Chinese characters for Chinese, else the name in Latin letters."""
        if language == "zh":
            return next((text for text in self.spellings if _is_han(text)), self.name)
        return self.name


def _is_han(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _is_latin(text: str) -> bool:
    return sum(letter.isascii() and letter.isalpha() for letter in text) >= ENOUGH_LATIN


def read_brands(folder: Path) -> tuple[Brand, ...]:
    """Read every ``*/brand.toml`` below ``folder``, sorted by folder name.

    Raises:
        BadInput: a file is no TOML, or no brand with a priced product was found.
    """
    brands = tuple(brand for path in sorted(folder.glob("*/brand.toml")) if (brand := _brand(path)).goods)
    if not brands:
        raise BadInput(str(folder), "(folder)", "brand folders with a brand.toml and priced products", "none")
    return brands


def _brand(path: Path) -> Brand:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(str(path), "(file)", "TOML", str(error)) from None
    top = data.get("brand", data) if isinstance(data.get("brand"), dict) else data
    spellings = tuple(_spellings(data.get("marks", top.get("marks", []))))
    name = str(top.get("name", path.parent.name))
    latin = next((text for text in (name, *spellings) if _is_latin(text)), name)
    pictures = _pictures(data, path.parent)
    return Brand(
        slug=str(top.get("slug", path.parent.name)),
        name=latin,
        spellings=spellings,
        goods=tuple(_goods(row, latin, pictures) for row in data.get("products", []) if row.get("price")),
        shops=_shops(data.get("authorised_sellers", [])),
    )


def _spellings(marks: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for mark in marks:
        yield str(mark["text"])
        for spelling in mark.get("spellings", []):
            yield str(spelling["text"] if isinstance(spelling, dict) else spelling)


def _pictures(data: Mapping[str, Any], folder: Path) -> dict[str, list[Path]]:
    """Return the picture files by product code ("" for those of no product); logos are left out."""
    found: dict[str, list[Path]] = {}
    for row in data.get("images", []):
        if row.get("kind", "product") in {"product", "packaging"}:
            found.setdefault(str(row.get("product", "")), []).append(folder / str(row["file"]))
    if not found:
        loose = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PICTURES)
        found[""] = [path for path in loose if "logo" not in path.stem.lower()]
    return found


def _goods(row: Mapping[str, Any], brand: str, pictures: Mapping[str, list[Path]]) -> Goods:
    name = str(row["name"])
    short = name[len(brand) :].strip() if name.casefold().startswith(brand.casefold()) else name
    own = pictures.get(str(row.get("code", "")), [])
    return Goods(
        name=short or name,
        krw=int(float(row["price"])),
        kind=kind_of(name, [str(word) for word in row.get("keywords", [])], row.get("nice_class")),
        photos=tuple(own or pictures.get("", []) or [path for paths in pictures.values() for path in paths][:1]),
    )


def _shops(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        market = str(row["market"])
        found[market] = (*found.get(market, ()), str(row["shop_id"]))
    return found
