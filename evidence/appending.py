"""Appending to a file whole or not at all, on a disk that may be full."""

from __future__ import annotations

import errno
import io
import os
import sqlite3

# What a disk, a quota or a process's limit says when it takes no more.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(error: BaseException | None) -> bool:
    """Tell whether an error, of a file or of an SQLite database, says that the disk takes no more."""
    if isinstance(error, sqlite3.OperationalError):
        name = getattr(error, "sqlite_errorname", "")
        return name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR")
    return isinstance(error, OSError) and error.errno in FULL


def append_whole(file: io.FileIO, data: bytes) -> None:
    """Append ``data`` to an unbuffered file; what does not fit is taken back.

    A full disk takes the first bytes of a write without an error and refuses the next write: without this a torn piece
    would stay in the middle of the file.

    Raises:
        OSError: nothing was appended.
    """
    start = os.fstat(file.fileno()).st_size
    done = 0
    try:
        while done < len(data):
            done += file.write(data[done:]) or 0
    except OSError:
        os.ftruncate(file.fileno(), start)
        raise
