"""Marks in Latin letters spelt by ear in another script, whole words of it and parts of words that run together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs
from rapidfuzz.distance import OSA

from contracts.scripts import script_of
from matchers import text_model
from matchers.folding import is_own_script, readings, romanise
from matchers.phonetic import bones, soft, sound
from matchers.spellings import Entry, Found, Kind, Spellings
from matchers.windows import Token

MAX_PARTS = 400  # of a title's words that are looked at
LONGEST_PART = 16  # letters
LEAST_IN_PART = 3  # consonants; fewer are met with everywhere
MAX_WORD = 200  # letters

_SAME_SCRIPT = re.compile(
    r"[\u3041-\u3096\u309d\u309e]+|[\u30a1-\u30fa\u30fc-\u30fe]+|[\u0e01-\u0e4e]+|[^\u3041-\u30fe\u0e01-\u0e4e]+"
)
_KANA_START = re.compile(r"[ァ-ヺ](?<![ァィゥェォッャュョヮヵヶンー])")
_THAI_START = re.compile(r"[เแโใไ]|(?<![เแโใไ])[ก-ฮ](?!์)")


class Spoken:
    """Searches for spellings by their sound."""

    def __init__(self, spellings: Spellings) -> None:
        self._spellings = spellings
        self._forms = [_forms(entry) for entry in spellings.entries]
        self._bones: dict[str, list[int]] = {}
        for number, entry in enumerate(spellings.entries):
            for key in {form.bones for form in self._forms[number]}:
                if len(key) >= LEAST_IN_PART and not entry.own:
                    self._bones.setdefault(key, []).append(number)

    def search(self, tokens: Sequence[Token]) -> Iterator[tuple[Found, int, int]]:
        """Yield everything found with its place in the folded title."""
        left = MAX_PARTS
        for token in tokens:
            if not token.spoken:
                continue
            if not is_own_script(token.text[0]):  # Cyrillic, Greek: the text may be what the letters look like
                for found in self._heard((token.spoken,), token.text, self._spellings.spoken(token.spoken)):
                    yield found, token.start, token.end
                continue
            for match in _SAME_SCRIPT.finditer(token.text[:MAX_WORD]):
                word, start = match.group(), token.start + match.start()
                roman = readings(word)
                numbers = dict.fromkeys(number for reading in roman for number in self._spellings.spoken(reading))
                for found in self._heard(roman, word, numbers):
                    yield found, start, start + len(word)
                parts = _parts(word)[:left]
                left -= len(parts)
                for first, last in parts:
                    part = word[first:last]
                    roman = readings(part)
                    numbers = dict.fromkeys(number for r in roman for number in self._bones.get(bones(r), ()))
                    for found in self._heard(roman, part, numbers, inside=True):
                        yield found, start + first, start + last

    def _heard(
        self, roman: Sequence[str], word: str, numbers: Iterable[int], *, inside: bool = False
    ) -> Iterator[Found]:
        heard = [_reading(reading) for reading in roman]
        for number in numbers:
            entry = self._spellings.entries[number]
            if entry.own and script_of(entry.text) == script_of(word):
                continue  # compared letter by letter elsewhere
            likeness, plain, same = max(_alike(one, other) for one in heard for other in self._forms[number])
            features = text_model.spoken(word, entry, likeness, plain, same=same, inside=inside)
            yield text_model.scored(number, Kind.TRANSLITERATED, features)


@attrs.frozen(slots=True)
class _Reading:
    """One way a word may be read: in Latin letters, its sound, and its consonants."""

    roman: str
    sound: str
    bones: str


def _reading(roman: str) -> _Reading:
    return _Reading(roman, sound(roman), bones(roman))


def _forms(entry: Entry) -> list[_Reading]:
    """Return each way a spelling may be read."""
    plain = romanise(entry.form)
    return [_reading(form) for form in dict.fromkeys((plain, soft(plain)))]


def _alike(one: _Reading, other: _Reading) -> tuple[float, float, bool]:
    """Return how alike two readings sound and are written, 0..1, and whether their consonants are the same."""
    return (
        OSA.normalized_similarity(one.sound, other.sound),
        OSA.normalized_similarity(one.roman, other.roman),
        one.bones == other.bones,
    )


def _parts(word: str) -> list[tuple[int, int]]:
    """Return where true parts of a kana or Thai word begin and end, cut where a syllable may begin."""
    if "\u0e01" <= word[0] <= "\u0e4e":
        starts = _THAI_START
    elif "\u30a1" <= word[0] <= "\u30fe":
        starts = _KANA_START
    else:
        return []
    cuts = [match.start() for match in starts.finditer(word)] + [len(word)]
    return [
        (first, last)
        for place, first in enumerate(cuts)
        for last in cuts[place + 1 :]
        if last - first <= LONGEST_PART and (first, last) != (0, len(word))
    ]
