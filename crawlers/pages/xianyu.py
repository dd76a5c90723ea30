"""Xianyu (Goofish): answers of its gateway (search, item, a person's items, feeds) and pages as rendered.

People sell here, and names are masked in some answers (``x***y``). A seller's id is a number in some answers and an
opaque text in others, so two answers may name the same person differently. Prices are in yuan, except where a price
names another unit (Xianyu coins). The search answer and the feed of 2019 are proven on real answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute
from crawlers.families.embedded import at, having, rows
from crawlers.families.since import days_ago, since
from crawlers.families.taobao import pictures
from crawlers.money import Money, price

CURRENCY = "CNY"
_ID = re.compile(r"[?&](?:id|itemId)=(\d{6,18})")
_SELLER = re.compile(r"[?&]userId=([\w%=+/-]{4,60})")
_SOLD = re.compile("已卖出|已售出|卖掉了|交易成功|宝贝已被拍下")
_HERE = re.compile(r"来闲鱼\s*(\d{1,4}\s*(?:天|个月|年))")
_GONE = re.compile("不存在|已删除|已下架|已被删除|找不到")


def id_of(url: str | None) -> str | None:
    """Return the item id in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


class XianyuPage(MarketPage):
    """What Xianyu's pages share."""

    @property
    def local_currency(self) -> str | None:
        """Yuan, whatever the page is."""
        return CURRENCY

    def item_url(self, number: str | None) -> str | None:
        """Return the address of an item."""
        return f"https://www.goofish.com/item?id={number}" if number else None

    def priced(self, read: Money | None, before: Money | None = None) -> dict[str, Any]:
        """Return the price fields for a price and the seller's own former one."""
        if read is None or not read.amount:
            return {}
        struck = before.amount if before and before.amount > read.amount else None
        return {"price": read.amount, "price_max": read.upper, "list_price": struck, "currency": CURRENCY}

    def yuan(self, value: Any, unit: Any = None) -> Money | None:
        """Read a price given as text or number; None where ``unit`` says that it is not money."""
        if unit not in (None, "", "元", "¥", "￥", "CNY"):
            return None
        return self.money(str(value)) if isinstance(value, str) else _of_number(value)


class SearchAnswer(XianyuPage):
    """The answer to a search (``mtop.taobao.idlemtopsearch.pc.search``)."""

    kind = PageKind.SEARCH

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The rows: what is shown (``exContent``) with what is counted (``clickParam``)."""
        return [row for row in having(self.document, "exContent") if at(row, "exContent", "itemId")]

    def fits(self) -> bool:
        """Tell whether there are rows, or the answer to a search without any."""
        return bool(self.found) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the answer counts no items."""
        told = next(having(self.document, "hasItems", "numFound"), {})
        return not self.found and told.get("hasItems") is False and told.get("numFound") in (0, "0")

    def next_page(self) -> bool | None:
        """Tell by the answer whether more pages follow."""
        told = next((one["hasNextPage"] for one in having(self.document, "hasNextPage")), None)
        return told if isinstance(told, bool) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows. The whole text of an item stands in ``detailParams``; the shown one may be cut."""
        for row in self.found:
            content, details = row["exContent"], at(row, "exContent", "detailParams")
            counted = at(row, "clickParam", "args")
            number = texts.identity(content["itemId"])
            parts = "".join(str(part.get("text") or "") for part in rows(content.get("price")))
            read = self.yuan(parts) or self.yuan(at(details, "soldPrice")) or self.yuan(at(counted, "price"))
            yield from self.listing(
                title=texts.first(at(details, "title"), content.get("title"), at(content, "titleSpan", "content")),
                listing_id=number,
                url=self.item_url(number),
                **self.priced(read, self.yuan(content.get("oriPrice"))),
                seller_id=texts.identity(at(counted, "seller_id")),
                seller_name=texts.first(content.get("userNickName"), at(details, "userNick")),
                ship_from=texts.clean(content.get("area")),
                image_urls=pictures(content.get("picUrl") or at(details, "picUrl")),
            )


class ItemAnswer(XianyuPage):
    """The answer for one item (``mtop.taobao.idle.pc.detail`` and its sisters), or a list of such answers."""

    kind = PageKind.PRODUCT

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The item with its seller; several only where the document is a list of answers."""
        answers = self.document if isinstance(self.document, list) else [self.document]
        first = (
            next((one for one in having(answer, "itemDO") if at(one, "itemDO", "itemId")), None) for answer in answers
        )
        return [one for one in first if one]

    def fits(self) -> bool:
        """Tell whether the answer has an item, or says that it is gone."""
        return bool(self.found) or self.says_removed() is not None

    def says_removed(self) -> str | None:
        """Return the refusal that says that there is no such item."""
        told = at(self.document, "ret")
        words = " ".join(str(one) for one in told) if isinstance(told, list) else str(told or "")
        return texts.clean(words) if not self.found and words.startswith("FAIL_BIZ") and _GONE.search(words) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the item."""
        for one in self.found:
            yield from self._read(one["itemDO"], next((each["sellerDO"] for each in having(one, "sellerDO")), None))

    def _read(self, item: dict[str, Any], seller: Any) -> Iterator[Listing]:
        number = texts.identity(item.get("itemId"))
        state = str(item.get("itemStatusStr") or "")
        photos = [one.get("url") for one in rows(item.get("imageInfos"))]
        labels = rows(item.get("itemLabelExtList")) or rows(item.get("cpvLabels"))
        yield from self.listing(
            title=texts.first(item.get("title"), item.get("desc")),
            listing_id=number,
            url=self.item_url(number),
            description=texts.clean(item.get("desc")),
            **self.priced(
                self.yuan(item.get("soldPrice"), item.get("priceUnit")), self.yuan(item.get("originalPrice"))
            ),
            availability="sold_out" if _SOLD.search(state) else "out_of_stock" if _GONE.search(state) else None,
            seller_id=texts.identity(at(seller, "sellerId") or at(seller, "userId")),
            seller_name=texts.first(at(seller, "nick"), at(seller, "uniqueName"), at(seller, "nickName")),
            seller_since=days_ago(at(seller, "userRegDay")),
            ship_from=texts.first(at(seller, "publishCity"), at(seller, "city")),
            image_urls=pictures(photos or item.get("images") or item.get("picUrl")),
            attributes={
                name: value
                for one in labels
                if (name := texts.first(one.get("propertyText"), one.get("propertyName")))
                and (value := texts.first(one.get("text"), one.get("valueName")))
            },
        )


class CardAnswer(XianyuPage):
    """Cards: a home feed (2019 and newer) and the items of one person (``mtop.idle.web.xyh.item.list``)."""

    kind = PageKind.API

    @cached_property
    def cards(self) -> list[dict[str, Any]]:
        """The cards that name an item."""
        return [
            one["cardData"]
            for one in having(self.document, "cardData")
            if isinstance(one["cardData"], dict) and self._number(one["cardData"]) and self._title(one["cardData"])
        ]

    @staticmethod
    def _number(card: dict[str, Any]) -> str | None:
        return texts.identity(card.get("itemId") or at(card, "detailParams", "itemId") or card.get("id"))

    @staticmethod
    def _title(card: dict[str, Any]) -> str | None:
        return texts.first(
            at(card, "titleSummary", "text"),
            at(card, "detailParams", "title"),
            card.get("title"),
            at(card, "titleSpan", "content"),
        )

    def fits(self) -> bool:
        """Tell whether there are cards."""
        return bool(self.cards)

    def next_page(self) -> bool | None:
        """Tell by the answer whether more cards follow."""
        told = next((one["nextPage"] for one in having(self.document, "nextPage", "cardList")), None)
        return told if isinstance(told, bool) else None

    def listings(self) -> Iterator[Listing]:
        """Yield the cards; a price in Xianyu coins is none."""
        for card in self.cards:
            number, info, details = self._number(card), at(card, "priceInfo"), card.get("detailParams")
            unit = at(info, "priceUnit")
            read = self.yuan(at(info, "price"), unit) or self.yuan(at(details, "soldPrice"), unit)
            yield from self.listing(
                title=self._title(card),
                listing_id=number,
                url=self.item_url(number),
                **self.priced(read, self.yuan(at(info, "oriPrice"), unit)),
                availability="sold_out" if _SOLD.search(str(card.get("itemStatusStr") or "")) else None,
                seller_id=texts.identity(at(card, "user", "userId")),
                seller_name=texts.first(at(card, "user", "userNick"), at(details, "userNick")),
                ship_from=texts.first(card.get("area"), card.get("city")),
                image_urls=pictures(
                    at(card, "mainPicInfo", "url") or at(card, "picInfo", "picUrl") or at(details, "picUrl")
                ),
            )


class RenderedCards(XianyuPage):
    """A result page as a browser rendered it; class names end in a hash that changes with every build."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The links that hold a card each."""
        found = self.css('a[class*="feeds-item-wrap--"]')
        recommended = "ancestor::*[contains(@class, 'empty-feed-container')]"
        return [card for card in found if id_of(attribute(card, "href")) and not card.xpath(recommended)]

    def fits(self) -> bool:
        """Tell whether there are cards, or the page says that there are none."""
        return self.document is None and (bool(self.cards) or self.says_empty())

    def says_empty(self) -> bool:
        """Tell whether the page says that nothing was found; what it recommends below is no result."""
        return not self.cards and "没有找到你想要的宝贝" in self.body_text

    def listings(self) -> Iterator[Listing]:
        """Yield the cards."""
        for card in self.cards:
            number = id_of(attribute(card, "href"))
            written = (self.text_of(f'[class*="{part}--"]', card) for part in ("number", "decimal", "magnitude"))
            photo = card.css('img[class*="feeds-image--"], [class*="feeds-image-container--"] img')
            yield from self.listing(
                title=texts.first(
                    self.text_of('[class*="main-title--"]', card),
                    attribute(card.css('[class*="row1-wrap-title--"]'), "title"),
                ),
                listing_id=number,
                url=self.item_url(number),
                **self.priced(self.yuan("".join(part for part in written if part))),
                ship_from=self.text_of('[class*="seller-text--"]', card),
                image_urls=pictures([attribute(photo, "src"), attribute(photo, "data-src")])[:1],
            )


class RenderedItem(XianyuPage):
    """An item page as a browser rendered it."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page shows one item and says which."""
        return self.document is None and id_of(self.own_url) is not None and self._title() is not None

    def _title(self) -> str | None:
        return self.text_of('[class*="item-main-info--"] [class*="desc--"]') or self.text_of('[class*="desc--"]')

    def listings(self) -> Iterator[Listing]:
        """Yield the item."""
        number = id_of(self.own_url)
        person = self.css('a[class*="item-user-info-nick--"], a[class*="item-user-container--"], a[href*="/personal?"]')
        told = _SELLER.search(attribute(person, "href"))
        photos = self.css(
            '[class*="item-main-window-list"] img::attr(src), [class*="carousel"] img::attr(src)'
        ).getall()
        state = self.text_of('[class*="item-main-container"]') or ""
        here = _HERE.search(self.text_of('[class*="item-user-container--"]') or "")
        yield from self.listing(
            title=self._title(),
            listing_id=number,
            url=self.item_url(number),
            **self.priced(
                self.yuan((self.text_of('[class*="item-main-info--"] [class*="price--"]') or "").replace(" ", ""))
            ),
            availability="sold_out" if re.search("卖掉了|已售出", state) else None,
            seller_id=told.group(1) if told else None,
            seller_name=self.text_of('[class*="item-user-info-nick--"]'),
            seller_since=since(here.group(1)) if here else None,
            seller_url=texts.address(attribute(person, "href"), "https://www.goofish.com"),
            image_urls=pictures(photos),
        )


def _of_number(value: Any) -> Money | None:
    amount = price(value)
    return Money(amount, None, None) if amount else None


PAGES = (SearchAnswer, ItemAnswer, CardAnswer, RenderedCards, RenderedItem)
