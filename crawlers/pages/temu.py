"""Temu: the state of its pages (``window.rawData``), else structured data.

Prices are read from the words shown beside the number: the number counts in the currency's smallest unit, which is not
a hundredth everywhere. One host serves every country; the first part of the path names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, having, items, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import Money, currency_code

_ID = re.compile(r"-g-(\d{9,20})\.html|[?&]goods_id=(\d{9,20})")
_COUNTRY = re.compile(r"^/([a-z]{2})(?:-[a-z]{2})?(?:/|$)")


def id_of(url: str | None) -> str | None:
    """Return the goods id in an address."""
    found = _ID.search(url or "")
    return (found.group(1) or found.group(2)) if found else None


class TemuPage(MarketPage):
    """What Temu's pages share."""

    @cached_property
    def source(self) -> Any:
        """The state, or the answer."""
        return self.document if self.document is not None else self.state("window.rawData", "rawData")

    @property
    def country(self) -> str | None:
        """ISO 3166-1 code of the country the path names; the site's where it names none."""
        found = _COUNTRY.match(urlsplit(self.own_url or "").path)
        named = found.group(1).upper() if found else None
        return {"UK": "GB"}.get(named or "", named) or super().country

    @property
    def local_currency(self) -> str | None:
        """The currency of the site, where the page is of its own country."""
        return self.site.currency if self.site and self.site.country == self.country else None

    @property
    def home(self) -> str:
        """Where the links of the state lead."""
        return f"{self.origin or 'https://www.temu.com'}/"


class ProductState(TemuPage, StructuredPage):
    """A product page."""

    kind = PageKind.PRODUCT

    @cached_property
    def store(self) -> dict[str, Any] | None:
        """The part of the state that holds the page's own product."""
        found = (one for one in having(self.source, "goods") if at(one, "goods", "goodsName"))
        return next(found, None)

    def fits(self) -> bool:
        """Tell whether the page is about one product."""
        return self.store is not None or (id_of(self.own_url) is not None and super().fits())

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the goods id in the address."""
        return id_of(url) or super().identify(node, url)

    def listings(self) -> Iterator[Listing]:
        """Yield the product."""
        if self.store is None:
            yield from super().listings()
            return
        goods = self.store["goods"]
        number = texts.identity(goods.get("goodsId") or self.store.get("goodsId")) or id_of(self.own_url)
        offer = self._offer()
        mall = at(self.store, "moduleMap", "mallModule", "data", "mallData") or self.store.get("mall")
        facts = {
            texts.clean(one.get("key")): ", ".join(filter(None, map(texts.clean, items(one.get("values")))))
            for one in rows(goods.get("goodsProperty"))
        }
        yield from self.listing(
            title=goods.get("goodsName"),
            listing_id=number,
            url=self.own_url or (f"{self.home}goods.html?goods_id={number}" if number else None),
            price=offer.amount if offer else None,
            price_max=offer.upper if offer else None,
            currency=(offer.currency or self.local_currency) if offer else None,
            seller_id=texts.identity(at(mall, "mallId")),
            seller_name=texts.clean(at(mall, "mallName")),
            seller_url=texts.address(self.store.get("mallUrl"), self.home),
            image_urls=texts.addresses(
                [at(one, "url") if isinstance(one, dict) else one for one in items(goods.get("gallery"))]
                + [goods.get("hdThumbUrl")]
            ),
            category_path=tuple(
                name for one in rows(self.store.get("crumbOptList")) if (name := texts.clean(one.get("optName")))
            ),
            attributes={name: value for name, value in facts.items() if name and value},
            rating=texts.rating(goods.get("goodsRating")),
            review_count=texts.count(goods.get("reviewNum")),
        )

    def _offer(self) -> Money | None:
        """Return the price of the cheapest variant, up to that of the dearest."""
        read = [self.money(one.get("normalPriceStr")) for one in rows(at(self.store, "sku"))]
        found = [one for one in read if one and one.amount]
        amounts: list[Decimal] = sorted(one.amount for one in found)
        if not amounts or len({one.currency for one in found}) > 1:
            return None
        return Money(amounts[0], amounts[-1] if amounts[-1] > amounts[0] else None, found[0].currency)


class GoodsList(TemuPage):
    """A result page or a shop's page, and the answers that continue them."""

    kind = PageKind.SEARCH

    @cached_property
    def goods(self) -> list[dict[str, Any]] | None:
        """The goods of the first list there is."""
        found = next((one["goodsList"] for one in having(self.source, "goodsList") if rows(one["goodsList"])), None)
        return [at(one, "data") if isinstance(one.get("data"), dict) else one for one in rows(found)]

    def fits(self) -> bool:
        """Tell whether there are goods."""
        return bool(self.goods)

    def listings(self) -> Iterator[Listing]:
        """Yield the goods."""
        for one in self.goods or ():
            number = texts.identity(one.get("goodsId"))
            offer = self.money(at(one, "priceInfo", "priceStr"))
            link = texts.address(one.get("seoLinkUrl") or one.get("linkUrl"), self.home)
            yield from self.listing(
                title=texts.first(one.get("title"), one.get("goodsName")),
                listing_id=number,
                url=link or (f"{self.home}goods.html?goods_id={number}" if number else None),
                price=offer.amount or None if offer else None,
                currency=(
                    currency_code(at(one, "priceInfo", "currency")) or offer.currency or self.local_currency
                    if offer
                    else None
                ),
                seller_id=texts.identity(one.get("mallId")),
                image_urls=texts.addresses([one.get("hdThumbUrl"), one.get("thumbUrl"), at(one, "image", "url")]),
                rating=texts.rating(at(one, "comment", "goodsScore")),
            )


PAGES = (ProductState, GoodsList)
