"""Words that sellers of copies write and no lexicon knows yet: proposed from verdicts, for a person to judge.

A phrase is proposed where it stands in counterfeits' titles of several sellers, far more often than in others': by the
lower end of the 95 % interval of the log odds ratio, half a case added to each count (Haldane 1955, Gart 1966). Each
seller counts once, so that one shop's boilerplate is no slang.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice

import attrs

from matchers.folding import fold, is_own_script
from matchers.wording import Wording
from matchers.words import is_everyday, is_ordinary

SELLERS = 3  # of counterfeits that must write a phrase
LONGEST = 3  # words of a phrase
LONGEST_RUN = 10  # characters of a phrase in a script without spaces
MOST_LETTERS = 60  # of a phrase; nobody says more in three words
LETTERS = 4  # of a single word; fewer are sizes and codes
EXAMPLES = 3
MOST_SHOWN = 200  # characters of an example
MOST = 20  # proposals that a person is asked about at once
Z = 1.96
_MARKS = "\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"  # accents and the vowels and tones of Thai
_MARK = re.compile(f"[{_MARKS}]")
_TOKEN = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}'’])*")


@attrs.frozen(kw_only=True)
class Said:
    """One listing's title: of which seller, and whether people decided that it offers a counterfeit."""

    title: str
    seller: str
    fake: bool


@attrs.frozen(kw_only=True)
class Candidate:
    """A phrase that may be slang: how many sellers of counterfeits write it, and how many others, of how many.

    ``score`` is the least log odds ratio; ``examples`` are titles it stands in.
    """

    text: str
    fakes: int
    of_fakes: int
    others: int
    of_others: int
    score: float
    examples: tuple[str, ...]


def propose(
    said: Iterable[Said], wording: Wording, known: Collection[str] = (), decided: Collection[str] = ()
) -> list[Candidate]:
    """Return phrases that counterfeits' titles are marked by, the surest first, at most `MOST`.

    Args:
        said: titles of decided and of ordinary listings. A seller of counterfeits is none of the others.
        wording: the lexicons; what they know is proposed no more.
        known: names of brands, products and goods; their words are no slang.
        decided: phrases that a person decided about before; what holds one of them is proposed no more.
    """
    said = list(said)
    leave_out = frozenset(token for text in known for token in _tokens(fold(text).text))
    titles: dict[str, set[str]] = defaultdict(set)
    for one in said:
        if one.fake:
            titles[one.seller].add(one.title)
    # Most phrases stand in one title alone, so no more than a number is kept of each before it is told.
    who = Counter(
        phrase for own in titles.values() for phrase in set().union(*(phrases(title, leave_out) for title in own))
    )
    told = {phrase for phrase, sellers in who.items() if sellers >= SELLERS}
    where: dict[str, set[str]] = defaultdict(set)
    for title in set().union(*titles.values()):
        for phrase in told.intersection(phrases(title, leave_out)):
            where[phrase].add(title)
    honest = {one.seller for one in said} - titles.keys()
    others: dict[str, set[str]] = defaultdict(set)
    for one in said:
        if one.seller in honest:
            for phrase in told.intersection(phrases(one.title, leave_out)):
                others[phrase].add(one.seller)
    found = [
        Candidate(
            text=phrase,
            fakes=who[phrase],
            of_fakes=len(titles),
            others=len(others[phrase]),
            of_others=len(honest),
            score=least_log_odds_ratio(who[phrase], len(titles), len(others[phrase]), len(honest)),
            examples=tuple(title[:MOST_SHOWN] for title in sorted(where[phrase])[:EXAMPLES]),
        )
        for phrase in told
    ]
    ordered = sorted((one for one in found if one.score > 0), key=lambda one: (-one.score, -len(one.text), one.text))
    unknown = (
        one for one in ordered if not wording.find(one.text) and not any(_holds(one.text, words) for words in decided)
    )
    return list(islice(_saying_more(unknown, where), MOST))


def _saying_more(candidates: Iterable[Candidate], where: Mapping[str, set[str]]) -> Iterator[Candidate]:
    """Leave out what stands in no other titles than a surer phrase does."""
    surer: list[set[str]] = []
    for candidate in candidates:
        titles = where[candidate.text]
        if not any(titles <= others for others in surer):
            surer.append(titles)
            yield candidate


def _holds(phrase: str, words: str) -> bool:
    """Tell whether a phrase holds other words: whole ones, where spaces part words."""
    return words in phrase if is_own_script(words[0]) else f" {words} " in f" {phrase} "


def least_log_odds_ratio(inside: int, of_inside: int, outside: int, of_outside: int) -> float:
    """Return the lower end of the 95 % interval of how much likelier a phrase is inside than outside, in log-odds."""
    cells = [count + 0.5 for count in (inside, of_inside - inside, outside, of_outside - outside)]
    ratio = math.log(cells[0] / cells[1]) - math.log(cells[2] / cells[3])
    return ratio - Z * math.sqrt(sum(1 / cell for cell in cells))


def phrases(title: str, leave_out: frozenset[str] = frozenset()) -> set[str]:
    """Return the phrases of a title, folded: up to three words, or up to ten characters where no spaces part words.

    A phrase with a word to leave out or a number is none, nor is a single ordinary word or several of every day.
    """
    found: set[str] = set()
    line: list[str] = []
    for token in (*_tokens(_inner(leave_out).sub("|", fold(title).text)), ""):
        if token and token not in leave_out and not any(letter.isdigit() for letter in token):
            if is_own_script(token[0]):
                found.update(_runs(token))
            else:
                line.append(token)
                continue
        found.update(_lines(line))
        line = []
    return {phrase for phrase in found if len(phrase) <= MOST_LETTERS}


@lru_cache(maxsize=4)
def _inner(leave_out: frozenset[str]) -> re.Pattern[str]:
    """Return an expression for the words to leave out that stand inside running text, the longest first."""
    inner = sorted((word for word in leave_out if len(word) > 1 and is_own_script(word[0])), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, inner)) or r"(?!)")


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _lines(words: list[str]) -> Iterator[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + LONGEST) + 1):
            phrase = words[start:end]
            telling = len(phrase[0]) >= LETTERS and not is_ordinary(phrase[0])
            if telling or (len(phrase) > 1 and not all(map(is_everyday, phrase))):
                yield " ".join(phrase)


def _runs(text: str) -> Iterator[str]:
    for start in range(len(text)):
        for end in range(start + 2, min(len(text), start + LONGEST_RUN) + 1):
            run = text[start:end]
            cut = _MARK.match(text[start]) or _MARK.match(text[end : end + 1])  # a vowel sign belongs to its letter
            if not cut and not is_ordinary(run):
                yield run
