"""What pages write of a seller's age, in data and in words."""

import pytest

from crawlers.families.since import days_ago, since, years_ago


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        (1615538771, "2021-03-12"),
        (1615538771000, "2021-03-12"),
        ("1615538771", "2021-03-12"),
        ("2019-04-30T08:00:00+03:00", "2019-04-30"),
        (2021, "2021"),
        ("selling since 2019", "2019"),
        ("Joined Mar 2019", "2019-03"),
        ("Mar 12, 2019", "2019-03-12"),
        ("12 March 2019", "2019-03-12"),
        ("2019年3月", "2019-03"),
        ("3 months ago", "P3M"),
        ("8 bulan lalu", "P8M"),
        ("3 năm trước", "P3Y"),
        ("2 ปีที่แล้ว", "P2Y"),
        ("6年", "P6Y"),
        ("41天", "P41D"),
        ("vor 3 Monaten", "P3M"),
    ],
)
def test_moments_dates_and_ages_are_read(shown, written):
    assert since(shown) == written


@pytest.mark.parametrize(
    "shown",
    [
        None,
        True,
        "",
        "4.5 of 5",
        "active today",
        0,
        12,
        float("nan"),
        float("inf"),
        "9" * 40,
        "2019-13",
        "5000 followers",
        9999999999,
        [],
        {},
    ],
)
def test_what_is_no_time_says_nothing(shown):
    assert since(shown) is None


def test_counted_days_and_years():
    assert (days_ago(41), days_ago("41"), years_ago(3)) == ("P41D", "P41D", "P3Y")
    assert (days_ago(0), days_ago("²"), years_ago(None), days_ago(10**9)) == (None, None, None, None)
    assert years_ago(2018) is None  # a year, where a number of them was expected
