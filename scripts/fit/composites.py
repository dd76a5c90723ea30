"""Puts logos on photos in ways that goods do: to fit on more than one benchmark's way of doing it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

KINDS = ("colours", "one colour", "outlined", "embossed", "printed")
SHARES = (0.11, 0.5)  # of the photo's longer side
Pixels = npt.NDArray[np.uint8]


def composite(photo: Pixels, logo: Pixels, kind: str, chance: np.random.Generator) -> Pixels:
    """Return the photo with the logo on it, turned, bent and laid on in the way ``kind`` names.

    Args:
        photo: (height, width, 3) pixels.
        logo: (height, width, 3) pixels of the logo on a plain ground.
        kind: one of `KINDS`; "printed" takes on the light and shade of the goods under it.
        chance: where size, place, turn, colour and opacity come from.
    """
    apart = np.abs(logo.astype(np.int16) - logo[0, 0].astype(np.int16)).max(2)
    mask = np.minimum(apart * 2, 255).astype(np.float32) / 255
    height, width = photo.shape[:2]
    move = _place(mask.shape, (height, width), chance)
    flags = cv2.INTER_AREA
    mask = cv2.warpPerspective(cv2.GaussianBlur(mask, (0, 0), 1.2), move, (width, height), flags=flags)
    drawn = cv2.warpPerspective(logo, move, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    ink: Any = drawn.astype(np.float32)
    opacity = chance.uniform(0.55, 1.0)
    if kind != "colours":
        inks = np.array([(255, 255, 255), (15, 15, 15), chance.integers(0, 255, 3)], np.float32)
        ink = inks[chance.integers(len(inks))]
    if kind == "outlined":
        line = max(1, round(0.008 * max(height, width)))
        kernel = np.ones((2 * line + 1, 2 * line + 1), np.uint8)
        mask = cv2.dilate(mask, kernel) - mask
    base: Any = photo.astype(np.float32)
    if kind == "embossed":
        relief = cv2.Sobel(cv2.GaussianBlur(mask, (0, 0), 1.0), cv2.CV_32F, 1, 1) * chance.uniform(60, 140)
        relief += (cv2.GaussianBlur(mask, (0, 0), 1.0) - cv2.GaussianBlur(mask, (0, 0), 3.0)) * 90
        return np.asarray(np.clip(base + relief[..., None], 0, 255), np.uint8)
    if kind == "printed":
        light = cv2.GaussianBlur(base.mean(2), (0, 0), 1.0)
        ink = ink * (0.45 + 0.75 * light / 255)[..., None]
    laid = (mask * opacity)[..., None]
    return np.asarray(np.clip(base * (1 - laid) + ink * laid, 0, 255), np.uint8)


def _place(logo: tuple[int, ...], photo: tuple[int, int], chance: np.random.Generator) -> Any:
    """Return the map of a logo of this size into a photo of that one."""
    height, width = photo
    scale = np.exp(chance.uniform(*np.log(SHARES))) * max(photo) / max(logo[:2])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * (logo[1] / 2, logo[0] / 2)
    turn = np.radians(chance.uniform(-25, 25))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    bent = corners * (1 + chance.uniform(-0.1, 0.1, (4, 2))) @ spin.T * scale
    reach = np.abs(bent).max(0)
    middle = [
        chance.uniform(min(r, side / 2), max(side - r, side / 2))
        for r, side in zip(reach, (width, height), strict=True)
    ]
    start = (corners + np.array([logo[1] / 2, logo[0] / 2])).astype(np.float32)
    return cv2.getPerspectiveTransform(start, (bent + middle).astype(np.float32))
