"""Reviews that call the goods a fake, and those that only name the word."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.listing import MOST_REVIEWS, Listing
from contracts.match import BrandProfile, Ground, Mark, ReferenceProduct, Spelling
from matchers import weights
from matchers.judge import judge

BRAND = BrandProfile(
    brand_id="haneulbit",
    name="Haneulbit",
    marks=(Mark(mark_id="m", spellings=(Spelling(text="Haneulbit"),)),),
    products=(
        ReferenceProduct(product_id="serum", name="Haneulbit Cica Serum 50 ml", price=Decimal(40000), currency="KRW"),
    ),
)


def ask(*reviews, site="US"):
    offer = Listing(market="ebay", site=site, title="Haneulbit Cica Serum 50 ml", reviews=reviews)
    return judge(offer, BRAND, today=date(2026, 11, 23))


def fake(match):
    return next((signal for signal in match.signals if signal.name == "reviews_say_fake"), None)


@pytest.mark.parametrize(
    ("review", "site"),
    [
        ("This is a fake, it smells of glue.", "US"),
        ("Obvious counterfeit. Do you know a better shop?", "US"),
        ("Fake. It is not the original!", "US"),
        ("짝퉁이에요, 정품이 아닙니다", "KR"),
        ("是高仿", "CN"),
        ("ได้ของปลอมมา", "TH"),
    ],
)
def test_a_buyer_who_calls_it_a_fake_is_heard(review, site):
    match = ask("Arrived quickly", review, site=site)
    signal = fake(match)
    assert signal.words
    assert "1 of 2" in signal.reason.en
    assert "2건 중 1건" in signal.reason.ko
    assert match.probability < weights.QUEUE  # one is not enough


@pytest.mark.parametrize(
    "review",
    [
        "Not fake, I checked the code",
        "Thought it was a fake, but it is 100% authentic",
        "가품인 줄 알았는데 정품이네요",
        "Is this a fake?",
        "Beware of fakes, buy here",
        "Lovely with my fake lashes",
        "Great serum",
        "",
        "\ud800" * 500,
    ],
)
def test_a_buyer_who_only_names_the_word_is_not(review):
    assert fake(ask(review, "fine")) is None


def test_several_buyers_weigh_more_and_one_among_many_little():
    fine = ["Great serum"] * 8
    one, alone, several = ask("It is a fake", *fine), ask("It is a fake"), ask(*["It is a fake"] * 6, *fine)
    assert fake(one).weight < fake(alone).weight < fake(several).weight
    assert several.probability >= weights.QUEUE
    assert several.ground is Ground.COUNTERFEIT


def test_only_so_many_reviews_are_read():
    assert fake(ask(*["Great serum"] * MOST_REVIEWS, "It is a fake")) is None


def test_reviews_are_stored_with_the_listing_and_are_no_change_of_it():
    plain = Listing(market="ebay", title="Haneulbit serum")
    told = Listing(market="ebay", title="Haneulbit serum", reviews=("It is a fake",))
    assert Listing.from_json(told.to_json()) == told
    assert "reviews" not in plain.to_json()
    assert told.fingerprint() == plain.fingerprint()
