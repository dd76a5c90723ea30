"""What every storefront has: routes, paging, pictures, robots.txt, and listings taken down."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, ClassVar

from sandbox.catalogue import Catalogue
from sandbox.chance import digest
from sandbox.http import Request, Response, html
from sandbox.offers import Offer
from sandbox.photos import MEDIA_TYPES, render

Route = tuple[str, Callable[..., Response]]

ROBOTS = """User-agent: *
Disallow: /cart
Disallow: /account
Allow: /
"""


class Storefront:
    """One marketplace's pages.

    Subclasses give their routes: a pattern of the whole path and a method that takes the request and the pattern's
    groups. Addresses in pages are relative, so that a page tells nothing of the machine it was served from.

    Args:
        catalogue: what is on offer.
    """

    page_size: ClassVar[int] = 24

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.profile = catalogue.profile
        self.removed: set[str] = set()
        common: list[Route] = [
            (r"/robots\.txt", self.robots),
            (r"/img/([0-9a-f]{24}\.(?:jpg|png|webp))", self.picture),
            (r"/(?:cart|account)(?:/.*)?", self.private),
            (r"/favicon\.ico", self.no_icon),
        ]
        self._routes = [(re.compile(pattern), handle) for pattern, handle in (*self.routes(), *common)]

    def routes(self) -> Sequence[Route]:
        """Return the marketplace's own addresses."""
        raise NotImplementedError

    def not_found(self) -> Response:
        """Answer for an address nobody knows."""
        raise NotImplementedError

    def answer(self, request: Request) -> Response:
        """Answer one request; an unchanged page is not sent twice."""
        for pattern, handle in self._routes:
            found = pattern.fullmatch(request.path)
            if found:
                return _unless_known(request, handle(request, *found.groups()))
        return self.not_found()

    # -- pages all have ------------------------------------------------------------------------------------------------

    def robots(self, _request: Request) -> Response:
        """What crawlers may not visit."""
        return Response(body=ROBOTS.encode(), media_type="text/plain; charset=utf-8")

    def picture(self, _request: Request, name: str) -> Response:
        """Serve one picture."""
        photo = self.catalogue.photo(name)
        if photo is None:
            return self.not_found()
        form = self.profile.photo_format
        return Response(body=render(photo, form), media_type=MEDIA_TYPES[form])

    def private(self, _request: Request) -> Response:
        """A page robots.txt keeps crawlers away from."""
        return html("<!doctype html><title>Account</title><p>-")

    def no_icon(self, _request: Request) -> Response:
        """Browsers ask for an icon; there is none."""
        return Response(body=b"", status=204, media_type="image/x-icon")

    # -- help for subclasses -------------------------------------------------------------------------------------------

    def live(self, offers: Sequence[Offer]) -> list[Offer]:
        """Return the offers that were not taken down."""
        return [offer for offer in offers if offer.listing_id not in self.removed]

    def offer(self, listing_id: str) -> Offer | None:
        """Return an offer unless it is unknown or was taken down."""
        return None if listing_id in self.removed else self.catalogue.offers.get(listing_id)

    def sheet(self, offers: Sequence[Offer], page: int) -> tuple[list[Offer], int, bool]:
        """Return one page of the live offers, how many there are in all, and whether more pages follow."""
        live = self.live(offers)
        start = (page - 1) * self.page_size
        return live[start : start + self.page_size], len(live), start + self.page_size < len(live)

    def images(self, offer: Offer) -> list[str]:
        """Return the addresses of an offer's pictures."""
        return [f"/img/{name}" for name in self.catalogue.pictures(offer)]

    def beside(self, offer: Offer) -> list[Offer]:
        """Return a few other offers of the same shelf, as shops show them below."""
        shelf = self.live(self.catalogue.shelf(offer.kind.category))
        start = int(digest(offer.listing_id)[:4], 16) % len(shelf)
        return [other for other in (shelf[start:] + shelf[:start])[:4] if other != offer]


def _unless_known(request: Request, response: Response) -> Response:
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:20]}"'
    if response.status == 200 and request.headers.get("if-none-match") == tag:  # noqa: PLR2004 (OK)
        return Response(body=b"", status=304, media_type=response.media_type, headers=(("ETag", tag),))
    return Response(
        body=response.body,
        status=response.status,
        media_type=response.media_type,
        headers=(*response.headers, ("ETag", tag)),
    )


def script_json(value: Any) -> str:
    """Write JSON that cannot end the script element it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def text(value: object) -> str:
    """Write a value into HTML."""
    return escape(str(value), quote=True)
