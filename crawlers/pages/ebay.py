"""eBay: item pages old and new; its lists: `ebay_rows`, its APIs: `ebay_answers`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import PageKind, attribute, shown
from crawlers.families.embedded import at, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import Money, currency_code
from crawlers.pages.ebay_answers import ANSWERS
from crawlers.pages.ebay_rows import LISTS, SOLD, EbayPage, id_of

_ENDED = re.compile(
    r"listing (?:was|has been|has|is)? ?(?:ended|removed)|bidding (?:has )?ended|no longer available"
    r"|dieses angebot wurde|angebot wurde beendet|bieten .{0,40}beendet|artikel .{0,30}nicht mehr verfügbar"
    r"|(?:annonce|vente) .{0,30}terminée|mise en vente .{0,40}terminée|n'est plus disponible"
    r"|inserzione .{0,40}(?:scaduta|terminata|chiusa)|anuncio .{0,30}finaliz|ha finalizado|ya no está disponible"
    r"|aanbieding .{0,30}(?:beëindigd|afgelopen)|oferta .{0,30}zakończ|出品は終了|このリスティングは終了",
    re.IGNORECASE,
)


_OUT = (  # the listing stands, with nothing left of it
    (
        re.compile(
            r"listing sold|item (?:has been |was )?sold|artikel .{0,20}verkauft|objet .{0,20}vendu", re.IGNORECASE
        ),
        "sold_out",
    ),
    (
        re.compile(
            r"out of stock|nicht vorrätig|ausverkauft|en rupture|agotado|esaurito|niet op voorraad", re.IGNORECASE
        ),
        "out_of_stock",
    ),
)


class ItemPage(EbayPage, StructuredPage):
    """An item page: "ViewItem" to about 2020 (``#itemTitle``) and the later one (``.x-item-title``)."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page is about one item."""
        return self.document is None and bool(self.css(self._TITLE))

    _TITLE = "#itemTitle, h1.x-item-title__mainTitle, .x-item-title, h1#mainTitle, .vi-title"

    @cached_property
    def _notices(self) -> list[str]:
        """What the page says of its listing above it."""
        found = self.css(
            "#msgPanel, .msgTextAlign, .vi-notify-msg, .vi-cvip-msg, .d-statusmessage, .ux-message__title"
            ", .x-ended-listing"
            ", .x-alert__text, .ux-layout-section__textual-display--statusMessage, .x-statusmessage, .d-status-message"
        )
        return [notice[:400] for notice in map(shown, found) if notice]

    def says_removed(self) -> str | None:
        """Return the notice that the listing has ended; one that is sold stands."""
        if self._out:
            return None
        return next((notice[:200] for notice in self._notices if _ENDED.search(notice)), None)

    @property
    def _out(self) -> str | None:
        return next((word for pattern, word in _OUT if any(map(pattern.search, self._notices))), None)

    def listings(self) -> Iterator[Listing]:
        """Yield the item, unless the page says that its listing has ended."""
        if self.says_removed():
            return
        node: dict[str, Any] = self.products[0] if self.products else {}
        listing_id = id_of(self.own_url) or self._item_number()
        offer = self.money(
            self.text_of("#prcIsum, #mm-saleDscPrc, #prcIsum_bidPrice, .x-price-primary, .x-bid-price .x-price-primary")
        )
        low, high, code = self.prices_of(node, rows(node.get("offers")))
        seller = self._seller()
        yield from self.listing(
            title=self._title(node),
            listing_id=listing_id,
            url=self.item_url(listing_id) if listing_id else self.own_url,
            brand=texts.first(at(node, "brand", "name"), node.get("brand")),
            price=(offer.amount or None) if offer else low,
            price_max=offer.upper if offer else high,
            currency=self._currency(offer, code),
            condition=self.text_of("#vi-itm-cond, .x-item-condition-text .ux-textspans, .x-item-condition-value"),
            availability=self._out,
            **seller,
            ship_from=self._place(),
            image_urls=self._pictures(node),
            category_path=self._categories(node),
            attributes=self._specifics(),
            sold_count=texts.count(
                re.sub(
                    r"[.,]",
                    "",
                    _first_group(SOLD, self.text_of(".vi-qtyS-hot-red, .vi-qtyS, .x-quantity__availability")) or "",
                )
            ),
        )

    def _title(self, node: dict[str, Any]) -> str | None:
        own = (
            self.css(self._TITLE)
            .xpath(
                "(.//text() | self::text())[not(ancestor::*[contains(@class, 'g-hdn') or contains(@class, 'clipped')])]"
            )
            .getall()
        )
        title = texts.clean("".join(own)) or texts.first(node.get("name"), self.meta.get("og:title"))
        return re.sub(r"\s*(?:for sale online)?\s*\| eBay$", "", title) if title else None

    def _item_number(self) -> str | None:
        shown_number = self.text_of("#descItemNumber, .ux-layout-section__textual-display--itemId .ux-textspans--BOLD")
        return _first_group(re.compile(r"(\d{9,15})"), shown_number)

    def _currency(self, offer: Money | None, code: str | None) -> str | None:
        """A visible "US $" is sure; a bare "$" is what the page's data or the site says."""
        words = self.text_of("#prcIsum, .x-price-primary") or ""
        if offer and re.search(r"[A-Z]{1,3}\s?\$|[A-Z]{3}|[£€円]|zł", words):
            return offer.currency
        written = currency_code(self.css('[itemprop="priceCurrency"]::attr(content)').get())
        return code or written or (offer.currency if offer else None) or (self.local_currency if offer else None)

    def _seller(self) -> dict[str, Any]:
        links = self.css(
            '#mbgLink, .mbg a[href*="/usr/"], .x-sellercard-atf__info__about-seller a, .x-sellercard-atf__info a'
            ", .ux-seller-section__item--seller a, .x-store-information__highlights a"
        )
        name = next((text for text in map(shown, links) if text), None)
        addresses = [attribute(link, "href") for link in links]
        user = next(
            (
                found.group(1)
                for url in addresses
                if (found := re.search(r"/usr/([^/?#]+)|[?&]_ssn=([^&#]+)", url)) and found.group(1)
            ),
            None,
        )
        user = user or next(
            (found.group(1) for url in addresses if (found := re.search(r"[?&]_ssn=([^&#]+)", url))), None
        )
        return {
            "seller_name": name,
            "seller_id": user,
            "seller_url": texts.address(addresses[0].partition("?")[0], self.own_url) if addresses else None,
        }

    def _place(self) -> str | None:
        place = self.text_of(
            '[itemprop="availableAtOrFrom"], .ux-labels-values--itemLocation .ux-labels-values__values'
            ", .d-shipping-minview"
        )
        if place is None:
            lines = map(shown, self.css(".ux-labels-values__values .ux-textspans--SECONDARY"))
            place = next(
                (
                    line
                    for line in lines
                    if line and re.match(r"^(located in|standort|item location)", line, re.IGNORECASE)
                ),
                None,
            )
        found = re.match(r"^(?:located in|item location|standort)\s*[::]?\s*(.+)$", place or "", re.IGNORECASE)
        return found.group(1) if found else place

    def _pictures(self, node: dict[str, Any]) -> tuple[str, ...]:
        shown_pictures = self.css(
            "#icImg, .ux-image-carousel-item img, .ux-image-grid-item img, #vi_main_img_fs img, .tdThumb img"
        )
        sources = ("data-zoom-src", "data-src", "src")
        own = [next(filter(None, (attribute(one, name) for name in sources)), None) for one in shown_pictures]
        given = node.get("image")
        found = texts.addresses([*own, *(given if isinstance(given, list) else [given])], self.own_url)
        return tuple(url for url in found if "ebayimg.com" in url) or texts.addresses(self.meta.get("og:image"))

    def _categories(self, node: dict[str, Any]) -> tuple[str, ...]:
        named = self.css(
            '#vi-VR-brumb-lnkLst [itemprop="name"], nav.breadcrumbs a.seo-breadcrumb-text'
            ", .seo-breadcrumbs-container a span"
        )
        names = tuple(dict.fromkeys(name for name in map(shown, named) if name and not name.startswith("See more")))
        return names or self.categories(node)

    def _specifics(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for pair in self.css(".ux-layout-section-evo__col, .ux-layout-section--features dl.ux-labels-values"):
            name, value = (
                self.text_of(".ux-labels-values__labels", pair),
                self.text_of(".ux-labels-values__values", pair),
            )
            if name and value:
                table.setdefault(name.rstrip(": "), value)
        return table


def _first_group(pattern: re.Pattern[str], text: str | None) -> str | None:
    found = pattern.search(text or "")
    return found.group(1) if found else None


PAGES = (*ANSWERS, ItemPage, *LISTS)
