"""Kana: one reading for hiragana and katakana, small and large, with and without the long-vowel mark."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from anyascii import anyascii

_SMALL = dict(zip("ァィゥェォャュョヮヵヶ", "アイウエオヤユヨワカケ", strict=True))
_ALIKE = dict(zip("ヴヂヅヲヰヱ", "バジズオイエ", strict=True))
_SILENT = frozenset("ーッ～〜")
_V_ROW = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"))
LOOK_ALIKE = (
    "シツ",
    "ソンリ",
    "ウワフ",
    "クケタ",
    "コユ",
    "ヌスマ",
    "ハバパ",
    "ヒビピ",
    "フブプ",
    "ヘベペ",
    "ホボポ",
    "ルレ",
)
_FIRST, _LAST = 0x30A1, 0x30F6  # katakana that have a hiragana twin 0x60 below


def katakana(text: str) -> str:
    """Write hiragana as katakana."""
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


def hiragana(text: str) -> str:
    """Write katakana as hiragana."""
    return "".join(chr(ord(c) - 0x60) if _FIRST <= ord(c) <= _LAST else c for c in text)


@lru_cache(maxsize=1024)
def heard(character: str) -> tuple[tuple[str, str], ...]:
    """Return its katakana, and the large one it sounds like: nothing for long-vowel marks and the small tsu."""
    kana = katakana(character)
    if kana in _SILENT:
        return ((kana, ""),)
    return ((kana, _ALIKE.get(kana, _SMALL.get(kana, kana))),)


def _half_width(text: str) -> Iterator[str]:
    wide = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    marks = {"\u3099": "\uff9e", "\u309a": "\uff9f"}
    parts = unicodedata.normalize("NFD", katakana(text))
    yield "".join(marks.get(c) or wide.get(c, c) for c in parts)


def _v_row(text: str) -> Iterator[str]:
    for old, new in _V_ROW:
        if old in text:
            yield text.replace(old, new)
        elif new in text:
            yield text.replace(new, old, 1)


def _long_vowels(text: str) -> Iterator[str]:
    if "ー" in text:
        yield text.replace("ー", "")
        yield text.replace("ー", "-")
    for place in range(1, len(text) + 1):
        if text[place - 1] not in _SILENT and text[place : place + 1] not in _SILENT:
            yield text[:place] + "ー" + text[place:]


def _apart(text: str) -> Iterator[str]:
    for sign in (" ", "・", "★", "."):
        yield sign.join(text)


def _looks_alike(text: str) -> Iterator[str]:
    for place, character in enumerate(text):
        for group in LOOK_ALIKE:
            if character in group:
                yield from (text[:place] + other + text[place + 1 :] for other in group if other != character)


VARIANTS: dict[str, Callable[[str], Iterable[str]]] = {
    "hiragana": lambda text: [hiragana(text)],
    "half width": _half_width,
    "small kana": lambda text: ["".join(_SMALL.get(c, c) for c in text), text.replace("ッ", "")],
    "long vowel": _long_vowels,
    "v or b": _v_row,
    "looks alike": _looks_alike,
    "apart": _apart,
    "romanised": lambda text: [anyascii(text).lower()],
}
