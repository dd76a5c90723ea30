import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.permissions import NotAllowed
from contracts.job import Job, RunStats
from contracts.market import manifests
from contracts.workflow import IllegalTransition
from jobs.judging import folder_of, judge_run
from jobs.models import CrawlRun, Watch
from jobs.services import (
    AlreadyRunning,
    NoContact,
    create_run,
    finish_run,
    open_run,
    plan_watches,
    start_run,
    write_job,
)
from jobs.states import RUN, RunState
from tests.factories import NOON, BrandFactory, MarkFactory, MembershipFactory, ProductFactory, SpellingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def spool_dir(settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "spool"


def a_brand():
    brand = BrandFactory()
    mark = MarkFactory(brand=brand)
    SpellingFactory(mark=mark, text="Haneulbit", script="Latn")
    SpellingFactory(mark=mark, text="하늘빛", script="Hang")
    SpellingFactory(mark=mark, text="天空光", script="Hani")
    ProductFactory(brand=brand, keywords=["dew serum"])
    return brand


def stats(**changes):
    values = {
        "job_id": "1",
        "market": "ebay",
        "started_at": NOON,
        "finished_at": NOON + timedelta(minutes=3),
        "finish_reason": "finished",
        "pages": {"ok": 10},
        "listings": 50,
        "field_coverage": dict.fromkeys(manifests()["ebay"].assertions.field_coverage, 1.0),
    }
    return RunStats.model_validate({**values, **changes})


def leave(folder, content, spider="search"):
    """Leave a job and, unless None, the account its crawl wrote."""
    path = folder_of(folder, spider) / "spool" / "stats.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parents[1] / "job.json").write_text("{}")
    if content is not None:
        path.write_text(content)
    return Path(folder)


def judged(folder, content):
    return judge_run(leave(folder, content), manifests()["ebay"])


def test_watches_follow_the_scripts_a_site_reads_and_are_planned_once():
    brand = a_brand()
    markets = [manifests()["ebay"], manifests()["1688"]]

    new, total = plan_watches(actor=None, brand=brand, markets=markets)
    again, _ = plan_watches(actor=None, brand=brand, markets=markets)

    assert new == total
    assert again == 0
    us = Watch.objects.filter(market="ebay", site="US")
    assert set(us.exclude(reason="misspelling").values_list("term", flat=True)) == {
        "Haneulbit",
        "하늘빛",
        "Dew serum",
        "korean serum",
    }
    assert 0 < us.filter(reason="misspelling").count() <= 3
    if manifests()["1688"].addresses.search:
        cn = set(Watch.objects.filter(market="1688").values_list("term", flat=True))
        assert "天空光" in cn


def test_a_stranger_may_not_plan():
    with pytest.raises(NotAllowed):
        plan_watches(actor=MembershipFactory().user, brand=a_brand(), markets=[manifests()["ebay"]])


def test_one_crawl_of_a_market_at_a_time():
    first, second = create_run(market="ebay"), create_run(market="ebay")
    start_run(run=first)

    with pytest.raises(AlreadyRunning):
        start_run(run=second)
    with pytest.raises(AlreadyRunning):
        start_run(run=first)
    start_run(run=create_run(market="etsy"))


def test_brands_that_watch_the_same_term_share_one_search(settings):
    settings.CRAWL_CONTACT = "ip@haneul.example"
    for pages in (2, 5):
        Watch.objects.create(brand=BrandFactory(), market="ebay", site="US", kind="search", term="Dew", pages=pages)
    run = create_run(market="ebay")

    job = Job.read(write_job(run=run, origins={}, known={}, spider="search"))

    (watch,) = job.watches
    assert watch.pages == 5
    assert job.contact == "ip@haneul.example"


def test_a_real_market_is_not_crawled_by_nobody(settings):
    settings.CRAWL_CONTACT = ""

    with pytest.raises(NoContact):
        write_job(run=create_run(market="ebay"), origins={}, known={}, spider="search")


@pytest.mark.parametrize(
    ("changes", "state", "word"),
    [
        ({}, RunState.DONE, ""),
        ({"pages": {"ok": 9, "blocked": 1}}, RunState.PARTLY_DONE, "1 pages were blocked"),
        ({"pages": {"blocked": 3}, "listings": 0}, RunState.BLOCKED, "blocked"),
        ({"finish_reason": "blocked"}, RunState.BLOCKED, ""),
        ({"pages": {"failed": 3}, "listings": 0}, RunState.FAILED, "not one page"),
        ({"errors": 2}, RunState.PARTLY_DONE, "2 errors"),
        ({"finish_reason": "budget"}, RunState.DONE, ""),
        ({"finish_reason": "shutdown"}, RunState.PARTLY_DONE, "ended early: shutdown"),
    ],
)
def test_a_run_is_judged_by_its_statistics(tmp_path, changes, state, word):
    found = judged(tmp_path, stats(**changes).model_dump_json())

    assert found.state == state
    assert word in " ".join(str(problem) for problem in found.problems)
    assert found.stats.job_id == "1"


def test_a_field_that_is_no_longer_read_degrades_the_run(tmp_path):
    coverage = dict.fromkeys(manifests()["ebay"].assertions.field_coverage, 1.0)
    name = next(iter(coverage))
    found = judged(tmp_path, stats(field_coverage={**coverage, name: 0.1}).model_dump_json())

    assert found.state == RunState.PARTLY_DONE
    assert found.problems[0].values["field"] == name


@pytest.mark.parametrize("content", [None, "", "{", json.dumps({"job_id": "1"})])
def test_a_crawl_that_was_killed_is_failed_and_may_go_on(content):
    run = start_run(run=create_run(market="ebay"))
    leave(run.folder, content)

    run = finish_run(run=run)

    assert run.state == RunState.FAILED
    assert start_run(run=run).state == RunState.RUNNING


def test_a_run_that_never_ran_cannot_be_finished_into_a_state_its_table_lacks():
    with pytest.raises(IllegalTransition):
        RUN.check(RunState.DUE, RunState.DONE)


def test_a_run_that_was_cut_off_goes_on_and_one_that_ended_does_not(tmp_path):
    first = open_run(market="ebay")
    assert open_run(market="ebay") == first

    failed = finish_run(run=start_run(run=first))
    assert open_run(market="ebay") == failed

    running = start_run(run=failed)
    leave(running.folder, stats().model_dump_json())
    finish_run(run=running)
    assert open_run(market="ebay") != first


def test_a_run_that_was_cut_off_days_ago_is_not_gone_on_with():
    failed = finish_run(run=start_run(run=create_run(market="ebay")))
    CrawlRun.objects.update(due_at=failed.due_at - timedelta(days=3))
    assert open_run(market="ebay") != failed


def test_a_run_whose_process_was_killed_is_freed_and_a_living_one_is_not():
    dead = start_run(run=create_run(market="ebay"))
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    CrawlRun.objects.filter(pk=dead.pk).update(process_id=process.pid)
    alive = start_run(run=create_run(market="etsy"))

    assert open_run(market="ebay") == dead
    assert CrawlRun.objects.get(pk=dead.pk).state == RunState.FAILED
    with pytest.raises(AlreadyRunning):
        start_run(run=open_run(market="etsy"))
    assert CrawlRun.objects.get(pk=alive.pk).state == RunState.RUNNING
