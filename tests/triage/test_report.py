"""The report's figures, on verdicts whose answers were counted by hand; and who sees whose."""

import re

import pytest

from accounts.models import Role
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    MembershipFactory,
    VerdictFactory,
)
from triage.learning import cases_of
from triage.models import Flag, Weighting
from triage.report import Decided, Share, figures, report_page

pytestmark = pytest.mark.django_db


def decided(probability, *, right, **changes):
    signals = changes.pop("signals", {"mark": 1.0})
    return Decided(
        **{
            "probability": probability, "right": right,
            "reason": "price", "market": "ebay", "language": "en", "ground": "counterfeit", "signals": signals,
        } | changes
    )  # fmt: skip


HAND = [
    decided(0.55, right=False, market="shopee", language="th"),
    decided(0.55, right=True, signals={"mark": 1.0, "price": 2.0}),
    decided(0.92, right=True, signals={"price": 2.0}),
    decided(0.94, right=True, market="shopee", language="th"),
    decided(1.0, right=True, reason="wording_copy"),
]


def lines(found):
    """Bring lines to {label: (right, count)}, sentences in English."""
    return {
        line.label["en"] if isinstance(line.label, dict) else line.label: (line.share.right, line.share.count)
        for line in found
    }


def test_figures_counted_by_hand():
    page = figures(HAND, 0.5, unsure=2)

    assert (page.overall.right, page.overall.count, page.overall.value, page.unsure) == (4, 5, 0.8, 2)
    assert [(bin_.low, bin_.share.right, bin_.share.count) for bin_ in page.bins] == [
        (0.5, 1, 2),
        (0.9, 2, 2),
        (0.95, 1, 1),
    ]
    assert page.bins[1].predicted == pytest.approx(0.93)
    assert lines(page.markets) == {"eBay": (3, 3), "Shopee": (1, 2)}
    assert lines(page.languages) == {"en": (3, 3), "th": (1, 2)}
    assert lines(page.signals) == {"Mark in words": (3, 4), "Price": (2, 2)}
    assert lines(page.reasons) == {"Price": (3, 4), "Admits a copy": (1, 1)}
    # ln(1/0.45) + ln(1/0.55) + ln(1/0.92) + ln(1/0.94) + 0, over five
    assert page.log_loss == pytest.approx((0.7985 + 0.5978 + 0.0834 + 0.0619) / 5, abs=1e-3)


def test_a_signal_decides_where_the_flag_falls_below_the_threshold_without_it():
    page = figures(HAND, 0.5)
    # 0.55 is log-odds 0.2: any signal of 1.0 or more decides; 0.92 is 2.44, which a price of 2.0 does not.
    assert {line.label["en"]: line.decisive for line in page.signals} == {"Mark in words": 2, "Price": 1}


def test_nothing_decided_gives_no_figures():
    page = figures([], 0.5)
    assert (page.overall.value, page.log_loss, page.bins) == (None, None, [])
    assert page.overall.interval == (0.0, 1.0)


def test_wilsons_interval():
    low, high = Share(right=8, count=10).interval
    assert (round(low, 3), round(high, 3)) == (0.49, 0.943)  # the textbook's
    assert Share(right=10, count=10).interval[1] == 1.0


@pytest.fixture
def brand():
    return BrandFactory(organisation__slug="own")


def verdict(brand, kind="counterfeit", **changes):
    listing = ListingFactory(**changes)
    flag = FlagFactory(brand=brand, listing=listing, capture=CaptureFactory(listing=listing))
    return VerdictFactory(flag=flag, capture=flag.capture, kind=kind)


def test_everybody_sees_the_figures_of_their_own_organisations_alone(brand):
    verdict(brand)
    verdict(brand, kind="genuine")
    verdict(brand, kind="unsure")
    verdict(BrandFactory())

    page = report_page(user=MembershipFactory(organisation=brand.organisation).user, threshold=0.5)

    assert (page.overall.right, page.overall.count, page.unsure) == (1, 2, 1)
    assert report_page(user=MembershipFactory().user, threshold=0.5).overall.count == 0


def test_a_verdict_about_content_that_changed_since_says_nothing_of_the_new_match(brand):
    kept, changed = verdict(brand), verdict(brand)
    Flag.objects.filter(pk=changed.flag_id).update(fingerprint="f" * 64, state="reopened")

    page = report_page(user=MembershipFactory(organisation=brand.organisation).user, threshold=0.5)

    assert page.overall.count == 1
    assert [case.at for case in cases_of(brand.organisation)] == [kept.at]


def learned(brand, **changes):
    figures_ = {"log_loss": 0.4, "precision": 0.9, "recall": 1.0, "cases": 20}
    report = {"before": figures_, "after": figures_, "against": "house-2"}
    given = {"version": "own-1", "prior": -3.5, "factors": {"price": 0.5}, "report": report, "verdicts": 80}
    return Weighting.objects.create(organisation=brand.organisation, **(given | changes))


def test_the_page_takes_a_fixed_number_of_reads(client, brand, django_assert_num_queries):
    client.force_login(MembershipFactory(organisation=brand.organisation, role=Role.ADMINISTRATOR).user)
    for number in range(5):
        verdict(brand)
        learned(brand, version=f"own-{number}")
    # session and user, verdicts, weights, words, roles, spot checks, their verdicts
    with django_assert_num_queries(8):
        assert client.get("/report/").status_code == 200


@pytest.mark.parametrize(("language", "words"), [("en", "unknown"), ("ko", "알 수 없음")])
def test_the_page_says_once_in_both_languages_that_recall_is_unknown(client, brand, language, words):
    client.force_login(MembershipFactory(organisation=brand.organisation).user)
    verdict(brand)
    page = client.get("/report/", headers={"accept-language": language}).content.decode()
    assert len(re.findall(rf"<dd>\s*{words}\s*</dd>", page)) == 1
    assert len(re.findall(rf">\s*{words}\s*<", page)) == 1
    assert "<circle" in page


def test_a_language_is_one_that_is_known_or_not_told(brand):
    for told in ("pt-BR", "x" * 5000, "<b>"):
        listing = ListingFactory()
        flag = FlagFactory(
            brand=brand, listing=listing, capture=CaptureFactory(listing=listing, data={"language": told})
        )
        VerdictFactory(flag=flag)

    page = report_page(user=MembershipFactory(organisation=brand.organisation).user, threshold=0.5)

    assert lines(page.languages) == {"pt": (1, 1), "": (2, 2)}


def test_an_administrator_decides_about_weights_on_the_page(client, brand):
    weighting = learned(brand)
    client.force_login(MembershipFactory(organisation=brand.organisation, role=Role.ADMINISTRATOR).user)
    address = f"/report/weights/{weighting.pk}"
    for step, state in (("use", "active"), ("house", "retired"), ("use", "active")):
        assert client.post(address, {"step": step}).status_code == 302
        weighting.refresh_from_db()
        assert weighting.state == state


@pytest.mark.parametrize("step", ["usee", ""])
def test_an_unknown_step_changes_nothing(client, brand, step):
    used, proposed = learned(brand, state="active"), learned(brand, version="own-2")
    client.force_login(MembershipFactory(organisation=brand.organisation, role=Role.ADMINISTRATOR).user)
    assert client.post(f"/report/weights/{proposed.pk}", {"step": step}).status_code == 400
    used.refresh_from_db()
    assert used.state == "active"


@pytest.mark.parametrize(
    ("step", "said"), [("use", "these weights"), ("reject", "Turned down"), ("house", "the house’s weights")]
)
def test_each_step_says_what_it_did(client, brand, step, said):
    weighting = learned(brand)
    client.force_login(MembershipFactory(organisation=brand.organisation, role=Role.ADMINISTRATOR).user)
    answer = client.post(f"/report/weights/{weighting.pk}", {"step": step}, follow=True)
    assert [said in str(message) for message in answer.context["messages"]] == [True]


def test_nobody_else_does(client, brand):
    weighting = learned(brand)
    client.force_login(MembershipFactory(organisation=brand.organisation).user)
    assert client.post(f"/report/weights/{weighting.pk}", {"step": "use"}).status_code == 403
    client.force_login(MembershipFactory(role=Role.ADMINISTRATOR).user)
    assert client.post(f"/report/weights/{weighting.pk}", {"step": "use"}).status_code == 404
