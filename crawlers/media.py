"""Pictures of listings: each address fetched once, looked at before it is kept, kept by its hash."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from contracts.job import ImageRef
from crawlers.plan import PICTURE_SLOT
from evidence.pictures import MAX_BYTES, BadPicture, inspect
from evidence.store import Store

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MAX_PER_LISTING = 12
OK = 200
# What the file ends with, give or take bytes some programs add. Cheaper than decoding, which is left to the matchers.
_ENDS = {"image/jpeg": b"\xff\xd9", "image/png": b"IEND"}
_TAIL = 65_536


class Pictures:
    """Fetches pictures through the crawl's own middlewares: address guard, robots.txt, pace.

    Args:
        crawler: the running crawl.
        store: where bytes are kept.
        known: pictures an earlier run of the job has, by address.
        own_hosts: hosts that are the marketplace's own and share its pace.
    """

    def __init__(self, crawler: Crawler, store: Store, known: dict[str, ImageRef], own_hosts: frozenset[str]) -> None:
        self._crawler = crawler
        self._store = store
        self._own_hosts = own_hosts
        self._known = known
        self._under_way: dict[str, asyncio.Future[ImageRef]] = {}

    async def fetch(self, urls: Iterable[str], base: str) -> tuple[ImageRef, ...]:
        """Return one `ImageRef` per address, in order; what could not be had says why. Never raises."""
        wanted = list(dict.fromkeys(urljoin(base, url) for url in urls))
        taken = await asyncio.gather(*(self._once(url) for url in wanted[:MAX_PER_LISTING]))
        over = f"not fetched: a listing's first {MAX_PER_LISTING} pictures are"
        return (*taken, *(ImageRef(url=url, problem=over) for url in wanted[MAX_PER_LISTING:]))

    async def _once(self, url: str) -> ImageRef:
        if url in self._known:
            return self._known[url]
        if url in self._under_way:
            return await self._under_way[url]
        waiting: asyncio.Future[ImageRef] = asyncio.get_running_loop().create_future()
        self._under_way[url] = waiting
        found = ImageRef(url=url, problem="not fetched: the crawl ended")
        try:
            found = await self._fetch(url)
        finally:
            del self._under_way[url]
            waiting.set_result(found)
        self._known[url] = found
        return found

    async def _fetch(self, url: str) -> ImageRef:
        try:
            request = Request(url, callback=NO_CALLBACK, meta={"download_maxsize": MAX_BYTES}, priority=1)
        except ValueError as error:
            return ImageRef(url=url, problem=f"not an address: {str(error)[:100]}")
        if urlparse_cached(request).hostname not in self._own_hosts:
            request.meta["download_slot"] = PICTURE_SLOT
        try:
            response = await self._crawler.engine.download_async(request)
        except IgnoreRequest as refusal:
            return ImageRef(url=url, problem=f"refused: {refusal}")
        except Exception as error:  # noqa: BLE001 (whatever goes wrong with a picture, its listing is kept)
            return ImageRef(url=url, problem=f"not fetched: {type(error).__name__}: {str(error)[:120]}")
        if response.status != OK:
            return ImageRef(url=url, problem=f"not fetched: HTTP {response.status}")
        return await asyncio.to_thread(self._keep, url, response.body)

    def _keep(self, url: str, data: bytes) -> ImageRef:
        try:
            info = inspect(data)
            _check_end(data, info.media_type)
        except BadPicture as problem:
            return ImageRef(url=url, problem=str(problem))
        sha256 = self._store.put(data)
        return ImageRef(url=url, sha256=sha256, media_type=info.media_type, width=info.width, height=info.height)


def _check_end(data: bytes, media_type: str) -> None:
    end = _ENDS.get(media_type)
    if end and end not in data[-_TAIL:]:
        raise BadPicture(f"broken picture: {media_type} cut short after {len(data):,} bytes")
