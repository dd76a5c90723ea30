"""Every page object on pages of our own: one folder per marketplace, beside each page what is expected of it.

The pages are small and synthetic; their shapes follow published readers and real pages.
"""

import json
from pathlib import Path

import pytest
from web_poet import HttpResponse

from contracts.listing import Listing
from contracts.market import manifests
from crawlers.families.structured import StructuredPage
from crawlers.pages.ebay import EmptyResults
from crawlers.reading import PageKind, page_classes, read_page

FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(path for path in FIXTURES.glob("*/*") if not path.name.endswith(".expected.json"))


def expected_of(page: Path) -> dict:
    return json.loads((page.parent / f"{page.stem}.expected.json").read_text(encoding="utf-8"))


def read(page: Path, **hints):
    want = expected_of(page)
    market = page.parent.name
    answer = HttpResponse(hints.pop("url", "about:blank"), page.read_bytes(), status=want.get("status"))
    return read_page(answer, market=market, manifest=manifests().get(market), **hints)


@pytest.mark.parametrize("page", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_page_is_read_as_expected(page):
    want = expected_of(page)

    reading = read(page)

    assert reading.outcome == want["outcome"]
    assert reading.reason == want.get("reason", "")
    assert reading.next_page == want.get("next_page")
    assert [listing.to_json() for listing in reading.listings] == want.get("listings", [])


@pytest.mark.parametrize("page", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
@pytest.mark.parametrize("kind", list(PageKind))
def test_a_wrong_hint_changes_nothing(page, kind):
    want = expected_of(page)

    reading = read(page, kind=kind)

    assert reading.outcome == want["outcome"]
    assert [listing.to_json() for listing in reading.listings] == want.get("listings", [])


def test_every_page_class_is_proven_by_a_fixture():
    shown = {listing["parser"] for page in CASES for listing in expected_of(page).get("listings", ())}
    classes = {page for manifest in manifests().values() for page in page_classes(manifest)} | {StructuredPage}
    names = {f"{page.__module__.removeprefix('crawlers.')}.{page.__name__}" for page in classes - {EmptyResults}}

    assert names - shown == set()


@pytest.mark.parametrize("market", sorted(name for name, manifest in manifests().items() if manifest.page_module))
def test_every_market_has_a_wall_and_a_tombstone_among_its_fixtures(market):
    outcomes = {expected_of(page)["outcome"] for page in CASES if page.parent.name == market}

    assert {"ok", "blocked", "removed"} <= outcomes


def test_every_expected_listing_fits_the_contract():
    for page in CASES:
        for data in expected_of(page).get("listings", ()):
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
