"""How sure each way of finding a mark is: a small logistic model per kind.

Features are named beside their weights. Fitted on titles of one half of the marks and checked on the other half.
"""

from __future__ import annotations

import math

from matchers.spellings import Entry, Kind
from matchers.windows import Window
from matchers.words import is_ordinary, ordinariness

TWO = 2
OWN = "own script"
DERIVED = "derived"
OWN_FEATURES = (
    "bias", "length", "cost", "cost per character", "two characters", "two and edited", "inside a word",
    "two inside a word", "edited inside a word", "apart", "apart inside words", "other dress", "common",
)  # fmt: skip
LONG = 12.0  # letters beyond this make a find no surer

WEIGHTS: dict[str, tuple[float, ...]] = {
    Kind.EXACT: (3.0, 4.0, -2.0),
    Kind.SPLIT: (2.35, 2.44, -1.71, 0.25, 1.21),
    Kind.LOOKALIKE: (3.38, 2.95, -0.88, -0.86),
    Kind.TYPO: (-0.30, 5.27, -4.64, -3.43, -4.18, -2.02, -1.56, -1.12, -2.31, -0.02, -1.98),
    Kind.GLUED: (-3.26, 4.76, 0.39, 1.11, -5.78, 1.65),
    Kind.TRANSLITERATED: (-4.66, 0.65, 4.20, 3.20, 1.32),
    OWN: (2.6, 2.0, -1.5, -2.0, -0.8, -2.5, -0.25, -0.5, -0.6, -0.8, -1.5, -0.6, -2.5),
    DERIVED: (-0.5, 4.0, -3.0, -1.0, 1.0),
}


def score(kind: str, features: tuple[float, ...]) -> float:
    """Return the chance in 0..1 that words with these features are meant as the mark."""
    total = sum(weight * value for weight, value in zip(WEIGHTS[kind], features, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


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
    """Bias, length, an ordinary word as it stands, pulled apart."""
    return 1.0, _length(entry), float(is_ordinary(window.text)), float(len(window.pieces) > 1)


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
    """Bias, length, share of the word, at an end of it, the whole is an ordinary word, the rest is a word or number."""
    text = window.text
    rests = [rest for rest in (text[:position], text[position + len(entry.form) :]) if rest]
    ordinary_rest = all(is_ordinary(rest) for rest in rests)
    return (
        1.0,
        _length(entry),
        len(entry.form) / len(text),
        float(len(rests) == 1),
        ordinariness(text) + 0.2 * float(is_ordinary(text)),
        float(ordinary_rest),
    )


def spoken(word: str, entry: Entry, likeness: float, plain: float, *, same: bool) -> tuple[float, ...]:
    """Bias, length, likeness of the sounds, likeness of the letters, the same consonants."""
    return 1.0, _length(entry), likeness, plain, float(same) if word else 0.0


def derived(window: Window, entry: Entry) -> tuple[float, ...]:
    """Bias, length of what stands there, an ordinary word, pulled apart, from a spelling in its own script."""
    text = window.text
    ordinary = ordinariness(text) + float(is_ordinary(text))
    return 1.0, min(len(text), LONG) / LONG, ordinary, float(len(window.pieces) > 1), float(entry.own)


def own(
    entry: Entry, piece: str, *, spent: float, starts: bool, ends: bool, apart: bool, ordinary: bool
) -> tuple[float, ...]:
    """Features of a find in a script of its own, in the order of `OWN_FEATURES`.

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
