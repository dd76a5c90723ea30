"""Where each record of a WARC file begins, so that one record is one read, however large the file has grown.

``NAME.warc.gz.offsets`` lies beside its WARC file: a first line that says how many bytes it covers, then a line per
record, ``ID OFFSET``. It is made of the WARC file when first asked, goes on where it ended when the file has grown, and
is no evidence itself: whoever reads by it looks at the record found, and one that is wrong is made anew. Where it
cannot be written (a copy on a read-only disk), the file is read through each time.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from evidence.keeping import keep
from evidence.members import Damage, Member, member_at, members

_RECORD_ID = re.compile(rb"^WARC-Record-ID: *<([^>\r\n]+)>", re.IGNORECASE | re.MULTILINE)
_HEAD = 4096  # bytes of a record that are searched for its id
_COVERS = re.compile(rb"covers (\d+)\n")


def record_id_of(member: Member) -> str:
    """Return the bare id of the record a member holds; empty when it holds none."""
    found = _RECORD_ID.search(member.data[:_HEAD].partition(b"\r\n\r\n")[0])
    return found.group(1).decode("ascii", "replace") if found else ""


def find_member(path: Path, record_id: str) -> Member | None:
    """Return the member that holds a record of a WARC file; None when no whole record has this id."""
    lines = _read(path)
    found = _look_up(path, lines, record_id)
    if found:
        return found
    found = _look_up(path, _extended(path, lines), record_id)
    if found or not lines:
        return found
    return _look_up(path, _extended(path, b""), record_id)  # the old lines were those of another file


def offsets_of(path: Path) -> Path:
    """Return where the offsets of a WARC file lie."""
    return path.with_name(f"{path.name}.offsets")


def _read(path: Path) -> bytes:
    try:
        lines = offsets_of(path).read_bytes()
    except OSError:
        return b""
    covers = _COVERS.match(lines)
    return lines if covers and int(covers.group(1)) <= path.stat().st_size else b""


def _look_up(path: Path, lines: bytes, record_id: str) -> Member | None:
    _, here, rest = lines.partition(f"\n{record_id} ".encode())
    offset = rest.partition(b"\n")[0]
    if not here or not offset.isdigit():
        return None
    member = member_at(path, int(offset))
    return member if member and record_id_of(member) == record_id else None


def _extended(path: Path, lines: bytes) -> bytes:
    """Return ``lines`` with those of the records behind them, and keep them if that can be done."""
    head, _, known = lines.partition(b"\n")
    covered = int(head.split()[1]) if lines else 0
    parts = [known]
    for found in _whole(path, covered):
        covered = found.offset + found.length
        record_id = record_id_of(found)
        if record_id:
            parts.append(f"{record_id} {found.offset}\n".encode())
    if len(parts) == 1 and lines:
        return lines
    lines = f"covers {covered}\n".encode() + b"".join(parts)
    with contextlib.suppress(OSError):  # read-only, or no room: the next reader reads the file through again
        keep(offsets_of(path), lines)
    return lines


def _whole(path: Path, start: int) -> Iterator[Member]:
    """Read the whole members; a torn end is not covered, because the next run of the crawl writes there."""
    for found in members(path, start):
        if isinstance(found, Member):
            yield found
        elif isinstance(found, Damage) and found.torn:
            return
