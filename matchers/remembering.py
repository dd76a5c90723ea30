"""Memory for answers about words. What is longer than any word is answered anew: hostile text would fill a worker."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

LONGEST = 64  # letters; a run of 10,000 takes 40 kB of memory, and thousands of them were kept (2026-11-27)

Answer = TypeVar("Answer")


def remembered(most: int) -> Callable[[Callable[[str], Answer]], Callable[[str], Answer]]:
    """Remember the last ``most`` answers of a function of one word."""

    def wrap(function: Callable[[str], Answer]) -> Callable[[str], Answer]:
        kept = lru_cache(maxsize=most)(function)

        @wraps(function)
        def answer(word: str) -> Answer:
            return kept(word) if len(word) <= LONGEST else function(word)

        return answer

    return wrap
