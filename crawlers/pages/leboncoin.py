"""Leboncoin: the ads in the state of its pages, as its finder API answers them, and as a page without its state shows.

The state is ``__NEXT_DATA__``, to 2020 ``__REDIAL_PROPS__`` and ``FLUX_STATE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, having, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import price

_ID = re.compile(r"/(\d{6,12})(?:\.htm)?/?(?:[?#]|$)")
_PICTURE = re.compile(r"//img\d?\.leboncoin\.fr/")
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
            if str(ad.get("status")) not in _GONE:
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
    """An ad page or a result page: asked first whatever the page is for."""

    kind = None

    @cached_property
    def source(self) -> Any:
        """The page's own ad, or the result list; never the ads recommended beside them."""
        if self.document is not None:
            return None
        props = at(self.next_data, "props", "pageProps")
        found = at(props, "ad") or at(props, "searchData") or at(props, "initialProps", "searchData") or self._older()
        return {"ads": at(found, "ads"), "total": at(found, "total")} if at(found, "ads") is not None else found

    def _older(self) -> Any:
        """Return the ad or the result list of a page before Next.js, or of one that pushes its state in lines."""
        redial = (at(part, "data") for part in rows(self.state("__REDIAL_PROPS__")))
        pushed = embedded.flight(self.body_text)
        named = (value for name in ('"ad', '"searchData') for value in embedded.assigned(pushed, name))
        flux = self.state("FLUX_STATE")
        searched = (one for one in having(flux, "ads") if isinstance(one["ads"], list))
        for found in (*redial, at(flux, "adview"), *searched, *named):
            if at(found, "ads") is not None or at(found, "list_id") is not None:
                return found
        return None

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        props = at(self.next_data, "props", "pageProps")
        last = texts.count(at(props, "searchData", "max_pages"))
        here = texts.count(at(self.next_data, "query", "page")) or 1
        return here < last if last else None


class AdsAnswer(AdsPage):
    """Ads as the finder API answers them, or as a tool saved them."""

    kind = PageKind.API


class AdRows(MarketPage):
    """A rendered result page whose scripts were not saved, and the list to 2017: the rows themselves."""

    kind = PageKind.SEARCH

    @cached_property
    def _found(self) -> list[tuple[str, Any]]:
        """Each row with the number in its address."""
        rows_shown = self.css('[data-qa-id="aditem_container"], [data-test-id="ad"], a.list_item')
        links = ((row, row.css('::attr(href), a[href*="/ad/"]::attr(href)').get()) for row in rows_shown)
        return [(link, row) for row, link in links if link and _ID.search(link)]

    def fits(self) -> bool:
        """Tell whether there are rows, and not beside an ad."""
        return self.document is None and not self.css('[data-qa-id="adview_title"]') and bool(self._found)

    def listings(self) -> Iterator[Listing]:
        """Yield one listing for each row."""
        for link, row in self._found:
            found = _ID.search(link)
            amount = self.money(
                self.text_of(
                    '[data-qa-id="aditem_price"], [data-test-id="price"], [itemprop="price"], .item_price', row
                )
            )
            yield from self.listing(
                title=self.text_of(
                    '[data-qa-id="aditem_title"], [data-test-id="adcard-title"], [data-test-id="ad-title"], h2, h3', row
                ),
                listing_id=found.group(1) if found else None,
                url=texts.address(link, "https://www.leboncoin.fr"),
                price=amount.amount or None if amount else None,
                currency="EUR" if amount and amount.amount else None,
                image_urls=[
                    url
                    for url in texts.addresses(row.css("img::attr(src), .lazyload::attr(data-imgsrc)").getall())
                    if _PICTURE.search(url)
                ],
            )


class AdPage(StructuredPage):
    """An ad page without its state: JSON-LD, and the parts that are marked for tests."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page is about one ad."""
        if self.document is not None:
            return False
        return bool(self._title) and _ID.search(self.own_url or "") is not None

    @cached_property
    def _title(self) -> str | None:
        named = self.title_of(self.products[0]) if len(self.products) == 1 else None
        return self.text_of('[data-qa-id="adview_title"]') or named

    def listings(self) -> Iterator[Listing]:
        """Yield the ad."""
        if len(self.products) == 1:
            yield from self.read(self.products[0])
            return
        amount = self.money(self.text_of('[data-qa-id="adview_price"]'))
        yield from self.listing(
            title=self._title,
            listing_id=self.identify({}, self.own_url),
            url=self.own_url,
            description=self.text_of('[data-qa-id="adview_description_container"]'),
            price=amount.amount or None if amount else None,
            currency="EUR" if amount and amount.amount else None,
            image_urls=texts.addresses(self.meta.get("og:image")),
        )

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the number in the address."""
        found = _ID.search(url or "")
        return found.group(1) if found else super().identify(node, url)


PAGES = (NextPage, AdsAnswer, AdRows, AdPage)
