"""Item pages of Taobao and Tmall: those to 2023 by script and markup, the newer ones by their signed answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import PageKind, attribute
from crawlers.families.counts import shown_count
from crawlers.families.embedded import assigned, at, document, having, items, quoted, rows
from crawlers.families.taobao import TaobaoPage, id_of, pictures
from crawlers.money import Money, price

_CONFIG = 12_000  # characters of a page's g_config that are looked at
_TITLE_TAIL = re.compile(r"\s*-\s*(?:淘宝网|tmall\.com\s*天猫|天猫(?:Tmall\.com)?|天猫国际)\s*$", re.IGNORECASE)


class ClassicItem(TaobaoPage):
    """An item page to 2023; the two marketplaces share the markup of the prices and the attributes."""

    kind = PageKind.PRODUCT

    @cached_property
    def config(self) -> str:
        """The text of the script that names item, seller and shop (``g_config``)."""
        found = re.search(r"\bg_config\s*=\s*\{", self.body_text)
        return self.body_text[found.start() : found.start() + _CONFIG] if found else ""

    def quoted(self, name: str) -> str | None:
        """Return the first text the script gives to ``name``."""
        return texts.clean(quoted(self.config, name))

    @cached_property
    def setup(self) -> Any:
        """What a Tmall page hands to its shop script (``TShop.Setup``), or None."""
        start = self.body_text.find("TShop.Setup(")
        return document(self.body_text[start:]) if start >= 0 else None

    @cached_property
    def number(self) -> str | None:
        """The item's id."""
        return (
            texts.identity(self.quoted("itemId"))
            or texts.identity(at(self.setup, "itemDO", "itemId") or at(self.setup, "rateConfig", "itemId"))
            or texts.identity(attribute(self.css("input[name=item_id_num], input[name=item_id]"), "value"))
            or id_of(self.own_url)
        )

    @cached_property
    def heading(self) -> str | None:
        """The title, as shown before it is taken from a script."""
        return texts.first(
            attribute(self.css(".tb-main-title"), "data-title"),
            self.text_of(".tb-main-title, #J_DetailMeta .tb-detail-hd h1, .tb-detail-hd h1, .tb-detail-hd h3"),
            at(self.setup, "itemDO", "title"),
            attribute(self.css("input[name=title]"), "value"),
            self.quoted("title"),
        )

    def fits(self) -> bool:
        """Tell whether the page is about one item."""
        return self.document is None and self.number is not None and bool(self.heading)

    def listings(self) -> Iterator[Listing]:
        """Yield the item."""
        promoted, regular = self._shown_prices()
        yield from self.listing(
            title=_TITLE_TAIL.sub("", self.heading or ""),
            listing_id=self.number,
            url=self.item_url(self.number, self.own_url, *((True,) if self.setup else ())),
            **self.priced(promoted or regular, regular if promoted else None),
            availability=self._withdrawn(),
            **self._seller(),
            ship_from=self.text_of("#J-From, #J_deliveryAdd, .tb-deliveryAdd"),
            image_urls=self._pictures(),
            brand=texts.clean(at(self.setup, "itemDO", "brand")),
            attributes=self._attributes(),
            sold_count=shown_count(self.text_of("#J_SellCounter, .tm-ind-sellCount .tm-count")),
            review_count=shown_count(self.text_of("#J_RateCounter, #J_ItemRates .tm-count")),
        )

    def _shown_prices(self) -> tuple[Money | None, Money | None]:
        """Return the promotion's price, which script fills in, and the regular one."""
        promoted = self.money(
            self.text_of(
                "#J_PromoPriceNum, #J_PromoPrice .tb-rmb-num, .tb-promo-price .tb-rmb-num, .tm-promo-price .tm-price"
            )
        )
        regular = self.money(
            self.text_of("#J_StrPrice .tb-rmb-num, #J_StrPriceModBox .tb-rmb-num, #J_StrPriceModBox .tm-price")
        )
        written = (
            attribute(self.css("input[name=current_price]"), "value"),
            at(self.setup, "detail", "defaultItemPrice"),
            at(self.setup, "itemDO", "reservePrice"),
        )
        regular = regular or next((read for read in map(self.money, written) if read), None) or self._of_variants()
        return (promoted if promoted and promoted.amount else None), regular

    def _of_variants(self) -> Money | None:
        table = at(self.setup, "valItemInfo", "skuMap") or next(assigned(self.body_text, "skuMap"), None)
        variants = list(table.values()) if isinstance(table, dict) else []
        amounts = sorted(amount for one in variants if (amount := price(at(one, "price"))))
        return Money(amounts[0], amounts[-1] if amounts[-1] > amounts[0] else None, None) if amounts else None

    def _withdrawn(self) -> str | None:
        """Return the state of an item whose page stays after the seller took it off the shelf."""
        gone = self.xpath(
            "//body//*[not(self::script or self::style)]/text()[contains(., '宝贝已下架') or contains(., '商品已下架')]"
        )
        return "out_of_stock" if gone else None

    def _seller(self) -> dict[str, Any]:
        link = self.css(".tb-shop-name a, a.shop-name-link, .slogo-shopname, .shop-name a")
        told = re.search(r"userid=(\d{4,18})", self.meta.get("microscope-data", ""), re.IGNORECASE)
        nick = at(self.setup, "itemDO", "sellerNickName") or attribute(self.css("input[name=seller_nickname]"), "value")
        return {
            "seller_id": texts.identity(self.quoted("sellerId") or at(self.setup, "rateConfig", "sellerId"))
            or texts.identity(at(self.setup, "itemDO", "userId"))
            or (told.group(1) if told else None),
            "seller_name": texts.first(
                self.quoted("shopName"),
                self.text_of(".slogo-shopname, .tb-shop-name, .shop-name-link"),
                _unquoted(nick),
                self.quoted("sellerNick"),
            ),
            "seller_url": texts.address(attribute(link, "href")),
        }

    def _pictures(self) -> tuple[str, ...]:
        listed = next(assigned(self.body_text, "auctionImages"), None) or at(self.setup, "propertyPics", "default")
        thumbs = [
            attribute(photo, "data-src") or attribute(photo, "data-ks-lazyload") or attribute(photo, "src")
            for photo in self.css("#J_UlThumb img, #J_ImgBooth")
        ]
        return pictures(listed) or pictures(thumbs)

    def _attributes(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for line in self.css(".attributes-list li, #J_AttrUL li"):
            name, colon, value = str(texts.clean(line.xpath("string()").get()) or "").replace("：", ":").partition(":")
            if colon and name.strip() and value.strip():
                table[name.strip()] = value.strip()
        return table


def _unquoted(nick: Any) -> str | None:
    """Return a nick written as in an address, in either charset."""
    if not isinstance(nick, str):
        return None
    try:
        return unquote(nick, errors="strict")
    except UnicodeDecodeError:
        return unquote(nick, encoding="gb18030", errors="replace")


class DetailAnswer(TaobaoPage):
    """The signed answer of the newer item pages (``mtop.taobao.pcdetail.data.get``), or as the page carries it.

    The mobile answer before it (``mtop.taobao.detail.getdetail``) has the same objects, and prices in a JSON text
    inside ``apiStack``.
    """

    kind = PageKind.PRODUCT

    @cached_property
    def data(self) -> dict[str, Any]:
        """The object that holds item and seller, with the objects of the mobile answer's inner text."""
        source = self.document
        if source is None:
            source = self.state("loaderData", "_DATA_Detail", "__INITIAL_DATA__")
        found = next(
            (one for one in having(source, "item", "seller") if at(one, "item", "itemId") and at(one, "item", "title")),
            {},
        )
        stack = at(found, "apiStack", 0, "value")
        inner = document(stack) if isinstance(stack, str) else stack or (self.state("_DATA_Mdskip") if found else None)
        if not isinstance(inner, dict):
            return found
        item = {**inner["item"], **found["item"]} if isinstance(inner.get("item"), dict) else found["item"]
        return {**inner, **{key: one for key, one in found.items() if one}, "item": item}

    def fits(self) -> bool:
        """Tell whether the answer has an item."""
        return bool(self.data)

    def listings(self) -> Iterator[Listing]:
        """Yield the item."""
        data = self.data
        item, seller, parts = data["item"], data.get("seller"), at(data, "componentsVO")
        number = texts.identity(item["itemId"])
        kind = texts.first(at(seller, "sellerType"), at(parts, "storeCardVO", "sellerType"))
        yield from self.listing(
            title=texts.first(item["title"], at(parts, "titleVO", "title", "title")),
            listing_id=number,
            url=self.item_url(number, *((kind == "B",) if kind in {"B", "C"} else ()), self.own_url),
            **self.priced(*self._prices()),
            availability=self._stock(),
            seller_id=texts.identity(at(seller, "userId") or at(seller, "sellerId")),
            seller_name=texts.first(
                at(seller, "shopName"), at(parts, "storeCardVO", "shopName"), at(seller, "sellerNick")
            ),
            seller_url=texts.address(at(seller, "pcShopUrl") or at(seller, "shopUrl"), "https://www.taobao.com"),
            ship_from=texts.first(at(parts, "deliveryVO", "deliveryFromAddr"), at(data, "delivery", "from")),
            image_urls=pictures(item.get("images") or at(parts, "headImageVO", "images")),
            attributes=self._attributes(),
            sold_count=shown_count(
                at(data, "item", "vagueSellCount") or at(data, "item", "sellCount") or at(parts, "titleVO", "salesDesc")
            ),
        )

    def _prices(self) -> tuple[Money | None, Money | None]:
        """Return the shown price and the one before it; else the lowest and the highest of the variants."""
        shown = at(self.data, "componentsVO", "priceVO") or at(self.data, "price")
        read = [self._read(at(shown, key)) for key in ("extraPrice", "price")]
        others = self._read(next(iter(rows(at(shown, "extraPrices"))), None))
        # "extraPrice" is what is struck through unless it says that it is the price after a coupon.
        after = re.search("券后|到手|补贴", str(at(shown, "extraPrice", "priceTitle") or ""))
        if read[0] and read[1] and after:
            return read[0], read[1]
        if read[1]:
            return read[1], read[0] or others
        variants = at(self.data, "skuCore", "sku2info")
        amounts = sorted(
            found.amount
            for key, one in (variants.items() if isinstance(variants, dict) else ())
            if (key != "0" or len(variants) == 1) and (found := self._read(at(one, "price"))) and found.amount
        )
        if not amounts:
            return None, None
        return Money(amounts[0], amounts[-1] if amounts[-1] > amounts[0] else None, None), None

    def _read(self, part: Any) -> Money | None:
        cents = price(at(part, "priceMoney"), 100)
        read = self.money(str(at(part, "priceText") or ""))
        return read if read and (read.upper or not cents) else Money(cents, None, None) if cents else None

    def _stock(self) -> str | None:
        left = at(self.data, "skuCore", "sku2info", "0", "quantity")
        number = texts.count(left)
        return None if number is None else "in_stock" if number else "out_of_stock"

    def _attributes(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for info in rows(at(self.data, "componentsVO", "extensionInfoVO", "infos")):
            if info.get("type") == "BASE_PROPS":
                for one in rows(info.get("items")):
                    value = " ".join(str(part) for part in items(one.get("text")))
                    table[str(one.get("title"))] = value
        for one in rows(at(self.data, "item", "industryParamVO", "basicParamList")):
            table[str(one.get("propertyName"))] = str(one.get("valueName") or "")
        for group in rows(at(self.data, "props", "groupProps")):
            for lines in group.values():
                for line in rows(lines):
                    table.update({str(name): str(value) for name, value in line.items()})
        return {name: value for name, value in table.items() if texts.clean(name) and texts.clean(value)}


class RenderedItem(TaobaoPage):
    """A newer item page as a browser rendered it, without its answer; class names change with every build."""

    kind = PageKind.PRODUCT

    @cached_property
    def heading(self) -> str | None:
        """The title."""
        found = self.css('[class*="mainTitle--" i]')
        return texts.first(attribute(found, "title"), found.xpath("string()").get())

    def fits(self) -> bool:
        """Tell whether the page shows an item and says which."""
        return self.document is None and id_of(self.own_url) is not None and self.heading is not None

    def _price(self, *places: str) -> Money | None:
        for place in places:
            read = self.money((self.text_of(place) or "").replace(" ", ""))
            if read and read.amount:
                return read
        return None

    def listings(self) -> Iterator[Listing]:
        """Yield the item; the price shown first is what is paid, perhaps after a coupon."""
        number = id_of(self.own_url)
        read = self._price(
            '[class*="highlightPrice--"] [class*="text--"]',
            '[class*="normalPrice--"] [class*="text--"]',
            '[class*="originPrice--"] [class*="priceText--" i]',
            '[class*="priceText--" i]',
        )
        shop = self.css('a[class*="shopHeader" i], a[class*="shopName--" i]')
        yield from self.listing(
            title=self.heading,
            listing_id=number,
            url=self.item_url(number, self.own_url),
            **self.priced(read, self._price('[class*="subPrice--"] [class*="text--"]')),
            seller_name=self.text_of('[class*="shopName--" i]'),
            seller_url=texts.address(attribute(shop, "href"), "https://www.taobao.com"),
            image_urls=pictures(
                self.css('img[class*="thumbnailPic--" i]::attr(src), img[class*="mainPic--" i]::attr(src)').getall()
            ),
            sold_count=shown_count(self.text_of('[class*="salesDesc--" i]')),
        )
