"""Pasarria (Indonesia, rupiah): an empty frame; a script asks for the data and builds the page in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.http import Request, Response, as_json, html
from sandbox.offers import Offer
from sandbox.storefront import Route, Storefront
from sandbox.words import category_name

SCRIPT = Path(__file__).with_name("pasarria.js")
FRAME = (
    '<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Pasarria</title>'
    "<style>body{font:15px 'Noto Sans','Noto Sans Thai',sans-serif;max-width:60rem;margin:auto;padding:1rem}"
    ".kartu{display:inline-block;width:13rem;vertical-align:top;margin:.4rem}img{max-width:100%}"
    ".harga{color:#c2410c;font-weight:bold}</style></head>"
    '<body><div id="app"></div><script src="/app.js"></script></body></html>'
)


def rupiah(amount: Decimal) -> str:
    """Write an amount as Indonesians do: Rp129.500."""
    return "Rp" + f"{int(amount):,}".replace(",", ".")


class Pasarria(Storefront):
    """Shop that is empty without JavaScript."""

    def routes(self) -> Sequence[Route]:
        """Return the shop's addresses: every page is the same frame, its data lies below /data."""
        frame = r"/|/cari|/c/[a-z]+|/p/\d+|/shop/[a-z0-9-]+"
        return [
            (f"(?:{frame})", self.frame),
            (r"/app\.js", self.script),
            ("/data/", self.home),
            ("/data/cari", self.search),
            ("/data/c/([a-z]+)", self.category),
            (r"/data/p/(\d+)", self.item),
            ("/data/shop/([a-z0-9-]+)", self.shop),
        ]

    def not_found(self) -> Response:
        """Say that the page is not known."""
        return html('<!doctype html><html lang="id"><title>404</title><p>Halaman tidak ditemukan', 404)

    def frame(self, _request: Request) -> Response:
        """Send the empty frame."""
        return html(FRAME)

    def script(self, _request: Request) -> Response:
        """Send what fills it."""
        return Response(body=SCRIPT.read_bytes(), media_type="text/javascript; charset=utf-8")

    def home(self, _request: Request) -> Response:
        """Send the shelves."""
        shelves = [{"id": name, "nama": category_name(name, "id")} for name in self.catalogue.categories]
        return as_json({"judul": "Pasarria", "kategori": shelves})

    def search(self, request: Request) -> Response:
        """Answer a search."""
        query = request.query.get("q", "")
        return self._list(f"Hasil untuk {query}", self.catalogue.search(query), request)

    def category(self, request: Request, name: str) -> Response:
        """Send a shelf."""
        if name not in self.catalogue.categories:
            return as_json({"hilang": True})
        return self._list(category_name(name, "id"), self.catalogue.shelf(name), request)

    def shop(self, request: Request, shop_id: str) -> Response:
        """Send a seller and its offers."""
        shop = self.catalogue.shops.get(shop_id)
        if shop is None:
            return as_json({"hilang": True})
        return self._list(shop.name, self.catalogue.of_shop(shop_id), request)

    def item(self, _request: Request, listing_id: str) -> Response:
        """Send one offer."""
        offer = self.offer(listing_id)
        if offer is None:
            return as_json({"hilang": True})
        product = {
            **self._row(offer),
            "foto": self.images(offer),
            "coret": rupiah(offer.list_price) if offer.list_price else None,
            "kondisi": "Bekas" if offer.used else "Baru",
            "merek": offer.brand,
            "uraian": offer.description,
            "jejak": [category_name(offer.kind.category, "id"), offer.kind.noun("id")],
            "asal": "Thailand" if offer.shop.country == "TH" else "Indonesia",
            "terjual": offer.sold,
        }
        return as_json({"judul": offer.title, "produk": product, "serupa": [self._row(o) for o in self.beside(offer)]})

    def _list(self, head: str, offers: Sequence[Offer], request: Request) -> Response:
        page = request.page("hal")
        shown, total, more = self.sheet(offers, page)
        rows = [self._row(offer) for offer in shown]
        return as_json({"judul": head, "jumlah": total, "hal": page, "lanjut": more, "hasil": rows})

    def _row(self, offer: Offer) -> dict[str, Any]:
        return {
            "id": offer.listing_id,
            "nama": offer.title,
            "harga": rupiah(offer.price),
            "foto": self.images(offer)[:1],
            "toko": {"id": offer.shop.id, "nama": offer.shop.name},
        }
