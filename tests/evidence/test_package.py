"""What was kept of a listing: shown with every hash checked, and handed on as a WACZ file other tools read."""

import gzip
import hashlib
import io
import json
import os
import zipfile
from datetime import timedelta

import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from evidence.offsets import offsets_of
from evidence.package import NotPackaged, NoWaczTool, validate
from evidence.store import Store
from evidence.warc import Answer, NoSuchRecord, WarcFile, read_record
from jikimi.commands.evidence import command
from jikimi.evidence import NoSuchListing
from tests.crawlers.shop import picture
from tests.factories import (
    NOON,
    CaptureFactory,
    EvidenceCaptureFactory,
    ListingFactory,
    ListingImageFactory,
    VerdictFactory,
)

URL = "https://shop.example/itm/77?q=하늘"
PAGE = "<html><title>Haneulbit</title><p>\x1b[31mHaneulbit cushion 하늘빛".encode()
RECORD = b'{"title": "Haneulbit", "from": "a feed"}'


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def root(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    return settings.EVIDENCE_DIR


@pytest.fixture
def listing(root, db):
    """A listing crawled twice, seen once in a feed, with two pictures of which one could not be had."""
    store = Store(root)
    listing = ListingFactory(market="ebay", listing_id="77", url=URL, title="Haneulbit\x1b[2J cushion", first_seen=NOON)
    with WarcFile(root / "warc" / "3.warc.gz") as warc:
        for number, body in enumerate((PAGE, PAGE + b"<p>cheaper")):
            seen = NOON + timedelta(hours=number)
            answer = Answer(
                url=URL,
                observed_at=seen,
                status=200,
                headers=[("Content-Type", "text/html")],
                body=body,
                vantage="Seoul",
            )
            CaptureFactory(
                listing=listing,
                url=URL,
                observed_at=seen,
                warc="warc/3.warc.gz",
                record_id=warc.write(answer),
                body_sha256=_sha(body),
                screenshot_sha256=store.put(picture(9)) if number else "",
                vantage="Seoul",
                parser="ebay",
                data={**listing.data, "image_urls": ["https://img.example/1.png"] * number},
            )
    late = NOON + timedelta(days=2)
    CaptureFactory(listing=listing, url="", rung="feed", status=None, observed_at=late, body_sha256=store.put(RECORD))
    data = picture(1)
    ListingImageFactory(
        listing=listing,
        url="https://img.example/1.png",
        sha256=store.put(data),
        media_type="image/png",
        width=60,
        height=40,
    )
    ListingImageFactory(listing=listing, position=1, sha256="", problem="not fetched: HTTP 404")
    return listing


def _sha(body):
    return hashlib.sha256(body).hexdigest()


def test_everything_kept_is_shown_in_the_order_of_time(listing):
    shown = run("show", "ebay:77", "--json")
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.output)
    shown_first = ["capture", "picture"]  # the picture never had stands with the first look
    assert [event["what"] for event in told["events"]] == [*shown_first, "capture", "screenshot", "picture", "capture"]
    assert [event["at"] for event in told["events"]] == sorted(event["at"] for event in told["events"])
    assert told["as_written"] is True
    first = next(event for event in told["events"] if event["what"] == "capture")
    assert (first["rung"], first["status"], first["vantage"], first["parser"]) == ("http", 200, "Seoul", "ebay")
    assert first["sha256"] == _sha(PAGE)
    kept, lacking = sorted(
        (event for event in told["events"] if event["what"] == "picture"), key=lambda event: "lacking" in event
    )
    assert (kept["width"], kept["media_type"]) == (60, "image/png")
    assert kept["at"].startswith("2026-11-02T13")  # when it was first shown
    assert lacking["lacking"] == "not fetched: HTTP 404"


def test_the_same_for_people_and_by_number(listing):
    shown = run("show", listing.pk)
    assert shown.exit_code == 0, shown.output
    assert "ebay:77" in shown.output
    assert "capture  http  HTTP 200  seen from Seoul  read by ebay" in shown.output
    assert "not kept: not fetched: HTTP 404" in shown.output
    assert shown.output.endswith("All as written.\n")
    assert "\x1b" not in shown.output  # a seller's title gives the terminal no orders


def test_a_look_for_a_notice_is_shown_with_its_screenshot(listing, root):
    store = Store(root)
    verdict = VerdictFactory(flag__listing=listing)
    look = {"verdict": verdict, "at": NOON + timedelta(days=3), "body_sha256": store.put(b"<html>seen")}
    EvidenceCaptureFactory(**look, screenshot_sha256=store.put(picture(4)))
    EvidenceCaptureFactory(verdict=verdict, outcome="blocked", reason="a wall", body_sha256="", screenshot_sha256="")
    told = json.loads(run("show", "ebay:77", "--json").output)["events"]
    assert [event["what"] for event in told[-2:]] == ["capture", "screenshot"]
    assert told[-2]["outcome"] == "ok"
    assert [event["lacking"] for event in told if event.get("outcome") == "blocked"] == ["a wall"]


def test_a_changed_byte_is_told_and_nothing_of_it_is_exported(listing, root, tmp_path):
    path = Store(root).path(_sha(picture(1)))
    path.chmod(0o640)
    path.write_bytes(b"other")
    shown = run("show", "ebay:77")
    assert shown.exit_code == 1
    assert "DAMAGED: now hashes to" in shown.output
    with pytest.raises(NotPackaged, match=r"img\.example/1\.png is not as it was written"):
        CliRunner().invoke(
            command,
            ["export", "ebay:77", "--wacz", str(tmp_path / "a.wacz")],
            catch_exceptions=False,
            standalone_mode=False,
        )
    assert not (tmp_path / "a.wacz").exists()


def test_a_record_that_is_gone_or_forged_is_told(listing, root):
    path = root / "warc" / "3.warc.gz"
    data = path.read_bytes()
    forged = b"".join(
        gzip.compress(gzip.decompress(part).replace(b"cheaper", b"dearer!"))
        for part in (b"\x1f\x8b\x08" + rest for rest in data.split(b"\x1f\x8b\x08")[1:])
    )
    path.write_bytes(forged)
    shown = run("show", "ebay:77")
    assert shown.exit_code == 1
    assert shown.output.count("DAMAGED: its body no longer has the SHA-256") == 1
    os.truncate(path, len(forged) // 3)
    assert "DAMAGED: 3.warc.gz: no record" in run("show", "ebay:77").output
    path.unlink()
    assert run("show", "ebay:77").output.count("no record") == 2


@pytest.mark.parametrize("name", ["ebay:78", "12345678", "9" * 40, "ebay", "", "２", "-1"])
def test_a_listing_nobody_knows_is_named(db, name):
    shown = CliRunner().invoke(command, ["show", "--", name])
    assert isinstance(shown.exception, NoSuchListing)
    assert repr(name) in str(shown.exception)


# The package


def test_a_package_is_valid_and_holds_what_was_kept(listing, root, tmp_path):
    other = ListingFactory(market="ebay", listing_id="78")
    out = tmp_path / "out" / "case.wacz"
    made = run("export", "ebay:77", other.pk, "--wacz", out)
    assert made.exit_code == 0, (made.output, made.exception)
    assert "3 captures and 1 pictures of 2 listings" in made.output
    assert [path.name for path in out.parent.iterdir()] == ["case.wacz"]
    assert "Validation succeeded" in validate(out)
    with zipfile.ZipFile(out) as archive:
        package = json.loads(archive.read("datapackage.json"))
        pages = [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()]
        account = json.loads(archive.read("logs/evidence.json"))
        warc = archive.read("archive/evidence.warc.gz")
    assert package["wacz_version"] == "1.1.1"
    assert package["title"] == "ebay 77, ebay 78"
    assert [(page["url"], page["ts"]) for page in pages[1:]] == [
        (URL, "2026-11-02T12:00:00Z"),
        (URL, "2026-11-02T13:00:00Z"),
    ]
    assert [one["listing_id"] for one in account] == ["77", "78"]
    found = {}
    for record in ArchiveIterator(io.BytesIO(warc), check_digests=True):
        body = record.content_stream().read()
        assert record.digest_checker.passed is not False
        if record.rec_type != "warcinfo":
            assert record.rec_headers.get_header("Jikimi-Payload-SHA256") == _sha(body)
            found.setdefault((record.rec_type, record.rec_headers.get_header("WARC-Target-URI")), []).append(body)
    assert found == {
        ("response", URL): [PAGE, PAGE + b"<p>cheaper"],
        ("resource", f"urn:view:{URL}"): [picture(9)],
        ("resource", f"urn:sha256:{_sha(RECORD)}"): [RECORD],
        ("resource", "https://img.example/1.png"): [picture(1)],
    }


def test_without_the_tool_it_is_said_where_it_should_be(listing, tmp_path, monkeypatch):
    monkeypatch.setenv("JIKIMI_WACZ", str(tmp_path / "nowhere"))
    shown = run("export", "ebay:77", "--wacz", tmp_path / "a.wacz")
    assert isinstance(shown.exception, NoWaczTool)
    assert "scripts/setup" in str(shown.exception)


# One record of many


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.warc.gz"
    with WarcFile(path) as warc:
        ids = [warc.write(_answer(number)) for number in range(50)]
    return path, ids


def _answer(number):
    return Answer(url=f"https://shop.example/{number}", observed_at=NOON, status=200, headers=[], body=b"%d" % number)


def test_a_record_is_found_by_its_offset_and_a_grown_file_is_gone_on_with(large):
    path, ids = large
    assert read_record(path, ids[30]).body == b"30"
    lines = offsets_of(path).read_bytes()
    assert lines.count(b"\n") == 52  # what it covers, the warcinfo record, fifty pages
    with WarcFile(path) as warc:
        late = warc.write(_answer(99))
    assert read_record(path, ids[7]).body == b"7"
    assert offsets_of(path).read_bytes() == lines  # what is known needs no look at the new
    assert read_record(path, late).body == b"99"
    grown = offsets_of(path).read_bytes().splitlines()
    assert grown[1:-1] == lines.splitlines()[1:]
    assert grown[-1].startswith(f"{late} ".encode())
    assert grown[0] == b"covers %d" % path.stat().st_size


@pytest.mark.parametrize("lines", [b"", b"nonsense", b"covers 999999999\n", b"covers x\n", None])
def test_offsets_that_are_wrong_are_made_anew(large, lines):
    path, ids = large
    read_record(path, ids[0])
    right = offsets_of(path).read_bytes()
    if lines is None:  # those of another file: every record one further
        head, *rest = right.splitlines()
        names, places = zip(*(line.split() for line in rest), strict=True)
        moved = [b" ".join(pair) for pair in zip(names, (*places[1:], places[0]), strict=True)]
        lines = b"\n".join([head, *moved, b""])
    offsets_of(path).write_bytes(lines)
    assert read_record(path, ids[31]).body == b"31"
    assert offsets_of(path).read_bytes() == right
    with pytest.raises(NoSuchRecord):
        read_record(path, "urn:uuid:none")


def test_a_file_that_cannot_have_offsets_beside_it_is_read_all_the_same(large):
    path, ids = large
    offsets_of(path).mkdir()  # root may write anywhere, so a folder stands in for a read-only disk
    assert read_record(path, ids[31]).body == b"31"
    assert [other.name for other in path.parent.iterdir() if other.name.startswith(".")] == []
