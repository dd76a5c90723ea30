"""Poshmark: posts in the state of its pages (``__INITIAL_STATE__``) and in its API answers, and tiles as rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.embedded import at, having, items, rows, topmost
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, price

_ID = re.compile(r"/listing/(?:[^/?#]*-)?([0-9a-f]{24})(?=[/?#]|$)")
_GONE = frozenset({"removed", "deleted", "drafted", "suspended"})


def id_of(url: str | None) -> str | None:
    """Return the listing id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class PoshmarkPage(MarketPage):
    """What Poshmark's pages share: reading one post."""

    @cached_property
    def posts(self) -> list[dict[str, Any]]:
        """The posts the page is about; subclasses say where they stand."""
        return []

    def fits(self) -> bool:
        """Tell whether there are posts."""
        return bool(self.posts)

    def site_clues(self) -> Iterator[str | None]:
        """Yield the site the posts say they were made on."""
        for post in self.posts[:1]:
            yield {"us": "https://poshmark.com/", "ca": "https://poshmark.ca/"}.get(str(post.get("origin_domain")))

    def says_removed(self) -> str | None:
        """Return the status of a lone post that is no longer published."""
        status = str(self.posts[0].get("status")) if len(self.posts) == 1 else ""
        return f"the post is {status}" if status in _GONE else None

    def listings(self) -> Iterator[Listing]:
        """Yield the posts that are published; a sold one is."""
        for post in self.posts:
            if str(post.get("status")) not in _GONE:
                yield from self.read_post(post)

    def read_post(self, post: dict[str, Any]) -> Iterator[Listing]:
        """Yield the listing of one post."""
        number = texts.identity(post.get("id"))
        amount = price(at(post, "price_amount", "val")) or price(post.get("price"))
        code = currency_code(at(post, "price_amount", "currency_code")) or self.local_currency
        user = texts.identity(post.get("creator_username"))
        colors = ", ".join(name for one in rows(post.get("colors")) if (name := texts.clean(one.get("name"))))
        facts = {"size": texts.first(at(post, "size_obj", "display"), post.get("size")), "color": colors or None}
        pictures = [post.get("cover_shot"), *rows(post.get("pictures"))]
        yield from self.listing(
            title=post.get("title"),
            listing_id=number,
            url=self.own_url
            if number and id_of(self.own_url) == number
            else f"{self.origin}/listing/{number}"
            if number and self.origin
            else None,
            description=texts.clean(post.get("description")),
            brand=texts.first(at(post, "brand_obj", "canonical_name"), post.get("brand")),
            price=amount,
            list_price=price(at(post, "original_price_amount", "val")) or price(post.get("original_price")),
            currency=code if amount else None,
            condition=texts.clean(post.get("condition")),
            availability=texts.clean(at(post, "inventory", "status")),
            seller_id=texts.identity(post.get("creator_id")),
            seller_name=user,
            seller_url=f"{self.origin}/closet/{user}" if user and self.origin else None,
            image_urls=texts.addresses(
                [at(one, "url_large") or at(one, "url") for one in pictures] + [post.get("picture_url")]
            ),
            category_path=tuple(name for name in _trail(post) if name),
            attributes={name: value for name, value in facts.items() if value},
        )


class StatePosts(PoshmarkPage):
    """A page's state: its own listing, else the grid of a search, a brand or a closet."""

    @cached_property
    def source(self) -> Any:
        """The state."""
        return self.state("__INITIAL_STATE__") if self.document is None else None

    @cached_property
    def grid(self) -> dict[str, Any] | None:
        """The grid of posts."""
        found = next(having(self.source, "gridData"), None)
        return at(found, "gridData") if isinstance(at(found, "gridData", "data"), list) else None

    @cached_property
    def posts(self) -> list[dict[str, Any]]:
        """The page's own listing alone, else those of the grid."""
        own = next((at(one, "listingDetails") for one in having(self.source, "listingDetails")), None)
        if isinstance(own, dict) and own.get("title"):
            return [own]
        return [post for post in rows(at(self.grid, "data")) if post.get("id") and post.get("title")]

    def fits(self) -> bool:
        """Tell whether there are posts, or an empty grid."""
        return bool(self.posts) or self.grid is not None

    def says_empty(self) -> bool:
        """Tell whether the grid is empty."""
        return bool(at(self.grid, "data") == [])

    def next_page(self) -> bool | None:
        """Tell whether the grid names a next page."""
        return _more(self.grid)


class ListingPage(PoshmarkPage, StructuredPage):
    """A listing page without its state, by its structured data, else as rendered."""

    kind = PageKind.PRODUCT
    _TITLE = "h1[class*=listing__title], [data-test=listing-title], .listing__title"
    _PRICE = "[data-test=listing-price], .listing__price, p.h1"

    def fits(self) -> bool:
        """Tell whether the page is about one listing."""
        return id_of(self.own_url) is not None and (StructuredPage.fits(self) or bool(self.css(self._TITLE)))

    def says_removed(self) -> str | None:
        """Leave tombstones to the manifest."""
        return None

    def listings(self) -> Iterator[Listing]:
        """Yield the listing."""
        if self.products:
            yield from StructuredPage.listings(self)
            return
        offer = self.money(self.meta.get("product:price:amount") or self.text_of(self._PRICE))
        code = currency_code(self.meta.get("product:price:currency"))
        pictures = self.css(".listing__carousel img, .carousel img").css("::attr(data-src), ::attr(src)").getall()
        yield from self.listing(
            title=self.meta.get("og:title") or self.text_of(self._TITLE),
            listing_id=id_of(self.own_url),
            url=self.own_url,
            price=offer.amount or None if offer else None,
            currency=(code or offer.currency or self.local_currency) if offer and offer.amount else None,
            **self.seller_of(None),
            image_urls=texts.addresses([self.meta.get("og:image"), *pictures]),
        )

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the listing id in the address."""
        return id_of(self.own_url) or id_of(url) or super().identify(node, url)

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller, by the link to the closet where the data name none."""
        given = super().seller_of(seller)
        link = self.css('.listing__header a[href*="/closet/"], a[data-et-name="username"][href*="/closet/"]')
        user = re.search(r"/closet/([^/?#]+)", attribute(link, "href"))
        address = f"{self.origin}/closet/{user.group(1)}" if user else given["seller_url"]
        return {"seller_name": user.group(1) if user else given["seller_name"], "seller_url": address}


class Tiles(PoshmarkPage):
    """A result page or a closet as rendered: tiles of 2018, of 2020 to 2024 and of 2025."""

    kind = PageKind.SEARCH
    _PRICES = ".tile-grid-redesign__price-current, span.p--t--1.fw--bold, .fw--bold"
    _BEFORE = ".tile-grid-redesign__price-original, span.td--lt, .original"

    @cached_property
    def tiles(self) -> list[Selector]:
        """The tiles of the result list."""
        found = self.css("div.tile-grid-redesign, div.card.card--small, .tile[data-post-price]")
        return [tile for tile in found if tile.css('a[href*="/listing/"]')]

    def fits(self) -> bool:
        """Tell whether there are tiles."""
        return self.document is None and bool(self.tiles) and id_of(self.own_url) is None

    def listings(self) -> Iterator[Listing]:
        """Yield the tiles."""
        for tile in self.tiles:
            url = texts.address(tile.css('a[href*="/listing/"]::attr(href)').get(), self.origin)
            offer = self.money(attribute(tile, "data-post-price") or self.text_of(self._PRICES, tile))
            before = self.money(self.text_of(self._BEFORE, tile))
            user = re.search(r"/closet/([^/?#]+)", tile.css('a[href*="/closet/"]::attr(href)').get(""))
            pictures = tile.css("img.covershot, a[href*='/listing/'] img, .img__container img")
            yield from self.listing(
                title=texts.first(
                    self.text_of(".tile-grid-redesign__title, a.tile__title", tile),
                    attribute(tile.css("a.covershot-con"), "title"),
                    attribute(pictures, "alt"),
                ),
                listing_id=id_of(url) or attribute(tile, "data-et-prop-listing_id") or attribute(tile, "data-post-id"),
                url=url.partition("?")[0] if url else None,
                brand=texts.first(attribute(tile, "data-post-brand"), shown(tile.css("a.tile__details__pipe__brand"))),
                price=offer.amount or None if offer else None,
                currency=(offer.currency or self.local_currency) if offer else None,
                list_price=before.amount if before else None,
                availability=self.text_of(".inventory-tag__text", tile),
                seller_id=attribute(tile, "data-et-prop-lister_id") or None,
                seller_name=user.group(1) if user else None,
                image_urls=texts.addresses(pictures.css("::attr(data-src), ::attr(src)").getall()[:2], self.origin),
            )


class PostsAnswer(PoshmarkPage):
    """API answers: posts of a search or a closet, or one post."""

    kind = PageKind.API

    @cached_property
    def posts(self) -> list[dict[str, Any]]:
        """The posts, not what stands inside them."""
        found = topmost(self.document, "id", "title", "creator_id")
        return [post for post in found if post.get("title")]

    def fits(self) -> bool:
        """Tell whether there are posts, or an empty list of them."""
        return bool(self.posts) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the list is empty."""
        return bool(at(self.document, "data") == []) and "more" in self.document

    def next_page(self) -> bool | None:
        """Tell whether the answer names a next page."""
        return _more(self.document)


def _more(source: Any) -> bool | None:
    more = at(source, "more")
    return bool(more.get("next_max_id")) if isinstance(more, dict) else None


def _trail(post: dict[str, Any]) -> Iterator[str | None]:
    catalog = post.get("catalog")
    yield texts.clean(at(catalog, "department_obj", "display") or at(post, "department", "display"))
    yield texts.clean(at(catalog, "category_obj", "display") or at(post, "category_v2", "display"))
    features = items(at(catalog, "category_feature_objs")) or items(post.get("category_features"))
    yield from (texts.clean(at(one, "display")) for one in features[:1])


PAGES = (PostsAnswer, StatePosts, ListingPage, Tiles)
