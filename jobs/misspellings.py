"""The few wrong spellings of a mark that are worth a search of their own: as sellers disguise it, as buyers mistype it.

Marketplaces forgive small slips in a search, so only what they would not forgive is asked for, a handful per mark.
Everything here is a form the matchers know again (tests/jobs/test_watches.py), else a search for it would find
listings nobody is told about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.match import Script
from contracts.scripts import script_of
from matchers import variants

BUDGET = 3  # per spelling
SHORTEST = 6  # letters; a shorter word with a slip is another word
HALF = 3  # letters each half of a word pulled apart must have
OTHER_DRESS = {Script.HAN: "traditional", Script.KANA: "hiragana", Script.THAI: "tones dropped"}
_DRAWN_ALIKE = {"o": "0", "l": "1", "i": "1", "e": "3", "s": "5", "a": "4"}
_DOUBLE = re.compile(r"([a-z])\1")
_LATIN = re.compile(r"[a-z]+")
_VOWELS = "aeiou"


def misspellings(text: str) -> list[str]:
    """Return at most `BUDGET` likely wrong spellings of a Latin word, likeliest first.

    Of Han, kana and Thai the other dress of the same word that a search does not fold: traditional characters,
    hiragana, no tone marks. None of anything else.
    """
    way = OTHER_DRESS.get(script_of(text))
    if way:
        return variants.forms(text, way)[:1]
    word = text.casefold()
    if not _LATIN.fullmatch(word) or len(word) < SHORTEST:
        return []
    found = dict.fromkeys(form for form in _forms(word) if form and form != word)
    return list(found)[:BUDGET]


def _forms(word: str) -> Iterator[str]:
    yield _disguised(word)
    yield _DOUBLE.sub(r"\1", word, count=1)  # a doubled letter written once
    yield _apart(word)
    yield _doubled(word)


def _disguised(word: str) -> str:
    """One letter replaced by the digit drawn like it, not at the front: what a word filter overlooks."""
    for letter, digit in _DRAWN_ALIKE.items():
        place = word.find(letter, 1)
        if place > 0:
            return word[:place] + digit + word[place + 1 :]
    return ""


def _apart(word: str) -> str:
    """Two words made of one: between two consonants where there are any, else before one, nearest the middle."""
    places = [place for place in range(HALF, len(word) - HALF + 1) if word[place] not in _VOWELS]
    middle = len(word) / 2
    place = min(places, key=lambda place: (word[place - 1] in _VOWELS, abs(place - middle)), default=0)
    return f"{word[:place]} {word[place:]}" if place else ""


def _doubled(word: str) -> str:
    """A consonant between vowels written twice."""
    for place in range(2, len(word) - 1):
        before, letter, after = word[place - 1 : place + 2]
        if letter not in _VOWELS and before in _VOWELS and after in _VOWELS:
            return word[:place] + letter + word[place:]
    return ""
