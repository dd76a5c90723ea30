"""What the demo says where something did not go as it should."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from rich.console import Console

from accounts.models import OutboxMessage, Role
from contracts.match import Ground
from contracts.verdict import VerdictKind
from jikimi import demo
from jikimi.demo import _deliver, _draft, _matching_beside, why_not
from takedown.gate import GateInput, GateOutcome, check
from takedown.models import EvidenceCapture, Refusal
from tests.factories import FlagFactory, MembershipFactory, UserFactory

UNPROVEN = GateInput(
    now=datetime(2026, 11, 3, tzinfo=UTC),
    market="ebay",
    site="DE",
    ground=Ground.COUNTERFEIT,
    verdict=VerdictKind.COUNTERFEIT,
    verdict_stands=True,
    notifier="Jikimi Watch",
    duty_profile="ebay",
)


def refused(outcome):
    findings = [problem.to_json() for problem in check(UNPROVEN).problems]
    return why_not(Refusal(outcome=outcome, findings=findings))


def test_where_no_right_reaches_only_that_is_said():
    assert refused(GateOutcome.NO_ENFORCEABLE_RIGHT) == ("Detected, but there is no enforceable trademark in DE.")
    assert "no evidence screenshot" in refused(GateOutcome.REFUSED)


@pytest.mark.django_db
def test_for_a_listing_that_no_right_reaches_no_browser_is_opened():
    flag = FlagFactory(listing__site="DE")
    user = UserFactory()
    for role in (Role.MONITOR, Role.TAKEDOWN_OFFICER):
        MembershipFactory(user=user, organisation=flag.brand.organisation, role=role)
    said = []
    assert _draft(user, [flag], said.append) is None
    lack = "Detected, but there is no enforceable trademark in DE."
    assert said == [f"{flag.brand.name} on {flag.listing.market}: no notice. {lack}"]
    assert not EvidenceCapture.objects.exists()
    assert Refusal.objects.count() == 1


@pytest.mark.django_db
def test_what_could_not_be_delivered_is_said():
    said = Console(file=io.StringIO(), width=200)
    later = timezone.now() + timedelta(minutes=9)
    OutboxMessage.objects.create(topic="triage.decided", payload={}, available_at=later)  # it may still be undone
    _deliver(said)
    assert "Not delivered" not in said.file.getvalue()
    OutboxMessage.objects.create(
        topic="listings.changed", payload={}, available_at=later, last_error="database is locked"
    )
    _deliver(said)
    assert "Not delivered yet, jikimi work tries again: listings.changed: database is locked" in said.file.getvalue()


def test_what_breaks_beside_the_crawls_is_raised_once_they_are_through(monkeypatch):
    def broken(_stop):
        raise OSError("disk full")

    monkeypatch.setattr(demo, "work", broken)
    crawled = []
    with pytest.raises(OSError, match="disk full"), _matching_beside():
        crawled.append("all of it")
    assert crawled


def test_crawls_that_are_cut_off_end_the_matching_too(monkeypatch):
    ended = []
    monkeypatch.setattr(demo, "work", lambda stop: ended.append(stop.wait(30)))
    with pytest.raises(KeyboardInterrupt), _matching_beside():
        raise KeyboardInterrupt
    assert ended == [True]


@pytest.mark.django_db(transaction=True)
def test_a_main_job_without_a_notice_says_what_is_missing(tmp_path):
    assert demo.main_job(origins={}, truth=(), home=tmp_path).missing == ("a notice",)
