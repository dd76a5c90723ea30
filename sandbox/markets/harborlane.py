"""Harborlane (United States, dollars): pages made on the server, with schema.org data in JSON-LD."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus

from sandbox.http import Request, Response, html
from sandbox.offers import Offer, Shop
from sandbox.storefront import Route, Storefront, script_json, text
from sandbox.words import category_name

STYLE = (
    "body{font:15px sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#222}header{border-bottom:2px solid"
    " #0a5c78;margin-bottom:1rem}.grid{display:grid;grid-template-columns:repeat(4,1fr);gap:1rem;list-style:none;"
    "padding:0}"
    "img{max-width:100%}.price{font-weight:bold;color:#0a5c78}"
)
GONE = "<h1>This listing is no longer available</h1><p>The seller has ended it or it was taken down."


class Harborlane(Storefront):
    """Server-rendered shop."""

    def routes(self) -> Sequence[Route]:
        """Return the shop's addresses."""
        return [
            ("/", self.home),
            ("/search", self.search),
            ("/c/([a-z]+)", self.category),
            (r"/itm/(\d+)", self.item),
            ("/shop/([a-z0-9-]+)", self.shop),
        ]

    def not_found(self) -> Response:
        """Say that the page is not known."""
        return self._page("Page not found", "<h1>Page not found</h1>", status=404)

    def home(self, _request: Request) -> Response:
        """List the shelves."""
        links = "".join(
            f'<li><a href="/c/{name}">{text(category_name(name, "en"))}</a></li>' for name in self.catalogue.categories
        )
        return self._page("Harborlane", f"<h1>Shop by category</h1><ul>{links}</ul>")

    def search(self, request: Request) -> Response:
        """Answer a search."""
        query = request.query.get("q", "")
        head = f"Results for {query}"
        return self._results(head, self.catalogue.search(query), request, f"/search?q={quote_plus(query)}&")

    def category(self, request: Request, name: str) -> Response:
        """Show a shelf."""
        if name not in self.catalogue.categories:
            return self.not_found()
        return self._results(category_name(name, "en"), self.catalogue.shelf(name), request, f"/c/{name}?")

    def shop(self, request: Request, shop_id: str) -> Response:
        """Show a seller and its offers."""
        shop = self.catalogue.shops.get(shop_id)
        if shop is None:
            return self.not_found()
        about = (
            f"<p>Selling since {shop.since}. Rated {shop.rating} of 5. Located in {text(shop.trader['address'])}.</p>"
        )
        return self._results(shop.name, self.catalogue.of_shop(shop_id), request, f"/shop/{shop_id}?", about)

    def item(self, _request: Request, listing_id: str) -> Response:
        """Show one offer."""
        offer = self.offer(listing_id)
        if offer is None:
            return self._page("Listing ended | Harborlane", GONE)
        trail = [category_name(offer.kind.category, "en"), offer.kind.noun("en").capitalize()]
        crumbs = {
            "@context": "https://schema.org",
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": place + 1, "name": name} for place, name in enumerate(trail)
            ],
        }
        product = {"@context": "https://schema.org", **self._product(offer), "description": offer.description}
        pictures = "".join(f'<img src="{address}" alt="" width="420">' for address in self.images(offer))
        was = f"<s>${offer.list_price}</s> " if offer.list_price else ""
        condition = "Pre-owned" if offer.used else "New"
        others = "".join(self._tile(other) for other in self.beside(offer))
        body = (
            f"<nav>{text(' > '.join(trail))}</nav><main><h1>{text(offer.title)}</h1>{pictures}"
            f'<p>{was}<span class="price">${offer.price}</span></p><p>Condition: {condition}</p>'
            f'<p>Sold by <a href="/shop/{offer.shop.id}">{text(offer.shop.name)}</a> ({offer.shop.rating} of 5), '
            f'<span class="since">selling since {offer.shop.since}</span></p>'
            f"<p>{text(offer.description)}</p><p>{offer.sold} sold</p><p>Item number: {offer.listing_id}</p></main>"
            f'<h2>You may also like</h2><ul class="grid">{others}</ul>'
        )
        return self._page(f"{offer.title} | Harborlane", body, [product, crumbs])

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _results(self, head: str, offers: Sequence[Offer], request: Request, address: str, about: str = "") -> Response:
        page = request.page()
        shown, total, more = self.sheet(offers, page)
        if not shown:
            return self._page(
                head, f'<h1>{text(head)}</h1>{about}<p class="no-results">0 results. Try other words.</p>'
            )
        listed = {
            "@context": "https://schema.org",
            "@type": "ItemList",
            "numberOfItems": total,
            "itemListElement": [
                {"@type": "ListItem", "position": place + 1, "item": self._product(offer)}
                for place, offer in enumerate(shown)
            ],
        }
        tiles = "".join(self._tile(offer) for offer in shown)
        following = f'<a rel="next" href="{text(address)}page={page + 1}">Next page</a>' if more else ""
        body = f'<h1>{text(head)}</h1>{about}<p>{total} results</p><ul class="grid">{tiles}</ul>{following}'
        return self._page(f"{head} | Harborlane", body, [listed])

    def _product(self, offer: Offer) -> dict[str, Any]:
        node: dict[str, Any] = {
            "@type": "Product",
            "sku": offer.listing_id,
            "name": offer.title,
            "url": f"/itm/{offer.listing_id}",
            "image": self.images(offer),
            "offers": {
                "@type": "Offer",
                "price": str(offer.price),
                "priceCurrency": self.profile.currency,
                "availability": "https://schema.org/InStock",
                "itemCondition": f"https://schema.org/{'Used' if offer.used else 'New'}Condition",
                "seller": _seller(offer.shop),
            },
            "aggregateRating": {"@type": "AggregateRating", "ratingValue": "4.4", "reviewCount": offer.reviews},
        }
        if offer.brand:
            node["brand"] = {"@type": "Brand", "name": offer.brand}
        return node

    def _tile(self, offer: Offer) -> str:
        return (
            f'<li><a href="/itm/{offer.listing_id}">'
            f'<img src="{self.images(offer)[0]}" alt="" loading="lazy" width="200">'
            f'<br>{text(offer.title)}</a><br><span class="price">${offer.price}</span></li>'
        )

    def _page(self, title: str, body: str, data: Sequence[Any] = (), status: int = 200) -> Response:
        scripts = "".join(f'<script type="application/ld+json">{script_json(item)}</script>' for item in data)
        return html(
            f'<!doctype html><html lang="en-US"><head><meta charset="utf-8"><title>{text(title)}</title>{scripts}'
            f'<style>{STYLE}</style></head><body><header><a href="/">Harborlane</a> <form action="/search">'
            f'<input name="q"> <button>Search</button></form></header>{body}</body></html>',
            status,
        )


def _seller(shop: Shop) -> dict[str, str]:
    return {"@type": "Organization", "name": shop.name, "url": f"/shop/{shop.id}"}
