"""Reading what a page says of itself by published vocabularies: schema.org in JSON-LD and microdata, OpenGraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage
from crawlers.families.products import (
    Found,
    amount_of,
    find,
    flat,
    name_of,
    offers_of,
    pictures,
    prices_in,
    properties_of,
    reviews_of,
    snake,
    types,
    word,
)
from crawlers.money import currency_code

__all__ = ["StructuredPage", "name_of", "pictures", "snake", "types", "word"]

# Six digits or more, with the capitals that belong to them: "/p/MLM63192040".
_ID_IN_ADDRESS = re.compile(r"(?:(?<![0-9A-Za-z])[A-Z]{1,4}|(?<![0-9]))\d{6,20}(?![0-9])")


_CODE_IN_ADDRESS = re.compile(r"(?<![0-9A-Za-z])(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{6,20}(?![0-9A-Za-z])")


class StructuredPage(MarketPage):
    """Any page with schema.org or OpenGraph data; the fall-back of every marketplace and the base of some.

    Subclasses change single readings: `identify`, `title_of`, `seller_of`, `prices_of`.
    """

    def fits(self) -> bool:
        """Tell whether the page has at least one product with a name; a saved JSON-LD document is such a page."""
        if self.document is not None:
            return bool(self.products)
        return bool(self.products) or self.og_product is not None or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the page has a list of results that counts none."""
        lists = [node for source in self.jsonld for node in embedded.objects(source) if "ItemList" in types(node)]
        counts = [texts.count(node.get("numberOfItems")) for node in lists if not node.get("itemListElement")]
        return not self.products and len(lists) == len(counts) and 0 in counts

    def next_page(self) -> bool | None:
        """Tell whether the page names a next one; None when it does not say."""
        named = self.document is None and self.css('link[rel="next"]::attr(href)').get()
        return True if named else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first products and of their offers."""
        if self.document is None:
            for node in [*self._found.alone, *self._found.listed][:3]:
                yield texts.address(node.get("url"))
                yield from (texts.address(offer.get("url")) for offer in offers_of(node)[:1])

    # -- sources ------------------------------------------------------------------------------------------------------

    @cached_property
    def jsonld(self) -> list[Any]:
        """Every JSON-LD document of the page that could be read, or the one the answer is."""
        if self.document is not None:
            return [node for node in embedded.rows(self.document) if "@type" in node or "@graph" in node]
        scripts = self.css('script[type*="ld+json" i]::text').getall()
        return list(embedded.script_json(scripts))

    @cached_property
    def microdata(self) -> list[Any]:
        """Every microdata item of the page."""
        if self.document is not None or "itemscope" not in self.body_text.lower():
            return []
        from extruct.w3cmicrodata import MicrodataExtractor  # noqa: PLC0415 (half a second; most pages have JSON-LD)

        found = MicrodataExtractor().extract_items(self.selector.root, self.own_url or "")
        return [flat(item) for item in found]

    @cached_property
    def _found(self) -> Found:
        for source in (self.jsonld, self.microdata):
            found = find(source)
            if found.alone or found.listed:
                return found
        return Found([], [])

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The products the page offers, JSON-LD before microdata: the one it is about, else those of its list."""
        alone, listed = self._found.alone, self._found.listed
        if alone and listed:
            named = [node for node in alone if any(not offer.get("lowPrice") for offer in offers_of(node))]
            return self._about(named) if named or len(listed) < 2 else listed  # noqa: PLR2004 (one is no list)
        return self._about(alone) or listed

    def _about(self, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the product the page is about, where one of several is: the others are shown beside it."""
        if len(nodes) < 2 or self.own_url is None:  # noqa: PLR2004 (nothing to choose from)
            return nodes
        path = urlsplit(self.own_url).path.rstrip("/")
        own = [node for node in nodes if urlsplit(self.url_of(node, lone=False) or "").path.rstrip("/") == path]
        if len(own) == 1 and path:
            return own
        title = (self.og_product or "").casefold()
        named = [node for node in nodes if (self.title_of(node) or "").casefold() == title]
        return named if len(named) == 1 else nodes

    @property
    def og_product(self) -> str | None:
        """The title OpenGraph gives a page that it calls a product or prices."""
        kind = self.meta.get("og:type", "").lower()
        priced = any(self.meta.get(name) for name in ("product:price:amount", "og:price:amount"))
        if not priced and ("product" not in kind or "group" in kind or "category" in kind):
            return None
        title, shop = texts.clean(self.meta.get("og:title")), texts.clean(self.meta.get("og:site_name"))
        if title and shop:
            title = re.sub(rf"\s+[|–—•·-]\s+{re.escape(shop)}$", "", title)
        return title

    # -- reading ------------------------------------------------------------------------------------------------------

    def listings(self) -> Iterator[Listing]:
        """Yield the products of the page; OpenGraph speaks only where there is none or adds pictures to a lone one."""
        if not self.products:
            yield from self._from_og()
            return
        for node in self.products:
            yield from self.read(node, lone=len(self.products) == 1 and node not in self._found.listed)

    def read(self, node: dict[str, Any], *, lone: bool = True) -> Iterator[Listing]:
        """Yield the listing of one product node; ``lone`` when the page is about nothing else."""
        offers = offers_of(node)
        url = self.url_of(node, lone=lone)
        low, high, currency = self.prices_of(node, offers)
        seller = next(
            (
                offer.get("seller") or offer.get("offeredBy")
                for offer in offers
                if offer.get("seller") or offer.get("offeredBy")
            ),
            None,
        )
        images = pictures(node.get("image"), self.own_url) or (
            texts.addresses(self.meta.get("og:image"), self.own_url) if lone else ()
        )
        review = embedded.rows(node.get("aggregateRating"))[:1]
        yield from self.listing(
            title=self.title_of(node),
            listing_id=self.identify(node, url),
            url=url,
            description=texts.clean(node.get("description")),
            brand=name_of(node.get("brand")),
            price=low,
            price_max=high,
            list_price=prices_in(offers).before,
            currency=(currency or self.local_currency) if low else None,
            condition=next((word(o.get("itemCondition")) for o in (*offers, node) if o.get("itemCondition")), None),
            availability=snake(next((word(o.get("availability")) for o in offers if o.get("availability")), None)),
            **self.seller_of(seller),
            image_urls=images,
            category_path=self.categories(node),
            attributes=properties_of(node),
            reviews=reviews_of(node) if lone else (),
            rating=texts.rating(embedded.at(review, 0, "ratingValue")),
            review_count=texts.count(embedded.at(review, 0, "reviewCount") or embedded.at(review, 0, "ratingCount")),
        )

    def title_of(self, node: dict[str, Any]) -> str | None:
        """Return the product's name."""
        return name_of(node)

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the listing's id: what the node and its address share, else the address's only number or code."""
        path = (url or "").partition("?")[0]
        for key in ("productID", "productId", "sku", "identifier"):
            own = texts.identity(node.get(key))
            if own and re.search(rf"(?<![0-9A-Za-z]){re.escape(own)}(?![0-9A-Za-z])", path):
                return own
        numbers = set(_ID_IN_ADDRESS.findall(path)) or set(_CODE_IN_ADDRESS.findall(path))
        if len(numbers) == 1:
            return str(numbers.pop())
        return texts.identity(node.get("productID") or node.get("productId") or node.get("sku"))

    def url_of(self, node: dict[str, Any], *, lone: bool) -> str | None:
        """Return the product's address; the page's own for the product the page is about."""
        offered = next((offer.get("url") for offer in offers_of(node) if offer.get("url")), None)
        given = texts.address(node.get("url") or offered or node.get("@id"), self.own_url)
        return (self.own_url or given) if lone else given

    def prices_of(
        self, node: dict[str, Any], offers: list[dict[str, Any]]
    ) -> tuple[Decimal | None, Decimal | None, str | None]:
        """Return lowest price, highest price (of a range) and currency of the offers."""
        del node  # for subclasses
        found = prices_in(offers)
        return found.low, found.high, found.currency

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller fields from the offer's seller node."""
        if isinstance(seller, list):
            seller = seller[0] if seller else None
        node = seller if isinstance(seller, dict) else {}
        return {"seller_name": name_of(seller), "seller_url": texts.address(node.get("url"), self.own_url)}

    def categories(self, node: dict[str, Any]) -> tuple[str, ...]:
        """Return the trail of categories, from the breadcrumb or the node."""
        if self._breadcrumb is not None:
            return self._breadcrumb
        given = node.get("category")
        return (
            tuple(part for part in map(texts.clean, re.split(r"\s*[>/]\s*", given)) if part)
            if isinstance(given, str)
            else ()
        )

    @cached_property
    def _breadcrumb(self) -> tuple[str, ...] | None:
        """The page's trail of categories, looked for once, because a result page asks for every row."""
        for source in (self.jsonld, self.microdata):
            for item in embedded.objects(source):
                if "BreadcrumbList" in types(item):
                    names = (
                        name_of(step.get("name") and step) or name_of(step.get("item"))
                        for step in embedded.rows(item.get("itemListElement"))
                    )
                    return tuple(name for name in names if name)
        return None

    def _from_og(self) -> Iterator[Listing]:
        meta = self.meta
        full = amount_of(meta.get("product:price:amount") or meta.get("og:price:amount"))
        low = amount_of(meta.get("product:sale_price:amount")) or full
        before = amount_of(meta.get("product:original_price:amount")) or full
        currency = currency_code(meta.get("product:price:currency") or meta.get("og:price:currency"))
        yield from self.listing(
            title=self.title_of({"name": self.og_product}),
            listing_id=self.identify({"sku": meta.get("product:retailer_item_id")}, self.own_url),
            url=self.own_url,
            description=texts.clean(meta.get("og:description")),
            brand=texts.clean(meta.get("product:brand") or meta.get("og:brand")),
            price=low,
            list_price=before if low and before and before > low else None,
            currency=(currency or self.local_currency) if low else None,
            availability=snake(word(meta.get("product:availability") or meta.get("og:availability"))),
            condition=word(meta.get("product:condition")),
            image_urls=texts.addresses(meta.get("og:image:secure_url") or meta.get("og:image"), self.own_url),
        )
