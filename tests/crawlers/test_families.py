"""Each family of page state, crawled for real: the marketplace's own page objects read our goods in its shape."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.config import CONFIG_DIR
from contracts.job import WatchKind
from contracts.listing import Listing
from contracts.market import manifests
from evidence.verify import verify
from sandbox import Sandbox
from sandbox.markets.families import Family, number_of
from tests.crawlers.shop import Field

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "registry"
TERM = "gift"
PAGE_SIZE = 3
# Site, page object of the results, page object of one listing.
FAMILIES = {
    "aliexpress": ("ES", "ResultRows", "ItemState"),
    "lazada": ("SG", "StateRows", "ProductPage"),
    "leboncoin": ("FR", "NextPage", "NextPage"),
    "shopee": ("SG", "ItemsAnswer", "ProductPage"),
}
# These marketplaces are not crawled over plain HTTP in earnest; on loopback they are, with all else their manifest says.
# Shopee's pages are empty frames: what fills them are the answers at these addresses.
ADDRESSES = {
    "shopee": {
        "search": "{origin}/api/v4/search/search_items?keyword={query}&page={page}",
        "listing": "{origin}/api/v4/item/get?itemid={listing_id}",
    }
}


class Street(Field):
    """Crawls of one family, by the real marketplace's manifest with another way in."""

    def __init__(self, folder, market, sandbox):
        self.folder, self.market, self.origin = folder, market, sandbox.origins[market]
        self.offers = sandbox.catalogues[market].search(TERM)
        (path,) = (CONFIG_DIR / "markets").glob(f"*/{market}.toml")
        text = re.sub(r"^access = .*$", 'access = ["http"]', path.read_text(), flags=re.MULTILINE)
        for name, address in ADDRESSES.get(market, {}).items():
            text = re.sub(rf"^{name} = .*$", f'{name} = "{address}"', text, count=1, flags=re.MULTILINE)
        own = folder / "markets" / path.parent.name / path.name
        own.parent.mkdir(parents=True)
        own.write_text(text)

    @property
    def result_pages(self):
        return -(-len(self.offers) // PAGE_SIZE)

    def job(self, *watches, name="run-1", **changes):
        return super().job(
            *watches,
            job_id=name,
            market=self.market,
            origins={FAMILIES[self.market][0]: self.origin},
            spool_dir=str(self.folder / name / "spool"),
            **changes,
        )

    def watch(self, kind=WatchKind.SEARCH, term=TERM, **changes):
        return super().watch(kind, term, site=FAMILIES[self.market][0], **changes)


@pytest.fixture(params=FAMILIES)
def street(request, tmp_path, monkeypatch):
    monkeypatch.setattr(Family, "page_size", PAGE_SIZE)
    with Sandbox(seed=3, registry=SAMPLES, listings_per_market=40, markets=[request.param]) as sandbox:
        street = Street(tmp_path, request.param, sandbox)
        street.sandbox = sandbox
        yield street


def test_a_family_is_crawled_and_read_as_the_marketplace_s_own(street):
    run = street.crawl(street.job())
    _, _, product = FAMILIES[street.market]
    offers = {offer.listing_id: offer for offer in street.offers}
    assert len(offers) > PAGE_SIZE
    assert sorted(run.ids) == sorted(offers), run.log[-3000:]
    assert set(run.outcomes()) <= {
        "ok",
        "empty",
    }  # empty: the page after the last, where a page does not say it is last
    assert run.outcomes()["ok"] == street.result_pages + len(offers)
    for line in run.listings:
        listing = Listing.from_json(line.listing)
        offer = offers[listing.listing_id]
        assert listing.parser.rpartition(".")[2] == product
        assert (listing.market, listing.site) == (street.market, FAMILIES[street.market][0])
        assert (listing.title, listing.price) == (offer.title, offer.price)
        assert listing.currency == manifests()[street.market].site(listing.site).currency
        assert (listing.seller_name, listing.seller_id) == (offer.shop.name, str(number_of(offer.shop)))
        assert listing.sold_count in (offer.sold, None)
        assert isinstance(listing.price, Decimal)
        assert len(line.images) == len(offer.photos)
        assert all(image.sha256 and image.media_type == "image/jpeg" for image in line.images)
    assert verify(Path(run.job.evidence_dir)).sound


def test_a_family_s_results_have_what_a_card_needs_and_none_is_told_as_empty(street):
    watches = street.watch(term="xqzzy", watch_id="w0", pages=1), street.watch()
    run = street.crawl(street.job(*watches, page_budget=1 + street.result_pages))
    assert [(page.watch_id, str(page.outcome)) for page in run.pages if page.outcome == "empty"] == [("w0", "empty")]
    assert sorted(run.ids) == sorted(offer.listing_id for offer in street.offers)
    for line in run.listings:
        listing = Listing.from_json(line.listing)
        assert listing.parser.rpartition(".")[2] == FAMILIES[street.market][1]
        assert listing.price
        assert listing.seller_id
        assert listing.image_urls


def test_a_family_s_removed_listing_is_removed(street):
    gone, there = (offer.listing_id for offer in street.offers[:2])
    street.sandbox.remove(street.market, gone)
    watches = [street.watch(WatchKind.LISTING, one, watch_id=one) for one in (gone, there)]
    run = street.crawl(street.job(*watches), "listing")
    assert {page.listing_id: str(page.outcome) for page in run.pages} == {gone: "removed", there: "ok"}
    assert run.ids == [there]
