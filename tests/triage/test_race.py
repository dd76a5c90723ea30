import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_racing_processes_on_an_sqlite_file_lease_each_flag_exactly_once(tmp_path):
    environment = {**os.environ, "JIKIMI_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment.pop("JIKIMI_DATABASE_URL", None)
    run = subprocess.run(
        [sys.executable, "-m", "tests.triage.race"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert (tmp_path / "jikimi.sqlite3").is_file()
    shares = json.loads(run.stdout)
    decided = [pk for mine in shares for pk in mine]
    assert len(decided) == 60
    assert len(set(decided)) == 60
    assert all(shares), "a process decided nothing: there was no race"
