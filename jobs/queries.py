"""Reads of the jobs room, each with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from django.db.models import Case, F, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.models import User
from contracts.job import SPIDER_OF, WatchKind
from contracts.market import Manifest, manifests
from crawlers.plan import rung_of
from jobs import cadence
from jobs.health import GOOD, HISTORY, Assessment, Coverage, assess, coverage_of
from jobs.models import CrawlRun, Schedule, Watch
from jobs.schedules import Missed, Timing, default_of, next_due
from jobs.states import FindState, RunState, ScheduleState, WatchState
from jobs.verdicts import Verdict

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

RUNS_SHOWN = 20


def grouped(watches: Iterable[Watch]) -> dict[tuple[str, str, str], list[Watch]]:
    """Return the watches that one look serves together, by site, kind and term."""
    groups: dict[tuple[str, str, str], list[Watch]] = defaultdict(list)
    for watch in watches:
        groups[watch.key].append(watch)
    return groups


@attrs.frozen(kw_only=True)
class Look:
    """A watch that stands for all that share its term, and how many pages it may ask for."""

    watch: Watch
    pages: int


def due_looks(market: str, spider: str) -> list[Look]:
    """Return what a run of ``market`` looks at with one spider now; one query.

    Where every term rests, the one whose turn is nearest is looked at: a run always sees something.
    """
    kinds = [kind for kind, name in SPIDER_OF.items() if name == spider]
    watches = Watch.objects.looked_for().filter(market=market, kind__in=kinds).with_finds().order_by("id")
    groups = list(grouped(watches).values())
    due = [members for members in groups if any(_is_due(watch) for watch in members)]
    if not due and groups:
        due = [max(groups, key=lambda members: max(_turn(watch) for watch in members))]
    return [_look(members) for members in due]


def infringing_on(market: str) -> set[str]:
    """Return the ids of a market's listings that somebody decided to be counterfeits; one query."""
    watches = Watch.objects.looked_for().filter(market=market)
    listings = watches.filter(kind=WatchKind.LISTING).values_list("term", flat=True)
    finds = watches.filter(finds__state=FindState.INFRINGING).values_list("finds__listing_id", flat=True)
    return set(listings.order_by().union(finds.order_by()))


def _is_due(watch: Watch) -> bool:
    return cadence.is_due(
        kind=watch.kind,
        barren=watch.barren,
        waited=watch.waited,
        infringing=watch.infringing,  # type: ignore[attr-defined]  # annotated by with_finds
    )


def _turn(watch: Watch) -> float:
    return cadence.turn(barren=watch.barren, waited=watch.waited)


def _look(members: Sequence[Watch]) -> Look:
    budgets = [
        cadence.pages_of(pages=watch.pages, infringing=watch.infringing)  # type: ignore[attr-defined]  # likewise
        for watch in members
    ]
    return Look(watch=members[budgets.index(max(budgets))], pages=max(budgets))


def can_be_crawled(manifest: Manifest) -> bool:
    """Tell whether a crawl can go to a market by itself: others are reached by people, or by feeds."""
    addresses = manifest.addresses
    # Keys lie with the crawler alone: here it counts that there is a way, not that this process may go it.
    reachable = rung_of(manifest) is not None or manifest.api is not None
    return reachable and bool(addresses.search or addresses.category) and bool(manifest.sites)


def timing_of(schedule: Schedule) -> Timing:
    """Return a schedule's timing."""
    return Timing(
        every_hours=schedule.every_hours,
        window=schedule.window,
        time_zone=schedule.time_zone,
        missed=Missed(schedule.missed),
    )


@attrs.frozen(kw_only=True)
class ScheduleRow:
    """A market with its schedule, or what its region's would be."""

    manifest: Manifest
    schedule: Schedule | None
    timing: Timing
    due_at: datetime | None  # None: nothing is due by itself

    @property
    def state(self) -> str:
        """``active``, ``paused`` or ``none``."""
        return self.schedule.state if self.schedule else "none"


def schedule_rows(*, now: datetime | None = None) -> list[ScheduleRow]:
    """Return every market that can be crawled with its schedule; one query."""
    now = now or timezone.now()
    schedules = {schedule.market: schedule for schedule in Schedule.objects.all()}
    rows = []
    for manifest in manifests().values():
        if not can_be_crawled(manifest):
            continue
        schedule = schedules.get(manifest.id)
        timing = timing_of(schedule) if schedule else default_of(manifest)
        active = schedule is not None and schedule.state == ScheduleState.ACTIVE
        due_at = next_due(timing, schedule.taken, now) if schedule is not None and active else None
        rows.append(ScheduleRow(manifest=manifest, schedule=schedule, timing=timing, due_at=due_at))
    return sorted(rows, key=lambda row: (row.manifest.region, row.manifest.name))


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


@attrs.frozen(kw_only=True)
class MarketHealth:
    """A market at a glance."""

    manifest: Manifest
    assessment: Assessment
    row: ScheduleRow | None
    running: CrawlRun | None
    last: CrawlRun | None  # the last that ended

    @property
    def is_watched(self) -> bool:
        """Tell whether anybody meant it to be crawled: it is scheduled, or was run once."""
        return (self.row is not None and self.row.state != "none") or self.last is not None


@attrs.frozen(kw_only=True)
class Overview:
    """Every market: those a crawl goes to, worst first, and those that are reached by people or feeds."""

    markets: list[MarketHealth]
    by_people: list[Manifest]

    def count(self, verdict: Verdict) -> int:
        """Return how many watched markets fare so."""
        return sum(1 for market in self.markets if market.is_watched and market.assessment.verdict == verdict)

    @property
    def counts(self) -> dict[str, int]:
        """How many watched markets fare how."""
        return {str(verdict): self.count(verdict) for verdict in Verdict}


def overview(*, market: str | None = None, now: datetime | None = None) -> Overview:
    """Return how every market fares (or one); two queries."""
    now = now or timezone.now()
    rows = {row.manifest.id: row for row in schedule_rows(now=now)}
    runs = _recent_runs(market)
    wanted = [manifest for manifest in manifests().values() if market in (None, manifest.id)]
    shown = [_fares(manifest, rows.get(manifest.id), runs.get(manifest.id, []), now) for manifest in wanted]
    watched = [item for item in shown if item.row is not None or item.is_watched]
    watched.sort(key=lambda item: (not item.is_watched, _RANK[item.assessment.verdict], item.manifest.name))
    seen = {item.manifest.id for item in watched}
    return Overview(markets=watched, by_people=[manifest for manifest in wanted if manifest.id not in seen])


def _fares(manifest: Manifest, row: ScheduleRow | None, runs: list[CrawlRun], now: datetime) -> MarketHealth:
    ended = [run for run in runs if run.state not in (RunState.RUNNING, RunState.DUE)]
    timing = row.timing if row else default_of(manifest)
    state = row.state if row else "none"
    return MarketHealth(
        manifest=manifest,
        assessment=assess(manifest=manifest, timing=timing, schedule_state=state, runs=ended, now=now),
        row=row,
        running=next((run for run in runs if run.state == RunState.RUNNING), None),
        last=ended[0] if ended else None,
    )


def _recent_runs(market: str | None) -> Mapping[str, list[CrawlRun]]:
    """Return the newest runs of each market, newest first, without their whole accounts; one query."""
    runs = CrawlRun.objects.annotate(
        number=Window(RowNumber(), partition_by=F("market"), order_by=F("id").desc())
    ).filter(number__lte=HISTORY * 2)
    if market is not None:
        runs = runs.filter(market=market)
    found: dict[str, list[CrawlRun]] = defaultdict(list)
    for run in runs.defer("stats").order_by("-id"):
        found[run.market].append(run)
    return found


def runs_of(market: str) -> list[CrawlRun]:
    """Return a market's newest runs for its page; one query."""
    return list(CrawlRun.objects.filter(market=market).defer("stats")[:RUNS_SHOWN])


def watches_of(*, user: User | AnonymousUser, market: str) -> QuerySet[Watch]:
    """Return the user's own watches on a market, those that brought most first and stopped ones last; one query."""
    watches = Watch.objects.for_user(user).filter(market=market).select_related("brand").with_finds()
    stopped = Case(When(state=WatchState.STOPPED, then=1), default=0)
    return watches.order_by(stopped, "-infringing", "-found", "pk")


def may_see_pages_of(*, user: User | AnonymousUser, run: CrawlRun) -> dict[str, bool]:
    """Tell for each field missing in a run whether the user may see the page; two queries.

    The address of a page gives away what was looked for, so it is shown to those who look for the same.
    """
    missing: Mapping[str, Mapping[str, str]] = run.stats.get("missing", {})
    if not missing:
        return {}
    groups = grouped(Watch.objects.filter(market=run.market))
    mine = set(Watch.objects.for_user(user).filter(market=run.market).values_list("pk", flat=True))
    own = {str(watch.pk) for members in groups.values() if {w.pk for w in members} & mine for watch in members}
    looked = set(run.stats.get("watches", {}))
    return {
        field: page.get("watch_id") in own or (not page.get("watch_id") and bool(looked) and looked <= own)
        for field, page in missing.items()
    }


@attrs.frozen(kw_only=True)
class MissingPage:
    """A page on which a field was not read; its address only for those who may see it."""

    field: str
    url: str
    sha256: str
    kept: bool  # the bytes can be handed out

    @property
    def is_shown(self) -> bool:
        """Tell whether the user may see it."""
        return bool(self.url)


@attrs.frozen(kw_only=True)
class RunPage:
    """Everything a run's page shows."""

    run: CrawlRun
    coverage: Sequence[Coverage]
    missing: Mapping[str, MissingPage]
    outcomes: Mapping[str, int]
    statuses: Mapping[str, int]
    blocks: Mapping[str, int]
    parsers: Mapping[str, float]
    robots: Mapping[str, Mapping[str, object]]

    @property
    def rows(self) -> list[dict[str, object]]:
        """Each field with its coverage and a page without it."""
        return [{"item": item, "missing": self.missing.get(item.field)} for item in self.coverage]


def run_page(*, user: User | AnonymousUser, run: CrawlRun) -> RunPage:
    """Return what a run's page shows, compared with the runs before it; three queries."""
    before = CrawlRun.objects.filter(market=run.market, id__lt=run.pk, state__in=GOOD).defer("stats")
    history = [earlier for earlier in before[:HISTORY] if earlier.figures]
    manifest = manifests().get(run.market)
    stats = run.stats
    seen = may_see_pages_of(user=user, run=run)
    return RunPage(
        run=run,
        coverage=coverage_of(run, history, manifest) if manifest else (),
        missing={
            field: MissingPage(
                field=field,
                url=page["url"] if seen.get(field) else "",
                sha256=page["body_sha256"],
                kept=bool(page.get("warc") and page.get("record_id")),
            )
            for field, page in stats.get("missing", {}).items()
        },
        outcomes=stats.get("pages", {}),
        statuses=stats.get("statuses", {}),
        blocks=stats.get("blocks", {}),
        parsers=run.figures.get("parsers", {}),
        robots=stats.get("robots", {}),
    )
