"""The states of an outbox message and of an access token."""

from __future__ import annotations

from enum import StrEnum

from contracts.workflow import Workflow


class DeliveryState(StrEnum):
    """Where a message stands; delivered at least once, so handlers are idempotent."""

    WAITING = "waiting"
    TAKEN = "taken"
    DELIVERED = "delivered"
    FAILED = "failed"


DELIVERY = Workflow(
    "outbox message",
    DeliveryState,
    {
        DeliveryState.WAITING: frozenset({DeliveryState.TAKEN}),
        DeliveryState.TAKEN: frozenset({DeliveryState.DELIVERED, DeliveryState.WAITING, DeliveryState.FAILED}),
        DeliveryState.FAILED: frozenset({DeliveryState.WAITING}),
    },
)


class TokenState(StrEnum):
    """Whether an access token may be used; it may also have expired."""

    ACTIVE = "active"
    REVOKED = "revoked"


TOKEN = Workflow("access token", TokenState, {TokenState.ACTIVE: frozenset({TokenState.REVOKED})})
