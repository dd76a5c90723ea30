"""Longshi (China, yuan): a JSON interface with prices in fen for programs, plain pages for people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sandbox.http import Request, Response, as_json, html
from sandbox.offers import Offer
from sandbox.storefront import Route, Storefront, text
from sandbox.words import category_name

STYLE = (
    "body{font:15px 'Noto Sans CJK SC',sans-serif;max-width:60rem;margin:auto;padding:1rem}h1{font-size:1.2rem}"
    "img{max-width:420px}.jia{color:#d4380d;font-size:1.5rem}"
)


def _fen(amount: Decimal) -> int:
    return int(amount * 100)


class Longshi(Storefront):
    """Shop with an interface for programs."""

    def routes(self) -> Sequence[Route]:
        """Return the shop's addresses: those below /api for programs, the others for people."""
        return [
            ("/", self.home),
            ("/api/search", self.api_search),
            ("/api/category/([a-z]+)", self.api_category),
            (r"/api/item/(\d+)", self.api_item),
            ("/api/shop/([a-z0-9-]+)", self.api_shop),
            ("/search", self.search),
            ("/c/([a-z]+)", self.category),
            (r"/item/(\d+)\.html", self.item),
            ("/shop/([a-z0-9-]+)", self.shop),
        ]

    def not_found(self) -> Response:
        """Say that the page is not known."""
        return self._page("页面不存在", "<h1>页面不存在</h1>", 404)

    # -- for programs --------------------------------------------------------------------------------------------------

    def api_search(self, request: Request) -> Response:
        """Answer a search."""
        return self._list(self.catalogue.search(request.query.get("q", "")), request)

    def api_category(self, request: Request, name: str) -> Response:
        """Answer with a shelf."""
        return self._list(self.catalogue.shelf(name), request)

    def api_shop(self, request: Request, shop_id: str) -> Response:
        """Answer with a seller and its offers."""
        shop = self.catalogue.shops.get(shop_id)
        if shop is None:
            return as_json({"code": 404, "msg": "店铺不存在", "data": None})
        more = {"shop": {"shopId": shop.id, "shopName": shop.name, "since": shop.since, "company": shop.trader["name"]}}
        return self._list(self.catalogue.of_shop(shop_id), request, more)

    def api_item(self, _request: Request, listing_id: str) -> Response:
        """Answer with one offer."""
        offer = self.offer(listing_id)
        if offer is None:
            return as_json({"code": 410, "msg": "宝贝已下架", "data": None})
        item = {
            **self._row(offer),
            "desc": offer.description,
            "pics": self.images(offer),
            "cats": [category_name(offer.kind.category, "zh"), offer.kind.noun("zh")],
            "props": [{"k": "发货地", "v": "浙江"}, {"k": "成色", "v": "二手" if offer.used else "全新"}],
            "comments": offer.reviews,
        }
        shop = offer.shop
        item["shop"] |= {"company": shop.trader["name"], "licence": shop.trader["register"], "since": shop.since}
        return as_json({"code": 200, "msg": "ok", "data": {"item": item}})

    def _list(self, offers: Sequence[Offer], request: Request, more_data: Any = None) -> Response:
        page = request.page()
        shown, total, more = self.sheet(offers, page)
        items = [self._row(offer) for offer in shown]
        data = {"total": total, "page": page, "hasMore": more, "items": items, **(more_data or {})}
        return as_json({"code": 200, "msg": "ok", "data": data})

    def _row(self, offer: Offer) -> dict[str, Any]:
        return {
            "itemId": offer.listing_id,
            "title": offer.title,
            "priceFen": _fen(offer.price),
            "originFen": _fen(offer.list_price) if offer.list_price else None,
            "currency": self.profile.currency,
            "brand": offer.brand,
            "pics": self.images(offer)[:1],
            "url": f"/item/{offer.listing_id}.html",
            "sold": offer.sold,
            "shop": {"shopId": offer.shop.id, "shopName": offer.shop.name},
        }

    # -- for people ----------------------------------------------------------------------------------------------------

    def home(self, _request: Request) -> Response:
        """List the shelves."""
        links = "".join(
            f'<li><a href="/c/{name}">{text(category_name(name, "zh"))}</a></li>' for name in self.catalogue.categories
        )
        return self._page("龙市", f"<h1>分类</h1><ul>{links}</ul>")

    def search(self, request: Request) -> Response:
        """Show what was found."""
        query = request.query.get("q", "")
        return self._tiles(query, self.catalogue.search(query), request)

    def category(self, request: Request, name: str) -> Response:
        """Show a shelf."""
        if name not in self.catalogue.categories:
            return self.not_found()
        return self._tiles(category_name(name, "zh"), self.catalogue.shelf(name), request)

    def shop(self, request: Request, shop_id: str) -> Response:
        """Show a seller."""
        shop = self.catalogue.shops.get(shop_id)
        return self._tiles(shop.name, self.catalogue.of_shop(shop_id), request) if shop else self.not_found()

    def item(self, _request: Request, listing_id: str) -> Response:
        """Show one offer."""
        offer = self.offer(listing_id)
        if offer is None:
            return self._page("宝贝已下架", "<h1>宝贝已下架</h1><p>您查看的宝贝不存在或已被删除。</p>")
        pictures = "".join(f'<img src="{address}" alt="">' for address in self.images(offer))
        body = (
            f'<h1>{text(offer.title)}</h1>{pictures}<p class="jia">¥{offer.price}</p><p>已售 {offer.sold} 件</p>'
            f'<p>店铺：<a href="/shop/{offer.shop.id}">{text(offer.shop.name)}</a></p><p>{text(offer.description)}</p>'
            f"<p>宝贝编号：{offer.listing_id}</p>"
        )
        return self._page(offer.title, body)

    def _tiles(self, head: str, offers: Sequence[Offer], request: Request) -> Response:
        shown, total, _ = self.sheet(offers, request.page())
        tiles = "".join(
            f'<li><a href="/item/{offer.listing_id}.html">{text(offer.title)}</a> ¥{offer.price}</li>'
            for offer in shown
        )
        return self._page(head, f"<h1>{text(head)}</h1><p>共 {total} 件</p><ul>{tiles}</ul>")

    def _page(self, title: str, body: str, status: int = 200) -> Response:
        return html(
            f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{text(title)} - 龙市</title>'
            f"<style>{STYLE}</style></head><body>{body}</body></html>",
            status,
        )
