"""The words of triage that takedown and the matchers' memory read."""

from __future__ import annotations

from collections.abc import Mapping
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

# Whether a verdict says that the flag was right: an infringement worth a person's look. "Unsure" says nothing.
RIGHT: Mapping[str, bool] = {
    VerdictKind.COUNTERFEIT: True,
    VerdictKind.LIKELY: True,
    VerdictKind.IMAGE_REUSE: True,
    VerdictKind.GENUINE: False,
    VerdictKind.AUTHORISED: False,
    VerdictKind.RESALE: False,
    VerdictKind.NOT_OUR_MARK: False,
}
