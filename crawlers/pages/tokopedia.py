"""Tokopedia: its GraphQL answers (search, shop, product), the same state in its pages, rendered rows, the seller API.

Prices are whole rupiah. A listing's address is ``/<shop>/<slug>``; its number stands in the state alone.
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
from crawlers.families.apollo import resolved
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.counts import shown_count
from crawlers.families.embedded import DEEPEST, at, having, items, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import price

_SITE = "https://www.tokopedia.com"
_BESIDE = frozenset(
    {"related", "otherRelated", "suggestion", "inspirationCarousel", "inspirationWidget", "recommendation", "children"}
)
_GONE = frozenset({"DELETED", "BANNED", "HIDDEN", "PENDING"})
_NOT_FOUND = re.compile(r"not found|tidak ditemukan|product.{0,20}(?:deleted|banned)|invalid product", re.IGNORECASE)
_SOLD = re.compile(r"terjual|sold", re.IGNORECASE)
_SLUG = re.compile(r"^/([\w.-]+)/([\w.-]+)/?$")
_SLUG_NUMBER = re.compile(r"-(\d{15,20})$")
_NO_SHOP = frozenset({"search", "p", "find", "discovery", "blog", "help", "promo", "hot", "official-store", "about"})
_CURRENCIES = {"1": "IDR", "2": "USD"}
_CONDITIONS = {"1": "new", "2": "used"}
# The seller API's product status: deleted, pending, banned. https://developer.tokopedia.com (fulfilment service)
_SELLER_GONE = frozenset({"0", "-1", "-2"})


def _address(value: Any) -> str | None:
    """Return a listing's address without the search's parameters."""
    url = texts.address(value, _SITE)
    if url and urlsplit(url).hostname == "ta.tokopedia.com":  # an advertisement's counter, with the address behind it
        url = texts.address(next(iter(parse_qs(urlsplit(url).query).get("r", [])), None))
    return url.partition("?")[0] if url else None


def slug_of(url: str | None) -> str | None:
    """Return what names a listing in its address: the number at the slug's end, else ``shop/slug``."""
    found = _SLUG.match(urlsplit(url).path) if url else None
    if not found or found.group(1) in _NO_SHOP:
        return None
    return _number_in(url) or f"{found.group(1)}/{found.group(2)}"


def _number_in(url: str | None) -> str | None:
    """Return the number that ends the slugs of newer listings; the state may number them otherwise."""
    found = _SLUG_NUMBER.search(urlsplit(url or "").path.rstrip("/"))
    return found.group(1) if found else None


class TokopediaPage(MarketPage):
    """What Tokopedia's pages share."""

    @cached_property
    def source(self) -> Any:
        """The answer, or the state the page carries."""
        if self.document is not None:
            return self.document
        return self.state("window.__cache") or self.next_data or self.state("window.__PRELOADED_STATE__")

    @cached_property
    def layout(self) -> dict[str, Any] | None:
        """The product page's layout: basic facts and components."""
        return next(having(self.source, "basicInfo", "components"), None)

    @cached_property
    def errors(self) -> str:
        """What a GraphQL answer complains about."""
        answers = rows(self.document)
        said = [one.get("message") for answer in answers for one in rows(answer.get("errors"))]
        return " ".join(filter(None, map(texts.clean, said)))


class ProductRows(TokopediaPage):
    """Products in a list: a search, a shop's shelf, a category."""

    kind = PageKind.SEARCH

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects of the list itself, not those recommended beside it."""
        return list(_products(self.source))

    def fits(self) -> bool:
        """Tell whether there is a list of products and no product page's layout."""
        return self.layout is None and (bool(self.products) or self.says_empty())

    def says_empty(self) -> bool:
        """Tell whether the search counts nothing."""
        if self.products:
            return False
        return any(
            "products" in (at(item, "data") or {}) and texts.count(at(item, "header", "totalData")) == 0
            for item in having(self.source, "header", "data")
            if isinstance(item.get("data"), dict)
        )

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for product in self.products:
            yield from self._read(resolved(self.source, product))

    def _read(self, item: dict[str, Any]) -> Iterator[Listing]:
        url = _address(item.get("url") or item.get("product_url"))
        shop = item.get("shop") if isinstance(item.get("shop"), dict) else {}
        cost = item.get("price")
        low, high = self._prices(item, cost)
        before = at(cost, "original") or item.get("originalPrice") or at(item, "campaign", "original_price_fmt")
        struck = self.money(before)
        media = [
            at(item, "mediaURL", "image700") or at(item, "mediaURL", "image") or at(item, "mediaURL", "image300"),
            item.get("imageUrl") or item.get("imageURL") or item.get("image_url"),
            at(item, "primary_image", "original") or at(item, "primary_image", "thumbnail"),
        ]
        labels = rows(item.get("labelGroups")) + rows(item.get("label_groups"))
        sold = next((t for one in labels if (t := texts.clean(one.get("title"))) and _SOLD.search(t)), None)
        yield from self.listing(
            title=item.get("name"),
            listing_id=_number_in(url) or _number(item) or slug_of(url),
            url=url,
            price=low,
            price_max=high,
            list_price=struck.amount or None if struck else None,
            currency="IDR" if low else None,
            availability="sold_out" if at(item, "flags", "isSold") is True else None,
            seller_id=texts.identity(at(shop, "id")) or texts.identity(at(shop, "shopId")),
            seller_name=texts.clean(at(shop, "name")),
            seller_url=_address(at(shop, "url")),
            ship_from=texts.first(at(shop, "city"), at(shop, "location")),
            image_urls=texts.addresses(media),
            category_path=_trail(at(item, "category", "breadcrumb") or item.get("categoryBreadcrumb")),
            sold_count=shown_count(sold),
            review_count=texts.count(item.get("countReview") or at(item, "stats", "reviewCount")),
            rating=texts.rating(item.get("rating") or at(item, "stats", "rating")),
        )

    def _prices(self, item: dict[str, Any], cost: Any) -> tuple[Decimal | None, Decimal | None]:
        """Return the price and a range's upper bound; the exact number stands before the text."""
        words = at(cost, "range") or item.get("priceRange") or item.get("price_range")
        spread = self.money(words)
        exact = price(at(cost, "number")) or price(item.get("priceInt") or item.get("price_int"))
        if exact is None and not isinstance(cost, (dict, str)):
            exact = price(cost)
        read = self.money(at(cost, "text") or at(cost, "text_idr") or item.get("priceStr") or cost)
        low = exact or (read.amount or None if read else None)
        if spread and spread.upper and low in {None, spread.amount}:
            return spread.amount or None, spread.upper
        return low, read.upper if read and low == read.amount else None


def _number(item: dict[str, Any]) -> str | None:
    names = ("id", "product_id", "productID", "productId", "oldID")
    return next((number for name in names if (number := texts.identity(item.get(name)))), None)


def _trail(value: Any) -> tuple[str, ...]:
    """Return a breadcrumb such as ``Elektronik/Audio`` in its parts."""
    return tuple(filter(None, map(texts.clean, re.split(r"[/>]", value)))) if isinstance(value, str) else ()


def _products(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield product objects in their order, leaving out what is recommended beside a list."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _products(item, depth + 1)
    elif isinstance(value, dict):
        address = value.get("url") or value.get("product_url")
        priced = any(name in value for name in ("price", "priceInt", "price_int", "priceStr"))
        if address and priced and value.get("name") and _number(value) and isinstance(address, str):
            yield value
            return
        for name, item in value.items():
            if name not in _BESIDE and not name.startswith(("recommendation", "inspiration")):
                yield from _products(item, depth + 1)


class ProductLayout(TokopediaPage):
    """A product: the answer to PDPGetLayoutQuery, or the same in the page's state."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether there is a layout, or the answer of a product that is gone."""
        return self.layout is not None or self.says_removed() is not None

    @cached_property
    def basic(self) -> Any:
        """The product's basic facts."""
        return resolved(self.source, at(self.layout, "basicInfo"))

    @cached_property
    def parts(self) -> dict[str, list[dict[str, Any]]]:
        """The data of each component by the component's name."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in items(resolved(self.source, at(self.layout, "components"))):
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                found.setdefault(one["name"], rows(one.get("data")))
        return found

    def says_removed(self) -> str | None:
        """Return the status of a product that is gone, or the error that stands in its place."""
        status = str(at(self.basic, "status") or "").upper()
        if status in _GONE:
            return f"the product is {status.lower()}"
        asked = any("pdpGetLayout" in data for answer in rows(self.document) for data in rows(answer.get("data")))
        if self.layout is None and asked and _NOT_FOUND.search(self.errors):
            return self.errors[:200]
        return None

    def listings(self) -> Iterator[Listing]:
        """Yield the product, unless it is gone."""
        if self.layout is None or self.says_removed():
            return
        basic = self.basic
        content = next(iter(self.parts.get("product_content") or []), {})
        variants = [child for one in self._part("variant") for child in rows(one.get("children"))]
        low, high = self._prices(content, variants)
        details = {
            name: value
            for one in self._part("product_detail")
            for line in rows(one.get("content"))
            if (name := texts.clean(line.get("title"))) and (value := texts.clean(line.get("subtitle")))
        }
        described = next((details.pop(name) for name in ("Deskripsi", "Description") if name in details), None)
        pictures = [
            one.get("urlOriginal") or one.get("urlMaxRes") or one.get("url300") or one.get("urlThumbnail")
            for part in self._part("product_media")
            for one in rows(part.get("media"))
            if one.get("type", "image") == "image"
        ]
        path = rows(at(basic, "category", "detail"))
        yield from self.listing(
            title=texts.first(content.get("name"), at(basic, "name"), at(basic, "title"), self.meta.get("og:title")),
            listing_id=_number_in(_address(at(basic, "url")))
            or texts.identity(at(basic, "id"))
            or texts.identity(at(basic, "productID")),
            url=_address(at(basic, "url")) or self.own_url,
            description=described,
            price=low,
            price_max=high,
            list_price=self._struck(content, low),
            currency="IDR" if low else None,
            condition=details.get("Kondisi") or texts.clean(at(basic, "condition")),
            availability=self._stock(content),
            seller_id=texts.identity(at(basic, "shopID")),
            seller_name=texts.clean(at(basic, "shopName")),
            ship_from=texts.clean(at(basic, "shopMultilocation", "cityName")),
            image_urls=texts.addresses(pictures or at(basic, "defaultMediaURL")),
            category_path=tuple(filter(None, (texts.clean(step.get("name")) for step in path))),
            attributes=details,
            sold_count=texts.count(at(basic, "txStats", "countSold")),
            review_count=texts.count(at(basic, "stats", "countReview")),
            rating=texts.rating(at(basic, "stats", "rating")),
        )

    def _part(self, name: str) -> list[dict[str, Any]]:
        """Return the data of the first component whose name begins with ``name``."""
        return next((data for key, data in self.parts.items() if key.startswith(name)), [])

    def _prices(self, content: dict[str, Any], variants: list[dict[str, Any]]) -> tuple[Decimal | None, Decimal | None]:
        written = price(at(content, "price", "value"))
        shown_price = self.money(at(content, "price", "priceFmt"))
        low = written or (shown_price.amount or None if shown_price else None)
        campaign = content.get("campaign") if at(content, "campaign", "isActive") is True else None
        cut = price(at(campaign, "discountedPrice"))
        if low is not None:
            return min(low, cut) if cut else low, None
        amounts = sorted(amount for one in variants if (amount := price(one.get("price"))))
        if not amounts:
            return None, None
        return amounts[0], amounts[-1] if amounts[-1] > amounts[0] else None

    def _struck(self, content: dict[str, Any], low: Decimal | None) -> Decimal | None:
        read = self.money(at(content, "price", "slashPriceFmt"))
        before = (read.amount if read else None) or price(at(content, "campaign", "originalPrice"))
        return before if before and low and before > low else None

    def _stock(self, content: dict[str, Any]) -> str | None:
        if str(at(self.basic, "status") or "").upper() == "WAREHOUSE":
            return "out_of_stock"
        left = texts.count(at(content, "stock", "value"))
        return None if left is None else "in_stock" if left > 0 else "out_of_stock"


class SellerAnswer(TokopediaPage):
    """An answer of the seller API (a seller's own products)."""

    kind = PageKind.API

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects."""
        return [item for item in rows(at(self.document, "data")) if at(item, "basic", "productID")]

    def fits(self) -> bool:
        """Tell whether there are products."""
        return bool(self.products)

    def listings(self) -> Iterator[Listing]:
        """Yield the products that are not deleted or banned."""
        for item in self.products:
            if str(at(item, "basic", "status")) in _SELLER_GONE:
                continue
            amount = price(at(item, "price", "value"))
            left = texts.count(at(item, "stock", "value")) if at(item, "stock", "useStock") is True else None
            yield from self.listing(
                title=texts.first(at(item, "basic", "Name"), at(item, "basic", "name")),
                listing_id=texts.identity(at(item, "basic", "productID")),
                url=texts.address(at(item, "other", "url")),
                description=texts.clean(at(item, "basic", "shortDesc")),
                price=amount,
                currency=_CURRENCIES.get(str(at(item, "price", "currency"))) if amount else None,
                condition=_CONDITIONS.get(str(at(item, "basic", "condition"))),
                availability=None if left is None else "in_stock" if left else "out_of_stock",
                seller_id=texts.identity(at(item, "basic", "shopID")),
                image_urls=texts.addresses([one.get("OriginalURL") for one in rows(item.get("pictures"))]),
                category_path=tuple(
                    filter(None, (texts.first(one.get("Name"), one.get("name")) for one in rows(item["categoryTree"])))
                )
                if item.get("categoryTree")
                else (),
            )


class ProductPage(TokopediaPage, StructuredPage):
    """A product page without its state: JSON-LD, filled up from what a browser rendered."""

    kind = PageKind.PRODUCT
    _TITLE = '[data-testid="lblPDPDetailProductName"]'
    _PRICE = '[data-testid="lblPDPDetailProductPrice"], [data-testid="pdpProductPrice"]'
    _SHOP = '[data-testid="llbPDPFooterShopName"]'

    def fits(self) -> bool:
        """Tell whether the page is about one product."""
        return self.document is None and (bool(self.css(self._TITLE)) or super().fits())

    def listings(self) -> Iterator[Listing]:
        """Yield the product: structured data first, what is shown where there is none."""
        if self.products or not self.css(self._TITLE):
            yield from super().listings()
            return
        offer = self.money(self.text_of(self._PRICE))
        yield from self.listing(
            title=self.text_of(self._TITLE),
            listing_id=slug_of(self.own_url),
            url=_address(self.own_url),
            description=self.text_of('[data-testid="lblPDPDescriptionProduk"]'),
            price=offer.amount or None if offer else None,
            price_max=offer.upper if offer else None,
            currency="IDR" if offer else None,
            seller_name=self.text_of(f"{self._SHOP} h2, {self._SHOP}"),
            image_urls=texts.addresses(
                self.css(
                    '[data-testid="PDPMainImage"]::attr(src), [data-testid="PDPImageMain"] img::attr(src)'
                ).getall()
            ),
            sold_count=shown_count(self.text_of('[data-testid="lblPDPDetailProductSoldCounter"]')),
            rating=texts.rating(self.text_of('[data-testid="lblPDPDetailProductRatingNumber"]')),
        )

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the product's number, which the page repeats in its app address, else what its address says."""
        app = self.meta.get("al:android:url") or self.meta.get("branch:deeplink:$android_deeplink_path") or ""
        found = re.search(r"product/(\d{6,20})", app)
        own = texts.identity(node.get("productID") or node.get("sku"))
        return found.group(1) if found else slug_of(url) if own is None else own


class RenderedRows(TokopediaPage):
    """A result page as a browser rendered it, without its state."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The product cards: their links."""
        named = self.css(
            '[data-testid="lnkProductContainer"], [data-testid="divSRPContentProducts"] a[href]'
            ', [data-ssr="contentProductsSRPSSR"] a[href]'
        )
        return [card for card in named if slug_of(_address(attribute(card, "href")))]

    def fits(self) -> bool:
        """Tell whether there are cards."""
        return self.document is None and bool(self.cards)

    def listings(self) -> Iterator[Listing]:
        """Yield the cards; what has no test id is told by its kind."""
        for card in self.cards:
            url = _address(attribute(card, "href"))
            whole = next(iter(card.xpath("ancestor::*[@data-testid='master-product-card'][1]")), card)
            leaves = [text for text in map(shown, card.xpath(".//*[not(*)]")) if text]
            words = self.text_of('[data-testid="spnSRPProdPrice"], [data-testid="linkProductPrice"]', card)
            offer = self.money(words or next((text for text in leaves if re.match(r"Rp\s?\d", text)), None))
            sold = next((text for text in leaves if _SOLD.search(text)), None)
            name = self.text_of('[data-testid="spnSRPProdName"], [data-testid="linkProductName"]', card)
            pictures = whole.css("img")
            yield from self.listing(
                title=name or max((text for text in leaves if not re.match(r"Rp\s?\d", text)), key=len, default=None),
                listing_id=slug_of(url),
                url=url,
                price=offer.amount or None if offer else None,
                price_max=offer.upper if offer else None,
                currency="IDR" if offer and offer.amount else None,
                seller_name=self.text_of(".prd_link-shop-name", whole),
                ship_from=self.text_of('[data-testid="spnSRPProdTabShopLoc"], .prd_link-shop-loc', whole),
                sold_count=shown_count(sold),
                image_urls=texts.addresses([attribute(pictures, "src")]),
            )


PAGES = (ProductLayout, ProductRows, SellerAnswer, ProductPage, RenderedRows)
