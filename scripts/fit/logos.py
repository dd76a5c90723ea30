"""Fits the weights of `matchers.logos` again: `JIKIMI_BENCH_DATA=... python -m scripts.fit.logos`.

Logos are split by a hash of their file's name: weights are fitted on one half and read on the other. The benchmark's
photos are asked for every logo; composites of our own (`scripts.fit.composites`), for a few.
"""

from __future__ import annotations

import csv
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import attrs
import click
import cv2
import numpy as np
import numpy.typing as npt

from matchers.logos.check import NAMES
from matchers.logos.find import AT_ONCE, look, read
from matchers.logos.logo import Logo, describe
from scripts.fit.composites import KINDS, composite

SEED = 20261127
OTHERS = 14  # logos that are not in the photo, looked for beside the one that is
STIFFNESS = 3.0  # ridge on the standardised weights
ROUNDS = 3  # which place of a logo counts depends on the weights, and the other way round
OUT = Path(__file__).parents[2] / "matchers" / "logos" / "weights.py"

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Pairs = npt.NDArray[np.intp]

Photo = tuple[Path, str, str, Path]  # file, logo on it or none, way it was laid on, folder of the logos

_logos: dict[str, Logo] = {}


@attrs.frozen(eq=False)
class Rows:
    """Measured places: ``query`` and ``logo`` name the pair, ``kind`` how it was laid on, ``true`` whether it is."""

    query: list[str]
    logo: list[str]
    kind: list[str]
    true: list[bool]
    table: list[list[float]]


def half(name: str) -> int:
    """Return 0 or 1: which half a file belongs to, by a hash of its name."""
    return zlib.crc32(name.encode()) & 1


def _start(folder: Path) -> None:
    cv2.setNumThreads(1)
    for path in sorted(folder.iterdir()):
        _logos[path.name] = describe(path.read_bytes(), path.name)


def _measure(work: Photo) -> Rows:
    path, truth, kind, folder = work
    photo = read(path.read_bytes())
    names = sorted(_logos)
    if kind in KINDS:
        chance = np.random.default_rng(zlib.crc32(f"{SEED}{path.name}{truth}{kind}".encode()))
        photo = composite(photo, read((folder / truth).read_bytes()), kind, chance)
        others = [name for name in names if half(name) == half(truth) and name != truth]
        names = [truth, *map(str, chance.choice(others, OTHERS, replace=False))]
    rows = Rows([], [], [], [], [])
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        fits, table = look(photo, [_logos[name] for name in some])
        rows.logo.extend(some[position] for position in fits.places.logos)
        rows.table.extend(table.tolist())
    rows.query.extend([f"{path.name} {kind}"] * len(rows.logo))
    rows.kind.extend([kind] * len(rows.logo))
    rows.true.extend(name == truth for name in rows.logo)
    return rows


def photos(data: Path) -> Iterator[Photo]:
    """Yield the benchmark's photos, and for those without a logo two composites with one of the same half."""
    logos = data / "references"
    names = sorted(path.name for path in logos.iterdir())
    chance = np.random.default_rng(SEED)
    with (data / "truth.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            path = data / "queries" / row["query"]
            yield path, row["reference"], row["family"], logos
            if row["family"] == "no_logo":
                mine = [name for name in names if half(name) == half(path.name)]
                for kind in chance.choice(KINDS, 2, replace=False):
                    yield path, str(chance.choice(mine)), str(kind), logos


def gather(work: Sequence[Photo]) -> Rows:
    """Measure every photo; about half an hour on two cores."""
    rows = Rows([], [], [], [], [])
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=_start, initargs=(work[0][3],)) as pool:
        for number, done in enumerate(pool.map(_measure, work, chunksize=4)):
            for field in attrs.fields(Rows):
                getattr(rows, field.name).extend(getattr(done, field.name))
            if number % 100 == 0:
                click.echo(f"{number} photos measured", err=True)
    return rows


def fitted(table: Floats, true: Truths, pair: Pairs) -> tuple[Floats, float, Floats, Floats]:
    """Fit a logistic model in which the surest place of each pair speaks for it.

    Returns:
        standardised weights, bias, means and spreads.
    """
    mean, spread = table.mean(0), table.std(0) + 1e-9
    scaled = np.column_stack([(table - mean) / spread, np.ones(len(table))])
    weights = np.zeros(scaled.shape[1])
    weights[NAMES.index("held")] = 1.0
    ridge = STIFFNESS * np.eye(len(weights))
    ridge[-1, -1] = 0.0
    for _ in range(ROUNDS):
        chosen = surest(scaled @ weights, pair)
        rows, truth = scaled[chosen], true[chosen]
        for _ in range(30):
            sure = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
            slope = rows.T @ (truth - sure) - ridge @ weights
            weights = weights + np.linalg.solve((rows * (sure * (1 - sure))[:, None]).T @ rows + ridge, slope)
    return weights[:-1], float(weights[-1]), mean, spread


def surest(score: Floats, pair: Pairs) -> Pairs:
    """Return the row of each pair whose score is highest."""
    order = np.lexsort((-score, pair))
    return order[np.unique(pair[order], return_index=True)[1]]


def recall_at(precision: float, score: Floats, true: Truths, positives: int) -> tuple[float, float]:
    """Return the recall at a precision, all pairs in one ranking, and the score from which it holds."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(true[order])
    good = hits / np.arange(1, len(order) + 1) >= precision
    last = np.flatnonzero(good)[-1] if good.any() else 0
    return float(hits[last] * good[last] / positives), float(score[order[last]])


def interval(score: Floats, true: Truths, query: Pairs, positives: int) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the recall at precision 0.90, drawing whole photos.

    A photo whose logo no measured place has is drawn as one without rows.
    """
    chance = np.random.default_rng(SEED)
    rows = [np.flatnonzero(query == one) for one in np.unique(query)]
    here = np.array([true[some].any() for some in rows])
    lost = positives - here.sum()
    drawn = []
    for _ in range(1000):
        picked = chance.integers(0, len(rows) + lost, len(rows) + lost)
        known = picked[picked < len(rows)]
        some = np.concatenate([rows[at] for at in known])
        expected = here[known].sum() + (picked >= len(rows)).sum()
        drawn.append(recall_at(0.90, score[some], true[some], max(1, int(expected)))[0])
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def main() -> None:
    """Measure, fit on one half, report on the other, write the weights."""
    data = Path(os.environ["JIKIMI_BENCH_DATA"]) / "images" / "logos"
    work = list(photos(data))
    rows = gather(work)
    learn(rows, [(truth, kind) for _, truth, kind, _ in work])


def learn(rows: Rows, work: Sequence[tuple[str, str]]) -> None:
    """Fit on the one half of the measured rows, report on the other; ``work`` has logo and kind of every photo."""
    table, true = np.array(rows.table), np.array(rows.true)
    kind = np.array(rows.kind)
    query = np.unique(rows.query, return_inverse=True)[1]
    logo = np.unique(rows.logo, return_inverse=True)[1]
    side = np.array([half(name) for name in rows.logo])
    pair = query * (logo.max() + 1) + logo
    weights, bias, mean, spread = fitted(table[side == 0], true[side == 0], pair[side == 0])
    write(weights, bias, mean, spread)
    score = (table - mean) / spread @ weights + bias
    for name, rows_of in (("fitted on", side == 0), ("other half", side == 1), ("all", side >= 0)):
        chosen = np.flatnonzero(rows_of)[surest(score[rows_of], pair[rows_of])]
        bench = chosen[~np.isin(kind[chosen], KINDS)]
        expected = [way for truth, way in work if truth and (name == "all" or half(truth) == side[rows_of][0])]
        positives = sum(way not in KINDS for way in expected)
        recall, bar = recall_at(0.90, score[bench], true[bench], positives)
        low, high = interval(score[bench], true[bench], query[bench], positives)
        click.echo(f"{name}: recall at precision 0.90 {recall:.3f} ({low:.3f} to {high:.3f}), log-odds {bar:.2f}")
        for way in sorted(set(expected)):
            found = np.sum(true[chosen] & (kind[chosen] == way) & (score[chosen] >= bar))
            click.echo(f"    {way:12} {found / expected.count(way):.3f} of {expected.count(way)}")


def write(weights: Floats, bias: float, mean: Floats, spread: Floats) -> None:
    """Write the weights as the table the product reads."""
    lines = [
        '"""What each measure of a place weighs. Written by `python -m scripts.fit.logos`."""',
        "",
        f"BIAS = {bias:.4f}",
        "# name: (weight, mean, spread); the measure less its mean, in spreads, times the weight adds to the log-odds",
        "WEIGHTS = {",
        *(
            f'    "{name}": ({weight:.4f}, {middle:.4f}, {width:.4f}),'
            for name, weight, middle, width in zip(NAMES, weights, mean, spread, strict=True)
        ),
        "}",
    ]
    OUT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
