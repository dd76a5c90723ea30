"""The words of triage that takedown and the matchers' memory read."""

from __future__ import annotations

from enum import StrEnum


class VerdictKind(StrEnum):
    """What a person decided about a flag."""

    COUNTERFEIT = "counterfeit"
    LIKELY = "likely"
    GENUINE = "genuine"
    AUTHORISED = "authorised"
    RESALE = "resale"  # second-hand or parallel import
    IMAGE_REUSE = "image_reuse"
    NOT_OUR_MARK = "not_our_mark"
    UNSURE = "unsure"


PERMITS_DRAFT = frozenset({VerdictKind.COUNTERFEIT, VerdictKind.IMAGE_REUSE})
