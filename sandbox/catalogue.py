"""The goods of one marketplace, from a seed: the same seed gives the same offers, words, prices and pictures."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from random import Random

import attrs

from sandbox.brands import Brand, Goods
from sandbox.chance import dice, digest
from sandbox.mix import HONEST, SHARES, sit_down, unrelated
from sandbox.offers import Draft, Offer, Shop, Truth
from sandbox.photos import ENDINGS, Photo
from sandbox.profiles import PLAYED, Profile
from sandbox.shops import Shops, open_shops
from sandbox.tactics import RELIST, TACTICS, counterfeit, edit_for, relisted
from sandbox.words import category_name, kinds

FUZZY_FROM = 5  # letters from which a shop's search forgives one slip, as search engines do by default


class Catalogue:
    """The offers of one marketplace with its search.

    Args:
        profile: the marketplace.
        brands: whose goods are sold and copied.
        seed: anything; the same gives the same catalogue.
        count: how many offers.
    """

    def __init__(self, profile: Profile, brands: Sequence[Brand], seed: object, count: int) -> None:
        self.profile = profile
        shops = open_shops(profile, seed, max(8, count // 9))
        drafts = list(_drafts(profile, shops, brands, seed, count))
        dice(seed, profile.id, "order").shuffle(drafts)
        ids = _ids(profile, seed, len(drafts))
        self.offers = {
            listing_id: _listed(profile, listing_id, draft) for listing_id, draft in zip(ids, drafts, strict=True)
        }
        self.truth = tuple(_truth(profile, listing_id, draft) for listing_id, draft in zip(ids, drafts, strict=True))
        self.shops: dict[str, Shop] = {offer.shop.id: offer.shop for offer in self.offers.values()}
        self._words = {listing_id: _searched(offer) for listing_id, offer in self.offers.items()}
        self._photos = {
            name: photo
            for offer in self.offers.values()
            for name, photo in zip(self.pictures(offer), offer.photos, strict=True)
        }

    def search(self, query: str) -> list[Offer]:
        """Return offers that have every word of the query, one slip per long word forgiven; else those with any."""
        wanted = _tokens(query)
        if not wanted:
            return []
        hits = {listing_id: sum(_found(word, own) for word in wanted) for listing_id, own in self._words.items()}
        enough = len(wanted) if any(count == len(wanted) for count in hits.values()) else 1
        return [self.offers[listing_id] for listing_id, count in hits.items() if count >= enough]

    def shelf(self, category: str) -> list[Offer]:
        """Return every offer of a category."""
        return [offer for offer in self.offers.values() if offer.kind.category == category]

    def of_shop(self, shop_id: str) -> list[Offer]:
        """Return every offer of a shop."""
        return [offer for offer in self.offers.values() if offer.shop.id == shop_id]

    @property
    def categories(self) -> list[str]:
        """Every category that has a shelf."""
        return sorted({kind.category for kind in kinds()})

    def category_name(self, offer: Offer) -> str:
        """Return what the offer's shelf is called here."""
        return category_name(offer.kind.category, self.profile.languages[0][0])

    def pictures(self, offer: Offer) -> list[str]:
        """Return the file names of an offer's pictures; they tell nothing of what is in them."""
        ending = ENDINGS[self.profile.photo_format]
        return [
            f"{digest(self.profile.id, offer.listing_id, number)[:24]}.{ending}" for number in range(len(offer.photos))
        ]

    def photo(self, name: str) -> Photo | None:
        """Return the recipe behind a file name."""
        return self._photos.get(name)


def _drafts(profile: Profile, shops: Shops, brands: Sequence[Brand], seed: object, count: int) -> Iterator[Draft]:
    chance = dice(seed, profile.id, "brands")
    made = 0
    for name, share in SHARES.items():
        number = count * share // 100
        picks = list(_picks(brands, chance, number))
        if name == "counterfeit":
            yield from _counterfeits(profile, shops, picks, seed)
        else:
            for place, (brand, goods) in enumerate(picks):
                yield HONEST[name](sit_down(profile, shops, seed, name, place), brand, goods)
        made += number
    for place in range(count - made):
        yield unrelated(sit_down(profile, shops, seed, "unrelated", place))


def _picks(brands: Sequence[Brand], chance: Random, number: int) -> Iterator[tuple[Brand, Goods]]:
    """Go round the brands from a chance start, so that each has its turn."""
    start = chance.randrange(len(brands))
    for place in range(number):
        brand = brands[(start + place) % len(brands)]
        yield brand, chance.choice(brand.goods)


def _counterfeits(
    profile: Profile, shops: Shops, picks: Sequence[tuple[Brand, Goods]], seed: object
) -> Iterator[Draft]:
    """Go round the tactics; every marketplace goes on where the one before it stopped."""
    start = list(PLAYED).index(profile.id) * len(picks)
    first: Draft | None = None
    for place, (brand, goods) in enumerate(picks):
        desk = sit_down(profile, shops, seed, "counterfeit", place)
        tactic, edit = TACTICS[(start + place) % len(TACTICS)], edit_for(start + place)
        if tactic == RELIST and first is not None:
            yield relisted(desk, first, edit)
            continue
        first = counterfeit(desk, brand, goods, "brand_dropped" if tactic == RELIST else tactic, edit)
        yield first


def _ids(profile: Profile, seed: object, count: int) -> list[str]:
    chance = dice(seed, profile.id, "ids")
    ids: dict[str, None] = {}
    while len(ids) < count:
        ids[str(chance.randrange(10 ** (profile.id_digits - 1), 10**profile.id_digits))] = None
    return list(ids)


def _listed(profile: Profile, listing_id: str, draft: Draft) -> Offer:
    chance = dice(profile.id, listing_id)
    return Offer(
        listing_id=listing_id,
        shop=draft.shop,
        title=draft.title,
        description=draft.description,
        price=profile.price(draft.krw),
        list_price=profile.price(draft.struck_krw) if draft.struck_krw else None,
        kind=draft.kind,
        brand=draft.shown_brand,
        used=draft.label == "second_hand",
        language=draft.language,
        photos=draft.photos,
        sold=chance.randrange(1, 900),
        reviews=chance.randrange(1, 300),
    )


def _truth(profile: Profile, listing_id: str, draft: Draft) -> Truth:
    return Truth(
        market=profile.id,
        listing_id=listing_id,
        label=draft.label,
        brand=draft.brand,
        tactic=draft.tactic,
        edit=draft.edit if draft.tactic else None,
    )


# -- the shop's own search ---------------------------------------------------------------------------------------------


@attrs.frozen
class _Searched:
    tokens: frozenset[str]
    whole: str


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _tokens(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in _fold(text)).split()


def _searched(offer: Offer) -> _Searched:
    shelf = category_name(offer.kind.category, offer.language)
    text = " ".join(filter(None, (offer.title, offer.brand, shelf, offer.kind.noun(offer.language))))
    return _Searched(frozenset(_tokens(text)), _fold(text))


def _found(word: str, own: _Searched) -> bool:
    """A word is found as a word, as the beginning of one, anywhere where words are not spaced, or with one slip."""
    if word in own.tokens:
        return True
    if not word.isascii():
        return word in own.whole
    if len(word) < FUZZY_FROM:
        return any(token.startswith(word) for token in own.tokens) if len(word) > 2 else False  # noqa: PLR2004 (too short)
    return any(token.startswith(word) or _one_slip(word, token) for token in own.tokens)


def _one_slip(one: str, other: str) -> bool:
    """Tell whether one letter was added, left out, changed or swapped with the next; the first letter always holds."""
    if one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right or left == right[1:]
