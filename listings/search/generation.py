"""One generation of the embedded index: a folder with an SQLite file and the binary index beside it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from listings.search.columns import Column
from listings.search.grams import BORDER_WEIGHT, Fold, GramQuery, query, stream
from listings.search.interface import (
    EMBEDDING_BYTES,
    HASH_BYTES,
    Hit,
    ImageHit,
    ListingDoc,
    SearchUnavailable,
    Wanted,
)
from listings.search.nearest import alike, near

BUSY_SECONDS = 30.0
SLOTS_AT_ONCE = 500
AFTER_EVERY_LETTER = "\U0010ffff"
BEST_FIRST = "ORDER BY round(fits.score, 6) DESC, docs.key"
BY_KEY = "AND docs.key > :after ORDER BY docs.key"

FORMAT = 2  # of everything below; another one is told from it and must be made anew
SCHEMA = """
CREATE TABLE docs (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, digest TEXT NOT NULL,
    title TEXT NOT NULL, market TEXT NOT NULL, site TEXT NOT NULL, seller TEXT NOT NULL
) STRICT;
CREATE TABLE organisations (
    organisation INTEGER NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (organisation, doc)
) STRICT, WITHOUT ROWID;
CREATE INDEX organisations_of_doc ON organisations (doc);
CREATE TABLE codes (slot INTEGER PRIMARY KEY, doc INTEGER NOT NULL, sha256 TEXT NOT NULL, value BLOB NOT NULL) STRICT;
CREATE INDEX codes_of_doc ON codes (doc);
CREATE TABLE embeddings (slot INTEGER PRIMARY KEY, doc INTEGER NOT NULL, value BLOB NOT NULL) STRICT;
CREATE INDEX embeddings_of_doc ON embeddings (doc);
CREATE TABLE slots (name TEXT PRIMARY KEY, used INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO slots VALUES ('codes', 0), ('embeddings', 0);
CREATE VIRTUAL TABLE streams USING fts5 (stream, tokenize = 'trigram case_sensitive 1', detail = none);
CREATE VIRTUAL TABLE grams USING fts5vocab (streams, instance);
"""

_VISIBLE = "(:organisation IS NULL OR EXISTS (SELECT 1 FROM organisations o WHERE o.organisation = :organisation"
VISIBLE_DOC = _VISIBLE + " AND o.doc = docs.id))"


class GenerationGone(Exception):
    """The folder was removed: a rebuild switched to another generation."""


class Generation:
    """A whole index in one folder; safe for several processes at once.

    Args:
        folder: where it lies; made by `create`.
        folding: how text is folded before it is cut.
    """

    def __init__(self, folder: Path, folding: Fold) -> None:
        self.folder = folder
        self.folding = folding
        self.codes = Column(folder / "codes", HASH_BYTES)
        self.embeddings = Column(folder / "embeddings", EMBEDDING_BYTES)

    def create(self) -> None:
        """Make an empty index; whole once its database appears under its name."""
        self.folder.mkdir(parents=True)
        draft = self.folder / "draft.sqlite3"
        connection = sqlite3.connect(draft, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.close()
        draft.rename(self.folder / "index.sqlite3")

    @contextmanager
    def _open(self, begin: str) -> Iterator[sqlite3.Connection]:
        """Open the database for one transaction; committed when the block ends well, else rolled back."""
        database = self.folder / "index.sqlite3"
        try:
            with closing(
                sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
            ) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                if connection.execute("PRAGMA user_version").fetchone() != (FORMAT,):
                    told = "it was made by another version: make it anew with `jikimi index rebuild`"
                    raise SearchUnavailable(f"search index in {self.folder}: {told}")
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError, ValueError) as error:
            if database.exists():
                raise
            raise GenerationGone(str(self.folder)) from error

    def put(self, docs: Sequence[ListingDoc]) -> None:
        """Write documents in one transaction; what is stored with the same content or a later version stays."""
        with self._open("BEGIN IMMEDIATE") as db:
            starts = [(column, column.used(db)) for column in (self.codes, self.embeddings)]
            for doc in docs:
                self._put_one(db, doc)
            for column, start in starts:
                column.write(db, start)

    def _put_one(self, db: sqlite3.Connection, doc: ListingDoc) -> None:
        digest = doc.digest
        stored = db.execute("SELECT id, version, digest FROM docs WHERE key = ?", (doc.key,)).fetchone()
        if stored and (stored[1] > doc.version or stored[2] == digest):
            # A later look that found the same takes no new slots: they would be empty until the next rebuild.
            db.execute(
                "UPDATE docs SET version = ? WHERE id = ? AND version < ?", (doc.version, stored[0], doc.version)
            )
            return
        if stored:
            _delete(db, stored[0])
        row = (doc.key, doc.version, digest, doc.title, doc.market, doc.site, doc.seller)
        number = db.execute(
            "INSERT INTO docs (key, version, digest, title, market, site, seller) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        ).lastrowid
        text = stream((doc.title, doc.text, doc.shown), self.folding)
        db.execute("INSERT INTO streams (rowid, stream) VALUES (?, ?)", (number, text))
        db.executemany("INSERT INTO organisations VALUES (?, ?)", [(each, number) for each in doc.organisations])
        self.codes.add(db, [(number, image.sha256, image.bits) for image in doc.image_hashes])
        self.embeddings.add(db, [(number, each) for image in doc.image_hashes for each in image.embeddings])

    def remove(self, keys: Sequence[str]) -> None:
        """Forget documents in one transaction; their slots stay empty until the next rebuild."""
        with self._open("BEGIN IMMEDIATE") as db:
            for key in keys:
                stored = db.execute("SELECT id FROM docs WHERE key = ?", (key,)).fetchone()
                if stored:
                    _delete(db, stored[0])

    def count(self) -> int:
        """Return how many documents there are."""
        with self._open("BEGIN") as db:
            (number,) = db.execute("SELECT count(*) FROM docs").fetchone()
        return int(number)

    def differing(self, docs: Sequence[ListingDoc]) -> list[str]:
        """Return the keys of those documents whose content is not what is stored."""
        with self._open("BEGIN") as db:
            rows = db.execute(
                "SELECT key, digest FROM docs WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps([doc.key for doc in docs]),),
            )
            stored = dict(rows.fetchall())
        return [doc.key for doc in docs if stored.get(doc.key) != doc.digest]

    def search_text(self, spellings: Sequence[str], organisation: int | None, limit: int) -> list[Hit]:
        """Count grams per document for each spelling; the best spelling of a document is its score."""
        queries = {found for spelling in spellings if (found := query(spelling, self.folding))}
        best: dict[str, float] = {}
        with self._open("BEGIN") as db:
            for each in queries:
                for key, score in _fitting(db, each, BEST_FIRST, organisation=organisation, limit=limit):
                    best[key] = max(score, best.get(key, 0.0))
        ranked = sorted(best.items(), key=lambda item: (-round(item[1], 6), item[0]))
        return [Hit(key, score) for key, score in ranked[:limit]]

    def search_image(self, bits: bytes, max_distance: int, organisation: int | None, limit: int) -> list[ImageHit]:
        """Compare every code, then ask the rows, nearest first, which of them count."""
        with self._whole() as db:
            slots, distances = near(self.codes.mapped(self.codes.used(db)), bits, max_distance)
            return _nearest(db, slots.tolist(), distances.tolist(), organisation, limit)

    def sweep(self, wanted: Wanted, organisation: int | None, after: str, limit: int) -> list[str]:
        """Ask for each spelling, each code and each embedding; what any of them finds, by key."""
        queries = {found for spelling in wanted.spellings if (found := query(spelling, self.folding, typos=2))}
        found: set[str] = set()
        with self._whole() as db:
            for each in queries:
                found.update(key for key, _ in _fitting(db, each, BY_KEY, organisation, limit, after))
            if wanted.codes:
                codes = self.codes.mapped(self.codes.used(db))
                slots = {slot for code in wanted.codes for slot in near(codes, code, wanted.max_distance)[0].tolist()}
                found.update(_owners(db, self.codes, slots, organisation, after))
            if wanted.embeddings:
                embeddings = self.embeddings.mapped(self.embeddings.used(db))
                close = alike(embeddings, wanted.embeddings, wanted.least_cosine)
                found.update(_owners(db, self.embeddings, close.tolist(), organisation, after))
        return sorted(found)[:limit]

    @contextmanager
    def _whole(self) -> Iterator[sqlite3.Connection]:
        """Open one snapshot of all parts; a torn binary index is mended first."""
        columns = (self.codes, self.embeddings)
        for _ in range(2):
            with self._open("BEGIN") as db:
                if all(column.is_whole(column.used(db)) for column in columns):
                    yield db
                    return
            with self._open("BEGIN IMMEDIATE") as db:
                for column in columns:
                    column.write(db, column.used(db))
        raise OSError(f"the binary index in {self.folder} is shorter again than it was just written")


def _delete(db: sqlite3.Connection, number: int) -> None:
    db.execute("DELETE FROM docs WHERE id = ?", (number,))
    db.execute("DELETE FROM streams WHERE rowid = ?", (number,))
    db.execute("DELETE FROM organisations WHERE doc = ?", (number,))
    db.execute("DELETE FROM codes WHERE doc = ?", (number,))
    db.execute("DELETE FROM embeddings WHERE doc = ?", (number,))


def _fitting(
    db: sqlite3.Connection, wanted: GramQuery, order: str, organisation: int | None, limit: int, after: str = ""
) -> list[tuple[str, float]]:
    """Count in SQL which documents hold enough of the core. A pair of letters is the beginning of a triple."""
    values: dict[str, object] = {
        "organisation": organisation,
        "needed": wanted.needed,
        "limit": limit,
        "after": after,
    }
    parts = []
    for number, (gram, is_core) in enumerate(
        [*((gram, 1) for gram in wanted.core), *((gram, 0) for gram in wanted.borders)]
    ):
        weight = wanted.weight if is_core else BORDER_WEIGHT
        values |= {f"from{number}": gram, f"to{number}": gram + AFTER_EVERY_LETTER}
        parts.append(
            f"SELECT DISTINCT doc, {is_core} AS core, {weight!r} AS weight FROM grams "  # noqa: S608 (our own numbers)
            f"WHERE term >= :from{number} AND term < :to{number}"
        )
    sql = (
        "SELECT docs.key, fits.score FROM (SELECT doc, sum(core) AS had, sum(weight) AS score FROM ("  # noqa: S608 (likewise)
        + " UNION ALL ".join(parts)
        + f") GROUP BY doc HAVING had >= :needed) AS fits "
        f"JOIN docs ON docs.id = fits.doc WHERE {VISIBLE_DOC} {order} LIMIT :limit"
    )
    return db.execute(sql, values).fetchall()


def _nearest(
    db: sqlite3.Connection, slots: list[int], distances: list[int], organisation: int | None, limit: int
) -> list[ImageHit]:
    """Ask the rows, nearest first, which slots count, until there are enough and the next one is farther."""
    hits: list[ImageHit] = []
    for start in range(0, len(slots), SLOTS_AT_ONCE):
        if len(hits) >= limit and distances[start] > hits[limit - 1].distance:
            break
        batch = dict(zip(slots[start : start + SLOTS_AT_ONCE], distances[start : start + SLOTS_AT_ONCE], strict=True))
        hits += [ImageHit(key, sha, batch[slot]) for slot, key, sha in _counting(db, [*batch], organisation)]
        hits.sort(key=lambda hit: (hit.distance, hit.key, hit.sha256))
    return hits[:limit]


def _counting(db: sqlite3.Connection, slots: list[int], organisation: int | None) -> list[tuple[int, str, str]]:
    """Return slot, key and picture of those codes' slots that count for the organisation."""
    sql = (
        "SELECT codes.slot, docs.key, codes.sha256 FROM json_each(:slots) AS wanted "  # noqa: S608 (no input in it)
        f"JOIN codes ON codes.slot = wanted.value JOIN docs ON docs.id = codes.doc WHERE {VISIBLE_DOC}"
    )
    return db.execute(sql, {"slots": json.dumps(slots), "organisation": organisation}).fetchall()


def _owners(
    db: sqlite3.Connection, column: Column, slots: Iterable[int], organisation: int | None, after: str
) -> Iterator[str]:
    """Yield the keys behind ``after`` whose slots they are, of documents that count for the organisation."""
    sql = (
        f"SELECT DISTINCT docs.key FROM json_each(:slots) AS wanted JOIN {column.table} AS held "  # noqa: S608 (likewise)
        f"ON held.slot = wanted.value JOIN docs ON docs.id = held.doc WHERE {VISIBLE_DOC} AND docs.key > :after"
    )
    values = {"slots": json.dumps(list(slots)), "organisation": organisation, "after": after}
    yield from (key for (key,) in db.execute(sql, values))
