"""The states of an outbox message."""

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
