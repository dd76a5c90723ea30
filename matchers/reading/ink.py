"""Letters made dark on white in the ways they may be painted, for a reader that knows only print."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

HEIGHT = 48  # pixels; tesseract's recogniser works on lines about this high
MARGIN = 8
COLOURS = 3  # letters, their outline, what lies behind


def renderings(line: Pixels) -> Iterator[Pixels]:
    """Yield one upright line (BGR) as dark letters on white, the likeliest rendering first.

    First the channel in which most happens, as it is and turned round; then each of the line's three main colours as
    if it were the ink: letters with an outline, or bare on a photo, are read only so.
    """
    scale = HEIGHT / line.shape[0]
    size = (max(8, round(line.shape[1] * scale)), HEIGHT)
    line = cv2.resize(line, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)  # type: ignore[assignment]
    grey = _stretched(line[..., int(line.std(axis=(0, 1)).argmax())])
    _, white = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    edge = np.concatenate([white[0], white[-1], white[:, 0], white[:, -1]])
    dark_on_light = grey if (edge > 0).mean() >= 0.5 else 255 - grey  # noqa: PLR2004 (most of the edge is background)
    yield _framed(dark_on_light)
    yield _framed(255 - dark_on_light)
    colours = line.reshape(-1, 3).astype(np.float32)
    cv2.setRNGSeed(0)  # the same line is always read the same way
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    _, _, centres = cv2.kmeans(colours, COLOURS, np.empty(0), stop, 1, cv2.KMEANS_PP_CENTERS)
    for number, centre in enumerate(centres):
        apart = np.linalg.norm(np.delete(centres, number, axis=0) - centre, axis=1).min()
        distance = np.linalg.norm(colours - centre, axis=1).reshape(size[::-1])
        yield _framed(np.clip(distance * 255 / max(float(apart), 1.0), 0, 255).astype(np.uint8))


def _stretched(grey: Pixels) -> Pixels:
    low, high = np.percentile(grey, [2, 98])
    stretched = (grey.astype(np.float32) - low) * 255 / max(high - low, 1)
    return np.clip(stretched, 0, 255).astype(np.uint8)  # type: ignore[no-any-return]


def _framed(grey: Pixels) -> Pixels:
    return np.pad(grey, MARGIN, constant_values=255)
