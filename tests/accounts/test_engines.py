"""One contract for both engines: `jikimi work` and Celery deliver the same, and survive the same."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90
ATTEMPTS = 3

PUBLISH = """
import django; django.setup()
from django.db import transaction
from accounts.services import publish
with transaction.atomic():
    for number in range(40):
        publish("engine.noted", number=number)
    publish("engine.flaky", number=1)
    publish("engine.broken", number=1)
    publish("engine.deadly", number=1)
    publish("engine.nobody_listens", number=1)
"""


class Engine:
    """Worker processes on a fresh home; those that die are started again, as an init system would."""

    def __init__(self, home: Path, commands: list[list[str]], up: str):
        self.environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.accounts.engine.settings",
            "JIKIMI_HOME": str(home),
            "JIKIMI_DATABASE_URL": f"sqlite:///{home / 'jikimi.sqlite3'}",
            "JIKIMI_OUTBOX_ATTEMPTS": str(ATTEMPTS),
            "JIKIMI_OUTBOX_RETRY_SECONDS": "0.2",
            "JIKIMI_OUTBOX_LEASE_SECONDS": "3",
            "JIKIMI_OUTBOX_POLL_SECONDS": "0.3",
            "ENGINE_QUEUE": f"test-{uuid.uuid4()}",
        }
        self.home = home
        self.commands = commands
        self.processes = []
        self.up = up  # what a worker's log says once it works
        self.started = 0

    def run(self, *arguments):
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=self.environ, check=True, capture_output=True)

    def start(self):
        self.processes = [self._started(command) for command in self.commands]

    def _started(self, command):
        self.started += 1
        with (self.home / "log").open("a") as log:
            return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.environ, stdout=log, stderr=log)

    def supervise(self):
        for position, process in enumerate(self.processes):
            if process.poll() is not None:
                self.processes[position] = self._started(self.commands[position])

    def stop(self):
        # A worker that was just started anew must be up before it can end cleanly.
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (self.home / "log").read_text().count(self.up) < self.started and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        return [process.wait(timeout=30) for process in self.processes]

    def states(self):
        with sqlite3.connect(f"file:{self.home / 'jikimi.sqlite3'}?mode=ro", uri=True) as connection:
            rows = connection.execute("SELECT topic, state, attempts FROM accounts_outboxmessage").fetchall()
        connection.close()
        return rows

    def settle(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while {state for _, state, _ in self.states()} - {"delivered", "failed"}:
            assert time.monotonic() < deadline, (self.states(), (self.home / "log").read_text()[-3000:])
            self.supervise()
            time.sleep(0.2)


@pytest.fixture(params=["embedded", pytest.param("celery", marks=pytest.mark.integration)])
def engine(request, tmp_path):
    if request.param == "celery":
        assert os.environ.get("JIKIMI_REDIS_URL"), "the integration group needs JIKIMI_REDIS_URL"
        schedule = str(tmp_path / "beat")
        worker = ["-m", "celery", "-A", "jikimi.celery", "worker", "-B", "-s", schedule, "-c", "2", "-l", "INFO"]
        commands, up = [worker], " ready."
    else:
        commands, up = [["-m", "jikimi.cli", "work"]] * 2, "Working."
    engine = Engine(tmp_path, commands, up)
    yield engine
    for process in engine.processes:
        process.kill()
        process.wait()


def test_every_message_is_delivered_whatever_happens_to_handlers_and_workers(engine):
    engine.run("-m", "jikimi.cli", "manage", "migrate", "-v0")
    engine.run("-c", PUBLISH)
    engine.start()
    engine.settle()
    exits = engine.stop()

    states = {topic: (state, attempts) for topic, state, attempts in engine.states()}
    assert states == {
        "engine.noted": ("delivered", 1),
        "engine.flaky": ("delivered", 2),
        "engine.broken": ("failed", ATTEMPTS),
        "engine.deadly": ("delivered", 2),
        "engine.nobody_listens": ("delivered", 1),
    }
    calls = Counter((engine.home / "notes").read_text().splitlines())
    assert calls == {
        **{f"noted {number}": 1 for number in range(40)},  # two workers, none delivered twice
        "flaky 1": 2,
        "broken 1": ATTEMPTS,
        "deadly 1": 2,
    }
    assert set(exits) == {0}, "SIGTERM is a clean end"
