"""Stand-alone shops: product JSON of Shopify and WooCommerce, and what a shop's pages say by published vocabularies.

Each shop is a site of its own, so a listing is named by its address: ``shop.example/products/cream``. The seller is the
shop. Shopify's ``/products/NAME.js`` counts in hundredths of every currency, ``/products.json`` does not; neither names
the currency unless the shop has it beside the price. WooCommerce's Store API counts in the currency's minor units.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import attrs

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, decimal, price

_LONGEST_ID = 200
_CENTS = frozenset({"price_varies", "price_min", "compare_at_price_min", "featured_image"})  # only /products/NAME.js
_ACTIVE = re.compile(r"""Shopify\.currency\s*=\s*\{[^{}]{0,200}?["']?active["']?\s*:\s*["']([A-Z]{3})["']""")


def shop_of(url: str | None) -> str | None:
    """Return the host of an address without ``www.``."""
    host = urlsplit(url or "").hostname
    return host.removeprefix("www.") if host else None


def name_in(url: str | None) -> str | None:
    """Return host and path of a product's address, by which the same product is known again."""
    parts = urlsplit(url or "")
    path = re.sub(r"^.*(?=/products/[^/]+$)", "", parts.path.rstrip("/"))  # Shopify: below its collections too
    name = f"{shop_of(url)}{path}" if parts.hostname and path else None
    if name and len(name) > _LONGEST_ID:
        return f"{name[:150]}#{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    return name


class ShopPage(MarketPage):
    """What the pages and answers of shops share."""

    def shop_seller(self, url: str | None) -> dict[str, Any]:
        """Return the shop as the seller of what it offers."""
        host = shop_of(url or self.own_url)
        parts = urlsplit(url or self.own_url or "")
        return {
            "seller_id": host,
            "seller_name": texts.clean(self.meta.get("og:site_name")),
            "seller_url": f"{parts.scheme}://{parts.netloc}/" if host else None,
        }

    def shopify_facts(self, product: dict[str, Any], currency: str | None) -> dict[str, Any]:
        """Return what Shopify says of a product, by field of the listing."""
        handle = texts.identity(product.get("handle"))
        url = texts.address(f"/products/{handle}", self.own_url) if handle and self.own_url else None
        variants = rows(product.get("variants"))
        divisor = 100 if _CENTS & set(product) else 1
        amounts = _amounts([*(one.get("price") for one in variants), product.get("price")], divisor)
        before = _amounts([one.get("compare_at_price") for one in variants[:1]], divisor)
        stocked = [one["available"] for one in variants if isinstance(one.get("available"), bool)]
        images = product.get("images") or [product.get("image") or product.get("featured_image")]
        code = next(filter(None, (currency_code(one.get("price_currency")) for one in variants)), currency)
        options = [one for one in rows(product.get("options")) if one.get("values") not in (None, ["Default Title"])]
        return {
            "title": texts.clean(product.get("title")),
            "listing_id": name_in(url) or texts.identity(product.get("id")),
            "url": url,
            "description": texts.clean(product.get("body_html") or product.get("description")),
            "brand": texts.clean(product.get("vendor")),
            "price": min(amounts, default=None),
            "price_max": max(amounts) if amounts and max(amounts) > min(amounts) else None,
            "list_price": before[0] if before and amounts and before[0] > min(amounts) else None,
            "currency": code if amounts else None,
            "availability": ("in_stock" if any(stocked) else "out_of_stock") if stocked else None,
            **self.shop_seller(url),
            "image_urls": texts.addresses(
                [one.get("src") if isinstance(one, dict) else one for one in embedded.items(images)], self.own_url
            ),
            "category_path": tuple(filter(None, [texts.clean(product.get("product_type") or product.get("type"))])),
            "attributes": {
                str(name): ", ".join(words)
                for one in options
                if (name := texts.clean(one.get("name")))
                and (words := [text for text in map(texts.clean, embedded.items(one.get("values"))) if text])
            },
        }


def _amounts(values: list[Any], divisor: int) -> list[Decimal]:
    return [amount for amount in (price(value, divisor) for value in values) if amount]


def _is_shopify(value: Any) -> bool:
    return (
        isinstance(value, dict) and isinstance(value.get("variants"), list) and "title" in value and "handle" in value
    )


def _is_woo(value: Any) -> bool:
    return (
        isinstance(value, dict) and "permalink" in value and "name" in value and ("prices" in value or "price" in value)
    )


class ShopifyAnswer(ShopPage):
    """``/products.json``, ``/collections/NAME/products.json``, ``/products/NAME.json`` and ``/products/NAME.js``."""

    kind = PageKind.API

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects of the answer."""
        given = at(self.document, "products") or at(self.document, "product") or self.document
        return [one for one in rows(given) if _is_shopify(one)]

    def fits(self) -> bool:
        """Tell whether there are products, or an empty list of them."""
        return bool(self.products) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the list of products is empty."""
        return bool(at(self.document, "products") == [])

    def listings(self) -> Iterator[Listing]:
        """Yield the products."""
        for product in self.products:
            yield from self.listing(**self.shopify_facts(product, None))


class WooAnswer(ShopPage):
    """``/wp-json/wc/store/v1/products`` and one product of it; also the answers of the shop's own REST API."""

    kind = PageKind.API

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects of the answer."""
        return [one for one in rows(self.document) if _is_woo(one)]

    def fits(self) -> bool:
        """Tell whether there are products, or an empty list of them."""
        return bool(self.products) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the list of products is empty."""
        return bool(self.document == [])

    def listings(self) -> Iterator[Listing]:
        """Yield the products."""
        for product in self.products:
            yield from self._read(product)

    def _read(self, product: dict[str, Any]) -> Iterator[Listing]:
        url = texts.address(product.get("permalink"), self.own_url)
        prices = product.get("prices") if isinstance(product.get("prices"), dict) else product
        unit = decimal(at(prices, "currency_minor_unit"))
        divisor = 10 ** int(unit) if unit is not None and unit < 5 else 1  # noqa: PLR2004 (no currency has five places)
        low = price(at(prices, "price_range", "min_amount"), divisor) or price(at(prices, "price"), divisor)
        high = price(at(prices, "price_range", "max_amount"), divisor)
        before = price(at(prices, "regular_price"), divisor)
        stocked = product.get("is_in_stock")
        yield from self.listing(
            title=texts.clean(product.get("name")),
            listing_id=name_in(url) or texts.identity(product.get("id")),
            url=url,
            description=texts.clean(product.get("description")) or texts.clean(product.get("short_description")),
            brand=texts.clean(at(rows(product.get("brands")), 0, "name")),
            price=low,
            price_max=high if low and high and high > low else None,
            list_price=before if low and before and before > low else None,
            currency=currency_code(at(prices, "currency_code")) if low else None,
            availability=("in_stock" if stocked else "out_of_stock") if isinstance(stocked, bool) else None,
            **self.shop_seller(url),
            image_urls=texts.addresses([one.get("src") for one in rows(product.get("images"))]),
            category_path=tuple(
                filter(None, (texts.clean(one.get("name")) for one in rows(product.get("categories"))[:1]))
            ),
            attributes={
                name: ", ".join(words)
                for one in rows(product.get("attributes"))
                if (name := texts.clean(one.get("name")))
                and (words := [text for text in (texts.clean(at(t, "name") or t) for t in _terms(one)) if text])
            },
            rating=texts.rating(product.get("average_rating")),
            review_count=texts.count(product.get("review_count")),
        )


def _terms(attribute: dict[str, Any]) -> list[Any]:
    return embedded.items(attribute.get("terms")) or embedded.items(attribute.get("options"))


class ProductPage(ShopPage, StructuredPage):
    """A page of a shop, by its structured data; Shopify's own product JSON where a theme has no such data."""

    @cached_property
    def shopify(self) -> dict[str, Any]:
        """Shopify's JSON of the product the page is about."""
        if self.document is not None or "shopify" not in self.body_text.lower():
            return {}
        scripts = self.css('script[type="application/json"]::text').getall()
        found = [node for node in embedded.objects(list(embedded.script_json(scripts))) if _is_shopify(node)]
        own = [node for node in found if str(node["handle"]) in (self.own_url or "")]
        return next(iter(own or found), {}) if len(own or found) == 1 else {}

    def fits(self) -> bool:
        """Tell whether the page has products."""
        return super().fits() or bool(self.shopify)

    def listings(self) -> Iterator[Listing]:
        """Yield the products of the page."""
        if self.shopify and not self.products:
            active = _ACTIVE.search(self.body_text)
            meta = self.meta.get("og:price:currency") or self.meta.get("product:price:currency")
            yield from self.listing(
                **self.shopify_facts(self.shopify, currency_code(meta or (active and active.group(1))))
            )
            return
        for one in super().listings():
            seller = self.shop_seller(one.url)
            kept = {name: value for name, value in seller.items() if value and not getattr(one, name)}
            yield attrs.evolve(one, listing_id=name_in(one.url) or one.listing_id, **kept)


PAGES = (ShopifyAnswer, WooAnswer, ProductPage)
