"""Marks written in Hangul, Han, kana or Thai, found in titles of the same script: as registered, and nearly so.

There a word's borders say less than in Latin (Chinese, Japanese and Thai have none), and few letters make a name: of
two syllables a slip leaves too little, so short spellings are found as registered or as they sound, never farther off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import attrs

from matchers import text_model
from matchers.scripts.hearing import cost, read
from matchers.spellings import Entry, Found, Kind, deletes
from matchers.windows import Token
from matchers.words import is_ordinary

MAX_RUN = 600  # characters of a title's own-script text that are looked at
HEAD = 2  # units a spelling is looked up by
MIN_NEAR_CHARACTERS = 2
MIN_NEAR_UNITS = {2: 4}  # by characters: two syllables of Hangul need at least two letters each; of others
LEAST_NEAR_UNITS = 3
SHORT = 2  # characters
MOST_COST = 1.2  # of a near form; `reading.cost`
MOST_COST_APART = 0.3  # ... of one whose pieces stand apart


@attrs.frozen(slots=True)
class _Run:
    """Neighbouring tokens of own scripts, read as one text."""

    text: str
    heard: str
    places: tuple[int, ...]  # of each unit heard: the character it belongs to
    owners: tuple[tuple[Token, int], ...]  # of each character: its token and its place in it

    def starts_character(self, unit: int) -> bool:
        return unit == 0 or self.places[unit - 1] != self.places[unit]

    def ends_character(self, unit: int) -> bool:
        return unit + 1 == len(self.places) or self.places[unit + 1] != self.places[unit]

    def after(self, unit: int) -> int:
        """Return where the characters end that unit is the last heard of: tone marks and long vowels go with it."""
        end = self.places[unit] + 1
        following = self.places[unit + 1] if unit + 1 < len(self.places) else len(self.text)
        while end < following and self.owners[end][1] > 0:
            end += 1
        return end


class OwnScript:
    """Searches for the spellings among ``entries`` that are written in a script of their own."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._heard: dict[str, list[int]] = defaultdict(list)
        self._near: dict[str, list[int]] = defaultdict(list)
        heads: dict[str, set[int]] = defaultdict(set)
        near_lengths: set[int] = set()
        for number, entry in enumerate(entries):
            if not entry.own or not entry.bare:
                continue
            self._heard[entry.bare].append(number)
            heads[entry.bare[:HEAD]].add(len(entry.bare))
            least = MIN_NEAR_UNITS.get(len(entry.form), LEAST_NEAR_UNITS)
            if len(entry.form) >= MIN_NEAR_CHARACTERS and len(entry.bare) >= least:
                near_lengths |= {len(entry.bare) + change for change in (-1, 0, 1)}
                for key in deletes(entry.bare):
                    self._near[key].append(number)
        self._heads = {head: tuple(sorted(lengths)) for head, lengths in heads.items()}
        self._near_lengths = sorted(near_lengths)

    def search(self, tokens: Sequence[Token]) -> Iterator[tuple[Found, int, int]]:
        """Yield everything found with its place in the folded title."""
        if not self._heard:
            return
        for run in _runs(tokens):
            for number, first, last in {*self._same(run), *self._nearly(run)}:
                hit = self._judge(run, number, first, last)
                if hit is not None:
                    yield hit

    def _same(self, run: _Run) -> Iterator[tuple[int, int, int]]:
        for unit in range(len(run.heard)):
            if run.starts_character(unit):
                for length in self._heads.get(run.heard[unit : unit + HEAD], ()):
                    yield from self._at(run, unit, length, self._heard)

    def _nearly(self, run: _Run) -> Iterator[tuple[int, int, int]]:
        for unit in range(len(run.heard)):
            if run.starts_character(unit):
                for length in self._near_lengths:
                    yield from self._at(run, unit, length, self._near, slips=True)

    def _at(
        self, run: _Run, unit: int, length: int, table: dict[str, list[int]], *, slips: bool = False
    ) -> Iterator[tuple[int, int, int]]:
        end = unit + length
        if end > len(run.heard) or not run.ends_character(end - 1):
            return
        piece = run.heard[unit:end]
        first, last = run.places[unit], run.after(end - 1)
        for key in table.keys() & deletes(piece) if slips else (piece,):
            for number in table.get(key, ()):
                yield number, first, last

    def _judge(self, run: _Run, number: int, first: int, last: int) -> tuple[Found, int, int] | None:
        entry = self._entries[number]
        piece = run.text[first:last]
        head, tail = run.owners[first], run.owners[last - 1]
        starts, ends = head[1] == 0, tail[1] == len(tail[0].text) - 1
        apart = head[0] is not tail[0]
        spent = cost(entry.form, piece)
        ordinary = is_ordinary(piece)
        short = min(len(entry.form), len(piece)) <= SHORT
        if short and entry.bare != read(piece).heard and not (starts and ends and not ordinary):
            return None  # so few characters make another word with one unit changed, inside a word most of all
        if spent > MOST_COST or (apart and (spent > MOST_COST_APART or (len(piece) <= 2 and not (starts and ends)))):  # noqa: PLR2004 (two characters meet by chance)
            return None
        features = text_model.own(entry, piece, spent=spent, starts=starts, ends=ends, apart=apart, ordinary=ordinary)
        kind = Kind.TYPO if spent > 0.0 else Kind.SPLIT if apart else Kind.EXACT if starts and ends else Kind.GLUED
        found = text_model.scored(number, kind, features, text_model.OWN)
        return found, head[0].start + head[1], tail[0].start + tail[1] + 1


def _runs(tokens: Sequence[Token]) -> Iterator[_Run]:
    left = MAX_RUN
    members: list[Token] = []
    for token in (*tokens, None):
        if token is not None and not token.text.isascii() and left > 0:
            members.append(token)
            left -= len(token.text)
        elif members:
            yield _run(members)
            members = []


def _run(members: Sequence[Token]) -> _Run:
    text = "".join(token.text for token in members)[:MAX_RUN]
    owners = tuple((token, index) for token in members for index in range(len(token.text)))[:MAX_RUN]
    heard = read(text)
    return _Run(text, heard.heard, heard.places, owners)
