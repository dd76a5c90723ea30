"""Etsy: listing pages (2014 to today), result cards, answers of the Open API v2 and v3.

The visible price is the one in the buyer's currency; JSON-LD and ``<meta>`` may give the shop's own currency instead,
under the same "$" (seen on a page of 2017: US$ 36.97 visible, CAD 46.00 in both).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.embedded import at, having, items, rows
from crawlers.families.products import reviews_of
from crawlers.families.since import since
from crawlers.families.structured import StructuredPage, snake, word
from crawlers.money import Money, currency_code, price

_ID = re.compile(r"/listing/(\d{5,15})")
_IN_OPTION = re.compile(r"\(([^()]*\d[^()]*)\)\s*$")
_FROM = re.compile(
    r"(?:ships from|shipping from|dispatched from|versand aus|expédié depuis)\s+(?P<place>[^.]+)$", re.IGNORECASE
)
_SHOP_SLUG = re.compile(r"/shop/([A-Za-z0-9]+)")
_SHOP = re.compile(
    r"^(?:From shop|Ad from shop|Ad by|Von Shop|De la boutique|De la tienda|Dal negozio|Van shop)\s+(\S+)$",
    re.IGNORECASE,
)
_GONE = frozenset({"removed", "expired", "inactive", "draft", "unavailable"})


def id_of(url: str | None) -> str | None:
    """Return the listing id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class ListingPage(StructuredPage):
    """A listing page, desktop or mobile."""

    kind = PageKind.PRODUCT
    _PRICE = '#listing-price, [data-selector="price-only"] p, [data-buy-box-region="price"] p, .buy-box__price'

    def fits(self) -> bool:
        """Tell whether the page is about one listing."""
        return self.document is None and id_of(self.own_url) is not None and bool(self.css("h1"))

    def listings(self) -> Iterator[Listing]:
        """Yield the listing."""
        node: dict[str, Any] = next(
            (one for one in self.products if id_of(str(one.get("url") or self.own_url)) == id_of(self.own_url)), {}
        )
        offer = self._visible()
        low, high, code = self.prices_of(node, rows(node.get("offers")))
        if low is None:  # OpenGraph as Etsy extends it
            low = price(self.meta.get("etsymarketplace:price_value"))
            code = currency_code(self.meta.get("etsymarketplace:currency_code")) if low else None
        spread = high if offer and (low, code) == (offer.amount, offer.currency) else None
        review = rows(node.get("aggregateRating"))[:1]
        yield from self.listing(
            title=texts.first(node.get("name")) or self.text_of("h1"),
            listing_id=id_of(self.own_url),
            url=(self.own_url or "").partition("?")[0],
            description=texts.clean(node.get("description"))
            or self.text_of("#description-text, [data-product-details-description-text-content]"),
            price=offer.amount if offer else low,
            price_max=(offer.upper or spread) if offer else high,
            currency=offer.currency if offer else code,
            availability=texts.clean(self.css('#listing-price meta[itemprop="availability"]::attr(content)').get())
            or next((snake(word(one.get("availability"))) for one in rows(node.get("offers"))), None),
            **self._shop(node),
            ship_from=self._place(),
            image_urls=self._pictures(node),
            category_path=_trail(node.get("category")) or self.categories(node),
            rating=texts.rating(at(review, 0, "ratingValue")),
            review_count=texts.count(at(review, 0, "reviewCount") or at(review, 0, "ratingCount")),
            reviews=reviews_of(node),
        )

    def _visible(self) -> Money | None:
        """Return the price the buyer sees, up to that of the dearest option."""
        for element in self.css(self._PRICE):
            read = self.money(shown(element))
            if read and read.amount:
                code = self._buyer_currency(element, read)
                upper = max([read.upper or Decimal(0), *self._options()])
                return Money(read.amount, upper if upper > read.amount else None, code)
        return None

    def _buyer_currency(self, element: Selector, read: Money) -> str | None:
        """A bare "$" means what the page's own settings say."""
        beside = currency_code(element.css('meta[itemprop="currency"]::attr(content)').get())
        settings = self.state("locale_settings")
        named = re.search(r"[A-Z]{2,3}\s?\$|[A-Z]{3}|[£€]", shown(element) or "")
        return (
            beside
            or (read.currency if named else None)
            or currency_code(at(settings, "currency", "code"))
            or read.currency
        )

    def _options(self) -> list[Decimal]:
        written = (
            _IN_OPTION.search(text or "")
            for text in map(
                shown,
                self.css("select[id*=variation] option, select[name*=variation] option, #listing-properties option"),
            )
        )
        return [read.upper or read.amount for found in written if found and (read := self.money(found.group(1)))]

    def _shop(self, node: dict[str, Any]) -> dict[str, Any]:
        name = texts.first(
            at(rows(node.get("offers")), 0, "seller", "name"), at(node, "brand", "name"), node.get("brand")
        )
        headed = '.shop-name a[href*="/shop/"], a.shop-name[href*="/shop/"], [data-shop-name] a[href*="/shop/"]'
        given = [*self.css(headed).css("::attr(href)").getall(), self.meta.get("etsymarketplace:shop")]
        given += self.css('a[href*="/shop/"][href*="from_page=listing"]::attr(href)').getall()
        given = [url for url in given if url]
        shops = {
            slug.group(1): address.partition("?")[0]
            for url in [*given, *self.css('a[href*="/shop/"]::attr(href)').getall()]
            if (address := texts.address(url, self.own_url)) and (slug := _SHOP_SLUG.search(address))
        }
        sure = name in shops or (name and not given)  # else a link of the page's head, or the only kind of link it has
        shop = name if sure else next(iter(shops), None)
        return {"seller_name": shop or name, "seller_url": shops.get(shop or "")}

    def _place(self) -> str | None:
        lines = map(
            shown,
            self.css(
                "#shipping-variant-div div, .text-body, [data-estimated-shipping] div, .wt-grid__item-xs-12"
                ", .shipping-origin"
            ),
        )
        found = next((match for line in lines if line and len(line) < 60 and (match := _FROM.search(line))), None)  # noqa: PLR2004 (one line)
        return found.group("place") if found else None

    def _pictures(self, node: dict[str, Any]) -> tuple[str, ...]:
        own: list[Any] = []
        for name in ("data-large-image-href", "data-full-image-href", "data-src-zoom-image"):
            own += self.css(f"[{name}]::attr({name})").getall()
        given = node.get("image")
        for one in given if isinstance(given, list) else [given]:
            own.append(
                one.get("contentURL") or one.get("contentUrl") or one.get("url") if isinstance(one, dict) else one
            )
        return texts.addresses(own) or texts.addresses(self.meta.get("og:image"))


class ResultCards(MarketPage):
    """A result page or a shop's page: cards with ``data-listing-id``."""

    kind = PageKind.SEARCH

    def fits(self) -> bool:
        """Tell whether the page has cards."""
        return self.document is None and bool(self._cards()) and id_of(self.own_url) is None

    def _cards(self) -> list[Selector]:
        return [
            card
            for card in self.css(".v2-listing-card, .js-merch-stash-check-listing, a.listing-link, .listing-card")
            if card.xpath('descendant-or-self::*[contains(@href, "/listing/")]')
        ]

    def says_empty(self) -> bool:
        """Tell whether the page says that nothing was found."""
        return bool(self.css("[data-no-search-results]"))

    def next_page(self) -> bool | None:
        """Tell by the arrow whether more pages follow."""
        arrow = self.css('[data-search-pagination] a[href*="page="], nav a[aria-label*="Next"]')
        return True if arrow else None

    def listings(self) -> Iterator[Listing]:
        """Yield the cards."""
        for card in self._cards():
            url = texts.address(
                card.css('[href*="/listing/"]::attr(href)').get("").partition("?")[0],
                self.origin or "https://www.etsy.com",
            )
            sign, value = self.text_of(".currency-symbol", card), self.text_of(".currency-value", card)
            code = self.text_of(".currency-code", card)
            offer = self.money(f"{sign or ''} {value} {code or ''}") if value else None
            yield from self.listing(
                title=self.text_of("h3, h2, .v2-listing-card__title, .card-title", card),
                listing_id=id_of(url),
                url=url,
                price=offer.amount or None if offer else None,
                currency=(offer.currency or self.local_currency) if offer else None,
                seller_id=attribute(card, "data-shop-id") or None,
                seller_name=self.text_of(".v2-listing-card__shop p:not([class*=rating]), .card-shop-name", card)
                or _shop_said(card),
                image_urls=texts.addresses(card.css("img::attr(data-src), img::attr(src)").getall()),
            )


class ResultData(StructuredPage):
    """A result page or a shop's page without cards: the list in its JSON-LD."""

    kind = PageKind.SEARCH

    def fits(self) -> bool:
        """Tell whether the page lists products and is no listing itself, or is such data as readers save them."""
        return id_of(self.own_url) is None and bool(self.products)

    def read(self, node: dict[str, Any], *, lone: bool = True) -> Iterator[Listing]:
        """Yield the listing of one product node; the brand Etsy writes there is the shop."""
        shop = texts.first(at(node, "brand", "name"), node.get("brand"))
        for listing in super().read(node, lone=lone):
            yield attrs.evolve(listing, seller_name=listing.seller_name or shop, brand=None)

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the listing id in the product's address."""
        return id_of(url) or super().identify(node, url)

    def url_of(self, node: dict[str, Any], *, lone: bool) -> str | None:
        """Return the product's address, never the list's own, without what the list adds to it."""
        del lone
        url = super().url_of(node, lone=False)
        return url.partition("?")[0] if url else None


class OpenApiAnswer(MarketPage):
    """Answers of the Open API: v2 (price as text) and v3 (price as amount and divisor)."""

    kind = PageKind.API

    def fits(self) -> bool:
        """Tell whether the document has listings."""
        return self.document is not None and (bool(self._items()) or at(self.document, "count") == 0)

    def _items(self) -> list[dict[str, Any]]:
        return list(having(self.document, "listing_id", "title"))

    def says_empty(self) -> bool:
        """Tell whether the answer counts no results."""
        return bool(at(self.document, "count") == 0)

    def says_removed(self) -> str | None:
        """Return the state of a lone listing that is no longer offered."""
        found = self._items()
        state = str(found[0].get("state")) if len(found) == 1 else ""
        return f"the listing is {state}" if state in _GONE else None

    def listings(self) -> Iterator[Listing]:
        """Yield the listings that are offered."""
        for item in self._items():
            if str(item.get("state")) not in _GONE:
                yield from self._read(item)

    def _read(self, item: dict[str, Any]) -> Iterator[Listing]:
        money = item.get("price")
        if isinstance(money, dict):
            amount, code = (
                price(money.get("amount"), int(price(money.get("divisor")) or 1)),
                currency_code(money.get("currency_code")),
            )
        else:
            amount, code = price(money), currency_code(item.get("currency_code"))
        shop = item.get("shop") or item.get("Shop")
        pictures = [*rows(item.get("images") or item.get("Images")), *rows(item.get("MainImage"))]
        yield from self.listing(
            title=item.get("title"),
            listing_id=texts.identity(item.get("listing_id")),
            url=texts.address(str(item.get("url")).partition("?")[0]),
            description=texts.clean(item.get("description")),
            price=amount,
            currency=code if amount else None,
            availability=_stock(item),
            seller_id=texts.identity(item.get("shop_id") or at(shop, "shop_id") or item.get("user_id")),
            seller_name=texts.clean(at(shop, "shop_name")),
            seller_since=since(at(shop, "created_timestamp") or at(shop, "create_date")),
            ship_from=texts.clean(
                item.get("shipping_from_country") or at(item, "shipping_profile", "origin_country_iso")
            ),
            image_urls=texts.addresses([one.get("url_fullxfull") or one.get("url_570xN") for one in pictures]),
            category_path=tuple(filter(None, map(texts.clean, items(item.get("taxonomy_path"))))),
            language=texts.clean(item.get("language")),
        )


def _shop_said(card: Selector) -> str | None:
    """Return the shop as a card says it to those who cannot see: "From shop SunPaper"."""
    said = (_SHOP.match(text) for text in map(shown, card.css(".wt-screen-reader-only, span, p")) if text)
    return next((found.group(1) for found in said if found), None)


def _stock(item: dict[str, Any]) -> str | None:
    """A listing that is sold out stands."""
    quantity = item.get("quantity")
    if item.get("state") == "sold_out":
        return "sold_out"
    return None if not isinstance(quantity, int) else "in_stock" if quantity else "out_of_stock"


def _trail(value: Any) -> tuple[str, ...]:
    """Split the category trail, which Etsy writes from the root on with "<" between the names."""
    return tuple(filter(None, map(texts.clean, re.split(r"\s*(?:<|&lt;)\s*", value)))) if isinstance(value, str) else ()


PAGES = (OpenApiAnswer, ListingPage, ResultCards, ResultData)
