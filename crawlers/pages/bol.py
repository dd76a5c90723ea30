"""bol: answers of the Marketing Catalog API; its pages are read by their structured data.

The API names no currency: bol sells in euros alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import price

_ID = re.compile(r"/p/(?:[^/?#]*/)?(\d{10,20})(?:[/?#]|$)")


def product_id(url: str | None) -> str | None:
    """Return the product's number in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class CatalogAnswer(MarketPage):
    """Answers of ``/marketing/catalog/v1/products``: a search, a list, or one product."""

    kind = PageKind.API

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The product objects of the answer."""
        given = at(self.document, "results") or at(self.document, "products") or self.document
        return [one for one in rows(given) if "title" in one and ("bolProductId" in one or "ean" in one)]

    def fits(self) -> bool:
        """Tell whether there are products, or an empty list of them."""
        return bool(self.products) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the list of products is empty."""
        return bool(at(self.document, "results") == [] and at(self.document, "totalResults") == 0)

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        here, last = texts.count(at(self.document, "page")), texts.count(at(self.document, "totalPages"))
        return here < last if here and last else None

    def listings(self) -> Iterator[Listing]:
        """Yield the products."""
        for product in self.products:
            offer = product.get("offer") if isinstance(product.get("offer"), dict) else product.get("bestOffer")
            url = texts.address(product.get("url"))
            now, before = price(at(offer, "price")), price(at(offer, "strikethroughPrice"))
            ean = texts.identity(product.get("ean"))
            yield from self.listing(
                title=product.get("title"),
                listing_id=texts.identity(product.get("bolProductId")) or product_id(url),
                url=url,
                description=texts.clean(product.get("description")),
                price=now,
                list_price=before if now and before and before > now else None,
                currency="EUR" if now else None,
                condition=texts.first(at(offer, "condition", "name"), at(offer, "condition")),
                seller_id=texts.identity(at(offer, "seller", "id")),
                seller_name=texts.first(at(offer, "seller", "displayName"), at(offer, "seller", "name")),
                image_urls=texts.addresses([at(product, "image", "url")]),
                attributes={"gtin": ean} if ean else {},
                rating=texts.rating(product.get("rating")),
            )


class ProductPage(StructuredPage):
    """A page of bol by its structured data, with the product's number from its address."""

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the product's number."""
        return product_id(url) or super().identify(node, url)


PAGES = (CatalogAnswer, ProductPage)
