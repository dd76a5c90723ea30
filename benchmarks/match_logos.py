"""Logos in photos: how many registered ones are found in a sample of photos, and what a photo and a logo cost.

Real photos and logos from ``JIKIMI_BENCH_DATA``/images/logos; nothing is measured without.
"""

from __future__ import annotations

import csv
import os
import random
import time
from pathlib import Path

import cv2

from benchmarks.ranking import ranking
from benchmarks.report import Report
from matchers.logos.find import find, read
from matchers.logos.logo import describe

SEED = 20261127
PHOTOS = 120  # a photo takes one to two seconds for some two hundred logos


def run(report: Report) -> None:
    """Look for every logo in a sample of photos."""
    folder = Path(os.environ.get("JIKIMI_BENCH_DATA") or "/nonexistent") / "images" / "logos"
    if not folder.is_dir():
        report.note("JIKIMI_BENCH_DATA is not set: logos are not measured")
        return
    cv2.setNumThreads(1)
    logos = [describe(path.read_bytes(), path.name) for path in sorted((folder / "references").iterdir())]
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as lines:
        truth = {row["query"]: row["reference"] for row in csv.DictReader(lines)}
    asked = random.Random(SEED).sample(sorted(truth), min(PHOTOS, len(truth)))  # noqa: S311 (not for secrets)
    pairs = []
    start = time.process_time()
    for photo in asked:
        found = find(read((folder / "queries" / photo).read_bytes()), logos)
        pairs += [(each.score, logos[each.position].name == truth[photo]) for each in found]
    spent = time.process_time() - start
    positives = sum(bool(truth[photo]) for photo in asked)
    average, recall = ranking(pairs, positives, precision=0.90)
    report.note(f"{len(asked)} photos, {positives} with a logo; {len(logos)} logos; {spent / len(asked):.2f} s a photo")
    report.reaches("micro average precision", average, goal=0.5)
    report.reaches("recall at precision 0.90", recall, goal=0.5)
