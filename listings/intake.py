"""Taking records in by the batch: a fixed number of queries for each table, however many records there are.

Within a batch records count in their order, as if each came alone. The rules are those of `listings.services`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from accounts.models import Organisation
from accounts.pool import hold_members
from contracts.job import CaptureRef, ImageRef, SpoolSeen
from contracts.listing import AccessRung
from contracts.listing import Listing as ListingContract
from contracts.since import dated
from listings.models import Capture, Listing, ListingImage, Seller, Sighting
from listings.states import SOURCE, Presence, Source

MAX_IMAGES = 12
AHEAD = timedelta(minutes=5)  # by which another clock may run ahead of ours
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # before that there was no online shop
LARGEST_PRICE = Decimal(10) ** 15  # what the column holds; a larger one stands in the listing's data alone
GIVEN = frozenset({AccessRung.CAPTURE, AccessRung.FEED})  # rungs no watch goes: people's captures, licensed feeds
Key = tuple[str, str]  # market and listing id


@attrs.define(kw_only=True)
class Intake:
    """What an intake did; ``problems`` are the records that did not fit, each named, the rest was taken."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    problems: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Record:
    """One look at a listing, ready to be taken in. The last three are what the next crawl compares."""

    contract: ListingContract
    capture: CaptureRef
    images: Sequence[ImageRef] = ()
    organisations: Sequence[Organisation] = ()
    card_fingerprint: str = ""
    etag: str = ""
    last_modified: str = ""
    fingerprint: str = attrs.field(init=False)
    data: dict[str, Any] = attrs.field(init=False)
    key: Key = attrs.field(init=False)

    @fingerprint.default
    def _fingerprint(self) -> str:
        return self.contract.fingerprint()

    @data.default
    def _data(self) -> dict[str, Any]:
        return self.contract.to_json()

    @key.default
    def _key(self) -> Key:
        return self.contract.market, stored_id(self.data)

    @property
    def seen(self) -> datetime:
        """When it was seen."""
        return self.capture.observed_at

    @property
    def source(self) -> Source:
        """How it came to whom it was taken in for."""
        return Source.BROUGHT if self.capture.rung in GIVEN else Source.WATCH

    @property
    def validators(self) -> dict[str, str]:
        """What the next crawl compares; a header too long for its column is none."""
        values = {
            "card_fingerprint": self.card_fingerprint, "etag": self.etag, "last_modified": self.last_modified,
        }  # fmt: skip
        return {name: value if len(value) <= _length(Listing, name) else "" for name, value in values.items()}


def stored_id(data: Mapping[str, Any]) -> str:
    """Return the id a listing (as JSON) is kept by: the market's own, else one made of its address or content."""
    shown = data.get("listing_id") or ""
    if shown and len(shown) <= _length(Listing, "listing_id"):
        return str(shown)
    base = shown or data.get("url") or ListingContract.from_json(data).fingerprint()
    return hashlib.sha256(base.encode()).hexdigest()[:32]


def believed(moment: datetime, now: datetime) -> datetime:
    """Return when something was seen, as far as a stranger's clock is believed: never ahead of ours."""
    return moment if EARLIEST <= moment <= now + AHEAD else now


def take(records: Sequence[Record], intake: Intake) -> list[int]:
    """Store a batch inside the caller's transaction; return the keys of listings about which something is new."""
    pool = hold_members()
    sellers = _sellers(records)
    listings, changed = _listings(records, sellers, intake)
    pks = {key: listing.pk for key, listing in listings.items()}
    _captures(records, pks)
    _images(records, pks)
    looks = [
        Look(pks[record.key], organisation.pk, record.seen, record.source)
        for record in records
        for organisation in record.organisations
    ]
    return sorted({pks[key] for key in changed} | sight(looks, pool))


def take_seen(
    seen: Sequence[SpoolSeen], market: str, organisations: Mapping[str, Sequence[Organisation]], intake: Intake
) -> list[int]:
    """Note a batch of listings that were seen and need no new look; return those somebody sees for the first time.

    They count as seen at the earliest moment of the batch: never later than they were.
    """
    pool = hold_members()
    at = min(line.observed_at for line in seen)
    rows = Listing.objects.filter(
        market=market, presence=Presence.LIVE, listing_id__in={line.listing_id for line in seen}
    )
    known = {listing.listing_id: listing for listing in rows.only("listing_id", *_VALIDATORS)}
    Listing.objects.filter(pk__in=[listing.pk for listing in known.values()], last_seen__lt=at).update(last_seen=at)
    renewed = []
    for line in seen:
        listing = known.get(line.listing_id)
        if listing is None:
            continue
        intake.unchanged += line.unchanged
        if line.card_fingerprint:
            listing.card_fingerprint = line.card_fingerprint
            listing.etag = (line.etag or "")[: _length(Listing, "etag")]
            listing.last_modified = (line.last_modified or "")[: _length(Listing, "last_modified")]
            renewed.append(listing)
    if renewed:
        Listing.objects.bulk_update(renewed, _VALIDATORS)
    looks = [
        Look(known[line.listing_id].pk, organisation.pk, at, Source.WATCH)
        for line in seen
        if line.listing_id in known
        for organisation in organisations.get(line.watch_id, ())
    ]
    return sorted(sight(looks, pool))


_VALIDATORS = ("card_fingerprint", "etag", "last_modified")
_SELLER_SHOWN = ("seller_id", "name", "url", "country", "trader", "since")
_SHOWN = ("site", "url", "title", "price", "currency", "fingerprint", "data")


def _length(model: type[Listing | Seller], name: str) -> int:
    return int(model._meta.get_field(name).max_length or 0)


def _by_market(keys: Iterable[Key]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for market, key in keys:
        found.setdefault(market, set()).add(key)
    return found


def _sellers(records: Sequence[Record]) -> dict[Key, Seller]:
    wanted = {key: record for record in records if (key := _seller_key(record.contract))}
    found = _stored_sellers(wanted)
    fresh, newer = {}, {}
    again: dict[int, datetime] = {}
    for record in records:
        key = _seller_key(record.contract)
        if key is None:
            continue
        seller = found.get(key) or fresh.get(key)
        if seller is None:
            shown = _seller_shown(record)
            fresh[key] = Seller(market=key[0], key=key[1], first_seen=record.seen, last_seen=record.seen, **shown)
        elif seller.last_seen < record.seen:
            shown = _seller_shown(record)
            if key in found and any(getattr(seller, name) != value for name, value in shown.items()):
                newer[key] = seller
            _set(seller, last_seen=record.seen, **shown)
            if key in found:
                again[seller.pk] = record.seen
    if fresh:
        Seller.objects.bulk_create(fresh.values(), ignore_conflicts=True)
        found |= _stored_sellers(fresh)
    if again:
        # Most only sell on: all of them were seen at the earliest of these moments, at least.
        seen = min(again.values())
        Seller.objects.filter(pk__in=again, last_seen__lt=seen).update(last_seen=seen)
    if newer:
        Seller.objects.bulk_update(newer.values(), [*_SELLER_SHOWN, "last_seen"])
    return found


def _stored_sellers(keys: Iterable[Key]) -> dict[Key, Seller]:
    return {
        (market, seller.key): seller
        for market, names in _by_market(keys).items()
        for seller in Seller.objects.filter(market=market, key__in=names)
    }


def _seller_key(contract: ListingContract) -> Key | None:
    key = contract.seller_id or contract.seller_name
    return (contract.market, key[: _length(Seller, "key")]) if key else None


def _seller_shown(record: Record) -> dict[str, Any]:
    contract = record.contract
    shown = {
        "seller_id": (contract.seller_id or "")[: _length(Seller, "seller_id")],
        "name": (contract.seller_name or "")[: _length(Seller, "name")],
        "url": contract.seller_url,
        "country": (contract.seller_country or "")[: _length(Seller, "country")],
        "trader": dict(contract.trader),
        "since": dated(contract.seller_since or "", record.seen.date()),
    }
    return {name: value for name, value in shown.items() if value}


def _listings(
    records: Sequence[Record], sellers: Mapping[Key, Seller], intake: Intake
) -> tuple[dict[Key, Listing], set[Key]]:
    """Return the listings by key, and the keys of those that are new or whose content is."""
    found = _stored_listings([record.key for record in records])
    fresh: dict[Key, Listing] = {}
    altered: dict[Key, Listing] = {}
    touched: dict[Key, Listing] = {}
    changed: set[Key] = set()
    for record in records:
        seller_key = _seller_key(record.contract)
        seller = sellers[seller_key] if seller_key else None
        listing = found.get(record.key) or fresh.get(record.key)
        if listing is None:
            market, listing_id = record.key
            fresh[record.key] = Listing(
                market=market, listing_id=listing_id, seller=seller, first_seen=record.seen, last_seen=record.seen,
                **_shown(record), **record.validators,
            )  # fmt: skip
            changed.add(record.key)
            intake.new += 1
            continue
        same = listing.fingerprint == record.fingerprint and listing.presence == Presence.LIVE
        if same or record.seen <= listing.last_seen:
            # An older look, or another record of the same moment (a feed has a row per variant), changes nothing.
            intake.unchanged += 1
            if listing.last_seen < record.seen:
                _set(listing, last_seen=record.seen, **(record.validators if record.card_fingerprint else {}))
                touched[record.key] = listing
            continue
        intake.changed += 1
        if listing.fingerprint != record.fingerprint:
            changed.add(record.key)
        _set(
            listing, **_shown(record), **record.validators,
            seller=seller or listing.seller, last_seen=record.seen, presence=Presence.LIVE,
        )  # fmt: skip
        altered[record.key] = listing
    if fresh:
        Listing.objects.bulk_create(fresh.values(), ignore_conflicts=True)
        found |= _stored_listings(fresh)
    if touched:
        Listing.objects.bulk_update(
            [one for key, one in touched.items() if key in found and key not in altered], ["last_seen", *_VALIDATORS]
        )
    if altered:
        Listing.objects.bulk_update(altered.values(), [*_SHOWN, *_VALIDATORS, "seller", "last_seen", "presence"])
    return found, changed


def _stored_listings(keys: Iterable[Key]) -> dict[Key, Listing]:
    return {
        (market, listing.listing_id): listing
        for market, names in _by_market(keys).items()
        for listing in Listing.objects.select_for_update().filter(market=market, listing_id__in=names)
    }


def _set(row: Listing | Seller, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _shown(record: Record) -> dict[str, Any]:
    contract = record.contract
    fits = contract.price is not None and contract.price < LARGEST_PRICE
    return {
        "site": (contract.site or "")[:2],
        "url": contract.url or "",
        "title": contract.title,
        "price": contract.price if fits else None,
        "currency": (contract.currency or "")[:3],
        "fingerprint": record.fingerprint,
        "data": record.data,
    }


def _captures(records: Sequence[Record], pks: Mapping[Key, int]) -> None:
    wanted: dict[tuple[int, str, str], Record] = {}
    for record in records:
        wanted.setdefault((pks[record.key], record.capture.body_sha256, record.fingerprint), record)
    kept = Capture.objects.filter(
        listing_id__in={pk for pk, _, _ in wanted}, body_sha256__in={body for _, body, _ in wanted}
    )
    there = set(kept.values_list("listing_id", "body_sha256", "fingerprint"))
    Capture.objects.bulk_create(
        [
            Capture(
                listing_id=key[0],
                body_sha256=key[1],
                fingerprint=key[2],
                observed_at=record.seen,
                rung=record.capture.rung,
                url=record.capture.url,
                status=record.capture.status,
                warc=record.capture.warc,
                record_id=record.capture.record_id,
                screenshot_sha256=record.capture.screenshot_sha256 or "",
                vantage=record.capture.vantage[:100],
                parser=(record.contract.parser or "")[:100],
                data=record.data,
            )
            for key, record in wanted.items()
            if key not in there
        ],
        ignore_conflicts=True,
    )


def _is_less(image: ListingImage, kept: ListingImage) -> bool:
    return (image.width or 0) * (image.height or 0) < (kept.width or 0) * (kept.height or 0)


def _images(records: Sequence[Record], pks: Mapping[Key, int]) -> None:
    wanted: dict[tuple[int, str], ListingImage] = {}
    seen: set[tuple[int, str]] = set()  # as a browser showed them, perhaps smaller than they are
    for record in records:
        for position, image in enumerate(record.images[:MAX_IMAGES]):
            key = (pks[record.key], image.url)
            if record.capture.rung is AccessRung.CAPTURE:
                seen.add(key)
            if key in wanted and not image.sha256:
                continue
            wanted[key] = ListingImage(
                listing_id=key[0],
                url=image.url,
                position=position,
                sha256=image.sha256 or "",
                media_type=image.media_type or "",
                width=image.width,
                height=image.height,
                problem=(image.problem or "")[:200],
            )
    if not wanted:
        return
    there = {
        (kept.listing_id, kept.url): kept
        for kept in ListingImage.objects.filter(listing_id__in={pk for pk, _ in wanted})
    }
    ListingImage.objects.bulk_create(
        [image for key, image in wanted.items() if key not in there], ignore_conflicts=True
    )
    renewed = []
    for key, image in wanted.items():
        kept = there.get(key)
        if kept and image.sha256 and kept.sha256 != image.sha256 and not (key in seen and _is_less(image, kept)):
            image.pk = kept.pk
            renewed.append(image)
    if renewed:
        ListingImage.objects.bulk_update(renewed, ["position", "sha256", "media_type", "width", "height", "problem"])


@attrs.frozen
class Look:
    """A look at a stored listing for an organisation, both by their keys."""

    listing: int
    organisation: int
    seen: datetime
    source: Source


def sight(looks: Iterable[Look], pool: frozenset[int]) -> set[int]:
    """Note for whom listings were seen, and share what watches of the pool found with everybody in it.

    Args:
        looks: what was seen.
        pool: keys of the organisations that take part, held by the caller's transaction.

    Returns:
        The keys of listings that are new to somebody.
    """
    rows: dict[tuple[int, int], Sighting] = {}
    for look in looks:
        row = rows.setdefault((look.listing, look.organisation), _sighting(look))
        row.first_seen, row.last_seen = min(row.first_seen, look.seen), max(row.last_seen, look.seen)
        if SOURCE.allows(row.source, look.source):
            row.source = look.source
    found = [row for row in rows.values() if row.source == Source.WATCH and row.organisation_id in pool]
    for row in found:
        for organisation in pool:
            look = Look(row.listing_id, organisation, row.first_seen, Source.POOL)
            rows.setdefault((row.listing_id, organisation), _sighting(look))
    if not rows:
        return set()
    kept = Sighting.objects.filter(
        listing_id__in={listing for listing, _ in rows}, organisation_id__in={owner for _, owner in rows}
    )
    there = {(row.listing_id, row.organisation_id): row for row in kept}
    fresh = sorted(key for key in rows if key not in there)
    Sighting.objects.bulk_create([rows[key] for key in fresh], ignore_conflicts=True)
    _seen_again([(row, rows[key]) for key, row in there.items() if key in rows and rows[key].source != Source.POOL])
    return {listing for listing, _ in fresh}


def _sighting(look: Look) -> Sighting:
    return Sighting(
        listing_id=look.listing, organisation_id=look.organisation, source=look.source,
        first_seen=look.seen, last_seen=look.seen,
    )  # fmt: skip


def _seen_again(pairs: Sequence[tuple[Sighting, Sighting]]) -> None:
    """Bring stored sightings up to date with what was seen now (stored, seen)."""
    for source in sorted(SOURCE.states):
        nearer = [kept.pk for kept, seen in pairs if seen.source == source and SOURCE.allows(kept.source, source)]
        if nearer:
            Sighting.objects.filter(pk__in=nearer, source__in=SOURCE.sources(source)).update(source=source)
    late = [(kept, seen.last_seen) for kept, seen in pairs if kept.last_seen < seen.last_seen]
    moments = {moment for _, moment in late}
    if len(moments) == 1:  # a batch of `take_seen`
        Sighting.objects.filter(pk__in=[kept.pk for kept, _ in late]).update(last_seen=moments.pop())
    elif late:
        for kept, moment in late:
            kept.last_seen = moment
        Sighting.objects.bulk_update([kept for kept, _ in late], ["last_seen"])
