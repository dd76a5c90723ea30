"""Sets of texts that cost a few bytes each, so that a crawl's memory does not grow with what it has seen."""

from __future__ import annotations

from array import array
from hashlib import blake2b

_FIRST_SIZE = 1024  # a power of two


class Keys:
    """A set that keeps 8 bytes of each text's hash, in a table at most two thirds full: 12 to 24 bytes a text.

    Two texts are taken for one with a chance of 3 in 10 thousand million for a set of 100,000.
    """

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * _FIRST_SIZE))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, text: str) -> bool:
        value = _hash(text)
        return self._table[self._place(value)] == value

    def add(self, text: str) -> bool:
        """Add a text; True when it was not there."""
        value = _hash(text)
        place = self._place(value)
        if self._table[place] == value:
            return False
        self._table[place] = value
        self._count += 1
        if self._count * 3 > len(self._table) * 2:
            self._grow()
        return True

    def _place(self, value: int) -> int:
        """Return where ``value`` is, or the free place where it belongs."""
        table, last = self._table, len(self._table) - 1
        place = value & last
        while table[place] not in (0, value):
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        old = self._table
        self._table = array("Q", bytes(16 * len(old)))
        for value in old:
            if value:
                self._table[self._place(value)] = value


def _hash(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1  # 0 is a free place
