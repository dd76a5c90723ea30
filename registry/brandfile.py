"""What a brand owner writes into ``brand.toml``. The annotated example is in ``docs/how-to/brand-owner.md``."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.utils import timezone
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from contracts.config import Slug, Strict
from contracts.match import Script
from contracts.rights import TRADEMARKS, RightStatus, RightType
from contracts.scripts import script_of
from registry import codes
from registry.models import PictureKind


def _plain(text: str) -> str:
    """Compose letters (a Mac writes Hangul in pieces) and refuse control characters."""
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
        message = "text without control characters"
        raise ValueError(message)
    return unicodedata.normalize("NFC", text)


def _country(code: str) -> str:
    if code not in codes.countries():
        message = "an ISO 3166-1 country code such as 'KR'"
        raise ValueError(message)
    return code


def _designation(code: str) -> str:
    if code not in codes.offices() - {"WO"}:
        message = "a country code such as 'SG', or 'EU'"
        raise ValueError(message)
    return code


def _office(code: str) -> str:
    if code not in codes.offices():
        message = "a register: a country code such as 'KR', or 'EU', 'BX', 'WO'"
        raise ValueError(message)
    return code


def _currency(code: str) -> str:
    if code not in codes.currencies():
        message = "an ISO 4217 currency such as 'KRW'"
        raise ValueError(message)
    return code


def _table(entry: Any) -> Any:
    """Let a spelling be written as a bare string."""
    return {"text": entry} if isinstance(entry, str) else entry


Text = Annotated[str, AfterValidator(_plain)]
Line = Annotated[Text, Field(min_length=1, max_length=200)]
MarkText = Annotated[Text, Field(min_length=1, max_length=120)]
Country = Annotated[str, AfterValidator(_country)]
NiceClass = Annotated[int, Field(ge=1, le=45)]
Price = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]


class OrganisationEntry(Strict):
    """The firm the brand belongs to; made on import when no organisation has this slug yet."""

    slug: Slug
    name: Line
    registration_number: Annotated[Text, Field(max_length=40)] = ""
    address: Text = ""
    email: Annotated[str, Field(pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)] = ""
    phone: Annotated[Text, Field(max_length=40)] = ""
    pool: bool | None = None  # whether it takes part in the pool from the start, docs/decisions/0016


class SpellingEntry(Strict):
    """One way a mark is written; the script is seen from the letters where it is not given."""

    text: MarkText
    script: Script | None = None

    def resolved(self) -> Script:
        """Return the script, given or seen."""
        return self.script or script_of(self.text)


class MarkEntry(Strict):
    """A sign the brand uses."""

    text: MarkText
    spellings: tuple[Annotated[SpellingEntry, BeforeValidator(_table)], ...] = ()
    common_word: bool = False
    excluded: tuple[MarkText, ...] = ()


class ProductEntry(Strict):
    """A genuine product and its ordinary price."""

    code: Slug
    name: Line
    price: Price
    currency: Annotated[str, AfterValidator(_currency)]
    nice_class: NiceClass | None = None
    keywords: tuple[Line, ...] = ()


class ImageEntry(Strict):
    """A picture in the folder."""

    file: Line
    kind: PictureKind
    product: Slug | None = None


class RightEntry(Strict):
    """A right as its certificate has it."""

    type: RightType
    office: Annotated[str, AfterValidator(_office)]
    status: RightStatus
    number: Annotated[Text, Field(max_length=60)] = ""
    mark: MarkText | None = None
    classes: tuple[NiceClass, ...] = ()
    goods: Text = ""
    owner: Line
    filed_on: date | None = None
    registered_on: date | None = None
    expires_on: date | None = None
    designations: tuple[Annotated[str, AfterValidator(_designation)], ...] = ()
    status_checked_on: date | None = None
    certificate: Line | None = None

    @field_validator("number")
    @classmethod
    def _numbered(cls, number: str, info: ValidationInfo) -> str:
        if not number and info.data.get("type") not in {RightType.COPYRIGHT, None}:
            message = "the number in the register (only copyright may do without)"
            raise ValueError(message)
        return number

    @field_validator("classes")
    @classmethod
    def _classed(cls, classes: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        if not classes and info.data.get("type") in TRADEMARKS:
            message = "at least one Nice class for a trademark"
            raise ValueError(message)
        return tuple(sorted(set(classes)))

    @field_validator("registered_on", "expires_on")
    @classmethod
    def _in_order(cls, day: date | None, info: ValidationInfo) -> date | None:
        earlier = {"registered_on": ("filed_on",), "expires_on": ("filed_on", "registered_on")}[info.field_name or ""]
        for name in earlier:
            before = info.data.get(name)
            if day and before and day < before:
                message = f"a day not before {name} ({before})"
                raise ValueError(message)
        return day

    @field_validator("designations")
    @classmethod
    def _designated(cls, designations: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        office = info.data.get("office")
        if office == "WO" and not designations:
            message = "the countries an international (WO) registration was extended to"
            raise ValueError(message)
        if office not in {"WO", None} and designations:
            message = "no designations: only an international (WO) registration has them"
            raise ValueError(message)
        return tuple(sorted(set(designations)))

    @field_validator("status_checked_on")
    @classmethod
    def _past(cls, day: date | None) -> date | None:
        if day and day > timezone.localdate():
            message = f"a day not after today ({timezone.localdate()})"
            raise ValueError(message)
        return day


class PowerEntry(Strict):
    """A power of attorney."""

    grantor: Line
    agent: Line
    countries: tuple[Country, ...] = ()
    signed_on: date
    expires_on: date | None = None
    file: Line

    @field_validator("expires_on")
    @classmethod
    def _in_order(cls, day: date | None, info: ValidationInfo) -> date | None:
        signed = info.data.get("signed_on")
        if day and signed and day < signed:
            message = f"a day not before signed_on ({signed})"
            raise ValueError(message)
        return day


class SellerEntry(Strict):
    """A shop that may sell the brand's goods."""

    market: Slug
    shop_id: Annotated[Text, Field(min_length=1, max_length=120)]
    name: Annotated[Text, Field(max_length=200)] = ""
    territory: tuple[Country, ...] = ()
    expires_on: date | None = None


class BrandFile(Strict):
    """A whole ``brand.toml``."""

    name: Annotated[Line, Field(max_length=120)]
    slug: Slug
    website: Annotated[str, Field(pattern=r"^$|^https?://[^\s/]+", max_length=200)] = ""
    organisation: OrganisationEntry | None = None
    marks: Annotated[tuple[MarkEntry, ...], Field(min_length=1)]
    products: tuple[ProductEntry, ...] = ()
    images: tuple[ImageEntry, ...] = ()
    rights: tuple[RightEntry, ...] = ()
    powers_of_attorney: tuple[PowerEntry, ...] = ()
    authorised_sellers: tuple[SellerEntry, ...] = ()
