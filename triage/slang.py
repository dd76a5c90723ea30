"""Titles that an organisation's people decided about, as slang is looked for in them, and the words it has read."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import F

from accounts.models import Organisation
from contracts.goods import goods
from contracts.lexicon import Lexicon, Reliability, Sense, Term
from contracts.lexicon import lexicons as configured_lexicons
from contracts.match import BrandProfile
from contracts.verdict import RIGHT, VerdictKind
from listings.models import Listing
from matchers.judge import wording_of
from matchers.slang import Candidate, Said, propose
from matchers.text import MarkIndex
from registry.models import Brand
from registry.queries import profiles
from triage.models import LearnedTerm, Verdict
from triage.states import TermState, VerdictState

DECIDED = 5000  # verdicts that are read, the newest
ORDINARY = 5000  # listings without a flag that counterfeits are compared with, the newest
OWN = "own"  # in place of a language: an organisation's own words, read in every one


def candidates_of(organisation: Organisation) -> list[Candidate]:
    """Return phrases that the organisation's counterfeits are worded with and that nobody decided about yet.

    Compared are titles of listings decided to be no infringement and of those found for it that were never flagged.
    """
    brands = profiles(Brand.objects.filter(organisation=organisation))
    marks = MarkIndex([mark for brand in brands for mark in brand.marks])
    decided = LearnedTerm.objects.filter(organisation=organisation).exclude(state=TermState.PROPOSED)
    return propose(
        _said(organisation, marks),
        wording_of(configured_lexicons()),
        known=list(_names(brands)),
        decided=list(decided.values_list("text", flat=True)),
    )


def own_lexicons(organisations: Collection[int]) -> dict[int, Lexicon]:
    """Return the words in use by key of the organisation, for those that have any. One query."""
    terms: dict[int, list[Term]] = {}
    rows = LearnedTerm.objects.filter(organisation__in=organisations, state=TermState.ACTIVE).order_by("pk")
    for organisation, text in rows.values_list("organisation", "text"):
        term = Term(term=text, sense=Sense.COPY, reliability=Reliability.MEDIUM, source="verdicts")
        terms.setdefault(organisation, []).append(term)
    return {key: Lexicon(language=OWN, spaced=True, terms=tuple(found)) for key, found in terms.items()}


def _names(brands: Collection[BrandProfile]) -> Iterator[str]:
    for brand in brands:
        yield brand.name
        for product in brand.products:
            yield from (product.name, *product.keywords)
    for kind in goods():
        yield from kind.all_words


def _said(organisation: Organisation, marks: MarkIndex) -> Iterator[Said]:
    """Yield titles. Of counterfeits only those that name a mark: the words are to count beside one."""
    verdicts = Verdict.objects.filter(
        state=VerdictState.STANDING,
        kind__in=RIGHT,
        fingerprint=F("flag__fingerprint"),
        flag__brand__organisation=organisation,
    )
    of_listing = ("title", "market", "seller", "listing_id")
    rows = verdicts.values_list("kind", *(f"flag__listing__{name}" for name in of_listing))
    for kind, *listing in rows.order_by("-pk")[:DECIDED]:
        fake = kind == VerdictKind.COUNTERFEIT
        if fake or not RIGHT[VerdictKind(kind)]:
            said, named = _titled(*listing, marks, fake=fake)
            if named or not fake:
                yield said
    plain = Listing.objects.filter(sightings__organisation=organisation)
    plain = plain.exclude(flags__brand__organisation=organisation).order_by("-pk")
    for listing in plain.values_list(*of_listing)[:ORDINARY]:
        yield _titled(*listing, marks, fake=False)[0]


def _titled(
    title: str, market: str, seller: int | None, listing_id: str, marks: MarkIndex, *, fake: bool
) -> tuple[Said, bool]:
    """Return a title without the marks in it, however they are written, and whether there were any."""
    found = marks.search(title)
    for match in found:
        title = title.replace(match.words, " | ")
    return Said(title=title, seller=str(seller or f"{market}/{listing_id}"), fake=fake), bool(found)
