"""Retry-After is obeyed: the host is left alone for as long as it asks."""

from __future__ import annotations

import asyncio
import logging
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


class RetryAfter:
    """Downloader middleware: after 429 or 503 with Retry-After every request to that host waits.

    A wait longer than ``RETRY_AFTER_MAX_SECONDS`` is taken as a refusal: the answer goes to the spider as it is.
    """

    def __init__(self, longest: float) -> None:
        self.longest = longest
        self._until: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build from settings."""
        return cls(crawler.settings.getfloat("RETRY_AFTER_MAX_SECONDS"))

    async def process_request(self, request: Request) -> None:
        """Wait until the host may be asked again."""
        if self._until:
            host = urlparse_cached(request).netloc
            while (left := self._until.get(host, 0.0) - monotonic()) > 0:  # noqa: ASYNC110 (time passes, nothing happens)
                await asyncio.sleep(left)

    def process_response(self, request: Request, response: Response) -> Response:
        """Note how long to leave the host alone; the retry itself is Scrapy's."""
        header = response.headers.get("Retry-After") if response.status in ASKING else None
        asked = seconds_asked(header.decode("latin-1")) if header else None
        if asked is None:
            return response
        host = urlparse_cached(request).netloc
        if asked > self.longest:
            logger.warning("%s asks to wait %.0f s: not tried again in this run", host, asked)
            request.meta["dont_retry"] = True
        else:
            logger.info("%s asks to wait %.0f s", host, asked)
            self._until[host] = max(self._until.get(host, 0.0), monotonic() + asked)
        return response
