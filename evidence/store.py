"""A content-addressed store on a local folder: bytes are found by their SHA-256, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from contracts.errors import JikimiError

_SHA256 = re.compile(r"[0-9a-f]{64}")


class NoSuchContent(JikimiError):
    """Nothing is stored under this hash."""

    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256
        super().__init__(sha256)

    def __str__(self) -> str:
        return f"evidence store: nothing under {self.sha256}"


class DamagedContent(JikimiError):
    """What is stored no longer has the hash it is stored under."""

    def __init__(self, sha256: str, found: str) -> None:
        self.sha256 = sha256
        self.found = found
        super().__init__(sha256, found)

    def __str__(self) -> str:
        return f"evidence store: content of {self.sha256} now hashes to {self.found}"


class Store:
    """Write-once bytes below ``root``; safe for several processes at once.

    Args:
        root: folder of the store; made on first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Return where content of this hash lies or would lie. Raises `NoSuchContent` for what is no SHA-256."""
        if not _SHA256.fullmatch(sha256):
            raise NoSuchContent(sha256)
        return self.root / "content" / sha256[:2] / sha256[2:4] / sha256

    def has(self, sha256: str) -> bool:
        """Tell whether content of this hash is stored."""
        return self.path(sha256).is_file()

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its SHA-256; storing it again changes nothing.

        The file appears under its final name only when it is whole and on disk, so a kill or a full disk leaves no
        torn content behind.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if target.is_file():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".draft-")
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(0o440)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the content.

        Raises:
            NoSuchContent: nothing is stored under this hash.
            DamagedContent: the bytes no longer match it.
        """
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise NoSuchContent(sha256) from None
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise DamagedContent(sha256, found)
        return data
