"""Mercari, United States and Japan: item pages by their JSON-LD, result pages as rendered, answers of the pages' APIs.

Japan counts in whole yen, the United States in cents. A sold item stays up: its listing is there, sold out.
"""

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
from crawlers.families.since import since
from crawlers.families.structured import StructuredPage
from crawlers.money import price

_ID = re.compile(r"/(?:item|items|shops/product)/(m\d{6,15}|[A-Za-z0-9]{20,26})(?=[/?#]|$)")
_SELLER = re.compile(r"/(?:user/profile|u|shops/profile)/([A-Za-z0-9]+)")
_GONE_WORDS = ("該当する商品は削除されています", "この商品は削除されました")
_GONE = frozenset({"cancel", "admin_cancel", "stop", "deleted"})


def id_of(url: str | None) -> str | None:
    """Return the item id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class ItemPage(StructuredPage):
    """An item page: the JSON-LD of its own item; the items recommended around it have none."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page is about one item."""
        return self.document is None and (
            (id_of(self.own_url) is not None and super().fits()) or self._gone is not None
        )

    @cached_property
    def _gone(self) -> str | None:
        said = self.text_of("main, #main, #__next") or ""
        return None if self.products else next((words for words in _GONE_WORDS if words in said), None)

    def says_removed(self) -> str | None:
        """Return the words with which the page says that the item was deleted."""
        return self._gone

    def identify(self, node: dict[str, Any], url: str | None) -> str | None:
        """Return the id in the address."""
        return id_of(url) or texts.identity(node.get("productID")) or super().identify(node, url)

    def title_of(self, node: dict[str, Any]) -> str | None:
        """Return the seller's words, without the name of the marketplace that OpenGraph adds."""
        title = super().title_of(node)
        return re.sub(r"\s+(?:by メルカリ|\| Mercari)$", "", title) if title else None

    def seller_of(self, seller: Any) -> dict[str, Any]:
        """Return the seller by the link to the profile."""
        link = self.css('a[href*="/user/profile/"], a[href*="/shops/profile/"], a[data-testid*="Seller"][href*="/u/"]')
        found = _SELLER.search(attribute(link, "href"))
        if not found:
            return super().seller_of(seller)
        label = attribute(link, "aria-label")
        name = self.text_of('[data-testid="seller-link"] p') or (label.partition(", ")[0] if ", " in label else None)
        return {
            "seller_id": found.group(1),
            "seller_name": name or texts.clean(shown(link[:1])),
            "seller_url": texts.address(attribute(link, "href"), self.origin),
        }


class RenderedCells(MarketPage):
    """A result page of Japan as rendered: cells, those below the screen still empty."""

    kind = PageKind.SEARCH

    @cached_property
    def cells(self) -> list[Selector]:
        """The cells that are filled."""
        return [cell for cell in self.css('[data-testid="item-cell"]') if id_of(self._link(cell))]

    @staticmethod
    def _link(cell: Selector) -> str:
        return cell.css('a[href*="/item/"]::attr(href), a[href*="/shops/product/"]::attr(href)').get("")

    def fits(self) -> bool:
        """Tell whether there are filled cells."""
        return self.document is None and bool(self.cells)

    def next_page(self) -> bool | None:
        """Tell by the button whether more pages follow."""
        return True if self.css('[data-testid="pagination-next-button"]') else None

    def listings(self) -> Iterator[Listing]:
        """Yield the cells."""
        for cell in self.cells:
            url = texts.address(self._link(cell), self.origin)
            thumbnail = cell.css("mer-item-thumbnail")  # to 2022, with everything in its attributes
            words = self.text_of(".merPrice, [class*=priceContainer]", cell) or attribute(thumbnail, "price")
            offer = self.money(words)
            sold = cell.css('[data-testid="thumbnail-sticker"][aria-label*="売り切れ"]')
            yield from self.listing(
                title=self.text_of('[data-testid="thumbnail-item-name"]', cell)
                or attribute(thumbnail, "item-name")
                or attribute(cell.css("img"), "alt").removesuffix("のサムネイル"),
                listing_id=id_of(self._link(cell)),
                url=url.partition("?")[0] if url else None,
                price=offer.amount or None if offer else None,
                currency=(offer.currency or self.local_currency) if offer else None,
                availability="sold_out" if sold else None,
                image_urls=texts.addresses(cell.css("img::attr(src), mer-item-thumbnail::attr(src)").getall()[:1]),
            )


class AmericanCells(MarketPage):
    """A result page of the United States as rendered."""

    kind = PageKind.SEARCH
    _PRICE = '[data-testid="ProductThumbItemPrice"], [data-testid="ItemPrice"]'
    _SOLD = '[data-testid="ProductThumbItemSold"], [data-testid="ItemSold"]'

    @cached_property
    def cells(self) -> list[Selector]:
        """The cells that lead to an item."""
        found = self.css('[data-testid="ItemContainer"]')
        return [cell for cell in found if attribute(cell, "data-productid") or id_of(self._link(cell))]

    @staticmethod
    def _link(cell: Selector) -> str:
        inside = cell.css('a[href*="/us/item/"]::attr(href)').get()
        return inside or cell.xpath('ancestor-or-self::a[contains(@href, "/us/item/")]/@href').get("")

    def fits(self) -> bool:
        """Tell whether there are cells, and the page is no item's own."""
        return self.document is None and bool(self.cells) and id_of(self.own_url) is None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the site whose pages look like this."""
        yield "https://www.mercari.com/"

    def listings(self) -> Iterator[Listing]:
        """Yield the cells; beside what is paid stands the price before."""
        for cell in self.cells:
            number = id_of(self._link(cell)) or attribute(cell, "data-productid")
            offer = self.money(self.text_of(self._PRICE, cell))
            yield from self.listing(
                title=self.text_of('[data-testid="ItemName"]', cell) or attribute(cell.css("img"), "alt"),
                listing_id=number,
                url=f"{self.origin}/us/item/{number}/",
                brand=attribute(cell, "data-brand"),
                price=offer.amount or None if offer else None,
                currency=(offer.currency or self.local_currency) if offer else None,
                availability="sold_out" if cell.css(self._SOLD) else None,
                image_urls=texts.addresses(cell.css("img::attr(src)").getall()[:1]),
            )


class ItemsAnswer(MarketPage):
    """Answers of the pages' APIs: the search and the item of Japan, the search of the United States."""

    kind = PageKind.API

    @cached_property
    def american(self) -> list[dict[str, Any]] | None:
        """The items of a search in the United States, priced in cents."""
        found = next(having(self.document, "itemsList"), None)
        return [item for item in rows(at(found, "itemsList")) if item.get("id")] if found else None

    @cached_property
    def japanese(self) -> list[dict[str, Any]]:
        """The items of Japan."""
        found = topmost(self.document, "id", "name", "price", "status")
        return [item for item in found if item.get("name")]

    def fits(self) -> bool:
        """Tell whether there are items, or a search that found none."""
        return self.american is not None or bool(self.japanese) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the search counts no results."""
        return self.american == [] or str(at(self.document, "meta", "numFound")) == "0"

    def says_removed(self) -> str | None:
        """Return the status of a lone item that is no longer offered."""
        state = _state(self.japanese[0]) if len(self.japanese) == 1 else None
        return f"the item is {state}" if state in _GONE else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the site whose API answers in this form."""
        yield "https://www.mercari.com/" if self.american is not None else "https://jp.mercari.com/"

    def listings(self) -> Iterator[Listing]:
        """Yield the items that are offered or sold."""
        cents = self.american is not None
        for item in self.american or () if cents else self.japanese:
            if _state(item) not in _GONE:
                yield from self._read(item, 100 if cents else 1)

    def _read(self, item: dict[str, Any], divisor: int) -> Iterator[Listing]:
        number = texts.identity(item.get("id"))
        amount = price(item.get("price"), divisor)
        before = price(item.get("originalPrice"), divisor)
        seller = item.get("seller")
        user = texts.identity(item.get("sellerId") or at(seller, "sellerId") or at(seller, "id"))
        in_shop = bool(number) and not re.fullmatch(r"m\d+", number or "")
        path = "us/item" if divisor > 1 else "shops/product" if in_shop else "item"
        yield from self.listing(
            title=item.get("name"),
            listing_id=number,
            url=f"{self.origin}/{path}/{number}" if number and self.origin else None,
            description=texts.clean(item.get("description")),
            brand=texts.first(at(item, "brand", "name"), at(item, "itemBrand", "name"), at(item, "item_brand", "name")),
            price=amount,
            list_price=before if before and amount and before > amount else None,
            currency=self.local_currency if amount else None,
            condition=texts.first(at(item, "itemCondition", "name"), at(item, "item_condition", "name")),
            availability=_state(item),
            seller_id=user,
            seller_name=texts.first(at(seller, "name"), at(item, "shop", "displayName"), item.get("shopName")),
            seller_since=since(at(seller, "created")),
            ship_from=texts.clean(at(item, "shipping_from_area", "name")),
            image_urls=texts.addresses([*_pictures(item.get("photos")), *items(item.get("thumbnails"))]),
        )


def _pictures(given: Any) -> Iterator[Any]:
    for one in items(given):
        yield (
            one
            if isinstance(one, str)
            else next((url for name in ("imageUrl", "fullSizeUrl", "uri", "thumbnail") if (url := at(one, name))), None)
        )


def _state(item: dict[str, Any]) -> str | None:
    given = texts.clean(item.get("status"))
    return given.lower().removeprefix("item_status_") if given else None


PAGES = (ItemsAnswer, ItemPage, RenderedCells, AmericanCells)
