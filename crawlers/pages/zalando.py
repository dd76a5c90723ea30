"""Zalando: the products of its GraphQL, in the caches of a page or as answers, JSON-LD, and the older page states.

A page holds the same product in several caches, each with a part of it, and other colours of a product inside it: the
parts are put together by article number, the other colours are no listings of the page. Amounts are in cents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

import attrs

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage, PageKind, shown
from crawlers.families.embedded import at, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import Money, currency_code, price

_SKU = re.compile(r"(?:^|[-/])([a-z0-9]{6,12}-[a-z0-9]{3})\.html", re.IGNORECASE)
_PICTURES = "https://img01.ztat.net/article/"
_OF_THE_PAGE = frozenset({"market", "parser", "site", "language", "warnings"})


def sku_of(url: str | None) -> str | None:
    """Return the article number in an address, in capitals as Zalando writes it."""
    found = _SKU.search(url or "")
    return found.group(1).upper() if found else None


def _number(product: dict[str, Any]) -> str | None:
    given = texts.identity(product.get("sku")) or texts.identity(product.get("id"))
    return given.rpartition("::")[2].upper() if given else None


class ZalandoPage(MarketPage):
    """What Zalando's pages share."""

    @cached_property
    def own_url(self) -> str | None:
        """The page's address; its own words on it lack the host, which stands beside them."""
        known = super().own_url
        return known or texts.address(self.meta.get("og:url"), texts.address(self.meta.get("og:site")))

    @property
    def is_product(self) -> bool:
        """Tell whether the page is a product's own: by its address, or by what it calls itself."""
        named = sku_of(self.own_url) or sku_of(self.meta.get("og:url"))
        return named is not None or "product" in self.meta.get("og:type", "")

    def products_in(self, source: Any) -> dict[str, dict[str, Any]]:
        """Return the product objects of GraphQL by article number, in their order; not those inside another."""
        found: dict[str, dict[str, Any]] = {}
        stack = [source]
        while stack:
            node = stack.pop(0)
            if isinstance(node, list):
                stack[:0] = node
            elif isinstance(node, dict):
                number = _number(node)
                if number and ("displayPrice" in node or str(node.get("id")).startswith("ern:product::")):
                    kept = found.setdefault(number, {})
                    kept |= {key: value for key, value in node.items() if value is not None and key not in kept}
                else:
                    stack[:0] = [value for value in node.values() if isinstance(value, (dict, list))]
        return {number: product for number, product in found.items() if texts.clean(product.get("name"))}

    def facts_of(self, product: dict[str, Any]) -> dict[str, Any]:
        """Return what a product object says, by field of the listing."""
        number = _number(product)
        shown_price = product.get("displayPrice") if isinstance(product.get("displayPrice"), dict) else {}
        amounts = [self._cents(at(shown_price, name)) for name in ("promotional", "current", "original")]
        now = next((one for one in amounts if one), None)
        before = amounts[2]
        url = texts.address(product.get("uri"), self.origin)
        media = [value for key, value in product.items() if key.lower().endswith(("media", "image"))]
        pictures = [at(one, "uri") for one in [*rows(product.get("galleryMedia")), *media] if isinstance(one, dict)]
        return {
            "title": texts.clean(product.get("name")),
            "listing_id": number,
            "url": url.partition("?")[0] if url else None,
            "brand": texts.first(at(product, "brand", "name")),
            "price": now.amount if now else None,
            "list_price": before.amount if before and now and before.amount > now.amount else None,
            "currency": now.currency if now else None,
            "image_urls": texts.addresses([one.partition("?")[0] for one in pictures if isinstance(one, str)]),
        }

    def _cents(self, amount: Any) -> Money | None:
        """Return an amount of GraphQL: whole cents, else as it is written for people."""
        exact = price(at(amount, "amount"), 100)
        if exact:
            return Money(exact, None, currency_code(at(amount, "currency")) or self.local_currency)
        return self.shown_money(at(amount, "formatted"))

    def shown_money(self, text: Any) -> Money | None:
        """Return a price as it is shown, with the site's currency where none is named."""
        read = self.money(text)
        return Money(read.amount, read.upper, read.currency or self.local_currency) if read and read.amount else None

    @cached_property
    def caches(self) -> list[Any]:
        """The caches of GraphQL in the page's scripts."""
        if self.document is not None:
            return []
        return [value for name in ("graphqlCache", '"cache') for value in embedded.assigned(self.body_text, name)]

    def props(self, name: str) -> Any:
        """Return the state of an older page, a script whose JSON stands in CDATA."""
        text = self.css(f"script#{name}::text").get() if self.document is None else None
        bare = re.sub(r"^\s*<!\[CDATA\[|\]\]>\s*$", "", text or "")
        value = next(embedded.script_json([bare]), None)
        return value[0] if isinstance(value, list) and value else value


class Catalogue(ZalandoPage):
    """A result page or a category: the products in its caches."""

    kind = PageKind.SEARCH

    @cached_property
    def products(self) -> dict[str, dict[str, Any]]:
        """The products that have a price, by article number."""
        found = self.products_in(self.caches)
        return {number: product for number, product in found.items() if product.get("displayPrice")}

    def fits(self) -> bool:
        """Tell whether the page is no product's own and has products in its caches."""
        return self.document is None and not self.is_product and bool(self.products)

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first products."""
        yield from (texts.address(product.get("uri")) for product in list(self.products.values())[:3])

    def listings(self) -> Iterator[Listing]:
        """Yield the products."""
        for product in self.products.values():
            yield from self.listing(**self.facts_of(product))


class Answer(Catalogue):
    """Answers of the GraphQL interface."""

    kind = PageKind.API

    @cached_property
    def products(self) -> dict[str, dict[str, Any]]:
        """The products of the answer."""
        return self.products_in(self.document)

    def fits(self) -> bool:
        """Tell whether the answer has products."""
        return self.document is not None and bool(self.products)


class OldCatalogue(ZalandoPage):
    """A result page to about 2020: ``z-nvg-cognac-props``."""

    kind = PageKind.SEARCH

    @cached_property
    def source(self) -> Any:
        """The page's state."""
        return self.props("z-nvg-cognac-props")

    def fits(self) -> bool:
        """Tell whether there is the state of a result page."""
        return isinstance(at(self.source, "articles"), list)

    def says_empty(self) -> bool:
        """Tell whether the search counts no articles."""
        return bool(at(self.source, "total_count") == 0)

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        pages = at(self.source, "pagination")
        here, last = texts.count(at(pages, "current_page")), texts.count(at(pages, "page_count"))
        return here < last if here and last else None

    def listings(self) -> Iterator[Listing]:
        """Yield the articles."""
        for article in rows(at(self.source, "articles")):
            key = texts.identity(article.get("url_key"))
            now = self.shown_money(at(article, "price", "promotional"))
            before = self.shown_money(at(article, "price", "original"))
            paths = [one.get("path") for one in rows(article.get("media"))]
            yield from self.listing(
                title=article.get("name"),
                listing_id=texts.identity(article.get("sku")),
                url=f"{self.origin}/{key}.html" if self.origin and key else None,
                brand=texts.clean(article.get("brand_name")),
                price=now.amount if now else None,
                price_max=now.upper if now else None,
                list_price=before.amount if before and now and before.amount > now.amount else None,
                currency=now.currency if now else None,
                image_urls=texts.addresses([_PICTURES + path.lstrip("/") for path in paths if isinstance(path, str)]),
            )


class CatalogueRows(ZalandoPage):
    """A rendered result page whose scripts were not saved: the rows themselves."""

    kind = PageKind.SEARCH

    @cached_property
    def _rows(self) -> list[Any]:
        return [row for row in self.css("article") if sku_of(row.css('a[href*=".html"]::attr(href)').get())]

    def fits(self) -> bool:
        """Tell whether the page is no product's own and has rows."""
        return self.document is None and not self.is_product and bool(self._rows)

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first rows."""
        yield from (texts.address(row.css('a[href*=".html"]::attr(href)').get()) for row in self._rows[:3])

    def listings(self) -> Iterator[Listing]:
        """Yield one listing for each row; the first price is the one to pay."""
        for row in self._rows:
            link = row.css('a[href*=".html"]::attr(href)').get()
            url = texts.address(link, self.origin)
            names = [text for text in map(shown, row.css("h3, h4")) if text]
            words = row.xpath(".//text()[not(ancestor::h3 or ancestor::h4 or ancestor::script or ancestor::style)]")
            now = next((read for text in words.getall() if (read := self.shown_money(text)) and read.currency), None)
            yield from self.listing(
                title=names[-1] if names else None,
                listing_id=sku_of(link),
                url=url.partition("?")[0] if url else None,
                brand=names[0] if len(names) > 1 else None,
                price=now.amount if now else None,
                currency=now.currency if now else None,
                image_urls=[one.partition("?")[0] for one in texts.addresses(row.css("img::attr(src)").getall())[:1]],
            )


class OldestCatalogue(ZalandoPage):
    """A result page to about 2017: the rows stand in the page, the pictures' addresses in ``longdesc``."""

    kind = PageKind.SEARCH

    def fits(self) -> bool:
        """Tell whether there are such rows."""
        return self.document is None and bool(self.css("li.catalogArticlesList_item"))

    def listings(self) -> Iterator[Listing]:
        """Yield one listing for each row."""
        for row in self.css("li.catalogArticlesList_item"):
            link = row.css("a.catalogArticlesList_productBox::attr(href)").get()
            now = self.shown_money(self.text_of(".catalogArticlesList_price:not(.catalogArticlesList_price-old)", row))
            before = self.shown_money(self.text_of(".catalogArticlesList_price-old", row))
            yield from self.listing(
                title=self.text_of(".catalogArticlesList_articleName", row),
                listing_id=self.text_of("span.sku", row) or sku_of(link),
                url=texts.address(link, self.origin),
                brand=self.text_of(".catalogArticlesList_brandName", row),
                price=now.amount if now else None,
                list_price=before.amount if before and now and before.amount > now.amount else None,
                currency=now.currency if now else None,
                image_urls=texts.addresses(row.css("img.catalogArticlesList_imageBoxImage::attr(longdesc)").getall()),
            )


class ProductPage(ZalandoPage, StructuredPage):
    """A product's page: JSON-LD, completed by the caches; to about 2020 the state ``z-vegas-pdp-props``."""

    kind = PageKind.PRODUCT

    @cached_property
    def article(self) -> dict[str, Any]:
        """The article of an older page."""
        found = at(self.props("z-vegas-pdp-props"), "model", "articleInfo")
        return found if isinstance(found, dict) else {}

    @cached_property
    def number(self) -> str | None:
        """The article number of the product the page is about."""
        node: dict[str, Any] = self.products[0] if len(self.products) == 1 else {}
        given = (self.article.get("id"), node.get("productGroupID"), node.get("sku"))
        addresses = (self.own_url, self.meta.get("og:url"), texts.clean(node.get("url")))
        known = (*map(sku_of, addresses), *map(texts.identity, given))
        return next((str(number).upper() for number in known if number), None)

    def fits(self) -> bool:
        """Tell whether the page is about one product."""
        if self.document is not None or self.number is None:
            return False
        return bool(self.article) or len(self.products) == 1 or self.number in self.products_in(self.caches)

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the article number."""
        return self.number or sku_of(url) or super().identify(node, url)

    def listings(self) -> Iterator[Listing]:
        """Yield the product: each fact from JSON-LD, else from the caches, else from the older state."""
        facts: dict[str, Any] = self._old_facts()
        own = self.products_in(self.caches).get(self.number or "", {})
        facts |= {name: value for name, value in self.facts_of(own).items() if value}
        for one in self.read(self.products[0]) if len(self.products) == 1 else ():
            facts |= {name: value for name, value in attrs.asdict(one, recurse=False).items() if value}
        relative = texts.address(self.meta.get("og:url"), self.origin)
        url = next((one for one in (self.own_url, relative) if sku_of(one)), facts.get("url"))
        facts |= {"listing_id": self.number, "url": str(url).partition("?")[0] if url else None}
        facts.setdefault("title", None)
        yield from self.listing(**{name: value for name, value in facts.items() if name not in _OF_THE_PAGE})

    def _old_facts(self) -> dict[str, Any]:
        article = self.article
        units = rows(article.get("units"))
        node = at(article, "displayPrice", "price") or at(units, 0, "price")
        amount: Decimal | None = price(at(node, "value"))
        read = self.shown_money(at(node, "formatted"))
        known = [unit["available"] for unit in units if isinstance(unit.get("available"), bool)]
        images = [
            at(one, "sources", "zoom") or at(one, "sources", "detail") for one in rows(at(article, "media", "images"))
        ]
        facts = {
            "title": texts.clean(article.get("name")),
            "brand": texts.first(at(article, "brand", "name")),
            "price": amount or (read.amount if read else None),
            "currency": (currency_code(at(node, "currency")) or (read.currency if read else self.local_currency))
            if amount or read
            else None,
            "availability": ("in_stock" if any(known) else "out_of_stock") if known else None,
            "image_urls": texts.addresses(images),
        }
        return {name: value for name, value in facts.items() if value}


PAGES = (Catalogue, OldCatalogue, OldestCatalogue, CatalogueRows, Answer, ProductPage)
