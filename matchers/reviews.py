"""What buyers write below an offer: whether they call the goods a fake."""

from __future__ import annotations

import re

from contracts.lexicon import Beside, Sense
from contracts.listing import MOST_REVIEWS, Listing
from matchers.wording import Hit, Wording, languages_for

# What turns "original" or "정품" around before it or, in Korean and Japanese, behind it. Unverified general knowledge,
# to be read by native speakers.
_NOT_BEFORE = re.compile(
    r"(?:\bnot?\b|n['’]t\b|\b(?:nicht|kein\w*|pas|non|nie|bukan|tidak|không)\b|ไม่|非|不)", re.IGNORECASE
)
_NOT_BEHIND = re.compile(r"아니|아닙|아님|아닌|ではな|じゃな")
NEAR = 14  # characters around a word for the real thing in which it may be turned around


def calling_it_fake(listing: Listing, wording: Wording) -> tuple[str, ...]:
    """Return for each review that calls the goods a copy the words it does so with.

    A review that also speaks for the goods ("not fake", "thought it was a copy, but 100 % authentic") or asks ("is it
    fake?") says nothing; neither do words that need a mark or some goods beside them.
    """
    found = (_word(text, listing, wording) for text in listing.reviews[:MOST_REVIEWS])
    return tuple(word for word in found if word)


def _word(text: str, listing: Listing, wording: Wording) -> str:
    hits = wording.find(text, languages_for(text, language=listing.language, site=listing.site))
    if any(hit.negated or hit.term.sense is Sense.DENIAL or _praises(text, hit) for hit in hits):
        return ""
    return next((hit.words for hit in hits if _says_copy(hit) and not _asks(text, hit)), "")


def _says_copy(hit: Hit) -> bool:
    term = hit.term
    plain = term.beside is Beside.ANYWHERE and not term.categories
    return term.sense is Sense.COPY and term.reliability != "low" and plain


def _praises(text: str, hit: Hit) -> bool:
    """Tell whether the words call the goods the real thing."""
    return (
        hit.term.sense is Sense.GENUINE_CLAIM
        and not _NOT_BEFORE.search(text[max(0, hit.start - NEAR) : hit.start])
        and not _NOT_BEHIND.search(text[hit.end : hit.end + NEAR])
    )


def _asks(text: str, hit: Hit) -> bool:
    """Tell whether the sentence that the words stand in is a question."""
    end = min((at for mark in ".!?。！？\n" if (at := text.find(mark, hit.end)) >= 0), default=-1)
    return end >= 0 and text[end] in "?？"
