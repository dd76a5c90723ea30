"""How a run went, by the accounts its crawls left: never by an exit code, and never by one crawl alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import attrs
from pydantic import ValidationError

from contracts.job import RunStats
from contracts.listing import PageOutcome
from contracts.market import Assertions, Manifest
from jobs.reasons import Problem, Reason
from jobs.states import RunState

SPIDERS = ("listing", "seller", "search")  # in this order: what is known to infringe comes first
ENDED = frozenset({"finished", "budget"})  # finish reasons of a crawl that did all it might do
KILLED = "killed"
_WORST_FIRST = ("blocked", "no_rung", KILLED)
MOST_ROWS = 500
LEAST_LISTINGS = 5  # a run that read fewer says nothing about coverage: one offer sold out has no price


def folder_of(run_folder: str | Path, spider: str) -> Path:
    """Return the folder of one crawl of a run: its ``job.json``, ``crawl.log`` and ``spool``."""
    return Path(run_folder) / spider


def account_of(folder: Path) -> RunStats | None:
    """Return what a crawl said of itself; None for one that was killed or is under way."""
    try:
        return RunStats.read(folder / "spool" / "stats.json")
    except (OSError, ValidationError, ValueError):
        return None


@attrs.frozen(kw_only=True)
class Judgement:
    """The state a run ended in, its whole account, the figures history is kept of, and what fell short."""

    state: RunState
    stats: RunStats | None
    figures: dict[str, Any]
    problems: tuple[Reason, ...]

    @property
    def ended(self) -> bool:
        """Tell whether the run did all it might do, so that nobody goes on with it."""
        return self.stats is not None and self.stats.finish_reason in ENDED and self.state != RunState.FAILED


def judge_run(run_folder: Path, manifest: Manifest) -> Judgement:
    """Judge a run by the accounts in its folder and the manifest's assertions."""
    asked = [spider for spider in SPIDERS if (folder_of(run_folder, spider) / "job.json").exists()]
    accounts = {spider: account_of(folder_of(run_folder, spider)) for spider in asked}
    told = [stats for stats in accounts.values() if stats is not None]
    problems = [
        Reason(Problem.NO_STATISTICS, {"spider": spider}) for spider, stats in accounts.items() if stats is None
    ]
    if not asked:
        problems.append(Reason(Problem.NOTHING_TO_LOOK_FOR))
    if not told:
        return Judgement(state=RunState.FAILED, stats=None, figures={}, problems=tuple(problems))
    stats = merged(told, killed=len(told) < len(asked))
    figures = figures_of(stats)
    problems += shortcomings(stats, figures, manifest)
    return Judgement(state=_state(stats, problems), stats=stats, figures=figures, problems=tuple(problems))


def _state(stats: RunStats, problems: list[Reason]) -> RunState:
    blocked, good = _blocked(stats), _good(stats)
    if stats.finish_reason == "blocked" or (blocked and not good):
        return RunState.BLOCKED
    if not good:
        return RunState.FAILED
    return RunState.PARTLY_DONE if problems else RunState.DONE


def _blocked(stats: RunStats) -> int:
    return stats.pages.get(PageOutcome.BLOCKED, 0)


def _good(stats: RunStats) -> int:
    # A listing's page that says it is gone was read as well as any.
    return sum(stats.pages.get(outcome, 0) for outcome in (PageOutcome.OK, PageOutcome.EMPTY, PageOutcome.REMOVED))


def shortcomings(stats: RunStats, figures: Mapping[str, Any], manifest: Manifest) -> list[Reason]:
    """Return what fell short of the manifest's assertions, and what went wrong."""
    found = []
    if blocked := _blocked(stats):
        found.append(Reason(Problem.BLOCKED_PAGES, {"count": blocked}))
    if stats.finish_reason == "no_rung":
        return [*found, Reason(Problem.NO_RUNG)]
    if not _good(stats):
        return [*found, Reason(Problem.NO_PAGE_READ)]
    if stats.errors:
        found.append(Reason(Problem.ERRORS, {"count": stats.errors}))
    found += _unlike_asserted(stats, figures, manifest.assertions)
    if stats.finish_reason not in ENDED | {"blocked"}:
        found.append(Reason(Problem.ENDED_EARLY, {"why": stats.finish_reason}))
    return found


def _unlike_asserted(stats: RunStats, figures: Mapping[str, Any], asserted: Assertions) -> Iterator[Reason]:
    for name, least in asserted.field_coverage.items() if stats.listings >= LEAST_LISTINGS else ():
        share = stats.field_coverage.get(name, 0.0)
        if share < least:
            yield Reason(Problem.FIELD_BELOW_MINIMUM, {"field": name, "share": share, "least": float(least)})
    rows, most = figures["rows"], max(stats.rows_per_page, default=0)
    if rows and rows < asserted.min_listings_per_search_page:
        values = {"rows": f"{rows:g}", "least": asserted.min_listings_per_search_page}
        yield Reason(Problem.ROWS_BELOW_MINIMUM, values)
    if most > asserted.max_listings_per_search_page:
        yield Reason(Problem.ROWS_ABOVE_MAXIMUM, {"rows": str(most), "most": asserted.max_listings_per_search_page})


def figures_of(stats: RunStats) -> dict[str, Any]:
    """Return the few numbers a market's history is kept of.

    ``rows`` is the median over result pages that had any, ``empties`` the share of those that had none, ``looks`` how
    many watches were looked at: a run in which most terms rest sees less, and nothing is wrong.
    """
    pages = sum(stats.pages.values())
    good = _good(stats)
    with_rows = [rows for rows in stats.rows_per_page if rows]
    listings = stats.listings + stats.unchanged
    told = sum(stats.parsers.values())
    return {
        "pages": pages,
        "good": good,
        "listings": listings,
        "new_listings": stats.listings,
        "coverage": dict(stats.field_coverage) if stats.listings else {},
        "rows": float(median(with_rows)) if with_rows else 0.0,
        "result_pages": len(stats.rows_per_page),
        "empties": 1 - len(with_rows) / len(stats.rows_per_page) if stats.rows_per_page else 0.0,
        "looks": sum(1 for look in stats.watches.values() if look.pages),
        "blocks": _blocked(stats) / pages if pages else 0.0,
        "parsers": {name: count / told for name, count in stats.parsers.items()} if told else {},
        "seconds": (stats.finished_at - stats.started_at).total_seconds(),
    }


def merged(accounts: Iterable[RunStats], *, killed: bool = False) -> RunStats:
    """Return the accounts of a run's crawls as one; field coverage is weighed by the listings of each."""
    parts = list(accounts)
    first = parts[0]
    listings = sum(part.listings for part in parts)
    covered: Counter[str] = Counter()
    for part in parts:
        covered.update({name: share * part.listings for name, share in part.field_coverage.items()})
    reasons = [part.finish_reason for part in parts] + ([KILLED] if killed else [])
    return first.model_copy(
        update={
            "started_at": min(part.started_at for part in parts),
            "finished_at": max(part.finished_at for part in parts),
            "finish_reason": _worst(reasons),
            "pages": _sum(part.pages for part in parts),
            "listings": listings,
            "field_coverage": {name: value / listings for name, value in covered.items()} if listings else {},
            "statuses": _sum(part.statuses for part in parts),
            "blocks": _sum(part.blocks for part in parts),
            "rows_per_page": tuple(rows for part in parts for rows in part.rows_per_page)[:MOST_ROWS],
            "parsers": _sum(part.parsers for part in parts),
            "missing": {name: page for part in parts for name, page in part.missing.items()},
            "robots": {host: answer for part in parts for host, answer in part.robots.items()},
            "watches": {watch: look for part in parts for watch, look in part.watches.items()},
            **{
                name: sum(getattr(part, name) for part in parts)
                for name in ("unchanged", "images", "errors", "requests", "retries", "downloaded_bytes")
            },
        }
    )


def _sum(counts: Iterable[Mapping[Any, int]]) -> dict[Any, int]:
    total: Counter[Any] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)


def _worst(reasons: list[str]) -> str:
    for worst in _WORST_FIRST:
        if worst in reasons:
            return worst
    unusual = [reason for reason in reasons if reason not in ENDED]
    if unusual:
        return unusual[0]
    return "budget" if "budget" in reasons else "finished"
