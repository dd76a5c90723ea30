"""JD: item pages of the desktop and the mobile site, result pages in two generations, answers of its gateways.

Prices are in yuan; a recommendation has them in fen too. A seller is named by the shop's id, the one in the address of
the shop, not by the vendor's. The item page of 2026, the result page of 2019 and the recommendation are proven on real
pages, the other layouts follow published readers.
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
from crawlers.families.embedded import assigned, at, document, having, items, quoted
from crawlers.money import Money, price

CURRENCY = "CNY"
_ID = re.compile(r"item(?:\.m)?\.jd\.(?:com|hk)/(?:product/|ware/view\.action\?wareId=)?(\d{4,18})")
_SHOP = re.compile(r"(?:mall|shop)(?:\.m)?\.jd\.(?:com|hk)/(?:index-|\?shopId=|shop/)?(\d{3,18})")
_TITLE_TAIL = re.compile(
    r"\s*(?:【[^【】]{0,30}(?:报价|评测|价格)[^【】]{0,30}】)?\s*-\s*京东(?:商城|国际|全球购)?\s*$"
)
_CONFIG = 20_000  # characters of a page's pageConfig that are looked at


def id_of(url: str | None) -> str | None:
    """Return the SKU in an address."""
    found = _ID.search(url or "")
    return found.group(1) if found else None


def pictures(values: Any) -> tuple[str, ...]:
    """Return the addresses of pictures, given as such or as paths on the picture servers, in their full size."""
    found = []
    for value in [values] if isinstance(values, str) else items(values):
        one = value.get("url") or value.get("imageUrl") if isinstance(value, dict) else value
        if isinstance(one, str):
            one = re.sub(r"(\.(?:jpe?g|png|gif|webp))[.!].*$", r"\1", one)
            found.append(f"https://img14.360buyimg.com/n0/{one}" if one.startswith("jfs/") else one)
    return texts.addresses(found, "https://img14.360buyimg.com/")


class JdPage(MarketPage):
    """What JD's pages share."""

    @property
    def local_currency(self) -> str | None:
        """Yuan, whatever the page is."""
        return CURRENCY

    def item_url(self, number: str | None) -> str | None:
        """Return the address of an item."""
        return f"https://item.jd.com/{number}.html" if number else None

    def priced(self, read: Money | None, before: Money | None = None) -> dict[str, Any]:
        """Return the price fields for a price and the one struck through beside it."""
        if read is None or not read.amount:
            return {}
        struck = before.amount if before and before.amount > read.amount else None
        return {"price": read.amount, "price_max": read.upper, "list_price": struck, "currency": CURRENCY}

    def yuan(self, *values: Any) -> Money | None:
        """Read the first of ``values`` that is a price; "-1" stands for one that is not told."""
        for value in values:
            read = self.money(value) if isinstance(value, str) and not value.startswith("-") else None
            amount = price(value) if read is None else read.amount
            if amount:
                return read or Money(amount, None, None)
        return None


class DesktopItem(JdPage):
    """An item page of the desktop site: what its script names, and the price that was filled in."""

    kind = PageKind.PRODUCT

    @cached_property
    def config(self) -> str:
        """The text of the script that names the item (``pageConfig.product``)."""
        found = re.search(r"\bpageConfig\s*=\s*\{", self.body_text)
        return self.body_text[found.start() : found.start() + _CONFIG] if found else ""

    @cached_property
    def number(self) -> str | None:
        """The SKU."""
        return texts.identity(quoted(self.config, "skuid")) or id_of(self.own_url)

    @cached_property
    def heading(self) -> str | None:
        """The title as shown, else as the page's own without what JD adds, else as the script names it."""
        page_title = self.css("title::text").get("")
        return texts.first(
            self._shown_title,
            _TITLE_TAIL.sub("", page_title) if _TITLE_TAIL.search(page_title) else None,
            quoted(self.config, "name"),
        )

    @cached_property
    def _shown_title(self) -> str | None:
        return self.text_of(".sku-name, .sku-title-text, .itemInfo-wrap .sku-title, #name > h1")

    def fits(self) -> bool:
        """Tell whether the page is about one item."""
        return (
            self.document is None
            and self.number is not None
            and bool(self._shown_title or (self.config and self.heading))
        )

    def listings(self) -> Iterator[Listing]:
        """Yield the item; a subsidised price shown first is what is paid, the one struck through beside it is not."""
        own = f".J-p-{self.number}"
        regular = self.yuan(self.text_of(f".p-price {own}, .p-price{own}, .summary-price .p-price, #jd-price"))
        final = self.yuan(self.text_of("#J_FinalPrice .price, .finalPrice .price"))
        before = regular if final else self.yuan(self.text_of("#page_origin_price, #page_opprice, #page_maprice"))
        shop = self.css(
            ".J-hove-wrap .name a, .contact .name a, #popbox .mt h3 a, .shopName a, .seller-infor a, .top-name a"
        )
        listed = next(assigned(self.config, "imageList"), None)
        yield from self.listing(
            title=self.heading,
            listing_id=self.number,
            url=self.item_url(self.number),
            **self.priced(final or regular, before),
            availability=self._stock(),
            brand=self.text_of("#parameter-brand a"),
            seller_id=texts.identity(quoted(self.config, "shopId") or quoted(self.config, "venderId")),
            seller_name=next((name for name in map(shown, shop) if name), None),
            seller_url=texts.address(attribute(shop, "href"), "https://item.jd.com"),
            image_urls=pictures(listed or quoted(self.config, "src"))
            or pictures(attribute(self.css("#spec-img"), "data-origin") or attribute(self.css("#spec-img"), "src")),
            category_path=tuple(filter(None, map(texts.clean, items(next(assigned(self.config, "catName"), None))))),
            attributes=self._attributes(),
            review_count=shown_count(self.text_of(f"#comment-count .count, .J-comm-{self.number}")) or None,
        )

    def _stock(self) -> str | None:
        if "下柜" in (self.text_of(".itemover-tip, #itemover-new") or ""):
            return "out_of_stock"
        told = self.text_of("#store-prompt") or ""
        return "out_of_stock" if told.startswith("无货") else "in_stock" if told.startswith(("有货", "现货")) else None

    def _attributes(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for line in self.css(".p-parameter-list li, .parameter2 li"):
            name, colon, value = (shown(line) or "").replace("：", ":").partition(":")
            if colon and name.strip() and value.strip():
                table[name.strip()] = value.strip()
        return table


class MobileItem(JdPage):
    """An item page of the mobile site by its state (``_itemOnly``, ``_itemInfo``)."""

    kind = PageKind.PRODUCT

    def _state(self, name: str) -> Any:
        found = re.search(rf"\b{name}\s*=\s*\(?\s*(?=\{{)", self.body_text)
        return document(self.body_text[found.end() :]) if found else None

    @cached_property
    def item(self) -> dict[str, Any]:
        """The item object, or an empty table."""
        for name in ("_itemOnly", "_itemInfo"):
            found = next(having(self._state(name), "skuName"), None)
            if found and texts.clean(found["skuName"]):
                return found
        return {}

    def _title(self, named: str) -> str:
        """Return the whole title where the state has it cut: another script of the page names it in full."""
        start = re.sub(r"\s*(?:\.\.\.|…)$", "", named)
        if start == named:
            return named
        others = (
            quoted(found.group(), "skuName") for found in re.finditer(r'"skuName":"(?:[^"\\]|\\.)*"', self.body_text)
        )
        return max((other for other in others if other and other.startswith(start)), key=len, default=named)

    def fits(self) -> bool:
        """Tell whether the state names an item."""
        return self.document is None and bool(self.item)

    def listings(self) -> Iterator[Listing]:
        """Yield the item."""
        item, info = self.item, self._state("_itemInfo")
        number = texts.identity(item.get("skuId") or item.get("wareId")) or id_of(self.own_url)
        shop = next(having(info, "shopId", "name"), {})
        yield from self.listing(
            title=self._title(str(item["skuName"])),
            listing_id=number,
            url=self.item_url(number),
            **self.priced(
                self.yuan(at(info, "price", "p"), at(info, "priceFloor", "price")), self.yuan(at(info, "price", "op"))
            ),
            brand=texts.clean(item.get("brandName")),
            seller_id=texts.identity(shop.get("shopId") or item.get("shopId")),
            seller_name=texts.clean(shop.get("name")),
            image_urls=pictures(item.get("image")),
        )


class ResultRows(JdPage):
    """A result or category page to 2024: rows ``li.gl-item``."""

    kind = PageKind.SEARCH

    @cached_property
    def found(self) -> list[Selector]:
        """The rows that name a SKU."""
        return [row for row in self.css("li.gl-item, .goods-list-v2 .gl-item") if self._number(row)]

    @staticmethod
    def _number(row: Selector) -> str | None:
        written = attribute(row, "data-sku") or attribute(row.css(".j-sku-item[data-sku]"), "data-sku")
        return written if written.isdecimal() else id_of(attribute(row.css(".p-name a, .p-img a"), "href"))

    def fits(self) -> bool:
        """Tell whether there are rows, or the page says that there are none."""
        return self.document is None and (bool(self.found) or self.says_empty())

    def says_empty(self) -> bool:
        """Tell whether the page says that nothing was found."""
        return not self.found and "没有找到" in (self.text_of(".notice-search, .check-error, .ns-content") or "")

    def next_page(self) -> bool | None:
        """Tell by the arrow whether more pages follow."""
        arrow = self.css(".pn-next, #J_topPage .fp-next")
        return None if not arrow else "disabled" not in attribute(arrow, "class")

    def listings(self) -> Iterator[Listing]:
        """Yield the rows; badges before a title are JD's."""
        for row in self.found:
            number = self._number(row)
            words = row.css(".p-name em").xpath(".//text()[not(ancestor::*[contains(@class, 'p-tag')])]").getall()
            shop, floor = row.css(".p-shop a"), row.css(".p-shop")
            address = texts.address(attribute(shop, "href"), "https://search.jd.com")
            seller = _SHOP.search(address or "")
            photo = row.css(".p-img img")
            sources = (attribute(photo, name) for name in ("source-data-lazy-img", "data-lazy-img", "src"))
            amount = self.text_of(".p-price i, .p-price strong", row) or attribute(
                row.css(".p-price strong"), "data-price"
            )
            yield from self.listing(
                title=texts.first("".join(words), self.text_of(".p-name a", row)),
                listing_id=number,
                url=self.item_url(number),
                **self.priced(self.yuan(amount)),
                seller_id=seller.group(1) if seller else texts.identity(attribute(floor, "data-shopid")),
                seller_name=texts.first(
                    attribute(shop, "title"), shown(shop) if shop else None, attribute(floor, "data-shop_name")
                ),
                seller_url=address,
                image_urls=pictures(next((one for one in sources if "/" in one), None)),
                review_count=shown_count(self.text_of(".p-commit a", row)),
            )


class RenderedCards(JdPage):
    """A result page since 2025 as a browser rendered it; class names end in a hash that changes with every build."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> list[Selector]:
        """The cards that name a SKU."""
        found = self.css('[class*="goodsCardWrapper"][data-sku], [class*="_wrapper_"][data-sku]')
        return [card for card in found if attribute(card, "data-sku").isdecimal()]

    def fits(self) -> bool:
        """Tell whether there are cards."""
        return self.document is None and bool(self.cards)

    def listings(self) -> Iterator[Listing]:
        """Yield the cards."""
        for card in self.cards:
            number = attribute(card, "data-sku")
            title = card.css('[class*="_goods_title_container_"] [title]')
            shop = card.css('[class*="_shopFloor_"] [class*="_name_"], a[class*="_name_"], a[href*="mall.jd.com"]')
            address = texts.address(attribute(card.css('a[href*="mall.jd.com"]'), "href"), "https://search.jd.com")
            seller = _SHOP.search(address or "")
            photo = card.css('[class*="_img_"] img, img[class*="_img_"], img')
            # The cents stand in an element of their own, so blanks between them are none of the number's.
            amount = (self.text_of('[class*="_price_"]', card) or "").replace(" ", "")
            yield from self.listing(
                title=texts.first(attribute(title, "title"), self.text_of('[class*="_goods_title_container_"]', card)),
                listing_id=number,
                url=self.item_url(number),
                **self.priced(self.yuan(amount)),
                seller_id=seller.group(1) if seller else None,
                seller_name=next((name for name in map(shown, shop) if name), None),
                seller_url=address,
                image_urls=pictures(attribute(photo, "data-src") or attribute(photo, "src")),
                sold_count=shown_count(self.text_of('[class*="_goods_volume_"]', card)),
            )


class Recommendations(JdPage):
    """Rows of JD's recommendations: ``sku``, ``title``, the price in yuan (``price``) and in fen (``jp``)."""

    kind = PageKind.API

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The row objects."""
        return [row for row in having(self.document, "sku", "title") if "jp" in row or "img" in row]

    def fits(self) -> bool:
        """Tell whether there are rows."""
        return bool(self.found)

    def listings(self) -> Iterator[Listing]:
        """Yield the rows."""
        for row in self.found:
            number = texts.identity(row["sku"])
            amount = price(row.get("jp"), 100) or price(row.get("price"))
            yield from self.listing(
                title=row["title"],
                listing_id=number,
                url=self.item_url(number),
                **self.priced(Money(amount, None, None) if amount else None),
                image_urls=pictures(row.get("img")),
            )


class GatewayAnswer(JdPage):
    """Answers with rows of wares (``wareName``, ``jdPrice``), and of JD Union (``skuName``, ``priceInfo``)."""

    kind = PageKind.API

    @cached_property
    def found(self) -> list[dict[str, Any]]:
        """The row objects; JD Union and the older mobile search answer in a JSON text inside the JSON."""
        inner = next((one[key] for key in ("queryResult", "value") for one in having(self.document, key)), None)
        source = (document(inner) if isinstance(inner, str) else None) or self.document
        mobile = [
            {**row, **row["Content"]} for row in having(source, "wareid", "Content") if at(row, "Content", "warename")
        ]
        return mobile or [
            row
            for id_key, name_key in (
                ("skuId", "skuName"),
                ("skuId", "wareName"),
                ("wareId", "wareName"),
                ("wareId", "wname"),
            )
            for row in having(source, id_key, name_key)
            if texts.identity(row[id_key])
        ]

    def fits(self) -> bool:
        """Tell whether there are rows, or the answer to a search without any."""
        return bool(self.found) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the answer to a search has no rows."""
        return not self.found and any(one["wareList"] == [] for one in having(self.document, "wareList"))

    def listings(self) -> Iterator[Listing]:
        """Yield the rows; a price after a coupon that must be fetched first is not looked at."""
        for row in self.found:
            number = texts.identity(row.get("skuId") or row.get("wareId") or row.get("wareid"))
            names = ("skuName", "wareName", "wname", "warename")
            title = next((row[key] for key in names if texts.clean(row.get(key))), "")
            shop = row["shopInfo"] if isinstance(row.get("shopInfo"), dict) else row
            photos = at(row, "imageInfo", "imageList") or row.get("imageurl") or row.get("imageUrl")
            yield from self.listing(
                title=texts.unmarked(title),
                listing_id=number,
                url=self.item_url(number),
                **self.priced(
                    self.yuan(
                        at(row, "priceInfo", "lowestPrice"),
                        at(row, "priceInfo", "price"),
                        row.get("jdPrice"),
                        row.get("realPrice"),
                        row.get("dredisprice"),
                    ),
                    self.yuan(at(row, "priceInfo", "price")),
                ),
                brand=texts.clean(row.get("brandName")),
                seller_id=texts.identity(shop.get("shopId") or shop.get("shop_id")),
                seller_name=texts.first(shop.get("shopName"), shop.get("shop_name")),
                image_urls=pictures(photos),
                sold_count=shown_count(row.get("totalSales") or row.get("inOrderCount30Days")),
            )


PAGES = (DesktopItem, MobileItem, ResultRows, RenderedCards, Recommendations, GatewayAnswer)
