"""Looks closer at copies of registered pictures: which of their words does the listing hide?

Listings are matched again and again: the answer is kept beside the search index for each pair of pictures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import cv2
import numpy as np
from django.conf import settings

from contracts.errors import JikimiError
from contracts.match import PictureMatch, PictureRelation, ReadText, Region
from evidence.pictures import decode
from evidence.store import Store
from listings.derived import Kept
from listings.readings import words_in
from matchers.images import concealment
from matchers.text import MarkIndex
from matchers.weights import PRESENT

LETTERS = 3  # fewer are a size or a price tag's
Answers = Mapping[str, Any]  # of a listing's picture, by the registered one's SHA-256: which regions, which are hidden


def _load(data: bytes) -> Answers | None:
    try:
        kept: Answers = json.loads(data)
        whole = all({"lettering", "hidden"} <= answer.keys() for answer in kept.values())
    except (ValueError, AttributeError):
        return None
    return kept if whole else None


ANSWERS: Kept[Answers] = Kept(
    version=concealment.VERSION, dump=lambda answers: json.dumps(answers).encode(), load=_load, suffix="json"
)


def look_closer(match: PictureMatch, languages: tuple[str, ...], marks: MarkIndex) -> PictureMatch:
    """Return the match with what its picture conceals; unchanged where it is no copy or shows all there is to read.

    Args:
        match: a listing's picture and a registered one, both stored.
        languages: in which the registered picture is read beside Latin, Chinese and Japanese.
        marks: the registered marks.
    """
    if match.relation is not PictureRelation.COPY or match.laid is None:
        return match
    lettering = _lettering(words_in([match.reference.sha256], languages), marks)
    if not lettering:
        return match
    hidden = _hidden(match.listing_sha256, match.reference.sha256, lettering, match.laid)
    return attrs.evolve(match, concealed=hidden)


def _hidden(picture: str, registered: str, lettering: Sequence[Region], laid: Sequence[float]) -> tuple[Region, ...]:
    asked = [attrs.asdict(region) for region in lettering]
    answers = ANSWERS.kept(picture) or {}
    answer = answers.get(registered)
    if answer is None or answer["lettering"] != asked:
        try:
            query, reference = _grey(picture), _grey(registered)
        except JikimiError:
            return ()
        found = concealment.find(query, reference, lettering, laid)
        answer = {"lettering": asked, "hidden": [attrs.asdict(line.region) for line in found]}
        ANSWERS.keep(picture, {**answers, registered: answer})
    return tuple(Region(**region) for region in answer["hidden"])


def _lettering(texts: Sequence[ReadText], marks: MarkIndex) -> list[Region]:
    """Return where the registered picture shows a mark; its highest line of words where none can be read.

    A banner over a price tag or over small print hides nothing of the brand.
    """
    named = [text.region for text in texts if any(mark.score >= PRESENT for mark in marks.search(text.text))]
    words = [text.region for text in texts if sum(letter.isalpha() for letter in text.text) >= LETTERS]
    return named or sorted(words, key=lambda region: -region.height)[:1]


def _grey(sha256: str) -> concealment.Grey:
    picture = decode(Store(settings.EVIDENCE_DIR).get(sha256))
    return cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]
