"""How sure is it that a listing's picture was made from a registered one? A small logistic model one can read.

Fitted by ``scripts/fit/picture_model.py`` on edited and foreign photos; every input is turned so that more of it speaks
for a copy, and no weight is negative, so more agreement never lowers the probability.
"""

from __future__ import annotations

import math

from matchers.images.verify import Agreement
from matchers.odds import logistic

# Weight of each input, and the log-odds with none of them. From scripts.fit.picture_model, 2026-11-27.
WEIGHTS = {
    "hash": 2.56,
    "lead": 4.45,
    "votes": 2.32,
    "points": 0.95,
    "visible": 0.16,
    "correlation": 2.73,
    "good": 3.04,
    "fine": 2.43,
    "share": 2.80,
}
BIAS = -11.27


def inputs(agreement: Agreement, *, lead: float, votes: float) -> dict[str, float]:
    """Return what the model reads of two pictures, each from 0 upwards.

    Args:
        agreement: how far the two agree.
        lead: the embedding's cosine less the best cosine of any other registered picture, -1..1.
        votes: the registered picture's share of the votes of local features.
    """
    grid = agreement.grid
    read = {
        "hash": max(0.0, 1 - agreement.pdq_distance / 128),
        "lead": min(max(lead + 0.5, 0.0), 1.0),
        "votes": votes,
    }
    if grid is None:
        return read | dict.fromkeys(WEIGHTS.keys() - read.keys(), 0.0)
    return read | {
        "points": math.log1p(agreement.inliers),
        "visible": min(1.0, agreement.visible),
        "correlation": max(0.0, grid.mean),
        "good": grid.good_share,
        "fine": grid.fine_share,
        "share": grid.reference_share,
    }


def probability(read: dict[str, float]) -> float:
    """Return the probability that one picture was made from the other."""
    return logistic(BIAS + sum(weight * read[name] for name, weight in WEIGHTS.items()))
