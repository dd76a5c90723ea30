"""What a job means for one crawl."""

import pytest

from contracts.errors import BadInput
from contracts.job import Job, Watch, WatchKind
from contracts.listing import AccessRung, Listing
from contracts.market import Manifest, manifests
from crawlers.plan import Plan, rung_of

MANIFEST = Manifest.model_validate(
    {
        "id": "testshop",
        "name": "Test shop",
        "region": "us",
        "duty_profile": "testshop",
        "access": ["http"],
        "addresses": {
            "search": "{origin}/search?q={query}&page={page}",
            "listing": "{origin}/item/{listing_id}",
        },
        "rate": {"delay_seconds": 4.0, "concurrency": 2},
        "sites": [
            {"country": "US", "domain": "www.testshop.example", "currency": "USD", "languages": ["en"]},
            {"country": "GB", "domain": "www.testshop.co.example", "currency": "GBP", "languages": ["en"]},
        ],
    }
)
SEARCH = Watch(watch_id="1", kind=WatchKind.SEARCH, term="하늘 빛", site="US")


def plan(manifest=MANIFEST, **changes):
    values = {
        "job_id": "1", "market": "testshop", "watches": (SEARCH,), "contact": "monitor@haneulbit.example",
        "evidence_dir": "e", "spool_dir": "s",
    }  # fmt: skip
    return Plan(Job(**{**values, **changes}), manifest)


@pytest.mark.parametrize(
    ("access", "rung"),
    [
        (["api", "http", "capture"], "http"),
        (["browser", "http"], "browser"),
        (["api"], "api"),
        (["api", "capture"], "api"),
        (["capture", "feed"], None),
    ],
)
def test_the_rung_is_the_first_way_the_manifest_declares(access, rung):
    manifest = MANIFEST.model_copy(update={"access": tuple(AccessRung(name) for name in access)})
    assert rung_of(manifest) == rung


def test_a_category_has_an_address_and_a_picture_none():
    addresses = MANIFEST.addresses.model_copy(update={"category": "{origin}/c/{category}?page={page}"})
    found = plan(MANIFEST.model_copy(update={"addresses": addresses}))
    category = Watch(watch_id="2", kind=WatchKind.CATEGORY, term="beauty/serums", site="US")
    assert found.address(category, 2) == "https://www.testshop.example/c/beauty/serums?page=3"
    with pytest.raises(BadInput, match="searched by picture"):
        found.address(category.model_copy(update={"kind": WatchKind.IMAGE, "term": "0" * 64}))


def test_a_job_the_interface_cannot_answer_goes_by_the_pages(monkeypatch):
    ebay = manifests()["ebay"]
    for name in ebay.api.keys:
        monkeypatch.setenv(name, "x")
    seller = Watch(watch_id="1", kind=WatchKind.SELLER, term="byeolbit", site="US")
    assert plan(ebay, market="ebay", watches=(seller,)).address(seller).startswith("https://www.ebay.com/sch/")
    search = seller.model_copy(update={"kind": WatchKind.SEARCH})
    found = plan(ebay, market="ebay", watches=(search,))
    assert found.address(search, 1).startswith("https://api.ebay.com/buy/browse/v1/item_summary/search?q=byeolbit&")
    assert "&offset=200" in found.address(search, 1)
    listing = Listing(market="ebay", title="Haneulbit", listing_id="200000000001", url="https://evil.example/1")
    assert found.product_address(listing, search, "").endswith("get_item_by_legacy_id?legacy_item_id=200000000001")
    assert found.settings()["DOWNLOAD_SLOTS"]["api.ebay.com"] == {"delay": 0.5, "concurrency": 1}


def test_every_configured_market_has_a_plan():
    for manifest in manifests().values():
        for site in manifest.sites:
            watch = SEARCH.model_copy(update={"site": site.country})
            found = plan(manifest, market=manifest.id, watches=(watch,))
            if manifest.addresses.search:
                assert found.address(watch).startswith("https://")
            assert found.settings()["DOWNLOAD_DELAY"] >= manifest.rate.delay_seconds > 0


def test_a_job_slows_a_real_site_and_never_hurries_it():
    slots = [plan(delay_seconds=seconds).settings()["DOWNLOAD_SLOTS"] for seconds in (0.0, 1.0, 9.0)]
    assert [slot["www.testshop.example"]["delay"] for slot in slots] == [4.0, 4.0, 9.0]
    assert {slot["www.testshop.example"]["concurrency"] for slot in slots} == {2}


def test_a_job_may_hurry_its_own_origin_and_nothing_else():
    watches = (SEARCH, SEARCH.model_copy(update={"watch_id": "2", "site": "GB"}))
    settings = plan(watches=watches, delay_seconds=0.0, origins={"US": "http://127.0.0.1:8765"}).settings()
    assert settings["DOWNLOAD_SLOTS"]["127.0.0.1"]["delay"] == 0.0
    assert settings["DOWNLOAD_SLOTS"]["www.testshop.co.example"] == {"delay": 4.0, "concurrency": 2}
    assert settings["DOWNLOAD_DELAY"] == 4.0
    assert settings["SLOT_FLOORS"]["127.0.0.1"] == 0.0


def test_an_origin_without_a_delay_keeps_the_manifests():
    settings = plan(origins={"US": "http://127.0.0.1:8765"}).settings()
    assert settings["DOWNLOAD_SLOTS"]["127.0.0.1"]["delay"] == 4.0


def test_only_origins_and_what_the_operator_set_may_be_private(monkeypatch):
    monkeypatch.setenv("JIKIMI_FETCH_ALLOWED_PRIVATE", "127.0.0.1:9000, ")
    assert plan(origins={"US": "http://127.0.0.1:8765"}).allowed == {"127.0.0.1:8765", "127.0.0.1:9000"}


def test_a_site_the_market_has_not_is_bad_input():
    with pytest.raises(BadInput, match="site: expected one of US, GB"):
        plan().address(SEARCH.model_copy(update={"site": "KR"}))


def test_an_address_outside_the_origin_is_refused():
    """A manifest with whole addresses in it must not lead a sandbox job onto the real site."""
    whole = MANIFEST.addresses.model_copy(update={"search": "https://s.testshop.example/?q={query}&page={page}"})
    manifest = MANIFEST.model_copy(update={"addresses": whole})
    assert plan(manifest).address(SEARCH).startswith("https://s.testshop.example/")
    with pytest.raises(BadInput, match="of the site itself"):
        plan(manifest, origins={"US": "http://127.0.0.1:8765"}).address(SEARCH)


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("/item/7", "https://www.testshop.example/item/7"),
        ("https://m.testshop.example/i/7#photos", "https://m.testshop.example/i/7"),
        ("https://evil.example/i/7", "https://www.testshop.example/item/7"),
        ("https://eviltestshop.example/i/7", "https://www.testshop.example/item/7"),
        ("https://www.testshop.example@evil.example/", "https://www.testshop.example/item/7"),
        ("javascript:alert(1)", "https://www.testshop.example/item/7"),
        ("http://[bad", "https://www.testshop.example/item/7"),
        (None, "https://www.testshop.example/item/7"),
    ],
)
def test_a_result_page_leads_within_the_site_alone(url, followed):
    listing = Listing(market="testshop", title="Haneulbit", listing_id="7", url=url)
    assert plan().product_address(listing, SEARCH, "https://www.testshop.example/search?q=x") == followed


def test_on_the_api_rung_the_address_for_people_is_not_followed():
    api = MANIFEST.model_copy(update={"access": (AccessRung.API,)})
    listing = Listing(market="testshop", title="Haneulbit", listing_id="7", url="https://www.testshop.example/p/7")
    assert (
        plan(api).product_address(listing, SEARCH, "https://www.testshop.example/")
        == "https://www.testshop.example/item/7"
    )


def test_sites_are_asked_by_https_and_stand_ins_by_what_they_speak():
    british = SEARCH.model_copy(update={"watch_id": "2", "site": "GB"})
    assert plan().schemes == {"https"}
    assert plan(origins={"US": "http://127.0.0.1:9000"}).schemes == {"http"}
    assert plan(watches=(SEARCH, british), origins={"US": "http://127.0.0.1:9000"}).schemes == {"http", "https"}
