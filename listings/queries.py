"""Reads of the listings room."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import Organisation
from contracts.job import Known
from jobs.models import Watch
from listings.models import Listing, Sighting
from listings.states import Presence, Source


def known_listings(market: str, revisit: Collection[str] = ()) -> dict[str, Known]:
    """Return what is known of a market's live listings by listing id, for a crawl to skip what did not change.

    Args:
        market: the marketplace.
        revisit: ids of listings that are fetched again even if they look unchanged: the infringing ones.
    """
    again = set(revisit)
    rows = Listing.objects.filter(market=market, presence=Presence.LIVE).values_list(
        "listing_id", "fingerprint", "card_fingerprint", "etag", "last_modified"
    )
    # Built without validation: a large market has 100,000 of them.
    return {
        listing_id: Known.model_construct(
            fingerprint=fingerprint,
            card_fingerprint=card_fingerprint or None,
            etag=etag or None,
            last_modified=last_modified or None,
            revisit=listing_id in again,
        )
        for listing_id, fingerprint, card_fingerprint, etag, last_modified in rows.iterator(chunk_size=5000)
    }


def organisations_by_watch(market: str) -> dict[str, list[Organisation]]:
    """Return for each watch id everybody who watches the same term on the same site; one query."""
    groups: dict[tuple[str, str, str], list[tuple[str, Organisation]]] = {}
    for watch in Watch.objects.looked_for().filter(market=market).select_related("brand__organisation"):
        key = (watch.site, watch.kind, watch.term.casefold())
        groups.setdefault(key, []).append((str(watch.pk), watch.brand.organisation))
    return {
        watch_id: list({organisation.pk: organisation for _, organisation in members}.values())
        for members in groups.values()
        for watch_id, _ in members
    }


def stored(listing: Listing) -> list[str]:
    """Return the SHA-256 of the listing's pictures that are kept, in the order the page shows them."""
    return [image.sha256 for image in listing.images.all() if image.sha256]


def came_by_pool(listing: Listing, organisation: Organisation) -> bool:
    """Tell whether an organisation has a listing from the pool alone: 1 query."""
    return Sighting.objects.filter(listing=listing, organisation=organisation, source=Source.POOL).exists()
