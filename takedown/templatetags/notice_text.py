"""How a notice's values are worded on screen and paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contracts.config import Confidence
from takedown.models import OUTCOME_LABELS, PACKET_LABELS
from takedown.wording import texts
from triage import highlight

register = template.Library()

CONFIDENCE_LABELS: Mapping[str, object] = {
    Confidence.HIGH: _("high confidence"),
    Confidence.MEDIUM: _("medium confidence"),
    Confidence.LOW: _("low confidence"),
    Confidence.UNVERIFIED: _("unverified"),
}
_PACKET_LEVELS = {"approved": "good", "in_review": "warn", "sent": "brand", "closed": "good"}


@register.filter
def plain(text: str | None) -> str:
    """Make hidden and direction-turning characters of a stranger's text visible."""
    return highlight.plain(text or "")


@register.filter
def utc(moment: datetime) -> str:
    """Write a time in UTC, so that it reads the same everywhere."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@register.filter
def day(when: date | str | None) -> str:
    """Write a day as ISO 8601; a frozen snapshot holds it as text already."""
    return str(when or "")


@register.filter
def mine(by_language: Mapping[str, str] | None) -> str:
    """Return a text kept by language in the interface language, else in English."""
    by_language = by_language or {}
    return by_language.get((get_language() or "en").split("-")[0]) or by_language.get("en", "")


@register.filter
def in_language(by_language: Mapping[str, str], language: str) -> str:
    """Return a text kept by language in ``language``, else in English."""
    return by_language.get(language) or by_language.get("en", "")


@register.filter
def confidence(value: str) -> object:
    """Say how sure a fact is."""
    return CONFIDENCE_LABELS.get(value, value)


@register.filter
def doubtful(value: str) -> bool:
    """Tell whether a fact is to be marked as unverified."""
    return value in {Confidence.UNVERIFIED, Confidence.LOW}


@register.filter
def packet(state: str) -> object:
    """Return a packet state's name."""
    return PACKET_LABELS.get(state, state)


@register.filter
def packet_level(state: str) -> str:
    """Return the colour class of a packet state."""
    return _PACKET_LEVELS.get(state, "")


@register.filter
def outcome(value: str) -> object:
    """Return what a screenshot showed."""
    return OUTCOME_LABELS.get(value, value)


@register.filter
def html_language(language: str) -> str:
    """Return the ``lang`` attribute for one of our text languages."""
    known = texts().get(language)
    return known.html_lang if known else language


@register.filter
def language_name(language: str) -> str:
    """Return a language's own name."""
    known = texts().get(language)
    return known.name if known else language
