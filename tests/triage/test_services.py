from datetime import timedelta

import attrs
import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMessage, Role
from accounts.permissions import NotAllowed
from contracts.errors import BadInput
from contracts.verdict import VerdictKind
from tests.factories import (
    NOON,
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    a_match,
    sha,
)
from triage import services
from triage.errors import AlreadyDecided, ContentChanged, LeaseLost, SecondLookNeedsAnother, UndoClosed
from triage.filters import QueueFilter
from triage.models import Flag, Skip
from triage.states import FlagState, VerdictState

pytestmark = pytest.mark.django_db


def decide(flag, actor, kind=VerdictKind.COUNTERFEIT, **more):
    flag = services.lease(actor=actor, flag=flag)
    return services.decide(actor=actor, flag=flag, kind=kind, seen_fingerprint=flag.fingerprint, **more)


def raised(brand, listing=None, probability=0.9, capture=None):
    listing = listing or ListingFactory()
    capture = capture or CaptureFactory(listing=listing)
    return services.raise_flag(listing=listing, brand=brand, match=a_match(str(brand.pk), probability), capture=capture)


def changed_capture(listing, **data):
    return CaptureFactory(listing=listing, fingerprint=sha(str(data)), data={**listing.data, **data})


class TestRaising:
    def test_a_match_above_the_threshold_raises_one_flag_and_tells_of_it(self, brand):
        flag = raised(brand)
        again = services.raise_flag(
            listing=flag.listing, brand=brand, match=a_match(str(brand.pk), 0.9), capture=flag.capture
        )

        assert again.pk == flag.pk
        assert Flag.objects.count() == 1
        assert flag.state == FlagState.NEW
        shop = {"seller_id": flag.listing.seller_id, "organisation_id": brand.organisation_id}
        assert list(OutboxMessage.objects.values_list("topic", "payload")) == [
            ("triage.flagged", {"flag_id": flag.pk}),
            ("triage.shop_told_of", shop),
        ]
        assert AuditEvent.objects.get().verb == "flag.raised"

    def test_below_the_threshold_nothing_is_raised(self, brand):
        assert raised(brand, probability=0.49) is None
        assert not Flag.objects.exists()

    def test_a_waiting_flag_takes_the_newer_score_even_below_the_threshold(self, brand):
        flag = raised(brand)
        lower = raised(brand, flag.listing, probability=0.3, capture=flag.capture)

        assert lower.pk == flag.pk
        assert lower.probability == 0.3
        assert lower.match["probability"] == 0.3
        assert AuditEvent.objects.filter(verb="flag.rescored").count() == 1

    def test_a_decided_flag_is_never_asked_again_for_the_same_content(self, brand, monitor):
        flag = raised(brand)
        decide(flag, monitor, VerdictKind.GENUINE)

        again = raised(brand, flag.listing, probability=0.99, capture=flag.capture)

        assert again.state == FlagState.DECIDED
        assert again.probability == 0.9
        assert services.lease_next(actor=monitor) is None

    def test_changed_content_reopens_a_decided_flag_and_says_what_changed(self, brand, monitor):
        flag = raised(brand)
        decide(flag, monitor, VerdictKind.GENUINE)
        capture = changed_capture(flag.listing, price="1.20", title="Haneulbit serum, replica")

        reopened = raised(brand, flag.listing, capture=capture)

        assert reopened.state == FlagState.REOPENED
        assert reopened.fingerprint == capture.fingerprint
        assert AuditEvent.objects.get(verb="flag.reopened").detail["changed"] == ["title", "price"]
        assert services.lease_next(actor=monitor).pk == flag.pk

    def test_changed_content_below_the_threshold_leaves_the_decision_alone(self, brand, monitor):
        flag = raised(brand)
        decide(flag, monitor)
        after = raised(brand, flag.listing, probability=0.2, capture=changed_capture(flag.listing, title="Own cream"))
        assert after.state == FlagState.DECIDED
        assert after.fingerprint == flag.fingerprint

    def test_changed_content_wakes_a_snoozed_flag(self, brand, monitor):
        flag = services.lease(actor=monitor, flag=raised(brand))
        services.snooze(actor=monitor, flag=flag, until=timezone.now() + timedelta(days=30))
        assert raised(brand, flag.listing, capture=flag.capture).state == FlagState.SNOOZED
        after = raised(brand, flag.listing, capture=changed_capture(flag.listing, title="New"))
        assert (after.state, after.snoozed_until) == (FlagState.REOPENED, None)


class TestLeasing:
    def test_the_riskiest_comes_first_and_the_same_person_gets_it_back(self, brand, monitor, colleague):
        low, high = raised(brand, probability=0.6), raised(brand, probability=0.95)

        first = services.lease_next(actor=monitor)

        assert (first.pk, first.state, first.leased_by) == (high.pk, FlagState.LEASED, monitor)
        assert services.lease_next(actor=monitor).pk == high.pk
        assert services.lease_next(actor=colleague).pk == low.pk

    def test_a_lease_is_over_after_ten_minutes_and_is_recorded_as_expired(self, brand, monitor, colleague):
        raised(brand)
        with time_machine.travel(NOON, tick=False) as clock:
            flag = services.lease_next(actor=monitor)
            clock.shift(timedelta(minutes=9, seconds=59))
            assert services.lease_next(actor=colleague) is None
            clock.shift(timedelta(seconds=1))
            assert services.lease_next(actor=colleague).pk == flag.pk
            with pytest.raises(LeaseLost) as lost:
                services.decide(actor=monitor, flag=flag, kind=VerdictKind.GENUINE, seen_fingerprint=flag.fingerprint)
        assert lost.value.holder == colleague
        assert str(colleague) in str(lost.value)
        assert AuditEvent.objects.get(verb="flag.lease_expired").detail == {"holder": monitor.pk}

    def test_renewing_starts_the_ten_minutes_again(self, brand, monitor, colleague):
        raised(brand)
        with time_machine.travel(NOON, tick=False) as clock:
            flag = services.lease_next(actor=monitor)
            clock.shift(timedelta(minutes=9))
            services.renew(actor=monitor, flag=flag)
            clock.shift(timedelta(minutes=9))
            assert services.lease_next(actor=colleague) is None
            clock.shift(timedelta(minutes=2))
            with pytest.raises(LeaseLost) as lost:
                services.renew(actor=monitor, flag=flag)
        assert lost.value.holder is None

    def test_a_skipped_flag_goes_to_others_and_not_back_to_the_same_person_that_day(self, brand, monitor, colleague):
        flag = raised(brand)
        with time_machine.travel(NOON, tick=False) as clock:
            services.lease_next(actor=monitor)
            services.release(actor=monitor, flag=flag, reason="language")
            assert services.lease_next(actor=monitor) is None
            assert services.lease_next(actor=colleague).pk == flag.pk
            services.release(actor=colleague, flag=flag)
            clock.shift(services.SKIP_PAUSE)
            assert services.lease_next(actor=monitor).pk == flag.pk
        assert Skip.objects.filter(by=monitor).get().reason == "language"
        with pytest.raises(BadInput, match="reason"):
            services.release(actor=monitor, flag=flag, reason="tired")

    def test_a_filter_narrows_what_is_handed_out(self, brand, monitor):
        raised(brand, ListingFactory(market="ebay"), probability=0.99)
        shopee = raised(brand, ListingFactory(market="shopee"), probability=0.7)
        assert services.lease_next(actor=monitor, filters=QueueFilter(market="shopee")).pk == shopee.pk
        assert services.lease_next(actor=monitor, filters=QueueFilter(market="lazada")) is None

    def test_a_snoozed_flag_sleeps_until_its_moment(self, brand, monitor):
        raised(brand)
        with time_machine.travel(NOON, tick=False) as clock:
            flag = services.lease_next(actor=monitor)
            with pytest.raises(BadInput, match="future"):
                services.snooze(actor=monitor, flag=flag, until=NOON)
            services.snooze(actor=monitor, flag=flag, until=NOON + timedelta(days=1))
            assert services.lease_next(actor=monitor) is None
            clock.shift(timedelta(days=1))
            assert services.lease_next(actor=monitor).pk == flag.pk

    def test_nobody_else_s_organisation_hands_out_its_flags(self, brand):
        raised(brand)
        stranger = MembershipFactory().user
        assert services.lease_next(actor=stranger) is None

    @pytest.mark.parametrize("step", ["lease", "renew", "release", "reopen"])
    def test_a_brand_owner_reads_only(self, brand, step):
        owner = MembershipFactory(organisation=brand.organisation, role=Role.BRAND_OWNER).user
        flag = raised(brand)
        with pytest.raises(NotAllowed):
            getattr(services, step)(actor=owner, flag=flag)
        with pytest.raises(NotAllowed):
            services.lease_next(actor=owner)

    def test_jikimi_itself_signs_no_verdict(self, brand):
        with pytest.raises(NotAllowed):
            services.lease(actor=None, flag=raised(brand))


class TestDeciding:
    def test_a_decision_is_kept_with_its_reason_and_told_after_the_undo_window(self, brand, monitor):
        with time_machine.travel(NOON, tick=False):
            verdict = decide(raised(brand), monitor, note="  same batch number  ")

        verdict.flag.refresh_from_db()
        assert verdict.flag.state == FlagState.DECIDED
        assert verdict.flag.leased_by is None
        assert verdict.reason == "mark"  # the strongest signal of the match
        assert verdict.note == "same batch number"
        assert verdict.memory_expires_at is None
        message = OutboxMessage.objects.get(topic="triage.decided")
        assert message.payload == {"flag_id": verdict.flag.pk, "verdict_id": verdict.pk}
        assert message.available_at == NOON + services.UNDO_WINDOW

    def test_what_may_change_is_remembered_for_a_time(self, brand, monitor):
        with time_machine.travel(NOON, tick=False):
            verdict = decide(raised(brand), monitor, VerdictKind.AUTHORISED)
        assert verdict.memory_expires_at == NOON + timedelta(days=180)

    def test_only_the_holder_decides_and_the_loser_is_told_who(self, brand, monitor, colleague):
        flag = services.lease(actor=colleague, flag=raised(brand))
        with pytest.raises(LeaseLost) as lost:
            services.decide(actor=monitor, flag=flag, kind=VerdictKind.GENUINE, seen_fingerprint=flag.fingerprint)
        assert lost.value.holder == colleague
        with pytest.raises(LeaseLost):
            services.lease(actor=monitor, flag=flag)

    def test_content_that_changed_meanwhile_is_not_decided_unseen(self, brand, monitor):
        flag = services.lease(actor=monitor, flag=raised(brand))
        raised(brand, flag.listing, capture=changed_capture(flag.listing, title="Another"))
        with pytest.raises(ContentChanged):
            services.decide(actor=monitor, flag=flag, kind=VerdictKind.GENUINE, seen_fingerprint=flag.fingerprint)
        flag.refresh_from_db()
        assert flag.state == FlagState.LEASED
        assert not flag.verdicts.exists()

    def test_a_second_press_of_the_key_decides_nothing_twice(self, brand, monitor):
        verdict = decide(raised(brand), monitor)
        with pytest.raises(AlreadyDecided) as known:
            services.decide(
                actor=monitor, flag=verdict.flag, kind=VerdictKind.GENUINE, seen_fingerprint=verdict.fingerprint
            )
        assert known.value.verdict == verdict
        assert verdict.flag.verdicts.count() == 1

    @pytest.mark.parametrize(("field", "values"), [("kind", {"kind": "fake"}), ("reason", {"reason": "a hunch"})])
    def test_what_is_no_verdict_or_reason_is_refused_by_name(self, brand, monitor, field, values):
        flag = raised(brand)
        with pytest.raises(BadInput, match=field):
            decide(flag, monitor, **values)
        assert not flag.verdicts.exists()

    def test_unsure_goes_to_another_person_for_a_second_look(self, brand, monitor, colleague):
        flag = decide(raised(brand), monitor, VerdictKind.UNSURE).flag
        flag.refresh_from_db()
        assert flag.state == FlagState.SECOND_LOOK
        assert services.lease_next(actor=monitor) is None
        with pytest.raises(SecondLookNeedsAnother):
            services.lease(actor=monitor, flag=flag)

        assert services.lease_next(actor=colleague).pk == flag.pk
        final = decide(flag, colleague, VerdictKind.GENUINE)

        states = dict(flag.verdicts.values_list("kind", "state"))
        assert states == {"unsure": VerdictState.REPLACED, "genuine": VerdictState.STANDING}
        assert final.by == colleague

    def test_a_decided_flag_can_be_reopened_and_decided_again(self, brand, monitor, colleague):
        flag = decide(raised(brand), monitor).flag
        with pytest.raises(AlreadyDecided):
            services.lease(actor=colleague, flag=flag)
        services.reopen(actor=colleague, flag=flag)
        decide(flag, colleague, VerdictKind.RESALE)
        assert flag.verdicts.filter(state=VerdictState.STANDING).get().kind == VerdictKind.RESALE


class TestUndoing:
    def test_the_flag_comes_back_leased_and_the_verdict_row_stays(self, brand, monitor, colleague):
        verdict = decide(raised(brand), monitor)

        flag = services.undo(actor=monitor, verdict=verdict)

        assert (flag.state, flag.leased_by) == (FlagState.LEASED, monitor)
        assert verdict.state == VerdictState.UNDONE
        assert OutboxMessage.objects.filter(topic="triage.undone").count() == 1
        assert services.lease_next(actor=colleague) is None
        services.release(actor=monitor, flag=flag)
        assert services.lease_next(actor=colleague).pk == flag.pk

    def test_the_window_closes_after_fifteen_minutes(self, brand, monitor):
        with time_machine.travel(NOON, tick=False) as clock:
            verdict = decide(raised(brand), monitor)
            clock.shift(services.UNDO_WINDOW)
            with pytest.raises(UndoClosed):
                services.undo(actor=monitor, verdict=verdict)

    def test_another_person_s_verdict_is_undone_by_a_lead_only(self, brand, monitor, colleague):
        verdict = decide(raised(brand), monitor)
        with pytest.raises(NotAllowed):
            services.undo(actor=colleague, verdict=verdict)
        lead = MembershipFactory(organisation=brand.organisation, role=Role.ADMINISTRATOR).user
        assert services.undo(actor=lead, verdict=verdict).leased_by == lead

    def test_an_unsure_that_is_undone_asks_for_no_second_look(self, brand, monitor):
        flag = services.undo(actor=monitor, verdict=decide(raised(brand), monitor, VerdictKind.UNSURE))
        services.release(actor=monitor, flag=flag)
        flag.refresh_from_db()
        assert flag.state == FlagState.NEW

    def test_it_does_not_pull_the_flag_from_another_s_hands(self, brand, monitor, colleague):
        verdict = decide(raised(brand), monitor, VerdictKind.UNSURE)
        services.lease_next(actor=colleague)
        with pytest.raises(LeaseLost) as lost:
            services.undo(actor=monitor, verdict=verdict)
        assert lost.value.holder == colleague
        verdict.refresh_from_db()
        assert verdict.state == VerdictState.STANDING

    def test_undone_once_is_undone(self, brand, monitor):
        verdict = decide(raised(brand), monitor)
        services.undo(actor=monitor, verdict=verdict)
        with pytest.raises(UndoClosed):
            services.undo(actor=monitor, verdict=verdict)


def test_somebody_in_two_organisations_decides_only_where_they_may(brand):
    other = OrganisationFactory()
    person = UserFactory()
    MembershipFactory(user=person, organisation=brand.organisation, role=Role.BRAND_OWNER)
    MembershipFactory(user=person, organisation=other, role=Role.MONITOR)
    raised(brand)
    own = FlagFactory(brand=BrandFactory(organisation=other), probability=0.6)
    assert services.lease_next(actor=person).pk == own.pk


def test_a_match_without_signals_has_a_reason_too(brand, monitor):
    listing = ListingFactory()
    bare = attrs.evolve(a_match(str(brand.pk)), signals=(), without={})
    flag = services.raise_flag(listing=listing, brand=brand, match=bare, capture=CaptureFactory(listing=listing))
    assert decide(flag, monitor).reason == services.OTHER_REASON
