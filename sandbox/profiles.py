"""The marketplaces the sandbox plays, four invented and four families of real ones: where they are, how they price."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import attrs

# Won per unit of each currency, about as in 2026: prices only have to be believable.
KRW_PER = {
    "USD": Decimal(1380),
    "EUR": Decimal(1560),
    "CNY": Decimal(192),
    "IDR": Decimal("0.085"),
    "SGD": Decimal(1050),
}


TEN = Decimal(10)


def _just_under(amount: Decimal, cents: str) -> Decimal:
    """End a price with 99 or 95 cents; below ten with the last cents of a ten-cent step."""
    step = Decimal(1) if amount >= TEN else Decimal("0.1")
    return max(step, (amount / step).quantize(Decimal(1)) * step) - (Decimal(cents) if step == 1 else Decimal("0.01"))


def _ninety_nine(amount: Decimal) -> Decimal:
    return _just_under(amount, "0.01")


def _ninety_five(amount: Decimal) -> Decimal:
    return _just_under(amount, "0.05")


def _tenths(amount: Decimal) -> Decimal:
    return max(Decimal("0.5"), amount.quantize(Decimal("0.1"))).quantize(Decimal("0.01"))


def _thousands(amount: Decimal) -> Decimal:
    return max(Decimal(500), (amount / 500).quantize(Decimal(1)) * 500)


@attrs.frozen(kw_only=True)
class Profile:
    """One marketplace. ``languages`` are weighted; ``photo_format`` is how it stores pictures."""

    id: str
    name: str
    country: str
    currency: str
    languages: tuple[tuple[str, int], ...]
    photo_format: str
    rounded: Callable[[Decimal], Decimal]
    id_digits: int

    def price(self, krw: float) -> Decimal:
        """Convert won to a price as shops here write them."""
        return self.rounded(Decimal(round(krw)) / KRW_PER[self.currency])


PROFILES = {
    profile.id: profile
    for profile in (
        Profile(
            id="harborlane",
            name="Harborlane",
            country="US",
            currency="USD",
            languages=(("en", 1),),
            photo_format="JPEG",
            rounded=_ninety_nine,
            id_digits=12,
        ),
        Profile(
            id="marktkorb",
            name="Marktkorb",
            country="DE",
            currency="EUR",
            languages=(("de", 1),),
            photo_format="WEBP",
            rounded=_ninety_five,
            id_digits=9,
        ),
        Profile(
            id="longshi",
            name="龙市",
            country="CN",
            currency="CNY",
            languages=(("zh", 1),),
            photo_format="JPEG",
            rounded=_tenths,
            id_digits=13,
        ),
        Profile(
            id="pasarria",
            name="Pasarria",
            country="ID",
            currency="IDR",
            languages=(("id", 5), ("th", 1)),
            photo_format="PNG",
            rounded=_thousands,
            id_digits=10,
        ),
    )
}

# The shapes of real marketplaces (sandbox.markets.families) with the goods of an English-speaking shop; opened by name.
FAMILIES = {
    name: attrs.evolve(PROFILES["harborlane"], id=name, name=name.capitalize(), currency=currency, id_digits=digits)
    for name, currency, digits in (
        ("aliexpress", "EUR", 16),
        ("lazada", "SGD", 10),
        ("leboncoin", "EUR", 10),
        ("shopee", "SGD", 11),
    )
}
PLAYED = {**PROFILES, **FAMILIES}
