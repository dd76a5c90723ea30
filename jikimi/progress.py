"""Crawls side by side with a progress bar each, and a summary of what was done, skipped and failed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from contracts.errors import JikimiError
from jobs.models import CrawlRun
from jobs.services import note_health, take_due_runs
from jobs.states import RunState
from listings.crawls import Crawled, run_crawl

SIDE_BY_SIDE = 4
THROUGH = (RunState.DONE, RunState.PARTLY_DONE)


def crawl_with_bars(
    runs: Mapping[CrawlRun, Mapping[str, str]], *, console: Console | None = None, delay: float | None = None
) -> list[Crawled | JikimiError]:
    """Run crawls of different markets side by side; one that may not run does not keep the others from it.

    Args:
        runs: each run with the addresses that stand for its sites (empty: the real ones).
        console: where to print.
        delay: seconds between requests to stand-in addresses.

    Returns:
        How each went, or why it did not run, in the order of ``runs``.
    """
    console = console or Console()
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("pages, {task.fields[listings]} listings"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:

        def one(run: CrawlRun, origins: Mapping[str, str]) -> Crawled | JikimiError:
            bar = bars.add_task(run.market, total=None, listings=0)

            def show(numbers: Mapping[str, int]) -> None:
                bars.update(
                    bar,
                    completed=numbers.get("pages", 0),
                    total=numbers.get("budget"),
                    listings=numbers.get("listings", 0),
                )

            try:
                result: Crawled | JikimiError = run_crawl(run=run, origins=origins, delay=delay, progress=show)
            except JikimiError as error:
                result = error
            finally:
                connection.close()
            pages = bars.tasks[bar].completed
            bars.update(bar, total=pages, completed=pages)
            return result

        results = list(pool.map(lambda item: one(*item), runs.items()))
    markets = [run.market for run in runs]
    console.print(summary(markets, results))
    for market, result in zip(markets, results, strict=True):
        if isinstance(result, Crawled):
            for problem in [*result.run.reasons, *result.intake.problems[:5]]:
                console.print(Text.assemble((market, "yellow"), f": {problem}"))
    return results


def run_due(
    *,
    origins: Mapping[str, Mapping[str, str]] | None = None,
    console: Console | None = None,
    delay: float | None = None,
) -> list[Crawled | JikimiError]:
    """Crawl what is due now, and look how every market fares afterwards; safe beside others that do the same.

    Args:
        origins: for a market the addresses that stand for its sites (the sandbox).
        console: where to print.
        delay: seconds between requests to stand-in addresses.
    """
    due = take_due_runs()
    results: list[Crawled | JikimiError] = []
    if due:
        stand_ins = origins or {}
        results = crawl_with_bars({run: stand_ins.get(run.market, {}) for run in due}, console=console, delay=delay)
    note_health()
    return results


def all_through(results: list[Crawled | JikimiError]) -> bool:
    """Tell whether every run got through."""
    return all(isinstance(result, Crawled) and result.run.state in THROUGH for result in results)


def summary(markets: list[str], results: list[Crawled | JikimiError]) -> Table:
    """Return the table of how the crawls went."""
    table = Table("market", "state", "new", "changed", "unchanged", "gone", "not taken in")
    for market, result in zip(markets, results, strict=True):
        if isinstance(result, Crawled):
            intake = result.intake
            numbers = (intake.new, intake.changed, intake.unchanged, intake.gone, len(intake.problems))
            table.add_row(market, result.run.state, *(str(number) for number in numbers))
        else:
            table.add_row(market, Text(f"not run: {result}"))
    return table
