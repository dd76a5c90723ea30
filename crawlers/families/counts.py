"""Counts as shops show them to people: ``Terjual 2,5 rb+``, ``Đã bán 1,2k``, ``ขายแล้ว 3 พัน ชิ้น``, ``已售出 1.2萬``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from crawlers.families.texts import clean
from crawlers.money import decimal

LONGEST = 120  # characters of a text that are looked at
_COUNT = re.compile(
    r"(?<![\d.,])(?P<number>\d[\d.,]*)\s*"
    r"(?P<scale>rb\b|ribu\b|jt\b|juta\b|nghìn|nghin\b|ngàn|triệu|tr\b|ล้าน|แสน|หมื่น|พัน|[kKmM](?![a-zA-Z])|[万萬만]|[千천]|[亿億억])?",
    re.IGNORECASE,
)
_SCALES = {
    "rb": 1000, "ribu": 1000, "jt": 1_000_000, "juta": 1_000_000, "k": 1000, "m": 1_000_000,
    "nghìn": 1000, "nghin": 1000, "ngàn": 1000, "tr": 1_000_000, "triệu": 1_000_000,
    "พัน": 1000, "หมื่น": 10_000, "แสน": 100_000, "ล้าน": 1_000_000,
    "万": 10_000, "萬": 10_000, "만": 10_000, "千": 1000, "천": 1000,
    "亿": 100_000_000, "億": 100_000_000, "억": 100_000_000,
}  # fmt: skip


def shown_count(value: Any) -> int | None:
    """Return the first count in a text, or a whole number as it is; None where there is none.

    Before a word for thousands a point or comma is a decimal sign ("1,2k" is 1200), without one it separates
    thousands ("1.234" is 1234). What a shop rounds ("2 rb+") stays rounded.
    """
    text = clean(value)
    if text is None:
        return None
    found = _COUNT.search(text[:LONGEST])
    if not found:
        return None
    number, scale = found.group("number").rstrip(".,"), (found.group("scale") or "").lower()
    if not scale:
        plain = re.sub(r"[.,]", "", number)
        return int(plain) if len(plain) < 12 else None  # noqa: PLR2004 (no shop sold more)
    amount = decimal(number.replace(",", "."))
    return int(amount * Decimal(_SCALES[scale])) if amount is not None else None
