"""The base of every page object, and what a page object knows of the marketplace it reads."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any, ClassVar
from urllib.parse import urlsplit

import attrs
from parsel import Selector, SelectorList
from web_poet import WebPage

from contracts.listing import Listing
from contracts.market import Manifest, Site
from crawlers.families import embedded, texts
from crawlers.money import Money, money


class PageKind(StrEnum):
    """What a page is for, as far as the caller knows."""

    SEARCH = "search"
    PRODUCT = "product"
    API = "api"
    SELLER = "seller"


@attrs.frozen(kw_only=True)
class Place:
    """The marketplace a page is read for; ``site`` is a hint that the page's own addresses overrule."""

    market: str
    manifest: Manifest | None = None
    site: str | None = None


@attrs.define(kw_only=True, slots=False, eq=False)
class MarketPage(WebPage[Any]):
    """A page of one marketplace in one layout; subclasses say whether they know the page and what is on offer there.

    The same class reads a plain answer, a page rendered by a browser and a saved file, because it looks at nothing but
    the answer's address (perhaps unknown), headers and text.
    """

    place: Place = attrs.field(factory=lambda: Place(market="unknown"))
    kind: ClassVar[PageKind | None] = None
    lists: ClassVar[bool] = True  # False: knows pages without any offer, such as an empty result page

    def fits(self) -> bool:
        """Tell whether this class knows the page's layout."""
        raise NotImplementedError

    def listings(self) -> Iterator[Listing]:
        """Yield every offer the page shows, in its order."""
        raise NotImplementedError

    def says_empty(self) -> bool:
        """Tell whether the page itself says that nothing was found."""
        return False

    def says_removed(self) -> str | None:
        """Return the words with which the page says that its listing is gone, or None."""
        return None

    def next_page(self) -> bool | None:
        """Tell whether more result pages follow; None when the page does not say."""
        return None

    async def to_item(self) -> list[Listing]:
        """Return the listings (web-poet's door)."""
        return list(self.listings())

    # -- what subclasses read from ------------------------------------------------------------------------------------

    @cached_property
    def body_text(self) -> str:
        """The decoded page."""
        return self.response.text

    @cached_property
    def document(self) -> Any:
        """The JSON document the answer is, or None for a page."""
        return embedded.document(self.body_text)

    def state(self, *names: str) -> Any:
        """Return the first non-empty object assigned to one of ``names`` in the page's scripts, or None.

        It may be written out, or packed into a text: ``JSON.parse("{...}")``.
        """
        for name in names:
            if name in self.body_text:
                for value in chain(embedded.assigned(self.body_text, name), embedded.packed(self.body_text, name)):
                    return value
        return None

    @cached_property
    def next_data(self) -> Any:
        """The state of a Next.js page, or None."""
        for value in embedded.script_json(self.css("script#__NEXT_DATA__::text").getall()):
            return value
        return None

    @cached_property
    def meta(self) -> dict[str, str]:
        """Return the page's ``<meta>`` by property or name; the first of each counts."""
        found: dict[str, str] = {}
        if self.document is not None:
            return found
        for tag in self.css("meta[content]"):
            name = attribute(tag, "property") or attribute(tag, "name") or attribute(tag, "itemprop")
            if name:
                found.setdefault(name.strip().lower(), attribute(tag, "content"))
        return found

    def text_of(self, query: str, root: Selector | None = None) -> str | None:
        """Return the visible text of the first element ``query`` (CSS) finds that has any."""
        for element in (root or self.selector).css(query):
            text = shown(element)
            if text:
                return text
        return None

    # -- where the page is --------------------------------------------------------------------------------------------

    @cached_property
    def own_url(self) -> str | None:
        """The page's address: as fetched, else as the page itself gives it."""
        given = texts.address(str(self.response.url))
        if given:
            return given
        if self.document is not None:
            return None
        candidates = (self.css("link[rel=canonical]::attr(href)").get(), self.meta.get("og:url"), self._saved_from)
        return next((url for url in map(texts.address, candidates) if url), None)

    @cached_property
    def _saved_from(self) -> str | None:
        """The address browsers write into a page they save."""
        head = self.body_text[:2000]
        marker = "saved from url=("
        after = head.partition(marker)[2].partition(")")[2].split()
        return after[0] if after else None

    @cached_property
    def site(self) -> Site | None:
        """The site the page belongs to: by its own address, else as hinted, else the only one there is."""
        manifest = self.place.manifest
        if manifest is None:
            return None
        for url in (self.own_url, *self.site_clues()):
            host = urlsplit(texts.address(url) or "").hostname
            found = manifest.site_of_domain(host) if host else None
            if found:
                return found
        for site in manifest.sites:
            if site.country == self.place.site:
                return site
        return manifest.sites[0] if len(manifest.sites) == 1 else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield further addresses in the page that tell its site, surest first."""
        yield from ()

    @property
    def country(self) -> str | None:
        """ISO 3166-1 code of the site; the hint where the page does not tell."""
        return self.site.country if self.site else self.place.site

    @property
    def local_currency(self) -> str | None:
        """The currency of the site, where it is known."""
        return self.site.currency if self.site else None

    @property
    def origin(self) -> str | None:
        """Scheme and host to complete relative addresses with."""
        if self.own_url:
            parts = urlsplit(self.own_url)
            return f"{parts.scheme}://{parts.netloc}"
        return f"https://{self.site.domain}" if self.site else None

    # -- writing listings ---------------------------------------------------------------------------------------------

    def money(self, text: Any) -> Money | None:
        """Read a price text in the light of the site's currency."""
        return money(text, self.local_currency)

    def listing(self, *, title: str | None, **values: Any) -> Iterator[Listing]:
        """Yield the listing, unless it has no title; empty values are absent."""
        warnings = list(values.pop("warnings", ()))
        title = texts.clean(title)
        if title is None:
            return
        if len(title) > texts.LONGEST_TITLE:
            warnings.append(f"title of {len(title)} characters was cut")
            title = title[: texts.LONGEST_TITLE]
        if values.get("price") is None:
            values.pop("price_max", None)
        if values.get("currency") is None and values.get("price") is not None:
            warnings.append("the page does not tell the currency")
        kept = {name: value for name, value in values.items() if value not in (None, "", (), [], {})}
        kept.setdefault("site", self.country)
        kept.setdefault("language", self.language)
        yield Listing(
            market=self.place.market,
            title=title,
            parser=f"{type(self).__module__.removeprefix('crawlers.')}.{type(self).__name__}",
            warnings=tuple(warnings),
            **kept,
        )

    @cached_property
    def language(self) -> str | None:
        """The language the page declares in ``<html lang>``."""
        if self.document is not None:
            return None
        declared = self.css("html::attr(lang)").get("").strip().replace("_", "-")
        return declared if 1 < len(declared) < 12 and declared.replace("-", "").isalnum() else None  # noqa: PLR2004 (BCP 47)


def attribute(found: Selector | SelectorList[Selector], name: str) -> str:
    """Return an attribute of the first element found, or ""; unlike parsel's ``attrib`` unharmed by its neighbours."""
    element = found if isinstance(found, Selector) else next(iter(found), None)
    return (element.root.get(name) or "") if element is not None else ""


def shown(element: Selector | SelectorList[Selector]) -> str | None:
    """Return the text of an element without scripts and styles, in one line."""
    parts = element.xpath(".//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]").getall()
    return texts.clean(" ".join(parts).replace("<", "&lt;")) if parts else None
