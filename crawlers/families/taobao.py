"""Taobao and Tmall share their pages: result pages of every generation, shop pages, answers of the open platform.

Prices are in yuan. A result list mixes both marketplaces; the address of a listing follows the marketplace its seller
is on. An advertisement's own address leads through a counter, so addresses are made from the id.
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
from crawlers.families.counts import shown_count
from crawlers.families.embedded import at, having, items, rows
from crawlers.money import Money, price

CURRENCY = "CNY"
_ID = re.compile(
    r"(?:taobao|tmall)\.(?:com|hk)[^?#]*\.html?\?(?:[^#]*&)?id=(\d{6,18})"
    r"|(?:taobao|tmall)\.com/(?:i|item/)(\d{6,18})\.htm"
)
_SELLER = re.compile(r"(?:user_number_id|user_?id|seller_?id|shop_?id)=(\d{4,18})", re.IGNORECASE)
_SIZE = re.compile(r"(\.(?:jpe?g|png|webp|gif|heic))_(?:\d+x\d+|sum|b\.|q\d|\.webp).*$", re.IGNORECASE)


def id_of(url: str | None) -> str | None:
    """Return the item id in an address."""
    found = _ID.search(url or "")
    return (found.group(1) or found.group(2)) if found else None


def pictures(values: Any) -> tuple[str, ...]:
    """Return the addresses of pictures in their full size."""
    if isinstance(values, str):
        values = [values]
    full = [_SIZE.sub(r"\1", value) if isinstance(value, str) else None for value in items(values)]
    return texts.addresses([f"https:{one}" if one and one.startswith("//") else one for one in full])


class TaobaoPage(MarketPage):
    """What the pages of Taobao and Tmall share."""

    @property
    def local_currency(self) -> str | None:
        """Yuan, whatever the page is."""
        return CURRENCY

    def item_url(self, number: str | None, *clues: Any) -> str | None:
        """Return the address of an item; ``clues`` are True or an address on Tmall where its seller is on Tmall."""
        if number is None:
            return None
        tmall = self.place.market == "tmall"
        for clue in clues:
            if isinstance(clue, bool):
                tmall = clue
                break
            if isinstance(clue, str) and id_of(clue):
                tmall = "tmall." in clue.partition("?")[0]
                break
        return f"https://{'detail.tmall' if tmall else 'item.taobao'}.com/item.htm?id={number}"

    def priced(self, read: Money | None, before: Money | None = None) -> dict[str, Any]:
        """Return the price fields for a price as shown and the one struck through beside it."""
        if read is None or not read.amount:
            return {}
        struck = before.amount if before and before.amount > read.amount else None
        return {"price": read.amount, "price_max": read.upper, "list_price": struck, "currency": CURRENCY}


class SearchState(TaobaoPage):
    """A result page by its state (``g_page_config``, to 2023), or the same JSON as ``?ajax=true`` answers it."""

    kind = PageKind.SEARCH

    @cached_property
    def source(self) -> Any:
        """The JSON the rows stand in."""
        return self.document if self.document is not None else self.state("g_page_config")

    @cached_property
    def auctions(self) -> list[dict[str, Any]]:
        """The rows of the list, not those recommended beside it; blocks without an item id are banners."""
        listed = at(self.source, "mods", "itemlist", "data")
        found = (
            [row for row in having(part, "nid", "title") if texts.identity(row["nid"])]
            for part in (listed, self.source)
        )
        return next(filter(None, found), [])

    def fits(self) -> bool:
        """Tell whether there are rows, or the state of a result page without any."""
        return bool(self.auctions) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the page shows its block for "nothing found"."""
        return not self.auctions and at(self.source, "mods", "noresult", "status") == "show"

    def next_page(self) -> bool | None:
        """Tell by the pager whether more pages follow."""
        pager = at(self.source, "mods", "pager", "data")
        last, current = texts.count(at(pager, "totalPage")), texts.count(at(pager, "currentPage"))
        return current < last if last is not None and current is not None else None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for row in self.auctions:
            number = texts.identity(row["nid"])
            amount = price(row.get("view_price"))
            before = price(row.get("reserve_price"))
            yield from self.listing(
                title=texts.first(texts.unmarked(row.get("title")), row.get("raw_title")),
                listing_id=number,
                url=self.item_url(number, row.get("detail_url"), at(row, "shopcard", "isTmall")),
                price=amount,
                list_price=before if amount and before and before > amount else None,
                currency=CURRENCY if amount else None,
                seller_id=texts.identity(row.get("user_id")),
                seller_name=texts.clean(row.get("nick")),
                ship_from=texts.clean(row.get("item_loc")),
                image_urls=pictures(row.get("pic_url")),
                sold_count=shown_count(row.get("view_sales")),
                review_count=texts.count(row.get("comment_count")),
            )


class SearchAnswer(TaobaoPage):
    """The signed answer the newer result page loads (``itemsArray``), shop lists of mobile pages, a vendor's rows."""

    kind = PageKind.SEARCH

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The row objects."""
        return [
            row
            for row in having(self.document, "item_id", "title")
            if any(row.get(key) for key in ("pic_path", "img", "priceShow", "auctionURL", "price_info"))
        ]

    def fits(self) -> bool:
        """Tell whether there are rows, or the answer to a search without any."""
        return bool(self.found) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the list of rows is empty."""
        return not self.found and any(one["itemsArray"] == [] for one in having(self.document, "itemsArray"))

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        answer_shop = next(having(self.document, "shop_title"), {})
        for row in self.found:
            number = texts.identity(row["item_id"])
            amounts = (at(row, "priceShow", "price"), row.get("price"), at(row, "price_info", "price"))
            amount = next((one for one in map(price, amounts) if one), None)
            shop = texts.address(
                at(row, "shopInfo", "url") or at(row, "shop_info", "shop_url"), "https://www.taobao.com"
            )
            place = at(row, "delivery_info", "area_from")
            seller = _SELLER.search(shop or "")
            yield from self.listing(
                title=texts.unmarked(row["title"]),
                listing_id=number,
                url=self.item_url(
                    number, row.get("auctionURL"), row.get("url"), row.get("product_url"), row.get("is_tmall")
                ),
                price=amount,
                currency=CURRENCY if amount else None,
                seller_id=texts.identity(row.get("userId") or row.get("user_id") or row.get("seller_id"))
                or texts.identity(at(row, "shop_info", "seller_id"))
                or (seller.group(1) if seller else None),
                seller_name=texts.first(
                    at(row, "shopInfo", "title"),
                    at(row, "shop_info", "shop_name"),
                    row.get("shop_name"),
                    row.get("nick"),
                    answer_shop.get("shop_title"),
                ),
                seller_url=shop,
                ship_from=texts.first(
                    row.get("procity"), " ".join(map(str, place)) if isinstance(place, list) else place
                ),
                image_urls=pictures(row.get("pic_path") or row.get("img") or row.get("main_imgs")),
                sold_count=shown_count(row.get("realSales") or row.get("sold")),
            )


class RenderedCards(TaobaoPage):
    """A result page as a browser rendered it (since 2023); class names end in a hash that changes with every build."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The links that hold a card each."""
        found = self.css('a[id^="item_id_"], a[class*="doubleCardWrapper"], a[class*="CardWrapper--"]')
        return [card for card in found if self._number(card)]

    @staticmethod
    def _number(card: Selector) -> str | None:
        named = re.fullmatch(r"item_id_(\d{6,18})", attribute(card, "id"))
        return named.group(1) if named else id_of(attribute(card, "href"))

    def _whole(self, card: Selector) -> Selector:
        """Return what holds the card: a parser that meets its shop's link inside the card's link ends the latter."""
        around = card.xpath("..")[:1]
        inside = around.css('a[id^="item_id_"], a[class*="CardWrapper"]')
        return around[0] if len(inside) == 1 else card

    def fits(self) -> bool:
        """Tell whether there are cards."""
        return self.document is None and bool(self.cards)

    def listings(self) -> Iterator[Listing]:
        """Yield the cards."""
        for link in self.cards:
            number, card = self._number(link), self._whole(link)
            whole = self.text_of('[class*="priceInt--" i]', card)
            cents = self.text_of('[class*="priceFloat--" i]', card)
            read = self.money("".join(part.replace(" ", "") for part in (whole, cents) if part))
            shop = texts.address(attribute(card.css('a[class*="shopName--" i]'), "href"), "https://www.taobao.com")
            seller = _SELLER.search(shop or "")
            place = [text for text in map(shown, card.css('[class*="procity--" i]')) if text]
            photo = card.css('img[class*="mainPic--" i]')
            title = card.css('[class*="title--" i]')  # the words searched for are marked inside it, without blanks
            yield from self.listing(
                title=texts.first(attribute(title, "title"), title.xpath("string()").get()),
                listing_id=number,
                url=self.item_url(number, attribute(link, "href")),
                **self.priced(read),
                seller_id=seller.group(1) if seller else None,
                seller_name=self.text_of('[class*="shopNameText--" i]', card)
                or self.text_of('[class*="shopName--" i]', card),
                seller_url=shop,
                ship_from=" ".join(dict.fromkeys(place)),
                image_urls=pictures(attribute(photo, "data-src") or attribute(photo, "src")),
                sold_count=shown_count(self.text_of('[class*="realSales--" i]', card)),
            )


class TmallTiles(TaobaoPage):
    """A result page of Tmall (``list.tmall.com``): tiles ``div.product``."""

    kind = PageKind.SEARCH

    @cached_property
    def tiles(self) -> list[Selector]:
        """The tiles; the item id is theirs or in their address."""
        return [tile for tile in self.css("div.product, li.product") if self._number(tile)]

    @staticmethod
    def _number(tile: Selector) -> str | None:
        written = attribute(tile, "data-id")
        links = tile.css(".productTitle a, .productImg, .productImg-wrap a")
        return (written if written.isdecimal() else None) or id_of(attribute(links, "href"))

    def fits(self) -> bool:
        """Tell whether there are tiles with a title."""
        return self.document is None and any(tile.css(".productTitle") for tile in self.tiles)

    def listings(self) -> Iterator[Listing]:
        """Yield the tiles."""
        for tile in self.tiles:
            number = self._number(tile)
            title, shop = tile.css(".productTitle a"), tile.css(".productShop-name, .productShop a")
            address = texts.address(attribute(shop, "href"), "https://list.tmall.com")
            seller = _SELLER.search(address or "")
            photo = tile.css(".productImg img, .productImg-wrap img")
            read = self.money(
                attribute(tile.css(".productPrice em"), "title") or self.text_of(".productPrice em", tile)
            )
            yield from self.listing(
                title=texts.first(attribute(title, "title"), self.text_of(".productTitle", tile)),
                listing_id=number,
                url=self.item_url(number, attribute(title, "href")),
                **self.priced(read, self.money(self.text_of(".productPrice del", tile))),
                seller_id=seller.group(1) if seller else None,
                seller_name=texts.first(shown(shop) if shop else None, attribute(tile.css("[data-nick]"), "data-nick")),
                seller_url=address,
                image_urls=pictures(attribute(photo, "data-ks-lazyload") or attribute(photo, "src")),
                sold_count=shown_count(self.text_of(".productStatus em", tile)),
            )


class ShopRows(TaobaoPage):
    """The list of a shop (``shop….taobao.com/search.htm`` and its sisters on Tmall): ``dl.item``."""

    kind = PageKind.SELLER

    @cached_property
    def found(self) -> list[Selector]:
        """The rows that name an item."""
        return [row for row in self.css("dl.item[data-id]") if attribute(row, "data-id").isdecimal()]

    def fits(self) -> bool:
        """Tell whether there are rows."""
        return self.document is None and any(row.css(".item-name") for row in self.found)

    def listings(self) -> Iterator[Listing]:
        """Yield the rows; all have the seller of the page."""
        told = re.search(r"user_?id=(\d{4,18})", self.meta.get("microscope-data", ""), re.IGNORECASE)
        name = self.text_of(".shop-name-link, .shop-name a, .slogo-shopname, .hd-shop-name a")
        for row in self.found:
            number = attribute(row, "data-id")
            photo = row.css(".photo img")
            yield from self.listing(
                title=texts.first(self.text_of(".item-name", row), attribute(photo, "alt")),
                listing_id=number,
                url=self.item_url(number, texts.address(attribute(row.css(".item-name"), "href"))),
                **self.priced(self.money(self.text_of(".c-price", row)), self.money(self.text_of(".s-price", row))),
                seller_id=told.group(1) if told else None,
                seller_name=name,
                image_urls=pictures(attribute(photo, "data-ks-lazyload") or attribute(photo, "src")),
                sold_count=shown_count(self.text_of(".sale-num", row)),
            )


class OpenAnswer(TaobaoPage):
    """Answers of the open platform (``taobao.tbk.…``, ``taobao.item.get``) and of vendors that repeat its names."""

    kind = PageKind.API

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The row objects; the newer generation keeps titles and prices in objects of their own."""
        named = [
            {**row, **_object(row.get("item_basic_info")), **_object(row.get("price_promotion_info"))}
            for key in ("item_id", "num_iid")
            for row in having(self.document, key)
        ]
        return [row for row in named if row.get("title") and ("num_iid" in row or "zk_final_price" in row)]

    def fits(self) -> bool:
        """Tell whether there are rows."""
        return bool(self.found)

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for row in self.found:
            number = texts.identity(row.get("num_iid") or row.get("item_id"))
            amounts = [price(row.get(key)) for key in ("final_promotion_price", "zk_final_price", "promotion_price")]
            regular = price(row.get("reserve_price")) or price(row.get("orginal_price")) or price(row.get("price"))
            amount = next((one for one in amounts if one), None) or price(row.get("price"))
            address = texts.address(row.get("item_url") or row.get("detail_url"), "https://item.taobao.com")
            gallery = at(row, "small_images", "string") or [
                one.get("url") for one in rows(at(row, "item_imgs", "item_img") or row.get("item_imgs"))
            ]
            yield from self.listing(
                title=texts.unmarked(row["title"]),
                listing_id=number,
                url=self.item_url(number, *_on_tmall(row), address) if number and number.isdecimal() else address,
                price=amount,
                list_price=regular if amount and regular and regular > amount else None,
                currency=CURRENCY if amount else None,
                seller_id=texts.identity(row.get("seller_id")),
                seller_name=texts.first(
                    row.get("shop_title"), row.get("nick"), row.get("seller_nick"), at(row, "seller_info", "nick")
                ),
                ship_from=texts.first(row.get("provcity"), row.get("location"), row.get("area")),
                image_urls=pictures([row.get("pict_url") or row.get("pic_url"), *items(gallery)]),
                brand=texts.first(row.get("brand_name"), row.get("brand")),
                sold_count=shown_count(row.get("volume") or row.get("sales") or row.get("annual_vol")),
            )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _on_tmall(row: dict[str, Any]) -> tuple[bool, ...]:
    kind = texts.count(row.get("user_type"))
    return (kind == 1,) if kind is not None else ()
