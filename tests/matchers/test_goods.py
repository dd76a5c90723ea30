"""Kinds of goods by their words, and the classes registered where they are sold."""

from datetime import date

import attrs
import pytest

from contracts.match import TrademarkRight
from matchers.goods import classes, kinds_of
from matchers.judge import judge
from tests.judged import BRAND, PHOTO, TODAY, offer, picture

EUTM = TrademarkRight(label="EU 1", office="EU", classes=(3,), registered_on=date(2020, 3, 1))
MADRID = TrademarkRight(
    label="WO 2", office="WO", classes=(3, 25), designations=("GB", "CN"), registered_on=date(2021, 1, 1)
)
ENDED = attrs.evolve(EUTM, label="US 3", office="US", expires_on=date(2025, 1, 1))
OWNER = attrs.evolve(BRAND, rights=(EUTM, MADRID, ENDED))


def seen(title, site, brand=OWNER, **more):
    return classes(offer(title, site=site, **more), brand, TODAY)


@pytest.mark.parametrize(
    ("title", "site", "within", "registered"),
    [
        ("Haneulbit serum 50 ml", "DE", True, (3,)),
        ("Haneulbit hoodie", "DE", False, (3,)),
        ("Haneulbit hoodie", "GB", True, (3, 25)),
        ("Haneulbit 정품", "CN", None, (3, 25)),
        ("Haneulbit serum", "US", None, ()),
        ("Haneulbit serum", "TH", None, ()),
    ],
)
def test_goods_lie_within_outside_or_unknown(title, site, within, registered):
    view = seen(title, site)

    assert (view.within, view.registered) == (within, registered)


def test_a_right_counts_where_and_while_it_is_in_force():
    assert seen("Haneulbit serum", "DE").rights == ("EU 1",)
    assert seen("Haneulbit serum", "GB").rights == ("WO 2",)
    assert not EUTM.in_force(date(2020, 2, 29), "DE")
    assert ENDED.in_force(date(2025, 1, 1), "US")
    assert not ENDED.in_force(date(2025, 1, 2), "US")


def test_nothing_is_said_without_rights_or_a_country():
    assert seen("Haneulbit serum", "DE", BRAND) is None
    assert seen("Haneulbit serum", None) is None


def test_the_recognised_product_tells_the_class_where_no_word_does():
    product = attrs.evolve(BRAND.products[1], nice_class=3)
    listing = offer("Haneulbit Moon 52", site="DE")

    assert not kinds_of(listing)
    assert classes(listing, OWNER, TODAY, product).within


@pytest.mark.parametrize(
    ("title", "site", "value", "en", "ko"),
    [
        ("Haneulbit serum", "DE", 1.0, "of a class registered in DE: 3.", "속합니다"),
        ("Haneulbit hoodie", "DE", 0.0, "of no class registered in DE (3)", "속하지 않습니다"),
        ("Haneulbit 정품", "DE", 0.5, "do not tell the class", "알 수 없습니다"),
        (
            "Haneulbit serum",
            "TH",
            0.5,
            "No registered trademark right of the brand is in force in TH",
            "상표권이 없습니다",
        ),
    ],
)
def test_it_is_said_in_both_languages_and_weighs_nothing(title, site, value, en, ko):
    match = judge(offer(title, site=site, brand="Haneulbit"), OWNER, today=TODAY)
    signal = next(signal for signal in match.signals if signal.name == "goods_class")
    without = judge(offer(title, site=site, brand="Haneulbit"), BRAND, today=TODAY)

    assert (signal.value, signal.weight) == (value, 0.0)
    assert en in signal.reason.en
    assert ko in signal.reason.ko
    assert (match.probability, match.ground) == (without.probability, without.ground)


def test_a_copied_photo_weighs_the_same_outside_the_class():
    found = [
        judge(offer("Haneulbit hoodie", 2, site="DE"), brand, today=TODAY, pictures=[picture(PHOTO)])
        for brand in (BRAND, OWNER)
    ]

    assert found[0].probability == found[1].probability


def test_an_authorised_seller_is_not_asked_for_its_class():
    match = judge(offer("Haneulbit serum", site="US", seller_id="good"), OWNER, today=TODAY)

    assert "goods_class" not in {signal.name for signal in match.signals}
