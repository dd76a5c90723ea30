"""Result pages: what searches and a seller's shop have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from web_poet import HttpResponse

from contracts.job import Watch
from contracts.listing import Listing, PageOutcome
from crawlers.reading import PageKind
from crawlers.spiders.base import JobSpider, Look
from crawlers.spool import Card


class ResultsSpider(JobSpider):
    """Walks result pages until the watch's pages are used up, the page says it is the last, or nothing new comes."""

    page_kind: ClassVar[PageKind]

    def __init__(self, job: str, **kwargs: Any) -> None:
        super().__init__(job, **kwargs)
        self._met: set[tuple[str, str]] = set()  # (watch, listing): nothing new ends a watch's paging

    def first(self, watch: Watch) -> Iterator[Request]:
        """Begin with the first result page, or go on where an earlier run of the job ended."""
        number = 0
        url = self.plan.address(watch)
        while url in self.spool.settled and (watch.watch_id, number + 1) in self.spool.followed:
            number += 1
            url = self.plan.address(watch, number)
        if url not in self.spool.settled:
            yield from self._page(watch, number, url)

    def _page(self, watch: Watch, number: int, url: str) -> Iterator[Request]:
        request = self.ask(url, watch.watch_id, callback=self.on_results, number=number)
        if request:
            yield request.replace(priority=10)

    async def on_results(
        self, response: Response, page: HttpResponse, watch_id: str, card: Card | None, number: int
    ) -> AsyncIterator[Request]:
        """Take in one result page."""
        del card
        watch = self.watch(watch_id)
        look = self.look(response, page, watch, self.page_kind)
        new = 0
        for listing in look.reading.listings:
            new += await self._sift(listing, look, watch)
        url = self.plan.address(watch, number)
        following = number + 1 if self._goes_on(look, new, number, watch) else None
        if following:
            self.spool.follow(watch_id, following)
        self.tell(
            watch_id,
            url,
            look.reading.outcome,
            listings=len(look.reading.listings),
            reason=look.reading.reason,
            body_sha256=look.capture.body_sha256,
        )
        if self.at_the_wall(look.reading.outcome):
            raise CloseSpider(PageOutcome.BLOCKED.value)
        if following:
            for request in self._page(watch, following, self.plan.address(watch, following)):
                yield request

    def _goes_on(self, look: Look, new: int, number: int, watch: Watch) -> bool:
        reading = look.reading
        return (
            reading.outcome is PageOutcome.OK
            and reading.next_page is not False
            and new > 0
            and number + 1 < watch.pages
            and self.plan.address(watch, number) != self.plan.address(watch, number + 1)
        )

    async def _sift(self, listing: Listing, look: Look, watch: Watch) -> int:
        """Decide what a listing found deserves; returns 1 for one this watch has not met before."""
        url = self.plan.product_address(listing, watch, look.capture.url)
        card = Card(watch_id=watch.watch_id, listing=listing, capture=look.capture, url=url)
        new = int((watch.watch_id, card.key) not in self._met)
        self._met.add((watch.watch_id, card.key))
        spool = self.spool
        if card.key in spool.told or card.key in spool.cards or card.key in spool.unchanged or url in spool.settled:
            return new
        if self._is_unchanged(card):
            spool.same(card.key)
        elif url:
            spool.found(card)
        else:
            await self.keep(card)
        return new

    def _is_unchanged(self, card: Card) -> bool:
        known = self.plan.job.known.get(card.key)
        if not known or known.revisit:
            return False
        seen = known.fingerprint if card.url is None else known.card_fingerprint
        return seen == card.listing.fingerprint()
