"""The words of a title that fired, marked for the eye. Plain text in, plain text out; nothing here is HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

# Characters that turn the reading direction or hide: a title that carries them would rearrange the page around it.
_INVISIBLE = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
LONGEST = 2_000


@attrs.frozen(kw_only=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    marked: bool = False


def plain(text: str) -> str:
    """Replace invisible and direction-turning characters by a visible sign and cut at 2,000 characters."""
    text = _INVISIBLE.sub("\N{WHITE SQUARE}", text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def pieces(text: str, words: Iterable[str]) -> list[Piece]:
    """Split ``text`` so that every occurrence of one of ``words`` stands alone, marked; case does not matter."""
    text = plain(text)
    wanted = sorted({plain(word) for word in words if word.strip()}, key=len, reverse=True)
    if not wanted:
        return [Piece(text=text)]
    pattern = re.compile("(" + "|".join(re.escape(word) for word in wanted) + ")", re.IGNORECASE)
    parts = pattern.split(text)
    return [Piece(text=part, marked=index % 2 == 1) for index, part in enumerate(parts) if part]
