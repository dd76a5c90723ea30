"""Crawl runs, from due to judged. Every step is a conditional UPDATE, so of two starters of one market one wins."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from contracts.errors import JikimiError
from contracts.job import Job, Known
from contracts.job import Watch as WatchContract
from contracts.market import manifests
from jobs.judging import ENDED, folder_of, judge_run
from jobs.models import CrawlRun, Schedule
from jobs.queries import due_looks, timing_of
from jobs.reasons import Problem, Reason
from jobs.schedules import next_due
from jobs.services.health import note_health
from jobs.services.watches import learn
from jobs.states import RUN, RunState, ScheduleState

BEAT = timedelta(seconds=15)  # between two signs of life
ATTEMPTS = 5  # of one run; then the next slot begins anew
STALE = timedelta(days=2)  # what a run saw before that is no look at the market of today
RETRY = timedelta(minutes=10)  # until a run that ended early is gone on with, doubled each time


class AlreadyRunning(JikimiError):
    """Another crawl of this market is under way."""

    def __init__(self, market: str) -> None:
        self.market = market
        super().__init__(market)

    def __str__(self) -> str:
        return f"a crawl of {self.market} is already running"


class RunLost(JikimiError):
    """A worker gave no sign of life for so long that its run was taken from it."""

    def __init__(self, run: CrawlRun) -> None:
        self.run = run
        super().__init__(run)

    def __str__(self) -> str:
        return f"the crawl of {self.run.market} was taken over: this worker gave no sign of life for too long"


class NoContact(JikimiError):
    """A real marketplace may only be crawled by somebody it can write to."""

    def __str__(self) -> str:
        return "set JIKIMI_CONTACT to an address a marketplace can write to before crawling it"


def lease() -> timedelta:
    """Return how long a run may go without a sign of life before it counts as dead."""
    return timedelta(seconds=settings.CRAWL_LEASE_SECONDS)


@transaction.atomic
def create_run(*, market: str, due_at: datetime | None = None) -> CrawlRun:
    """Make a crawl of ``market`` due now (or at a slot), with a folder of its own."""
    now = timezone.now()
    run = CrawlRun.objects.create(market=market, due_at=due_at or now, alive_at=now, folder="")
    run.folder = str(settings.SPOOL_DIR / f"{market}-{run.pk}")
    run.save(update_fields=["folder"])
    return run


def may_go_on(run: CrawlRun) -> bool:
    """Tell whether a run never ran, or ended early, was not tried too often and is not too old to go on with."""
    if run.state == RunState.DUE:
        return True
    # One whose crawls did all they might has nothing left to go on with, even if nothing came of it.
    ended_early = run.state in (RunState.FAILED, RunState.PARTLY_DONE) and run.stats.get("finish_reason") not in ENDED
    return ended_early and run.attempt < ATTEMPTS and timezone.now() - run.due_at < STALE


def open_run(*, market: str) -> CrawlRun:
    """Return the market's last run if it may go on; else a new one that is due."""
    free_dead_runs(market=market)
    last = CrawlRun.objects.filter(market=market).first()
    return last if last is not None and may_go_on(last) else create_run(market=market)


def free_dead_runs(*, market: str | None = None) -> int:
    """Fail runs nobody works on any more, so that they are gone on with; return how many.

    On this machine a run is dead when its process is gone; on any, when it gave no sign of life for a lease. However
    far its crawls came, what they saw was not all taken in.
    """
    running = CrawlRun.objects.filter(state=RunState.RUNNING)
    if market is not None:
        running = running.filter(market=market)
    expired = timezone.now() - lease()
    dead = [run for run in running if (run.alive_at is None or run.alive_at < expired) or _is_gone(run)]
    return sum(_fail(_held(run).filter(alive_at=run.alive_at)) for run in dead)  # unless it has just shown life


def _fail(held: QuerySet[CrawlRun]) -> int:
    RUN.check(RunState.RUNNING, RunState.FAILED)
    gone = [Reason(Problem.WORKER_GONE).to_json()]
    return held.update(state=RunState.FAILED, finished_at=timezone.now(), stats={}, figures={}, problems=gone)


def give_up(*, run: CrawlRun) -> CrawlRun:
    """Fail a run that was cut off in this worker: not all of it was crawled or taken in, so it is gone on with.

    Crawls of it that ended are not repeated, and taking their spools in again changes nothing.
    """
    moved = _fail(_held(run))
    run.refresh_from_db()
    if moved:
        note_health(market=run.market)
    return run


def _is_gone(run: CrawlRun) -> bool:
    if run.host != socket.gethostname() or run.process_id is None:
        return False
    try:
        os.kill(run.process_id, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def take_due_runs(*, now: datetime | None = None) -> list[CrawlRun]:
    """Return the runs the caller is to start now, each given to one caller only.

    New ones, of schedules whose slot has come; handed over ones that nobody started within a lease; and ones that
    ended early, while their window is open. A market that is being crawled is left alone.
    """
    now = now or timezone.now()
    free_dead_runs()
    busy = set(CrawlRun.objects.filter(state=RunState.RUNNING).values_list("market", flat=True))
    taken = []
    for schedule in Schedule.objects.filter(state=ScheduleState.ACTIVE):
        if schedule.market not in busy and schedule.market in manifests():
            last = CrawlRun.objects.filter(market=schedule.market).first()
            go_on = last is not None and may_go_on(last)
            run = _take_up(schedule, last, now) if go_on else _take_slot(schedule, now)
            if run is not None:
                taken.append(run)
    return taken


def _take_slot(schedule: Schedule, now: datetime) -> CrawlRun | None:
    slot = next_due(timing_of(schedule), schedule.taken, now)
    if slot > now:
        return None
    with transaction.atomic():
        won = Schedule.objects.filter(pk=schedule.pk, taken=schedule.taken, state=ScheduleState.ACTIVE)
        return create_run(market=schedule.market, due_at=slot) if won.update(taken=slot) else None


def _take_up(schedule: Schedule, last: CrawlRun, now: datetime) -> CrawlRun | None:
    """Take up a run that was handed over and not begun, or ended early; it stands for a slot that came meanwhile."""
    pause = lease() if last.state == RunState.DUE else RETRY * 2 ** max(0, last.attempt - 1)
    timing = timing_of(schedule)
    window_is_open = next_due(timing, None, now) <= now
    if now < (last.alive_at or last.due_at) + pause or not window_is_open:
        return None
    won = CrawlRun.objects.filter(pk=last.pk, state=last.state, attempt=last.attempt, alive_at=last.alive_at)
    if not won.update(alive_at=now):
        return None
    slot = next_due(timing, schedule.taken, now)
    if slot <= now:
        Schedule.objects.filter(pk=schedule.pk, taken=schedule.taken).update(taken=slot)
    return last


def start_run(*, run: CrawlRun) -> CrawlRun:
    """Take a run to *running*; of two starters of one market, one wins.

    Raises:
        AlreadyRunning: this run, or another of the same market, is under way.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            taken = CrawlRun.objects.filter(
                pk=run.pk, state__in=RUN.sources(RunState.RUNNING) - {RunState.RUNNING}
            ).update(
                state=RunState.RUNNING,
                started_at=now,
                finished_at=None,
                alive_at=now,
                attempt=F("attempt") + 1,
                process_id=os.getpid(),
                host=socket.gethostname(),
            )
    except IntegrityError:
        raise AlreadyRunning(run.market) from None
    if not taken:
        raise AlreadyRunning(run.market)
    run.refresh_from_db()
    return run


def _held(run: CrawlRun) -> QuerySet[CrawlRun]:
    return CrawlRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempt=run.attempt)


def beat(*, run: CrawlRun) -> None:
    """Give a sign of life, at most every `BEAT`.

    Raises:
        RunLost: somebody took this worker for dead.
    """
    now = timezone.now()
    if run.alive_at is not None and now - run.alive_at < BEAT:
        return
    if not _held(run).update(alive_at=now):
        raise RunLost(run)
    run.alive_at = now


def contact_for(origins: Mapping[str, str]) -> str:
    """Return whom the marketplace can write to; on stand-in addresses (the sandbox) nobody has to be named.

    Raises:
        NoContact: a real marketplace, and nobody is named.
    """
    if settings.CRAWL_CONTACT:
        return str(settings.CRAWL_CONTACT)
    if not origins:
        raise NoContact
    return "operator@localhost"


def write_job(
    *,
    run: CrawlRun,
    spider: str,
    origins: Mapping[str, str],
    known: Mapping[str, Known],
    delay: float | None = None,
) -> Path | None:
    """Write the ``job.json`` of one crawl of the run and return its path; None when no watch of its kinds is due.

    Watches of several brands for the same term share one look; intake knows whom each was for.

    Raises:
        NoContact: the market is a real one and nobody is named for it to write to.
    """
    contact = contact_for(origins)
    watches = tuple(
        WatchContract(
            watch_id=str(look.watch.pk),
            kind=look.watch.kind,
            term=look.watch.term,
            site=look.watch.site,
            pages=look.pages,
            why=look.watch.why_in("en"),
        )
        for look in due_looks(run.market, spider)
    )
    if not watches:
        return None
    folder = folder_of(run.folder, spider)
    job = Job(
        job_id=f"{run.pk}-{spider}",
        market=run.market,
        watches=watches,
        page_budget=sum(watch.pages for watch in watches),
        contact=contact,
        origins=origins,
        known=known,
        evidence_dir=str(settings.EVIDENCE_DIR),
        spool_dir=str(folder / "spool"),
        delay_seconds=delay,
    )
    return job.write(folder)


def finish_run(*, run: CrawlRun) -> CrawlRun:
    """Judge a run by its crawls' own accounts and the manifest's assertions, never by an exit code.

    Its watches learn from a run that did all it might do; nothing is learnt from a blocked or failed one. A worker that
    was taken for dead changes nothing.
    """
    judged = judge_run(Path(run.folder), manifests()[run.market])
    RUN.check(RunState.RUNNING, judged.state)
    with transaction.atomic():
        moved = _held(run).update(
            state=judged.state,
            finished_at=timezone.now(),
            stats=judged.stats.model_dump(mode="json") if judged.stats else {},
            figures=judged.figures,
            problems=[problem.to_json() for problem in judged.problems],
        )
        if moved and judged.ended and judged.stats and judged.state in (RunState.DONE, RunState.PARTLY_DONE):
            learn(market=run.market, stats=judged.stats)
    run.refresh_from_db()
    if moved:
        note_health(market=run.market)
    return run
