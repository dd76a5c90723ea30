"""What the matchers are asked and what they answer: plain types, no database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from contracts.rights import reaches


class Ground(StrEnum):
    """The legal basis a match would support."""

    COUNTERFEIT = "counterfeit"
    TRADEMARK_MISUSE = "trademark_misuse"
    COPYRIGHT_IMAGE = "copyright_image"
    LOOKALIKE = "lookalike"
    GREY_MARKET = "grey_market"
    NONE = "none"


class Script(StrEnum):
    """Scripts a mark is written in (ISO 15924 codes)."""

    LATIN = "Latn"
    HANGUL = "Hang"
    HAN = "Hani"
    HAN_SIMPLIFIED = "Hans"
    HAN_TRADITIONAL = "Hant"
    KANA = "Kana"
    THAI = "Thai"
    CYRILLIC = "Cyrl"
    OTHER = "Zzzz"


@attrs.frozen(kw_only=True)
class Sentence:
    """A sentence in plain words in both interface languages."""

    en: str
    ko: str

    def to_json(self) -> dict[str, str]:
        """Return ``{"en": ..., "ko": ...}``."""
        return {"en": self.en, "ko": self.ko}


@attrs.frozen(kw_only=True)
class Spelling:
    """One way a mark is written."""

    text: str
    script: Script = Script.LATIN


@attrs.frozen(kw_only=True)
class Mark:
    """A mark with every registered spelling. ``excluded`` are phrases that contain it and mean something else."""

    mark_id: str
    spellings: tuple[Spelling, ...]
    excluded: tuple[str, ...] = ()
    common_word: bool = False  # an ordinary word: needs context before it counts


@attrs.frozen(kw_only=True)
class ReferenceProduct:
    """A genuine product with its ordinary price per unit sold."""

    product_id: str
    name: str
    price: Decimal
    currency: str
    nice_class: int | None = None
    keywords: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ReferencePicture:
    """A registered picture; ``sha256`` finds its bytes and its descriptor."""

    image_id: str
    sha256: str
    kind: str  # product, packaging, logo, character
    product_id: str | None = None


@attrs.frozen(kw_only=True)
class AuthorisedShop:
    """A shop that may sell. ``territory`` empty: everywhere the market sells."""

    market: str
    shop_id: str
    territory: tuple[str, ...] = ()
    expires: date | None = None


@attrs.frozen(kw_only=True)
class TrademarkRight:
    """A registered trademark: which Nice classes it covers, where and how long. ``label``: ``EU 018000001``."""

    label: str
    office: str
    classes: tuple[int, ...] = ()
    designations: tuple[str, ...] = ()
    registered_on: date | None = None
    expires_on: date | None = None

    def in_force(self, day: date, country: str) -> bool:
        """Tell whether it has effect in a country (ISO 3166-1 alpha-2) on a day."""
        begun = self.registered_on is not None and self.registered_on <= day
        lasts = self.expires_on is None or day <= self.expires_on
        return begun and lasts and reaches(self.office, self.designations, country)


@attrs.frozen(kw_only=True)
class BrandProfile:
    """All a matcher may know of a brand."""

    brand_id: str
    name: str
    marks: tuple[Mark, ...] = ()
    products: tuple[ReferenceProduct, ...] = ()
    pictures: tuple[ReferencePicture, ...] = ()
    authorised: tuple[AuthorisedShop, ...] = ()
    rights: tuple[TrademarkRight, ...] = ()


@attrs.frozen(kw_only=True)
class Region:
    """A rectangle on a picture in fractions of its width and height (0..1, origin top left)."""

    left: float
    top: float
    width: float
    height: float


class PictureRelation(StrEnum):
    """How a listing's picture relates to a registered one. Re-use of a photo is no proof of a fake."""

    COPY = "copy"  # the registered photo itself, edited or not
    ARTWORK = "artwork"  # the same artwork, logo or packaging in another photo
    SCENE = "scene"  # the same product or scene
    NONE = "none"


@attrs.frozen(kw_only=True)
class PictureMatch:
    """What comparing one listing picture with one registered picture gave.

    ``score`` is calibrated in 0..1; ``evidence`` names what it rests on ("PDQ distance 12 of 256, 41 inliers").
    ``laid`` is how the registered picture lies on the listing's, where that is known: the nine numbers, row by row, of
    the projective map from places on the one to places on the other, both in fractions. ``mirrored``: left and right
    are surely swapped. ``concealed`` are the parts of the listing's picture where the registered one shows something
    and this one a blur, a mask or a sticker.
    """

    listing_sha256: str
    reference: ReferencePicture
    relation: PictureRelation
    score: float
    evidence: Sentence
    listing_region: Region | None = None
    reference_region: Region | None = None
    laid: tuple[float, ...] | None = None
    mirrored: bool = False
    concealed: tuple[Region, ...] = ()
    version: str = ""


@attrs.frozen(kw_only=True)
class ReadText:
    """One line of words read in a listing's picture; ``confidence`` is the reader's own, 0..1."""

    listing_sha256: str
    text: str
    region: Region
    confidence: float
    script: Script = Script.OTHER
    version: str = ""


@attrs.frozen(kw_only=True)
class SellerRecord:
    """What is known of a seller, the listing in question left out.

    ``strikes``: other listings the organisation's people decided are counterfeits; ``cleared``: others they found
    genuine, authorised or resold, as long as that is remembered; ``suspected``: others, of ``listings`` found for it in
    all, that the matchers hold to be counterfeits on their own evidence; ``pooled``: further ones that they hold to be
    such for other organisations of the pool.
    """

    strikes: int = 0
    cleared: int = 0
    suspected: int = 0
    pooled: int = 0
    listings: int = 0


@attrs.frozen(kw_only=True)
class Relisted:
    """An earlier listing, decided to be a counterfeit, that another listing repeats.

    ``listing`` names the earlier one; ``title`` is its title where the later one says the same; ``pictures`` are those
    of the later listing that the earlier one shows too (SHA-256).
    """

    listing: str
    decided_on: date
    title: str = ""
    pictures: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """How much of it is repeated: 0.75 for words or picture, 1.0 for both."""
        return 1.0 if self.title and self.pictures else 0.75


@attrs.frozen(kw_only=True)
class Signal:
    """One observation that moves the probability.

    ``value`` is the strength in 0..1; ``weight`` the log-odds it added (negative: it speaks for the seller);
    ``compared_with`` names the registry entry (mark, picture, product, shop, lexicon term); ``listing_image`` and the
    regions say where on which picture; ``words`` what in the text it rests on.
    """

    name: str
    value: float
    weight: float
    reason: Sentence
    compared_with: str = ""
    words: tuple[str, ...] = ()
    listing_image: str | None = None  # SHA-256
    listing_region: Region | None = None
    reference_region: Region | None = None
    version: str = ""


@attrs.frozen(kw_only=True)
class Match:
    """What the matchers say of one listing and one brand.

    ``without`` holds for each signal the probability the match would have had without it.
    """

    brand_id: str
    probability: float
    ground: Ground
    signals: tuple[Signal, ...]
    sentence: Sentence
    without: Mapping[str, float] = attrs.field(factory=dict)
    version: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict (what a flag stores)."""
        return attrs.asdict(self)
