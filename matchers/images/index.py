"""Finds the few registered pictures worth comparing: hashes and embeddings over all, and votes of visual words.

Kept in memory per registered picture: 32 bytes of PDQ, 8 of pHash, 128 of embedding and 12 for each of 200 local
features, about 2.6 kB; everything else stays where the sequence of references has it and is fetched for candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

import attrs
import faiss
import numpy as np
import numpy.typing as npt

from matchers.images import descriptor
from matchers.images.descriptor import Descriptor, View
from matchers.images.embedding import DIMENSIONS
from matchers.images.features import mirrored_features
from matchers.images.visual_words import CELLS, Words, vocabulary

VERSION = f"{descriptor.VERSION}-summary-1"  # of a `Summary` on disk: another one when the vocabulary of words changes
HASHES, SIMILAR, VOTED = 3, 3, 8  # candidates of each view by hash and by embedding, of the picture by votes
PART_VOTED = 2  # candidates by the votes of a part
IDENTICAL = 20  # bits: so near that no other picture needs to be looked at
MIN_QUALITY = 50  # PDQ's own limit, under which a picture is too flat to trust its hash
HASH_LIMIT = 100  # Hamming distance of 256 beyond which a hash says nothing
PHASH_LIMIT = 12  # bits of 64: pHash (ImageHash) keeps candidates that PDQ's larger grid loses to a thin border
COSINE = 0.35  # of embeddings; below they say nothing
LEAST_VOTES = 0.02  # of a view; no copy of 1,000 was found by fewer alone (2026-11-27)
KEPT = 200  # local features of a registered picture that vote: its strongest
ASKED = 200  # local features of a view that ask
PROBES = 4  # cells each of them looks into
BITS = 20  # of 64 by which two features of one cell may differ
CHECKSUM = 4  # bytes before a summary on disk
ARRAYS = ("pdq", "phash", "embeddings", "bits", "cells")  # of a summary, in the order in which they lie on disk
WEIGHTS = np.exp(-((np.arange(65) / 12.0) ** 2)) * (np.arange(65) <= BITS)  # of a vote, by differing bits

faiss.omp_set_num_threads(1)  # the pictures are what is parallel


@attrs.frozen(kw_only=True)
class Candidate:
    """A registered picture worth comparing.

    ``position`` is its place in the index; ``looks`` the views of the query, each with whether mirrored, that found it;
    ``votes`` is its share of the votes of the view that gave it most.
    """

    position: int
    votes: float
    looks: tuple[tuple[int, bool], ...]


@attrs.frozen(kw_only=True, eq=False)
class Summary:
    """What is kept in memory of registered pictures: one row each, and their words with the row they belong to."""

    pdq: npt.NDArray[np.uint8]
    phash: npt.NDArray[np.uint64]
    embeddings: npt.NDArray[np.int8]
    cells: npt.NDArray[np.uint16]
    bits: npt.NDArray[np.uint64]
    owners: npt.NDArray[np.int32]

    def to_bytes(self) -> bytes:
        """Return one picture's summary for a cache on disk: a checksum and the arrays, at most 2.2 kB."""
        arrays = b"".join(getattr(self, name).tobytes() for name in ARRAYS)
        return crc32(arrays).to_bytes(CHECKSUM, "little") + arrays

    @classmethod
    def from_bytes(cls, data: bytes) -> Summary | None:
        """Read what `to_bytes` wrote of one picture; None when it is torn."""
        arrays = data[CHECKSUM:]
        words, rest = divmod(len(arrays) - _layout(0).itemsize, _layout(1).itemsize - _layout(0).itemsize)
        if words < 0 or rest or crc32(arrays) != int.from_bytes(data[:CHECKSUM], "little"):
            return None
        (row,) = np.frombuffer(arrays, _layout(words))
        return cls(owners=np.zeros(words, np.int32), **{name: row[name] for name in ARRAYS})


def _layout(words: int) -> np.dtype[Any]:
    """Return how one picture's summary lies on disk."""
    shapes = (("u1", (1, 32)), ("<u8", (1,)), ("i1", (1, DIMENSIONS)), ("<u8", (words,)), ("<u2", (words,)))
    return np.dtype([(name, *shape) for name, shape in zip(ARRAYS, shapes, strict=True)])


def summarise(references: Iterable[Descriptor]) -> Summary:
    """Read every registered picture once and keep what candidates are found by."""
    rows: list[tuple[Any, ...]] = []
    words: list[Words] = []
    for reference in references:
        whole = reference.whole
        rows.append((whole.pdq[0], whole.phash, whole.embedding))
        words.append(vocabulary().words(whole.features[:KEPT]))
    counts = [len(found.cells) for found in words]
    return Summary(
        pdq=np.array([row[0] for row in rows], np.uint8).reshape(-1, 32),
        phash=np.array([row[1] for row in rows], np.uint64),
        embeddings=np.array([row[2] for row in rows], np.int8).reshape(-1, DIMENSIONS),
        cells=np.concatenate([np.zeros(0, np.uint16), *(found.cells[:, 0] for found in words)]),
        bits=np.concatenate([np.zeros(0, np.uint64), *(found.bits[:, 0] for found in words)]),
        owners=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
    )


def joined(summaries: Iterable[Summary]) -> Summary:
    """Return one summary of all pictures of several, in their order."""
    found = [summarise([]), *summaries]
    starts = np.cumsum([len(summary.pdq) for summary in found], dtype=np.int32)
    owners = [summary.owners + start for summary, start in zip(found[1:], starts, strict=False)]
    return Summary(
        owners=np.concatenate([found[0].owners, *owners]),
        **{name: np.concatenate([getattr(summary, name) for summary in found]) for name in ARRAYS},
    )


class ReferenceIndex:
    """All registered pictures of one search.

    Args:
        references: their descriptors, in memory or fetched when asked for by place; read once in order.
        summary: what `summarise` made of them before, to spare reading them.
    """

    def __init__(self, references: Sequence[Descriptor], summary: Summary | None = None) -> None:
        self.references = references
        summary = summarise(references) if summary is None else summary
        self._phash = summary.phash
        self._embeddings = summary.embeddings.astype(np.float32)
        self._embeddings /= np.maximum(np.linalg.norm(self._embeddings, axis=1, keepdims=True), 1e-6)
        self._hashes = faiss.IndexBinaryFlat(256)
        self._hashes.add(summary.pdq)
        order = np.argsort(summary.cells, kind="stable")
        self._bits, self._owners = summary.bits[order], summary.owners[order]
        self._starts = np.searchsorted(summary.cells[order], np.arange(CELLS + 1)).tolist()

    def candidates(self, query: Descriptor) -> list[Candidate]:
        """Return the registered pictures worth comparing with ``query``, the likeliest first.

        Where the hash of the whole says that it is a registered picture, only that one.
        """
        if not self._hashes.ntotal:
            return []
        same = self._identical(query.whole)
        if same:
            return [Candidate(position=place, votes=1.0, looks=((0, False), (0, True))) for place in same]
        looks: dict[int, set[tuple[int, bool]]] = {}
        shares: dict[int, float] = {}
        for number, view in enumerate(query.views):
            for place in [*self._by_hash(view), *self._by_embedding(view)]:
                looks.setdefault(place, set()).add((number, False))
            votes = np.stack([self._votes(view.features), self._votes(mirrored_features(view.features))])
            best = votes.max(0)
            total = max(float(np.sort(best)[-10:].sum()), 1e-6)
            wanted = PART_VOTED if number else VOTED
            for place in np.argsort(-best, kind="stable")[:wanted]:
                if best[place] > LEAST_VOTES * total:
                    looks.setdefault(int(place), set()).add((number, bool(votes[1, place] > votes[0, place])))
                    shares[int(place)] = max(shares.get(int(place), 0.0), float(best[place]) / total)
        return sorted(
            (
                Candidate(position=place, votes=shares.get(place, 0.0), looks=tuple(sorted(found)))
                for place, found in looks.items()
            ),
            key=lambda candidate: (-candidate.votes, candidate.position),
        )

    def similarities(self, view: View) -> npt.NDArray[np.float32]:
        """Return the cosine of every registered picture's embedding with a view's."""
        vector = view.embedding.astype(np.float32)
        found: npt.NDArray[np.float32] = self._embeddings @ (vector / max(float(np.linalg.norm(vector)), 1e-6))
        return found

    def _identical(self, whole: View) -> list[int]:
        if whole.quality < MIN_QUALITY:
            return []
        distances, places = self._hashes.search(whole.pdq, min(HASHES, self._hashes.ntotal))
        return sorted({int(place) for place in places[distances <= IDENTICAL]})

    def _by_hash(self, view: View) -> list[int]:
        distances, places = self._hashes.search(view.pdq, min(HASHES, self._hashes.ntotal))
        order = np.argsort(distances.ravel(), kind="stable")
        near = [int(places.ravel()[at]) for at in order if distances.ravel()[at] <= HASH_LIMIT]
        bits = np.bitwise_count(self._phash ^ np.uint64(view.phash))
        close = [int(place) for place in np.argsort(bits, kind="stable")[:HASHES] if bits[place] <= PHASH_LIMIT]
        return list(dict.fromkeys(near))[:HASHES] + close

    def _by_embedding(self, view: View) -> list[int]:
        cosines = self.similarities(view)
        count = min(SIMILAR, len(cosines))
        near = np.argpartition(-cosines, count - 1)[:count]
        return [int(place) for place in near if cosines[place] >= COSINE]

    def _votes(self, features: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Return each registered picture's votes; a feature that many answer says little in each."""
        words = vocabulary().words(features[:ASKED], PROBES)
        owners: list[Any] = []
        weights: list[Any] = []
        for cells, bits in zip(words.cells.tolist(), words.bits, strict=True):
            for cell, asked in zip(cells, bits, strict=True):
                start, end = self._starts[cell], self._starts[cell + 1]
                if start == end:
                    continue
                differing = np.bitwise_count(self._bits[start:end] ^ asked)
                near = np.flatnonzero(differing <= BITS)
                if len(near):
                    owners.append(self._owners[start:end][near])
                    weights.append(WEIGHTS[differing[near]] / len(near) ** 0.5)
        if not owners:
            return np.zeros(self._hashes.ntotal)
        votes = np.bincount(np.concatenate(owners), np.concatenate(weights), self._hashes.ntotal)
        return np.asarray(votes, np.float64)
