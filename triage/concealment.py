"""Looks closer at copies of registered pictures: which of their words does the listing hide?"""

from __future__ import annotations

import attrs
import cv2
import numpy as np
from django.conf import settings

from contracts.errors import JikimiError
from contracts.match import PictureMatch, PictureRelation
from evidence.pictures import decode
from evidence.store import Store
from matchers.images import concealment
from triage.readings import words_in


def look_closer(match: PictureMatch, languages: tuple[str, ...]) -> PictureMatch:
    """Return the match with what its picture conceals; unchanged where it is no copy or shows all there is to read.

    Args:
        match: a listing's picture and a registered one, both stored.
        languages: in which the registered picture is read beside Latin, Chinese and Japanese.
    """
    if match.relation is not PictureRelation.COPY:
        return match
    lettering = [text.region for text in words_in([match.reference.sha256], languages)]
    if not lettering:
        return match
    try:
        query, reference = (_grey(sha256) for sha256 in (match.listing_sha256, match.reference.sha256))
    except JikimiError:
        return match
    hidden = concealment.find(query, reference, lettering)
    return attrs.evolve(match, concealed=tuple(line.region for line in hidden))


def _grey(sha256: str) -> concealment.Grey:
    picture = decode(Store(settings.EVIDENCE_DIR).get(sha256))
    return cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]
