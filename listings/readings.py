"""Words read in stored pictures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache, partial
from itertools import chain, combinations

import attrs

from contracts.match import ReadText, Region, Script
from listings.derived import Derived
from matchers.reading.lines import LANGUAGES, VERSION, read
from matchers.reading.tesseract import can_read

Reading = tuple[ReadText, ...]


def readings(languages: tuple[str, ...]) -> Derived[Reading]:
    """Return the readings in which some languages (sorted, of `matchers.reading.lines.LANGUAGES`) were expected.

    What was read while the data of one was missing is not taken for a reading in it once that is installed.
    """
    return _readings(tuple(filter(can_read, languages)))


@lru_cache(maxsize=16)
def _readings(languages: tuple[str, ...]) -> Derived[Reading]:
    return Derived(
        version="-".join((VERSION, *languages)),
        make=partial(read, languages=languages),
        dump=_dump,
        load=_load,
        suffix="json",
    )


def words_in(sha256s: Iterable[str], languages: tuple[str, ...]) -> Reading:
    """Return what stands in several pictures; one that is missing or cannot be read says nothing."""
    return tuple(text for sha256 in sha256s for text in readings(languages).of(sha256) or ())


def words_kept(sha256s: Iterable[str]) -> Reading:
    """Return what was ever read in several pictures, whatever languages were expected; nothing is read now."""
    kept = (_readings(languages).kept(sha256) for sha256 in sha256s for languages in _EXPECTED)
    return tuple(dict.fromkeys(text for reading in kept for text in reading or ()))


_EXPECTED = [*chain.from_iterable(combinations(sorted(LANGUAGES), count) for count in range(len(LANGUAGES) + 1))]


def _dump(reading: Reading) -> bytes:
    return json.dumps([attrs.asdict(text) for text in reading], ensure_ascii=False).encode()


def _load(data: bytes) -> Reading | None:
    try:
        return tuple(
            ReadText(**{**row, "region": Region(**row["region"]), "script": Script(row["script"])})
            for row in json.loads(data)
        )
    except (ValueError, KeyError, TypeError):
        return None
