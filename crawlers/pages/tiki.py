"""Tiki: its product answers (v2), the same objects in ``__NEXT_DATA__``, rendered rows and structured data.

Prices are whole đồng. ``-p<id>.html`` names the product, ``spid`` the seller's offer of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.counts import shown_count
from crawlers.families.embedded import at, having, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import price

_SITE = "https://tiki.vn/"
_ID = re.compile(r"(?:^|[-/])p(\d{3,12})(?:\.html|$|[?#])")
_NOT_FOUND = re.compile(r"not[ _]?found|không tìm thấy|không tồn tại", re.IGNORECASE)
_PRICE = re.compile(r"^[\d.]+\s?[₫đ]$")
_STOCK = {"available": "in_stock"}


def id_of(url: str | None) -> str | None:
    """Return the product id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


def _counted(url: str | None) -> str | None:
    """Return where the address of a counted click leads; any other address as it is."""
    if url is None or urlsplit(url).hostname != "tka.tiki.vn":
        return url
    return texts.address(parse_qs(urlsplit(url).query).get("redirect", [""])[0])


class ProductsPage(MarketPage):
    """What carries product objects; subclasses say which of them the page is about."""

    @cached_property
    def source(self) -> Any:
        """The answer, or the state the page carries; to about 2019 only the product's."""
        if self.document is not None:
            return self.document
        return self.next_data or self.state("__INITIAL_STATE__", "defaultProduct")

    @cached_property
    def lone(self) -> dict[str, Any] | None:
        """The product the page is about: only its own object tells of sellers and pictures."""
        found = self.source if self.document is not None else None
        for one in (found, at(found, "data")):
            if isinstance(one, dict) and _is_product(one) and ("current_seller" in one or "images" in one):
                return one
        if self.document is not None:
            return None
        return next((one for one in having(self.source, "name", "current_seller", "images") if _is_product(one)), None)

    def read(self, item: dict[str, Any]) -> Iterator[Listing]:
        """Yield the listing of one product object."""
        url = _address(item)
        amount = price(item.get("price"))
        before = price(item.get("original_price")) or price(item.get("list_price"))
        seller = item.get("current_seller") if isinstance(item.get("current_seller"), dict) else {}
        status = texts.clean(item.get("inventory_status"))
        pictures = [one.get("base_url") or one.get("large_url") for one in rows(item.get("images"))]
        trail = rows(item.get("breadcrumbs"))[:-1] or rows(item.get("categories"))
        yield from self.listing(
            title=item.get("name"),
            listing_id=id_of(url) or texts.identity(item.get("id")),
            url=url,
            description=texts.first(item.get("description"), item.get("short_description")),
            brand=texts.first(at(item, "brand", "name"), item.get("brand_name")),
            price=amount,
            list_price=before if before and amount and before > amount else None,
            currency="VND" if amount else None,
            availability=_STOCK.get(status, status) if status else None,
            seller_id=texts.identity(at(seller, "id")) or texts.identity(item.get("seller_id")),
            seller_name=texts.first(at(seller, "name"), item.get("seller_name")),
            seller_url=texts.address(at(seller, "link"), _SITE),
            image_urls=texts.addresses(pictures or item.get("thumbnail_url")),
            category_path=tuple(filter(None, (texts.clean(one.get("name")) for one in trail))),
            attributes={
                name: value
                for group in rows(item.get("specifications"))
                for one in rows(group.get("attributes"))
                if (name := texts.clean(one.get("name"))) and (value := texts.clean(one.get("value")))
            },
            sold_count=_sold(item),
            review_count=texts.count(item.get("review_count")),
            rating=texts.rating(item.get("rating_average")),
        )


def _is_product(item: dict[str, Any]) -> bool:
    """Tell a product by its address, or by what else only a product has."""
    if not item.get("name") or "price" not in item:
        return False
    known = texts.count(item.get("id")) is not None and "inventory_status" in item
    return known or _address(item) is not None


def _address(item: dict[str, Any]) -> str | None:
    """Return the product's address with the seller's offer (``spid``), where it stands."""
    for name in ("url_path", "short_url", "url", "url_key"):
        given = item.get(name)
        if isinstance(given, str) and id_of(given):
            return texts.address(given if name != "url_key" else f"{given}.html", _SITE)
    return None


def _sold(item: dict[str, Any]) -> int | None:
    for value in (at(item, "quantity_sold", "value"), item.get("all_time_quantity_sold"), item.get("order_count")):
        number = texts.count(value)
        if number is not None:
            return number
    return shown_count(at(item, "quantity_sold", "text"))


class OneProduct(ProductsPage):
    """One product: the answer below ``/api/v2/products/``, or a product page's state."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether there is a product, or the answer that there is none."""
        return self.lone is not None or self.says_removed() is not None

    def says_removed(self) -> str | None:
        """Return the words with which the service says that it knows no such product."""
        if self.lone is not None or not isinstance(self.document, dict) or self.document.get("data"):
            return None
        error = self.document.get("error")
        said = (self.document.get("message"), at(error, "message"), error)
        words = " ".join(filter(None, map(texts.clean, said)))
        return words[:200] if _NOT_FOUND.search(words) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the product."""
        if self.lone is not None:
            yield from self.read(self.lone)


class ProductList(ProductsPage):
    """Products in a list: a search, a category, a shop."""

    kind = PageKind.SEARCH

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects."""
        return [one for one in having(self.source, "name", "price") if _is_product(one)]

    def fits(self) -> bool:
        """Tell whether there are products, or a list without any."""
        return self.lone is None and (bool(self.products) or self.says_empty())

    def says_empty(self) -> bool:
        """Tell whether the list is empty and its paging counts none."""
        return not self.products and any(
            one.get("data") == [] and not at(one, "paging", "total") for one in having(self.source, "data", "paging")
        )

    def next_page(self) -> bool | None:
        """Tell by the paging whether more follow."""
        paging = next((one for one in having(self.source, "current_page", "last_page")), None)
        here, last = texts.count(at(paging, "current_page")), texts.count(at(paging, "last_page"))
        return here < last if here is not None and last is not None else None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for item in self.products:
            yield from self.read(item)


class RenderedRows(MarketPage):
    """A result page without its state: as a browser renders it, or as it was served to about 2020 (``data-title``)."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The product cards."""
        return list(self.css('a.product-item, a[data-view-id="product_list_item"], div.product-item[data-title]'))

    def fits(self) -> bool:
        """Tell whether there are cards."""
        return self.document is None and bool(self.cards)

    def listings(self) -> Iterator[Listing]:
        """Yield the cards."""
        for card in self.cards:
            url = _counted(texts.address(attribute(card, "href") or card.css("a::attr(href)").get(), _SITE))
            leaves = [text for text in map(shown, card.xpath(".//*[not(*)]")) if text]
            words = self.text_of(".price-discount__price", card) or next(filter(_PRICE.match, leaves), None)
            offer = self.money(words)
            exact = price(attribute(card, "data-price")) or (offer.amount or None if offer else None)
            sold = next((text for text in leaves if "Đã bán" in text), None)
            yield from self.listing(
                title=texts.first(
                    attribute(card, "data-title"), self.text_of("h3", card), attribute(card.css("img"), "alt")
                ),
                listing_id=id_of(url) or texts.identity(attribute(card, "data-id")),
                url=url if id_of(url) else None,
                brand=attribute(card, "data-brand"),
                price=exact,
                currency="VND" if exact else None,
                sold_count=shown_count(sold),
                image_urls=texts.addresses(card.css("picture img::attr(src), img::attr(src)").getall()[:1]),
            )


class ProductPage(StructuredPage):
    """A product page as made for search engines."""

    kind = PageKind.PRODUCT

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the id in the address."""
        return id_of(url) or id_of(str(node.get("url"))) or super().identify(node, url)


PAGES = (OneProduct, ProductList, ProductPage, RenderedRows)
