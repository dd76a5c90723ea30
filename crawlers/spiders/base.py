"""What every spider does with a job: look at a page, keep it, hand back what it said, stop in time."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self

import attrs
import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from contracts.errors import BadInput
from contracts.job import ImageRef, RobotsAnswer, SpoolListing, SpoolPage, Watch, WatchKind
from contracts.known import KnownListings
from contracts.listing import AccessRung, PageOutcome
from crawlers.account import Traffic
from crawlers.gallery import Gallery
from crawlers.keys import Keys
from crawlers.looking import Look, Looking, header
from crawlers.media import Pictures
from crawlers.middlewares import guard
from crawlers.plan import Plan
from crawlers.quota import QuotaUsedUp
from crawlers.reading import PageKind
from crawlers.spool import Card, Spool
from evidence.appending import is_full
from evidence.store import Store

logger = logging.getLogger(__name__)

NOT_MODIFIED = 304
DISK_FULL = "disk_full"


class JobSpider(scrapy.Spider):
    """Base of the spiders: ``scrapy crawl NAME -a job=/path/job.json``.

    First the spider's own requests (result pages, or the listings asked for); when they are done, the pages of the
    listings found, as far as the page budget reaches. Everything that must survive a kill is in the spool.

    Args:
        job: path of a ``job.json`` (`contracts.job.Job`).
    """

    kinds: ClassVar[frozenset[WatchKind]]
    plan: Plan
    spool: Spool
    pictures: Pictures
    looking: Looking
    known: KnownListings

    def __init__(self, job: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job_path = Path(job)
        self._budget_short = False
        self._disk_full = False
        self._closing = False
        self._taken = 0
        self._blocked = 0
        self._asked = Keys()

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
        evidence = Path(job.evidence_dir)
        self.spool = Spool(job, self._traffic)
        self.store = Store(evidence)
        self.known = KnownListings(Path(job.known_file) if job.known_file else None)
        self.gallery = Gallery(evidence / "pictures.sqlite")
        self.pictures = Pictures(self.crawler, self.store, self.gallery, job.job_id, self.plan.own_hosts)
        self.looking = Looking(self.plan, self.spool, self.settings.get("VANTAGE", ""))
        self._taken = self.spool.pages
        self._blocked = self.spool.account.blocks_in_a_row
        self.crawler.signals.connect(self.go_on, signal=signals.spider_idle)
        self.crawler.signals.connect(self.end, signal=signals.spider_closed)
        self.crawler.signals.connect(self.on_error, signal=signals.spider_error)

    def _traffic(self) -> Traffic:
        return Traffic.of(self.crawler.stats.get_stats())

    def on_robots(self, host: str, status: int | None, body: bytes | None, crawl_delay: float | None) -> None:
        """Keep what a host's robots.txt answered (called by `crawlers.middlewares.robots`)."""
        sha256 = None if body is None else self.store.put(body)
        answer = RobotsAnswer(observed_at=datetime.now(UTC), status=status, sha256=sha256, crawl_delay=crawl_delay)
        self.spool.robots(host, answer)

    # -- what is asked for --------------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """Ask for what the watches name."""
        if self.plan.rung is None:
            logger.error("market %s declares no way a crawl can go", self.plan.manifest.id)
            return
        for watch in self.plan.watches(self.kinds):
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
            self._refuse(watch_id, url, card)
            return None
        self._taken += 1
        meta: dict[str, Any] = {}
        if self.plan.api:
            # robots.txt speaks to readers of pages; the interface is used under the licence its keys were given with.
            meta |= {"api_site": self.watch(watch_id).site, "dont_obey_robotstxt": True, "dont_redirect": True}
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

    def _refuse(self, watch_id: str, url: str, card: Card | None) -> None:
        self._budget_short = True
        reason = f"page budget of {self.plan.job.page_budget} used up"
        self.tell(watch_id, url, PageOutcome.REFUSED, reason=reason, card=card)

    def _validators(self, card: Card | None) -> dict[str, str]:
        known = self.known.get(card.key) if card else None
        if not known or known.revisit:
            return {}
        pairs = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in pairs.items() if value}

    def go_on(self) -> None:
        """Ask for the pages of the listings found, once nothing else is under way."""
        if self._feed():
            raise DontCloseSpider

    def _feed(self) -> int:
        """Keep as many listings under way as keep the downloader busy; return how many are."""
        most = 2 * self.settings.getint("CONCURRENT_REQUESTS")
        while not self._closing and self.spool.under_way < most and self._taken < self.plan.job.page_budget:
            card = self.spool.next_card()
            if card is None:
                break
            if not self.plan.has(card.watch_id):
                self._let_go(card, "its watch is looked for no more")
                continue
            if not self._asked.add(card.url or ""):
                self._let_go(card, "another listing has this address")
                continue
            request = self.ask(card.url or "", card.watch_id, callback=self.on_listing, card=card)
            if request:
                self.crawler.engine.crawl(request)
        return self.spool.under_way

    # -- looking at a page --------------------------------------------------------------------------------------------

    def watch(self, watch_id: str) -> Watch:
        """Return a watch of the job."""
        return self.plan.watch(watch_id)

    async def on_listing(self, response: Response, watch_id: str, card: Card | None) -> None:
        """Take in the page of one listing."""
        watch = self.watch(watch_id)
        wanted = card.listing.listing_id if card else watch.term
        url = card.url if card and card.url else self.plan.address(watch)
        if response.status == NOT_MODIFIED:
            self._same(card, response, card.key if card else watch.term, watch_id)
            self.tell(watch_id, url, PageOutcome.OK, listing_id=wanted, reason="not modified")
            self._settle(card)
            return
        look = self.looking.look(response, watch, PageKind.PRODUCT, url)
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
            self.stop(PageOutcome.BLOCKED.value)

    def stop(self, reason: str) -> NoReturn:
        """End the crawl; raises for Scrapy, so nothing comes after it."""
        self._closing = True
        raise CloseSpider(reason)

    def _same(self, card: Card | None, response: Response, key: str, watch_id: str) -> None:
        known = self.known.get(key)
        etag = header(response, "ETag") or (known.etag if known else None)
        last_modified = header(response, "Last-Modified") or (known.last_modified if known else None)
        self.spool.same(key, watch_id, **_asked(card, etag, last_modified))

    async def _keep_product(self, look: Look, card: Card | None, watch_id: str, wanted: str | None) -> None:
        found = look.reading.listings
        listing = next((item for item in found if item.listing_id == wanted), found[0])
        if listing.listing_id is None or listing.url is None:
            # The page did not say who it is; we asked for it by this id at this address.
            listing = attrs.evolve(
                listing, listing_id=listing.listing_id or wanted, url=listing.url or look.capture.url
            )
        key = card.key if card else listing.listing_id or look.capture.url
        known = self.known.get(listing.listing_id)
        if card and known and not known.revisit and known.fingerprint == listing.fingerprint():
            self.spool.same(key, watch_id, **_asked(card, look.etag, look.last_modified))
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
        if card.key not in self.spool.told and not self._known_better(card):
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

    def _let_go(self, card: Card, why: str) -> None:
        self.spool.settle(card)
        if self._known_better(card):
            return
        problem = f"not fetched: {why}"
        self._tell_card(card, tuple(ImageRef(url=url, problem=problem) for url in card.listing.image_urls))

    def _known_better(self, card: Card) -> bool:
        """Tell whether it is a known counterfeit whose page was read: the little a result page shows is no news."""
        known = self.known.get(card.key) if card.url else None
        if known is None or not known.revisit:
            return False
        self.spool.also(card.key, card.watch_id)
        return True

    def _settle(self, card: Card | None) -> None:
        if card:
            self.spool.settle(card)
            self._feed()

    # -- what went otherwise ------------------------------------------------------------------------------------------

    async def on_failure(self, failure: Failure) -> None:
        """Record a page that could not be had, and keep its listing as the result page showed it."""
        request: Request = failure.request  # type: ignore[attr-defined]
        asked = request.cb_kwargs
        card: Card | None = asked["card"]
        outcome, reason = _failed(failure, urlparse_cached(request).hostname or "")
        if isinstance(failure.value, QuotaUsedUp):
            self._closing = True
        if card:
            await self.keep(card)
            self._settle(card)
        watch = self.watch(asked["watch_id"])
        wanted = watch.term if watch.kind is WatchKind.LISTING else None
        url = card.url if card and card.url else self.plan.address(watch, asked.get("number", 0))
        self.tell(
            watch.watch_id, url, outcome, reason=reason, card=card, listing_id=wanted, result_page=asked.get("number")
        )
        if isinstance(failure.value, QuotaUsedUp):
            self.stop("budget")

    def tell(self, watch_id: str, url: str, outcome: PageOutcome, *, card: Card | None = None, **more: Any) -> None:
        """Hand back what became of a page; ``more`` are fields of `SpoolPage`."""
        listing_id = more.pop("listing_id", None) or (card.listing.listing_id if card else None)
        line = SpoolPage(
            job_id=self.plan.job.job_id,
            watch_id=watch_id,
            url=url,
            outcome=outcome,
            observed_at=datetime.now(UTC),
            listing_id=listing_id,
            rung=self.plan.rung or AccessRung.HTTP,
            **more,
        )
        self.spool.page(line)

    def at_the_wall(self, outcome: PageOutcome) -> bool:
        """Count blocked pages in a row as they are read; True when there were as many as the manifest bears.

        The account counts them when they are told, which is too late: others under way are read in between.
        """
        if outcome is PageOutcome.BLOCKED:
            self._blocked += 1
        elif outcome in {PageOutcome.OK, PageOutcome.EMPTY, PageOutcome.REMOVED}:
            self._blocked = 0
        return outcome is PageOutcome.BLOCKED and self._blocked >= self.plan.manifest.rate.stop_after_blocks

    def on_error(self, failure: Failure, response: Any) -> None:
        """Stop at a full disk; whatever else broke, let go of the listing it broke at, or the crawl would never end."""
        if not is_full(failure.value):
            asked = getattr(response, "request", None)
            card = asked.cb_kwargs.get("card") if asked else None
            if card and not self._disk_full:
                self._let_go(card, f"its page broke the crawler: {type(failure.value).__name__}")
        elif not self._disk_full:
            self._disk_full = True
            logger.error("the disk is full (%s): the crawl stops; run it again when there is room", failure.value)
            deferred_from_coro(self.crawler.engine.close_spider_async(reason=DISK_FULL))

    def end(self, reason: str) -> None:
        """Close the account; a crawl stopped from outside or by a full disk leaves its cards, to be gone on with."""
        errors = self.crawler.stats.get_value("log_count/ERROR", 0)
        if reason == DISK_FULL:
            # Where not even the account fits, the run is judged as one that was killed.
            with contextlib.suppress(OSError):
                self.spool.finish(reason, errors, self.plan.rung)
        elif reason != "shutdown":
            over = self._taken >= self.plan.job.page_budget
            ended = "budget" if over else self._reason(reason)
            for card in self.spool.left():
                self._let_go(card, f"the crawl ended ({ended})")
                if over:
                    self._refuse(card.watch_id, card.url or "", card)
            self.spool.finish(self._reason(reason), errors, self.plan.rung)
        self.spool.close()
        self.gallery.close()
        self.known.close()

    def _reason(self, reason: str) -> str:
        if reason != "finished":
            return reason
        if self.plan.rung is None:
            return "no_rung"
        return "budget" if self._budget_short else "finished"


def _asked(card: Card | None, etag: str | None, last_modified: str | None) -> dict[str, str | None]:
    fingerprint = card.listing.fingerprint() if card else None
    return {"card_fingerprint": fingerprint, "etag": etag, "last_modified": last_modified}


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
