"""Result pages: what searches and a seller's shop have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from contracts.job import Watch
from contracts.known import Known
from contracts.listing import Listing, PageOutcome
from crawlers.keys import Keys
from crawlers.looking import Look
from crawlers.reading import PageKind
from crawlers.spiders.base import JobSpider
from crawlers.spool import Card


class ResultsSpider(JobSpider):
    """Walks result pages until the watch's pages are used up, the page says it is the last, or nothing new comes."""

    page_kind: ClassVar[PageKind]

    def __init__(self, job: str, **kwargs: Any) -> None:
        super().__init__(job, **kwargs)
        self._met = Keys()  # (watch, listing): nothing new ends a watch's paging

    def first(self, watch: Watch) -> Iterator[Request]:
        """Begin with the first result page, or go on where an earlier run of the job ended."""
        number = 0
        url = self.plan.address(watch)
        while url in self.spool.settled and self.spool.led_to(watch.watch_id, number + 1):
            number += 1
            url = self.plan.address(watch, number)
        if url not in self.spool.settled:
            yield from self._page(watch, number, url)

    def _page(self, watch: Watch, number: int, url: str) -> Iterator[Request]:
        request = self.ask(url, watch.watch_id, callback=self.on_results, number=number)
        if request:
            yield request.replace(priority=10)

    async def on_results(
        self, response: Response, watch_id: str, card: Card | None, number: int
    ) -> AsyncIterator[Request]:
        """Take in one result page."""
        del card
        watch = self.watch(watch_id)
        url = self.plan.address(watch, number)
        look = self.looking.look(response, watch, self.page_kind, url)
        walled = self.at_the_wall(look.reading.outcome)
        new = never_seen = 0
        for listing in look.reading.listings:
            for_watch, for_all = await self._sift(listing, look, watch)
            new += for_watch
            never_seen += for_all
        self.spool.new_rows(watch_id, never_seen)
        following = number + 1 if self._goes_on(look, new, number, watch) else None
        if following:
            self.spool.follow(watch_id, following)
        self.tell(
            watch_id,
            url,
            look.reading.outcome,
            listings=len(look.reading.listings),
            result_page=number,
            reason=look.reading.reason,
            body_sha256=look.capture.body_sha256,
        )
        if walled:
            self.stop(PageOutcome.BLOCKED.value)
        if following:
            for request in self._page(watch, following, self.plan.address(watch, following)):
                yield request

    def _goes_on(self, look: Look, new: int, number: int, watch: Watch) -> bool:
        reading = look.reading
        if self.plan.api and len(reading.listings) < self.plan.api.page_size:
            return False  # a call saved: an interface's pages are full until the last
        return (
            reading.outcome is PageOutcome.OK
            and reading.next_page is not False
            and new > 0
            and number + 1 < watch.pages
            and self.plan.address(watch, number) != self.plan.address(watch, number + 1)
        )

    async def _sift(self, listing: Listing, look: Look, watch: Watch) -> tuple[bool, bool]:
        """Decide what a listing found deserves; tell whether this watch, and whether any crawl, meets it first."""
        url = self.plan.product_address(listing, watch, look.capture.url)
        card = Card(watch_id=watch.watch_id, listing=listing, capture=look.capture, url=url)
        new = self._met.add(f"{watch.watch_id} {card.key}")
        spool = self.spool
        if spool.has(card.key) or (url and url in spool.settled):
            if new and listing.listing_id:
                spool.also(listing.listing_id, watch.watch_id)
            return new, False
        known = self.known.get(card.key)
        if known and not known.revisit and _as_known(known, card):
            spool.same(card.key, watch.watch_id)
        elif url:
            spool.found(card)
        else:
            await self.keep(card)
        return new, known is None


def _as_known(known: Known, card: Card) -> bool:
    seen = known.fingerprint if card.url is None else known.card_fingerprint
    return seen == card.listing.fingerprint()
