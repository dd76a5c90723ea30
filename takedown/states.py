"""The states of a notice packet and of each item in it. What a platform reports is not what we verified."""

from __future__ import annotations

from enum import StrEnum

from contracts.workflow import Workflow


class PacketState(StrEnum):
    """Where the packet stands on our side."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    WAITING = "waiting"
    SENT = "sent"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


PACKET = Workflow(
    "notice",
    PacketState,
    {
        PacketState.DRAFT: frozenset({PacketState.IN_REVIEW, PacketState.WITHDRAWN}),
        PacketState.IN_REVIEW: frozenset({PacketState.DRAFT, PacketState.APPROVED, PacketState.WITHDRAWN}),
        PacketState.APPROVED: frozenset({PacketState.WAITING, PacketState.WITHDRAWN}),
        PacketState.WAITING: frozenset({PacketState.SENT, PacketState.WITHDRAWN}),
        PacketState.SENT: frozenset({PacketState.CLOSED, PacketState.WITHDRAWN}),
    },
)


class ItemState(StrEnum):
    """Where one listing of a notice stands on the platform's side."""

    DRAFTED = "drafted"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    INFO_REQUESTED = "info_requested"
    REMOVED_REPORTED = "removed_reported"
    REMOVED_VERIFIED = "removed_verified"
    PARTLY_REMOVED = "partly_removed"
    REJECTED = "rejected"
    COUNTER_NOTICED = "counter_noticed"
    REINSTATED = "reinstated"
    RELISTED = "relisted"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_ANSWERS = frozenset(
    {
        ItemState.INFO_REQUESTED,
        ItemState.REMOVED_REPORTED,
        ItemState.REMOVED_VERIFIED,
        ItemState.PARTLY_REMOVED,
        ItemState.REJECTED,
        ItemState.COUNTER_NOTICED,
        ItemState.EXPIRED,
        ItemState.WITHDRAWN,
    }
)
_AFTER_REMOVAL = frozenset({ItemState.COUNTER_NOTICED, ItemState.REINSTATED, ItemState.RELISTED, ItemState.WITHDRAWN})

ITEM = Workflow(
    "notice item",
    ItemState,
    {
        ItemState.DRAFTED: frozenset({ItemState.SENT, ItemState.WITHDRAWN}),
        ItemState.SENT: _ANSWERS | {ItemState.ACKNOWLEDGED},
        ItemState.ACKNOWLEDGED: _ANSWERS,
        ItemState.INFO_REQUESTED: _ANSWERS - {ItemState.INFO_REQUESTED} | {ItemState.ACKNOWLEDGED},
        ItemState.REMOVED_REPORTED: _AFTER_REMOVAL | {ItemState.REMOVED_VERIFIED, ItemState.PARTLY_REMOVED},
        ItemState.REMOVED_VERIFIED: _AFTER_REMOVAL,
        ItemState.PARTLY_REMOVED: _AFTER_REMOVAL | {ItemState.REMOVED_REPORTED, ItemState.REMOVED_VERIFIED},
        ItemState.COUNTER_NOTICED: frozenset(
            {ItemState.REMOVED_REPORTED, ItemState.REMOVED_VERIFIED, ItemState.REINSTATED, ItemState.WITHDRAWN}
        ),
    },
)

# While an item is in one of these, a second notice for the same listing and right would be a duplicate.
LIVE_ITEM = frozenset(
    {
        ItemState.DRAFTED,
        ItemState.SENT,
        ItemState.ACKNOWLEDGED,
        ItemState.INFO_REQUESTED,
        ItemState.REMOVED_REPORTED,
        ItemState.PARTLY_REMOVED,
        ItemState.COUNTER_NOTICED,
    }
)
