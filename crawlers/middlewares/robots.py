"""robots.txt as RFC 9309 means it: unreachable is a no, absent is a yes; a wall in its place is unreachable.

What each host answered is kept.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred
from web_poet import HttpResponse

from crawlers.middlewares.guard import RefusedRequest
from crawlers.walls import Sight, find_block, find_weak_block

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

NOT_FOUND = range(400, 500)
FOUND = range(200, 300)
FORBIDDEN = "robots.txt"
UNREACHABLE = "robots.txt could not be read, which counts as a no (RFC 9309, 2.3.1.4)"


class CarefulRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, which takes an error page for rules and an unreachable file for a yes, put right.

    Status 4xx: no rules, everything allowed. Status 5xx, a wall or no answer: nothing allowed.
    """

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the request's host; None when they could not be had."""
        parser = await super().robot_parser(request)
        if parser is None:
            # Requests that wait for one robots.txt share a Deferred, and its value reaches only the first of them
            # (Scrapy 2.19): by now the host's own entry has it.
            known = self._parsers.get(urlparse_cached(request).netloc)
            return None if isinstance(known, Deferred) else known
        return parser

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse what the rules refuse, with the reason in words."""
        if rp is None:
            raise RefusedRequest(UNREACHABLE)
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest:
            raise RefusedRequest(FORBIDDEN) from None

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        status, body = response.status, response.body
        if response.status in NOT_FOUND:
            response = response.replace(body=b"")
        elif response.status not in FOUND or _is_wall(response):
            self._tell(netloc, status, body)
            self._robots_error(IgnoreRequest(UNREACHABLE), netloc)
            return
        await super()._parse_robots(response, netloc, request)
        rules = self._parsers[netloc]
        asked = None
        if rules is not None and not isinstance(rules, Deferred):
            asked = rules.crawl_delay(self._robotstxt_useragent or "")
        self._tell(netloc, status, body, asked)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not isinstance(exc, IgnoreRequest):
            self._tell(netloc, None, None)
        super()._robots_error(exc, netloc)

    def _tell(self, netloc: str, status: int | None, body: bytes | None, crawl_delay: float | None = None) -> None:
        tell = getattr(self.crawler.spider, "on_robots", None)
        if tell:
            tell(netloc, status, body, crawl_delay)


def _is_wall(response: Response) -> bool:
    """Tell whether a page for people stands where the rules should: one that is a wall hides them."""
    if b"<" not in response.body[:1024]:
        return False
    page = HttpResponse(response.url, response.body, status=response.status)
    sight = Sight.of(page, response.body.decode("utf-8", "replace"))
    return bool(find_block(sight, None) or find_weak_block(sight))
