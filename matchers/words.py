"""How ordinary a word is, so that "casino" is not taken for a misspelt "Casio"."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files

KNOWN = 333_333  # the whole list


@cache
def _ranks() -> dict[str, int]:
    """Rank of the most frequent English web words (data: wordsegment's unigrams, from the Google Web corpus)."""
    ranks: dict[str, int] = {}
    with (files("wordsegment") / "unigrams.txt").open(encoding="utf-8") as lines:
        for rank, line in enumerate(lines):
            ranks[line.split("\t", 1)[0]] = rank
    return ranks


def ordinariness(word: str) -> float:
    """Return 0 for a word nobody writes up to 1 for "the"; 0.37 at rank 3,000, 0.19 at rank 30,000."""
    rank = _ranks().get(word)
    if rank is None:
        return 0.0
    return 1.0 - math.log1p(rank) / math.log1p(KNOWN)


def is_ordinary(word: str, *, within: int = 30_000) -> bool:
    """Tell whether a word is among the ``within`` most frequent, or a number or a lone letter."""
    return word.isdigit() or len(word) == 1 or _ranks().get(word, KNOWN) < within
