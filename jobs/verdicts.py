"""How a market fares, in one word."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Derived from runs and schedule, never set by hand; worst first."""

    BLOCKED = "blocked"
    SILENT = "silent"
    DEGRADED = "degraded"
    HEALTHY = "healthy"
