"""Bends a logo onto the photo: each contour point looks along its normal for the edge, and an affine map follows."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from matchers.logos.edges import Floats, Pixels, orientation
from matchers.logos.logo import COARSE, FINE, Logo
from matchers.logos.search import CLUTTER, SHARES, Ints, Places, foremost, resized

ROUGH = (8, 7, 5)  # pixels each point looks ahead, round after round
CLOSE = (4, 3, 2)
ROUGHLY = 2  # every how manieth contour point takes part in the rough rounds
FITTED = 4  # places of a logo that go on to the close rounds
FAR = 0.02  # an edge a pixel farther away must be that much clearer
STIFF = np.array([0.5, 0.5, 0.5, 0.5, 0.1, 0.1])  # against bending and against moving
RADIUS = 28.0  # pixels; the scale on which bending is measured
AREAS = (0.3, 3.0)  # a map that shrinks or swells the logo more than this has lost it
GRIP = 1  # pixels off its place at which an edge still counts as there

Doubles = npt.NDArray[np.float64]


@attrs.frozen(kw_only=True, eq=False)
class Fits:
    """Places after the fit: maps from the logo's window (pixels from its middle) to the photo at the place's size.

    ``maps`` (n, 2, 2) and ``shifts`` (n, 2); ``held`` (n, POINTS) is how well each contour point lies on an edge that
    runs its way, -1..1; ``photos`` the resized photo of each size in use.
    """

    places: Places
    maps: Doubles
    shifts: Doubles
    held: Doubles
    photos: dict[int, Pixels]

    def some(self, rows: Ints) -> Fits:
        """Return the fits of these rows."""
        return attrs.evolve(
            self, places=self.places.some(rows), maps=self.maps[rows], shifts=self.shifts[rows], held=self.held[rows]
        )


def fit(photo: Pixels, logos: Sequence[Logo], places: Places) -> Fits:
    """Fit places: all roughly, on some of the contour points; the few of each logo that hold best finely, on all.

    All are fitted at once, since single places are too small for numpy to be quick.
    """
    photos = {int(size): resized(photo, SHARES[size], FINE) for size in np.unique(places.sizes)}
    fields = {size: orientation(picture, 2 * CLUTTER) for size, picture in photos.items()}
    points = np.array([logo.points for logo in logos])
    normals = np.array([logo.normals for logo in logos])
    turns = np.radians(places.turns)
    maps = np.array([[np.cos(turns), -np.sin(turns)], [np.sin(turns), np.cos(turns)]]).transpose(2, 0, 1)
    fits = Fits(
        places=places,
        maps=maps.astype(np.float64),
        shifts=(places.centres * (FINE / COARSE) + 0.5).astype(np.float64),
        held=np.empty((len(maps), 0)),
        photos=photos,
    )
    fits = _follow(fits, fields, (points[:, ::ROUGHLY], normals[:, ::ROUGHLY]), ROUGH)
    fits = fits.some(foremost(fits.places.logos, fits.held.mean(1), FITTED))
    return _follow(fits, fields, (points, normals), CLOSE)


def _follow(fits: Fits, fields: dict[int, Floats], contours: tuple[Floats, Floats], reaches: tuple[int, ...]) -> Fits:
    """Let each contour point look for its edge, and the map follow them by weighted least squares."""
    sizes = fits.places.sizes
    points, normals = (part[fits.places.logos] for part in contours)
    maps, shifts = fits.maps, fits.shifts
    for reach in reaches:
        offsets, across, clear = _edges(fields, sizes, (maps, shifts), (points, normals), reach)
        best = clear.argmax(2)
        weight = np.clip(np.take_along_axis(clear, best[..., None], 2)[..., 0], 0, None) ** 2
        bend = np.concatenate([across[..., :1] * points, across[..., 1:] * points], 2) / RADIUS
        slope = np.concatenate([bend, across], 2)
        weighted = (slope * weight[..., None]).transpose(0, 2, 1)
        pull = (weighted @ offsets[best][..., None]).astype(np.float64)
        step = np.linalg.solve((weighted @ slope).astype(np.float64) + np.diag(STIFF), pull)[..., 0]
        maps = maps + step[:, :4].reshape(-1, 2, 2) / RADIUS
        shifts = shifts + step[:, 4:]
        area = np.linalg.det(maps)
        maps[(area < AREAS[0]) | (area > AREAS[1])] = np.eye(2)
    _, _, clear = _edges(fields, sizes, (maps, shifts), (points, normals), GRIP)
    return attrs.evolve(fits, maps=maps, shifts=shifts, held=clear.max(2).astype(np.float64))


def _edges(
    fields: dict[int, Floats], sizes: Ints, maps: tuple[Doubles, Doubles], contour: tuple[Floats, Floats], reach: int
) -> tuple[Floats, Floats, Floats]:
    """Look along each point's normal.

    Returns:
        the offsets looked at, the mapped normals (n, points, 2), and how clear an edge running the contour's way is at
        each offset (n, points, offsets), farther ones a little less.
    """
    turned, shifts = (part.astype(np.float32) for part in maps)
    points, normals = contour
    across = normals @ np.linalg.inv(turned)
    across /= np.linalg.norm(across, axis=2, keepdims=True)
    offsets = np.arange(-reach, reach + 1, dtype=np.float32)
    at = (points @ turned.transpose(0, 2, 1) + shifts[:, None])[:, :, None] + offsets[:, None] * across[:, :, None]
    cosine = across[..., 0] ** 2 - across[..., 1] ** 2
    sine = 2 * across[..., 0] * across[..., 1]
    clear = np.empty(at.shape[:3], np.float32)
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        x, y = at[rows, ..., 0], at[rows, ..., 1]
        flat = (x.shape[0], -1)
        seen = cv2.remap(
            fields[int(size)], x.reshape(flat), y.reshape(flat), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        )
        seen = np.asarray(seen).reshape(*x.shape, 2)
        clear[rows] = seen[..., 0] * cosine[rows][..., None] + seen[..., 1] * sine[rows][..., None]
    return offsets, across, np.asarray(clear - FAR * np.abs(offsets), np.float32)
