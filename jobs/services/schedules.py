"""Schedules: set, paused, taken up again."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from accounts.permissions import require
from accounts.services import record
from contracts.errors import BadInput, JikimiError
from contracts.market import Manifest, manifests
from jobs.models import Schedule
from jobs.permissions import EDIT_SCHEDULES
from jobs.queries import can_be_crawled, timing_of
from jobs.schedules import Timing, default_of
from jobs.states import SCHEDULE, ScheduleState


class CannotBeCrawled(JikimiError):
    """A market is reached by people or feeds only, so there is nothing to schedule."""

    def __init__(self, market: str) -> None:
        self.market = market
        super().__init__(market)

    def __str__(self) -> str:
        return f"{self.market} cannot be crawled: its manifest has no way a crawl goes, no address, or no site"


def _manifest(market: str) -> Manifest:
    known = manifests()
    if market not in known:
        raise BadInput("schedule", "market", "one of " + ", ".join(known), market)
    if not can_be_crawled(known[market]):
        raise CannotBeCrawled(market)
    return known[market]


@transaction.atomic
def set_schedule(*, actor: User | None, market: str, timing: Timing | None = None) -> Schedule:
    """Schedule a market, or change its timing; a paused one stays paused. Setting it as it is records nothing.

    Args:
        actor: who; None is the command line.
        market: one that can be crawled.
        timing: left out, what it has, else its region's.

    Raises:
        NotAllowed: see `jobs.permissions`.
        BadInput: no such market.
        CannotBeCrawled: it is reached by people or feeds only.
    """
    require(actor, EDIT_SCHEDULES, None)
    manifest = _manifest(market)
    known = Schedule.objects.filter(market=market).first()
    timing = timing or (timing_of(known) if known else default_of(manifest))
    values = {
        "every_hours": timing.every_hours,
        "window": timing.window,
        "time_zone": timing.time_zone,
        "missed": str(timing.missed),
    }
    if known is not None and timing_of(known) == timing:
        return known
    schedule, created = Schedule.objects.update_or_create(market=market, defaults=values)
    before = {} if created or known is None else {name: getattr(known, name) for name in values}
    verb = "schedule.set" if created else "schedule.changed"
    record(actor=actor, verb=verb, subject=schedule, organisation=None, detail={"before": before, "after": values})
    return schedule


def pause_schedule(*, actor: User | None, market: str) -> Schedule:
    """Start nothing by itself on a market from now on; what is under way goes on. Pausing twice changes nothing."""
    return _step(actor, market, ScheduleState.PAUSED, "schedule.paused")


def resume_schedule(*, actor: User | None, market: str) -> Schedule:
    """Take a paused schedule up again."""
    return _step(actor, market, ScheduleState.ACTIVE, "schedule.resumed")


@transaction.atomic
def _step(actor: User | None, market: str, target: ScheduleState, verb: str) -> Schedule:
    require(actor, EDIT_SCHEDULES, None)
    schedule = Schedule.objects.filter(market=market).first()
    if schedule is None:
        raise BadInput("schedule", "market", "one that is scheduled", market)
    if Schedule.objects.filter(pk=schedule.pk, state__in=SCHEDULE.sources(target)).update(state=target):
        record(actor=actor, verb=verb, subject=schedule, organisation=None)
    schedule.refresh_from_db()
    return schedule
