"""Edges as the search and the check see them: which way they run, weighed against the clutter around."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

FAINT = 12.0  # grey levels a pixel at which an edge counts half; less is noise of the camera and of JPEG
CELL = 2  # pixels of a cell that the coarse search pools, each way


def gradients(picture: Pixels) -> tuple[Floats, Floats]:
    """Return the change of each channel along x and along y, in grey levels a pixel, shaped as the picture."""
    smooth = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.7)
    along, down = (cv2.Sobel(smooth, cv2.CV_32F, *way, scale=0.25) for way in ((1, 0), (0, 1)))
    return np.asarray(along), np.asarray(down)


def orientation(picture: Pixels, clutter: float | None = None) -> Floats:
    """Return where edges run and how much each counts.

    The channels' gradients are summed as doubled angles, so that an edge is the same from light to dark, from dark to
    light and from one colour to another: one-colour logos on any ground look alike.

    Args:
        picture: (height, width, 3) pixels.
        clutter: radius in pixels over which edges around weaken an edge (a logo on tomatoes); None: alone on its
            ground, as a registered logo stands.

    Returns:
        (height, width, 2): cosine and sine of twice the angle across the edge, times its weight in 0..1.
    """
    along, down = gradients(picture)
    cosine = _summed(along * along - down * down)
    sine = _summed(2 * along * down)
    square = np.sqrt(cosine * cosine + sine * sine) + 1e-6
    strength = np.sqrt(square)
    around: Any = FAINT if clutter is None else FAINT + cv2.GaussianBlur(strength, (0, 0), clutter)
    weight = strength / (strength + around) / square
    return np.dstack([cosine * weight, sine * weight]).astype(np.float32)


def _summed(channels: Floats) -> Floats:
    """Return the sum over three channels; numpy takes ten times as long for so few (2026-11-27)."""
    return np.asarray(cv2.transform(channels, np.ones((1, 3), np.float32)))


def pooled(field: Floats) -> Floats:
    """Return the mean of a field over cells of `CELL` x `CELL` pixels, blurred by half a cell: tolerant of bending."""
    smooth = cv2.GaussianBlur(field, (0, 0), CELL / 2)
    height, width = field.shape[:2]
    size = (max(1, width // CELL), max(1, height // CELL))
    return np.asarray(cv2.resize(smooth, size, interpolation=cv2.INTER_AREA))
