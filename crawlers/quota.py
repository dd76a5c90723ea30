"""Calls an operator may still make today: one counter for all processes of this machine."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from scrapy.exceptions import IgnoreRequest


class QuotaUsedUp(IgnoreRequest):
    """No call is left for today."""


def _now() -> datetime:
    return datetime.now(UTC)


class Quota:
    """A day's calls to one marketplace's interface. Days are those of UTC, whatever the marketplace counts by.

    Args:
        folder: where the counters lie, one small file per market and day.
        market: the marketplace; its keys are the operator's one set.
        calls: how many a day.
        now: the clock.
    """

    def __init__(self, folder: Path, market: str, calls: int, now: Callable[[], datetime] = _now) -> None:
        self._folder = folder
        self._market = market
        self._now = now
        self.calls = calls

    def take(self) -> int:
        """Take one call and return how many were taken today.

        Raises:
            QuotaUsedUp: all were.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{self._market}-{self._now():%Y-%m-%d}").open("a+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            taken = int(file.read() or 0)
            if taken >= self.calls:
                raise QuotaUsedUp(f"all {self.calls} calls a day of {self._market}'s API are used up")
            file.truncate(0)
            file.write(str(taken + 1))
            file.flush()
        return taken + 1
