"""Every write to a flag: raising it, holding it, deciding, undoing.

A person works on a flag only while they hold its *lease*. Every step is a conditional UPDATE that names the state it
starts from, because SQLite has no row locks; of two people racing for a flag one update changes a row, the other none.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.permissions import NotAllowed, require
from accounts.services import publish, publish_once, record
from contracts.errors import BadInput
from contracts.match import Match
from contracts.verdict import VerdictKind
from listings.models import Capture, Listing
from registry.models import Brand
from triage.changes import changes
from triage.errors import AlreadyDecided, ContentChanged, LeaseLost, SecondLookNeedsAnother, UndoClosed
from triage.filters import QueueFilter
from triage.history import stands_alone
from triage.models import Flag, Hunt, Skip, SpotCheck, Verdict
from triage.permissions import DECIDE, DECIDERS, UNDO_ANY
from triage.states import FLAG, OPEN, FlagState, SkipReason, VerdictState

LEASE = timedelta(minutes=10)
UNDO_WINDOW = timedelta(minutes=15)
SKIP_PAUSE = timedelta(hours=8)  # a working day: who skipped a flag is not handed it again before
OTHER_REASON = "other"

# How long a verdict is remembered about the seller and the offer. Permission to sell ends and shops change hands; what
# was a fake stays one. Judged, not measured (2026-11-23); see docs/how-to/monitor.md.
MEMORY = {
    VerdictKind.GENUINE: timedelta(days=365),
    VerdictKind.AUTHORISED: timedelta(days=180),
    VerdictKind.RESALE: timedelta(days=180),
    VerdictKind.NOT_OUR_MARK: timedelta(days=365),
}

_FREE = FLAG.sources(FlagState.LEASED) - {FlagState.LEASED, FlagState.DECIDED}


def raise_flag(
    *, listing: Listing, brand: Brand, match: Match, capture: Capture, hunt: Hunt | None = None
) -> Flag | None:
    """Take in what the matchers said of one listing and one brand; calling it again changes nothing.

    ``hunt`` is the retro-hunt that asked, kept with a flag it raises.

    Below ``QUEUE_THRESHOLD`` no new flag is raised, but one that waits has its score brought up to date. A decided flag
    is never asked again for the same content; changed content above the threshold reopens it, and a snoozed one too.

    Returns:
        The flag, or None when there is none and none was raised.
    """
    with transaction.atomic():
        flag = Flag.objects.filter(listing=listing, brand=brand).first()
        stood = flag is not None and stands_alone(flag)
        if flag is None:
            flag = _first_flag(listing, brand, match, capture, hunt)
        else:
            if flag.fingerprint == capture.fingerprint:
                _rescore(flag, match)
            else:
                _take_changed_content(flag, match, capture)
            flag.refresh_from_db()
        if flag is not None and stands_alone(flag) != stood:  # what it lent the shop's others is taken back too
            tell_of_shop(flag=flag)
        return flag


def tell_of_shop(*, flag: Flag) -> None:
    """Have the outbox look again at what else the shop of a flag's listing sells, for the flag's organisation."""
    if flag.listing.seller_id is not None:
        publish_once(
            "triage.shop_told_of", seller_id=flag.listing.seller_id, organisation_id=flag.brand.organisation_id
        )


def as_stored(match: Match) -> dict[str, Any]:
    """Return the match as it reads back from the database: lists, no tuples."""
    stored: dict[str, Any] = json.loads(json.dumps(match.to_json()))
    return stored


def _matched(match: Match, capture: Capture) -> dict[str, Any]:
    return {
        "probability": match.probability,
        "ground": match.ground,
        "match": as_stored(match),
        "capture": capture,
        "fingerprint": capture.fingerprint,
    }


def _first_flag(listing: Listing, brand: Brand, match: Match, capture: Capture, hunt: Hunt | None) -> Flag | None:
    if match.probability < settings.QUEUE_THRESHOLD:
        return None
    defaults = {**_matched(match, capture), "hunt": hunt}
    flag, created = Flag.objects.get_or_create(listing=listing, brand=brand, defaults=defaults)
    if created:
        detail = {"probability": match.probability, "ground": match.ground, "version": match.version}
        if hunt is not None:
            detail["hunt"] = hunt.pk
        record(actor=None, verb="flag.raised", subject=flag, organisation=flag.organisation, detail=detail)
        publish("triage.flagged", flag_id=flag.pk)
    return flag


def flag_for_check(*, actor: User, check: SpotCheck) -> Flag | None:
    """Raise the flag that a judged spot check needs, whatever its probability; None where one stands already."""
    defaults = {
        "capture": check.capture,
        "probability": check.match["probability"],
        "ground": check.match["ground"],
        "match": check.match,
        "fingerprint": check.fingerprint,
    }
    flag, created = Flag.objects.get_or_create(listing=check.listing, brand=check.brand, defaults=defaults)
    if not created:
        return None
    detail = {"probability": flag.probability, "spot_check": check.pk}
    record(actor=actor, verb="flag.raised", subject=flag, organisation=flag.organisation, detail=detail)
    publish("triage.flagged", flag_id=flag.pk)
    return flag


def _rescore(flag: Flag, match: Match) -> None:
    stored = as_stored(match)
    unchanged = flag.match == stored and flag.probability == match.probability
    if flag.state == FlagState.DECIDED or unchanged:
        return
    moved = (
        Flag.objects.filter(pk=flag.pk, fingerprint=flag.fingerprint)
        .exclude(state=FlagState.DECIDED)
        .update(probability=match.probability, ground=match.ground, match=stored, updated_at=timezone.now())
    )
    if moved:
        detail = {"before": flag.probability, "after": match.probability, "version": match.version}
        record(actor=None, verb="flag.rescored", subject=flag, organisation=flag.organisation, detail=detail)


def _take_changed_content(flag: Flag, match: Match, capture: Capture) -> None:
    reopens = flag.state in FLAG.sources(FlagState.REOPENED) - {FlagState.LEASED}
    if reopens and match.probability < settings.QUEUE_THRESHOLD:
        return
    step: dict[str, Any] = {"state": FlagState.REOPENED, "snoozed_until": None} if reopens else {}
    if flag.state == FlagState.LEASED and flag.came_from == FlagState.SNOOZED:
        step = {"came_from": FlagState.REOPENED}  # let go undecided, it does not go back to sleep
    moved = Flag.objects.filter(pk=flag.pk, state=flag.state, fingerprint=flag.fingerprint).update(
        **step, **_matched(match, capture), updated_at=timezone.now()
    )
    if moved:
        changed = [change.field for change in changes(flag.capture.data, capture.data)]
        verb = "flag.reopened" if reopens else "flag.content_changed"
        detail = {"changed": changed, "probability": match.probability}
        record(actor=None, verb=verb, subject=flag, organisation=flag.organisation, detail=detail)


def _second_look_asked_by(actor: User) -> Exists:
    """Return the condition that ``actor`` was the unsure one on a flag's present content."""
    return Exists(
        Verdict.objects.filter(
            flag=OuterRef("pk"), by=actor, kind=VerdictKind.UNSURE, fingerprint=OuterRef("fingerprint")
        ).exclude(state=VerdictState.UNDONE)
    )


def offered_to(actor: User) -> QuerySet[Flag]:
    """Return the open flags ``actor`` may be handed next, highest risk first.

    Raises:
        NotAllowed: the actor decides nowhere.
    """
    organisations = actor.memberships.filter(role__in=DECIDERS).values("organisation")
    if not organisations.exists():
        raise NotAllowed(actor, DECIDE)
    skipped = Skip.objects.filter(flag=OuterRef("pk"), by=actor, at__gt=timezone.now() - SKIP_PAUSE)
    return (
        Flag.objects.filter(brand__organisation__in=organisations, state__in=OPEN)
        .exclude(Q(state=FlagState.SECOND_LOOK) & _second_look_asked_by(actor))
        .exclude(Exists(skipped))
        .order_by("-probability", "id")
    )


def lease_next(*, actor: User, filters: QueueFilter | None = None) -> Flag | None:
    """Hand ``actor`` the riskiest open flag for ten minutes; who holds one already gets that one back.

    Returns:
        The flag, or None when nothing is left for this person within the filter.

    Raises:
        NotAllowed: the actor decides nowhere.
    """
    filters = filters or QueueFilter()
    wake_snoozed()
    expire_leases()
    with transaction.atomic():
        offered = filters.narrow(offered_to(actor))
        held = filters.narrow(Flag.objects.filter(state=FlagState.LEASED, leased_by=actor)).first()
        if held is not None and actor.has_perm(DECIDE, held):
            return lease(actor=actor, flag=held)
        while (candidate := offered.first()) is not None:
            if _take(actor, candidate, OPEN):
                candidate.refresh_from_db()
                return candidate
    return None


def _take(actor: User, flag: Flag, states: frozenset[FlagState]) -> bool:
    now = timezone.now()
    taken = Flag.objects.filter(pk=flag.pk, state__in=states).update(
        state=FlagState.LEASED, came_from=F("state"), leased_by=actor, leased_until=now + LEASE, updated_at=now
    )
    if taken:
        record(actor=actor, verb="flag.leased", subject=flag, organisation=flag.organisation)
    return bool(taken)


def lease(*, actor: User, flag: Flag) -> Flag:
    """Give ``actor`` this very flag for ten minutes; whoever holds it already has the ten minutes start again.

    Raises:
        NotAllowed: the actor may not decide here.
        LeaseLost: somebody else holds it (named in the error).
        AlreadyDecided: it is decided; `reopen` it first.
        SecondLookNeedsAnother: the actor was the one who was unsure.
    """
    _require_person(actor, flag)
    expire_leases()
    with transaction.atomic():
        own = Flag.objects.filter(pk=flag.pk, state=FlagState.LEASED, leased_by=actor)
        if not own.update(leased_until=timezone.now() + LEASE):
            if Flag.objects.filter(_second_look_asked_by(actor), pk=flag.pk, state=FlagState.SECOND_LOOK).exists():
                raise SecondLookNeedsAnother(flag)
            if not _take(actor, flag, _FREE):
                raise _why_not_held(flag)
        flag.refresh_from_db()
        return flag


def renew(*, actor: User, flag: Flag) -> Flag:
    """Start the ten minutes again while the person works. Raises `LeaseLost` when the lease ran out meanwhile."""
    _require_person(actor, flag)
    if not _held(actor, flag).update(leased_until=timezone.now() + LEASE):
        raise _why_not_held(flag)
    flag.refresh_from_db()
    return flag


def release(*, actor: User, flag: Flag, reason: str = SkipReason.OTHER) -> Flag:
    """Skip: hand the flag back undecided. It is not offered to this person again for eight hours.

    Raises:
        BadInput: no such reason.
        LeaseLost: the actor does not hold the flag.
    """
    _require_person(actor, flag)
    if reason not in set(SkipReason):
        raise BadInput(f"flag {flag.pk}", "reason", "one of " + ", ".join(SkipReason), reason)
    with transaction.atomic():
        if not _held(actor, flag).update(state=F("came_from"), **_let_go()):
            raise _why_not_held(flag)
        Skip.objects.create(flag=flag, by=actor, reason=reason)
        detail = {"reason": reason}
        record(actor=actor, verb="flag.skipped", subject=flag, organisation=flag.organisation, detail=detail)
    flag.refresh_from_db()
    return flag


def snooze(*, actor: User, flag: Flag, until: datetime) -> Flag:
    """Put the flag away until a moment, or until the listing changes, whichever comes first.

    Raises:
        BadInput: the moment is not in the future.
        LeaseLost: the actor does not hold the flag.
    """
    _require_person(actor, flag)
    if until <= timezone.now():
        raise BadInput(f"flag {flag.pk}", "until", "a moment in the future", until.isoformat())
    with transaction.atomic():
        if not _held(actor, flag).update(state=FlagState.SNOOZED, snoozed_until=until, **_let_go()):
            raise _why_not_held(flag)
        detail = {"until": until.isoformat()}
        record(actor=actor, verb="flag.snoozed", subject=flag, organisation=flag.organisation, detail=detail)
    flag.refresh_from_db()
    return flag


def decide(
    *, actor: User, flag: Flag, kind: str, seen_fingerprint: str, reason: str | None = None, note: str = ""
) -> Verdict:
    """Decide a flag the actor holds, on the content the actor saw.

    Args:
        actor: who holds the lease.
        flag: what is decided.
        kind: one of `VerdictKind`; *unsure* sends the flag to another person for a second look.
        seen_fingerprint: the flag's fingerprint when its page was shown.
        reason: name of the signal that decided, or ``other``; left out, the strongest signal.
        note: free text.

    Raises:
        BadInput: no such verdict or reason.
        ContentChanged: the listing changed since; nothing is decided.
        LeaseLost: the actor does not hold the flag (the holder is named).
        AlreadyDecided: somebody was faster.
    """
    _require_person(actor, flag)
    if kind not in set(VerdictKind):
        raise BadInput(f"flag {flag.pk}", "kind", "one of " + ", ".join(VerdictKind), kind)
    target = FlagState.SECOND_LOOK if kind == VerdictKind.UNSURE else FlagState.DECIDED
    now = timezone.now()
    with transaction.atomic():
        if not _held(actor, flag).filter(fingerprint=seen_fingerprint).update(state=target, **_let_go()):
            raise _why_not_held(flag, seen_fingerprint)
        flag.refresh_from_db()
        flag.verdicts.filter(state=VerdictState.STANDING).update(state=VerdictState.REPLACED)
        memory = MEMORY.get(VerdictKind(kind))
        verdict = Verdict.objects.create(
            flag=flag,
            kind=kind,
            reason=_reason(flag, reason),
            note=note.strip(),
            by=actor,
            capture=flag.capture,
            fingerprint=flag.fingerprint,
            memory_expires_at=now + memory if memory else None,
        )
        detail = {"verdict": verdict.pk, "kind": kind, "reason": verdict.reason, "probability": flag.probability}
        record(actor=actor, verb="flag.decided", subject=flag, organisation=flag.organisation, detail=detail)
        # What follows from a verdict waits until it can no longer be undone.
        publish("triage.decided", available_at=now + UNDO_WINDOW, flag_id=flag.pk, verdict_id=verdict.pk)
    return verdict


def strongest_signal(match: dict[str, Any]) -> str:
    """Return the name of the signal that speaks most for a stored match, or ``other`` when it has none."""
    signals = match.get("signals") or []
    return max(signals, key=lambda signal: signal["weight"])["name"] if signals else OTHER_REASON


def _reason(flag: Flag, given: str | None) -> str:
    if not given:
        return strongest_signal(flag.match)
    known = {signal["name"] for signal in flag.match.get("signals", ())} | {OTHER_REASON}
    if given not in known:
        raise BadInput(f"flag {flag.pk}", "reason", "one of " + ", ".join(sorted(known)), given)
    return given


def undo(*, actor: User, verdict: Verdict) -> Flag:
    """Take back a verdict within fifteen minutes; the flag is leased to ``actor`` again. The verdict row stays.

    Raises:
        NotAllowed: neither the actor's own verdict nor is the actor a lead (administrator) here.
        UndoClosed: too late, or the verdict no longer stands.
        LeaseLost: somebody else holds the flag by now.
    """
    flag = verdict.flag
    _require_person(actor, flag)
    if verdict.by_id != actor.pk:
        require(actor, UNDO_ANY, flag)
    with transaction.atomic():
        standing = Verdict.objects.filter(
            pk=verdict.pk, state=VerdictState.STANDING, at__gt=timezone.now() - UNDO_WINDOW
        )
        if not standing.update(state=VerdictState.UNDONE):
            raise UndoClosed(verdict)
        _hand_back(actor, flag, verdict)
        detail = {"verdict": verdict.pk, "kind": verdict.kind}
        record(actor=actor, verb="flag.undone", subject=flag, organisation=flag.organisation, detail=detail)
        publish("triage.undone", flag_id=flag.pk, verdict_id=verdict.pk)
    verdict.refresh_from_db()
    flag.refresh_from_db()
    return flag


def _hand_back(actor: User, flag: Flag, verdict: Verdict) -> None:
    expire_leases()
    flag.refresh_from_db()
    now = timezone.now()
    came_from = FlagState(flag.came_from)
    if flag.state == FlagState.REOPENED:  # the listing changed since; that still has to be looked at
        came_from = FlagState.REOPENED
    elif verdict.kind == VerdictKind.UNSURE:  # nobody asks for the second look any more
        came_from = FlagState.REOPENED if flag.verdicts.exclude(pk=verdict.pk).exists() else FlagState.NEW
    free = Q(state__in=FLAG.sources(FlagState.LEASED) - {FlagState.LEASED})
    own = Q(state=FlagState.LEASED, leased_by=actor)
    if not Flag.objects.filter(free | own, pk=flag.pk).update(
        state=FlagState.LEASED, came_from=came_from, leased_by=actor, leased_until=now + LEASE, updated_at=now
    ):
        raise _why_not_held(flag)


def reopen(*, actor: User, flag: Flag) -> Flag:
    """Put a decided flag back into the queue, for a decision found wrong later or an appeal.

    Raises:
        LeaseLost: the flag is not decided (any more).
    """
    _require_person(actor, flag)
    with transaction.atomic():
        if not Flag.objects.filter(pk=flag.pk, state=FlagState.DECIDED).update(
            state=FlagState.REOPENED, updated_at=timezone.now()
        ):
            raise _why_not_held(flag)
        record(actor=actor, verb="flag.reopened", subject=flag, organisation=flag.organisation)
    flag.refresh_from_db()
    return flag


def expire_leases() -> int:
    """Return flags whose ten minutes are over to the state they came from; returns how many."""
    now = timezone.now()
    expired = 0
    for flag in Flag.objects.filter(state=FlagState.LEASED, leased_until__lte=now).select_related(
        "brand__organisation"
    ):
        with transaction.atomic():
            if Flag.objects.filter(pk=flag.pk, state=FlagState.LEASED, leased_until__lte=now).update(
                state=F("came_from"), **_let_go()
            ):
                expired += 1
                record(
                    actor=None,
                    verb="flag.lease_expired",
                    subject=flag,
                    organisation=flag.organisation,
                    detail={"holder": flag.leased_by_id},
                )
    return expired


def wake_snoozed() -> int:
    """Reopen the flags whose snooze is over; returns how many."""
    now = timezone.now()
    woken = 0
    for flag in Flag.objects.filter(state=FlagState.SNOOZED, snoozed_until__lte=now).select_related(
        "brand__organisation"
    ):
        with transaction.atomic():
            if Flag.objects.filter(pk=flag.pk, state=FlagState.SNOOZED, snoozed_until__lte=now).update(
                state=FlagState.REOPENED, snoozed_until=None, updated_at=now
            ):
                woken += 1
                record(actor=None, verb="flag.woken", subject=flag, organisation=flag.organisation)
    return woken


def _require_person(actor: User | None, flag: Flag) -> None:
    """Verdicts are signed by people: jikimi itself (None) may raise flags and expire leases, not decide."""
    if actor is None:
        raise NotAllowed(actor, DECIDE)
    require(actor, DECIDE, flag)


def _held(actor: User, flag: Flag) -> QuerySet[Flag]:
    return Flag.objects.filter(pk=flag.pk, state=FlagState.LEASED, leased_by=actor, leased_until__gt=timezone.now())


def _let_go() -> dict[str, Any]:
    return {"leased_by": None, "leased_until": None, "updated_at": timezone.now()}


def _why_not_held(flag: Flag, seen_fingerprint: str | None = None) -> Exception:
    current = Flag.objects.select_related("leased_by").get(pk=flag.pk)
    if current.state == FlagState.DECIDED:
        standing = current.verdicts.filter(state=VerdictState.STANDING).select_related("by").first()
        return AlreadyDecided(current, standing)
    if seen_fingerprint is not None and current.fingerprint != seen_fingerprint:
        return ContentChanged(current)
    running = current.state == FlagState.LEASED and current.leased_until and current.leased_until > timezone.now()
    return LeaseLost(current, current.leased_by if running else None)
