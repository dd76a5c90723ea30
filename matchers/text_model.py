"""How sure each way of finding a mark is: a small logistic model per kind.

Each function returns its features in the order in which `matchers.text_weights` names them. The weights were fitted on
titles of one half of the marks and checked on the other half (``scripts/fit/titles.py``).
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

from matchers.odds import logistic
from matchers.scripts.han import is_han
from matchers.scripts.latin import NEIGHBOURING_KEYS
from matchers.spellings import Entry, Found, Kind
from matchers.surprise import GLUE, MOST, added, surprise
from matchers.text_weights import WEIGHTS
from matchers.windows import Window
from matchers.words import is_everyday, is_ordinary, ordinariness

TWO = 2
SHORT = 3  # letters
OWN = "own script"
DERIVED = "derived"
NAMED = 7.0  # nats of one mark among a thousand
LONG = 12.0  # letters beyond this make a find no surer

TABLE = {model: tuple(named.values()) for model, named in WEIGHTS.items()}


def scored(entry: int, kind: Kind, features: tuple[float, ...], model: str = "") -> Found:
    """Return a find with the chance in 0..1 that words with these features are meant as the mark."""
    model = model or kind
    total = sum(weight * value for weight, value in zip(TABLE[model], features, strict=True))
    return Found(entry, kind, logistic(total), model, features)


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

    Article numbers ("A10") resemble short names by chance, and a word of Latin letters drawn like a name is that word.
    """
    text = window.text
    return (
        1.0,
        _length(entry),
        float(is_ordinary(text)),
        float(len(window.pieces) > 1),
        OSA.distance(text, entry.form) / len(entry.form),
        float(text.isalpha() and not window.disguised),
        float(window.disguised),
        float(len(entry.form) <= SHORT),
        _surprise(text),
        float((is_ordinary(text) or ordinariness(text) > 0.0) and text.isalpha() and not window.disguised),
        float(_is_code(text)),
        float(_is_code(text) and len(entry.form) == SHORT + 1),
    )


def typo(window: Window, entry: Entry, distance: int) -> tuple[float, ...]:
    """Words one or more edits off the spelling. A slip seldom makes a word, fingers slip in few ways, numbers never do.

    The letters are weighed by how surprising they are where no mark is meant (`matchers.surprise`): hardly in four
    letters or in a word like "generation2", much in nine letters that make no word.
    """
    text, form = window.text, entry.form
    pieces_ordinary = len(window.pieces) > 1 and all(is_ordinary(piece) for piece in window.pieces)
    return (
        1.0,
        _length(entry),
        distance / max(len(text), len(form)),
        0.5 if pieces_ordinary else ordinariness(text),
        float(pieces_ordinary or ordinariness(text) > 0),
        float(text[:1] != form[:1]),
        float(len(window.pieces) > 1),
        float(any(c.isdigit() for c in text) and not any(c.isdigit() for c in form)),
        float(distance == TWO),
        float(distance > TWO),
        _surprise(text),
        float(entry.word),
        float(entry.word and ordinariness(text) > 0),
        float(distance == 1 and not slip(text, form)),
        float(len(form) <= SHORT + 1),
        float(_digits(text) != _digits(form) and _digits(form) != ""),
        0.0 if any(c.isdigit() for c in form) else len(_digits(text)) / len(text),
    )


def _surprise(word: str) -> float:
    return surprise(word) / MOST


def _digits(word: str) -> str:
    return "".join(character for character in word if character.isdigit())


def _is_code(word: str) -> bool:
    """Tell whether a word is written like an article's number: letters in one piece, two or more digits around."""
    letters = word.strip("0123456789")
    return letters.isalpha() and len(word) - len(letters) > 1 and (word[0].isalpha() or word[-1].isalpha())


def slip(text: str, form: str) -> bool:
    """Tell whether a finger slips so: a letter left out, doubled or turned with its neighbour, or the key beside it."""
    if len(text) < len(form) or text == form:
        return True
    at = _shared_start(text, form)
    longer = len(text) > len(form)
    doubled = longer and at > 0 and text[at] == form[at - 1]
    turned = text[at : at + 2] == form[at : at + 2][::-1]
    beside = form[max(0, at - longer) : at + 1]
    return doubled or turned or any(text[at] in NEIGHBOURING_KEYS.get(key, "") for key in beside)


def _shared_start(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def glued(window: Window, entry: Entry, position: int) -> tuple[float, ...]:
    """A spelling inside a longer word: what is left over tells ("shop"), and what else explains the letters.

    "Letters explained" is how much less surprising they are as this mark and what is glued to it than otherwise.
    """
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
        (surprise(text) - NAMED - sum(map(added, rests))) / MOST,
        float(entry.word),
        float(len(rests) > 1 and all(rest in GLUE or is_everyday(rest) or rest.isdigit() for rest in rests)),
    )


def spoken(word: str, entry: Entry, likeness: float, plain: float, *, same: bool, inside: bool) -> tuple[float, ...]:
    """Words of another script that sound like the spelling; ordinary words and Chinese ones do so by chance."""
    return (
        1.0,
        likeness,
        plain,
        float(same),
        float(inside),
        float(is_ordinary(word)),
        float(is_han(word[0])),
        _surprise(entry.form),
    )


def derived(window: Window, entry: Entry) -> tuple[float, ...]:
    """Bias, length of what stands there, an ordinary word, pulled apart, from a spelling in its own script."""
    text = window.text
    ordinary = ordinariness(text) + float(all(is_ordinary(piece) for piece in window.pieces))
    return (
        1.0,
        min(len(text), LONG) / LONG,
        ordinary,
        float(len(window.pieces) > 1),
        float(entry.own),
        _surprise(text),
    )


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
