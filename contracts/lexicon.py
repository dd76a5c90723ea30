"""Wording lexicons: ``config/lexicons/<language>.toml``. Terms that speak for or against a copy, with their source."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from contracts.config import CONFIG_DIR, Confidence, Language, Strict, load
from contracts.errors import BadInput


class Sense(StrEnum):
    """What a term says."""

    COPY = "copy"  # the seller practically admits a copy
    CONCEALMENT = "concealment"  # the mark is hidden or swapped
    LOOKALIKE = "lookalike"
    GREY = "grey"  # surplus, parallel import, hand-carried
    REPACK = "repack"  # decants, testers, refills
    DISCREET = "discreet"  # leaves no trail: no invoice, plain parcels, orders by message
    COMPATIBLE = "compatible"  # negative: nominative use
    SECOND_HAND = "second_hand"  # negative
    GENUINE_CLAIM = "genuine_claim"  # noise: everybody claims it
    DENIAL = "denial"  # negative: warns of fakes or guarantees against them


class Reliability(StrEnum):
    """How much a term weighs once the mark or the picture is there too."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Beside(StrEnum):
    """Where a mark must stand for a term to count at all."""

    ANYWHERE = "anywhere"
    BEFORE_MARK = "before_mark"  # the term directly before the mark: "for", "pour", "untuk"
    AFTER_MARK = "after_mark"  # directly after it: "용", "専用"


class Term(Strict):
    """One term. ``patterns`` are literal by default; with ``regex`` they are regular expressions on folded text."""

    term: str
    patterns: tuple[str, ...] = ()
    regex: bool = False
    sense: Sense
    reliability: Reliability
    meaning: str = ""
    beside: Beside = Beside.ANYWHERE
    exceptions: tuple[str, ...] = ()  # phrases in which the term means something else
    categories: tuple[str, ...] = ()  # only in these goods; empty: everywhere
    source: str = ""
    confidence: Confidence = Confidence.UNVERIFIED


class Lexicon(Strict):
    """The terms of one language."""

    language: Language
    spaced: bool  # words are separated by spaces: match at word borders
    negations: tuple[str, ...] = ()  # "no", "not", "beware of": within three words before a term they turn it
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]


@cache
def lexicons(folder: Path = CONFIG_DIR / "lexicons") -> dict[str, Lexicon]:
    """Return every lexicon by language; the file name must be the language."""
    found: dict[str, Lexicon] = {}
    for path in sorted(folder.glob("*.toml")):
        lexicon = load(path, Lexicon)
        if path.stem != lexicon.language:
            raise BadInput(str(path), "language", f"the file's name, {path.stem!r}", lexicon.language)
        found[lexicon.language] = lexicon
    return found
