"""How text is cut for search: the same pieces on both implementations.

Letters are folded, Hangul is taken apart into jamo (a wrong vowel is then one wrong letter of many, not a whole wrong
syllable), marks and invisible characters go, everything that is no letter or digit parts words. Then all words are
joined: Han and Thai have no spaces anyway, and "H a n e u l" becomes the word it is. Word borders are kept as grams of
their own, so that a short mark standing alone ranks above the same letters inside another word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

import attrs

Fold = Callable[[str], str]

BORDER = "="  # parts words in the stream; no letter, so never part of a query's core
MAX_LETTERS = 20_000  # of a document; longer descriptions repeat themselves
MAX_QUERY_LETTERS = 64
TRIGRAMS_FROM = 8  # letters from which a typo (at most three trigrams) leaves enough of them
TWICE_FROM = 8  # letters from which a second typo leaves enough pairs
TWICE_TRIGRAMS_FROM = 12
LEAST_OF_TWICE = 3
CORE_WEIGHT = 0.8
BORDER_WEIGHT = 0.1  # each of the two borders


def fold(text: str) -> str:
    """Fold compatibility forms and case: full-width, circled and mathematical letters become plain ones."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class _Letters(dict[int, str | None]):
    """What becomes of a character; worked out once per character, used by `str.translate`."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        became: str | None = " "
        if category in ("Mn", "Me", "Cf"):
            became = None
        elif category[0] in "LN" or category == "Mc":
            became = self._initial(character)
        self[code] = became
        return became

    @staticmethod
    def _initial(character: str) -> str:
        """Write a final consonant as the initial one, so that split jamo and whole syllables agree."""
        name = unicodedata.name(character, "")
        if name.startswith("HANGUL JONGSEONG "):
            try:
                return unicodedata.lookup(name.replace("JONGSEONG", "CHOSEONG"))
            except KeyError:  # a cluster such as KIYEOK-SIOS has no initial form
                return character
        return character


_LETTERS = _Letters()


def words(text: str, folding: Fold = fold) -> list[str]:
    """Return the words of ``text``, folded, Hangul as jamo."""
    return unicodedata.normalize("NFKD", folding(text)).translate(_LETTERS).split()


def stream(texts: Iterable[str], folding: Fold = fold) -> str:
    """Return what a document is searched in: all its letters joined, then its words between borders."""
    found = [word for text in texts for word in words(text[:MAX_LETTERS], folding)]
    return f"{''.join(found)}{BORDER}{BORDER.join(found)}{BORDER}" if found else ""


def grams(text: str) -> frozenset[str]:
    """Return every pair and triple of neighbouring characters of a stream."""
    return frozenset(text[i : i + size] for size in (2, 3) for i in range(len(text) - size + 1))


@attrs.frozen
class GramQuery:
    """What one spelling looks for.

    A document fits when it has at least ``needed`` of ``core``; ``borders`` only raise it.
    """

    core: tuple[str, ...]
    needed: int
    borders: tuple[str, ...]

    @property
    def weight(self) -> float:
        """What one gram of the core adds to the score."""
        return CORE_WEIGHT / len(self.core)


def query(spelling: str, folding: Fold = fold, typos: int = 1) -> GramQuery | None:
    """Cut one spelling; None when it has fewer than two letters.

    One typo costs at most two of a word's pairs or three of its triples, hence how many are needed. ``typos`` may be 2:
    then long words may have two.
    """
    joined = "".join(words(spelling, folding))[:MAX_QUERY_LETTERS]
    letters = len(joined)
    if letters < 2:  # noqa: PLR2004 (a pair)
        return None
    borders = (BORDER + joined[:2], joined[-2:] + BORDER)
    twice = typos > 1 and letters >= TWICE_FROM
    exact = letters <= 3  # noqa: PLR2004 (too short to forgive anything)
    size = letters if exact else 2 if letters < (TWICE_TRIGRAMS_FROM if twice else TRIGRAMS_FROM) else 3
    core = tuple(dict.fromkeys(joined[i : i + size] for i in range(letters - size + 1)))
    least = LEAST_OF_TWICE if twice else 2
    needed = max(min(least, len(core)), len(core) - size * (2 if twice else 1))
    return GramQuery(core, needed, borders)
