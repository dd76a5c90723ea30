"""Reads of the listings room."""

from __future__ import annotations

from accounts.models import Organisation
from contracts.job import Known
from jobs.models import Watch
from listings.models import Listing
from listings.states import Presence


def known_listings(market: str) -> dict[str, Known]:
    """Return what is known of a market's live listings by listing id, for a crawl to skip what did not change."""
    rows = Listing.objects.filter(market=market, presence=Presence.LIVE).values_list("listing_id", "fingerprint")
    return {listing_id: Known(fingerprint=fingerprint) for listing_id, fingerprint in rows}


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
