import io
import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image
from web_poet import HttpResponse

from accounts import services as accounts
from accounts import tokens
from accounts.models import AuditEvent, Role
from accounts.permissions import NotAllowed
from contracts.errors import BadInput
from contracts.listing import PageOutcome
from evidence.verify import verify
from evidence.warc import read_record
from listings.captures import CapturedPage, News, same_picture, take_in_capture
from listings.models import Capture, Listing, Sighting
from listings.states import Presence, Source
from tests.factories import BrandFactory, MarkFactory, MembershipFactory, SightingFactory, VerdictFactory
from triage.captures import Captures, vantage
from triage.models import Flag

pytestmark = pytest.mark.django_db

URL = "http://harborlane.example/itm/700100200"


def picture(kind="PNG", color="teal"):
    data = io.BytesIO()
    Image.new("RGB", (160, 120), color).save(data, kind)
    return data.getvalue()


def product(title="Haneulbit dew serum 1:1 mirror quality", number="700100200", price="4.90"):
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": number,
        "name": title,
        "url": f"/itm/{number}",
        "image": [f"/img/{number}.png"],
        "offers": {
            "@type": "Offer",
            "price": price,
            "priceCurrency": "USD",
            "seller": {"@type": "Organization", "name": "Bargain Glow", "url": "/shop/bargain-glow"},
        },
    }


def page_html(*nodes, body="<h1>Offer</h1>"):
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    return f'<!doctype html><html lang="en"><head><title>Harborlane</title>{scripts}</head><body>{body}</body></html>'


def rows_html(*titles):
    items = [
        {"@type": "ListItem", "position": place, "item": product(title, str(700100200 + place))}
        for place, title in enumerate(titles)
    ]
    return page_html({"@context": "https://schema.org", "@type": "ItemList", "itemListElement": items})


WALL = page_html(body='<div class="captcha-box">Are you a robot?</div>')
GONE = page_html(body="<h1>This listing is no longer available</h1>")


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    settings.HOME = tmp_path / "home"
    settings.EVIDENCE_DIR = tmp_path / "home" / "evidence"


@pytest.fixture
def marked(brand):
    MarkFactory(brand=brand)
    return brand


@pytest.fixture
def take(monitor, marked):
    captures = Captures(actor=monitor, organisation=marked.organisation)

    def one(html, url=URL, **values):
        response = HttpResponse(url=url, body=html.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
        values = {"observed_at": timezone.now(), "vantage": "jiwoo, test", **values}
        return captures.take(CapturedPage(response=response, **values), where=url)

    return one


def test_a_fake_is_flagged_on_the_spot_and_kept_as_evidence(take, settings, marked):
    shot = picture("JPEG")
    answer = take(
        page_html(product()),
        screenshot=shot,
        status=200,
        pictures={"http://harborlane.example/img/700100200.png": picture()},
    )

    assert answer.outcome is PageOutcome.OK
    assert answer.said == "new · flagged for Haneulbit"
    assert "Words that admit a copy" in answer.listings[0].why
    listing = Listing.objects.get()
    assert (listing.market, listing.listing_id, listing.site) == ("harborlane", "700100200", "US")
    flag = Flag.objects.get()
    assert (flag.listing, flag.brand) == (listing, marked)
    capture = listing.captures.get()
    assert (capture.rung, capture.vantage, capture.status) == ("capture", "jiwoo, test", 200)
    assert capture.screenshot_sha256
    kept = read_record(settings.EVIDENCE_DIR / capture.warc, capture.record_id)
    assert b"mirror quality" in kept.body
    assert kept.url == URL
    assert verify(settings.EVIDENCE_DIR).sound
    image = listing.images.get()
    assert (image.width, image.media_type, image.problem) == (160, "image/png", "")


def test_the_same_capture_again_changes_nothing(take, settings):
    seen = timezone.now() - timedelta(minutes=1)
    first = take(page_html(product()), observed_at=seen)
    before = {model: list(model.objects.order_by("pk").values()) for model in (Listing, Capture, Flag)}
    warcs = sorted(settings.EVIDENCE_DIR.rglob("*.warc.gz"))
    again = take(page_html(product()), observed_at=seen)

    assert (first.listings[0].news, again.listings[0].news) == (News.NEW, News.UNCHANGED)
    assert again.said.startswith("known · flagged for")
    assert {model: list(model.objects.order_by("pk").values()) for model in before} == before
    assert sorted(settings.EVIDENCE_DIR.rglob("*.warc.gz")) == warcs


def test_what_was_decided_is_said_with_who_and_when(take, monitor):
    take(page_html(product()), observed_at=timezone.now() - timedelta(minutes=1))
    flag = Flag.objects.get()
    Flag.objects.filter(pk=flag.pk).update(state="decided")
    VerdictFactory(flag=flag, kind="resale", by=monitor)

    answer = take(page_html(product()))

    day = timezone.localdate().isoformat()
    assert answer.said == (f"known · decided already: Second-hand or parallel import ({monitor.username}, {day})")
    with translation.override("ko"):
        assert "이미 판정됨" in take(page_html(product())).said


def test_an_innocent_listing_is_new_and_not_flagged(take):
    answer = take(page_html(product("Bamboo toothbrush, pack of four")))
    assert answer.said == "new · not flagged"
    assert answer.listings[0].standing == "clear"
    assert not Flag.objects.exists()


def test_changed_content_is_said(take):
    take(page_html(product()), observed_at=timezone.now() - timedelta(minutes=1))
    answer = take(page_html(product(price="3.10")))
    assert answer.listings[0].news is News.CHANGED
    assert str(Listing.objects.get().price) == "3.10"


def test_a_search_page_brings_every_row(take):
    titles = ["Bamboo toothbrush", "Haneulbit dew serum 1:1 mirror quality", "Garden hose 20 m"]
    answer = take(rows_html(*titles), url="http://harborlane.example/search?q=serum")
    assert answer.said == "3 listings, 1 flagged"
    assert [listing.standing for listing in answer.listings] == ["flagged", "clear", "clear"]
    assert Listing.objects.count() == 3


def test_a_wall_is_a_wall_and_never_nothing_there(take):
    take(page_html(product()), observed_at=timezone.now() - timedelta(minutes=1))
    answer = take(WALL)
    assert answer.outcome is PageOutcome.BLOCKED
    assert "This page is a wall (Harborlane robot check)" in answer.said
    assert Listing.objects.get().presence == Presence.LIVE


def test_a_removed_page_ends_the_listing_whose_page_it_is_and_no_other(take):
    seen = timezone.now() - timedelta(minutes=1)
    take(rows_html("Haneulbit dew serum 1:1 mirror quality", "Garden hose"), observed_at=seen)
    answer = take(GONE)
    assert answer.said == "The listing is gone; that is noted now."
    assert dict(Listing.objects.values_list("listing_id", "presence")) == {
        "700100200": Presence.GONE,
        "700100201": Presence.LIVE,
    }
    assert "or that was known" in take(GONE).said


def test_a_removed_page_says_nothing_of_a_listing_its_address_came_from(take):
    take(page_html(product()), observed_at=timezone.now() - timedelta(minutes=1))
    elsewhere = f"https://harborlane.example/itm/999888777?from={Listing.objects.get().listing_id}"
    assert "or that was known" in take(GONE, url=elsewhere).said
    assert Listing.objects.get().presence == Presence.LIVE


def test_a_removed_page_ends_no_listing_another_firm_watches(take):
    take(page_html(product()), observed_at=timezone.now() - timedelta(minutes=1))
    other = MembershipFactory(role=Role.MONITOR)
    response = HttpResponse(url=URL, body=GONE.encode())
    page = CapturedPage(response=response, observed_at=timezone.now(), vantage="x")
    taken = take_in_capture(actor=other.user, organisation=other.organisation, page=page)
    assert taken.gone == 0
    assert Listing.objects.get().presence == Presence.LIVE


def test_a_removed_page_ends_nothing_that_only_the_pool_found(take):
    take(page_html(product()), observed_at=timezone.now() - timedelta(minutes=1))
    other = MembershipFactory(role=Role.MONITOR)
    sighting = SightingFactory(listing=Listing.objects.get(), organisation=other.organisation, source=Source.POOL)
    page = CapturedPage(
        response=HttpResponse(url=URL, body=GONE.encode()), observed_at=timezone.now(), vantage="x"
    )  # fmt: skip
    gone = []
    for source in (Source.POOL, Source.BROUGHT):
        Sighting.objects.filter(pk=sighting.pk).update(source=source)
        gone.append(take_in_capture(actor=other.user, organisation=other.organisation, page=page).gone)
    assert gone == [0, 1]


def test_a_page_nobody_knows_is_said_and_not_kept(take, settings):
    answer = take(page_html(body="<h1>My letters</h1>"))
    assert answer.outcome is PageOutcome.UNKNOWN
    assert "not kept" in answer.said
    assert not list(settings.EVIDENCE_DIR.rglob("*.warc.gz"))


def test_shops_nobody_wrote_a_manifest_for_are_read_and_keep_their_ids_apart(take):
    for host in ("glow.example", "www.dew.example"):
        take(page_html(product(number="700100200")), url=f"https://{host}/products/serum")
    rows = sorted(Listing.objects.values_list("market", "listing_id"))
    assert [(market, listing_id.partition("/")[0]) for market, listing_id in rows] == [
        ("shop", "dew.example"),
        ("shop", "glow.example"),
    ]


def test_a_file_that_tells_no_address_asks_for_the_marketplace(take):
    assert "Say which marketplace it is" in take(page_html(body="<h1>Offers</h1>"), url="about:blank").said
    take(page_html({**product(), "url": "https://dew.example/serum"}), url="about:blank")
    take(page_html({**product("Dew serum"), "url": None}), url="about:blank")
    ids = sorted(Listing.objects.values_list("listing_id", flat=True))
    assert len(ids[0]) == 32  # made of what it holds
    assert ids[1].startswith("dew.example/")


def test_a_clock_that_runs_ahead_is_not_believed(take):
    take(page_html(product()), observed_at=timezone.now() + timedelta(days=400))
    assert Listing.objects.get().last_seen <= timezone.now()


def test_a_screenshot_that_is_none_is_refused_by_name(take):
    with pytest.raises(BadInput, match="screenshot"):
        take(page_html(product()), screenshot=b"no picture")
    assert not Listing.objects.exists()


def test_who_captured_with_what_is_plain_text(monitor):
    assert vantage(monitor, "file a\x00\n\u202eb.html") == f"{monitor.username}, file ab.html"


def test_who_does_not_monitor_takes_no_captures(marked):
    owner = MembershipFactory(organisation=marked.organisation, role=Role.BRAND_OWNER).user
    stranger = MembershipFactory(role=Role.MONITOR).user
    for actor in (owner, stranger):
        with pytest.raises(NotAllowed):
            Captures(actor=actor, organisation=marked.organisation)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://i.example/g/ABCAAOSw1234/s-l500.jpg", "https://i.example/g/ABCAAOSw1234/s-l1600.webp", True),
        ("https://m.example/I/71abcDEFgh3L._AC_SX300_.jpg", "https://m.example/I/71abcDEFgh3L._SL1500_.jpg", True),
        ("https://x.example/kf/S12345678abc.jpg_220x220.jpg", "https://x.example/kf/S12345678abc.jpg?v=2", True),
        ("https://x.example/shop1234567890/1.jpg", "https://x.example/shop1234567890/2.jpg", False),
        ("https://x.example/front.jpg", "https://x.example/front.jpg?w=200", False),
    ],
)
def test_one_picture_in_two_sizes_is_known_by_its_name(one, other, same):
    assert (same_picture(one) is not None and same_picture(one) == same_picture(other)) is same


# -- the door the extension knocks at ----------------------------------------------------------------------------------


@pytest.fixture
def secret(monitor, marked):
    return accounts.create_token(actor=monitor, organisation=marked.organisation, name="laptop")[1]


def send(secret, *, html=None, **parts):
    html = page_html(product()) if html is None else html
    fields = {"url": URL, "html": SimpleUploadedFile("page.html", html.encode()), "tool": "test 1", **parts}
    fields = {name: value for name, value in fields.items() if value is not None}
    client = Client(enforce_csrf_checks=True)
    return client.post("/captures/", fields, headers={"authorization": f"Bearer {secret}"} if secret else {})


def test_a_capture_sent_with_a_token_is_answered_in_the_asked_language(secret, monitor):
    answer = send(
        secret,
        status="200",
        time=timezone.now().isoformat(),
        language="ko-KR",
        screenshot=SimpleUploadedFile("s.png", picture()),
        picture_url=["http://harborlane.example/img/700100200.png"],
        picture=[SimpleUploadedFile("p.png", picture())],
    )
    assert answer.status_code == 200
    told = answer.json()
    assert (told["outcome"], told["market"], told["total"], told["flagged"]) == ("ok", "Harborlane", 1, 1)
    assert told["listings"][0]["standing"] == "flagged"
    assert told["listings"][0]["address"] == f"http://testserver/flags/{Flag.objects.get().pk}/"
    assert Capture.objects.get().vantage == f"{monitor.username}, test 1, ko-KR"
    assert Listing.objects.get().images.get().sha256
    assert AuditEvent.objects.get(verb="capture.taken").actor == monitor
    assert "Set-Cookie" not in answer.headers


def test_a_token_tells_whose_it_is(secret, client, monitor, marked):
    told = client.get("/captures/", headers={"authorization": f"Bearer {secret}"}).json()
    assert (told["user"], told["organisation"]) == (monitor.username, marked.organisation.name)


def test_without_a_good_token_nothing_is_taken_whoever_is_logged_in(client, monitor, marked):
    client.force_login(monitor)
    for header in ("", "Bearer ", "Bearer jkm_wrong", "Basic x"):
        answer = client.post("/captures/", {"url": URL}, headers={"authorization": header})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert not Listing.objects.exists()


def test_a_token_gone_wild_is_told_to_wait(secret, monkeypatch):
    monkeypatch.setattr(tokens, "USES", 1)
    assert send(secret).status_code == 200
    refused = send(secret)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")


@pytest.mark.parametrize(
    ("field", "parts"),
    [
        ("url", {"url": "javascript:alert(1)"}),
        ("url", {"url": None}),
        ("html", {"html": ""}),
        ("status", {"status": "twohundred"}),
        ("time", {"time": "yesterday"}),
        ("time", {"time": "2026-11-26T10:00:00"}),
        ("picture", {"picture_url": ["http://x.example/1.png"]}),
        ("picture_url.0", {"picture_url": ["data:,"], "picture": [SimpleUploadedFile("p", b"x")]}),
        ("screenshot", {"screenshot": SimpleUploadedFile("s.png", b"not a picture")}),
    ],
)
def test_a_part_that_does_not_fit_is_named(secret, field, parts):
    answer = send(secret, **parts)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert not Listing.objects.exists()


def test_what_is_too_large_is_refused_before_it_is_read(secret, monkeypatch):
    monkeypatch.setattr("triage.capture_forms.MOST_BYTES", 1000)
    assert send(secret, html="x" * 2000).status_code == 413
    monkeypatch.setattr("triage.capture_forms.MOST_BYTES", 10_000)
    monkeypatch.setattr("triage.capture_forms.LARGEST_PAGE", 1000)
    answer = send(secret, html="x" * 2000)
    assert (answer.status_code, answer.json()["field"]) == (400, "html")


def test_a_torn_form_is_bad_input_and_no_traceback(secret, client):
    answer = client.post(
        "/captures/",
        data=b"--x\r\nContent-Disposition: form",
        content_type="multipart/form-data",
        headers={"authorization": f"Bearer {secret}"},
    )
    assert (answer.status_code, answer.json()["field"]) == (400, "(body)")


# -- the page files are dropped into -----------------------------------------------------------------------------------


def upload(client, *files, **fields):
    files = [SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode()) for name, data in files]
    return client.post(reverse("captures:upload"), {"files": files, **fields})


def saved(html, url=URL):
    return f"<!-- saved from url=({len(url):04}){url} -->\n{html}"


def test_files_dropped_in_are_taken_in_and_each_is_answered(client, monitor, marked):
    client.force_login(monitor)
    feed = json.dumps({"market": "harborlane", "listing_id": "9", "title": "Garden hose"}) + "\n"
    answer = upload(
        client,
        ("serum.html", saved(page_html(product()))),
        ("wall.html", saved(WALL)),
        ("../../letters.html", page_html(body="<p>Dear Sua")),
        ("feed.jsonl", feed),
        ("broken.wacz", b"PK\x03\x04broken"),
        organisation=marked.organisation.pk,
    )
    page = answer.content.decode()
    rows = re.findall(r'<tr class="outcome-(\w+)">\s*<th scope="row">([^<]+)</th>', page)
    assert rows == [
        ("ok", "serum.html"),
        ("blocked", "wall.html"),
        ("unknown", "letters.html"),
        ("ok", "feed.jsonl"),
        ("failed", "broken.wacz"),
    ]
    assert f'href="/flags/{Flag.objects.get().pk}/"' in page
    assert "1 new, 0 changed, 0 unchanged" in page
    assert set(Listing.objects.values_list("listing_id", flat=True)) == {"700100200", "9"}


def test_the_marketplace_can_be_told_where_a_file_does_not(client, monitor, marked):
    client.force_login(monitor)
    upload(client, ("x.html", page_html(product())), organisation=marked.organisation.pk, market="harborlane")
    assert Listing.objects.get().market == "harborlane"
    refused = upload(client, ("x.html", "x"), organisation=marked.organisation.pk, market="nowhere")
    assert "There is no such marketplace" in refused.content.decode()


def test_uploads_are_for_monitors_and_their_own_firm(client, monitor, marked):
    assert client.get(reverse("captures:upload")).status_code == 302
    client.force_login(MembershipFactory(organisation=marked.organisation, role=Role.BRAND_OWNER).user)
    assert client.get(reverse("captures:upload")).status_code == 403
    client.force_login(monitor)
    assert client.get(reverse("captures:upload")).status_code == 200
    other = BrandFactory().organisation
    assert upload(client, ("x.html", saved(page_html(product()))), organisation=other.pk).status_code == 404
    assert "Choose at least one file" in upload(client, organisation=marked.organisation.pk).content.decode()
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(monitor)
    assert upload(forged, ("x.html", "x"), organisation=marked.organisation.pk).status_code == 403
    assert not Listing.objects.exists()


def test_titles_of_listings_are_never_markup(client, monitor, marked):
    client.force_login(monitor)
    title = "Haneulbit 1:1 mirror quality <script>alert(1)</script> \"'&"
    page = upload(client, ("x.html", saved(page_html(product(title)))), organisation=marked.organisation.pk)
    assert "<script>alert" not in page.content.decode()
