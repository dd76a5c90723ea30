"""Descriptors of stored pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from evidence.store import NoSuchContent
from listings.models import Listing
from matchers.images.descriptor import VERSION, Descriptor, describe
from triage.derived import Derived

FETCHED = 500  # descriptors of registered pictures held in memory: about 35 MB

DESCRIPTORS = Derived(
    version=VERSION, make=describe, dump=Descriptor.to_bytes, load=Descriptor.from_bytes, suffix="npz"
)
descriptor = DESCRIPTORS.of
prepare = DESCRIPTORS.prepare


def stored(listing: Listing) -> list[str]:
    """Return the SHA-256 of the listing's pictures that are kept, in the order the page shows them."""
    return [image.sha256 for image in listing.images.all() if image.sha256]


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
