"""1688: offer pages by their state in both generations, result state, official API answers, a data vendor's answers.

The module is ``m1688`` because a module's name may not begin with a digit. The layouts of offer pages
(``__INIT_DATA``, ``context``) follow published readers and are not proven on a real page. Prices are in yuan; the
price of a listing is the one at the smallest order, larger orders are cheaper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from parsel import Selector

from contracts.listing import Listing
from crawlers.families import texts
from crawlers.families.base import MarketPage, PageKind, attribute, shown
from crawlers.families.counts import shown_count
from crawlers.families.embedded import at, document, having, items, quoted, rows
from crawlers.families.structured import StructuredPage
from crawlers.money import currency_code, price

_ID = re.compile(r"/offer/(\d{8,16})\.html|[?&]offerId=(\d{8,16})")
# window.context=(function(a,b){...})(window.context, {...});
_CONTEXT = re.compile(r"window\.context\s*=")
_CALLED_WITH = re.compile(r"\}\s*\)?\s*\(\s*(?:[\w.\s|{}()]{0,80}?,\s*)?(?=\{\s*\")")
_MARKED = re.compile(r"(?:_normal_|object_id@|^)(\d{9,16})(?:$|[\^_|])")
_MARKS = ("t-offer-id", "data-offer-id", "data-offerid", "data-renderkey", "data-aplus-report")
CURRENCY = "CNY"


def id_of(url: str | None) -> str | None:
    """Return the offer id in an address."""
    found = _ID.search(url or "")
    return (found.group(1) or found.group(2)) if found else None


def item_url(number: str | None) -> str | None:
    """Return the address of an offer."""
    return f"https://detail.1688.com/offer/{number}.html" if number else None


class OfferState(MarketPage):
    """An offer page by its state."""

    kind = PageKind.PRODUCT

    @cached_property
    def source(self) -> Any:
        """The page's state, whichever generation it is."""
        if self.document is not None:
            return None
        found = self.state("window.__INIT_DATA", "__INIT_DATA")
        if found is not None:
            return found
        start = _CONTEXT.search(self.body_text)
        call = _CALLED_WITH.search(self.body_text, start.end()) if start else None
        return (document(self.body_text[call.end() :]) if call else None) or self.state("window.context")

    def first(self, *keys: str) -> dict[str, Any]:
        """Return the first object in the state that has ``keys``."""
        return next(having(self.source, *keys), {})

    @cached_property
    def offer(self) -> dict[str, Any]:
        """The object that names the offer."""
        for title in ("offerTitle", "subject", "title"):
            found = next((one for one in having(self.source, "offerId", title) if texts.clean(one[title])), None)
            if found:
                return {**found, "_title": found[title]}
        # Since 2025 a module names the title, others the offer.
        named = next((at(one["productTitle"], "fields", "title") for one in having(self.source, "productTitle")), None)
        offer = next((one["offerId"] for one in having(self.source, "offerId") if texts.identity(one["offerId"])), None)
        return {"offerId": offer, "_title": named} if offer and texts.clean(named) else {}

    def fits(self) -> bool:
        """Tell whether the state names an offer."""
        return bool(self.offer)

    def listings(self) -> Iterator[Listing]:
        """Yield the offer."""
        number = texts.identity(self.offer.get("offerId")) or id_of(self.own_url)
        seller = {
            **self.first("companyName"),
            **{key: self.offer[key] for key in ("companyName",) if self.offer.get(key)},
        }
        low, high = self._prices()
        shop = self.first("sellerWinportUrl") or self.first("winportUrl")
        address = texts.address(shop.get("sellerWinportUrl") or shop.get("winportUrl"))
        yield from self.listing(
            title=self.offer["_title"],
            listing_id=number,
            url=item_url(number),
            price=low,
            price_max=high,
            currency=CURRENCY if low else None,
            seller_id=texts.identity(
                self._named("sellerMemberId")
                or self._named("memberId")
                or self._named("sellerUserId")
                or self._named("sellerLoginId")
                or self._named("loginId")
            ),
            seller_name=texts.clean(seller.get("companyName")),
            seller_url=address,
            image_urls=self._pictures(),
            attributes=self._features(),
            sold_count=texts.count(self._named("saledCount")),
        )

    def _named(self, key: str) -> Any:
        return next((one[key] for one in having(self.source, key) if one[key]), None)

    def _prices(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the price at the smallest order; for prices by variant the lowest and the highest."""
        tiers = [
            *rows(self._named("skuRangePrices")),
            *rows(self._named("priceRange")),
            *rows(self._named("offerPriceRanges")),
            *rows(self._named("currentPrices")),
            *rows(self._named("originalPricesWithoutPromotion")),
        ]
        steps = [
            (texts.count(one.get("beginAmount") or one.get("startAmount")) or 0, amount)
            for one in tiers
            if (amount := price(one.get("price")))
        ]
        if steps:
            return min(steps)[1], None
        infos = self._named("skuInfoMap") or self._named("skuMapOriginal") or self._named("skuMap")
        variants = list(infos.values()) if isinstance(infos, dict) else rows(infos)
        amounts = sorted(
            amount for one in variants if (amount := price(at(one, "discountPrice")) or price(at(one, "price")))
        )
        if amounts:
            return amounts[0], amounts[-1] if amounts[-1] > amounts[0] else None
        read = self.money(str(self._named("priceDisplay") or self._named("skuPriceScale") or ""))
        if read and read.amount:
            return read.amount, read.upper
        low, high = price(self._named("offerMinPrice")), price(self._named("offerMaxPrice"))
        return low, high if low and high and high > low else None

    def _pictures(self) -> tuple[str, ...]:
        full = [one["fullPathImageURI"] for one in having(self.source, "fullPathImageURI")]
        named = items(self._named("mainImageList") or self._named("offerImgList"))
        return texts.addresses(
            [*full, *(one if isinstance(one, str) else at(one, "fullPathImageURI") for one in named)]
        )

    def _features(self) -> dict[str, str]:
        found = rows(self._named("featureAttributes")) or rows(self._named("offerAttributes"))
        return {str(one["name"]): str(one["value"]) for one in found if one.get("name") and one.get("value")}


class ResultState(MarketPage):
    """A result page by its state, and the answer the newer page loads."""

    kind = PageKind.SEARCH

    @cached_property
    def offers(self) -> list[dict[str, Any]]:
        """The offers of the older list (``offerList``) or the newer answer (``OFFER.items``)."""
        source = (
            self.document
            if self.document is not None
            else self.state("window.data.offerresultData", "offerList", "OFFER")
        )
        if isinstance(source, list):
            source = {"offerList": source}
        newer = [
            one["data"]
            for one in having(source, "data")
            if isinstance(one["data"], dict) and "offerPicUrl" in one["data"]
        ]
        return newer or list(having(source, "id", "information", "tradePrice"))

    def fits(self) -> bool:
        """Tell whether there are offers."""
        return bool(self.offers)

    def listings(self) -> Iterator[Listing]:
        """Yield the offers."""
        for one in self.offers:
            number = texts.identity(one.get("offerId") or one.get("id"))
            older = at(one, "tradePrice", "offerPrice")
            amount = (
                price(at(one, "priceInfo", "price"))
                or price(at(older, "priceInfo", "price"))
                or price(at(older, "valueString"))
            )
            company = one.get("company") if isinstance(one.get("company"), dict) else {}
            yield from self.listing(
                title=texts.unmarked(one.get("title")) or texts.unmarked(at(one, "information", "subject")),
                listing_id=number,
                url=item_url(number),
                price=amount,
                currency=CURRENCY if amount else None,
                seller_id=texts.identity(one.get("memberId") or at(one, "aliTalk", "loginId") or one.get("loginId")),
                seller_name=texts.first(
                    at(one, "shop", "text"),
                    at(company, "name"),
                    one.get("companyName"),
                    at(one, "shopAddition", "text"),
                ),
                ship_from=texts.first(" ".join(filter(None, (one.get("province"), one.get("city"))))),
                image_urls=texts.addresses(one.get("offerPicUrl") or at(one, "image", "imgUrl")),
                sold_count=shown_count(one.get("saleQuantity") or one.get("bookedCount")),
            )


class RenderedRows(MarketPage):
    """A result page as a browser rendered it; an advertisement's address may not name its offer."""

    kind = PageKind.SEARCH

    @cached_property
    def cards(self) -> dict[str, Selector]:
        """The cards by offer id; a card may stand inside another element that is marked as one."""
        found: dict[str, Selector] = {}
        for card in self.css(".search-offer-item, .space-offer-card-box, .sm-offer-item"):
            number = self._number(card)
            if number:
                found.setdefault(number, card)
        return found

    @staticmethod
    def _number(card: Selector) -> str | None:
        marked = next(filter(None, (_MARKED.search(attribute(card, name)) for name in _MARKS)), None)
        links = (attribute(link, "href") for link in (card, *card.css("a")))
        return marked.group(1) if marked else next(filter(None, map(id_of, links)), None)

    def fits(self) -> bool:
        """Tell whether there are cards."""
        return self.document is None and bool(self.cards)

    def listings(self) -> Iterator[Listing]:
        """Yield the cards."""
        for number, card in self.cards.items():
            named, price_shown = card.css(".sm-offer-titleLink"), card.css(".sm-offer-priceNum")
            company = card.css(".sm-offer-companyName, .mojar-element-company .company-name, .company-name a")
            amount = self.text_of(".price-item, .mojar-element-price .showPricec, .showPricec", card) or ""
            read = self.money(attribute(price_shown, "title") or amount.replace(" ", ""))
            title = card.css(".title-text, .mojar-element-title .title, .offer-title, .sm-offer-titleLink")
            photo = card.css("img.main-img, .mojar-element-image img, .sm-offer-photoLink img, .offer-img img, img")
            sources = (
                attribute(photo, name) for name in ("data-lazy-load-src", "data-lazyload-src", "data-src", "src")
            )
            yield from self.listing(
                title=texts.first(attribute(named, "title"), title.xpath("string()").get()),
                listing_id=number,
                url=item_url(number),
                price=read.amount or None if read else None,
                price_max=read.upper if read else None,
                currency=CURRENCY if read and read.amount else None,
                seller_name=texts.first(
                    attribute(company, "title"),
                    shown(company) if company else None,
                    self.text_of(".offer-shop-row .col-left .desc-text", card),
                ),
                image_urls=texts.addresses(next((one for one in sources if "//" in one), None)),
            )


class OfficialAnswer(MarketPage):
    """Answers of the cross-border API: a search (``data`` of rows with ``subject``) or one product's detail."""

    kind = PageKind.API

    def _items(self) -> list[dict[str, Any]]:
        return list(having(self.document, "offerId", "subject"))

    def fits(self) -> bool:
        """Tell whether the answer has offers."""
        return bool(self._items())

    def listings(self) -> Iterator[Listing]:
        """Yield the offers."""
        for item in self._items():
            number = texts.identity(item.get("offerId"))
            tiers = rows(at(item, "productSaleInfo", "priceRangeList"))
            amount = price(at(item, "priceInfo", "price")) or price(at(tiers, 0, "price"))
            yield from self.listing(
                title=texts.unmarked(item.get("subject")),
                listing_id=number,
                url=item_url(number),
                description=texts.clean(item.get("description")),
                price=amount,
                currency=CURRENCY if amount else None,
                seller_id=texts.identity(item.get("sellerOpenId")),
                seller_name=texts.clean(item.get("companyName")),
                image_urls=texts.addresses(
                    at(item, "productImage", "images") or item.get("imageUrl") or item.get("whiteImage")
                ),
                attributes={
                    str(one["attributeName"]): str(one["value"])
                    for one in rows(item.get("productAttribute"))
                    if one.get("attributeName") and one.get("value")
                },
                sold_count=texts.count(item.get("monthSold") or item.get("soldOut")),
            )


class VendorAnswer(MarketPage):
    """Data vendors' answers: rows or one item, with ``item_id`` and ``price_info`` or with ``num_iid``."""

    kind = PageKind.API

    def _items(self) -> list[dict[str, Any]]:
        return [
            item
            for item in having(self.document, "item_id", "title")
            if item.get("shop_info") or item.get("price_info")
        ] or list(having(self.document, "num_iid", "title"))

    def fits(self) -> bool:
        """Tell whether the answer has offers."""
        return bool(self._items())

    def listings(self) -> Iterator[Listing]:
        """Yield the offers."""
        for item in self._items():
            number = texts.identity(item.get("item_id") or item.get("num_iid"))
            info = item.get("price_info")
            tiers = rows(item.get("quantity_prices")) or rows(at(item, "tiered_price_info", "prices"))
            amount = (
                price(item.get("promotion_price"))
                or price(item.get("price"))
                or price(at(info, "price"))
                or price(at(info, "sale_price"))
                or price(at(tiers, 0, "price"))
            )
            highest = price(at(info, "price_max"))
            shop = item.get("shop_info") if isinstance(item.get("shop_info"), dict) else {}
            place = at(item, "delivery_info", "area_from") or at(item, "delivery_info", "location")
            pictures = item.get("main_imgs") or item.get("img") or item.get("pic_url")
            yield from self.listing(
                title=texts.unmarked(item.get("title_origin"))
                or texts.unmarked(item["title"]),  # "title" may be a machine's translation
                listing_id=number,
                url=texts.address(item.get("product_url") or item.get("detail_url")) or item_url(number),
                price=amount,
                price_max=highest if amount and highest and highest > amount else None,
                list_price=price(at(info, "origin_price")),
                currency=(currency_code(item.get("currency")) or CURRENCY) if amount else None,
                seller_id=texts.identity(
                    at(shop, "member_id")
                    or at(shop, "seller_member_id")
                    or at(shop, "login_id")
                    or at(shop, "seller_login_id")
                ),
                seller_name=texts.first(at(shop, "company_name"), at(shop, "shop_name"), item.get("nick")),
                seller_url=texts.address(at(shop, "shop_url")),
                ship_from=texts.clean(" ".join(map(str, place)) if isinstance(place, list) else place),
                image_urls=texts.addresses(pictures),
                attributes={
                    str(name): str(value) for one in rows(item.get("product_props")) for name, value in one.items()
                },
                sold_count=texts.count(at(item, "sale_info", "sale_quantity_int") or item.get("sale_count")),
            )


class MetaOnly(StructuredPage):
    """An offer page whose state could not be read: its id by the address, its title by OpenGraph."""

    kind = PageKind.PRODUCT

    def fits(self) -> bool:
        """Tell whether the page is about one offer."""
        return self.document is None and id_of(self.own_url) is not None and "og:title" in self.meta

    def listings(self) -> Iterator[Listing]:
        """Yield the offer; what is only in the state is absent."""
        title = re.sub(r"\s*-\s*阿里巴巴$", "", self.meta["og:title"])
        _, _, config = self.body_text.partition("iDetailConfig")  # to about 2020
        amount = price(self.meta.get("og:product:price"))
        yield from self.listing(
            title=title,
            listing_id=id_of(self.own_url),
            url=item_url(id_of(self.own_url)),
            price=amount,
            currency=CURRENCY if amount else None,
            seller_id=texts.identity(quoted(config[:3000], "memberid")),
            image_urls=texts.addresses(self.meta.get("og:image")),
        )


PAGES = (VendorAnswer, OfferState, OfficialAnswer, ResultState, RenderedRows, MetaOnly)
