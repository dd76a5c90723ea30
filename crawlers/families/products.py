"""Finding products among schema.org nodes in every form they come in: JSON-LD, microdata, lists, groups, pointers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from crawlers.families import embedded, texts
from crawlers.money import currency_code, decimal, money, price

_OFFERED = frozenset(
    {"product", "productgroup", "individualproduct", "someproducts", "productmodel", "book", "vehicle", "car"}
)
_LISTS = frozenset({"itemlist", "offercatalog", "searchresultspage", "collectionpage"})
_INSIDE = ("@graph", "mainEntity", "itemListElement", "item", "hasOfferCatalog", "makesOffer", "itemOffered")
# Said once of a product; where a page says it twice, the first counts.
_SINGLE = ("name", "description", "sku", "productID", "url", "price", "priceCurrency", "lowPrice", "highPrice")
_LINKED = ("offers", "brand", "image", "aggregateRating", "hasVariant", "seller", "offeredBy", "priceSpecification")
_NOT_THERE = frozenset({"OutOfStock", "SoldOut", "Discontinued"})
_NOT_NOW = re.compile(r"(?:ListPrice|StrikethroughPrice|SRP|SuggestedRetailPrice|MSRP|RegularPrice)$", re.IGNORECASE)


def types(node: dict[str, Any]) -> frozenset[str]:
    """Return the schema.org types of a node without their address."""
    given = node.get("@type") or node.get("type") or ()
    names = given if isinstance(given, list) else [given]
    return frozenset(str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in names if name)


def word(value: Any) -> str | None:
    """Return the name of a schema.org enumeration member: ``https://schema.org/InStock`` is ``InStock``."""
    if isinstance(value, list):
        value = value[0] if value else None
    text = texts.clean(value.get("@id") or value.get("name")) if isinstance(value, dict) else texts.clean(value)
    return text.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1] if text else None


def snake(name: str | None) -> str | None:
    """Write an enumeration member as the Listing contract does: ``InStock`` is ``in_stock``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace(" ", "_") if name else None


def name_of(value: Any) -> str | None:
    """Return the name of a node, or the text that stands for it."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        name = value.get("name")
        return texts.first(*name) if isinstance(name, list) else texts.first(name, value.get("@value"))
    return texts.clean(value)


def pictures(value: Any, base: str | None) -> tuple[str, ...]:
    """Return the addresses of an image property in any of its forms."""
    found: list[Any] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            own = item.get("contentUrl") or item.get("contentURL") or item.get("url")
            named = item.get("@id")  # a picture's address, unless it only points into the page
            item = own or (named if isinstance(named, str) and "#" not in named else None)  # noqa: PLW2901 (its address)
        found.extend(item if isinstance(item, list) else [item])
    return texts.addresses(found, base)


def reviews_of(node: dict[str, Any]) -> tuple[str, ...]:
    """Return the texts of the first reviews in a product's node."""
    given = node.get("review") or node.get("reviews")
    return texts.reviews(
        texts.first(review.get("reviewBody"), review.get("description"))
        for review in (given if isinstance(given, list) else [given])
        if isinstance(review, dict)
    )


def flat(item: Any) -> Any:
    """Bring extruct's microdata item to the form of a JSON-LD node."""
    if isinstance(item, dict) and "properties" in item:
        node = {key: flat(value) for key, value in item["properties"].items()}
        return {"@type": item.get("type"), **node}
    if isinstance(item, list):
        return [flat(one) for one in item]
    return item


@attrs.define
class Found:
    """The products of a page: those that stand on their own, and those that stand in a list."""

    alone: list[dict[str, Any]]
    listed: list[dict[str, Any]]


def find(sources: list[Any]) -> Found:
    """Return the product nodes with a name; variants, and what a product is related to, stay inside it."""
    index = _index(sources)
    found = Found([], [])
    for source in sources:
        for node, listed in _walk(source):
            whole = _whole(node, index)
            if name_of(whole):
                (found.listed if listed else found.alone).append(whole)
    found.alone = _joined(found.alone)
    catalogued = [part for node in found.alone for part in _catalogue(node)]
    if catalogued and len(found.alone) == 1:
        return Found([], catalogued)
    return found


def _index(sources: list[Any]) -> dict[str, dict[str, Any]]:
    """Return the nodes that others may point to, by ``@id``."""
    index: dict[str, dict[str, Any]] = {}
    for node in embedded.objects(sources):
        name = node.get("@id")
        if isinstance(name, str) and len(node) > 2:  # noqa: PLR2004 (more than id and type: not itself a pointer)
            index.setdefault(name, node)
    return index


def _walk(source: Any) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield each product node and whether it stands in a list."""
    stack = [(source, False)]
    while stack:
        node, listed = stack.pop(0)
        if isinstance(node, list):
            stack[:0] = [(one, listed) for one in node]
        elif isinstance(node, dict):
            named = {name.lower() for name in types(node)}
            if named & _OFFERED and node.get("name"):
                yield node, listed
                continue
            offered = node.get("itemOffered")
            if named == {"offer"} and isinstance(offered, dict) and not offered.get("offers"):
                node = {"item": {**offered, "offers": {k: v for k, v in node.items() if k != "itemOffered"}}}
            inside = listed or bool(named & _LISTS and node.get("itemListElement"))
            stack[:0] = [(node[key], inside) for key in _INSIDE if key in node]


def _whole(node: dict[str, Any], index: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a copy of a node in which pointers are followed once and what is single is single."""

    def followed(value: Any) -> Any:
        if isinstance(value, list):
            return [followed(one) for one in value]
        if isinstance(value, dict) and set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
            return index.get(value["@id"], value)
        return value

    def single(value: Any) -> Any:
        return value[0] if isinstance(value, list) and value else value

    whole = {
        key: followed(value) if key in _LINKED else single(value) if key in _SINGLE else value
        for key, value in node.items()
    }
    for key in ("offers", "hasVariant"):
        parts = whole.get(key)
        if parts is not None:
            whole[key] = [_whole(one, {}) | _seller(one, followed) for one in embedded.rows(parts)] or parts
    return whole


def _seller(offer: dict[str, Any], followed: Any) -> dict[str, Any]:
    return {key: followed(offer[key]) for key in ("seller", "offeredBy") if key in offer}


def _joined(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the variants of one product together: those of a group that is there, and those with one name and address."""
    grouped = any("ProductGroup" in types(node) for node in nodes)
    if grouped:
        nodes = [node for node in nodes if not (node.get("isVariantOf") or node.get("inProductGroupWithID"))] or nodes
    kept: dict[object, dict[str, Any]] = {}
    for node in nodes:
        url = texts.address(node.get("url")) or next(
            (texts.address(offer.get("url")) for offer in embedded.rows(node.get("offers")) if offer.get("url")), None
        )
        key = node.get("inProductGroupWithID") if isinstance(node.get("inProductGroupWithID"), str) else None
        same = key or (name_of(node), url.partition("?")[0] if url else None)
        if same in kept:
            more = embedded.rows(node.get("offers"))
            kept[same] = {**kept[same], "offers": [*embedded.rows(kept[same].get("offers")), *more]}
        else:
            kept[same] = node
    return list(kept.values())


def _catalogue(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the offers as products where a page passes off a whole list of them as one: each has name and address."""
    offers = [inner for offer in embedded.rows(node.get("offers")) for inner in embedded.rows(offer.get("offers"))]
    urls = {str(offer.get("url")).partition("?")[0] for offer in offers if offer.get("url") and offer.get("name")}
    if len(offers) < 2 or len(urls) < len(offers):  # noqa: PLR2004 (one offer is no list)
        return []
    return [{"@type": "Product", "offers": [offer], **_shared(offer)} for offer in offers]


def _shared(offer: dict[str, Any]) -> dict[str, Any]:
    return {key: offer[key] for key in ("name", "url", "image", "sku", "description", "brand") if key in offer}


def offers_of(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the offers of a product, those of its variants where it has none itself; an aggregate counts as one.

    Offers of several sellers are not variants: the first is the one the page offers. Where some can be ordered, those
    that cannot do not count.
    """
    found = embedded.rows(node.get("offers"))
    if not found:
        found = [
            offer for variant in embedded.rows(node.get("hasVariant")) for offer in embedded.rows(variant.get("offers"))
        ]
    deeper = [inner for offer in found if not offer.get("lowPrice") for inner in embedded.rows(offer.get("offers"))]
    found = found + deeper
    sellers = {name_of(offer.get("seller") or offer.get("offeredBy")) for offer in found} - {None}
    if len(sellers) > 1:
        found = [next(offer for offer in found if offer.get("seller") or offer.get("offeredBy"))]
    return [offer for offer in found if word(offer.get("availability")) not in _NOT_THERE] or found


@attrs.frozen
class Prices:
    """Lowest and highest price now, the price before, and the currency."""

    low: Decimal | None = None
    high: Decimal | None = None
    before: Decimal | None = None
    currency: str | None = None


def prices_in(offers: list[dict[str, Any]]) -> Prices:
    """Return the prices of offers in the currency of the first that has one."""
    amounts: list[Decimal] = []
    before: list[Decimal] = []
    currency: str | None = None
    for offer in offers:
        specifications = embedded.rows(offer.get("priceSpecification"))
        old = [one for one in specifications if _NOT_NOW.search(word(one.get("priceType")) or "")]
        now = [one for one in specifications if one not in old and not one.get("referenceQuantity")]
        values = [offer.get(key) for key in ("lowPrice", "price", "highPrice")]
        if not any(values):
            values = [now[0].get(key) for key in ("price", "minPrice", "maxPrice")] if now else []
        named = offer.get("priceCurrency") or next((one.get("priceCurrency") for one in specifications), None)
        code = currency_code(named) or next((read.currency for value in values if (read := money(value))), None)
        if currency is not None and code is not None and code != currency:
            continue
        currency = currency or code
        amounts += [amount for amount in map(amount_of, values) if amount]
        before += [amount for amount in (amount_of(one.get("price")) for one in old) if amount]
    if not amounts:
        return Prices()
    low, high = min(amounts), max(amounts)
    first = before[0] if before and before[0] > low else None
    return Prices(low, high if high > low else None, first, currency)


def amount_of(value: Any) -> Decimal | None:
    """Return a price written for machines, else one written for people."""
    number = price(value)
    if number is not None or decimal(value) is not None:
        return number
    read = money(value) if isinstance(value, str) and not value.strip().startswith("-") else None
    return read.amount or None if read else None


def properties_of(node: dict[str, Any]) -> dict[str, str]:
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
