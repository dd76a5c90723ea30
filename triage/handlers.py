"""What triage does when other rooms publish: match what was seen anew, and all again when a brand changes."""

from __future__ import annotations

from accounts.outbox import subscribe
from listings.models import Listing
from registry.models import Brand
from triage.matching import Matching, match_listings


@subscribe("listings.changed")
def match_changed(*, listing: int) -> None:
    """Match one listing that is new or changed."""
    match_listings(Listing.objects.filter(pk=listing), matching=_watching(listing))


def _watching(listing: int) -> Matching:
    return Matching(
        Brand.objects.filter(organisation__sightings__listing=listing).select_related("organisation").distinct()
    )
