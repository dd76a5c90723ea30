"""Honest trade: what ordinary shops, brand shops, resellers and private sellers put on a marketplace."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import attrs

from sandbox.brands import Brand, Goods
from sandbox.chance import dice
from sandbox.disguise import innocent
from sandbox.offers import Draft, Label, Shop
from sandbox.photos import Drawn, Photo
from sandbox.profiles import Profile
from sandbox.shops import Shops, brand_shop
from sandbox.words import Kind, Words, kinds, words

# Shares of a marketplace, in per cent; unrelated goods are the rest, counterfeits at most five.
SHARES = {
    "counterfeit": 5,
    "genuine": 5,
    "authorised": 4,
    "reseller": 8,
    "warning": 2,
    "second_hand": 6,
    "compatible": 6,
    "lookalike": 7,
}


@attrs.frozen(kw_only=True)
class Desk:
    """Where one offer is written: on which marketplace, in which language, with which luck."""

    profile: Profile
    shops: Shops
    language: str
    chance: Random
    seed: str

    @property
    def words(self) -> Words:
        """The seller's language."""
        return words(self.language)

    def shop(self, *, shady: bool = False) -> Shop:
        """Pick a seller who writes this language."""
        return self.chance.choice(self.shops.in_language(self.language, shady=shady))

    def fill(
        self, template: str, kind: Kind, brand: Brand | None = None, goods: Goods | None = None, **more: str
    ) -> str:
        """Write one template out."""
        given = {
            "noun": kind.noun(self.language),
            "brand": brand.name if brand else "",
            "local": brand.local_name(self.language) if brand else "",
            "product": goods.name if goods else "",
            **{
                name: self.chance.choice(self.words[plural])
                for name, plural in (
                    ("maker", "makers"),
                    ("adjective", "adjectives"),
                    ("extra", "extras"),
                    ("accessory", "accessories"),
                )
            },
            **more,
        }
        text = " ".join(template.format_map(given).split())
        return text[:1].upper() + text[1:]

    def title(self, template_list: str, kind: Kind, brand: Brand | None = None, goods: Goods | None = None) -> str:
        """Write a title by one of the templates of this name."""
        return self.fill(self.chance.choice(self.words[template_list]), kind, brand, goods)

    def description(self, label: str, kind: Kind) -> str:
        """Write what stands below the offer."""
        return self.fill(self.chance.choice(self.words.description(label)), kind)

    def spread(self, low: float, high: float) -> float:
        """Pick a factor between ``low`` and ``high``."""
        return self.chance.uniform(low, high)


def sit_down(profile: Profile, shops: Shops, *seed: object) -> Desk:
    """Prepare a desk for one offer."""
    chance = dice(profile.id, *seed)
    names, weights = zip(*profile.languages, strict=True)
    key = "/".join(str(part) for part in (profile.id, *seed))
    return Desk(profile=profile, shops=shops, language=chance.choices(names, weights)[0], chance=chance, seed=key)


def own_photo(desk: Desk, goods: Goods) -> Photo:
    """A picture the seller took of the thing itself."""
    return Photo(source=desk.chance.choice(goods.photos), seed=desk.seed, at_home=True)


def brand_photo(desk: Desk, goods: Goods) -> Photo:
    """A picture of the brand's, taken over as it is."""
    return Photo(source=desk.chance.choice(goods.photos), seed=desk.seed)


def unrelated(desk: Desk) -> Draft:
    """Goods that have nothing to do with any brand; a few shady shops sell them too, as cover."""
    kind = desk.chance.choice(kinds())
    shady = desk.chance.random() < 0.08  # noqa: PLR2004 (as many as their share of the shops)
    photos = [
        Photo(source=Drawn(shape=kind.shape, seed=desk.seed), seed=f"{desk.seed}/{number}", at_home=number > 0)
        for number in range(desk.chance.choice([1, 1, 2]))
    ]
    krw = desk.spread(*kind.price)
    return Draft(
        label=Label.UNRELATED,
        shop=desk.shop(shady=shady),
        title=desk.title("unrelated", kind),
        description=desk.description("unrelated", kind),
        krw=krw,
        struck_krw=krw * 1.3 if desk.chance.random() < 0.2 else None,  # noqa: PLR2004 (one in five on sale)
        kind=kind,
        language=desk.language,
        photos=tuple(photos),
    )


def genuine(desk: Desk, brand: Brand, goods: Goods) -> Draft:
    """The brand's own shop."""
    return _by_brand_shop(desk, brand, goods, own=True)


def authorised(desk: Desk, brand: Brand, goods: Goods) -> Draft:
    """A shop the brand authorised; its own where there is no other here."""
    return _by_brand_shop(desk, brand, goods, own=False)


def _by_brand_shop(desk: Desk, brand: Brand, goods: Goods, *, own: bool) -> Draft:
    shop = brand_shop(brand, desk.profile, own=own)
    label = Label.GENUINE if own else Label.AUTHORISED
    if shop is None:
        shop = brand_shop(brand, desk.profile, own=not own)
        label = Label.AUTHORISED if own else Label.GENUINE
    if shop is None:
        return reseller(desk, brand, goods)
    return Draft(
        label=label,
        shop=shop,
        title=desk.title("genuine", goods.kind, brand, goods),
        description=desk.description("genuine", goods.kind),
        krw=goods.krw * desk.spread(0.96, 1.06),
        kind=goods.kind,
        language=desk.language,
        photos=(brand_photo(desk, goods),),
        brand=brand.slug,
        shown_brand=brand.name,
    )


def reseller(desk: Desk, brand: Brand, goods: Goods, words_of: str = "reseller") -> Draft:
    """A shop that bought genuine goods: ordinary price, own picture or the brand's."""
    photo = own_photo(desk, goods) if desk.chance.random() < 0.5 else brand_photo(desk, goods)  # noqa: PLR2004 (half)
    return Draft(
        label=Label.RESELLER,
        shop=desk.shop(),
        title=desk.title(words_of, goods.kind, brand, goods),
        description=desk.description(words_of, goods.kind),
        krw=goods.krw * desk.spread(0.92, 1.12),
        kind=goods.kind,
        language=desk.language,
        photos=(photo,),
        brand=brand.slug,
        shown_brand=brand.name,
    )


def warning(desk: Desk, brand: Brand, goods: Goods) -> Draft:
    """A reseller who warns of fakes, with all the words a fake would use."""
    return reseller(desk, brand, goods, "warning")


def second_hand(desk: Desk, brand: Brand, goods: Goods) -> Draft:
    """A genuine thing sold on, cheaper and photographed at home."""
    return Draft(
        label=Label.SECOND_HAND,
        shop=desk.shop(),
        title=desk.title("second_hand", goods.kind, brand, goods),
        description=desk.description("second_hand", goods.kind),
        krw=goods.krw * desk.spread(0.4, 0.75),
        kind=goods.kind,
        language=desk.language,
        photos=(own_photo(desk, goods),),
        brand=brand.slug,
        shown_brand=brand.name,
    )


def compatible(desk: Desk, brand: Brand, goods: Goods) -> Draft:
    """A third party's accessory that names the brand to say what it fits."""
    drawn = Drawn(shape=desk.chance.choice(["pouch", "box", "gadget", "roll"]), seed=desk.seed)
    photos: tuple[Photo, ...] = (Photo(source=drawn, seed=desk.seed),)
    if desk.chance.random() < 0.25:  # noqa: PLR2004 (some show what it fits)
        photos = (*photos, own_photo(desk, goods))
    return Draft(
        label=Label.COMPATIBLE,
        shop=desk.shop(),
        title=desk.title("compatible", goods.kind, brand, goods),
        description=desk.description("compatible", goods.kind),
        krw=desk.spread(4000, 19000),
        kind=goods.kind,
        language=desk.language,
        photos=photos,
        brand=brand.slug,
    )


def lookalike(desk: Desk, brand: Brand, goods: Goods) -> Draft:
    """Another maker's goods: a similar name, or a similar look, and innocent."""
    name = innocent(brand.name, desk.chance)
    words_on_label = name if desk.chance.random() < 0.5 else ""  # noqa: PLR2004 (half have their name on it)
    like = desk.chance.choice(goods.photos) if desk.chance.random() < 0.6 else None  # noqa: PLR2004 (most look alike)
    drawn = Drawn(shape=goods.kind.shape, seed=desk.seed, words=words_on_label, like=like)
    return Draft(
        label=Label.LOOKALIKE,
        shop=desk.shop(),
        title=desk.fill(desk.chance.choice(desk.words["lookalike"]), goods.kind, lookalike=name),
        description=desk.description("lookalike", goods.kind),
        krw=desk.spread(*goods.kind.price),
        kind=goods.kind,
        language=desk.language,
        photos=(Photo(source=drawn, seed=desk.seed),),
        brand=brand.slug,
        shown_brand=name,
    )


HONEST: dict[str, Callable[[Desk, Brand, Goods], Draft]] = {
    "genuine": genuine,
    "authorised": authorised,
    "reseller": reseller,
    "warning": warning,
    "second_hand": second_hand,
    "compatible": compatible,
    "lookalike": lookalike,
}
