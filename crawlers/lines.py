"""Files of JSON lines that outlive a kill."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evidence.appending import append_whole

logger = logging.getLogger(__name__)

_CHUNK = 1 << 16


class Lines:
    """A file of JSON lines, appended one whole line at a time; opening cuts off a torn last line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)
        self._size = path.stat().st_size
        whole = _last_end(path, self._size)
        if whole < self._size:
            logger.warning("%s: cut a torn last line of %d bytes", path.name, self._size - whole)
            os.truncate(path, whole)
            self._size = whole
        self._reader = path.open("rb")

    def read(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield every line with its offset; one that is no JSON (a disk's doing) is passed over with a warning."""
        offset = 0
        with self.path.open("rb") as file:
            for line in file:
                try:
                    yield offset, json.loads(line)
                except ValueError:
                    logger.warning("%s: the line at byte %d is damaged and passed over", self.path.name, offset)
                offset += len(line)

    def at(self, offset: int) -> dict[str, Any]:
        """Return the line that begins at ``offset``."""
        self._reader.seek(offset)
        found: dict[str, Any] = json.loads(self._reader.readline())
        return found

    def append(self, line: str) -> int:
        """Append one line, whole or not at all; returns its offset. Raises `OSError` when the disk is full."""
        data = line.encode("utf-8", "surrogatepass") + b"\n"
        append_whole(self._file, data)
        offset, self._size = self._size, self._size + len(data)
        return offset

    def sync(self) -> None:
        """Force what was written onto the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close."""
        self.sync()
        self._file.close()
        self._reader.close()


def _last_end(path: Path, size: int) -> int:
    """Return the length of the file up to its last line end."""
    with path.open("rb") as file:
        end = size
        while end > 0:
            start = max(0, end - _CHUNK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0
