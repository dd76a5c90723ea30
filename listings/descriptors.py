"""Descriptors of stored pictures, and the little of them that search and the start of matching need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings

from evidence.store import NoSuchContent, Store
from listings.derived import Derived
from listings.search.interface import ImageHash
from matchers.images import index
from matchers.images.descriptor import VERSION, Descriptor, describe, hash_of
from matchers.images.index import Summary, summarise

FETCHED = 500  # descriptors of registered pictures held in memory: about 35 MB

DESCRIPTORS = Derived(
    version=VERSION, make=describe, dump=Descriptor.to_bytes, load=Descriptor.from_bytes, suffix="npz"
)
descriptor = DESCRIPTORS.of
prepare = DESCRIPTORS.prepare


def _summary(descriptor: Descriptor) -> Summary:
    return summarise([descriptor])


# Of registered pictures alone, all of which are read before the first comparison: 2 kB each instead of 90.
SUMMARIES = Derived(
    version=index.VERSION,
    make=_summary,
    source=DESCRIPTORS,
    dump=Summary.to_bytes,
    load=Summary.from_bytes,
    suffix="summary",
)


def for_search(sha256: str) -> ImageHash:
    """Return what a stored picture is searched by: its hash, and the embeddings of it and its parts.

    Of one that was not described yet the hash alone is made, at 5 ms a picture instead of 67 (2026-11-27): a rebuild of
    the index meets many that are matched no more.

    Raises:
        evidence.store.NoSuchContent: nothing is stored or kept of it.
        evidence.pictures.BadPicture: it cannot be read.
    """
    kept = DESCRIPTORS.kept(sha256)
    if kept is None:
        return ImageHash(sha256, hash_of(Store(settings.EVIDENCE_DIR).get(sha256)))
    embeddings = tuple(view.embedding.tobytes() for view in kept.views if view.embedding.any())
    return ImageHash(sha256, kept.whole.pdq[0].tobytes(), embeddings)


class Described(Sequence[Descriptor]):
    """Descriptors of readable stored pictures, fetched when asked for: all of them would not fit into memory.

    Args:
        sha256s: the pictures.
    """

    def __init__(self, sha256s: Iterable[str]) -> None:
        self._sha256s = tuple(sha256s)
        self._fetched = lru_cache(FETCHED)(descriptor)

    def __len__(self) -> int:
        return len(self._sha256s)

    def __getitem__(self, place: Any) -> Any:
        """Return one picture's descriptor.

        Raises:
            evidence.store.NoSuchContent: the picture and what was kept of it are gone.
        """
        found = self._fetched(self._sha256s[place])
        if found is None:
            raise NoSuchContent(self._sha256s[place])
        return found
