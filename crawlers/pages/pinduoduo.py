"""Pinduoduo: goods and result pages of the mobile site by their state, answers of its gateway and of its affiliate API.

The state (``rawData``) writes prices in yuan as texts ("22.9") and, beside them, in fen; newer states have fen alone.
The gateway and the affiliate API (DDK) count in fen. The price is that of buying in a group, which is what the page
offers; buying alone costs more. All shapes follow published readers and documents, none is proven on a real page.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind
from crawlers.families.counts import shown_count
from crawlers.families.embedded import at, having, items, rows
from crawlers.money import price

CURRENCY = "CNY"
_PRICES = ("minOnSaleGroupPrice", "minGroupPrice", "maxOnSaleGroupPrice", "maxGroupPrice", "minNormalPrice")


def pictures(values: Any) -> tuple[str, ...]:
    """Return the addresses of pictures, given as such or in objects, without the sizes asked for."""
    if isinstance(values, str):
        values = [values]
    found = [one if isinstance(one, str) else at(one, "url") or at(one, "imgUrl") for one in items(values)]
    return texts.addresses([one.partition("?")[0] for one in found if isinstance(one, str)], "https://img.pddpic.com/")


class PinduoduoPage(MarketPage):
    """What Pinduoduo's pages share."""

    @property
    def local_currency(self) -> str | None:
        """Yuan, whatever the page is."""
        return CURRENCY

    @cached_property
    def source(self) -> Any:
        """The JSON the page or answer carries."""
        if self.document is not None:
            return self.document
        return self.state("window.rawData", "rawData") or self.next_data

    def item_url(self, number: str | None) -> str | None:
        """Return the address of goods."""
        return f"https://mobile.yangkeduo.com/goods.html?goods_id={number}" if number and number.isdecimal() else None

    def priced(self, low: Decimal | None, high: Decimal | None = None, before: Decimal | None = None) -> dict[str, Any]:
        """Return the price fields."""
        if not low:
            return {}
        return {
            "price": low,
            "price_max": high if high and high > low else None,
            "list_price": before if before and before > low else None,
            "currency": CURRENCY,
        }


class GoodsState(PinduoduoPage):
    """A page of goods by its state."""

    kind = PageKind.PRODUCT

    @cached_property
    def goods(self) -> dict[str, Any]:
        """The goods the page is about: those with prices or pictures, or at least a state; else an empty table."""
        for name in ("goodsID", "goodsId"):
            for one in having(self.source, name, "goodsName"):
                if texts.clean(one["goodsName"]) and any(key in one for key in (*_PRICES, "topGallery", "skus")):
                    return {**one, "_id": one[name]}
        return {}

    def fits(self) -> bool:
        """Tell whether the state names goods, or says that they are gone."""
        return bool(self.goods) or self.says_removed() is not None

    def says_removed(self) -> str | None:
        """Return the explanation the state gives for goods it does not name."""
        if self.goods:
            return None
        told = next((one for one in having(self.source, "statusExplain") if one.get("isAbnormalStatus") is True), {})
        return texts.clean(told.get("statusExplain"))

    def listings(self) -> Iterator[Listing]:
        """Yield the goods."""
        goods = self.goods
        if not goods:
            return
        number = texts.identity(goods["_id"])
        mall = next((one for one in having(self.source, "mallName") if texts.clean(one["mallName"])), {})
        yield from self.listing(
            title=goods["goodsName"],
            listing_id=number,
            url=self.item_url(number),
            description=texts.clean(goods.get("goodsDesc")),
            **self.priced(
                self._yuan("minOnSaleGroupPrice") or self._yuan("minGroupPrice"),
                self._yuan("maxOnSaleGroupPrice") or self._yuan("maxGroupPrice"),
                self._yuan("linePrice"),
            ),
            availability=_stock(goods.get("isOnSale")),
            seller_id=texts.identity(mall.get("mallID") or mall.get("mallId") or goods.get("mallID")),
            seller_name=texts.clean(mall.get("mallName")),
            image_urls=pictures(goods.get("topGallery"))
            or pictures(goods.get("viewImageData"))
            or pictures(goods.get("hdThumbUrl") or goods.get("thumbUrl")),
            attributes={
                str(one["key"]): " ".join(str(value) for value in items(one.get("values")))
                for one in rows(goods.get("goodsProperty"))
                if one.get("key") and items(one.get("values"))
            },
            sold_count=shown_count(goods.get("sideSalesTip")),
        )

    @cached_property
    def _in_fen(self) -> bool:
        """Tell whether the state has whole numbers alone: a single text or fraction shows that it counts in yuan."""
        written = [self.goods[key] for key in _PRICES if self.goods.get(key) is not None]
        return bool(written) and all(isinstance(one, int) and not isinstance(one, bool) for one in written)

    def _yuan(self, name: str) -> Decimal | None:
        return price(self.goods.get(f"{name}InCent"), 100) or price(self.goods.get(name), 100 if self._in_fen else 1)


class ListState(PinduoduoPage):
    """A result or category page by its state (``ssrListData``)."""

    kind = PageKind.SEARCH

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The row objects."""
        return [
            {**one, "_id": one[name]}
            for name in ("goodsID", "goodsId")
            for one in having(self.source, name, "goodsName")
            if texts.identity(one[name])
            and any(key in one for key in ("priceInfo", "price", "activityPrice", "linkURL"))
        ]

    def fits(self) -> bool:
        """Tell whether there are rows."""
        return bool(self.found)

    def listings(self) -> Iterator[Listing]:
        """Yield the rows at the price they show; a whole number beside it may be yuan or fen and is not looked at."""
        for row in self.found:
            number = texts.identity(row["_id"])
            shown = next(
                (row[key] for key in ("priceInfo", "activityPrice", "price") if isinstance(row.get(key), str)), None
            )
            read = self.money(shown)
            yield from self.listing(
                title=row["goodsName"],
                listing_id=number,
                url=self.item_url(number),
                **self.priced(read.amount if read else None, read.upper if read else None),
                seller_id=texts.identity(row.get("mallID") or row.get("mallId")),
                seller_name=texts.clean(row.get("mallName")),
                image_urls=pictures(row.get("hdThumbUrl") or row.get("imgUrl") or row.get("thumbUrl")),
                sold_count=shown_count(row.get("salesTip")),
            )


class GatewayAnswer(PinduoduoPage):
    """Answers of the gateway (``goods_model``) and of the affiliate API (``goods_list``, ``goods_details``)."""

    kind = PageKind.API

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The row objects."""
        return [
            one
            for one in having(self.source, "goods_name")
            if texts.identity(one.get("goods_id") or one.get("goods_sign"))
        ]

    def fits(self) -> bool:
        """Tell whether there are rows, or the answer to a search without any."""
        return bool(self.found) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the answer has an empty list of rows and no error."""
        lists = [at(self.document, name) for name in ("items", "goods_list")]
        return not self.found and [] in lists and at(self.document, "error_code") is None

    def listings(self) -> Iterator[Listing]:
        """Yield the rows; affiliate answers may give a sign in place of the number."""
        lone = len(self.found) == 1
        for row in self.found:
            number = texts.identity(row.get("goods_id") or row.get("goods_sign"))
            beside = self.source if lone and isinstance(self.source, dict) else {}
            mall = at(beside, "mall_entrance", "mall_data") or row
            low, high = self._prices(row, beside)
            photos = row.get("goods_gallery_urls") or [
                row.get("goods_image_url") or row.get("hd_thumb_url") or row.get("thumb_url") or row.get("image_url")
            ]
            yield from self.listing(
                title=row["goods_name"],
                listing_id=number,
                url=self.item_url(number),
                description=texts.clean(row.get("goods_desc")),
                brand=texts.clean(row.get("brand_name")),
                **self.priced(low, high),
                seller_id=texts.identity(at(mall, "mall_id") or row.get("mall_id")),
                seller_name=texts.clean(at(mall, "mall_name")),
                image_urls=pictures(photos),
                sold_count=shown_count(row.get("sales_tip")) or texts.count(row.get("cnt")),
            )

    def _prices(self, row: dict[str, Any], beside: dict[str, Any]) -> tuple[Decimal | None, Decimal | None]:
        """Return the price to buy in a group: as shown, of the goods, else the lowest and highest of their variants."""
        read = self.money(row.get("price_info"))
        if read and read.amount:
            return read.amount, read.upper
        for key in ("min_on_sale_group_price", "min_group_price", "group_price", "price"):
            amount = price(row.get(key), 100) or price(at(beside, "price", key), 100)
            if amount:
                return amount, None
        variants = rows(row.get("sku")) or rows(beside.get("sku"))
        amounts = sorted(found for one in variants if (found := price(one.get("group_price"), 100)))
        if amounts:
            return amounts[0], amounts[-1]
        return price(at(row, "group", "price"), 100), None


def _stock(value: Any) -> str | None:
    return None if not isinstance(value, bool) else "in_stock" if value else "out_of_stock"


PAGES = (GoodsState, ListState, GatewayAnswer)
