"""Titles that say the same, and what a listing that repeats a decided counterfeit is held to be."""

from datetime import date
from decimal import Decimal

import attrs
import pytest

from contracts.listing import Listing
from contracts.match import (
    BrandProfile,
    Ground,
    Mark,
    PictureMatch,
    PictureRelation,
    ReferencePicture,
    ReferenceProduct,
    Relisted,
    Sentence,
    Spelling,
)
from matchers import weights
from matchers.judge import Judge
from matchers.relisting import comparable, same_words

TITLE = "Haneulbit dew serum 50 ml, night market bargain"


@pytest.mark.parametrize(
    "other",
    [
        TITLE,
        TITLE.upper() + "  !",
        TITLE + " fast shipping",
        "HOT: " + TITLE,
        TITLE.replace("e", "\u200be"),
        TITLE.replace("bargain", "bargian"),
    ],
)
def test_a_title_is_known_again_in_other_dress(other):
    assert same_words(comparable(TITLE), comparable(other))


@pytest.mark.parametrize(
    "other",
    [
        "",
        "Haneulbit dew serum",  # too short to tell
        "Haneulbit moon cream 75 ml, department store gift",
        TITLE + " and very many other things that this parcel holds besides, all of them shown below",
        "\ud800" * 10_000,
    ],
)
def test_another_title_is_another(other):
    assert not same_words(comparable(TITLE), comparable(other))


PHOTO = ReferencePicture(image_id="photo", sha256="a" * 64, kind="product", product_id="serum")
BRAND = BrandProfile(
    brand_id="haneulbit",
    name="Haneulbit",
    marks=(Mark(mark_id="m", spellings=(Spelling(text="Haneulbit"),)),),
    products=(
        ReferenceProduct(product_id="serum", name="Haneulbit Cica Serum 50 ml", price=Decimal(40000), currency="KRW"),
    ),
    pictures=(PHOTO,),
)
OFFICIAL = PictureMatch(
    listing_sha256="c" * 64,
    reference=PHOTO,
    relation=PictureRelation.COPY,
    score=0.97,
    evidence=Sentence(en="PDQ distance 12 of 256.", ko="PDQ 거리 256 중 12."),
)
EARLIER = Relisted(listing="ebay 1", decided_on=date(2026, 11, 2))
SOLD_BEFORE = "Haneulbit Cica Serum 50ml night market bargain, ask for more colours"


def repeats(words, *, beside=(), **earlier):
    offer = Listing(market="ebay", site="US", title=words, price=Decimal(26), currency="USD")
    relists = {"haneulbit": [attrs.evolve(EARLIER, **earlier)]} if earlier else {}
    judge = Judge([BRAND], today=date(2026, 11, 23))
    return judge.judge(offer, pictures={"haneulbit": beside}, relists=relists)[0]


def signal_of(match, name):
    return next((signal for signal in match.signals if signal.name == name), None)


@pytest.mark.parametrize("earlier", [{"title": SOLD_BEFORE}, {"pictures": ("c" * 64,)}])
def test_an_offer_that_was_decided_to_be_a_counterfeit_is_known_again(earlier):
    match = repeats(SOLD_BEFORE, **earlier)
    signal = signal_of(match, "relist")
    assert repeats(SOLD_BEFORE).probability < weights.QUEUE <= match.probability
    assert match.ground is Ground.COUNTERFEIT
    assert "ebay 1" in signal.reason.en
    assert "2026-11-02" in signal.reason.ko
    assert signal.listing_image == (earlier.get("pictures") or [None])[0]
    both = repeats(SOLD_BEFORE, title=SOLD_BEFORE, pictures=("c" * 64,))
    assert both.probability > match.probability


def test_an_offer_repeated_without_its_name_is_spoken_of_but_not_by_itself_enough():
    match = repeats("Glow serum for the night", pictures=("c" * 64,))
    assert signal_of(match, "relist") is not None
    assert match.probability < weights.QUEUE


@pytest.mark.parametrize("earlier", ["Haneulbit Cica Serum 50 ml", SOLD_BEFORE])
@pytest.mark.parametrize("title", ["Haneulbit Cica Serum 50 ml", "Haneulbit Cica Serum 50 ml factory sealed box"])
def test_a_title_that_says_what_the_product_is_belongs_to_everybody(title, earlier):
    telling = earlier is SOLD_BEFORE and "factory" in title
    assert (signal_of(repeats(title, title=earlier), "relist") is not None) is telling


def test_the_brands_own_photo_belongs_to_everybody():
    assert signal_of(repeats(SOLD_BEFORE, beside=[OFFICIAL], pictures=("c" * 64,)), "relist") is None
