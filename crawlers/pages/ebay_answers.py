"""Answers of eBay's APIs: Browse, and the Finding and Shopping APIs it replaced, whose answers are still kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.embedded import at, having, items, rows, topmost
from crawlers.money import currency_code, price

_NUMBER = re.compile(r"\|(\d{9,15})\|")
_NOT_FOUND = "11001"  # what Browse says of an id it does not know
_ENDED = frozenset({"Ended", "Completed"})


class Answer(MarketPage):
    """What the answers share."""

    kind = PageKind.API

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The items of the answer."""
        return []

    def fits(self) -> bool:
        """Tell whether there are items, or a search that found none."""
        return self.document is not None and (bool(self.items) or self.says_empty())

    def item_url(self, number: str | None) -> str | None:
        """Return the short address of an item on the site the answer is for."""
        return f"{self.origin}/itm/{number}" if number and self.origin else None


class BrowseAnswer(Answer):
    """Answers of the Browse API: ``item_summary/search``, ``search_by_image`` and ``item/{id}``."""

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The summaries of a search, or the item."""
        found = rows(at(self.document, "itemSummaries")) or topmost(self.document, "itemId", "title", "itemWebUrl")
        return [item for item in found if isinstance(item.get("itemId"), str)]

    def fits(self) -> bool:
        """Tell whether there are items, a search that found none, or the answer that there is no such item."""
        return super().fits() or self.says_removed() is not None

    def says_empty(self) -> bool:
        """Tell whether the answer counts no results."""
        return bool(at(self.document, "total") == 0) and "href" in self.document

    def says_removed(self) -> str | None:
        """Return what the API says of an item it does not find."""
        errors = rows(at(self.document, "errors"))
        missing = next((one for one in errors if str(one.get("errorId")) == _NOT_FOUND), None)
        return (texts.clean(missing.get("message")) or "the API does not find the item") if missing else None

    def next_page(self) -> bool | None:
        """Tell whether the answer names a next page."""
        return "next" in self.document if isinstance(self.document, dict) and "itemSummaries" in self.document else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield the web address of the first item."""
        yield from (item.get("itemWebUrl") for item in self.items[:1])

    def listings(self) -> Iterator[Listing]:
        """Yield the items."""
        for item in self.items:
            yield from self._read(item)

    def _read(self, item: dict[str, Any]) -> Iterator[Listing]:
        found = _NUMBER.search(str(item.get("itemId")))
        number = texts.identity(item.get("legacyItemId")) or (found.group(1) if found else None)
        amount = item.get("price") or item.get("currentBidPrice") or {}
        pictures = [*rows(item.get("thumbnailImages")), *rows(item.get("image")), *rows(item.get("additionalImages"))]
        user = texts.identity(at(item, "seller", "username"))
        trail = item.get("categoryPath")
        yield from self.listing(
            title=item.get("title"),
            listing_id=number,
            url=self.item_url(number) or texts.address(item.get("itemWebUrl")),
            description=texts.clean(item.get("shortDescription") or item.get("description")),
            brand=texts.clean(item.get("brand")),
            price=price(at(amount, "value")),
            currency=currency_code(at(amount, "currency")) if price(at(amount, "value")) else None,
            list_price=price(at(item, "marketingPrice", "originalPrice", "value")),
            condition=texts.clean(item.get("condition")),
            availability=texts.first(at(item, "estimatedAvailabilities", 0, "estimatedAvailabilityStatus")),
            seller_id=user,
            seller_name=user,
            ship_from=texts.clean(at(item, "itemLocation", "country")),
            image_urls=texts.addresses([picture.get("imageUrl") for picture in pictures]),
            category_path=tuple(part for part in map(texts.clean, trail.split("|")) if part)
            if isinstance(trail, str)
            else tuple(
                name for one in rows(item.get("categories"))[::-1] if (name := texts.clean(one.get("categoryName")))
            ),
            attributes={
                str(one.get("name")): str(one.get("value"))
                for one in rows(item.get("localizedAspects"))
                if one.get("name")
            },
        )


class FindingAnswer(Answer):
    """Answers of the Finding API: every value stands in a list of one; eBay's own library hands on bare values."""

    @cached_property
    def result(self) -> dict[str, Any] | None:
        """The search result."""
        found = next(having(self.document, "searchResult"), None)
        result = at(found, "searchResult")
        return at(result, 0) if isinstance(result, list) else result if isinstance(result, dict) else None

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The items."""
        return [item for item in rows(at(self.result, "item")) if item.get("itemId")]

    def says_empty(self) -> bool:
        """Tell whether the answer counts no results."""
        return str(at(self.result, "@count") or at(self.result, "_count")) == "0"

    def site_clues(self) -> Iterator[str | None]:
        """Yield the web address of the first item."""
        yield from (_first(item, "viewItemURL") for item in self.items[:1])

    def listings(self) -> Iterator[Listing]:
        """Yield the items."""
        for item in self.items:
            number = texts.identity(_first(item, "itemId"))
            amount = _first(item, "sellingStatus", "currentPrice")
            user = texts.identity(_first(item, "sellerInfo", "sellerUserName"))
            value = price(at(amount, "__value__") or at(amount, "value"))
            yield from self.listing(
                title=_first(item, "title"),
                listing_id=number,
                url=self.item_url(number) or texts.address(_first(item, "viewItemURL")),
                price=value,
                currency=currency_code(at(amount, "@currencyId") or at(amount, "_currencyId")) if value else None,
                condition=texts.clean(_first(item, "condition", "conditionDisplayName")),
                seller_id=user,
                seller_name=user,
                ship_from=texts.clean(_first(item, "country")),
                image_urls=texts.addresses(
                    [_first(item, "pictureURLSuperSize"), _first(item, "pictureURLLarge"), _first(item, "galleryURL")]
                ),
                category_path=tuple(filter(None, [texts.clean(_first(item, "primaryCategory", "categoryName"))])),
            )


class FindingXml(Answer):
    """Answers of the Finding API in its first form, XML."""

    @cached_property
    def _tree(self) -> Selector:
        return Selector(text=re.sub(r'\sxmlns="[^"]*"', "", self.body_text), type="xml")

    def fits(self) -> bool:
        """Tell whether the answer is of that API."""
        return "ebay.com/marketplace/search/v1/services" in self.body_text[:2000] and bool(
            self._tree.xpath("//searchResult")
        )

    def says_empty(self) -> bool:
        """Tell whether the answer counts no results."""
        return self._tree.xpath("//searchResult/@count").get() == "0"

    def site_clues(self) -> Iterator[str | None]:
        """Yield the web address of the first item."""
        yield self._tree.xpath("//viewItemURL/text()").get()

    def listings(self) -> Iterator[Listing]:
        """Yield the items."""
        for item in self._tree.xpath("//searchResult/item"):
            number = texts.identity(item.xpath("./itemId/text()").get())
            amount = item.xpath("./sellingStatus/currentPrice")
            value = price(amount.xpath("./text()").get())
            user = texts.identity(item.xpath("./sellerInfo/sellerUserName/text()").get())
            pictures = ("pictureURLSuperSize", "pictureURLLarge", "galleryURL")
            yield from self.listing(
                title=item.xpath("./title/text()").get(),
                listing_id=number,
                url=self.item_url(number) or texts.address(item.xpath("./viewItemURL/text()").get()),
                price=value,
                currency=currency_code(amount.xpath("./@currencyId").get()) if value else None,
                condition=texts.clean(item.xpath("./condition/conditionDisplayName/text()").get()),
                seller_id=user,
                seller_name=user,
                ship_from=texts.clean(item.xpath("./country/text()").get()),
                image_urls=texts.addresses([item.xpath(f"./{name}/text()").get() for name in pictures]),
            )


class ShoppingAnswer(Answer):
    """Answers of the Shopping API: ``GetSingleItem``, ``GetMultipleItems``."""

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The items."""
        return [item for item in topmost(self.document, "ItemID", "Title") if item.get("Title")]

    def site_clues(self) -> Iterator[str | None]:
        """Yield the web address of the first item."""
        yield from (item.get("ViewItemURLForNaturalSearch") for item in self.items[:1])

    def says_removed(self) -> str | None:
        """Return that a lone item has ended."""
        state = str(self.items[0].get("ListingStatus")) if len(self.items) == 1 else None
        return f"the listing is {state}" if state in _ENDED else None

    def listings(self) -> Iterator[Listing]:
        """Yield the items that are offered."""
        for item in self.items:
            if str(item.get("ListingStatus")) in _ENDED:
                continue
            number = texts.identity(item.get("ItemID"))
            amount = item.get("CurrentPrice")
            user = texts.identity(at(item, "Seller", "UserID"))
            value = price(at(amount, "Value"))
            yield from self.listing(
                title=item.get("Title"),
                listing_id=number,
                url=self.item_url(number) or texts.address(item.get("ViewItemURLForNaturalSearch")),
                description=texts.clean(item.get("Description")),
                price=value,
                currency=currency_code(at(amount, "CurrencyID")) if value else None,
                condition=texts.clean(item.get("ConditionDisplayName")),
                seller_id=user,
                seller_name=user,
                ship_from=texts.clean(item.get("Country")),
                image_urls=texts.addresses([*items(item.get("PictureURL")), item.get("GalleryURL")]),
                category_path=tuple(
                    part for part in map(texts.clean, str(item.get("PrimaryCategoryName") or "").split(":")) if part
                ),
            )


def _first(value: Any, *path: str) -> Any:
    """Follow keys through lists of one."""
    for step in path:
        value = at(value, step)
        if isinstance(value, list):
            value = value[0] if value else None
    return value


ANSWERS = (BrowseAnswer, FindingAnswer, FindingXml, ShoppingAnswer)
