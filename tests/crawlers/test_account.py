"""What a crawl tells of itself, and that a kill takes nothing away from it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.job import ImageRef, Job, Known, SpoolPage, WatchKind
from contracts.known import KnownListings
from contracts.listing import Listing, PageOutcome
from crawlers.account import Traffic
from crawlers.gallery import Gallery, Hung
from crawlers.keys import Keys
from crawlers.lines import Lines
from crawlers.spool import Card, Spool
from evidence.store import Store
from tests.crawlers.shop import WALL

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def test_a_run_gives_account_of_itself(shop, field):
    rules = b"User-agent: *\nDisallow: /cart\nCrawl-delay: 0.01\n"
    shop.special["/robots.txt"] = (200, {"Content-Type": "text/plain"}, rules)
    shop.special["/item/100001"] = (403, {}, WALL)
    again = shop.product(2)
    shop.special["/item/100002"] = lambda n: (502, {}, b"") if n == 1 else (200, {}, again)
    category = field.watch(WatchKind.CATEGORY, "cushions", watch_id="w2", pages=1)
    run = field.crawl(field.job(field.watch(), category))
    stats = run.stats
    assert stats.finish_reason == "finished", run.log
    assert shop.asked["/c/cushions?page=1"] == 1
    assert stats.requests == sum(shop.asked.values())
    assert stats.retries == 1
    assert stats.statuses["403"] == 1
    assert stats.statuses["502"] == 1
    assert stats.downloaded_bytes > 10_000
    assert list(stats.blocks.values()) == [1]
    assert "cloudflare" in next(iter(stats.blocks)).lower()
    assert sorted(stats.rows_per_page) == [2, 5, 5, 5]
    assert stats.parsers == {"families.structured.StructuredPage": 12}
    assert stats.rung == "http"
    assert {watch_id: (one.pages, one.rows) for watch_id, one in stats.watches.items()} == {"w1": (3, 12), "w2": (1, 5)}
    assert sum(one.new for one in stats.watches.values()) == 12
    missing = stats.missing["brand"]
    assert stats.field_coverage["brand"] == 0
    assert missing.record_id
    assert "title" not in stats.missing
    ((host, robots),) = stats.robots.items()
    assert f"http://{host}" == shop.origin
    assert (robots.status, robots.crawl_delay) == (200, 0.01)
    assert Store(Path(run.job.evidence_dir)).get(robots.sha256) == rules


def test_pages_that_lead_to_one_page_are_all_told(shop, field):
    for number in (1, 2):
        shop.special[f"/item/{100000 + number}"] = (302, {"Location": "/item/100003"}, b"")
    run = field.crawl(field.job(field.watch(pages=1)))
    assert run.stats.pages == {"ok": 4, "unknown": 2}  # another listing's page tells nothing of the one asked for
    assert len(run.ids) == 5


def test_a_second_run_asks_for_result_pages_and_stored_pictures_alone(shop, field):
    first = field.crawl(field.job(field.watch(pages=1)))
    known = {
        line.listing["listing_id"]: Known(
            fingerprint=Listing.from_json(line.listing).fingerprint(),
            card_fingerprint=line.card_fingerprint,
            etag=line.etag,
            revisit=line.listing["listing_id"] == "100002",
        )
        for line in first.listings
    }
    shop.asked.clear()
    job = field.job(field.watch(pages=1), job_id="run-2", spool_dir=str(field.folder / "run-2" / "spool"), known=known)
    second = field.crawl(job)
    assert json.loads((field.folder / "run-2" / "job.json").read_text())["known"] == {}
    asked = {path for path in shop.asked if path != "/robots.txt"}
    assert asked == {"/search?q=haneulbit&page=1", "/item/100002", "/img/2.png"}
    assert second.stats.statuses == {"200": 2, "304": 1, "404": 1}  # the picture was not sent again
    assert second.ids == ["100002"]
    before = next(line for line in first.listings if line.listing["listing_id"] == "100002")
    assert second.listings[0].images == before.images
    assert sorted(line.listing_id for line in second.seen) == ["100000", "100001", "100003", "100004"]
    assert all(line.unchanged for line in second.seen)
    assert second.stats.watches["w1"].new == 0


# The spool alone


def job(tmp_path, **changes):
    values = {
        "job_id": "run-1", "market": "testshop", "watches": (), "contact": "monitor@haneulbit.example",
        "evidence_dir": str(tmp_path / "evidence"), "spool_dir": str(tmp_path / "spool"),
    }  # fmt: skip
    return Job(**{**values, **changes})


def page(outcome, number=0, **changes):
    values = {
        "job_id": "run-1", "watch_id": "w1", "url": f"https://shop.example/{number}", "outcome": outcome,
        "observed_at": NOW, "reason": "Wall" if outcome == "blocked" else "",
    }  # fmt: skip
    return SpoolPage(**{**values, **changes})


def test_blocks_in_a_row_are_counted_over_a_kill_but_not_over_an_end(tmp_path):
    spool = Spool(job(tmp_path))
    for outcome in (PageOutcome.BLOCKED, PageOutcome.OK, PageOutcome.BLOCKED, PageOutcome.FAILED, PageOutcome.BLOCKED):
        spool.page(page(outcome))
    spool.close()  # as after a kill: nothing was finished

    spool = Spool(job(tmp_path))
    assert spool.account.blocks_in_a_row == 2
    assert spool.account.blocks == {"Wall": 3}
    spool.finish("blocked", 0, None)
    spool.close()

    spool = Spool(job(tmp_path))
    assert spool.account.blocks_in_a_row == 0
    spool.page(page(PageOutcome.BLOCKED))
    spool.close()
    spool = Spool(job(tmp_path))
    assert spool.account.blocks_in_a_row == 1
    spool.close()


def test_what_went_over_the_line_is_summed_up_over_attempts(tmp_path):
    for requests in (3, 4):
        spool = Spool(job(tmp_path), lambda n=requests: Traffic(requests=n, statuses={"200": n}))
        spool.page(page(PageOutcome.OK, result_page=0, listings=requests))
        spool.new_rows("w1", requests)
        spool.close()
    spool = Spool(job(tmp_path))
    spool.finish("finished", 0, None)
    stats = json.loads((tmp_path / "spool" / "stats.json").read_text())
    spool.close()
    assert (stats["requests"], stats["statuses"]) == (7, {"200": 7})
    assert stats["rows_per_page"] == [3, 4]
    assert stats["watches"] == {"w1": {"pages": 2, "rows": 7, "new": 7}}


def card(number):
    capture = {
        "url": "https://shop.example/s", "observed_at": NOW, "rung": "http", "status": 200, "body_sha256": "0" * 64,
        "warc": "w", "record_id": "r",
    }  # fmt: skip
    listing = Listing(market="testshop", title=f"Haneulbit {number}", listing_id=str(number)).to_json()
    return Card.from_json(
        {"watch_id": "w1", "listing": listing, "capture": capture, "url": f"https://shop.example/item/{number}"}
    )


def test_listings_that_wait_are_taken_up_again_in_their_order(tmp_path):
    spool = Spool(job(tmp_path))
    for number in range(5):
        spool.found(card(number))
    first = spool.next_card()
    assert (first.key, spool.waiting, spool.under_way) == ("0", 5, 1)
    spool.page(page(PageOutcome.OK, url=first.url))
    spool.settle(first)
    assert spool.next_card().key == "1"
    spool.close()

    spool = Spool(job(tmp_path))
    assert [spool.has(str(number)) for number in range(6)] == [True] * 5 + [False]
    assert spool.waiting == 4
    assert [left.key for left in spool.left()] == ["1", "2", "3", "4"]
    assert spool.waiting == 0
    spool.close()


# Its parts


def test_keys_are_a_set():
    keys = Keys()
    texts = [f"하늘빛 {number}" for number in range(5000)]
    assert all(keys.add(text) for text in texts)
    assert not any(keys.add(text) for text in texts)
    assert len(keys) == 5000
    assert all(text in keys for text in texts)
    assert "하늘빛 5000" not in keys
    assert "\ud800" not in keys


@pytest.mark.parametrize("torn", [b'{"n": 3', b"x" * 200_000])
def test_lines_are_read_back_where_they_stand_and_a_torn_end_is_cut(tmp_path, torn):
    path = tmp_path / "a.jsonl"
    lines = Lines(path)
    offsets = [lines.append(json.dumps({"n": n})) for n in range(3)]
    lines.close()
    with path.open("ab") as file:
        file.write(torn)
    lines = Lines(path)
    assert list(lines.read()) == [(offset, {"n": n}) for n, offset in enumerate(offsets)]
    assert lines.at(lines.append('{"n": 9}')) == {"n": 9}
    assert lines.at(offsets[1]) == {"n": 1}
    lines.close()


def test_what_is_known_is_looked_up_one_by_one(tmp_path):
    known = {
        "11": Known(fingerprint="a" * 64, card_fingerprint="b" * 64, etag='"1"', revisit=True),
        "12": Known(fingerprint="c" * 64),
    }
    written = Job.read(job(tmp_path, known=known).write(tmp_path))
    assert written.known == {}
    listings = KnownListings(Path(written.known_file))
    assert [listings.get(key) for key in ("11", "12", "13", None)] == [known["11"], known["12"], None, None]
    listings.close()
    assert KnownListings(None).get("11") is None


def test_a_damaged_gallery_is_begun_anew(tmp_path):
    path = tmp_path / "pictures.sqlite"
    path.write_bytes(b"no database at all, but long enough to be taken for one " * 50)
    hung = Hung(
        job_id="1", picture=ImageRef(url="https://i.example/1.jpg", sha256="0" * 64), etag='"1"', last_modified=None
    )
    for _ in range(2):
        gallery = Gallery(path)
        gallery.hang(hung)
        assert gallery.get("https://i.example/1.jpg") == hung
        assert gallery.get("https://i.example/2.jpg") is None
        gallery.close()
