"""Codes of countries, currencies and registers, checked against the Unicode CLDR tables that Babel carries."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.numbers import list_currencies

# Two letters CLDR lists that ISO 3166-1 reserves or that name no country.
_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
# Registers that serve several countries: EUIPO, BOIP, WIPO (Madrid and Hague), OAPI, ARIPO.
REGIONAL_OFFICES = frozenset({"EU", "BX", "WO", "OA", "AP"})
ALPHA_2 = 2


@cache
def countries() -> frozenset[str]:
    """Return every ISO 3166-1 alpha-2 code."""
    return frozenset(code for code in Locale("en").territories if len(code) == ALPHA_2) - _NO_COUNTRY


@cache
def currencies() -> frozenset[str]:
    """Return every ISO 4217 code, those of currencies that are no longer money too."""
    return frozenset(list_currencies())


@cache
def offices() -> frozenset[str]:
    """Return every code a register may have: a country's or one of `REGIONAL_OFFICES` (WIPO standard ST.3)."""
    return countries() | REGIONAL_OFFICES
