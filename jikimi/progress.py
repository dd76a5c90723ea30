"""Crawls side by side with a progress bar each, and a summary of what was done, skipped and failed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from jobs.models import CrawlRun
from listings.crawls import Crawled, run_crawl

SIDE_BY_SIDE = 4


def crawl_with_bars(
    runs: Mapping[CrawlRun, Mapping[str, str]], *, console: Console | None = None, delay: float | None = None
) -> list[Crawled]:
    """Run crawls of different markets side by side.

    Args:
        runs: each run with the addresses that stand for its sites (empty: the real ones).
        console: where to print.
        delay: seconds between requests to stand-in addresses.
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

        def one(run: CrawlRun, origins: Mapping[str, str]) -> Crawled:
            bar = bars.add_task(run.market, total=None, listings=0)

            def show(numbers: Mapping[str, int]) -> None:
                bars.update(
                    bar,
                    completed=numbers.get("pages", 0),
                    total=numbers.get("budget"),
                    listings=numbers.get("listings", 0),
                )

            try:
                result = run_crawl(run=run, origins=origins, delay=delay, progress=show)
            finally:
                connection.close()
            pages = bars.tasks[bar].completed
            bars.update(bar, total=pages, completed=pages)
            return result

        results = list(pool.map(lambda item: one(*item), runs.items()))
    console.print(summary(results))
    for result in results:
        for problem in [*result.run.problems, *result.intake.problems[:5]]:
            console.print(f"[yellow]{result.run.market}[/yellow]: {problem}", highlight=False)
    return results


def summary(results: list[Crawled]) -> Table:
    """Return the table of how the crawls went."""
    table = Table("market", "state", "new", "changed", "unchanged", "not taken in")
    for result in results:
        intake = result.intake
        numbers = (intake.new, intake.changed, intake.unchanged, len(intake.problems))
        table.add_row(result.run.market, result.run.state, *(str(number) for number in numbers))
    return table
