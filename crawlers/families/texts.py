"""Cleaning what pages show: texts, addresses, counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from contracts.listing import LONGEST_REVIEW, MOST_REVIEWS
from crawlers.money import decimal, normal

LONGEST_TITLE = 2000  # characters kept of a title; real ones have up to a few hundred
LONGEST_TEXT = 50_000

_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--)>", re.DOTALL)
_MARK = re.compile(r"</?(?:span|font|em|b)\b[^<>]*>", re.IGNORECASE)
# NUL and other control characters, zero-width characters (ad labels hide in them), halves of surrogate pairs.
_NOISE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2060\ufeff\ud800-\udfff]")


def clean(value: Any) -> str | None:
    """Return a text in one line without tags, entities and control characters; None when nothing is left."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return None
    text = str(value)[: 2 * LONGEST_TEXT]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = unescape(text)
    text = " ".join(_NOISE.sub("", text).split())
    return text[:LONGEST_TEXT] or None


def unmarked(value: Any) -> str | None:
    """Return a title without the marks around the words searched for; they stand inside words, so no blank stays."""
    return clean(_MARK.sub("", value)) if isinstance(value, str) else None


def first(*values: Any) -> str | None:
    """Return the first value that is a text with something in it, cleaned."""
    for value in values:
        text = clean(value)
        if text:
            return text
    return None


def reviews(values: Iterable[Any]) -> tuple[str, ...]:
    """Return the first `MOST_REVIEWS` texts that buyers wrote, cleaned, each cut at `LONGEST_REVIEW`."""
    found = (text[:LONGEST_REVIEW] for value in islice(values, 2 * MOST_REVIEWS) if (text := clean(value)))
    return tuple(islice(found, MOST_REVIEWS))


def identity(value: Any) -> str | None:
    """Return an id as text; 0 and blank ids are none."""
    text = clean(value)
    return None if text in (None, "0", "null", "undefined", "None") else text


def address(value: Any, base: str | None = None) -> str | None:
    """Return an absolute web address without fragment, or None; ``base`` completes a relative one."""
    if not isinstance(value, str):
        return None
    text = unescape(_NOISE.sub("", value)).strip()
    if not text:
        return None
    if text.startswith("//"):
        text = "https:" + text
    try:
        if base:
            text = urljoin(base, text)
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or " " in parts.netloc:
        return None
    return urlunsplit((parts.scheme, parts.netloc, parts.path.replace(" ", "%20"), parts.query, ""))


def addresses(values: Any, base: str | None = None) -> tuple[str, ...]:
    """Return the absolute addresses among ``values`` (one text, or many), each once, in order."""
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, (list, tuple)):
        return ()
    found = (address(value, base) for value in values)
    return tuple(dict.fromkeys(value for value in found if value))


def count(value: Any) -> int | None:
    """Return a whole number as machines write it; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,3}(?:,\d{3})+\s*", value):
        value = value.replace(",", "")
    try:
        number = int(value) if not isinstance(value, bool) else -1
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number < 10**12 else None


def rating(value: Any) -> Decimal | None:
    """Return a rating between 0 and 100; 0 means that there is none."""
    number = decimal(value)
    if number is None or not 0 < number <= 100:  # noqa: PLR2004 (per cent)
        return None
    return normal(number.quantize(Decimal("0.01")))
