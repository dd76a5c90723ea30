"""Intake of captures: pages people saw or saved. What is read right is kept as evidence and taken in like a crawl's.

A capture goes the way of a crawl's spool, so that there is one intake: it is a spool of one page.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import attrs
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from web_poet import HttpResponse

from accounts.models import Organisation, User
from accounts.permissions import require
from accounts.services import record
from contracts.errors import BadInput
from contracts.job import CaptureRef, ImageRef, SpoolListing, SpoolPage
from contracts.listing import AccessRung, PageOutcome
from contracts.listing import Listing as ListingContract
from crawlers.markets import Whose, host_of, whose
from crawlers.reading import Reading, read_page
from evidence.pictures import BadPicture, PictureInfo, inspect
from evidence.store import Store
from evidence.warc import Answer, WarcFile, records
from listings.intake import believed, stored_id
from listings.models import Listing, Sighting
from listings.permissions import TAKE_CAPTURES
from listings.services import take_in_spool
from listings.states import OWN

NOTE = "reconstruction: the document as a person's browser or saved file showed it"
NOTE_NO_STATUS = "; the HTTP status was not told and stands as 200"
_WATCH = "capture"
_NUMBERS = re.compile(r"\d{5,}(?:[._]\d{5,})?")
# The part of a picture's address that names its size, not the picture.
_SIZE = re.compile(r"(?:s-l|w|h)\d{2,4}|\d{2,4}x\d{2,4}|thumb(?:nail)?|small|medium|large|original", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9]{10,}")


class News(StrEnum):
    """What a capture told of a listing."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@attrs.frozen(kw_only=True)
class CapturedPage:
    """A page as a person saw it.

    ``vantage`` says who captured with which tool. ``status`` is None where it is not known. ``answer``: a script's
    answer, not a document. ``pictures`` are bytes by address, of which those of the listings are kept.
    """

    response: HttpResponse
    observed_at: datetime
    vantage: str
    status: int | None = None
    answer: bool = False
    screenshot: bytes | None = attrs.field(default=None, repr=False)
    pictures: Mapping[str, bytes] = attrs.field(factory=dict, repr=False)

    @property
    def url(self) -> str:
        """The page's address."""
        return str(self.response.url)


@attrs.frozen(kw_only=True)
class Found:
    """A listing of the page as it stands now, and whether that is news."""

    listing: Listing
    news: News


@attrs.frozen(kw_only=True)
class TakenIn:
    """What a page was and what it told; ``gone`` counts the listings it ended, ``problems`` says what did not fit."""

    whose: Whose
    reading: Reading
    found: tuple[Found, ...] = ()
    gone: int = 0
    problems: tuple[str, ...] = ()


def take_in_capture(
    *,
    actor: User | None,
    organisation: Organisation,
    page: CapturedPage,
    market: str | None = None,
    store: Store | None = None,
) -> TakenIn:
    """Read a captured page, keep it as evidence and take its listings in; doing it again changes nothing.

    A wall is kept and changes no listing. A page nobody knows is not kept: it may be anything.

    Args:
        actor: who captured.
        organisation: for whom.
        page: the page.
        market: id of the marketplace where the caller knows better than the page's address.
        store: where the bytes go; the installation's own by default.

    Raises:
        NotAllowed: the actor takes no captures for the organisation.
        BadInput: the screenshot is no picture.
    """
    require(actor, TAKE_CAPTURES, organisation)
    store = store or Store(settings.EVIDENCE_DIR)
    screenshot = _look(page.screenshot) if page.screenshot else None
    now = timezone.now()
    page = attrs.evolve(page, observed_at=believed(page.observed_at, now))
    owner = whose(page.url, market)
    site = owner.site.country if owner.site else None
    reading = read_page(page.response, market=owner.market, site=site, manifest=owner.manifest)
    if reading.outcome is PageOutcome.UNKNOWN:
        return TakenIn(whose=owner, reading=reading)
    reading = attrs.evolve(reading, listings=tuple(_placed(item, reading, owner, page) for item in reading.listings))
    capture = _keep(store.root, page)
    if screenshot is not None:
        capture = capture.model_copy(update={"screenshot_sha256": store.put(page.screenshot or b"")})
    with transaction.atomic():
        taken = _take_in(organisation, page, owner, reading, capture, store)
        detail = {
            "url": page.url,
            "market": owner.market,
            "outcome": reading.outcome,
            "vantage": page.vantage,
            "listings": len(taken.found),
            "gone": taken.gone,
        }
        record(actor=actor, verb="capture.taken", subject=organisation, organisation=organisation, detail=detail)
    return taken


def _look(data: bytes) -> PictureInfo:
    try:
        return inspect(data)
    except BadPicture as problem:
        where = "capture"
        raise BadInput(where, "screenshot", "a picture within the limits", str(problem)) from None


def _placed(listing: ListingContract, reading: Reading, owner: Whose, page: CapturedPage) -> ListingContract:
    """Say where and when a listing was seen; an id of a stand-alone shop means something only beside its host."""
    host, lone = _shop_host(page.url), len(reading.listings) == 1
    listing_id = listing.listing_id
    if owner.is_shop and listing_id:
        shop = host or _shop_host(listing.url or "")
        given = listing_id if listing_id.startswith(shop) else f"{shop}/{listing_id}"
        listing_id = given if shop else None
    return attrs.evolve(
        listing,
        listing_id=listing_id,
        url=listing.url or (page.url if lone and host else None),
        observed_at=page.observed_at,
        rung=AccessRung.CAPTURE,
    )


def _shop_host(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _keep(root: Path, page: CapturedPage) -> CaptureRef:
    """Write the page into a WARC file of its own, named by what it holds; the same page is written once."""
    body = page.response.body
    key = hashlib.sha256(page.url.encode() + b"\n" + body).hexdigest()
    name = f"warc/captures/{key[:2]}/{key}.warc.gz"
    path = root / name
    if not path.exists():
        answer = Answer(
            url=page.url,
            observed_at=page.observed_at,
            status=page.status or 200,
            headers=list(page.response.headers.items()),
            body=body,
            vantage=page.vantage,
            note=NOTE if page.status else NOTE + NOTE_NO_STATUS,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".draft-") as folder:
            draft = Path(folder) / path.name
            with WarcFile(draft, {"job": "capture"}) as warc:
                warc.write(answer)
            try:
                os.link(draft, path)
            except FileExistsError:
                pass  # somebody captured the very same page at this moment
            except OSError:  # a file system without hard links
                draft.replace(path)
    kept = next(one for one in records(path) if one.kind == "response")
    return CaptureRef(
        url=page.url,
        observed_at=page.observed_at,
        rung=AccessRung.CAPTURE,
        status=page.status,
        body_sha256=hashlib.sha256(body).hexdigest(),
        warc=name,
        record_id=kept.record_id,
        vantage=page.vantage,
    )


def _take_in(
    organisation: Organisation,
    page: CapturedPage,
    owner: Whose,
    reading: Reading,
    capture: CaptureRef,
    store: Store,
) -> TakenIn:
    keys = [key_of(listing) for listing in reading.listings]
    rows = Listing.objects.filter(market=owner.market, listing_id__in=keys)
    before = {row.listing_id: (row.fingerprint, row.presence) for row in rows}
    job_id = f"{_WATCH}-{capture.body_sha256[:16]}"
    ended = _listing_of(page.url, owner, organisation) if reading.outcome is PageOutcome.REMOVED else None
    told = SpoolPage(
        job_id=job_id,
        watch_id=_WATCH,
        url=page.url,
        outcome=reading.outcome,
        observed_at=page.observed_at,
        listings=len(keys),
        listing_id=ended,
        reason=reading.reason,
        rung=AccessRung.CAPTURE,
        body_sha256=capture.body_sha256,
    )
    with tempfile.TemporaryDirectory(prefix="jikimi-capture-") as folder:
        spool = Path(folder)
        lines = (
            SpoolListing(
                job_id=job_id,
                watch_id=_WATCH,
                listing=listing.to_json(),
                capture=capture,
                images=_pictures(listing.image_urls, page.pictures, store),
            ).model_dump_json()
            for listing in reading.listings
        )
        (spool / "listings.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (spool / "pages.jsonl").write_text(told.model_dump_json() + "\n", encoding="utf-8")
        intake = take_in_spool(spool=spool, market=owner.market, organisations={_WATCH: [organisation]})
    after = {row.listing_id: row for row in rows.all()}
    return TakenIn(
        whose=owner,
        reading=reading,
        found=tuple(Found(listing=after[key], news=_news(before.get(key), after[key])) for key in keys if key in after),
        gone=intake.gone,
        problems=tuple(intake.problems),
    )


def key_of(listing: ListingContract) -> str:
    """Return the id the intake stores a listing under."""
    return stored_id(listing.to_json())


def _news(before: tuple[str, str] | None, now: Listing) -> News:
    if before is None:
        return News.NEW
    return News.UNCHANGED if before == (now.fingerprint, now.presence) else News.CHANGED


def _listing_of(url: str, owner: Whose, organisation: Organisation) -> str | None:
    """Return the id of the one known listing whose page this address is; None when it is not sure."""
    parts = urlsplit(url)
    words = {*parts.path.split("/"), *_NUMBERS.findall(parts.path)} - {""}
    if not _NUMBERS.search(parts.path):  # else the path names the listing; the query may name where one came from
        words |= {value for _, value in parse_qsl(parts.query)} | set(_NUMBERS.findall(parts.query))
    if owner.is_shop:
        words = {f"{_shop_host(url)}/{word}" for word in words} | {f"{_shop_host(url)}{parts.path.rstrip('/')}"}
    own = Sighting.objects.filter(organisation=organisation, source__in=OWN)  # what the pool found is not its to end
    seen = Listing.objects.filter(market=owner.market, pk__in=own.values("listing"))
    by_url = list(seen.filter(url=url).values_list("listing_id", flat=True)[:2])
    found = by_url or list(seen.filter(listing_id__in=words).values_list("listing_id", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def _pictures(urls: Sequence[str], held: Mapping[str, bytes], store: Store) -> tuple[ImageRef, ...]:
    by_name = {name: data for url, data in held.items() if (name := same_picture(url))}
    refs = []
    for url in urls:
        data = held.get(url) or by_name.get(same_picture(url) or "")
        refs.append(_picture(url, data, store) if data else ImageRef(url=url, problem="not among what was captured"))
    return tuple(refs)


def _picture(url: str, data: bytes, store: Store) -> ImageRef:
    try:
        info = inspect(data)
    except BadPicture as problem:
        return ImageRef(url=url, problem=str(problem))
    return ImageRef(url=url, sha256=store.put(data), media_type=info.media_type, width=info.width, height=info.height)


def same_picture(url: str) -> str | None:
    """Return what two addresses of one picture in different sizes share, or None where that is not sure.

    Picture servers name a picture by a long id and its size by a suffix, a query or the last part of the path.
    """
    parts = [part for part in urlsplit(url).path.split("/") if part]
    while parts:
        last = parts.pop()
        if _SIZE.fullmatch(last.partition(".")[0]):
            continue
        names = [name for name in _NAME.findall(last) if any(letter.isdigit() for letter in name)]
        return max(names, key=len) if names else None
    return None
