"""Offers that repeat one a person decided about: nearly the same title, or the same picture."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from rapidfuzz import fuzz

from contracts.listing import Listing
from contracts.match import BrandProfile, PictureMatch, PictureRelation, Relisted
from matchers import weights
from matchers.folding import fold

SAME = 95  # RapidFuzz's partial ratio from which words are the same ones
LEAST = 25  # characters; shorter titles are alike by chance
GROWN = 0.6  # least share of the longer title: words are put before or behind, not a whole story around
# Letters beside the marks and the products' names that make a title its seller's own. In the sandbox (2026-11-27, two
# seeds, all its counterfeits taken as decided) 2 of 1,200 resellers and 20 of 46 relists are known by their titles.
OWN_LETTERS = 16
MOST = 300  # characters of a title that are compared


def comparable(title: str) -> str:
    """Return a title as titles are compared: folded, its spaces alike, cut; "" where it is too short to tell."""
    text = " ".join(fold(title[:MOST]).text.split())
    return text if len(text) >= LEAST else ""


def same_words(one: str, other: str) -> bool:
    """Tell whether two titles that `comparable` gave say the same, be it with a few words more."""
    if not one or not other:
        return False
    short, long = sorted((len(one), len(other)))
    return short >= GROWN * long and fuzz.partial_ratio(one, other, score_cutoff=SAME) > 0


def repeated(
    relists: Sequence[Relisted], listing: Listing, brand: BrandProfile, pictures: Sequence[PictureMatch]
) -> Relisted | None:
    """Return the earlier listing that this one repeats most, without what honest sellers share with anybody.

    That is the brand's own photo, which everyone re-uses, and a title that says no more than what the product is.
    """
    registered = {
        picture.listing_sha256
        for picture in pictures
        if picture.relation is PictureRelation.COPY and picture.score >= weights.PICTURE_PRESENT
    }
    left = [
        attrs.evolve(
            relist,
            title=relist.title if _is_own(relist.title, brand) and _is_own(listing.title, brand) else "",
            pictures=tuple(sha256 for sha256 in relist.pictures if sha256 not in registered),
        )
        for relist in relists
    ]
    telling = [relist for relist in left if relist.title or relist.pictures]
    return max(telling, key=lambda relist: (relist.share, relist.decided_on), default=None)


def _is_own(title: str, brand: BrandProfile) -> bool:
    """Tell whether enough of a title is left without the brand's marks, products and keywords."""
    names = [spelling.text for mark in brand.marks for spelling in mark.spellings]
    names += [text for product in brand.products for text in (product.name, *product.keywords)]
    text = fold(title).text
    for word in sorted({word for name in names for word in fold(name).text.split()}, key=len, reverse=True):
        text = text.replace(word, " ")
    return sum(character.isalnum() for character in text) >= OWN_LETTERS
