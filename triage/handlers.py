"""What triage does when other rooms publish: match what was seen anew, and all again when a brand changes."""

from __future__ import annotations

from accounts.outbox import subscribe
from listings.models import Listing
from registry.models import Brand
from triage.matching import Matching, match_listings


@subscribe("listings.changed")
def match_changed(*, listings: list[int]) -> None:
    """Match listings that are new or changed, for everybody who watches them."""
    brands = Brand.objects.filter(organisation__sightings__listing__in=listings).select_related("organisation")
    match_listings(Listing.objects.filter(pk__in=listings), matching=Matching(brands.distinct()))
