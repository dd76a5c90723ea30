"""Learning from verdicts: how far each signal's house weight is to be believed, by a factor per signal.

The model stays the sum of `matchers.judge`; a factor is never negative, so that what speaks for a copy never comes to
speak against one. Factors are pulled towards 1 as a logistic regression with a Gaussian prior is towards its mean
(Bishop, Pattern Recognition and Machine Learning, 2006, section 4.5), hence few verdicts change little. The prior
probability is not learned: how rare copies are among all listings is known from a few drawn cases at most.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs
import numpy as np
import numpy.typing as npt

from contracts.errors import JikimiError
from matchers import weights
from matchers.odds import logistic
from matchers.weights import Weighting

LEAST = 60  # verdicts to learn from
LEAST_OF_EACH = 15  # of them right, and of them wrong
LEAST_HELD_OUT = 15
HELD_OUT = 0.3  # the newest share
FACTORS = (0.25, 2.0)  # how far verdicts may move a house weight
PULL = 8.0  # verdicts that a house weight is worth
STEPS = 2000
HEAVIEST = 5.0  # cases that one drawn from the unflagged may count for
Floats = npt.NDArray[np.float64]


@attrs.frozen(kw_only=True)
class Case:
    """One verdict: the signals with their house weights, whether it was an infringement, when, and of which seller.

    ``weight`` is how many listings it stands for: more than one where it was drawn from those that were not flagged.
    """

    signals: Mapping[str, float]
    right: bool
    at: datetime
    seller: str
    weight: float = 1.0

    @property
    def counted(self) -> float:
        """The weight as far as a fit may rest on one case: a few heavy ones would drown all others.

        Trimmed as in Potter, *A study of procedures to identify and trim extreme sampling weights*, Proc. Survey
        Research Methods, ASA 1990. Flags are chosen by their signals alone, which biases no factor of a logistic
        regression, so little is lost; precision and recall take the weight in full.
        """
        return min(self.weight, HEAVIEST)


@attrs.frozen(kw_only=True)
class Score:
    """How well a weighting does on some cases. ``precision`` and ``recall`` at the queue's threshold; None: no cases.

    ``recall`` is of what verdicts stand for: what was never flagged is in it as far as it was drawn and judged.
    """

    cases: int
    log_loss: float
    precision: float | None
    recall: float | None


@attrs.frozen(kw_only=True)
class Trained:
    """A weighting learned from cases, with how it and the one before did on the newest cases, held out."""

    weighting: Weighting
    cases: int
    before: Score
    after: Score


class TrainingRefused(JikimiError):
    """Nothing was learned. ``reason`` says why, in plain English."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def train(cases: Iterable[Case], *, version: str, present: Weighting) -> Trained:
    """Learn factors from the older cases and try them on the newest, whose sellers were not seen in learning.

    Raises:
        TrainingRefused: there are too few cases, a factor would turn a signal round, or the newest cases would be
            judged worse than by ``present``.
    """
    ordered = sorted(cases, key=lambda case: (case.at, case.seller))
    learned_from, held_out = split(ordered)
    _require_enough(ordered, learned_from, held_out)
    weighting = Weighting(version=version, prior=present.prior, factors=fit(learned_from, present.prior))
    turned = [name for name, factor in weighting.factors.items() if factor < 0]
    if turned:
        raise TrainingRefused(f"a signal would be turned round: {', '.join(turned)}")
    before, after = score(held_out, present), score(held_out, weighting)
    if after.log_loss > before.log_loss:
        raise TrainingRefused(
            f"the {after.cases} newest verdicts would be judged worse: log loss {after.log_loss:.3f} after "
            f"{before.log_loss:.3f}"
        )
    if before.precision is not None and (after.precision is None or after.precision < before.precision):
        shown = "none" if after.precision is None else f"{after.precision:.2f}"
        raise TrainingRefused(f"precision at the queue's threshold would fall from {before.precision:.2f} to {shown}")
    return Trained(weighting=weighting, cases=len(ordered), before=before, after=after)


def split(ordered: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Return the older cases, and of the newest those whose seller is none of theirs."""
    border = len(ordered) - round(HELD_OUT * len(ordered))
    older = list(ordered[:border])
    sellers = {case.seller for case in older if case.seller}
    return older, [case for case in ordered[border:] if case.seller not in sellers]


def _require_enough(ordered: Sequence[Case], learned_from: Sequence[Case], held_out: Sequence[Case]) -> None:
    right = sum(case.right for case in learned_from)
    if len(ordered) < LEAST:
        raise TrainingRefused(f"{len(ordered)} verdicts are too few: {LEAST} are needed")
    if min(right, len(learned_from) - right) < LEAST_OF_EACH:
        raise TrainingRefused(
            f"{right} infringements and {len(learned_from) - right} others are too one-sided: "
            f"{LEAST_OF_EACH} of each are needed"
        )
    if len(held_out) < LEAST_HELD_OUT:
        raise TrainingRefused(
            f"{len(held_out)} of the newest verdicts are of sellers not seen before: {LEAST_HELD_OUT} are needed"
        )


def fit(cases: Sequence[Case], prior: float) -> dict[str, float]:
    """Return the factor of each signal in the cases: penalised maximum likelihood by projected gradient descent."""
    # No factor is ever used for an authorised seller (`Weighting.factor`), so none is learned.
    names = sorted({name for case in cases for name in case.signals} - {"authorised"})
    table = np.array([[case.signals.get(name, 0.0) for name in names] for case in cases], dtype=np.float64)
    right = np.array([case.right for case in cases], dtype=np.float64)
    counted = np.array([case.counted for case in cases], dtype=np.float64)
    factors: Floats = np.ones(len(names))
    # The steepest the loss can curve: a step of its inverse never overshoots (Boyd and Vandenberghe 2004, 9.3).
    curve = 0.25 * float(np.linalg.norm(table * np.sqrt(counted)[:, None], 2)) ** 2 + PULL
    for _ in range(STEPS):
        predicted = 1.0 / (1.0 + np.exp(-np.clip(prior + table @ factors, -60, 60)))
        slope = table.T @ (counted * (predicted - right)) + PULL * (factors - 1.0)
        factors = np.clip(factors - slope / curve, *FACTORS)
    return {name: round(float(factor), 3) for name, factor in zip(names, factors, strict=True)}


def score(cases: Sequence[Case], weighting: Weighting) -> Score:
    """Judge cases anew by a weighting."""
    judged = [(probability(case, weighting), case) for case in cases]
    flagged = sum(case.weight for sure, case in judged if sure >= weights.QUEUE)
    wanted = sum(case.weight for case in cases if case.right)
    found = sum(case.weight for sure, case in judged if sure >= weights.QUEUE and case.right)
    return Score(
        cases=len(judged),
        log_loss=_log_loss(judged),
        precision=found / flagged if flagged else None,
        recall=found / wanted if wanted else None,
    )


def probability(case: Case, weighting: Weighting) -> float:
    """Return what a weighting would say of a case."""
    return logistic(weighting.prior + sum(weight * weighting.factor(name) for name, weight in case.signals.items()))


def _log_loss(judged: Sequence[tuple[float, Case]]) -> float:
    """Return the weighted mean, kept off 0 and 1, where a single mistake would outweigh everything."""
    kept = [(min(max(sure, 1e-6), 1 - 1e-6), case) for sure, case in judged]
    lost = -sum(case.counted * math.log(sure if case.right else 1 - sure) for sure, case in kept)
    return lost / (sum(case.counted for _, case in kept) or 1.0)
