"""What triage does when rooms publish: match what was seen, hunt for what is registered late, watch what is decided."""

from __future__ import annotations

import time

from django.db.models import Q, QuerySet

from accounts.outbox import subscribe
from accounts.pool import members
from accounts.services import publish_once
from contracts.verdict import VerdictKind
from jobs.services import forget_infringement, stop_seller, watch_infringement, watch_suspect
from listings.indexing import index_listings
from listings.models import Listing, Seller
from registry.models import Brand, Mark, ReferenceImage
from triage.history import MANY, stands_alone
from triage.hunting import run_hunt
from triage.matching import Matching, brands_watching, match_listings
from triage.models import Flag, Hunt, Verdict
from triage.services import (
    HuntHeld,
    HuntLost,
    queue_hunt,
    tell_of_joining,
    tell_of_shop,
    watch_over_hunt,
    withdraw_unflagged,
)
from triage.states import FlagState, HuntState, VerdictState

SLICE_SECONDS = 60.0  # of a hunt between other messages; well within the outbox's lease
SHOP_PAGE = 50  # listings of a shop that are matched again between other messages

# What leaves open whether a listing infringes changes nothing about how it is watched.
OPEN_KINDS = frozenset({VerdictKind.LIKELY, VerdictKind.UNSURE})


@subscribe("listings.changed")
def match_changed(*, listings: list[int]) -> None:
    """Match listings that are new or changed, for everybody who watches them."""
    changed = Listing.objects.filter(pk__in=listings)
    _match(changed, Matching(brands_watching(changed)))


def _match(listings: QuerySet[Listing], matching: Matching) -> None:
    """Match listings; from then on they are searched also by what was made of their pictures."""
    try:
        match_listings(listings, matching=matching)
    finally:  # one that cannot be matched keeps none of the others from being found
        index_listings(listings)


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
    if seller and seller.seller_id:
        _watch_suspected(seller, brand)


def _watch_suspected(seller: Seller, brand: Brand) -> None:
    """Have a shop watched that a flag of the brand gives away, and no longer where none does any more.

    One that sold a counterfeit is watched as it is.
    """
    standing = Verdict.objects.filter(state=VerdictState.STANDING, flag__brand=brand, flag__listing__seller=seller)
    if standing.filter(kind=VerdictKind.COUNTERFEIT).exists():
        return
    flags = Flag.objects.filter(brand=brand, listing__seller=seller).select_related("listing")
    undecided = ~Q(state=FlagState.DECIDED) | Q(pk__in=standing.filter(kind__in=OPEN_KINDS).values("flag"))
    for flag in flags.filter(undecided).order_by("-probability"):
        if stands_alone(flag):
            site = flag.listing.site
            watch_suspect(actor=None, brand=brand, market=seller.market, site=site, seller_id=seller.seller_id)
            return
    stop_seller(actor=None, brand=brand, market=seller.market, seller_id=seller.seller_id)


@subscribe("triage.decided")
def look_again_at_shop(*, flag_id: int, verdict_id: int) -> None:  # noqa: ARG001 (the message's ids)
    """Have what else the shop sells looked at again: a verdict about one listing speaks of its others."""
    verdict = Verdict.objects.select_related("flag__brand__organisation", "flag__listing").filter(pk=verdict_id).first()
    if verdict is None or verdict.state != VerdictState.STANDING or verdict.kind in OPEN_KINDS:
        return
    tell_of_shop(flag=verdict.flag)


@subscribe("triage.shop_told_of")
def watch_shop(*, seller_id: int, organisation_id: int, before: int | None = None) -> None:
    """Have a shop that one listing gives away looked at in the next runs, as long as one does and nobody decided."""
    seller = Seller.objects.filter(pk=seller_id).exclude(seller_id="").first()
    if before is not None or seller is None:
        return  # told on for the next page of `match_shop`, or a seller without a shop
    flagged = Flag.objects.filter(brand__organisation=organisation_id, listing__seller=seller)
    for brand in Brand.objects.filter(pk__in=flagged.values("brand")).select_related("organisation"):
        _watch_suspected(seller, brand)


@subscribe("triage.shop_told_of")
def match_shop(*, seller_id: int, organisation_id: int, before: int | None = None) -> None:
    """Match a shop's newest `MANY` listings again for one organisation and its pool: what is known counts for all.

    A page at a time, newest first; what lies ``before`` it is published again. Suspicion that rests on a shop's other
    listings counts for nobody, so once is enough.
    """
    pool = members()
    feeling = pool if organisation_id in pool else {organisation_id}
    sold = Listing.objects.filter(seller=seller_id, sightings__organisation__in=feeling).distinct()
    keys = list(sold.order_by("-pk").values_list("pk", flat=True)[:MANY])
    left = [key for key in keys if before is None or key < before]
    page = Listing.objects.filter(pk__in=left[:SHOP_PAGE])
    own = Brand.objects.filter(organisation__in=feeling)
    try:
        _match(page, Matching(brands_watching(page), only=own))
    finally:  # one listing that cannot be matched keeps none behind it from being looked at
        if left[SHOP_PAGE:]:
            publish_once(
                "triage.shop_told_of", seller_id=seller_id, organisation_id=organisation_id, before=left[SHOP_PAGE - 1]
            )


@subscribe("accounts.pool_joined")
@subscribe("triage.joining")
def tell_of_newcomer(*, organisation_id: int, after: int = 0) -> None:
    """Have shops looked at again about which somebody joining the pool and the others know of each other's flags."""
    tell_of_joining(organisation_id=organisation_id, after=after)


@subscribe("accounts.pool_left")
def withdraw(*, organisation_id: int) -> None:  # noqa: ARG001 (whatever nobody in the pool stands behind any more)
    """Take back what was shared by and with somebody who left the pool, but for what was flagged."""
    withdraw_unflagged()


@subscribe("listings.withdrawn")
def go_on_withdrawing(*, listings: list[int]) -> None:
    """Take back what is left behind the page that was taken back."""
    withdraw_unflagged(first=max(listings))
