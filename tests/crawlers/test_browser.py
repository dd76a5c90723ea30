"""One look at one page in a real Chromium."""

import io

import pytest
from PIL import Image

from contracts.market import Manifest
from crawlers.browser import MAX_HEIGHT, NoBrowser, capture_page, chromium_path
from evidence.store import Store
from tests.crawlers.shop import WALL

pytestmark = pytest.mark.browser

PAGE = "<html><head><title>하늘빛 Haneulbit</title></head><body style='margin:0'>{}</body></html>"
FILLER = "<p>Welcome to a shop that exists only for tests. We sell what nobody makes, to nobody, at any price.</p>" * 3


@pytest.fixture
def look(shop, tmp_path):
    def take(path, **more):
        store = Store(tmp_path / "evidence")
        allowed = (shop.origin.removeprefix("http://"),)
        found = capture_page(shop.origin + path, store=store, market="testshop", site="US", allowed=allowed, **more)
        return found, store

    return take


def test_a_listing_is_captured_whole(shop, look):
    seen, store = look("/item/100003")
    assert (seen.outcome, seen.status, seen.title) == ("ok", 200, "Shop")
    assert seen.browser.startswith("Chromium ")
    assert b"Haneulbit cushion no. 3" in store.get(seen.body_sha256)
    with Image.open(io.BytesIO(store.get(seen.screenshot_sha256))) as picture:
        assert picture.format == "PNG"
        assert picture.width == 1280
    assert seen.observed_at.tzinfo is not None
    assert not seen.refused


def test_a_wall_is_recorded_as_a_wall_with_its_picture(shop, look):
    shop.special["/item/100003"] = (403, {}, WALL)
    seen, store = look("/item/100003")
    assert (seen.outcome, seen.status) == ("blocked", 403)
    assert seen.reason
    assert store.has(seen.screenshot_sha256)


def test_a_removed_listing_is_recorded_as_removed(shop, look):
    seen, _ = look("/gone")
    assert (seen.outcome, seen.status) == ("removed", 404)
    assert seen.screenshot_sha256


def test_a_page_filled_by_script_is_captured_filled(shop, look):
    shop.rendered_by_script = True
    seen, store = look("/item/100003")
    assert seen.outcome == "ok"
    assert b"Haneulbit cushion no. 3" in store.get(seen.body_sha256)


def test_a_page_that_grows_without_end_is_cut(shop, look):
    shop.special["/tall"] = (200, {}, PAGE.format(FILLER + "<div style='height:90000px'>x</div>").encode())
    seen, store = look("/tall")
    assert seen.cut
    with Image.open(io.BytesIO(store.get(seen.screenshot_sha256))) as picture:
        assert picture.height == MAX_HEIGHT


def test_dialogs_and_other_windows_do_not_hold_it_up(shop, look):
    script = "<script>alert('a'); confirm('b'); window.open('/item/1'); onbeforeunload = () => 'stay'; print()</script>"
    shop.special["/loud"] = (200, {}, PAGE.format(FILLER + script).encode())
    seen, _ = look("/loud")
    assert seen.screenshot_sha256
    assert seen.title == "하늘빛 Haneulbit"


def test_a_script_without_end_is_given_up(shop, look):
    shop.special["/hang"] = (
        200,
        {},
        PAGE.format(FILLER + "<script>setTimeout(() => { while (true); }, 50)</script>").encode(),
    )
    seen, _ = look("/hang", timeout_s=3)
    assert seen.outcome == "failed"
    assert "does not answer" in seen.reason


def test_a_page_that_keeps_loading_is_captured_as_it_is(shop, look):
    shop.special["/slow.png"] = lambda _: (__import__("time").sleep(8), (404, {}, b""))[1]
    shop.special["/slow"] = (200, {}, PAGE.format(FILLER + "<img src=/slow.png>").encode())
    seen, _ = look("/slow", timeout_s=2)
    assert seen.screenshot_sha256
    assert seen.status is None or seen.status == 200


def test_nothing_private_is_reached_by_any_road(shop, look):
    other = type(shop)()
    try:
        page = f"""<img src="{other.origin}/a.png"><iframe src="{other.origin}/b"></iframe><img src="/hop">
          <script>fetch('{other.origin}/c').catch(() => 0); new WebSocket('{other.origin.replace("http", "ws")}/d');
          navigator.sendBeacon('{other.origin}/e'); fetch('http://169.254.169.254/').catch(() => 0)</script>"""
        shop.special["/hop"] = (302, {"Location": f"{other.origin}/f.png"}, b"")
        shop.special["/curious"] = (200, {}, PAGE.format(FILLER + page).encode())
        shop.special["/away"] = (302, {"Location": f"{other.origin}/g"}, b"")
        seen, _ = look("/curious")
        assert seen.refused
        away, _ = look("/away")
        assert away.outcome == "refused"
        assert not other.asked
        assert shop.asked["/hop"] == 1
    finally:
        other.close()


def test_a_private_address_is_not_even_opened(tmp_path):
    for url in ("http://127.0.0.1:9/", "file:///etc/passwd", "http://localhost/"):
        seen = capture_page(url, store=Store(tmp_path), market="testshop")
        assert (seen.outcome, seen.screenshot_sha256, seen.browser) == ("refused", None, "")


def test_a_page_that_is_not_there_failed(shop, tmp_path):
    shop.close()
    pair = shop.origin.removeprefix("http://")
    seen = capture_page(shop.origin, store=Store(tmp_path), market="testshop", allowed=(pair,))
    assert seen.outcome == "failed"
    assert seen.screenshot_sha256 is None


def test_the_manifests_own_words_count(shop, look):
    manifest = Manifest.model_validate(
        {
            "id": "testshop", "name": "Test shop", "region": "us", "duty_profile": "x", "access": ["browser"],
            "sites": [{"country": "US", "domain": "testshop.example", "currency": "USD", "languages": ["en"]}],
            "removed": [{"name": "sold out for ever", "body_contains": ["this one has flown away"]}],
        }
    )  # fmt: skip
    shop.special["/flown"] = (200, {}, PAGE.format(FILLER + "<p>This one has flown away</p>").encode())
    seen, _ = look("/flown", manifest=manifest)
    assert (seen.outcome, seen.reason) == ("removed", "sold out for ever")


def test_where_chromium_is_can_be_said(monkeypatch, tmp_path):
    program = tmp_path / "chromium"
    program.write_text("")
    monkeypatch.setenv("JIKIMI_CHROMIUM", str(program))
    assert chromium_path() == str(program)
    monkeypatch.setenv("JIKIMI_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(NoBrowser, match="JIKIMI_CHROMIUM"):
        chromium_path()
