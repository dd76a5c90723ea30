"""What the last crawl saw of a market's listings, handed to the next one in a file it need not read whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Known(BaseModel):
    """What the last crawl saw of a listing, so that an unchanged one is not stored twice.

    With ``card_fingerprint`` (from `SpoolListing`) a listing whose entry on a result page is as it was is not even
    fetched again; without it the page is fetched and its fingerprint compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    card_fingerprint: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    revisit: bool = False  # a known infringing listing is always fetched again


_TABLE = (
    "CREATE TABLE known (listing_id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, card_fingerprint TEXT, etag TEXT,"
    " last_modified TEXT, revisit INTEGER NOT NULL) WITHOUT ROWID"
)


def write_known(path: Path, known: Mapping[str, Known]) -> Path:
    """Write ``known`` as an SQLite file that replaces an older one whole; returns ``path``."""
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)
    file = sqlite3.connect(draft, isolation_level=None)
    try:
        file.execute("PRAGMA synchronous = OFF")  # the draft is worth nothing until it is whole
        file.execute("BEGIN")
        file.execute(_TABLE)
        file.executemany(
            "INSERT INTO known VALUES (?, ?, ?, ?, ?, ?)",
            (
                (key, one.fingerprint, one.card_fingerprint, one.etag, one.last_modified, one.revisit)
                for key, one in known.items()
            ),
        )
        file.execute("COMMIT")
    finally:
        file.close()
    return draft.replace(path)


class KnownListings:
    """Looks listings up in what `write_known` wrote, without holding it in memory.

    Args:
        path: the file; None knows nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True) if path else None

    def get(self, listing_id: str | None) -> Known | None:
        """Return what is known of a listing."""
        if self._file is None or not listing_id:
            return None
        row = self._file.execute("SELECT * FROM known WHERE listing_id = ?", (listing_id,)).fetchone()
        if row is None:
            return None
        _, fingerprint, card_fingerprint, etag, last_modified, revisit = row
        return Known(
            fingerprint=fingerprint,
            card_fingerprint=card_fingerprint,
            etag=etag,
            last_modified=last_modified,
            revisit=bool(revisit),
        )

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
