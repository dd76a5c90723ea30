"""The fused judgement: what all signals together say of one listing and one brand.

Log-odds are added (a naive Bayes reading with hand-set weights, `matchers.weights`), so that each signal's share can be
shown and taken away again. The probability is that of an infringement worth a person's look; the ground says which
kind the signals would support. A re-used photo proves its re-use, never by itself a counterfeit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

import attrs

from contracts.lexicon import Lexicon
from contracts.lexicon import lexicons as configured_lexicons
from contracts.listing import Listing
from contracts.match import BrandProfile, Ground, Mark, Match, PictureMatch, ReadText, Relisted, SellerRecord, Signal
from contracts.rates import ExchangeRates, exchange_rates
from matchers import goods, price, reasons, seller, versions, weights
from matchers.odds import logistic
from matchers.relisting import repeated
from matchers.reviews import calling_it_fake
from matchers.scene import MarkUse, Scene, find_shown, find_terms, find_uses, knows_product
from matchers.signals import observe
from matchers.text import MarkIndex
from matchers.weights import HOUSE, Weighting
from matchers.wording import Wording

STRONGEST = 3  # reasons named in the sentence
NOISE = 0.15  # weights below it are not named
SUSPICIONS = frozenset(
    {
        "mark_disguised",
        "concealment",
        "photo_mirrored",
        "wording_copy",
        "wording_concealment",
        "wording_repack",
        "price",
        "seller_imitates",
        "seller_strikes",
        "seller_suspected",
        "relist",
        "reviews_say_fake",
        "shipped_elsewhere",
    }
)


class Judge:
    """Judges listings against brands; everything that can be prepared once is.

    Args:
        brands: everything registered of each brand; mark ids are unique over all of them.
        today: the day on which authorisations must be in force.
        text: an index that holds at least the brands' marks; built when absent.
        rates: exchange rates; the configured ones when absent.
        lexicons: wording by language; the configured ones when absent.
        weightings: by brand id, the weights its organisation learned; the house's when absent.
        own: by brand id, the lexicon of words its organisation added.
        peers: by brand id, the brands whose marks in the listing's words may speak against it; all when absent.
    """

    def __init__(
        self,
        brands: Iterable[BrandProfile],
        *,
        today: date,
        text: MarkIndex | None = None,
        rates: ExchangeRates | None = None,
        lexicons: Mapping[str, Lexicon] | None = None,
        weightings: Mapping[str, Weighting] | None = None,
        own: Mapping[str, Lexicon] | None = None,
        peers: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._weightings = weightings or {}
        self._peers = peers
        self.brands = {brand.brand_id: brand for brand in brands}
        self.today = today
        self.rates = exchange_rates() if rates is None else rates
        self._index = text or MarkIndex([mark for brand in self.brands.values() for mark in brand.marks])
        self._wording = wording_of(configured_lexicons() if lexicons is None else lexicons)
        self._own = {key: self._wording.with_own(lexicon) for key, lexicon in (own or {}).items()}
        self._owners = {mark.mark_id: brand.brand_id for brand in self.brands.values() for mark in brand.marks}

    def named(self, listing: Listing, texts: Sequence[ReadText] = ()) -> set[str]:
        """Return the ids of the brands that the listing's words speak of, and those read in its pictures."""
        uses = (*find_uses(listing, self._index), *find_shown(texts, self._index))
        return {self._owners[use.match.mark_id] for use in uses if use.match.mark_id in self._owners}

    def judge(
        self,
        listing: Listing,
        *,
        brands: Collection[str] | None = None,
        pictures: Mapping[str, Sequence[PictureMatch]] | None = None,
        texts: Sequence[ReadText] = (),
        records: Mapping[str, SellerRecord] | None = None,
        relists: Mapping[str, Sequence[Relisted]] | None = None,
    ) -> list[Match]:
        """Return a match for each brand that something in the listing speaks of, the surest first.

        Args:
            listing: the offer as its page showed it.
            brands: the ids of the brands asked about; all when absent.
            pictures: by brand id, how the listing's pictures relate to the brand's registered ones.
            texts: what was read in the listing's pictures.
            records: by brand id, what is known of the listing's seller.
            relists: by brand id, decided counterfeits that the listing repeats.
        """
        uses = (*find_uses(listing, self._index), *find_shown(texts, self._index))
        pictures, records, relists = pictures or {}, records or {}, relists or {}
        spoken_of = {self._owners[use.match.mark_id] for use in uses if use.match.mark_id in self._owners}
        spoken_of |= {*pictures, *relists}
        asked = [key for key in self.brands if key in spoken_of and (brands is None or key in brands)]
        scenes = [
            attrs.evolve(
                self._look(listing, self.brands[key], uses, pictures.get(key, ()), texts),
                record=records.get(key, SellerRecord()),
                repeated=repeated(relists.get(key, ()), listing, self.brands[key], pictures.get(key, ())),
            )
            for key in asked
        ]
        found = [
            fuse(scene.brand.brand_id, observe(scene), self.weighting_of(scene.brand.brand_id))
            for scene in scenes
            if scene.speaks_of_brand()
        ]
        return sorted(found, key=lambda match: -match.probability)

    def silent(self, brand_id: str) -> Match:
        """Return the match of a listing in which nothing speaks of the brand: the prior, and no signal."""
        return fuse(brand_id, (), self.weighting_of(brand_id))

    def _may_speak(self, use: MarkUse, *, against: str) -> bool:
        return self._peers is None or self._owners.get(use.match.mark_id) in self._peers[against]

    def weighting_of(self, brand_id: str) -> Weighting:
        """Return the weights a brand is judged by."""
        return self._weightings.get(brand_id, HOUSE)

    def _look(
        self,
        listing: Listing,
        brand: BrandProfile,
        uses: Sequence[MarkUse],
        pictures: Sequence[PictureMatch],
        texts: Sequence[ReadText],
    ) -> Scene:
        """Gather what there is to weigh, weighing nothing yet."""
        own = {mark.mark_id for mark in brand.marks}
        others = tuple(
            use for use in uses if use.match.mark_id not in own and self._may_speak(use, against=brand.brand_id)
        )
        uses = [use for use in uses if use.match.mark_id in own]
        written = tuple(use for use in uses if use.read is None)
        seen = max(
            (p for p in pictures if p.reference.product_id and p.score >= weights.PICTURE_PRESENT),
            key=lambda p: p.score,
            default=None,
        )
        compared = price.compare(listing, brand, self.rates, product_id=seen.reference.product_id if seen else None)
        return Scene(
            listing=listing,
            brand=brand,
            uses=written,
            shown=tuple(use for use in uses if use.read is not None),
            others=others,
            terms=find_terms(listing, self._own.get(brand.brand_id, self._wording), written, texts),
            standing=seller.standing(listing, brand, self.today),
            age=seller.age(listing, self.today),
            price=compared,
            classes=goods.classes(listing, brand, self.today, compared.product if compared and compared.sure else None),
            pictures=tuple(pictures),
            texts=tuple(texts),
            product_known=knows_product(listing, brand, pictures),
            complaints=calling_it_fake(listing, self._wording),
        )


def judge(
    listing: Listing,
    brand: BrandProfile,
    *,
    today: date,
    text: MarkIndex | None = None,
    pictures: Sequence[PictureMatch] = (),
    texts: Sequence[ReadText] = (),
    rates: ExchangeRates | None = None,
    lexicons: Mapping[str, Lexicon] | None = None,
) -> Match | None:
    """Judge one listing against one brand; None when nothing in it speaks of the brand. See `Judge` for many."""
    one = Judge([brand], today=today, text=text or _index(brand.marks), rates=rates, lexicons=lexicons)
    shown = {brand.brand_id: pictures} if pictures else None
    return next(iter(one.judge(listing, pictures=shown, texts=texts)), None)


def fuse(brand_id: str, signals: tuple[Signal, ...], weighting: Weighting = HOUSE) -> Match:
    """Add the signals up.

    Args:
        brand_id: the brand asked about.
        signals: what was observed, with the house's weights.
        weighting: whose factors they are multiplied by.

    Returns:
        A match whose ``probability`` is the logistic of the prior plus the signals' weights; ``without`` has for each
        signal the probability the match would have had without it.
    """
    signals = tuple(
        attrs.evolve(signal, weight=round(signal.weight * weighting.factor(signal.name), 3)) for signal in signals
    )
    total = weighting.prior + sum(signal.weight for signal in signals)
    ground = ground_of({signal.name: signal.weight for signal in signals})
    probability = logistic(total)
    return Match(
        brand_id=brand_id,
        probability=probability,
        ground=ground,
        signals=signals,
        sentence=reasons.verdict(ground, probability, [signal.reason for signal in _named(signals)]),
        without={signal.name: logistic(total - signal.weight) for signal in signals},
        version=f"{versions.JUDGE}/{weighting.version}",
    )


def ground_of(weight: Mapping[str, float]) -> Ground:  # noqa: PLR0911 (a short table of cases, most serious first)
    """Name the legal basis that signals, by name with their weight, would support; the sign before the picture."""
    if "authorised" in weight:
        return Ground.NONE
    suspicion = sum(max(0.0, weight.get(name, 0.0)) for name in SUSPICIONS)
    # A label in a photo proves no copy; where something else is suspicious, that the words avoid the mark counts too.
    if suspicion + sum(weight.get(name, 0.0) for name in ("wording_discreet", "altered_goods")) >= weights.SUSPICIOUS:
        suspicion += max(0.0, weight.get("text_in_image", 0.0))
    suspicion += min(0.0, weight.get("nominative", 0.0)) + min(0.0, weight.get("second_hand", 0.0))
    sign = bool({"mark", "artwork", "text_in_image", "relist"} & weight.keys())
    if sign and suspicion >= weights.SUSPICIOUS:
        return Ground.LOOKALIKE if _only_resembles(weight, suspicion) else Ground.COUNTERFEIT
    if "photo_copy" in weight:
        return Ground.COPYRIGHT_IMAGE
    hidden = weight.get("text_in_image", 0.0) >= weights.SUSPICIOUS or {"artwork", "brand_dropped"} <= weight.keys()
    if hidden or {"altered_goods", "foreign_goods"} & weight.keys():
        return Ground.TRADEMARK_MISUSE
    if "wording_lookalike" in weight:
        return Ground.LOOKALIKE
    if {"wording_grey", "lapsed", "elsewhere"} & weight.keys():
        return Ground.GREY_MARKET
    return Ground.NONE


def _only_resembles(weight: Mapping[str, float], suspicion: float) -> bool:
    """Tell whether all the suspicion is a word that merely resembles the mark."""
    disguise = weight.get("mark_disguised")
    return disguise is not None and suspicion - disguise < weights.SUSPICIOUS and disguise <= weights.TYPO


def _named(signals: Sequence[Signal]) -> list[Signal]:
    ordered = sorted(signals, key=lambda signal: -abs(signal.weight))
    return [signal for signal in ordered if abs(signal.weight) >= NOISE][:STRONGEST] or ordered[:1]


@lru_cache(maxsize=256)
def _index(marks: tuple[Mark, ...]) -> MarkIndex:
    return MarkIndex(marks)


_compiled: dict[int, tuple[Mapping[str, Lexicon], Wording]] = {}


def wording_of(lexicons: Mapping[str, Lexicon]) -> Wording:
    """Return the lexicons ready for reading; compiled once per mapping, which is kept so that its id stays its own."""
    if id(lexicons) not in _compiled:
        _compiled.clear()
        _compiled[id(lexicons)] = (lexicons, Wording(lexicons))
    return _compiled[id(lexicons)][1]
