"""A registered logo, ready to be looked for: a small picture of it, its silhouette and its contours."""

from __future__ import annotations

from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from evidence.pictures import BadPicture, decode
from matchers.logos.edges import Floats, Pixels, gradients, orientation, pooled

COARSE = 32  # pixels a side of the window in which the coarse search sees a logo
FINE = 64  # pixels a side of the window in which a find is checked
MARGIN = 0.875  # share of the window that the logo's longer side fills
TURNS = np.arange(-36, 37, 12)  # degrees the coarse search tries; the fit bends the rest
POINTS = 128  # on the contours; more brought nothing
EDGE = 0.35  # weight from which a pixel is on a contour
SEEN = 48  # grey levels that tell a logo from its ground
BEHIND = ("white", "black")  # what transparency is laid on: a white logo is not seen on white


@attrs.frozen(kw_only=True, eq=False)
class Logo:
    """What is kept of a logo and what is made from it. About 10 kB kept, 200 kB in memory.

    ``picture`` (FINE, FINE, 3) is the logo upright in its window, ``silhouette`` (FINE, FINE) how far each pixel is
    from the ground, 0..255, ``templates`` (turns, cells) the unit vectors the coarse search compares, ``field`` the
    orientation of its edges, ``points`` (POINTS, 2) pixels on the contours from the window's middle, ``normals`` the
    unit vectors across the contour there, and ``contours`` how many pixels all contours have.
    """

    name: str
    picture: Pixels
    silhouette: Pixels
    templates: Floats
    field: Floats
    points: Floats
    normals: Floats
    contours: int


def describe(data: bytes, name: str = "") -> Logo:
    """Prepare a registered logo from the bytes of its picture.

    Raises:
        BadPicture: the picture cannot be read, or shows nothing on its ground.
    """
    for behind in BEHIND:
        picture = np.asarray(decode(data, behind=behind))
        ground = np.median(np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]), axis=0)
        level = ground.astype(np.uint8)
        apart = (np.maximum(picture, level) - np.minimum(picture, level)).max(
            2
        )  # in bytes: it may be 40 million pixels
        if (apart >= SEEN).any():
            return _prepared(name, picture, np.asarray(cv2.add(apart, apart)), ground)
    raise BadPicture("no logo to look for: the picture is one plain colour")


def _prepared(name: str, picture: Pixels, silhouette: Pixels, ground: npt.NDArray[Any]) -> Logo:
    rows = np.flatnonzero((silhouette >= SEEN).any(1))
    columns = np.flatnonzero((silhouette >= SEEN).any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    picture, silhouette = picture[box], silhouette[box]
    colour = tuple(int(value) for value in ground)
    small = window(picture, FINE, colour)
    templates = [pooled(orientation(window(picture, COARSE, colour, float(turn)))).ravel() for turn in TURNS]
    field = orientation(small)
    outline = window(silhouette, FINE, (0,))
    points, normals, contours = _contours(field, outline)
    return Logo(
        name=name,
        picture=small,
        silhouette=outline,
        templates=np.array([template / (np.linalg.norm(template) + 1e-6) for template in templates], np.float32),
        field=field,
        points=points,
        normals=normals,
        contours=contours,
    )


def window(picture: Pixels, side: int, ground: tuple[int, ...], turn: float = 0.0) -> Pixels:
    """Draw a picture into the middle of a square window of ``side`` pixels, turned by ``turn`` degrees."""
    height, width = picture.shape[:2]
    scale = side * MARGIN / max(height, width)
    shrink = max(1, min(4, round(1 / scale)))  # drawn larger, then averaged: thin strokes survive
    cosine, sine = np.cos(np.radians(turn)) * scale, np.sin(np.radians(turn)) * scale
    move = np.array([[cosine, -sine, 0], [sine, cosine, 0]])
    move[:, 2] = side / 2 - move[:, :2] @ [width / 2, height / 2]
    drawn = cv2.warpAffine(picture, move * shrink, (shrink * side,) * 2, flags=cv2.INTER_LINEAR, borderValue=ground)
    return np.asarray(cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA))


def _contours(field: Floats, silhouette: Pixels) -> tuple[Floats, Floats, int]:
    """Return points on the ridges of the edges, the normals there (into the logo) and the number of ridge pixels."""
    weight = np.hypot(field[..., 0], field[..., 1])
    angle = np.arctan2(field[..., 1], field[..., 0]) / 2
    across, down = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    x, y = np.meshgrid(np.arange(FINE, dtype=np.float32), np.arange(FINE, dtype=np.float32))
    before = cv2.remap(weight, x - across, y - down, cv2.INTER_LINEAR)
    after = cv2.remap(weight, x + across, y + down, cv2.INTER_LINEAR)
    rows, columns = np.nonzero((weight >= after) & (weight > before) & (weight > EDGE))
    if len(rows) == 0:
        raise BadPicture("no logo to look for: the picture has no contour")
    kept = np.linspace(0, len(rows) - 1, POINTS).round().astype(int)
    contours = len(rows)
    rows, columns = rows[kept], columns[kept]
    normals = np.stack([across[rows, columns], down[rows, columns]], 1)
    rise = np.stack([part[rows, columns] for part in gradients(silhouette)], 1)
    normals *= np.where((rise * normals).sum(1, keepdims=True) < 0, -1, 1)
    points = np.stack([columns, rows], 1) - (FINE - 1) / 2
    return points.astype(np.float32), normals.astype(np.float32), contours
