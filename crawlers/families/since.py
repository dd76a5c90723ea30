"""Reading since when a seller says to be there: moments in data, dates and ages in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from contracts.since import dated, is_since
from crawlers.families.texts import clean, count

MILLISECONDS = 10**11  # a larger number of a data field counts them, a smaller one seconds
FIRST = 1995  # no marketplace is older: a number below is something else, and so is a year that is still to come

_SECONDS = re.compile(r"[0-9]{9,14}")  # since 1970, or milliseconds; fewer digits are a year, perhaps
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(r"\b(?:(\d{1,2})\s+)?([a-z]{3})[a-z]*\.?,?\s+(?:(\d{1,2}),\s*)?(\d{4})\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<!\d)(\d{4})(?:\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?)?(?!\d)")
# The unit of "3 months ago", "8 bulan lalu", "2 ปีที่แล้ว", "5年", by the words of the languages that are crawled.
_UNITS = {
    "D": r"days?|hari|ngày|วัน|天|日|tage?n?|jours?|días?|giorni|dni|일",
    "W": r"weeks?|minggu|tuần|สัปดาห์|周|週間?|wochen?|semaines?|semanas?|settiman[ae]|tygodni\w*|주",
    "M": r"months?|bulan|tháng|เดือน|个月|個月|ヶ月|か月|monate?n?|mois|mes(?:es)?|mes[ei]|miesi\w+|개월",
    "Y": r"years?|tahun|năm|ปี|年|jahre?n?|ans?|años?|ann[oi]|lat|rok|년",
}
_AGE = re.compile(
    r"(?<!\d)(\d{1,4})\s*\+?\s*(?:"
    + "|".join(f"(?P<{unit}>{words})" for unit, words in _UNITS.items())
    + r")(?![a-zà-ÿ])",
    re.IGNORECASE,
)


def since(value: Any) -> str | None:
    """Return since when a seller is there, as `contracts.since` writes it; None where nothing of the kind is said.

    Args:
        value: a moment as data have it (seconds or milliseconds since 1970, ISO 8601), or what the page writes: "2019",
            "Mar 2019", "2019年3月", "3 months ago".
    """
    if isinstance(value, float):
        value = int(value) if isfinite(value) else None
    text = clean(value)
    if text is None:
        return None
    if _SECONDS.fullmatch(text):
        return _moment(int(text))
    return _named(text) or _numbered(text) or _age(text)


def days_ago(value: Any) -> str | None:
    """Return an age given as a number of days."""
    days = count(value)
    return _written(f"P{days}D") if days else None


def years_ago(value: Any) -> str | None:
    """Return an age given as a number of years; under one it says nothing."""
    years = count(value)
    return _written(f"P{years}Y") if years else None


def _moment(value: int) -> str | None:
    seconds = value / 1000 if value >= MILLISECONDS else value
    try:
        day = datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return _written(day.isoformat())


def _named(text: str) -> str | None:
    found = _NAMED.search(text)
    if found is None or found.group(2).lower() not in _MONTHS:
        return None
    month = _MONTHS.index(found.group(2).lower()) + 1
    return _joined(int(found.group(4)), month, int(found.group(1) or found.group(3) or 0))


def _numbered(text: str) -> str | None:
    found = _NUMBERED.search(text)
    return _joined(*(int(part or 0) for part in found.groups())) if found else None


def _joined(year: int, month: int, day: int) -> str | None:
    parts = [f"{year:04}", *(f"{part:02}" for part in (month, day) if part)]
    return _written("-".join(parts))


def _age(text: str) -> str | None:
    found = _AGE.search(text)
    return _written(f"P{int(found.group(1))}{found.lastgroup}") if found else None


def _written(text: str) -> str | None:
    """Return what is a date or an age, and no year that cannot be meant."""
    if not is_since(text):
        return None
    today = (datetime.now(UTC) + timedelta(days=1)).date()  # it is tomorrow already in Auckland
    year = dated(text, today).partition("-")[0]
    return text if year and FIRST <= int(year) <= today.year else None
