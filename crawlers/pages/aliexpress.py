"""AliExpress: item page state in its three generations, result page state, rendered item pages, vendor answers.

``window.runParams.data`` holds modules named ``priceModule`` (to 2022), ``priceComponent`` (2023-2024) or ``PRICE``
(since 2024). Prices are in the currency of the visitor, which the state names; formatted texts follow the visitor's
language ("MXN$1.986,69" is 1986.69), so the numbers beside them are read.
"""

from __future__ import annotations

import json
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
from crawlers.families.embedded import at, having, items, rows
from crawlers.families.since import since, years_ago
from crawlers.families.structured import StructuredPage
from crawlers.money import Money, currency_code, money, price

_ID = re.compile(r"/(?:item|i)/(?:[^/?#]*/)?(\d{8,20})(?:\.html|[?#]|$)")
_STORE = re.compile(r"/store/(?:[^/?#]*/)*?(\d{5,15})(?=[/?#.]|$)")
_BUNDLE = re.compile(r"[?&]productIds=(\d{8,20})")
_ONE_PRICE = re.compile(r"(?:[A-Z]{2,3}\s?)?\D{0,3}\d[\d.,\s]*(?:-\s?\D{0,5}\d[\d.,\s]*)?\D{0,4}")
_SHOWN = ".//*[self::div or self::span][not(ancestor-or-self::*[contains(@style, 'line-through')])]"
_WITHOUT_CENTS = frozenset({"JPY", "KRW"})
_HREF = re.compile(r'href="([^"]+)"')


def id_of(url: str | None) -> str | None:
    """Return the item id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


def id_of_bundle(url: str | None) -> str | None:
    """Return the first item id in the address of a bundle of deals."""
    found = _BUNDLE.search(url or "")
    return found.group(1) if found else None


class AliexpressPage(MarketPage):
    """What AliExpress pages share."""

    def item_url(self, number: str | None) -> str | None:
        """Return the short address of an item on the page's own site; the international one where none is known."""
        return f"{self.origin or 'https://www.aliexpress.com'}/item/{number}.html" if number else None


class ItemState(AliexpressPage):
    """An item page by its state; the state alone, saved as a script, will do."""

    kind = PageKind.PRODUCT

    @cached_property
    def data(self) -> dict[str, Any]:
        """The modules of the item page, or an empty table."""
        found = (
            self.document if self.document is not None else self.state("window.runParams", "runParams", "_init_data_")
        )
        for candidate in (
            at(found, "data"),
            at(found, "data", "data"),
            at(found, "data", "result"),
            at(found, "data", "root", "fields"),
            found,
        ):
            if isinstance(candidate, dict) and any(
                name in candidate for name in ("productInfoComponent", "titleModule", "PRODUCT_TITLE", "GLOBAL_DATA")
            ):
                return candidate
        return {}

    def part(self, *names: str) -> Any:
        """Return the first module there is of ``names``."""
        return next((self.data[name] for name in names if isinstance(self.data.get(name), dict)), None)

    def fits(self) -> bool:
        """Tell whether the state is that of an item page."""
        return bool(self.data)

    @cached_property
    def canonical(self) -> str | None:
        """The item's address as the state gives it."""
        tag = _HREF.search(str(at(self.part("metaDataComponent"), "canonicalTag") or ""))
        page = self.part("pageModule", "metaDataComponent")
        given = tag.group(1) if tag else at(page, "itemDetailUrl") or at(page, "ogurl")
        return texts.address(given, "https://www.aliexpress.com")

    def site_clues(self) -> Iterator[str | None]:
        """Yield the item's address."""
        yield self.canonical

    @cached_property
    def number(self) -> str | None:
        """The item's id."""
        info = self.part("productInfoComponent", "actionModule", "commonModule")
        return (
            texts.identity(at(info, "idStr") or at(info, "productId") or at(info, "id"))
            or texts.identity(at(self.part("GLOBAL_DATA"), "globalData", "productId"))
            or id_of(self.canonical)
            or id_of(self.own_url)
        )

    def listings(self) -> Iterator[Listing]:
        """Yield the item. Its status is not looked at: an item on sale was seen with 0 and with 1 (2024)."""
        low, high, code = self._prices()
        before = price(
            at(self.part("priceComponent"), "origPrice", "minAmount", "value")
            or at(self.part("priceModule"), "minAmount", "value")
            or at(self.offer, "originalPrice", "value")
        )
        pictures = at(self.part("imageComponent", "imageModule", "HEADER_IMAGE_PC"), "imagePathList")
        feedback = self.part("feedbackComponent", "PC_RATING") or at(self.part("titleModule"), "feedbackRating")
        yield from self.listing(
            title=texts.first(
                at(self.part("productInfoComponent"), "subject"),
                at(self.part("titleModule"), "subject"),
                at(self.part("PRODUCT_TITLE"), "text"),
                at(self.part("GLOBAL_DATA"), "globalData", "subject"),
            ),
            listing_id=self.number,
            url=self.canonical if id_of(self.canonical) else self.item_url(self.number),
            price=low,
            price_max=high,
            list_price=before if before and low and before > low else None,
            currency=code if low else None,
            availability=self._stock(),
            **self._store(),
            ship_from=self._ship_from(),
            image_urls=texts.addresses(pictures),
            category_path=tuple(filter(None, (texts.clean(step.get("name")) for step in self._trail()))),
            attributes=self._properties(),
            sold_count=shown_count(
                at(self.part("tradeComponent"), "formatTradeCount")
                or at(self.part("titleModule"), "tradeCount")
                or at(self.part("PC_RATING"), "otherText")
            ),
            review_count=texts.count(at(feedback, "totalValidNum")),
            rating=texts.rating(at(feedback, "evarageStar") or at(feedback, "averageStar") or at(feedback, "rating")),
        )

    def _prices(self) -> tuple[Decimal | None, Decimal | None, str | None]:
        """Return the activity price where there is one, else the regular one."""
        old, part = self.part("priceModule"), self.part("priceComponent")
        pairs = (
            (at(part, "discountPrice", "minActivityAmount"), at(part, "discountPrice", "maxActivityAmount")),
            (at(part, "origPrice", "minAmount"), at(part, "origPrice", "maxAmount")),
            (at(old, "minActivityAmount"), at(old, "maxActivityAmount")),
            (at(old, "minAmount"), at(old, "maxAmount")),
        )
        for least, most in pairs:
            low, high = price(at(least, "value")), price(at(most, "value"))
            if low:
                return (
                    low,
                    high if high and high > low else None,
                    currency_code(at(least, "currency")) or self._currency(),
                )
        read = self._shown_price()
        return (read.amount, read.upper, read.currency or self._currency()) if read else (None, None, None)

    @cached_property
    def offer(self) -> Any:
        """The price object of the chosen variant in the newest state."""
        part = self.part("PRICE")
        chosen = texts.identity(at(part, "selectedSkuId"))
        tables = [at(part, name) for name in ("skuIdStrPriceInfoMap", "skuPriceInfoMap")]
        return at(part, "targetSkuPriceInfo") or next(
            (at(one, chosen) for one in tables if chosen and at(one, chosen)), None
        )

    def _shown_price(self) -> Money | None:
        """Read the newest state, which has texts and cents; without a chosen variant, those of all variants."""
        amount = price(at(self.offer, "salePriceLocal", "value")) or price(at(self.offer, "salePrice", "value"))
        if amount:
            return Money(amount, None, currency_code(at(self.offer, "salePrice", "currency")))
        for words in (at(self.offer, "salePriceString"), at(self.offer, "originalPrice", "formatedAmount")):
            read = self._local(words)
            if read:
                return read
        table = at(self.part("PRICE"), "skuPriceInfoMap")
        prices = table.values() if isinstance(table, dict) else ()
        variants = [read for one in prices if (read := self._local(at(one, "salePriceString")))]
        if not variants:
            return None
        amounts = sorted(read.amount for read in variants)
        return Money(amounts[0], amounts[-1] if amounts[-1] > amounts[0] else None, variants[0].currency)

    def _local(self, words: Any) -> Money | None:
        """Read a price text in the light of the currency the state names: "$" is then that currency's."""
        read = money(words, self._currency() or self.local_currency)
        return read if read and read.amount else None

    def _currency(self) -> str | None:
        return (
            currency_code(at(self.part("currencyComponent"), "currencyCode"))
            or currency_code(at(self.part("webEnv"), "currency"))
            or currency_code(at(self.part("GLOBAL_DATA"), "globalData", "currencyCode"))
        )

    def _store(self) -> dict[str, Any]:
        store = self.part("sellerComponent", "storeModule", "SHOP_CARD_PC") or {}
        info = at(store, "sellerInfo") or store
        url = texts.address(at(info, "storeURL") or at(store, "storeHomePage"), "https://www.aliexpress.com")
        found = _STORE.search(url or "")
        number = texts.identity(at(info, "storeNum")) or (found.group(1) if found else None)
        return {
            "seller_name": texts.first(
                at(store, "storeName"),
                at(info, "storeName"),
                at(self.part("storeHeaderComponent"), "storeHeaderResult", "storeName"),
            ),
            "seller_id": number,
            "seller_url": url,
            "seller_country": texts.first(at(info, "countryCompleteName")),
            "seller_since": since(at(info, "openTime")) or years_ago(at(info, "openedYear")),
        }

    def _ship_from(self) -> str | None:
        freight = self.part("webGeneralFreightCalculateComponent", "generalFreightInfo", "SHIPPING")
        return next(
            (texts.clean(one["shipFromCode"]) for one in having(freight, "shipFromCode") if one["shipFromCode"]), None
        )

    def _stock(self) -> str | None:
        stock = self.part("inventoryComponent", "quantityModule")
        number = texts.count(at(stock, "totalAvailQuantity"))
        if number is None:
            number = texts.count(at(self.part("QUANTITY_PC"), "totalAvailableInventory"))
        return None if number is None else "in_stock" if number else "out_of_stock"

    def _trail(self) -> list[dict[str, Any]]:
        return rows(
            at(self.part("breadcrumbComponent"), "pathList") or at(self.part("crossLinkModule"), "breadCrumbPathList")
        )

    def _properties(self) -> dict[str, str]:
        part = self.part("productPropComponent", "specsModule", "PRODUCT_PROP_PC")
        found = rows(at(part, "props") or at(part, "showedProps"))
        return {
            str(one["attrName"]): str(one["attrValue"]) for one in found if one.get("attrName") and one.get("attrValue")
        }


class ResultRows(AliexpressPage):
    """A result page by its state (``_init_data_``, ``runParams``), or the rows alone as JSON."""

    kind = PageKind.SEARCH

    @cached_property
    def source(self) -> Any:
        """The JSON the rows stand in."""
        if self.document is not None:
            return self.document
        return self.state("_init_data_", "window._dida_config_._init_data_", "window.runParams", "runParams")

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The row objects, in the order of the page."""
        return [row for row in having(self.source, "productId", "title") if isinstance(row["title"], (dict, str))]

    def fits(self) -> bool:
        """Tell whether there are rows, or a result list without any."""
        return bool(self.rows) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the page info counts no results."""
        counted = next((info["totalResults"] for info in having(self.source, "totalResults")), None)
        return not self.rows and counted in (0, "0")

    def next_page(self) -> bool | None:
        """Tell by the page info whether more pages follow."""
        info = next(having(self.source, "totalResults", "page", "pageSize"), {})
        total, page, size = (texts.count(info.get(name)) for name in ("totalResults", "page", "pageSize"))
        return page * size < total if total is not None and page and size else None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows; a listing that stands twice at two prices has none that is sure."""
        for row in self.rows:
            number = texts.identity(row["productId"])
            title = row["title"]
            store = row.get("store") if isinstance(row.get("store"), dict) else {}
            low, high, code = self._prices(row)
            pictures = [
                at(row, "image", "imgUrl") or row.get("imageUrl"),
                *(one.get("imgUrl") for one in rows(row.get("images"))),
            ]
            sold = re.match(r"([\d,.]+)", str(at(row, "trade", "tradeDesc") or row.get("tradeDesc") or ""))
            yield from self.listing(
                title=texts.first(at(title, "displayTitle"), at(title, "seoTitle"))
                if isinstance(title, dict)
                else title,
                listing_id=number,
                url=self.item_url(number),
                price=low,
                price_max=high,
                list_price=price(at(row, "prices", "originalPrice", "minPrice")),
                currency=code if low else None,
                seller_id=texts.identity(at(store, "storeId")),
                seller_name=texts.first(at(store, "storeName"), self._advertiser(row)),
                seller_url=texts.address(at(store, "storeUrl"), "https://www.aliexpress.com"),
                image_urls=texts.addresses(pictures),
                rating=texts.rating(at(row, "evaluation", "starRating")),
                sold_count=texts.count(re.sub(r"[.,]", "", sold.group(1))) if sold else None,
            )

    def _prices(self, row: dict[str, Any]) -> tuple[Decimal | None, Decimal | None, str | None]:
        for offer in (at(row, "prices", "salePrice"), at(row, "prices", "originalPrice")):
            low = price(at(offer, "minPrice")) or price(
                at(offer, "cent"), 1 if at(offer, "currencyCode") in _WITHOUT_CENTS else 100
            )
            high = price(at(offer, "maxPrice"))
            if low:
                return low, high if high and high > low else None, currency_code(at(offer, "currencyCode"))
        read = self.money(row.get("price"))
        return (read.amount or None, read.upper, read.currency) if read else (None, None, None)

    def _advertiser(self, row: dict[str, Any]) -> str | None:
        """Return the store an advertisement row names; other rows of the 2025 layout name none."""
        written = at(row, "trace", "custom", "p4pExtendParam")
        try:
            return texts.clean(at(json.loads(written), "store_name")) if isinstance(written, str) else None
        except ValueError:
            return None


class RenderedCards(AliexpressPage):
    """A result page as a browser rendered it, and the list to 2019; names of classes change with every build."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> dict[str, Selector]:
        """What holds each card, by item id; a link inside a link ends the outer one, so the link is not enough."""
        found: dict[str, Selector] = {}
        for link in self.css("a.search-card-item, li.list-item a.product"):
            number = id_of(attribute(link, "href")) or id_of_bundle(attribute(link, "href"))
            around = link.xpath("ancestor::*[contains(@class, 'search-item-card-wrapper') or self::li][1]")
            if number:
                found.setdefault(number, around[0] if around else link)
        return found

    def fits(self) -> bool:
        """Tell whether there are cards."""
        return self.document is None and bool(self.cards)

    def listings(self) -> Iterator[Listing]:
        """Yield the cards; the first price that is not struck through is the one to pay."""
        for number, card in self.cards.items():
            store = card.css('a[href*="/store/"]')
            address = texts.address(attribute(store, "href"), self.origin)
            seller = _STORE.search(address or "")
            photo = card.css("img.picCore, img")
            read = next(filter(None, map(self._price, card.xpath(_SHOWN))), None)
            yield from self.listing(
                title=texts.first(
                    self.text_of("h3", card), attribute(card.css("a.product"), "title"), attribute(photo, "alt")
                ),
                listing_id=number,
                url=self.item_url(number),
                price=read.amount if read else None,
                price_max=read.upper if read else None,
                currency=read.currency if read else None,
                seller_id=seller.group(1) if seller else None,
                seller_name=next((name for name in map(shown, store) if name), None),
                seller_url=address,
                image_urls=texts.addresses(attribute(photo, "image-src") or attribute(photo, "src"), self.origin),
            )

    def _price(self, element: Selector) -> Money | None:
        words = texts.clean(element.xpath("string()").get()) or ""
        read = self.money(words) if _ONE_PRICE.fullmatch(words) else None
        return read if read and read.amount and read.currency else None


class RenderedItem(AliexpressPage, StructuredPage):
    """An item page as a browser rendered it, without state."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page shows one item."""
        return self.document is None and bool(self.css("h1[data-pl]")) and id_of(self.own_url) is not None

    def listings(self) -> Iterator[Listing]:
        """Yield the item."""
        # Digits stand in elements of their own, so no blanks may come between them.
        price_shown = self.css('[class*="price-default--current"], [class*="price--current"], .product-price-current')
        offer = next(filter(None, (self.money(one.xpath("string()").get("").strip()) for one in price_shown)), None)
        store = self.css('a[data-pl="store-name"], a[class*="store-header--storeName"], a[href*="/store/"]')
        address = texts.address(attribute(store, "href"), self.origin)
        found = _STORE.search(address or "")
        yield from self.listing(
            title=self.text_of("h1[data-pl]"),
            listing_id=id_of(self.own_url),
            url=self.item_url(id_of(self.own_url)),
            price=offer.amount or None if offer else None,
            price_max=offer.upper if offer else None,
            currency=offer.currency if offer else None,
            seller_name=next((name for name in map(shown, store) if name), None),
            seller_id=found.group(1) if found else None,
            seller_url=address,
            image_urls=texts.addresses(
                self.css('[class*="slider--img"] img::attr(src), .images-view-item img::attr(src)').getall(),
                self.origin,
            )
            or texts.addresses(self.meta.get("og:image"), self.origin),
        )


class VendorItem(AliexpressPage):
    """An item detail as a data vendor answers it (``result.item``, ``result.seller``)."""

    kind = PageKind.API

    def fits(self) -> bool:
        """Tell whether the answer has an item."""
        return bool(at(self.document, "result", "item", "itemId"))

    def listings(self) -> Iterator[Listing]:
        """Yield the item."""
        result = at(self.document, "result")
        item, seller = at(result, "item"), at(result, "seller")
        default = at(item, "sku", "def")
        ranged = self.money(str(at(default, "promotionPrice") or at(default, "price") or ""))
        number = texts.identity(item.get("itemId"))
        yield from self.listing(
            title=item.get("title"),
            listing_id=number,
            url=self.item_url(number),
            price=ranged.amount or None if ranged else None,
            price_max=ranged.upper if ranged else None,
            currency=currency_code(at(result, "settings", "currency")) if ranged else None,
            availability=None
            if not isinstance(item.get("available"), bool)
            else "in_stock"
            if item["available"]
            else "out_of_stock",
            seller_id=texts.identity(at(seller, "storeId")),
            seller_name=texts.clean(at(seller, "storeTitle")),
            seller_url=texts.address(at(seller, "storeUrl")),
            ship_from=texts.clean(at(result, "delivery", "shippingFromCode")),
            image_urls=texts.addresses(item.get("images")),
            attributes={
                str(one["name"]): str(one["value"])
                for one in rows(at(item, "properties", "list"))
                if one.get("name") and one.get("value")
            },
        )


class OpenAnswer(AliexpressPage):
    """Answers of the affiliate API (``aliexpress.affiliate.…``): prices for the country asked for (``target_…``)."""

    kind = PageKind.API

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The product objects."""
        return list(having(self.document, "product_id", "product_title"))

    def fits(self) -> bool:
        """Tell whether there are products."""
        return bool(self.found)

    def listings(self) -> Iterator[Listing]:
        """Yield the products."""
        for one in self.found:
            number = texts.identity(one["product_id"])
            prefix = "target_" if price(one.get("target_sale_price")) else ""
            amount, before = (price(one.get(f"{prefix}{name}_price")) for name in ("sale", "original"))
            shop = texts.address(one.get("shop_url"))
            seller = _STORE.search(shop or "")
            yield from self.listing(
                title=one["product_title"],
                listing_id=number,
                url=self.item_url(number),
                price=amount,
                list_price=before if amount and before and before > amount else None,
                currency=currency_code(one.get(f"{prefix}sale_price_currency")) if amount else None,
                seller_id=texts.identity(one.get("shop_id")) or (seller.group(1) if seller else None),
                seller_name=texts.clean(one.get("shop_name")),
                seller_url=shop,
                image_urls=texts.addresses(
                    [one.get("product_main_image_url"), *items(at(one, "product_small_image_urls", "string"))]
                ),
                sold_count=texts.count(one.get("lastest_volume")),
            )


PAGES = (ItemState, ResultRows, RenderedCards, RenderedItem, VendorItem, OpenAnswer)
