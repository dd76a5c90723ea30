"""The four marketplaces the sandbox plays: JSON-LD, embedded state, JSON answers, and a page built by script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, rows
from crawlers.families.since import since
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, price

CENTS = 100  # marktkorb gives cents, longshi fen
_SHOP = re.compile(r"/shop/([a-z0-9-]{1,80})(?=[/?#]|$)")


def shop_of(url: str | None) -> str | None:
    """Return the shop id in an address."""
    found = _SHOP.search(url or "")
    return found.group(1) if found else None


class HarborlanePage(StructuredPage):
    """Harborlane: schema.org tells everything but the seller's id, which stands in its address."""

    def fits(self) -> bool:
        """Tell whether the page is Harborlane's, with or without offers."""
        return self._is_ours and (super().fits() or self.says_empty())

    @property
    def _is_ours(self) -> bool:
        return self.place.market == "harborlane" and self.document is None

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Add the id in the seller's address."""
        fields = super().seller_of(seller)
        told = self.css(".since::text").get() if not self._is_list else None
        return {**fields, "seller_id": shop_of(fields["seller_url"]), "seller_since": since(told)}

    def url_of(self, node: dict[str, Any], *, lone: bool) -> str | None:
        """Return the offer's own address, also where it is the only one on a result page."""
        return super().url_of(node, lone=lone and not self._is_list)

    def says_empty(self) -> bool:
        """Tell whether the page counts no results."""
        return bool(self.css("p.no-results"))

    def next_page(self) -> bool | None:
        """Tell by the link to the next page; a product page says nothing."""
        if not self._is_list:
            return None
        return bool(self.css('a[rel="next"]'))

    @property
    def _is_list(self) -> bool:
        return '"ItemList"' in self.body_text


class MarktkorbPage(MarketPage):
    """Marktkorb: the state object in its script."""

    @cached_property
    def shop_state(self) -> Any:
        """The page's state."""
        return self.state("window.__STATE__") if self.document is None else None

    def fits(self) -> bool:
        """Tell whether the state is that of an article or a list."""
        return at(self.shop_state, "ansicht") in {"artikel", "liste"}

    def listings(self) -> Iterator[Listing]:
        """Yield the article the page is about, or the hits; similar articles beside an article are not its offer."""
        article = at(self.shop_state, "artikel")
        for row in rows(article) if article else rows(at(self.shop_state, "treffer", "artikel")):
            yield from self._read(row)

    def _read(self, row: dict[str, Any]) -> Iterator[Listing]:
        trader = row.get("anbieter")
        shop_id = texts.clean(at(row, "haendler", "id"))
        yield from self.listing(
            title=row.get("titel"),
            listing_id=texts.identity(row.get("artikelnummer")),
            url=texts.address(row.get("adresse"), self.origin),
            description=texts.clean(row.get("beschreibung")),
            brand=texts.clean(row.get("marke")),
            price=price(at(row, "preis", "cent"), CENTS),
            list_price=price(row.get("statt"), CENTS),
            currency=currency_code(at(row, "preis", "waehrung")),
            condition=texts.clean(row.get("zustand")),
            seller_id=shop_id,
            seller_name=texts.clean(at(row, "haendler", "name")),
            seller_url=texts.address(f"/shop/{shop_id}", self.origin) if shop_id else None,
            trader=_trader(trader) if isinstance(trader, dict) else {},
            image_urls=texts.addresses(row.get("bilder"), self.origin),
            category_path=_words(row.get("kategorien")),
            review_count=texts.count(row.get("bewertungen")),
            sold_count=texts.count(row.get("verkauft")),
        )

    def says_empty(self) -> bool:
        """Tell whether there are no hits."""
        return bool(at(self.shop_state, "treffer", "anzahl") == 0 or at(self.shop_state, "treffer", "artikel") == [])

    def next_page(self) -> bool | None:
        """Tell whether the list goes on."""
        more = at(self.shop_state, "treffer", "weitere")
        return more if isinstance(more, bool) else None


def _trader(given: dict[str, Any]) -> dict[str, str]:
    names = {"firma": "name", "anschrift": "address", "email": "email", "telefon": "phone", "register": "register"}
    return {ours: str(given[theirs]) for theirs, ours in names.items() if given.get(theirs)}


def _words(values: Any) -> tuple[str, ...]:
    return tuple(filter(None, map(texts.clean, values))) if isinstance(values, list) else ()


class LongshiAnswer(MarketPage):
    """Longshi: answers of its JSON interface, prices in fen."""

    kind = PageKind.API

    def fits(self) -> bool:
        """Tell whether the answer has the interface's envelope."""
        return at(self.document, "code") is not None and at(self.document, "msg") is not None

    def listings(self) -> Iterator[Listing]:
        """Yield the items of the answer."""
        data = at(self.document, "data")
        for item in rows(at(data, "item")) or rows(at(data, "items")):
            yield from self._read(item)

    def _read(self, item: dict[str, Any]) -> Iterator[Listing]:
        shop = item.get("shop")
        shop_id = texts.clean(at(shop, "shopId"))
        company, licence = texts.clean(at(shop, "company")), texts.clean(at(shop, "licence"))
        trader = {"name": company, "register": licence}
        properties = {str(one.get("k")): str(one.get("v")) for one in rows(item.get("props"))}
        yield from self.listing(
            title=item.get("title"),
            listing_id=texts.identity(item.get("itemId")),
            url=texts.address(item.get("url"), self.origin),
            description=texts.clean(item.get("desc")),
            brand=texts.clean(item.get("brand")),
            price=price(item.get("priceFen"), CENTS),
            list_price=price(item.get("originFen"), CENTS),
            currency=currency_code(item.get("currency")),
            condition=properties.get("成色"),
            seller_id=shop_id,
            seller_name=texts.clean(at(shop, "shopName")),
            seller_url=texts.address(f"/shop/{shop_id}", self.origin) if shop_id else None,
            trader={name: value for name, value in trader.items() if value},
            seller_since=since(at(shop, "since")),
            ship_from=properties.get("发货地"),
            image_urls=texts.addresses(item.get("pics"), self.origin),
            category_path=_words(item.get("cats")),
            attributes=properties,
            sold_count=texts.count(item.get("sold")),
            review_count=texts.count(item.get("comments")),
            language="zh",
        )

    def says_removed(self) -> str | None:
        """Return the answer's words for an item that is gone."""
        return texts.clean(self.document.get("msg")) if at(self.document, "code") in {404, 410} else None

    def says_empty(self) -> bool:
        """Tell whether the list of items is empty."""
        return bool(at(self.document, "data", "items") == [])

    def next_page(self) -> bool | None:
        """Tell whether the list goes on."""
        more = at(self.document, "data", "hasMore")
        return more if isinstance(more, bool) else None


class LongshiItem(MarketPage):
    """Longshi: an item's page for people, as a monitor saves it."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page is about one item."""
        return self.place.market == "longshi" and self.document is None and bool(self.css("h1 ~ p.jia"))

    def listings(self) -> Iterator[Listing]:
        """Yield the item."""
        found = self.money(self.text_of("p.jia"))
        shop_url = texts.address(self.css('a[href*="/shop/"]::attr(href)').get(), self.origin)
        number = re.search(r"宝贝编号：\s*(\d{6,20})", self.body_text)
        yield from self.listing(
            title=self.text_of("h1"),
            listing_id=number.group(1) if number else None,
            url=self.own_url,
            price=found.amount if found else None,
            currency=found.currency or self.local_currency if found else None,
            seller_id=shop_of(shop_url),
            seller_name=self.text_of('a[href*="/shop/"]'),
            seller_url=shop_url,
            image_urls=texts.addresses(self.css('img[src*="/img/"]::attr(src)').getall(), self.origin),
        )


class PasarriaPage(MarketPage):
    """Pasarria: the page its script has built, once it is ready."""

    def fits(self) -> bool:
        """Tell whether the script has done its work."""
        return self.document is None and bool(self.css("main[data-siap]"))

    def listings(self) -> Iterator[Listing]:
        """Yield the product the page is about, or the cards of a list; similar products are not its offer."""
        for element in self.css("main > article.produk") or self.css("section.hasil > .kartu"):
            yield from self._read(element)

    def _read(self, element: Selector) -> Iterator[Listing]:
        listing_id = texts.identity(element.attrib.get("data-produk"))
        found, before = self.money(self.text_of(".harga", element)), self.money(self.text_of(".coret", element))
        shop_url = texts.address(element.css("a.toko::attr(href)").get(), self.origin)
        pictures = element.css("img.foto::attr(src)").getall() or element.css("img::attr(src)").getall()
        steps = [texts.clean(step) for step in element.css(".jejak span::text").getall()]
        yield from self.listing(
            title=self.text_of(".nama", element),
            listing_id=listing_id,
            url=texts.address(f"/p/{listing_id}", self.origin) if listing_id else None,
            description=self.text_of(".uraian", element),
            brand=self.text_of(".merek", element),
            price=_amount(found),
            list_price=_amount(before),
            currency=(found.currency or self.local_currency) if found else None,
            condition=self.text_of(".kondisi", element),
            seller_id=shop_of(shop_url),
            seller_name=self.text_of("a.toko", element),
            seller_url=shop_url,
            ship_from=self.text_of(".asal", element),
            image_urls=texts.addresses(pictures, self.origin),
            category_path=tuple(step for step in steps if step),
            sold_count=texts.count(self.text_of(".terjual", element)),
        )

    def says_removed(self) -> str | None:
        """Return the words for a product that is gone."""
        return self.text_of("main > h1.hilang")

    def says_empty(self) -> bool:
        """Tell whether there are no hits."""
        return bool(self.css("section.hasil")) and not self.css("section.hasil > .kartu")

    def next_page(self) -> bool | None:
        """Tell by the link to the next page; a product page says nothing."""
        return bool(self.css('a[rel="next"]')) if self.css("section.hasil") else None


def _amount(found: Any) -> Decimal | None:
    return found.amount or None if found else None


PAGES = (HarborlanePage, MarktkorbPage, LongshiAnswer, LongshiItem, PasarriaPage)
