"""Lazada: the pages of its family (`crawlers.families.page_data`), and answers of its Open Platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, rows
from crawlers.families.page_data import ProductPage, RenderedRows, StateRows
from crawlers.money import price


class OpenPlatformAnswer(MarketPage):
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


PAGES = (StateRows, RenderedRows, ProductPage, OpenPlatformAnswer)
