"""Reading what a page says of itself by published vocabularies: schema.org in JSON-LD and microdata, OpenGraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.listing import Listing
from crawlers.families import embedded, texts
from crawlers.families.base import MarketPage
from crawlers.money import currency_code, decimal, money, price

_OFFERED = frozenset(
    {"Product", "ProductGroup", "IndividualProduct", "SomeProducts", "ProductModel", "Book", "Vehicle", "Car"}
)
_ID_IN_ADDRESS = re.compile(r"(?:^|[^0-9])(\d{6,20})(?=[^0-9]|$)")


def types(node: dict[str, Any]) -> frozenset[str]:
    """Return the schema.org types of a node without their address."""
    given = node.get("@type") or node.get("type") or ()
    names = given if isinstance(given, list) else [given]
    return frozenset(str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in names if name)


def word(value: Any) -> str | None:
    """Return the name of a schema.org enumeration member: ``https://schema.org/InStock`` is ``InStock``."""
    text = texts.clean(value.get("@id") or value.get("name")) if isinstance(value, dict) else texts.clean(value)
    return text.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1] if text else None


def snake(name: str | None) -> str | None:
    """Write an enumeration member as the Listing contract does: ``InStock`` is ``in_stock``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace(" ", "_") if name else None


def name_of(value: Any) -> str | None:
    """Return the name of a node, or the text that stands for it."""
    if isinstance(value, list):
        value = value[0] if value else None
    return texts.first(value.get("name")) if isinstance(value, dict) else texts.clean(value)


def pictures(value: Any, base: str | None) -> tuple[str, ...]:
    """Return the addresses of an image property in any of its forms."""
    found: list[Any] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            item = item.get("contentUrl") or item.get("contentURL") or item.get("url") or item.get("@id")  # noqa: PLW2901 (the node's address)
        found.extend(item if isinstance(item, list) else [item])
    return texts.addresses(found, base)


class StructuredPage(MarketPage):
    """Any page with schema.org or OpenGraph data; the fall-back of every marketplace and the base of some.

    Subclasses change single readings: `identify`, `title_of`, `seller_of`, `prices_of`.
    """

    def fits(self) -> bool:
        """Tell whether the page has at least one product with a name; a saved JSON-LD document is such a page."""
        return bool(self.products) or self.og_product is not None

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
        return [_flat(item) for item in found]

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """Every product node with a name, JSON-LD before microdata; offers of variants stay inside their product."""
        for source in (self.jsonld, self.microdata):
            found = list(_products(source))
            if found:
                return found
        return []

    @property
    def og_product(self) -> str | None:
        """The title OpenGraph gives a page that it calls a product or prices."""
        kind = self.meta.get("og:type", "").lower()
        priced = any(name in self.meta for name in ("product:price:amount", "og:price:amount"))
        return self.meta.get("og:title") if "product" in kind or priced else None

    # -- reading ------------------------------------------------------------------------------------------------------

    def listings(self) -> Iterator[Listing]:
        """Yield the products of the page; OpenGraph speaks only where there is none or adds pictures to a lone one."""
        if not self.products:
            yield from self._from_og()
            return
        for node in self.products:
            yield from self.read(node, lone=len(self.products) == 1)

    def read(self, node: dict[str, Any], *, lone: bool = True) -> Iterator[Listing]:
        """Yield the listing of one product node; ``lone`` when the page is about nothing else."""
        offers = _offers(node)
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
            currency=currency,
            condition=next((word(o.get("itemCondition")) for o in (*offers, node) if o.get("itemCondition")), None),
            availability=snake(next((word(o.get("availability")) for o in offers if o.get("availability")), None)),
            **self.seller_of(seller),
            image_urls=images,
            category_path=self.categories(node),
            attributes=_properties(node),
            rating=texts.rating(embedded.at(review, 0, "ratingValue")),
            review_count=texts.count(embedded.at(review, 0, "reviewCount") or embedded.at(review, 0, "ratingCount")),
        )

    def title_of(self, node: dict[str, Any]) -> str | None:
        """Return the product's name."""
        return texts.clean(node.get("name"))

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the listing's id: the number in its address that the node repeats, else the address's only number."""
        own = {texts.identity(node.get(key)) for key in ("sku", "productID", "productId", "mpn", "identifier")} - {None}
        path = url or ""
        for candidate in own:
            if candidate and candidate in path:
                return candidate
        numbers = _ID_IN_ADDRESS.findall(path.partition("?")[0])
        if len(set(numbers)) == 1:
            return str(numbers[0])
        return texts.identity(node.get("productID") or node.get("sku"))

    def url_of(self, node: dict[str, Any], *, lone: bool) -> str | None:
        """Return the product's address; the page's own for the product the page is about."""
        offered = next((offer.get("url") for offer in _offers(node) if offer.get("url")), None)
        given = texts.address(node.get("url") or offered or node.get("@id"), self.own_url)
        return (self.own_url or given) if lone else given

    def prices_of(
        self, node: dict[str, Any], offers: list[dict[str, Any]]
    ) -> tuple[Decimal | None, Decimal | None, str | None]:
        """Return lowest price, highest price (of a range) and currency of the offers."""
        del node  # for subclasses
        amounts: list[Decimal] = []
        currency: str | None = None
        for offer in offers:
            specification = embedded.at(embedded.rows(offer.get("priceSpecification")), 0) or {}
            values = [offer.get(key) for key in ("lowPrice", "price", "highPrice")]
            if not any(values):
                values = [specification.get("price"), specification.get("minPrice")]
            code = currency_code(offer.get("priceCurrency") or specification.get("priceCurrency"))
            if currency is not None and code is not None and code != currency:
                continue
            currency = currency or code
            amounts += [amount for amount in map(_amount, values) if amount]
        if not amounts:
            return None, None, None
        low, high = min(amounts), max(amounts)
        return low, (high if high > low else None), currency

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller fields from the offer's seller node."""
        if isinstance(seller, list):
            seller = seller[0] if seller else None
        node = seller if isinstance(seller, dict) else {}
        return {"seller_name": name_of(seller), "seller_url": texts.address(node.get("url"), self.own_url)}

    def categories(self, node: dict[str, Any]) -> tuple[str, ...]:
        """Return the trail of categories, from the breadcrumb or the node."""
        for source in (self.jsonld, self.microdata):
            for item in embedded.objects(source):
                if "BreadcrumbList" in types(item):
                    names = (
                        name_of(step.get("name") and step) or name_of(step.get("item"))
                        for step in embedded.rows(item.get("itemListElement"))
                    )
                    return tuple(name for name in names if name)
        given = node.get("category")
        return (
            tuple(part for part in map(texts.clean, re.split(r"\s*[>/]\s*", given)) if part)
            if isinstance(given, str)
            else ()
        )

    def _from_og(self) -> Iterator[Listing]:
        meta = self.meta
        amount = meta.get("product:price:amount") or meta.get("og:price:amount")
        low = _amount(amount)
        yield from self.listing(
            title=self.title_of({"name": self.og_product}),
            listing_id=self.identify({"sku": meta.get("product:retailer_item_id")}, self.own_url),
            url=self.own_url,
            description=texts.clean(meta.get("og:description")),
            brand=texts.clean(meta.get("product:brand") or meta.get("og:brand")),
            price=low,
            currency=currency_code(meta.get("product:price:currency") or meta.get("og:price:currency"))
            if low
            else None,
            availability=snake(word(meta.get("product:availability") or meta.get("og:availability"))),
            condition=word(meta.get("product:condition")),
            image_urls=texts.addresses(meta.get("og:image:secure_url") or meta.get("og:image"), self.own_url),
        )


def _amount(value: Any) -> Decimal | None:
    number = price(value)
    if number is not None or decimal(value) is not None:
        return number
    read = money(value)
    return read.amount or None if read else None


def _flat(item: Any) -> Any:
    """Bring extruct's microdata item to the form of a JSON-LD node."""
    if isinstance(item, dict) and "properties" in item:
        node = {key: _flat(value) for key, value in item["properties"].items()}
        return {"@type": item.get("type"), **node}
    if isinstance(item, list):
        return [_flat(one) for one in item]
    return item


def _products(sources: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield product nodes that stand on their own, not those inside another (variants, related)."""
    for source in sources:
        stack = [source]
        while stack:
            node = stack.pop(0)
            if isinstance(node, list):
                stack[:0] = node
            elif isinstance(node, dict):
                if types(node) & _OFFERED and texts.clean(name_of(node)):
                    yield node
                    continue
                stack[:0] = [
                    node[key]
                    for key in ("@graph", "mainEntity", "itemListElement", "item", "itemOffered")
                    if key in node
                ]


def _offers(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the offers of a product, those of its variants where it has none itself; an aggregate counts as one."""
    found = embedded.rows(node.get("offers"))
    if not found:
        found = [
            offer for variant in embedded.rows(node.get("hasVariant")) for offer in embedded.rows(variant.get("offers"))
        ]
    deeper = [inner for offer in found if not offer.get("lowPrice") for inner in embedded.rows(offer.get("offers"))]
    return found + deeper


def _properties(node: dict[str, Any]) -> dict[str, str]:
    """Return ``additionalProperty`` and a few named ones as a table of texts."""
    table: dict[str, str] = {}
    for item in embedded.rows(node.get("additionalProperty")):
        name, value = texts.clean(item.get("name")), texts.clean(item.get("value"))
        if name and value:
            table[name] = value
    for key in ("color", "material", "model", "gtin13", "gtin", "mpn", "size"):
        value = name_of(node.get(key)) if node.get(key) else None
        if value:
            table.setdefault(key, value)
    return table
