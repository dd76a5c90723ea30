"""Every write of the listings room: intake of what crawls, captures and feeds bring, idempotent by content."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from pydantic import ValidationError

from accounts.models import Organisation
from accounts.pool import hold_members
from accounts.services import publish, publish_once
from contracts.config import problems_of
from contracts.errors import BadInput
from contracts.job import CaptureRef, ImageRef, SpoolListing, SpoolPage, SpoolSeen
from contracts.listing import AccessRung, PageOutcome
from contracts.listing import Listing as ListingContract
from evidence.store import Store
from listings.intake import Intake, Look, Record, believed, sight, take, take_seen
from listings.models import Listing, Sighting
from listings.states import Presence, Source

BATCH = 250
SEEN_BATCH = 1000
Item = TypeVar("Item")


def take_in_spool(
    *,
    spool: Path,
    market: str,
    organisations: Mapping[str, Sequence[Organisation]],
    told: Callable[[Intake], None] | None = None,
) -> Intake:
    """Take a crawl's spool in; taking it in again changes nothing.

    Args:
        spool: folder with ``listings.jsonl``, ``seen.jsonl`` and ``pages.jsonl``.
        market: whose spool it is.
        organisations: for each watch id, for whom it looked.
        told: called after each batch.
    """
    intake = Intake()
    for batch in _batches(_lines(spool / "listings.jsonl")):
        records = [record for place, line in batch for record in _record(place, line, organisations, intake)]
        with _announced() as changed:
            changed.extend(take(records, intake))
        if told is not None:
            told(intake)
    for batch in _batches(_lines(spool / "seen.jsonl"), SEEN_BATCH):
        seen = [line for place, text in batch for line in _seen(place, text, intake)]
        if seen:
            with _announced() as changed:
                changed.extend(take_seen(seen, market, organisations, intake))
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
        records = []
        for listing in batch:
            if isinstance(listing, BadInput):
                intake.problems.append(str(listing))
            else:
                raw = json.dumps(listing.to_json(), ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
                capture = CaptureRef(
                    url=listing.url or "",
                    observed_at=believed(listing.observed_at or seen, timezone.now()),
                    rung=rung,
                    status=None,
                    body_sha256=store.put(raw),
                    warc="",
                    record_id="",
                    vantage=source,
                )
                images = [ImageRef(url=url) for url in listing.image_urls]
                records.append(Record(contract=listing, capture=capture, images=images, organisations=[organisation]))
        with _announced() as changed:
            changed.extend(take(records, intake))
    return intake


@contextmanager
def _announced() -> Iterator[list[int]]:
    """Run a batch in one transaction and publish which listings it changed, all in one message."""
    with transaction.atomic():
        changed: list[int] = []
        yield changed
        if changed:
            publish("listings.changed", listings=sorted(set(changed)))


def announce_all() -> int:
    """Have everything stored matched and indexed anew, as if it had changed; return how many listings there are.

    What waits already is not told twice.
    """
    keys = list(Listing.objects.order_by("pk").values_list("pk", flat=True))
    for batch in _batches(keys, BATCH):
        with transaction.atomic():
            publish_once("listings.changed", listings=batch)
    return len(keys)


def _batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _record(
    place: str, line: bytes, organisations: Mapping[str, Sequence[Organisation]], intake: Intake
) -> Iterator[Record]:
    """Yield what a line of ``listings.jsonl`` tells, or note what is wrong with it."""
    try:
        spooled = SpoolListing.model_validate_json(line)
        yield Record(
            contract=ListingContract.from_json(spooled.listing, where=place),
            capture=spooled.capture,
            images=spooled.images,
            organisations=organisations.get(spooled.watch_id, ()),
            card_fingerprint=spooled.card_fingerprint or "",
            etag=spooled.etag or "",
            last_modified=spooled.last_modified or "",
        )
    except ValidationError as error:
        intake.problems += [str(problem) for problem in problems_of(place, error)]
    except BadInput as error:
        intake.problems.append(str(error))


def _seen(place: str, line: bytes, intake: Intake) -> Iterator[SpoolSeen]:
    try:
        yield SpoolSeen.model_validate_json(line)
    except ValidationError as error:
        intake.problems += [str(problem) for problem in problems_of(place, error)]


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each whole line with its place; a torn last line belongs to a crawl that was killed and is left for it."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n") and line.strip():
                yield f"{path.name}:{number}", line


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


def share_in_pool(*, after: int = 0) -> None:
    """Share a page of what the pool's watches found before with everybody in it; the outbox has the next one shared.

    Doing it again, from anywhere, changes nothing.

    Args:
        after: key of the last listing of the page before.
    """
    with _announced() as changed:
        pool = hold_members()
        found = Sighting.objects.filter(organisation__in=pool, source=Source.WATCH)
        behind = found.filter(listing__gt=after).order_by("listing").values_list("listing", flat=True)
        page = list(behind.distinct()[:BATCH])
        looks = found.filter(listing__in=page).values_list("listing", "organisation", "last_seen")
        changed.extend(sight([Look(*look, Source.WATCH) for look in looks], pool))
        if len(page) == BATCH:
            publish_once("listings.sharing", after=page[-1])


@transaction.atomic
def withdraw_from_pool(*, but: Exists, first: int = 0) -> list[int]:
    """Take back a page of what was shared and no watch of the pool stands behind any more.

    That is what somebody who left had from the pool, and what only their watches had found for the others. Doing it
    again changes nothing; who hears that a page was withdrawn has the next one withdrawn.

    Args:
        but: which sightings stay all the same.
        first: key of the listing to begin with, so that what stays is not looked at again for each page.

    Returns:
        The keys of the listings that fewer may see than before.
    """
    pool = hold_members()
    found = Sighting.objects.filter(listing=OuterRef("listing"), organisation__in=pool, source=Source.WATCH)
    backed = Exists(found) & Q(organisation__in=pool)
    pooled = Sighting.objects.filter(~backed, ~but, source=Source.POOL, listing__gte=first)
    page = list(pooled.order_by("listing", "pk")[:BATCH])
    Sighting.objects.filter(pk__in=[row.pk for row in page], source=Source.POOL).delete()
    listings = sorted({row.listing_id for row in page})
    if listings:
        publish("listings.withdrawn", listings=listings)
    return listings
