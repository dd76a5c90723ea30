"""Chance that can be repeated: every choice of the sandbox comes from its seed."""

from __future__ import annotations

import hashlib
from random import Random


def dice(*seed: object) -> Random:
    """Return a source of choices that depends on ``seed`` alone."""
    return Random("/".join(str(part) for part in seed))  # noqa: S311 (repeatable choices, nothing secret)


def digest(*seed: object) -> str:
    """Return 64 hexadecimal digits that tell nothing of ``seed``."""
    return hashlib.sha256("/".join(str(part) for part in seed).encode()).hexdigest()
