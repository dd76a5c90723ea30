"""A sound case, the evidence behind it, and a real browser."""

import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from accounts.models import Role
from contracts.listing import PageOutcome
from contracts.rights import RightType
from evidence.store import Store
from takedown.models import EvidenceCapture
from tests.factories import (
    BrandFactory,
    ListingFactory,
    MarkFactory,
    MembershipFactory,
    OrganisationFactory,
    PowerOfAttorneyFactory,
    ProductFactory,
    RightFactory,
    SightingFactory,
    VerdictFactory,
)

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
MATCH = {
    "signals": [
        {"name": "mark", "weight": 2.5, "compared_with": "1", "words": ["Haneulbit"]},
        {"name": "wording_copy", "weight": 2.0, "compared_with": "en:1:1", "words": ["1:1 mirror quality"]},
    ]
}
OWNER = "Haneul Cosmetics Co., Ltd."


@attrs.frozen(kw_only=True)
class Look:
    """What a browser brought back."""

    url: str
    final_url: str
    status: int | None
    observed_at: datetime
    outcome: PageOutcome
    reason: str = ""
    screenshot_sha256: str | None = None
    body_sha256: str | None = None
    vantage: str = "loopback"
    browser: str = "Chromium"
    title: str = ""


def chromium(url, *, store, market, site, allowed, timeout_s):
    """Capture a loopback page with the real Chromium: just enough to prove the service on it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 700})
        answer = page.goto(url, timeout=timeout_s * 1000)
        shot, body, title = page.screenshot(full_page=True), page.content().encode(), page.title()
        version = browser.version
        browser.close()
    blocked = answer.status == 403
    return Look(
        url=url,
        final_url=answer.url,
        status=answer.status,
        observed_at=datetime.now(UTC),
        outcome=PageOutcome.BLOCKED if blocked else PageOutcome.OK,
        reason="HTTP 403" if blocked else "",
        screenshot_sha256=store.put(shot),
        body_sha256=store.put(body),
        browser=f"Chromium {version}",
        title=title,
    )


class _Shop(BaseHTTPRequestHandler):
    """Two pages: a listing, and a wall."""

    def do_GET(self):
        wall = self.path.startswith("/wall")
        page = b"<title>Access denied</title>" if wall else b"<title>Dew serum</title><h1>Haneulbit dew serum 4,90</h1>"
        self.send_response(403 if wall else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture(scope="session")
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(NOW, tick=False)
    return NOW


@pytest.fixture
def store(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    return Store(settings.EVIDENCE_DIR)


def picture(text="Haneulbit dew serum", size=(1000, 1400)):
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((60, 60), text, fill="black")
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def witness(verdict, store, *, outcome=PageOutcome.OK, at=NOW - timedelta(minutes=10), **more):
    """Keep evidence for a verdict as the capture would have."""
    return EvidenceCapture.objects.create(
        verdict=verdict,
        listing=verdict.flag.listing,
        outcome=outcome,
        url=verdict.flag.listing.url,
        final_url=verdict.flag.listing.url,
        status=200,
        at=at,
        screenshot_sha256=store.put(picture()) if outcome is PageOutcome.OK else "",
        body_sha256=hashlib.sha256(b"page").hexdigest(),
        browser="Chromium 140",
        vantage="Seoul",
        **more,
    )


@attrs.frozen(kw_only=True)
class People:
    monitor: object
    officer: object
    second: object
    owner: object
    stranger: object


@pytest.fixture
def organisation(db):
    return OrganisationFactory(name=OWNER, phone="+82-2-0000-0000")


@pytest.fixture
def people(organisation):
    def member(role, where=organisation):
        return MembershipFactory(organisation=where, role=role).user

    return People(
        monitor=member(Role.MONITOR),
        officer=member(Role.TAKEDOWN_OFFICER),
        second=member(Role.TAKEDOWN_OFFICER),
        owner=member(Role.BRAND_OWNER),
        stranger=member(Role.TAKEDOWN_OFFICER, OrganisationFactory()),
    )


@pytest.fixture
def brand(organisation):
    brand = BrandFactory(organisation=organisation, website="https://haneulbit.example/")
    mark = MarkFactory(brand=brand)
    ProductFactory(brand=brand, nice_class=3)
    RightFactory(brand=brand, mark=mark, office="EU", owner=OWNER)
    RightFactory(brand=brand, mark=mark, office="US", owner=OWNER)
    RightFactory(
        brand=brand, type=RightType.COPYRIGHT, office="KR", number="C-1", owner=OWNER, classes=[], expires_on=None
    )
    PowerOfAttorneyFactory(brand=brand)
    return brand


@pytest.fixture
def a_verdict(noon, brand, organisation):
    """Return a maker of verdicts on fresh listings."""

    def make(
        *, market="marktkorb", site="DE", kind="counterfeit", title="Haneulbit dew serum 1:1 mirror quality", **more
    ):
        url = more.pop("url", f"https://{market}.example/p/1")
        more.setdefault("flag__match", MATCH)
        currency = more.pop("currency", "EUR")
        listing = ListingFactory(market=market, site=site, title=title, url=url, currency=currency)
        SightingFactory(listing=listing, organisation=organisation)
        return VerdictFactory(flag__listing=listing, flag__brand=brand, flag__state="decided", kind=kind, **more)

    return make


@pytest.fixture
def ready(a_verdict, store):
    """Return a verdict with fresh evidence: a draft may be made."""
    verdict = a_verdict()
    witness(verdict, store)
    return verdict
