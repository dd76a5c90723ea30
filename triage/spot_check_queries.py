"""What the page of a spot check shows, read with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import attrs

from accounts.models import User
from listings.models import ListingImage
from listings.queries import came_by_pool
from registry.models import PictureKind, Product, ReferenceImage
from triage.models import SpotCheck, Verdict
from triage.pairs import Pair
from triage.queries import last_decisions

PICTURES = 8  # of the brand that are shown beside the listing's, and products named


@attrs.frozen(kw_only=True)
class SpotCheckPage:
    """Everything the page shows; nothing that the matchers said is among it. ``pooled`` as `FlagPage` has it."""

    pooled: bool
    pairs: list[Pair]
    products: list[Product]
    last_decisions: list[Verdict]


def spot_check_page(*, user: User, check: SpotCheck) -> SpotCheckPage:
    """Return the page: five queries."""
    references = list(check.brand.images.select_related("product"))
    references.sort(key=lambda image: image.kind == PictureKind.LOGO)  # goods first
    return SpotCheckPage(
        pooled=came_by_pool(check.listing, check.organisation),
        pairs=side_by_side(references[:PICTURES], list(check.listing.images.all())),
        products=list(check.brand.products.all()[:PICTURES]),
        last_decisions=last_decisions(user=user),
    )


def side_by_side(references: Sequence[ReferenceImage], pictures: Sequence[ListingImage]) -> list[Pair]:
    """Return pairs in which every picture of both sides is seen; the shorter side begins again."""
    count = max(len(references), len(pictures))
    left, right = (islice(cycle(side or [None]), count) for side in (references, pictures))
    return [Pair(reference=reference, picture=picture) for reference, picture in zip(left, right, strict=True)]
