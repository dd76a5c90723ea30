"""How the room's values are worded on the screen, in the interface language."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext_lazy as _

from contracts.market import Region, manifests
from jobs.reasons import FIELD_LABELS
from jobs.reasons import percent as worded_percent
from jobs.states import RunState, WatchState
from jobs.verdicts import Verdict

register = template.Library()

_MILLE = 1000

VERDICT_LABELS: Mapping[str, object] = {
    Verdict.BLOCKED: _("Blocked"),
    Verdict.SILENT: _("Silent"),
    Verdict.DEGRADED: _("Degraded"),
    Verdict.HEALTHY: _("Healthy"),
}
VERDICT_LEVELS = {
    Verdict.BLOCKED: "danger",
    Verdict.SILENT: "danger",
    Verdict.DEGRADED: "warn",
    Verdict.HEALTHY: "good",
}

RUN_LABELS: Mapping[str, object] = {
    RunState.DUE: _("Due"),
    RunState.RUNNING: _("Running"),
    RunState.DONE: _("Done"),
    RunState.PARTLY_DONE: _("Partly done"),
    RunState.BLOCKED: _("Blocked"),
    RunState.FAILED: _("Failed"),
}
RUN_LEVELS = {
    RunState.DONE: "good",
    RunState.PARTLY_DONE: "warn",
    RunState.BLOCKED: "danger",
    RunState.FAILED: "danger",
}

WATCH_LABELS: Mapping[str, object] = {
    WatchState.ACTIVE: _("Every run"),
    WatchState.RESTING: _("Resting"),
    WatchState.STOPPED: _("Stopped"),
}

REGION_LABELS: Mapping[str, object] = {
    Region.US: _("United States"),
    Region.EU: _("Europe"),
    Region.CHINA: _("China"),
    Region.ASEAN: _("Southeast Asia"),
    Region.ANY: _("Stand-alone shops"),
}

OUTCOME_LABELS: Mapping[str, object] = {
    "ok": _("read"),
    "empty": _("without results"),
    "blocked": _("blocked"),
    "removed": _("gone"),
    "unknown": _("not recognised"),
    "failed": _("failed"),
    "refused": _("not asked for (robots.txt, budget)"),
}


@register.filter
def verdict(value: str) -> str:
    """Return a verdict's name."""
    return str(VERDICT_LABELS.get(value, value))


@register.filter
def verdict_level(value: str) -> str:
    """Return the colour class of a verdict; its name always stands beside it."""
    return VERDICT_LEVELS.get(Verdict(value), "")


@register.filter
def run_state(value: str) -> str:
    """Return the name of a run's state."""
    return str(RUN_LABELS.get(value, value))


@register.filter
def run_level(value: str) -> str:
    """Return the colour class of a run's state."""
    return RUN_LEVELS.get(RunState(value), "")


@register.filter
def watch_state(value: str) -> str:
    """Return the name of a watch's state."""
    return str(WATCH_LABELS.get(value, value))


@register.filter
def region_name(value: str) -> str:
    """Return a region's name."""
    return str(REGION_LABELS.get(value, value))


@register.filter
def market_name(market: str) -> str:
    """Return a marketplace's name; its id where no manifest is configured."""
    manifest = manifests().get(market)
    return manifest.name if manifest else market


@register.filter
def field_name(value: str) -> str:
    """Return the name of a listing's field."""
    return str(FIELD_LABELS.get(value, value))


@register.filter
def outcome(value: str) -> str:
    """Return what became of pages."""
    return str(OUTCOME_LABELS.get(value, value))


@register.filter
def share(value: float | None) -> str:
    """Word a share: 0.934 is ``93 %``."""
    return "" if value is None else worded_percent(value)


@register.filter
def thousandths(value: float | None) -> int:
    """Return a share as a whole number of thousandths, for the width of a bar."""
    return round(min(max(value or 0, 0), 1) * _MILLE)


@register.filter
def minutes(seconds: float | None) -> str:
    """Word a duration: ``2 h 05 min``, ``4 min``, ``12 s``."""
    whole = round(seconds or 0)
    if whole < 60:  # noqa: PLR2004 (seconds of a minute)
        return f"{whole} s"
    hours, left = divmod(whole // 60, 60)
    return f"{hours} h {left:02} min" if hours else f"{left} min"
