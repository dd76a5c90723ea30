import pytest

from crawlers.markets import SHOP, STAND_INS, host_of, whose


@pytest.mark.parametrize(
    ("url", "market", "country"),
    [
        ("https://www.ebay.de/itm/400000000000", "ebay", "DE"),
        ("https://www.amazon.co.uk/dp/B000000000", "amazon", "GB"),
        ("http://harborlane.example:8080/itm/1", "harborlane", "US"),
        ("https://ebay.de.evil.example/itm/1", SHOP, None),
        ("https://notebay.de/itm/1", SHOP, None),
        ("https://dew.example/products/serum", SHOP, None),
        ("about:blank", SHOP, None),
        ("https://[broken/", SHOP, None),
        ("", SHOP, None),
    ],
)
def test_an_address_tells_its_marketplace_and_site(url, market, country):
    found = whose(url)
    assert (found.market, found.site and found.site.country) == (market, country)
    assert (found.manifest is not None and found.manifest.id == market) or found.is_shop


def test_who_knows_better_is_believed():
    assert whose("https://dew.example/", "ebay").manifest.id == "ebay"
    assert whose("https://www.ebay.fr/itm/1", "ebay").site.country == "FR"


def test_the_demo_s_shops_stand_in_for_their_marketplaces(monkeypatch):
    address = "http://127.0.0.1:8101/itm/1"
    assert whose(address).is_shop
    monkeypatch.setenv(STAND_INS, "longshi=http://127.0.0.1:8102,harborlane=http://127.0.0.1:8101")
    assert whose(address).market == "harborlane"
    assert whose("http://127.0.0.1:81011/itm/1").is_shop
    assert whose("http://127.0.0.1:8101").is_shop


def test_hosts_are_read_whatever_stands_there():
    assert host_of("https://WWW.Ebay.de:443/x") == "www.ebay.de"
    assert host_of("https://[broken") == ""
