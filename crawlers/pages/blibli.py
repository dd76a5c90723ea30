"""Blibli: the answers its pages are built from (search, product), product pages, rendered rows.

A listing's id is the code in its address: ``pc--`` a product, ``ps--`` a seller's product, ``is--`` a seller's item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.counts import shown_count
from crawlers.families.embedded import at, having, items, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import price

_SITE = "https://www.blibli.com"
_CODE = re.compile(r"(?<![\w-])((?:pc|ps|is)--[\w.-]*[\w])")
_STOCK = {"available": "in_stock"}
_GONE = frozenset({"DELETED", "SUSPENDED", "INACTIVE", "TAKEN_DOWN", "ARCHIVED"})


def code_of(url: str | None) -> str | None:
    """Return the product code in an address."""
    found = _CODE.search(url or "")
    return found.group(1) if found else None


def _address(value: Any) -> str | None:
    """Return a listing's address; of its parameters only ``ds``, the seller's item, stays."""
    url = texts.address(value, _SITE)
    if url is None:
        return None
    item = parse_qs(urlsplit(url).query).get("ds")
    return url.partition("?")[0] + (f"?ds={item[0]}" if item else "")


class Answer(MarketPage):
    """What Blibli's answers share."""

    kind = PageKind.API

    @cached_property
    def data(self) -> Any:
        """The innermost ``data`` of the answer: tools wrap the answer in one of their own."""
        found = self.document
        while isinstance(at(found, "data"), (dict, list)):
            found = at(found, "data")
        return found

    def read(self, item: dict[str, Any]) -> Iterator[Listing]:
        """Yield the listing of one product object; a search row and a product have the same names."""
        url = _address(item.get("url"))
        cost = item.get("price")
        low, high = self._prices(cost)
        struck = self.money(at(cost, "strikeThroughPriceDisplay"))
        before = (struck.amount if struck else None) or price(at(cost, "listed"))
        merchant = item.get("merchant")
        status = str(item.get("status") or "").lower()
        yield from self.listing(
            title=item.get("name"),
            listing_id=texts.first(item.get("formattedId"), item.get("usageProductCode")) or code_of(url),
            url=url,
            description=texts.clean(item.get("description")),
            brand=texts.first(at(item, "brand", "name"), item.get("brand")),
            price=low,
            price_max=high,
            list_price=before if before and low and before > low else None,
            currency="IDR" if low else None,
            availability=_STOCK.get(status, status) or None,
            seller_id=texts.identity(item.get("merchantCode") or at(merchant, "code")),
            seller_name=texts.first(item.get("merchantName"), at(merchant, "name")),
            seller_url=texts.address(at(merchant, "url"), _SITE),
            ship_from=texts.first(item.get("location"), at(merchant, "location")),
            image_urls=texts.addresses(
                [one.get("full") or one.get("thumbnail") if isinstance(one, dict) else one for one in _images(item)]
            ),
            category_path=tuple(
                filter(None, (texts.first(one.get("label"), one.get("name")) for one in _categories(item)))
            ),
            attributes={
                name: value
                for one in rows(item.get("specifications"))
                if (name := texts.clean(one.get("name"))) and (value := texts.clean(one.get("value")))
            },
            sold_count=shown_count(at(item, "soldRangeCount", "id")) or texts.count(item.get("soldCountTotal")),
            review_count=texts.count(at(item, "review", "count")) or None,
            rating=texts.rating(at(item, "review", "absoluteRating") or at(item, "review", "rating")),
        )

    def _prices(self, cost: Any) -> tuple[Decimal | None, Decimal | None]:
        """Return the price and the upper bound of a range shown as "Rp 22.750 - Rp 25.200"."""
        read = self.money(at(cost, "offerPriceDisplay") or at(cost, "priceDisplay") or cost)
        low = price(at(cost, "minPrice")) or price(at(cost, "offered")) or (read.amount or None if read else None)
        low = low or (None if isinstance(cost, (dict, str)) else price(cost))
        return low, read.upper if read and low == read.amount else None


def _images(item: dict[str, Any]) -> list[Any]:
    return items(item.get("images")) or [item.get("image"), item.get("imageUrl")]


def _categories(item: dict[str, Any]) -> list[dict[str, Any]]:
    return rows(item.get("categories")) or rows(item.get("rootCategory"))


class SearchAnswer(Answer):
    """An answer with products in a list: a search, a shop, a shelf of a page."""

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects."""
        return [
            item
            for item in having(self.document, "name", "url")
            if code_of(str(item.get("formattedId") or item["url"])) and ("price" in item or "formattedId" in item)
        ]

    def fits(self) -> bool:
        """Tell whether there are products, or an empty list of them."""
        return "usageProductCode" not in (self.data if isinstance(self.data, dict) else {}) and (
            bool(self.products) or self.says_empty()
        )

    def says_empty(self) -> bool:
        """Tell whether the list is empty."""
        return not self.products and bool(at(self.data, "products") == [])

    def next_page(self) -> bool | None:
        """Tell by the paging whether more follow."""
        last, here = (
            texts.count(at(self.data, "paging", "total_page")),
            texts.count(at(self.data, "paging", "page")),
        )
        return here < last if last is not None and here is not None else None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for item in self.products:
            yield from self.read(item)


class ProductAnswer(Answer):
    """The answer about one product; it has a price where the shop asked for the seller's item."""

    kind = PageKind.PRODUCT

    @cached_property
    def product(self) -> dict[str, Any] | None:
        """The product object."""
        found = self.data
        return found if isinstance(found, dict) and found.get("name") and "usageProductCode" in found else None

    def fits(self) -> bool:
        """Tell whether there is a product, or the answer that there is none."""
        return self.product is not None or self.says_removed() is not None

    def says_removed(self) -> str | None:
        """Return the status of a product that is gone, or of the answer that knows none."""
        status = str(at(self.product, "status") or "").upper()
        if status in _GONE:
            return f"the product is {status.lower()}"
        if isinstance(self.document, dict) and at(self.document, "data") is None:
            code, words = at(self.document, "code"), str(at(self.document, "status") or "")
            return words if code == 404 and "NOT_FOUND" in words.upper() else None  # noqa: PLR2004 (HTTP)
        return None

    def listings(self) -> Iterator[Listing]:
        """Yield the product, unless it is gone."""
        if self.product is not None and not self.says_removed():
            yield from self.read(self.product)


class ProductPage(StructuredPage):
    """A product page as made for search engines, or as a browser shows it."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page is about a product, by its data or by its address and what it shows."""
        return super().fits() or (self.document is None and code_of(self.own_url) is not None and bool(self._shown))

    @cached_property
    def _shown(self) -> str | None:
        return self.text_of("h1") if self.css('[data-testid="priceComponentOffered"]') else None

    def listings(self) -> Iterator[Listing]:
        """Yield the product."""
        if self.products or self.og_product:
            yield from super().listings()
            return
        yield from self.read({"name": self._shown})

    def prices_of(
        self, node: dict[str, Any], offers: list[dict[str, Any]]
    ) -> tuple[Decimal | None, Decimal | None, str | None]:
        """Return the price a browser shows: JSON-LD has the range of all sellers and promotions."""
        seen = self.money(self.text_of('[data-testid="priceComponentOffered"]'))
        return (seen.amount, seen.upper, "IDR") if seen and seen.amount else super().prices_of(node, offers)

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the code in the address."""
        return code_of(url) or code_of(str(node.get("url"))) or super().identify(node, url)


class RenderedRows(MarketPage):
    """A result page as a browser rendered it; rows are read by their kind."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The product cards: their links."""
        links = self.css('a[href*="/p/"]') if self.document is None and code_of(self.own_url) is None else []
        return [link for link in links if code_of(attribute(link, "href")) and link.css("img")]

    def fits(self) -> bool:
        """Tell whether there are cards, and the page is no product's own."""
        return bool(self.cards)

    def listings(self) -> Iterator[Listing]:
        """Yield the cards; a struck price stands behind the one that is paid."""
        for card in self.cards:
            leaves = [text for text in map(shown, card.xpath(".//*[not(*)]")) if text]
            words = [text for text in leaves if re.match(r"Rp\s?\d", text)]
            offer = min(
                (read for text in words if (read := self.money(text)) and read.amount),
                key=lambda read: read.amount,
                default=None,
            )
            sold = next((text for text in leaves if "erjual" in text), None)
            pictures = card.css("img")
            yield from self.listing(
                title=texts.first(attribute(pictures, "alt").strip(), max(leaves, key=len, default=None)),
                listing_id=code_of(attribute(card, "href")),
                url=_address(attribute(card, "href")),
                price=offer.amount if offer else None,
                price_max=offer.upper if offer else None,
                currency="IDR" if offer else None,
                sold_count=shown_count(sold),
                image_urls=texts.addresses([attribute(pictures, "src"), attribute(pictures, "data-src")])[:1],
            )


PAGES = (ProductAnswer, SearchAnswer, ProductPage, RenderedRows)
