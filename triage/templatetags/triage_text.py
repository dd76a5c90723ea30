"""How values are worded on the screen, in the interface language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.numbers import format_currency
from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contracts.verdict import PERMITS_DRAFT, VerdictKind
from jobs.templatetags.jobs_text import REGION_LABELS
from matchers import reasons
from triage import highlight
from triage.models import GROUND_LABELS, SKIP_LABELS, VERDICT_LABELS
from triage.queries import market_names
from triage.states import HuntState

register = template.Library()

_MILLE = 1000


def _locale() -> Locale:
    return Locale.parse((get_language() or "en").split("-")[0])


@register.filter
def spoken(sentence: Mapping[str, str] | None) -> str:
    """Return a stored sentence in the interface language, else in English. It may quote the seller's words."""
    sentence = sentence or {}
    return highlight.plain(sentence.get((get_language() or "en").split("-")[0]) or sentence.get("en", ""))


@register.filter
def plain(text: str | None) -> str:
    """Make hidden and direction-turning characters of a stranger's text visible."""
    return highlight.plain(text or "")


@register.filter
def percent(share: float | None) -> str:
    """Word a share as the matchers' sentences do: 0.934 is ``93 %``; empty when there is none."""
    return "" if share is None else reasons.percent(share)


@register.filter
def hunt_level(state: str) -> str:
    """Return the colour of a hunt's state."""
    return {HuntState.DONE: "good", HuntState.RUNNING: "brand", HuntState.FAILED: "danger"}.get(HuntState(state), "")


@register.filter
def per_mille(share: float) -> int:
    """Return a share as a whole number of thousandths, for the width of a bar."""
    return round(min(max(share, 0), 1) * _MILLE)


@register.filter
def country(code: str) -> str:
    """Return the name of an ISO 3166-1 country in the interface language."""
    return _locale().territories.get(code, code)


@register.filter
def language(code: str) -> str:
    """Return the name of a language (ISO 639-1) in the interface language."""
    return _locale().languages.get(code, code) if code else _("not told")


@register.filter
def market(market_id: str) -> str:
    """Return a marketplace's name; its id where no manifest is configured."""
    return market_names().get(market_id, market_id)


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> str:
    """Word a price in major units: ``€4.90``. Empty when there is none."""
    if amount is None:
        return ""
    if not currency:
        return f"{amount:f}"
    return format_currency(amount, currency, locale=_locale())


@register.filter
def ground(value: str) -> object:
    """Return a ground's name."""
    return GROUND_LABELS.get(value, value)


@register.filter
def verdict(kind: str) -> object:
    """Return a verdict's name."""
    return VERDICT_LABELS.get(kind, kind)


@register.filter
def skip_reason(value: str) -> object:
    """Return a skip reason's name."""
    return SKIP_LABELS.get(value, value)


@register.filter
def web_address(url: str) -> str:
    """Return ``url`` when a browser may be sent there (http or https), else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


@register.simple_tag
def pieces(text: str, words: list[str]) -> list[highlight.Piece]:
    """Split a title into marked and unmarked pieces."""
    return highlight.pieces(text, words)


@register.filter
def words_of(match: Mapping[str, Any]) -> list[str]:
    """Return the words a stored match rests on."""
    return [word for signal in match.get("signals", ()) for word in signal.get("words", ())]


_DANGER = 0.85
_WARN = 0.65


@register.filter
def risk_level(probability: float) -> str:
    """Return the colour class of a probability; the number itself always stands beside it."""
    return "danger" if probability >= _DANGER else "warn" if probability >= _WARN else "mild"


@register.filter
def verdict_level(kind: str) -> str:
    """Return the colour class of a verdict."""
    return _LEVELS.get(kind, "")


_LEVELS = {
    VerdictKind.COUNTERFEIT: "danger",
    VerdictKind.LIKELY: "danger",
    VerdictKind.IMAGE_REUSE: "warn",
    VerdictKind.GENUINE: "good",
    VerdictKind.AUTHORISED: "good",
}


@register.filter
def permits_draft(kind: str) -> bool:
    """Tell whether a notice may be drafted on such a verdict."""
    return kind in PERMITS_DRAFT


@register.filter
def region(value: str) -> object:
    """Return a region's name."""
    return REGION_LABELS.get(value, value)


@register.filter
def truncated_age(age: str) -> str:
    """Keep the largest unit of Django's ``timesince``: *3 days, 2 hours* becomes *3 days*."""
    return age.split(",", maxsplit=1)[0]
