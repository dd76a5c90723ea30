"""How sure each way of finding a mark is: a small logistic model per kind.

Each function returns its features in the order in which `matchers.text_weights` names them. The weights were fitted on
titles of one half of the marks and checked on the other half (``scripts/fit/titles.py``).
"""

from __future__ import annotations

import math

from rapidfuzz.distance import OSA

from matchers.scripts.han import is_han
from matchers.spellings import Entry, Found, Kind
from matchers.text_weights import WEIGHTS
from matchers.windows import Window
from matchers.words import is_everyday, is_ordinary, ordinariness

TWO = 2
SHORT = 3  # letters
OWN = "own script"
DERIVED = "derived"
LONG = 12.0  # letters beyond this make a find no surer

TABLE = {model: tuple(named.values()) for model, named in WEIGHTS.items()}


def scored(entry: int, kind: Kind, features: tuple[float, ...], model: str = "") -> Found:
    """Return a find with the chance in 0..1 that words with these features are meant as the mark."""
    model = model or kind
    total = sum(weight * value for weight, value in zip(TABLE[model], features, strict=True))
    return Found(entry, kind, 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total)))), model, features)


def _length(entry: Entry) -> float:
    return min(len(entry.form), LONG) / LONG


def exact(entry: Entry) -> tuple[float, ...]:
    """Bias, length, a common word (registered as one, or an everyday one)."""
    return 1.0, _length(entry), float(entry.common)


def split(window: Window, entry: Entry) -> tuple[float, ...]:
    """Bias, length, share of pieces that are ordinary words, number of pieces, signs inside one word."""
    ordinary = sum(is_ordinary(piece) and len(piece) > 1 for piece in window.pieces) / len(window.pieces)
    return 1.0, _length(entry), ordinary, min(len(window.pieces), 6) / 6, float(window.inner_signs)


def lookalike(window: Window, entry: Entry) -> tuple[float, ...]:
    """Words drawn like the spelling: of other alphabets, digits and signs, or other Latin letters ("rn" for "m").

    Codes of letters and digits ("A10") resemble short names by chance, and Latin letters drawn alike make other words.
    """
    text = window.text
    return (
        1.0,
        _length(entry),
        float(is_ordinary(text)),
        float(ordinariness(text) > 0.0),
        float(len(window.pieces) > 1),
        OSA.distance(text, entry.form) / len(entry.form),
        float(text.isalpha() and not window.disguised),
        float(window.disguised),
        float(len(entry.form) <= SHORT),
        float(any(c.isdigit() for c in entry.form)),
    )


def typo(window: Window, entry: Entry, distance: int) -> tuple[float, ...]:
    """Bias, length, edits per letter, ordinariness, known word, only the start or the end changed, apart, digits, 2, 3.

    Real words that resemble a mark mostly differ from it at one end ("springbok"); slips fall anywhere.
    """
    text, form = window.text, entry.form
    start, end = _shared_start(text, form), _shared_start(text[::-1], form[::-1])
    pieces_ordinary = len(window.pieces) > 1 and all(is_ordinary(piece) for piece in window.pieces)
    return (
        1.0,
        _length(entry),
        distance / max(len(text), len(form)),
        0.5 if pieces_ordinary else ordinariness(text),
        float(pieces_ordinary or ordinariness(text) > 0),
        float(start == 0),
        float(end == 0),
        float(len(window.pieces) > 1),
        float(any(c.isdigit() for c in text) and not any(c.isdigit() for c in form)),
        float(distance == TWO),
        float(distance > TWO),
    )


def _shared_start(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def glued(window: Window, entry: Entry, position: int) -> tuple[float, ...]:
    """A spelling inside a longer word; real words contain short names by chance, what is left over tells ("shop")."""
    text = window.text
    rests = [rest for rest in (text[:position], text[position + len(entry.form) :]) if rest]
    return (
        1.0,
        _length(entry),
        len(entry.form) / len(text),
        float(len(rests) == 1),
        float(position == 0),
        ordinariness(text) + 0.2 * float(is_ordinary(text)),
        float(ordinariness(text) > 0.0),
        float(all(is_ordinary(rest) for rest in rests)),
        float(all(is_everyday(rest) or rest.isdigit() for rest in rests)),
        ordinariness(entry.form),
    )


def spoken(word: str, entry: Entry, likeness: float, plain: float, *, same: bool, inside: bool) -> tuple[float, ...]:
    """Words of another script that sound like the spelling; ordinary words and Chinese ones do so by chance."""
    return (
        1.0,
        _length(entry),
        likeness,
        plain,
        float(same),
        float(inside),
        float(is_ordinary(word)),
        float(is_han(word[0])),
        float(len(entry.form) <= SHORT + 1),
        ordinariness(entry.form),
    )


def derived(window: Window, entry: Entry) -> tuple[float, ...]:
    """Bias, length of what stands there, an ordinary word, pulled apart, from a spelling in its own script."""
    text = window.text
    ordinary = ordinariness(text) + float(is_ordinary(text))
    return 1.0, min(len(text), LONG) / LONG, ordinary, float(len(window.pieces) > 1), float(entry.own)


def own(
    entry: Entry, piece: str, *, spent: float, starts: bool, ends: bool, apart: bool, ordinary: bool
) -> tuple[float, ...]:
    """A find in a script of its own.

    Two characters inside a longer run are often another word (三星 is also "three stars"): they need more context.
    """
    size = max(len(entry.form), len(piece))
    short, edited, inside = size <= TWO, spent > 0.0, (not starts) + (not ends)
    return (
        1.0,
        min(size, 6) / 6,
        spent,
        spent / size,
        float(short),
        float(short and edited),
        float(inside),
        float(inside and short),
        float(inside and edited),
        float(apart),
        float(apart and inside > 0),
        float(not edited and piece != entry.form),
        float(entry.common or ordinary),
    )


def masked(share: float) -> float:
    """Score a word with stars by the share of the spelling's letters it still shows."""
    return 0.5 + 0.45 * share
