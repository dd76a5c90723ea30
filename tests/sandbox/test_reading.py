"""Every page of every marketplace is read as what it offers, by the page objects and nothing else."""

import pytest
from playwright.sync_api import sync_playwright
from web_poet import HttpResponse

from contracts.listing import PageOutcome
from contracts.market import manifests
from crawlers.reading import PageKind, read_page
from sandbox import Walled
from sandbox.profiles import PROFILES
from tests.sandbox.conftest import get

PLAIN = ("harborlane", "marktkorb", "longshi")


def read(market, url, kind, answer=None):
    got = answer or get(url)
    page = HttpResponse(url, got.body, status=got.status, headers=got.headers)
    return read_page(page, market=market, kind=kind, site=PROFILES[market].country, manifest=manifests()[market])


def address(sandbox, market, kind, term, number=0):
    manifest, origin = manifests()[market], sandbox.origins[market]
    site = manifest.sites[0]
    if kind == "search":
        return manifest.search_url(site, term, number, origin)
    if kind == "seller":
        return manifest.seller_url(site, term, number, origin)
    return manifest.listing_url(site, term, origin)


def holds(listing, offer, sandbox, market, *, brand=True):
    """The page says of the offer what the catalogue knows."""
    origin = sandbox.origins[market]
    pictures = [f"{origin}/img/{name}" for name in sandbox.catalogues[market].pictures(offer)]
    assert listing.listing_id == offer.listing_id
    assert listing.title == offer.title
    assert listing.price == offer.price
    assert listing.currency == PROFILES[market].currency
    assert (listing.seller_id, listing.seller_name) == (offer.shop.id, offer.shop.name)
    assert listing.seller_url == f"{origin}/shop/{offer.shop.id}"
    assert listing.brand == (offer.brand if brand else None)
    assert listing.url.startswith(origin)
    assert offer.listing_id in listing.url
    assert listing.site == PROFILES[market].country
    assert pictures[: len(listing.image_urls)] == list(listing.image_urls)
    assert listing.image_urls
    assert not listing.warnings


@pytest.mark.parametrize("market", PLAIN)
def test_every_product_page_is_read_right(shared, market):
    for offer in shared.catalogues[market].offers.values():
        reading = read(market, address(shared, market, "listing", offer.listing_id), PageKind.PRODUCT)
        assert reading.outcome is PageOutcome.OK
        [listing] = reading.listings
        holds(listing, offer, shared, market)
        assert len(listing.image_urls) == len(offer.photos)
        assert listing.description == offer.description
        assert listing.category_path


@pytest.mark.parametrize("market", PLAIN)
def test_every_result_page_is_read_right_and_says_whether_more_follow(shared, market):
    catalogue = shared.catalogues[market]
    term = catalogue.category_name(next(o for o in catalogue.offers.values() if o.kind.category == "beauty"))
    found, number = [], 0
    while True:
        reading = read(market, address(shared, market, "search", term, number), PageKind.SEARCH)
        assert reading.outcome is PageOutcome.OK
        found += reading.listings
        number += 1
        if not reading.next_page:
            break
    wanted = catalogue.search(term)
    assert number > 1
    assert [listing.listing_id for listing in found] == [offer.listing_id for offer in wanted]
    for listing, offer in zip(found, wanted, strict=True):
        holds(listing, offer, shared, market)


@pytest.mark.parametrize("market", PLAIN)
def test_every_shop_is_read_right(shared, market):
    catalogue = shared.catalogues[market]
    for shop_id in catalogue.shops:
        reading = read(market, address(shared, market, "seller", shop_id), PageKind.SELLER)
        offers = catalogue.of_shop(shop_id)[:24]
        for listing, offer in zip(reading.listings, offers, strict=True):
            holds(listing, offer, shared, market)


@pytest.mark.parametrize("market", PLAIN)
def test_nothing_found_is_empty(shared, market):
    reading = read(market, address(shared, market, "search", "qqqzzzxxy"), PageKind.SEARCH)
    assert (reading.outcome, reading.listings) == (PageOutcome.EMPTY, ())


@pytest.mark.parametrize("market", PLAIN)
def test_a_removed_offer_is_removed_and_an_unknown_one_too(fresh, market):
    offer = next(iter(fresh.catalogues[market].offers.values()))
    url = address(fresh, market, "listing", offer.listing_id)
    assert read(market, url, PageKind.PRODUCT).outcome is PageOutcome.OK
    fresh.remove(market, offer.listing_id)
    assert read(market, url, PageKind.PRODUCT).outcome is PageOutcome.REMOVED
    assert read(market, address(fresh, market, "listing", "1" * 9), PageKind.PRODUCT).outcome is PageOutcome.REMOVED


@pytest.mark.parametrize("wall", ["block", "captcha", "login"])
@pytest.mark.parametrize("market", PLAIN)
def test_a_wall_is_a_wall(fresh, market, wall):
    fresh.behave(market, Walled(wall))
    reading = read(market, address(fresh, market, "search", "a"), PageKind.SEARCH)
    assert reading.outcome is PageOutcome.BLOCKED


def test_german_pages_show_the_trader(shared):
    offer = next(iter(shared.catalogues["marktkorb"].offers.values()))
    [listing] = read("marktkorb", address(shared, "marktkorb", "listing", offer.listing_id), None).listings
    assert dict(listing.trader) == dict(offer.shop.trader)


def test_a_chinese_page_for_people_says_the_same_as_the_interface(shared):
    for offer in list(shared.catalogues["longshi"].offers.values())[:20]:
        url = f"{shared.origins['longshi']}/item/{offer.listing_id}.html"
        [listing] = read("longshi", url, PageKind.PRODUCT).listings
        assert (listing.title, listing.price, listing.currency) == (offer.title, offer.price, "CNY")
        assert (listing.listing_id, listing.seller_id) == (offer.listing_id, offer.shop.id)


# -- Pasarria: nothing without JavaScript, everything with it ----------------------------------------------------------


def test_pasarria_is_empty_without_javascript(shared):
    offer = next(iter(shared.catalogues["pasarria"].offers.values()))
    url = address(shared, "pasarria", "listing", offer.listing_id)
    page = get(url).text
    assert offer.listing_id not in page
    assert offer.title not in page
    reading = read("pasarria", url, PageKind.PRODUCT)
    assert (reading.outcome, reading.listings) == (PageOutcome.BLOCKED, ())


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def rendered(browser):
    """Return a function that reads a Pasarria page as Chromium renders it."""
    tab = browser.new_page()
    tab.route("**/img/*", lambda route: route.abort())

    def look(url, kind):
        tab.goto(url)
        tab.wait_for_selector(manifests()["pasarria"].ready_selector, state="attached", timeout=10_000)
        page = HttpResponse(url, tab.content().encode(), status=200)
        return read_page(page, market="pasarria", kind=kind, manifest=manifests()["pasarria"])

    yield look
    tab.close()


@pytest.mark.browser
def test_every_pasarria_product_is_read_right_once_rendered(shared, rendered):
    for offer in shared.catalogues["pasarria"].offers.values():
        [listing] = rendered(address(shared, "pasarria", "listing", offer.listing_id), PageKind.PRODUCT).listings
        holds(listing, offer, shared, "pasarria")
        assert len(listing.image_urls) == len(offer.photos)


@pytest.mark.browser
def test_pasarria_lists_pages_and_shops_are_read_right_once_rendered(shared, rendered):
    catalogue = shared.catalogues["pasarria"]
    wanted, found = catalogue.search("Kecantikan"), []
    for number in range(-(-len(wanted) // 24)):
        reading = rendered(address(shared, "pasarria", "search", "Kecantikan", number), PageKind.SEARCH)
        found += reading.listings
        assert reading.next_page is (len(found) < len(wanted))
    for listing, offer in zip(found, wanted, strict=True):
        holds(listing, offer, shared, "pasarria", brand=False)  # its cards do not show it
    shop_id = wanted[0].shop.id
    reading = rendered(address(shared, "pasarria", "seller", shop_id), PageKind.SELLER)
    assert [one.listing_id for one in reading.listings] == [o.listing_id for o in catalogue.of_shop(shop_id)[:24]]


@pytest.mark.browser
def test_pasarria_says_what_is_gone_and_what_is_empty_once_rendered(fresh, rendered):
    offer = next(iter(fresh.catalogues["pasarria"].offers.values()))
    url = address(fresh, "pasarria", "listing", offer.listing_id)
    fresh.remove("pasarria", offer.listing_id)
    assert rendered(url, PageKind.PRODUCT).outcome is PageOutcome.REMOVED
    empty = rendered(address(fresh, "pasarria", "search", "qqqzzzxxy"), PageKind.SEARCH)
    assert (empty.outcome, empty.listings) == (PageOutcome.EMPTY, ())
