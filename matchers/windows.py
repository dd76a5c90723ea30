"""Cutting a title into the pieces a mark could be: words, words joined with their neighbours, spelt-out letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import attrs

from matchers.folding import Folded, fold, is_own_script, lookalike, romanise

MAX_TOKENS = 400
MAX_JOINED = 4  # neighbours joined to one window
MIN_SPELT_OUT = 3  # "g u c c i": this many lone letters in a row make a word

_CHUNK = re.compile(r"\S+")
# A word: letters and digits, with signs that are read as letters: "$" and "@" anywhere, the others between letters.
_WORD = re.compile(r"[a-z0-9$@](?:[a-z0-9$@]|[!|+](?=[a-z0-9$@]))*")
# Begins at a word's start and is bounded, so that a title of one letter ten thousand times stays cheap.
_MASKED = re.compile(r"(?<!\w)[^\W\d_]{1,30}(?:[*●○◯•#✱★☆✕]{1,20}[^\W_]{0,30}){1,5}")
_PLAIN = re.compile(r"[a-z0-9]+")
_LETTER_BY_LETTER = re.compile(r"[a-z0-9](?:[!|+$@][a-z0-9]){2,}")
_SIGNS = frozenset("$@!|+€⭕❌⚪✖❗")


@attrs.frozen(slots=True)
class Token:
    """One word. ``text`` is what a buyer reads in ASCII, or the folded word in its own script."""

    text: str
    start: int
    end: int
    chunk: int
    disguised: bool = False  # look-alike letters of another alphabet were read as Latin
    spoken: str = ""  # romanised reading of a word that is not Latin


@attrs.frozen(slots=True)
class Window:
    """Neighbouring words read as one. ``glue`` tells what was between them: nothing, spaces, or signs inside a word."""

    text: str
    start: int
    end: int
    pieces: tuple[str, ...]
    disguised: bool = False
    inner_signs: bool = False


def tokens(folded: Folded) -> list[Token]:
    """Cut folded text into words, with the other scripts' runs cut off from Latin ones."""
    found: list[Token] = []
    plain = folded.original.isascii()
    for number, chunk in enumerate(_CHUNK.finditer(folded.text)):
        for start, end in _words(chunk.group(), chunk.start()):
            text = folded.text[start:end]
            found.append(Token(text, start, end, number) if plain else _token(folded, start, end, number))
            if len(found) >= MAX_TOKENS:
                return found
    return found


def _words(chunk: str, offset: int) -> Iterator[tuple[int, int]]:
    if not chunk.isascii():
        yield from _mixed_words(chunk, offset)
        return
    if chunk.isalnum():
        yield offset, offset + len(chunk)
        return
    pattern = _PLAIN if _LETTER_BY_LETTER.fullmatch(chunk) else _WORD
    for match in pattern.finditer(chunk):
        word = match.group()
        if pattern is _WORD and not word.isalnum() and not any(c.isalpha() for c in word) and word.count("@") < 2:  # noqa: PLR2004 ("1@7@" is a word, "$19" a price, "2@5" neither)
            for plain in _PLAIN.finditer(word):
                yield offset + match.start() + plain.start(), offset + match.start() + plain.end()
        else:
            yield offset + match.start(), offset + match.end()


def _mixed_words(chunk: str, offset: int) -> Iterator[tuple[int, int]]:
    """Words of a chunk with other scripts: own-script runs apart; look-alike letters stay with their word."""
    start: int | None = None
    own = False
    for index, character in enumerate(chunk):
        is_letter = character.isalnum() or is_own_script(character) or character in _SIGNS
        this_own = is_own_script(character)
        if start is not None and (not is_letter or this_own != own):
            yield offset + start, offset + index
            start = None
        if is_letter and start is None:
            start, own = index, this_own
    if start is not None:
        yield offset + start, offset + len(chunk)


def _token(folded: Folded, start: int, end: int, chunk: int) -> Token:
    text = folded.text[start:end]
    original = folded.words(start, end)
    if original.isascii():
        return Token(text, start, end, chunk)
    if is_own_script(text[0]):
        return Token(text, start, end, chunk, spoken=romanise(text))
    seen = lookalike(original)
    if text.isascii():
        # Fancy or accented letters: NFKC read them; the shapes may read otherwise ("ẝ" is drawn as f).
        return Token(seen if seen.isascii() and seen != text else text, start, end, chunk, disguised=seen != text)
    # A word half in Latin letters is drawn, not spelt by ear.
    heard = "" if any("a" <= character <= "z" for character in text) else romanise(text)
    return Token(seen if seen.isascii() else text, start, end, chunk, disguised=seen.isascii(), spoken=heard)


def windows(found: list[Token], longest: int, wanted: Callable[[str], bool] = bool) -> list[Window]:
    """Join up to four neighbours, all words of one chunk, and runs of lone letters; none longer than ``longest``.

    Of up to four neighbours only those whose joined text is ``wanted`` are returned: most are nobody's name.
    """
    made: dict[tuple[int, int], Window] = {}
    count = len(found)
    for first in range(count):
        token = found[first]
        text = token.text
        made[first, first] = Window(text, token.start, token.end, (text,), token.disguised)
        for last in range(first + 1, min(first + MAX_JOINED, count)):
            text += found[last].text
            if len(text) > longest:
                break
            if wanted(text):
                _add(made, found, first, last)
    for first, last in _runs(found):
        if last - first >= MAX_JOINED and sum(len(t.text) for t in found[first : last + 1]) <= longest + MAX_JOINED:
            _add(made, found, first, last)
    return list(made.values())


def _add(made: dict[tuple[int, int], Window], found: list[Token], first: int, last: int) -> None:
    head, tail = found[first], found[last]
    members = found[first : last + 1]
    pieces = tuple(token.text for token in members)
    text = "".join(pieces)
    disguised = any(token.disguised for token in members)
    made[first, last] = Window(text, head.start, tail.end, pieces, disguised, inner_signs=head.chunk == tail.chunk)


def _runs(found: list[Token]) -> Iterator[tuple[int, int]]:
    """Chunks of more than four words, and lone letters in a row (also inside a longer chunk)."""
    first = 0
    for index in range(1, len(found) + 1):
        if index == len(found) or found[index].chunk != found[first].chunk:
            if index - first > MAX_JOINED:
                yield first, index - 1
            first = index
    begin: int | None = None
    for index in range(len(found) + 1):
        lone = index < len(found) and len(found[index].text) == 1
        if lone and begin is None:
            begin = index
        elif not lone and begin is not None:
            if index - begin >= MIN_SPELT_OUT:
                yield begin, index - 1
            begin = None


def masked(folded: Folded) -> Iterator[tuple[str, int, int]]:
    """Yield (word, start, end) of words with letters replaced by stars, dots or circles ("han***bit", "하늘*채")."""
    for match in _MASKED.finditer(folded.text):
        if not any(character.isdigit() for character in match.group()):
            yield match.group(), match.start(), match.end()


def letters(text: str) -> str:
    """Return the letters and digits of a registered spelling, folded and joined: what windows are compared with."""
    folded = fold(text).text
    return "".join(character for character in folded if character.isalnum() or is_own_script(character))
