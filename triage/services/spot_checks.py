"""Every write to a spot check: drawn by chance, withdrawn, put before a person, judged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.permissions import NotAllowed, require
from accounts.services import record
from contracts.match import Match
from listings.models import Capture, Listing, Sighting
from registry.models import Brand
from triage.errors import CheckClosed
from triage.models import Flag, SpotCheck, Verdict
from triage.permissions import DECIDE, DECIDERS
from triage.services.flags import OTHER_REASON, as_stored, decide, flag_for_check, lease
from triage.states import SPOT_CHECK, SpotCheckState, Stratum

# Of how many a person is shown in turn: most are of use where copies are likeliest to be missed, and a few must come
# from everywhere, else nothing could be said of the rest.
TURNS = {Stratum.NEAR: 5, Stratum.MIDDLE: 3, Stratum.BOTTOM: 1, Stratum.SILENT: 1}


def put_spot_check(
    *, listing: Listing, brand: Brand, match: Match, capture: Capture, stratum: Stratum, inclusion: float, place: float
) -> SpotCheck | None:
    """Put a drawn match among those that wait for a person, or bring one that waits up to date.

    Calling it again changes nothing; one that was judged stays as it was judged.

    Returns:
        The spot check, or None when there is a flag, which people look at anyway.
    """
    drawn: dict[str, Any] = {
        "capture": capture,
        "fingerprint": capture.fingerprint,
        "match": as_stored(match),
        "stratum": stratum,
        "inclusion": inclusion,
        "place": place,
        "state": SpotCheckState.WAITING,
    }
    with transaction.atomic():
        if Flag.objects.filter(listing=listing, brand=brand).exists():
            return None
        check, created = SpotCheck.objects.get_or_create(
            listing=listing, brand=brand, defaults={**drawn, "drawn_at": timezone.now()}
        )
        changed = created or any(getattr(check, name) != value for name, value in drawn.items())
        if changed and not created:
            changed = bool(_may_become(check, SpotCheckState.WAITING).update(**drawn, drawn_at=timezone.now()))
            check.refresh_from_db()
        if changed:
            detail = {"stratum": stratum, "inclusion": inclusion, "probability": match.probability}
            record(actor=None, verb="spot_check.drawn", subject=check, organisation=check.organisation, detail=detail)
    return check


def withdraw_spot_check(*, check: SpotCheck) -> None:
    """Take a spot check that waits out of the sample."""
    with transaction.atomic():
        if _may_become(check, SpotCheckState.WITHDRAWN).update(state=SpotCheckState.WITHDRAWN):
            record(actor=None, verb="spot_check.withdrawn", subject=check, organisation=check.organisation)


def withdraw_unseen(*, listings: Collection[int]) -> None:
    """Take out of the sample what waits about some listings that its organisation may see no longer."""
    seen = Sighting.objects.filter(listing=OuterRef("listing"), organisation=OuterRef("brand__organisation"))
    waiting = SpotCheck.objects.filter(~Exists(seen), listing__in=listings, state=SpotCheckState.WAITING)
    for check in waiting.select_related("brand__organisation"):
        withdraw_spot_check(check=check)


def next_spot_check(*, actor: User) -> SpotCheck | None:
    """Return what ``actor`` is to look at next, or None when the day's share of every organisation is judged.

    Strata take turns as `TURNS` says; within one, chance decided the order when they were drawn.

    Raises:
        NotAllowed: the actor decides nowhere.
    """
    organisations = set(actor.memberships.filter(role__in=DECIDERS).values_list("organisation", flat=True))
    if not organisations:
        raise NotAllowed(actor, DECIDE)
    counted = (
        SpotCheck.objects.filter(brand__organisation__in=organisations)
        .exclude(state=SpotCheckState.WITHDRAWN)
        .order_by("brand__organisation", "stratum")
        .values("brand__organisation", "stratum")
        .annotate(
            waiting=Count("pk", filter=Q(state=SpotCheckState.WAITING)),
            judged=Count("pk", filter=Q(state=SpotCheckState.JUDGED)),
            today=Count("pk", filter=Q(judged_at__gte=_midnight())),
        )
    )
    rows = list(counted)
    for organisation in sorted(organisations):
        own = [row for row in rows if row["brand__organisation"] == organisation]
        waiting = [row for row in own if row["waiting"]]
        if waiting and sum(row["today"] for row in own) < settings.SPOT_CHECKS_A_DAY:
            turn = min(waiting, key=lambda row: (row["judged"] + 1) / TURNS[row["stratum"]])
            return SpotCheck.objects.filter(
                brand__organisation=organisation, stratum=turn["stratum"], state=SpotCheckState.WAITING
            ).first()
    return None


def judge_spot_check(*, actor: User, check: SpotCheck, kind: str, seen_fingerprint: str, note: str = "") -> Verdict:
    """Judge a match that was not flagged: it becomes a flag of its own with this verdict, as any flag has.

    Args:
        actor: who looked at it.
        check: what was looked at.
        kind: one of `VerdictKind`; *unsure* puts the flag before another person for a second look.
        seen_fingerprint: the spot check's fingerprint when its page was shown.
        note: free text.

    Raises:
        NotAllowed: the actor is nobody, or may not decide here.
        BadInput: no such verdict.
        CheckClosed: somebody was faster, the listing changed, or it was flagged meanwhile; nothing is decided.
    """
    if actor is None:
        raise NotAllowed(actor, DECIDE)
    require(actor, DECIDE, check)
    if Flag.objects.filter(listing=check.listing_id, brand=check.brand_id).exists():
        withdraw_spot_check(check=check)
        raise CheckClosed(check)
    with transaction.atomic():
        waits = _may_become(check, SpotCheckState.JUDGED).filter(fingerprint=seen_fingerprint)
        if not waits.update(state=SpotCheckState.JUDGED, judged_at=timezone.now()):
            raise CheckClosed(check)
        check.refresh_from_db()
        flag = flag_for_check(actor=actor, check=check)
        if flag is None:  # raised this very moment; whoever asks next has the spot check withdrawn
            raise CheckClosed(check)
        SpotCheck.objects.filter(pk=check.pk).update(flag=flag)
        held = lease(actor=actor, flag=flag)
        return decide(
            actor=actor, flag=held, kind=kind, seen_fingerprint=seen_fingerprint, reason=OTHER_REASON, note=note
        )


def _may_become(check: SpotCheck, target: SpotCheckState) -> Any:
    return SpotCheck.objects.filter(pk=check.pk, state__in=SPOT_CHECK.sources(target))


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
