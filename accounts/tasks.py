"""The outbox on Celery: the same engine as ``jikimi work``, called by beat."""

from __future__ import annotations

import attrs
from celery import shared_task

from accounts import outbox


@shared_task(name="accounts.drain_outbox", ignore_result=True)
def drain_outbox(limit: int = 1000) -> dict[str, int]:
    """Deliver what is due; several workers may run this at once."""
    return attrs.asdict(outbox.drain(limit))
