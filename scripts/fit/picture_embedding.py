"""Fits ``matchers/images/embedding.npz``: ``python -m scripts.fit.picture_embedding [half]``.

Photos of ``JIKIMI_BENCH_DATA``/images/copies/references and our own edits of them go through the network; what edits
change is whitened away, and the directions that tell photos apart are kept. With ``half`` only photos whose name hashes
to the first half are used and the recall on the others is printed; nothing is written.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from matchers.images.embedding import DIMENSIONS, NUMBERS, pooled
from scripts.fit.picture_edits import edited

EDITS = 5  # of each photo
FIRST = 320  # principal directions kept before whitening: more only adds noise
SHRINK = 0.15  # of the within-photo scatter towards its mean, as it is estimated from few edits


def half_of(name: str) -> int:
    """Return 0 or 1: the half a reference belongs to, by the hash of its name."""
    return hashlib.sha256(name.encode()).digest()[0] % 2


def measured(folder: Path) -> tuple[list[str], Any]:
    """Return the photos' names and their network outputs (photos, 1 + EDITS, WIDTH), the photo itself first."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    photos = [Image.open(path).convert("RGB") for path in files]
    rows = []
    for number, photo in enumerate(photos):
        others = [photos[(number + 37 * step) % len(photos)] for step in range(1, 7)]
        looks = [photo, *(edited(photo, others, 1000 * number + edit, within=False)[0] for edit in range(EDITS))]
        rows.append([pooled(np.asarray(look)) for look in looks])
        print(f"\r{number + 1} of {len(files)}", end="", file=sys.stderr)  # noqa: T201
    print(file=sys.stderr)  # noqa: T201
    return [path.name for path in files], np.array(rows, np.float32)


def fitted(looks: Any) -> tuple[Any, Any]:
    """Return the mean (WIDTH,) and the projection (WIDTH, DIMENSIONS) from network outputs (photos, looks, WIDTH)."""
    flat = looks.reshape(-1, looks.shape[-1]).astype(np.float64)
    mean = flat.mean(0)
    _, _, directions = np.linalg.svd(flat - mean, full_matrices=False)
    first = directions[:FIRST].T
    low = (looks - mean) @ first
    centred = (low - low.mean(1, keepdims=True)).reshape(-1, FIRST)
    within = centred.T @ centred / len(centred)
    within = (1 - SHRINK) * within + SHRINK * np.trace(within) / FIRST * np.eye(FIRST)
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)
    between = (low.mean(1)) @ whiten
    values, vectors = np.linalg.eigh(np.cov(between.T))
    return mean, first @ whiten @ vectors[:, ::-1][:, :DIMENSIONS]


def recall_at_one(looks: Any, mean: Any, projection: Any) -> float:
    """Return the share of edits whose nearest photo is their own."""
    vectors = (looks - mean) @ projection
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    nearest = (vectors[:, 1:] @ vectors[:, 0].T).argmax(-1)
    return float((nearest == np.arange(len(looks))[:, None]).mean())


def main() -> None:
    """Fit, report, and write the numbers unless only a half was asked for."""
    names, looks = measured(Path(os.environ["JIKIMI_BENCH_DATA"]) / "images" / "copies" / "references")
    halves = np.array([half_of(name) for name in names])
    for half in (0, 1):
        mean, projection = fitted(looks[halves == half])
        unseen = recall_at_one(looks[halves != half], mean, projection)
        print(f"fitted on half {half}: recall at 1 on the other {unseen:.3f}")  # noqa: T201
    if "half" not in sys.argv:
        mean, projection = fitted(looks)
        scale = np.abs(projection).max(0) / 127
        np.savez_compressed(
            NUMBERS,
            mean=mean.astype(np.float16),
            projection=np.rint(projection / scale).astype(np.int8),
            scale=scale.astype(np.float32),
        )


if __name__ == "__main__":
    main()
