import os

from tests.racing import on_sqlite, raced


def test_joining_and_leaving_while_an_intake_is_under_way_misses_nothing_on_sqlite(tmp_path):
    found = raced("tests.listings.pool_race", on_sqlite(tmp_path, os.environ))

    assert found == [{"finder": "watch", "other": "pool"}, {"finder": "watch"}]
