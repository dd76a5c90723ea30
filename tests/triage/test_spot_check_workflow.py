"""Listings are matched again and again while two people judge spot checks; the rules hold whatever the order."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from contracts.errors import JikimiError
from contracts.verdict import RIGHT, VerdictKind
from tests.factories import NOON, BrandFactory, CaptureFactory, ListingFactory, MembershipFactory, a_match, sha
from triage import sampling, services
from triage.models import Flag, SpotCheck
from triage.recall import checked
from triage.sampling import Sampling
from triage.states import SPOT_CHECK, SpotCheckState, Stratum, VerdictState

A_DAY = 3
PEOPLE = st.integers(0, 1)
WHICH = st.integers(0, 3)
DRAWN = {Stratum.NEAR: 1.0, Stratum.MIDDLE: 1.0, Stratum.BOTTOM: 0.0, Stratum.SILENT: 0.0}


class SpotChecking(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.travel = time_machine.travel(NOON, tick=False)
        self.clock = self.travel.start()
        self.brand = BrandFactory()
        self.people = [MembershipFactory(organisation=self.brand.organisation).user for _ in range(2)]
        self.captures = []
        self.states = {}
        self.judged_on = {}

    def teardown(self):
        self.travel.stop()

    def check(self, which):
        checks = SpotCheck.objects.filter(brand=self.brand).order_by("pk")
        return checks[which % len(checks)] if checks else None

    def match(self, capture, probability):
        match = a_match(str(self.brand.pk), probability)
        flag = services.raise_flag(listing=capture.listing, brand=self.brand, match=match, capture=capture)
        Sampling([capture.listing]).take(capture.listing, self.brand, match, capture, flag=flag)

    @precondition(lambda self: len(self.captures) < 4)
    @rule(probability=st.floats(0, 1))
    def match_something_new(self, probability):
        self.captures.append(CaptureFactory(listing=ListingFactory()))
        self.match(self.captures[-1], probability)

    @precondition(lambda self: self.captures)
    @rule(which=WHICH, probability=st.floats(0, 1), changed=st.booleans())
    def match_again(self, which, probability, changed):
        which %= len(self.captures)
        if changed:
            listing = self.captures[which].listing
            self.captures[which] = CaptureFactory(listing=listing, fingerprint=sha(f"{which} {timezone.now()}"))
        self.match(self.captures[which], probability)

    @rule(person=PEOPLE)
    def take_the_next(self, person):
        check = services.next_spot_check(actor=self.people[person])
        left = A_DAY - self.judged_on.get(timezone.localdate(), 0)
        waiting = SpotCheck.objects.filter(brand=self.brand, state=SpotCheckState.WAITING)
        assert (check is not None) == (left > 0 and waiting.exists())

    @rule(person=PEOPLE, which=WHICH, kind=st.sampled_from(VerdictKind), stale=st.booleans())
    def judge(self, person, which, kind, stale):
        check = self.check(which)
        if check is None:
            return
        seen = sha("something else") if stale else check.fingerprint
        may = check.state == SpotCheckState.WAITING and not stale
        try:
            verdict = services.judge_spot_check(
                actor=self.people[person], check=check, kind=kind, seen_fingerprint=seen
            )
        except JikimiError:
            assert not may
        else:
            assert may
            assert (verdict.flag.spot_check, verdict.kind, verdict.by) == (check, kind, self.people[person])
            today = timezone.localdate()
            self.judged_on[today] = self.judged_on.get(today, 0) + 1

    @rule(person=PEOPLE, which=WHICH)
    def undo(self, person, which):
        check = self.check(which)
        verdict = check and check.flag and check.flag.verdicts.filter(state=VerdictState.STANDING).first()
        if not verdict:
            return
        fresh = timezone.now() - verdict.at < services.UNDO_WINDOW
        try:
            services.undo(actor=self.people[person], verdict=verdict)
        except JikimiError:
            assert not fresh or verdict.by != self.people[person]

    @rule(hours=st.sampled_from([0.1, 1, 30]))
    def wait(self, hours):
        self.clock.shift(timedelta(hours=hours))

    @invariant()
    def only_steps_of_the_table_were_taken(self):
        for check in SpotCheck.objects.filter(brand=self.brand):
            before = self.states.get(check.pk, SpotCheckState.WAITING)
            assert check.state == before or SPOT_CHECK.allows(before, check.state)
            self.states[check.pk] = check.state

    @invariant()
    def a_pair_waits_for_a_spot_check_or_has_a_flag_never_both(self):
        for check in SpotCheck.objects.filter(brand=self.brand):
            flag = Flag.objects.filter(brand=self.brand, listing=check.listing).first()
            assert (check.state == SpotCheckState.JUDGED) == (check.flag is not None)
            if check.state == SpotCheckState.WAITING:
                assert flag is None
            if check.flag:
                assert check.flag == flag
                assert flag.verdicts.exists()

    @invariant()
    def the_estimate_counts_what_was_answered(self):
        answered = {
            verdict.flag_id: verdict.kind
            for check in SpotCheck.objects.filter(brand=self.brand, state=SpotCheckState.JUDGED)
            for verdict in check.flag.verdicts.exclude(state=VerdictState.UNDONE)
            .filter(fingerprint=check.fingerprint)
            .order_by("pk")
        }
        counted = checked([self.brand.organisation_id])
        assert counted.recall().judged == sum(kind in RIGHT for kind in answered.values())
        assert sum(cell.missed for cell in counted.cells.values()) == sum(
            RIGHT.get(kind, False) for kind in answered.values()
        )
        waiting = SpotCheck.objects.filter(brand=self.brand).exclude(state=SpotCheckState.WITHDRAWN)
        assert sum(cell.drawn for cell in counted.cells.values()) == waiting.count()


@pytest.mark.django_db
def test_spot_checks_beside_matching(monkeypatch, settings_of_django):
    monkeypatch.setattr(sampling, "INCLUSION", DRAWN)
    settings_of_django.SPOT_CHECKS_A_DAY = A_DAY
    run_state_machine_as_test(
        SpotChecking,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_of_django(settings):
    """Return Django's settings, whose name Hypothesis has here."""
    return settings
