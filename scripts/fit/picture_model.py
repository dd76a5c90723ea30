"""Fits the weights in ``matchers/images/model.py``: ``python -m scripts.fit.picture_model``; prints them.

Every listing picture of ``JIKIMI_BENCH_DATA``/images/copies and one edit of our own of every registered photo is asked
for; each candidate pair is a row. Rows belong to the half that the name of the photo they were made from hashes to (a
stranger's: its own name). Weights fitted on one half are reported on the other's listing pictures, then the other way
round, with 95 % intervals from resampled pictures; the weights that are printed last are fitted on both.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import attrs
import cv2
import numpy as np
from PIL import Image
from scipy.optimize import minimize

from benchmarks.ranking import ranking
from matchers.images.compare import read
from matchers.images.descriptor import Descriptor, describe, describe_picture
from matchers.images.index import ReferenceIndex
from matchers.images.model import WEIGHTS
from scripts.fit.picture_edits import edited
from scripts.fit.picture_embedding import half_of

RIDGE = 0.5  # pull of every weight towards nought
RESAMPLED = 300
OTHERS = 6
Pair = tuple[str, str]


@attrs.frozen(eq=False)
class Rows:
    """Candidate pairs: what the model reads (n, inputs), whether right, of which query and half, listed or made."""

    inputs: Any
    right: Any
    queries: Any
    halves: Any
    listed: Any


def fitted(inputs: Any, right: Any) -> Any:
    """Return the bias and the weights, none of them negative, of a ridge-pulled logistic regression."""
    ones = np.hstack([np.ones((len(inputs), 1)), inputs])

    def loss(weights: Any) -> tuple[float, Any]:
        logit = ones @ weights
        error = 1 / (1 + np.exp(-logit)) - right
        pull = RIDGE * np.concatenate([[0], weights[1:]])
        value = np.logaddexp(0, logit).sum() - (logit * right).sum() + 0.5 * float(pull @ weights)
        return float(value), ones.T @ error + pull

    bounds = [(None, None), *[(0, None)] * inputs.shape[1]]
    return minimize(loss, np.zeros(ones.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B").x


def report(rows: Rows) -> None:
    """Print how weights of one half do on the other half's listing pictures."""
    chance = np.random.default_rng(1)
    for half in (0, 1):
        weights = fitted(rows.inputs[rows.halves == half], rows.right[rows.halves == half])
        seen = (rows.halves != half) & rows.listed
        scores = weights[0] + rows.inputs[seen] @ weights[1:]
        right, queries = rows.right[seen], rows.queries[seen]
        names = np.unique(queries)
        members = {name: np.flatnonzero(queries == name) for name in names}

        again = [_measured(chance.choice(names, len(names)), members, scores, right) for _ in range(RESAMPLED)]
        reached = _measured(names, members, scores, right)
        for place, name in enumerate(("micro AP", "recall at precision 0.99")):
            low, high = np.percentile([item[place] for item in again], [2.5, 97.5])
            print(f"fitted on half {half}, on the other: {name} {reached[place]:.3f} ({low:.3f} to {high:.3f})")  # noqa: T201


def _measured(drawn: Iterable[str], members: dict[str, Any], scores: Any, right: Any) -> tuple[float, float]:
    truth = _truth()
    chosen = np.concatenate([members[name] for name in drawn])
    positives = sum(bool(truth[name]) for name in drawn)
    return ranking(list(zip(scores[chosen], right[chosen], strict=True)), positives, precision=0.99)


@cache
def _folder() -> Path:
    return Path(os.environ["JIKIMI_BENCH_DATA"]) / "images" / "copies"


@cache
def _truth() -> dict[str, str]:
    with (_folder() / "truth.csv").open(newline="", encoding="utf-8") as lines:
        return {row["query"]: row["reference"] for row in csv.DictReader(lines)}


def _ignored() -> set[Pair]:
    with (_folder() / "ignore.csv").open(newline="", encoding="utf-8") as lines:
        return {(row["query"], name) for row in csv.DictReader(lines) for name in row["references"].split()}


def _described(path: Path) -> Descriptor:
    cv2.setNumThreads(1)
    return describe(path.read_bytes())


def _edit(work: tuple[Path, Sequence[Path], int]) -> Descriptor:
    cv2.setNumThreads(1)
    path, others, seed = work
    photo, *rest = (Image.open(each).convert("RGB") for each in (path, *others))
    return describe_picture(edited(photo, rest, seed)[0], f"{seed:064x}")


def collected() -> Rows:
    """Describe everything and return the rows; a quarter of an hour on two cores."""
    truth, ignored = _truth(), _ignored()
    references = sorted((_folder() / "references").iterdir())
    chance = np.random.default_rng(1)
    edits = [
        (path, [references[place] for place in chance.integers(0, len(references), OTHERS)], 500_000 + number)
        for number, path in enumerate(references)
        if path.name in truth.values()
    ]
    alike: dict[str, set[str]] = {}  # pairs of registered photos that are neither right nor wrong
    for query, name in ignored:
        alike.setdefault(truth[query], set()).add(name)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        registered = list(pool.map(_described, references, chunksize=8))
        asked = list(pool.map(_described, [_folder() / "queries" / name for name in truth], chunksize=8))
        made = list(pool.map(_edit, edits, chunksize=8))
    index, names = ReferenceIndex(registered), [path.name for path in references]
    listed = [(query, truth[query], {name for one, name in ignored if one == query}) for query in truth]
    own = [
        (f"edit of {path.name}", path.name, {other.name for other in others} | alike.get(path.name, set()))
        for path, others, _ in edits
    ]
    table = []
    for descriptor, (query, meant, left_out), real in zip(
        [*asked, *made], [*listed, *own], [True] * len(listed) + [False] * len(own), strict=True
    ):
        half = half_of(meant or query)
        table += [
            ([inputs[name] for name in WEIGHTS], names[position] == meant, query, half, real)
            for position, _, inputs in read(descriptor, index)
            if names[position] == meant or names[position] not in left_out
        ]
    return Rows(*(np.array(column) for column in zip(*table, strict=True)))


def main() -> None:
    """Report by halves and print the weights of both."""
    rows = collected()
    report(rows)
    weights = fitted(rows.inputs, rows.right)
    print(f"BIAS = {weights[0]:.2f}")  # noqa: T201
    for name, weight in zip(WEIGHTS, weights[1:], strict=True):
        print(f'    "{name}": {weight:.2f},')  # noqa: T201


if __name__ == "__main__":
    main()
