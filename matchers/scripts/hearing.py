"""Comparing names in their own script: by what is heard, then by what it costs to write one for the other.

A *unit* is a letter (Hangul, kana, Thai) or a character (Han); `Text` knows of each unit how it is written, how it is
heard and which character of the text it belongs to. Two spellings that are heard alike have the same ``heard`` string.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import attrs

from matchers.scripts import han, hangul, kana, thai

HEARD_ALIKE = 0.3  # what it costs to write one unit for another that sounds the same
DRAWN_ALIKE = 0.4  # ... that looks the same
UNHEARD = 0.15  # ... to leave out or to add a unit nobody hears (a tone mark, a long-vowel mark)
OTHER = 1.0
_HEARD = {"HANGUL": hangul.heard, "CJK": han.heard, "HIRAGANA": kana.heard, "KATAKANA": kana.heard,
          "KATAKANA-HIRAGANA": kana.heard, "THAI": thai.heard}  # fmt: skip
_PAIRS_DRAWN_ALIKE = frozenset(
    (one, other)
    for group in (*hangul.LOOK_ALIKE, *han.LOOK_ALIKE, *kana.LOOK_ALIKE, *thai.LOOK_ALIKE)
    for one in group
    for other in group
    if one != other
)


@attrs.frozen(slots=True)
class Text:
    """A piece of text by its units; ``places[i]`` is the character that unit ``i`` of ``heard`` belongs to."""

    heard: str
    places: tuple[int, ...]


@lru_cache(maxsize=32768)
def units(character: str) -> tuple[tuple[str, str], ...]:
    """Return (as written, as heard) of each unit of a character; "" where nothing is heard."""
    name = unicodedata.name(character, "").split(" ")[0]
    reader = _HEARD.get(name)
    return reader(character) if reader else ((character, character),)


def read(text: str) -> Text:
    """Return what is heard of ``text``, unit by unit."""
    found = [(heard, place) for place, character in enumerate(text) for _, heard in units(character) if heard]
    return Text("".join(heard for heard, _ in found), tuple(place for _, place in found))


@lru_cache(maxsize=65536)
def cost(one: str, other: str) -> float:
    """Return the least it costs to write ``other`` for ``one``: 0 when they are the same, 1 for each unit unlike it.

    Weighted edit distance with neighbours exchanged (optimal string alignment).
    """
    first = [unit for character in one for unit in units(character)]
    second = [unit for character in other for unit in units(character)]
    before: list[float] = []
    above = [0.0]
    for unit in second:
        above.append(above[-1] + _missing(unit))
    for row, unit in enumerate(first, 1):
        line = [above[0] + _missing(unit)]
        for column, facing in enumerate(second, 1):
            best = min(
                above[column] + _missing(unit),
                line[column - 1] + _missing(facing),
                above[column - 1] + _instead(unit, facing),
            )
            if row > 1 and column > 1 and unit == second[column - 2] and first[row - 2] == facing:
                best = min(best, before[column - 2] + OTHER)
            line.append(best)
        before, above = above, line
    return above[-1]


def _missing(unit: tuple[str, str]) -> float:
    return OTHER if unit[1] else UNHEARD


def _instead(one: tuple[str, str], other: tuple[str, str]) -> float:
    if one == other:
        return 0.0
    if one[1] == other[1]:
        return HEARD_ALIKE if one[1] else UNHEARD
    return DRAWN_ALIKE if (one[0], other[0]) in _PAIRS_DRAWN_ALIKE else OTHER
