"""The extension in a real Chromium: a monitor's click in front of a sandbox shop, up to the flag in the queue."""

import base64
import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path

import attrs
import pytest
from playwright.sync_api import expect

from accounts import services
from accounts.models import Role
from evidence.verify import verify
from listings.models import Capture, Listing
from registry.importing import import_folders
from registry.models import Brand
from sandbox.behaviours import Walled
from sandbox.play import Sandbox
from scripts.extension import pack
from tests.factories import MembershipFactory, UserFactory
from triage.models import Flag

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "samples" / "registry"
PASSWORD = "correct horse battery"
HOST = "http://harborlane.example"


def extension_id(folder):
    """Return the id Chromium gives an unpacked extension: its path's SHA-256 in the letters a to p."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)


@pytest.fixture
def extension(tmp_path):
    """Return a copy whose permission for this machine is granted: the browser's own prompt is no page a test can press."""
    folder = tmp_path / "extension"
    shutil.copytree(ROOT / "extension", folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    loopback = [pattern for pattern in manifest["optional_host_permissions"] if pattern.startswith("http://")]
    manifest["host_permissions"] = loopback
    manifest["optional_host_permissions"] = ["https://*/*"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def shop(tmp_path):
    shutil.copytree(SAMPLES / "haneulbit", tmp_path / "registry" / "haneulbit")  # so that every fake is of this brand
    registry = tmp_path / "registry"
    with Sandbox(seed=7, registry=registry, listings_per_market=100, markets=["harborlane"]) as sandbox:
        yield sandbox


@pytest.fixture
def brand(transactional_db, settings, tmp_path):
    settings.HOME = tmp_path / "home"
    settings.EVIDENCE_DIR = tmp_path / "home" / "evidence"
    assert [result.problems for result in import_folders(path=SAMPLES / "haneulbit")] == [[]]
    return Brand.objects.get()


@pytest.fixture
def monitor(brand):
    user = UserFactory(username="jiwoo", password=PASSWORD)
    MembershipFactory(user=user, organisation=brand.organisation, role=Role.MONITOR)
    return user


class Monitor:
    """A person at a browser with the extension."""

    def __init__(self, context, identity):
        self.context = context
        self.identity = identity
        self.browser = context.browser.new_browser_cdp_session()
        self.said = {}
        self.browser.on("Target.receivedMessageFromTarget", self._hear)

    def _hear(self, event):
        message = json.loads(event["message"])
        self.said[message.get("id")] = message

    def targets(self):
        return self.browser.send("Target.getTargets", {"filter": [{}]})["targetInfos"]

    def click_the_action(self, page):
        """Press the extension's button while ``page`` is in front, as a person does, and return what the popup says."""
        page.bring_to_front()
        tab = next(one for one in self.targets() if one["type"] == "tab" and one["url"] == page.url)
        self.browser.send("Extensions.triggerAction", {"id": self.identity, "targetId": tab["targetId"]})
        address = f"chrome-extension://{self.identity}/popup.html"
        for _ in range(100):
            popup = next((one for one in self.targets() if one["type"] == "page" and one["url"] == address), None)
            if popup:
                break
            page.wait_for_timeout(100)
        self.popup = self.browser.send("Target.attachToTarget", {"targetId": popup["targetId"], "flatten": False})
        for _ in range(300):
            told = self.tell(
                page,
                "Runtime.evaluate",
                expression="`${document.body?.dataset.standing}\\n${document.body?.innerText}`",
            )
            standing, _, text = told["result"]["value"].partition("\n")
            if standing != "undefined":
                return standing, text
            page.wait_for_timeout(100)
        raise AssertionError(text)

    def tell(self, page, method, **params):
        number = len(self.said) + 1
        message = json.dumps({"id": number, "method": method, "params": params})
        session = {"sessionId": self.popup["sessionId"], "message": message}
        self.browser.send("Target.sendMessageToTarget", session)
        for _ in range(200):
            if number in self.said:
                return self.said[number]["result"]
            page.wait_for_timeout(25)
        raise AssertionError(method)

    def close_the_popup(self, page):
        self.tell(page, "Runtime.evaluate", expression="setTimeout(() => window.close(), 50)")
        page.wait_for_timeout(300)


@pytest.fixture
def at_the_browser(chromium, extension, shop, tmp_path):
    """Start Chromium with the extension; the shop's invented name leads to the sandbox."""
    port = shop.origins["harborlane"].rpartition(":")[2]

    def start(language="en-GB"):
        context = chromium.browser_type.launch_persistent_context(
            tmp_path / f"profile-{language}",
            executable_path=os.environ.get("JIKIMI_CHROMIUM") or shutil.which("chromium") or None,
            headless=False,
            ignore_default_args=["--disable-extensions"],
            locale=language,
            env={**os.environ, "LANGUAGE": language.replace("-", "_")},
            args=[
                "--headless=new",
                "--no-sandbox",
                f"--lang={language}",
                f"--load-extension={extension}",
                f"--disable-extensions-except={extension}",
                "--disable-features=DisableLoadExtensionCommandLineSwitch",
                "--enable-unsafe-extension-debugging",
                f"--host-resolver-rules=MAP *.example 127.0.0.1:{port}",
            ],
        )
        started.append(context)
        return Monitor(context, extension_id(extension))

    started = []
    yield start
    for context in started:
        context.close()


def log_in(page, live_server):
    page.goto(live_server.url)
    page.get_by_label("User name").fill("jiwoo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{live_server.url}/")


def look(page, name):
    folder = os.environ.get("JIKIMI_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def look_at_popup(monitor, page, name):
    folder = os.environ.get("JIKIMI_SCREENSHOTS")
    if folder:
        data = monitor.tell(page, "Page.captureScreenshot")["data"]
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(data))


def fake(shop):
    return next(one for one in shop.truth() if one.label == "counterfeit")


def test_from_the_token_to_the_flag_in_the_queue(at_the_browser, shop, monitor, live_server, settings, extension):
    at = at_the_browser()
    page = at.context.new_page()
    log_in(page, live_server)
    page.get_by_role("link", name="Captures").click()
    look(page, "captures")
    page.get_by_role("link", name="Token for the browser extension").click()
    page.get_by_label("Name").fill("office laptop")
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator(".secret").input_value()
    look(page, "tokens")

    options = at.context.new_page()
    options.goto(f"chrome-extension://{at.identity}/options.html")
    options.get_by_label("Address of your jikimi").fill("http://shop.example")
    options.get_by_label("Your token").fill("jkm_wrong")
    options.get_by_role("button", name="Save and test").click()
    expect(options.get_by_role("status")).to_contain_text("must begin with https://")
    options.get_by_label("Address of your jikimi").fill(live_server.url + "/captures/")
    options.get_by_role("button", name="Save and test").click()
    expect(options.get_by_role("status")).to_contain_text("This token is not known")
    options.get_by_label("Your token").fill(secret)
    options.get_by_role("button", name="Save and test").click()
    expect(options.get_by_role("status")).to_contain_text("It works: jiwoo for ")
    look(options, "extension-options")
    options.close()

    counterfeit = fake(shop)
    stall = at.context.new_page()
    stall.goto(f"{HOST}/itm/{counterfeit.listing_id}")
    standing, text = at.click_the_action(stall)
    look_at_popup(at, stall, "extension-popup")

    assert standing == "flagged", text
    assert text.startswith("new · flagged for Haneulbit\n")
    listing = Listing.objects.get(market="harborlane", listing_id=counterfeit.listing_id)
    assert Flag.objects.get().listing == listing
    kept = Capture.objects.get(listing=listing)
    assert (kept.rung, kept.status, kept.vantage[:23]) == ("capture", 200, "jiwoo, jikimi extension")
    assert kept.screenshot_sha256
    assert [image.problem for image in listing.images.all()] == [""] * len(shop_pictures(shop, counterfeit))
    assert verify(settings.EVIDENCE_DIR).sound

    page.goto(live_server.url)
    expect(page.locator("table.queue tbody tr")).to_have_count(1)
    expect(page.locator("table.queue")).to_contain_text(listing.title[:40])
    look(page, "queue-after-capture")


def shop_pictures(shop, truth):
    catalogue = shop.catalogues[truth.market]
    return catalogue.pictures(catalogue.offers[truth.listing_id])


@pytest.fixture
def set_up(at_the_browser, monitor, brand, live_server):
    """Return a monitor whose extension has its token."""

    def start(language="en-GB"):
        at = at_the_browser(language)
        _token, secret = services.create_token(actor=monitor, organisation=brand.organisation, name="laptop")
        options = at.context.new_page()
        options.goto(f"chrome-extension://{at.identity}/options.html")
        options.locator("#address").fill(live_server.url)
        options.locator("#token").fill(secret)
        options.locator("button").click()
        expect(options.locator("#said.good")).to_be_visible()
        look(options, f"extension-options-{language}")
        options.close()
        return at

    return start


PICTURES = "http://pictures.example/img/"


def on_another_host(request, proceed):
    """Show the shop's pictures from a host that lets no script read them."""
    answer = proceed(request)
    if request.path.startswith("/img/"):
        return answer
    return attrs.evolve(answer, body=answer.body.replace(b'"/img/', b'"' + PICTURES.encode()))


def test_pictures_no_script_may_read_are_cut_out_of_the_screenshot(set_up, shop):
    at, counterfeit = set_up(), fake(shop)
    shop.behave("harborlane", on_another_host)
    stall = at.context.new_page()
    stall.goto(f"{HOST}/itm/{counterfeit.listing_id}")
    stall.locator("main img").first.scroll_into_view_if_needed()
    standing, text = at.click_the_action(stall)
    assert standing == "flagged", text
    image = Listing.objects.get().images.order_by("position").first()
    assert image.url.startswith(PICTURES)
    assert (image.problem, image.media_type) == ("", "image/png")
    shown = stall.locator("main img").first.bounding_box()
    assert (image.width, image.height) == (round(shown["width"]), round(shown["height"]))


def test_known_pages_walls_tombstones_and_result_pages_each_get_their_answer(set_up, shop):
    at, counterfeit = set_up(), fake(shop)
    stall = at.context.new_page()
    address = f"{HOST}/itm/{counterfeit.listing_id}"

    stall.goto(f"{HOST}/search?q=haneulbit")
    standing, text = at.click_the_action(stall)
    look_at_popup(at, stall, "extension-popup-search")
    assert " listings, " in text
    assert Listing.objects.count() > 1
    at.close_the_popup(stall)

    stall.goto(address)
    at.click_the_action(stall)
    at.close_the_popup(stall)
    standing, text = at.click_the_action(stall)
    assert text.startswith("known · ")
    at.close_the_popup(stall)

    shop.behave("harborlane", Walled())
    stall.goto(address)
    standing, text = at.click_the_action(stall)
    look_at_popup(at, stall, "extension-popup-wall")
    assert standing == "wall"
    assert "This page is a wall" in text
    assert Listing.objects.get(listing_id=counterfeit.listing_id).presence == "live"
    at.close_the_popup(stall)

    shop.behave("harborlane")
    shop.remove("harborlane", counterfeit.listing_id)
    stall.goto(address)
    standing, text = at.click_the_action(stall)
    assert "The listing is gone; that is noted now." in text
    assert Listing.objects.get(listing_id=counterfeit.listing_id).presence == "gone"


def test_the_extension_speaks_korean_and_says_when_it_is_not_set_up(extension, at_the_browser, shop):
    # Debian's Chromium has no Korean interface of its own; an extension without English shows what a Korean one shows.
    shutil.rmtree(extension / "_locales" / "en")
    manifest = (extension / "manifest.json").read_text()
    (extension / "manifest.json").write_text(manifest.replace('"default_locale": "en"', '"default_locale": "ko"'))
    at = at_the_browser("ko-KR")
    stall = at.context.new_page()
    stall.goto(HOST)
    standing, text = at.click_the_action(stall)
    look_at_popup(at, stall, "extension-popup-ko")
    assert standing == "failed"
    assert "먼저 지킴이 주소와 토큰을 설정하세요." in text
    assert "설정하기" in text


def test_both_languages_say_the_same_things():
    english, korean = (
        json.loads((ROOT / "extension" / "_locales" / code / "messages.json").read_text()) for code in ("en", "ko")
    )
    assert english.keys() == korean.keys()
    for name, entry in english.items():
        assert korean[name].get("placeholders") == entry.get("placeholders"), name
    scripts = "".join(path.read_text() for path in (ROOT / "extension").glob("*.*[sl]"))
    assert all(name in scripts + (ROOT / "extension" / "manifest.json").read_text() for name in english)


def test_it_packs_into_the_same_bytes_each_time(tmp_path):
    first = pack(ROOT / "extension", tmp_path / "one")
    copied = shutil.copytree(ROOT / "extension", tmp_path / "copied", copy_function=shutil.copyfile)
    assert pack(copied, tmp_path / "two").read_bytes() == first.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {"manifest.json", "page.js", "_locales/ko/messages.json"} <= set(archive.namelist())


def test_the_extension_asks_for_no_more_than_it_needs():
    manifest = json.loads((ROOT / "extension" / "manifest.json").read_text())
    assert manifest["permissions"] == ["activeTab", "scripting", "storage"]
    assert not {"background", "content_scripts", "host_permissions", "web_accessible_resources"} & manifest.keys()
    scripts = "".join(path.read_text() for path in (ROOT / "extension").glob("*.js"))
    for way_in in (
        "innerHTML",
        "outerHTML =",
        "insertAdjacentHTML",
        "eval(",
        "new Function",
        "document.write",
        "import(",
    ):
        assert way_in not in scripts
