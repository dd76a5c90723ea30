"""Kill -9 in the middle of a retro-hunt or of a rebuild of the index: begun again, nothing is lost and nothing twice."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples" / "registry"
JIKIMI = [sys.executable, "-m", "jikimi.cli"]
LISTINGS = 120
FIRM = """
from accounts.services import create_organisation
create_organisation(actor=None, name="Firm", slug="firm")
"""
# Kills itself before the Nth statement of a kind: within the transaction that would have made a flag or noted a page.
KILLED = """
import os, re, signal, sys
from django.db.backends.utils import CursorWrapper
from jikimi.cli import main
whole, seen = CursorWrapper._execute, []
def execute(self, sql, *arguments):
    if re.match({statement!r}, sql):
        seen.append(sql)
        if len(seen) == {nth}:
            os.kill(os.getpid(), signal.SIGKILL)
    return whole(self, sql, *arguments)
CursorWrapper._execute = execute
sys.argv = ["jikimi", *sys.argv[1:]]
main()
"""
# Kills itself when a rebuild has read so many listings.
KILLED_REBUILD = """
import os, signal, sys
from listings.search import generation
from jikimi.cli import main
whole, seen = generation.Generation._put_one, []
def put_one(self, *arguments):
    seen.append(1)
    if len(seen) == {nth}:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(self, *arguments)
generation.Generation._put_one = put_one
sys.argv = ["jikimi", *sys.argv[1:]]
main()
"""


class Post:
    """An installation that saw many copies of a brand before that brand was registered."""

    def __init__(self, home):
        self.home = home
        home.mkdir()
        self.environment = {
            **os.environ,
            "JIKIMI_HOME": str(home),
            "JIKIMI_SECRET_KEY": "for tests only",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
        }
        feed = home / "feed.jsonl"
        feed.write_text("\n".join(json.dumps(self.offer(number)) for number in range(LISTINGS)))
        self.must("manage", "migrate", "--no-input")
        self.must("manage", "shell", "-c", FIRM)
        self.must("ingest", str(feed))
        self.must("work", "--once")
        self.must("brand", "import", str(SAMPLES / "haneulbit"), "--organisation", "firm")
        assert self.flags() == []

    @staticmethod
    def offer(number):
        return {
            "market": "ebay",
            "listing_id": str(300000000000 + number),
            "site": "US",
            "title": f"Haneulbit dew serum no {number} 1:1 mirror quality replica",
            "price": "4.90",
            "currency": "USD",
        }

    def run(self, *arguments, command=JIKIMI):
        done = subprocess.run(
            [*command, *arguments], cwd=ROOT, env=self.environment, capture_output=True, timeout=240, check=False
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    def must(self, *arguments):
        code, said = self.run(*arguments)
        assert code == 0, said
        return said

    def rows(self, question):
        with closing(sqlite3.connect(f"file:{self.home / 'jikimi.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(question).fetchall()

    def flags(self):
        return self.rows("SELECT listing_id FROM triage_flag ORDER BY 1")

    def free_what_the_dead_held(self):
        with closing(sqlite3.connect(self.home / "jikimi.sqlite3")) as database, database:
            database.execute("UPDATE accounts_outboxmessage SET taken_until = '2026-01-01' WHERE state = 'taken'")

    def let_the_hold_run_out(self):
        with closing(sqlite3.connect(self.home / "jikimi.sqlite3")) as database, database:
            database.execute("UPDATE triage_hunt SET held_until = '2026-01-01' WHERE held_until IS NOT NULL")


@pytest.fixture
def post(tmp_path):
    return Post(tmp_path / "home")


def test_a_hunt_killed_anywhere_goes_on_and_does_nothing_twice(post):
    for statement, nth in (
        ('INSERT INTO "triage_flag"', 1),
        ('INSERT INTO "triage_flag"', 70),
        ('UPDATE "triage_hunt" SET "looked_at"|UPDATE "triage_hunt" SET "cursor"', 1),
        ('INSERT INTO "accounts_auditevent"', 20),
    ):
        code, said = post.run(
            "hunt", "haneulbit", command=[sys.executable, "-c", KILLED.format(statement=statement, nth=nth)]
        )
        assert code == -signal.SIGKILL, said
        code, said = post.run("hunt", "haneulbit")
        assert "Another worker is on this hunt" in said
        post.let_the_hold_run_out()

    assert 0 < len(post.flags()) < LISTINGS
    said = post.must("hunt", "haneulbit")
    assert re.search(
        rf"{LISTINGS} candidates, {LISTINGS} looked at, 0 no longer stored, 0 unreadable", " ".join(said.split())
    )
    assert len(post.flags()) == len(set(post.flags())) == LISTINGS
    raised = "SELECT count(*), count(DISTINCT subject_id) FROM accounts_auditevent WHERE verb = 'flag.raised'"
    assert post.rows(raised) == [(LISTINGS, LISTINGS)]
    assert post.rows("SELECT DISTINCT state, error FROM triage_hunt") == [("done", "")]


def test_a_rebuild_killed_anywhere_leaves_the_index_in_use(post):
    for nth in (1, 60, LISTINGS):
        code, said = post.run("index", "rebuild", command=[sys.executable, "-c", KILLED_REBUILD.format(nth=nth)])
        assert code == -signal.SIGKILL, said
        assert f"{LISTINGS} listings stored, {LISTINGS} indexed." in post.must("index", "check")
    assert f"{LISTINGS} listings indexed." in post.must("index", "rebuild")
    assert len([*(post.home / "index").glob("generation-*")]) == 1
