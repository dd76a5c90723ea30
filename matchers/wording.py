"""Words that speak for or against a copy, from ``config/lexicons``; read with their exceptions and negations.

Languages with spaces are matched at word borders, the others inside running text; Latin letters keep their borders
everywhere. A longer term covers a shorter one, an exception covers its term ("replica jersey").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import attrs

from contracts.lexicon import Lexicon, Sense, Term
from matchers.folding import Folded, fold, is_own_script

MAX_TEXT = 6_000  # characters of a description that are read
NEGATION_WORDS = 3  # a negation reaches over at most two words in between
NEGATION_CHARACTERS = 5  # in scripts without spaces
TURNED = frozenset({Sense.COPY, Sense.CONCEALMENT, Sense.LOOKALIKE, Sense.REPACK, Sense.GREY, Sense.DISCREET})

# Languages a site of a country is written in, beside English.
LANGUAGES_OF = {
    "DE": ("de",), "AT": ("de",), "CH": ("de", "fr", "it"), "FR": ("fr",), "BE": ("fr",), "LU": ("de", "fr"),
    "ES": ("es",), "MX": ("es",), "AR": ("es",), "CO": ("es",), "CL": ("es",), "PE": ("es",), "IT": ("it",),
    "PL": ("pl",), "ID": ("id",), "MY": ("ms", "zh"), "SG": ("zh", "ms"), "PH": ("tl",), "TH": ("th",), "VN": ("vi",),
    "CN": ("zh",), "TW": ("zh",), "HK": ("zh",), "JP": ("ja",), "KR": ("ko",),
}  # fmt: skip


@attrs.frozen
class Hit:
    """A term found. ``words`` as the seller wrote them; ``negated``: the text says the opposite."""

    language: str
    term: Term
    words: str
    start: int
    end: int
    negated: bool = False


@attrs.frozen
class _Phrase:
    """A pattern of a term, or an exception (``term`` is None). ``needle`` must be in the text for it to match."""

    needle: str
    expression: re.Pattern[str]
    term: Term | None


class _Reader:
    """One lexicon, ready to read folded texts with."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._phrases: list[_Phrase] = []
        for term in lexicon.terms:
            for pattern in term.patterns or (term.term,):
                self._phrases.append(_phrase(pattern, term, spaced=lexicon.spaced, regex=term.regex))
            self._phrases.extend(_phrase(text, None, spaced=lexicon.spaced) for text in term.exceptions)
        negations = sorted((fold(word).text.strip() for word in lexicon.negations), key=len, reverse=True)
        before = "|".join(re.escape(word) for word in negations)
        self._negation = re.compile(rf"(?<!\w)(?:{before})(?!\w)" if lexicon.spaced else before) if before else None

    def find(self, folded: Folded) -> Iterator[Hit]:
        """Yield hits from left to right; of two that overlap the earlier wins, then the longer, then the term."""
        spans = [
            (match.start(), -match.end(), phrase.term is None, number, phrase.term)
            for number, phrase in enumerate(self._phrases)
            if phrase.needle in folded.text
            for match in phrase.expression.finditer(folded.text)
            if match.end() > match.start()
        ]
        free = 0
        for start, minus_end, _, _, term in sorted(spans, key=lambda span: span[:4]):
            if start < free:
                continue
            free = end = -minus_end
            if term is not None:
                negated = term.sense in TURNED and self._is_negated(folded.text, start, end)
                yield Hit(self.lexicon.language, term, folded.words(start, end), start, end, negated)

    def _is_negated(self, text: str, start: int, end: int) -> bool:
        if self._negation is None:
            return False
        clause = re.split(r"[.,;!?|/。，、！？；\n]", text[max(0, start - 80) : start])[-1]
        if self.lexicon.spaced:
            near = " ".join(clause.split()[-NEGATION_WORDS:])
        else:
            # Japanese and Korean negate behind the word: "コピー品ではありません", "가품 아님".
            near = clause[-NEGATION_CHARACTERS:] + "\0" + text[end : end + NEGATION_CHARACTERS + 3]
        return self._negation.search(near) is not None


def _phrase(pattern: str, term: Term | None, *, spaced: bool, regex: bool = False) -> _Phrase:
    if regex:
        return _Phrase("", re.compile(pattern), term)
    needle = max(re.split(r"[-\s]+", fold(pattern).text.strip()), key=len)
    return _Phrase(needle, re.compile(_literal(pattern, spaced=spaced)), term)


def _literal(pattern: str, *, spaced: bool) -> str:
    """Return an expression for a folded literal: any space for a space, borders where its script has them."""
    text = fold(pattern).text.strip()
    body = r"\s{0,2}[-\s]\s{0,2}".join(re.escape(word) for word in re.split(r"[-\s]+", text) if word)
    head, tail = text[:1], text[-1:]
    before = _border(head, spaced=spaced, behind=True)
    after = _border(tail, spaced=spaced, behind=False)
    return f"{before}{body}{after}"


def _border(edge: str, *, spaced: bool, behind: bool) -> str:
    if not edge.isalnum() or is_own_script(edge):
        return ""
    letters = r"\w" if spaced else "[a-z0-9]"
    return f"(?<!{letters})" if behind else f"(?!{letters})"


class Wording:
    """Every lexicon, ready to read texts with."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self._readers = {language: _Reader(lexicon) for language, lexicon in lexicons.items()}
        self._always: tuple[str, ...] = ()

    def with_own(self, lexicon: Lexicon) -> Wording:
        """Return a wording that reads one more lexicon, whatever language a text is in."""
        more = Wording({})
        more._readers = {**self._readers, lexicon.language: _Reader(lexicon)}
        more._always = (*self._always, lexicon.language)
        return more

    def find(self, text: str, languages: Iterable[str] | None = None) -> list[Hit]:
        """Return the terms of ``languages`` (all when None) in ``text``, in the order of their place.

        What a denial covers ("beware of fakes") is no admission; one stretch of text counts once for a sense.
        """
        folded = fold(text[:MAX_TEXT])
        wanted = self._readers if languages is None else dict.fromkeys((*languages, *self._always))
        hits = [hit for name in wanted if name in self._readers for hit in self._readers[name].find(folded)]
        denials = [(hit.start, hit.end) for hit in hits if hit.term.sense is Sense.DENIAL]
        kept: list[Hit] = []
        for hit in sorted(hits, key=lambda hit: (hit.start, hit.start - hit.end)):
            covered = hit.term.sense is not Sense.DENIAL and any(s < hit.end and hit.start < e for s, e in denials)
            twice = any(o.start < hit.end and hit.start < o.end and o.term.sense is hit.term.sense for o in kept[-4:])
            if not covered and not twice:
                kept.append(hit)
        return kept


def languages_for(text: str, *, language: str | None = None, site: str | None = None) -> tuple[str, ...]:
    """Return the lexicons to read a listing with: English, its own language, its site's, and those its script shows."""
    chosen = ["en"]
    if language:
        chosen.append(language.partition("-")[0].lower())
    chosen.extend(LANGUAGES_OF.get(site or "", ()))
    for first, last, name in (("\uac00", "\ud7a3", "ko"), ("\u0e00", "\u0e7f", "th"), ("\u3040", "\u30ff", "ja")):
        if any(first <= character <= last for character in text):
            chosen.append(name)
    if any("\u4e00" <= character <= "\u9fff" for character in text) and "ja" not in chosen:
        chosen.append("zh")
    return tuple(dict.fromkeys(chosen))
