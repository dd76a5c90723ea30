"""The pace per host: never faster than manifest, job and robots.txt allow, slower when the host is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request, Spider, signals
from scrapy.extensions.throttle import AutoThrottle
from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

LONGEST_CRAWL_DELAY = 60.0


class Pace(AutoThrottle):
    """AutoThrottle with a floor per download slot.

    ``SLOT_FLOORS`` maps a slot (a host, or ``pictures``) to seconds; other hosts have ``DOWNLOAD_DELAY``. A robots.txt
    ``Crawl-delay`` raises its host's floor, up to 60 s.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.floors: dict[str, float] = {
            slot: float(seconds) for slot, seconds in crawler.settings.getdict("SLOT_FLOORS").items()
        }
        self.own_agent: str = crawler.settings.get("ROBOTSTXT_USER_AGENT", "")
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        asked = min(robotparser.crawl_delay(self.own_agent) or 0.0, LONGEST_CRAWL_DELAY)
        host = urlparse_cached(request).hostname or ""
        if asked > self._floor(host):
            self.floors[host] = asked
            slot = self.crawler.engine.downloader.slots.get(host)
            if slot:
                slot.delay = max(slot.delay, asked)

    def _floor(self, slot: str) -> float:
        return self.floors.get(slot, self.mindelay)

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        key, _ = self._get_slot(request, spider)
        usual, self.mindelay = self.mindelay, self._floor(key or "")
        try:
            super()._response_downloaded(response, request, spider)
        finally:
            self.mindelay = usual

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        """Take over AutoThrottle's rule; a faster error page must not leave a slot below its floor either."""
        super()._adjust_delay(slot, latency, response)
        slot.delay = max(slot.delay, self.mindelay)
