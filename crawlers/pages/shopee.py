"""Shopee: API answers of the pages (v2 and v4), and the structured data of product pages made for search engines.

Prices are whole numbers times 100,000 in every country (read in answers of 2020 and 2023).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, having, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, price

SCALE = 100_000
_IDS = re.compile(r"-i\.(\d+)\.(\d+)|/product/(\d+)/(\d+)")
_NOT_FOUND = re.compile(r"not[_ ]?(?:found|exist)|deleted|banned|delisted", re.IGNORECASE)
_GONE = frozenset({"deleted", "banned", "reviewing", "delisted", "unlist", "unlisted"})


def ids_of(url: str | None) -> tuple[str, str] | None:
    """Return shop id and item id in an address."""
    found = _IDS.search(url or "")
    if not found:
        return None
    return (found.group(1), found.group(2)) if found.group(1) else (found.group(3), found.group(4))


class ShopeePage(MarketPage):
    """What Shopee's pages share."""

    def item_url(self, shop: str | None, item: str | None) -> str | None:
        """Return the short address of an item on the page's own site."""
        return f"{self.origin}/product/{shop}/{item}" if self.origin and shop and item else None

    def picture(self, name: Any) -> str | None:
        """Return the address of a picture from its hash; every country's host serves every picture."""
        if not isinstance(name, str) or not name:
            return None
        if "//" in name:
            return texts.address(name)
        return f"https://down-{(self.country or 'sg').lower()}.img.susercontent.com/file/{name}"


class ItemsAnswer(ShopeePage):
    """Answers with items: a search, a shop's list, one item, or the state in a product page."""

    kind = PageKind.API

    @cached_property
    def source(self) -> Any:
        """The answer, or the state the page carries."""
        if self.document is not None:
            return self.document
        states = embedded.script_json(self.css('script[type="text/mfe-initial-data"]::text').getall())
        return next((state for state in states if at(state, "initialState")), None)

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The item objects: the one the answer is about, else every one that is in a list."""
        for lone in (at(self.source, "data", "item"), at(self.source, "item"), at(self.source, "data")):
            if isinstance(lone, dict) and _number(lone, "item") and _title(lone):
                return [lone]
        return [
            item
            for item in embedded.objects(self.source)
            if _number(item, "item") and _number(item, "shop") and _title(item)
        ]

    def fits(self) -> bool:
        """Tell whether there are items, or the answer of an item that is gone."""
        return bool(self.items) or self._error() is not None or isinstance(at(self.source, "items"), list)

    def site_clues(self) -> Iterator[str | None]:
        """Yield the site that sells in the items' currency, and addresses in the answer."""
        manifest = self.place.manifest
        codes = {currency_code(item.get("currency")) for item in self.items[:3]}
        for site in manifest.sites if manifest else ():
            if site.currency in codes:
                yield f"https://{site.domain}"
        yield next((item["url"] for item in having(self.source, "url") if "shopee." in str(item["url"])), None)

    def _error(self) -> str | None:
        words = str(at(self.source, "error_msg") or at(self.source, "error") or "")
        return words if _NOT_FOUND.search(words) else None

    def says_removed(self) -> str | None:
        """Return the error or the status of an item that is gone."""
        if self._error():
            return self._error()
        status = str(self.items[0].get("item_status")) if len(self.items) == 1 else ""
        return f"the item is {status}" if status in _GONE else None

    def says_empty(self) -> bool:
        """Tell whether the list of items is empty."""
        return bool(at(self.source, "items") == [] or at(self.source, "total_count") == 0)

    def next_page(self) -> bool | None:
        """Tell whether the answer says that there is no more."""
        done = at(self.source, "nomore")
        return not done if isinstance(done, bool) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the items that are offered."""
        for item in self.items:
            if item.get("item_status") not in _GONE:
                yield from self._read(item)

    def _read(self, item: dict[str, Any]) -> Iterator[Listing]:
        number, shop = _number(item, "item"), _number(item, "shop")
        low, high = _prices(item)
        names = item.get("images") or at(self.source, "data", "product_images", "images") or [item.get("image")]
        stock = item.get("stock") if item.get("stock") is not None else item.get("normal_stock")
        details = at(self.source, "data", "shop_detailed") or at(self.source, "data", "shop_info") or {}
        yield from self.listing(
            title=_title(item),
            listing_id=number,
            url=self.item_url(shop, number),
            description=texts.clean(item.get("description")),
            brand=texts.clean(item.get("brand")),
            price=low,
            price_max=high,
            list_price=price(item.get("price_min_before_discount") or item.get("price_before_discount"), SCALE),
            currency=(currency_code(item.get("currency")) or self.local_currency) if low else None,
            availability=None if not isinstance(stock, int) else "in_stock" if stock > 0 else "out_of_stock",
            seller_id=shop,
            seller_name=texts.first(item.get("shop_name"), at(details, "name"), at(details, "account", "username")),
            ship_from=texts.clean(item.get("shop_location")),
            image_urls=texts.addresses([self.picture(name) for name in names] if isinstance(names, list) else []),
            category_path=tuple(filter(None, (texts.clean(one.get("display_name")) for one in _trail(item)))),
            attributes={
                str(one["name"]): str(one["value"])
                for one in rows(item.get("attributes"))
                if one.get("name") and one.get("value")
            },
            sold_count=texts.count(item.get("historical_sold") or item.get("sold")),
            review_count=texts.count(item.get("cmt_count")),
            rating=texts.rating(at(item, "item_rating", "rating_star")),
        )


def _trail(item: dict[str, Any]) -> list[dict[str, Any]]:
    return rows(item.get("categories") or item.get("fe_categories"))


def _number(item: dict[str, Any], what: str) -> str | None:
    return texts.identity(item.get(f"{what}id") or item.get(f"{what}_id"))


def _title(item: dict[str, Any]) -> str | None:
    return texts.first(item.get("name"), item.get("title"), at(item, "item_card_displayed_asset", "name"))


def _prices(item: dict[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    """Return lowest and highest price of the item's models; -1 stands where Shopee hides a price."""
    shown = at(item, "item_card_display_price", "price")
    low = price(item.get("price_min"), SCALE) or price(item.get("price"), SCALE) or price(shown, SCALE)
    high = price(item.get("price_max"), SCALE)
    return low, high if low and high and high > low else None


class ProductPage(ShopeePage, StructuredPage):
    """A product page as made for search engines: JSON-LD."""

    kind = PageKind.PRODUCT

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the item id in the address."""
        found = ids_of(url) or ids_of(str(node.get("url")))
        return found[1] if found else super().identify(node, url)

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller with the shop id in the address."""
        found = ids_of(self.own_url)
        return {**super().seller_of(seller), "seller_id": found[0] if found else None}


PAGES = (ItemsAnswer, ProductPage)
