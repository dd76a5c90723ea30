"""The gzip members a WARC file is made of: one record each, so a torn end is cut off and one is read alone."""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import attrs

_MAGIC = b"\x1f\x8b\x08"
_CHUNK = 1 << 20


@attrs.frozen(kw_only=True)
class Member:
    """One gzip member of a file: where it lies (bytes) and what it holds."""

    offset: int
    length: int
    data: bytes


@attrs.frozen(kw_only=True)
class Damage:
    """A place in a file that cannot be read. ``torn``: the rest of the file, as a kill leaves it."""

    offset: int
    torn: bool


def members(path: Path, start: int = 0) -> Iterator[Member | Damage]:
    """Read a file member by member from byte ``start``; damage is told where it is, and reading goes on behind it.

    The file is mapped, not loaded: memory holds one member at a time, however many gigabytes there are.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size <= start:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield from _members(data, start)


def member_at(path: Path, offset: int) -> Member | None:
    """Return the member that begins at byte ``offset``; None when none does, or it is damaged."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size <= offset:
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _member(data, offset)


def _members(data: mmap.mmap, offset: int) -> Iterator[Member | Damage]:
    while offset < len(data):
        found = _member(data, offset)
        if found:
            yield found
            offset += found.length
            continue
        following = _next_member(data, offset + 1)
        yield Damage(offset=offset, torn=following is None)
        if following is None:
            return
        offset = following


def _member(data: mmap.mmap, offset: int) -> Member | None:
    if data[offset : offset + 3] != _MAGIC:
        return None
    reader = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    position = offset
    try:
        while not reader.eof and position < len(data):
            chunk = data[position : position + _CHUNK]
            parts.append(reader.decompress(chunk))
            position += len(chunk)
    except zlib.error:
        return None
    if not reader.eof:
        return None
    end = position - len(reader.unused_data)
    return Member(offset=offset, length=end - offset, data=b"".join(parts))


def _next_member(data: mmap.mmap, start: int) -> int | None:
    while (start := data.find(_MAGIC, start)) >= 0:
        if _member(data, start):
            return start
        start += 1
    return None
