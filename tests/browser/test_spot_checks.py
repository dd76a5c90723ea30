import pytest
from playwright.sync_api import expect

from contracts.verdict import VerdictKind
from tests.browser.test_review import look
from tests.factories import CaptureFactory, FlagFactory, ListingFactory, ListingImageFactory, VerdictFactory, a_match
from triage import services
from triage.models import Flag, SpotCheck, Verdict
from triage.states import FlagState, SpotCheckState, Stratum

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLES = ["Dew serum 50 ml for dry skin", "Haneulbit travel set, new in box", "Serum refill, 3 pieces"]


@pytest.fixture
def drawn(seeded, settings):
    """Put three unflagged listings before the monitor; ten more flags are decided already."""
    settings.SPOT_CHECKS_A_DAY = 3
    shown = Flag.objects.first()
    for number, title in enumerate(TITLES):
        listing = ListingFactory(market="shopee", site="TH", title=title, price="189.00", currency="THB")
        for image in shown.listing.images.all():
            ListingImageFactory(
                listing=listing, position=image.position, sha256=image.sha256, width=600, height=600, url=image.url
            )
        services.put_spot_check(
            listing=listing, brand=shown.brand, match=a_match(str(shown.brand.pk), 0.31),
            capture=CaptureFactory(listing=listing), stratum=Stratum.NEAR, inclusion=0.2, place=number / 10,
        )  # fmt: skip
    for number in range(10):
        listing = ListingFactory(market="ebay" if number % 2 else "shopee")
        flag = FlagFactory(brand=shown.brand, listing=listing, state=FlagState.DECIDED)
        VerdictFactory(flag=flag, by=seeded, kind="counterfeit" if number % 5 else "genuine")


def test_spot_checks_are_judged_by_key_and_tell_recall(drawn, logged_in):
    page = logged_in
    page.get_by_role("link", name="Spot check").click()
    expect(page.locator("h1")).to_have_text(TITLES[0])
    look(page, "spot-check")
    assert page.locator(".risk-number").count() == 0

    page.keyboard.press("j")
    expect(page.locator("#pair .number")).to_have_text("2 / 2")
    page.keyboard.press("3")
    expect(page.locator("h1")).to_have_text(TITLES[1])
    page.keyboard.press("1")
    expect(page.locator("h1")).to_have_text(TITLES[2])
    expect(page.locator("#live")).to_contain_text("Decided: Counterfeit.")
    look(page, "spot-check-next")
    assert Verdict.objects.first().kind == VerdictKind.COUNTERFEIT

    page.keyboard.press("3")
    expect(page.locator("h1")).to_have_text("No spot check waits for you today")
    look(page, "spot-checks-done")
    assert not SpotCheck.objects.exclude(state=SpotCheckState.JUDGED).exists()

    page.goto("/report/")
    expect(page.locator("#recall-heading")).to_be_visible()
    look(page, "report")
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("#recall-heading")).to_have_text("의심 건이 놓치는 것")
    look(page, "report-ko")
