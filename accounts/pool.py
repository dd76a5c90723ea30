"""The pool: the organisations that agreed to share what their watches find (docs/decisions/0016)."""

from __future__ import annotations

from django.db import connection

from accounts.models import Organisation

LOCK = 0x6A696B696D69  # PostgreSQL's advisory locks are told apart by a number: "jikimi"


def members() -> frozenset[int]:
    """Return the keys of the organisations that take part: 1 query."""
    return frozenset(Organisation.objects.filter(pool=True).values_list("pk", flat=True))


def hold_members() -> frozenset[int]:
    """Return the same, and let nobody join or leave until the caller's transaction ends.

    What is shared is written with it first of all: who joins meanwhile would see neither the rows written here, which
    are not committed yet, nor be seen. Callers do not wait for each other.
    """
    _lock("pg_advisory_xact_lock_shared")
    return members()


def hold_alone() -> None:
    """Wait until nobody shares anything, and let nobody begin until the caller's transaction ends."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    if connection.vendor == "postgresql":  # SQLite has one writer at a time, from the BEGIN on
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [LOCK])
