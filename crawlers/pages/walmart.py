"""Walmart: the state of its pages (``__NEXT_DATA__``; before 2021 a script of its own), saved items, affiliate API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, having, rows, script_json, topmost
from crawlers.families.structured import StructuredPage, snake
from crawlers.money import Money, currency_code, price

_ID = re.compile(r"/ip/(?:[^?#]*/)?(\d{5,16})(?=[/?#&]|$)")
_SAID = re.compile(r"current price\s*(?:now\s*)?(\$\s?[\d,]+(?:\.\d\d)?)|(\$\s?[\d,]+\.\d\d)", re.IGNORECASE)

_SOLD_BY = re.compile(r"^\s*sold(?: and shipped)? by\s+", re.IGNORECASE)


def id_of(url: Any) -> str | None:
    """Return the item's number in an address."""
    found = _ID.search(url) if isinstance(url, str) else None
    return found.group(1) if found else None


class WalmartPage(MarketPage):
    """What Walmart's pages share: reading one item of the state."""

    @cached_property
    def source(self) -> Any:
        """The JSON the items stand in."""
        return self.document if self.document is not None else at(self.next_data, "props", "pageProps", "initialData")

    def site_clues(self) -> Iterator[str | None]:
        """Yield the site that sells in the currency the state names."""
        manifest, source = self.place.manifest, self.source
        names = ("currencyUnit", "currencyCode")
        named = next((unit for name in names for one in having(source, name) if (unit := one[name])), None)
        for site in manifest.sites if manifest and named else ():
            if site.currency == named:
                yield f"https://{site.domain}/"

    def read_item(self, item: dict[str, Any], reviews: Any = None) -> Iterator[Listing]:
        """Yield the listing of one item, as result pages, product pages and saved lists carry it.

        ``reviews`` is what the state keeps of buyers' words beside the item.
        """
        path = texts.address(item.get("canonicalUrl"), self.origin)
        number = texts.identity(item.get("usItemId")) or id_of(item.get("canonicalUrl"))
        product = texts.identity(item.get("id"))
        offer = self._offer(item)
        before = self._before(item)
        seller = texts.first(item.get("sellerDisplayName"), item.get("sellerName"))
        images = item.get("imageInfo")
        yield from self.listing(
            title=item.get("name"),
            listing_id=number or product,
            url=path.partition("?")[0] if path else f"{self.origin}/ip/{number}" if number and self.origin else None,
            description=texts.first(item.get("shortDescription"), item.get("description")),
            brand=texts.clean(item.get("brand")),
            price=offer.amount if offer else None,
            price_max=offer.upper if offer else None,
            list_price=before if offer and before and before > offer.amount else None,
            currency=(offer.currency or self.local_currency) if offer else None,
            condition=texts.clean(item.get("conditionType")),
            availability=_stock(item),
            seller_id=texts.identity(item.get("sellerId")),
            seller_name=seller,
            seller_url=texts.address(item.get("sellerStoreFrontURL"), self.origin),
            image_urls=texts.addresses(
                [
                    *(one.get("url") for one in rows(at(images, "allImages"))),
                    at(images, "thumbnailUrl"),
                    item.get("image"),
                ]
            ),
            category_path=tuple(
                name for one in rows(at(item, "category", "path")) if (name := texts.clean(one.get("name")))
            ),
            rating=texts.rating(item.get("averageRating") or at(item, "rating", "averageRating")),
            review_count=texts.count(item.get("numberOfReviews") or at(item, "rating", "numberOfReviews")),
            reviews=texts.reviews(one.get("reviewText") for one in rows(at(reviews, "customerReviews"))),
            warnings=()
            if number
            else ("the item's number in its address is not shown: the product's own id stands for it",),
        )

    def _offer(self, item: dict[str, Any]) -> Money | None:
        """Return what the default offer costs: never the other options' "from" price where the offer has its own."""
        info = item.get("priceInfo")
        current = at(info, "currentPrice")
        shown = self.money(at(current, "priceString") or at(info, "linePrice"))
        own = price(at(current, "price")) or price(item.get("price"))
        code = currency_code(at(current, "currencyUnit")) or (shown.currency if shown else None)
        if own or (shown and shown.amount):
            return Money(own or (shown.amount if shown else Decimal(0)), None, code)
        low = price(at(info, "priceRange", "minPrice")) or price(at(info, "minPrice"))
        high = price(at(info, "priceRange", "maxPrice"))
        written = self.money(re.sub(r"^\D*?(?=[$\d])", "", str(at(info, "priceRangeString") or "")))
        if low:
            upper = high or (written.upper if written else None)
            unit = currency_code(at(info, "priceRange", "currencyUnit")) or (written.currency if written else None)
            return Money(low, upper if upper and upper > low else None, unit)
        single = self.money(at(info, "itemPrice"))  # the only price of an item that was never dearer
        return single if single and single.amount and not at(info, "wasPrice") else None

    def _before(self, item: dict[str, Any]) -> Decimal | None:
        given = at(item, "priceInfo", "wasPrice") or at(item, "priceInfo", "listPrice")
        read = self.money(given)
        return price(at(given, "price")) or (read.amount if read else None)


class ResultState(WalmartPage):
    """A page with a result list: search, category, a seller's shop; or its GraphQL answer."""

    kind = PageKind.SEARCH

    @cached_property
    def result(self) -> dict[str, Any] | None:
        """The result list; carousels of other items stand outside it."""
        return next(having(self.source, "itemStacks"), None)

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The items of all stacks without the places kept for advertisements."""
        found = (item for stack in rows(at(self.result, "itemStacks")) for item in _list(stack))
        return [item for item in found if item.get("name") and (item.get("usItemId") or item.get("canonicalUrl"))]

    def fits(self) -> bool:
        """Tell whether there is a result list."""
        return self.result is not None

    def says_empty(self) -> bool:
        """Tell whether the list counts no results, or has no place for any."""
        stacks = rows(at(self.result, "itemStacks"))
        return at(self.result, "aggregatedCount") == 0 or not any(map(_list, stacks))

    def next_page(self) -> bool | None:
        """Tell by the number of pages whether more follow."""
        last = texts.count(at(self.result, "paginationV2", "maxPage"))
        here = texts.count(at(self.result, "paginationV2", "pageProperties", "page")) or 1
        return here < last if last else None

    def listings(self) -> Iterator[Listing]:
        """Yield the items."""
        for item in self.items:
            yield from self.read_item(item)


class ProductState(WalmartPage, StructuredPage):
    """A product page: its state, else its structured data."""

    kind = PageKind.PRODUCT

    @cached_property
    def product(self) -> dict[str, Any] | None:
        """The page's own product."""
        found = at(self.source, "data", "product")
        return found if self.document is None and at(found, "name") else None

    def fits(self) -> bool:
        """Tell whether the page is about one product."""
        return self.document is None and (self.product is not None or self._gone or super().fits())

    @property
    def _gone(self) -> bool:
        """Tell whether the state is that of a product page without its product, and not of one that failed to load."""
        data = at(self.source, "data")
        failed = at(self.source, "errors") or at(data, "errors")
        return isinstance(data, dict) and "product" in data and self.product is None and not failed

    def says_removed(self) -> str | None:
        """Return that the state has no product."""
        return "the page has no product" if self._gone else None

    def listings(self) -> Iterator[Listing]:
        """Yield the product."""
        if self.product is None:
            yield from () if self._gone else super().listings()
            return
        yield from self.read_item(self.product, at(self.source, "data", "reviews"))

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the item's number in the address."""
        return id_of(url) or id_of(str(node.get("url"))) or super().identify(node, url)


class EarlierState(WalmartPage):
    """Pages before 2021: ``script#searchContent`` of a result page, ``script#item`` of a product page."""

    @cached_property
    def source(self) -> Any:
        """The page's script, or the state its application wrote."""
        if self.document is not None:
            return self.document
        scripts = self.css("script#searchContent::text, script#item::text").getall()
        return next(script_json(scripts), None) or self.state("__WML_REDUX_INITIAL_STATE__")

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The items of a result list."""
        return [row for row in topmost(self.source, "productPageUrl", "primaryOffer") if row.get("title")]

    @cached_property
    def product(self) -> dict[str, Any] | None:
        """The product in the buy box of a product page."""
        box = next(having(self.source, "buyBox"), None)
        return next((one for one in rows(at(box, "buyBox", "products")) if one.get("productName")), None)

    def fits(self) -> bool:
        """Tell whether there are items."""
        return bool(self.rows) or self.product is not None

    def listings(self) -> Iterator[Listing]:
        """Yield the items."""
        if self.product:
            yield from self._product(self.product)
        for row in () if self.product else self.rows:
            yield from self._row(row)

    def _row(self, row: dict[str, Any]) -> Iterator[Listing]:
        offer = row.get("primaryOffer")
        url = texts.address(row.get("productPageUrl"), self.origin)
        own = price(at(offer, "offerPrice"))
        low, high = price(at(offer, "minPrice")), price(at(offer, "maxPrice"))
        brand = row.get("brand")
        yield from self.listing(
            title=row.get("title"),
            listing_id=texts.identity(row.get("usItemId")) or id_of(row.get("productPageUrl")),
            url=url.partition("?")[0] if url else None,
            description=texts.clean(row.get("description")),
            brand=texts.clean(brand[0] if isinstance(brand, list) and brand else brand),
            price=own or low,
            price_max=high if not own and low and high and high > low else None,
            list_price=price(at(offer, "listPrice")),
            currency=(currency_code(at(offer, "currencyCode")) or self.local_currency) if own or low else None,
            seller_id=texts.identity(row.get("sellerId")),
            seller_name=texts.clean(row.get("sellerName")),
            image_urls=texts.addresses(row.get("imageUrl")),
            rating=texts.rating(row.get("customerRating")),
            review_count=texts.count(row.get("numReviews")),
        )

    def _product(self, item: dict[str, Any]) -> Iterator[Listing]:
        number = texts.identity(item.get("usItemId")) or id_of(self.own_url)
        amount = price(at(item, "priceMap", "price"))
        yield from self.listing(
            title=item.get("productName"),
            listing_id=number,
            url=self.own_url or (f"{self.origin}/ip/{number}" if number and self.origin else None),
            description=texts.first(item.get("shortDescription"), item.get("detailedDescription")),
            brand=texts.clean(item.get("brandName")),
            price=amount,
            list_price=price(at(item, "priceMap", "listPrice")),
            currency=(currency_code(at(item, "priceMap", "currencyUnit")) or self.local_currency) if amount else None,
            availability=_stock(item),
            seller_id=texts.identity(item.get("sellerId")),
            seller_name=texts.first(item.get("sellerDisplayName"), item.get("sellerName")),
            image_urls=texts.addresses([one.get("url") for one in rows(item.get("images"))]),
        )


class RenderedTiles(WalmartPage):
    """A result page whose state is missing, by its tiles."""

    kind = PageKind.SEARCH

    @cached_property
    def tiles(self) -> list[Selector]:
        """The tiles that lead to an item; advertisements lead to it by way of a counter."""
        found = self.css("[data-item-id]")
        return [tile for tile in found if id_of(self._link(tile)) and tile.css('[data-automation-id="product-title"]')]

    @staticmethod
    def _link(tile: Selector) -> str:
        return unquote(tile.css('a[href*="/ip/"]::attr(href), a[href*="%2Fip%2F"]::attr(href)').get(""))

    def fits(self) -> bool:
        """Tell whether there are tiles."""
        return self.document is None and bool(self.tiles)

    def listings(self) -> Iterator[Listing]:
        """Yield the tiles; the price is the one said to those who cannot see its three parts."""
        for tile in self.tiles:
            number = id_of(self._link(tile))
            said = _SAID.search(self.text_of('[data-automation-id="product-price"]', tile) or "")
            offer = self.money(said.group(1) or said.group(2)) if said else None
            yield from self.listing(
                title=self.text_of('[data-automation-id="product-title"]', tile),
                listing_id=number,
                url=f"{self.origin}/ip/{number}" if self.origin else None,
                price=offer.amount or None if offer else None,
                currency=(offer.currency or self.local_currency) if offer else None,
                image_urls=texts.addresses(tile.css("img::attr(src)").getall()[:1]),
            )


class RenderedProduct(WalmartPage):
    """A product page as rendered, without state and structured data."""

    kind = PageKind.PRODUCT
    _TITLE = "h1#main-title, h1[itemprop=name], h1.prod-ProductTitle"
    _PRICE = '[data-testid="price-wrap"] [itemprop=price], [data-seo-id="hero-price"], [itemprop=price]'
    _SELLER = 'a[data-testid="seller-name-link"], [data-testid="product-seller-info"]'
    _PICTURES = '[data-testid="hero-image-container"] img, [data-testid="media-thumbnail"] img'

    def fits(self) -> bool:
        """Tell whether the page is about one product."""
        return self.document is None and id_of(self.own_url) is not None and bool(self.css(self._TITLE))

    def listings(self) -> Iterator[Listing]:
        """Yield the product."""
        offer = self.money(self.text_of(self._PRICE))
        pictures = self.css(self._PICTURES).css("::attr(src)").getall()
        yield from self.listing(
            title=self.text_of(self._TITLE),
            listing_id=id_of(self.own_url),
            url=self.own_url,
            price=offer.amount or None if offer else None,
            currency=(offer.currency or self.local_currency) if offer else None,
            seller_name=_SOLD_BY.sub("", self.text_of(self._SELLER) or ""),
            image_urls=texts.addresses(pictures or self.meta.get("og:image")),
        )


class BareItems(WalmartPage):
    """Items as readers save them out of the state, alone or in a list, and GraphQL answers of one product."""

    kind = PageKind.API

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The items, not what stands inside them."""
        return [item for item in topmost(self.document, "name", "priceInfo") if item.get("name")]

    def fits(self) -> bool:
        """Tell whether there are items."""
        return bool(self.items)

    def listings(self) -> Iterator[Listing]:
        """Yield the items, with the reviews that stand beside a saved product."""
        beside = {id(one["product"]): one.get("reviews") for one in having(self.document, "product")}
        for item in self.items:
            yield from self.read_item(item, beside.get(id(item)))


class AffiliateAnswer(WalmartPage):
    """Answers of the affiliate product API: search, lookup. They name no currency: their addresses tell the site."""

    kind = PageKind.API

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The items."""
        return [item for item in topmost(self.document, "itemId", "name") if item.keys() & {"salePrice", "productUrl"}]

    def fits(self) -> bool:
        """Tell whether there are items, or a search that found none."""
        return bool(self.items) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the answer counts no results."""
        return at(self.document, "totalResults") == 0 and not self.items

    def site_clues(self) -> Iterator[str | None]:
        """Yield the addresses of the first item."""
        yield from (item.get(name) for item in self.items[:1] for name in ("productUrl", "productTrackingUrl"))

    def listings(self) -> Iterator[Listing]:
        """Yield the items."""
        for item in self.items:
            number = texts.identity(item.get("itemId"))
            amount = price(item.get("salePrice"))
            trail = item.get("categoryPath")
            yield from self.listing(
                title=item.get("name"),
                listing_id=number,
                url=f"{self.origin}/ip/{number}" if number and self.origin else None,
                description=texts.first(item.get("shortDescription"), item.get("longDescription")),
                brand=texts.clean(item.get("brandName")),
                price=amount,
                list_price=price(item.get("msrp")),
                currency=self.local_currency if amount else None,
                availability=texts.clean(item.get("stock")),
                seller_name=texts.clean(item.get("sellerInfo")),
                image_urls=texts.addresses(
                    [item.get("largeImage"), item.get("mediumImage"), item.get("thumbnailImage")]
                ),
                category_path=tuple(part for part in map(texts.clean, str(trail or "").split("/")) if part),
                rating=texts.rating(item.get("customerRating")),
                review_count=texts.count(item.get("numReviews")),
            )


def _list(stack: dict[str, Any]) -> list[dict[str, Any]]:
    return rows(stack.get("items") or stack.get("itemsV2"))


def _stock(item: dict[str, Any]) -> str | None:
    given = texts.first(at(item, "availabilityStatusV2", "value"), item.get("availabilityStatus"))
    return given.lower() if given and given.isupper() else snake(given)


PAGES = (ResultState, ProductState, EarlierState, RenderedTiles, RenderedProduct, BareItems, AffiliateAnswer)
