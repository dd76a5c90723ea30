"""Pages as Chromium itself saves them, from a sandbox shop into jikimi."""

import os
import shutil
from pathlib import Path

import pytest

from accounts.models import Role
from listings.models import Listing
from sandbox.play import Sandbox
from tests.factories import MembershipFactory
from triage.captures import Captures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples" / "registry"
PAGES = {"harborlane": "/itm/{}", "pasarria": "/p/{}"}


@pytest.fixture(scope="module")
def shops():
    with Sandbox(seed=7, registry=SAMPLES, listings_per_market=40, markets=PAGES) as sandbox:
        yield sandbox


@pytest.fixture
def captures(transactional_db, settings, tmp_path):
    settings.HOME = tmp_path / "home"
    settings.EVIDENCE_DIR = tmp_path / "home" / "evidence"
    member = MembershipFactory(role=Role.MONITOR)
    return Captures(actor=member.user, organisation=member.organisation)


@pytest.fixture
def visit(chromium, shops, tmp_path):
    """Return a page of a shop in a Chromium that knows the shops' invented names, and keeps a HAR file."""
    rules = ", ".join(f"MAP {name}.example 127.0.0.1:{at.rpartition(':')[2]}" for name, at in shops.origins.items())
    browser = chromium.browser_type.launch(
        executable_path=os.environ.get("JIKIMI_CHROMIUM") or shutil.which("chromium") or None,
        args=["--no-sandbox", f"--host-resolver-rules={rules}"],
    )
    context = browser.new_context(record_har_path=tmp_path / "visit.har", record_har_content="embed")

    def go(market):
        offer = next(truth for truth in shops.truth() if truth.market == market)
        page = context.new_page()
        page.goto(f"http://{market}.example" + PAGES[market].format(offer.listing_id), wait_until="networkidle")
        return page, offer

    yield go
    browser.close()


def check(captures, path, offer, shops):
    answers = list(captures.take_file(path))
    assert {str(answer.outcome) for answer in answers} == {"ok"}, answers
    listing = Listing.objects.get(market=offer.market, listing_id=offer.listing_id)
    assert listing.title == shops.catalogues[offer.market].offers[offer.listing_id].title
    return listing


def save_as_mhtml(page, path):
    snapshot = page.context.new_cdp_session(page).send("Page.captureSnapshot", {"format": "mhtml"})
    path.write_bytes(snapshot["data"].encode())
    return path


def test_chromium_s_mhtml_brings_the_listing_with_its_pictures(visit, shops, captures, tmp_path):
    page, offer = visit("pasarria")
    listing = check(captures, save_as_mhtml(page, tmp_path / "page.mhtml"), offer, shops)
    assert listing.images.count()
    assert {image.problem for image in listing.images.all()} == {""}


def test_what_chromium_leaves_out_of_mhtml_is_said(visit, captures, tmp_path):
    page, _offer = visit("harborlane")  # it tells everything in a script
    (answer,) = captures.take_file(save_as_mhtml(page, tmp_path / "page.mhtml"))
    assert "browsers leave a page's data out of MHTML files" in answer.said
    assert not Listing.objects.exists()


def test_chromium_s_har_brings_the_listing_with_its_pictures(visit, shops, captures, tmp_path):
    page, offer = visit("harborlane")
    page.context.close()  # writes the file
    listing = check(captures, tmp_path / "visit.har", offer, shops)
    assert {image.problem for image in listing.images.all()} == {""}
    assert listing.captures.get().status == 200


def test_a_document_saved_by_hand_is_read_where_the_marketplace_is_told(visit, shops, captures, tmp_path):
    page, offer = visit("pasarria")
    (tmp_path / "page.html").write_text(page.content())
    (answer,) = captures.take_file(tmp_path / "page.html", market="pasarria")
    assert answer.said == "new · not flagged"
    assert Listing.objects.get().listing_id == offer.listing_id
