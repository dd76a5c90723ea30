"""What is known of the sellers of a batch of listings before it is matched.

Everything counts for its own organisation alone, verdicts and suspicions: what another one registered, found or decided
must not be felt here (see docs/decisions/0014). But organisations of the pool agreed that how often a shop was flagged
is felt by all of them (0016): a number, never whose flags or which, and never what cleared a shop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from django.db.models import Count
from django.utils import timezone

from accounts.pool import members
from contracts.match import Ground, SellerRecord
from contracts.verdict import VerdictKind
from listings.models import Listing, Sighting
from matchers.judge import ground_of
from matchers.odds import log_odds
from triage.models import Flag
from triage.states import VerdictState

MANY = 500  # listings of a given-away shop that are looked at again, the newest
SURE = 0.8  # probability on its own evidence from which a listing makes its shop suspicious
OF_OTHERS = frozenset({"seller_strikes", "seller_suspected", "seller_cleared", "relist"})  # not of the listing itself
CLEARING = frozenset({VerdictKind.GENUINE, VerdictKind.AUTHORISED, VerdictKind.RESALE})


@attrs.frozen
class _Known:
    listing_id: int
    brand_id: str
    organisation_id: int
    kind: str  # of the verdict that stands, "" without one
    forgotten: bool
    suspicious: bool


class Sellers:
    """The sellers of some listings; four queries whatever they sold.

    Args:
        listings: the listings that are about to be matched.
    """

    def __init__(self, listings: Iterable[Listing]) -> None:
        shops = {listing.seller_id for listing in listings if listing.seller_id}
        self._pool = members()
        sighted = Sighting.objects.filter(listing__seller__in=shops)
        counted = sighted.order_by().values_list("listing__seller", "organisation").annotate(Count("pk"))
        self._listings = {(seller, organisation): count for seller, organisation, count in counted}
        self._known: dict[int, list[_Known]] = defaultdict(list)
        flags = Flag.objects.filter(listing__seller__in=shops).select_related("brand", "listing")
        for flag in flags.prefetch_related("verdicts"):
            assert flag.listing.seller_id is not None  # the query asks for it
            self._known[flag.listing.seller_id].append(_known(flag))

    def records(self, listing: Listing, organisations: Mapping[str, int]) -> dict[str, SellerRecord]:
        """Return by brand what is known of the listing's seller, the listing itself left out.

        Args:
            listing: one of the listings given.
            organisations: brand id -> key of the organisation it belongs to.
        """
        others = [known for known in self._known.get(listing.seller_id or 0, ()) if known.listing_id != listing.pk]
        if not others:
            return {}
        pooled = [known for known in others if known.organisation_id in self._pool]
        return {
            brand_id: _record(
                [known for known in others if known.organisation_id == own],
                pooled if own in self._pool else [],
                self._listings.get((listing.seller_id, own), 0),
            )
            for brand_id, own in organisations.items()
        }


def _known(flag: Flag) -> _Known:
    verdict = next((row for row in flag.verdicts.all() if row.state == VerdictState.STANDING), None)
    expires = verdict.memory_expires_at if verdict else None
    kind = verdict.kind if verdict else ""
    return _Known(
        listing_id=flag.listing_id,
        brand_id=str(flag.brand_id),
        organisation_id=flag.brand.organisation_id,
        kind=kind,
        forgotten=expires is not None and expires <= timezone.now(),
        suspicious=kind in {"", VerdictKind.COUNTERFEIT, VerdictKind.LIKELY} and stands_alone(flag),
    )


def stands_alone(flag: Flag) -> bool:
    """Tell whether a flag would be a counterfeit's without what is known of its seller.

    Its ground is named anew, else suspicion would feed on itself: the stored one may rest on the seller's others.
    """
    return _own_ground(flag.match) is Ground.COUNTERFEIT and own_evidence(flag.match) >= log_odds(SURE)


def _own_ground(match: Mapping[str, Any]) -> Ground:
    signals = match["signals"]
    return ground_of({signal["name"]: signal["weight"] for signal in signals if signal["name"] not in OF_OTHERS})


def own_evidence(match: Mapping[str, Any]) -> float:
    """Return a stored match's log-odds without what the seller's other listings added."""
    lent = sum(signal["weight"] for signal in match["signals"] if signal["name"] in OF_OTHERS)
    return log_odds(float(match["probability"])) - float(lent)


def _record(own: list[_Known], pool: list[_Known], count: int) -> SellerRecord:
    def decided(kinds: Iterable[str]) -> int:
        wanted = set(kinds)
        return len({known.listing_id for known in own if known.kind in wanted and not known.forgotten})

    suspected = {known.listing_id for known in own if known.suspicious}
    return SellerRecord(
        strikes=decided([VerdictKind.COUNTERFEIT]),
        cleared=decided(CLEARING),
        suspected=len(suspected),
        pooled=len({known.listing_id for known in pool if known.suspicious} - suspected),
        listings=count,
    )
