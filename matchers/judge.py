"""The fused judgement: what all signals together say of one listing and one brand.

Log-odds are added (a naive Bayes reading with hand-set weights, `matchers.weights`), so that each signal's share can be
shown and taken away again. The probability is that of an infringement worth a person's look; the ground says which
kind the signals would support. A re-used photo proves its re-use, never by itself a counterfeit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from contracts.lexicon import Lexicon
from contracts.lexicon import lexicons as configured_lexicons
from contracts.listing import Listing
from contracts.match import BrandProfile, Ground, Mark, Match, PictureMatch, PictureRelation, Signal
from contracts.rates import ExchangeRates, exchange_rates
from matchers import price, reasons, seller, versions, weights
from matchers.scene import Scene, find_terms, find_uses, knows_product
from matchers.signals import observe
from matchers.text import MarkIndex
from matchers.wording import Wording

STRONGEST = 3  # reasons named in the sentence
NOISE = 0.15  # weights below it are not named
SUSPICIONS = frozenset(
    {"mark_disguised", "wording_copy", "wording_concealment", "wording_repack", "price", "seller_imitates"}
)


def judge(
    listing: Listing,
    brand: BrandProfile,
    *,
    today: date,
    text: MarkIndex | None = None,
    pictures: Sequence[PictureMatch] = (),
    rates: ExchangeRates | None = None,
    lexicons: Mapping[str, Lexicon] | None = None,
) -> Match | None:
    """Judge one listing against one brand; None when nothing in it speaks of the brand.

    Args:
        listing: the offer as its page showed it.
        brand: everything registered.
        today: the day on which authorisations must be in force.
        text: an index that holds at least the brand's marks; built (and kept) when absent.
        pictures: how the listing's pictures relate to registered ones; other brands' pictures are ignored.
        rates: exchange rates; the configured ones when absent.
        lexicons: wording by language; the configured ones when absent.

    Returns:
        A match whose ``probability`` is the logistic of `weights.PRIOR` plus the signals' weights; ``without`` has for
        each signal the probability the match would have had without it.
    """
    scene = look(listing, brand, today=today, text=text, pictures=pictures, rates=rates, lexicons=lexicons)
    if not scene.uses and scene.picture(PictureRelation.COPY, PictureRelation.ARTWORK) is None:
        return None
    signals = observe(scene)
    total = weights.PRIOR + sum(signal.weight for signal in signals)
    ground = ground_of(signals)
    probability = logistic(total)
    return Match(
        brand_id=brand.brand_id,
        probability=probability,
        ground=ground,
        signals=signals,
        sentence=reasons.verdict(ground, probability, [signal.reason for signal in _named(signals)]),
        without={signal.name: logistic(total - signal.weight) for signal in signals},
        version=versions.JUDGE,
    )


def look(
    listing: Listing,
    brand: BrandProfile,
    *,
    today: date,
    text: MarkIndex | None = None,
    pictures: Sequence[PictureMatch] = (),
    rates: ExchangeRates | None = None,
    lexicons: Mapping[str, Lexicon] | None = None,
) -> Scene:
    """Gather what there is to weigh, weighing nothing yet."""
    registered = {picture.image_id for picture in brand.pictures}
    own = tuple(p for p in pictures if p.reference.image_id in registered and p.relation is not PictureRelation.NONE)
    uses = find_uses(listing, brand, text or _index(brand.marks))
    shown = max((p for p in own if p.reference.product_id), key=lambda p: p.score, default=None)
    sure = shown is not None and shown.score >= weights.PICTURE_PRESENT
    return Scene(
        listing=listing,
        brand=brand,
        uses=uses,
        terms=find_terms(listing, _wording(configured_lexicons() if lexicons is None else lexicons), uses),
        standing=seller.standing(listing, brand, today),
        price=price.compare(
            listing,
            brand,
            exchange_rates() if rates is None else rates,
            product_id=shown.reference.product_id if shown and sure else None,
        ),
        pictures=own,
        product_known=knows_product(listing, brand, own),
    )


def ground_of(signals: Sequence[Signal]) -> Ground:  # noqa: PLR0911 (a short table of cases, most serious first)
    """Name the legal basis the signals would support; the sign's use comes before the picture's."""
    weight = {signal.name: signal.weight for signal in signals}
    if "authorised" in weight:
        return Ground.NONE
    suspicion = sum(max(0.0, weight.get(name, 0.0)) for name in SUSPICIONS)
    suspicion += min(0.0, weight.get("nominative", 0.0)) + min(0.0, weight.get("second_hand", 0.0))
    sign = "mark" in weight or "artwork" in weight
    if sign and suspicion >= weights.SUSPICIOUS:
        return Ground.LOOKALIKE if _only_resembles(signals, suspicion) else Ground.COUNTERFEIT
    if "photo_copy" in weight:
        return Ground.COPYRIGHT_IMAGE
    if "altered_goods" in weight or ("artwork" in weight and "brand_dropped" in weight):
        return Ground.TRADEMARK_MISUSE
    if "wording_lookalike" in weight:
        return Ground.LOOKALIKE
    if {"wording_grey", "lapsed", "elsewhere"} & weight.keys():
        return Ground.GREY_MARKET
    return Ground.NONE


def _only_resembles(signals: Sequence[Signal], suspicion: float) -> bool:
    """Tell whether all the suspicion is a word that merely resembles the mark."""
    disguise = next((signal for signal in signals if signal.name == "mark_disguised"), None)
    return disguise is not None and suspicion - disguise.weight < weights.SUSPICIOUS and disguise.weight <= weights.TYPO


def _named(signals: Sequence[Signal]) -> list[Signal]:
    ordered = sorted(signals, key=lambda signal: -abs(signal.weight))
    return [signal for signal in ordered if abs(signal.weight) >= NOISE][:STRONGEST] or ordered[:1]


def logistic(log_odds: float) -> float:
    """Turn log-odds into a probability."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))


@lru_cache(maxsize=256)
def _index(marks: tuple[Mark, ...]) -> MarkIndex:
    return MarkIndex(marks)


_compiled: dict[int, tuple[Mapping[str, Lexicon], Wording]] = {}


def _wording(lexicons: Mapping[str, Lexicon]) -> Wording:
    """Return the lexicons ready for reading; compiled once per mapping, which is kept so that its id stays its own."""
    if id(lexicons) not in _compiled:
        _compiled.clear()
        _compiled[id(lexicons)] = (lexicons, Wording(lexicons))
    return _compiled[id(lexicons)][1]
