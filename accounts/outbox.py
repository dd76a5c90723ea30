"""Delivers what writes published: the one engine behind ``jikimi work`` and the Celery task.

A room subscribes in its ``handlers.py``::

    @subscribe("registry.image_added")
    def hunt(*, brand_id: int, image_id: int) -> None: ...

Delivery is at least once, so handlers are idempotent; they get ids and read the present state. Every handler of a topic
is called; when one fails the message comes back to all of them later. A message is taken by a conditional UPDATE, so
two workers never hold it together; ``attempts`` and ``taken_until`` fence it: a worker that was taken for dead can no
longer change a message that another took after it.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import attrs
from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from accounts.models import OutboxMessage, User
from accounts.services import record
from accounts.states import DeliveryState

Handler = TypeVar("Handler", bound=Callable[..., None])

log = logging.getLogger(__name__)
ERROR_CHARACTERS = 2000
_handlers: defaultdict[str, list[Callable[..., None]]] = defaultdict(list)


@attrs.define
class Summary:
    """What a drain did, in messages. ``freed``: taken back from workers that died."""

    delivered: int = 0
    retried: int = 0
    failed: int = 0
    freed: int = 0

    @property
    def idle(self) -> bool:
        """Tell whether there was nothing to do."""
        return not (self.delivered or self.retried or self.failed)


def subscribe(topic: str) -> Callable[[Handler], Handler]:
    """Return a decorator that makes a function a handler of ``topic``; it is called with the message's ids."""

    def register(handler: Handler) -> Handler:
        if handler not in _handlers[topic]:
            _handlers[topic].append(handler)
        return handler

    return register


def handlers_of(topic: str) -> tuple[Callable[..., None], ...]:
    """Return the handlers of ``topic`` in every room's ``handlers.py``."""
    discover()
    return tuple(_handlers.get(topic, ()))


def discover() -> None:
    """Import every room's ``handlers.py``, once: only when something is delivered, so that commands start faster."""
    autodiscover_modules("handlers")


def drain(limit: int = 1000, *, stop: Callable[[], bool] = lambda: False) -> Summary:
    """Deliver up to ``limit`` messages, also those their handlers publish, oldest first; safe beside other workers.

    Args:
        limit: messages at most.
        stop: asked between messages; True ends early.
    """
    discover()  # before anything is taken: a room that cannot be imported must not use up attempts
    summary = Summary(freed=free_abandoned())
    for _ in range(limit):
        message = None if stop() else take()
        if message is None:
            break
        match finish(message, deliver(message)):
            case DeliveryState.DELIVERED:
                summary.delivered += 1
            case DeliveryState.WAITING:
                summary.retried += 1
            case DeliveryState.FAILED:
                summary.failed += 1
    return summary


def work(stop: threading.Event) -> Summary:
    """Drain until ``stop`` is set, waiting a little whenever there is nothing to do; return the total."""
    total = Summary()
    while not stop.is_set():
        close_old_connections()
        done = drain(stop=stop.is_set)
        for field in attrs.fields(Summary):
            setattr(total, field.name, getattr(total, field.name) + getattr(done, field.name))
        if done.idle:
            stop.wait(settings.OUTBOX_POLL_SECONDS)
    return total


def take() -> OutboxMessage | None:
    """Take the oldest message that is due, or None; of two workers that reach for one, one gets it."""
    while True:
        now = timezone.now()
        due = OutboxMessage.objects.filter(state=DeliveryState.WAITING, available_at__lte=now)
        candidate = due.order_by("id").first()
        if candidate is None:
            return None
        lease = now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
        if due.filter(pk=candidate.pk, attempts=candidate.attempts).update(
            state=DeliveryState.TAKEN, taken_until=lease, attempts=F("attempts") + 1
        ):
            candidate.refresh_from_db()
            return candidate


def deliver(message: OutboxMessage) -> list[str]:
    """Call every handler of a message and return what went wrong."""
    errors = []
    for handler in handlers_of(message.topic):
        try:
            handler(**message.payload)
        except Exception as error:
            log.warning("outbox message %s (%s): %s failed", message.pk, message.topic, handler.__name__, exc_info=True)
            errors.append(f"{handler.__module__}.{handler.__name__}: {type(error).__name__}: {error}")
    return errors


def finish(message: OutboxMessage, errors: list[str]) -> DeliveryState | None:
    """Write down how delivery went; None when the message was meanwhile taken by another worker."""
    values: dict[str, Any] = {"taken_until": None, "last_error": "\n".join(errors)[:ERROR_CHARACTERS]}
    target = _after(message.attempts) if errors else DeliveryState.DELIVERED
    if target is DeliveryState.WAITING:
        delay = settings.OUTBOX_RETRY_SECONDS * 2 ** (message.attempts - 1)
        values["available_at"] = timezone.now() + timedelta(seconds=delay)
    held = {"state": DeliveryState.TAKEN, "attempts": message.attempts, "taken_until": message.taken_until}
    mine = OutboxMessage.objects.filter(pk=message.pk, **held)
    return target if mine.update(state=target, **values) else None


def free_abandoned() -> int:
    """Take messages back from workers that died over them; one that was tried often enough fails. Returns how many."""
    freed = 0
    abandoned = OutboxMessage.objects.filter(state=DeliveryState.TAKEN, taken_until__lt=timezone.now())
    for message in abandoned:
        target = _after(message.attempts)
        freed += abandoned.filter(pk=message.pk, attempts=message.attempts).update(
            state=target, taken_until=None, last_error="the worker died over it"
        )
    return freed


@transaction.atomic
def retry_failed(*, actor: User | None) -> int:
    """Put every failed message back, with all its attempts before it; an operator does this after a repair."""
    failed = OutboxMessage.objects.filter(state=DeliveryState.FAILED)
    for message in failed:
        record(actor=actor, verb="message.retried", subject=message, organisation=None)
    return failed.update(state=DeliveryState.WAITING, attempts=0, available_at=timezone.now())


def _after(attempts: int) -> DeliveryState:
    """Return where a message goes that was not delivered on its ``attempts``-th try."""
    return DeliveryState.FAILED if attempts >= settings.OUTBOX_ATTEMPTS else DeliveryState.WAITING
