"""The pages of Alibaba's shops abroad, Lazada and Daraz.

Result pages are read by their state (``pageData``) or as rendered, product pages by their module data
(``__moduleData__``), filled up from what they hand to statistics (``pdpTrackingData``) and from JSON-LD.
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
from crawlers.families.embedded import assigned, at, having, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import Money, currency_code, price

_ID = re.compile(r"-i(\d{5,15})(?:-s\d+)?(?:\.html|[?#]|$)")
_PRICE_ONLY = re.compile(r"^[^\d]{1,5}\s?[\d.,]+(?:\s?[₫đ])?$|^[\d.,]+\s?[₫đ৳]$")
_TITLE = "h1.pdp-mod-product-badge-title, .pdp-mod-product-badge-title, h1[class*=pdp-v2-product-title]"
_PRICE = (
    ".pdp-v2-product-price-content-salePrice-amount, .pdp-price_type_normal.pdp-price_size_xl, .pdp-price_type_normal"
)
_SELLER = ".seller-name__detail-name, .seller-name__detail a"
_SOLD = re.compile(r"\d\S*\s*(?:sold|terjual|ชิ้น)|đã bán|ขายแล้ว", re.IGNORECASE)


def id_of(url: str | None) -> str | None:
    """Return the item id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class PageDataPage(MarketPage):
    """What all pages of the family share."""

    @cached_property
    def page_data(self) -> Any:
        """The state of a result page: ``window.pageData``, or the same JSON as ``?ajax=true`` answers it."""
        found = self.document if self.document is not None else self.state("window.pageData", "pageData")
        if at(found, "mods") is None:
            found = next(having(found, "mods", "mainInfo"), found)
        return found

    def site_clues(self) -> Iterator[str | None]:
        """Yield the site of the state's country, else of the first item the page links to, else the first named."""
        sites = self.place.manifest.sites if self.place.manifest else ()
        venture = at(self.page_data, "mainInfo", "venture")
        yield next((f"https://{site.domain}" for site in sites if site.country == venture), None)
        hosts = "|".join(re.escape(site.domain) for site in sites)
        for path in ("/products/", "/"):
            found = re.search(rf"//({hosts}){path}", self.body_text) if hosts else None
            yield f"https://{found.group(1)}" if found else None


class StateRows(PageDataPage):
    """A result page by its state."""

    kind = PageKind.SEARCH

    @cached_property
    def items(self) -> Any:
        """The list of items, or None where the state has none."""
        return at(self.page_data, "mods", "listItems")

    def fits(self) -> bool:
        """Tell whether the state has a list of items, or counts none."""
        return isinstance(self.items, list) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the list is empty, or left out where nothing was counted."""
        return bool(self.items == []) or (
            self.items is None and texts.count(at(self.page_data, "mainInfo", "totalResults")) == 0
        )

    def next_page(self) -> bool | None:
        """Tell by the counts whether more pages follow."""
        total, size, here = (
            texts.count(at(self.page_data, "mainInfo", name)) for name in ("totalResults", "pageSize", "page")
        )
        return here * size < total if total is not None and size and here else None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for item in rows(self.items):
            url = texts.address(item.get("itemUrl") or item.get("productUrl"), self.origin)
            amount = price(item.get("price"))
            visible = self.money(item.get("priceShow"))
            sold = item.get("itemSoldCntShow") or at(item, "soldInfo", "soldNum")
            yield from self.listing(
                title=item.get("name"),
                listing_id=texts.identity(item.get("itemId")) or id_of(url) or texts.identity(item.get("nid")),
                url=url,
                description=texts.clean(" ".join(item["description"])) if _is_texts(item.get("description")) else None,
                brand=texts.clean(item.get("brandName")),
                price=amount or (visible.amount or None if visible else None),
                list_price=price(item.get("originalPrice")),
                currency=(visible.currency if visible else None) or self.local_currency if amount or visible else None,
                availability=_in_stock(item.get("inStock")),
                seller_id=texts.identity(item.get("sellerId")),
                seller_name=texts.clean(item.get("sellerName")),
                ship_from=texts.clean(item.get("location")),
                image_urls=texts.addresses(
                    [item.get("image"), *(one.get("image") for one in rows(item.get("thumbs")))], self.origin
                ),
                sold_count=shown_count(sold),
                review_count=texts.count(item.get("review")),
                rating=texts.rating(item.get("ratingScore")),
            )


class RenderedRows(PageDataPage):
    """A result page as a browser rendered it; class names change with every build, so rows are read by their kind."""

    kind = PageKind.SEARCH

    @cached_property
    def rows(self) -> list[Selector]:
        """The rows of the result list."""
        return list(self.css('[data-qa-locator="product-item"]') or self.css('[data-tracking="product-card"]'))

    def fits(self) -> bool:
        """Tell whether there are rows."""
        return self.document is None and bool(self.rows)

    def next_page(self) -> bool | None:
        """Tell by the arrow whether more pages follow."""
        arrow = self.css(".ant-pagination-next")
        return None if not arrow else "ant-pagination-disabled" not in attribute(arrow, "class")

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for row in self.rows:
            link = row.css("a[title]")
            url = texts.address(attribute(link, "href") or row.css("a::attr(href)").get(), self.origin)
            leaves = [text for text in map(shown, row.xpath(".//span[not(*)][not(ancestor::del)]")) if text]
            offer = next((read for text in leaves if _PRICE_ONLY.match(text) and (read := self.money(text))), None)
            sold = next((text for text in leaves if _SOLD.search(text)), None)
            before = self.money(self.text_of("del", row))
            pictures = row.css('img[type="product"]') or row.css("img")
            yield from self.listing(
                title=texts.first(attribute(link, "title"), shown(link), attribute(pictures, "alt")),
                listing_id=texts.identity(attribute(row, "data-item-id")) or id_of(url),
                url=url,
                price=offer.amount or None if offer else None,
                price_max=offer.upper if offer else None,
                list_price=before.amount if before else None,
                currency=offer.currency or self.local_currency if offer else None,
                ship_from=texts.clean(attribute(row.css("span[title]")[-1:], "title")),
                sold_count=shown_count(sold),
                image_urls=texts.addresses(pictures.css("::attr(src)").getall()[:1]),
            )


class ProductPage(PageDataPage, StructuredPage):
    """A product page: its module data, filled up from its statistics and from JSON-LD."""

    kind = PageKind.PRODUCT

    @cached_property
    def fields(self) -> Any:
        """The fields of the page's module data, or None."""
        if self.document is not None:
            written = at(self.document, "data", "module")
            found = _json(written) if isinstance(written, str) else written
            return at(self.document, "data", "root", "fields") or found
        found = self.state("__moduleData__")
        if found is None and "app.run(" in self.body_text:
            found = next(assigned(self.body_text.replace("app.run(", "app_run="), "app_run"), None)
        return at(found, "data", "root", "fields")

    @cached_property
    def tracking(self) -> Any:
        """What the page hands to its statistics: id, price text, seller; or None."""
        written = re.search(r"pdpTrackingData\s*=\s*(\"(?:[^\"\\]|\\.)*\")", self.body_text)
        return _json(_json(written.group(1))) if written else self.state("pdpTrackingData")

    @property
    def visible_title(self) -> str | None:
        """The title as a browser rendered it."""
        return self.text_of(_TITLE) if self.document is None else None

    @property
    def visible_price(self) -> Money | None:
        """The price as a browser rendered it; the new layout writes the amount without its currency."""
        read = self.money(self.text_of(_PRICE)) if self.document is None else None
        return Money(read.amount, None, read.currency or self.local_currency) if read and read.amount else None

    @property
    def has_fields(self) -> bool:
        """Tell whether the module data name a product."""
        return bool(at(self.fields, "product", "title"))

    def fits(self) -> bool:
        """Tell whether the page is about one product."""
        return self.has_fields or (
            self.document is None
            and (super().fits() or bool((at(self.tracking, "pdt_name") or self.visible_title) and self._number))
        )

    @property
    def _number(self) -> str | None:
        return id_of(self.own_url) or texts.identity(at(self.tracking, "pdt_sku"))

    def listings(self) -> Iterator[Listing]:
        """Yield the product by the best source there is."""
        if self.has_fields:
            yield from self._from_fields()
        elif super().fits():
            yield from super().listings()
        else:
            yield from self._from_view()

    def _from_fields(self) -> Iterator[Listing]:
        fields = self.fields
        url = self.own_url or texts.address(at(fields, "product", "link"), self.origin)
        infos = at(fields, "skuInfos")
        offers = list(infos.values()) if isinstance(infos, dict) else []
        chosen = at(infos, str(at(fields, "primaryKey", "skuId"))) or at(infos, "0") or (offers[0] if offers else None)
        amounts = sorted(amount for one in offers if (amount := _paid(one)))
        beside = self._beside() if not amounts else None
        low = _paid(chosen) or (amounts[0] if amounts else beside.amount if beside else None)
        before = _amount(at(chosen, "price", "originalPrice"))
        words = at(chosen, "price", "salePrice", "text")
        pictures = [picture for gallery in _values(at(fields, "skuGalleries")) for picture in rows(gallery)]
        yield from self.listing(
            title=at(fields, "product", "title"),
            listing_id=texts.identity(at(fields, "primaryKey", "itemId") or at(chosen, "itemId"))
            or id_of(url)
            or texts.identity(at(self.tracking, "pdt_sku")),
            url=url,
            description=texts.first(at(fields, "product", "highlights"), at(fields, "product", "desc")),
            brand=texts.first(at(fields, "product", "brand", "name"), at(self.tracking, "brand_name")),
            price=low,
            price_max=amounts[-1] if amounts and low == amounts[0] < amounts[-1] else None,
            list_price=before if before and low and before > low else None,
            currency=((beside.currency if beside else None) or self._currency(words)) if low else None,
            availability=_stock(at(chosen, "stock")),
            seller_id=texts.identity(at(fields, "seller", "sellerId") or at(fields, "seller", "shopId")),
            seller_name=texts.first(at(fields, "seller", "name"), at(self.tracking, "seller_name")),
            seller_url=texts.address(at(fields, "seller", "url"), self.origin),
            image_urls=texts.addresses(
                [one.get("src") or one.get("poster") for one in pictures if one.get("type") != "video"]
                or [at(chosen, "image")]
            ),
            category_path=tuple(
                filter(None, (texts.clean(one.get("title")) for one in rows(at(fields, "Breadcrumb"))[:-1]))
            ),
            attributes=_specifications(at(fields, "specifications")),
            sold_count=texts.count(at(fields, "product", "soldCount")),
            rating=texts.rating(at(fields, "review", "ratings", "average")),
            review_count=texts.count(at(fields, "review", "ratings", "reviewCount")),
        )

    def _from_view(self) -> Iterator[Listing]:
        told = self.tracking
        offer = self.visible_price or self.money(at(told, "pdt_price"))
        yield from self.listing(
            title=texts.first(at(told, "pdt_name"), self.visible_title),
            listing_id=self._number,
            url=self.own_url,
            brand=texts.clean(at(told, "brand_name")),
            price=offer.amount or None if offer else None,
            currency=offer.currency or self._currency(at(told, "pdt_price")) if offer and offer.amount else None,
            seller_name=texts.first(at(told, "seller_name"), self.text_of(_SELLER)),
            image_urls=texts.addresses(at(told, "pdt_photo") or self.meta.get("og:image"), self.own_url),
        )

    def _beside(self) -> Money | None:
        """Return the price where the module data leave it out: the rendered one, JSON-LD's, the one of statistics."""
        if self.visible_price:
            return self.visible_price
        for node in self.products[:1] if self.document is None else ():
            low, _, code = super().prices_of(node, rows(node.get("offers")))
            if low:
                return Money(low, None, code)
        told = self.money(at(self.tracking, "pdt_price"))
        return told if told and told.amount else None

    def _currency(self, words: Any) -> str | None:
        written = currency_code(at(self.tracking, "core", "currencyCode"))
        read = self.money(words)
        return written or (read.currency if read else None) or self.local_currency

    def prices_of(
        self, node: dict[str, Any], offers: list[dict[str, Any]]
    ) -> tuple[Decimal | None, Decimal | None, str | None]:
        """Return the rendered price: JSON-LD often leaves it out."""
        seen = self.visible_price
        if seen:
            return seen.amount, None, seen.currency
        low, high, code = super().prices_of(node, offers)
        return low, high, (code or self.local_currency) if low else None

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller of the offer, else as rendered."""
        found = super().seller_of(seller)
        return {**found, "seller_name": found["seller_name"] or self.text_of(_SELLER)}

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the item id in the address."""
        return id_of(url) or id_of(str(node.get("url"))) or super().identify(node, url)


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def _amount(value: Any) -> Decimal | None:
    """Return the amount of ``{"text": ..., "value": ...}``, or of a plain number."""
    return price(value.get("value")) if isinstance(value, dict) else price(value)


def _paid(info: Any) -> Decimal | None:
    """Return what one variant costs: without a sale its original price."""
    return _amount(at(info, "price", "salePrice")) or _amount(at(info, "price", "originalPrice"))


def _in_stock(value: Any) -> str | None:
    return None if not isinstance(value, bool) else "in_stock" if value else "out_of_stock"


def _stock(value: Any) -> str | None:
    left = texts.count(value)
    return None if left is None else "in_stock" if left > 0 else "out_of_stock"


def _specifications(value: Any) -> dict[str, str]:
    features = next((at(one, "features") for one in _values(value)), None)
    return {str(name): str(item) for name, item in features.items()} if isinstance(features, dict) else {}
