"""One crawl = one ``scrapy crawl`` subprocess; its progress is read from its spool."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.conf import settings

Progress = Callable[[dict[str, int]], None]
POLL_SECONDS = 0.3
# What a process that reads strangers' pages has no use for.
OURS_ALONE = (
    "DJANGO_SETTINGS_MODULE",
    "JIKIMI_DATABASE_URL",
    "JIKIMI_HEALTH_SECRET",
    "JIKIMI_HEALTH_WEBHOOK",
    "JIKIMI_MAIL_URL",
    "JIKIMI_REDIS_URL",
    "JIKIMI_SEARCH_API_KEY",
    "JIKIMI_SEARCH_URL",
    "JIKIMI_SECRET_KEY",
)
STOP_SECONDS = 30.0  # a crawl that is asked to stop writes its spool out first


def crawl(job: Path, *, spider: str, progress: Progress | None = None) -> int:
    """Run one spider on a job and wait for it; return its exit code, which says nothing of success.

    A crawl of the same job that outlived its killed worker is ended first: two must not write one spool.

    Args:
        job: the ``job.json``.
        spider: ``search``, ``listing`` or ``seller``.
        progress: called now and then with the numbers of ``progress.json``; what it raises ends the crawl.
    """
    environment = dict(os.environ)
    environment["SCRAPY_SETTINGS_MODULE"] = "crawlers.settings"
    for ours in OURS_ALONE:
        environment.pop(ours, None)
    spool = job.parent / "spool"
    with (job.parent / "lock").open("a+") as lock, (job.parent / "crawl.log").open("ab") as output:
        _take(lock)
        (spool / "stats.json").unlink(missing_ok=True)  # an earlier attempt's own account
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and arguments)
            [sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"job={job}"],
            cwd=settings.ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock.fileno(),),  # it holds the lock as long as it lives, whatever becomes of us
        )
        try:
            _sign(lock, process.pid)
            while process.poll() is None:
                if progress is not None:
                    progress(read_progress(spool))
                time.sleep(POLL_SECONDS)
        except BaseException:
            _stop(process)  # the spool keeps what is needed to resume
            raise
    if progress is not None:
        progress(read_progress(spool))
    return process.returncode


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _sign(lock: IO[str], process_id: int) -> None:
    lock.truncate(0)
    lock.write(f"{process_id} {socket.gethostname()}")
    lock.flush()


def _take(lock: IO[str]) -> None:
    """Take the lock of a job; a crawl that still holds it has lost its worker and is asked to stop, then made to."""
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number is not None:
            lock.seek(0)
            holder, _, host = lock.read().strip().partition(" ")
            if holder.isdigit() and host == socket.gethostname():  # elsewhere the number is somebody else's
                with suppress(ProcessLookupError):
                    os.kill(int(holder), number)
        deadline = time.monotonic() + (STOP_SECONDS if number else 0)
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    break
                time.sleep(POLL_SECONDS)
            else:
                return
    fcntl.flock(lock, fcntl.LOCK_EX)


def read_progress(spool: Path) -> dict[str, int]:
    """Return the numbers of ``progress.json``; empty while there are none."""
    try:
        data = json.loads((spool / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): value for key, value in data.items() if isinstance(value, int)}
