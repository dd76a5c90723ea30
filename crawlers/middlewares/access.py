"""Requests to a marketplace's programming interface: authorised as they leave, counted against the day's quota."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

from contracts.errors import JikimiError
from crawlers.apis import ApiClient, client_of
from crawlers.middlewares.guard import RefusedRequest
from crawlers.quota import Quota
from evidence.store import Store

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawlers.plan import Plan


class ApiAccess:
    """Downloader middleware for requests with ``meta["api_site"]``; without an API in the job's plan it does nothing.

    A refused picture, refused keys and a used-up quota are told as `IgnoreRequest`: the page's outcome is *refused*.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._client: ApiClient | None = None
        self._quota: Quota | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build; the client is made with the first request, when the spider has read its job."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Request | None:
        """Authorise a request, and count it when it leaves."""
        site = request.meta.get("api_site")
        if site is None:
            return None
        client, quota = self._access()
        if request.meta.get("api_address"):
            quota.take()
            return None
        try:
            ready = await client.authorise(request, site)
        except JikimiError as problem:
            raise RefusedRequest(str(problem)) from None
        return ready.replace(meta={**request.meta, "api_address": request.url}, dont_filter=True)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Send a request once more whose token had run out."""
        address = request.meta.get("api_address")
        if address is None or not self._access()[0].refuses(request, response) or request.meta.get("api_again"):
            return response
        meta = {**request.meta, "api_address": None, "api_again": True}
        return request.replace(url=address, method="GET", body=b"", meta=meta, dont_filter=True)

    def _access(self) -> tuple[ApiClient, Quota]:
        if self._client is None or self._quota is None:
            plan: Plan = self._crawler.spider.plan  # type: ignore[union-attr]
            assert plan.api is not None
            evidence = Path(plan.job.evidence_dir)
            self._quota = Quota(evidence / "quota", plan.manifest.id, plan.api.calls_per_day)
            self._client = client_of(
                plan.api, os.environ, store=Store(evidence), send=self._send, spend=self._quota.take
            )
        return self._client, self._quota

    async def _send(self, request: Request) -> Response:
        meta = {**request.meta, "dont_obey_robotstxt": True, "dont_redirect": True}  # keys go nowhere else
        return await self._crawler.engine.download_async(request.replace(meta=meta))
