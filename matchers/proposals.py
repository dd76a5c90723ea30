"""Spellings a mark is likely written with abroad, for its owner to accept or not: nothing here is registered by itself.

Hangul is spelt in Latin (several ways), kana, Thai, Cyrillic and Chinese characters; other scripts in Latin. The tables
follow the countries' own rules for Korean names, without their exceptions: proposals, not a transcription service.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rapidfuzz.distance import OSA

from contracts.match import Script, Spelling
from contracts.scripts import script_of
from matchers.folding import romanise
from matchers.scripts import han, hangul

MOST_LATIN = 4
LONGEST = 20  # syllables; longer texts are sentences

_KANA_VOWELS = "ㅏa ㅐe ㅑya ㅒye ㅓo ㅔe ㅕyo ㅖye ㅗo ㅘwa ㅙwe ㅚwe ㅛyo ㅜu ㅝwo ㅞwe ㅟwi ㅠyu ㅡu ㅢwi ㅣi"
_KANA_ROWS = {  # the kana of a, i, u, e, o
    "ㅇ": "ア イ ウ エ オ", "ㄱ": "ガ ギ グ ゲ ゴ", "ㄴ": "ナ ニ ヌ ネ ノ", "ㄷ": "ダ ディ ドゥ デ ド",
    "ㄹ": "ラ リ ル レ ロ", "ㅁ": "マ ミ ム メ モ", "ㅂ": "バ ビ ブ ベ ボ", "ㅅ": "サ シ ス セ ソ",
    "ㅈ": "ジャ ジ ジュ ジェ ジョ", "ㅊ": "チャ チ チュ チェ チョ",
    "ㅋ": "カ キ ク ケ コ", "ㅌ": "タ ティ トゥ テ ト", "ㅍ": "パ ピ プ ペ ポ", "ㅎ": "ハ ヒ フ ヘ ホ",
}  # fmt: skip
_KANA_HARD = {"ㄲ": "ㅋ", "ㄸ": "ㅌ", "ㅃ": "ㅍ", "ㅉ": "ㅊ", "ㅆ": "ㅅ"}
_KANA_FIRST = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}  # soft only inside a word
_KANA_TAILS = {"ㄱ": "ク", "ㄴ": "ン", "ㄷ": "ッ", "ㄹ": "ル", "ㅁ": "ム", "ㅂ": "プ", "ㅇ": "ン"}
_THAI_LEADS = "ㄱก ㄴน ㄷด ㄹร ㅁม ㅂบ ㅅซ ㅇอ ㅈจ ㅊช ㅋค ㅌท ㅍพ ㅎฮ ㄲก ㄸต ㅃป ㅆซ ㅉจ"
_THAI_VOWELS = (
    "ㅏ-า ㅐแ- ㅑ-ยา ㅒแ-ย ㅓ-อ ㅔเ- ㅕ-ยอ ㅖเ-ย ㅗโ- ㅘ-วา ㅙแ-ว ㅚเ-ว ㅛโ-ย ㅜ-ู ㅝ-วอ ㅞเ-ว ㅟ-วี ㅠ-ยู ㅡ-ือ ㅢ-ึย ㅣ-ี"
)
_THAI_CLOSED = {"-ือ": "-ึ", "-ี": "-ิ", "-า": "-ั"}
_THAI_TAILS = {"ㄱ": "ก", "ㄴ": "น", "ㄷ": "ท", "ㄹ": "ล", "ㅁ": "ม", "ㅂ": "บ", "ㅇ": "ง"}
_CYRILLIC = (
    "ㄱг ㄲкк ㄴн ㄷд ㄸтт ㄹр ㅁм ㅂб ㅃпп ㅅс ㅆсс ㅇ ㅈдж ㅉчч ㅊч ㅋк ㅌт ㅍп ㅎх "
    "ㅏа ㅐэ ㅑя ㅒйя ㅓо ㅔе ㅕё ㅖе ㅗо ㅘва ㅙвэ ㅚве ㅛё ㅜу ㅝво ㅞве ㅟви ㅠю ㅡы ㅢый ㅣи"
)
_CYRILLIC_FIRST = {"ㄱ": "к", "ㄷ": "т", "ㅂ": "п", "ㅈ": "ч"}
_CYRILLIC_TAILS = {"ㄱ": "к", "ㄴ": "н", "ㄷ": "т", "ㄹ": "ль", "ㅁ": "м", "ㅂ": "п", "ㅇ": "н"}


def _table(pairs: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in pairs.split()}


_KANA_VOWEL, _THAI_LEAD, _THAI_VOWEL, _CYRILLIC_LETTER = map(
    _table, (_KANA_VOWELS, _THAI_LEADS, _THAI_VOWELS, _CYRILLIC)
)


def propose(text: str) -> list[Spelling]:
    """Return spellings of ``text`` in other scripts, likeliest first; none for Latin, which is read everywhere."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return []
    script = script_of(text)
    if script is Script.HANGUL:
        latin = [Spelling(text=form.title()) for form in hangul.romanisations(text)[:MOST_LATIN]]
        return [
            *latin,
            Spelling(text=kana(text), script=Script.KANA),
            Spelling(text=thai(text), script=Script.THAI),
            Spelling(text=cyrillic(text).capitalize(), script=Script.CYRILLIC),
            Spelling(text=chinese(text), script=Script.HAN),
        ]
    roman = romanise(text)
    return [Spelling(text=roman.capitalize())] if script is not Script.LATIN and roman else []


def _spelt(text: str, spell: Callable[[int, str, str, str], str]) -> str:
    """Spell each Hangul syllable from its place and its jamo (lead, vowel, tail or ""); what is no Hangul stays."""
    return "".join(
        character if (parts := hangul.syllable(character)) is None else spell(place, *parts)
        for place, character in enumerate(text)
    )


def kana(text: str) -> str:
    """Spell Hangul in katakana; what is no Hangul stays."""

    def spell(place: int, lead: str, vowel: str, tail: str) -> str:
        lead = _KANA_HARD.get(lead, lead)
        first = _kana_syllable(_KANA_FIRST.get(lead, lead) if place == 0 else lead, _KANA_VOWEL[vowel])
        return first + (_KANA_TAILS[hangul.heard_last(tail)] if tail else "")

    joined = _spelt(text, spell)
    return joined + "ト" if joined.endswith("ッ") else joined


def _kana_syllable(lead: str, vowel: str) -> str:
    a, i, u, e, o = _KANA_ROWS[lead].split()
    if len(vowel) == 1:
        return {"a": a, "i": i, "u": u, "e": e, "o": o}[vowel]
    glide, sound = vowel[0], vowel[1]
    if glide == "y":
        small, alone = {"a": "ャ", "u": "ュ", "o": "ョ", "e": "ェ"}, {"a": "ヤ", "u": "ユ", "o": "ヨ", "e": "イェ"}
        return alone[sound] if lead == "ㅇ" else i[0] + small[sound]
    small, alone = {"a": "ァ", "i": "ィ", "e": "ェ", "o": "ォ"}, {"a": "ワ", "i": "ウィ", "e": "ウェ", "o": "ウォ"}
    return alone[sound] if lead == "ㅇ" else u + small[sound]


def thai(text: str) -> str:
    """Spell Hangul in Thai; what is no Hangul stays."""

    def spell(_place: int, lead: str, vowel: str, tail: str) -> str:
        form = _THAI_VOWEL[vowel]
        form = _THAI_CLOSED.get(form, form) if tail else form
        # A glide stands after the consonant, whether the vowel is written before it or behind.
        return form.replace("-", _THAI_LEAD[lead]) + (_THAI_TAILS[hangul.heard_last(tail)] if tail else "")

    return _spelt(text, spell)


def cyrillic(text: str) -> str:
    """Spell Hangul in Cyrillic (Kontsevich, simplified); what is no Hangul stays."""

    def spell(place: int, lead: str, vowel: str, tail: str) -> str:
        first = _CYRILLIC_FIRST.get(lead) if place == 0 else None
        last = _CYRILLIC_TAILS[hangul.heard_last(tail)] if tail else ""
        return (first or _CYRILLIC_LETTER[lead]) + _CYRILLIC_LETTER[vowel] + last

    return _spelt(text, spell)


def chinese(text: str) -> str:
    """Spell Hangul with the characters of names whose pinyin comes closest; what is no Hangul stays."""
    return "".join(_closest(character) if hangul.syllable(character) else character for character in text)


@lru_cache(maxsize=4096)
def _closest(syllable: str) -> str:
    wanted = hangul.romanised(syllable).replace("eu", "e").replace("eo", "o").replace("r", "l")
    return min(han.names(), key=lambda character: OSA.distance(wanted, han.pinyin(character)))
