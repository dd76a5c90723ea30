"""How surprising letters are where no mark is meant: in nats, minus the logarithm of how often they stand in titles.

What is a word people use is little surprising; of what is on no list the letters tell, each by the two before it
("glostera" reads like a word, "xqfzk" does not). A find is only as good as its letters are surprising: a misspelt mark
has to explain them better than chance does.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from matchers.words import nats, ranked

# In nats, set by hand; what they amount to is weighed by `matchers.text_weights`.
UNLISTED = 5.0  # of a word that is on no list
DIGIT = 3.0  # of a digit or sign: one of ten, and that it is one
SMOOTH = 0.5
MOST = 40.0  # beyond this nothing is any surer
MIN_PART = 3  # letters of a word in a compound; shorter "words" of the list are abbreviations
LONGEST = 32  # letters; whatever is longer is no word
JOINED = 2.0  # of two words written as one
GLUED = 4.0  # of one of the words below
DIGITS = 5.0  # of a number
ADDED = 2.0  # of letters that mean nothing, and
LETTER = 3.0  # of each of them
_GLUE = """
    the my our new best buy get super top original ori official real authentic genuine pure hot cheap sale deal deals
    shop shops store stores outlet mall market online direct global world style fashion wear shoes case cases bag bags
    kit set pack pro plus max mini grade hq aaa kr korea us usa uk eu jp sg id th vn cn club team fans fan lover lovers
    house home gift gifts collection edition series brand branded
"""
GLUE = frozenset(_GLUE.split())
_LETTERS = 27  # with the word's border as 0


@cache
def _letter_nats() -> NDArray[np.float64]:
    """Return nats by (letter before the last, last letter, letter) over the listed English web words."""
    codes = np.zeros(256, dtype=np.int64)
    codes[ord("a") : ord("z") + 1] = np.arange(1, _LETTERS)
    words = [word for word in ranked() if len(word) > 2]  # noqa: PLR2004 (shorter ones are abbreviations)
    text = codes[np.frombuffer(("  " + "  ".join(words) + "  ").encode("ascii"), dtype=np.uint8)]
    counts = np.bincount((text[:-2] * _LETTERS + text[1:-1]) * _LETTERS + text[2:], minlength=_LETTERS**3)
    three = counts.reshape(_LETTERS, _LETTERS, _LETTERS) + 0.0
    two = three.sum(axis=0) + SMOOTH
    two /= two.sum(axis=1, keepdims=True)
    three += 10.0 * SMOOTH * two[None, :, :]
    found: NDArray[np.float64] = -np.log(three / three.sum(axis=2, keepdims=True))
    return found


def surprise(word: str) -> float:
    """Return how surprising a folded Latin word is, 3 for "the" up to `MOST`, which any word beyond `LONGEST` is."""
    return _surprise(word) if len(word) <= LONGEST else MOST


@lru_cache(maxsize=65536)
def _surprise(word: str) -> float:
    return min(nats(word), spelt(word), run_together(word), MOST)


def run_together(word: str) -> float:
    """Return how surprising a word is as two or more listed words in a row ("cloudpoint"); infinity if it is not."""
    size = len(word)
    least = [0.0] + [math.inf] * size
    for end in range(MIN_PART, size + 1):
        for start in range(end - MIN_PART + 1):
            if least[start] < math.inf and end - start < len(word):
                least[end] = min(least[end], least[start] + nats(word[start:end]) + (JOINED if start else 0.0))
    return least[size]


def added(rest: str) -> float:
    """Return how surprising letters are that stand glued to a mark: least what sellers put there ("officialshop")."""
    if rest in GLUE:
        return GLUED
    digits = DIGITS if rest.isdigit() else math.inf
    return min(digits, nats(rest) + JOINED, ADDED + LETTER * len(rest))


def spelt(word: str) -> float:
    """Return how surprising the letters of a word are that stands on no list."""
    table = _letter_nats()
    total, before, last = UNLISTED, 0, 0
    for character in word:
        code = ord(character) - 96
        if not 0 < code < _LETTERS:
            total += DIGIT
            code = 0
        else:
            total += table[before, last, code]
        before, last = last, code
    return float(total + table[before, last, 0])
