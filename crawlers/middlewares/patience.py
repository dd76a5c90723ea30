"""A host that is asked too much is left alone: for as long as Retry-After says, else longer with every answer."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

ASKING = frozenset({429, 503})


def seconds_asked(value: str, now: datetime | None = None) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date (RFC 9110, 10.2.3); None when it is neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


class Patience:
    """Downloader middleware: after 429 or 503 every request to that host waits.

    With Retry-After as long as it says; a wait longer than ``RETRY_AFTER_MAX_SECONDS`` is taken as a refusal: the
    answer goes to the spider as it is. Without, ``BACKOFF_SECONDS``, twice as long after each further such answer, half
    of it by chance, so that several crawls do not come back at once.
    """

    def __init__(self, longest: float, first: float) -> None:
        self.longest = longest
        self.first = first
        self._until: dict[str, float] = {}
        self._in_a_row: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from settings."""
        settings = crawler.settings
        return cls(settings.getfloat("RETRY_AFTER_MAX_SECONDS"), settings.getfloat("BACKOFF_SECONDS"))

    async def process_request(self, request: Request) -> None:
        """Wait until the host may be asked again."""
        if self._until:
            host = urlparse_cached(request).netloc
            while (left := self._until.get(host, 0.0) - monotonic()) > 0:  # noqa: ASYNC110 (time passes, nothing happens)
                await asyncio.sleep(left)

    def process_response(self, request: Request, response: Response) -> Response:
        """Note how long to leave the host alone; the retry itself is Scrapy's."""
        host = urlparse_cached(request).netloc
        if response.status not in ASKING:
            self._in_a_row.pop(host, None)
            return response
        header = response.headers.get("Retry-After")
        asked = seconds_asked(header.decode("latin-1")) if header else None
        if asked is None:
            self._back_off(host)
        elif asked > self.longest:
            logger.warning("%s asks to wait %.0f s: not tried again in this run", host, asked)
            request.meta["dont_retry"] = True
        else:
            logger.info("%s asks to wait %.0f s", host, asked)
            self._until[host] = max(self._until.get(host, 0.0), monotonic() + asked)
        return response

    def _back_off(self, host: str) -> None:
        if self._until.get(host, 0.0) > monotonic():
            return  # an answer to what was asked before the wait began
        times = self._in_a_row[host] = self._in_a_row.get(host, 0) + 1
        wait = min(self.longest, self.first * 2 ** min(times - 1, 16)) * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
        logger.info("%s answers %d times in a row that it is asked too much: %.1f s of rest", host, times, wait)
        self._until[host] = monotonic() + wait
