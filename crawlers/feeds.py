"""Reading licensed feeds: vendors' CSV by the column tables in ``config/feeds``, and JSON Lines of listings.

A row that does not fit is answered with a `BadInput` that names row and field, and the next row is read.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import attrs
from pydantic import Field

from contracts.config import CONFIG_DIR, Slug, Strict, load
from contracts.errors import BadInput
from contracts.listing import AccessRung, Listing
from contracts.market import Manifest, manifests
from crawlers.families import texts
from crawlers.families.embedded import rows
from crawlers.money import currency_code, decimal

LONGEST_CELL = 10_000_000  # characters; a product description with embedded pictures comes near a million
_NOTHING = frozenset({"", "null", "none", "nan", "-", "[]", "{}"})

Reader = Callable[[str, str, str], Any]


class FeedFormat(Strict):
    """One vendor's columns for one marketplace."""

    id: Slug
    market: Slug
    recognised_by: Annotated[tuple[str, ...], Field(min_length=3)]
    listing_id: str  # regular expression over the listing's address; group 1 is the id
    seller_id: str | None = None  # likewise
    address: str | None = None  # {origin}, {listing_id}, {seller_id}: used where a "#" in the title cut the given one
    columns: dict[str, str]  # field of the Listing contract -> column


@cache
def formats(folder: Path = CONFIG_DIR / "feeds") -> tuple[FeedFormat, ...]:
    """Return every column table of ``config/feeds``. Raises at the first file that does not fit."""
    return tuple(load(path, FeedFormat) for path in sorted(folder.glob("*.toml")))


def read_feed(path: Path) -> Iterator[Listing | BadInput]:
    """Read a feed, row by row.

    Args:
        path: CSV whose header one of the tables in ``config/feeds`` recognises, or JSON Lines of listings.

    Yields:
        A `Listing` for each row that fits, a `BadInput` naming row and field for each that does not.

    Raises:
        BadInput: the file cannot be opened, or no table recognises its header.
    """
    try:
        stream = path.open(encoding="utf-8-sig", errors="replace", newline="")
    except OSError as error:
        raise BadInput(str(path), "(file)", "a readable file", error.strerror) from None
    with stream:
        start = stream.read(1)
        stream.seek(0)
        lines = (line.replace("\x00", "") for line in stream)
        yield from _json_lines(path, lines) if start == "{" else _csv(path, lines)


def _json_lines(path: Path, lines: Iterable[str]) -> Iterator[Listing | BadInput]:
    for number, line in enumerate(lines, 1):
        where = f"{path.name}, line {number}"
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            yield BadInput(where, "(line)", "a JSON object", line)
            continue
        if not isinstance(data, dict):
            yield BadInput(where, "(line)", "a JSON object", data)
            continue
        try:
            listing = Listing.from_json(data, where=where)
        except BadInput as problem:
            yield problem
            continue
        yield listing if listing.rung else attrs.evolve(listing, rung=AccessRung.FEED)


def _csv(path: Path, lines: Iterable[str]) -> Iterator[Listing | BadInput]:
    csv.field_size_limit(LONGEST_CELL)
    table = csv.reader(lines)
    header = next(table, [])
    found = _recognised(path, header)
    number = 1
    while True:
        number += 1
        where = f"{path.name}, row {number}"
        try:
            cells = next(table, None)
        except csv.Error as error:
            yield BadInput(where, "(row)", "a CSV row", str(error))
            continue
        if cells is None:
            return
        if not cells:
            continue
        if len(cells) != len(header):
            yield BadInput(where, "(row)", f"{len(header)} columns", len(cells))
            continue
        try:
            yield read_row(found, dict(zip(header, cells, strict=True)), where=where)
        except BadInput as problem:
            yield problem


def _recognised(path: Path, header: list[str]) -> FeedFormat:
    for one in formats():
        if set(one.recognised_by) <= set(header):
            return one
    expected = "the columns of one of " + ", ".join(one.id for one in formats())
    raise BadInput(str(path), "(header)", expected, ", ".join(header))


def read_row(feed: FeedFormat, row: Mapping[str, str], *, where: str) -> Listing:
    """Turn one row into a listing.

    Args:
        feed: the vendor's columns.
        row: column -> cell, as the vendor writes it.
        where: named in errors, e.g. ``"feed.csv, row 17"``.

    Raises:
        BadInput: names the column whose cell does not fit.
    """
    values: dict[str, Any] = {}
    for name, column in feed.columns.items():
        cell = row.get(column, "").strip()
        if cell.lower() not in _NOTHING:
            values[name] = _READERS.get(name, _text)(where, column, cell)
    for name in ("title", "url"):
        if not values.get(name):
            column = feed.columns[name]
            raise BadInput(where, column, "a text that is not empty", row.get(column))
    given = row[feed.columns["url"]]
    listing_id, seller_id = _group(feed.listing_id, given), _group(feed.seller_id, given)
    if listing_id is None:
        raise BadInput(where, feed.columns["url"], "an address with the listing's id", given)
    if feed.address and listing_id not in values["url"]:
        origin = "/".join(values["url"].split("/")[:3])
        values["url"] = feed.address.format(origin=origin, listing_id=listing_id, seller_id=seller_id)
    if values.get("price") is None:
        values.pop("currency", None)
    elif values.get("currency") is None:
        raise BadInput(where, feed.columns["currency"], "the currency of the price", row.get(feed.columns["currency"]))
    kept = {name: value for name, value in values.items() if value not in (None, (), {})}
    return Listing(
        market=feed.market,
        listing_id=listing_id,
        seller_id=seller_id,
        site=_country(manifests().get(feed.market), values["url"]),
        rung=AccessRung.FEED,
        parser=f"feeds.{feed.id}",
        **kept,
    )


def _group(pattern: str | None, text: str) -> str | None:
    found = re.search(pattern, text) if pattern else None
    return found.group(1) if found else None


def _country(manifest: Manifest | None, url: str) -> str | None:
    site = manifest.site_of_domain(urlsplit(url).hostname or "") if manifest else None
    return site.country if site else None


def _text(_where: str, _column: str, cell: str) -> str | None:
    return texts.clean(cell)


def _title(_where: str, _column: str, cell: str) -> str | None:
    title = texts.clean(cell)
    return title[: texts.LONGEST_TITLE] if title else None


def _address(where: str, column: str, cell: str) -> str:
    url = texts.address(cell)
    if url is None:
        raise BadInput(where, column, "a web address", cell)
    return url


def _amount(where: str, column: str, cell: str) -> Decimal | None:
    amount = decimal(cell)
    if amount is None:
        raise BadInput(where, column, "a plain decimal of zero or more", cell)
    return amount or None  # vendors write 0 where there is no price


def _currency(where: str, column: str, cell: str) -> str:
    code = currency_code(cell)
    if code is None:
        raise BadInput(where, column, "an ISO 4217 code", cell)
    return code


def _count(where: str, column: str, cell: str) -> int:
    number = decimal(cell)
    if number is None or number != number.to_integral_value():
        raise BadInput(where, column, "a whole number of zero or more", cell)
    return int(number)


def _rating(where: str, column: str, cell: str) -> Decimal | None:
    if decimal(cell) is None:
        raise BadInput(where, column, "a rating", cell)
    return texts.rating(cell)


def _list(where: str, column: str, cell: str) -> list[Any]:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise BadInput(where, column, "a JSON list", cell)
    return found


def _pictures(where: str, column: str, cell: str) -> tuple[str, ...]:
    return texts.addresses(_list(where, column, cell) if cell.startswith("[") else [cell])


def _path(where: str, column: str, cell: str) -> tuple[str, ...]:
    return tuple(filter(None, map(texts.clean, _list(where, column, cell))))


def _table(where: str, column: str, cell: str) -> dict[str, str]:
    pairs = ((texts.clean(one.get("name")), texts.clean(one.get("value"))) for one in rows(_list(where, column, cell)))
    return {name: value for name, value in pairs if name and value}


_READERS: dict[str, Reader] = {
    "title": _title,
    "url": _address,
    "seller_url": _address,
    "price": _amount,
    "price_max": _amount,
    "list_price": _amount,
    "currency": _currency,
    "image_urls": _pictures,
    "category_path": _path,
    "attributes": _table,
    "rating": _rating,
    "review_count": _count,
    "sold_count": _count,
}
