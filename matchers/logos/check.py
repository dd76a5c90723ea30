"""Is the logo really there? What each fitted place shows, in numbers.

Two questions carry most: does every contour of the logo lie on an edge that runs its way, and does the photo, bent back
into the logo's window, correlate with the logo — in its edges, in its silhouette from one colour to another, in its
own colours?
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np

from matchers.logos.edges import FAINT, Floats, Pixels, gradients, orientation
from matchers.logos.fit import Doubles, Fits
from matchers.logos.logo import FINE, Logo
from matchers.logos.search import CLUTTER

NAMES = (
    "coarse",  # correlation of the coarse search
    "held",  # mean over the contour points of how well each lies on an edge running its way
    "held_quarter",  # the same, of the point a quarter from the worst
    "held_sector",  # the same, of the worst of eight sectors around the middle
    "present",  # share of the contour points that lie on an edge
    "edges",  # correlation of the edges' orientations
    "silhouette",  # correlation of the steps over the silhouette's edge, whatever the two colours are
    "colours",  # correlation of the steps with the logo's own
    "two_tone",  # share of the silhouette's variance that the photo's colours explain
    "likeness",  # share of the photo's variance that the logo's colours explain
    "stretch",  # log of the longer over the shorter axis of the map
    "shear",  # how far the map is from a turn
    "area",  # log of the map's area
    "contours",  # log of the number of contour pixels: a triangle is found everywhere, a lion is not
    "fill",  # share of the window that the silhouette fills
    "noise",  # mean weight of edges where the logo has none
)
SECTORS = 8
FEW = 3  # points from which a sector counts
EDGE = 0.25  # weight from which a contour point lies on an edge
EMPTY = 0.1  # weight below which the logo has no edge
GRAIN = 25.0  # variance in grey levels of a plain area
SMALL = 32  # pixels a side on which colours are compared


def measures(fits: Fits, logos: Sequence[Logo]) -> Doubles:
    """Return one row of numbers per fitted place, in the order of `NAMES`."""
    places = fits.places
    held = fits.held
    axes = np.linalg.svd(fits.maps, compute_uv=False)
    turned = fits.maps
    shear = np.abs(turned[:, 0, 0] - turned[:, 1, 1]) + np.abs(turned[:, 0, 1] + turned[:, 1, 0])
    steps = {logo: _steps(logos[logo]) for logo in np.unique(places.logos)}
    seen = np.array([_seen(unbent(fits, row), logos[logo], steps[logo]) for row, logo in enumerate(places.logos)])
    own = [logos[logo] for logo in places.logos]
    return np.column_stack(
        [
            places.scores,
            held.mean(1),
            np.quantile(held, 0.25, axis=1),
            _worst_sector(held, np.array([logo.points for logo in own])),
            (held > EDGE).mean(1),
            seen[:, :5],
            np.log(axes[:, 0] / axes[:, 1]),
            shear,
            np.log(axes.prod(1)),
            [np.log(logo.contours) for logo in own],
            [logo.silhouette.mean() / 255 for logo in own],
            seen[:, 5],
        ]
    )


def unbent(fits: Fits, row: int) -> Pixels:
    """Return what the photo shows at a fitted place, bent back into the logo's window."""
    middle = np.full(2, (FINE - 1) / 2)
    move = np.column_stack([fits.maps[row], fits.shifts[row] - fits.maps[row] @ middle])
    photo = fits.photos[int(fits.places.sizes[row])]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(photo, move, (FINE, FINE), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _worst_sector(held: Doubles, points: Floats) -> Doubles:
    """Return the mean hold of the sector around the logo's middle that holds worst."""
    angle = np.arctan2(points[..., 1], points[..., 0])
    sector = (angle / (2 * np.pi) * SECTORS + SECTORS / 2).astype(int) % SECTORS
    worst = np.full(len(held), np.inf)
    for number in range(SECTORS):
        inside = sector == number
        count = inside.sum(1)
        mean = (held * inside).sum(1) / np.maximum(count, 1)
        worst = np.where(count >= FEW, np.minimum(worst, mean), worst)
    return np.where(np.isfinite(worst), worst, 0.0)


@attrs.frozen(eq=False)
class _Steps:
    """What the comparison needs of a logo, made once: steps of its silhouette and colours, their small pictures."""

    outline: Floats
    colours: Floats
    tone: Doubles
    both: Doubles


def _steps(logo: Logo) -> _Steps:
    along, down = gradients(logo.silhouette)
    outline = np.stack([along, down])
    size = np.sqrt((outline * outline).sum(0))
    own = np.stack(gradients(logo.picture))
    whole = np.sqrt((own * own).sum((0, 3)))
    tone = _small(logo.silhouette)
    return _Steps(
        outline / (size + FAINT), own / (whole + FAINT)[..., None], tone, np.column_stack([tone, _small(logo.picture)])
    )


def _small(picture: Pixels) -> Doubles:
    small = cv2.resize(picture, (SMALL, SMALL), interpolation=cv2.INTER_AREA).reshape(SMALL * SMALL, -1)
    return np.asarray(small - small.mean(0), np.float64)


def _seen(patch: Pixels, logo: Logo, steps: _Steps) -> tuple[float, ...]:
    """Compare what the photo shows with the logo: edges, silhouette, colours, two_tone, likeness, noise."""
    field = orientation(patch, CLUTTER)
    edges = (field * logo.field).sum() / np.sqrt((field**2).sum() * (logo.field**2).sum() + 1e-9)
    weight = np.hypot(field[..., 0], field[..., 1])
    noise = (weight * (np.hypot(logo.field[..., 0], logo.field[..., 1]) < EMPTY)).mean()
    change = np.stack(gradients(patch))
    change *= (weight / (np.sqrt((change * change).sum((0, 3))) + 1e-6))[..., None]
    power = (change * change).sum()
    outline = (change * steps.outline[..., None]).sum((0, 1, 2)) / np.sqrt(power * (steps.outline**2).sum() + 1e-9)
    colours = (change * steps.colours).sum() / np.sqrt(power * (steps.colours**2).sum() + 1e-9)
    pixels = _small(patch)
    return (
        float(edges),
        float(np.sqrt((outline**2).sum())),
        float(colours),
        _explained(pixels, steps.tone),
        _explained(steps.both, pixels),
        float(noise),
    )


def _explained(by: Doubles, what: Doubles) -> float:
    """Return the share of the variance of ``what`` that a linear map of ``by`` explains; 0 for plain areas."""
    spread = by.T @ by / len(by) + GRAIN * np.eye(by.shape[1])
    shared = by.T @ what / len(by)
    total = (what**2).sum() / len(what) + GRAIN * what.shape[1]
    return float((shared * np.linalg.solve(spread, shared)).sum() / total)
