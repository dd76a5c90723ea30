"""What part of the queue is looked at. The address of the page holds it, so a filtered queue can be bookmarked."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import attrs
from django.db.models import Q, QuerySet

from contracts.market import Region, manifests
from contracts.match import Ground
from triage.models import Flag
from triage.states import OPEN, FlagState

SHOWN: Mapping[str, frozenset[FlagState]] = {
    "open": OPEN | {FlagState.LEASED},
    "snoozed": frozenset({FlagState.SNOOZED}),
    "decided": frozenset({FlagState.DECIDED}),
}

_LONGEST_ID = 18  # digits of the largest id every database takes


def regions_of_markets() -> dict[str, str]:
    """Return the region each configured market belongs to."""
    return {market: str(manifest.region) for market, manifest in manifests().items()}


@attrs.frozen(kw_only=True)
class QueueFilter:
    """Which flags; an absent part filters nothing. ``show`` is one of the keys of `SHOWN`."""

    brand: int | None = None
    market: str = ""
    region: str = ""
    ground: str = ""
    show: str = "open"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> QueueFilter:
        """Read the address's parameters; what does not fit is left out, because people edit addresses."""
        brand = query.get("brand", "")
        region = query.get("region", "")
        ground = query.get("ground", "")
        show = query.get("show", "")
        return cls(
            brand=int(brand) if brand.isascii() and brand.isdigit() and len(brand) <= _LONGEST_ID else None,
            market=query.get("market", "")[:40],
            region=region if region in set(Region) else "",
            ground=ground if ground in set(Ground) else "",
            show=show if show in SHOWN else "open",
        )

    def query(self) -> str:
        """Return the filter as the query part of an address, without ``?``; empty when nothing is filtered."""
        parts = attrs.asdict(self)
        if self.show == "open":
            parts.pop("show")
        return urlencode({name: value for name, value in parts.items() if value})

    def narrow(self, flags: QuerySet[Flag]) -> QuerySet[Flag]:
        """Keep the flags of the chosen brand, market, region and ground, in whatever state they are."""
        wanted = Q()
        if self.brand is not None:
            wanted &= Q(brand_id=self.brand)
        if self.market:
            wanted &= Q(listing__market=self.market)
        if self.region:
            markets = [market for market, region in regions_of_markets().items() if region == self.region]
            wanted &= Q(listing__market__in=markets)
        if self.ground:
            wanted &= Q(ground=self.ground)
        return flags.filter(wanted)

    def apply(self, flags: QuerySet[Flag]) -> QuerySet[Flag]:
        """Keep what the queue page shows."""
        return self.narrow(flags).filter(state__in=SHOWN[self.show])
