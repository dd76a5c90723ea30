"""No request leaves for a private address: neither as written, nor after a redirect, nor by what a name resolves to.

`AddressGuard` sees every request as written, redirects included (each comes back through the middlewares as a request
of its own). `GuardedResolver` answers the connection itself: every address a name has is checked, and the connection
goes to the one that was checked, so a name cannot change its mind in between. Twisted asks it for IP literals too.

Limits: the resolver is not told the port, so a job's own private host is let through there on any port; the exact pair
is held by `AddressGuard`. As Scrapy's own resolver it answers with IPv4 alone.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver, dnscache
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError
from twisted.internet.threads import deferToThreadPool

from evidence.addresses import AddressRefused, check_url, resolve, system_lookup

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

# One process runs one job; Scrapy builds the resolver from the process, before a spider could tell it anything.
_allowed: set[str] = set()
_refused: dict[str, str] = {}


def allow(pairs: Collection[str]) -> None:
    """Set the exact ``host:port`` pairs this process may reach although they are private."""
    _allowed.clear()
    _allowed.update(pairs)
    _refused.clear()


def why_refused(host: str) -> str:
    """Return why the resolver refused ``host``, or an empty text."""
    return _refused.get(host, "")


class RefusedRequest(IgnoreRequest):
    """A request that may not be made, with the reason in words: its address, robots.txt."""


class AddressGuard:
    """Downloader middleware; raises `RefusedRequest`."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build; which pairs are allowed is told by `allow`."""
        del crawler
        return cls()

    def process_request(self, request: Request) -> None:
        """Let a request for a public or an allowed address pass."""
        try:
            check_url(request.url, _allowed)
        except AddressRefused as refusal:
            logger.warning("%s", refusal)
            raise RefusedRequest(refusal.why) from None


def lookup(host: str) -> str:
    """Return the one checked IPv4 address to connect to. Raises `DNSLookupError` as Twisted expects it."""
    private = any(pair.rpartition(":")[0] == host for pair in _allowed)
    try:
        addresses = system_lookup(host, 443) if private else resolve(host, 443)
    except AddressRefused as refusal:
        _refused[host] = refusal.why
        raise DNSLookupError(str(refusal)) from None
    except OSError as error:
        raise DNSLookupError(f"{host}: {error}") from None
    for address in addresses:
        if ipaddress.ip_address(address.partition("%")[0]).version == 4:  # noqa: PLR2004 (the version of IP)
            return address
    raise DNSLookupError(f"{host}: no IPv4 address")


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver with every answer checked; answers are kept for the life of the process."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: ARG002, N802 (Twisted's)
        """Resolve in a thread."""
        if name in dnscache:
            answer: Deferred[str] = Deferred()
            answer.callback(dnscache[name])
            return answer
        reactor: Any = self.reactor
        found = deferToThreadPool(reactor, reactor.getThreadPool(), lookup, name)
        found.addCallback(self._cache_result, name)
        return found
