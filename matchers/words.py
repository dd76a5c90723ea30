"""How ordinary a word is, so that "casino" is not taken for a misspelt "Casio" and "Kreme" needs more than "krem"."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from contracts.config import CONFIG_DIR
from contracts.errors import BadInput
from matchers.folding import fold

KNOWN = 333_333  # the whole English list
ORDINARY = 30_000  # ranks
EVERYDAY = 1_000
LISTED = 13.5  # nats of an English word at rank 30,000; what words of other languages count as
WORDS_DIR = CONFIG_DIR / "words"
CLDR_DIR = WORDS_DIR / "cldr"


@cache
def _ranks() -> dict[str, int]:
    """Rank of the most frequent English web words (data: wordsegment's unigrams, from the Google Web corpus)."""
    return {line.partition("\t")[0]: rank for rank, line in enumerate(_lines())}


def _lines() -> list[str]:
    return (files("wordsegment") / "unigrams.txt").read_text(encoding="utf-8").splitlines()


def ranked() -> Iterable[str]:
    """Return the English web words, the most frequent first."""
    return _ranks()


@cache
def _nats() -> tuple[float, ...]:
    counts = [float(line.rpartition("\t")[2]) for line in _lines()]
    total = sum(counts)
    return tuple(math.log(total / count) for count in counts)


def nats(word: str) -> float:
    """Return minus the logarithm of how often a listed word is used; infinity for a word on no list."""
    rank = _ranks().get(word)
    listed = _nats()[rank] if rank is not None else math.inf
    return min(listed, LISTED) if word in _ordinary() else listed


@cache
def shop_words() -> dict[str, frozenset[str]]:
    """Return by language the words that stand in very many titles (``config/words/<language>.txt``), folded.

    Raises `BadInput` naming the file that cannot be read.
    """
    return {code: frozenset(fold(word).text for word in words) for code, words in _lists(WORDS_DIR)}


@cache
def things() -> dict[str, frozenset[str]]:
    """Return by language the names of everyday things (Unicode's annotations, ``config/words/cldr``), folded."""
    return {code: frozenset(words) for code, words in _lists(CLDR_DIR)}


def _lists(folder: Path) -> Iterator[tuple[str, list[str]]]:
    for path in sorted(folder.glob("*.txt")):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(str(path), "(file)", "readable text in UTF-8", str(error)) from None
        yield path.stem, " ".join(line for line in lines if not line.startswith("#")).split()


@cache
def _ordinary() -> frozenset[str]:
    english = frozenset(word for word, rank in _ranks().items() if rank < ORDINARY)
    return english.union(*shop_words().values(), *things().values())


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
