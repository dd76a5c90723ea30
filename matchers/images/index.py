"""Finds the few registered pictures worth comparing: PDQ distance over all, and votes of local features."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from matchers.images.descriptor import Descriptor, Floats

VOTES = 8  # candidates taken from the vote
HASHES = 3  # candidates taken by hash
PHASH_LIMIT = 12  # bits of 64: pHash (ImageHash) keeps candidates that PDQ's larger grid loses to a thin border
HASH_LIMIT = 100  # Hamming distance of 256 beyond which a hash says nothing
BRUTE_FORCE = 5_000  # registered feature vectors up to which an exact search is as fast as the tree
NEIGHBOURS = 3


@attrs.frozen(kw_only=True)
class Candidate:
    """A registered picture worth comparing; ``position`` is its place in the index."""

    position: int
    votes: float
    pdq_distance: int


class ReferenceIndex:
    """All registered pictures of one search, in memory.

    Args:
        references: their descriptors; ``position`` of a candidate is the place in this sequence.
    """

    def __init__(self, references: Sequence[Descriptor]) -> None:
        self.references = tuple(references)
        self._pdq = np.stack([item.pdq[0] for item in references]) if references else np.zeros((0, 32), np.uint8)
        self._phash = np.array([item.phash for item in references], dtype=np.uint64)
        counts = [len(item.features) for item in references]
        self._owner = np.repeat(np.arange(len(counts)), counts)
        vectors = [item.features for item in references if len(item.features)]
        self._vectors: Floats = (np.concatenate(vectors) if vectors else np.zeros((0, 128))).astype(np.float32)
        self._tree: cv2.FlannBasedMatcher | None = None
        if len(self._vectors) > BRUTE_FORCE:
            # Randomised k-d trees (Muja and Lowe, VISAPP 2009): 4 trees, 48 leaves looked at.
            self._tree = cv2.FlannBasedMatcher({"algorithm": 1, "trees": 4}, {"checks": 48})
            self._tree.add([self._vectors])
            self._tree.train()

    def candidates(self, query: Descriptor) -> list[Candidate]:
        """Return the references worth comparing with ``query``, the likeliest first."""
        if not self.references:
            return []
        distances = np.bitwise_count(self._pdq[:, None, :] ^ query.pdq[None]).sum(axis=2, dtype=np.int64).min(axis=1)
        votes = self._votes(query.features) + self._votes(query.mirrored_features)
        by_hash = [int(place) for place in np.argsort(distances)[:HASHES] if distances[place] <= HASH_LIMIT]
        near = np.bitwise_count(self._phash ^ np.uint64(query.phash))
        by_hash += [int(place) for place in np.argsort(near)[:HASHES] if near[place] <= PHASH_LIMIT]
        by_vote = [int(place) for place in np.argsort(-votes)[:VOTES] if votes[place] > 0]
        return [
            Candidate(position=place, votes=float(votes[place]), pdq_distance=int(distances[place]))
            for place in dict.fromkeys(by_hash + by_vote)
        ]

    def _votes(self, features: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        votes = np.zeros(len(self.references))
        if not len(features) or len(self._vectors) <= NEIGHBOURS:
            return votes
        nearest, distances = self._nearest(features.astype(np.float32))
        # A neighbour counts by how much nearer it is than the last one found: common texture counts little.
        weights = np.clip(1 - distances / np.maximum(distances[:, -1:], 1e-6), 0, 1) + 0.02
        owners = self._owner[nearest]
        for column in range(owners.shape[1] - 1):
            np.add.at(votes, owners[:, column], weights[:, column])
        return votes

    def _nearest(self, features: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        wanted = NEIGHBOURS + 1
        if self._tree is None:
            squared = (features**2).sum(1)[:, None] + (self._vectors**2).sum(1)[None] - 2 * features @ self._vectors.T
            wanted = min(wanted, squared.shape[1])
            nearest = np.argpartition(squared, wanted - 1, axis=1)[:, :wanted]
            near = np.take_along_axis(squared, nearest, axis=1)
            order = near.argsort(axis=1)
            return np.take_along_axis(nearest, order, axis=1), np.sqrt(
                np.maximum(np.take_along_axis(near, order, axis=1), 0)
            )
        found = self._tree.knnMatch(features, k=wanted)
        full = [row for row in found if len(row) == wanted]
        nearest = np.array([[match.trainIdx for match in row] for row in full], dtype=np.intp).reshape(-1, wanted)
        near = np.array([[match.distance for match in row] for row in full]).reshape(-1, wanted)
        return nearest, near
