"""Since when a shop says it exists: as precisely as its page shows it, and no day more precisely.

Written as ISO 8601: a year, a month or a day (``2019``, ``2019-04``, ``2019-04-30``), or an age that the page counts
back from the day it was looked at (``P90D``, ``P3W``, ``P8M``, ``P5Y``).
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_AGE = re.compile(r"P(\d{1,5})([DWMY])", re.ASCII)
MONTHS = 12


def is_since(text: str) -> bool:
    """Tell whether a text is written as above, and a date that exists."""
    return bool(_AGE.fullmatch(text)) or _first_day(text) is not None


def dated(text: str, seen: date) -> str:
    """Return it as a date in the age's own precision; a date stays as it is.

    Args:
        text: written as above.
        seen: the day the page was looked at.

    Returns:
        ``P3M`` seen on 2026-11-27 is ``2026-08``; "" where the age reaches back before the calendar.
    """
    age = _AGE.fullmatch(text)
    if age is None:
        return text
    count, unit = int(age.group(1)), age.group(2)
    try:
        if unit in "DW":
            return (seen - timedelta(days=count * (7 if unit == "W" else 1))).isoformat()
        year, month = divmod(seen.year * MONTHS + seen.month - 1 - count * (1 if unit == "M" else MONTHS), MONTHS)
        first = date(year, month + 1, 1)
    except (ValueError, OverflowError):
        return ""
    return first.isoformat()[: 7 if unit == "M" else 4]  # the month or the year


def most_days(text: str, seen: date) -> int | None:
    """Return how old the shop is at most, in days, by what its page said on the day ``seen``; None: it said nothing.

    A month or a year counts from its first day: a shop is never taken for younger than the page makes sure.
    """
    first = _first_day(dated(text, seen))
    return None if first is None or first > seen else (seen - first).days


def _first_day(text: str) -> date | None:
    """Return the first day that a date of any precision may mean; None where it is none."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(*(int(part or 1) for part in found.groups()))
    except ValueError:
        return None
