"""Fits the weights of `matchers.logos` again: `JIKIMI_BENCH_DATA=... python -m scripts.fit.logos`.

Logos are split by a hash of their file's name. Weights are fitted on one half, on the benchmark's photos and on
composites of our own (`scripts.fit.composites`), and read on the other half; photos of the composites are split too.
"""

from __future__ import annotations

import csv
import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import attrs
import click
import cv2
import numpy as np
import numpy.typing as npt

from matchers.logos.check import NAMES
from matchers.logos.find import look, read
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


def _measure(work: tuple[Path, str, str, bool, Path]) -> Rows:
    path, truth, kind, make, folder = work
    chance = np.random.default_rng(zlib.crc32(f"{SEED}{path.name}{truth}{kind}{make}".encode()))
    photo = read(path.read_bytes())
    side = half(path.name) if make or not truth else half(truth)
    if make:
        photo = composite(photo, read((folder / truth).read_bytes()), kind, chance)
    near = [name for name in _logos if half(name) == side and name != truth]
    names = [str(name) for name in chance.choice(near, OTHERS, replace=False)] + ([truth] if truth else [])
    fits, table = look(photo, [_logos[name] for name in names])
    logo = [names[position] for position in fits.places.logos]
    count = len(logo)
    return Rows([f"{path.name}{make}"] * count, logo, [kind] * count, [name == truth for name in logo], table.tolist())


def _work(data: Path) -> Iterator[tuple[Path, str, str, bool, Path]]:
    photos, logos = data / "queries", data / "references"
    names = sorted(path.name for path in logos.iterdir())
    chance = np.random.default_rng(SEED)
    with (data / "truth.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            path, kind = photos / row["query"], row["family"]
            yield path, row["reference"], kind, False, logos
            if kind == "no_logo":
                mine = [name for name in names if half(name) == half(path.name)]
                for pasted in chance.choice(KINDS, 2, replace=False):
                    yield path, str(chance.choice(mine)), str(pasted), True, logos


def gather(data: Path) -> Rows:
    """Measure every photo of the benchmark, and composites on those without a logo."""
    rows = Rows([], [], [], [], [])
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=_start, initargs=(data / "references",)) as pool:
        for number, done in enumerate(pool.map(_measure, list(_work(data)), chunksize=4)):
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


def recall_at(precision: float, score: Floats, true: Truths, positives: int) -> float:
    """Return the recall at a precision, as `pairs.py` of the benchmark counts it."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(true[order])
    good = hits / np.arange(1, len(order) + 1) >= precision
    return float(hits[good].max(initial=0) / positives)


def interval(score: Floats, true: Truths, query: Pairs, positives: int) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the recall at precision 0.90, drawing whole photos."""
    chance = np.random.default_rng(SEED)
    rows = [np.flatnonzero(query == one) for one in np.unique(query)]
    drawn = []
    for _ in range(1000):
        some = np.concatenate([rows[at] for at in chance.integers(0, len(rows), len(rows))])
        drawn.append(recall_at(0.90, score[some], true[some], positives))
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def main() -> None:
    """Measure, fit on one half, report on the other, write the weights."""
    data = Path(os.environ["JIKIMI_BENCH_DATA"]) / "images" / "logos"
    rows = gather(data)
    table, true = np.array(rows.table), np.array(rows.true)
    side = np.array([half(name) for name in rows.logo])
    keys = [f"{query} {logo}" for query, logo in zip(rows.query, rows.logo, strict=True)]
    pair = np.unique(keys, return_inverse=True)[1]
    learn = side == 0
    weights, bias, mean, spread = fitted(table[learn], true[learn], pair[learn])
    score = (table - mean) / spread @ weights + bias
    report(rows, score, true, pair, ~learn)
    write(weights, bias, mean, spread)


def report(rows: Rows, score: Floats, true: Truths, pair: Pairs, kept: Truths) -> None:
    """Print, per way of laying on, how often the logo scores above all but few of the wrong ones."""
    chosen = np.flatnonzero(kept)[surest(score[kept], pair[kept])]
    wrong = np.sort(score[chosen][~true[chosen]])
    kind = np.array(rows.kind)[chosen]
    bars = {share: np.quantile(wrong, 1 - share) for share in (0.01, 0.001)}
    for name in sorted(set(rows.kind)):
        mine = score[chosen][true[chosen] & (kind == name)]
        if len(mine):
            shares = "  ".join(f"above all but {share:.1%}: {(mine > bar).mean():.3f}" for share, bar in bars.items())
            click.echo(f"{name:12} {len(mine):4}  {shares}")


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
