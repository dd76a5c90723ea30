"""What the listings room does when something is published: keeps the search index up to date, shares in the pool."""

from __future__ import annotations

from accounts.outbox import subscribe
from listings.indexing import index_listings
from listings.models import Listing
from listings.services import share_in_pool


@subscribe("listings.changed")
@subscribe("listings.withdrawn")
def index_changed(*, listings: list[int]) -> None:
    """Put new and changed listings into the search index, and those that fewer may see than before."""
    index_listings(Listing.objects.filter(pk__in=listings))


@subscribe("accounts.pool_joined")
def share_found(*, organisation_id: int) -> None:  # noqa: ARG001 (whoever is in the pool shares with all the others)
    """Share what was found before somebody joined: theirs with the others, the others' with them."""
    share_in_pool()


@subscribe("listings.sharing")
def go_on_sharing(*, after: int) -> None:
    """Share what is left."""
    share_in_pool(after=after)
