"""How a market fares: its last run against the manifest and against its own history. Derived, never stored as truth.

A run's own shortcomings (`jobs.judging`) are measured against what the manifest asserts; here the same run is compared
with the runs before it that got through, so that a slow decay, or a marketplace that never had a field, is told from a
change overnight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Protocol

import attrs

from contracts.market import Manifest
from jobs.judging import LEAST_LISTINGS
from jobs.reasons import Problem, Reason
from jobs.schedules import Timing
from jobs.states import RunState
from jobs.verdicts import Verdict

HISTORY = 10  # good runs a run is compared with
LEAST_HISTORY = 3  # fewer prove nothing
FELL = 0.8  # of the usual share: below it a field's coverage fell
ROWS_FELL = 0.5
LISTINGS_FELL = 0.3
AS_MANY_LOOKS = 0.7  # of the usual: with fewer, most terms rested, and less was to be seen
EMPTIES_ROSE = 0.4  # of the result pages, on top of what is usual
BLOCKS_ROSE = 0.05  # of all pages, on top of twice what is usual
SILENT_AFTER = 2  # cadences without a run that got through

GOOD = (RunState.DONE, RunState.PARTLY_DONE)


class Ran(Protocol):
    """A run that ended, as far as health looks at it."""

    state: str
    finished_at: datetime | None
    figures: Mapping[str, Any]
    problems: Sequence[Mapping[str, Any]]

    @property
    def reasons(self) -> list[Reason]:
        """What fell short of the manifest."""


@attrs.frozen(kw_only=True)
class Coverage:
    """On which share of listings a field was read, and on which it usually is."""

    field: str
    share: float
    usual: float | None
    least: float | None
    counts: bool = True  # enough listings were read to tell

    @property
    def usual_mark(self) -> int:
        """Where the usual share lies on a bar of a thousand."""
        return min(round((self.usual or 0) * 1000), 992)

    @property
    def fell(self) -> bool:
        """Tell whether it is below the minimum or well below what is usual."""
        if not self.counts:
            return False
        below = self.least is not None and self.share < self.least
        return below or (self.usual is not None and self.share < FELL * self.usual)


@attrs.frozen(kw_only=True)
class Assessment:
    """A verdict with its reasons, and the coverage of each field that is asserted or usual."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    coverage: tuple[Coverage, ...] = ()


def assess(
    *, manifest: Manifest, timing: Timing, schedule_state: str, runs: Sequence[Ran], now: datetime
) -> Assessment:
    """Return how a market fares.

    Args:
        manifest: what is asserted.
        timing: its cadence, or its region's.
        schedule_state: ``active``, ``paused`` or ``none``.
        runs: the runs that ended, newest first.
        now: aware.
    """
    if not runs:
        unscheduled = [] if schedule_state == "active" else [Reason(Problem.NOT_SCHEDULED)]
        return Assessment(verdict=Verdict.SILENT, reasons=(Reason(Problem.NEVER_RUN), *unscheduled))
    last, history = runs[0], [run for run in runs[1:] if _is_good(run)][:HISTORY]
    coverage = coverage_of(last, history, manifest)
    if last.state == RunState.BLOCKED:
        return Assessment(
            verdict=Verdict.BLOCKED, reasons=(Reason(Problem.RUN_BLOCKED), *last.reasons), coverage=coverage
        )
    silent = _silence(timing, runs, now)
    failed = [Reason(Problem.RUN_FAILED)] if last.state == RunState.FAILED else []
    reasons = (*failed, *last.reasons, *compared(last, history, coverage))
    if silent:
        return Assessment(verdict=Verdict.SILENT, reasons=(silent, *reasons), coverage=coverage)
    return Assessment(verdict=Verdict.DEGRADED if reasons else Verdict.HEALTHY, reasons=reasons, coverage=coverage)


def _is_good(run: Ran) -> bool:
    return run.state in GOOD and bool(run.figures)


def _silence(timing: Timing, runs: Sequence[Ran], now: datetime) -> Reason | None:
    through = next((run.finished_at for run in runs if run.state in GOOD and run.finished_at), None)
    since = through or min((run.finished_at for run in runs if run.finished_at), default=now)
    # The window may hold a run back by most of a day, so half a day is borne with on top.
    if now - since <= timing.every * SILENT_AFTER + timedelta(hours=12):
        return None
    hours = int((now - since).total_seconds() // 3600)
    return Reason(Problem.NO_GOOD_RUN_FOR, {"hours": hours, "every": timing.every_hours})


def coverage_of(last: Ran, history: Sequence[Ran], manifest: Manifest) -> tuple[Coverage, ...]:
    """Return the coverage of every field that is asserted, or was read in the runs before, in the order asserted."""
    read: Mapping[str, float] = last.figures.get("coverage", {})
    if not read:
        return ()
    asserted = manifest.assertions.field_coverage
    usual = {name: _usual(history, "coverage", name) for run in history for name in run.figures.get("coverage", {})}
    names = dict.fromkeys([*asserted, *sorted(name for name, share in usual.items() if share), *sorted(read)])
    return tuple(
        Coverage(
            field=name,
            share=read.get(name, 0.0),
            usual=usual.get(name),
            least=asserted.get(name),
            counts=last.figures["new_listings"] >= LEAST_LISTINGS,
        )
        for name in names
        if name in asserted or usual.get(name) or read.get(name)
    )


def _usual(history: Sequence[Ran], figure: str, name: str) -> float | None:
    telling = [run.figures for run in history if run.figures["new_listings"] >= LEAST_LISTINGS]
    shares = [figures[figure].get(name, 0.0) for figures in telling if figures.get(figure)]
    return float(median(shares)) if len(shares) >= LEAST_HISTORY else None


def compared(last: Ran, history: Sequence[Ran], coverage: Sequence[Coverage]) -> list[Reason]:
    """Return in what the last run fell behind those before it."""
    now = last.figures
    if not now or len(history) < LEAST_HISTORY:
        return []
    reasons = []
    if now["new_listings"] >= LEAST_LISTINGS:
        told = {reason.values.get("field") for reason in last.reasons if reason.code == Problem.FIELD_BELOW_MINIMUM}
        reasons += [
            Reason(Problem.FIELD_FELL, {"field": item.field, "share": item.share, "before": item.usual})
            for item in coverage
            if item.usual is not None and item.share < FELL * item.usual and item.field not in told
        ]
        reasons += _parsers(now, history)
    if now.get("looks", 0) >= AS_MANY_LOOKS * _median(history, "looks"):
        reasons += _seen_less(now, history)
    blocks = _median(history, "blocks")
    if now["blocks"] > 2 * blocks + BLOCKS_ROSE:
        reasons.append(Reason(Problem.BLOCKS_ROSE, {"share": now["blocks"], "before": blocks}))
    return reasons


def _seen_less(now: Mapping[str, Any], history: Sequence[Ran]) -> Iterator[Reason]:
    rows = _median(history, "rows")
    if now["rows"] and now["rows"] < ROWS_FELL * rows:
        yield Reason(Problem.ROWS_FELL, {"rows": f"{now['rows']:g}", "before": f"{rows:g}"})
    empties = _median(history, "empties")
    if now["empties"] > empties + EMPTIES_ROSE:
        yield Reason(Problem.EMPTIES_ROSE, {"share": now["empties"], "before": empties})
    listings = _median(history, "listings")
    if now["listings"] < LISTINGS_FELL * listings:
        yield Reason(Problem.LISTINGS_FELL, {"count": now["listings"], "before": f"{listings:g}"})


def _median(history: Sequence[Ran], figure: str) -> float:
    return float(median(run.figures.get(figure, 0) for run in history))


def _parsers(now: Mapping[str, Any], history: Sequence[Ran]) -> list[Reason]:
    """Tell when the page object that usually reads most listings reads well less: a weaker one took over."""
    names = {name for run in history for name in run.figures.get("parsers", {})}
    usual = {name: _usual(history, "parsers", name) or 0.0 for name in names}
    if not usual or not now.get("parsers"):
        return []
    strongest = max(usual, key=lambda name: (usual[name], name))
    share = float(now["parsers"].get(strongest, 0.0))
    if share >= FELL * usual[strongest]:
        return []
    return [Reason(Problem.PARSER_SHIFTED, {"parser": strongest, "share": share, "before": usual[strongest]})]
