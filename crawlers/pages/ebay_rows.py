"""eBay's lists: result pages (lists to 2017, s-item to 2025, s-card, su-item-card since 2026), browse pages, stores."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.money import Money

_ID = re.compile(r"/itm/(?:[^/?#]*/)?(\d{9,15})(?=[/?#]|$)|[?&]i(?:tem|id)=(\d{9,15})")
_PRODUCT = re.compile(r"/p/(?:[^/?#]*/)?(\d{6,15})(?=[/?#]|$)")  # a page of all offers of one product
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
SOLD = re.compile(
    r"(?<![\d.,])([\d.,]+)\+?\s*(?:sold|verkauft|vendus?|vendut[oi]|vendidos?|verkocht|sprzedan)", re.IGNORECASE
)
_WAS_SOLD = re.compile(r"^(?:sold|verkauft|vendu|vendut[oi]|vendido|verkocht|sprzedan[oey])\b", re.IGNORECASE)
_NEW_TAB = re.compile(r"\s*(?:Opens in a new (?:window(?: or tab)?|tab)|Wird in neuem Fenster oder Tab geöffnet)$")
_PLACEHOLDER = "123456"  # the "Shop on eBay" tile before the first row


def id_of(url: str | None) -> str | None:
    """Return the item number in an address."""
    found = _ID.search(url or "")
    return (found.group(1) or found.group(2)) if found else None  # of a product's page (/p/), the offer it leads with


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
    """A list of items; subclasses name the layout's classes."""

    kind = PageKind.SEARCH
    ROWS: ClassVar[tuple[str, ...]]  # the first that finds any counts: the list itself stands before any carousel
    TITLE: ClassVar[str]
    PRICE: ClassVar[str]
    CONDITION: ClassVar[str]
    CAPTION: ClassVar[str]
    LINES: ClassVar[str]  # elements that each hold one fact
    STRUCK: ClassVar[str] = ".STRIKETHROUGH, .strikethrough"

    @cached_property
    def rows(self) -> list[Selector]:
        """The rows of the result list itself, not those of carousels inside it."""
        return next((list(found) for query in self.ROWS if (found := self.css(query))), [])

    def fits(self) -> bool:
        """Tell whether the page has rows of this layout."""
        return self.document is None and bool(self.rows) and bool(self.css(f"{self.PRICE}, {self.TITLE}"))

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
            link = row.css('a[href*="/itm/"]::attr(href)').get() or row.css('a[href*="/p/"]::attr(href)').get()
            listing_id = id_of(link) or attribute(row, "data-listingid")
            product = None if listing_id else _PRODUCT.search(link or "")
            listing_id = product.group(1) if product else listing_id
            if not listing_id or f"/itm/{_PLACEHOLDER}?" in f"{link}?" or listing_id in seen:
                continue
            seen.add(listing_id)
            of_product = texts.address((link or "").partition("?")[0], self.origin) if product else None
            yield from self.read(row, listing_id, of_product or self.item_url(listing_id))

    def read(self, row: Selector, listing_id: str, url: str | None) -> Iterator[Listing]:
        """Yield the listing of one row."""
        shown_price = self.price_of(row)
        lines = [line for line in map(shown, row.css(self.LINES)) if line]
        seller = next((found.group("name") for found in map(_SELLER.match, lines) if found), None)
        place = next((found.group("place") for found in map(_FROM.match, lines) if found), None)
        sold = next((found.group(1) for found in map(SOLD.search, lines) if found), None)
        before = self.money(self.text_of(self.STRUCK, row))
        pictures = row.css("img::attr(data-defer-load), img::attr(data-src), img::attr(src)").getall()
        yield from self.listing(
            title=self.title_of(row),
            listing_id=listing_id,
            url=url,
            price=shown_price.amount or None if shown_price else None,
            price_max=shown_price.upper if shown_price else None,
            currency=(shown_price.currency or self.local_currency) if shown_price else None,
            list_price=before.amount if before else None,
            condition=(self.text_of(self.CONDITION, row) or "").partition(" · ")[0].rstrip(" ·|"),
            availability="sold_out" if _WAS_SOLD.match(self.text_of(self.CAPTION, row) or "") else None,
            seller_id=seller,
            seller_name=seller,
            ship_from=place,
            sold_count=texts.count((sold or "").replace(".", "").replace(",", "")),
            image_urls=texts.addresses([url for url in pictures if "ebayimg.com" in url]),
        )

    def title_of(self, row: Selector) -> str | None:
        """Return the seller's words, without eBay's "new listing"."""
        words = (
            row.css(self.TITLE)[:1]
            .xpath(
                ".//text()[not(ancestor::*[contains(@class, 'clipped') or contains(@class, 'LIGHT_HIGHLIGHT')"
                " or contains(@class, 'new-listing') or contains(@class, 'NEW')])]"
            )
            .getall()
        )
        return _NEW_TAB.sub("", _NEW.sub("", " ".join("".join(words).split())))

    def price_of(self, row: Selector) -> Money | None:
        """Return the first price of the row; an auction's stands before its buy-it-now price."""
        parts = [shown(part) for part in row.css(self.PRICE)]
        words = [part for part in parts if part]
        in_parts = len(words) == 3  # noqa: PLR2004 (low, "to", high)
        return self.money(" ".join(words if in_parts else words[:1]))


class ItemRows(ResultRows):
    """The layout with ``s-item`` rows, also of browse pages to 2023."""

    ROWS = ("ul.srp-results > li.s-item, ul#ListViewInner > li.s-item", "li.s-item", "div.s-item")
    TITLE = ".s-item__title"
    PRICE = ".s-item__price"
    CONDITION = ".s-item__subtitle span, .s-item__subtitle"
    CAPTION = ".s-item__caption, .s-item__title--tag"
    LINES = ".s-item__location, .s-item__seller-info, .s-item__hotness, .s-item__quantitySold, .s-item__dynamic"


class CardRows(ResultRows):
    """The layout with ``s-card`` rows (2025)."""

    ROWS = ("ul.srp-results > li.s-card, ul#ListViewInner > li.s-card", "li.s-card")
    TITLE = ".s-card__title"
    PRICE = ".s-card__price"
    CONDITION = ".s-card__subtitle span"
    CAPTION = ".s-card__caption"
    LINES = ".s-card__attribute-row"


class ItemCards(ResultRows):
    """The layout with ``su-item-card`` (since July 2026); the classes of what stands around a card are not stable."""

    ROWS = (".su-item-card", ".su-card-container", "li.su-grid__item")
    TITLE = ".su-item-card__title"
    PRICE = ".su-item-card__price"
    CONDITION = ".su-item-card__subtitle .secondary, .su-item-card__subtitle"
    CAPTION = ".signal"
    LINES = ", ".join(
        f".su-card-container__attributes__{part} {inner}" for part in ("primary", "secondary") for inner in ("> *", "*")
    )


class BrowseCards(ResultRows):
    """A category's or a brand's page (``/b/``) since 2023."""

    ROWS = (".brwrvr__item-card", ".brw-product-card")
    TITLE = ".bsig__title__text"
    PRICE = ".bsig__price--displayprice"
    CONDITION = ".bsig__listingCondition"
    CAPTION = ".bsig__caption"
    LINES = ".bsig__generic, .bsig__itemLocation, .negative"
    STRUCK = ".bsig__previousPrice"


class StoreCards(ResultRows):
    """A store's page (``/str/``): its cards name no seller, who is the same for all."""

    ROWS = ("article.str-item-card", ".str-item-card")
    TITLE = ".str-item-card__property-title, .str-card-title"
    PRICE = ".str-item-card__property-displayPrice"
    CONDITION = ".str-item-card__property-condition"
    CAPTION = ".str-item-card__property-caption"
    LINES = ".str-item-card__primary > *"


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
            listing_id = id_of(link) or attribute(row, "listingid")
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


def _none_found(page: MarketPage) -> bool:
    heading = page.text_of(".srp-controls__count-heading") or ""
    return bool(re.match(r"0(?!\d|[.,]\d)", heading)) or bool(page.css(".srp-save-null-search"))


def _more(page: MarketPage) -> bool | None:
    arrows = page.css(".pagination__next")
    if not arrows:
        return None
    return any(attribute(arrow, "href") and attribute(arrow, "aria-disabled") != "true" for arrow in arrows)


LISTS = (ItemCards, CardRows, ItemRows, BrowseCards, StoreCards, ListRows, EmptyResults)
