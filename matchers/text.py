"""Marks in titles: exact, misspelt, disguised, pulled apart, glued to other words, or spelt by ear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import attrs

from contracts.match import Mark
from matchers import text_model
from matchers.folding import Folded, fold, skeleton
from matchers.own_script import OwnScript
from matchers.remembering import LONGEST
from matchers.scripts import hangul
from matchers.spellings import MIN_FAR, MIN_GLUED, Entry, Found, Kind, Spellings
from matchers.spoken import Spoken
from matchers.windows import MAX_JOINED, MIN_SPELT_OUT, Window, masked, tokens, windows
from matchers.words import is_ordinary

RIVAL = 0.8  # how much of a find a certain rival on the same words takes away
FLOOR = 0.02  # below this a match is not worth a line
MOST_EDITS = 3
HABITUAL = frozenset(" -&.,'/+:_()®™")  # signs people put into a name without a thought
_MANY = 65536


@attrs.frozen(kw_only=True)
class TextMatch:
    """A mark found in a title.

    ``score`` in 0..1 is the calibrated chance that these words are meant as this mark; ``spelling`` is the registered
    one, ``words`` what the seller wrote. ``disguised``: written so that a search for the mark would miss it (look-alike
    letters, digits, invisible characters, spelt-out letters, a misspelling).
    """

    mark_id: str
    spelling: str
    score: float
    words: str
    kind: Kind
    common_word: bool = False
    disguised: bool = False


@attrs.frozen(slots=True)
class Place:
    """The best find of one mark and where it stands in the folded title."""

    score: float
    found: Found
    start: int
    end: int


class MarkIndex:
    """Searches titles for every spelling of every mark.

    Building takes about 50 microseconds a spelling; the index is read-only afterwards and may be shared by threads.
    """

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.marks = tuple(marks)
        self.spellings = Spellings(self.marks)
        self._own_script = OwnScript(self.spellings.entries)
        self._spoken = Spoken(self.spellings)
        self._excluded = [tuple(fold(phrase).text for phrase in mark.excluded) for mark in self.marks]
        # Words come back in title after title; the results of one word do not depend on its title.
        self._of_word = lru_cache(maxsize=_MANY)(self._find_word)

    def search(self, title: str, limit: int = 10) -> list[TextMatch]:
        """Return the best match of each mark found in ``title``, best first. Never raises on any text."""
        folded = fold(title)
        best: dict[int, Place] = {}
        for found, start, end in self.candidates(folded):
            mark = self.spellings.entries[found.entry].mark
            if found.score < FLOOR or (mark in best and best[mark].score >= found.score):
                continue
            if not self._is_excluded(mark, folded, start, end):
                best[mark] = Place(found.score, found, start, end)
        places = _compete(list(best.values()))
        places.sort(key=lambda place: (-place.score, place.found.entry))
        return [self._match(folded, place) for place in places[:limit] if place.score >= FLOOR]

    def candidates(self, folded: Folded) -> Iterator[tuple[Found, int, int]]:
        """Yield everything found with its place in the folded title."""
        found = tokens(folded)
        for window in windows(found, self.spellings.longest + 2, self.spellings.may_hold):
            if not window.text.isascii():
                continue
            known = len(window.pieces) == 1 and len(window.text) <= LONGEST
            hits = self._of_word(window.text, window.disguised) if known else self._find(window)
            for hit in hits:
                yield hit, window.start, window.end
        yield from self._spoken.search(found)
        for word, start, end in masked(folded):
            for number, share in self.spellings.masked(word):
                yield Found(number, Kind.MASKED, text_model.masked(share)), start, end
        yield from self._own_script.search(found)

    def _match(self, folded: Folded, place: Place) -> TextMatch:
        entry = self.spellings.entries[place.found.entry]
        words = folded.words(place.start, place.end)
        kind = place.found.kind
        if kind is Kind.GLUED and not entry.own and place.end - place.start == len(entry.form) + 1:
            kind = Kind.TYPO  # a person reads one letter too many as a slip, though glued is what finds it
        return TextMatch(
            mark_id=self.marks[entry.mark].mark_id,
            spelling=entry.text,
            score=round(place.score, 5),
            words=words,
            kind=kind,
            common_word=entry.common,
            disguised=_is_disguised(kind, words, entry),
        )

    def _is_excluded(self, mark: int, folded: Folded, start: int, end: int) -> bool:
        """Tell whether the words stand inside a phrase that means something else ("hera syndrome")."""
        for phrase in self._excluded[mark]:
            at = folded.text.find(phrase) if phrase else -1
            while at >= 0:
                if at <= start and end <= at + len(phrase):
                    return True
                at = folded.text.find(phrase, at + 1)
        return False

    def _find_word(self, word: str, disguised: bool) -> tuple[Found, ...]:  # noqa: FBT001 (the cache's key)
        return tuple(self._find(Window(word, 0, len(word), (word,), disguised)))

    def _find(self, window: Window) -> Iterator[Found]:
        taken: set[int] = set()
        for number in self.spellings.forms.get(window.text, ()):
            taken.add(number)
            yield self._same(window, number)
        for number in self.spellings.derived.get(window.text, ()):
            if number not in taken:
                taken.add(number)
                yield self._derived(window, number)
        bare = skeleton(window.text)
        for number in () if window.text.isdigit() else self.spellings.skeletons.get(bare, ()):
            if number not in taken:
                taken.add(number)
                features = text_model.lookalike(window, self.spellings.entries[number])
                yield text_model.scored(number, Kind.LOOKALIKE, features)
        for number, distance in self._misspelt(window, bare):
            if number not in taken and not self.spellings.entries[number].own:
                taken.add(number)
                features = text_model.typo(window, self.spellings.entries[number], distance)
                yield text_model.scored(number, Kind.TYPO, features)
        yield from self._glued(window)

    def _misspelt(self, window: Window, bare: str) -> Iterator[tuple[int, int]]:
        if len(bare) > self.spellings.longest + MOST_EDITS:
            return
        single = len(window.pieces) == 1
        if self.spellings.may_be_near(bare) and (
            single or (len(bare) >= MIN_FAR and not all(is_ordinary(piece) for piece in window.pieces))
        ):
            yield from self.spellings.near(bare)
        if single and len(bare) >= MIN_FAR and not is_ordinary(window.text):
            yield from self.spellings.far(bare)

    def _glued(self, window: Window) -> Iterator[Found]:
        """Marks inside one word, or inside letters spelt out one by one (a window of more than four pieces)."""
        if 1 < len(window.pieces) <= MAX_JOINED or len(window.text) <= MIN_GLUED:
            return
        for number, position in self.spellings.inside(window.text):
            entry = self.spellings.entries[number]
            if not entry.own:
                yield text_model.scored(number, Kind.GLUED, text_model.glued(window, entry, position))

    def _same(self, window: Window, number: int) -> Found:
        entry = self.spellings.entries[number]
        if window.disguised:
            return text_model.scored(number, Kind.LOOKALIKE, text_model.lookalike(window, entry))
        if len(window.pieces) == 1 or window.pieces == entry.pieces:
            return text_model.scored(number, Kind.EXACT, text_model.exact(entry))
        return text_model.scored(number, Kind.SPLIT, text_model.split(window, entry))

    def _derived(self, window: Window, number: int) -> Found:
        entry = self.spellings.entries[number]
        typed = not entry.own or window.text == hangul.typed(entry.form)
        kind = Kind.TYPO if typed else Kind.TRANSLITERATED
        return text_model.scored(number, kind, text_model.derived(window, entry), text_model.DERIVED)


def _compete(places: list[Place]) -> list[Place]:
    """Let the surer of two marks have the words both claim: "Haneulbit Cica" explains its "Haneulbit"."""
    ordered = sorted(places, key=lambda place: (-place.score, place.start - place.end, place.found.entry))
    kept: list[Place] = []
    for rank, place in enumerate(ordered):
        # The first surer mark on the same words is the surest one.
        rival = next((o.score for o in ordered[:rank] if o.start < place.end and place.start < o.end), 0.0)
        kept.append(attrs.evolve(place, score=place.score * (1.0 - RIVAL * rival)) if rival else place)
    return kept


def _is_disguised(kind: Kind, words: str, entry: Entry) -> bool:
    if kind in {Kind.LOOKALIKE, Kind.TYPO, Kind.MASKED}:
        return True
    if kind is Kind.SPLIT:
        if any(not character.isalnum() and character not in HABITUAL for character in fold(words).text):
            return True
        pieces = [token.text for token in tokens(fold(words))]
        return len(pieces) >= MIN_SPELT_OUT and 2 * sum(len(piece) == 1 for piece in pieces) >= len(pieces)
    # The same letters in another dress: fancy alphabets, accents nobody registered, invisible characters.
    return not entry.own and entry.text.isascii() and not words.isascii() and kind is not Kind.TRANSLITERATED
