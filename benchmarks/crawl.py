"""A whole crawl (page object, evidence, spool, intake) against a bare Scrapy spider; memory; a second, unchanged run.

A shop made from numbers stands on loopback in a process of its own: result pages of 40 rows and product pages of about
30 kB with JSON-LD, without pictures, which the bare spider would not fetch. The bare spider reads the same pages with
``response.css`` and ``json.loads`` and yields the same fields as plain dicts; robots.txt, pace, evidence, resuming and
database are ours alone. Times are those of the crawls themselves, without the start of an interpreter, intake included.

``JIKIMI_BENCH_LISTINGS`` sets how many listings the memory is measured over (100,000; the speed over a tenth of it, at
most 10,000). ``python -m benchmarks.crawl --listings 5000`` is a quick run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import scrapy

from benchmarks.report import Report

LISTINGS = 100_000
MOST_TIMED = 10_000
ROWS = 40
ROOT = Path(__file__).resolve().parents[1]
MARKET = "benchshop"
MANIFEST = f"""
id = "{MARKET}"
name = "Bench shop"
region = "us"
duty_profile = "{MARKET}"
access = ["http"]
[addresses]
search = "{{origin}}/search?q={{query}}&page={{page}}"
listing = "{{origin}}/item/{{listing_id}}"
[rate]
delay_seconds = 0.0
concurrency = 8
[[sites]]
country = "US"
domain = "www.benchshop.example"
currency = "USD"
languages = ["en"]
"""


def run(report: Report) -> None:
    """Measure speed on a tenth, memory on the whole."""
    listings = int(os.environ.get("JIKIMI_BENCH_LISTINGS") or LISTINGS)
    few = min(MOST_TIMED, max(ROWS, listings // 10))
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder, _shop() as origin:
        bench = Bench(Path(folder), origin)
        bare = bench.bare(few)
        ours = bench.ours(few, "few")
        report.note(f"{few:,} listings: {ours.pages:,} pages, {ours.pages / ours.crawl:.0f} a second crawled alone")
        report.faster(
            "whole pipeline, pages a second", ours=ours.whole, baseline=bare, against="a bare spider", goal=0.5
        )
        again = bench.ours(few, "few-again", known=True)
        _second(report, f"second run, {few:,} unchanged", ours, again)
        if listings > few:
            many = bench.ours(listings, "many", database="many.sqlite3")
            report.note(f"{listings:,} listings: {many.whole:.0f} s, {many.pages / many.whole:.0f} pages a second")
            _flat(report, f"crawl: memory at {few:,} of {listings:,} listings", ours.crawl_mb, many.crawl_mb)
            _flat(report, f"intake: memory at {few:,} of {listings:,} listings", ours.intake_mb, many.intake_mb)
            _second(
                report,
                f"second run, {listings:,} unchanged",
                many,
                bench.ours(listings, "many-again", database="many.sqlite3", known=True),
            )


def _second(report: Report, name: str, first: Ran, second: Ran) -> None:
    if second.stored:
        report.note(f"{second.stored} listings were told again although nothing changed")
    report.faster(name, ours=second.whole, baseline=first.whole, against="the first", goal=5.0)


def _flat(report: Report, name: str, few: float, many: float) -> None:
    report.note(f"largest resident size {few:.0f} MB and {many:.0f} MB")
    report.reaches(name, few / many, goal=0.8)


@attrs.frozen(kw_only=True)
class Ran:
    """A crawl with its intake: seconds, megabytes, pages fetched, listings told."""

    crawl: float
    intake: float
    pages: int
    stored: int
    crawl_mb: float
    intake_mb: float

    @property
    def whole(self) -> float:
        """Seconds of crawl and intake."""
        return self.crawl + self.intake


@attrs.frozen
class Bench:
    """Runs crawls in processes of their own."""

    folder: Path
    origin: str

    def ours(self, listings: int, name: str, *, database: str = "few.sqlite3", known: bool = False) -> Ran:
        """Crawl and take in, as `jikimi crawl` does."""
        markets = self.folder / "markets" / "us" / f"{MARKET}.toml"
        markets.parent.mkdir(parents=True, exist_ok=True)
        markets.write_text(MANIFEST, encoding="utf-8")
        environment = {
            "JIKIMI_HOME": str(self.folder / "home"),
            "JIKIMI_DATABASE_URL": f"sqlite:///{self.folder / database}",
            "JIKIMI_MARKETS_DIR": str(self.folder / "markets"),
            "SCRAPY_SETTINGS_MODULE": "crawlers.settings",
            "JIKIMI_CRAWL_LOG_LEVEL": "WARNING",
        }
        place = self.folder / name
        step = [sys.executable, "-m", "benchmarks.crawl"]
        prepare = [*step, "prepare", str(place), self.origin, str(listings), str(int(known))]
        _peak(prepare, environment)
        crawl = [sys.executable, "-m", "scrapy", "crawl", "search", "-a", f"job={place / 'job.json'}"]
        crawl_mb = _peak(crawl, environment)
        stats = json.loads((place / "spool" / "stats.json").read_text(encoding="utf-8"))
        if stats["finish_reason"] != "finished" or stats["listings"] + stats["unchanged"] != listings:
            raise SystemExit(f"the crawl went wrong: {stats}")
        intake_mb = _peak([*step, "intake", str(place)], environment)
        # robots.txt is the first thing asked: from there on, as Scrapy counts for the bare spider.
        (robots,) = stats["robots"].values()
        started, finished = (datetime.fromisoformat(at) for at in (robots["observed_at"], stats["finished_at"]))
        return Ran(
            crawl=(finished - started).total_seconds(),
            intake=float((place / "intake").read_text(encoding="utf-8")),
            pages=sum(stats["pages"].values()),
            stored=stats["listings"] if known else 0,
            crawl_mb=crawl_mb,
            intake_mb=intake_mb,
        )

    def bare(self, listings: int) -> float:
        """Run the bare spider; returns its seconds."""
        out = self.folder / "bare"
        _peak([sys.executable, "-m", "benchmarks.crawl", "bare", self.origin, str(listings), str(out)], {})
        taken, items = out.read_text(encoding="utf-8").split()
        if int(items) != listings:
            raise SystemExit(f"the bare spider yielded {items} of {listings} listings")
        return float(taken)


def _peak(command: list[str], environment: dict[str, str]) -> float:
    """Run a process; returns its largest resident size in MB, as the kernel counted it."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})  # noqa: S603 (our own)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_maxrss / 1024


# -- steps of ours, each in a process of its own -----------------------------------------------------------------------


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415 (only the steps with a database need it)

    django.setup()


def _prepare(place: Path, origin: str, listings: int, *, known: bool) -> None:
    """Write the job, with what the database knows."""
    _django()
    from django.core.management import call_command  # noqa: PLC0415

    from contracts.job import Job, Watch, WatchKind  # noqa: PLC0415
    from listings.queries import known_listings  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    # A watch has at most 500 pages; several share a large shop.
    results = -(-listings // ROWS)
    watches = [
        Watch(
            watch_id=f"w{first}",
            kind=WatchKind.SEARCH,
            term=f"{first}-{listings}",
            site="US",
            pages=min(500, results - first),
        )
        for first in range(0, results, 500)
    ]
    Job(
        job_id=place.name,
        market=MARKET,
        watches=tuple(watches),
        page_budget=10_000_000,
        contact="bench@localhost",
        origins={"US": origin},
        known=known_listings(MARKET) if known else {},
        evidence_dir=str(place.parent / "home" / "evidence"),
        spool_dir=str(place / "spool"),
        delay_seconds=0.0,
    ).write(place)


def _intake(place: Path) -> None:
    """Take the spool in for one organisation and write how long it took."""
    _django()
    from accounts.models import Organisation  # noqa: PLC0415
    from contracts.job import Job  # noqa: PLC0415
    from listings.services import take_in_spool  # noqa: PLC0415

    owner, _ = Organisation.objects.get_or_create(name="Bench", slug="bench")
    watches = Job.read(place / "job.json").watches
    begun = time.perf_counter()
    intake = take_in_spool(
        spool=place / "spool", market=MARKET, organisations={watch.watch_id: [owner] for watch in watches}
    )
    taken = time.perf_counter() - begun
    if intake.problems:
        raise SystemExit("\n".join(intake.problems[:5]))
    (place / "intake").write_text(f"{taken}", encoding="utf-8")


# -- the bare spider ---------------------------------------------------------------------------------------------------


class BareSpider(scrapy.Spider):
    """Follows result pages to product pages and yields a dict for each product."""

    name = "bare"
    taken = 0.0
    items = 0

    def __init__(self, origin: str, listings: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.origin, self.listings = origin, int(listings)
        self.begun = time.perf_counter()

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for every result page."""
        for number in range(-(-self.listings // ROWS)):
            url = f"{self.origin}/search?q={number // 500 * 500}-{self.listings}&page={number % 500 + 1}"
            yield scrapy.Request(url, self.parse_results, priority=10)

    def parse_results(self, response: Any) -> Iterator[scrapy.Request]:
        """Follow the rows."""
        data = json.loads(response.css('script[type="application/ld+json"]::text').get())
        for row in data["itemListElement"]:
            yield scrapy.Request(row["item"]["url"], self.parse_product)

    def parse_product(self, response: Any) -> Iterator[dict[str, Any]]:
        """Yield the product."""
        data = json.loads(response.css('script[type="application/ld+json"]::text').get())
        offer = data["offers"]
        yield {
            "listing_id": data["sku"],
            "title": data["name"],
            "url": data["url"],
            "description": data["description"],
            "brand": data["brand"]["name"],
            "price": offer["price"],
            "currency": offer["priceCurrency"],
            "seller_name": offer["seller"]["name"],
            "seller_url": offer["seller"]["url"],
        }


def _bare(origin: str, listings: str, out: Path) -> None:
    from scrapy.crawler import CrawlerProcess  # noqa: PLC0415 (it installs a reactor)

    settings = {
        "LOG_LEVEL": "WARNING", "CONCURRENT_REQUESTS": 8, "CONCURRENT_REQUESTS_PER_DOMAIN": 8, "DOWNLOAD_DELAY": 0,
        "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    }  # fmt: skip
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, origin=origin, listings=listings)
    process.start()
    stats = crawler.stats.get_stats()
    out.write_text(f"{stats['elapsed_time_seconds']} {stats.get('item_scraped_count', 0)}", encoding="utf-8")


# -- the shop ----------------------------------------------------------------------------------------------------------

FILLER = "".join(
    f'<li class="tile"><a href="/about/{n}">House and garden no. {n}</a><span class="note">A shop that stands on'
    " loopback and sells what nobody makes, to nobody, at any price, for as long as the bench lasts.</span></li>"
    for n in range(120)
)


def _node(origin: str, number: int) -> dict[str, Any]:
    return {
        "@type": "Product",
        "sku": str(10_000_000 + number),
        "name": f"Haneulbit cushion no. {number}, soft and bright, in {number % 17 + 1} colours",
        "url": f"{origin}/item/{10_000_000 + number}",
        "brand": {"@type": "Brand", "name": "Haneulbit"},
        "offers": {"@type": "Offer", "price": f"{10 + number % 90}.50", "priceCurrency": "USD"},
    }


def _page(node: dict[str, Any]) -> bytes:
    data = json.dumps({"@context": "https://schema.org", **node})
    return (
        '<!doctype html><html lang="en"><head><title>Bench shop</title>'
        f'<script type="application/ld+json">{data}</script>'
        f"</head><body><header>Bench shop</header><ul>{FILLER}</ul></body></html>"
    ).encode()


def answer(origin: str, path: str) -> tuple[int, bytes]:
    """Return status and body for a path of the shop."""
    if path.startswith("/item/"):
        number = int(path.removeprefix("/item/")) - 10_000_000
        node = _node(origin, number)
        node["description"] = "A cushion of the softest kind. " * 12
        node["offers"]["seller"] = {
            "@type": "Organization",
            "name": f"Byeolbit Trade {number % 500}",
            "url": f"{origin}/shop/{number % 500}",
        }
        return 200, _page(node)
    if path.startswith("/search?q="):
        term, _, page = path.removeprefix("/search?q=").partition("&page=")
        start, _, listings = term.partition("-")
        first = (int(start) + int(page) - 1) * ROWS
        rows = [
            {"@type": "ListItem", "position": n, "item": _node(origin, n)}
            for n in range(first, min(first + ROWS, int(listings)))
        ]
        return 200, _page({"@type": "ItemList", "itemListElement": rows})
    return 404, b""


class _Connection(asyncio.Protocol):
    """Just enough HTTP/1.1 for the crawls: GET without a body, kept alive."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        while b"\r\n\r\n" in self.data:
            head, _, self.data = self.data.partition(b"\r\n\r\n")
            status, body = answer(self.origin, head.split(b" ", 2)[1].decode("latin-1"))
            self.transport.write(
                f"HTTP/1.1 {status} OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )


async def _serve() -> None:
    origins: list[str] = [""]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(origins[0]), "127.0.0.1", 0)
    origins[0] = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(origins[0], flush=True)
    await server.serve_forever()


@contextmanager
def _shop() -> Iterator[str]:
    """Run the shop; yields its address."""
    command = [sys.executable, "-m", "benchmarks.crawl", "serve"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


def main(arguments: list[str]) -> None:
    """Run a step of the bench, or with ``--listings`` the bench itself."""
    if not arguments or arguments[0].startswith("-"):
        parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl")
        parser.add_argument("--listings", default=str(LISTINGS))
        os.environ["JIKIMI_BENCH_LISTINGS"] = parser.parse_args(arguments).listings
        report = Report()
        run(report)
        print(report.summary())
        return
    step, *rest = arguments
    if step == "serve":
        asyncio.run(_serve())
    elif step == "bare":
        _bare(rest[0], rest[1], Path(rest[2]))
    elif step == "prepare":
        _prepare(Path(rest[0]), rest[1], int(rest[2]), known=rest[3] == "1")
    elif step == "intake":
        _intake(Path(rest[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
