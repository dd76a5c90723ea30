"""Which picture lies behind which address: kept beside the evidence, so that the next crawl need not fetch it again.

Only a memory: lost, every picture is fetched anew and found to be stored already.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import attrs

from contracts.job import ImageRef

_TABLE = (
    "CREATE TABLE IF NOT EXISTS pictures (url TEXT PRIMARY KEY, job_id TEXT NOT NULL, picture TEXT NOT NULL,"
    " etag TEXT, last_modified TEXT) WITHOUT ROWID"
)


@attrs.frozen(kw_only=True)
class Hung:
    """A picture as it was last fetched, and by which job."""

    job_id: str
    picture: ImageRef
    etag: str | None
    last_modified: str | None


class Gallery:
    """Pictures by address, shared by the crawls of one evidence folder; safe for several processes at once.

    Args:
        path: the SQLite file; made when new, begun anew when it is damaged.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = _opened(path)
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            self._file = _opened(path)

    def get(self, url: str) -> Hung | None:
        """Return what was last found at an address."""
        row = self._file.execute(
            "SELECT job_id, picture, etag, last_modified FROM pictures WHERE url = ?", (url,)
        ).fetchone()
        if row is None:
            return None
        job_id, picture, etag, last_modified = row
        return Hung(
            job_id=job_id, picture=ImageRef.model_validate_json(picture), etag=etag, last_modified=last_modified
        )

    def hang(self, hung: Hung) -> None:
        """Remember what was found."""
        values = (
            hung.picture.url, hung.job_id, hung.picture.model_dump_json(), hung.etag, hung.last_modified,
        )  # fmt: skip
        self._file.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?)", values)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _opened(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, isolation_level=None, timeout=30)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = NORMAL")
    file.execute(_TABLE)
    return file
