"""How ordinary a word is, so that "casino" is not taken for a misspelt "Casio" and "Kreme" needs more than "krem"."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files

from contracts.config import CONFIG_DIR
from contracts.errors import BadInput
from matchers.folding import fold

KNOWN = 333_333  # the whole English list
ORDINARY = 30_000  # ranks
EVERYDAY = 1_000
WORDS_DIR = CONFIG_DIR / "words"


@cache
def _ranks() -> dict[str, int]:
    """Rank of the most frequent English web words (data: wordsegment's unigrams, from the Google Web corpus)."""
    ranks: dict[str, int] = {}
    with (files("wordsegment") / "unigrams.txt").open(encoding="utf-8") as lines:
        for rank, line in enumerate(lines):
            ranks[line.split("\t", 1)[0]] = rank
    return ranks


@cache
def shop_words() -> dict[str, frozenset[str]]:
    """Return by language the words that stand in very many titles (``config/words/<language>.txt``), folded.

    Raises `BadInput` naming the file that cannot be read.
    """
    found = {}
    for path in sorted(WORDS_DIR.glob("*.txt")):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(str(path), "(file)", "readable text in UTF-8", str(error)) from None
        words = " ".join(line for line in lines if not line.startswith("#")).split()
        found[path.stem] = frozenset(fold(word).text for word in words)
    return found


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(word for word, rank in _ranks().items() if rank < ORDINARY).union(*shop_words().values())


@cache
def _everyday() -> frozenset[str]:
    return frozenset(word for word, rank in _ranks().items() if rank < EVERYDAY).union(*shop_words().values())


def ordinariness(word: str) -> float:
    """Return 0 for a word nobody writes up to 1 for "the"; 0.37 at rank 3,000, 0.19 at rank 30,000.

    A word of another language's list counts like an English one at rank 3,000.
    """
    rank = _ranks().get(word, KNOWN)
    if word in _ordinary():
        rank = min(rank, 3_000) if rank >= ORDINARY else rank
    return 1.0 - math.log1p(rank) / math.log1p(KNOWN)


def is_ordinary(word: str) -> bool:
    """Tell whether a word is among the 30,000 most frequent, a shop's word in any language, a number or a letter."""
    return word in _ordinary() or len(word) == 1 or word.isdigit()


def is_everyday(word: str) -> bool:
    """Tell whether a word stands in so many titles that as a name it needs context."""
    return word in _everyday()
