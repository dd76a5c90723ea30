"""Apollo's normalised cache, as GraphQL shops write it into their pages: objects refer to each other by key."""

from __future__ import annotations

from typing import Any

DEEPEST = 10


def resolved(cache: Any, value: Any, depth: int = 0) -> Any:
    """Return ``value`` with its references filled in from ``cache``.

    Args:
        cache: the page's cache; anything but an object leaves ``value`` as it is.
        value: a part of the cache: ``{"__ref": key}`` (Apollo 3) and ``{"type": "id", "id": key}`` (before) refer to
            another part, ``{"type": "json", "json": ...}`` wraps a plain list.
        depth: how many references and levels were followed; deeper than ten a part stays as it is.
    """
    if not isinstance(cache, dict) or depth > DEEPEST:
        return value
    if isinstance(value, list):
        return [resolved(cache, item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    key = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
    if isinstance(key, str) and isinstance(cache.get(key), dict):
        return resolved(cache, cache[key], depth + 1)
    if value.get("type") == "json" and "json" in value:
        return resolved(cache, value["json"], depth + 1)
    return {name: resolved(cache, item, depth + 1) for name, item in value.items()}
