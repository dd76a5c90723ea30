"""Dishonest trade: how counterfeits are worded, pictured and priced so that they are not found."""

from __future__ import annotations

import attrs

from sandbox.brands import Brand, Goods
from sandbox.disguise import DISGUISES
from sandbox.edits import EDITS
from sandbox.mix import Desk, brand_photo, own_photo
from sandbox.offers import Draft, Label
from sandbox.photos import Drawn, Photo
from sandbox.words import words

TACTICS = (
    "brand_dropped",
    "misspelling",
    "slang_known",
    "masked_name",
    "absurd_price",
    "slang_new",
    "spacing",
    "near_retail",
    "text_in_image",
    "lookalike_letters",
    "emoji",
    "relist",
    "digits",
)
# A relist needs something listed before; the others stand alone.
RELIST = "relist"
# Those that write the name as it is.
NAMED = frozenset({"slang_known", "slang_new", "near_retail", "absurd_price"})
# Those that a name in Chinese characters can be treated with; digits and foreign letters need Latin.
ANY_SCRIPT = NAMED | {"masked_name", "spacing", "emoji", "misspelling"}


def counterfeit(desk: Desk, brand: Brand, goods: Goods, tactic: str, edit: str) -> Draft:
    """Offer a copy of ``goods`` by one of `TACTICS`, its picture changed by one of `sandbox.edits.EDITS`."""
    suspicious = desk.chance.random() < 0.5  # noqa: PLR2004 (half write what everybody writes)
    named = tactic in NAMED and desk.chance.random() < 0.5  # noqa: PLR2004 (half fill in the brand field)
    return Draft(
        label=Label.COUNTERFEIT,
        shop=desk.shop(shady=True),
        title=_title(desk, brand, goods, tactic),
        shown_brand=brand.name if named else None,
        description=desk.description("counterfeit" if suspicious else "unrelated", goods.kind),
        krw=goods.krw * desk.spread(*_discount(tactic)),
        struck_krw=goods.krw if tactic == "absurd_price" else None,
        kind=goods.kind,
        language=desk.language,
        photos=(_photo(desk, brand, goods, tactic, edit),),
        brand=brand.slug,
        tactic=tactic,
    )


def relisted(desk: Desk, first: Draft, edit: str) -> Draft:
    """Offer again what another shop offered: the same picture, edited once more, and a few words added."""
    shop = desk.shop(shady=True)
    while shop == first.shop:
        shop = desk.chance.choice(desk.shops.shady)
    more = desk.chance.choice(words(first.language)["extras"])
    return attrs.evolve(
        first,
        shop=shop,
        title=f"{first.title} {more}",
        krw=first.krw * desk.spread(0.93, 1.02),
        photos=(first.photos[0].edited(edit, shop.name if shop.name.isascii() else ""),),
        tactic=RELIST,
    )


def _title(desk: Desk, brand: Brand, goods: Goods, tactic: str) -> str:
    kind = goods.kind
    if tactic in {"brand_dropped", "text_in_image"}:
        return desk.title("plain", kind)
    local = tactic in ANY_SCRIPT and desk.chance.random() < 0.5  # noqa: PLR2004 (half, where there is such a name)
    name = brand.local_name(desk.language) if local else brand.name
    if tactic in DISGUISES:
        name = DISGUISES[tactic](name, desk.chance)
    slang = desk.chance.choice(desk.words[tactic]) if tactic.startswith("slang") else ""
    template = desk.chance.choice(desk.words["slang" if slang else "named"])
    return desk.fill(template, kind, brand, goods, name=name, slang=slang)


def _discount(tactic: str) -> tuple[float, float]:
    """Return the price as a share of retail: about 15 per cent under it, absurdly low, or something between."""
    if tactic == "near_retail":
        return 0.82, 0.88
    return (0.08, 0.28) if tactic == "absurd_price" else (0.38, 0.75)


def _photo(desk: Desk, brand: Brand, goods: Goods, tactic: str, edit: str) -> Photo:
    if tactic == "text_in_image":
        said = desk.fill(desk.chance.choice(desk.words["text_in_image"]), goods.kind, brand, goods)
        drawn = Drawn(shape=goods.kind.shape, seed=desk.seed, words=said, like=goods.photos[0])
        return Photo(source=drawn, seed=desk.seed)
    taken = desk.chance.random() < 0.7 or tactic == "brand_dropped"  # noqa: PLR2004 (most take the brand's picture)
    photo = brand_photo(desk, goods) if taken else own_photo(desk, goods)
    return photo.edited(edit)


def edit_for(number: int) -> str:
    """Return the edits in turn, expected and unexpected ones alternating."""
    names = tuple(EDITS)
    half = len(names) // 2
    return names[number // 2 % half + half * (number % 2)]
