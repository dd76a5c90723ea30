"""Pictures of listings: each address fetched once a run, looked at before it is kept, kept by its hash.

What an earlier run has is asked for with its ETag or date, so that an unchanged picture costs an answer without a body;
an address without either is fetched again, because evidence wants the picture as it is shown now.
"""

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
from crawlers.gallery import Gallery, Hung
from crawlers.plan import PICTURE_SLOT
from evidence.pictures import MAX_BYTES, BadPicture, inspect
from evidence.store import Store

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

MAX_PER_LISTING = 12
OK = 200
NOT_MODIFIED = 304
# What the file ends with, give or take bytes some programs add. Cheaper than decoding, which is left to the matchers.
_ENDS = {"image/jpeg": b"\xff\xd9", "image/png": b"IEND", "image/gif": b"\x3b"}
_TAIL = 65_536


class Pictures:
    """Fetches pictures through the crawl's own middlewares: address guard, robots.txt, pace.

    Args:
        crawler: the running crawl.
        store: where bytes are kept.
        gallery: pictures of earlier runs, and of an earlier attempt at this one.
        job_id: the run.
        own_hosts: hosts that are the marketplace's own and share its pace.
    """

    def __init__(
        self, crawler: Crawler, store: Store, gallery: Gallery, job_id: str, own_hosts: frozenset[str]
    ) -> None:
        self._crawler = crawler
        self._store = store
        self._gallery = gallery
        self._job_id = job_id
        self._own_hosts = own_hosts
        self._under_way: dict[str, asyncio.Future[ImageRef]] = {}

    async def fetch(self, urls: Iterable[str], base: str) -> tuple[ImageRef, ...]:
        """Return one `ImageRef` per address, in order; what could not be had says why. Never raises."""
        wanted = list(dict.fromkeys(urljoin(base, url) for url in urls))
        taken = await asyncio.gather(*(self._once(url) for url in wanted[:MAX_PER_LISTING]))
        over = f"not fetched: a listing's first {MAX_PER_LISTING} pictures are"
        return (*taken, *(ImageRef(url=url, problem=over) for url in wanted[MAX_PER_LISTING:]))

    async def _once(self, url: str) -> ImageRef:
        if url in self._under_way:
            return await self._under_way[url]
        hung = self._gallery.get(url)
        if hung and hung.job_id == self._job_id:
            return hung.picture
        waiting: asyncio.Future[ImageRef] = asyncio.get_running_loop().create_future()
        self._under_way[url] = waiting
        found = ImageRef(url=url, problem="not fetched: the crawl ended")
        try:
            found, response = await self._fetch(url, hung)
            self._gallery.hang(
                Hung(
                    job_id=self._job_id,
                    picture=found,
                    etag=_header(response, "ETag"),
                    last_modified=_header(response, "Last-Modified"),
                )
            )
        finally:
            del self._under_way[url]
            waiting.set_result(found)
        return found

    async def _fetch(self, url: str, hung: Hung | None) -> tuple[ImageRef, Response | None]:
        """Fetch a picture; the answer is returned where its validators may be used next time."""
        before = hung if hung and hung.picture.sha256 and self._store.has(hung.picture.sha256) else None
        pairs = {"If-None-Match": before.etag, "If-Modified-Since": before.last_modified} if before else {}
        headers = {name: value for name, value in pairs.items() if value}
        meta = {"download_maxsize": MAX_BYTES}
        try:
            request = Request(url, callback=NO_CALLBACK, headers=headers, meta=meta, priority=1)
        except ValueError as error:
            return ImageRef(url=url, problem=f"not an address: {str(error)[:100]}"), None
        if urlparse_cached(request).hostname not in self._own_hosts:
            request.meta["download_slot"] = PICTURE_SLOT
        try:
            response = await self._crawler.engine.download_async(request)
        except IgnoreRequest as refusal:
            return ImageRef(url=url, problem=f"refused: {refusal}"), None
        except Exception as error:  # noqa: BLE001 (whatever goes wrong with a picture, its listing is kept)
            return ImageRef(url=url, problem=f"not fetched: {type(error).__name__}: {str(error)[:120]}"), None
        if response.status == NOT_MODIFIED and before and headers:
            for name, value in headers.items():  # an answer without a body need not repeat them
                response.headers.setdefault("ETag" if name == "If-None-Match" else "Last-Modified", value)
            return before.picture, response
        if response.status != OK:
            return ImageRef(url=url, problem=f"not fetched: HTTP {response.status}"), None
        return await asyncio.to_thread(self._keep, url, response.body), response

    def _keep(self, url: str, data: bytes) -> ImageRef:
        try:
            _check_riff(data)  # first: a short one cannot even be looked at
            info = inspect(data)
            _check_end(data, info.media_type)
        except BadPicture as problem:
            return ImageRef(url=url, problem=str(problem))
        sha256 = self._store.put(data)
        return ImageRef(url=url, sha256=sha256, media_type=info.media_type, width=info.width, height=info.height)


def _header(response: Response | None, name: str) -> str | None:
    value = response.headers.get(name) if response else None
    return value.decode("latin-1") if value else None


def _check_riff(data: bytes) -> None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) < int.from_bytes(data[4:8], "little") + 8:
        raise BadPicture(f"broken picture: image/webp cut short after {len(data):,} bytes")


def _check_end(data: bytes, media_type: str) -> None:
    end = _ENDS.get(media_type)
    if end is not None and end not in data[-_TAIL:]:
        raise BadPicture(f"broken picture: {media_type} cut short after {len(data):,} bytes")
