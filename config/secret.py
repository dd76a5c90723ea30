"""The installation's own secret key, made once and readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def key(home: Path) -> str:
    """Return the key kept in ``home``, making it on first use."""
    path = home / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    home.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_urlsafe(50)
    draft = home / f"secret_key.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(fresh)
    try:
        os.link(draft, path)  # atomic: of two processes starting together, one key wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
