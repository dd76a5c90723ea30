"""Countries read from what shops write of where they ship from."""

import pytest

from matchers.places import country_of


@pytest.mark.parametrize(
    ("place", "country"),
    [
        ("CN", "CN"),
        ("Korea, South", "KR"),
        ("Busan, Korea, South", "KR"),
        ("Leeds, United Kingdom", "GB"),
        ("Lublin, Polska", "PL"),
        ("Deutschland", "DE"),
        ("韓国", "KR"),
        ("台湾", "TW"),
        ("เกาหลีใต้", "KR"),
        ("Hàn Quốc", "KR"),
        ("  CHINA (Mainland) ", "CN"),
    ],
)
def test_countries_are_read_in_the_languages_of_the_markets(place, country):
    assert country_of(place) == country


@pytest.mark.parametrize(
    "place", [None, "", "Bandung", "浙江 杭州", "San Jose, CA", "Atlanta, Georgia", "ZZ", "EU", "\ud800", "," * 9999]
)
def test_a_place_that_names_no_country_is_not_guessed(place):
    assert country_of(place) is None
