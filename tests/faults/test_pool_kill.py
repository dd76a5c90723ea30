"""Kill -9 in the middle of joining the pool: the outbox delivers again, everything is shared, and nothing twice."""

import signal
import sys

import pytest

from tests.faults.test_hunt_kill import KILLED, LISTINGS, Post

pytestmark = pytest.mark.faults

SHARED = """
from accounts.models import Organisation
from accounts.services import create_organisation, set_pool
from listings import services
from listings.models import Sighting
Sighting.objects.update(source="watch")
set_pool(actor=None, organisation=Organisation.objects.get(), pool=True)
set_pool(actor=None, organisation=create_organisation(actor=None, name="Late", slug="late"), pool=True)
"""
SMALL_PAGES = "import django\ndjango.setup()\nfrom listings import services\nservices.BATCH = 25\n"


@pytest.fixture
def post(tmp_path):
    return Post(tmp_path / "home")


def test_joining_killed_anywhere_is_gone_on_with(post):
    post.must("work", "--once")
    post.must("manage", "shell", "-c", SHARED)
    pooled = "SELECT count(*), count(DISTINCT listing_id) FROM listings_sighting WHERE source = 'pool'"
    work = SMALL_PAGES + KILLED
    for statement, nth in (
        ('INSERT OR IGNORE INTO "listings_sighting"', 1),
        ('INSERT OR IGNORE INTO "listings_sighting"', 2),
        ('INSERT INTO "accounts_outboxmessage"', 2),
    ):
        command = [sys.executable, "-c", work.format(statement=statement, nth=nth)]
        code, said = post.run("work", "--once", command=command)
        assert code == -signal.SIGKILL, said
        post.free_what_the_dead_held()

    assert 0 < post.rows(pooled)[0][0] < LISTINGS
    post.must("work", "--once")
    assert post.rows(pooled) == [(LISTINGS, LISTINGS)]
    assert post.rows("SELECT DISTINCT state FROM accounts_outboxmessage") == [("delivered",)]
