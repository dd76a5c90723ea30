"""When a market's next run is due: pure arithmetic on the clock of the place, DST included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import attrs
from pydantic import Field, field_validator

from contracts.config import CONFIG_DIR, Strict, load
from contracts.errors import BadInput
from contracts.market import Manifest, Region

WINDOW = re.compile(r"(?P<start>([01]\d|2[0-3]):[0-5]\d)-(?P<end>([01]\d|2[0-3]):[0-5]\d)")
MOST_HOURS = 24 * 31
_DAY = timedelta(days=1)


class Missed(StrEnum):
    """What becomes of a run whose window closed before it could start."""

    ONCE = "once"  # it is run once, as soon as a window is open
    SKIP = "skip"  # it is left out; the next slot of the cadence counts


@attrs.frozen(kw_only=True)
class Timing:
    """A cadence: every so many hours on the local clock, only within a daily window of it.

    Args:
        every_hours: 1 to 744.
        window: ``HH:MM-HH:MM``; it may pass midnight; the same time twice means the whole day.
        time_zone: IANA name.
        missed: what becomes of missed runs.

    Raises:
        BadInput: one of them does not fit.
    """

    every_hours: int
    window: str
    time_zone: str
    missed: Missed

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.every_hours <= MOST_HOURS:
            raise BadInput("schedule", "every_hours", f"1 to {MOST_HOURS}", self.every_hours)
        if not WINDOW.fullmatch(self.window):
            raise BadInput("schedule", "window", "HH:MM-HH:MM", self.window)
        if self.time_zone not in time_zones():
            raise BadInput("schedule", "time_zone", "an IANA name such as Asia/Singapore", self.time_zone)
        if self.missed not in set(Missed):
            raise BadInput("schedule", "missed", "one of " + ", ".join(Missed), self.missed)

    @property
    def every(self) -> timedelta:
        """The cadence."""
        return timedelta(hours=self.every_hours)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def times(self) -> tuple[time, time]:
        """When the window opens and closes."""
        match = WINDOW.fullmatch(self.window)
        assert match  # checked when it was made
        return time.fromisoformat(match["start"]), time.fromisoformat(match["end"])


@cache
def time_zones() -> frozenset[str]:
    """Return the names of every time zone this machine knows."""
    return frozenset(available_timezones())


def next_due(timing: Timing, after: datetime | None, now: datetime) -> datetime:
    """Return when the next run is due (UTC); it is due now when that is not later than ``now``.

    Args:
        timing: the cadence.
        after: the slot that was last run, aware; None where there was none: the first run is due when a window opens.
        now: aware.
    """
    if after is None:
        return _opening(timing, now)[0]
    slot, closes = _slot(timing, after, 1)
    if now < closes:
        return slot
    if timing.missed is Missed.ONCE:
        return _opening(timing, now)[0]
    # Leave out whole cadences up to shortly before now, then look slot by slot.
    number = max(1, (now - after - 3 * _DAY) // timing.every)
    while now >= closes:
        number += 1
        slot, closes = _slot(timing, after, number)
    return slot


def _slot(timing: Timing, after: datetime, number: int) -> tuple[datetime, datetime]:
    """Return when the ``number``-th slot after one that was run begins, and when its window closes.

    Cadences are added on the local clock, so that a daily run stays at its hour when clocks change. From a day up a
    slot begins as its window opens: a run that was late once must not leave the next ones the window's last minutes.
    """
    wanted = (after.astimezone(timing.zone) + timing.every * number).astimezone(UTC)
    slot, closes = _opening(timing, wanted)
    if slot == wanted and timing.every >= _DAY and timing.times[0] != timing.times[1]:
        opened = max(opens for opens, _ in _windows(timing, wanted) if opens <= wanted)
        slot = max(opened, after.astimezone(UTC) + timing.every * number - timing.every / 2)
    return slot, closes


def _opening(timing: Timing, moment: datetime) -> tuple[datetime, datetime]:
    """Return the first moment at or after ``moment`` that lies in a window, and when that window closes."""
    moment = moment.astimezone(UTC)
    if timing.times[0] == timing.times[1]:
        return moment, moment + timing.every
    for opens, closes in _windows(timing, moment):
        if moment < closes:
            return max(moment, opens), closes
    raise AssertionError  # a window opens every day but the one on which clocks jump over it


def _windows(timing: Timing, around: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the windows from the day before ``around`` on, as moments."""
    start, end = timing.times
    yesterday = around.astimezone(timing.zone).date() - _DAY
    for offset in range(6):
        first = yesterday + _DAY * offset
        last = first if end > start else first + _DAY
        opens = datetime.combine(first, start, timing.zone).astimezone(UTC)
        closes = datetime.combine(last, end, timing.zone).astimezone(UTC)
        if opens < closes:  # the clocks may have jumped over it
            yield opens, closes


class _Row(Strict):
    """A region's timing in ``config/schedules.toml``."""

    every_hours: Annotated[int, Field(ge=1, le=MOST_HOURS)]
    window: Annotated[str, Field(pattern=f"^{WINDOW.pattern}$")]
    time_zone: str
    missed: Missed
    why: str = ""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in time_zones():
            message = "an IANA name such as Asia/Singapore"
            raise ValueError(message)
        return value


class _Schedules(Strict):
    regions: dict[Region, _Row]


@cache
def defaults(path: Path = CONFIG_DIR / "schedules.toml") -> dict[Region, Timing]:
    """Return each region's timing. Raises named errors where the file does not fit."""
    rows = load(path, _Schedules).regions
    missing = [region for region in Region if region not in rows]
    if missing:
        raise BadInput(str(path), "regions", "a table for each region", f"none for {', '.join(missing)}")
    return {
        region: Timing(every_hours=row.every_hours, window=row.window, time_zone=row.time_zone, missed=row.missed)
        for region, row in rows.items()
    }


def default_of(manifest: Manifest) -> Timing:
    """Return the timing of a market's region."""
    return defaults()[manifest.region]
