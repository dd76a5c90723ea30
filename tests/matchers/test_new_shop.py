"""A shop that opened lately: never enough by itself, something beside other suspicion."""

import pytest

from contracts.match import Ground
from matchers import weights
from tests.judged import ask, picture

NEW = "2026-11-01"  # three weeks before the day of the tests


def signal_in(match):
    return next((signal for signal in match.signals if signal.name == "new_shop"), None)


@pytest.mark.parametrize(
    ("since", "value"),
    [(NEW, 1.0), ("P1M", 1.0), ("P200D", 0.6), ("2025-11", 0.0), ("2026", 0.138), ("2019", 0.0), ("P2Y", 0.0)],
)
def test_it_counts_less_the_older_the_shop_may_be(since, value):
    signal = signal_in(ask("Haneulbit serum", 29, seller_since=since))

    assert (signal.value if signal else 0.0) == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(("since", "date"), [(NEW, NEW), ("P1M", "2026-10"), ("2026-09", "2026-09")])
def test_it_says_since_when_in_both_languages(since, date):
    signal = signal_in(ask("Haneulbit serum", 29, seller_since=since))

    assert f"since {date}," in signal.reason.en
    assert f"{date}부터" in signal.reason.ko
    assert signal.compared_with == date


@pytest.mark.parametrize(
    ("price", "more"),
    [
        (29, {}),
        (29, {"pictures": [picture(score=1.0)]}),
        (26, {"pictures": [picture(score=1.0)], "ship_from": "China"}),
        (None, {"pictures": [picture(score=1.0)], "ship_from": "China"}),
    ],
)
def test_a_plain_offer_stays_out_of_the_queue(price, more):
    match = ask("Haneulbit serum", price, seller_since=NEW, **more)

    assert signal_in(match).weight > 0
    assert match.probability < weights.QUEUE
    assert match.ground is not Ground.COUNTERFEIT


def test_beside_other_suspicion_it_counts():
    offer = {"title": "Haneulbit serum", "price": 23, "pictures": [picture(score=1.0)], "ship_from": "China"}
    old, new = (ask(**offer, seller_since=since) for since in ("2015", NEW))

    assert old.probability < weights.QUEUE <= new.probability


def test_it_does_not_name_the_ground():
    assert weights.NEW_SHOP < weights.SUSPICIOUS
    assert ask("Haneulbit serum", 29, seller_since=NEW).ground is Ground.NONE
    assert ask("Haneulbit serum", 25, seller_since=NEW).ground is ask("Haneulbit serum", 25).ground


@pytest.mark.parametrize(
    "more", [{"seller_id": "good"}, {"condition": "Used"}, {"title": "Case compatible with Haneulbit compact"}]
)
def test_authorised_shops_private_sellers_and_parts_are_not_asked(more):
    fields = {"title": "Haneulbit Cica Serum 50ml", "price": 20, "seller_since": NEW} | more

    assert signal_in(ask(**fields)) is None
