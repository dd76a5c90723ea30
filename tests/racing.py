"""Races run in a process of their own, which makes its database and starts those who race."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def raced(module, environment):
    """Run a race (``tests.<room>.<name>``) and return what it printed."""
    run = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def on_sqlite(home, environment):
    """Return the environment of a race on an SQLite file in ``home``."""
    kept = {key: value for key, value in environment.items() if key != "JIKIMI_DATABASE_URL"}
    return {**kept, "JIKIMI_HOME": str(home), "PYTHONPATH": str(ROOT)}
