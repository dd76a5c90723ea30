import importlib

import pytest

from contracts.listing import AccessRung
from contracts.market import Region, manifests
from crawlers.reading import page_classes

EIGHT = {"ebay", "etsy", "leboncoin", "amazon", "aliexpress", "1688", "shopee", "lazada"}


def test_the_eight_marketplaces_lie_in_their_regions():
    regions = {name: manifests()[name].region for name in EIGHT}

    assert regions == {
        "ebay": Region.US, "etsy": Region.US, "leboncoin": Region.EU, "amazon": Region.EU,
        "aliexpress": Region.CHINA, "1688": Region.CHINA, "shopee": Region.ASEAN, "lazada": Region.ASEAN,
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(EIGHT))
def test_a_manifest_says_what_the_crawl_needs(name):
    manifest = manifests()[name]

    assert importlib.import_module(f"crawlers.pages.{manifest.page_module}").PAGES
    assert manifest.robots == "obey"
    assert AccessRung.CAPTURE in manifest.access
    assert manifest.proofs
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
