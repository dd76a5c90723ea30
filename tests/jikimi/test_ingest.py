import json
import zipfile

import pytest
from click.testing import CliRunner

from accounts.models import Role
from contracts.errors import BadInput
from jikimi.commands import ingest
from listings.models import Capture, Listing
from tests.factories import MarkFactory, MembershipFactory, OrganisationFactory
from triage.models import Flag

pytestmark = pytest.mark.django_db

URL = "https://harborlane.example/itm/700100200"


@pytest.fixture(autouse=True)
def organisation(settings, tmp_path):
    settings.HOME = tmp_path / "home"
    settings.EVIDENCE_DIR = tmp_path / "home" / "evidence"
    mark = MarkFactory()
    MembershipFactory(organisation=mark.brand.organisation, role=Role.MONITOR)
    return mark.brand.organisation


def page(title="Haneulbit dew serum 1:1 mirror quality", body=""):
    product = {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": "700100200",
        "name": title,
        "url": "/itm/700100200",
        "offers": {"@type": "Offer", "price": "4.90", "priceCurrency": "USD"},
    }
    script = f'<script type="application/ld+json">{json.dumps(product)}</script>' if title else ""
    head = f"<!-- saved from url=({len(URL):04}){URL} -->"
    return f"{head}<!doctype html><html><head><title>x</title>{script}</head><body>{body}</body></html>"


def har(text):
    content = {"mimeType": "text/html", "text": text}
    request = {"method": "GET", "url": URL}
    moment = "2026-11-01T09:00:00.000Z"
    entry = {"startedDateTime": moment, "request": request, "response": {"status": 200, "content": content}}
    noise = {
        "request": {"url": URL + "/count"},
        "response": {"content": {"mimeType": "application/json", "text": "{}"}},
    }
    frame = {
        "request": {"url": "https://ads.example/"},
        "response": {"content": {"mimeType": "text/html", "text": "Ad"}},
    }
    return json.dumps({"log": {"entries": [entry, noise, frame]}})


def run(*arguments):
    return CliRunner().invoke(ingest.command, [str(argument) for argument in arguments])


def test_a_folder_is_taken_in_file_by_file_and_again_changes_nothing(tmp_path):
    folder = tmp_path / "saved"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "serum.html").write_text(page())
    (folder / ".hidden").write_text("nothing to see")
    (folder / "feed.jsonl").write_text(json.dumps({"market": "ebay", "listing_id": "9", "title": "Hose"}) + "\n")

    done = run(folder)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "serum.html: 1 new, 0 changed, 0 unchanged, 0 not taken in; 1 flagged",
        "feed.jsonl: 1 new, 0 changed, 0 unchanged, 0 not taken in; 0 flagged",
    ]
    rows = list(Listing.objects.order_by("pk").values())
    again = run(folder)
    assert "serum.html: 0 new, 0 changed, 1 unchanged" in again.stdout
    assert list(Listing.objects.order_by("pk").values()) == rows
    assert Flag.objects.count() == 1
    assert Capture.objects.get(listing__market="harborlane").vantage == "jikimi, file serum.html"


def test_a_har_tells_its_own_time_and_what_is_no_page_of_a_shop_is_passed_over(tmp_path):
    (tmp_path / "visit.har").write_text(har(page()))
    done = run(tmp_path / "visit.har")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert Capture.objects.get().observed_at.isoformat() == "2026-11-01T09:00:00+00:00"
    assert Capture.objects.get().rung == "capture"


def test_an_older_page_does_not_win_over_a_newer_one(tmp_path):
    (tmp_path / "new.html").write_text(page("Haneulbit dew serum 1:1 top copy"))
    (tmp_path / "visit.har").write_text(har(page()))
    run(tmp_path / "new.html", tmp_path / "visit.har")
    assert Listing.objects.get().title == "Haneulbit dew serum 1:1 top copy"


def test_walls_unknown_pages_and_broken_files_are_named_and_the_rest_is_taken(tmp_path):
    (tmp_path / "1-wall.html").write_text(page("", '<div class="captcha-box">'))
    (tmp_path / "2-letter.html").write_text("<p>Dear Sua")
    (tmp_path / "3-broken.wacz").write_bytes(b"PK\x03\x04")
    (tmp_path / "4-serum.html").write_text(page())
    done = run(*sorted(tmp_path.glob("*-*")))
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "1-wall.html: 0 new, 0 changed, 0 unchanged, 0 not taken in, 1 walls; 0 flagged",
        "2-letter.html: 0 new, 0 changed, 0 unchanged, 0 not taken in, 1 unknown pages; 0 flagged",
        "3-broken.wacz: 0 new, 0 changed, 0 unchanged, 1 not taken in; 0 flagged",
        "4-serum.html: 1 new, 0 changed, 0 unchanged, 0 not taken in; 1 flagged",
    ]
    assert "1-wall.html: blocked: This page is a wall (Harborlane robot check)" in done.stderr
    assert "not taken in: 3-broken.wacz" in done.stderr
    assert Listing.objects.count() == 1


def test_the_market_can_be_told(tmp_path):
    (tmp_path / "x.html").write_text(page().partition("-->")[2])
    assert run(tmp_path / "x.html", "--market", "harborlane").exit_code == 0
    assert Listing.objects.get().market == "harborlane"
    wrong = run(tmp_path / "x.html", "--market", "nowhere")
    assert isinstance(wrong.exception, BadInput)
    assert "--market" in str(wrong.exception)


def test_for_whom_must_be_clear(tmp_path, organisation):
    OrganisationFactory()
    (tmp_path / "x.html").write_text(page())
    assert "--organisation" in str(run(tmp_path / "x.html").exception)
    assert run(tmp_path / "x.html", "--organisation", organisation.slug).exit_code == 0


def test_an_empty_archive_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.wacz", "w"):
        pass
    done = run(tmp_path / "x.wacz")
    assert done.exit_code == 1
    assert "a WACZ archive with a WARC file inside" in done.stderr
