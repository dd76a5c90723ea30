"""Files that can be made again: kept whole or not at all, whoever else keeps the same one."""

from __future__ import annotations

import secrets
from pathlib import Path


def keep(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, in the place of what was there, and make its folder where it is missing.

    It is written under a name of its own first: threads, and containers whose processes have the same numbers, may keep
    one file at once, and each reader finds either whole. What must not get lost belongs in `evidence.store.Store`.

    Raises:
        OSError: the disk is full or read-only; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".draft-{secrets.token_hex(8)}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
