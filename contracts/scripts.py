"""Which script a text is written in, so that a brand owner need not know ISO 15924."""

from __future__ import annotations

import unicodedata
from collections import Counter

from contracts.match import Script

_NAMES = {
    "LATIN": Script.LATIN,
    "FULLWIDTH": Script.LATIN,
    "HANGUL": Script.HANGUL,
    "CJK": Script.HAN,
    "HIRAGANA": Script.KANA,
    "KATAKANA": Script.KANA,
    "KATAKANA-HIRAGANA": Script.KANA,
    "THAI": Script.THAI,
    "CYRILLIC": Script.CYRILLIC,
}


def script_of(text: str) -> Script:
    """Return the script most letters of ``text`` belong to.

    Han letters are `Script.HAN`: simplified and traditional cannot be told apart by letters alone. One kana among Han
    letters makes the text Japanese, hence kana. A text without letters (a number) counts as Latin.
    """
    counts: Counter[Script] = Counter()
    for letter in unicodedata.normalize("NFC", text):
        if letter.isalpha():
            counts[_NAMES.get(unicodedata.name(letter, "").split(" ")[0], Script.OTHER)] += 1
    if not counts:
        return Script.LATIN
    if counts[Script.KANA]:
        return Script.KANA
    return counts.most_common(1)[0][0]
