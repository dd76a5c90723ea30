"""What triage does when rooms publish: match what was seen, hunt for what is registered late, watch what is decided."""

from __future__ import annotations

import time

from accounts.outbox import subscribe
from contracts.verdict import VerdictKind
from jobs.services import forget_infringement, stop_seller, watch_infringement
from listings.models import Listing
from registry.models import Brand, Mark, ReferenceImage
from triage.history import others_of_shop
from triage.hunting import run_hunt
from triage.matching import Matching, match_listings
from triage.models import Hunt, Verdict
from triage.services import HuntHeld, HuntLost, queue_hunt, watch_over_hunt
from triage.states import HuntState, VerdictState

SLICE_SECONDS = 60.0  # of a hunt between other messages; well within the outbox's lease

# What leaves open whether a listing infringes changes nothing about how it is watched.
OPEN_KINDS = frozenset({VerdictKind.LIKELY, VerdictKind.UNSURE})


@subscribe("listings.changed")
def match_changed(*, listings: list[int]) -> None:
    """Match listings that are new or changed, for everybody who watches them."""
    brands = Brand.objects.filter(organisation__sightings__listing__in=listings).select_related("organisation")
    match_listings(Listing.objects.filter(pk__in=listings), matching=Matching(brands.distinct()))


@subscribe("registry.mark_added")
def hunt_mark(*, brand_id: int, mark_id: int) -> None:
    """Have a new mark, or a new spelling of one, searched back for."""
    for mark in Mark.objects.filter(pk=mark_id, brand=brand_id).select_related("brand__organisation"):
        queue_hunt(actor=None, brand=mark.brand, marks=[mark], again=False)


@subscribe("registry.image_added")
def hunt_image(*, brand_id: int, image_id: int) -> None:
    """Have a new picture searched back for."""
    for image in ReferenceImage.objects.filter(pk=image_id, brand=brand_id).select_related("brand__organisation"):
        queue_hunt(actor=None, brand=image.brand, images=[image], again=False)


@subscribe("triage.hunt_queued")
def hunt(*, hunt_id: int) -> None:
    """Work on a hunt for a minute; what is left of it is published again."""
    found = Hunt.objects.filter(pk=hunt_id).exclude(state=HuntState.DONE).select_related("brand__organisation").first()
    if found is None:
        return
    end = time.monotonic() + SLICE_SECONDS
    try:
        run_hunt(hunt=found, stop=lambda: time.monotonic() > end)
    except HuntHeld:
        watch_over_hunt(hunt=found)
    except HuntLost:
        return  # whoever has it now goes on with it


@subscribe("triage.decided")
def watch_decided(*, flag_id: int, verdict_id: int) -> None:  # noqa: ARG001 (the message's ids)
    """Have a counterfeit and its seller watched, and what found it looked at more; take that back where it was none."""
    verdict = (
        Verdict.objects.select_related("flag__brand__organisation", "flag__listing__seller")
        .filter(pk=verdict_id, state=VerdictState.STANDING)
        .first()
    )
    if verdict is None or verdict.kind in OPEN_KINDS:
        return  # undone or replaced meanwhile: the newer verdict has a message of its own
    listing, brand = verdict.flag.listing, verdict.flag.brand
    seller = listing.seller
    if verdict.kind == VerdictKind.COUNTERFEIT:
        watch_infringement(
            actor=None,
            brand=brand,
            market=listing.market,
            site=listing.site,
            listing_id=listing.listing_id,
            seller_id=seller.seller_id if seller else "",
        )
        return
    forget_infringement(actor=None, brand=brand, market=listing.market, listing_id=listing.listing_id)
    if seller and seller.seller_id and not _sells_counterfeits(seller.pk, brand):
        stop_seller(actor=None, brand=brand, market=listing.market, seller_id=seller.seller_id)


def _sells_counterfeits(seller_id: int, brand: Brand) -> bool:
    standing = Verdict.objects.filter(kind=VerdictKind.COUNTERFEIT, state=VerdictState.STANDING)
    return standing.filter(flag__brand=brand, flag__listing__seller_id=seller_id).exists()


@subscribe("triage.decided")
def match_shop_again(*, flag_id: int, verdict_id: int) -> None:  # noqa: ARG001 (the message's ids)
    """Look again at what else the shop sells: a verdict about one listing speaks of its others."""
    verdict = Verdict.objects.select_related("flag__brand__organisation", "flag__listing").filter(pk=verdict_id).first()
    if verdict is None or verdict.state != VerdictState.STANDING or verdict.kind in OPEN_KINDS:
        return
    listing, brand = verdict.flag.listing, verdict.flag.brand
    brands = Brand.objects.filter(organisation=brand.organisation_id).select_related("organisation")
    if listing.seller_id is not None:
        match_listings(others_of_shop(listing), matching=Matching(brands))
