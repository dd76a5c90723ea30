"""Every page object on pages of our own: one folder per marketplace, beside each page what is expected of it.

The pages are small and synthetic; their shapes follow published readers and real pages.
"""

import pytest
from web_poet import HttpResponse

from contracts.listing import Listing
from contracts.market import manifests
from crawlers.families.structured import StructuredPage
from crawlers.fixtures import FIXTURES, Fixture, fixtures, gaps, told
from crawlers.reading import PageKind, read_page

CASES = fixtures()


def named(fixture):
    return f"{fixture.market}/{fixture.page.name}"


def read(page, **hints):
    fixture = Fixture(page)
    return fixture.read(status=fixture.expected.get("status"), **hints)


@pytest.mark.parametrize("fixture", CASES, ids=named)
def test_a_page_is_read_as_expected(fixture):
    assert fixture.differences() == []


@pytest.mark.parametrize("fixture", CASES, ids=named)
@pytest.mark.parametrize("kind", list(PageKind))
def test_a_wrong_hint_changes_nothing(fixture, kind):
    want = fixture.expected

    assert told(read(fixture.page, kind=kind)).get("listings", []) == want.get("listings", [])
    assert read(fixture.page, kind=kind).outcome == want["outcome"]


@pytest.mark.parametrize("market", sorted(manifests()))
def test_every_page_class_a_wall_and_a_removed_page_are_among_the_fixtures(market):
    assert gaps(manifests()[market]) == []


def test_structured_data_alone_is_proven_too():
    shown = {listing["parser"] for fixture in CASES for listing in fixture.expected.get("listings", ())}

    assert f"families.structured.{StructuredPage.__name__}" in shown


def test_every_expected_listing_fits_the_contract():
    for fixture in CASES:
        for data in fixture.expected.get("listings", ()):
            assert Listing.from_json(data).to_json() == data


def test_the_pages_own_address_overrules_the_hint():
    page = FIXTURES / "ebay" / "s-card-rows.html"

    assert {listing.site for listing in read(page, site="DE").listings} == {"CA"}


def test_the_hint_helps_where_the_page_is_silent():
    answer = HttpResponse("about:blank", b'{"items":[{"itemid":9,"shopid":8,"name":"Haneulbit","price":1290000}]}')
    told = read_page(answer, market="shopee", manifest=manifests()["shopee"], site="MY").listings[0]
    untold = read_page(answer, market="shopee", manifest=manifests()["shopee"]).listings[0]

    assert (told.currency, told.url) == ("MYR", "https://shopee.com.my/product/8/9")
    assert (untold.currency, untold.url) == (None, None)
    assert untold.warnings == ("the page does not tell the currency",)


def test_the_same_page_object_reads_an_answer_with_its_address():
    page = FIXTURES / "ebay" / "s-item-rows.html"

    listing = read(page, url="https://www.ebay.co.uk/sch/i.html?_nkw=haneulbit").listings[0]

    assert (listing.site, listing.url) == ("GB", "https://www.ebay.co.uk/itm/700000000011")
