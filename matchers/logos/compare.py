"""Which registered logos a listing's picture shows, in the words and types of a match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from contracts.match import PictureMatch, PictureRelation, ReferencePicture, Region, Sentence
from matchers.logos.edges import Pixels
from matchers.logos.find import FOUND, Found, find_each
from matchers.logos.logo import Logo

VERSION = "logos/2"


@attrs.frozen(kw_only=True)
class Sight:
    """A logo seen in a picture: how sure, where, and the two numbers a person can check by eye.

    ``present`` is the share of the logo's contour found in the photo, ``edges`` the correlation of their directions.
    """

    score: float
    region: Region
    present: float
    edges: float

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict."""
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any] | None) -> Sight | None:
        """Read what `to_json` made; None stays None."""
        return None if kept is None else cls(**{**kept, "region": Region(**kept["region"])})


def sights(photo: Pixels, logos: Sequence[Logo]) -> Iterator[tuple[Logo, Sight]]:
    """Yield the logos that are surely enough in the photo, each as if it alone were looked for."""
    for found in find_each(photo, logos, FOUND):
        yield logos[found.position], _sight(found)


def _sight(found: Found) -> Sight:
    return Sight(
        score=round(found.score, 4),
        region=found.region,
        present=round(found.seen["present"], 3),
        edges=round(found.seen["edges"], 3),
    )


def matched(sha256: str, picture: ReferencePicture, sight: Sight) -> PictureMatch:
    """Say of the listing picture ``sha256`` that the registered logo was seen in it."""
    return PictureMatch(
        listing_sha256=sha256,
        reference=picture,
        relation=PictureRelation.ARTWORK,
        score=sight.score,
        evidence=Sentence(
            en=f"A picture shows the registered logo: {sight.present:.0%} of its contour is there, "
            f"edges agree at {sight.edges:.2f} of 1.",
            ko=f"사진에 등록된 로고가 보입니다: 윤곽선의 {sight.present:.0%}가 확인되고, "
            f"가장자리 일치도는 1 중 {sight.edges:.2f}입니다.",
        ),
        listing_region=sight.region,
        reference_region=Region(left=0.0, top=0.0, width=1.0, height=1.0),
        version=VERSION,
    )
