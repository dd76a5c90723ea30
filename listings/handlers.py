"""What the listings room does when it publishes: keeps the search index up to date."""

from __future__ import annotations

from accounts.outbox import subscribe
from listings.indexing import index_listings
from listings.models import Listing


@subscribe("listings.changed")
def index_changed(*, listings: list[int]) -> None:
    """Put new and changed listings into the search index."""
    index_listings(Listing.objects.filter(pk__in=listings))
