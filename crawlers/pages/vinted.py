"""Vinted: catalogue rows as rendered, answers of the catalogue and item API, item pages.

The rows write everything into one text (``title`` of the link, ``alt`` of the picture): the seller's words, then
"Brand: ...", "Condition: ...", "Size: ..." in the site's language, then the price and the price with buyer protection.
The first price is the seller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import attrs

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.embedded import at, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import Money, currency_code, money, price

_ITEM = re.compile(r"/items/(\d{5,})")
_OLD_ITEM = re.compile(r"^/(?!items|member|catalog|brand|forum|help)[a-z][^/]*(?:/[^/]+)*/(\d{5,})-")  # to about 2020
_MEMBER = re.compile(r"/member/(\d+)(?:-([^/?#]+))?")
_TEST_ID = re.compile(r"^product-item-id-(\d+)")

# The labels of the rows in the languages of the sites.
_BRAND = (
    "brand|marque|marke|merk|marka|marca|značka|márka|märke|mærke|merkki|brändi|robna marka|μάρκα|prekės ženklas|prekės"
    " ženklas|kaubamärk|zīmols|znamka"
)
_PRICE = "price|prix|preis|prijs|cena|precio|prezzo|preço|ár|preț|pris|hinta|cijena|τιμή|kaina|hind"
_CONDITION = (
    "condition|état|zustand|staat|stan|estado|condizioni|condizione|stav|állapot|stare|skick|stand|kunto|stanje"
    "|κατάσταση|būklė|seisukord|stāvoklis"
)
_SIZE = (
    "size|taille|größe|maat|rozmiar|talla|taglia|tamanho|velikost|veľkosť|méret|mărime|storlek|størrelse|koko|veličina"
    "|μέγεθος|dydis|suurus|izmērs"
)


def _label(names: str) -> re.Pattern[str]:
    return re.compile(rf",\s+(?:{names})\s?:\s*", re.IGNORECASE)


_FIRST = (_label(f"{_BRAND}|{_PRICE}"), _label(f"{_CONDITION}|{_SIZE}"))
_LABELS = {"brand": _label(_BRAND), "condition": _label(_CONDITION), "size": _label(_SIZE)}
_AMOUNT = re.compile(r"^[^\w]*(?:[A-Z]{2,3}|\D{1,4})?\s*\d[\d.,\s\u00a0\u202f]*\s*(?:[A-Z]{3}|[^\d\s]{1,4})?\W*$")


@attrs.frozen
class Summary:
    """What a row's text says: the seller's words, the labelled facts, and the prices in their order."""

    title: str
    facts: dict[str, str]
    prices: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Summary:
        """Take a row's text apart."""
        cut = next((found.start() for label in _FIRST if (found := label.search(text))), None)
        parts = text.split(", ")
        if cut is None:
            tail = 0
            while tail < len(parts) - 1 and _AMOUNT.match(parts[-1 - tail]):
                tail += 1
            return cls(", ".join(parts[: len(parts) - tail]), {}, tuple(parts[len(parts) - tail :]))
        rest = text[cut:]
        facts = {}
        for name, label in _LABELS.items():
            found = label.search(rest)
            if found:
                value = rest[found.end() :].partition(", ")[0].strip()
                if value:
                    facts[name] = value
        ends = [part.rpartition(":")[2].strip() for part in rest.split(", ")]
        return cls(text[:cut], facts, tuple(part for part in ends if _AMOUNT.match(part)))


class VintedPage(MarketPage):
    """What Vinted's pages share."""

    def item_url(self, given: Any, number: str | None) -> str | None:
        """Return an item's address on the page's own site, without what only counts."""
        url = texts.address(given, self.origin)
        if url:
            return url.partition("?")[0]
        return f"{self.origin}/items/{number}" if self.origin and number else None

    def site_of(self, code: str | None) -> str | None:
        """Return the address of the one site that sells in a currency."""
        manifest = self.place.manifest
        found = [site for site in manifest.sites if site.currency == code] if manifest and code else []
        return f"https://{found[0].domain}" if len(found) == 1 else None

    def facts_of(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return what an item object says, by field of the listing."""
        number = texts.identity(item.get("id"))
        amount, code = _amount(item)
        user = item.get("user") if isinstance(item.get("user"), dict) else {}
        photos = rows(item.get("photos")) or rows(item.get("photo"))
        size = texts.first(item.get("size_title"), item.get("size"))
        color = texts.first(item.get("color1"), item.get("color"))
        return {
            "title": texts.clean(item.get("title")),
            "listing_id": number,
            "url": self.item_url(item.get("url") or item.get("path"), number),
            "description": texts.clean(item.get("description")),
            "brand": texts.first(item.get("brand_title"), at(item, "brand_dto", "title"), item.get("brand")),
            "price": amount,
            "currency": (code or self.local_currency) if amount else None,
            "condition": texts.clean(item.get("status")),
            "availability": _availability(item),
            "seller_id": texts.identity(at(user, "id") or item.get("user_id")),
            "seller_name": texts.first(at(user, "login"), item.get("user_login")),
            "seller_url": texts.address(at(user, "profile_url"), self.origin),
            "seller_country": texts.clean(at(user, "country_title")),
            "ship_from": texts.first(at(user, "city"), item.get("city")),
            "image_urls": texts.addresses([photo.get("full_size_url") or photo.get("url") for photo in photos]),
            "category_path": tuple(filter(None, [texts.clean(item.get("catalog_branch_title"))])),
            "attributes": {name: value for name, value in (("size", size), ("color", color)) if value},
        }


class CatalogRows(VintedPage):
    """A catalogue page or a member's items as rendered."""

    kind = PageKind.SEARCH

    @cached_property
    def _found(self) -> dict[str, dict[str, Any]]:
        """Parts of each row by item number; a row may be cut short, so its parts are found one by one."""
        found: dict[str, dict[str, Any]] = {}
        for element in self.css('[data-testid^="product-item-id-"]'):
            named = _TEST_ID.match(attribute(element, "data-testid"))
            if named is None:
                continue
            part = attribute(element, "data-testid").rpartition("--")
            row = found.setdefault(named.group(1), {})
            name = "image" if part[2] == "img" else part[2] if part[1] else "row"
            row.setdefault(name, element)
        return found

    def _summary(self, row: dict[str, Any]) -> str | None:
        link, image = row.get("overlay-link"), row.get("image")
        return texts.first(
            attribute(link, "title") if link is not None else None,
            attribute(image, "alt") if image is not None else None,
        )

    def fits(self) -> bool:
        """Tell whether there are rows, outside an item's own page."""
        if self.document is not None or not self._found:
            return False
        return not _ITEM.search(urlsplit(self.own_url or "").path) and not self.css('[data-testid="item-price"]')

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the rows, and the site that sells in the currency of the first."""
        for row in list(self._found.values())[:3]:
            if "overlay-link" in row:
                yield texts.address(attribute(row["overlay-link"], "href"))
        for row in list(self._found.values())[:1]:
            amounts = Summary.of(self._summary(row) or "").prices
            read = money(amounts[0]) if amounts else None
            yield self.site_of(read.currency if read else None)

    def next_page(self) -> bool | None:
        """Tell whether there is a link to the next page."""
        arrows = self.css('[data-testid="catalog-pagination--next-page"]')
        if not arrows:
            return None
        return any(attribute(arrow, "href") and "is-disabled" not in attribute(arrow, "class") for arrow in arrows)

    def listings(self) -> Iterator[Listing]:
        """Yield one listing for each row."""
        for number, row in self._found.items():
            text = self._summary(row)
            if text is None:
                continue
            summary = Summary.of(text)
            amount = self._price(row, summary)
            link = attribute(row["overlay-link"], "href") if "overlay-link" in row else None
            image = row.get("image")
            size = summary.facts.get("size")
            yield from self.listing(
                title=summary.title,
                listing_id=number,
                url=self.item_url(link, number),
                brand=summary.facts.get("brand"),
                price=amount.amount or None if amount else None,
                currency=(amount.currency or self.local_currency) if amount else None,
                condition=summary.facts.get("condition"),
                image_urls=texts.addresses(attribute(image, "src")) if image is not None else (),
                attributes={"size": size} if size else {},
            )

    def _price(self, row: dict[str, Any], summary: Summary) -> Money | None:
        written = shown(row["price-text"]) if "price-text" in row else None
        return self.money(written or (summary.prices[0] if summary.prices else None))


class ItemsAnswer(VintedPage):
    """Answers of the API: a catalogue, a member's items, one item; and the same objects inside an item page."""

    kind = PageKind.API

    @cached_property
    def source(self) -> Any:
        """The answer."""
        return self.document

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The item the answer is about, else every item of its list."""
        for lone in (at(self.source, "item"), at(self.source, "itemDto"), self.source):
            if _is_item(lone):
                return [lone]
        listed = at(self.source, "items")
        return [item for item in rows(listed if listed is not None else self.source) if _is_item(item)]

    def fits(self) -> bool:
        """Tell whether there are items, or an empty list of them."""
        return self.source is not None and (bool(self.items) or self.says_empty())

    def says_empty(self) -> bool:
        """Tell whether the list of items is empty."""
        return bool(at(self.source, "items") == [])

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        here, last = (texts.count(at(self.source, "pagination", name)) for name in ("current_page", "total_pages"))
        return here < last if here is not None and last is not None else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first items and their sellers, then the site that sells in their currency."""
        for item in self.items[:3]:
            yield texts.address(item.get("url"))
            yield texts.address(at(item, "user", "profile_url"))
        for item in self.items[:1]:
            yield self.site_of(_amount(item)[1])

    def listings(self) -> Iterator[Listing]:
        """Yield the items."""
        for item in self.items:
            yield from self.listing(**self.facts_of(item))


def _is_item(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and texts.identity(value.get("id")) is not None
        and texts.clean(value.get("title")) is not None
        and value.get("price") is not None
    )


def _amount(item: dict[str, Any]) -> tuple[Decimal | None, str | None]:
    """Return the seller's price: an object with its currency, or a text with the currency beside it."""
    given = item.get("price")
    code = currency_code(at(given, "currency_code") or at(given, "currency") or item.get("currency"))
    return price(at(given, "amount") if isinstance(given, dict) else given), code


def _availability(item: dict[str, Any]) -> str | None:
    if item.get("item_closing_action") == "sold" or item.get("is_closed") == 1:
        return "sold_out"
    if item.get("is_reserved") == 1:
        return "reserved"
    return "in_stock" if item.get("can_buy") is True else None


class CatalogState(ItemsAnswer):
    """A catalogue page whose scripts carry the items; richer than its rows."""

    kind = PageKind.SEARCH

    @cached_property
    def source(self) -> Any:
        """The items of the page's scripts."""
        if self.document is not None or _ITEM.search(urlsplit(self.own_url or "").path):
            return None
        found = list(embedded.script_json(self.css('script[type="application/json"]::text').getall()))
        pushed = embedded.flight(self.body_text)
        found += [value for name in ("items", "catalogItems") for value in embedded.assigned(pushed, name)]
        items = [item for item in embedded.having(found, "title", "price") if _is_item(item)]
        return [item for item in items if _ITEM.search(str(item.get("url") or item.get("path")))]

    def fits(self) -> bool:
        """Tell whether the scripts have an item for every row shown."""
        if not self.items:
            return False
        return len(self.items) >= len(self.css('[data-testid^="product-item-id-"][data-testid$="--overlay-link"]'))


_OF_THE_PAGE = frozenset({"market", "parser", "site", "language", "warnings"})


class ItemPage(VintedPage, StructuredPage):
    """An item page: JSON-LD, and the item object in the page's scripts where it is there."""

    kind = PageKind.PRODUCT

    @cached_property
    def number(self) -> str | None:
        """The item's number in the page's address, or in the one the page's data give."""
        node: dict[str, Any] = self.products[0] if self.products else {}
        for url in (self.own_url, node.get("url"), at(rows(node.get("offers")), 0, "url")):
            found = _ITEM.search(urlsplit(texts.address(url, self.origin) or "").path)
            if found:
                return found.group(1)
        old = _OLD_ITEM.search(urlsplit(self.own_url or "").path)
        return old.group(1) if old else None

    @cached_property
    def item(self) -> dict[str, Any]:
        """The page's own item among the objects in its scripts; items shown beside it are not looked at."""
        if self.number is None or self.document is not None:
            return {}
        found = list(embedded.script_json(self.css('script[type="application/json"]::text').getall()))
        pushed = embedded.flight(self.body_text)
        found += [value for name in ("item", "itemDto") for value in embedded.assigned(pushed, name)]
        own = [item for item in embedded.having(found, "id", "title") if texts.identity(item["id"]) == self.number]
        return max(own, key=len, default={})

    @cached_property
    def _title(self) -> str | None:
        named = self.title_of(self.products[0]) if self.products else None
        return named or self.text_of('[data-testid="item-page-summary-plugin"] h1, h1') or self.og_product

    def fits(self) -> bool:
        """Tell whether the page is about one item; an old address alone does not tell it from a category's."""
        if self.document is not None or self.number is None:
            return False
        return bool(self.item or (self._title and not _OLD_ITEM.search(urlsplit(self.own_url or "").path)))

    def listings(self) -> Iterator[Listing]:
        """Yield the item: each fact from its object, else from JSON-LD, else as shown."""
        amount = self.money(self.text_of('[data-testid="item-price"]'))
        facts: dict[str, Any] = {
            "title": self._title,
            "price": amount.amount or None if amount else None,
            "currency": (amount.currency or self.local_currency) if amount else None,
            "description": self.text_of('[itemprop="description"]'),
            "image_urls": texts.addresses(self.meta.get("og:image")),
            **self._seller(),
        }
        for named in (one for node in self.products[:1] for one in self.read(node)):
            facts |= {name: value for name, value in attrs.asdict(named, recurse=False).items() if value}
        facts |= {name: value for name, value in self.facts_of(self.item).items() if value}
        if self.css('[data-testid="item-status--content"]'):
            facts["availability"] = "sold_out"
        own = self.own_url if str(self.number) in (self.own_url or "") else facts.get("url")
        facts |= {"listing_id": self.number, "url": self.item_url(own, self.number)}
        yield from self.listing(**{name: value for name, value in facts.items() if name not in _OF_THE_PAGE})

    def _seller(self) -> dict[str, Any]:
        name = self.text_of('[data-testid="profile-username"]')
        link = self.xpath('//a[contains(@href, "/member/")][.//*[@data-testid="profile-username"]]/@href').get()
        pushed = embedded.flight(self.body_text)
        beside = (
            rf'"item_id":"?{self.number}"?[^{{}}]{{0,400}}"seller_id":"?(\d+)',
            rf'"seller_id":"?(\d+)"?[^{{}}]{{0,400}}"item_id":"?{self.number}\b',
        )
        found = (re.search(pattern, pushed) for pattern in beside)
        member = _MEMBER.search(link or "") or next((one for one in found if one), None)
        return {
            "seller_id": member.group(1) if member else None,
            "seller_name": name,
            "seller_url": texts.address(link, self.origin),
        }


PAGES = (ItemsAnswer, ItemPage, CatalogState, CatalogRows)
