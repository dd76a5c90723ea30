"""The plain browser: for pages that need one, and for the screenshot a notice rests on. No evasion.

Every connection a browser makes goes through `evidence.gate.Gate`, which holds for redirects and at connect time; what
is refused as written is stopped a step earlier, in the page's own request handler.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from playwright.async_api import Browser, BrowserContext, Page, Request, Response, Route, async_playwright
from playwright.async_api import Error as BrowserError
from scrapy import signals
from web_poet import HttpResponse

from contracts.errors import JikimiError
from contracts.listing import PageOutcome
from contracts.market import Manifest, manifests
from crawlers.reading import PageKind, read_page
from evidence.addresses import AddressRefused, check_url, resolve
from evidence.gate import Gate
from evidence.store import Store

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.plan import Plan

WIDTH, HEIGHT = 1280, 900  # CSS pixels
MAX_HEIGHT = 15_000  # of a screenshot; a page that grows without end is cut there
READY_MS = 10_000
STEP_SECONDS = 10.0  # for any one thing asked of a page that was loaded
MAX_HTML = 20 * 1024 * 1024
# Documents without pictures are enough for reading; pictures of listings are fetched on their own.
_NOT_NEEDED = frozenset({"image", "media", "font"})
_INSIDE = ("data:", "blob:", "about:")

Value = TypeVar("Value")


class NoBrowser(JikimiError):
    """No Chromium was found."""


def chromium_path() -> str:
    """Return the Chromium to use: ``JIKIMI_CHROMIUM``, else the system's, else Playwright's own.

    Raises:
        NoBrowser: none of them is there.
    """
    named = os.environ.get("JIKIMI_CHROMIUM", "")
    if named:
        if Path(named).is_file():
            return named
        raise NoBrowser(f"JIKIMI_CHROMIUM: expected a program, got {named!r}")
    for name in ("/usr/bin/chromium", "/usr/bin/chromium-browser", shutil.which("chromium"), shutil.which("chrome")):
        if name and Path(name).is_file():
            return name
    own = sorted(_playwright_folder().glob("chromium-*/chrome-linux*/chrome"))
    if own:
        return str(own[-1])
    message = "no Chromium found: install the system package chromium, or set JIKIMI_CHROMIUM to one"
    raise NoBrowser(message)


def _playwright_folder() -> Path:
    return Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "") or Path.home() / ".cache" / "ms-playwright")


def launch_options(gate: Gate) -> dict[str, Any]:
    """Return how Chromium is started: headless, behind the gate, with no way around it."""
    arguments = [
        "--disable-quic",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-dev-shm-usage",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to start as root with it
    # "<-loopback>": without it Chromium reaches loopback and link-local addresses past its proxy.
    proxy = {"server": gate.address, "bypass": "<-loopback>"}
    return {"executable_path": chromium_path(), "headless": True, "args": arguments, "proxy": proxy}


def context_options(agent: str | None = None, language: str | None = None) -> dict[str, Any]:
    """Return what a page may do: no service workers, no downloads, no permissions."""
    options: dict[str, Any] = {
        "service_workers": "block",
        "accept_downloads": False,
        "permissions": [],
        "viewport": {"width": WIDTH, "height": HEIGHT},
    }
    if agent:
        options["user_agent"] = agent
    if language:
        options["locale"] = language
    return options


# -- for crawls --------------------------------------------------------------------------------------------------------


def start_for_crawl(crawler: Crawler, plan: Plan) -> dict[str, Any]:
    """Start the gate of a crawl on the browser rung and return its Scrapy settings; the gate ends with the crawl."""
    from crawlers.plan import user_agent  # noqa: PLC0415 (plan does not need a browser)

    gate = Gate(plan.allowed).start()
    crawler.signals.connect(gate.stop, signal=signals.engine_stopped, weak=False)
    allowed = plan.allowed

    def refuse(request: Request) -> bool:
        return request.resource_type in _NOT_NEEDED or not _may_go(request.url, allowed)

    handlers = crawler.settings.getdict("BROWSER_DOWNLOAD_HANDLERS")
    return {
        # Scrapy makes one handler a scheme, and each starts a browser of its own.
        "DOWNLOAD_HANDLERS": {scheme: handlers[scheme] for scheme in plan.schemes},
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch_options(gate),
        "PLAYWRIGHT_CONTEXTS": {"default": context_options(user_agent(plan.job.contact))},
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 4,
        "PLAYWRIGHT_ABORT_REQUEST": refuse,
    }


def page_meta(ready_selector: str | None) -> dict[str, Any]:
    """Return the request meta that sends a page through the browser and waits for its content."""
    from scrapy_playwright.page import PageMethod  # noqa: PLC0415 (only on the browser rung)

    methods = [PageMethod(wait_until_ready, ready_selector)] if ready_selector else []
    goto = {"wait_until": "domcontentloaded" if ready_selector else "load"}
    return {"playwright": True, "playwright_page_methods": methods, "playwright_page_goto_kwargs": goto}


async def wait_until_ready(page: Page, selector: str) -> None:
    """Wait for a page's content; a page that never shows it is read as it is, and may turn out to be a wall."""
    try:
        await page.wait_for_selector(selector, state="attached", timeout=READY_MS)
    except BrowserError:
        return


def _may_go(url: str, allowed: Collection[str]) -> bool:
    if url.startswith(_INSIDE):
        return True
    try:
        check_url(url, allowed)
    except AddressRefused:
        return False
    return True


# -- for evidence ------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class BrowserCapture:
    """One look at one page. Absent hashes mean that the page never came.

    ``cut``: the page was longer than `MAX_HEIGHT` and the screenshot ends there. ``refused``: addresses the page asked
    for and did not get.
    """

    url: str
    final_url: str
    status: int | None
    observed_at: datetime
    outcome: PageOutcome
    reason: str
    screenshot_sha256: str | None
    body_sha256: str | None
    vantage: str
    browser: str
    title: str
    cut: bool = False
    refused: tuple[str, ...] = ()


def capture_page(
    url: str,
    *,
    store: Store,
    market: str,
    site: str | None = None,
    allowed: Collection[str] = (),
    timeout_s: float = 30,
    manifest: Manifest | None = None,
) -> BrowserCapture:
    """Open a page in a browser of its own and keep a full-page screenshot (PNG) and its document (HTML, UTF-8).

    A wall or a tombstone is captured like any page and named in ``outcome``. Never waits longer than about
    ``timeout_s`` plus half a minute, whatever the page does.

    Args:
        url: http or https.
        store: where screenshot and document are kept.
        market: id of the marketplace, whose page objects tell a wall from an offer.
        site: country of the site, as a hint.
        allowed: exact ``host:port`` pairs that may be private.
        timeout_s: seconds for the page to load; what is there by then is captured.
        manifest: the market's manifest, when it is not among the configured ones.

    Raises:
        NoBrowser: there is no Chromium.
    """
    known = manifest or manifests().get(market)
    chromium_path()
    # A thread of its own: the caller's may already run an event loop, or Django's database connection.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="capture") as thread:
        look = _capture(url, store, known, market, site, frozenset(allowed), timeout_s)
        return thread.submit(asyncio.run, look).result()


async def _capture(
    url: str,
    store: Store,
    manifest: Manifest | None,
    market: str,
    site: str | None,
    allowed: frozenset[str],
    timeout_s: float,
) -> BrowserCapture:
    seen = _Seen(url=url, vantage=os.environ.get("JIKIMI_VANTAGE", ""))
    try:
        host, port = check_url(url, allowed)
        await asyncio.to_thread(resolve, host, port, allowed)
    except AddressRefused as refusal:
        return seen.report(PageOutcome.REFUSED, refusal.why)
    except OSError as error:
        return seen.report(PageOutcome.FAILED, f"the name does not resolve: {error}")
    with Gate(allowed) as gate:
        seen.refused = gate.refused
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options(gate), timeout=30_000)
            try:
                failure = await _visit(browser, seen, store, allowed, timeout_s, _language(manifest, site))
            finally:
                await _in_time(browser.close(), None)
    if failure:
        return seen.report(*failure)
    response = HttpResponse(seen.final_url, seen.html, status=seen.status, headers={}, encoding="utf-8")
    reading = read_page(response, market=market, kind=PageKind.PRODUCT, site=site, manifest=manifest)
    return seen.report(reading.outcome, reading.reason or seen.note)


@attrs.define(kw_only=True)
class _Seen:
    """What is known so far of a page being captured."""

    url: str
    vantage: str
    final_url: str = ""
    status: int | None = None
    observed_at: datetime = attrs.field(factory=lambda: datetime.now(UTC))
    html: bytes = b""
    screenshot_sha256: str | None = None
    body_sha256: str | None = None
    browser: str = ""
    title: str = ""
    cut: bool = False
    refused: list[str] = attrs.field(factory=list)
    note: str = ""

    def report(self, outcome: PageOutcome, reason: str) -> BrowserCapture:
        values = attrs.asdict(self, filter=lambda field, _: field.name not in {"html", "note", "refused"})
        values["final_url"] = self.final_url or self.url
        return BrowserCapture(**values, outcome=outcome, reason=reason, refused=tuple(dict.fromkeys(self.refused)))


def _language(manifest: Manifest | None, site: str | None) -> str | None:
    found = [one.languages[0] for one in manifest.sites if one.country == site] if manifest else []
    return next(iter(found), None)


async def _in_time(step: Awaitable[Value], otherwise: Value, seconds: float = STEP_SECONDS) -> Value:
    """Wait for a step of a page that may be hostile or dead, but not for ever."""
    try:
        return await asyncio.wait_for(step, seconds)
    except (TimeoutError, BrowserError):
        return otherwise


async def _visit(
    browser: Browser, seen: _Seen, store: Store, allowed: frozenset[str], timeout_s: float, language: str | None
) -> tuple[PageOutcome, str] | None:
    seen.browser = f"Chromium {browser.version}"
    context = await browser.new_context(**context_options(None, language))
    page = await _guarded_page(context, seen, allowed)
    seen.observed_at = datetime.now(UTC)
    response: Response | None = None
    try:
        response = await page.goto(seen.url, wait_until="load", timeout=timeout_s * 1000)
    except BrowserError as error:
        if "Timeout" not in error.message or page.url in {"", "about:blank"}:
            return _why_failed(error, seen)
        seen.note = f"still loading after {timeout_s:g} s; captured as it was then"
    await _in_time(page.wait_for_load_state("networkidle", timeout=3000), None)
    seen.final_url = page.url
    seen.status = response.status if response else None
    html = await _in_time(page.content(), None)
    if html is None:
        return PageOutcome.FAILED, "the page does not answer: its script does not come to an end"
    seen.html = html.encode("utf-8", "replace")[:MAX_HTML]
    seen.title = (await _in_time(page.title(), ""))[:500]
    seen.body_sha256 = store.put(seen.html)
    await _screenshot(page, seen, store)
    return None


def _why_failed(error: BrowserError, seen: _Seen) -> tuple[PageOutcome, str]:
    first = error.message.splitlines()[0][:200]
    if seen.refused or "ERR_BLOCKED_BY_CLIENT" in first:
        return PageOutcome.REFUSED, "; ".join(seen.refused) or first
    return PageOutcome.FAILED, first


async def _guarded_page(context: BrowserContext, seen: _Seen, allowed: frozenset[str]) -> Page:
    page = await context.new_page()

    async def judge(route: Route) -> None:
        if _may_go(route.request.url, allowed):
            await route.continue_()
        else:
            seen.refused.append(f"refused address {route.request.url[:200]!r}")
            await route.abort("blockedbyclient")

    async def close_other(other: Page) -> None:
        if other is not page:
            await other.close()

    await context.route("**", judge)
    context.on("page", close_other)
    context.on("dialog", lambda dialog: dialog.dismiss())
    return page


async def _screenshot(page: Page, seen: _Seen, store: Store) -> None:
    measured = await _in_time(page.evaluate("document.documentElement.scrollHeight"), HEIGHT)
    height = measured if isinstance(measured, int) else HEIGHT
    seen.cut = height > MAX_HEIGHT
    if seen.cut:
        await _in_time(page.set_viewport_size({"width": WIDTH, "height": MAX_HEIGHT}), None)
    shot = page.screenshot(full_page=not seen.cut, type="png", animations="disabled", timeout=STEP_SECONDS * 1000)
    png = await _in_time(shot, b"", STEP_SECONDS + 1)
    if png:
        seen.screenshot_sha256 = store.put(png)
    else:
        seen.note = seen.note or "no screenshot could be taken"
