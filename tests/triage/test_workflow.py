"""Two people work one queue at will; whatever the order, the rules of the workflow hold."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import AuditEvent
from contracts.errors import JikimiError
from contracts.verdict import VerdictKind
from tests.factories import NOON, BrandFactory, CaptureFactory, ListingFactory, MembershipFactory, a_match, sha
from triage import services
from triage.models import Flag, Verdict
from triage.states import FLAG, FlagState, VerdictState

PEOPLE = st.integers(0, 1)
WHICH = st.integers(0, 2)


class Queue(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.travel = time_machine.travel(NOON, tick=False)
        self.clock = self.travel.start()
        self.brand = BrandFactory()
        self.people = [MembershipFactory(organisation=self.brand.organisation).user for _ in range(2)]
        self.flags = []
        self.states = {}
        self.round = 0

    def teardown(self):
        self.travel.stop()

    def flag(self, which):
        return Flag.objects.get(pk=self.flags[which % len(self.flags)])

    @rule(probability=st.floats(0, 1))
    def match_something_new(self, probability):
        if len(self.flags) == 3:
            return
        listing = ListingFactory()
        flag = services.raise_flag(
            listing=listing, brand=self.brand, match=a_match("1", probability), capture=CaptureFactory(listing=listing)
        )
        assert (flag is None) == (probability < 0.5)
        if flag:
            self.flags.append(flag.pk)

    @precondition(lambda self: self.flags)
    @rule(which=WHICH, probability=st.floats(0, 1), changed=st.booleans())
    def match_again(self, which, probability, changed):
        flag = self.flag(which)
        capture = flag.capture
        if changed:
            self.round += 1
            capture = CaptureFactory(listing=flag.listing, fingerprint=sha(f"{flag.pk} {self.round}"))
        after = services.raise_flag(
            listing=flag.listing, brand=self.brand, match=a_match("1", probability), capture=capture
        )
        if flag.state == FlagState.DECIDED and (not changed or probability < 0.5):
            assert (after.state, after.probability) == (FlagState.DECIDED, flag.probability)
        elif flag.state in {FlagState.DECIDED, FlagState.SNOOZED} and changed and probability >= 0.5:
            assert after.state == FlagState.REOPENED
        else:
            assert after.state == flag.state

    @rule(person=PEOPLE)
    def take_the_next(self, person):
        actor = self.people[person]
        flag = services.lease_next(actor=actor)
        if flag is not None:
            assert (flag.state, flag.leased_by) == (FlagState.LEASED, actor)
            assert flag.leased_until > timezone.now()

    def holds(self, flag, actor):
        return flag.state == FlagState.LEASED and flag.leased_by == actor and flag.leased_until > timezone.now()

    @precondition(lambda self: self.flags)
    @rule(person=PEOPLE, which=WHICH)
    def take_this_one(self, person, which):
        flag, actor = self.flag(which), self.people[person]
        taken_by_other = (
            flag.state == FlagState.LEASED and flag.leased_until > timezone.now() and flag.leased_by != actor
        )
        try:
            assert services.lease(actor=actor, flag=flag).leased_by == actor
        except JikimiError:
            unsure = flag.verdicts.filter(kind=VerdictKind.UNSURE, by=actor, state=VerdictState.STANDING)
            assert taken_by_other or flag.state == FlagState.DECIDED or unsure.exists()
        else:
            assert not taken_by_other

    @precondition(lambda self: self.flags)
    @rule(person=PEOPLE, which=WHICH, kind=st.sampled_from(VerdictKind), stale=st.booleans())
    def decide(self, person, which, kind, stale):
        flag, actor = self.flag(which), self.people[person]
        seen = sha("something else") if stale else flag.fingerprint
        may = self.holds(flag, actor) and not stale
        try:
            verdict = services.decide(actor=actor, flag=flag, kind=kind, seen_fingerprint=seen)
        except JikimiError:
            assert not may
        else:
            assert may
            assert verdict.fingerprint == flag.fingerprint

    @precondition(lambda self: self.flags)
    @rule(person=PEOPLE, which=WHICH, step=st.sampled_from(["renew", "release", "snooze"]))
    def let_go(self, person, which, step):
        flag, actor = self.flag(which), self.people[person]
        more = {"until": timezone.now() + timedelta(hours=1)} if step == "snooze" else {}
        may = self.holds(flag, actor)
        try:
            getattr(services, step)(actor=actor, flag=flag, **more)
        except JikimiError:
            assert not may
        else:
            assert may

    @precondition(lambda self: self.flags)
    @rule(person=PEOPLE, which=WHICH)
    def undo(self, person, which):
        flag, actor = self.flag(which), self.people[person]
        verdict = flag.verdicts.filter(state=VerdictState.STANDING).first()
        if verdict is None:
            return
        fresh = timezone.now() - verdict.at < services.UNDO_WINDOW
        try:
            after = services.undo(actor=actor, verdict=verdict)
        except JikimiError:
            held_by_other = flag.state == FlagState.LEASED and flag.leased_by != actor
            held_by_other = held_by_other and flag.leased_until > timezone.now()
            assert verdict.by != actor or not fresh or held_by_other or flag.state == FlagState.SNOOZED
        else:
            assert verdict.by == actor
            assert fresh
            assert after.leased_by == actor

    @precondition(lambda self: self.flags)
    @rule(person=PEOPLE, which=WHICH)
    def reopen(self, person, which):
        flag = self.flag(which)
        decided = flag.state == FlagState.DECIDED
        try:
            services.reopen(actor=self.people[person], flag=flag)
        except JikimiError:
            assert not decided
        else:
            assert decided

    @rule(minutes=st.sampled_from([1, 4, 6, 11, 16, 70]))
    def wait(self, minutes):
        self.clock.shift(timedelta(minutes=minutes))

    @invariant()
    def only_steps_of_the_table_were_taken(self):
        for flag in Flag.objects.filter(pk__in=self.flags):
            before = self.states.get(flag.pk, FlagState.NEW)
            # One action may be two steps: a lease runs out or a snooze ends, and somebody takes the flag.
            two_steps = any(FLAG.allows(before, via) and FLAG.allows(via, flag.state) for via in FlagState)
            assert flag.state == before or FLAG.allows(before, flag.state) or two_steps
            self.states[flag.pk] = flag.state

    @invariant()
    def rows_hold_together(self):
        for flag in Flag.objects.filter(pk__in=self.flags):
            assert (flag.state == FlagState.LEASED) == (flag.leased_by is not None) == (flag.leased_until is not None)
            assert (flag.state != FlagState.SNOOZED) or flag.snoozed_until is not None
            standing = flag.verdicts.filter(state=VerdictState.STANDING)
            if flag.state == FlagState.DECIDED:
                assert standing.exclude(kind=VerdictKind.UNSURE).count() == 1
            assert standing.count() <= 1

    @invariant()
    def nothing_is_forgotten(self):
        verdicts = Verdict.objects.filter(flag__in=self.flags).count()
        decided = AuditEvent.objects.filter(verb="flag.decided", subject_id__in=[str(pk) for pk in self.flags]).count()
        assert verdicts == decided


@pytest.mark.django_db
def test_two_people_on_one_queue():
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
