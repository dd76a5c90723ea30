"""Whether a listing is still there, as far as we saw, and how it came to an organisation."""

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


class Source(StrEnum):
    """How a listing came to an organisation.

    What is shared with the pool is what a watch found; what people captured and what a licensed feed had is not.
    """

    WATCH = "watch"  # a watch of its own found it
    BROUGHT = "brought"  # its people captured it, or a feed of its own had it
    POOL = "pool"  # a watch of another organisation in the pool found it


OWN = frozenset({Source.WATCH, Source.BROUGHT})
# The nearer source stays: a watch of one's own is never outdone by a capture, nor either by the pool.
SOURCE = Workflow(
    "sighting",
    Source,
    {Source.POOL: frozenset({Source.BROUGHT, Source.WATCH}), Source.BROUGHT: frozenset({Source.WATCH})},
)
