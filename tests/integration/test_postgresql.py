import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.racing import raced

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.integration


def jikimi(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "jikimi.cli", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_migrations_make_every_table_on_an_empty_postgresql(environment):
    done = jikimi(environment, "manage", "migrate", "--noinput")
    assert done.returncode == 0, done.stderr

    unapplied = jikimi(environment, "manage", "migrate", "--check")
    assert unapplied.returncode == 0, unapplied.stdout
    drifted = jikimi(environment, "manage", "makemigrations", "--check", "--dry-run")
    assert drifted.returncode == 0, drifted.stdout
    with psycopg.connect(environment["JIKIMI_DATABASE_URL"]) as connection:
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {"accounts_user", "registry_brand", "jobs_watch", "listings_listing", "triage_flag"} <= tables


def test_racing_processes_on_postgresql_lease_each_flag_exactly_once(environment):
    by_process = raced("tests.triage.race", environment)

    with psycopg.connect(environment["JIKIMI_DATABASE_URL"]) as connection:
        (decided_there,) = connection.execute("SELECT count(*) FROM triage_flag WHERE state = 'decided'").fetchone()
    decided = [pk for mine in by_process for pk in mine]
    assert decided_there == len(decided) == len(set(decided)) == 60
    assert sum(1 for mine in by_process if mine) > 1, "only one process worked: there was no race"


def test_joining_and_leaving_the_pool_while_an_intake_is_under_way_misses_nothing_on_postgresql(environment):
    found = raced("tests.listings.pool_race", environment)
    assert found == [{"finder": "watch", "other": "pool"}, {"finder": "watch"}]
