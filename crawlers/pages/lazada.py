"""Lazada: result pages by their state (``pageData``) or as rendered, product pages, Open Platform answers."""

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
from crawlers.families.embedded import at, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, price

_ID = re.compile(r"-i(\d{5,15})(?:-s\d+)?(?:\.html|[?#]|$)")
_PRICE_ONLY = re.compile(r"^[^\d]{1,5}\s?[\d.,]+(?:\s?[₫đ])?$|^[\d.,]+\s?[₫đ]$")
_SOLD = re.compile(r"^([\d.,]+)([KMk]?)\+?\s*(?:sold|terjual|đã bán|ชิ้น)", re.IGNORECASE)


def id_of(url: str | None) -> str | None:
    """Return the item id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class LazadaPage(MarketPage):
    """What Lazada's pages share."""

    def site_clues(self) -> Iterator[str | None]:
        """Yield the address of an item."""
        found = re.search(r"//(www\.lazada\.[a-z.]{2,6})/", self.body_text)
        yield f"https://{found.group(1)}/" if found else None


class StateRows(LazadaPage):
    """A result page's state: ``window.pageData`` in the page, or the same JSON as ``?ajax=true`` answers it."""

    kind = PageKind.SEARCH

    @cached_property
    def mods(self) -> Any:
        """The modules of the result page."""
        return at(self.document if self.document is not None else self.state("window.pageData", "pageData"), "mods")

    def fits(self) -> bool:
        """Tell whether the state has a list of items."""
        return isinstance(at(self.mods, "listItems"), list)

    def says_empty(self) -> bool:
        """Tell whether the list is empty."""
        return bool(at(self.mods, "listItems") == [])

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for item in rows(at(self.mods, "listItems")):
            url = texts.address(item.get("itemUrl") or item.get("productUrl"), self.origin)
            amount = price(item.get("price"))
            visible = self.money(item.get("priceShow"))
            yield from self.listing(
                title=item.get("name"),
                listing_id=texts.identity(item.get("itemId")) or id_of(url) or texts.identity(item.get("nid")),
                url=url,
                description=texts.clean(" ".join(item["description"])) if _is_texts(item.get("description")) else None,
                brand=texts.clean(item.get("brandName")),
                price=amount or (visible.amount if visible else None),
                list_price=price(item.get("originalPrice")),
                currency=(visible.currency if visible else None) or self.local_currency if amount or visible else None,
                availability=_stock(item.get("inStock")),
                seller_id=texts.identity(item.get("sellerId")),
                seller_name=texts.clean(item.get("sellerName")),
                ship_from=texts.clean(item.get("location")),
                image_urls=texts.addresses(
                    [item.get("image"), *(one.get("image") for one in rows(item.get("thumbs")))], self.origin
                ),
                review_count=texts.count(item.get("review")),
                rating=texts.rating(item.get("ratingScore")),
            )


class RenderedRows(LazadaPage):
    """A result page as a browser rendered it; class names change with every build, so rows are read by their kind."""

    kind = PageKind.SEARCH

    @cached_property
    def rows(self) -> list[Selector]:
        """The rows of the result list."""
        return list(self.css('[data-qa-locator="product-item"]'))

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
            sold = next((found for text in leaves if (found := _SOLD.match(text))), None)
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
                sold_count=_sold(sold),
                image_urls=texts.addresses(pictures.css("::attr(src)").getall()[:1]),
            )


class ProductPage(LazadaPage, StructuredPage):
    """A product page: its module data, filled up from JSON-LD."""

    kind = PageKind.PRODUCT

    @cached_property
    def fields(self) -> Any:
        """The fields of the page's module data, or None."""
        return at(self.state("__moduleData__"), "data", "root", "fields")

    @cached_property
    def tracking(self) -> Any:
        """What the page hands to its statistics: id, price text, seller; or None."""
        written = re.search(r"pdpTrackingData\s*=\s*(\"(?:[^\"\\]|\\.)*\")", self.body_text)
        try:
            return json.loads(json.loads(written.group(1))) if written else None
        except ValueError:
            return None

    def fits(self) -> bool:
        """Tell whether the page is about one product."""
        return self.document is None and (bool(at(self.fields, "product", "title")) or super().fits())

    def listings(self) -> Iterator[Listing]:
        """Yield the product."""
        fields = self.fields
        if not at(fields, "product", "title"):
            yield from super().listings()
            return
        url = self.own_url or texts.address(at(fields, "product", "link"), self.origin)
        infos = at(fields, "skuInfos")
        offers = list(infos.values()) if isinstance(infos, dict) else []
        chosen = at(infos, "0") or (offers[0] if offers else None)
        amounts = sorted(amount for one in offers if (amount := price(at(one, "price", "salePrice", "value"))))
        low = price(at(chosen, "price", "salePrice", "value")) or (amounts[0] if amounts else None)
        words = at(chosen, "price", "salePrice", "text")
        pictures = [picture for gallery in _values(at(fields, "skuGalleries")) for picture in rows(gallery)]
        yield from self.listing(
            title=at(fields, "product", "title"),
            listing_id=texts.identity(at(chosen, "itemId"))
            or id_of(url)
            or texts.identity(at(self.tracking, "pdt_sku")),
            url=url,
            description=texts.clean(at(fields, "product", "highlights") or at(fields, "product", "desc")),
            brand=texts.first(at(fields, "product", "brand", "name"), at(self.tracking, "brand_name")),
            price=amounts[0] if amounts else low,
            price_max=amounts[-1] if len(amounts) > 1 and amounts[-1] > amounts[0] else None,
            list_price=price(at(chosen, "price", "originalPrice", "value")),
            currency=self._currency(words) if low else None,
            seller_id=texts.identity(at(fields, "seller", "sellerId")),
            seller_name=texts.first(at(fields, "seller", "name"), at(self.tracking, "seller_name")),
            seller_url=texts.address(at(fields, "seller", "url"), self.origin),
            image_urls=texts.addresses(
                [one.get("src") or one.get("poster") for one in pictures] or [at(chosen, "image")]
            ),
            attributes=_specifications(at(fields, "specifications")),
            rating=texts.rating(at(fields, "review", "ratings", "average")),
            review_count=texts.count(at(fields, "review", "ratings", "reviewCount")),
        )

    def _currency(self, words: Any) -> str | None:
        written = currency_code(at(self.tracking, "core", "currencyCode"))
        read = self.money(words)
        return written or (read.currency if read else None) or self.local_currency

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the item id in the address."""
        return id_of(url) or id_of(str(node.get("url"))) or super().identify(node, url)


class OpenPlatformAnswer(LazadaPage):
    """An answer of the Open Platform's GetProducts (a seller's own products)."""

    kind = PageKind.API

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects."""
        found = at(self.document, "data", "products") or [at(self.document, "data")]
        return [product for product in rows(found) if at(product, "attributes", "name")]

    def fits(self) -> bool:
        """Tell whether there are products."""
        return bool(self.products)

    def site_clues(self) -> Iterator[str | None]:
        """Yield the address of the first variant."""
        yield next((texts.address(at(product, "skus", 0, "Url")) for product in self.products), None)

    def listings(self) -> Iterator[Listing]:
        """Yield the products at their regular price: whether a special price holds depends on the day."""
        for product in self.products:
            amounts: list[Decimal] = sorted(
                amount for sku in rows(product.get("skus")) if (amount := price(sku.get("price")))
            )
            written = product.get("images")
            try:
                images = json.loads(written) if isinstance(written, str) else written
            except ValueError:
                images = None
            yield from self.listing(
                title=at(product, "attributes", "name"),
                listing_id=texts.identity(product.get("item_id")),
                url=texts.address(at(product, "skus", 0, "Url")),
                description=texts.clean(at(product, "attributes", "description")),
                brand=texts.clean(at(product, "attributes", "brand")),
                price=amounts[0] if amounts else None,
                price_max=amounts[-1] if len(amounts) > 1 and amounts[-1] > amounts[0] else None,
                currency=self.local_currency if amounts else None,
                image_urls=texts.addresses(images or at(product, "skus", 0, "Images") or []),
            )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def _stock(value: Any) -> str | None:
    return None if not isinstance(value, bool) else "in_stock" if value else "out_of_stock"


def _sold(found: re.Match[str] | None) -> int | None:
    if found is None:
        return None
    scale = {"K": 1000, "M": 1_000_000}.get(found.group(2).upper(), 1)
    number = found.group(1).replace(",", "") if scale == 1 else found.group(1).replace(",", ".")
    amount = price(number if scale > 1 else number.replace(".", ""))
    return int(amount * scale) if amount else None


def _specifications(value: Any) -> dict[str, str]:
    features = next((at(one, "features") for one in _values(value)), None)
    return {str(name): str(item) for name, item in features.items()} if isinstance(features, dict) else {}


PAGES = (StateRows, RenderedRows, ProductPage, OpenPlatformAnswer)
