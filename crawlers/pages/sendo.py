"""Sendo: the answers of its product and list services, the state in pages, structured data. Prices are whole đồng.

``final_price`` (``sale_price_min`` in lists) is what a buyer pays; ``price`` (``default_price_min``) is the price
before, where both stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.counts import shown_count
from crawlers.families.embedded import at, having, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import Money, price

_SITE = "https://www.sendo.vn/"
_ID = re.compile(r"-(\d{5,12})(?:\.html)?/?(?:[?#]|$)")
_PATHS = ("cat_path", "category_path", "product_path", "deep_link", "product_link", "product_url", "url", "url_key")
_PAID = ("final_price", "sale_price_min", "sale_price", "special_price")
_PAID_MOST = ("final_price_max", "max_final_price", "sale_price_max")
_BEFORE = ("price", "default_price_min", "default_price", "default_price_max")
_MOST = ("price_max", "max_price")
_PICTURES = ("image", "img_url", "thumbnail_url", "original_img_url")
_PRICE = re.compile(r"[\d.]+\s?[đ₫](?:\s?-\s?[\d.]+\s?[đ₫])?")
_NOT_FOUND = re.compile(r"not[ _]?found|không tìm thấy|không tồn tại|ngừng kinh doanh", re.IGNORECASE)


def id_of(url: str | None) -> str | None:
    """Return the product id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class SendoPage(MarketPage):
    """What carries product objects; subclasses say which of them the page is about."""

    @cached_property
    def source(self) -> Any:
        """The answer, or the state the page carries."""
        if self.document is not None:
            return self.document
        return self.state("window.__INITIAL_STATE__", "__INITIAL_STATE__") or self.next_data

    @cached_property
    def lone(self) -> dict[str, Any] | None:
        """The product the page is about."""
        found = at(self.source, "data")
        if self.document is None:
            found = next(having(self.source, "name", "shop_info", "description_info"), None)
        return found if isinstance(found, dict) and found.get("name") and _path(found) else None

    def read(self, item: dict[str, Any]) -> Iterator[Listing]:
        """Yield the listing of one product object."""
        url = _path(item)
        low, high, before = _prices(item)
        shop = next((one for name in ("shop_info", "shop") if isinstance(one := item.get(name), dict)), {})
        media = [one.get("image") for one in rows(item.get("media")) if one.get("type", "image") == "image"]
        about = item.get("description_info")
        yield from self.listing(
            title=item.get("name"),
            listing_id=id_of(url) or texts.identity(item.get("product_id") or item.get("id")),
            url=url,
            description=texts.clean(at(about, "description")),
            brand=texts.clean(at(item, "brand_info", "name")),
            price=low,
            price_max=high,
            list_price=before,
            currency="VND" if low else None,
            availability={"1": "in_stock", "0": "out_of_stock"}.get(str(item.get("stock_status"))),
            seller_id=texts.identity(
                shop.get("shop_id") or shop.get("id") or item.get("shop_id") or item.get("seller_admin_id")
            ),
            seller_name=texts.first(shop.get("shop_name"), shop.get("name"), item.get("shop_name")),
            seller_url=texts.address(shop.get("shop_url") or shop.get("url"), _SITE),
            ship_from=texts.first(
                shop.get("warehourse_region_name"),
                shop.get("warehouse_region_name"),
                shop.get("ware_house_region_name"),
                item.get("shop_warehouse_city"),
            ),
            image_urls=texts.addresses([item.get(name) for name in _PICTURES] + media),
            category_path=tuple(
                filter(None, (texts.clean(one.get("title")) for one in rows(item.get("category_info"))))
            ),
            attributes={
                name: value
                for one in rows(at(about, "attributes"))
                if (name := texts.clean(one.get("name"))) and (value := texts.clean(one.get("value")))
            },
            sold_count=_sold(item),
            review_count=texts.count(at(item, "rating_info", "total_rated") or at(item, "rated", "total_rated")),
            rating=texts.rating(
                at(item, "rating_info", "percent_star")
                if texts.count(at(item, "rating_info", "total_rated"))
                else at(item, "rated", "star")
            ),
        )


def _path(item: dict[str, Any]) -> str | None:
    """Return the product's address, which ends with its id."""
    for name in _PATHS:
        given = item.get(name)
        if isinstance(given, str) and id_of(given):
            ending = ".html" if name == "url_key" and not given.endswith(".html") else ""
            url = texts.address(given + ending, _SITE)
            return url.partition("?")[0] if url else None
    return None


def _prices(item: dict[str, Any]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return what is paid (lowest and highest) and the price before, where it is higher."""
    written = next((amount for name in _BEFORE if (amount := price(item.get(name)))), None)
    paid = next((amount for name in _PAID if (amount := price(item.get(name)))), None)
    most = next((amount for name in (_PAID_MOST if paid else _MOST) if (amount := price(item.get(name)))), None)
    low = paid or written
    return low, most if low and most and most > low else None, written if paid and written and written > paid else None


def _looks_offered(item: dict[str, Any]) -> bool:
    """Tell a product by its price and its address, or by what else only a product has."""
    if not any(name in item for name in (*_PAID, *_BEFORE)):
        return False
    if _path(item):
        return True
    pictured = any(isinstance(item.get(name), str) for name in _PICTURES)
    return (
        pictured and texts.count(item.get("product_id") or item.get("id")) is not None and _prices(item)[0] is not None
    )


def _sold(item: dict[str, Any]) -> int | None:
    for name in ("order_count", "sold", "quantity_sold", "sold_text"):
        number = texts.count(item.get(name))
        if number is None:
            number = shown_count(item.get(name))
        if number is not None:
            return number
    return None


class ProductAnswer(SendoPage):
    """One product."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether there is a product, or the answer that there is none."""
        return self.lone is not None or self.says_removed() is not None

    def says_removed(self) -> str | None:
        """Return the words with which the service says that it knows no such product."""
        if not isinstance(self.document, dict) or self.document.get("data"):
            return None
        said = [self.document.get("message"), self.document.get("error"), at(self.document, "error", "message")]
        words = " ".join(filter(None, map(texts.clean, [*said, at(self.document, "status", "message")])))
        return words[:200] if _NOT_FOUND.search(words) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the product."""
        if self.lone is not None:
            yield from self.read(self.lone)


class ListAnswer(SendoPage):
    """Products in a list: a search, a category, a shop."""

    kind = PageKind.SEARCH

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects."""
        return [item for item in having(self.source, "name") if _looks_offered(item)]

    def fits(self) -> bool:
        """Tell whether there are products, or a list without any."""
        return self.lone is None and (bool(self.products) or self.says_empty())

    def says_empty(self) -> bool:
        """Tell whether the list of products is empty."""
        data = at(self.document, "data")
        nothing = data == [] or at(data, "products") == [] or at(data, "items") == []
        return not self.products and nothing

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        last = texts.count(at(self.document, "meta_data", "total_page"))
        here = texts.count(at(self.document, "meta_data", "current_page") or at(self.document, "meta_data", "page"))
        return here < last if last is not None and here is not None else None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for item in self.products:
            yield from self.read(item)


class RenderedRows(MarketPage):
    """A result page as a browser rendered it; class names change with every build, so rows are read by their kind."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The links that hold a product's picture and price, outside a product's own page."""
        if self.document is not None or id_of(self.own_url):
            return []
        links = [link for link in self.css('a[href*=".html"]') if id_of(attribute(link, "href")) and link.css("img")]
        return [link for link in links if self._prices(link)]

    def _prices(self, card: Selector) -> list[Money]:
        leaves = (shown(leaf) or "" for leaf in card.xpath(".//*[not(*)]"))
        return [read for text in leaves if _PRICE.fullmatch(text) and (read := self.money(text))]

    def fits(self) -> bool:
        """Tell whether there are cards."""
        return bool(self.cards)

    def listings(self) -> Iterator[Listing]:
        """Yield the cards; beside what is paid may stand the price before, which is higher."""
        for card in self.cards:
            paid = min(self._prices(card), key=lambda read: read.amount)
            url = texts.address(attribute(card, "href"), _SITE)
            photo = card.css("img")
            leaves = [text for text in map(shown, card.xpath(".//*[not(*)]")) if text]
            yield from self.listing(
                title=texts.first(attribute(photo, "alt"), max(leaves, key=len, default=None)),
                listing_id=id_of(url),
                url=url.partition("?")[0] if url else None,
                price=paid.amount or None,
                price_max=paid.upper,
                currency="VND" if paid.amount else None,
                image_urls=texts.addresses([attribute(photo, "src"), attribute(photo, "data-src")])[:1],
            )


class ProductPage(StructuredPage):
    """A product page as made for search engines."""

    kind = PageKind.PRODUCT

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the id in the address."""
        return id_of(url) or id_of(str(node.get("url"))) or super().identify(node, url)


PAGES = (ProductAnswer, ListAnswer, ProductPage, RenderedRows)
