"""Beat tells a worker by Redis, the worker drains the outbox in PostgreSQL."""

import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 90
pytestmark = pytest.mark.integration


@contextmanager
def celery(environment, log, *arguments):
    """Run one Celery process until the block ends."""
    with log.open("w") as output:
        command = [sys.executable, "-m", "celery", "-A", "jikimi.celery", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def test_beat_and_two_workers_deliver_every_message_once(environment, tmp_path):
    migrate = [sys.executable, "-m", "jikimi.cli", "manage", "migrate", "--noinput"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)
    logs = [tmp_path / "worker.log", tmp_path / "other.log", tmp_path / "beat.log"]
    # A database of Redis no other test uses, so that nothing else's calls are delivered here.
    environment = {**environment, "JIKIMI_REDIS_URL": environment["JIKIMI_REDIS_URL"].rsplit("/", 1)[0] + "/7"}

    with psycopg.connect(environment["JIKIMI_DATABASE_URL"], autocommit=True) as connection, ExitStack() as running:
        connection.execute(
            "INSERT INTO accounts_outboxmessage (topic, payload, state, available_at, attempts, last_error, created_at) "
            "SELECT 'test.nobody_listens', '{}', 'waiting', now(), 0, '', now() FROM generate_series(1, 50)"
        )
        for number, log in enumerate(logs[:2]):
            worker = ("worker", "--concurrency=1", "--loglevel=INFO", f"--hostname=worker{number}@%h")
            running.enter_context(celery(environment, log, *worker))
        schedule = f"--schedule={tmp_path / 'beat-schedule'}"
        running.enter_context(celery(environment, logs[2], "beat", "--loglevel=INFO", schedule, "--pidfile="))

        deadline = time.monotonic() + LIMIT_SECONDS
        counts = {}
        while counts != {("delivered", 1): 50} and time.monotonic() < deadline:
            time.sleep(0.2)
            rows = connection.execute("SELECT state, attempts, count(*) FROM accounts_outboxmessage GROUP BY 1, 2")
            counts = {(state, attempts): count for state, attempts, count in rows}

    said = "\n".join(log.read_text()[-2000:] for log in logs)
    assert counts == {("delivered", 1): 50}, said
    assert "Task accounts.drain_outbox" in said
