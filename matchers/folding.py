"""Bringing a title down to the letters a buyer reads, without losing where in the original they stood.

Three steps, each usable alone: `fold` (Unicode NFKC, fancy alphabets, accents, invisible characters; every script stays
itself), `lookalike` (letters of other alphabets that are drawn like Latin ones, Unicode TR39 confusables) and
`skeleton` (digits and letter pairs that are read as another letter). `romanise` serves the other scripts.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

import attrs
from anyascii import anyascii

from matchers.remembering import remembered
from matchers.scripts import thai
from matchers.scripts.hangul import HANGUL_FIRST, HANGUL_LAST, separate

MAX_CHARACTERS = 10_000  # a title longer than this is read to here; marketplaces stop at a few hundred
MAX_COMBINING = 8  # marks stacked on one letter beyond this are decoration

# Scripts whose letters never stand in for Latin ones in a word; their marks and letters are left alone.
_OWN_SCRIPTS = ("HANGUL", "CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "BOPOMOFO", "DEVANAGARI")
# Drawn alike though TR39 does not list them for their lower case (it judges one font); read off the letter forms.
_PAIRS_DRAWN_ALIKE = """
пn иu йu шw тt мm кk ƅb нh вb гr з3 бb ч4 яr ѕs ьb ъb эe рp уy хx аa сc еe ёe оo іi јj ԛq ԝw ђh ћh џu қk ҡk өo
ոn սu ցg ւl տs կu ղn ηn οo αa βb γy ιi κk νv ρp τt υu χx ωw εe ςs σo ϲc ⭕o ⚪o ❌x ✖x ❗i €e
"""
_DRAWN_ALIKE = {pair[0]: pair[1:] for pair in _PAIRS_DRAWN_ALIKE.split()}
_NAMED_LETTER = re.compile(
    r"(?:LATIN|SQUARED LATIN|CIRCLED LATIN|PARENTHESIZED LATIN|SQUARED|FULLWIDTH LATIN|MODIFIER|REGIONAL INDICATOR"
    r"|TAG LATIN|NEGATIVE CIRCLED LATIN|NEGATIVE SQUARED LATIN|CROSSED NEGATIVE SQUARED LATIN|COMBINING LATIN)"
    r"[A-Z ]*? (?:LETTER|SYMBOL LETTER)(?: SMALL CAPITAL| TURNED| REVERSED| SIDEWAYS| BARRED| OPEN| SMALL| SCRIPT"
    r"| DOTLESS| BLACKLETTER| LONG| INSULAR)* ([A-Z])(?: WITH .*)?"
)
_INVISIBLE = frozenset({"Cf", "Me", "Mn"})  # joiners, soft hyphens, accents
_BLANK = frozenset({"Cs", "Cc", "Cn", "Co", "Zs", "Zl", "Zp"})
_SPECIAL = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ı": "i", "ł": "l", "đ": "d", "’": "'"}

_SARA_AM_APART = "\N{THAI CHARACTER NIKHAHIT}\N{THAI CHARACTER SARA AA}"  # what NFKC makes of one letter

# Aspirated Thai consonants are plain ones to other ears (ท is no English th), and Cyrillic х is mostly a foreign h.
# The small tsu of kana is no sound of its own.
_SPOKEN_PLAINLY = str.maketrans("ทถธฑฒฐพผภคขฆхХ", "ตตตตตตปปปกกกhh", "ッっ")

_LEET = str.maketrans({"0": "o", "1": "l", "2": "z", "3": "e", "4": "a", "5": "s", "6": "b", "7": "t", "8": "b",
                       "9": "g", "$": "s", "@": "a", "!": "l", "|": "l", "+": "t", "i": "l", "€": "e"})  # fmt: skip
_PAIRS = (("rn", "m"), ("vv", "w"), ("q", "g"))


@attrs.frozen
class Folded:
    """Folded text that remembers its origin: character ``i`` came from ``original[starts[i]:ends[i]]``."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def words(self, start: int, end: int) -> str:
        """Return the original characters behind ``text[start:end]``, as the seller wrote them."""
        if start >= end or start >= len(self.text):
            return ""
        return self.original[self.starts[start] : self.ends[min(end, len(self.ends)) - 1]]


def fold(text: str) -> Folded:
    """Fold to lower-case letters of their own script, ASCII for Latin in any dress.

    Bounded to 10,000 characters; lone surrogates and control characters become spaces; invisible characters go.
    """
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        lowered = text.lower()
        return Folded(text, lowered, range(len(text)), range(1, len(text) + 1))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        piece = _fold_cluster(text[start:end])
        out.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
    return Folded(text, "".join(out), starts, ends)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Split into a base with its combining marks and joined Hangul jamo (so that NFC can compose them)."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index < len(text) and _joins(text[index - 1], text[index]):
            continue
        bounds.append((start, index))
        start = index
    return bounds


@lru_cache(maxsize=8192)
def _joins(before: str, after: str) -> bool:
    if after == "\ufe0f" or unicodedata.category(after) in {"Mn", "Me", "Cf"}:
        return True
    # Conjoining jamo: vowel after lead, tail after vowel; half-width sound marks after kana.
    return (
        "\u1160" <= after <= "\u11ff" and ("\u1100" <= before <= "\u11ff" or HANGUL_FIRST <= ord(before) <= HANGUL_LAST)
    ) or after in "\uff9e\uff9f"


@lru_cache(maxsize=32768)
def _fold_cluster(cluster: str) -> str:
    composed = unicodedata.normalize("NFKC", cluster[: MAX_COMBINING + 2]).replace(
        _SARA_AM_APART, "\N{THAI CHARACTER SARA AM}"
    )
    return "".join(_fold_character(separate(character)) for character in composed)


@lru_cache(maxsize=32768)
def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in _INVISIBLE and not (category == "Mn" and is_own_script(character)):
        return ""
    if category in _BLANK or category == "Pd":
        return "-" if category == "Pd" else " "
    if character.isascii() or is_own_script(character):
        return character.lower()
    return _plain_letter(character)


def _plain_letter(character: str) -> str:
    """Read a letter in fancy dress or with strokes and accents; other alphabets' letters stay, in lower case."""
    if character.lower() in _SPECIAL:
        return _SPECIAL[character.lower()]
    named = _NAMED_LETTER.fullmatch(unicodedata.name(character, ""))
    if named:
        return named.group(1).lower()
    base = _without_marks(character)
    return (base if base.isascii() else character).lower()


def _without_marks(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) != "Mn")


@lru_cache(maxsize=16384)
def is_own_script(character: str) -> bool:
    """Tell whether a character belongs to a script that is matched for itself (Hangul, Han, kana, Thai ...)."""
    is_letter = unicodedata.category(character)[0] in "LMN"  # neither the middle dot of kana nor the baht sign
    return is_letter and unicodedata.name(character, "").startswith(_OWN_SCRIPTS)


@cache
def confusables() -> dict[str, str]:
    """Return non-ASCII characters that TR39 takes for ASCII letters or digits (data: confusable-homoglyphs)."""
    table: dict[str, str] = {}
    raw = json.loads((files("confusable_homoglyphs") / "confusables.json").read_text("utf-8"))
    for character, twins in raw.items():
        if len(character) != 1 or character.isascii() or is_own_script(character):
            continue
        plain = [twin["c"] for twin in twins if twin["c"].isascii() and twin["c"].isalnum()]
        if plain:
            table[character] = plain[0].lower()
    return table


@lru_cache(maxsize=16384)
def _lookalike_character(character: str) -> str:
    table = confusables()
    lower = character.lower()
    composed = unicodedata.normalize("NFKC", character)
    if composed.isascii() and composed.isalnum():
        return composed.lower()
    for form in (character, lower):
        if form in table:
            return table[form]
    if lower in _DRAWN_ALIKE:
        return _DRAWN_ALIKE[lower]
    base = _without_marks(character)
    if base not in {"", character} and len(base) == 1:
        return _lookalike_character(base)
    return _fold_character(character)


def lookalike(original: str) -> str:
    """Read a word as Latin by the shapes of its letters ("Неrа" in Cyrillic letters is "hera").

    Takes the original spelling: capital and small letters look unlike ("В" is b, "Н" is h, "η" is n).
    """
    if original.isascii():
        return original.lower()
    return "".join(
        character.lower() if character.isascii() else _lookalike_character(character)
        for character in original
        if unicodedata.category(character) not in _INVISIBLE
    )


@remembered(65536)
def skeleton(folded: str) -> str:
    """Merge what is drawn alike inside ASCII: 0/o, 1/i/l, 5/s, rn/m, vv/w ... Comparable only with skeletons."""
    merged = folded.translate(_LEET)
    for pair, single in _PAIRS:
        if pair in merged:
            merged = merged.replace(pair, single)
    return merged


@remembered(16384)
def romanise(text: str) -> str:
    """Write any script in lower-case ASCII letters (anyascii); what is no letter or digit is dropped."""
    safe = text.encode("utf-8", "ignore").decode("utf-8")
    return _letters_of(thai.as_spoken(safe))


@remembered(16384)
def readings(word: str) -> tuple[str, ...]:
    """Return how a word may be read in Latin letters, the plain way (`romanise`) first.

    Thai leaves letters of a foreign name silent (the r of ชาร์ป, "Sharp") and writes v as w.
    """
    found = [romanise(word)]
    if any("\u0e01" <= character <= "\u0e4e" for character in word):
        found.append(_letters_of(thai.as_written(word)))
        found += [reading.replace("w", "v") for reading in found]
    return tuple(dict.fromkeys(found))


def _letters_of(text: str) -> str:
    return "".join(c for c in anyascii(text.translate(_SPOKEN_PLAINLY)).lower() if c.isalnum())
