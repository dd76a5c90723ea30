"""What was kept of a listing, from every room's rows, with every hash checked on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from django.db.models import QuerySet

from contracts.errors import JikimiError
from evidence.package import Page, Picture, check_page
from evidence.store import Store
from evidence.verify import check_content
from listings.models import Capture, Listing

Event = dict[str, Any]


class NoSuchListing(JikimiError):
    """No listing has this name."""

    def __str__(self) -> str:
        return f"no listing {self.args[0]!r}: name it by its number, or as MARKET:LISTING_ID"


@attrs.frozen(kw_only=True)
class Kept:
    """Everything kept of one listing.

    ``events`` are in the order of time, each ready for JSON: ``at``, ``what`` (capture, screenshot, picture), and
    ``problem``, an empty text where the bytes are as they were written. A picture that was never had is no problem: it
    has ``lacking`` instead of a ``sha256``.
    """

    listing: Listing
    events: tuple[Event, ...]
    pages: tuple[Page, ...]
    pictures: tuple[Picture, ...]

    @property
    def sound(self) -> bool:
        """Tell whether all is as it was written."""
        return not any(event["problem"] for event in self.events)

    def to_json(self) -> dict[str, Any]:
        """Return what `jikimi evidence show --json` prints."""
        listing = self.listing
        return {
            "number": listing.pk,
            "market": listing.market,
            "listing_id": listing.listing_id,
            "url": listing.url,
            "title": listing.title,
            "presence": listing.presence,
            "first_seen": listing.first_seen.isoformat(),
            "last_seen": listing.last_seen.isoformat(),
            "as_written": self.sound,
            "events": list(self.events),
        }


def find_listing(name: str) -> Listing:
    """Find a listing by its number or as ``MARKET:LISTING_ID``. Raises `NoSuchListing`."""
    market, colon, listing_id = name.strip().partition(":")
    found: Listing | None = None
    if colon:
        found = Listing.objects.filter(market=market.lower(), listing_id=listing_id).first()
    elif market.isascii() and market.isdigit() and len(market) < 19:  # noqa: PLR2004 (what a database's key can be)
        found = Listing.objects.filter(pk=int(market)).first()
    if found is None:
        raise NoSuchListing(name)
    return found


def kept(listing: Listing, root: Path) -> Kept:
    """Collect what was kept of a listing and hash all of it again.

    Args:
        listing: the listing.
        root: the evidence folder.
    """
    store = Store(root)
    captures = list(listing.captures.order_by("observed_at", "id"))
    looks: list[tuple[Page, Event]] = [*map(_captured, captures), *_for_notices(listing)]
    events: list[Event] = []
    for page, event in looks:
        events.append({**event, "problem": check_page(root, page)})
        if page.screenshot_sha256:
            events.append(_screenshot(page) | {"problem": check_content(store, page.screenshot_sha256)})
    pictures = tuple(_pictures(listing, captures))
    for picture, event in pictures:
        events.append({**event, "problem": check_content(store, picture.sha256) if picture else ""})
    events.sort(key=lambda event: event["at"])  # stable: a capture stands before its pictures
    return Kept(
        listing=listing,
        events=tuple({**event, "at": event["at"].isoformat()} for event in events),
        pages=tuple(page for page, _ in looks),
        pictures=tuple(picture for picture, _ in pictures if picture),
    )


def _captured(capture: Capture) -> tuple[Page, Event]:
    page = Page(
        url=capture.url,
        title=str(capture.data.get("title", "")),
        observed_at=capture.observed_at,
        sha256=capture.body_sha256,
        warc=capture.warc,
        record_id=capture.record_id,
        screenshot_sha256=capture.screenshot_sha256,
    )
    told = {"rung": capture.rung, "status": capture.status, "vantage": capture.vantage, "parser": capture.parser}
    return page, _looked(page) | told


def _for_notices(listing: Listing) -> Iterator[tuple[Page, Event]]:
    """Yield the looks a browser took at the listing for a notice; one that came to nothing has no bytes."""
    looks: QuerySet[Any] = listing.evidence.order_by("at", "id")  # type: ignore[attr-defined]
    for look in looks:
        page = Page(
            url=look.final_url or look.url,
            title=look.title,
            observed_at=look.at,
            sha256=look.body_sha256,
            screenshot_sha256=look.screenshot_sha256,
        )
        told = {"status": look.status, "vantage": look.vantage, "outcome": look.outcome}
        yield page, _looked(page) | told | ({} if page.sha256 else {"lacking": look.reason or look.outcome})


def _looked(page: Page) -> Event:
    place = {"warc": page.warc, "record_id": page.record_id} if page.warc else {}
    return {"at": page.observed_at, "what": "capture", "url": page.url, "sha256": page.sha256, **place}


def _screenshot(page: Page) -> Event:
    return {"at": page.observed_at, "what": "screenshot", "url": page.url, "sha256": page.screenshot_sha256}


def _pictures(listing: Listing, captures: Sequence[Capture]) -> Iterator[tuple[Picture | None, Event]]:
    for image in listing.images.order_by("position", "id"):
        at = _first_shown(image.url, captures) or listing.first_seen
        event: Event = {"at": at, "what": "picture", "url": image.url}
        if not image.sha256:
            yield None, event | {"lacking": image.problem or "not fetched"}
            continue
        event |= {"sha256": image.sha256, "media_type": image.media_type, "width": image.width, "height": image.height}
        kind = image.media_type or "application/octet-stream"
        yield Picture(url=image.url, media_type=kind, observed_at=at, sha256=image.sha256), event


def _first_shown(url: str, captures: Sequence[Capture]) -> datetime | None:
    """Return when a listing was first seen to show a picture; the first look at all where no look names it."""
    showing = (capture.observed_at for capture in captures if url in capture.data.get("image_urls", ()))
    return next(showing, captures[0].observed_at if captures else None)
