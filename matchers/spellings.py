"""The index over every spelling of every mark: finds the few spellings a piece of title could be, and how."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum

import attrs
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from contracts.match import Mark
from matchers.folding import fold, is_own_script, romanise, skeleton
from matchers.phonetic import bones, soft
from matchers.scripts import hangul, latin, thai
from matchers.scripts.hearing import read
from matchers.windows import letters, tokens
from matchers.words import is_everyday, is_ordinary

MIN_FUZZY = 4  # letters; shorter spellings are matched exactly only
MIN_FAR = 5  # of words joined, or with more than one edit
MIN_GLUED = 4
MIN_DERIVED = 6  # letters of a form nobody registered
MIN_SHORTENED = 4  # ... of one without its vowels
MIN_SPOKEN = 2  # consonants
MIN_SHOWN = 3  # letters a masked word must show; MIN_SHOWN_OWN where a character is a syllable or word
MIN_SHOWN_OWN = 2
GRAM_CANDIDATES = 24
LEAST_ALIKE = 0.25  # two edits in six letters leave a quarter of the trigrams
END = 3  # letters


class Kind(StrEnum):
    """How the title's words relate to the spelling."""

    EXACT = "exact"
    SPLIT = "split"  # the same letters, pulled apart or run together
    LOOKALIKE = "lookalike"  # digits or letters that are drawn alike
    TYPO = "typo"
    GLUED = "glued"  # inside a longer word
    TRANSLITERATED = "transliterated"  # sounds alike in another script
    MASKED = "masked"  # letters replaced by stars or dots


@attrs.frozen(slots=True)
class Found:
    """A spelling found in a piece of text, before it is tied to a place in a title."""

    entry: int
    kind: Kind
    score: float
    model: str = ""  # what it was scored by, of `matchers.text_model`, from these features
    features: tuple[float, ...] = ()


@attrs.frozen(slots=True)
class Entry:
    """One spelling of one mark, prepared."""

    mark: int
    text: str
    form: str  # folded letters, Hangul as syllables
    pieces: tuple[str, ...]
    bare: str  # what fuzzy comparison runs on: skeleton of Latin, what is heard of other scripts
    own: bool  # written in a script of its own (Hangul, Han, kana, Thai)
    common: bool  # registered as an ordinary word, or an everyday one in some language
    word: bool  # an ordinary word


class Spellings:
    """Every spelling of ``marks`` behind the dictionaries the search needs."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.entries: list[Entry] = []
        for number, mark in enumerate(marks):
            for text in dict.fromkeys(spelling.text for spelling in mark.spellings):
                entry = _entry(number, text, common=mark.common_word)
                if entry is not None:
                    self.entries.append(entry)
        self.forms = self._table(lambda entry: [entry.form])
        in_latin = {entry.mark for entry in self.entries if not entry.own}
        self.derived = self._table(lambda entry: _derived(entry, romanise_it=entry.mark not in in_latin))
        self.skeletons = self._table(lambda entry: [] if entry.own else _drawn(entry))
        self.deletes = self._table(
            lambda entry: deletes(entry.bare) if not entry.own and len(entry.bare) >= MIN_FUZZY else []
        )
        fuzzy = [entry.bare for entry in self.entries if not entry.own and len(entry.bare) >= MIN_FUZZY]
        sizes = [(bare, len(bare) + change) for bare in fuzzy for change in (-1, 0, 1)]
        self._starts = frozenset((size, bare[:END]) for bare, size in sizes)
        self._ends = frozenset((size, bare[-END:]) for bare, size in sizes)
        self.sounds = self._table(lambda entry: _sound_keys(romanise(entry.form)))
        self.longest = max(map(len, [*self.derived, *(e.form for e in self.entries if not e.own)]), default=0)
        self.heads = self._heads()
        self._by_first = self._table(lambda entry: [entry.form[0]])
        self._grams, self._gram_counts = self._gram_index()

    def _table(self, keys: Callable[[Entry], Iterable[str]]) -> dict[str, tuple[int, ...]]:
        table: dict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(self.entries):
            for key in keys(entry):
                table[key].append(number)
        return {key: tuple(numbers) for key, numbers in table.items()}

    def _heads(self) -> dict[str, tuple[int, ...]]:
        """Return for the first four letters of the Latin spellings the lengths they go on to."""
        lengths: dict[str, set[int]] = defaultdict(set)
        for entry in self.entries:
            if not entry.own and len(entry.form) >= MIN_GLUED:
                lengths[entry.form[:MIN_GLUED]].add(len(entry.form))
        return {head: tuple(sorted(found)) for head, found in lengths.items()}

    def _gram_index(self) -> tuple[dict[str, NDArray[np.int32]], NDArray[np.int32]]:
        lists: dict[str, list[int]] = defaultdict(list)
        counts = np.zeros(len(self.entries), dtype=np.int32)
        for number, entry in enumerate(self.entries):
            if entry.own or len(entry.bare) < MIN_FUZZY:
                continue
            own = grams(entry.bare)
            counts[number] = len(own)
            for gram in own:
                lists[gram].append(number)
        return {gram: np.array(numbers, dtype=np.int32) for gram, numbers in lists.items()}, counts

    def may_hold(self, joined: str) -> bool:
        """Tell, cheaply, whether neighbouring words joined can be a spelling, or nearly one."""
        if joined in self.forms or joined in self.derived:
            return True
        bare = skeleton(joined)
        size = len(bare)
        if size <= 2 * END:
            return size >= MIN_FAR or bare in self.skeletons
        return (size, bare[:END]) in self._starts or (size, bare[-END:]) in self._ends or bare in self.skeletons

    def may_be_near(self, bare: str) -> bool:
        """Tell, cheaply, whether `near` is worth asking: one edit leaves the first letters as they are, or the last."""
        size = len(bare)
        if size <= 2 * END:
            return size >= MIN_FUZZY
        return (size, bare[:END]) in self._starts or (size, bare[-END:]) in self._ends

    def near(self, bare: str) -> Iterator[tuple[int, int]]:
        """Yield (entry, distance) within one edit (optimal string alignment) by shared one-letter deletions."""
        seen: set[int] = set()
        table = self.deletes
        for key in table.keys() & deletes(bare):
            for number in table[key]:
                if number in seen:
                    continue
                seen.add(number)
                distance = OSA.distance(bare, self.entries[number].bare, score_cutoff=1)
                if distance == 1:
                    yield number, distance

    def far(self, bare: str) -> Iterator[tuple[int, int]]:
        """Yield (entry, distance) of two or more edits by shared trigrams; more edits only in long spellings."""
        postings = [self._grams[gram] for gram in grams(bare) if gram in self._grams]
        if len(postings) < 2:  # noqa: PLR2004 (one shared trigram says nothing)
            return
        shared = np.bincount(np.concatenate(postings))
        numbers = np.flatnonzero(shared > 1)
        likeness = 2.0 * shared[numbers] / (self._gram_counts[numbers] + len(bare) + 2)
        alike = np.flatnonzero(likeness >= LEAST_ALIKE)
        order = alike[np.argsort(-likeness[alike], kind="stable")][:GRAM_CANDIDATES]
        for number in numbers[order].tolist():
            other = self.entries[number].bare
            allowed = min(3, max(len(bare), len(other)) // 3)
            distance = OSA.distance(bare, other, score_cutoff=allowed)
            if 1 < distance <= allowed:
                yield number, distance

    def inside(self, word: str) -> Iterator[tuple[int, int]]:
        """Yield (entry, position) of spellings that are a true part of ``word``."""
        size = len(word)
        for position in range(size - MIN_GLUED + 1):
            for length in self.heads.get(word[position : position + MIN_GLUED], ()):
                if length < size and position + length <= size:
                    for number in self.forms.get(word[position : position + length], ()):
                        yield number, position

    def masked(self, token: str) -> Iterator[tuple[int, float]]:
        """Yield (entry, share of letters shown) of spellings that ``token`` with its stars and dots can stand for."""
        shown = sum(character.isalnum() for character in token)
        pattern = re.compile("".join(_masked_piece(piece) for piece in re.findall(r"\w+|\W+", token)))
        for number in self._by_first.get(token[0], ()):
            form = self.entries[number].form
            least = MIN_SHOWN_OWN if self.entries[number].own else MIN_SHOWN
            if shown >= least and shown < len(form) and 5 * shown >= 2 * len(form) and pattern.fullmatch(form):
                yield number, shown / len(form)

    def spoken(self, roman: str) -> Iterator[int]:
        """Yield entries whose consonants are those of ``roman``, give or take one."""
        seen: set[int] = set()
        for key in _sound_keys(roman):
            for number in self.sounds.get(key, ()):
                if number not in seen:
                    seen.add(number)
                    yield number


def _masked_piece(piece: str) -> str:
    if piece[0].isalnum():
        return re.escape(piece)
    # One star may stand for any rest; several mostly count the letters they hide.
    return ".{1,6}" if len(piece) == 1 else f".{{{len(piece) - 1},{len(piece) + 2}}}"


def _entry(mark: int, text: str, *, common: bool) -> Entry | None:
    form = letters(text)
    if not form:
        return None
    own = is_own_script(form[0]) or not form.isascii()
    pieces = tuple(token.text for token in tokens(fold(text)))
    bare = read(form).heard if own else skeleton(form)
    return Entry(mark, text, form, pieces, bare, own, common or is_everyday(form), not own and is_ordinary(form))


def _drawn(entry: Entry) -> set[str]:
    """Return the skeletons a spelling is found by: "cl" is drawn like "d", though "ci" is not."""
    return {skeleton(form) for form in (entry.form, entry.form.replace("cl", "d"), entry.form.replace("d", "cl"))}


def derived_forms(text: str) -> tuple[str, ...]:
    """Return the Latin forms of a spelling that are matched though nobody registered them."""
    entry = _entry(0, text, common=False)
    return tuple(_derived(entry, romanise_it=True)) if entry else ()


def _derived(entry: Entry, *, romanise_it: bool) -> Iterable[str]:
    """Return Latin forms nobody registered: on a keyboard left in Latin, by sound, without vowels, syllables turned.

    By sound only where no Latin spelling is registered, from which it would be a misspelling.
    """
    if entry.own:
        forms = [hangul.typed(entry.form)]
        if romanise_it:
            forms += [romanise(entry.form), thai.romanised(entry.form), *hangul.romanisations(entry.form)]
    elif len(entry.form) >= MIN_DERIVED:
        forms = [form for form in latin.shortened(entry.form) if len(form) >= MIN_SHORTENED]
        forms += latin.turned_syllables(entry.form)
        return dict.fromkeys(form for form in forms if form != entry.form)
    else:
        return ()
    return dict.fromkeys(form for form in forms if len(form) >= MIN_DERIVED and form.isascii() and form.isalnum())


def deletes(word: str) -> set[str]:
    """Return ``word`` and every form of it with one letter left out."""
    keys = {word[:index] + word[index + 1 :] for index in range(len(word))}
    keys.add(word)
    return keys


def grams(word: str) -> set[str]:
    """Return the padded trigrams of ``word``."""
    padded = f"^^{word}$$"
    return {padded[index : index + 3] for index in range(len(padded) - 2)}


def _sound_keys(roman: str) -> set[str]:
    keys: set[str] = set()
    for key in {bones(roman), bones(soft(roman))}:
        if len(key) >= MIN_SPOKEN:
            keys |= deletes(key) if len(key) > MIN_SPOKEN + 1 else {key}
    return keys
