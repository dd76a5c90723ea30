"""Shopee: API answers of the pages (v2 and v4), affiliate offers, structured data of product pages, rendered rows.

Prices are whole numbers times 100,000 in every country (read in answers of 2020 and 2023); affiliate offers have them
in major units. Since 2025 a card keeps its name beside its data: ``item_card_displayed_asset`` and ``item_data``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.counts import shown_count
from crawlers.families.embedded import at, having, rows
from crawlers.families.since import since
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, price

SCALE = 100_000
_IDS = re.compile(r"-i\.(\d+)\.(\d+)|/product/(\d+)/(\d+)")
_NOT_FOUND = re.compile(r"not[_ ]?(?:found|exist)|deleted|banned|delisted", re.IGNORECASE)
_PRICE = re.compile(r"^(?:[^\d\s]{1,3}\s?)[\d.,]+(?:\s?-\s?(?:[^\d\s]{1,3}\s?)?[\d.,]+)?$|^[\d.,]+\s?[₫đ]$")
_SOLD = re.compile(r"\bsold\b|terjual|đã bán|ขายแล้ว|已售出|vendidos?", re.IGNORECASE)
# What stands before since when a shop is there, by language; general knowledge, seen on no page we hold (2026-11-27).
_JOINED = frozenset({"Joined", "Bergabung", "Menyertai", "Tham Gia", "Tham gia", "เข้าร่วมเมื่อ", "加入時間"})
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
        return bool(self.items) or self._error() is not None or self._null or self.says_empty()

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

    @property
    def _null(self) -> bool:
        """Tell whether the answer is the older API's for an item it does not have."""
        answer = self.document if isinstance(self.document, dict) else {}
        return "version" in answer and "item" in answer and answer["item"] is None and not answer.get("error")

    def says_removed(self) -> str | None:
        """Return the error or the status of an item that is gone."""
        if self._null:
            return "the answer has no item"
        if self._error():
            return self._error()
        status = str(self.items[0].get("item_status")) if len(self.items) == 1 else ""
        return f"the item is {status}" if status in _GONE else None

    def says_empty(self) -> bool:
        """Tell whether the list of items is empty."""
        cards = at(self.source, "data", "centralize_item_card", "item_cards")
        return not self.items and bool(
            at(self.source, "items") == [] or cards == [] or at(self.source, "total_count") == 0
        )

    def next_page(self) -> bool | None:
        """Tell whether the answer says that there is no more."""
        done = next(
            (found for path in (("nomore",), ("data", "no_more")) if (found := at(self.source, *path)) is not None),
            None,
        )
        return not done if isinstance(done, bool) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the items that are offered."""
        for item in self.items:
            if str(item.get("item_status")) not in _GONE:
                yield from self._read(item)

    def _read(self, card: dict[str, Any]) -> Iterator[Listing]:
        item = {**card, **card["item_data"]} if isinstance(card.get("item_data"), dict) else card
        about = at(self.source, "data") if card is at(self.source, "data", "item") else None
        number, shop = _number(card, "item"), _number(card, "shop")
        low, high = _prices(item)
        if low is None:
            low, high = _range(at(about, "product_price", "price"))
        before = item.get("price_min_before_discount") or item.get("price_before_discount")
        struck = price(before, SCALE) or price(at(item, "item_card_display_price", "strikethrough_price"), SCALE)
        asset = item.get("item_card_displayed_asset")
        names = item.get("images") or at(about, "product_images", "images") or at(asset, "images")
        names = names or [item.get("image") or at(asset, "image")]
        details = at(about, "shop_detailed") or at(about, "shop_info") or item.get("shop_data") or {}
        counts = item.get("item_card_display_sold_count") or at(about, "product_review")
        yield from self.listing(
            title=_title(item),
            listing_id=number,
            url=self.item_url(shop, number),
            description=texts.clean(item.get("description")),
            brand=texts.clean(item.get("brand")),
            price=low,
            price_max=high,
            list_price=struck,
            currency=(currency_code(item.get("currency")) or self.local_currency) if low else None,
            availability=_stock(item),
            seller_id=shop,
            seller_name=texts.first(
                item.get("shop_name"),
                at(details, "name"),
                at(details, "shop_name"),
                at(details, "account", "username"),
            ),
            seller_since=since(at(details, "ctime")),
            ship_from=texts.first(item.get("shop_location"), at(asset, "shop_location"), at(details, "shop_location")),
            image_urls=texts.addresses([self.picture(name) for name in names] if isinstance(names, list) else []),
            category_path=tuple(filter(None, (texts.clean(one.get("display_name")) for one in _trail(item)))),
            attributes={
                str(one["name"]): str(one["value"])
                for one in rows(item.get("attributes")) or rows(at(about, "product_attributes", "attrs"))
                if one.get("name") and one.get("value")
            },
            sold_count=texts.count(
                item.get("historical_sold")
                or item.get("sold")
                or at(counts, "historical_sold_count")
                or at(counts, "historical_sold")
            ),
            review_count=texts.count(item.get("cmt_count") or at(about, "product_review", "cmt_count")),
            rating=texts.rating(at(item, "item_rating", "rating_star") or at(about, "product_review", "rating_star")),
        )


def _stock(item: dict[str, Any]) -> str | None:
    """Return whether the item can be bought; "sold out" is said in words or by an empty stock."""
    if item.get("is_sold_out") is True or item.get("item_status") == "sold_out":
        return "sold_out"
    left = item.get("stock") if item.get("stock") is not None else item.get("normal_stock")
    return None if not isinstance(left, int) else "in_stock" if left > 0 else "out_of_stock"


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


def _range(shown: Any) -> tuple[Decimal | None, Decimal | None]:
    """Return the price a product's answer shows beside the item: one value, or a range."""
    low = price(at(shown, "single_value"), SCALE) or price(at(shown, "range_min"), SCALE)
    high = price(at(shown, "range_max"), SCALE)
    return low, high if low and high and high > low else None


class OffersAnswer(ShopeePage):
    """Product offers as the affiliate API answers them: prices in major units, as text."""

    kind = PageKind.API

    @cached_property
    def offers(self) -> list[dict[str, Any]]:
        """The offer objects."""
        return list(having(self.document, "itemId", "productName"))

    def fits(self) -> bool:
        """Tell whether there are offers."""
        return bool(self.offers)

    def site_clues(self) -> Iterator[str | None]:
        """Yield the address of the first offer."""
        yield next((str(one.get("productLink")) for one in self.offers), None)

    def next_page(self) -> bool | None:
        """Tell by the page's facts whether more follow."""
        more = next((one["hasNextPage"] for one in having(self.document, "hasNextPage")), None)
        return more if isinstance(more, bool) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the offers."""
        for offer in self.offers:
            low = price(offer.get("priceMin")) or price(offer.get("price"))
            high = price(offer.get("priceMax"))
            number, shop = texts.identity(offer.get("itemId")), texts.identity(offer.get("shopId"))
            yield from self.listing(
                title=offer.get("productName"),
                listing_id=number,
                url=texts.address(offer.get("productLink")) or self.item_url(shop, number),
                price=low,
                price_max=high if low and high and high > low else None,
                currency=self.local_currency if low else None,
                seller_id=shop,
                seller_name=texts.clean(offer.get("shopName")),
                image_urls=texts.addresses(offer.get("imageUrl")),
                sold_count=texts.count(offer.get("sales")),
                rating=texts.rating(offer.get("ratingStar")),
            )


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
        joined = next(
            (shown(label.xpath("following-sibling::*[1]")) for label in self.css("label") if shown(label) in _JOINED),
            None,
        )
        return {**super().seller_of(seller), "seller_id": found[0] if found else None, "seller_since": since(joined)}


class RenderedRows(ShopeePage):
    """A result page as a browser rendered it; class names change with every build, so rows are read by their kind."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The cards' links."""
        found = self.css(
            '[data-sqe="item"] a[href], .shopee-search-item-result__item a[href]'
            ", .shop-search-result-view__item a[href], li.col-xs-2-4 a[href]"
        )
        found = found or self.css('[data-sqe="link"][href]') or self.css('a.contents[href*="-i."]')
        return [link for link in found if ids_of(attribute(link, "href"))]

    def fits(self) -> bool:
        """Tell whether there are cards, and the page is no item's own."""
        return self.document is None and bool(self.cards) and ids_of(self.own_url) is None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the address of the first card."""
        yield from (attribute(card, "href") for card in self.cards[:1])

    def listings(self) -> Iterator[Listing]:
        """Yield the cards; of a price and the struck one before it the lower is paid."""
        for card in self.cards:
            shop, number = ids_of(attribute(card, "href")) or (None, None)
            words = [text for text in map(shown, card.xpath(".//*")) if text]
            priced = [read for text in words if _PRICE.match(text) and (read := self.money(text))]
            offers = [read for read in priced if read.amount and read.currency]  # "x5" is no price
            offer = min(offers, key=lambda read: read.amount, default=None)
            leaves = [text for text in map(shown, card.xpath(".//*[not(*)]")) if text]
            sold = next((text for text in leaves if _SOLD.search(text)), None)
            pictures = card.css("img[alt]")
            yield from self.listing(
                title=texts.first(
                    self.text_of('[data-sqe="name"], .line-clamp-2', card), attribute(pictures, "alt").strip()
                ),
                listing_id=number,
                url=texts.address(attribute(card, "href").partition("?")[0], self.origin),
                price=offer.amount if offer else None,
                price_max=offer.upper if offer else None,
                currency=(self.local_currency or offer.currency) if offer else None,
                seller_id=shop,
                sold_count=shown_count(sold),
                image_urls=texts.addresses(pictures.css("::attr(data-src), ::attr(src)").getall())[:1],
            )


PAGES = (ItemsAnswer, OffersAnswer, ProductPage, RenderedRows)
