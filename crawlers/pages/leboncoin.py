"""Leboncoin: the ads in ``__NEXT_DATA__`` of its pages, and the same ads as its finder API answers them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, having, rows
from crawlers.money import price

_GONE = frozenset({"deleted", "expired", "disabled", "refused", "paused"})


class AdsPage(MarketPage):
    """Everything that carries ad objects; subclasses say where."""

    @cached_property
    def source(self) -> Any:
        """The JSON the ads stand in."""
        return self.document

    @cached_property
    def ads(self) -> list[dict[str, Any]]:
        """The ad objects, in the order of the page."""
        return list(having(self.source, "list_id", "subject"))

    def fits(self) -> bool:
        """Tell whether there are ads, or a search that found none."""
        return bool(self.ads) or at(self.source, "total") == 0

    def says_empty(self) -> bool:
        """Tell whether the search counts no results."""
        return not self.ads and at(self.source, "total") == 0

    def says_removed(self) -> str | None:
        """Return the status of a lone ad that is no longer offered."""
        status = str(self.ads[0].get("status")) if len(self.ads) == 1 else ""
        return f"the ad is {status}" if status in _GONE else None

    def listings(self) -> Iterator[Listing]:
        """Yield the ads that are offered."""
        for ad in self.ads:
            if ad.get("status") not in _GONE:
                yield from self._read(ad)

    def _read(self, ad: dict[str, Any]) -> Iterator[Listing]:
        facts = {
            str(one.get("key")): texts.first(one.get("value_label"), one.get("value"))
            for one in rows(ad.get("attributes"))
        }
        labels = {
            texts.clean(one.get("key_label")): texts.first(one.get("value_label"), one.get("value"))
            for one in rows(ad.get("attributes"))
            if one.get("key_label")
        }
        amount = _amount(ad)
        images = ad.get("images") if isinstance(ad.get("images"), dict) else {}
        owner = ad.get("owner") if isinstance(ad.get("owner"), dict) else {}
        number = texts.identity(ad.get("list_id"))
        url = texts.address(ad.get("url"), "https://www.leboncoin.fr")
        yield from self.listing(
            title=ad.get("subject"),
            listing_id=number,
            url=url or (f"https://www.leboncoin.fr/ad/{number}" if number else None),
            description=texts.clean(ad.get("body")),
            brand=facts.get("brand") or facts.get("clothing_brand") or facts.get("u_car_brand"),
            price=amount,
            currency="EUR" if amount else None,
            condition=facts.get("condition") or facts.get("item_condition"),
            availability=texts.clean(ad.get("status")),
            seller_id=texts.identity(at(owner, "user_id")) or texts.identity(at(owner, "store_id")),
            seller_name=texts.clean(at(owner, "name")),
            trader={"register_number": siren}
            if (siren := texts.identity(at(owner, "siren") or facts.get("siren")))
            else {},
            ship_from=texts.clean(at(ad, "location", "city")),
            image_urls=texts.addresses(at(images, "urls") or at(images, "urls_large")),
            category_path=tuple(filter(None, [texts.clean(ad.get("category_name"))])),
            attributes={str(name): value for name, value in labels.items() if name and value},
        )


def _amount(ad: dict[str, Any]) -> Decimal | None:
    """Return the exact price: ``price_cents`` where it is there, for ``price`` is rounded to euros."""
    whole = ad.get("price")
    return price(ad.get("price_cents"), 100) or price(whole[0] if isinstance(whole, list) and whole else whole)


class NextPage(AdsPage):
    """An ad page or a result page."""

    kind = PageKind.PRODUCT

    @cached_property
    def source(self) -> Any:
        """The page's own ad, or the result list; never the ads recommended beside them."""
        if self.document is not None:
            return None
        props = at(self.next_data, "props", "pageProps")
        found = at(props, "ad") or at(props, "searchData") or at(props, "initialProps", "searchData")
        return {"ads": at(found, "ads"), "total": at(found, "total")} if at(found, "ads") is not None else found

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        props = at(self.next_data, "props", "pageProps")
        last = texts.count(at(props, "searchData", "max_pages"))
        here = texts.count(at(self.next_data, "query", "page")) or 1
        return here < last if last else None


class AdsAnswer(AdsPage):
    """Ads as the finder API answers them, or as a tool saved them."""

    kind = PageKind.API


PAGES = (NextPage, AdsAnswer)
