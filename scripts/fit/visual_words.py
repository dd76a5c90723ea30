"""Fits ``matchers/images/visual_words.npz``: ``python -m scripts.fit.visual_words``.

Principal components and centres of the local features of JIKIMI_BENCH_DATA/images/copies/references and of the mirror
images. No label is used, so no part is held out; how well candidates are found is measured by ``jikimi match images``.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from matchers.images.descriptor import FEATURES, LONG_SIDE
from matchers.images.features import local_features, mirrored_features
from matchers.images.visual_words import CENTRES, COMPONENTS, NUMBERS

SAMPLE = 60_000
ROUNDS = 25


def main() -> None:
    """Fit and write the numbers."""
    rows = []
    for path in sorted((Path(os.environ["JIKIMI_BENCH_DATA"]) / "images" / "copies" / "references").iterdir()):
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        scale = min(1.0, LONG_SIDE / max(grey.shape))
        _, features = local_features(cv2.resize(grey, None, fx=scale, fy=scale), FEATURES)
        rows += [features, mirrored_features(features)]
    chance = np.random.default_rng(1)
    sample = chance.permutation(np.concatenate(rows))[:SAMPLE].astype(np.float32)
    mean = sample.mean(0)
    values, vectors = np.linalg.eigh(np.cov((sample - mean).T))
    order = np.argsort(-values)[:COMPONENTS]
    # Components are dealt to the halves in turns, there and back, so that both carry as much.
    dealt = np.concatenate([order[np.isin(np.arange(COMPONENTS) % 4, kinds)] for kinds in ((0, 3), (1, 2))])
    projection = vectors[:, dealt]
    low = ((sample - mean) @ projection).astype(np.float32)
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_COUNT, ROUNDS, 0)
    centres = [
        cv2.kmeans(np.ascontiguousarray(half), CENTRES, None, stop, 1, cv2.KMEANS_PP_CENTERS)[2]
        for half in np.split(low, 2, axis=1)
    ]
    np.savez_compressed(
        NUMBERS,
        mean=mean.astype(np.float16), projection=projection.astype(np.float16), centres=np.array(centres, np.float16),
    )  # fmt: skip


if __name__ == "__main__":
    main()
