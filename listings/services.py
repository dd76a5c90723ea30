"""Every write of the listings room: intake of what crawls, captures and feeds bring, idempotent by content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import attrs
from django.conf import settings
from django.db import transaction
from pydantic import ValidationError

from accounts.models import Organisation
from accounts.services import publish
from contracts.config import problems_of
from contracts.errors import BadInput
from contracts.job import CaptureRef, ImageRef, SpoolListing, SpoolPage
from contracts.listing import AccessRung, PageOutcome
from contracts.listing import Listing as ListingContract
from evidence.store import Store
from listings.models import Capture, Listing, ListingImage, Seller, Sighting
from listings.states import Presence

BATCH = 100
Item = TypeVar("Item")
MAX_IMAGES = 12


@attrs.define(kw_only=True)
class Intake:
    """What an intake did; ``problems`` are the records that did not fit, each named, the rest was taken."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    problems: list[str] = attrs.field(factory=list)


def take_in_spool(
    *,
    spool: Path,
    market: str,
    organisations: Mapping[str, Sequence[Organisation]],
    told: Callable[[Intake], None] | None = None,
) -> Intake:
    """Take a crawl's spool in; taking it in again changes nothing.

    Args:
        spool: folder with ``listings.jsonl`` and ``pages.jsonl``.
        market: whose spool it is.
        organisations: for each watch id, for whom it looked.
        told: called after each batch.
    """
    intake = Intake()
    for batch in _batches(_lines(spool / "listings.jsonl")):
        with _announced() as changed:
            for place, line in batch:
                try:
                    spooled = SpoolListing.model_validate_json(line)
                    listing = ListingContract.from_json(spooled.listing, where=place)
                    watchers = organisations.get(spooled.watch_id, ())
                    changed.extend(_take(intake, listing, spooled.capture, spooled.images, watchers))
                except ValidationError as error:
                    intake.problems += [str(problem) for problem in problems_of(place, error)]
                except BadInput as error:
                    intake.problems.append(str(error))
        if told is not None:
            told(intake)
    _mark_gone(intake, market, spool / "pages.jsonl")
    return intake


def take_in_listings(
    *,
    listings: Iterable[ListingContract | BadInput],
    organisation: Organisation,
    rung: AccessRung,
    source: str,
    seen: datetime,
    store: Store | None = None,
) -> Intake:
    """Take in listings from a feed or a capture; each record's own bytes become its evidence.

    Args:
        listings: the listings, or what was wrong with a record.
        organisation: for whom.
        rung: how they came.
        source: name of the file, kept as the vantage.
        seen: when records that carry no time were seen.
        store: where the bytes go; the installation's own by default.
    """
    store = store or Store(settings.EVIDENCE_DIR)
    intake = Intake()
    for batch in _batches(listings):
        with _announced() as changed:
            for listing in batch:
                if isinstance(listing, BadInput):
                    intake.problems.append(str(listing))
                    continue
                raw = json.dumps(listing.to_json(), ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
                capture = CaptureRef(
                    url=listing.url or "",
                    observed_at=listing.observed_at or seen,
                    rung=rung,
                    status=None,
                    body_sha256=store.put(raw),
                    warc="",
                    record_id="",
                    vantage=source,
                )
                images = [ImageRef(url=url) for url in listing.image_urls]
                changed.extend(_take(intake, listing, capture, images, [organisation]))
    return intake


@contextmanager
def _announced() -> Iterator[list[int]]:
    """Run a batch in one transaction and publish which listings it changed, all in one message."""
    with transaction.atomic():
        changed: list[int] = []
        yield changed
        if changed:
            publish("listings.changed", listings=sorted(set(changed)))


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each whole line with its place; a torn last line belongs to a crawl that was killed and is left for it."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n") and line.strip():
                yield f"{path.name}:{number}", line


def stored_id(data: Mapping[str, Any]) -> str:
    """Return the id a listing (as JSON) is kept by: the market's own, else one made of its address."""
    own = data.get("listing_id")
    if own:
        return str(own)
    base = data.get("url") or ListingContract.from_json(data, where="listing").fingerprint()
    return hashlib.sha256(base.encode()).hexdigest()[:32]


def _take(
    intake: Intake,
    contract: ListingContract,
    capture: CaptureRef,
    images: Sequence[ImageRef],
    organisations: Iterable[Organisation],
) -> list[int]:
    """Store one listing and return its key in a list, empty when nothing about it is new."""
    seen = capture.observed_at
    fingerprint = contract.fingerprint()
    listing_id = stored_id({"listing_id": contract.listing_id, "url": contract.url or fingerprint})
    values = {
        "site": contract.site or "",
        "url": contract.url or "",
        "title": contract.title,
        "price": contract.price,
        "currency": contract.currency or "",
        "fingerprint": fingerprint,
        "data": contract.to_json(),
    }
    listing, created = Listing.objects.get_or_create(
        market=contract.market,
        listing_id=listing_id,
        defaults={**values, "seller": _seller(contract, seen), "first_seen": seen, "last_seen": seen},
    )
    if created:
        intake.new += 1
    elif (listing.fingerprint == fingerprint and listing.presence == Presence.LIVE) or seen <= listing.last_seen:
        # An older look, or another record of the same moment (a feed has a row per variant), changes nothing.
        intake.unchanged += 1
        Listing.objects.filter(pk=listing.pk, last_seen__lt=seen).update(last_seen=seen)
    else:
        intake.changed += 1
        Listing.objects.filter(pk=listing.pk).update(
            **values, seller=_seller(contract, seen), last_seen=seen, presence=Presence.LIVE
        )
    changed = created or (listing.fingerprint != fingerprint and listing.last_seen < seen)
    _keep_capture(listing, contract, capture, fingerprint)
    _keep_images(listing, images)
    for organisation in organisations:
        sighting, fresh = Sighting.objects.get_or_create(
            listing=listing, organisation=organisation, defaults={"first_seen": seen, "last_seen": seen}
        )
        if not fresh and sighting.last_seen < seen:
            Sighting.objects.filter(pk=sighting.pk).update(last_seen=seen)
        changed = changed or fresh
    return [listing.pk] if changed else []


def _seller(contract: ListingContract, seen: datetime) -> Seller | None:
    key = contract.seller_id or contract.seller_name
    if not key:
        return None
    shown = {
        "seller_id": contract.seller_id,
        "name": contract.seller_name,
        "url": contract.seller_url,
        "country": contract.seller_country,
        "trader": dict(contract.trader),
    }
    known = {name: value for name, value in shown.items() if value}
    seller, created = Seller.objects.get_or_create(
        market=contract.market, key=key[:200], defaults={**known, "first_seen": seen, "last_seen": seen}
    )
    if not created:
        Seller.objects.filter(pk=seller.pk, last_seen__lt=seen).update(**known, last_seen=seen)
    return seller


def _keep_capture(listing: Listing, contract: ListingContract, capture: CaptureRef, fingerprint: str) -> None:
    Capture.objects.get_or_create(
        listing=listing,
        body_sha256=capture.body_sha256,
        fingerprint=fingerprint,
        defaults={
            "observed_at": capture.observed_at,
            "rung": capture.rung,
            "url": capture.url,
            "status": capture.status,
            "warc": capture.warc,
            "record_id": capture.record_id,
            "screenshot_sha256": capture.screenshot_sha256 or "",
            "vantage": capture.vantage[:100],
            "parser": (contract.parser or "")[:100],
            "data": contract.to_json(),
        },
    )


def _keep_images(listing: Listing, images: Sequence[ImageRef]) -> None:
    for position, image in enumerate(images[:MAX_IMAGES]):
        row = {
            "sha256": image.sha256 or "",
            "media_type": image.media_type or "",
            "width": image.width,
            "height": image.height,
            "problem": (image.problem or "")[:200],
        }
        kept, created = ListingImage.objects.get_or_create(
            listing=listing, url=image.url, defaults={"position": position, **row}
        )
        if not created and image.sha256 and kept.sha256 != image.sha256:
            ListingImage.objects.filter(pk=kept.pk).update(position=position, **row)


def _mark_gone(intake: Intake, market: str, path: Path) -> None:
    """Mark as gone what its own page said is gone; a blocked or failed page says nothing."""
    for place, line in _lines(path):
        try:
            page = SpoolPage.model_validate_json(line)
        except ValidationError as error:
            intake.problems += [str(problem) for problem in problems_of(place, error)]
            continue
        if page.outcome is not PageOutcome.REMOVED or not page.listing_id:
            continue
        with transaction.atomic():
            gone = Listing.objects.filter(
                market=market, listing_id=page.listing_id, presence=Presence.LIVE, last_seen__lte=page.observed_at
            )
            for listing in gone:
                if gone.filter(pk=listing.pk).update(presence=Presence.GONE, last_seen=page.observed_at):
                    intake.gone += 1
                    publish("listings.gone", listing=listing.pk)
