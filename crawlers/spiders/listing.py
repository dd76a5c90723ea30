"""Listings by their id: a second look at what is known."""

from __future__ import annotations

from collections.abc import Iterator

from scrapy import Request

from contracts.job import Watch, WatchKind
from crawlers.spiders.base import JobSpider


class ListingSpider(JobSpider):
    """``scrapy crawl listing -a job=job.json``: the job's watches of kind *listing*; each is fetched and told anew."""

    name = "listing"
    kinds = frozenset({WatchKind.LISTING})

    def first(self, watch: Watch) -> Iterator[Request]:
        """Ask for the listing unless an earlier run of the job has it."""
        url = self.plan.address(watch)
        if url not in self.spool.settled and watch.term not in self.spool.told:
            request = self.ask(url, watch.watch_id, callback=self.on_listing)
            if request:
                yield request
