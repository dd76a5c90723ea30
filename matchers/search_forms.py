"""Further ways a title is read, as plain text: for an index that finds candidates by letters and knows nothing else.

A search for letters overlooks a mark in look-alike letters or digits, and one that is spelt by ear in another script;
the text matcher finds both. `forms_of_title` writes down what it would see, so that the same index finds them too:
give it the forms of a title beside the title, and ask it for the forms of a mark.
"""

from __future__ import annotations

import re
import unicodedata

from matchers.folding import lookalike, romanise, skeleton
from matchers.phonetic import bones
from matchers.proposals import propose
from matchers.spellings import derived_forms

MIN_SPOKEN = 3  # consonants; two fit every other word
MIN_DRAWN = 4  # letters; shorter ones are matched as they stand
# Sounds are written in Ogham, so that they are never taken for a title's own letters.
_OGHAM = {ord("a") + number: 0x1681 + number for number in range(26)}
_RUN = re.compile(r"\w+")


def forms_of_title(title: str) -> tuple[str, ...]:
    """Return how a title reads by the shapes of its letters, and how its words in other scripts sound."""
    foreign = " ".join(run for run in _runs(title) if not lookalike(run).isascii())
    return tuple(reading for reading in (_drawn(title), _spoken(foreign)) if reading)


def readings_of_mark(spelling: str) -> tuple[str, ...]:
    """Return what to look for among the readings of titles: the spelling as it is drawn, and as it sounds."""
    return tuple(reading for reading in (_drawn(spelling), _spoken(spelling)) if reading)


def forms_of_mark(spelling: str) -> tuple[str, ...]:
    """Return every form of a spelling to look for: itself, its readings, and how it may be written elsewhere."""
    elsewhere = (*derived_forms(spelling), *(proposed.text for proposed in propose(spelling)))
    return tuple(dict.fromkeys((spelling, *readings_of_mark(spelling), *elsewhere)))


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text))


def _drawn(text: str) -> str:
    words = [skeleton(lookalike(word)) for word in text.split()]
    return " ".join(
        word for word in words if sum(letter.isalnum() and letter.isascii() for letter in word) >= MIN_DRAWN
    )


def _spoken(text: str) -> str:
    sounds = [bones(romanise(run)) for run in _runs(text)]
    return " ".join(sound.translate(_OGHAM) for sound in sounds if len(sound) >= MIN_SPOKEN)
