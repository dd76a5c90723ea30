"""The sandbox as a whole: the marketplaces, their doors, and the truth about what they sell."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import attrs

from sandbox.behaviours import Behaviour, Proceed
from sandbox.brands import read_brands
from sandbox.catalogue import Catalogue
from sandbox.http import Request, Response, Server
from sandbox.markets import STOREFRONTS
from sandbox.offers import Truth
from sandbox.profiles import PLAYED, PROFILES
from sandbox.storefront import Storefront


@attrs.frozen
class Visit:
    """One request a marketplace got; ``at`` counts seconds of a clock that only runs forward."""

    at: float
    path: str
    query: Mapping[str, str]
    user_agent: str
    status: int


class _Door:
    """What stands between visitors and one storefront: its behaviours, and the book of visits."""

    def __init__(self, storefront: Storefront) -> None:
        self.storefront = storefront
        self.behaviours: tuple[Behaviour, ...] = ()
        self.visits: list[Visit] = []
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        at = monotonic()
        response = _through(self.behaviours, self.storefront.answer)(request)
        visit = Visit(at, request.path, request.query, request.headers.get("user-agent", ""), response.status)
        with self._lock:
            self.visits.append(visit)
        return response


def _through(behaviours: Sequence[Behaviour], shop: Proceed) -> Proceed:
    if not behaviours:
        return shop
    first, rest = behaviours[0], behaviours[1:]
    return lambda request: first(request, _through(rest, shop))


class Sandbox:
    """Marketplaces on loopback, one port each; a context manager.

    Args:
        seed: the same seed, registry and number give the same offers, pages and pictures to the byte.
        registry: folder of brand folders (``<slug>/brand.toml`` and pictures), as ``samples/registry``.
        listings_per_market: offers on each marketplace; at most five per cent of them are counterfeits.
        markets: which of `sandbox.profiles.PLAYED` to open; the four invented ones by default.
        ports: fixed ports by marketplace; any free one by default.

    Raises:
        BadInput: the registry has no brand that can be sold.
    """

    def __init__(
        self,
        *,
        seed: int,
        registry: Path,
        listings_per_market: int = 300,
        markets: Iterable[str] = tuple(PROFILES),
        ports: Mapping[str, int] | None = None,
    ) -> None:
        brands = read_brands(registry)
        self.catalogues = {market: Catalogue(PLAYED[market], brands, seed, listings_per_market) for market in markets}
        self._doors = {market: _Door(STOREFRONTS[market](goods)) for market, goods in self.catalogues.items()}
        self._ports = dict(ports or {})
        self._servers: dict[str, Server] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open every marketplace."""
        for market, door in self._doors.items():
            server = Server(door.answer, self._ports.get(market, 0))
            self._servers[market] = server
            server.start()

    def stop(self) -> None:
        """Close every marketplace."""
        for server in self._servers.values():
            server.stop()
        self._servers.clear()

    @property
    def origins(self) -> dict[str, str]:
        """The address of each open marketplace: ``http://127.0.0.1:PORT``."""
        return {market: server.origin for market, server in self._servers.items()}

    def truth(self) -> list[Truth]:
        """Return what every offer of every marketplace really is."""
        return [truth for catalogue in self.catalogues.values() for truth in catalogue.truth]

    def behave(self, market: str, *behaviours: Behaviour) -> None:
        """Let a marketplace misbehave from now on, e.g. ``RateLimited(retry_after=2, times=3)``; none: as ever."""
        self._doors[market].behaviours = behaviours

    def remove(self, market: str, listing_id: str) -> None:
        """Take an offer down: its page stays, answers 200 and says that it is gone."""
        self._doors[market].storefront.removed.add(listing_id)

    def restore(self, market: str, listing_id: str) -> None:
        """Put an offer up again."""
        self._doors[market].storefront.removed.discard(listing_id)

    def visits(self, market: str) -> list[Visit]:
        """Return the requests a marketplace got so far, in order."""
        return list(self._doors[market].visits)
