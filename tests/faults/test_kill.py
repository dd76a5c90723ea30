"""Kill -9 anywhere between the first page and the last row, as often as one likes: nothing lost, nothing twice.

The whole of it: ``jikimi crawl`` in a process of its own, its crawl in another, a database, an evidence folder.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidence.verify import verify
from sandbox import Sandbox
from sandbox.markets.harborlane import Harborlane

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples" / "registry"
MARKET = "harborlane"
JIKIMI = [sys.executable, "-m", "jikimi.cli"]
# Kills itself before the Nth write of listings, captures or pictures: within a transaction of the intake.
KILLED_INTAKE = """
import os, re, signal, sys
from django.db.backends.utils import CursorWrapper
from jikimi.cli import main
whole, writes = CursorWrapper._execute, []
def execute(self, sql, *arguments):
    if re.match('INSERT (OR IGNORE )?INTO .listings_(listing|capture|listingimage)[^a-z]', sql):
        writes.append(sql)
        if len(writes) == {nth}:
            os.kill(os.getpid(), signal.SIGKILL)
    return whole(self, sql, *arguments)
CursorWrapper._execute = execute
sys.argv = ["jikimi", *sys.argv[1:]]
main()
"""


class Post:
    """An installation of its own that crawls a sandbox marketplace."""

    def __init__(self, home, sandbox):
        self.home, self.sandbox = home, sandbox
        home.mkdir(exist_ok=True)
        self.environment = {
            **os.environ,
            "JIKIMI_HOME": str(home),
            "JIKIMI_SECRET_KEY": "for tests only",
            "JIKIMI_FETCH_ALLOWED_PRIVATE": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
        }
        for arguments in (("manage", "migrate", "--no-input"), ("brand", "import", str(SAMPLES / "haneulbit"))):
            code, said = self.run(*arguments)
            assert code == 0, said

    def start(self, *arguments, command=JIKIMI):
        return subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a kill of the group takes the crawl with it
        )

    def run(self, *arguments, command=JIKIMI):
        process = self.start(*arguments, command=command)
        said = process.communicate(timeout=240)[0].decode()
        return process.returncode, said

    @property
    def crawl(self):
        return ("crawl", MARKET, "--origin", f"US={self.sandbox.origins[MARKET]}")

    def rows(self, question):
        with sqlite3.connect(f"file:{self.home / 'jikimi.sqlite3'}?mode=ro", uri=True) as database:
            return database.execute(question).fetchall()

    def finish(self, tries=6):
        """Crawl until a run ends as it should; each try goes on with the last."""
        for _ in range(tries):
            code, said = self.run(*self.crawl)
            if code == 0:
                return said
            time.sleep(1)
        raise AssertionError(said)

    def kept(self):
        """What an installation holds of the marketplace: listings, captures, pictures, sightings."""
        return (
            sorted(self.rows("select listing_id, title, fingerprint from listings_listing")),
            sorted(
                self.rows(
                    "select l.listing_id, c.fingerprint from listings_capture c join listings_listing l on l.id = c.listing_id"
                )
            ),
            sorted(
                self.rows(
                    "select l.listing_id, i.position, i.sha256 from listings_listingimage i join listings_listing l on l.id = i.listing_id"
                )
            ),
            self.rows("select count(*) from listings_sighting"),
        )


@pytest.fixture(scope="module")
def sandbox():
    size, Harborlane.page_size = Harborlane.page_size, 8
    with Sandbox(seed=3, registry=SAMPLES, listings_per_market=100, markets=[MARKET]) as sandbox:
        yield sandbox
    Harborlane.page_size = size


@pytest.fixture(scope="module")
def undisturbed(sandbox, tmp_path_factory):
    """What a crawl that nobody disturbed brings, and how long it takes."""
    post = Post(tmp_path_factory.mktemp("undisturbed"), sandbox)
    started = time.monotonic()
    code, said = post.run(*post.crawl)
    assert code == 0, said
    assert len(post.kept()[0]) > 10
    return post.kept(), time.monotonic() - started


@pytest.fixture
def post(sandbox, tmp_path):
    return Post(tmp_path / "home", sandbox)


def sound(post, undisturbed):
    """The same listings, captures and pictures as without a kill, each once, each byte as written."""
    assert post.kept() == undisturbed[0]
    report = verify(post.home / "evidence")
    assert report.sound, report.problems
    code, said = post.run("evidence", "show", f"{MARKET}:{post.kept()[0][0][0]}", "--json")
    assert code == 0, said
    assert json.loads(said)["as_written"]


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_there_twice(post, undisturbed, seed):
    chance = random.Random(seed)
    for _ in range(4):
        process = post.start(*post.crawl)
        time.sleep(chance.uniform(0.2, 1.1) * undisturbed[1])
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        for path in (post.home / "spool").rglob("*.jsonl"):  # as after a power failure: space was given, not filled
            with path.open("ab") as file:
                file.write(bytes(chance.randrange(200)))
    post.finish()
    sound(post, undisturbed)


def test_a_crawl_whose_parent_was_killed_is_not_run_twice_at_once(post, undisturbed):
    process = post.start(*post.crawl)
    deadline = time.monotonic() + 60
    while not list((post.home / "spool").rglob("listings.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)  # the crawl itself lives on
    process.communicate()
    post.finish()
    sound(post, undisturbed)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_an_intake_killed_within_a_transaction_is_taken_in_again_though_nothing_is_on_sale_any_more(
    post, undisturbed, nth
):
    code, said = post.run(*post.crawl, command=[sys.executable, "-c", KILLED_INTAKE.format(nth=nth)])
    assert code == -signal.SIGKILL, said
    assert len(post.kept()[0]) < len(undisturbed[0][0])
    offers = list(post.sandbox.catalogues[MARKET].offers)
    for listing_id in offers:
        post.sandbox.remove(MARKET, listing_id)
    try:
        post.finish()
    finally:
        for listing_id in offers:
            post.sandbox.restore(MARKET, listing_id)
    sound(post, undisturbed)
