"""One crawl from job to intake: what `jikimi crawl`, `jikimi run-due` and the Celery workers run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import attrs

from contracts.errors import BadInput
from jobs.crawling import Progress, crawl
from jobs.judging import ENDED, SPIDERS, account_of
from jobs.models import CrawlRun
from jobs.queries import infringing_on
from jobs.services import beat, contact_for, finish_run, give_up, plan_market, record_finds, start_run, write_job
from listings.intake import stored_id
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
    """Crawl, take in and judge: known listings first, then known sellers, then what is searched for.

    Each kind is a crawl of its own with its own folder. A run that was interrupted goes on where it stopped: crawls
    that ended are not repeated. A marketplace that turned one crawl away is left alone for the rest of the run.

    Args:
        run: a run that is due, or ended early.
        origins: for each site country an address that stands for it (the sandbox); exact host and port are allowed.
        delay: seconds between requests to ``origins``; never for real sites.
        progress: called with the run's own numbers while it runs.
        told: called while a spool is taken in.

    Raises:
        jobs.services.AlreadyRunning: another crawl of this market is under way.
        jobs.services.NoContact: a real market, and no contact is set.
        jobs.services.RunLost: this worker gave no sign of life for so long that the run was taken from it.
    """
    origins = origins or {}
    contact_for(origins)
    run = start_run(run=run)
    intake = Intake()
    counted = _Counted(run, progress)
    through = False
    try:
        plan_market(market=run.market)
        for spider in SPIDERS:
            # Listings asked for one by one are fetched whatever is known of them.
            known = {} if spider == "listing" else known_listings(run.market, revisit=infringing_on(run.market))
            job = write_job(run=run, spider=spider, origins=origins, known=known, delay=delay)
            if job is None:
                continue
            account = account_of(job.parent)
            if account is None or account.finish_reason not in ENDED:
                crawl(job, spider=spider, progress=counted.show)
                counted.next()
            _take_in(intake, run, job.parent / "spool", told, counted)
            account = account_of(job.parent)
            if account is not None and account.finish_reason == "blocked":
                break
        through = True
    finally:
        run = finish_run(run=run) if through else give_up(run=run)
    return Crawled(run=run, intake=intake)


class _Counted:
    """Adds the numbers of a run's crawls up, and gives signs of life."""

    def __init__(self, run: CrawlRun, progress: Progress | None) -> None:
        self.run = run
        self.progress = progress
        self.before: Counter[str] = Counter()
        self.latest: dict[str, int] = {}

    def show(self, numbers: dict[str, int]) -> None:
        """Take the numbers of the crawl under way."""
        beat(run=self.run)
        self.latest = numbers
        if self.progress is not None:
            self.progress(dict(self.before + Counter(numbers)))

    def next(self) -> None:
        """Begin with the next crawl."""
        self.before.update(self.latest)
        self.latest = {}


def _take_in(
    intake: Intake, run: CrawlRun, spool: Path, told: Callable[[Intake], None] | None, counted: _Counted
) -> None:
    def alive(part: Intake) -> None:
        counted.show({})
        if told is not None:
            told(part)

    part = take_in_spool(spool=spool, market=run.market, organisations=organisations_by_watch(run.market), told=alive)
    for name, value in attrs.asdict(part, recurse=False).items():
        setattr(intake, name, getattr(intake, name) + value)
    record_finds(market=run.market, found=chain(_found(spool / "listings.jsonl"), _found(spool / "seen.jsonl")))


def _found(path: Path) -> Iterator[tuple[str, str]]:
    """Yield which watch brought which listing, as a file of a spool tells it."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                spooled = json.loads(line)
                yield str(spooled["watch_id"]), spooled.get("listing_id") or stored_id(spooled["listing"])
            except (ValueError, KeyError, TypeError, BadInput):
                continue  # intake has named it as a problem, or it is a torn last line
