"""What the pool changes about suspicion (docs/decisions/0016): whose shops are looked at again, what stays on leaving.

Suspicion that rests on a shop's other listings counts for nobody, so what is told here is never told on.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.pool import members
from accounts.services import publish_once
from listings.models import Sighting
from listings.services import withdraw_from_pool
from triage.models import Flag

SHOPS = 100  # that are told of between other messages


@transaction.atomic
def tell_pool_of_shop(*, seller_id: int, organisation_id: int) -> None:
    """Have a shop that was flagged for one organisation looked at again for the others in its pool that know it."""
    pool = members()
    if organisation_id in pool:
        _tell(seller_id, _knowing([seller_id], pool).get(seller_id, set()) - {organisation_id})


@transaction.atomic
def tell_of_joining(*, organisation_id: int, after: int = 0) -> None:
    """Have a page of shops looked at again that somebody joining the pool flagged, or knows and others flagged.

    Args:
        organisation_id: who joined.
        after: key of the last shop of the page before; the outbox has the next one told of.
    """
    pool = members()
    if organisation_id not in pool:
        return
    flags = Flag.objects.filter(brand__organisation__in=pool, listing__seller__gt=after)
    shops = flags.order_by("listing__seller").values_list("listing__seller", flat=True).distinct()
    page = list(shops[:SHOPS])
    flagging: dict[int, set[int]] = {}
    told = Flag.objects.filter(listing__seller__in=page, brand__organisation__in=pool)
    for shop, organisation in told.values_list("listing__seller", "brand__organisation").distinct():
        flagging.setdefault(shop, set()).add(organisation)
    for shop, knowing in _knowing(page, pool).items():
        others = knowing - {organisation_id} if organisation_id in flagging[shop] else set()
        _tell(shop, others | (knowing & {organisation_id} if flagging[shop] - {organisation_id} else set()))
    if len(page) == SHOPS:
        publish_once("triage.joining", organisation_id=organisation_id, after=page[-1])


def withdraw_unflagged() -> None:
    """Take back a page of what nobody in the pool stands behind any more; what was flagged stays with whom it was."""
    flagged = Flag.objects.filter(listing=OuterRef("listing"), brand__organisation=OuterRef("organisation"))
    withdraw_from_pool(but=Exists(flagged))


def _knowing(shops: Iterable[int], pool: frozenset[int]) -> dict[int, set[int]]:
    """Return by shop who of the pool knows something it sells."""
    seen = Sighting.objects.filter(listing__seller__in=shops, organisation__in=pool)
    knowing: dict[int, set[int]] = {}
    for shop, organisation in seen.values_list("listing__seller", "organisation").distinct():
        knowing.setdefault(shop, set()).add(organisation)
    return knowing


def _tell(shop: int, organisations: Iterable[int]) -> None:
    for organisation in sorted(organisations):
        publish_once("triage.shop_told_of", seller_id=shop, organisation_id=organisation)
