"""Every write to a hunt: asking for it, holding it, writing down how far it is.

One worker holds a hunt at a time, by a conditional UPDATE and for minutes only; each step renews its hold. A worker
that was taken for dead finds its attempt outnumbered and can change nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import attrs
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from accounts.services import publish, record
from contracts.errors import BadInput, JikimiError
from registry.models import Brand, Mark, ReferenceImage
from triage.models import Hunt, HuntTarget
from triage.permissions import HUNT as MAY_HUNT
from triage.states import HUNT, HuntState

# A page of listings whose pictures are described and read for the first time takes a minute on two idle cores; well
# within the outbox's lease. Judged, not measured (2026-11-27).
HOLD = timedelta(minutes=10)
ERROR_CHARACTERS = 2000


class HuntHeld(JikimiError):
    """Another worker is on the hunt. ``until`` is when it counts as dead unless it gives a sign of life."""

    def __init__(self, hunt: Hunt, until: datetime) -> None:
        self.hunt = hunt
        self.until = until
        super().__init__(hunt, until)

    def __str__(self) -> str:
        until = timezone.localtime(self.until)
        return _("Another worker is on this hunt. If it died, the hunt can be gone on with from %(until)s.") % {
            "until": f"{until:%H:%M:%S}"
        }


class HuntLost(JikimiError):
    """The worker gave no sign of life for so long that the hunt was taken from it."""

    def __init__(self, hunt: Hunt) -> None:
        self.hunt = hunt
        super().__init__(hunt)

    def __str__(self) -> str:
        return f"{self.hunt} was taken over: this worker gave no sign of life for {HOLD}"


@attrs.frozen(kw_only=True)
class Looked:
    """What became of one page of candidates, in listings."""

    looked_at: int
    skipped: int = 0
    failed: int = 0
    matched: int = 0


def queue_hunt(
    *,
    actor: User | None,
    brand: Brand,
    marks: Iterable[Mark] = (),
    images: Iterable[ReferenceImage] = (),
    again: bool = True,
) -> Hunt | None:
    """Have marks and pictures of ``brand`` searched back for.

    What is asked for while a hunt of the brand still waits joins it, so that a whole registration is one hunt.

    Args:
        actor: who asks; None for the outbox and the command line.
        brand: whose marks and pictures.
        marks: with all their spellings.
        images: in all their mirror and quarter-turn forms.
        again: whether what was hunted for before (with the same spellings) is hunted for once more.

    Returns:
        The hunt that waits now, or None when there is nothing (new) to look for.

    Raises:
        NotAllowed: the actor may not hunt for this brand.
        BadInput: a mark or picture of another brand.
    """
    require(actor, MAY_HUNT, brand)
    targets = [_target(brand, mark=mark) for mark in marks] + [_target(brand, image=image) for image in images]
    if not again:
        targets = [target for target in targets if not _was_hunted(target)]
    if not targets:
        return None
    try:
        with transaction.atomic():
            return _queue(actor, brand, targets)
    except IntegrityError:  # somebody else's hunt of this brand began to wait in between: join that one
        with transaction.atomic():
            return _queue(actor, brand, targets)


def _target(brand: Brand, mark: Mark | None = None, image: ReferenceImage | None = None) -> HuntTarget:
    subject = mark or image
    assert subject is not None  # one of the two
    if subject.brand_id != brand.pk:
        where = "hunt"
        raise BadInput(where, "mark" if mark else "picture", f"one of {brand}", str(subject))
    if mark is None:
        return HuntTarget(image=image, label=str(image), sha256=subject.sha256)
    return HuntTarget(mark=mark, label=str(mark), spellings=spellings_of(mark))


def spellings_of(mark: Mark) -> list[str]:
    """Return what a hunt for a mark looks for: its text and its spellings as they are now."""
    return list(dict.fromkeys([mark.text, *mark.spellings.values_list("text", flat=True)]))


def _was_hunted(target: HuntTarget) -> bool:
    earlier = HuntTarget.objects.filter(mark=target.mark, image=target.image)
    return any(set(target.spellings) <= set(spellings) for spellings in earlier.values_list("spellings", flat=True))


def _queue(actor: User | None, brand: Brand, targets: Sequence[HuntTarget]) -> Hunt:
    # The UPDATE keeps a worker from beginning the hunt until what joins it is written.
    waiting = Hunt.objects.filter(brand=brand, state=HuntState.QUEUED)
    joined = waiting.first() if waiting.update(asked_at=F("asked_at")) else None
    hunt = joined or Hunt.objects.create(brand=brand, asked_by=actor)
    for target in targets:
        HuntTarget.objects.update_or_create(
            hunt=hunt,
            mark=target.mark,
            image=target.image,
            defaults={"label": target.label, "spellings": target.spellings, "sha256": target.sha256},
        )
    detail = {"for": [target.label for target in targets]}
    verb = "hunt.joined" if joined else "hunt.queued"
    record(actor=actor, verb=verb, subject=hunt, organisation=hunt.organisation, detail=detail)
    if not joined:
        publish("triage.hunt_queued", hunt_id=hunt.pk)
    return hunt


def take_hunt(*, actor: User | None, hunt: Hunt) -> Hunt:
    """Hold a hunt that waits, failed, or was left by a worker that died, to work on it.

    Raises:
        NotAllowed: the actor may not hunt for this brand.
        HuntHeld: another worker is on it.
        IllegalTransition: it is done.
    """
    require(actor, MAY_HUNT, hunt)
    now = timezone.now()
    with transaction.atomic():
        free = Hunt.objects.filter(pk=hunt.pk, state__in=HUNT.sources(HuntState.RUNNING))
        taken = free.filter(Q(held_until=None) | Q(held_until__lte=now)).update(
            state=HuntState.RUNNING, held_until=now + HOLD, attempt=F("attempt") + 1, error=""
        )
        hunt.refresh_from_db()
        if not taken:
            HUNT.check(hunt.state, HuntState.RUNNING)
            raise HuntHeld(hunt, hunt.held_until or now)
        if hunt.started_at is None:
            Hunt.objects.filter(pk=hunt.pk).update(started_at=now)
            hunt.started_at = now
        detail = {"attempt": hunt.attempt, "behind": hunt.cursor}
        record(actor=actor, verb="hunt.taken", subject=hunt, organisation=hunt.organisation, detail=detail)
    return hunt


def begin_hunt(*, hunt: Hunt, candidates: int) -> Hunt:
    """Write down how many listings the index found. Raises `HuntLost`."""
    _step(hunt, candidates=candidates, held_until=timezone.now() + HOLD)
    return hunt


def advance_hunt(*, hunt: Hunt, cursor: str, looked: Looked) -> Hunt:
    """Write down that every candidate up to the key ``cursor`` is dealt with. Raises `HuntLost`."""
    tally = {name: F(name) + count for name, count in attrs.asdict(looked).items()}
    _step(hunt, cursor=cursor, held_until=timezone.now() + HOLD, **tally)
    return hunt


def go_on_with_hunt(*, actor: User | None, hunt: Hunt) -> None:
    """Have the outbox take up a hunt that failed or was left; one that is worked on or done stays as it is.

    Raises:
        NotAllowed: the actor may not hunt for this brand.
    """
    require(actor, MAY_HUNT, hunt)
    with transaction.atomic():
        record(actor=actor, verb="hunt.asked_to_go_on", subject=hunt, organisation=hunt.organisation)
        publish("triage.hunt_queued", hunt_id=hunt.pk)


def let_go_of_hunt(*, hunt: Hunt, go_on: bool) -> Hunt:
    """Let go of a hunt that is not done, for whoever takes it next; with ``go_on`` the outbox does, at once."""
    with transaction.atomic():
        _step(hunt, held_until=None)
        if go_on:
            publish("triage.hunt_queued", hunt_id=hunt.pk)
    return hunt


def watch_over_hunt(*, hunt: Hunt) -> None:
    """Have the outbox look at a hunt again when whoever holds it now would count as dead."""
    hunt.refresh_from_db()
    publish("triage.hunt_queued", available_at=hunt.held_until, hunt_id=hunt.pk)


def finish_hunt(*, hunt: Hunt) -> Hunt:
    """Write down that every candidate is dealt with. Raises `HuntLost`."""
    with transaction.atomic():
        _step(hunt, state=HuntState.DONE, held_until=None, finished_at=timezone.now())
        detail = {name: getattr(hunt, name) for name in ("candidates", *attrs.fields_dict(Looked))}
        record(actor=None, verb="hunt.done", subject=hunt, organisation=hunt.organisation, detail=detail)
        publish("triage.hunted", hunt_id=hunt.pk)
    return hunt


def fail_hunt(*, hunt: Hunt, error: str) -> Hunt:
    """Write down what stopped a hunt; it goes on from there when it is taken again. Raises `HuntLost`."""
    with transaction.atomic():
        _step(hunt, state=HuntState.FAILED, held_until=None, error=error[:ERROR_CHARACTERS])
        detail = {"error": hunt.error, "behind": hunt.cursor}
        record(actor=None, verb="hunt.failed", subject=hunt, organisation=hunt.organisation, detail=detail)
    return hunt


def _held(hunt: Hunt) -> QuerySet[Hunt]:
    return Hunt.objects.filter(pk=hunt.pk, state=HuntState.RUNNING, attempt=hunt.attempt)


def _step(hunt: Hunt, **values: object) -> None:
    if not _held(hunt).update(**values):
        raise HuntLost(hunt)
    hunt.refresh_from_db()
