"""Marketplaces' interfaces: authorised for real, no secret in anything that is kept, the day's quota held."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from scrapy import Request

from contracts.job import WatchKind
from contracts.listing import AccessRung, Listing
from contracts.market import manifests
from crawlers.apis import client_of
from crawlers.apis.alibaba_1688 import LARGEST_PICTURE, shrunk
from crawlers.plan import rung_of
from crawlers.quota import Quota, QuotaUsedUp
from evidence.store import Store
from evidence.verify import verify
from evidence.warc import records
from tests.crawlers.api import ALIBABA, EBAY, ETSY, SECRETS, Interfaces, is_picture
from tests.crawlers.shop import Field, picture

REAL = Path(__file__).resolve().parents[2] / "config" / "markets"
CASES = {"ebay": ("US", EBAY, "us"), "etsy": ("US", ETSY, "us"), "1688": ("CN", ALIBABA, "china")}


@pytest.fixture
def served():
    interfaces = Interfaces()
    yield interfaces
    interfaces.close()


class Market(Field):
    """Crawls of one of the three with the manifest that is delivered, at a quota of the test's own."""

    def __init__(self, folder, origin, market, calls=None):
        self.site, self.keys, self.region = CASES[market]
        self.market, self.calls = market, calls
        super().__init__(folder, origin)

    def manifest(self):
        text = (REAL / self.region / f"{self.market}.toml").read_text()
        if self.calls:
            text = re.sub(r"calls_per_day = \d+", f"calls_per_day = {self.calls}", text)
        path = self.folder / "markets" / self.region / f"{self.market}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *watches, spider="search", **changes):
        watches = watches or (self.watch(site=self.site),)
        job = self.job(*watches, market=self.market, origins={self.site: self.origin}, **changes)
        return self.crawl(job, spider, **self.keys)

    def kept(self):
        """Everything a crawl wrote, records of the evidence unpacked."""
        files = [path.read_bytes() for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".toml"]
        for path in (self.folder / "evidence" / "warc").glob("*"):
            for record in records(path):
                files += [record.url.encode(), repr(record.headers).encode(), record.body]
        return b"\n".join(files)


@pytest.mark.parametrize("market", CASES)
def test_a_search_goes_by_the_interface_and_keeps_no_secret(market, served, tmp_path):
    field = Market(tmp_path, served.origin, market)
    run = field.run()
    assert run.stats.finish_reason == "finished", run.log
    assert served.refusals == []
    assert len(run.ids) == 3
    assert run.stats.rung is AccessRung.API
    listings = [Listing.from_json(line.listing) for line in run.listings]
    assert all(listing.description and listing.rung is AccessRung.API for listing in listings)
    assert run.outcomes() == {"ok": 4}  # one result page, three items
    assert run.stats.watches["w1"].model_dump() == {"pages": 1, "rows": 3, "new": 3}
    kept = field.kept()
    for secret in SECRETS:
        assert secret.encode() not in kept, secret
    assert served.origin.encode() + b"/robots.txt" not in kept
    assert verify(tmp_path / "evidence").sound


@pytest.mark.parametrize("market", ["ebay", "1688"])
def test_a_search_by_picture(market, served, tmp_path):
    assert manifests()[market].image_search
    field = Market(tmp_path, served.origin, market)
    sha256 = Store(tmp_path / "evidence").put(picture(3))
    watches = [
        field.watch(WatchKind.IMAGE, sha256, site=field.site),
        field.watch(WatchKind.IMAGE, "0" * 64, site=field.site, watch_id="w2"),
    ]
    run = field.run(*watches)
    assert served.refusals == []
    assert len(run.ids) == 3
    refused = [page for page in run.pages if page.outcome == "refused"]
    assert [page.watch_id for page in refused] == ["w2"]
    assert "nothing under 000" in refused[0].reason
    assert run.stats.watches["w1"].rows == 3


def test_a_picture_watch_without_an_interface_is_told(shop, tmp_path):
    field = Field(tmp_path, shop.origin)
    run = field.crawl(field.job(field.watch(WatchKind.IMAGE, "0" * 64)))
    assert run.outcomes() == {"failed": 1}
    assert "searched by picture" in run.pages[0].reason


def test_one_token_serves_a_crawl_and_is_renewed_when_it_has_run_out(served, tmp_path):
    served.token_calls = 2
    run = Market(tmp_path, served.origin, "ebay").run()
    assert len(run.ids) == 3
    assert run.outcomes() == {"ok": 4}
    assert served.tokens == 2
    assert len(served.refusals) >= 1


def test_refused_keys_are_a_refusal_in_words(served, tmp_path):
    field = Market(tmp_path, served.origin, "ebay")
    field.keys = {**EBAY, "JIKIMI_EBAY_CLIENT_SECRET": "wrong"}
    run = field.run()
    assert run.outcomes() == {"refused": 1}
    assert run.pages[0].reason == "eBay gave no token for these keys: HTTP 401"


def test_a_used_up_quota_stops_the_run_and_the_next_one(served, tmp_path):
    field = Market(tmp_path, served.origin, "etsy", calls=3)
    run = field.run()
    assert len([path for _, path in served.asked]) == 3
    assert run.stats.finish_reason == "budget"
    assert run.outcomes()["refused"] >= 1
    assert "all 3 calls a day" in next(page.reason for page in run.pages if page.outcome == "refused")
    assert len(run.ids) == 3  # one of them as the result page showed it
    again = field.run(job_id="run-2", spool_dir=str(tmp_path / "run-2" / "spool"))
    assert len(served.asked) == 3
    assert again.outcomes() == {"refused": 1}
    assert again.stats.finish_reason == "budget"


def test_the_interface_is_used_only_with_every_key():
    ebay, alibaba = manifests()["ebay"], manifests()["1688"]
    assert rung_of(ebay, EBAY) is AccessRung.API
    assert rung_of(ebay, {**EBAY, "JIKIMI_EBAY_CLIENT_SECRET": ""}) is AccessRung.HTTP
    assert rung_of(alibaba, {}) is None
    assert rung_of(alibaba, ALIBABA) is AccessRung.API


def test_a_quota_is_one_for_all_and_new_each_day(tmp_path):
    today = [datetime(2026, 11, 26, 23, 59, tzinfo=UTC)]
    first, second = (Quota(tmp_path / "quota", "ebay", 3, lambda: today[0]) for _ in range(2))
    assert [first.take(), second.take(), first.take()] == [1, 2, 3]
    with pytest.raises(QuotaUsedUp, match="all 3 calls"):
        second.take()
    assert Quota(tmp_path / "quota", "etsy", 3, lambda: today[0]).take() == 1
    today[0] = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
    assert second.take() == 1


def test_a_large_picture_is_sent_small():
    noise = io.BytesIO()
    Image.effect_noise((1500, 1500), 90).save(noise, "PNG")
    assert len(noise.getvalue()) > 10 * LARGEST_PICTURE
    sent = shrunk(noise.getvalue())
    assert len(sent) <= LARGEST_PICTURE
    assert is_picture(sent)


def test_clients_need_what_the_manifest_names(tmp_path):
    async def send(request):
        raise AssertionError(request)

    api = manifests()["etsy"].api
    with pytest.raises(KeyError):
        client_of(api, {}, store=Store(tmp_path), send=send, spend=int)
    client = client_of(api, ETSY, store=Store(tmp_path), send=send, spend=int)
    assert client.origin(Request("https://openapi.etsy.com/v3/x?y=1")) == "https://openapi.etsy.com"
