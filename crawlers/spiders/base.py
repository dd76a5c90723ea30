"""What every spider does with a job: look at a page, keep it, hand back what it said, stop in time."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self

import attrs
import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure
from web_poet import HttpResponse

from contracts.errors import BadInput
from contracts.job import CaptureRef, ImageRef, SpoolListing, SpoolPage, Watch, WatchKind
from contracts.listing import AccessRung, PageOutcome
from crawlers.media import Pictures
from crawlers.middlewares import guard
from crawlers.plan import Plan
from crawlers.reading import PageKind, Reading, read_page
from crawlers.spool import Card, Spool
from evidence.appending import is_full
from evidence.store import Store
from evidence.warc import NOTE_DECODED, NOTE_RENDERED, Answer

logger = logging.getLogger(__name__)

NOT_MODIFIED = 304
TOO_MANY = 429
DISK_FULL = "disk_full"
SERVER_ERRORS = range(500, 600)


@attrs.frozen(kw_only=True)
class Look:
    """A page that was fetched, kept and read."""

    reading: Reading
    capture: CaptureRef
    etag: str | None
    last_modified: str | None


class JobSpider(scrapy.Spider):
    """Base of the spiders: ``scrapy crawl NAME -a job=/path/job.json``.

    First the spider's own requests (result pages, or the listings asked for); when they are done, the pages of the
    listings found, as far as the page budget reaches. Everything that must survive a kill is in the spool.

    Args:
        job: path of a ``job.json`` (`contracts.job.Job`).
    """

    kind: ClassVar[WatchKind]
    plan: Plan
    spool: Spool
    pictures: Pictures

    def __init__(self, job: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job_path = Path(job)
        self._blocks_in_a_row = 0
        self._budget_short = False
        self._disk_full = False
        self._taken = 0
        self._asked: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read the job and set what it says before the crawl's settings are sealed."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.plan = Plan.read(spider.job_path, Path(crawler.settings["MARKETS_DIR"]))
        settings = spider.plan.settings()
        if spider.plan.rung is AccessRung.BROWSER:
            from crawlers.browser import start_for_crawl  # noqa: PLC0415 (Playwright only where it is used)

            settings |= start_for_crawl(crawler, spider.plan)
        for name, value in settings.items():
            crawler.settings.set(name, value, priority="cmdline")
        guard.allow(spider.plan.allowed)
        spider.open()
        return spider

    def open(self) -> None:
        """Open the spool, which takes up what an earlier, killed run of the job left."""
        job = self.plan.job
        self.spool = Spool(job)
        store = Store(Path(job.evidence_dir))
        self.pictures = Pictures(self.crawler, store, self.spool.pictures, self.plan.own_hosts)
        self._taken = self.spool.pages
        self.crawler.signals.connect(self.go_on, signal=signals.spider_idle)
        self.crawler.signals.connect(self.end, signal=signals.spider_closed)
        self.crawler.signals.connect(self.on_error, signal=signals.spider_error)

    # -- what is asked for --------------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """Ask for what the watches name."""
        if self.plan.rung is None:
            logger.error("market %s declares no way a crawl can go", self.plan.manifest.id)
            return
        for watch in self.plan.watches(self.kind):
            try:
                requests = list(self.first(watch))
            except BadInput as problem:
                self.tell(watch.watch_id, "", PageOutcome.FAILED, reason=str(problem))
                continue
            for request in requests:
                yield request

    def first(self, watch: Watch) -> Iterator[Request]:
        """Yield the requests a watch begins or goes on with. Raises `BadInput` when it has no address."""
        raise NotImplementedError

    def ask(self, url: str, watch_id: str, *, callback: Any, card: Card | None = None, **more: Any) -> Request | None:
        """Return a request within the page budget, or record that there is no budget left."""
        if self._taken >= self.plan.job.page_budget:
            self._budget_short = True
            reason = f"page budget of {self.plan.job.page_budget} used up"
            self.tell(watch_id, url, PageOutcome.REFUSED, reason=reason, card=card)
            return None
        self._taken += 1
        meta: dict[str, Any] = {}
        if self.plan.manifest.robots == "exempt":
            meta["dont_obey_robotstxt"] = True
        if self.plan.rung is AccessRung.BROWSER:
            from crawlers.browser import page_meta  # noqa: PLC0415 (Playwright only where it is used)

            meta |= page_meta(self.plan.manifest.ready_selector)
        headers = self._validators(card)
        cb_kwargs = {"watch_id": watch_id, "card": card, **more}
        # What was asked for before is known from the spool. Scrapy's filter would drop a page that redirects to one it
        # has seen without a word, and remembers every address.
        return Request(
            url,
            callback=callback,
            errback=self.on_failure,
            headers=headers,
            meta=meta,
            cb_kwargs=cb_kwargs,
            dont_filter=True,
        )

    def _validators(self, card: Card | None) -> dict[str, str]:
        known = self.plan.job.known.get(card.key) if card else None
        if not known or known.revisit:
            return {}
        pairs = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in pairs.items() if value}

    def go_on(self) -> None:
        """Ask for the pages of the listings found, once nothing else is under way."""
        waiting = [card for card in self.spool.cards.values() if card.url and card.key not in self._asked]
        self._asked.update(card.key for card in waiting)
        requests = [self.ask(card.url or "", card.watch_id, callback=self.on_listing, card=card) for card in waiting]
        under_way = [request for request in requests if request]
        for request in under_way:
            self.crawler.engine.crawl(request)
        if under_way:
            raise DontCloseSpider

    # -- looking at a page --------------------------------------------------------------------------------------------

    def look(self, response: Response, page: HttpResponse, watch: Watch, kind: PageKind) -> Look:
        """Keep a page as evidence, then read it."""
        observed_at = datetime.now(UTC)
        rung = self.plan.rung or AccessRung.HTTP
        vantage: str = self.settings.get("VANTAGE", "")
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        record_id = self.spool.capture(
            Answer(
                url=response.url,
                observed_at=observed_at,
                status=response.status,
                headers=headers,
                body=response.body,
                vantage=vantage,
                note=NOTE_RENDERED if rung is AccessRung.BROWSER else NOTE_DECODED,
                ip_address=str(response.ip_address or ""),
            )
        )
        capture = CaptureRef(
            url=response.url,
            observed_at=observed_at,
            rung=rung,
            status=response.status,
            body_sha256=hashlib.sha256(response.body).hexdigest(),
            warc=self.spool.warc_path,
            record_id=record_id,
            vantage=vantage,
        )
        manifest = self.plan.manifest
        asked = PageKind.API if rung is AccessRung.API else kind
        reading = read_page(page, market=manifest.id, kind=asked, site=watch.site, manifest=manifest)
        return Look(
            reading=self._placed(_judged(reading, response.status), watch, capture),
            capture=capture,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
        )

    def _placed(self, reading: Reading, watch: Watch, capture: CaptureRef) -> Reading:
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

    def watch(self, watch_id: str) -> Watch:
        """Return a watch of the job."""
        return next(watch for watch in self.plan.job.watches if watch.watch_id == watch_id)

    async def on_listing(self, response: Response, page: HttpResponse, watch_id: str, card: Card | None) -> None:
        """Take in the page of one listing."""
        watch = self.watch(watch_id)
        wanted = card.listing.listing_id if card else watch.term
        url = card.url if card and card.url else self.plan.address(watch)
        if response.status == NOT_MODIFIED:
            self.spool.same(card.key if card else watch.term)
            self.tell(watch_id, url, PageOutcome.OK, listing_id=wanted, reason="not modified")
            self._settle(card)
            return
        look = self.look(response, page, watch, PageKind.PRODUCT)
        outcome = look.reading.outcome
        walled = self.at_the_wall(outcome)
        strayed = _strayed(look, url, wanted)
        if outcome is PageOutcome.OK and not strayed:
            await self._keep_product(look, card, watch_id, wanted)
        elif card and outcome is not PageOutcome.REMOVED and not walled:
            await self.keep(card)
        if not walled:  # else the card is told when the crawl ends, which is now
            self._settle(card)
        self.tell(
            watch_id,
            url,
            PageOutcome.UNKNOWN if strayed else outcome,
            listings=len(look.reading.listings),
            listing_id=wanted,
            reason=strayed or look.reading.reason,
            body_sha256=look.capture.body_sha256,
        )
        if walled:
            raise CloseSpider(PageOutcome.BLOCKED.value)

    async def _keep_product(self, look: Look, card: Card | None, watch_id: str, wanted: str | None) -> None:
        found = look.reading.listings
        listing = next((item for item in found if item.listing_id == wanted), found[0])
        if listing.listing_id is None or listing.url is None:
            # The page did not say who it is; we asked for it by this id at this address.
            listing = attrs.evolve(
                listing, listing_id=listing.listing_id or wanted, url=listing.url or look.capture.url
            )
        key = card.key if card else listing.listing_id or look.capture.url
        known = self.plan.job.known.get(listing.listing_id or "")
        if card and known and not known.revisit and known.fingerprint == listing.fingerprint():
            self.spool.same(key)
            return
        line = SpoolListing(
            job_id=self.plan.job.job_id,
            watch_id=watch_id,
            listing=listing.to_json(),
            capture=look.capture,
            images=await self.pictures.fetch(listing.image_urls, look.capture.url),
            card_fingerprint=card.listing.fingerprint() if card else None,
            etag=look.etag,
            last_modified=look.last_modified,
        )
        self.spool.listing(key, line)

    async def keep(self, card: Card) -> None:
        """Hand back a listing as the result page shows it, because its own page cannot be had."""
        if card.key not in self.spool.told:
            self._tell_card(card, await self.pictures.fetch(card.listing.image_urls, card.capture.url))

    def _tell_card(self, card: Card, images: tuple[ImageRef, ...]) -> None:
        line = SpoolListing(
            job_id=self.plan.job.job_id,
            watch_id=card.watch_id,
            listing=card.listing.to_json(),
            capture=card.capture,
            images=images,
        )
        self.spool.listing(card.key, line)

    def _settle(self, card: Card | None) -> None:
        if card:
            self.spool.cards.pop(card.key, None)

    # -- what went otherwise ------------------------------------------------------------------------------------------

    async def on_failure(self, failure: Failure) -> None:
        """Record a page that could not be had, and keep its listing as the result page showed it."""
        request: Request = failure.request  # type: ignore[attr-defined]
        asked = request.cb_kwargs
        card: Card | None = asked["card"]
        outcome, reason = _failed(failure, urlparse_cached(request).hostname or "")
        if card:
            await self.keep(card)
            self._settle(card)
        watch = self.watch(asked["watch_id"])
        wanted = watch.term if watch.kind is WatchKind.LISTING else None
        url = card.url if card and card.url else self.plan.address(watch, asked.get("number", 0))
        self.tell(watch.watch_id, url, outcome, reason=reason, card=card, listing_id=wanted)

    def tell(
        self,
        watch_id: str,
        url: str,
        outcome: PageOutcome,
        *,
        listings: int = 0,
        listing_id: str | None = None,
        reason: str = "",
        body_sha256: str | None = None,
        card: Card | None = None,
    ) -> None:
        """Hand back what became of a page."""
        line = SpoolPage(
            job_id=self.plan.job.job_id,
            watch_id=watch_id,
            url=url,
            outcome=outcome,
            observed_at=datetime.now(UTC),
            listings=listings,
            listing_id=listing_id or (card.listing.listing_id if card else None),
            reason=reason,
            rung=self.plan.rung or AccessRung.HTTP,
            body_sha256=body_sha256,
        )
        self.spool.page(line)

    def at_the_wall(self, outcome: PageOutcome) -> bool:
        """Count blocked pages in a row; True when there were as many as the manifest bears."""
        if outcome is PageOutcome.BLOCKED:
            self._blocks_in_a_row += 1
        elif outcome in {PageOutcome.OK, PageOutcome.EMPTY, PageOutcome.REMOVED}:
            self._blocks_in_a_row = 0
        return self._blocks_in_a_row >= self.plan.manifest.rate.stop_after_blocks

    def on_error(self, failure: Failure) -> None:
        """Stop at a full disk: what can no longer be kept must not be asked for."""
        if is_full(failure.value) and not self._disk_full:
            self._disk_full = True
            logger.error("the disk is full (%s): the crawl stops; run it again when there is room", failure.value)
            deferred_from_coro(self.crawler.engine.close_spider_async(reason=DISK_FULL))

    def end(self, reason: str) -> None:
        """Close the account; a crawl stopped from outside or by a full disk leaves its cards, to be gone on with."""
        if reason == DISK_FULL:
            # Where not even the account fits, the run is judged as one that was killed.
            with contextlib.suppress(OSError):
                self.spool.finish(reason, self.crawler.stats.get_value("log_count/ERROR", 0))
        elif reason != "shutdown":
            for card in list(self.spool.cards.values()):
                why = f"not fetched: the crawl ended ({self._reason(reason)})"
                self._tell_card(card, tuple(ImageRef(url=url, problem=why) for url in card.listing.image_urls))
            errors = self.crawler.stats.get_value("log_count/ERROR", 0)
            self.spool.finish(self._reason(reason), errors)
        self.spool.close()

    def _reason(self, reason: str) -> str:
        if reason != "finished":
            return reason
        if self.plan.rung is None:
            return "no_rung"
        return "budget" if self._budget_short else "finished"


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _judged(reading: Reading, status: int) -> Reading:
    """Let the status speak where the page object does not know the page."""
    if reading.outcome is not PageOutcome.UNKNOWN:
        return reading
    if status == TOO_MANY:
        return attrs.evolve(reading, outcome=PageOutcome.BLOCKED, reason="HTTP 429: asked to come back later")
    if status in SERVER_ERRORS:
        return attrs.evolve(reading, outcome=PageOutcome.FAILED, reason=f"HTTP {status}")
    return reading


def _strayed(look: Look, url: str, wanted: str | None) -> str:
    """Say where a redirect led when it led to other listings: they were not asked for and tell nothing of the one."""
    ids = [listing.listing_id for listing in look.reading.listings]
    if not ids or not wanted or wanted in ids or None in ids or look.capture.url == url:
        return ""
    return f"redirected to the page of another listing, {ids[0]}"


def _failed(failure: Failure, host: str) -> tuple[PageOutcome, str]:
    error = failure.value
    # Our own refusals are subclasses; Scrapy itself says this of a redirect loop or of bytes that grow when unpacked.
    if isinstance(error, IgnoreRequest) and type(error) is not IgnoreRequest:
        return PageOutcome.REFUSED, str(error)
    refused = guard.why_refused(host)
    if refused:
        return PageOutcome.REFUSED, refused
    return PageOutcome.FAILED, f"{type(error).__name__}: {str(error)[:200]}"
