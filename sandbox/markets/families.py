"""Page families of real marketplaces with our invented goods, so that their own page objects are crawled for real.

The shapes are those of the fixtures in ``tests/crawlers/fixtures``; no word of a real page is in them. A job comes here
by `contracts.job.Job.origins`, which puts this address in the place of a marketplace's site. Pictures have whole
addresses, as these marketplaces write them, on the host that was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

from sandbox.chance import digest
from sandbox.http import Request, Response, as_json, html
from sandbox.offers import Offer, Shop
from sandbox.storefront import Route, Storefront, script_json, text

FILLER = (
    "Have a look around: there is more on offer than anybody could need, and all of it was made up by a machine. " * 3
)


def number_of(shop: Shop) -> int:
    """Return the number these marketplaces give a shop."""
    return int(digest(shop.id)[:8], 16)


class Family(Storefront):
    """What the families share."""

    def not_found(self) -> Response:
        """Say that the page is not known."""
        return self.page("Page not found", "", status=404)

    def whole(self, request: Request, offer: Offer) -> list[str]:
        """Return the whole addresses of an offer's pictures."""
        return [f"http://{request.headers['host']}{path}" for path in self.images(offer)]

    def page(self, title: str, script: str, body: str = "", status: int = 200) -> Response:
        """Write a page with its state in a script."""
        return html(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{text(title)}</title></head>'
            f"<body>{script}<h1>{text(title)}</h1>{body}<p>{FILLER}</body></html>",
            status,
        )


class PageData(Family):
    """Lazada and Daraz: ``window.pageData`` on result pages, ``__moduleData__`` on product pages."""

    def routes(self) -> Sequence[Route]:
        """Return the shop's addresses."""
        return [("/catalog/", self.search), (r"/products/.*-i(\d+)(?:-s\d+)?\.html", self.item)]

    def search(self, request: Request) -> Response:
        """Answer a search."""
        shown, _, _ = self.sheet(self.catalogue.search(request.query.get("q", "")), request.page())
        state = {
            "mods": {"listItems": [self._row(request, offer) for offer in shown]},
            "mainInfo": {"pageSize": self.page_size},
        }
        return self.page("Search", f"<script>window.pageData={script_json(state)};</script>")

    def item(self, _request: Request, listing_id: str) -> Response:
        """Show one product."""
        offer = self.offer(listing_id)
        if offer is None:
            return self.page("Oops", "", "<p>Sorry! This product is no longer available")
        pictures = self.whole(_request, offer)
        fields = {
            "product": {
                "title": offer.title,
                "link": f"/products/-i{offer.listing_id}.html",
                "highlights": offer.description,
                "brand": {"name": offer.brand or "No Brand"},
            },
            "seller": {
                "name": offer.shop.name,
                "sellerId": str(number_of(offer.shop)),
                "url": f"/shop/{offer.shop.id}",
            },
            "skuInfos": {
                "0": {
                    "itemId": offer.listing_id,
                    "price": {"salePrice": {"text": f"${offer.price}", "value": float(offer.price)}},
                    "image": pictures[0],
                }
            },
            "skuGalleries": {"0": [{"src": picture, "type": "img"} for picture in pictures]},
            "specifications": {"0": {"features": {"Condition": "Used" if offer.used else "New"}}},
        }
        state = script_json({"data": {"root": {"fields": fields}}})
        return self.page(offer.title, f"<script>var __moduleData__ = {state};</script>")

    def _row(self, request: Request, offer: Offer) -> dict[str, Any]:
        return {
            "name": offer.title,
            "nid": offer.listing_id,
            "itemId": offer.listing_id,
            "image": self.whole(request, offer)[0],
            "priceShow": f"${offer.price}",
            "price": str(offer.price),
            "originalPrice": str(offer.list_price) if offer.list_price else "",
            "itemUrl": f"/products/pdp-i{offer.listing_id}-s1.html",
            "sellerName": offer.shop.name,
            "sellerId": str(number_of(offer.shop)),
            "brandName": offer.brand or "",
            "review": str(offer.reviews),
            "inStock": True,
        }


class InitData(Family):
    """AliExpress: ``_init_data_`` on result pages, ``window.runParams`` on item pages."""

    def routes(self) -> Sequence[Route]:
        """Return the shop's addresses."""
        return [(r"/w/wholesale-(.+)\.html", self.search), (r"/item/(\d+)\.html", self.item)]

    def search(self, request: Request, query: str) -> Response:
        """Answer a search."""
        page = request.page()
        shown, total, _ = self.sheet(self.catalogue.search(unquote_plus(query)), page)
        fields = {
            "mods": {"itemList": {"content": [self._row(request, offer) for offer in shown]}},
            "pageInfo": {"page": page, "pageSize": self.page_size, "totalResults": total},
        }
        state = script_json({"data": {"root": {"fields": fields}}})
        return self.page("Results", f"<script>window._dida_config_ = {{}};window._init_data_= {state}</script>")

    def item(self, request: Request, listing_id: str) -> Response:
        """Show one item."""
        offer = self.offer(listing_id)
        if offer is None:
            return self.page("Page Not Found - Aliexpress.com", "", "<p>Sorry, this item is no longer available!")
        amount = {"currency": self.profile.currency, "formatedAmount": f"US ${offer.price}", "value": str(offer.price)}
        state = {
            "productInfoComponent": {"idStr": offer.listing_id, "subject": offer.title},
            "sellerComponent": {
                "storeName": offer.shop.name,
                "storeNum": number_of(offer.shop),
                "storeURL": f"//{request.headers['host']}/store/{number_of(offer.shop)}",
            },
            "currencyComponent": {"currencyCode": self.profile.currency},
            "priceComponent": {"discountPrice": {"minActivityAmount": amount}},
            "imageComponent": {"imagePathList": self.whole(request, offer)},
            "inventoryComponent": {"totalAvailQuantity": 9},
            "tradeComponent": {"formatTradeCount": str(offer.sold)},
        }
        script = f"<script>window.runParams = {{\n    data: {script_json(state)}\n}};</script>"
        return self.page(offer.title, script)

    def _row(self, request: Request, offer: Offer) -> dict[str, Any]:
        return {
            "productId": offer.listing_id,
            "title": {"displayTitle": offer.title, "seoTitle": offer.title},
            "image": {"imgUrl": self.whole(request, offer)[0]},
            "prices": {"salePrice": {"minPrice": float(offer.price), "currencyCode": self.profile.currency}},
            "store": {"storeId": number_of(offer.shop), "storeName": offer.shop.name},
            "trade": {"tradeDesc": f"{offer.sold} sold"},
        }


class ApiV4(Family):
    """Shopee: the answers its pages ask for (v4, prices times 100,000); product pages as made for search engines."""

    def routes(self) -> Sequence[Route]:
        """Return the shop's and the interface's addresses."""
        return [
            ("/api/v4/search/search_items", self.search),
            ("/api/v4/item/get", self.item),
            (r"/product/(\d+)/(\d+)", self.product),
        ]

    def search(self, request: Request) -> Response:
        """Answer a search; pages are counted from 0."""
        page = request.page() + (1 if request.query.get("page", "0") != "0" else 0)
        shown, total, more = self.sheet(self.catalogue.search(request.query.get("keyword", "")), page)
        items = [
            {"itemid": int(offer.listing_id), "shopid": number_of(offer.shop), "item_basic": self._item(request, offer)}
            for offer in shown
        ]
        return as_json({"items": items, "nomore": not more, "total_count": total, "error": None})

    def item(self, request: Request) -> Response:
        """Answer with one item."""
        offer = self.offer(request.query.get("itemid", ""))
        if offer is None:
            return as_json({"error": 4, "error_msg": "error_item_not_found", "data": None})
        item = {**self._item(request, offer), "description": offer.description, "item_status": "normal"}
        return as_json({"error": None, "data": {"item": item, "shop_detailed": {"name": offer.shop.name}}})

    def product(self, request: Request, _shop: str, listing_id: str) -> Response:
        """Show one item with its structured data."""
        offer = self.offer(listing_id)
        if offer is None:
            return self.page("Shopee", "", "<p>The product doesn't exist")
        data = {
            "@type": "Product",
            "name": offer.title,
            "url": f"http://{request.headers['host']}{request.path}",
            "productID": listing_id,
            "description": offer.description,
            "image": self.whole(request, offer),
            "offers": {
                "@type": "Offer",
                "price": str(offer.price),
                "priceCurrency": self.profile.currency,
                "seller": {"@type": "Organization", "name": offer.shop.name},
            },
        }
        return self.page(offer.title, f'<script type="application/ld+json">{script_json(data)}</script>')

    def _item(self, request: Request, offer: Offer) -> dict[str, Any]:
        pictures = self.whole(request, offer)
        return {
            "itemid": int(offer.listing_id),
            "shopid": number_of(offer.shop),
            "name": offer.title,
            "image": pictures[0],
            "images": pictures,
            "currency": self.profile.currency,
            "price": int(offer.price * 100_000),
            "brand": offer.brand,
            "historical_sold": offer.sold,
            "shop_name": offer.shop.name,
            "stock": 9,
        }


class NextData(Family):
    """Leboncoin: ``__NEXT_DATA__`` on every page."""

    def routes(self) -> Sequence[Route]:
        """Return the shop's addresses."""
        return [("/recherche", self.search), (r"/ad/(?:[a-z]+/)?(\d+)", self.item)]

    def search(self, request: Request) -> Response:
        """Answer a search."""
        page = request.page()
        shown, total, _ = self.sheet(self.catalogue.search(request.query.get("text", "")), page)
        ads = [self._ad(request, offer) for offer in shown]
        found = {"total": total, "ads": ads, "max_pages": -(-total // self.page_size)}
        return self._next("Annonces", {"searchData": found}, {"page": str(page)})

    def item(self, request: Request, listing_id: str) -> Response:
        """Show one ad."""
        offer = self.offer(listing_id)
        if offer is None:
            gone = {"list_id": int(listing_id), "status": "deleted", "subject": "-"}
            return self._next("Annonce", {"ad": gone}, {})
        others = [self._ad(request, other) for other in self.beside(offer)]
        return self._next(offer.title, {"ad": self._ad(request, offer), "recommended": others}, {})

    def _next(self, title: str, props: dict[str, Any], query: dict[str, str]) -> Response:
        state = script_json({"props": {"pageProps": props}, "query": query})
        return self.page(title, f'<script id="__NEXT_DATA__" type="application/json">{state}</script>')

    def _ad(self, request: Request, offer: Offer) -> dict[str, Any]:
        return {
            "list_id": int(offer.listing_id),
            "status": "active",
            "category_name": offer.kind.category.capitalize(),
            "subject": offer.title,
            "body": offer.description,
            "url": f"/ad/{offer.kind.category}/{offer.listing_id}",
            "price": [int(offer.price)],
            "price_cents": int(offer.price * 100),
            "images": {"urls": self.whole(request, offer)},
            "attributes": [{"key": "condition", "key_label": "État", "value": "5", "value_label": "Neuf"}],
            "owner": {"store_id": str(number_of(offer.shop)), "type": "pro", "name": offer.shop.name},
        }
