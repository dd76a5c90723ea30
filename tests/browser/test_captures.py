"""Dropping saved pages into the web interface, in a real Chromium."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from listings.models import Listing
from registry.models import Brand
from tests.factories import MarkFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

URL = "https://harborlane.example/itm/700100200"


def saved(title):
    product = {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": "700100200",
        "name": title,
        "url": "/itm/700100200",
        "offers": {"@type": "Offer", "price": "4.90", "priceCurrency": "USD"},
    }
    data = f'<script type="application/ld+json">{json.dumps(product)}</script>' if title else ""
    body = "" if title else '<div class="captcha-box">'
    return f"<!-- saved from url=({len(URL):04}){URL} --><html><head>{data}</head><body>{body}</body></html>"


def look(page, name):
    folder = os.environ.get("JIKIMI_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def marked(seeded):
    return MarkFactory(brand=Brand.objects.get())


DROP = """(files) => {
  const given = new DataTransfer();
  for (const [name, text] of files) {
    given.items.add(new File([text], name));
  }
  const drop = document.getElementById("drop");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    drop.dispatchEvent(new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true }));
  }
}"""


def test_files_dropped_onto_the_page_are_answered_one_by_one(marked, logged_in):
    page = logged_in
    page.get_by_role("link", name="Captures").click()
    page.wait_for_load_state()  # the script that listens is deferred
    page.evaluate(DROP, [["serum.html", saved("Haneulbit dew serum 1:1 mirror quality")], ["wall.html", saved("")]])
    rows = page.locator("table.results tbody tr")
    expect(rows).to_have_count(2, timeout=30_000)  # the first look loads the matchers
    expect(rows.nth(0)).to_contain_text("new · flagged for Haneulbit")
    expect(rows.nth(1)).to_contain_text("This page is a wall")
    look(page, "captures-results")
    page.get_by_role("button", name="한국어").click()
    look(page, "captures-ko")
    page.goto(page.url.partition("/captures")[0] + "/accounts/tokens/")
    look(page, "tokens-ko")


def test_the_same_without_javascript(marked, chromium, live_server):
    context = chromium.new_context(base_url=live_server.url, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto("/captures/upload/")
    page.get_by_label("User name").fill("jiwoo")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    content = {"name": "serum.html", "mimeType": "text/html", "buffer": saved("Haneulbit 1:1 mirror quality").encode()}
    page.get_by_label("Drop files here, or choose them").set_input_files([content])
    page.get_by_role("button", name="Take in").click()
    page.get_by_role("row", name="serum.html").get_by_role("link").click()
    assert "Haneulbit" in page.locator("h1").inner_text()
    assert Listing.objects.filter(market="harborlane").exists()
    context.close()
