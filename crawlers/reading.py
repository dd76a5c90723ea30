"""Reading a page: wall, tombstone, listings, nothing found, or unknown. Never an exception, whatever the page holds."""

from __future__ import annotations

import importlib
import json
import logging
import re
from collections.abc import Iterable
from functools import cache

import attrs
from web_poet import HttpResponse

from contracts.listing import Listing, PageOutcome
from contracts.market import Manifest
from crawlers.families import embedded
from crawlers.families.base import MarketPage, PageKind, Place
from crawlers.families.embedded import at
from crawlers.families.structured import StructuredPage
from crawlers.walls import Sight, find_block, find_removal, find_weak_block, find_weak_removal, is_shell

__all__ = ["PageKind", "Reading", "decoded", "page_classes", "read_page"]

LARGEST_PAGE = 20_000_000  # bytes; the largest real page seen has 1.6 million
_PACKED = re.compile(r"\ufeff?\s*(?:[\w$.]{1,80}\(\s*)?(?=\")")
DEEPEST = 3  # an answer in an answer in an answer
MOST_ANSWERS = 500
MOST_DAMAGED = 10  # a page is UTF-8 as long as fewer than one in ten of its characters beyond ASCII is broken
_WRAPPERS = ("data", "result", "results", "response", "body", "content", "payload", "json", "html", "text")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-zA-Z0-9_-]{2,30})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([a-zA-Z0-9_-]{2,30})", re.IGNORECASE)

# What XML, and so the parser, has no place for.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Reading:
    """What a page turned out to be.

    ``reason`` says in words why there are no listings. ``next_page`` is True or False where the page says whether more
    result pages follow, None where it does not say.
    """

    outcome: PageOutcome
    listings: tuple[Listing, ...] = ()
    reason: str = ""
    next_page: bool | None = None


def read_page(
    page: HttpResponse,
    *,
    market: str,
    kind: PageKind | None = None,
    site: str | None = None,
    manifest: Manifest | None = None,
) -> Reading:
    """Read one page, API answer or saved file of a marketplace.

    Args:
        page: the answer; its URL may be unknown (``about:blank``), its headers empty.
        market: id of the marketplace; one without ``manifest`` is read by its structured data alone, with a warning.
        kind: what the page is for, where the caller knows; the page is recognised without it.
        site: country of the site as a hint; the page's own addresses overrule it.
        manifest: the marketplace's manifest.
    """
    if len(page.body) > LARGEST_PAGE:
        return Reading(outcome=PageOutcome.UNKNOWN, reason=f"a page of {len(page.body)} bytes is too large to be read")
    place = Place(market=market, manifest=manifest, site=site)
    try:
        return _read(decoded(page), place, kind)
    except Exception as error:  # noqa: BLE001 (the page is hostile input: whatever it breaks, the crawl goes on)
        _log.debug("page of %s could not be read", market, exc_info=True)
        return Reading(outcome=PageOutcome.UNKNOWN, reason=f"the page could not be read: {type(error).__name__}")


def _read(page: HttpResponse, place: Place, kind: PageKind | None, depth: int = 0) -> Reading:
    if not page.body.strip():
        return Reading(outcome=PageOutcome.UNKNOWN, reason="the page is empty")
    sight = Sight.of(page, page.text)
    barred = _barred(find_block(sight, place.manifest), find_removal(sight, place.manifest))
    if barred:
        return barred
    classes = (page_class(response=page, place=place) for page_class in _in_order(page_classes(place.manifest), kind))
    reading = next(filter(None, (_try(one, place) for one in classes)), None)
    answers = _answers(page.text) if depth < DEEPEST else []
    if not reading or len(answers) > max(1, len(reading.listings)):
        inner = _together(
            [
                _read(
                    HttpResponse(page.url, answer.encode("utf-8", "replace"), encoding="utf-8"), place, kind, depth + 1
                )
                for answer in answers
            ]
        )
        if inner and (not reading or len(inner.listings) > len(reading.listings)):
            return inner
    if reading:
        return reading
    shell = "unrendered shell: the page's script did not run" if is_shell(sight) else None
    unknown = Reading(outcome=PageOutcome.UNKNOWN, reason=f"no page object of {place.market} knows this page")
    return _barred(find_weak_block(sight), find_weak_removal(sight)) or _barred(shell, None) or unknown


def _answers(text: str) -> list[str]:
    """Return the answers a JSON document holds: those of its list, or what a tool wrapped in one of its own."""
    whole = embedded.document(text)
    parts = whole if isinstance(whole, list) else [at(whole, name) for name in _WRAPPERS]
    return [
        part if isinstance(part, str) else json.dumps(part, default=float)
        for part in parts[:MOST_ANSWERS]
        if isinstance(part, (dict, list)) or (isinstance(part, str) and part.lstrip()[:1] in {"{", "[", "<"})
    ]


def _together(readings: list[Reading]) -> Reading | None:
    """Return several readings as one; without listings only where all say the same."""
    listings = _once(listing for reading in readings for listing in reading.listings)
    if listings:
        return Reading(outcome=PageOutcome.OK, listings=listings)
    told = {reading.outcome for reading in readings} - {PageOutcome.UNKNOWN}
    return next((reading for reading in readings if told == {reading.outcome}), None)


def _barred(wall: str | None, gone: str | None) -> Reading | None:
    if wall:
        return Reading(outcome=PageOutcome.BLOCKED, reason=wall)
    return Reading(outcome=PageOutcome.REMOVED, reason=gone) if gone else None


def _try(page: MarketPage, place: Place) -> Reading | None:
    """Read the page with one page object; None when it does not know the page or finds nothing it could name."""
    if not page.fits():
        return None
    listings = _once(page.listings())
    if listings:
        if place.manifest is None:
            warning = f"{place.market} has no manifest: read by structured data alone"
            listings = tuple(attrs.evolve(item, warnings=(*item.warnings, warning)) for item in listings)
        return Reading(outcome=PageOutcome.OK, listings=listings, next_page=page.next_page())
    gone = page.says_removed()
    if gone:
        return Reading(outcome=PageOutcome.REMOVED, reason=gone)
    if page.says_empty():
        return Reading(outcome=PageOutcome.EMPTY, reason="the page says that nothing was found", next_page=False)
    return None


def _once(listings: Iterable[Listing]) -> tuple[Listing, ...]:
    """Keep the first of the rows with the same id: advertisements repeat listings of the same page."""
    kept: dict[object, Listing] = {}
    for listing in listings:
        kept.setdefault(listing.listing_id or object(), listing)
    return tuple(kept.values())


@cache
def _module_classes(name: str) -> tuple[type[MarketPage], ...]:
    classes: tuple[type[MarketPage], ...] = importlib.import_module(f"crawlers.pages.{name}").PAGES
    return classes


def page_classes(manifest: Manifest | None) -> tuple[type[MarketPage], ...]:
    """Return the page objects of a marketplace in the order they are asked, structured data last."""
    own = _module_classes(manifest.page_module) if manifest and manifest.page_module else ()
    return (*own, StructuredPage)


def _in_order(classes: tuple[type[MarketPage], ...], kind: PageKind | None) -> list[type[MarketPage]]:
    """Put those made for ``kind`` first; the others stay, because a hint may be wrong."""
    return sorted(classes, key=lambda page_class: page_class is StructuredPage or page_class.kind not in {kind, None})


def decoded(page: HttpResponse) -> HttpResponse:
    """Return the page in UTF-8 without control characters; header, ``<meta>`` and the bytes tell its charset."""
    text = _NOT_TEXT.sub("", _unpacked(_text(page)))
    return HttpResponse(
        page.url, text.encode("utf-8", "replace"), status=page.status, headers=page.headers, encoding="utf-8"
    )


def _unpacked(text: str) -> str:
    """Return the page or document that an answer carries as one JSON text, perhaps as JSONP; else the answer."""
    packed = _PACKED.match(text)
    try:
        inner = json.JSONDecoder(strict=False).raw_decode(text, packed.end())[0] if packed else ""
    except ValueError:
        return text
    return inner if inner.lstrip()[:1] in {"<", "{", "["} else text


def _text(page: HttpResponse) -> str:
    body = page.body
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    damaged = body.decode("utf-8", "replace")
    foreign = len(damaged) - len(damaged.encode("ascii", "ignore"))
    if damaged.count("\ufffd") * MOST_DAMAGED < foreign:
        return damaged
    told = _HEADER_CHARSET.search(page.headers.get("Content-Type") or "")
    written = _META_CHARSET.search(body[:4096])
    names = [told.group(1) if told else "", written.group(1).decode("ascii") if written else "", "gb18030"]
    for name in names:
        if name.lower() not in {"", "utf-8", "utf8"}:
            try:
                return body.decode("gb18030" if name.lower() in {"gbk", "gb2312"} else name)
            except (LookupError, UnicodeDecodeError):
                continue
    return damaged
