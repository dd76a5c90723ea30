import os

from tests.racing import on_sqlite, raced


def test_racing_processes_on_an_sqlite_file_lease_each_flag_exactly_once(tmp_path):
    shares = raced("tests.triage.race", on_sqlite(tmp_path, os.environ))

    assert (tmp_path / "jikimi.sqlite3").is_file()
    decided = [pk for mine in shares for pk in mine]
    assert len(decided) == 60
    assert len(set(decided)) == 60
    assert all(shares), "a process decided nothing: there was no race"
