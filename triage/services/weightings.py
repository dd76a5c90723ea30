"""Every write to learned weights: a machine proposes them, a person puts them to use or takes them back."""

from __future__ import annotations

import attrs
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.permissions import NotAllowed, require
from accounts.services import record
from contracts.errors import BadInput
from matchers.learning import train
from matchers.weights import HOUSE
from triage.learning import cases_of, weightings
from triage.models import Weighting
from triage.permissions import TUNE
from triage.states import WEIGHTING, WeightingState


def train_weighting(*, actor: User | None, organisation: Organisation) -> Weighting:
    """Learn from the organisation's verdicts and propose the result; nothing is judged by it before a person agrees.

    An older proposal that nobody decided is rejected in its favour.

    Raises:
        NotAllowed: the actor is no administrator here.
        TrainingRefused: the verdicts are too few, or would teach to judge worse.
    """
    if actor is not None:
        require(actor, TUNE, organisation)
    present = weightings([organisation.pk]).get(organisation.pk, HOUSE)
    with transaction.atomic():
        number = Weighting.objects.filter(organisation=organisation).count() + 1
        trained = train(cases_of(organisation), version=f"{organisation.slug}-{number}", present=present)
        for older in Weighting.objects.filter(organisation=organisation, state=WeightingState.PROPOSED):
            _move(actor, older, WeightingState.REJECTED, "weighting.replaced")
        weighting = Weighting.objects.create(
            organisation=organisation,
            version=trained.weighting.version,
            prior=trained.weighting.prior,
            factors=dict(trained.weighting.factors),
            verdicts=trained.cases,
            report={"before": attrs.asdict(trained.before), "after": attrs.asdict(trained.after)}
            | {"against": present.version},
        )
        detail = {"version": weighting.version, **weighting.report}
        record(actor=actor, verb="weighting.proposed", subject=weighting, organisation=organisation, detail=detail)
    return weighting


def use_weighting(*, actor: User | None, weighting: Weighting) -> Weighting:
    """Judge by these weights from now on: a proposal, or a version that was in use before.

    Raises:
        NotAllowed: the actor is nobody, or no administrator here.
        BadInput: the weights are in use already, or were rejected.
    """
    _require_person(actor, weighting.organisation)
    with transaction.atomic():
        _retire(actor, weighting.organisation, but=weighting)
        return _move(actor, weighting, WeightingState.ACTIVE, "weighting.used")


def use_house_weights(*, actor: User | None, organisation: Organisation) -> int:
    """Go back to the house's weights; returns how many learned ones were in use.

    Raises:
        NotAllowed: the actor is nobody, or no administrator here.
    """
    _require_person(actor, organisation)
    with transaction.atomic():
        return _retire(actor, organisation)


def reject_weighting(*, actor: User | None, weighting: Weighting) -> Weighting:
    """Turn a proposal down.

    Raises:
        NotAllowed: the actor is nobody, or no administrator here.
        BadInput: it is no proposal (any more).
    """
    _require_person(actor, weighting.organisation)
    with transaction.atomic():
        return _move(actor, weighting, WeightingState.REJECTED, "weighting.rejected")


def _require_person(actor: User | None, organisation: Organisation) -> None:
    if actor is None:
        raise NotAllowed(actor, TUNE)
    require(actor, TUNE, organisation)


def _retire(actor: User | None, organisation: Organisation, but: Weighting | None = None) -> int:
    rows = Weighting.objects.filter(organisation=organisation, state=WeightingState.ACTIVE)
    rows = rows.exclude(pk=but.pk) if but else rows
    return len([_move(actor, row, WeightingState.RETIRED, "weighting.retired") for row in rows])


def _move(actor: User | None, weighting: Weighting, target: WeightingState, verb: str) -> Weighting:
    sources = WEIGHTING.sources(target)
    moved = Weighting.objects.filter(pk=weighting.pk, state__in=sources).update(
        state=target, decided_by=actor, decided_at=timezone.now()
    )
    if not moved:
        current = Weighting.objects.get(pk=weighting.pk)
        raise BadInput(weighting.version, "state", "one of " + ", ".join(sorted(sources)), current.state)
    weighting.refresh_from_db()
    detail = {"version": weighting.version}
    record(actor=actor, verb=verb, subject=weighting, organisation=weighting.organisation, detail=detail)
    return weighting
