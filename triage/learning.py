"""Verdicts as the matchers learn from them, and which learned weights are in use."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F

from accounts.models import Organisation
from contracts.verdict import RIGHT
from matchers.learning import Case
from matchers.weights import Weighting as Weights
from triage.models import Verdict, Weighting
from triage.recall import checked, spot_check_of
from triage.states import VerdictState, WeightingState


def cases_of(organisation: Organisation) -> list[Case]:
    """Return the verdicts of an organisation that stand and speak of what is matched now: five queries.

    Content that changed since is matched anew, while the verdict about the old one stands until somebody decides again.
    What was matched with learned weights is brought back to the house's, so that learning starts from one place. A
    spot check counts for all the unflagged matches that it stands for.
    """
    learned = {row.version: row.factors for row in Weighting.objects.filter(organisation=organisation)}
    verdicts = Verdict.objects.filter(
        state=VerdictState.STANDING,
        kind__in=RIGHT,
        fingerprint=F("flag__fingerprint"),
        flag__brand__organisation=organisation,
    ).select_related("flag__listing", "flag__spot_check")
    weights = checked([organisation.pk]).weights(organisation.pk)
    return [_case(verdict, learned, weights) for verdict in verdicts.order_by("at", "pk")]


def _case(verdict: Verdict, learned: dict[str, dict[str, float]], weights: dict[str, float]) -> Case:
    match, listing = verdict.flag.match, verdict.flag.listing
    check = spot_check_of(verdict)
    factors = learned.get(match.get("version", "").partition("/")[2], {})
    return Case(
        signals={one["name"]: one["weight"] / factors.get(one["name"], 1.0) for one in match.get("signals", ())},
        right=RIGHT[verdict.kind],
        at=verdict.at,
        seller=f"{listing.market}/{listing.seller_id}" if listing.seller_id else "",
        weight=weights[check.stratum] if check else 1.0,
    )


def weightings(organisations: Collection[int]) -> dict[int, Weights]:
    """Return the learned weights in use by key of the organisation; who has none uses the house's. One query."""
    rows = Weighting.objects.filter(organisation__in=organisations, state=WeightingState.ACTIVE)
    return {row.organisation_id: row.contract() for row in rows}
