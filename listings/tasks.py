"""Scheduled crawls on Celery: beat asks what is due, each run goes to the queue of its region."""

from __future__ import annotations

import logging

from celery import shared_task

from contracts.errors import JikimiError
from contracts.market import manifests
from jobs.models import CrawlRun
from jobs.services import AlreadyRunning, free_dead_runs, may_go_on, note_health, take_due_runs
from jobs.states import RunState
from listings.crawls import run_crawl

log = logging.getLogger(__name__)


def queue_of(market: str) -> str:
    """Return the queue a market's runs are put on: the workers of its region listen to it."""
    return f"crawl-{manifests()[market].region}"


@shared_task(name="listings.run_due", ignore_result=True)
def run_due() -> list[int]:
    """Put every run that is due on the queue of its region; several beats at once put each there once."""
    runs = take_due_runs()
    for run in runs:
        crawl_market.apply_async(args=(run.pk,), queue=queue_of(run.market))
    note_health()  # a market falls silent without anything happening
    return [run.pk for run in runs]


@shared_task(name="listings.crawl_market", ignore_result=True)
def crawl_market(run_id: int) -> str:
    """Crawl one market's run and take in what it saw; a message that comes twice does nothing the second time.

    The broker hands a message that takes long to another worker as well; that one finds the run under way.
    """
    run = CrawlRun.objects.get(pk=run_id)
    free_dead_runs(market=run.market)  # the worker that had this message before may have been killed
    run.refresh_from_db()
    if run.state != RunState.RUNNING and not may_go_on(run):
        return "ended"
    try:
        return str(run_crawl(run=run).run.state)
    except AlreadyRunning:
        return "already running"
    except JikimiError as error:
        log.error("crawl of %s: %s", run.market, error)  # noqa: TRY400 (an error in words needs no traceback)
        return "refused"
