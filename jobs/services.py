"""Every write of the jobs room: watches, and crawl runs from due to judged."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from pydantic import ValidationError

from accounts.models import User
from accounts.permissions import require
from accounts.services import record
from contracts.errors import JikimiError
from contracts.job import Job, Known, RunStats, WatchKind
from contracts.job import Watch as WatchContract
from contracts.listing import PageOutcome
from contracts.market import Manifest, manifests
from jobs.models import CrawlRun, Watch
from jobs.permissions import PLAN_WATCHES
from jobs.planning import plan
from jobs.states import RUN, RunState
from registry.models import Brand
from registry.queries import profile

ENDED = frozenset({"finished", "budget"})  # finish reasons of a crawl that did all it might do


class AlreadyRunning(JikimiError):
    """Another crawl of this market is under way."""

    def __init__(self, market: str) -> None:
        self.market = market
        super().__init__(market)

    def __str__(self) -> str:
        return f"a crawl of {self.market} is already running"


class NoContact(JikimiError):
    """A real marketplace may only be crawled by somebody it can write to."""

    def __str__(self) -> str:
        return "set JIKIMI_CONTACT to an address a marketplace can write to before crawling it"


@transaction.atomic
def plan_watches(*, actor: User | None, brand: Brand, markets: Iterable[Manifest]) -> tuple[int, int]:
    """Make the watches a brand needs on ``markets``; return how many are new and how many there are now."""
    require(actor, PLAN_WATCHES, brand)
    wanted = profile(brand)
    rows = [
        Watch(
            brand=brand,
            market=manifest.id,
            site=site.country,
            kind=WatchKind.SEARCH,
            term=planned.term,
            pages=planned.pages,
            why=planned.why[:200],
        )
        for manifest in markets
        for site in manifest.sites
        for planned in plan(wanted, manifest, site)
    ]
    before = brand.watches.count()
    Watch.objects.bulk_create(rows, ignore_conflicts=True)
    after = brand.watches.count()
    if after > before:
        record(
            actor=actor,
            verb="watches.planned",
            subject=brand,
            organisation=brand.organisation,
            detail={"new": after - before},
        )
    return after - before, after


def create_run(*, market: str) -> CrawlRun:
    """Make a crawl of ``market`` due now, with a folder of its own."""
    run = CrawlRun.objects.create(market=market, due_at=timezone.now(), folder="")
    run.folder = str(settings.SPOOL_DIR / f"{market}-{run.pk}")
    run.save(update_fields=["folder"])
    return run


def open_run(*, market: str) -> CrawlRun:
    """Return the market's last run if it never ran or ended early, so that it goes on; else a new one that is due."""
    free_dead_runs(market=market)
    last = CrawlRun.objects.filter(market=market).first()
    if last is not None and (
        last.state in (RunState.DUE, RunState.FAILED)
        or (last.state == RunState.PARTLY_DONE and last.stats.get("finish_reason") not in ENDED)
    ):
        return last
    return create_run(market=market)


def free_dead_runs(*, market: str) -> int:
    """Judge runs whose process on this machine is gone (killed, power lost); return how many."""
    dead = [
        run
        for run in CrawlRun.objects.filter(market=market, state=RunState.RUNNING, host=socket.gethostname())
        if run.process_id is not None and not _alive(run.process_id)
    ]
    for run in dead:
        finish_run(run=run)
    return len(dead)


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def start_run(*, run: CrawlRun) -> CrawlRun:
    """Take a run to *running*; of two starters of one market, one wins.

    Raises:
        AlreadyRunning: this run, or another of the same market, is under way.
    """
    try:
        with transaction.atomic():
            taken = CrawlRun.objects.filter(
                pk=run.pk, state__in=RUN.sources(RunState.RUNNING) - {RunState.RUNNING}
            ).update(
                state=RunState.RUNNING,
                started_at=timezone.now(),
                finished_at=None,
                process_id=os.getpid(),
                host=socket.gethostname(),
            )
    except IntegrityError:
        raise AlreadyRunning(run.market) from None
    if not taken:
        raise AlreadyRunning(run.market)
    run.refresh_from_db()
    return run


def write_job(
    *,
    run: CrawlRun,
    origins: Mapping[str, str],
    known: Mapping[str, Known],
    kind: WatchKind,
    delay: float | None = None,
) -> Path:
    """Write the run's ``job.json`` from the watches of its market and return its path.

    Watches of several brands for the same term share one search; intake knows whom each was for.

    Raises:
        NoContact: the market is a real one and nobody is named for it to write to.
    """
    contact = settings.CRAWL_CONTACT
    if not contact:
        if not origins:
            raise NoContact
        contact = "operator@localhost"
    chosen: dict[tuple[str, str], Watch] = {}
    for watch in Watch.objects.filter(market=run.market, kind=kind).order_by("id"):
        key = (watch.site, watch.term.casefold())
        if key not in chosen or chosen[key].pages < watch.pages:
            chosen[key] = watch
    watches = tuple(
        WatchContract(
            watch_id=str(watch.pk), kind=kind, term=watch.term, site=watch.site, pages=watch.pages, why=watch.why
        )
        for watch in chosen.values()
    )
    job = Job(
        job_id=str(run.pk),
        market=run.market,
        watches=watches,
        page_budget=max(1, sum(watch.pages for watch in watches)),
        contact=contact,
        origins=origins,
        known=known,
        evidence_dir=str(settings.EVIDENCE_DIR),
        spool_dir=str(Path(run.folder) / "spool"),
        delay_seconds=delay,
    )
    return job.write(Path(run.folder))


def finish_run(*, run: CrawlRun) -> CrawlRun:
    """Judge a run by its own statistics and the manifest's assertions, never by an exit code."""
    state, stats, problems = judge_run(Path(run.folder) / "spool" / "stats.json", manifests()[run.market])
    RUN.check(RunState.RUNNING, state)
    CrawlRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
        state=state, finished_at=timezone.now(), stats=stats, problems=problems
    )
    run.refresh_from_db()
    return run


def judge_run(path: Path, manifest: Manifest) -> tuple[RunState, dict[str, object], list[str]]:
    """Return the state a run ended in, its statistics, and what fell short in words."""
    try:
        stats = RunStats.read(path)
    except (OSError, ValidationError, ValueError):
        return RunState.FAILED, {}, ["the crawl left no statistics: it was killed or could not start"]
    told = stats.model_dump(mode="json")
    problems = []
    blocked = stats.pages.get(PageOutcome.BLOCKED, 0)
    good = stats.pages.get(PageOutcome.OK, 0) + stats.pages.get(PageOutcome.EMPTY, 0)
    if blocked:
        problems.append(f"{blocked} pages were blocked")
    if stats.finish_reason == "blocked" or (blocked and not good):
        return RunState.BLOCKED, told, problems
    if not good:
        return RunState.FAILED, told, [*problems, "not one page was read"]
    if stats.errors:
        problems.append(f"{stats.errors} errors")
    if stats.listings:
        for name, least in manifest.assertions.field_coverage.items():
            share = stats.field_coverage.get(name, 0.0)
            if share < least:
                problems.append(f"{name} was read on {share:.0%} of listings, at least {least:.0%} is usual")
    if stats.finish_reason not in ENDED:
        problems.append(f"ended early: {stats.finish_reason}")
    return (RunState.PARTLY_DONE if problems else RunState.DONE), told, problems
