import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_joining_and_leaving_while_an_intake_is_under_way_misses_nothing_on_sqlite(tmp_path):
    environment = {**os.environ, "JIKIMI_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment.pop("JIKIMI_DATABASE_URL", None)
    run = subprocess.run(
        [sys.executable, "-m", "tests.listings.pool_race"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [{"finder": "watch", "other": "pool"}, {"finder": "watch"}]
