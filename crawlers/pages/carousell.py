"""Carousell: result and listing pages by their state (``initialState``), rendered cards, answers of its search.

A price of 0, 1 or 2 stands there as sellers write it, and is shown to buyers like that. Old cards name title and price
by their place alone (``header_1``, ``header_2``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.embedded import at, having, items, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_of, decimal

_ID = re.compile(r"/p/(?:[^/?#]*-)?(\d{5,15})/?(?:[?#]|$)")
_STATUS = {"L": "in_stock", "R": "reserved", "S": "sold_out"}
_GONE = frozenset({"D", "E", "X"})  # deleted, expired, taken down
_CONDITIONS = frozenset(
    {
        "brand new", "like new", "lightly used", "well used", "heavily used", "new", "used",
        "全新", "幾乎全新", "狀況良好", "狀況普通", "狀況尚可", "baru", "bekas", "seperti baru",
    }
)  # fmt: skip
_STATE = re.compile(r"initialState|currentScript")


def id_of(url: str | None) -> str | None:
    """Return the listing id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class CarousellPage(MarketPage):
    """What Carousell's pages share."""

    state_names: ClassVar[tuple[str, ...]] = ("window.initialState", "__INITIAL_STATE__")

    @cached_property
    def source(self) -> Any:
        """The page's state; it stands in a script of its own before the one that takes it over."""
        if self.document is not None or not _STATE.search(self.body_text):
            return None
        for state in embedded.script_json(self.css('script[type="application/json"]::text').getall()):
            if "SearchListing" in state or "Listing" in state:
                return state
        return self.state(*self.state_names)

    @property
    def path(self) -> str | None:
        """The path of the page's own address, as its state has it."""
        found = at(self.source, "Router", "location", "pathname")
        return found if isinstance(found, str) and found.startswith("/") else None

    @cached_property
    def links(self) -> dict[str, str]:
        """The addresses of listings the page links to, by id."""
        found: dict[str, str] = {}
        if self.document is None:
            for link in self.css('a[href*="/p/"]::attr(href)').getall():
                number = id_of(link)
                if number:
                    found.setdefault(number, link.partition("?")[0])
        return found

    def site_clues(self) -> Iterator[str | None]:
        """Yield the host the page was made for, or the site that sells in an answer's currency."""
        host = at(self.source, "Router", "host")
        yield f"https://{host}" if isinstance(host, str) else None
        yield next(iter(self.links.values()), None)
        words = next((str(card.get("price")) for card in having(self.document, "price", "seller")), "")
        code = currency_of(words) if "$" not in words[:1] else None
        sites = self.place.manifest.sites if self.place.manifest else ()
        yield next((f"https://{site.domain}" for site in sites if site.currency == code), None)

    def listing_url(self, number: str | None) -> str | None:
        """Return a listing's address: as the page links to it, else the short one."""
        if not number:
            return None
        return texts.address(self.links.get(number) or f"/p/{number}/", self.origin)

    def seller(self, node: Any) -> dict[str, Any]:
        """Return the seller fields."""
        name = texts.clean(at(node, "username"))
        return {
            "seller_id": texts.identity(at(node, "id")),
            "seller_name": name,
            "seller_url": texts.address(f"/u/{name}/", self.origin) if name and self.origin else None,
        }


class Cards(CarousellPage):
    """Listing cards: a search, a category, a seller's profile; or the answer the page loads more of them from."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[dict[str, Any]]:
        """The card objects of the list itself."""
        if self.document is not None:
            wrapped = [one["listingCard"] for one in having(self.document, "listingCard")]
            return rows(wrapped) or list(having(self.document, "belowFold", "seller"))
        own = at(self.source, "SearchListing", "listingCards")
        if not own and not id_of(self.own_url or self.path):
            own = next(
                (one["listingCards"] for one in having(self.source, "listingCards") if one["listingCards"]), None
            )
        return rows(own)

    def fits(self) -> bool:
        """Tell whether there are cards, or a search without any."""
        return bool(self.cards) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the search counts none."""
        if self.cards:
            return False
        found = at(self.source, "SearchListing")
        asked = bool(at(found, "appliedContext") or at(found, "requestID"))
        answer = at(self.document, "data")
        none_answered = at(answer, "results") == [] and "session" in answer
        return (asked and at(found, "numberOfResults") == 0) or none_answered

    def next_page(self) -> bool | None:
        """Tell whether the list can load more."""
        more = at(self.source, "SearchListing", "shouldLoadMore")
        return more if isinstance(more, bool) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the cards that are offered."""
        for card in self.cards:
            if str(card.get("status")) not in _GONE:
                yield from self._read(card)

    def _read(self, card: dict[str, Any]) -> Iterator[Listing]:
        lines = [
            (str(one.get("component")), texts.clean(one.get("stringContent"))) for one in rows(card.get("belowFold"))
        ]
        heads = {name: text for name, text in lines if name in {"header_1", "header_2"} and text}
        offer = self.money(texts.first(card.get("price"), heads.get("header_2")))
        before = self.money(at(card, "originalPrice", "value") or card.get("originalPrice"))
        condition = next((text for _, text in lines if text and text.lower() in _CONDITIONS), None)
        number = texts.identity(card.get("id") or card.get("listingID"))
        media = [at(one, "photoItem", "url") for one in rows(card.get("media"))]
        photos = [*media, *items(card.get("photoUrls")), *(one.get("thumbnailUrl") for one in rows(card.get("photos")))]
        yield from self.listing(
            title=texts.first(card.get("title"), heads.get("header_1")),
            listing_id=number,
            url=self.listing_url(number),
            price=offer.amount if offer else None,
            list_price=before.amount or None if before else None,
            currency=(offer.currency or self.local_currency) if offer else None,
            condition=condition,
            availability=_STATUS.get(str(card.get("status"))),
            **self.seller(card.get("seller")),
            ship_from=texts.clean(at(card, "marketPlace", "name")),
            image_urls=texts.addresses([url for url in photos if url] or card.get("thumbnailURL")),
        )


class ListingState(CarousellPage):
    """A listing page by its state."""

    kind = PageKind.PRODUCT

    @cached_property
    def item(self) -> dict[str, Any] | None:
        """The listing the page is about; the others in the state are what it recommends."""
        known = at(self.source, "Listing", "listingsMap")
        number = id_of(self.own_url) or id_of(self.path)
        found = at(known, number) if number else at(self.document, "data", "listing")
        return found if isinstance(found, dict) and found.get("title") else None

    def fits(self) -> bool:
        """Tell whether there is a listing."""
        return self.item is not None or self.says_removed() is not None

    def says_removed(self) -> str | None:
        """Return the status of a listing that is gone."""
        status = str(at(self.item, "status"))
        if status in _GONE:
            return f"the listing is {status}"
        code = texts.count(at(self.source, "Router", "serverStatusCode"))
        return f"the page says {code}" if code in {404, 410} else None

    def listings(self) -> Iterator[Listing]:
        """Yield the listing, sold or not, unless it is deleted."""
        item = self.item
        if item is None or self.says_removed():
            return
        number = texts.identity(item.get("id"))
        words = texts.first(item.get("price_formatted"), item.get("currency_symbol"))
        read = self.money(item.get("price_formatted"))
        amount = decimal(item.get("price"))
        if amount is None and read:
            amount = read.amount
        named = self.money(f"{words or ''} 1")
        photos = [
            one.get("image_url") or one.get("url") or one.get("thumbnail_url") for one in rows(item.get("photos"))
        ]
        condition = texts.first(at(item, "condition_v2", "display_name"), item.get("condition"))
        yield from self.listing(
            title=item.get("title"),
            listing_id=number,
            url=self.own_url or texts.address(self.path, self.origin) or self.listing_url(number),
            description=texts.first(item.get("description"), item.get("flattened_description")),
            price=amount,
            currency=((named.currency if named else None) or self.local_currency) if amount is not None else None,
            condition=None if condition and condition.isdigit() else condition,
            availability=_STATUS.get(str(item.get("status"))),
            **self.seller(item.get("seller")),
            ship_from=texts.clean(at(item, "marketplace", "name")),
            image_urls=texts.addresses(photos),
            category_path=tuple(
                filter(None, [texts.first(at(item, "collection", "display_name"), at(item, "collection", "name"))])
            ),
        )


class RenderedCards(CarousellPage):
    """A result page as a browser rendered it, without its state."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The cards of the list."""
        return list(self.css('div[data-testid^="listing-card-"], div[data-testid="listing-card"]'))

    def fits(self) -> bool:
        """Tell whether there are cards, and the page is no listing's own."""
        return self.document is None and bool(self.cards) and id_of(self.own_url) is None

    def listings(self) -> Iterator[Listing]:
        """Yield the cards; the lines after the title are told by their kind."""
        for card in self.cards:
            link = card.css('a[href*="/p/"]')
            number = id_of(attribute(link, "href")) or texts.identity(
                attribute(card, "data-testid").removeprefix("listing-card-")
            )
            lines = [text for text in map(shown, link.css("p")) if text]
            picture = card.css('a[href*="/p/"] img')
            offer = next((read for text in lines[1:] if (read := self.money(text)) and len(text) < 30), None)  # noqa: PLR2004 (a price is short)
            name = self.text_of('[data-testid="listing-card-text-seller-name"]', card)
            labelled = texts.clean(attribute(picture, "alt"))
            yield from self.listing(
                title=texts.first(
                    attribute(picture, "title"), labelled if labelled in lines else None, lines[0] if lines else None
                ),
                listing_id=number,
                url=self.listing_url(number),
                price=offer.amount if offer else None,
                currency=(offer.currency or self.local_currency) if offer else None,
                condition=next((text for text in lines if text.lower() in _CONDITIONS), None),
                seller_name=name,
                seller_url=texts.address(f"/u/{name}/", self.origin) if name and self.origin else None,
                image_urls=texts.addresses(attribute(picture, "src")),
            )


class ListingPage(CarousellPage, StructuredPage):
    """A listing page as made for search engines, else as rendered; a result page's "Product" is no listing."""

    kind = PageKind.PRODUCT
    _PAGE = "new-listing-details-page-desktop"
    _TITLE = f'[data-testid="{_PAGE}-text-title"]'
    _PRICE = f'#FieldSetField-Container-field_price h2, [data-testid="{_PAGE}-text-price"]'
    _SELLER = f'[data-testid="{_PAGE}-div-seller-contact-header"] a[href*="/u/"]'

    def fits(self) -> bool:
        """Tell whether the page is about one listing."""
        return (
            self.document is None
            and id_of(self.own_url) is not None
            and (StructuredPage.fits(self) or bool(self.css(self._TITLE)))
        )

    def listings(self) -> Iterator[Listing]:
        """Yield the listing."""
        if StructuredPage.fits(self):
            yield from super().listings()
            return
        offer = self.money(self.text_of(self._PRICE))
        pictures = self.css("#FieldSetGroup-Container-photo_group img").css("::attr(src)").getall()
        yield from self.listing(
            title=self.text_of(self._TITLE),
            listing_id=id_of(self.own_url),
            url=self.own_url,
            description=self.text_of("#FieldSetField-Container-field_description p"),
            price=offer.amount if offer else None,
            currency=(offer.currency or self.local_currency) if offer else None,
            **self.seller_of(None),
            image_urls=texts.addresses(pictures or self.meta.get("og:image")),
        )

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller of the data, else by the link to the profile."""
        found = re.search(r"/u/([^/?#]+)", attribute(self.css(self._SELLER), "href"))
        given = super().seller_of(seller)
        return given if given["seller_name"] or not found else self.seller({"username": found.group(1)})

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the id in the address."""
        return id_of(url) or super().identify(node, url)


PAGES = (ListingState, Cards, RenderedCards, ListingPage)
