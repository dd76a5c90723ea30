"""Marktkorb (Germany, euros): pages whose content is a state object in a script, shown by the server as well."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

from sandbox.http import Request, Response, html
from sandbox.offers import Offer, Shop
from sandbox.storefront import Route, Storefront, script_json, text
from sandbox.words import category_name

STYLE = (
    "body{font:15px Verdana,sans-serif;max-width:62rem;margin:auto;padding:1rem}header{background:#7a1f2b;color:#fff;"
    "padding:.6rem}article{display:inline-block;width:13rem;vertical-align:top;margin:.4rem}img{max-width:100%}"
)
GONE = "<h1>Dieses Angebot ist nicht mehr verfügbar</h1><p>Der Artikel wurde beendet oder entfernt.</p>"


def euros(amount: Decimal) -> str:
    """Write an amount as Germans do: 1.234,95 €."""
    return f"{amount:,.2f} €".translate(str.maketrans(",.", ".,"))


class Marktkorb(Storefront):
    """Shop with embedded state."""

    def routes(self) -> Sequence[Route]:
        """Return the shop's addresses."""
        return [
            ("/", self.home),
            ("/suche", self.search),
            ("/c/([a-z]+)", self.category),
            (r"/artikel/(\d+)", self.item),
            ("/shop/([a-z0-9-]+)", self.shop),
        ]

    def not_found(self) -> Response:
        """Say that the page is not known."""
        return self._page("Seite nicht gefunden", {"ansicht": "fehler"}, "<h1>Seite nicht gefunden</h1>", 404)

    def home(self, _request: Request) -> Response:
        """List the shelves."""
        links = "".join(
            f'<li><a href="/c/{name}">{text(category_name(name, "de"))}</a></li>' for name in self.catalogue.categories
        )
        return self._page("Marktkorb", {"ansicht": "start"}, f"<h1>Kategorien</h1><ul>{links}</ul>")

    def search(self, request: Request) -> Response:
        """Answer a search."""
        query = request.query.get("q", "")
        return self._results(query, self.catalogue.search(query), request, f"/suche?q={quote_plus(query)}&")

    def category(self, request: Request, name: str) -> Response:
        """Show a shelf."""
        if name not in self.catalogue.categories:
            return self.not_found()
        return self._results(category_name(name, "de"), self.catalogue.shelf(name), request, f"/c/{name}?")

    def shop(self, request: Request, shop_id: str) -> Response:
        """Show a seller, its imprint and its offers."""
        shop = self.catalogue.shops.get(shop_id)
        if shop is None:
            return self.not_found()
        return self._results(
            shop.name, self.catalogue.of_shop(shop_id), request, f"/shop/{shop_id}?", {"anbieter": _trader(shop)}
        )

    def item(self, _request: Request, listing_id: str) -> Response:
        """Show one offer with its trader, as the Digital Services Act (Art. 30) has it."""
        offer = self.offer(listing_id)
        if offer is None:
            return self._page("Angebot beendet", {"ansicht": "beendet"}, GONE)
        shop = offer.shop
        article = {
            **self._row(offer),
            "beschreibung": offer.description,
            "kategorien": [category_name(offer.kind.category, "de"), offer.kind.noun("de")],
            "anbieter": _trader(shop),
        }
        before = f"<s>{euros(offer.list_price)}</s> " if offer.list_price else ""
        pictures = "".join(f'<img src="{address}" alt="" width="400">' for address in self.images(offer))
        imprint = "<br>".join(text(value) for value in shop.trader.values())
        body = (
            f"<h1>{text(offer.title)}</h1>{pictures}<p>{before}<b>{euros(offer.price)}</b> inkl. MwSt.</p>"
            f"<p>Zustand: {'Gebraucht' if offer.used else 'Neu'} · Artikelnummer {offer.listing_id}</p>"
            f'<p>{text(offer.description)}</p><h2>Anbieter</h2><p><a href="/shop/{shop.id}">{text(shop.name)}</a><br>'
            f"{imprint}</p><h2>Ähnliche Artikel</h2>{''.join(map(self._tile, self.beside(offer)))}"
        )
        state = {"ansicht": "artikel", "artikel": article, "aehnlich": [self._row(o) for o in self.beside(offer)]}
        return self._page(offer.title, state, body)

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _results(
        self, head: str, offers: Sequence[Offer], request: Request, address: str, more_state: Any = None
    ) -> Response:
        page = request.page("seite")
        shown, total, more = self.sheet(offers, page)
        state = {
            "ansicht": "liste",
            "suchwort": head,
            "treffer": {"anzahl": total, "seite": page, "weitere": more, "artikel": [self._row(o) for o in shown]},
            **(more_state or {}),
        }
        following = f'<a href="{text(address)}seite={page + 1}">Weiter</a>' if more else ""
        body = f"<h1>{text(head)}</h1><p>{total} Treffer</p>{''.join(map(self._tile, shown))}<p>{following}</p>"
        return self._page(head, state, body)

    def _row(self, offer: Offer) -> dict[str, Any]:
        return {
            "artikelnummer": offer.listing_id,
            "titel": offer.title,
            "adresse": f"/artikel/{offer.listing_id}",
            "preis": {"cent": int(offer.price * 100), "waehrung": self.profile.currency},
            "statt": int(offer.list_price * 100) if offer.list_price else None,
            "zustand": "gebraucht" if offer.used else "neu",
            "marke": offer.brand,
            "bilder": self.images(offer),
            "haendler": {"id": offer.shop.id, "name": offer.shop.name},
            "bewertungen": offer.reviews,
            "verkauft": offer.sold,
        }

    def _tile(self, offer: Offer) -> str:
        return (
            f'<article><a href="/artikel/{offer.listing_id}"><img src="{self.images(offer)[0]}" alt="" loading="lazy">'
            f"<br>{text(offer.title)}</a><br><b>{euros(offer.price)}</b></article>"
        )

    def _page(self, title: str, state: Any, body: str, status: int = 200) -> Response:
        return html(
            f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{text(title)} | Marktkorb</title>'
            f"<style>{STYLE}</style></head><body><header>Marktkorb</header>{body}"
            f"<script>window.__STATE__={script_json(state)};</script></body></html>",
            status,
        )


def _trader(shop: Shop) -> dict[str, str]:
    trader = shop.trader
    return {
        "id": shop.id,
        "name": shop.name,
        "firma": trader["name"],
        "anschrift": trader["address"],
        "email": trader["email"],
        "telefon": trader["phone"],
        "register": trader["register"],
    }
