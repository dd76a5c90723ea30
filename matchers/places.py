"""Which country a place is in that a page shows: "Busan, Korea, South", "Deutschland", "韓国", "CN"."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from matchers.folding import fold

LOCALES = ("en", "ko", "zh_Hans", "zh_Hant", "ja", "th", "vi", "id", "ms", "fil", "de", "fr", "es", "it", "pl")
# What shops write and the Unicode locale data does not.
ALSO = {
    "korea": "KR", "korea, south": "KR", "korea, republic of": "KR", "republic of korea": "KR", "한국": "KR",
    "hàn quốc": "KR", "usa": "US", "u.s.a.": "US", "united states of america": "US", "uk": "GB", "u.k.": "GB",
    "great britain": "GB", "england": "GB", "mainland china": "CN", "china mainland": "CN", "p.r. china": "CN",
    "china (mainland)": "CN", "中国大陆": "CN", "中國大陸": "CN", "hong kong": "HK", "香港": "HK",
    "macao": "MO", "macau": "MO", "澳门": "MO", "turkey": "TR", "viet nam": "VN", "russian federation": "RU",
    "czech republic": "CZ",
}  # fmt: skip
# States and counties that bear a country's name: they say nothing behind a comma ("Atlanta, Georgia").
ALSO_ELSEWHERE = frozenset({"georgia", "jersey", "jordan", "lebanon"})
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"})
MOST = 200  # characters of a place that are read


@cache
def _countries() -> dict[str, str]:
    """Return folded names of countries in the languages of the markets, with their ISO 3166-1 codes."""
    names = {
        _plain(name): code
        for locale in LOCALES
        for code, name in Locale.parse(locale).territories.items()
        if len(code) == len("KR") and code.isalpha() and code not in NO_COUNTRIES
    }
    return names | {_plain(name): code for name, code in ALSO.items()}


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", fold(text).text).strip(" .")


def country_of(place: str | None) -> str | None:
    """Return the ISO 3166-1 code of the country a place is in; None when it names none that can be told.

    A country stands alone or behind the last commas. Two letters are a code only by themselves: "San Jose, CA" is not
    in Canada.
    """
    text = (place or "").strip()[:MOST]
    if len(text) == len("KR") and text.isascii() and text.isupper():
        return text if text in _countries().values() else None
    parts = [part for part in re.split(r"\s*[,，、]\s*", _plain(text)) if part]
    for first in range(len(parts)):
        name = ", ".join(parts[first:])
        if first and (name in ALSO_ELSEWHERE or len(name) == len("KR")):
            continue
        if name in _countries():
            return _countries()[name]
    return None
