"""Whole crawls of a shop on loopback: a real ``scrapy crawl``, its spool and its evidence looked at afterwards."""

import hashlib
import os
import signal
import time
from pathlib import Path

import pytest

from contracts.job import Known, Progress, WatchKind
from contracts.listing import Listing
from evidence.store import Store
from evidence.verify import verify
from evidence.warc import read_record
from tests.crawlers.shop import WALL, huge_png, picture


def test_a_search_hands_back_every_listing_with_its_evidence(shop, field):
    run = field.crawl(field.job())
    assert run.stats.finish_reason == "finished", run.log
    assert sorted(run.ids) == [str(100000 + n) for n in range(12)]
    assert run.stats.listings == 12
    assert run.stats.errors == 0
    assert run.outcomes() == {"ok": 15, "unknown": 1}  # the page after the last is no page of results
    assert run.stats.field_coverage["seller_name"] == 1.0
    root = Path(run.job.evidence_dir)
    for line in run.listings:
        listing = Listing.from_json(line.listing)
        assert listing.description == "Soft and bright."
        assert listing.seller_name.startswith("Byeolbit Trade")
        assert (listing.site, str(listing.rung), listing.observed_at) == ("US", "http", line.capture.observed_at)
        record = read_record(root / line.capture.warc, line.capture.record_id)
        assert hashlib.sha256(record.body).hexdigest() == line.capture.body_sha256
        assert listing.title in record.body.decode()
        assert line.capture.vantage == "test bench"
        assert [image.problem for image in line.images if image.problem] == []
        assert all(Store(root).get(image.sha256) for image in line.images)
        assert line.card_fingerprint
        assert line.etag
    report = verify(root)
    assert report.sound
    assert (report.records, report.contents) == (17, 13)  # warcinfo and pages; pictures and robots.txt
    assert shop.agents == {"jikimi/0.1.0 (+monitor@haneulbit.example)"}
    progress = Progress.read(Path(run.job.spool_dir) / "progress.json")
    assert (progress.pages, progress.listings, progress.waiting, progress.budget) == (16, 12, 0, 200)


def test_each_picture_is_fetched_once(shop, field):
    field.crawl(field.job())
    assert {path: count for path, count in shop.asked.items() if path.startswith("/img/") and count != 1} == {}


def test_two_watches_that_find_the_same_do_not_double_it(shop, field):
    run = field.crawl(field.job(field.watch(), field.watch(watch_id="w2", term="하늘빛")))
    assert len(run.ids) == len(set(run.ids)) == 12
    assert max(count for path, count in shop.asked.items() if path.startswith("/item/")) == 1
    # Whoever is behind the other watch saw each of them too, whichever came first.
    told = {(line.watch_id, line.listing["listing_id"]) for line in run.listings}
    also = {(line.watch_id, line.listing_id) for line in run.seen}
    assert told | also == {(watch, listing) for watch in ("w1", "w2") for listing in run.ids}
    assert not any(line.unchanged for line in run.seen)


def test_a_watch_keeps_to_its_pages(shop, field):
    run = field.crawl(field.job(field.watch(pages=1)))
    assert len(run.ids) == 5
    assert [path for path in shop.asked if path.startswith("/search")] == ["/search?q=haneulbit&page=1"]


def test_paging_ends_when_nothing_new_comes(shop, field):
    page = (200, {}, shop.results(1))
    for number in (2, 3, 4):
        shop.special[f"/search?q=haneulbit&page={number}"] = page
    run = field.crawl(field.job())
    assert len(run.ids) == 5
    assert "/search?q=haneulbit&page=3" not in shop.asked


def test_the_page_budget_holds_and_no_listing_is_lost_over_it(shop, field):
    run = field.crawl(field.job(page_budget=6))
    assert sum(count for path, count in shop.asked.items() if path.startswith(("/search", "/item"))) == 6
    assert run.stats.finish_reason == "budget"
    assert len(run.ids) == len(set(run.ids)) == 12
    assert run.outcomes() == {"ok": 5, "unknown": 1, "refused": 10}
    assert all("budget" in page.reason for page in run.pages if page.outcome == "refused")
    cards = [line for line in run.listings if line.card_fingerprint is None]
    assert len(cards) == 10


def test_a_seller_and_a_single_listing(shop, field):
    run = field.crawl(field.job(field.watch(WatchKind.SELLER, "haneul", pages=1)), "seller")
    assert len(run.ids) == 5
    other = field.job(
        field.watch(WatchKind.LISTING, "100003"), job_id="run-2", spool_dir=str(field.folder / "run-2" / "spool")
    )
    again = field.crawl(other, "listing")
    assert again.ids == ["100003"]
    assert [(page.listing_id, page.outcome) for page in again.pages] == [("100003", "ok")]


def test_a_removed_listing_is_told_as_removed(shop, field):
    shop.special["/item/100003"] = (404, {}, b"<html><title>Not Found</title></html>")
    run = field.crawl(field.job(field.watch(pages=1)))
    assert "100003" not in run.ids
    assert [(page.outcome, page.listing_id) for page in run.pages if page.outcome != "ok"] == [("removed", "100003")]


# Known listings


def test_known_unchanged_listings_are_not_fetched_again_unless_they_must_be(shop, field):
    first = field.crawl(field.job())
    known = {
        line.listing["listing_id"]: Known(
            fingerprint=Listing.from_json(line.listing).fingerprint(),
            card_fingerprint=line.card_fingerprint,
            revisit=line.listing["listing_id"] == "100002",
        )
        for line in first.listings
    }
    known["100005"] = known["100005"].model_copy(update={"card_fingerprint": "other"})
    shop.asked.clear()
    second = field.crawl(field.job(job_id="run-2", spool_dir=str(field.folder / "run-2" / "spool"), known=known))
    assert sorted(path for path in shop.asked if path.startswith("/item")) == ["/item/100002", "/item/100005"]
    assert second.ids == ["100002"]
    assert second.stats.unchanged == 11


def test_validators_save_the_page(shop, field):
    first = field.crawl(field.job(field.watch(pages=1)))
    known = {
        line.listing["listing_id"]: Known(fingerprint="x", etag=line.etag, last_modified=line.last_modified)
        for line in first.listings
    }
    second = field.crawl(
        field.job(field.watch(pages=1), job_id="run-2", spool_dir=str(field.folder / "run-2" / "spool"), known=known)
    )
    assert second.ids == []
    assert second.stats.unchanged == 5
    assert {page.reason for page in second.pages} == {"", "not modified"}


# Walls, robots.txt, patience


def test_a_wall_is_blocked_and_stops_the_crawl(shop, field):
    for number in range(3):
        shop.special[f"/item/{100000 + number}"] = (200, {}, WALL)
    for number in range(3, 12):
        shop.special[f"/item/{100000 + number}"] = (403, {}, WALL)
    run = field.crawl(field.job(delay_seconds=None))  # the manifest's own pace: one page at a time
    assert run.stats.finish_reason == "blocked"
    assert set(run.outcomes()) == {"ok", "unknown", "blocked"}
    assert 2 <= run.outcomes()["blocked"] <= 4
    assert len(run.ids) == len(set(run.ids)) == 12  # as the result pages showed them
    assert all(line.card_fingerprint is None for line in run.listings)


def test_a_wall_before_the_first_page_is_never_empty(shop, field):
    shop.special["/search?q=haneulbit&page=1"] = (200, {}, WALL)
    run = field.crawl(field.job())
    assert run.outcomes() == {"blocked": 1}
    assert run.stats.pages == {"blocked": 1}


def test_robots_txt_is_obeyed_and_told(shop, field):
    shop.special["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /item/\n")
    run = field.crawl(field.job(field.watch(pages=1)))
    assert not [path for path in shop.asked if path.startswith("/item/")]
    assert run.outcomes() == {"ok": 1, "refused": 5}
    assert {page.reason for page in run.pages if page.outcome == "refused"} == {"robots.txt"}
    assert len(run.ids) == 5


def test_rules_for_us_alone_are_found(shop, field):
    shop.special["/robots.txt"] = (200, {}, b"User-agent: *\nAllow: /\n\nUser-agent: jikimi\nDisallow: /\n")
    run = field.crawl(field.job())
    assert run.outcomes() == {"refused": 1}


def test_a_robots_txt_that_cannot_be_read_is_a_no(shop, field):
    shop.special["/robots.txt"] = (500, {}, b"")
    run = field.crawl(field.job(), "search", "-s", "RETRY_TIMES=0")
    assert run.outcomes() == {"refused": 1}
    assert "RFC 9309" in run.pages[0].reason


def test_crawl_delay_is_kept(shop, field):
    shop.special["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 1\n")
    field.crawl(field.job(field.watch(pages=2), page_budget=2))
    first, second = (shop.times[f"/search?q=haneulbit&page={number}"][0] for number in (1, 2))
    assert second - first >= 0.5  # a second, with Scrapy's jitter of half of it


def test_retry_after_is_waited_for(shop, field):
    page = shop.results(1)
    shop.special["/search?q=haneulbit&page=1"] = lambda n: (
        (429, {"Retry-After": "2"}, b"") if n == 1 else (200, {}, page)
    )
    run = field.crawl(field.job(field.watch(pages=1)))
    first, second = shop.times["/search?q=haneulbit&page=1"]
    assert second - first >= 2
    assert len(run.ids) == 5


def test_a_long_retry_after_is_a_refusal(shop, field):
    shop.special["/search?q=haneulbit&page=1"] = (503, {"Retry-After": "86400"}, b"<html>later</html>")
    run = field.crawl(field.job())
    assert shop.asked["/search?q=haneulbit&page=1"] == 1
    assert run.outcomes()["ok"] == 0
    assert run.outcomes()["empty"] == 0


# Hostile pages


def test_private_addresses_are_refused_even_after_a_redirect(shop, field, tmp_path):
    other = type(shop)()
    try:
        shop.special["/item/100000"] = (302, {"Location": f"{other.origin}/secret"}, b"")
        images = [
            f"{other.origin}/img/1.png",
            "http://169.254.169.254/x.png",
            f"{shop.origin}/hop",
            "file:///etc/passwd",
            "http://[bad/",
        ]
        shop.special["/hop"] = (302, {"Location": f"{other.origin}/img/2.png"}, b"")
        shop.special["/item/100001"] = (200, {}, shop.html([shop.node(1, image=images)]))
        run = field.crawl(field.job(field.watch(pages=1)))
        assert not other.asked
    finally:
        other.close()
    refused = [page for page in run.pages if page.outcome == "refused"]
    assert [page.url for page in refused] == [f"{shop.origin}/item/100000"]
    assert "100000" in run.ids
    line = next(line for line in run.listings if line.listing["listing_id"] == "100001")
    assert line.images
    assert all(image.sha256 is None and image.problem for image in line.images)


def test_a_result_page_cannot_lead_elsewhere(shop, field):
    other = type(shop)()
    try:
        node = {**shop.node(1), "url": f"{other.origin}/item/100001"}
        shop.special["/search?q=haneulbit&page=1"] = (200, {}, shop.html([node, shop.node(2)]))
        run = field.crawl(field.job(field.watch(pages=1)))
        assert not other.asked
    finally:
        other.close()
    assert sorted(run.ids) == ["100001", "100002"]


def test_pictures_are_limited_before_they_are_kept(shop, field):
    jpeg = picture(3, "JPEG")
    shop.pictures |= {
        "0.png": huge_png(),
        "1.png": jpeg[:-30],
        "2.png": b"<html>no picture</html>",
        "3.png": jpeg,
        "4.png": picture(4, "WEBP")[:-20],
    }
    run = field.crawl(field.job(field.watch(pages=1)))
    found = {image.url.rpartition("/")[2]: image for line in run.listings for image in line.images}
    assert "larger than" in found["0.png"].problem
    assert "cut short" in found["1.png"].problem
    assert "not a picture" in found["2.png"].problem
    assert found["3.png"].media_type == "image/jpeg"
    assert "cut short" in found["4.png"].problem
    assert len(run.ids) == 5


def test_a_broken_page_is_told_and_its_listing_kept(shop, field):
    shop.special["/item/100001"] = (200, {}, b"<html><body>" + b"nothing to see here at all " * 30)
    shop.special["/item/100002"] = (200, {"Content-Length": "9999999"}, b"short")
    run = field.crawl(field.job(field.watch(pages=1)), "search", "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=3")
    assert len(run.ids) == 5
    assert {page.listing_id: str(page.outcome) for page in run.pages if page.outcome != "ok"} == {
        "100001": "unknown",
        "100002": "failed",
    }


# Jobs that cannot run


def test_a_market_without_a_manifest_is_named(shop, field):
    run = field.crawl(field.job(market="nowhere"))
    assert run.code != 0
    assert "market: expected one of testshop" in run.log
    assert not shop.asked


def test_a_market_without_a_way_in_says_so(shop, field):
    field.manifest(access='["capture", "feed"]')
    run = field.crawl(field.job())
    assert run.stats.finish_reason == "no_rung"
    assert not shop.asked


def test_a_site_the_market_has_not_is_told(shop, field):
    run = field.crawl(field.job(field.watch(site="KR"), field.watch(watch_id="w2", pages=1)))
    assert run.outcomes()["failed"] == 1
    assert "KR" in run.pages[0].reason
    assert len(run.ids) == 5


# Kill and resume


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@pytest.mark.parametrize("moment", [1, 2, 4, 9])
def test_kill_minus_nine_and_resume_neither_loses_nor_doubles(shop, field, moment):
    shop.pause = 0.05
    job = field.job()
    process = field.start(job)
    wait_for(
        lambda: sum(count for path, count in shop.asked.items() if path.startswith(("/search", "/item"))) >= moment
    )
    process.send_signal(signal.SIGKILL)
    process.wait()
    spool = Path(job.spool_dir)
    assert not (spool / "stats.json").exists()
    with (spool / "listings.jsonl").open("ab") as file:
        file.write(b'{"job_id": "run-1", "torn')
    with (field.folder / "evidence" / "warc" / "run-1.warc.gz").open("ab") as file:
        file.write(b"\x1f\x8b\x08torn")
    before = {line.split('"record_id":"')[1][:45] for line in (spool / "listings.jsonl").read_text().splitlines()[:-1]}
    run = field.crawl(job)
    assert sorted(run.ids) == [str(100000 + n) for n in range(12)]
    assert run.stats.finish_reason == "finished"
    assert run.stats.listings == 12
    assert before <= {line.capture.record_id for line in run.listings}
    report = verify(Path(job.evidence_dir))
    assert report.sound
    assert not report.torn
    # What was settled is not asked for again: at most the pages under way at the kill are fetched twice.
    assert sum(shop.asked.values()) <= 1 + 2 + 15 + 12 + 3 + 24 + 16


@pytest.mark.faults
def test_killed_again_and_again(shop, field):
    shop.items = 40
    shop.pause = 0.03
    job = field.job(page_budget=500)
    for _ in range(8):
        process = field.start(job)
        time.sleep(2.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    run = field.crawl(job)
    assert sorted(run.ids) == [str(100000 + n) for n in range(40)]
    assert verify(Path(job.evidence_dir)).sound


def test_a_stop_from_outside_can_be_gone_on_with(shop, field):
    shop.pause = 0.1
    job = field.job()
    process = field.start(job)
    wait_for(lambda: any(path.startswith("/item") for path in shop.asked))
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    assert not (Path(job.spool_dir) / "stats.json").exists()
    shop.pause = 0
    run = field.crawl(job)
    assert sorted(run.ids) == [str(100000 + n) for n in range(12)]


def test_a_listing_whose_watch_is_gone_does_not_hold_the_next_attempt_up(shop, field):
    shop.pause = 0.1
    job = field.job()
    process = field.start(job)
    wait_for(lambda: any(path.startswith("/item") for path in shop.asked))
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    shop.pause = 0
    run = field.crawl(field.job(field.watch(watch_id="w2", term="하늘빛", pages=1)))
    assert run.stats.finish_reason == "finished"
    assert {str(100000 + n) for n in range(5)} <= set(run.ids)


def test_two_processes_never_run_one_job(shop, field):
    shop.pause = 4
    job = field.job()
    process = field.start(job)
    wait_for(lambda: shop.asked)
    second = field.crawl(job)
    shop.pause = 0
    assert second.code != 0
    assert "another process" in second.log
    assert process.wait(60) == 0
    assert len(second.ids) == len(set(second.ids)) == 12


def test_nothing_is_written_outside_the_job(shop, field):
    field.crawl(field.job(field.watch(pages=1)))
    assert {path.name for path in field.folder.iterdir()} == {"markets", "run-1", "evidence", "crawl.log"}
    assert {path.name for path in (field.folder / "evidence").iterdir() if path.is_dir()} == {"content", "warc"}
    assert "JOBDIR" not in os.environ


# The browser


@pytest.mark.browser
def test_a_page_that_needs_script_is_read_in_a_browser(shop, field):
    shop.rendered_by_script = True
    plain = field.crawl(field.job(field.watch(pages=1)))
    assert plain.ids == []
    field.manifest(access='["browser"]', extra='ready_selector = "body#ready"')
    job = field.job(field.watch(pages=1), job_id="run-2", spool_dir=str(field.folder / "run-2" / "spool"))
    run = field.crawl(job)
    assert sorted(run.ids) == [str(100000 + n) for n in range(5)], run.log
    assert {str(page.rung) for page in run.pages} == {"browser"}
    assert "'playwright/browser_count': 1," in run.log
    assert all(image.sha256 for line in run.listings for image in line.images)
    record = read_record(Path(job.evidence_dir) / run.listings[0].capture.warc, run.listings[0].capture.record_id)
    assert b"Haneulbit cushion" in record.body
    assert shop.agents == {"jikimi/0.1.0 (+monitor@haneulbit.example)"}


@pytest.mark.browser
def test_a_browser_page_reaches_no_private_address(shop, field):
    other = type(shop)()
    try:
        field.manifest(access='["browser"]')
        script = f"<script>fetch('{other.origin}/a').catch(() => 0); fetch('/hop').catch(() => 0); new WebSocket('{other.origin.replace('http', 'ws')}/w')</script>"
        shop.special["/hop"] = (302, {"Location": f"{other.origin}/b"}, b"")
        shop.special["/item/100000"] = (302, {"Location": f"{other.origin}/c"}, b"")
        shop.special["/search?q=haneulbit&page=1"] = (200, {}, shop.results(1) + script.encode())
        run = field.crawl(field.job(field.watch(pages=1)), "search", "-s", "RETRY_TIMES=0")
        assert not other.asked
        assert shop.asked["/hop"] == 1
    finally:
        other.close()
    assert len(run.ids) == 5
