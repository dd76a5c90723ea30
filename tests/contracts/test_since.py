"""Since when a shop says it exists: precision kept, nothing guessed."""

from datetime import date

import pytest

from contracts.errors import BadInput
from contracts.listing import Listing
from contracts.since import dated, is_since, most_days

SEEN = date(2026, 11, 27)


@pytest.mark.parametrize("text", ["2019", "2019-04", "2019-04-30", "P0D", "P41D", "P3W", "P8M", "P5Y"])
def test_dates_of_any_precision_and_ages_are_understood(text):
    assert is_since(text)


@pytest.mark.parametrize(
    "text", ["", "19", "2019-13", "2019-02-30", "2019-4", "P5", "P5H", "PD", "joined 2019", "0000", "٢٠١٩", "P٣M"]
)
def test_anything_else_is_not(text):
    assert not is_since(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2019-04", "2019-04"),
        ("P41D", "2026-10-17"),
        ("P2W", "2026-11-13"),
        ("P3M", "2026-08"),
        ("P11M", "2025-12"),
        ("P1Y", "2025"),
        ("P1100Y", "0926"),
        ("P9999Y", ""),
        ("P99999W", "0110-05-23"),
    ],
)
def test_an_age_becomes_a_date_of_its_own_precision(text, written):
    assert dated(text, SEEN) == written


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-11-20", 7),
        ("2026-11", 26),
        ("2026", 330),
        ("P7D", 7),
        ("P1M", 57),
        ("2027", None),
        ("P9999Y", None),
    ],
)
def test_a_shop_is_never_taken_for_younger_than_its_page_makes_sure(text, days):
    assert most_days(text, SEEN) == days


def test_the_listing_keeps_it_and_refuses_what_is_no_date():
    listing = Listing(market="m", title="t", seller_since="2019-04")

    assert Listing.from_json(listing.to_json()) == listing
    with pytest.raises(BadInput, match="seller_since"):
        Listing.from_json({"market": "m", "title": "t", "seller_since": "spring 2019"})


def test_a_shop_that_grows_older_has_not_changed_its_offer():
    young = Listing(market="m", title="t", seller_since="P3M")

    assert young.fingerprint() == Listing(market="m", title="t", seller_since="P4M").fingerprint()
