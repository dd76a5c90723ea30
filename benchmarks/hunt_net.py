"""What a hunt's net catches of edited copies, crops and collages: by hashes alone, and by embeddings too.

Real pictures from ``JIKIMI_BENCH_DATA``/images/copies: each registered photo of the half on which `ALIKE` was not
chosen is hunted for among all listing pictures. The net alone is measured, not what the matchers make of it afterwards:
how many of the pictures made from the photo are candidates, and how many of those made from others are, per 100,000.
Pairs that are neither right nor wrong are left out. Nothing is measured without that data.
"""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.report import Report
from listings.search.embedded import EmbeddedIndex
from listings.search.interface import MAX_LIMIT, ImageHash, ListingDoc, Wanted
from matchers.images.descriptor import Descriptor, describe

SEED = 20261127
RESAMPLED = 1000
SEEN = datetime(2026, 11, 2, tzinfo=UTC)
FAMILIES = {
    "crops": {"crop_light", "crop_heavy"},
    "collages": {"collage"},
    "pasted on another photo": {"paste_on_photo"},
    "screenshots": {"screenshot_border"},
    "turned a little or seen from the side": {"rotate_small", "perspective"},
    "three edits at once": {"combo3"},
}
OTHERS = "other edits"

Found = Mapping[str, set[str]]  # by photo, the listing pictures that are candidates


def run(report: Report) -> None:
    """Index every listing picture, hunt for every photo, and count."""
    folder = Path(os.environ.get("JIKIMI_BENCH_DATA") or "/nonexistent") / "images" / "copies"
    if not folder.is_dir():
        report.note("JIKIMI_BENCH_DATA is not set: what the net catches is not measured")
        return
    made = {row["query"]: (row["reference"], _family(row["family"])) for row in _rows(folder / "truth.csv")}
    neither = {row["query"]: set(row["references"].split()) for row in _rows(folder / "ignore.csv")}
    photos = sorted(photo for photo in {photo for photo, _ in made.values()} - {""} if not chosen_on(photo))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        described, registered = (
            dict(zip(names, pool.map(_described, [place / name for name in names], chunksize=16), strict=True))
            for place, names in ((folder / "queries", [*made]), (folder / "references", photos))
        )
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as place:
        index = EmbeddedIndex(Path(place) / "index")
        index.put(_doc(name, picture) for name, picture in described.items())
        hashes, both = ({photo: _asked(index, wanted(registered[photo])) for photo in photos} for wanted in NETS)
    for family in [*FAMILIES, OTHERS]:
        _recall(report, family, [name for name in made if made[name][1] == family], made, hashes, both)
    _recall(report, "all edits", list(made), made, hashes, both)
    strangers = [{name for name in made if photo not in (made[name][0], *neither.get(name, ()))} for photo in photos]
    for net, found in (("hashes", hashes), ("hashes and embeddings", both)):
        wrong = [len(found[photo] & strange) for photo, strange in zip(photos, strangers, strict=True)]
        rate, low, high = _interval(wrong, [*map(len, strangers)])
        report.note(f"{net}: {rate * 1e5:.0f} of 100,000 other pictures [{low * 1e5:.0f}, {high * 1e5:.0f}] per photo")
    kept = np.mean([len(picture.views) for picture in described.values()])
    report.note(f"{kept:.2f} embeddings a picture")


def chosen_on(photo: str) -> bool:
    """Tell whether a photo is of the half on which the least cosine was chosen."""
    return hashlib.sha256(photo.encode()).digest()[0] % 2 == 0


def _described(path: Path) -> Descriptor:
    return describe(path.read_bytes())


def _hashes(photo: Descriptor) -> Wanted:
    return Wanted(codes=tuple(form.tobytes() for form in photo.whole.pdq))


def _both(photo: Descriptor) -> Wanted:
    codes = tuple(form.tobytes() for form in photo.whole.pdq)
    return Wanted(codes=codes, embeddings=(photo.whole.embedding.tobytes(),))


NETS = (_hashes, _both)


def _doc(name: str, picture: Descriptor) -> ListingDoc:
    embeddings = tuple(view.embedding.tobytes() for view in picture.views)
    image = ImageHash(picture.sha256, picture.whole.pdq[0].tobytes(), embeddings)
    return ListingDoc(key=name, organisations=frozenset({1}), title="", observed_at=SEEN, image_hashes=(image,))


def _asked(index: EmbeddedIndex, wanted: Wanted) -> set[str]:
    return set(index.sweep(wanted, organisation=1, limit=MAX_LIMIT))


def _recall(
    report: Report, family: str, names: Sequence[str], made: Mapping[str, tuple[str, str]], hashes: Found, both: Found
) -> None:
    of: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if made[name][0] in both:
            of[made[name][0]].append(name)
    counts = [len(own) for own in of.values()]
    before, after = (
        _interval([sum(name in found[photo] for name in own) for photo, own in of.items()], counts)
        for found in (hashes, both)
    )
    shown = f"{family}, {sum(counts)} [{after[1]:.2f}, {after[2]:.2f}]"
    report.reaches(shown, after[0], goal=before[0], baseline=before[0], against="hashes alone")


def _interval(parts: Sequence[int], wholes: Sequence[int]) -> tuple[float, float, float]:
    """Return the share of all parts in all wholes and its 95 % interval, resampling photos."""
    pairs = np.array([parts, wholes]).T
    chance = np.random.default_rng(SEED)
    sums = [pairs[chance.integers(0, len(pairs), len(pairs))].sum(0) for _ in range(RESAMPLED)]
    low, high = np.quantile([part / whole for part, whole in sums], (0.025, 0.975))
    return float(pairs[:, 0].sum() / pairs[:, 1].sum()), float(low), float(high)


def _family(name: str) -> str:
    return next((family for family, names in FAMILIES.items() if name in names), OTHERS)


def _rows(path: Path) -> Iterable[Mapping[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
