"""One crawl = one ``scrapy crawl`` subprocess; its progress is read from its spool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

Progress = Callable[[dict[str, int]], None]
POLL_SECONDS = 0.3


def crawl(job: Path, *, spider: str, progress: Progress | None = None) -> int:
    """Run one spider on a job and wait for it; return its exit code, which says nothing of success.

    Args:
        job: the ``job.json``.
        spider: ``search``, ``listing`` or ``seller``.
        progress: called now and then with the numbers of ``progress.json``.
    """
    environment = dict(os.environ)
    environment["SCRAPY_SETTINGS_MODULE"] = "crawlers.settings"
    for secret in ("JIKIMI_SECRET_KEY", "JIKIMI_DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(secret, None)
    log = job.parent / "crawl.log"
    spool = job.parent / "spool"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and arguments)
            [sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"job={job}"],
            cwd=settings.ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while process.poll() is None:
                if progress is not None:
                    progress(read_progress(spool))
                time.sleep(POLL_SECONDS)
        except BaseException:
            process.terminate()  # the spool keeps what is needed to resume
            process.wait(30)
            raise
    if progress is not None:
        progress(read_progress(spool))
    return process.returncode


def read_progress(spool: Path) -> dict[str, int]:
    """Return the numbers of ``progress.json``; empty while there are none."""
    try:
        data = json.loads((spool / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): value for key, value in data.items() if isinstance(value, int)}
