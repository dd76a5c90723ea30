"""Pictures: speed against brute-force SIFT voting over 1,000 photos, at 100,000, and how well copies are found.

Real photos and listing pictures from ``JIKIMI_BENCH_DATA``/images/copies where that is set, else drawn from a seed. The
baseline compares every SIFT vector of a listing picture, and of its mirror image as we do, with every one of 1,000
photos by a matrix product, votes by Lowe's ratio and counts the inliers of one affine map for the best five. Its mirror
image costs it no second look (our reordering), and it compares no parts and no pixels, which flatters its speed. What
real photos lack to 1,000 and 100,000 is filler for speed alone: real vectors with noise for the baseline, real visual
words with a quarter of their bits flipped for us.
"""

from __future__ import annotations

import csv
import hashlib
import os
import resource
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageOps

from benchmarks.ranking import ranking
from benchmarks.report import Report
from evidence.pictures import decode
from matchers.images.compare import rank
from matchers.images.descriptor import FEATURES, LONG_SIDE, Descriptor, describe_picture
from matchers.images.doors import rank_folders
from matchers.images.features import local_features, mirrored_features, mirrored_points
from matchers.images.index import KEPT, ReferenceIndex, Summary, joined, summarise

SEED = 20261127
REGISTERED, MANY = 1_000, 100_000
ASKED = 40  # listing pictures that are timed, spread over the edits
DRAWN = 100  # photos, without data
RATIO, TOP, REPROJECTION = 0.85, 5, 5.0  # of the baseline
GIB = 2**30


@attrs.frozen(eq=False)
class Asked:
    """A listing picture and the place of the photo it was made from."""

    picture: Image.Image
    photo: int


def run(report: Report) -> None:
    """Measure speed at 1,000 and 100,000 photos, then quality where real data is at hand."""
    cv2.setNumThreads(1)
    folder = Path(os.environ.get("JIKIMI_BENCH_DATA") or "/nonexistent") / "images" / "copies"
    if not folder.is_dir():
        report.note("JIKIMI_BENCH_DATA is not set: pictures are drawn from a seed, quality is not measured")
    photos, asked = _real(folder) if folder.is_dir() else _drawn()
    registered = [describe_picture(photo, _name(number)) for number, photo in enumerate(photos)]
    summary = summarise(registered)
    _start(report, registered)
    few = ReferenceIndex(_Repeated(registered), _filled(summary, REGISTERED))
    ours, found = _timed(asked, lambda picture: _ours(picture, few))
    vectors, points, owners = _baseline(registered)
    theirs, voted = _timed(asked, lambda picture: _voting(picture, vectors, points, owners))
    report.faster("a listing picture against 1,000 photos", ours=ours, baseline=theirs, against="SIFT voting", goal=3.0)
    report.reaches("its photo comes first", found, goal=voted, baseline=voted, against="SIFT voting")
    start = time.perf_counter()
    many = ReferenceIndex(_Repeated(registered), _filled(summary, MANY))
    report.note(
        f"filler up to 100,000 photos, for speed alone, made and indexed in {time.perf_counter() - start:.0f} s"
    )
    at_many, _ = _timed(asked, lambda picture: _ours(picture, many))
    report.faster("the same against 100,000 photos", ours=at_many, baseline=ours, against="1,000 photos", goal=0.5)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB
    report.note(f"{peak:.2f} GiB of memory at the peak, the baseline's included")
    report.reaches("share of 4 GiB left free", 1 - peak / 4, goal=0.0)
    if folder.is_dir():
        _quality(report, folder)


def _real(folder: Path) -> tuple[list[Image.Image], list[Asked]]:
    files = sorted((folder / "references").iterdir())
    places = {path.name: place for place, path in enumerate(files)}
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as lines:
        made = [(row["query"], row["reference"]) for row in csv.DictReader(lines) if row["reference"]]
    asked = [
        Asked(decode((folder / "queries" / query).read_bytes()), places[reference])
        for query, reference in made[:: max(1, len(made) // ASKED)]
    ]
    return [decode(path.read_bytes()) for path in files], asked


def _drawn() -> tuple[list[Image.Image], list[Asked]]:
    chance = np.random.default_rng(SEED)
    photos = []
    for _ in range(DRAWN):
        photo = Image.new("RGB", (LONG_SIDE, LONG_SIDE), tuple(chance.integers(150, 256, 3).tolist()))
        pen = ImageDraw.Draw(photo)
        for x, y, wide, high in chance.integers(8, 120, (60, 4)).tolist():
            pen.rectangle((2 * x, 2 * y, 2 * x + wide, 2 * y + high), tuple(chance.integers(0, 256, 3).tolist()))
        photos.append(photo)
    edits: tuple[Callable[[Image.Image], Image.Image], ...] = (
        lambda photo: photo.crop((30, 20, 300, 280)),
        lambda photo: photo.rotate(7, fillcolor="white"),
        lambda photo: ImageOps.expand(photo, 50, "black"),
    )
    return photos, [Asked(edits[place % len(edits)](photos[place]), place) for place in range(0, DRAWN, 3)]


def _name(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def _start(report: Report, registered: Sequence[Descriptor]) -> None:
    """Measure what is read of a registered picture before the first comparison: its summary, not its descriptor."""
    whole = [descriptor.to_bytes() for descriptor in registered]
    small = [summarise([descriptor]).to_bytes() for descriptor in registered]
    times = [time.process_time()]
    summarise(made for data in whole if (made := Descriptor.from_bytes(data)) is not None)
    times.append(time.process_time())
    joined(made for data in small if (made := Summary.from_bytes(data)) is not None)
    times.append(time.process_time())
    theirs, ours = ((end - start) / len(registered) for start, end in pairwise(times))
    report.faster("reading a registered photo", ours=ours, baseline=theirs, against="its descriptor", goal=10.0)


def _timed(asked: Sequence[Asked], answer: Callable[[Image.Image], int]) -> tuple[float, float]:
    """Return the processor seconds a picture takes, and the share whose photo was answered."""
    start = time.process_time()  # of this process alone: other work shares the machine
    right = sum(answer(each.picture) == each.photo for each in asked)
    return (time.process_time() - start) / len(asked), right / len(asked)


def _ours(picture: Image.Image, index: ReferenceIndex) -> int:
    found = rank(describe_picture(picture, _name(0)), index, 1)
    return found[0].position if found else -1


class _Repeated(Sequence[Descriptor]):
    """The real photos; filler is stood in for by them where a candidate is looked at closely."""

    def __init__(self, registered: Sequence[Descriptor]) -> None:
        self.registered = registered

    def __len__(self) -> int:
        return len(self.registered)

    def __getitem__(self, place: Any) -> Any:
        return self.registered[place % len(self.registered)]


def _filled(real: Summary, count: int) -> Summary:
    """Return a summary of ``count`` pictures, the real ones first."""
    chance = np.random.default_rng(SEED)
    more = max(0, count - len(real.pdq))
    picked = chance.integers(0, len(real.bits), more * KEPT)
    bits = real.bits[picked]
    flips = chance.integers(0, 2**64, len(bits), np.uint64)
    flips &= chance.integers(0, 2**64, len(bits), np.uint64)
    pictures = chance.integers(0, len(real.pdq), more)
    noise = chance.integers(-40, 41, (more, real.embeddings.shape[1]), np.int8)
    return Summary(
        pdq=np.concatenate([real.pdq, chance.integers(0, 256, (more, 32), np.uint8)]),
        phash=np.concatenate([real.phash, chance.integers(0, 2**64, more, np.uint64)]),
        embeddings=np.concatenate([real.embeddings, real.embeddings[pictures] // 2 + noise]),
        cells=np.concatenate([real.cells, real.cells[picked]]),
        bits=np.concatenate([real.bits, bits ^ flips]),
        owners=np.concatenate([real.owners, len(real.pdq) + np.repeat(np.arange(more, dtype=np.int32), KEPT)]),
    )


def _baseline(registered: Sequence[Descriptor]) -> tuple[Any, Any, Any]:
    """Return unit vectors, points and owners of 1,000 photos' features."""
    views = [descriptor.whole for descriptor in registered]
    vectors = np.concatenate([view.features for view in views]).astype(np.float32)
    points = np.concatenate([view.points for view in views])
    owners = np.repeat(np.arange(len(views)), [len(view.features) for view in views])
    more = max(0, REGISTERED - len(views)) * FEATURES
    chance = np.random.default_rng(SEED)
    picked = chance.integers(0, len(vectors), more)
    vectors = np.concatenate([vectors, vectors[picked] + chance.normal(0, 40, (more, 128)).astype(np.float32)])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    owners = np.concatenate([owners, len(views) + np.arange(more) // FEATURES])
    return vectors, np.concatenate([points, points[picked]]), owners


def _voting(picture: Image.Image, vectors: Any, points: Any, owners: Any) -> int:
    small = picture.copy()
    small.thumbnail((LONG_SIDE, LONG_SIDE))
    places, features = local_features(np.asarray(small.convert("L")), FEATURES)
    if len(features) < 2:  # noqa: PLR2004 (nothing to vote with)
        return -1
    turned = mirrored_points(places, small.width), mirrored_features(features)
    return max(_voted(*look, vectors, points, owners) for look in ((places, features), turned))[1]


def _voted(places: Any, features: Any, vectors: Any, points: Any, owners: Any) -> tuple[int, int]:
    """Return the most inliers and whose they are."""
    asked = features.astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    cosines = asked @ vectors.T
    nearest = cosines.argmax(1)
    rows = np.arange(len(asked))
    most = cosines[rows, nearest].copy()
    cosines[rows, nearest] = -1
    clear = (1 - most) < RATIO**2 * (1 - cosines.max(1))
    votes = np.bincount(owners[nearest[clear]], minlength=1)
    best, most_inliers = -1, 0
    for owner in np.argsort(-votes, kind="stable")[:TOP]:
        pairs = rows[clear & (owners[nearest] == owner)]
        if len(pairs) < 4:  # noqa: PLR2004 (one more than an affine map needs)
            continue
        _, inliers = cv2.estimateAffine2D(points[nearest[pairs]], places[pairs], ransacReprojThreshold=REPROJECTION)
        count = 0 if inliers is None else int(inliers.sum())
        if count > most_inliers:
            best, most_inliers = int(owner), count
    return most_inliers, best


def _quality(report: Report, folder: Path) -> None:
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as lines:
        truth = {row["query"]: row["reference"] for row in csv.DictReader(lines)}
    with (folder / "ignore.csv").open(newline="", encoding="utf-8") as lines:
        ignored = {
            (row["query"], reference) for row in csv.DictReader(lines) for reference in row["references"].split()
        }
    pairs = [
        (score, truth[query] == reference)
        for rows in rank_folders(folder / "references", folder / "queries")
        if not isinstance(rows, str)
        for query, reference, score in rows
        if (query, reference) not in ignored
    ]
    average, recall = ranking(pairs, sum(bool(meant) for meant in truth.values()), precision=0.99)
    report.reaches("micro average precision", average, goal=0.975)
    report.reaches("recall at precision 0.99", recall, goal=0.95)
