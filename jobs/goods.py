"""What a brand's goods are searched by where the seller leaves its name out, or disguises it.

The name of the product line, which a seller keeps so that buyers know what is offered, and what such goods are called
in the language of the site as Korean ones, because that is what sells them. The bare word would bring everybody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from contracts.match import BrandProfile, ReferenceProduct
from matchers.goods import kind_of

LINE_WORDS = 2  # a line's name of fewer says nothing without the brand
# How goods are said to be Korean; in Korean itself they need not be. As in config/goods: unverified general knowledge
# (2026-11-27), to be read by native speakers.
KOREAN = {
    "de": "koreanische {}",
    "en": "korean {}",
    "es": "{} coreano",
    "fr": "{} coréen",
    "id": "{} korea",
    "it": "{} coreano",
    "ja": "韓国 {}",
    "ko": "{}",
    "ms": "{} korea",
    "nl": "koreaanse {}",
    "pl": "koreański {}",
    "pt": "{} coreano",
    "th": "{} เกาหลี",
    "vi": "{} hàn quốc",
    "zh": "韩国 {}",
}
_UNITS = (
    r"m?l|m?g|kg|oz|[cm]?m|mah|w|v|packs?|pcs|pieces?|ea|sets?|sheets?|pads?|pairs?|tablets?|capsules?|"
    r"매|개|입|장|팩|봉|정|캡슐|세트"
)
_AMOUNT = re.compile(rf"[\s,(]*\b\d+(?:[.,]\d+)?\s?(?:{_UNITS})\W*$", re.IGNORECASE)  # at the end: "50 ml", "65W"


def line_name(product: ReferenceProduct, brand: BrandProfile) -> str:
    """Return what the product is called besides the brand, without the amount; empty where that says too little."""
    name = product.name
    for mark in brand.marks:
        for spelling in mark.spellings:
            name = re.sub(rf"(?<!\w){re.escape(spelling.text)}(?!\w)", " ", name, flags=re.IGNORECASE)
    name = _AMOUNT.sub("", " ".join(name.split()))
    return name if len(name.split()) >= LINE_WORDS else ""


def local_words(product: ReferenceProduct, languages: Sequence[str]) -> Iterator[str]:
    """Yield what Korean goods of the product's kind are usually called, one search per language of a site."""
    kind = kind_of(product)
    if kind is None:
        return
    for language in dict.fromkeys(language.split("-")[0] for language in languages):
        if language in kind.words and language in KOREAN:  # the bare word would bring everybody's
            yield KOREAN[language].format(kind.words[language][0])
