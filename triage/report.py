"""How right the matchers are, on what people decided: calibration, and precision by signal, market and language.

Precision, and how many of the flags that a signal speaks in were right, rest on verdicts about flags. Recall rests on
spot checks of what was not flagged (`triage.recall`); without any the page says that it is unknown instead of guessing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import attrs
from babel import Locale
from django.db.models import F

from accounts.models import Organisation, Role, User
from contracts.verdict import RIGHT
from matchers.names import name_of
from matchers.odds import log_odds
from triage.models import GROUND_LABELS, LearnedTerm, Verdict, Weighting
from triage.queries import market_names
from triage.recall import OF_SPOT_CHECK, Cell, Recall, checked
from triage.states import VerdictState

NEWEST = 5000  # verdicts the figures rest on
EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)  # finer where flags are
Z = 1.96  # of a 95 % interval
LANGUAGES = frozenset(Locale("en").languages)  # codes that are known, ISO 639


@attrs.frozen(kw_only=True)
class Share:
    """``right`` of ``count``, with a 95 % interval (Wilson, J. Am. Stat. Assoc. 22, 1927)."""

    right: int
    count: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.right / self.count if self.count else None

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound."""
        if not self.count:
            return 0.0, 1.0
        share, spread = self.right / self.count, Z * Z / self.count
        middle = share + spread / 2
        reach = Z * math.sqrt(share * (1 - share) / self.count + spread / (4 * self.count))
        return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


@attrs.frozen(kw_only=True)
class Bin:
    """Flags of about the same probability: what was predicted on average and what share was right."""

    low: float
    high: float
    predicted: float
    share: Share


@attrs.frozen(kw_only=True)
class Line:
    """Precision of one part of the flags; ``label`` is a text, or a sentence in both languages."""

    label: object
    share: Share
    decisive: int = 0  # of a signal: flags that would not stand without it


@attrs.frozen(kw_only=True)
class ReportPage:
    """Every figure of the report page."""

    overall: Share
    unsure: int
    log_loss: float | None
    bins: list[Bin]
    signals: list[Line]
    markets: list[Line]
    languages: list[Line]
    grounds: list[Line]
    reasons: list[Line]
    weightings: list[Weighting]
    recall: Recall | None = None  # None: nothing is drawn
    recalls: tuple[tuple[str, Recall], ...] = ()  # by market
    strata: tuple[tuple[object, Cell], ...] = ()
    terms: list[LearnedTerm] = attrs.field(factory=list)
    tunable: frozenset[int] = frozenset()  # keys of organisations whose weights and words the user may decide
    tuned: list[Organisation] = attrs.field(factory=list)  # those organisations


@attrs.frozen(kw_only=True)
class Decided:
    """One verdict as the figures take it."""

    probability: float
    right: bool
    reason: str
    market: str
    language: str
    ground: str
    signals: Mapping[str, float]  # name -> weight


def report_page(*, user: User, threshold: float) -> ReportPage:
    """Return the figures on the newest verdicts of the user's organisations: seven queries at most.

    Args:
        user: whose organisations; nothing of another's is read.
        threshold: probability from which a flag is shown.
    """
    verdicts = list(
        Verdict.objects.filter(
            ~OF_SPOT_CHECK,  # not a flag of the matchers'
            state=VerdictState.STANDING,
            fingerprint=F("flag__fingerprint"),  # the match is of the content that was decided
            flag__brand__organisation__memberships__user=user,
        )
        .select_related("flag__listing", "capture")
        .distinct()
        .order_by("-id")[:NEWEST]
    )
    weightings = Weighting.objects.filter(organisation__memberships__user=user).select_related("organisation")
    decided = [_decided(verdict) for verdict in verdicts if verdict.kind in RIGHT]
    terms = LearnedTerm.objects.filter(organisation__memberships__user=user).select_related("organisation")
    memberships = list(user.memberships.select_related("organisation"))
    administered = [one.organisation for one in memberships if one.role == Role.ADMINISTRATOR]
    page = figures(decided, threshold, unsure=len(verdicts) - len(decided), weightings=list(weightings.distinct()))
    drawn = checked({one.organisation_id for one in memberships})
    names = market_names()
    return attrs.evolve(
        page,
        recall=drawn.recall() if drawn.cells else None,
        recalls=tuple((names.get(market, market), drawn.recall(market)) for market in drawn.markets),
        strata=tuple(drawn.strata),
        terms=list(terms.distinct()),
        tunable=frozenset(organisation.pk for organisation in administered),
        tuned=administered,
    )


def _decided(verdict: Verdict) -> Decided:
    flag = verdict.flag
    language = str(verdict.capture.data.get("language") or "").partition("-")[0].lower()
    if language not in LANGUAGES:  # the page's own word: it may be anything
        language = ""
    return Decided(
        probability=flag.probability,
        right=RIGHT[verdict.kind],
        reason=verdict.reason,
        market=flag.listing.market,
        language=language,
        ground=flag.ground,
        signals={signal["name"]: signal["weight"] for signal in flag.match.get("signals", ())},
    )


def figures(
    decided: Sequence[Decided], threshold: float, *, unsure: int = 0, weightings: Sequence[Weighting] = ()
) -> ReportPage:
    """Return the figures of some verdicts."""
    names = market_names()
    return ReportPage(
        overall=_share(decided),
        unsure=unsure,
        log_loss=_log_loss(decided),
        bins=bins_of([(one.probability, one.right) for one in decided]),
        signals=_signals(decided, threshold),
        markets=_lines(decided, lambda one: one.market, lambda market: names.get(market, market)),
        languages=_lines(decided, lambda one: one.language, str),
        grounds=_lines(decided, lambda one: one.ground, lambda ground: GROUND_LABELS.get(ground, ground)),
        reasons=_lines(decided, lambda one: one.reason, lambda reason: name_of(reason).to_json()),
        weightings=list(weightings),
    )


def _share(decided: Sequence[Decided]) -> Share:
    return Share(right=sum(one.right for one in decided), count=len(decided))


def _log_loss(decided: Sequence[Decided]) -> float | None:
    if not decided:
        return None
    kept = [(min(max(one.probability, 1e-6), 1 - 1e-6), one.right) for one in decided]
    return -sum(math.log(sure if right else 1 - sure) for sure, right in kept) / len(kept)


def bins_of(judged: Sequence[tuple[float, bool]], edges: Sequence[float] = EDGES) -> list[Bin]:
    """Return a reliability table of (probability, right) pairs; bins without any are left out."""
    found = []
    for low, high in pairwise(edges):
        inside = [(sure, right) for sure, right in judged if low <= sure < high or (high == 1.0 == sure)]
        if inside:
            predicted = sum(sure for sure, _ in inside) / len(inside)
            share = Share(right=sum(right for _, right in inside), count=len(inside))
            found.append(Bin(low=low, high=high, predicted=predicted, share=share))
    return found


def _signals(decided: Sequence[Decided], threshold: float) -> list[Line]:
    by_name: dict[str, list[Decided]] = defaultdict(list)
    for one in decided:
        for name in one.signals:
            by_name[name].append(one)
    lines = [
        Line(
            label=name_of(name).to_json(),
            share=_share(found),
            decisive=sum(_decides(one, name, threshold) for one in found),
        )
        for name, found in by_name.items()
    ]
    return _ordered(lines)


def _decides(one: Decided, name: str, threshold: float) -> bool:
    """Tell whether a flag would fall below the threshold without a signal."""
    return one.probability >= threshold > 0 and log_odds(one.probability) - one.signals[name] < log_odds(threshold)


def _lines(decided: Sequence[Decided], key: Callable[[Decided], str], label: Callable[[str], object]) -> list[Line]:
    parts: dict[str, list[Decided]] = defaultdict(list)
    for one in decided:
        parts[key(one)].append(one)
    return _ordered([Line(label=label(name), share=_share(found)) for name, found in parts.items()])


def _ordered(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.share.count, str(line.label)))
