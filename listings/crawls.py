"""One crawl from job to intake: what `jikimi crawl` runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from contracts.job import WatchKind
from jobs.crawling import Progress, crawl
from jobs.models import CrawlRun
from jobs.services import finish_run, start_run, write_job
from listings.queries import known_listings, organisations_by_watch
from listings.services import Intake, take_in_spool


@attrs.frozen(kw_only=True)
class Crawled:
    """How a crawl ended and what it brought."""

    run: CrawlRun
    intake: Intake


def run_crawl(
    *,
    run: CrawlRun,
    origins: Mapping[str, str] | None = None,
    delay: float | None = None,
    progress: Progress | None = None,
    told: Callable[[Intake], None] | None = None,
) -> Crawled:
    """Crawl, judge and take in. A run that was interrupted goes on where it stopped.

    Args:
        run: a run that is due, or ended early.
        origins: for each site country an address that stands for it (the sandbox); exact host and port are allowed.
        delay: seconds between requests to ``origins``; never for real sites.
        progress: called with the crawl's own numbers while it runs.
        told: called while the spool is taken in.

    Raises:
        jobs.services.AlreadyRunning: another crawl of this market is under way.
        jobs.services.NoContact: a real market, and no contact is set.
    """
    origins = origins or {}
    run = start_run(run=run)
    try:
        job = write_job(run=run, origins=origins, known=known_listings(run.market), kind=WatchKind.SEARCH, delay=delay)
        (Path(run.folder) / "spool" / "stats.json").unlink(missing_ok=True)  # an earlier attempt's own account
        crawl(job, spider="search", progress=progress)
    finally:
        run = finish_run(run=run)
    intake = take_in_spool(
        spool=Path(run.folder) / "spool",
        market=run.market,
        organisations=organisations_by_watch(run.market),
        told=told,
    )
    return Crawled(run=run, intake=intake)
