"""Which matches below the queue's threshold are drawn for spot checks: by chance, and each time the same.

A pair of listing and brand has one number between 0 and 1 for good, a hash of what names it (a permanent random number:
Ohlsson, *Coordination of samples using permanent random numbers*, in Business Survey Methods, Wiley 1995). It is in the
sample while that number is smaller than its stratum's inclusion probability. So nothing is kept of what is not drawn,
matching again draws the same, and a pair whose score moves enters or leaves the sample as if it had always been there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import attrs
from django.conf import settings

from contracts.match import Match
from listings.models import Capture, Listing
from registry.models import Brand
from triage import services
from triage.models import Flag, SpotCheck
from triage.states import SpotCheckState, Stratum

# How many of a stratum are drawn. Plain offers that name a brand are many and lie in the middle, so that a million of
# them give some 20,000 rows; what nothing speaks of is the rest of what a crawl brings.
INCLUSION: Mapping[Stratum, float] = {
    Stratum.NEAR: 0.2,
    Stratum.MIDDLE: 0.02,
    Stratum.BOTTOM: 0.005,
    Stratum.SILENT: 0.001,
}
# Lower edges, as shares of the queue's threshold.
NEAR = 0.5
MIDDLE = 0.1


@attrs.frozen(kw_only=True)
class Draw:
    """A pair that is drawn: its stratum, with what probability, and its place by chance among those drawn with it."""

    stratum: Stratum
    inclusion: float
    place: float


def draw(listing: Listing, brand: Brand, match: Match) -> Draw | None:
    """Tell whether a pair that was not flagged is in the sample."""
    stratum = stratum_of(match)
    inclusion = INCLUSION[stratum]
    number = number_of(listing, brand)
    return Draw(stratum=stratum, inclusion=inclusion, place=number / inclusion) if number < inclusion else None


def number_of(listing: Listing, brand: Brand) -> float:
    """Return the pair's own number in [0, 1), the same on every machine and in every run."""
    named = (
        f"{brand.organisation.slug} {brand.slug} {listing.market} {listing.listing_id}"  # only the last may hold spaces
    )
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:8], "big") / 2**64


def stratum_of(match: Match) -> Stratum:
    """Return how far below the threshold a match lies."""
    if not match.signals:
        return Stratum.SILENT
    if match.probability >= NEAR * settings.QUEUE_THRESHOLD:
        return Stratum.NEAR
    return Stratum.MIDDLE if match.probability >= MIDDLE * settings.QUEUE_THRESHOLD else Stratum.BOTTOM


class Sampling:
    """Draws among a batch of listings as they are matched; one query for the batch, none while spot checks are off.

    Args:
        listings: the listings that are about to be matched.
    """

    def __init__(self, listings: Iterable[Listing]) -> None:
        self.on = settings.SPOT_CHECKS_A_DAY > 0
        known = SpotCheck.objects.filter(listing__in=[listing.pk for listing in listings]) if self.on else ()
        self._known = {(check.listing_id, check.brand_id): check for check in known}

    def take(self, listing: Listing, brand: Brand, match: Match, capture: Capture, *, flag: Flag | None = None) -> None:
        """Take in what matching said of a pair: put it before people if it is drawn, and no longer if it is not.

        What has a flag, people look at anyway.
        """
        if not self.on:
            return
        known = self._known.get((listing.pk, brand.pk))
        drawn = draw(listing, brand, match) if flag is None else None
        if drawn is not None and (known is None or known.state != SpotCheckState.JUDGED):
            services.put_spot_check(
                listing=listing,
                brand=brand,
                match=match,
                capture=capture,
                stratum=drawn.stratum,
                inclusion=drawn.inclusion,
                place=drawn.place,
            )
        elif drawn is None and known is not None and known.state == SpotCheckState.WAITING:
            services.withdraw_spot_check(check=known)
