"""The page objects on real saved pages, where those are at hand (JIKIMI_BENCH_DATA)."""

import json
import re
from decimal import Decimal

import pytest
from web_poet import HttpResponse

from contracts.market import manifests
from crawlers.reading import PageKind, read_page

pytestmark = pytest.mark.real_data

CORE = ("title", "price", "currency", "listing_id")
OTHERS = ("seller_name", "seller_id")
# Markets of ours that the saved pages hold with expected listings; one without any is passed over and counted.
MARKETS = tuple(sorted(name for name, manifest in manifests().items() if manifest.page_module))


def entries(folder):
    lines = (folder / "pages" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def read(folder, entry, market=None):
    market = market or entry["market"]
    site = entry.get("locale") or ""
    return read_page(
        HttpResponse("about:blank", (folder / "pages" / entry["file"]).read_bytes()),
        market=market,
        kind=PageKind(entry["kind"]) if entry["kind"] in set(PageKind) else None,
        site={"UK": "GB"}.get(site, site) if re.fullmatch("[A-Z]{2}", site) else None,
        manifest=manifests().get(market),
    )


def shown(value):
    return re.sub(r"\s+", "", str(value)).casefold() if value is not None else None


@pytest.mark.parametrize("market", MARKETS)
def test_every_field_a_real_page_shows_is_read_and_none_is_invented(bench_data, market):
    differences, checked = [], 0
    if not any(entry["market"] == market and entry.get("expected") for entry in entries(bench_data)):
        pytest.skip(f"no real page of {market} with expected listings is at hand")
    for entry in entries(bench_data):
        if entry["market"] != market or not entry.get("expected"):
            continue
        expected = json.loads((bench_data / "pages" / entry["expected"]).read_text(encoding="utf-8"))
        read_listings = read(bench_data, entry).listings
        found = {shown(listing.listing_id): listing for listing in read_listings}
        assert len(read_listings) <= max(len(expected["items"]), expected.get("listings_on_page") or 0), entry["file"]
        for want in expected["items"]:
            have = found.get(shown(want["listing_id"]))
            for field in (*CORE, *OTHERS):
                checked += 1
                value = getattr(have, field, None)
                same = (
                    value == (Decimal(want["price"]) if want["price"] else None)
                    if field == "price"
                    else shown(value) == shown(want.get(field))
                )
                if not same:
                    differences.append((entry["file"], field, want.get(field), value))

    assert checked
    assert differences == []


def test_real_walls_are_walls_whatever_the_market(bench_data):
    walls = [entry for entry in entries(bench_data) if entry["kind"] == "blocked"]

    assert walls
    for entry in walls:
        for market in (entry["market"], "unlisted", *MARKETS):
            reading = read(bench_data, entry, market)
            assert (entry["file"], market, reading.outcome) == (entry["file"], market, "blocked")


def test_no_real_page_is_taken_for_a_wall(bench_data):
    taken = [
        entry["file"]
        for entry in entries(bench_data)
        if entry["kind"] != "blocked" and read(bench_data, entry).outcome in {"blocked", "removed"}
    ]

    assert taken == []
