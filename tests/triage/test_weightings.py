"""Weights learned from verdicts: proposed by a machine, used once an administrator says so, each version kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Role
from accounts.permissions import NotAllowed
from contracts.errors import BadInput
from jikimi.weights import put_to_use, told
from matchers.learning import TrainingRefused
from matchers.weights import HOUSE
from registry.models import Brand
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    MembershipFactory,
    SellerFactory,
    VerdictFactory,
)
from triage import services
from triage.learning import cases_of
from triage.matching import Matching
from triage.models import Verdict, Weighting
from triage.states import WeightingState

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand():
    return BrandFactory(organisation__slug="own")


@pytest.fixture
def lead(brand):
    return MembershipFactory(organisation=brand.organisation, role=Role.ADMINISTRATOR).user


def stored(version="judge-2/house-2", **weights):
    signals = [{"name": name, "weight": weight, "value": 1.0} for name, weight in weights.items()]
    return {"signals": signals, "version": version, "without": {}, "probability": 0.6}


def judged(brand, count=80, **changes):
    """Verdicts in which a copied photo always misled and a low price never did, one shop each, a day apart."""
    for number in range(count):
        right = number % 2 == 0
        match = stored(mark=1.0, **({"price": 3.0} if right else {"photo_copy": 2.8}), **changes)
        listing = ListingFactory(seller=SellerFactory())
        flag = FlagFactory(brand=brand, listing=listing, capture=CaptureFactory(listing=listing), match=match)
        verdict = VerdictFactory(flag=flag, capture=flag.capture, kind="counterfeit" if right else "resale")
        Verdict.objects.filter(pk=verdict.pk).update(at=timezone.now() - timedelta(days=count - number))


def test_a_machine_proposes_and_a_person_decides(brand, lead):
    judged(brand)

    weighting = services.train_weighting(actor=None, organisation=brand.organisation)

    assert (weighting.version, weighting.state, weighting.verdicts) == ("own-1", WeightingState.PROPOSED, 80)
    assert weighting.report["after"]["log_loss"] <= weighting.report["before"]["log_loss"]
    assert weighting.report["against"] == HOUSE.version
    assert judge_version(brand) == HOUSE.version  # a proposal judges nothing

    services.use_weighting(actor=lead, weighting=weighting)
    assert judge_version(brand) == "own-1"
    events = AuditEvent.objects.filter(subject_type="triage.weighting").values_list("verb", "actor")
    assert set(events) == {("weighting.proposed", None), ("weighting.used", lead.pk)}


def judge_version(brand):
    profile = Matching(Brand.objects.filter(pk=brand.pk)).judge
    return profile.weighting_of(str(brand.pk)).version


def test_only_an_administrator_decides(brand):
    judged(brand)
    weighting = services.train_weighting(actor=None, organisation=brand.organisation)
    monitor = MembershipFactory(organisation=brand.organisation).user
    stranger = MembershipFactory(role=Role.ADMINISTRATOR).user
    for actor in (None, monitor, stranger):
        with pytest.raises(NotAllowed):
            services.use_weighting(actor=actor, weighting=weighting)
    with pytest.raises(NotAllowed):
        services.train_weighting(actor=monitor, organisation=brand.organisation)


def test_versions_are_kept_and_can_be_switched_back(brand, lead):
    judged(brand)
    first = services.train_weighting(actor=lead, organisation=brand.organisation)
    services.use_weighting(actor=lead, weighting=first)
    second = Weighting.objects.create(
        organisation=brand.organisation, version="own-2", prior=-3.5, factors={}, report=first.report, verdicts=80
    )
    services.use_weighting(actor=lead, weighting=second)
    assert states() == {"own-1": "retired", "own-2": "active"}

    services.use_weighting(actor=lead, weighting=first)
    assert states() == {"own-1": "active", "own-2": "retired"}
    with pytest.raises(BadInput, match="active"):
        services.use_weighting(actor=lead, weighting=first)

    assert services.use_house_weights(actor=lead, organisation=brand.organisation) == 1
    assert judge_version(brand) == HOUSE.version


def states():
    return dict(Weighting.objects.values_list("version", "state"))


def test_a_newer_proposal_takes_the_place_of_one_nobody_decided(brand, lead):
    judged(brand)
    services.train_weighting(actor=None, organisation=brand.organisation)
    second = services.train_weighting(actor=None, organisation=brand.organisation)
    assert states() == {"own-1": "rejected", "own-2": "proposed"}
    services.reject_weighting(actor=lead, weighting=second)
    with pytest.raises(BadInput, match="rejected"):
        services.use_weighting(actor=lead, weighting=second)


def test_too_few_verdicts_propose_nothing(brand):
    judged(brand, 10)
    with pytest.raises(TrainingRefused, match="too few"):
        services.train_weighting(actor=None, organisation=brand.organisation)
    assert not Weighting.objects.exists()


def test_other_organisations_verdicts_teach_nothing_here(brand):
    judged(BrandFactory())
    assert cases_of(brand.organisation) == []


def test_what_was_matched_with_learned_weights_is_brought_back_to_the_houses(brand):
    Weighting.objects.create(
        organisation=brand.organisation, version="own-1", prior=-3.5, factors={"price": 0.5}, report={}, verdicts=1
    )
    listing = ListingFactory()
    flag = FlagFactory(brand=brand, listing=listing, match=stored("judge-2/own-1", price=1.0, mark=1.0))
    VerdictFactory(flag=flag, capture=flag.capture, kind="counterfeit")
    assert cases_of(brand.organisation)[0].signals == {"price": 2.0, "mark": 1.0}


def test_the_terminal_tells_the_figures_and_takes_a_decision(brand, lead):
    judged(brand)
    weighting = services.train_weighting(actor=None, organisation=brand.organisation)
    lines = list(told(weighting))
    assert "own-1: proposed, learned from 80 verdicts" in lines[0]
    assert any(line.strip().startswith("photo_copy") for line in lines)

    assert put_to_use("own-1", username=lead.username, slug=None) == "own judges by own-1."
    assert put_to_use("house", username=lead.username, slug="own") == "own judges by the house's weights."
    for version, username, field in (("own-9", lead.username, "VERSION"), ("own-1", "nobody", "--by")):
        with pytest.raises(BadInput, match=field):
            put_to_use(version, username=username, slug=None)
