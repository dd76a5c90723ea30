"""Rights and where they reach: offices, member countries, the instrument a notice may rest on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class RightType(StrEnum):
    """Kinds of right a notice can rest on."""

    TRADEMARK_WORD = "trademark_word"
    TRADEMARK_FIGURATIVE = "trademark_figurative"
    DESIGN = "design"
    COPYRIGHT = "copyright"
    PATENT = "patent"


class RightStatus(StrEnum):
    """Status as the register showed it when it was last checked."""

    PENDING = "pending"
    REGISTERED = "registered"
    OPPOSED = "opposed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


TRADEMARKS = frozenset({RightType.TRADEMARK_WORD, RightType.TRADEMARK_FIGURATIVE})

# European Union members, 2020-02-01 onwards (the United Kingdom left on 2020-01-31; an EUTM does not reach it).
EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    ]
)
# Benelux marks are registered by one office (BOIP) for three countries.
BENELUX = frozenset({"BE", "NL", "LU"})


def reaches(office: str, designations: Iterable[str], country: str) -> bool:
    """Tell whether what a register grants has effect in ``country`` (ISO 3166-1 alpha-2).

    ``office`` is a WIPO ST.3 code: a national office reaches its country; ``EU`` (or ``EM``) the member states, which
    the United Kingdom no longer is; ``BX`` the Benelux; ``WO`` (Madrid) only where ``designations`` say that protection
    was granted, which may be ``EU`` or ``BX`` in turn. Madrid Protocol Art. 4(1); Regulation (EU) 2017/1001 Art. 1(2).
    """
    office = office.upper()
    if office == "WO":
        return any(reaches(place, (), country) for place in designations if place.upper() != "WO")
    if office in {"EU", "EM"}:
        return country in EU
    if office == "BX":
        return country in BENELUX
    return office == country


class Instrument(StrEnum):
    """The legal instrument a notice invokes; follows from site country x right x ground."""

    DSA_16 = "dsa_16"  # Regulation (EU) 2022/2065 Art. 16: EU sites only
    DMCA_512 = "dmca_512"  # 17 U.S.C. 512(c)(3): copyright only
    US_TRADEMARK = "us_trademark"  # platform policy after Tiffany v. eBay (2d Cir. 2010)
    CN_ECL_42 = "cn_ecl_42"  # E-Commerce Law of the PRC Art. 42
    ID_MOL_47 = "id_mol_47"  # Ministry of Law Reg. 47/2025
    PLATFORM_POLICY = "platform_policy"  # no statute found: the platform's own rules
