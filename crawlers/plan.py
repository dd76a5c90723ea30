"""What a job means for one crawl: which way it goes, which addresses it asks for, how fast, on whose behalf."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import attrs

from contracts.errors import BadInput
from contracts.job import Job, Watch, WatchKind
from contracts.listing import AccessRung, Listing
from contracts.market import Api, Manifest, manifests
from evidence.addresses import AddressRefused, allowed_pairs, host_port

PICTURE_SLOT = "pictures"
PICTURE_DELAY_SECONDS = 1.0  # per picture from a host that is not the marketplace's own: a CDN made for many requests
SANDBOX_CONCURRENCY = 8
_OWN_WAYS = (AccessRung.API, AccessRung.HTTP, AccessRung.BROWSER)


def user_agent(contact: str) -> str:
    """Return the honest name a crawl goes by."""
    return f"jikimi/{version('jikimi')} (+{contact})"


def rung_of(manifest: Manifest, environ: Mapping[str, str] = os.environ) -> AccessRung | None:
    """Return the way a crawl goes; None for none.

    ``api`` where the manifest has an ``[api]`` table and the operator every key it names; else the first of http and
    browser that is declared. A market whose own addresses answer with data (no table, no pages) declares ``api`` alone.
    """
    if has_keys(manifest, environ):
        return AccessRung.API
    declared = [rung for rung in manifest.access if rung in _OWN_WAYS]
    pages = [rung for rung in declared if rung is not AccessRung.API]
    return next(iter(pages or ([] if manifest.api else declared)), None)


def has_keys(manifest: Manifest, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the market has an interface and the operator every key for it."""
    return manifest.api is not None and all(environ.get(name) for name in manifest.api.keys)


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:
        return ""


@attrs.define(slots=False)
class Plan:
    """A job with its market's manifest.

    Args:
        job: what to do.
        manifest: the market's manifest.
    """

    job: Job
    manifest: Manifest

    @classmethod
    def read(cls, path: Path, markets_dir: Path) -> Plan:
        """Read a job file and find its manifest.

        Raises:
            ManyBadInputs: the job does not fit, field by field.
            BadInput: no manifest of this market.
        """
        job = Job.read(path)
        known = manifests(markets_dir)
        if job.market not in known:
            raise BadInput(str(path), "market", "one of " + ", ".join(known), job.market)
        return cls(job, known[job.market])

    @cached_property
    def rung(self) -> AccessRung | None:
        """The access rung this crawl uses: the API where there are keys for it and it answers a watch of the job."""
        api = self.manifest.api
        answered = {
            WatchKind.SEARCH: api and api.search,
            WatchKind.IMAGE: api and api.image,
            WatchKind.SELLER: api and api.seller,
            WatchKind.LISTING: api and api.listing,
        }
        useful = any(answered.get(watch.kind) for watch in self.job.watches)
        return rung_of(self.manifest, os.environ if useful else {})

    @cached_property
    def api(self) -> Api | None:
        """The programming interface this crawl uses, where it uses one."""
        return self.manifest.api if self.rung is AccessRung.API else None

    def watches(self, kinds: Collection[WatchKind]) -> list[Watch]:
        """Return the job's watches of these kinds."""
        return [watch for watch in self.job.watches if watch.kind in kinds]

    def watch(self, watch_id: str) -> Watch:
        """Return a watch of the job."""
        return self._watches[watch_id]

    def has(self, watch_id: str) -> bool:
        """Tell whether the job has such a watch; an earlier attempt of it may have had others."""
        return watch_id in self._watches

    @cached_property
    def _watches(self) -> dict[str, Watch]:
        return {watch.watch_id: watch for watch in self.job.watches}

    def _origin(self, country: str) -> str | None:
        origin = self.job.origins.get(country)
        return origin.rstrip("/") if origin else None

    def address(self, watch: Watch, number: int = 0) -> str:
        """Return the address a watch asks for; ``number`` counts result pages from 0.

        Raises:
            BadInput: the market has no such site or no such address.
        """
        site, origin = self.manifest.site(watch.site), self._origin(watch.site)
        if self.api:
            return self._api_address(self.api, watch, number, origin)
        if watch.kind is WatchKind.SEARCH:
            url = self.manifest.search_url(site, watch.term, number, origin)
        elif watch.kind is WatchKind.CATEGORY:
            url = self.manifest.category_url(site, watch.term, number, origin)
        elif watch.kind is WatchKind.SELLER:
            url = self.manifest.seller_url(site, watch.term, number, origin)
        elif watch.kind is WatchKind.LISTING:
            url = self.manifest.listing_url(site, watch.term, origin)
        else:
            expected = "a market with an API that is searched by picture, and keys for it"
            raise BadInput(f"market {self.manifest.id}", "image", expected, watch.term)
        if not self._ours(url, origin):
            raise BadInput(
                f"market {self.manifest.id}", f"addresses.{watch.kind}", "an address of the site itself", url
            )
        return url

    def _api_address(self, api: Api, watch: Watch, number: int, origin: str | None) -> str:
        if watch.kind is WatchKind.SEARCH:
            return api.address(api.search, number, origin, query=watch.term)
        if watch.kind is WatchKind.IMAGE:
            return api.address(api.image, number, origin, picture=watch.term)
        if watch.kind is WatchKind.SELLER:
            return api.address(api.seller, number, origin, seller_id=watch.term)
        if watch.kind is WatchKind.LISTING:
            return api.address(api.listing, number, origin, listing_id=watch.term)
        return api.address(None, number, origin, category=watch.term)

    def product_address(self, listing: Listing, watch: Watch, page_url: str) -> str | None:
        """Return where the listing's own page is, or None.

        A result page is hostile: an address of its own is followed within the site alone. On the API rung only the
        manifest's template counts, because the listing's address is the one for people.
        """
        site, origin = self.manifest.site(watch.site), self._origin(watch.site)
        if self.api:
            known = listing.listing_id and self.api.listing
            return self.api.address(self.api.listing, 0, origin, listing_id=listing.listing_id or "") if known else None
        if listing.url and self.rung is not AccessRung.API:
            url = _joined(page_url, listing.url)
            if self._ours(url, origin):
                return url.partition("#")[0]
        if listing.listing_id and self.manifest.addresses.listing:
            url = self.manifest.listing_url(site, listing.listing_id, origin)
            return url if self._ours(url, origin) else None
        return None

    def _ours(self, url: str, origin: str | None) -> bool:
        try:
            if origin:
                return host_port(url) == host_port(origin)
            host_port(url)
        except AddressRefused:
            return False
        return self.manifest.site_of_domain(urlsplit(url).hostname or "") is not None

    @cached_property
    def allowed(self) -> frozenset[str]:
        """The only ``host:port`` pairs that may be private: the job's origins, and what the operator set."""
        by_operator = os.environ.get("JIKIMI_FETCH_ALLOWED_PRIVATE", "").split(",")
        return allowed_pairs(list(self.job.origins.values())) | {pair.strip() for pair in by_operator if pair.strip()}

    @cached_property
    def schemes(self) -> frozenset[str]:
        """``https``, or what the job's origins are asked by."""
        sites = {watch.site for watch in self.job.watches}
        return frozenset(urlsplit(self._origin(site) or "https:").scheme for site in sites)

    @cached_property
    def own_hosts(self) -> frozenset[str]:
        """Host names of the job's sites, as they are asked."""
        return frozenset(self._paces)

    @cached_property
    def _paces(self) -> dict[str, tuple[float, int]]:
        """Seconds between requests and concurrency by host."""
        paces: dict[str, tuple[float, int]] = {}
        for country in sorted({watch.site for watch in self.job.watches}):
            origin = self._origin(country)
            if origin:
                paces[urlsplit(origin).hostname or ""] = self._sandbox_pace()
            elif self.api:
                pace = max(self.api.delay_seconds, self.job.delay_seconds or 0.0), self.manifest.rate.concurrency
                paces[urlsplit(self.api.origin).hostname or ""] = pace
            else:
                sites = [site for site in self.manifest.sites if site.country == country]
                paces.update((site.domain, self._real_pace()) for site in sites)
        return paces

    def _real_pace(self) -> tuple[float, int]:
        return max(self.manifest.rate.delay_seconds, self.job.delay_seconds or 0.0), self.manifest.rate.concurrency

    def _sandbox_pace(self) -> tuple[float, int]:
        if self.job.delay_seconds is None:
            return self._real_pace()
        return self.job.delay_seconds, max(self.manifest.rate.concurrency, SANDBOX_CONCURRENCY)

    def settings(self) -> dict[str, Any]:
        """Return the Scrapy settings of this job. A job's delay makes a sandbox faster, a real site only slower."""
        delay, concurrency = self._real_pace()
        most = max([concurrency, *(number for _, number in self._paces.values())])
        slots: dict[str, dict[str, float]] = {
            host: {"delay": seconds, "concurrency": number} for host, (seconds, number) in self._paces.items()
        }
        slots[PICTURE_SLOT] = {"delay": PICTURE_DELAY_SECONDS, "concurrency": 2}
        return {
            "USER_AGENT": user_agent(self.job.contact),
            "DOWNLOAD_DELAY": delay,
            "AUTOTHROTTLE_START_DELAY": delay,
            "AUTOTHROTTLE_TARGET_CONCURRENCY": most,
            # What is under way when a wall is met still goes out, so no more than the pace needs is.
            "CONCURRENT_REQUESTS": most,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
            "DOWNLOAD_SLOTS": slots,
            "SLOT_FLOORS": {slot: values["delay"] for slot, values in slots.items()},
            "JOBDIR": None,
        }
