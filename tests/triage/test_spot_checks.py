"""Spot checks from the draw to the verdict: who is drawn, who may judge, what follows, what the pages give away."""

import re
from datetime import timedelta

import attrs
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Role
from accounts.permissions import NotAllowed
from contracts.errors import BadInput
from contracts.verdict import VerdictKind
from listings.models import Listing
from tests.factories import (
    NOON,
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    ListingImageFactory,
    MarkFactory,
    MembershipFactory,
    ReferenceImageFactory,
    SightingFactory,
    SpellingFactory,
    SpotCheckFactory,
    a_match,
    sha,
)
from triage import sampling, services
from triage.errors import CheckClosed
from triage.matching import Matching, match_listings
from triage.models import Flag, SpotCheck, Verdict
from triage.sampling import INCLUSION, Sampling, draw, number_of, stratum_of
from triage.states import FlagState, SpotCheckState, Stratum, VerdictState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on(settings):
    settings.SPOT_CHECKS_A_DAY = 10


@pytest.fixture
def everything_drawn(monkeypatch):
    monkeypatch.setattr(sampling, "INCLUSION", dict.fromkeys(Stratum, 1.0))


class TestDrawing:
    @pytest.mark.parametrize(
        ("probability", "stratum"),
        [(0.49, Stratum.NEAR), (0.25, Stratum.NEAR), (0.24, Stratum.MIDDLE), (0.05, Stratum.MIDDLE), (0.04, "bottom")],
    )
    def test_strata_lie_below_the_threshold(self, settings, probability, stratum):
        assert stratum_of(a_match("1", probability)) == stratum
        settings.QUEUE_THRESHOLD = 1.0
        assert stratum_of(a_match("1", 2 * probability)) == stratum

    def test_where_nothing_speaks_of_the_brand_the_stratum_is_silent(self):
        assert stratum_of(attrs.evolve(a_match("1", 0.4), signals=())) == Stratum.SILENT

    def test_a_pair_has_its_number_for_good_and_the_numbers_spread_evenly(self, brand):
        listings = [Listing(market="ebay", listing_id=str(number)) for number in range(4000)]
        numbers = [number_of(listing, brand) for listing in listings]
        assert numbers == [number_of(listing, brand) for listing in listings]
        assert len(set(numbers)) == 4000
        for low in (0, 0.25, 0.5, 0.75):
            assert abs(sum(low <= number < low + 0.25 for number in numbers) / 1000 - 1) < 0.1
        other = BrandFactory()
        shared = sum(
            number < 0.2 and number_of(listing, other) < 0.2 for number, listing in zip(numbers, listings, strict=True)
        )
        assert abs(shared / 160 - 1) < 0.35  # one brand's draw says nothing about another's

    def test_as_many_are_drawn_as_the_inclusion_says_in_an_order_that_is_even_too(self, brand):
        drawn = [
            draw(Listing(market="ebay", listing_id=str(number)), brand, a_match("1", 0.4)) for number in range(4000)
        ]
        places = [one.place for one in drawn if one is not None]
        assert abs(len(places) / 4000 - INCLUSION[Stratum.NEAR]) < 0.02
        assert abs(sum(places) / len(places) - 0.5) < 0.05
        assert all(0 <= place < 1 for place in places)

    def test_who_is_drawn_in_a_rare_stratum_is_drawn_in_a_common_one_too(self, brand):
        for number in range(2000):
            listing = Listing(market="ebay", listing_id=str(number))
            if draw(listing, brand, a_match("1", 0.01)):
                assert draw(listing, brand, a_match("1", 0.4))


def seen(brand, title, price="21.00"):
    listing = ListingFactory(title=title, price=price)
    CaptureFactory(listing=listing)
    SightingFactory(listing=listing, organisation=brand.organisation)
    return listing


@pytest.fixture
def haneulbit(brand):
    SpellingFactory(mark=MarkFactory(brand=brand, text="Haneulbit"), text="하늘빛", script="Hang")
    return brand


class TestMatching:
    def test_what_is_not_flagged_is_drawn_and_what_is_flagged_is_not(self, haneulbit, everything_drawn):
        fake = seen(haneulbit, "Haneulbit dew serum 1:1 mirror quality replica", "2.10")
        plain, silent = seen(haneulbit, "Haneulbit dew serum 50 ml"), seen(haneulbit, "Garden hose 20 m")
        foreign = ListingFactory(title="Haneulbit dew serum 50 ml")
        CaptureFactory(listing=foreign)

        match_listings(Listing.objects.all())

        assert [flag.listing for flag in Flag.objects.all()] == [fake]
        strata = {check.listing_id: check.stratum for check in SpotCheck.objects.all()}
        assert strata == {plain.pk: Stratum.MIDDLE, silent.pk: Stratum.SILENT}
        check = SpotCheck.objects.get(listing=plain)
        assert check.match["signals"][0]["name"] == "mark"
        assert (check.fingerprint, check.capture) == (plain.fingerprint, plain.captures.get())

    def test_matching_again_changes_nothing(self, haneulbit, everything_drawn):
        seen(haneulbit, "Haneulbit dew serum 50 ml")
        match_listings(Listing.objects.all())
        before = list(SpotCheck.objects.values())
        match_listings(Listing.objects.all())
        assert list(SpotCheck.objects.values()) == before
        assert AuditEvent.objects.filter(verb="spot_check.drawn").count() == 1

    def test_turned_off_nothing_is_drawn_and_nothing_is_read(self, haneulbit, settings, django_assert_num_queries):
        settings.SPOT_CHECKS_A_DAY = 0
        listing = seen(haneulbit, "Haneulbit dew serum 50 ml")
        with django_assert_num_queries(0):
            Sampling([listing]).take(listing, haneulbit, a_match(probability=0.4), None)

    def test_a_batch_costs_one_read_whatever_is_in_it(self, haneulbit, settings, monkeypatch):
        monkeypatch.setattr(sampling, "INCLUSION", dict.fromkeys(Stratum, 0.0))
        for number in range(6):
            seen(haneulbit, f"Haneulbit dew serum {number}")
        matching = Matching([haneulbit])
        match_listings(Listing.objects.all(), matching=matching)
        counts = []
        for a_day in (0, 5):
            settings.SPOT_CHECKS_A_DAY = a_day
            with CaptureQueriesContext(connection) as counted:
                match_listings(Listing.objects.all(), matching=matching)
            counts.append(len(counted))
        assert counts[1] - counts[0] == 1

    def test_what_comes_to_be_flagged_waits_no_longer(self, haneulbit, everything_drawn):
        listing = seen(haneulbit, "Haneulbit dew serum 50 ml")
        match_listings(Listing.objects.all())
        Listing.objects.update(title="Haneulbit replica 1:1", fingerprint=sha("new"))
        listing.refresh_from_db()
        listing.data["title"] = listing.title
        listing.save()
        CaptureFactory(listing=listing)

        match_listings(Listing.objects.all())

        assert Flag.objects.count() == 1
        assert SpotCheck.objects.get().state == SpotCheckState.WITHDRAWN

    def test_changed_content_below_the_threshold_is_drawn_anew(self, haneulbit, everything_drawn):
        check = put(haneulbit)
        SpotCheck.objects.update(state=SpotCheckState.WITHDRAWN)
        again = put(haneulbit, check.listing, fingerprint=sha("new"))
        assert (again.pk, again.state, again.fingerprint) == (check.pk, SpotCheckState.WAITING, sha("new"))

    def test_a_score_that_moves_to_a_rarer_stratum_leaves_the_sample(self, haneulbit, monkeypatch):
        check = put(haneulbit)
        monkeypatch.setattr(sampling, "INCLUSION", dict.fromkeys(Stratum, 0.0))
        Sampling([check.listing]).take(check.listing, haneulbit, a_match(probability=0.04), check.capture)
        check.refresh_from_db()
        assert check.state == SpotCheckState.WITHDRAWN

    def test_what_was_judged_is_never_drawn_again(self, haneulbit, monitor, everything_drawn):
        check = put(haneulbit)
        judge(check, monitor, VerdictKind.GENUINE)
        taken = Sampling([check.listing])
        taken.take(check.listing, haneulbit, a_match(probability=0.3), CaptureFactory(listing=check.listing))
        assert put(haneulbit, check.listing) is None
        check.refresh_from_db()
        assert (check.state, check.match["probability"]) == (SpotCheckState.JUDGED, 0.4)


def put(brand, listing=None, probability=0.4, stratum=Stratum.NEAR, place=0.5, **changes):
    listing = listing or ListingFactory()
    return services.put_spot_check(
        listing=listing,
        brand=brand,
        match=a_match(str(brand.pk), probability),
        capture=CaptureFactory(listing=listing, **changes),
        stratum=stratum,
        inclusion=0.2,
        place=place,
    )


def judge(check, actor, kind=VerdictKind.COUNTERFEIT, **more):
    return services.judge_spot_check(
        actor=actor, check=check, kind=kind, seen_fingerprint=more.pop("seen", check.fingerprint), **more
    )


class TestJudging:
    def test_a_counterfeit_becomes_an_ordinary_flag_with_its_verdict(self, brand, monitor):
        check = put(brand)

        verdict = judge(check, monitor, note="label glued on")

        check.refresh_from_db()
        flag = check.flag
        assert (check.state, flag.state, flag.probability) == (SpotCheckState.JUDGED, FlagState.DECIDED, 0.4)
        assert (flag.match, flag.fingerprint, flag.capture) == (check.match, check.fingerprint, check.capture)
        assert (verdict.flag, verdict.kind, verdict.by, verdict.note) == (
            flag,
            "counterfeit",
            monitor,
            "label glued on",
        )
        assert verdict.reason == services.OTHER_REASON  # no signal decided: none was shown
        verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs == ["spot_check.drawn", "flag.raised", "flag.leased", "flag.decided"]

    def test_unsure_asks_another_person(self, brand, monitor, colleague):
        judge(put(brand), monitor, VerdictKind.UNSURE)
        assert services.lease_next(actor=monitor) is None
        flag = services.lease_next(actor=colleague)
        services.decide(actor=colleague, flag=flag, kind="genuine", seen_fingerprint=flag.fingerprint)
        assert Verdict.objects.get(state=VerdictState.STANDING).kind == VerdictKind.GENUINE

    def test_a_verdict_is_taken_back_like_any_other(self, brand, monitor):
        flag = services.undo(actor=monitor, verdict=judge(put(brand), monitor))
        assert (flag.state, flag.leased_by) == (FlagState.LEASED, monitor)

    def test_of_two_people_one_is_told_that_the_other_was_faster(self, brand, monitor, colleague):
        check = put(brand)
        judge(check, colleague, VerdictKind.GENUINE)
        with pytest.raises(CheckClosed):
            judge(check, monitor)
        assert Verdict.objects.get().by == colleague

    def test_content_that_changed_is_not_judged_unseen(self, brand, monitor):
        check = put(brand)
        with pytest.raises(CheckClosed):
            judge(check, monitor, seen=sha("older"))
        check.refresh_from_db()
        assert check.state == SpotCheckState.WAITING
        assert not Flag.objects.exists()

    def test_what_was_flagged_meanwhile_is_left_to_the_queue(self, brand, monitor):
        check = put(brand)
        flag = FlagFactory(brand=brand, listing=check.listing, capture=check.capture)
        with pytest.raises(CheckClosed):
            judge(check, monitor)
        check.refresh_from_db()
        flag.refresh_from_db()
        assert (check.state, check.judged_at, flag.state) == (SpotCheckState.WITHDRAWN, None, FlagState.NEW)
        assert AuditEvent.objects.filter(verb="spot_check.withdrawn", subject_id=str(check.pk)).count() == 1
        assert services.next_spot_check(actor=monitor) is None

    def test_nonsense_decides_nothing(self, brand, monitor):
        check = put(brand)
        with pytest.raises(BadInput):
            judge(check, monitor, "fake")
        check.refresh_from_db()
        assert check.state == SpotCheckState.WAITING

    def test_only_who_decides_judges(self, brand):
        check = put(brand)
        owner = MembershipFactory(organisation=brand.organisation, role=Role.BRAND_OWNER).user
        stranger = MembershipFactory(role=Role.ADMINISTRATOR).user
        for actor in (owner, stranger, None):
            with pytest.raises(NotAllowed):
                judge(check, actor)
        with pytest.raises(NotAllowed):
            services.next_spot_check(actor=owner)


class TestTurns:
    def test_strata_take_turns_and_within_one_the_place_decides(self, brand, monitor):
        for stratum in Stratum:
            for place in (0.9, 0.1, 0.5, 0.3, 0.7, 0.2):
                put(brand, stratum=stratum, place=place)
        shown = []
        while (check := services.next_spot_check(actor=monitor)) is not None:
            shown.append((check.stratum, check.place))
            judge(check, monitor, VerdictKind.GENUINE)
        assert len(shown) == 10
        assert [sum(stratum == name for name, _ in shown) for stratum in Stratum] == [5, 3, 1, 1]
        near = [place for stratum, place in shown if stratum == Stratum.NEAR]
        assert near == [0.1, 0.2, 0.3, 0.5, 0.7]

    def test_a_day_has_its_share_for_each_organisation_and_the_next_has_another(self, brand, monitor, settings):
        settings.SPOT_CHECKS_A_DAY = 2
        other = BrandFactory()
        MembershipFactory(user=monitor, organisation=other.organisation)
        with time_machine.travel(NOON, tick=False) as clock:
            for owner in (brand, other):
                for _ in range(5):
                    put(owner)
            for day in (1, 2):
                while (check := services.next_spot_check(actor=monitor)) is not None:
                    judge(check, monitor, VerdictKind.GENUINE)
                for owner in (brand, other):
                    assert SpotCheck.objects.filter(brand=owner, state=SpotCheckState.JUDGED).count() == 2 * day
                clock.shift(timedelta(days=1))

    def test_nobody_is_shown_another_organisations(self, monitor):
        put(BrandFactory())
        assert services.next_spot_check(actor=monitor) is None

    def test_finding_the_next_costs_three_reads(self, brand, monitor, django_assert_num_queries):
        for _ in range(9):
            put(brand)
        with django_assert_num_queries(3):
            assert services.next_spot_check(actor=monitor)


class TestPages:
    @pytest.fixture
    def visitor(self, client, monitor):
        client.force_login(monitor)
        return client

    def test_judging_walks_from_one_to_the_next_until_the_day_is_done(self, visitor, brand, settings):
        settings.SPOT_CHECKS_A_DAY = 2
        first, second = put(brand, place=0.1), put(brand, place=0.2)
        put(brand, place=0.3)
        assert "/spot-checks/" in visitor.get("/").content.decode()
        assert visitor.get("/spot-checks/").url == f"/spot-checks/{first.pk}/"
        for check in (first, second):
            answer = visitor.post(f"/spot-checks/{check.pk}/judge", {"kind": "genuine", "seen": check.fingerprint})
            assert answer.url == "/spot-checks/"
        assert "No spot check waits for you today" in visitor.get("/spot-checks/").content.decode()
        assert visitor.get(f"/spot-checks/{first.pk}/").url == f"/flags/{Flag.objects.get(listing=first.listing).pk}/"

    @pytest.mark.parametrize(("language", "word"), [("en", "Spot check"), ("ko", "표본 점검")])
    def test_the_page_says_nothing_of_what_the_matchers_think(self, visitor, brand, language, word):
        check = put(brand, probability=0.4321)
        page = visitor.get(f"/spot-checks/{check.pk}/", headers={"accept-language": language}).content.decode()
        assert word in page
        for told in ("43", "mirror quality is seller slang", "<mark>", "The title carries"):
            assert told not in re.sub(r'(href|action|value|src)="[^"]*"|400000\d+', "", page)

    def test_every_verdict_has_its_key(self, visitor, brand):
        page = visitor.get(f"/spot-checks/{put(brand).pk}/").content.decode()
        for number, kind in enumerate(VerdictKind, start=1):
            assert re.search(rf'value="{kind}"[^>]*data-key="Digit{number}"', page)

    def test_the_page_costs_a_fixed_number_of_reads(self, visitor, brand, django_assert_num_queries):
        for count in (1, 6):
            check = put(brand)
            for number in range(count):
                ListingImageFactory(listing=check.listing, position=number, sha256=sha(f"{check.pk} {number}"))
                ReferenceImageFactory(brand=brand, sha256=sha(f"registered {check.pk} {number}"))
            with django_assert_num_queries(9):  # session, user, check, permission, pool, pictures, products, last
                assert visitor.get(f"/spot-checks/{check.pk}/").status_code == 200

    def test_the_screenshot_of_another_is_neither_linked_nor_shown(self, visitor, brand):
        check = put(brand)
        type(check.capture).objects.filter(pk=check.capture_id).update(screenshot_sha256=sha("their screen"))
        SightingFactory(listing=check.listing, organisation=brand.organisation, source="pool")
        page = visitor.get(f"/spot-checks/{check.pk}/").content.decode()
        assert "A watch of another organisation in the pool" in page
        assert sha("their screen") not in page
        assert visitor.get(f"/spot-checks/{check.pk}/pictures/{sha('their screen')}").status_code == 404

    def test_hostile_words_stay_words(self, visitor, brand):
        hostile = "<script>alert(1)</script> Haneulbit \u202egnp.1:1 {{ 7|add:7 }}"
        check = put(brand, ListingFactory(title=hostile))
        page = visitor.get(f"/spot-checks/{check.pk}/").content.decode()
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert "&lt;script&gt;" in page

    def test_a_refusal_is_worded(self, visitor, brand):
        check = put(brand)
        answer = visitor.post(f"/spot-checks/{check.pk}/judge", {"kind": "genuine", "seen": "other"}, follow=True)
        assert "changed, was flagged or was judged" in answer.content.decode()
        answer = visitor.post(f"/spot-checks/{check.pk}/judge", {"kind": "x", "seen": check.fingerprint}, follow=True)
        assert "expected one of" in answer.content.decode()

    @pytest.mark.parametrize("address", ["", "judge", "pictures/" + "a" * 64])
    def test_strangers_see_none_and_brand_owners_may_not(self, client, brand, address):
        check = SpotCheckFactory(brand=brand)
        method = client.post if address == "judge" else client.get
        assert method(f"/spot-checks/{check.pk}/{address}").status_code == 302  # log in first
        client.force_login(MembershipFactory(role=Role.ADMINISTRATOR).user)
        assert method(f"/spot-checks/{check.pk}/{address}").status_code == 404
        client.force_login(MembershipFactory(organisation=brand.organisation, role=Role.BRAND_OWNER).user)
        assert method(f"/spot-checks/{check.pk}/{address}").status_code == 403
        assert client.get("/spot-checks/").status_code == 403

    def test_judging_takes_a_token(self, monitor, brand):
        client = Client(enforce_csrf_checks=True)
        client.force_login(monitor)
        assert client.post(f"/spot-checks/{put(brand).pk}/judge", {"kind": "genuine"}).status_code == 403

    def test_turned_off_the_queue_does_not_offer_them(self, visitor, settings):
        settings.SPOT_CHECKS_A_DAY = 0
        assert "/spot-checks/" not in visitor.get("/").content.decode()

    @pytest.mark.parametrize(("language", "words"), [("en", "What the flags miss"), ("ko", "의심 건이 놓치는 것")])
    def test_the_report_tells_recall(self, visitor, brand, monitor, language, words):
        for _ in range(4):
            judge(put(brand), monitor, VerdictKind.GENUINE)
        judge(put(brand), monitor)
        flag = services.lease(actor=monitor, flag=FlagFactory(brand=brand))
        services.decide(actor=monitor, flag=flag, kind="counterfeit", seen_fingerprint=flag.fingerprint)
        page = visitor.get("/report/", headers={"accept-language": language}).content.decode()
        assert words in page
        assert page.count("<strong>17 %</strong>") == 3  # 1 found, 5 missed: in all, on eBay, in the table's last line
        assert visitor.get("/report/").context["page"].overall.count == 1  # spot checks are no flags of the matchers
