"""What a marketplace holds, and what is true of it. Truth and offer are two things that meet only in Python."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

import attrs

from sandbox.photos import Photo
from sandbox.words import Kind


class Label(StrEnum):
    """What an offer really is."""

    GENUINE = "genuine"  # the brand's own shop
    AUTHORISED = "authorised"  # a shop the brand authorised
    RESELLER = "reseller"
    SECOND_HAND = "second_hand"
    COMPATIBLE = "compatible"
    LOOKALIKE = "lookalike"
    UNRELATED = "unrelated"
    COUNTERFEIT = "counterfeit"


@attrs.frozen(kw_only=True)
class Truth:
    """What one offer really is.

    ``brand`` is the slug of the brand it copies, sells or speaks of; ``tactic`` and ``edit`` (what was done to the
    first picture) are set for counterfeits.
    """

    market: str
    listing_id: str
    label: Label
    brand: str | None = None
    tactic: str | None = None
    edit: str | None = None


@attrs.frozen(kw_only=True)
class Shop:
    """A seller; ``trader`` is what the marketplace shows of it by law."""

    id: str
    name: str
    country: str
    since: int
    rating: Decimal
    trader: Mapping[str, str] = attrs.field(eq=False)


@attrs.frozen(kw_only=True)
class Offer:
    """One listing as its marketplace knows it. Money in major units of the marketplace's currency."""

    listing_id: str
    shop: Shop
    title: str
    description: str
    price: Decimal
    list_price: Decimal | None
    kind: Kind
    brand: str | None
    used: bool
    language: str
    photos: tuple[Photo, ...]
    sold: int
    reviews: int


@attrs.frozen(kw_only=True)
class Draft:
    """An offer as its seller thought it up, before the marketplace gave it a number. ``krw`` is its price in won."""

    label: Label
    shop: Shop
    title: str
    description: str
    krw: float
    kind: Kind
    language: str
    photos: tuple[Photo, ...]
    brand: str | None = None
    shown_brand: str | None = None
    struck_krw: float | None = None
    tactic: str | None = None

    @property
    def edit(self) -> str | None:
        """What was done last to the first picture."""
        edits = self.photos[0].edits
        return edits[-1] if edits else None
