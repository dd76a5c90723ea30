import importlib

import pytest

from contracts.duty import duties
from contracts.errors import BadInput
from contracts.listing import AccessRung
from contracts.market import Region, manifests
from crawlers.pages.shop import name_in
from crawlers.reading import page_classes

REAL = sorted(name for name, manifest in manifests().items() if not manifest.invented)


def test_the_first_marketplaces_lie_in_their_regions():
    regions = {name: manifests()[name].region for name in ("ebay", "leboncoin", "amazon", "aliexpress", "shopee")}

    assert regions == {
        "ebay": Region.US, "leboncoin": Region.EU, "amazon": Region.EU,
        "aliexpress": Region.CHINA, "shopee": Region.ASEAN,
    }  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_a_manifest_says_what_the_crawl_needs(name):
    manifest = manifests()[name]

    assert not manifest.page_module or importlib.import_module(f"crawlers.pages.{manifest.page_module}").PAGES
    assert manifest.robots == "obey"
    assert AccessRung.CAPTURE in manifest.access
    assert manifest.duty_profile in duties()
    assert manifest.reviewed_on
    assert "unknown" in manifest.terms.automated_access or manifest.terms.source.url
    for site in manifest.sites:
        assert manifest.site_of_domain(site.domain) == site


def test_only_sites_with_a_proof_are_called_proven():
    for manifest in manifests().values():
        assert {site.country for site in manifest.sites if site.proven} <= {proof.site for proof in manifest.proofs}


def test_amazons_sites_of_the_union_are_configured_and_not_proven():
    sites = {site.country: site.proven for site in manifests()["amazon"].sites}

    assert [sites[country] for country in ("DE", "FR", "IT", "ES", "NL", "PL", "SE", "BE", "IE")] == [False] * 9
    assert sites["GB"]
    assert sites["US"]


def test_the_longest_domain_decides_the_site():
    aliexpress = manifests()["aliexpress"]

    assert aliexpress.site_of_domain("es.aliexpress.com").country == "ES"
    assert aliexpress.site_of_domain("m.aliexpress.com").country == "US"
    assert manifests()["amazon"].site_of_domain("www.amazon.com.mx").country == "MX"
    assert manifests()["amazon"].site_of_domain("amazon.com.evil.example") is None


def test_a_market_without_a_page_module_is_read_by_structured_data():
    assert [page.__name__ for page in page_classes(None)] == ["StructuredPage"]


def test_a_market_of_stand_alone_shops_has_no_sites_and_is_asked_for_none():
    shop = manifests()["shop"]

    assert (shop.region, shop.sites, shop.site_of_domain("shop.example")) == (Region.ANY, (), None)
    with pytest.raises(BadInput, match="no sites of its own"):
        shop.site("DE")


def test_a_product_of_a_shop_is_known_again_by_its_address():
    addresses = [
        "https://www.shop.example/products/cream",
        "https://shop.example/collections/new/products/cream?variant=1",
        "https://shop.example/products/cream/#reviews",
    ]

    assert {name_in(url) for url in addresses} == {"shop.example/products/cream"}
    assert name_in("https://other.example/products/cream") != "shop.example/products/cream"
    assert len(name_in("https://shop.example/" + "x" * 400)) <= 200
    assert name_in("https://shop.example/") is None
