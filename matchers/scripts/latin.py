"""Latin letters: slips of the finger, letters drawn alike, fancy alphabets, accents, joined and parted words."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator

VOWELS = frozenset("aeiouy")
NEIGHBOURING_KEYS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil",
    "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip
DIGITS = {"o": "0", "i": "1!", "l": "1|", "e": "3", "a": "4@", "s": "5$", "t": "7+", "b": "8", "g": "9", "z": "2"}
# Cyrillic, Greek and Armenian letters drawn like Latin ones.
DRAWN_ALIKE = {
    "a": "аαɑ", "b": "ьƅ", "c": "сϲ", "d": "ԁɗ", "e": "еҽ", "g": "ɡց", "h": "һհ", "i": "іι", "j": "ј", "k": "кκ",
    "l": "ӏ", "m": "м", "n": "пո", "o": "оοօ", "p": "рρ", "q": "ԛ", "r": "гг", "s": "ѕ", "t": "тτ", "u": "υս",
    "v": "νѵ", "w": "ԝш", "x": "хχ", "y": "уγ", "z": "ᴢ",
}  # fmt: skip
_HEARD_ALIKE = "c>k k>c ph>f f>ph s>z z>s i>y y>i oo>u ee>i ck>k x>ks qu>kw v>w w>v th>t"
HEARD_ALIKE = tuple(pair.split(">") for pair in _HEARD_ALIKE.split())
_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030c\u0323\u0331"
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\u00ad\ufeff"
_EMOJI = "🌸✨⭐💧"
_ALPHABETS = {  # the code points of "A" and "a"
    "mathematical bold": (0x1D400, 0x1D41A),
    "mathematical bold script": (0x1D4D0, 0x1D4EA),
    "sans-serif bold": (0x1D5D4, 0x1D5EE),
    "monospace": (0x1D670, 0x1D68A),
    "full width": (0xFF21, 0xFF41),
    "circled": (0x24B6, 0x24D0),
    "squared": (0x1F130, 0x1F130),
    "negative circled": (0x1F150, 0x1F150),
    "regional indicators": (0x1F1E6, 0x1F1E6),
}
_BEFORE = ("the", "my", "new", "get", "super", "original")
_AFTER = ("official", "shop", "store", "ori", "grade", "style", "shoes", "2024", "hq", "kr")


def _places(text: str) -> Iterator[int]:
    return (place for place, character in enumerate(text) if character.isalpha())


def _put(text: str, place: int, new: str, width: int = 1) -> str:
    return text[:place] + new + text[place + width :]


def _exchanged(table: dict[str, str]) -> Callable[[str], Iterator[str]]:
    """Each letter that the table knows replaced by each of its others."""

    def forms(text: str) -> Iterator[str]:
        for place in _places(text):
            yield from (_put(text, place, other) for other in table.get(text[place].lower(), ""))

    return forms


def _all_exchanged(table: dict[str, str]) -> Callable[[str], Iterator[str]]:
    """All letters that the table knows replaced at once, by their first and by their last others."""
    return lambda text: ("".join(table[c.lower()][end] if c.lower() in table else c for c in text) for end in (0, -1))


def _dropped(text: str) -> Iterator[str]:
    return (_put(text, place, "") for place in _places(text))


def _doubled(text: str) -> Iterator[str]:
    return (_put(text, place, text[place] * 2) for place in _places(text))


def _turned(text: str) -> Iterator[str]:
    """Two neighbouring letters exchanged."""
    for place in range(len(text) - 1):
        if text[place] != text[place + 1]:
            yield text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _heard_alike(text: str) -> Iterator[str]:
    lower = text.lower()
    for old, new in HEARD_ALIKE:
        place = lower.find(old)
        if place >= 0:
            yield _put(lower, place, new, len(old))


def shortened(text: str) -> Iterator[str]:
    """Yield a name without the vowels after its first letter."""
    yield text[:1] + "".join(c for c in text[1:] if c.lower() not in VOWELS)


def syllables(text: str) -> list[str]:
    """Cut a word before each consonant that a vowel follows."""
    cuts = [0]
    lower = text.lower()
    cuts += [
        p for p in range(2, len(text) - 1) if lower[p] not in VOWELS and lower[p + 1] in VOWELS and p - cuts[-1] > 1
    ]
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def turned_syllables(text: str) -> Iterator[str]:
    """Yield a name with two neighbouring syllables exchanged."""
    parts = syllables(text)
    for place in range(len(parts) - 1):
        yield "".join([*parts[:place], parts[place + 1], parts[place], *parts[place + 2 :]])


def _in_two(text: str) -> Iterator[str]:
    joined = text.replace(" ", "")
    for place in range(2, len(joined) - 1):
        yield from (f"{joined[:place]}{sign}{joined[place:]}" for sign in " -")
    if joined != text:
        yield joined


def _letter_by_letter(text: str) -> Iterator[str]:
    return (sign.join(text.replace(" ", "")) for sign in " .-_*/~")


def _pictures_between(text: str) -> Iterator[str]:
    joined = text.replace(" ", "")
    for picture in _EMOJI:
        yield picture.join(joined)
        yield joined[: len(joined) // 2] + picture + joined[len(joined) // 2 :]


def _glued(text: str) -> Iterator[str]:
    joined = text.replace(" ", "")
    for before in _BEFORE:
        yield before + joined
    for after in _AFTER:
        yield joined + after
        yield joined + after.capitalize()
        yield joined + "_" + after
    yield "#" + joined
    yield f"the{joined}shop"


def _affixed(text: str) -> Iterator[str]:
    return (text + ending for ending in ("s", "es", "er", "y", "ing", "'s", "x"))


def _fancy(text: str) -> Iterator[str]:
    for capital, small in _ALPHABETS.values():
        yield "".join(
            chr(capital + ord(c) - 65) if "A" <= c <= "Z" else chr(small + ord(c) - 97) if "a" <= c <= "z" else c
            for c in text
        )


def _accented(text: str) -> Iterator[str]:
    for accent in _ACCENTS:
        yield "".join(c + accent if place % 2 else c for place, c in enumerate(text))


def _zero_width(text: str) -> Iterator[str]:
    for sign in _ZERO_WIDTH:
        yield sign.join(text)
        yield text[: len(text) // 2] + sign + text[len(text) // 2 :]


def _plain(text: str) -> Iterator[str]:
    """Vietnamese as it is typed without a Vietnamese keyboard: no diacritics, đ as d."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    yield "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    without_tones = "".join(c for c in decomposed if c not in "\u0300\u0301\u0303\u0309\u0323")
    yield unicodedata.normalize("NFC", without_tones)


def _other_tone(text: str) -> Iterator[str]:
    if text.isascii():
        return
    for place, character in enumerate(text):
        if character.lower() in "aeiouyăâêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụ":
            base = unicodedata.normalize("NFD", character)
            kept = "".join(c for c in base if c not in "\u0300\u0301\u0303\u0309\u0323")
            for tone in "\u0300\u0301\u0309":
                yield _put(text, place, unicodedata.normalize("NFC", kept + tone))


VARIANTS: dict[str, Callable[[str], Iterable[str]]] = {
    "neighbouring key": _exchanged(NEIGHBOURING_KEYS),
    "letter dropped": _dropped,
    "letter doubled": _doubled,
    "letters turned": _turned,
    "heard alike": _heard_alike,
    "vowels dropped": shortened,
    "syllables turned": turned_syllables,
    "digit": _exchanged(DIGITS),
    "digits": _all_exchanged(DIGITS),
    "letter drawn alike": _exchanged(DRAWN_ALIKE),
    "letters drawn alike": _all_exchanged(DRAWN_ALIKE),
    "in two": _in_two,
    "letter by letter": _letter_by_letter,
    "pictures between": _pictures_between,
    "glued": _glued,
    "affix": _affixed,
    "fancy alphabet": _fancy,
    "accents": _accented,
    "invisible characters": _zero_width,
    "diacritics dropped": _plain,
    "other tone": _other_tone,
}
