"""How a romanised word sounds, coarsely: for a mark spelt by ear in another script (Сони, ซาร่า, バーバリー)."""

from __future__ import annotations

import re

from matchers.remembering import remembered

_RULES = (
    (re.compile(r"ph"), "p"),
    (re.compile(r"dg(?=[eiy])|dzh"), "s"),
    (re.compile(r"sch|tsch|tch|sh|ch|ts|dz|j|zh|sc(?=[eiy])"), "s"),
    (re.compile(r"th"), "s"),
    (re.compile(r"ng(?![aeiouy])"), "n"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"qu|ck|[cgqk]"), "k"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"[bpfv]"), "p"),
    (re.compile(r"[td]"), "t"),
    (re.compile(r"[sz]"), "s"),
    (re.compile(r"[lr]"), "l"),
    (re.compile(r"[hw]"), ""),
    (re.compile(r"[yi]+|e+"), "i"),
    (re.compile(r"[ou]+"), "u"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@remembered(65536)
def sound(roman: str) -> str:
    """Return the sound classes of a romanised word, vowels as a, i, u: "haneulbit" and "haneurubitto" come close."""
    text = roman
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


@remembered(65536)
def bones(roman: str) -> str:
    """Return the consonants of `sound`, with "a" for a leading vowel."""
    text = sound(roman)
    lead = "a" if text[:1] in {"a", "i", "u"} else ""
    return lead + re.sub(r"[aiu]", "", text)


@remembered(65536)
def soft(roman: str) -> str:
    """Return the spelling with g before e, i, y as French and Italian names have it ("Givenchy", "Gianni")."""
    return re.sub(r"g(?=[eiy])", "j", roman)
