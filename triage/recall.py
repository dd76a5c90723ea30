"""How much the flags miss, estimated from spot checks of what was not flagged.

Of each stratum of each organisation a known share was drawn by chance, and of what was drawn the first in an order by
chance were judged: two phases, so that a judged pair stands for as many unflagged ones as the drawn stand for, over
those judged (Horvitz and Thompson, *J. Am. Stat. Assoc.* 47, 1952; in two phases: Särndal, Swensson and Wretman, *Model
Assisted Survey Sampling*, 1992, chapter 9). What was found is counted, not sampled: flags that people found right.

Misses are rare, and a bootstrap of a sample that has none would be sure that there are none. So the interval is
Webber's (*Approximate recall confidence intervals*, ACM Trans. Inf. Syst. 31(1), 2013): the share of copies in each
stratum has a beta posterior with the prior (1/2, 1/2); what was not judged is drawn from it, many times over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

import attrs
import numpy as np
from django.db.models import Count, F, FloatField, Q, Sum, Value
from django.db.models.functions import Cast

from contracts.verdict import RIGHT
from triage.models import STRATUM_LABELS, SpotCheck, Verdict
from triage.states import SpotCheckState, Stratum, VerdictState

DRAWS = 4000  # of the posterior
PRIOR = 0.5
OUTSIDE = (2.5, 97.5)  # percentiles around a 95 % interval

# Of a verdict: that it answers the spot check its flag comes from. On content that changed since, it does not.
OF_SPOT_CHECK = Q(flag__spot_check__fingerprint=F("fingerprint"))


def spot_check_of(verdict: Verdict) -> SpotCheck | None:
    """Return the spot check that a verdict answers, as `OF_SPOT_CHECK` has it; None for any other verdict."""
    check: SpotCheck | None = getattr(verdict.flag, "spot_check", None)
    return check if check is not None and check.fingerprint == verdict.fingerprint else None


@attrs.frozen(kw_only=True)
class Cell:
    """Unflagged pairs of listing and brand in one stratum: those drawn, how many they stand for, those judged."""

    drawn: int = 0
    size: float = 0.0  # the sum of one over the inclusion probabilities
    judged: int = 0
    missed: int = 0  # of the judged, those that people found to be infringements

    def __add__(self, other: Cell) -> Cell:
        return Cell(
            drawn=self.drawn + other.drawn,
            size=self.size + other.size,
            judged=self.judged + other.judged,
            missed=self.missed + other.missed,
        )

    @property
    def weight(self) -> float:
        """How many unflagged pairs each judged one stands for."""
        return self.size / self.judged if self.judged else 0.0


@attrs.frozen(kw_only=True)
class Recall:
    """Infringements that were flagged, of all there are: those ``found`` and an estimate of those ``missed``."""

    found: int
    missed: float
    judged: int
    known: bool  # something was judged of all that was drawn from: what nobody looked at is not free of copies
    interval: tuple[float, float]  # 95 %

    @property
    def value(self) -> float | None:
        """The estimate; None while nothing was found, or nothing judged in a stratum."""
        return self.found / (self.found + self.missed) if self.found and self.known else None


@attrs.frozen(kw_only=True)
class Checked:
    """The spot checks of some organisations: by (organisation, stratum, market), and what was found by market."""

    cells: Mapping[tuple[int, str, str], Cell]
    found: Mapping[str, int]

    def recall(self, market: str | None = None) -> Recall:
        """Return recall in one market, or in all, of the organisations that judged anything.

        A market is estimated from what was judged in it: chance gave it more or less of the judged than its share. So
        the markets' estimates add up only about to the whole.
        """
        judging = _judging(self.cells)
        found = sum(self.found.values()) if market is None else self.found.get(market, 0)
        pooled = self._pooled(range(2 if market is None else 3))
        cells = [cell for key, cell in pooled.items() if key[0] in judging and market in {None, *key[2:]}]
        return Recall(
            found=found,
            missed=sum(cell.missed * cell.weight for cell in cells),
            judged=sum(cell.judged for cell in cells),
            known=any(cell.judged for cell in cells) and all(cell.judged for cell in cells if cell.drawn),
            interval=_interval(found, cells),
        )

    @property
    def markets(self) -> list[str]:
        """Markets in which something was judged."""
        judged = {market: cell.judged for (market,), cell in self._pooled([2]).items() if cell.judged}
        return sorted(judged, key=lambda market: (-judged[market], market))

    @property
    def strata(self) -> list[tuple[object, Cell]]:
        """Every stratum by its name, from the threshold down."""
        pooled = self._pooled([1])
        return [(STRATUM_LABELS[stratum], pooled[stratum,]) for stratum in Stratum if (stratum,) in pooled]

    def weights(self, organisation: int) -> dict[str, float]:
        """Return by stratum how many of an organisation's unflagged pairs a judged one stands for."""
        pooled = self._pooled(range(2))
        return {str(stratum): cell.weight for (owner, stratum), cell in pooled.items() if owner == organisation}

    def _pooled(self, parts: Iterable[int]) -> dict[tuple[object, ...], Cell]:
        """Add the cells up that agree in some parts of their keys."""
        pooled: dict[tuple[object, ...], Cell] = defaultdict(Cell)
        parts = list(parts)
        for key, cell in self.cells.items():
            pooled[tuple(key[part] for part in parts)] += cell
        return pooled


def checked(organisations: Collection[int]) -> Checked:
    """Return the spot checks of some organisations, and what was found by those that have any judged: three queries."""
    cells: dict[tuple[int, str, str], Cell] = defaultdict(Cell)
    inclusion = Cast(Value(1.0), FloatField()) / F("inclusion")
    drawn = (
        SpotCheck.objects.filter(brand__organisation__in=organisations)
        .exclude(state=SpotCheckState.WITHDRAWN)
        .order_by()
        .values_list("brand__organisation", "stratum", "listing__market")
        .annotate(Count("pk"), size=Sum(inclusion))
    )
    for *key, count, size in drawn:
        cells[tuple(key)] += Cell(drawn=count, size=size)
    for *key, right in _answers(organisations):
        cells[tuple(key)] += Cell(judged=1, missed=int(right))
    found = (
        Verdict.objects.filter(
            ~OF_SPOT_CHECK,
            state=VerdictState.STANDING,
            kind__in=[kind for kind, right in RIGHT.items() if right],
            flag__brand__organisation__in=_judging(cells),
        )
        .order_by()
        .values_list("flag__listing__market")
        .annotate(Count("pk"))
    )
    return Checked(cells=dict(cells), found=Counter(dict(found)))


def _answers(organisations: Collection[int]) -> Iterator[tuple[int, str, str, bool]]:
    """Yield for each spot check that was judged its organisation, stratum and market, and whether it was missed.

    The newest verdict on the content that was drawn counts, so that a second look or an appeal corrects the first.
    *Unsure* answers nothing.
    """
    verdicts = (
        Verdict.objects.filter(OF_SPOT_CHECK, flag__spot_check__brand__organisation__in=organisations)
        .exclude(state=VerdictState.UNDONE)
        .order_by("pk")
        .values_list("flag", "kind", "flag__brand__organisation", "flag__spot_check__stratum", "flag__listing__market")
    )
    newest = {flag: (kind, tuple(key)) for flag, kind, *key in verdicts}
    for kind, (organisation, stratum, market) in newest.values():
        if kind in RIGHT:
            yield organisation, stratum, market, RIGHT[kind]


def _judging(cells: Mapping[tuple[int, str, str], Cell]) -> set[int]:
    return {organisation for (organisation, _stratum, _market), cell in cells.items() if cell.judged}


def _interval(found: int, cells: Iterable[Cell]) -> tuple[float, float]:
    if not found:
        return 0.0, 1.0
    chance = np.random.default_rng(0)
    missed = np.zeros(DRAWS)
    for cell in cells:
        if not cell.drawn:
            continue
        # How many there are is itself known from the drawn alone.
        rate = min(1.0, cell.drawn / cell.size)
        others = cell.drawn - cell.judged + chance.negative_binomial(cell.drawn, rate, DRAWS)
        share = chance.beta(cell.missed + PRIOR, cell.judged - cell.missed + PRIOR, DRAWS)
        missed += cell.missed + chance.binomial(others, share)
    low, high = np.percentile(found / (found + missed), OUTSIDE)
    return float(low), float(high)
