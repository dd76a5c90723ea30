"""Whether a listing is still there, as far as we saw."""

from __future__ import annotations

from enum import StrEnum

from contracts.workflow import Workflow


class Presence(StrEnum):
    """What the last look that got through showed. A blocked or failed look changes nothing."""

    LIVE = "live"
    GONE = "gone"


PRESENCE = Workflow(
    "listing",
    Presence,
    {Presence.LIVE: frozenset({Presence.GONE}), Presence.GONE: frozenset({Presence.LIVE})},
)
