"""What was read in pictures, and what pictures conceal, stands over them."""

import pytest
from PIL import ImageDraw

from contracts.match import Ground, Match, Region, Sentence, Signal
from registry.models import ReferenceImage
from tests.browser.conftest import bottle, store
from tests.browser.test_review import look
from tests.factories import CaptureFactory, ListingFactory, ListingImageFactory, SightingFactory
from triage import services

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSTILE = "<b onclick=alert(1)>하늘빛</b>"
SAID = Sentence(en="What was seen.", ko="본 것입니다.")


@pytest.fixture
def hiding(seeded, settings):
    """Add a flag on a listing whose picture names the mark in words of its own and hides it on the label."""
    reference = ReferenceImage.objects.get()
    picture = bottle("#efe9df", "", sticker="하늘빛")
    ImageDraw.Draw(picture).rectangle((215, 330, 385, 375), fill="#f7f5ef")
    sha256 = store(settings, picture)
    listing = ListingFactory(market="ebay", site="DE", title="Dewy face serum", price="3.90", currency="EUR")
    SightingFactory(listing=listing, organisation=reference.brand.organisation)
    ListingImageFactory(listing=listing, sha256=sha256, width=600, height=600)
    regions = {
        "text_in_image": Region(left=0.05, top=0.05, width=0.38, height=0.12),
        "concealment": Region(left=0.36, top=0.55, width=0.28, height=0.08),
    }
    signals = tuple(
        Signal(
            name=name,
            value=1.0,
            weight=weight,
            reason=SAID,
            compared_with=str(reference.pk),
            words=(HOSTILE,) if name == "text_in_image" else (),
            listing_image=sha256,
            listing_region=regions[name],
        )
        for name, weight in (("text_in_image", 2.6), ("concealment", 2.4))
    )
    match = Match(
        brand_id=str(reference.brand_id), probability=0.99, ground=Ground.COUNTERFEIT, signals=signals, sentence=SAID
    )
    services.raise_flag(listing=listing, brand=reference.brand, match=match, capture=CaptureFactory(listing=listing))


def test_words_read_and_parts_hidden_stand_over_the_picture(hiding, logged_in):
    page = logged_in
    page.keyboard.press("r")
    page.wait_for_url("**/flags/*/")
    assert page.locator("#pair .frame-words").text_content() == HOSTILE
    assert page.locator("#pair b").count() == 0
    look(page, "words-read")

    page.keyboard.press("j")
    page.get_by_text("2 / 2").wait_for()
    assert page.locator("#pair .frame.hides").count() == 1
    assert page.locator("#pair .frame-words").count() == 0
    look(page, "part-hidden")
