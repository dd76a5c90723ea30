"""What the demo says where something did not go as it should."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from rich.console import Console

from accounts.models import OutboxMessage
from contracts.match import Ground
from contracts.verdict import VerdictKind
from jikimi.demo import _deliver, why_not
from takedown.gate import GateInput, GateOutcome, check
from takedown.models import Refusal

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
