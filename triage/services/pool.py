"""What the pool changes in triage (docs/decisions/0016): whose shops are looked at again, what stays on leaving."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.pool import members
from accounts.services import publish_once
from listings.models import Sighting
from listings.services import withdraw_from_pool
from triage.models import Flag
from triage.services.spot_checks import withdraw_unseen

SHOPS = 100  # that are told of between other messages


@transaction.atomic
def tell_of_joining(*, organisation_id: int, after: int = 0) -> None:
    """Have a page of the shops looked at again that somebody joining the pool knows and anybody in it flagged.

    Args:
        organisation_id: who joined.
        after: key of the last shop of the page before; the outbox has the next one told of.
    """
    pool = members()
    if organisation_id not in pool:
        return
    known = Sighting.objects.filter(organisation=organisation_id).values("listing__seller")
    flags = Flag.objects.filter(brand__organisation__in=pool, listing__seller__in=known, listing__seller__gt=after)
    shops = list(flags.order_by("listing__seller").values_list("listing__seller", flat=True).distinct()[:SHOPS])
    for shop in shops:
        publish_once("triage.shop_told_of", seller_id=shop, organisation_id=organisation_id)
    if len(shops) == SHOPS:
        publish_once("triage.joining", organisation_id=organisation_id, after=shops[-1])


@transaction.atomic
def withdraw_unflagged(*, first: int = 0) -> None:
    """Take back a page of what nobody in the pool stands behind any more; what was flagged stays with whom it was.

    A spot check that waits is nobody's work yet: it goes with its listing.

    Args:
        first: key of the listing to begin with.
    """
    flagged = Flag.objects.filter(listing=OuterRef("listing"), brand__organisation=OuterRef("organisation"))
    withdraw_unseen(listings=withdraw_from_pool(but=Exists(flagged), first=first))
