"""OLX and letgo: the ad objects in the state of a page or in an answer, the rows of a result page, JSON-LD of an ad.

One name, four platforms: Europe (``__PRERENDERED_STATE__``, a text that holds JSON; the API ``/api/v1/offers``), Brazil
(``data-json``, ``__NEXT_DATA__`` or pushed lines), letgo and the others (``price.value.raw``). An ad is known by what
it has. Europe's ads have a number beside the code in their address ("-ID1a2b3.html"): the number is the id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.embedded import at, rows
from crawlers.families.since import since
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, price

_CODE = re.compile(r"-ID([A-Za-z0-9]{4,10})(?:\.html)?(?:[?#]|$)")
_NUMBER = re.compile(r"(?:-|iid-|/vi/)(\d{6,14})(?:\.htm)?/?(?:[?#]|$)")
_SIZE = re.compile(r";s=\{width\}x\{height\}.*$")  # a template: without it the address serves the whole picture
_LONE = '[data-testid="ad-price-container"], [data-testid="ad-inactive-msg"]'  # what only an ad's own page has
_OFFERED = frozenset({"", "active", "new", "limited", "none"})
_GONE = re.compile(
    r"^\W*(?:to ogłoszenie nie jest już dostępne|este anúncio já não (?:se encontra|está) disponível"
    r"|(?:o|este|esse) anúncio não (?:foi encontrado|está mais disponível)|anúncio não encontrado"
    r"|acest anunț nu mai este (?:disponibil|valabil)|anunțul nu mai este (?:disponibil|valabil)"
    r"|тази обява вече не е (?:активна|достъпна)|обявата вече не е (?:активна|достъпна)"
    r"|це оголошення більше не доступне|объявление больше не доступно)",
    re.IGNORECASE,
)


class OlxPage(MarketPage):
    """What OLX's pages share."""

    def facts_of(self, ad: dict[str, Any]) -> dict[str, Any]:
        """Return what an ad object says, by field of the listing."""
        amount, code, before = self._price(ad)
        user = ad.get("user") if isinstance(ad.get("user"), dict) else {}
        brazil = "listId" in ad  # its two user numbers contradict each other: neither is taken
        url = texts.address(ad.get("friendlyUrl") or ad.get("url") or ad.get("urlPath"), self.origin)
        table = _table(ad)
        return {
            "title": texts.first(ad.get("subject"), ad.get("title")),
            "listing_id": _number(ad),
            "url": url.partition("?")[0] if url else None,
            "description": texts.clean(ad.get("description") or ad.get("body")),
            "price": amount,
            "currency": code if amount else None,
            "list_price": before,
            "condition": texts.first(ad.get("itemCondition"), table.get("Stan"), table.get("Stare")),
            "availability": _status(ad),
            "seller_id": None if brazil else texts.identity(at(user, "id") or ad.get("user_id")),
            "seller_name": texts.first(at(user, "name"), at(user, "company_name"), at(ad, "contact", "name")),
            "seller_since": since(at(user, "created")),
            "ship_from": _place(ad),
            "image_urls": _pictures(ad),
            "category_path": tuple(
                filter(None, map(texts.clean, (ad.get("parentCategoryName"), ad.get("categoryName"))))
            ),
            "attributes": table,
        }

    def _price(self, ad: dict[str, Any]) -> tuple[Decimal | None, str | None, Decimal | None]:
        """Return price, currency and the price before."""
        given = ad.get("price")
        regular = at(given, "regularPrice")
        if isinstance(regular, dict):
            code = currency_code(regular.get("currencyCode")) or self.local_currency
            return price(regular.get("value")), code, None
        raw = at(given, "value", "raw")
        if raw is not None:
            return price(raw), currency_code(at(given, "value", "currency", "iso_4217")) or self.local_currency, None
        param = next((one for one in rows(ad.get("params")) if one.get("key") == "price"), None)
        if param is not None:
            value = param.get("value")
            code = currency_code(at(value, "currency")) or self.local_currency
            before = price(at(value, "previous_value"))
            now = price(at(value, "value"))
            return now, code, before if now and before and before > now else None
        for text in (ad.get("priceValue"), given, at(given, "displayValue")):
            read = self.money(text if isinstance(text, str) else None)
            if read and read.amount:
                before_read = self.money(ad.get("oldPrice"))
                return read.amount, read.currency or self.local_currency, before_read.amount if before_read else None
        return price(given) if isinstance(given, (int, Decimal)) else None, self.local_currency, None


def _number(ad: dict[str, Any]) -> str | None:
    return texts.identity(ad.get("listId")) or texts.identity(ad.get("id"))


def _is_ad(value: Any) -> bool:
    if not isinstance(value, dict) or _number(value) is None:
        return False
    titled = texts.first(value.get("subject"), value.get("title")) is not None
    return titled and ("listId" in value or any(key in value for key in ("price", "params", "photos")))


def _status(ad: dict[str, Any]) -> str | None:
    given = ad.get("status")
    return texts.clean(at(given, "status") if isinstance(given, dict) else given)


def _is_offered(ad: dict[str, Any]) -> bool:
    return (_status(ad) or "") in _OFFERED


def _place(ad: dict[str, Any]) -> str | None:
    given, resolved = ad.get("location"), ad.get("locations_resolved")
    where = ad.get("locationDetails") if isinstance(ad.get("locationDetails"), dict) else given
    return texts.first(
        at(where, "municipality"), at(given, "cityName"), at(given, "city", "name"),
        at(resolved, "ADMIN_LEVEL_3_name"), at(resolved, "ADMIN_LEVEL_1_name"), given,
    )  # fmt: skip


def _pictures(ad: dict[str, Any]) -> tuple[str, ...]:
    found = []
    for one in [*embedded.items(ad.get("photos")), *embedded.items(ad.get("images"))]:
        if isinstance(one, dict):
            one = one.get("original") or one.get("link") or one.get("url") or at(one, "full", "url")  # noqa: PLW2901 (its address)
        found.append(_SIZE.sub("", one) if isinstance(one, str) else None)
    return texts.addresses(found)


def _table(ad: dict[str, Any]) -> dict[str, str]:
    """Return the ad's facts: ``params`` in Europe, ``properties`` in Brazil, ``parameters`` elsewhere."""
    table: dict[str, str] = {}
    for one in (*rows(ad.get("params")), *rows(ad.get("properties")), *rows(ad.get("parameters"))):
        value = one.get("value")
        name = texts.first(one.get("label"), one.get("key_name"), one.get("name"))
        words = texts.first(one.get("value_name"), at(value, "label") if isinstance(value, dict) else value)
        if name and words and one.get("key") != "price":
            table[name] = words
    return table


class AdsPage(OlxPage):
    """Everything that carries ad objects; subclasses say where."""

    @cached_property
    def source(self) -> Any:
        """The list of ads, or the one ad the page is about; None where there is neither."""
        raise NotImplementedError

    @cached_property
    def ads(self) -> list[dict[str, Any]]:
        """The ad objects in their order; places for advertisements between them are none."""
        return [ad for ad in rows(self.source) if _is_ad(ad)]

    def fits(self) -> bool:
        """Tell whether there are ads, or an empty list of them."""
        return self.source is not None and (bool(self.ads) or self.says_empty())

    def says_empty(self) -> bool:
        """Tell whether the list of ads is empty."""
        return bool(self.source == [])

    def says_removed(self) -> str | None:
        """Return the status of a lone ad that is no longer offered."""
        lone = isinstance(self.source, dict) and bool(self.ads) and not _is_offered(self.ads[0])
        return f"the ad is {_status(self.ads[0])}" if lone else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first ads, then the one site that sells in their currency."""
        for ad in self.ads[:3]:
            yield texts.address(ad.get("friendlyUrl") or ad.get("url"))
        manifest = self.place.manifest
        for ad in self.ads[:1]:
            code = currency_code(at(ad, "price", "value", "currency", "iso_4217"))
            found = [site for site in manifest.sites if site.currency == code] if manifest and code else []
            if len(found) == 1:
                yield f"https://{found[0].domain}"
        if any("listId" in ad for ad in self.ads):
            yield "https://www.olx.com.br"

    def listings(self) -> Iterator[Listing]:
        """Yield the ads that are offered."""
        for ad in self.ads:
            if _is_offered(ad):
                yield from self.listing(**self.facts_of(ad))


def in_state(state: Any) -> Any:
    """Return the ad a page's state is about, else its list of ads, else None."""
    props = at(state, "props", "pageProps")
    for lone in (at(state, "ad", "ad"), at(state, "ad"), at(props, "ad")):
        if _is_ad(lone):
            return lone
    lists = (
        at(state, "listing", "listing", "ads"), at(state, "userListing", "userListing", "ads"),
        at(state, "listingProps", "adList"), at(props, "ads"), at(props, "listing", "ads"),
        at(props, "data", "adSearch", "data"),
    )  # fmt: skip
    return next((ads for ads in lists if isinstance(ads, list)), None)


class StatePage(AdsPage):
    """A page whose scripts carry ads; subclasses say of which kind."""

    @cached_property
    def _state(self) -> Any:
        for value in embedded.packed(self.body_text, "__PRERENDERED_STATE__"):
            return value
        return self.state("__PRERENDERED_STATE__")

    @cached_property
    def source(self) -> Any:
        """The ad the page is about, else the list; never the ads shown beside an ad."""
        if self.document is not None:
            return None
        brazil = next(embedded.script_json([attribute(self.css("script#initial-data"), "data-json")]), None)
        for state in (self._state, brazil, self.next_data):
            found = in_state(state)
            if found is not None:
                return found
        return self._pushed()

    def _pushed(self) -> Any:
        """Return the ads in the lines the page pushes: the ad alone, else the longest list."""
        pushed = embedded.flight(self.body_text)
        if pushed:
            for lone in embedded.assigned(pushed, '"ad'):
                if _is_ad(lone):
                    return lone
            lists = [rows(ads) for ads in embedded.assigned(pushed, '"ads')]
            return max(lists, key=len, default=None)
        elements = next((node for node in embedded.having(self.state("__APP"), "elements")), None)
        found = [item for item in embedded.having(elements, "id", "title") if at(item, "price", "value")]
        own = [item for item in found if self.own_url and f"iid-{item['id']}" in self.own_url]
        return (own[0] if own else found) or None

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        listing = at(self._state, "listing", "listing") if self.document is None else None
        here, last = (texts.count(at(listing, name)) for name in ("pageNumber", "totalPages"))
        return here < last - 1 if here is not None and last else None


class ResultsState(StatePage):
    """A result page, or a seller's ads."""

    kind = PageKind.SEARCH

    def fits(self) -> bool:
        """Tell whether the scripts carry a list of ads."""
        return isinstance(self.source, list) and super().fits()


class AdState(StatePage):
    """The page of one ad."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the scripts carry the ad the page is about."""
        return isinstance(self.source, dict) and super().fits()


class AdsAnswer(AdsPage):
    """Answers of the API: a list of ads or one ad; also a page's state as a tool saved it."""

    kind = PageKind.API

    @cached_property
    def source(self) -> Any:
        """The ads of the answer."""
        data = at(self.document, "data")
        for found in (data, at(self.document, "ads"), self.document):
            if isinstance(found, list) or _is_ad(found):
                return found
        return in_state(self.document)

    def next_page(self) -> bool | None:
        """Tell whether the answer names a next page."""
        links = at(self.document, "links")
        return "next" in links if isinstance(links, dict) and links else None

    def facts_of(self, ad: dict[str, Any]) -> dict[str, Any]:
        """Return what an ad object says; the sellers of some answers stand beside the ads."""
        facts = super().facts_of(ad)
        seller = at(self.document, "metadata", "users", str(ad.get("user_id")))
        return {**facts, "seller_name": facts["seller_name"] or texts.clean(at(seller, "name"))}


class AdRows(OlxPage):
    """A rendered result page whose scripts were not saved: the rows themselves."""

    kind = PageKind.SEARCH

    def fits(self) -> bool:
        """Tell whether there are rows, and not beside an ad."""
        if self.document is not None or self.css(_LONE):
            return False
        return bool(self.css('[data-cy="l-card"], [data-testid="l-card"]'))

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first rows."""
        yield from map(texts.address, self.css('[data-cy="l-card"] a::attr(href)').getall()[:5])

    def next_page(self) -> bool | None:
        """Tell whether there is a link to the next page."""
        pages = self.css('[data-testid="pagination-list-item"], [data-testid="pagination-wrapper"]')
        return bool(self.css('[data-testid="pagination-forward"]')) if pages else None

    def listings(self) -> Iterator[Listing]:
        """Yield one listing for each row."""
        for row in self.css('[data-cy="l-card"], [data-testid="l-card"]'):
            link = row.css("a::attr(href)").get()
            url = texts.address(link, self.origin)
            amount = self.money(self.text_of('[data-testid="ad-price"]', row))
            place = self.text_of('[data-testid="location-date"]', row)
            named = row.css('[data-testid="card-title-link"]::attr(aria-label)').get()
            code = _CODE.search(link or "")
            number = attribute(row, "id")
            yield from self.listing(
                title=named or self.text_of('[data-cy="ad-card-title"] h4, [data-cy="ad-card-title"] h6, h4, h6', row),
                listing_id=number if number.isdigit() else code.group(1) if code else None,
                url=url.partition("?")[0] if url else None,
                price=amount.amount or None if amount else None,
                currency=(amount.currency or self.local_currency) if amount else None,
                ship_from=place.partition(" - ")[0] if place else None,
                image_urls=[one for one in texts.addresses(row.css("img::attr(src)").getall()) if "/files/" in one],
            )


class OtherRows(OlxPage):
    """The rows of other platforms and years: Europe to 2020, Brazil in two generations, letgo's sisters."""

    kind = PageKind.SEARCH
    ROWS = '#offers_table table[data-id], .olx-adcard, a[data-lurker_list_id], [data-aut-id="itemBox"]'
    LINK = "a.detailsLink::attr(href), a.olx-adcard__link::attr(href), ::attr(href), a::attr(href)"
    TITLE = '.detailsLink strong, .olx-adcard__title, h2, [data-aut-id="itemTitle"]'
    PRICE = '.price strong, .olx-adcard__price, [aria-label^="Preço do item"], [data-aut-id="itemPrice"]'

    @cached_property
    def found(self) -> list[tuple[Selector, str]]:
        """The rows with their addresses."""
        rows_shown = ((row, texts.address(row.css(self.LINK).get(), self.origin)) for row in self.css(self.ROWS))
        return [(row, url) for row, url in rows_shown if url]

    def fits(self) -> bool:
        """Tell whether there are rows."""
        return self.document is None and bool(self.found)

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first rows."""
        yield from (row.css(self.LINK).get() for row in self.css(self.ROWS)[:3])

    def listings(self) -> Iterator[Listing]:
        """Yield one listing for each row."""
        for row, url in self.found:
            amount = self.money(self.text_of(self.PRICE, row))
            marked = attribute(row, "data-id") or attribute(row, "data-lurker_list_id")
            number = _NUMBER.search(url) or _CODE.search(url)
            yield from self.listing(
                title=self.text_of(self.TITLE, row),
                listing_id=marked if marked.isdigit() else number.group(1) if number else None,
                url=url.partition("?")[0],
                price=amount.amount or None if amount else None,
                currency=(amount.currency or self.local_currency) if amount else None,
                image_urls=texts.addresses(row.css("img::attr(data-src), img::attr(src)").getall()[:1]),
            )


class AdPage(OlxPage, StructuredPage):
    """An ad page without its state: JSON-LD, and the parts that are marked for tests."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page is about one ad, or says that it is gone."""
        if self.document is not None:
            return False
        if self.says_removed():
            return True
        listed = bool(self.css('[data-cy="l-card"], [data-testid="listing-grid"]'))
        named = _CODE.search(self.own_url or "") or (_NUMBER.search(self.own_url or "") and not listed)
        return bool((named or self.css(_LONE)) and (self.products or self._title))

    @cached_property
    def _price_shown(self) -> str | None:
        return self.text_of('[data-testid="ad-price-container"] h3, [data-testid="ad-price-container"]')

    @cached_property
    def _title(self) -> str | None:
        return self.text_of('[data-testid="offer_title"], [data-testid="ad_title"], [data-cy="ad_title"]')

    def says_removed(self) -> str | None:
        """Return the notice that the ad is gone."""
        notice = self.text_of('[data-testid="ad-inactive-msg"]')
        if notice:
            return notice[:200]
        for text in self.css("h1, h2, h3, h4, p, title"):
            words = shown(text) or ""
            if len(words) < 200 and _GONE.match(words):  # noqa: PLR2004 (a notice, not a description)
                return words
        return None

    def listings(self) -> Iterator[Listing]:
        """Yield the ad, unless it is gone."""
        if self.says_removed():
            return
        if self.products:
            yield from self.read(self.products[0])
            return
        amount = self.money(self._price_shown)
        yield from self.listing(
            title=self._title,
            listing_id=self.identify({}, self.own_url),
            url=self.own_url.partition("?")[0] if self.own_url else None,
            description=self.text_of('[data-testid="ad_description"], [data-cy="ad_description"]'),
            price=amount.amount or None if amount else None,
            currency=(amount.currency or self.local_currency) if amount else None,
            **self.seller_of(None),
            image_urls=texts.addresses(self.meta.get("og:image")),
        )

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the ad's number: as its data give it, else as its address does."""
        sku = texts.identity(node.get("sku") or node.get("productID"))
        found = _NUMBER.search(url or "") or _CODE.search(url or "")
        return sku if sku and sku.isdigit() else found.group(1) if found else sku

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller of the data, else as shown."""
        given = super().seller_of(seller)
        name = self.text_of('[data-testid="user-profile-user-name"]')
        link = self.css('a[data-testid="user-profile-link"]::attr(href)').get()
        return given if given["seller_name"] else {"seller_name": name, "seller_url": texts.address(link, self.origin)}


PAGES = (AdState, ResultsState, AdsAnswer, AdRows, OtherRows, AdPage)
