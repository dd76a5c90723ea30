"""eBay: result pages (lists to 2017, s-item to 2025, s-card since), item pages old and new; APIs: `ebay_answers`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.embedded import at, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import Money, currency_code
from crawlers.pages.ebay_answers import ANSWERS

_ID = re.compile(r"/(?:itm|p)/(?:[^/?#]*/)?(\d{9,15})(?=[/?#]|$)|[?&]item=(\d{9,15})")
_SELLER = re.compile(r"^(?P<name>\S.*?)\s+(?:\([\d.,\sKMk]+\)\s*%?[\d.,]+\s?%?|%?[\d.,]+\s?%[^()]*\([^()]*\d[^()]*\))$")
_FROM = re.compile(
    r"^(?:located in|from|item location|standort(?: in)?|artikelstandort|befindet sich in|aus|de|desde|ubicado en"
    r"|ubicación(?: del artículo)?|provenance|lieu(?: où se trouve l'objet)?|situé (?:en|au|aux|à)|da|provenienza"
    r"|si trova in|luogo(?: in cui si trova l'oggetto)?|uit|locatie(?: van (?:object|artikel))?|objectlocatie"
    r"|bevindt zich in|z|lokalizacja(?: przedmiotu)?|発送元|发货地|来自|位于|發貨地|来自于)\s*[::]?\s+(?P<place>\S.*)$",
    re.IGNORECASE,
)
_NEW = re.compile(
    r"^(?:New Listing|NEW LISTING|New listing|Neues Angebot|Nuevo anuncio|Anuncio nuevo|Nouvelle annonce"
    r"|Nuova inserzione|Nieuwe aanbieding|Nowa oferta|新規出品|新着出品|新刊登)\s*(?=\S)"
)
_SOLD = re.compile(
    r"(?<![\d.,])([\d.,]+)\+?\s*(?:sold|verkauft|vendus?|vendut[oi]|vendidos?|verkocht|sprzedan)", re.IGNORECASE
)
_WAS_SOLD = re.compile(r"^(?:sold|verkauft|vendu|vendut[oi]|vendido|verkocht|sprzedan[oey])\b", re.IGNORECASE)
_PLACEHOLDER = "123456"  # the "Shop on eBay" tile before the first row
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


def _id_of(url: str | None) -> str | None:
    found = _ID.search(url or "")
    return (found.group(1) or found.group(2)) if found else None


class EbayPage(MarketPage):
    """What every eBay page shares."""

    def item_url(self, listing_id: str) -> str | None:
        """Return the short address of an item on the page's own site."""
        return f"{self.origin}/itm/{listing_id}" if self.origin else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the page's items and of its next page."""
        if self.document is None:
            links = self.css('a[href*="/itm/"]::attr(href)').getall()
            yield from [link for link in links if f"/itm/{_PLACEHOLDER}" not in link][:3]
            yield self.css("a.pagination__next::attr(href)").get()


class ResultRows(EbayPage):
    """A result page; subclasses name the layout's classes."""

    kind = PageKind.SEARCH
    prefix: ClassVar[str]

    @cached_property
    def rows(self) -> list[Selector]:
        """The rows of the result list itself, not those of carousels inside it."""
        name = f"li.{self.prefix}"
        return list(self.css(f"ul.srp-results > {name}, ul#ListViewInner > {name}") or self.css(name))

    def fits(self) -> bool:
        """Tell whether the page has rows of this layout, or the frame of a result page."""
        return (
            self.document is None
            and bool(self.rows)
            and bool(self.css(f".{self.prefix}__price, .{self.prefix}__title"))
        )

    def says_empty(self) -> bool:
        """Tell whether the heading counts no results."""
        return _none_found(self)

    def next_page(self) -> bool | None:
        """Tell by the arrow whether more pages follow."""
        return _more(self)

    def listings(self) -> Iterator[Listing]:
        """Yield the rows, without the tile that advertises eBay itself."""
        seen: set[str] = set()
        for row in self.rows:
            link = row.css(f'a.{self.prefix}__link::attr(href), a[href*="/itm/"]::attr(href)').get()
            listing_id = _id_of(link) or attribute(row, "data-listingid")
            if not listing_id or f"/itm/{_PLACEHOLDER}?" in f"{link}?" or listing_id in seen:
                continue
            seen.add(listing_id)
            yield from self.read(row, listing_id)

    def read(self, row: Selector, listing_id: str) -> Iterator[Listing]:
        """Yield the listing of one row."""
        shown_price = self.price_of(row)
        lines = [line for line in map(shown, self.lines(row)) if line]
        seller = next((found.group("name") for found in map(_SELLER.match, lines) if found), None)
        place = next((found.group("place") for found in map(_FROM.match, lines) if found), None)
        sold = next((found.group(1) for found in map(_SOLD.search, lines) if found), None)
        pictures = row.css("img::attr(data-defer-load), img::attr(data-src), img::attr(src)").getall()
        yield from self.listing(
            title=self.title_of(row),
            listing_id=listing_id,
            url=self.item_url(listing_id),
            price=shown_price.amount or None if shown_price else None,
            price_max=shown_price.upper if shown_price else None,
            currency=(shown_price.currency or self.local_currency) if shown_price else None,
            list_price=self.struck(row),
            condition=(self.text_of(f".{self.prefix}__subtitle span", row) or "").rstrip(" ·|"),
            availability="sold_out" if _WAS_SOLD.match(self._caption(row)) else None,
            seller_id=seller,
            seller_name=seller,
            ship_from=place,
            sold_count=texts.count((sold or "").replace(".", "").replace(",", "")),
            image_urls=texts.addresses([url for url in pictures if "ebayimg.com" in url]),
        )

    def _caption(self, row: Selector) -> str:
        return self.text_of(f".{self.prefix}__caption, .{self.prefix}__title--tag", row) or ""

    def title_of(self, row: Selector) -> str | None:
        """Return the seller's words, without eBay's "new listing"."""
        words = row.xpath(
            f".//*[contains(concat(' ', normalize-space(@class), ' '), ' {self.prefix}__title ')][1]//text()"
            "[not(ancestor::*[contains(@class, 'clipped') or contains(@class, 'LIGHT_HIGHLIGHT')"
            " or contains(@class, 'new-listing') or contains(@class, 'NEW')])]"
        ).getall()
        return _NEW.sub("", " ".join("".join(words).split()))

    def price_of(self, row: Selector) -> Money | None:
        """Return the first price of the row; an auction's stands before its buy-it-now price."""
        parts = [shown(part) for part in row.css(f".{self.prefix}__price")]
        words = [part for part in parts if part]
        in_parts = len(words) == 3  # noqa: PLR2004 (low, "to", high)
        return self.money(" ".join(words if in_parts else words[:1]))

    def struck(self, row: Selector) -> Any:
        """Return the struck-through price."""
        before = self.money(self.text_of(".STRIKETHROUGH, .strikethrough", row))
        return before.amount if before else None

    def lines(self, row: Selector) -> list[Selector]:
        """Return the elements that each hold one fact."""
        raise NotImplementedError


class ItemRows(ResultRows):
    """The layout with ``s-item`` rows."""

    prefix = "s-item"

    def lines(self, row: Selector) -> list[Selector]:
        """Return the elements that each hold one fact."""
        return list(
            row.css(
                ".s-item__location, .s-item__seller-info, .s-item__hotness, .s-item__quantitySold, .s-item__dynamic"
            )
        )


class CardRows(ResultRows):
    """The layout with ``s-card`` rows."""

    prefix = "s-card"

    def lines(self, row: Selector) -> list[Selector]:
        """Return the elements that each hold one fact."""
        return list(row.css(".s-card__attribute-row"))


class ListRows(EbayPage):
    """A result page to 2017: ``li.sresult`` with ``lv`` parts."""

    kind = PageKind.SEARCH

    def fits(self) -> bool:
        """Tell whether the page has rows of this layout."""
        return self.document is None and bool(self.css("li.sresult .lvtitle"))

    def next_page(self) -> bool | None:
        """Tell by the arrow whether more pages follow."""
        arrow = self.css("a.gspr.next")
        return bool(attribute(arrow, "href").startswith("http")) if arrow else None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for row in self.css("li.sresult"):
            link = row.css('.lvtitle a[href*="/itm/"]::attr(href)').get()
            listing_id = _id_of(link) or attribute(row, "listingid")
            offer = self.money(self.text_of(".lvprice .bold, .lvprice", row))
            lines = [line for line in map(shown, row.css(".lvdetails li")) if line]
            yield from self.listing(
                title=_NEW.sub(
                    "", texts.clean(" ".join(row.css(".lvtitle a ::text, .lvtitle a::text").getall())) or ""
                ),
                listing_id=listing_id,
                url=self.item_url(listing_id) if listing_id else None,
                price=offer.amount or None if offer else None,
                price_max=offer.upper if offer else None,
                currency=(offer.currency or self.local_currency) if offer else None,
                condition=self.text_of(".lvsubtitle", row),
                ship_from=next((found.group("place") for found in map(_FROM.match, lines) if found), None),
                image_urls=texts.addresses(row.css(".lvpic img::attr(imgurl), .lvpic img::attr(src)").getall()[:1]),
            )


class EmptyResults(EbayPage):
    """A result page without a single row."""

    kind = PageKind.SEARCH
    lists = False

    def fits(self) -> bool:
        """Tell whether the page is the frame of a result page."""
        return self.document is None and bool(
            self.css(".srp-controls__count-heading, .srp-save-null-search, #srp-river-main")
        )

    def listings(self) -> Iterator[Listing]:
        """Yield nothing."""
        yield from ()

    def says_empty(self) -> bool:
        """Tell whether the heading counts no results."""
        return _none_found(self)


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
        listing_id = _id_of(self.own_url) or self._item_number()
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
                    _first_group(_SOLD, self.text_of(".vi-qtyS-hot-red, .vi-qtyS, .x-quantity__availability")) or "",
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


def _none_found(page: MarketPage) -> bool:
    heading = page.text_of(".srp-controls__count-heading") or ""
    return bool(re.match(r"0(?!\d|[.,]\d)", heading)) or bool(page.css(".srp-save-null-search"))


def _more(page: MarketPage) -> bool | None:
    arrows = page.css(".pagination__next")
    if not arrows:
        return None
    return any(attribute(arrow, "href") and attribute(arrow, "aria-disabled") != "true" for arrow in arrows)


PAGES = (*ANSWERS, CardRows, ItemRows, ListRows, ItemPage, EmptyResults)
