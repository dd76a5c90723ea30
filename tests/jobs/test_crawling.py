"""Whole runs against the sandbox: real Scrapy, real pages, our own database."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contracts.job import Job
from contracts.listing import PageOutcome
from contracts.match import Script
from jobs.judging import folder_of
from jobs.models import Find, HealthChange, Watch
from jobs.services import create_run, open_run, watch_infringement
from jobs.states import RunState
from listings.crawls import run_crawl
from listings.models import Listing
from listings.states import Presence
from sandbox import Sandbox, Slow, Walled
from tests.factories import BrandFactory, MarkFactory, SpellingFactory

SAMPLES = Path(__file__).parents[2] / "samples" / "registry"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Make a world in which everything on sale is Haneulbit's or pretends to be."""
    folder = tmp_path_factory.mktemp("registry")
    shutil.copytree(SAMPLES / "haneulbit", folder / "haneulbit")
    return folder


@pytest.fixture
def play(registry):
    with Sandbox(seed=5, registry=registry, listings_per_market=25, markets=["harborlane"]) as sandbox:
        yield sandbox


@pytest.fixture
def home(settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    return tmp_path


def haneulbit():
    brand = BrandFactory()
    SpellingFactory(mark=MarkFactory(brand=brand), text="Haneulbit", script=Script.LATIN)
    return brand


def crawl(sandbox, run=None):
    origins = {"US": sandbox.origins["harborlane"]}
    return run_crawl(run=run or create_run(market="harborlane"), origins=origins, delay=0.0)


@pytest.mark.django_db
def test_a_verdict_has_the_listing_and_its_seller_looked_at_before_the_next_search(play, home):
    brand = haneulbit()
    first = crawl(play)

    assert first.run.state in (RunState.DONE, RunState.PARTLY_DONE)
    assert first.run.figures["listings"] == Listing.objects.count() > 5
    found = Find.objects.select_related("watch").filter(watch__term="Haneulbit")
    assert found.exists()
    listing = Listing.objects.select_related("seller").get(market="harborlane", listing_id=found.first().listing_id)
    watch_infringement(
        actor=None,
        brand=brand,
        market="harborlane",
        site="US",
        listing_id=listing.listing_id,
        seller_id=listing.seller.seller_id,
    )

    second = crawl(play)

    asked = {spider: Job.read(folder_of(second.run.folder, spider) / "job.json") for spider in ("listing", "seller")}
    assert [watch.term for watch in asked["listing"].watches] == [listing.listing_id]
    assert [watch.term for watch in asked["seller"].watches] == [listing.seller.seller_id]
    spool = folder_of(second.run.folder, "listing") / "spool"
    assert listing.listing_id in (spool / "listings.jsonl").read_text()
    searched = Job.read(folder_of(second.run.folder, "search") / "job.json")
    (credited,) = [watch for watch in searched.watches if watch.term == "Haneulbit"]
    assert credited.pages == 10  # twice its budget: it brought a counterfeit
    assert second.run.stats["pages"][PageOutcome.OK] > first.run.stats["pages"][PageOutcome.OK] // 2


@pytest.mark.django_db
def test_a_market_that_turns_robots_away_is_blocked_and_nothing_counts_as_gone(play, home):
    brand = haneulbit()
    crawl(play)
    live = Listing.objects.filter(presence=Presence.LIVE).count()
    listing = Listing.objects.first()
    watch_infringement(actor=None, brand=brand, market="harborlane", site="US", listing_id=listing.listing_id)

    play.behave("harborlane", Walled())
    blocked = crawl(play)

    assert blocked.run.state == RunState.BLOCKED
    assert Listing.objects.filter(presence=Presence.LIVE).count() == live > 0
    assert blocked.intake.gone == 0
    assert not Watch.objects.exclude(state="active").exists()  # nothing is learnt from a wall
    assert HealthChange.objects.first().after == "blocked"
    assert open_run(market="harborlane") != blocked.run  # a marketplace that said no is not asked again at once


def environment(home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIKIMI_", "DJANGO_"))}
    return {**kept, "JIKIMI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "config.settings", "JIKIMI_LANGUAGE": "en"}


def jikimi(home, *words):
    command = [sys.executable, "-m", "jikimi.cli", *words]
    return subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def done(process, seconds=180):
    output, _ = process.communicate(timeout=seconds)
    return process.returncode, output.decode()


def rows(home, query):
    with sqlite3.connect(home / "jikimi.sqlite3") as connection:
        return connection.execute(query).fetchall()


def alive(process_id):
    state = Path(f"/proc/{process_id}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.faults
def test_a_worker_killed_in_mid_crawl_leaves_an_orphan_that_the_next_one_ends_and_goes_on_from(play, tmp_path):
    for words in (
        ("manage", "migrate", "-v0"),
        ("brand", "import", str(SAMPLES / "haneulbit")),
        ("schedule", "set", "harborlane", "--window", "00:00-00:00"),
    ):
        code, output = done(jikimi(tmp_path, *words))
        assert code == 0, output
    play.behave("harborlane", Slow(0.3))
    origin = play.origins["harborlane"]
    worker = jikimi(tmp_path, "run-due", "--origin", f"harborlane:US={origin}")
    spool = tmp_path / "spool" / "harborlane-1" / "search" / "spool"
    deadline = time.monotonic() + 120
    while not ((spool / "listings.jsonl").exists() and (spool / "listings.jsonl").read_text().count("\n") >= 3):
        assert time.monotonic() < deadline
        assert worker.poll() is None, done(worker)
        time.sleep(0.1)

    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=30)
    orphan = int((spool.parent / "lock").read_text().split()[0])
    assert alive(orphan)
    before = (spool / "listings.jsonl").read_text().count("\n")
    assert rows(tmp_path, "select state from jobs_crawlrun") == [("running",)]
    play.behave("harborlane")

    code, output = done(jikimi(tmp_path, "crawl", "harborlane", "--origin", f"US={origin}"))

    assert code == 0, output
    assert not alive(orphan)
    assert rows(tmp_path, "select attempt from jobs_crawlrun") == [(2,)]
    lines = (spool / "listings.jsonl").read_text().splitlines()
    assert len(lines) > before
    stored = rows(tmp_path, "select listing_id from listings_listing")
    assert len(stored) == len(set(stored)) == len({line.split('"listing_id":"')[1].split('"')[0] for line in lines})
    code, output = done(jikimi(tmp_path, "health", "harborlane"))
    assert "Harborlane" in output


@pytest.mark.django_db
def test_a_run_whose_intake_broke_is_gone_on_with_and_loses_nothing(play, home, monkeypatch):
    def broken(**_):
        raise OSError("the database is gone")

    haneulbit()
    run = create_run(market="harborlane")
    with monkeypatch.context() as patch:
        patch.setattr("listings.crawls.take_in_spool", broken)
        with pytest.raises(OSError, match="gone"):
            crawl(play, run)
    run.refresh_from_db()
    assert (run.state, Listing.objects.count()) == (RunState.FAILED, 0)
    assert open_run(market="harborlane") == run
    again = crawl(play, run)
    assert again.run.state in (RunState.DONE, RunState.PARTLY_DONE)
    assert Listing.objects.count() > 5
