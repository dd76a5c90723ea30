"""Thai: what is left without tone marks, which consonants sound alike, long and short vowels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from anyascii import anyascii

TONES = "่้๊๋"
_SILENCED = "์"  # the letter before it is written and not spoken
_SILENT = frozenset(TONES + _SILENCED + "็ฺํ๎")
SOUND_ALIKE = ("ซสศษ", "รลฬ", "นณ", "ทธถฐฑฒ", "ดฎ", "ตฏ", "พภผ", "คขฆฅฃ", "ชฉฌ", "ยญ", "ฟฝ", "หฮ", "ะาั", "ิี", "ึื", "ุู",
               "เแ", "ใไ")  # fmt: skip
LOOK_ALIKE = ("กถภ", "คดต", "บป", "ผพฝฟ", "ขช", "ซข", "นม", "อฮ", "รธ", "ลส")
_VOWEL_FIRST = re.compile("([เแโใไ])([ก-ฮ])")
_SILENCED_LETTER = re.compile(f"[ก-ฮ][ิุ]?{_SILENCED}")
_HEARD = {letter: kind[0] for kind in SOUND_ALIKE for letter in kind}


@lru_cache(maxsize=1024)
def heard(character: str) -> tuple[tuple[str, str], ...]:
    """Return the letter and the first letter of those that sound like it; nothing is heard of tone marks."""
    if character == "ำ":
        return (("ำ", "ะ"), ("", "ม"))
    return ((character, "" if character in _SILENT else _HEARD.get(character, character)),)


def as_spoken(text: str) -> str:
    """Return ``text`` with each vowel after its consonant, without letters that are not spoken."""
    return _SILENCED_LETTER.sub("", _VOWEL_FIRST.sub(r"\2\1", text))


def as_written(text: str) -> str:
    """Return ``text`` with each vowel after its consonant, and the letters that are not spoken as if they were."""
    return _VOWEL_FIRST.sub(r"\2\1", text.replace(_SILENCED, ""))


def romanised(text: str) -> str:
    """Write Thai in Latin letters, nearly by the Royal system."""
    return anyascii(as_spoken(text)).lower()


def _swapped(groups: Iterable[str]) -> Callable[[str], Iterator[str]]:
    def forms(text: str) -> Iterator[str]:
        for place, character in enumerate(text):
            for group in groups:
                if character in group:
                    yield from (text[:place] + other + text[place + 1 :] for other in group if other != character)

    return forms


def _without_tones(text: str) -> Iterator[str]:
    yield "".join(character for character in text if character not in TONES)
    yield "".join(character for character in text if character not in _SILENT)


def _other_tones(text: str) -> Iterator[str]:
    for place, character in enumerate(text):
        if character in TONES:
            yield from (text[:place] + tone + text[place + 1 :] for tone in TONES if tone != character)
        elif "ก" <= character <= "ฮ" and text[place + 1 : place + 2] not in _SILENT:
            yield text[: place + 1] + "่" + text[place + 1 :]


def _apart(text: str) -> Iterator[str]:
    for place in range(2, len(text) - 1):
        if "ก" <= text[place] <= "ฮ" or text[place] in "เแโใไ":
            yield f"{text[:place]} {text[place:]}"


VARIANTS: dict[str, Callable[[str], Iterable[str]]] = {
    "tones dropped": _without_tones,
    "other tone": _other_tones,
    "sounds alike": _swapped(SOUND_ALIKE),
    "looks alike": _swapped(LOOK_ALIKE),
    "apart": _apart,
    "romanised": lambda text: [romanised(text)],
}
