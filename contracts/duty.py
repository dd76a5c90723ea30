"""The duty profile of a platform: ``config/duties/<profile>.toml``. Facts that change, so each carries its source."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from contracts.config import CONFIG_DIR, Language, Slug, Source, Strict, load
from contracts.errors import BadInput


class Channel(StrEnum):
    """How a notice reaches a platform."""

    PORTAL = "portal"
    FORM = "form"
    EMAIL = "email"
    API = "api"


class Statement(StrEnum):
    """A declaration the signer makes; its wording per language lies in ``takedown/texts``."""

    GOOD_FAITH = "good_faith"  # belief that the use is not authorised by the owner, its agent or the law
    BONA_FIDE = "bona_fide"  # DSA Art. 16(2)(d): information and allegations accurate and complete
    ACCURACY = "accuracy"
    AUTHORITY = "authority"
    PERJURY = "perjury"  # only where the platform or the statute asks for it
    GUARANTEE = "guarantee"
    INDEMNITY = "indemnity"
    CONSENT_TO_DISCLOSE = "consent_to_disclose"


class Fact(Strict):
    """A fact about a platform in words, with where it comes from. ``personal_data``: it tells where data go."""

    text: dict[Language, str]  # at least English and Korean
    personal_data: bool = False
    source: Source = Source()


class NoticeField(Strict):
    """One field of a platform's notice form.

    ``fill`` names what jikimi puts in (``right.number``, ``item.url``, ``notifier.name`` ...); empty: a person does.
    ``source`` absent: the profile's own.
    """

    key: Slug
    label: dict[Language, str]  # at least English; the platform's own language where known
    fill: str = ""
    required: bool = True
    max_length: int | None = None
    multiline: bool = False
    per_item: bool = False
    source: Source | None = None


class Clock(Strict):
    """A duty with a deadline, in hours; absent: none was found."""

    name: dict[Language, str]  # at least English and Korean
    hours: int | None = None
    business_days: int | None = None
    source: Source = Source()


class DutyProfile(Strict):
    """What one platform asks of a notice and owes in return."""

    id: Slug
    platform: str
    channel: Channel
    address: str = ""  # portal or e-mail, as last verified
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    max_items: int | None = None
    one_right_per_notice: bool = True
    registered_right_only: bool = True
    right_must_cover_site: bool = True
    fields: Annotated[tuple[NoticeField, ...], Field(min_length=1)]
    statements: tuple[Statement, ...] = ()
    clocks: tuple[Clock, ...] = ()
    facts: tuple[Fact, ...] = ()  # what else is known: limits, documents, programmes
    warnings: tuple[Fact, ...] = ()  # shown before drafting
    sandbox: bool = False  # an invented platform of ours
    source: Source


def load_duty(path: Path) -> DutyProfile:
    """Read one duty profile; its file name must be its id."""
    profile = load(path, DutyProfile)
    if path.stem != profile.id:
        raise BadInput(str(path), "id", f"the file's name, {path.stem!r}", profile.id)
    return profile


@cache
def duties(folder: Path = CONFIG_DIR / "duties") -> dict[str, DutyProfile]:
    """Return every duty profile by id."""
    return {profile.id: profile for profile in (load_duty(path) for path in sorted(folder.glob("*.toml")))}
