"""Amazon: result pages and best sellers, product pages since 2015, answers of the Product Advertising API."""

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
from crawlers.families.embedded import at, document, having, rows
from crawlers.money import Money, currency_code, decimal, price

_ASIN = r"[A-Z0-9]{10}"
_ASIN_IN_URL = re.compile(rf"/(?:dp|gp/product|gp/aw/d|exec/obidos/ASIN)/({_ASIN})(?=[/?#%&]|$)")
_HOSTS = (  # what the page says of itself, then the first host it links to
    re.compile(r"""ue_s(?:n|erver_name)\s*=\s*["']([\w.-]*amazon\.[a-z.]{2,6})["']"""),
    re.compile(r"""["'/](www\.amazon\.[a-z.]{2,6})["'/]"""),
)
_LOCALE = re.compile(r"__mk_[a-z]{2}_([A-Z]{2})=")
_SOLD_BY = re.compile(
    r"(?:sold by|verkauf(?: und versand)? durch|verkauft von|vendu par|vendido por|venduto da|verkocht door|såld av"
    r"|säljs av|sprzedawca[:]?|sprzedaż przez|販売元[::]?|satıcı[:]?)\s*(?P<name>[^.|]+(?:\.[a-z][\w.]*)*)",
    re.IGNORECASE,
)
_SOLD_AND_SENT = re.compile(
    r"(?:ships from and sold by|dispatched from and sold by|verkauf und versand durch|expédié et vendu par"
    r"|vendido y enviado por|vendido e enviado por|venduto e spedito da|verkocht en verzonden door"
    r"|säljs och (?:levereras|skickas) av|wysyłka i sprzedaż przez|sprzedaż i wysyłka przez"
    r"|この商品は、)\s*(?P<name>.+?)\s*(?:\.(?:\s|$)|が(?:販売|発送)|$)",
    re.IGNORECASE,
)
_BRAND = re.compile(
    r"^(?:Brand|Marke|Marque|Marca|Merk|Märke|Varumärke|Marka|ブランド)\s*[::]\s*(?P<named>.+)$"
    r"|^(?:Visit the|Besuche den|Visiter la boutique|Visita lo Store di|Visita la (?:tienda|Store) de|Visite a loja"
    r"|Bezoek de|Besök|Odwiedź sklep)\s+(?P<shop>.+?)(?:[ -]Store|[ -]store|-butiken)?$"
    r"|^(?P<japanese>.+?)のストアを表示$"
)
# The name of the buy box's row "Sold by", language by language.
_SOLD_BY_ROW = (
    "Sold by", "Verkäufer", "Verkauf durch", "Verkauft von", "Vendu par", "Vendeur", "Vendido por", "Venduto da",
    "Venditore", "Verkocht door", "Verkoper", "Säljs av", "Säljare", "Sprzedawca", "販売元", "Satıcı",
)  # fmt: skip
# Where the price of the offer in the buy box stands, surest first. Prices of other formats, other sellers, bundles and
# advertisements stand elsewhere on the page and are never looked at.
_BUY_BOX = (
    "#corePriceDisplay_desktop_feature_div .priceToPay",
    "#corePriceDisplay_desktop_feature_div .a-price-range",
    "#corePriceDisplay_mobile_feature_div .priceToPay",
    "#corePriceDisplay_mobile_feature_div .a-price-range",
    ".apexPriceToPay",
    "#corePrice_desktop .a-price-range",
    "#corePrice_feature_div .a-price-range",
    "#corePrice_feature_div .a-price:not(.a-text-price):not([data-a-strike])",
    "#corePrice_desktop .a-price:not([data-a-strike])",
    "#corePriceDisplay_desktop_feature_div .a-price:not(.a-text-price):not([data-a-strike])",
    "#corePrice_mobile_feature_div .a-price:not(.a-text-price):not([data-a-strike])",
    "[id^=apex_] .priceToPay",
    "#tp_price_block_total_price_ww",
    "#price_inside_buybox",
    "#newBuyBoxPrice",
    "#priceblock_dealprice",
    "#priceblock_saleprice",
    "#priceblock_ourprice",
    "#priceblock_pospromoprice",
    "#kindle-price",
    ".kindle-price .a-color-price, .kindle-price .price-value",
    "#buyNewSection .offer-price, #buyNewSection .header-price, #mediaNoAccordion .header-price, span#price",
    "#usedBuySection .offer-price",
    "#buybox .offer-price",
    "#actualPriceValue, b.priceLarge",
)


def asin_of(url: str | None) -> str | None:
    """Return the ASIN in an address of a product."""
    found = _ASIN_IN_URL.search(url or "")
    return found.group(1) if found else None


def amount_text(element: Selector) -> str | None:
    """Return a price element's text once: Amazon writes each price for the eye and again for screen readers."""
    hidden = [text for text in map(shown, element.css(".a-offscreen")) if text]
    if hidden:
        return " - ".join(dict.fromkeys(hidden[:2])) if "range" in attribute(element, "class") else hidden[0]
    whole = shown(element.css(".a-price-whole, .sx-price-whole"))
    if whole:
        cents = shown(element.css(".a-price-fraction, .sx-price-fractional"))
        units = whole.replace(" ", "").rstrip(".,")
        sign = "," if "." in units else "."
        symbol = shown(element.css(".a-price-symbol, .sx-price-currency")) or ""
        return f"{symbol} {units}{sign}{cents}" if cents else f"{symbol} {units}"
    return shown(element)


def stars_in(text: str | None) -> Decimal | None:
    """Return a rating out of five; Japan and Turkey name the five first."""
    numbers = re.findall(r"\d+(?:[.,]\d+)?", text or "")
    if not numbers:
        return None
    said = numbers[-1] if re.match(r"5\s*(?:つ星|yıldız)", text or "") else numbers[0]
    return texts.rating(said.replace(",", "."))


class AmazonPage(MarketPage):
    """What every Amazon page shares."""

    def item_url(self, asin: str) -> str | None:
        """Return the short address of a product on the page's own site."""
        return f"{self.origin}/dp/{asin}" if self.origin else None

    def site_clues(self) -> Iterator[str | None]:
        """Yield what the page's scripts and links say of the host."""
        for pattern in _HOSTS:
            found = pattern.search(self.body_text)
            yield f"https://{found.group(1)}/" if found else None
        locale = _LOCALE.search(self.body_text)
        manifest = self.place.manifest
        for site in manifest.sites if manifest and locale else ():
            if locale and site.country == locale.group(1):
                yield f"https://{site.domain}/"

    def priced(self, offer: Money | None) -> dict[str, Any]:
        """Return the price fields of what was read."""
        if offer is None or not offer.amount:
            return {}
        return {"price": offer.amount, "price_max": offer.upper, "currency": offer.currency or self.local_currency}

    @staticmethod
    def dearer(before: Money | None, offer: Money | None) -> Decimal | None:
        """Return the price before, if it is one: prices per piece are written in the same way."""
        return before.amount if before and offer and before.amount > offer.amount else None


class ResultPage(AmazonPage):
    """A result page: rows with a ``data-asin``."""

    kind = PageKind.SEARCH

    @cached_property
    def rows(self) -> list[Selector]:
        """The rows of the result list."""
        marked = self.css('[data-component-type="s-search-result"][data-asin]')
        return [
            row
            for row in marked or self.css(".s-result-item[data-asin]")
            if re.fullmatch(_ASIN, attribute(row, "data-asin"))
        ]

    def fits(self) -> bool:
        """Tell whether the page has a result list."""
        return self.document is None and bool(self.rows or self.css(".s-main-slot, #noResultsTitle, .s-no-outline"))

    def says_empty(self) -> bool:
        """Tell whether the page says that nothing was found."""
        return not self.rows and bool(
            self.css('#noResultsTitle, [cel_widget_id*="NO_RESULTS"], [data-cel-widget*="no_results" i]')
        )

    def next_page(self) -> bool | None:
        """Tell by the arrow whether more pages follow."""
        arrow = self.css(".s-pagination-next, li.a-last, #pagnNextLink")
        if not arrow:
            return None
        return bool(arrow.css("a[href], ::attr(href)")) and not arrow.css(".s-pagination-disabled, .a-disabled")

    def listings(self) -> Iterator[Listing]:
        """Yield the rows, sponsored ones too; a row without a featured offer has no price."""
        for row in self.rows:
            yield from self._read(row, attribute(row, "data-asin"))

    def _read(self, row: Selector, asin: str) -> Iterator[Listing]:
        pictures = row.css("img.s-image, img.s-access-image")
        sources = [
            *pictures.css("::attr(src)").getall(),
            *re.findall(r"(https?://\S+)\s+[\d.]+x", attribute(pictures, "srcset")),
        ]
        named = row.css("a h2, h2 a") or row.css("h2")
        brand = [text for text in map(shown, row.css("h2, h5")) if text]
        unseen = "(.//text() | self::text())[not(ancestor::*[contains(@class, 'a-offscreen')])]"
        title = texts.clean("".join(named[:1].xpath(unseen).getall())) or shown(named[:1])
        offer = self._offer(row)
        before = self.money(self.text_of(".a-price[data-a-strike] .a-offscreen, .a-text-price .a-offscreen", row))
        yield from self.listing(
            title=title,
            listing_id=asin,
            url=self.item_url(asin),
            brand=brand[0]
            if len(brand) > 1 and row.css("[data-cy=title-recipe] h2 + a, h5") and brand[0] != title
            else None,
            **self.priced(offer),
            list_price=self.dearer(before, offer),
            rating=stars_in(self.text_of(".a-icon-alt", row)),
            image_urls=texts.addresses(sources),
        )

    def _offer(self, row: Selector) -> Money | None:
        own = [
            part
            for part in row.css(".a-price:not(.a-text-price):not([data-a-strike]), .s-price, .sx-price")
            if not part.xpath("ancestor::*[@data-cy='secondary-offer-recipe']")
        ]
        if not own:
            return None
        words = amount_text(own[0])
        if len(own) > 1 and row.css(".a-price-dash"):
            words = f"{words} - {amount_text(own[1])}"
        return self.money(words)


class BestSellers(AmazonPage):
    """A list of best sellers, today's and that before 2021."""

    kind = PageKind.SEARCH

    @cached_property
    def cells(self) -> list[Selector]:
        """The cells that lead to a product."""
        found = self.css("#gridItemRoot, .zg-item-immersion, [id^=gridItemRoot]")
        return [cell for cell in found if cell.css('a[href*="/dp/"]')]

    def fits(self) -> bool:
        """Tell whether the page has cells."""
        return self.document is None and bool(self.cells)

    def listings(self) -> Iterator[Listing]:
        """Yield the cells."""
        for cell in self.cells:
            asin = asin_of(cell.css('a[href*="/dp/"]::attr(href)').get())
            picture = cell.css("img")
            offer = self.money(self.text_of("[class*=p13n-sc-price]", cell))
            title = self.text_of("[class*=line-clamp], .p13n-sc-truncate, .p13n-sc-truncated", cell)
            yield from self.listing(
                title=title or attribute(picture, "alt"),
                listing_id=asin,
                url=self.item_url(asin) if asin else None,
                **self.priced(offer),
                rating=stars_in(self.text_of(".a-icon-alt", cell)),
                image_urls=texts.addresses(attribute(picture, "src")),
            )


class ProductPage(AmazonPage):
    """A product page; the listing is the offer in the buy box, or the product without price where there is none."""

    kind = PageKind.PRODUCT
    _TITLES = (
        "#productTitle",
        "#ebooksProductTitle",
        "#ebooksTitle",
        "h1#title",
        "#title_feature_div h1",
        "#btAsinTitle",
    )
    _PICTURES = (
        "#landingImage, #imgBlkFront, #ebooksImgBlkFront, #main-image, #imgTagWrapperId img"
        ", #img-canvas img, #prodImage"
    )

    def fits(self) -> bool:
        """Tell whether the page is about one product."""
        return self.document is None and bool(self.css(", ".join(self._TITLES))) and self._asin is not None

    @cached_property
    def _asin(self) -> str | None:
        for name in ("input#ASIN", "input[name=ASIN]", 'input[name="ASIN.0"]', 'input[name="idx.asin"]'):
            value = self.css(f"{name}::attr(value)").get("").strip()
            if re.fullmatch(_ASIN, value):
                return value
        return asin_of(self.own_url) or asin_of(texts.address(self.css("link[rel=canonical]::attr(href)").get()))

    def listings(self) -> Iterator[Listing]:
        """Yield the product."""
        asin = self._asin or ""
        canonical = texts.address(self.css("link[rel=canonical]::attr(href)").get(), self.own_url)
        before = self.money(self.text_of(".basisPrice .a-offscreen, #priceblock_listprice, #listPrice, .a-text-strike"))
        offer = self._offer()
        reviews = re.match(r"\(?([\d.,]+)", self.text_of("#acrCustomerReviewText") or "")
        yield from self.listing(
            title=self._title(),
            listing_id=asin,
            url=canonical if canonical and asin in canonical else self.item_url(asin),
            description=self.text_of("#feature-bullets ul, #bookDescription_feature_div, #productDescription"),
            brand=self._brand(),
            **self.priced(offer),
            list_price=self.dearer(before, offer),
            condition=self.text_of("#usedbuyBox .a-text-bold, #usedItemConditionInfoLink"),
            availability=self.text_of("#availability > span, #outOfStock .a-color-price, #availability .a-color-state"),
            **self._seller(),
            image_urls=self._pictures(),
            category_path=tuple(
                name for name in map(shown, self.css("#wayfinding-breadcrumbs_feature_div li a")) if name
            ),
            attributes=self._details(),
            rating=stars_in(self.text_of("#acrPopover .a-size-base, #acrPopover .a-icon-alt")),
            review_count=texts.count(re.sub(r"[.,]", "", reviews.group(1))) if reviews else None,
            reviews=texts.reviews(self._reviews()),
        )

    def _title(self) -> str | None:
        for element in (found for query in self._TITLES for found in self.css(query)):
            own = texts.clean(" ".join(element.xpath("./text()").getall()))
            if own or shown(element):
                return own or shown(element)
        return None

    def _reviews(self) -> Iterator[str | None]:
        """Yield the reviews of the page; what folds a long one is none of it."""
        for review in self.css('[data-hook="review-body"]'):
            yield shown(review.css('[data-hook="review-collapsed"]') or review)

    def _brand(self) -> str | None:
        words = self.text_of("#bylineInfo") if self.css("a#bylineInfo") else None
        found = _BRAND.match(words or "")
        return next((part for part in found.groups() if part), None) if found else None

    def _offer(self) -> Money | None:
        for query in _BUY_BOX:
            for element in self.css(query):
                offer = self.money(amount_text(element))
                if offer and offer.amount:
                    return self._with_code(offer)
        base = "items[0.base][customerVisiblePrice]"
        amount = price(self.css(f'input[name="{base}[amount]"]::attr(value)').get())
        code = currency_code(self.css(f'input[name="{base}[currencyCode]"]::attr(value)').get())
        return Money(amount, None, code) if amount else None

    def _with_code(self, offer: Money) -> Money:
        """Take the currency the page's own form names over a bare sign."""
        code = currency_code(self.css('input[name*="[customerVisiblePrice][currencyCode]"]::attr(value)').get())
        return Money(offer.amount, offer.upper, code or offer.currency)

    def _seller(self) -> dict[str, Any]:
        link = self.css(
            "#sellerProfileTriggerId, #merchant-info a[href*='seller='], #tabular-buybox a[href*='seller=']"
        )
        name = shown(link[:1])
        found = re.search(r"[?&]seller=([A-Z0-9]{9,20})", attribute(link, "href"))
        identity = found.group(1) if found else None
        if name is None:
            parts = (".tabular-buybox-text-message", ".a-truncate-full")
            rows_named = [f"[tabular-attribute-name='{row}'] {part}" for row in _SOLD_BY_ROW for part in parts]
            name = (
                self.text_of("#merchantInfoFeature_feature_div .offer-display-feature-text-message")
                or self.text_of(", ".join([*rows_named, ".print-sold-by td .a-color-base"]))
                or self._seller_in_words()
            )
        address = texts.address(attribute(link, "href"), self.origin) if found and self.origin else None
        return {"seller_name": name, "seller_id": identity, "seller_url": address}

    def _seller_in_words(self) -> str | None:
        for words in map(shown, self.css("#merchant-info, .print-sold-by")):
            for pattern in (_SOLD_AND_SENT, _SOLD_BY):
                found = pattern.search(words or "")
                if found:
                    return found.group("name").strip().removesuffix(".")
        return None

    def _pictures(self) -> tuple[str, ...]:
        found: list[Any] = []
        for picture in self.css(self._PICTURES)[:1]:
            found += [attribute(picture, "src"), attribute(picture, "data-old-hires")]
            sizes = document(attribute(picture, "data-a-dynamic-image"))
            found += list(sizes) if isinstance(sizes, dict) else []
        for state in (self.state("'colorImages'", "colorImages"), self.state("imageGalleryData")):
            for one in rows(at(state, "initial") if isinstance(state, dict) else state):
                found += [one.get("hiRes"), one.get("large"), one.get("mainUrl")]
        return texts.addresses([url for url in found if isinstance(url, str)])

    def _details(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for row in self.css("table.prodDetTable tr, #productOverview_feature_div tr"):
            cells = [text for text in map(shown, row.css("th, td")) if text]
            if len(cells) == 2:  # noqa: PLR2004 (name and value)
                table.setdefault(cells[0], cells[1])
        return table


class AdvertisingXml(AmazonPage):
    """An answer of the Product Advertising API 4 (XML)."""

    kind = PageKind.API

    def fits(self) -> bool:
        """Tell whether the answer is of that API."""
        return "webservices.amazon.com/AWSECommerceService" in self.body_text[:2000]

    @cached_property
    def _tree(self) -> Selector:
        return Selector(text=re.sub(r'\sxmlns="[^"]*"', "", self.body_text), type="xml")

    def says_empty(self) -> bool:
        """Tell whether the answer says that nothing matches."""
        return "ECommerceService.NoExactMatches" in self.body_text

    def site_clues(self) -> Iterator[str | None]:
        """Yield the address of the first item."""
        yield self._tree.xpath("//DetailPageURL/text()").get()

    def listings(self) -> Iterator[Listing]:
        """Yield the items; the short answers carry no offer and so no price."""
        for item in self._tree.xpath("//Items/Item"):
            asin = item.xpath("./ASIN/text()").get("")
            offer = item.xpath("(./Offers/Offer/OfferListing)[1]").xpath("(./SalePrice | ./Price)[last()]")
            yield from self.listing(
                title=item.xpath("./ItemAttributes/Title/text()").get(),
                listing_id=asin,
                url=self.item_url(asin),
                brand=texts.first(item.xpath("./ItemAttributes/Brand/text()").get()),
                price=price(offer.xpath("./Amount/text()").get(), 1 if offer.xpath("./CurrencyCode[.='JPY']") else 100),
                currency=currency_code(offer.xpath("./CurrencyCode/text()").get()),
                seller_name=texts.clean(item.xpath("(./Offers/Offer/Merchant/Name)[1]/text()").get()),
                seller_id=texts.identity(item.xpath("(./Offers/Offer/Merchant/MerchantId)[1]/text()").get()),
                image_urls=texts.addresses(
                    item.xpath("(./LargeImage | ./MediumImage | ./SmallImage)/URL/text()").getall()
                ),
            )


class AdvertisingJson(AmazonPage):
    """An answer of the Product Advertising API 5 or the Creators API (JSON)."""

    kind = PageKind.API

    def fits(self) -> bool:
        """Tell whether the document has items with an ASIN, or says that there are none."""
        return any(self._items()) or self.says_empty()

    def says_empty(self) -> bool:
        """Tell whether the answer says that nothing matches."""
        return any(one.get("code") == "NoResults" for one in rows(at(_lowered(self.document), "errors")))

    def _items(self) -> Iterator[dict[str, Any]]:
        lowered = _lowered(self.document)
        yield from having(lowered, "asin", "iteminfo")

    def site_clues(self) -> Iterator[str | None]:
        """Yield the address of the first item."""
        yield next((item.get("detailpageurl") for item in self._items()), None)

    def listings(self) -> Iterator[Listing]:
        """Yield the items."""
        for item in self._items():
            asin = str(item["asin"])
            offer = at(item, "offersv2", "listings", 0) or at(item, "offers", "listings", 0)
            money = at(offer, "price", "money") or at(offer, "price")
            images = [
                at(item, "images", "primary", "large", "url"),
                *(at(one, "large", "url") for one in rows(at(item, "images", "variants"))),
            ]
            yield from self.listing(
                title=at(item, "iteminfo", "title", "displayvalue"),
                listing_id=asin,
                url=self.item_url(asin),
                brand=texts.clean(at(item, "iteminfo", "bylineinfo", "brand", "displayvalue")),
                price=decimal(at(money, "amount")),
                currency=currency_code(at(money, "currency")),
                seller_name=texts.clean(at(offer, "merchantinfo", "name")),
                seller_id=texts.identity(at(offer, "merchantinfo", "id")),
                image_urls=texts.addresses([url for url in images if url]),
            )


def _lowered(value: Any) -> Any:
    """Bring the keys of parsed JSON to lower case: the older API writes ``ItemInfo``, the newer ``itemInfo``."""
    if isinstance(value, dict):
        return {str(key).lower(): _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


PAGES = (ProductPage, ResultPage, BestSellers, AdvertisingXml, AdvertisingJson)
