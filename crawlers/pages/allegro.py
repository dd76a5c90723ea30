"""Allegro: the JSON boxes (``data-serialize-box-id``) of offer and result pages, and the answers of its REST API.

A result page keeps its offers in ``__listing_StoreState``; the names in it have changed over the years (``name``,
``title.text``, ``alt``; ``sellingMode.price``, ``price.mainPrice``), so offers are known by what they have. An offer
page shows cheaper offers of other sellers too: nothing is read from those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.embedded import at, rows
from crawlers.families.products import reviews_of
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, price

_ID = re.compile(r"(?:-|/oferta/|/nabidka/)(\d{8,14})/?$")
_LOGIN = re.compile(r"/uzytkownik/([^/?#]+)")
_STATE = "__listing_StoreState"
_ENDED = re.compile(
    r"^\W*(?:sprzedaż zakończona|oferta (?:została )?zakończona|ta oferta (?:jest|została) (?:już )?\w*zakończona\w*"
    r"|prodej ukončen|nabídka (?:je|byla) ukončena|predaj ukončený)\b",
    re.IGNORECASE,
)


def offer_id(url: str | None) -> str | None:
    """Return the number of the offer in an address."""
    if not url:
        return None
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("offerId", [""])[0]
    found = _ID.search(parts.path)
    return named if named.isdigit() else found.group(1) if found else None


class AllegroPage(MarketPage):
    """What Allegro's pages share."""

    @cached_property
    def boxes(self) -> list[Any]:
        """The JSON of the page's boxes."""
        if self.document is not None:
            return []
        scripts = self.css(
            "script[data-serialize-box-id]::text, script[data-serialize-box-name]::text"
            ', script[type="application/json"]::text'
        ).getall()
        return list(embedded.script_json(scripts))

    def offer_url(self, given: Any, number: str | None) -> str | None:
        """Return an offer's address: out of a counted click's, without what only counts; else the short one."""
        url = texts.address(given, self.origin or "https://allegro.pl")
        if url and "/events/clicks" in url:
            url = texts.address(parse_qs(urlsplit(url).query).get("redirect", [""])[0])
        if url:
            named = offer_id(url)
            bare = url.partition("?")[0]
            return f"{bare}?offerId={named}" if named and named not in bare else bare
        return f"{self.origin or 'https://allegro.pl'}/oferta/{number}" if number else None

    def amount_of(self, node: Any) -> tuple[Decimal | None, str | None]:
        """Return amount and currency of a money object, or of a price text."""
        if isinstance(node, dict):
            value = node.get("amount") if node.get("amount") is not None else node.get("formattedPrice")
            read = self.money(value) if price(value) is None else None
            code = currency_code(node.get("currency")) or (read.currency if read else None) or self.local_currency
            return price(value) or (read.amount or None if read else None), code
        read = self.money(node)
        return (read.amount or None, read.currency or self.local_currency) if read else (None, None)


class OffersPage(AllegroPage):
    """Everything that has lists of offers; subclasses say where."""

    @cached_property
    def source(self) -> Any:
        """The JSON the offers stand in."""
        raise NotImplementedError

    @cached_property
    def offers(self) -> list[dict[str, Any]]:
        """The offers of the lists, in their order; not those inside another."""
        found: list[dict[str, Any]] = []
        stack = [self.source]
        while stack:
            node = stack.pop(0)
            if isinstance(node, list):
                stack[:0] = node
            elif isinstance(node, dict):
                if _is_offer(node):
                    found.append(node)
                else:
                    stack[:0] = [value for value in node.values() if isinstance(value, (dict, list))]
        return found

    @property
    def search(self) -> Any:
        """The counts of the search."""
        return next((node["searchMeta"] for node in embedded.having(self.source, "searchMeta")), None)

    def fits(self) -> bool:
        """Tell whether there are offers, or the search says there are none."""
        return self.source is not None and (bool(self.offers) or self.says_empty())

    def says_empty(self) -> bool:
        """Tell whether the search counts no offers."""
        counts = [at(self.search, name) for name in ("availableCount", "totalCount")]
        return not self.offers and 0 in counts and not any(counts)

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        last = texts.count(at(self.search, "lastAvailablePage"))
        address = next((str(node["pageUrl"]) for node in embedded.having(self.source, "pageUrl")), self.own_url or "")
        here = re.search(r"[?&]p=(\d+)", address)
        return (int(here.group(1)) if here else 1) < last if last else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first offers, and the marketplace the answer names."""
        for offer in self.offers[:3]:
            yield texts.address(offer.get("url"))
        named = next((str(node["marketplaceId"]) for node in embedded.having(self.source, "marketplaceId")), "")
        if named.startswith("allegro-") and named[8:].isalpha():
            yield f"https://allegro.{named[8:]}"

    def listings(self) -> Iterator[Listing]:
        """Yield the offers."""
        for offer in self.offers:
            yield from self.read(offer)

    def read(self, offer: dict[str, Any]) -> Iterator[Listing]:
        """Yield the listing of one offer."""
        url = offer.get("url")
        number = _number(offer)
        mode = offer.get("sellingMode")
        amount = code = None
        for node in (
            at(offer, "price", "mainPrice"), at(mode, "price"), at(mode, "buyNow", "price", "sale"),
            at(mode, "buyNow", "price"), at(mode, "fixedPrice"), at(mode, "auction", "price"),
            at(offer, "price", "normal"), offer.get("price"),
        ):  # fmt: skip
            amount, code = self.amount_of(node)
            if amount:
                break
        before = at(offer, "price", "originalPrice") or at(mode, "buyNow", "price", "original")
        seller = offer.get("seller") if isinstance(offer.get("seller"), dict) else {}
        stock = at(offer, "stock", "available")
        table = _parameters(offer)
        yield from self.listing(
            title=_title(offer),
            listing_id=number,
            url=self.offer_url(url, number),
            description=texts.clean(offer.get("description")),
            brand=table.get("Marka"),
            condition=table.get("Stan"),
            price=amount,
            currency=code if amount else None,
            list_price=self.amount_of(before)[0],
            availability=None if not isinstance(stock, int) else "in_stock" if stock > 0 else "out_of_stock",
            seller_id=texts.identity(at(seller, "id")),
            seller_name=texts.first(at(seller, "login")),
            seller_url=texts.address(at(seller, "userListingUrl")),
            ship_from=texts.clean(at(offer, "location", "city")),
            image_urls=_pictures(offer),
            attributes=table,
        )


def _reviews(box: Any) -> tuple[str, ...]:
    return texts.reviews(one.get("reviewBody") for one in rows(at(box, "reviews")))


def _title(offer: dict[str, Any]) -> str | None:
    title = offer.get("title")
    return texts.first(title.get("text") if isinstance(title, dict) else title, offer.get("name"), offer.get("alt"))


def _number(offer: dict[str, Any]) -> str | None:
    number = texts.identity(offer.get("offerId")) or texts.identity(offer.get("id"))
    return number if number and number.isdigit() else offer_id(texts.address(offer.get("url"), "https://allegro.pl"))


def _is_offer(node: dict[str, Any]) -> bool:
    priced = isinstance(node.get("sellingMode"), dict) or node.get("price") is not None
    return priced and _number(node) is not None and _title(node) is not None


def _pictures(offer: dict[str, Any]) -> tuple[str, ...]:
    given = next((offer[name] for name in ("photos", "images", "mainThumbnail") if offer.get(name)), None)
    found = []
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, dict):
            sizes = ("original", "large", "url", "medium", "small", "mini")
            one = next((one[name] for name in sizes if isinstance(one.get(name), str)), None)  # noqa: PLW2901 (its address)
        found.append(one)
    return texts.addresses(found)


def _parameters(offer: dict[str, Any]) -> dict[str, str]:
    table = {}
    for one in rows(offer.get("parameters")):
        values = one.get("values") if one.get("values") is not None else one.get("value")
        words = [text for text in map(texts.clean, values if isinstance(values, list) else [values]) if text]
        name = texts.clean(one.get("name"))
        if name and words:
            table[name] = ", ".join(words)
    return table


class ResultsPage(OffersPage):
    """A page of results, a category or a seller's offers."""

    kind = PageKind.SEARCH

    @cached_property
    def source(self) -> Any:
        """Every ``__listing_StoreState`` of the page, whatever the suffix of its name."""
        if self.document is not None or _STATE not in self.body_text:
            return None
        found = [
            embedded.document(value) if isinstance(value, str) else value
            for box in self.boxes
            if isinstance(box, dict)
            for name, value in box.items()
            if name.startswith(_STATE)
        ]
        return [state for state in found if state] or self.state(_STATE)


class OffersAnswer(OffersPage):
    """The answer of ``/offers/listing``, or the state of a result page as a tool saved it."""

    kind = PageKind.API

    @cached_property
    def source(self) -> Any:
        """The answer."""
        return self.document


class ResultRows(AllegroPage):
    """A rendered result page whose scripts were not saved: the rows themselves."""

    kind = PageKind.SEARCH

    def fits(self) -> bool:
        """Tell whether there are rows with offers."""
        return self.document is None and bool(self._rows)

    @cached_property
    def _rows(self) -> list[Any]:
        found = self.css(
            "article[data-analytics-view-value], article[data-role=offer], [data-role=itemsContainer] article"
        )
        return [row for row in found if row.css("h2 a::attr(href)").get()]

    def listings(self) -> Iterator[Listing]:
        """Yield one listing for each row."""
        for row in self._rows:
            href = row.css("h2 a::attr(href)").get()
            marked = attribute(row, "data-analytics-view-value")
            number = marked if marked.isdigit() else offer_id(self.offer_url(href, None))
            label = row.css('[aria-label*="cena"]::attr(aria-label), [aria-label*=" ár"]::attr(aria-label)').get()
            amount, code = self.amount_of(label)
            seller = _LOGIN.search(row.css('a[href*="/uzytkownik/"]::attr(href)').get() or "")
            yield from self.listing(
                title=shown(row.css("h2")),
                listing_id=number,
                url=self.offer_url(href, number),
                price=amount,
                currency=code if amount else None,
                seller_name=unquote(seller.group(1)) if seller else None,
                image_urls=[
                    url
                    for url in texts.addresses(row.css("img::attr(data-src), img::attr(src)").getall())
                    if "allegroimg" in url
                ],
            )


class OfferPage(AllegroPage, StructuredPage):
    """An offer page: its boxes, else its structured data."""

    kind = PageKind.PRODUCT

    @cached_property
    def main(self) -> dict[str, Any]:
        """The box that holds title and price of the offer the page is about."""
        return next((box for box in self.boxes if isinstance(at(box, "offerTitle"), dict)), {})

    @cached_property
    def number(self) -> str | None:
        """The number of the offer."""
        given = (
            offer_id(self.own_url),
            *(at(self.main, part, "offerId") for part in ("notifyAndWatch", "variants")),
            *(at(box, "offerId") for box in self.boxes),
        )
        return next((number for number in map(texts.identity, given) if number and number.isdigit()), None)

    def fits(self) -> bool:
        """Tell whether the page is about one offer."""
        if self.document is not None or not (self.main or offer_id(self.own_url)):
            return False
        return bool(self.main) or super().fits() or ("price" in self.meta and self.text_of("h1") is not None)

    def says_removed(self) -> str | None:
        """Return the notice that the sale is over."""
        for text in self.xpath("//body//text()[not(ancestor::script or ancestor::style)]").getall():
            if len(text) < 200 and _ENDED.match(text):  # noqa: PLR2004 (a notice, not a description)
                return texts.clean(text)
        return None

    def listings(self) -> Iterator[Listing]:
        """Yield the offer, unless its sale is over."""
        if self.says_removed():
            return
        if not self.main:
            for product in self.products[:1]:
                yield from self.read(product)
            if not self.products:
                yield from self._shown()
            return
        node: dict[str, Any] = self.products[0] if self.products else {}
        amount, code, before = self._price()
        mode = at(self.main, "notifyAndWatch", "quantity")
        yield from self.listing(
            title=at(self.main, "offerTitle", "title"),
            listing_id=self.number,
            url=self.own_url.partition("?")[0] if self.own_url else self.offer_url(None, self.number),
            description=self._description(),
            brand=self._table.get("Marka"),
            price=amount,
            currency=code if amount else None,
            list_price=before,
            condition=self._table.get("Stan"),
            availability=None if not isinstance(mode, int) else "in_stock" if mode > 0 else "out_of_stock",
            **self._seller(),
            ship_from=next((text for box in self.boxes if (text := texts.clean(at(box, "offerLocation")))), None),
            image_urls=self._gallery(),
            category_path=self.categories(node),
            attributes=self._table,
            reviews=next(filter(None, map(_reviews, self.boxes)), ()) or reviews_of(node),
        )

    def _shown(self) -> Iterator[Listing]:
        """Yield the offer of a page that has neither: its heading, and the price beside it for machines."""
        amount = price(self.meta.get("price"))
        yield from self.listing(
            title=self.text_of("h1"),
            listing_id=self.number,
            url=self.own_url.partition("?")[0] if self.own_url else None,
            price=amount,
            currency=(currency_code(self.meta.get("pricecurrency")) or self.local_currency) if amount else None,
            image_urls=self._gallery(),
        )

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the number of the offer in its address."""
        return offer_id(url) or super().identify(node, url)

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller the boxes name, else the one of the structured data."""
        return self._seller() if self._login else super().seller_of(seller)

    def _price(self) -> tuple[Decimal | None, str | None, Decimal | None]:
        """Return price, currency and the price before: exact amounts first, then what is written for people."""
        mode = at(self.main, "notifyAndWatch", "sellingMode")
        written = at(self.main, "price") or {}
        before = (
            self.amount_of(at(mode, "buyNow", "price", "original"))[0]
            or self.amount_of(at(written, "originalPrice"))[0]
        )
        for node in (
            at(mode, "buyNow", "price", "sale"), at(mode, "buyNow", "price"),
            at(mode, "auction", "price", "sale"), at(mode, "auction", "price"), written,
        ):  # fmt: skip
            amount, code = self.amount_of(node)
            if amount:
                return amount, code, before
        whole = texts.clean(at(written, "priceInteger"))
        cents = texts.clean(at(written, "priceFraction"))
        digits = re.sub(r"\D", "", whole or "")
        code = currency_code(at(written, "currency")) or self.local_currency
        return price(f"{digits}.{cents or '0'}") if digits else None, code, before

    @cached_property
    def _login(self) -> str | None:
        given = [at(self.main, "offerTitle", "sellerName"), at(self.main, "sellerLogo", "sellerName")]
        given += [at(box, "sellerLogin") or at(box, "sellerName") for box in self.boxes]
        return texts.first(*given)

    def _seller(self) -> dict[str, Any]:
        url = texts.address(at(self.main, "offerTitle", "sellerUrl") or at(self.main, "sellerLogo", "sellerUrl"))
        beside = (
            rf'"itemId":"{self.number}"[^{{}}]{{0,400}}"sellerId":"(\d+)"',
            rf'"sellerId":"(\d+)"[^{{}}]{{0,400}}"itemId":"{self.number}"',
        )
        found = next((hit for pattern in beside if (hit := re.search(pattern, self.body_text))), None)
        logo = re.search(r"logotype_(\d+)", str(at(self.main, "offerTitle", "logotypeUrl")))
        number = found or logo
        return {
            "seller_id": number.group(1) if number else None,
            "seller_name": self._login,
            "seller_url": url,
        }

    def _gallery(self) -> tuple[str, ...]:
        for box in self.boxes:
            found = _pictures({"images": at(box, "images") or at(box, "gallery", "images") or at(box, "gallery")})
            if any("allegroimg" in url for url in found):
                return found
        return texts.addresses(self.meta.get("og:image"))

    @cached_property
    def _table(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for box in self.boxes:
            for group in rows(at(box, "groups")):
                for one in (*rows(group.get("singleValueParams")), *rows(group.get("multiValueParams"))):
                    values = embedded.items(one.get("values")) or [one.get("value")]
                    words = [texts.clean(at(v, "name") or v) for v in values]
                    name, value = texts.clean(one.get("name")), ", ".join(filter(None, words))
                    if name and value:
                        table.setdefault(name, value)
        return table

    def _description(self) -> str | None:
        for box in self.boxes:
            sections = rows(at(box, "standardized", "sections"))
            items = [item for section in sections for item in rows(section.get("items"))]
            words = [texts.clean(item.get("content")) for item in items if item.get("type") == "TEXT"]
            if any(words):
                return " ".join(filter(None, words))
        return None


PAGES = (ResultsPage, OffersAnswer, OfferPage, ResultRows)
