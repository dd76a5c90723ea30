"""The sandbox's truth beside what was stored: what the demo's table and the bench rest on."""

import pytest

from jikimi.outcomes import Count, by_region, by_tactic
from jikimi.trial import outcomes
from sandbox.offers import Label, Truth
from tests.factories import BrandFactory, FlagFactory, ListingFactory

pytestmark = pytest.mark.django_db


def truth(listing_id, label=Label.COUNTERFEIT, market="harborlane", brand="haneul", tactic="emoji"):
    fake = label is Label.COUNTERFEIT
    return Truth(market=market, listing_id=listing_id, label=label, brand=brand, tactic=tactic if fake else None)


@pytest.fixture
def rows():
    haneul, other = BrandFactory(slug="haneul"), BrandFactory(slug="other")
    for listing_id, brands in {"found": [haneul], "for another": [other], "missed": [], "innocent": [haneul]}.items():
        listing = ListingFactory(market="harborlane", listing_id=listing_id)
        for brand in brands:
            FlagFactory(listing=listing, brand=brand)
    fakes = [truth("found"), truth("for another"), truth("missed", tactic="relist"), truth("never fetched")]
    return outcomes([*fakes, truth("innocent", Label.RESELLER), truth("far", market="longshi")])


def test_a_region_counts_what_was_fetched_found_and_wrongly_flagged(rows):
    assert by_region(rows) == {
        "china": Count(fakes=1, seen=0, found=0, wrong=0),
        "us": Count(fakes=4, seen=3, found=1, wrong=2),  # a reseller, and a counterfeit flagged for the wrong brand
    }


def test_a_tactic_counts_its_counterfeits_alone(rows):
    assert by_tactic(rows) == {
        "emoji": Count(fakes=4, seen=2, found=1, wrong=1),
        "relist": Count(fakes=1, seen=1, found=0, wrong=0),
    }
