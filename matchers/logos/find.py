"""Finds registered logos in a photo: search, fit, check, and a small calibrated model over what the check saw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import attrs
import numpy as np

from contracts.match import Region
from evidence.pictures import decode
from matchers.logos import weights
from matchers.logos.check import NAMES, measures
from matchers.logos.edges import Pixels
from matchers.logos.fit import Doubles, Fits, fit
from matchers.logos.logo import FINE, Logo
from matchers.logos.search import foremost, search
from matchers.odds import logistic

LONG_SIDE = 640  # pixels; larger photos are made smaller first
AT_ONCE = 128  # logos looked for together: bounds memory
FOUND = 0.5  # score from which a logo is said to be there: precision 0.90 with 220 logos looked for
RIVAL = 0.1  # overlap from which two finds are one place: a triangle in a larger logo is not another logo
CHECKED = 2  # places per logo that are checked, those that hold best
LEAST_HELD = 0.25  # mean hold below which a place is not even checked


@attrs.frozen(kw_only=True)
class Found:
    """A logo seen in a photo.

    ``position`` is its place in the list that was looked for, ``score`` the calibrated probability 0..1 that it is
    there, ``region`` where, ``seen`` the numbers of `matchers.logos.check.NAMES`.
    """

    position: int
    score: float
    region: Region
    seen: dict[str, float]


class Placed(Protocol):
    """What `surest` needs to know: how sure a find is, 0..1, and where."""

    @property
    def score(self) -> float: ...  # noqa: D102
    @property
    def region(self) -> Region: ...  # noqa: D102


Place = TypeVar("Place", bound=Placed)


def read(data: bytes) -> Pixels:
    """Decode a photo for `find`, its longer side at most `LONG_SIDE`.

    Raises:
        BadPicture: the bytes are no picture we take.
    """
    picture = decode(data)
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    return np.asarray(picture)


def find(photo: Pixels, logos: Sequence[Logo], least: float = 0.0) -> list[Found]:
    """Return, for each logo that may be in the photo, the surest place; the surest logo first.

    Where two logos are seen in one place, only the surer one is returned.

    Args:
        photo: (height, width, 3) pixels, as `read` returns them.
        logos: what to look for; the cost grows with their number.
        least: the score from which a find is returned.
    """
    return surest(find_each(photo, logos, least))


def find_each(photo: Pixels, logos: Sequence[Logo], least: float = 0.0) -> list[Found]:
    """Return the same in the order of ``logos``, each as if it alone were looked for."""
    found = []
    for start in range(0, len(logos), AT_ONCE):
        found += _find(photo, logos[start : start + AT_ONCE], start)
    return sorted((one for one in found if one.score >= least), key=lambda one: one.position)


def surest(found: Iterable[Place]) -> list[Place]:
    """Return those in whose place no surer one stands, the surest first; of equals the one that came first."""
    kept: list[Place] = []
    for one in sorted(found, key=lambda one: -one.score):
        if all(_overlap(one.region, other.region) <= RIVAL for other in kept):
            kept.append(one)
    return kept


def _overlap(one: Region, other: Region) -> float:
    """Return the shared area over the area of both."""
    wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    high = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    shared = max(0.0, wide) * max(0.0, high)
    return shared / (one.width * one.height + other.width * other.height - shared + 1e-9)


def look(photo: Pixels, logos: Sequence[Logo]) -> tuple[Fits, Doubles]:
    """Return the fitted places worth a check, at most `CHECKED` per logo, and their measures."""
    fits = fit(photo, logos, search(photo, logos))
    held = fits.held.mean(1)
    best = foremost(fits.places.logos, held, CHECKED)
    fits = fits.some(best[held[best] >= LEAST_HELD])
    return fits, measures(fits, logos) if len(fits.held) else np.empty((0, len(NAMES)))


def _find(photo: Pixels, logos: Sequence[Logo], first: int) -> list[Found]:
    fits, table = look(photo, logos)
    best: dict[int, Found] = {}
    for row, numbers in enumerate(table):
        logo = int(fits.places.logos[row])
        sure = probability(numbers)
        if logo not in best or sure > best[logo].score:
            best[logo] = Found(
                position=first + logo,
                score=sure,
                region=_region(fits, row, logos[logo]),
                seen=dict(zip(NAMES, map(float, numbers), strict=True)),
            )
    return list(best.values())


def probability(numbers: Doubles) -> float:
    """Return the probability that the logo is there, from its measures."""
    total = weights.BIAS + sum(
        weight * (number - mean) / spread
        for number, (weight, mean, spread) in zip(numbers, weights.WEIGHTS.values(), strict=True)
    )
    return logistic(total)


def _region(fits: Fits, row: int, logo: Logo) -> Region:
    """Return the box around the fitted logo, cut at the photo's edges."""
    height, width = fits.photos[int(fits.places.sizes[row])].shape[:2]
    rows, columns = np.nonzero(logo.silhouette)
    corners = np.array([[x, y] for x in (columns.min(), columns.max() + 1) for y in (rows.min(), rows.max() + 1)])
    mapped = (corners - FINE / 2) @ fits.maps[row].T + fits.shifts[row]
    left, top = (np.clip(mapped.min(0), 0, (width, height)) / (width, height)).tolist()
    right, bottom = (np.clip(mapped.max(0), 0, (width, height)) / (width, height)).tolist()
    return Region(left=left, top=top, width=right - left, height=bottom - top)
