"""Hangul by its letters: syllables apart and together, letters that sound or look alike, the Korean keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product

from matchers.remembering import remembered

HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3
LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TAILS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

# Letters a Korean ear or eye takes for one another, and how a final consonant is heard (Standard Pronunciation, 9).
SOUND_ALIKE = ("ㄱㄲㅋ", "ㄷㄸㅌ", "ㅂㅃㅍ", "ㅅㅆ", "ㅈㅉㅊ", "ㅐㅔㅒㅖ", "ㅚㅙㅞ")
LOOK_ALIKE = (
    "ㅏㅑ",
    "ㅓㅕ",
    "ㅗㅛ",
    "ㅜㅠ",
    "ㅁㅇ",
    "ㄹㅌ",
    "ㄱㅋ",
    "ㅈㅊ",
    "ㅡㅜ",
    "ㅡㅗ",
    "ㅣㅏ",
    "ㅣㅓ",
    "ㅏㅓ",
    "ㅗㅜ",
)
_HEARD_LAST = {
    tail: kind[0]
    for kind in ("ㄱㄲㅋㄳㄺ", "ㄷㅅㅆㅈㅊㅌㅎ", "ㅂㅍㅄㄿ", "ㄴㄵㄶ", "ㄹㄼㄽㄾㅀ", "ㅁㄻ", "ㅇ")
    for tail in kind
}
_HEARD = {letter: kind[0] for kind in SOUND_ALIKE for letter in kind}

# The two-set keyboard (KS X 5002), and its keys side by side.
NEIGHBOURING_KEYS = ("ㅂㅈ", "ㅈㄷ", "ㄷㄱ", "ㄱㅅ", "ㅁㄴ", "ㄴㅇ", "ㅇㄹ", "ㄹㅎ", "ㅋㅌ", "ㅌㅊ", "ㅊㅍ",
                     "ㅛㅕ", "ㅕㅑ", "ㅑㅐ", "ㅐㅔ", "ㅗㅓ", "ㅓㅏ", "ㅏㅣ", "ㅠㅜ", "ㅜㅡ")  # fmt: skip
_KEYS_OF = """
    ㄱr ㄲR ㄴs ㄷe ㄸE ㄹf ㅁa ㅂq ㅃQ ㅅt ㅆT ㅇd ㅈw ㅉW ㅊc ㅋz ㅌx ㅍv ㅎg ㅏk ㅐo ㅑi ㅒO ㅓj ㅔp ㅕu ㅖP
    ㅗh ㅘhk ㅙho ㅚhl ㅛy ㅜn ㅝnj ㅞnp ㅟnl ㅠb ㅡm ㅢml ㅣl ㄳrt ㄵsw ㄶsg ㄺfr ㄻfa ㄼfq ㄽft ㄾfx ㄿfv ㅀfg
    ㅄqt
"""
_KEYS = {pair[0]: pair[1:] for pair in _KEYS_OF.split()}


def syllable(character: str) -> tuple[str, str, str] | None:
    """Return lead, vowel and tail of a syllable ("" where there is none), None for any other character."""
    index = ord(character) - HANGUL_FIRST
    if not 0 <= index <= HANGUL_LAST - HANGUL_FIRST:
        return None
    return LEADS[index // 588], VOWELS[index % 588 // 28], TAILS[index % 28]


def join(lead: str, vowel: str, tail: str = "") -> str:
    """Return the syllable of three letters."""
    return chr(HANGUL_FIRST + LEADS.index(lead) * 588 + VOWELS.index(vowel) * 28 + TAILS.index(tail))


@remembered(16384)
def jamo(text: str) -> str:
    """Spell syllables out as compatibility jamo, so that a changed vowel is one letter's difference."""
    return "".join("".join(syllable(character) or character) for character in text)


def separate(character: str) -> str:
    """Return the compatibility jamo drawn like a conjoining one (U+1100 to U+11FF), any other character as it is."""
    code = ord(character)
    for first, letters in ((0x1100, LEADS), (0x1161, VOWELS), (0x11A7, TAILS)):
        if first <= code < first + len(letters):
            return letters[code - first] or character
    return character


@lru_cache(maxsize=16384)
def heard(character: str) -> tuple[tuple[str, str], ...]:
    """Return (letter, what is heard of it) for each letter of a syllable or of a jamo standing alone."""
    parts = syllable(character)
    if parts is None:
        return ((character, _HEARD.get(character, character)),)
    lead, vowel, tail = parts
    found = [(lead, _HEARD.get(lead, lead)), (vowel, _HEARD.get(vowel, vowel))]
    if tail:
        found.append((tail, _HEARD_LAST[tail]))
    return tuple(found)


def heard_last(tail: str) -> str:
    """Return the one of seven sounds a final consonant is heard as. Raises `KeyError` for what is none."""
    return _HEARD_LAST[tail]


def typed(text: str) -> str:
    """Return the Latin keys that type ``text`` on a Korean keyboard ("하늘" is "gksmf"), lower case."""
    return "".join(_KEYS.get(letter, letter) for letter in jamo(text)).lower()


_ROMAN_LETTERS = """
    ㄱg ㄲkk ㄴn ㄷd ㄸtt ㄹr ㅁm ㅂb ㅃpp ㅅs ㅆss ㅈj ㅉjj ㅊch ㅋk ㅌt ㅍp ㅎh
    ㅏa ㅐae ㅑya ㅒyae ㅓeo ㅔe ㅕyeo ㅖye ㅗo ㅘwa ㅙwae ㅚoe ㅛyo ㅜu ㅝwo ㅞwe ㅟwi ㅠyu ㅡeu ㅢui ㅣi
"""
_ROMAN = {pair[0]: pair[1:] for pair in _ROMAN_LETTERS.split()} | {"ㅇ": ""}
_ROMAN_TAILS = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ng"}
# How owners write their names, which follow no system: 어 u or o, 으 left out, 우 oo, 이 ee, 리 li, soft as hard.
_HABITS = tuple(
    (re.compile(old), new)
    for old, new in (("eo", "u"), ("eo", "o"), ("eu", ""), ("(?<!e)u", "oo"), ("i", "ee"), ("r", "l"), ("^g", "k"),
                     ("^b", "p"), ("^d", "t"), ("hw", "wh"))
)  # fmt: skip
MOST_ROMANISATIONS = 12


def romanised(text: str) -> str:
    """Write Hangul in Latin letters by the Revised Romanization (2000), one syllable after another."""
    out: list[str] = []
    pending = ""  # a final consonant, written when it is known what follows
    for character in text:
        parts = syllable(character)
        if parts is None:
            out.append(_ROMAN_TAILS[_HEARD_LAST.get(pending, "")] + character.lower())
            pending = ""
            continue
        lead, vowel, tail = parts
        out.append(_linked(pending, lead) + _ROMAN[vowel])
        pending = tail
    return "".join(out) + _ROMAN_TAILS[_HEARD_LAST.get(pending, "")]


def _linked(tail: str, lead: str) -> str:
    """Write what stands between two vowels: a final consonant moves over to a syllable that begins with a vowel."""
    if lead == "ㅇ":
        return _ROMAN.get(tail) or _ROMAN_TAILS[_HEARD_LAST.get(tail, "")]
    if _HEARD_LAST.get(tail) == "ㄹ" and lead == "ㄹ":
        return "ll"
    return _ROMAN_TAILS[_HEARD_LAST.get(tail, "")] + _ROMAN[lead]


def romanisations(text: str) -> list[str]:
    """Return Latin spellings that owners and buyers use for Hangul, the official one first."""
    official = romanised(text)
    found = dict.fromkeys([official, official.replace("eo", "o").replace("eu", "u")])  # McCune-Reischauer, plain
    for habit, new in _HABITS:
        found[habit.sub(new, official)] = None
    for (vowel, new), (letter, instead) in product(_HABITS[:3], _HABITS[3:5]):
        found[vowel.sub(new, letter.sub(instead, official))] = None
    return list(found)[:MOST_ROMANISATIONS]


def _replaced(text: str, change: Callable[[str, str, str], Iterable[tuple[str, str, str]]]) -> Iterator[str]:
    """Yield ``text`` with one syllable replaced by each of those ``change`` makes of its three letters."""
    for place, character in enumerate(text):
        parts = syllable(character)
        for other in change(*parts) if parts else ():
            yield text[:place] + join(*other) + text[place + 1 :]


def _one_of(groups: Iterable[str], letter: str, among: Sequence[str]) -> Iterator[str]:
    for group in groups:
        if letter and letter in group:
            yield from (other for other in group if other != letter and other in among)


def _swapped(groups: Iterable[str]) -> Callable[[str], Iterator[str]]:
    def change(lead: str, vowel: str, tail: str) -> Iterator[tuple[str, str, str]]:
        yield from ((other, vowel, tail) for other in _one_of(groups, lead, LEADS))
        yield from ((lead, other, tail) for other in _one_of(groups, vowel, VOWELS))
        yield from ((lead, vowel, other) for other in _one_of(groups, tail, TAILS))

    return lambda text: _replaced(text, change)


def _tails(text: str) -> Iterator[str]:
    def change(lead: str, vowel: str, tail: str) -> Iterator[tuple[str, str, str]]:
        if tail:
            yield lead, vowel, ""
            heard = _HEARD_LAST[tail]
            yield from (
                (lead, vowel, other) for other in "ㄱㄴㄷㄹㅁㅂㅅㅇㅊ" if _HEARD_LAST[other] == heard != tail != other
            )

    return _replaced(text, change)


def _letter_by_letter(text: str) -> Iterator[str]:
    yield jamo(text)
    for place in range(len(text)):
        yield text[:place] + jamo(text[place]) + text[place + 1 :]


def _apart(text: str) -> Iterator[str]:
    for sign in (" ", ".", "-", "♥", "🌸"):
        yield sign.join(text)
    for place in range(1, len(text)):
        yield f"{text[:place]} {text[place:]}"


VARIANTS: dict[str, Callable[[str], Iterable[str]]] = {
    "sounds alike": _swapped(SOUND_ALIKE),
    "looks alike": _swapped(LOOK_ALIKE),
    "neighbouring key": _swapped(NEIGHBOURING_KEYS),
    "final consonant": _tails,
    "letter by letter": _letter_by_letter,
    "apart": _apart,
    "keyboard left in Latin": lambda text: [typed(text)],
    "romanised": romanisations,
}
