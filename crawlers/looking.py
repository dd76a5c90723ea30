"""Looking at a page: its bytes are kept as evidence first, then it is read."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import attrs
from scrapy.http import Response
from web_poet import HttpResponse, HttpResponseHeaders

from contracts.job import CaptureRef, Watch
from contracts.listing import AccessRung, PageOutcome
from crawlers.plan import Plan
from crawlers.reading import PageKind, Reading, read_page
from crawlers.spool import Spool
from evidence.warc import NOTE_DECODED, NOTE_RENDERED, Answer

TOO_MANY = 429
SERVER_ERRORS = range(500, 600)


@attrs.frozen(kw_only=True)
class Look:
    """A page that was fetched, kept and read."""

    reading: Reading
    capture: CaptureRef
    etag: str | None
    last_modified: str | None


@attrs.frozen
class Looking:
    """Keeps and reads the pages of one job.

    Args:
        plan: the job.
        spool: where pages are kept.
        vantage: where this machine stands, in words.
    """

    plan: Plan
    spool: Spool
    vantage: str

    def look(self, response: Response, watch: Watch, kind: PageKind, asked: str) -> Look:
        """Keep a page as evidence, then read it.

        Args:
            response: as Scrapy has it.
            watch: for which it was fetched.
            kind: what the page should be.
            asked: the address asked for; of an API the one without the operator's key.
        """
        observed_at = datetime.now(UTC)
        rung = self.plan.rung or AccessRung.HTTP
        url = asked if self.plan.api else response.url
        record_id = self.spool.capture(
            Answer(
                url=url,
                observed_at=observed_at,
                status=response.status,
                headers=[
                    (name.decode("latin-1"), value.decode("latin-1"))
                    for name, values in response.headers.items()
                    for value in values
                ],
                body=response.body,
                vantage=self.vantage,
                note=NOTE_RENDERED if rung is AccessRung.BROWSER else NOTE_DECODED,
                ip_address=str(response.ip_address or ""),
            )
        )
        capture = CaptureRef(
            url=url,
            observed_at=observed_at,
            rung=rung,
            status=response.status,
            body_sha256=hashlib.sha256(response.body).hexdigest(),
            warc=self.spool.warc_path,
            record_id=record_id,
            vantage=self.vantage,
        )
        manifest = self.plan.manifest
        sort = PageKind.API if rung is AccessRung.API else kind
        page = HttpResponse(
            response.url,
            response.body,
            status=response.status,
            headers=HttpResponseHeaders.from_bytes_dict(response.headers),
        )
        reading = read_page(page, market=manifest.id, kind=sort, site=watch.site, manifest=manifest)
        return Look(
            reading=_placed(_judged(reading, response.status), watch, capture),
            capture=capture,
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )


def header(response: Response, name: str) -> str | None:
    """Return a header's text, or None."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _placed(reading: Reading, watch: Watch, capture: CaptureRef) -> Reading:
    listings = tuple(
        attrs.evolve(
            listing,
            site=listing.site or watch.site,
            observed_at=listing.observed_at or capture.observed_at,
            rung=capture.rung,
        )
        for listing in reading.listings
    )
    return attrs.evolve(reading, listings=listings)


def _judged(reading: Reading, status: int) -> Reading:
    """Let the status speak where the page object does not know the page."""
    if reading.outcome is not PageOutcome.UNKNOWN:
        return reading
    if status == TOO_MANY:
        return attrs.evolve(reading, outcome=PageOutcome.BLOCKED, reason="HTTP 429: asked to come back later")
    if status in SERVER_ERRORS:
        return attrs.evolve(reading, outcome=PageOutcome.FAILED, reason=f"HTTP {status}")
    return reading
