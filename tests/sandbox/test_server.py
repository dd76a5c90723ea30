"""The doors: pages, paging, pictures, robots.txt, misbehaviour; and the truth that nobody gets to see."""

import io
import re
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import pytest
from PIL import Image

from sandbox import Label, RateLimited, Sandbox, Slow, Walled
from sandbox.profiles import PROFILES
from tests.sandbox.conftest import SAMPLES, get

SEARCH = {
    "harborlane": "/search?q={}&page={}",
    "marktkorb": "/suche?q={}&seite={}",
    "longshi": "/api/search?q={}&page={}",
    "pasarria": "/data/cari?q={}&hal={}",
}
ITEM = {"harborlane": "/itm/{}", "marktkorb": "/artikel/{}", "longshi": "/api/item/{}", "pasarria": "/data/p/{}"}
_LINK = re.compile(r"""(?:href|src)="(/[^"]*)"|"(/(?:img|itm|artikel|item|p|shop)/[^"]+)\"""")


def crawl(origin, starts):
    """Follow every address in every page from ``starts``; yields addresses and answers."""
    waiting, seen = list(starts), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = get(urljoin(origin, path))
        yield path, answer
        if not answer.headers["Content-Type"].startswith("image/"):
            found = (one or other for one, other in _LINK.findall(answer.text))
            waiting += [address.replace("&amp;", "&") for address in found]


@pytest.mark.parametrize("market", PROFILES)
def test_robots_txt_keeps_cart_and_account_and_allows_the_rest(shared, market):
    answer = get(shared.origins[market] + "/robots.txt")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert answer.headers["Content-Type"].startswith("text/plain")
    for path, allowed in (("/cart", False), ("/account/orders", False), ("/search?q=a", True), ("/itm/1", True)):
        assert rules.can_fetch("jikimi", shared.origins[market] + path) is allowed


@pytest.mark.parametrize("market", PROFILES)
def test_paging_shows_every_offer_of_a_shelf_once(shared, market):
    catalogue = shared.catalogues[market]
    prefix = {"longshi": "/api/category/", "pasarria": "/data/c/"}.get(market, "/c/")
    name = {"marktkorb": "seite", "pasarria": "hal"}.get(market, "page")
    ids = {offer.listing_id for offer in catalogue.shelf("beauty")}
    assert len(ids) > 24
    pages = [get(f"{shared.origins[market]}{prefix}beauty?{name}={number}").text for number in (1, 2, 3)]
    shown = [{one for one in ids if one in page} for page in pages]
    assert len(shown[0]) == 24
    assert set().union(*shown) == ids
    assert sum(map(len, shown)) == len(ids)


@pytest.mark.parametrize("market", PROFILES)
def test_pictures_are_what_they_say_and_small(shared, market):
    catalogue = shared.catalogues[market]
    form = PROFILES[market].photo_format
    for offer in list(catalogue.offers.values())[:12]:
        for name in catalogue.pictures(offer):
            answer = get(f"{shared.origins[market]}/img/{name}")
            assert answer.headers["Content-Type"] == Image.MIME[form]
            assert len(answer.body) < 150_000
            with Image.open(io.BytesIO(answer.body)) as picture:
                assert picture.format == form
                assert min(picture.size) > 150


@pytest.mark.parametrize("market", PROFILES)
def test_odd_questions_are_answered_without_breaking(shared, market):
    origin = shared.origins[market]
    for path in ("/nowhere", "/img/" + "0" * 24 + ".jpg", "/../../etc/passwd", "/img/..%2f..%2fpyproject.toml"):
        assert get(origin + path).status == 404
    for number in ("0", "-1", "x", "9" * 40):
        assert get(origin + SEARCH[market].format("a", number)).status == 200
    hostile = "%3Cscript%3Ealert(1)%3C/script%3E"
    page = get(origin + SEARCH[market].format(hostile, 1))
    assert page.headers["Content-Type"].startswith("application/json") or "<script>alert" not in page.text


@pytest.mark.parametrize("market", PROFILES)
def test_the_truth_is_not_reachable_over_http(shared, market):
    words = [label for label in Label if label != Label.COMPATIBLE]  # "compatible" is an ordinary English word
    told = re.compile("|".join([rf'"{word}"' for word in words] + ["tactic", "counterfeit_", "truth", "brand_dropped"]))
    starts = [
        "/",
        "/data/",
        "/c/beauty",
        "/api/category/beauty",
        "/data/c/beauty",
        "/truth",
        "/api/truth",
        "/truth.json",
    ]
    starts += [ITEM[market].format(one) for one in shared.catalogues[market].offers]
    pages = 0
    for path, answer in crawl(shared.origins[market], starts):
        pages += 1
        for name, value in answer.headers.items():
            assert not told.search(f"{name}: {value}"), path
        if not answer.headers["Content-Type"].startswith("image/"):
            assert not told.search(answer.text), path
        else:
            assert b"counterfeit" not in answer.body
    assert pages > len(shared.catalogues[market].offers)


def test_an_unchanged_page_is_not_sent_twice(shared):
    listing_id = next(iter(shared.catalogues["harborlane"].offers))
    url = shared.origins["harborlane"] + ITEM["harborlane"].format(listing_id)
    tag = get(url).headers["ETag"]
    again = get(url, **{"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("market", PROFILES)
def test_two_sandboxes_of_one_seed_send_the_same_bytes(shared, market):
    with Sandbox(seed=7, registry=SAMPLES, listings_per_market=100, markets=[market]) as other:
        for listing_id in list(shared.catalogues[market].offers)[:10]:
            path = ITEM[market].format(listing_id)
            assert get(other.origins[market] + path).body == get(shared.origins[market] + path).body


def test_a_rate_limit_holds_for_as_long_as_told(fresh):
    fresh.behave("harborlane", RateLimited(retry_after=3, times=2))
    url = fresh.origins["harborlane"] + "/search?q=a"
    assert get(fresh.origins["harborlane"] + "/robots.txt").status == 200
    answers = [get(url) for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert get(fresh.origins["marktkorb"] + "/").status == 200


@pytest.mark.parametrize(("wall", "status"), [("block", 403), ("captcha", 200), ("login", 200)])
def test_a_wall_stands_before_every_page_until_it_is_taken_down(fresh, wall, status):
    fresh.behave("marktkorb", Walled(wall))
    answer = get(fresh.origins["marktkorb"] + "/suche?q=a")
    assert answer.status == status
    assert "__STATE__" not in answer.text
    fresh.behave("marktkorb")
    assert "__STATE__" in get(fresh.origins["marktkorb"] + "/suche?q=a").text


def test_a_slow_shop_sends_the_same_bytes(fresh):
    url = fresh.origins["longshi"] + "/api/search?q=a"
    plain = get(url).body
    fresh.behave("longshi", Slow(0.02))
    assert get(url).body == plain


def test_behaviours_add_up(fresh):
    fresh.behave("longshi", RateLimited(times=1), Slow(0.01))
    url = fresh.origins["longshi"] + "/api/search?q=a"
    assert [get(url).status for _ in range(2)] == [429, 200]


@pytest.mark.parametrize("market", PROFILES)
def test_a_removed_offer_answers_200_leaves_lists_and_comes_back(fresh, market):
    catalogue = fresh.catalogues[market]
    offer = next(iter(catalogue.offers.values()))
    url = fresh.origins[market] + ITEM[market].format(offer.listing_id)
    shelf = fresh.origins[market] + {"longshi": "/api", "pasarria": "/data"}.get(market, "")
    shelf += f"/{'category' if market == 'longshi' else 'c'}/{offer.kind.category}"
    assert offer.listing_id in get(shelf).text
    fresh.remove(market, offer.listing_id)
    gone = get(url)
    assert gone.status == 200
    assert offer.shop.id not in gone.text
    assert offer.listing_id not in get(shelf).text
    fresh.restore(market, offer.listing_id)
    assert offer.shop.id in get(url).text


def test_visits_are_written_down(fresh):
    get(fresh.origins["pasarria"] + "/cari?q=tas", **{"User-Agent": "jikimi-test"})
    visit = fresh.visits("pasarria")[-1]
    assert (visit.path, visit.query, visit.user_agent, visit.status) == ("/cari", {"q": "tas"}, "jikimi-test", 200)


def test_a_closed_sandbox_has_no_doors():
    sandbox = Sandbox(seed=1, registry=SAMPLES, listings_per_market=20)
    assert sandbox.origins == {}
    with sandbox:
        assert len(set(sandbox.origins.values())) == 4
    assert sandbox.origins == {}
