"""A shop of our own on loopback, and crawls of it in a real ``scrapy crawl``."""

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import attrs
from PIL import Image

from contracts.job import Job, RunStats, SpoolListing, SpoolPage, SpoolSeen, Watch, WatchKind

ROOT = Path(__file__).resolve().parents[2]
WALL = b"<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>"


def picture(number, fmt="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (number * 7 % 255, 40, 90)).save(out, fmt)
    return out.getvalue()


def huge_png():
    """A PNG whose header alone says 30,000 x 30,000."""
    data = bytearray(picture(1))
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


class Shop:
    """A marketplace that does what a test tells it to.

    ``special`` maps a path to (status, headers, body) or to a function of the request number giving that.
    """

    def __init__(self, items=12, page_size=5):
        self.items, self.page_size = items, page_size
        self.asked = Counter()
        self.times = {}
        self.agents = set()
        self.special = {}
        self.pictures = {}
        self.rendered_by_script = False
        self.pause = 0.0
        self.lock = threading.Lock()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                shop.serve(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler):
        with self.lock:
            self.asked[handler.path] += 1
            self.times.setdefault(handler.path, []).append(time.monotonic())
            self.agents.add(handler.headers["User-Agent"])
            number = self.asked[handler.path]
        time.sleep(self.pause)
        status, headers, body = self.answer(handler.path, number, handler.headers)
        handler.send_response(status)
        for name, value in {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            handler.send_header(name, value)
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(body)

    def answer(self, path, number, headers):  # noqa: PLR0911 (one answer each)
        if path in self.special:
            told = self.special[path]
            return told(number) if callable(told) else told
        parts = urlsplit(path)
        if parts.path == "/robots.txt":
            return 404, {}, b""
        if parts.path in ("/search", "/shop/haneul", "/c/cushions"):
            return 200, {}, self.results(int(parse_qs(parts.query)["page"][0]))
        if parts.path.startswith("/item/"):
            etag = f'"{parts.path}"'
            same = headers.get("If-None-Match") == etag
            body = b"" if same else self.product(int(parts.path.rpartition("/")[2]) - 100000)
            return 304 if same else 200, {"ETag": etag}, body
        if parts.path.startswith("/img/"):
            name = parts.path.rpartition("/")[2]
            data = self.pictures.get(name) or picture(int(name.split(".")[0]))
            etag = f'"{zlib.crc32(data)}"'
            if headers.get("If-None-Match") == etag:
                return 304, {}, b""
            return 200, {"Content-Type": "image/png", "ETag": etag}, data
        return 404, {}, b"<html><title>Not Found</title></html>"

    def node(self, number, **more):
        return {
            "@type": "Product",
            "name": f"Haneulbit cushion no. {number}",
            "url": f"{self.origin}/item/{100000 + number}",
            "sku": str(100000 + number),
            "offers": {"@type": "Offer", "price": f"{10 + number}.50", "priceCurrency": "USD"},
            **more,
        }

    def results(self, page):
        first = (page - 1) * self.page_size
        return self.html([self.node(n) for n in range(first, min(first + self.page_size, self.items))])

    def product(self, number):
        seller = {"@type": "Organization", "name": f"Byeolbit Trade {number % 3}"}
        offer = {"@type": "Offer", "price": f"{10 + number}.50", "priceCurrency": "USD", "seller": seller}
        images = [f"{self.origin}/img/{number}.png", f"{self.origin}/img/{number % 4}.png"]
        return self.html([self.node(number, description="Soft and bright.", image=images, offers=offer)])

    def html(self, nodes):
        data = json.dumps(
            {"@context": "https://schema.org", "@graph": nodes}
            if len(nodes) != 1
            else {"@context": "https://schema.org", **nodes[0]}
        )
        names = "".join(f"<p class=item>{node['name']}</p>" for node in nodes)
        filler = (
            "<p>Welcome to a shop that exists only for tests. We sell what nobody makes, to nobody, at any price. " * 3
        )
        if self.rendered_by_script:
            script = f"""setTimeout(() => {{ const s = document.createElement('script'); s.type = 'application/ld+json';
              s.textContent = {json.dumps(data)}; document.head.append(s); document.body.innerHTML = {json.dumps(names + filler)};
              document.body.id = 'ready'; }}, 150)"""
            return f"<html><head><title>Shop</title></head><body><script>{script}</script></body></html>".encode()
        return f'<html><head><title>Shop</title><script type="application/ld+json">{data}</script></head><body>{names}{filler}</body></html>'.encode()


MANIFEST = """
id = "testshop"
name = "Test shop"
region = "us"
duty_profile = "testshop"
access = {access}
{extra}
[addresses]
search = "{{origin}}/search?q={{query}}&page={{page}}"
listing = "{{origin}}/item/{{listing_id}}"
seller = "{{origin}}/shop/{{seller_id}}?page={{page}}"
category = "{{origin}}/c/{{category}}?page={{page}}"
[rate]
delay_seconds = 0.0
stop_after_blocks = 2
[[sites]]
country = "US"
domain = "www.testshop.example"
currency = "USD"
languages = ["en"]
"""


@attrs.define
class Crawl:
    """A finished (or killed) crawl and its spool."""

    job: Job
    code: int
    log: str

    def _lines(self, name, model):
        path = Path(self.job.spool_dir) / name
        return [model.model_validate_json(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def listings(self) -> list[SpoolListing]:
        return self._lines("listings.jsonl", SpoolListing)

    @property
    def pages(self) -> list[SpoolPage]:
        return self._lines("pages.jsonl", SpoolPage)

    @property
    def seen(self) -> list[SpoolSeen]:
        return self._lines("seen.jsonl", SpoolSeen)

    @property
    def stats(self) -> RunStats:
        return RunStats.read(Path(self.job.spool_dir) / "stats.json")

    @property
    def ids(self):
        return [line.listing.get("listing_id") for line in self.listings]

    def outcomes(self):
        return Counter(str(page.outcome) for page in self.pages)


class Field:
    """Where crawls of one test run."""

    def __init__(self, folder, origin):
        self.folder, self.origin = folder, origin
        self.manifest()

    def manifest(self, access='["http"]', extra=""):
        path = self.folder / "markets" / "us" / "testshop.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MANIFEST.format(access=access, extra=extra))

    def job(self, *watches, **changes):
        watches = watches or (self.watch(),)
        values = {
            "job_id": "run-1",
            "market": "testshop",
            "watches": watches,
            "contact": "monitor@haneulbit.example",
            "origins": {"US": self.origin},
            "evidence_dir": str(self.folder / "evidence"),
            "spool_dir": str(self.folder / "run-1" / "spool"),
            "delay_seconds": 0.0,
        }
        return Job(**{**values, **changes})

    def watch(self, kind=WatchKind.SEARCH, term="haneulbit", **changes):
        return Watch(**{"watch_id": "w1", "kind": kind, "term": term, "site": "US", "pages": 10, **changes})

    def start(self, job, spider="search", *more, **environment):
        path = job.write(Path(job.spool_dir).parent)
        command = [sys.executable, "-m", "scrapy", "crawl", spider, "-a", f"job={path}", *more]
        env = {
            **os.environ,
            "JIKIMI_MARKETS_DIR": str(self.folder / "markets"),
            "JIKIMI_VANTAGE": "test bench",
            **environment,
        }
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            env.pop(name, None)
        log = (self.folder / "crawl.log").open("ab")
        try:
            return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        finally:
            log.close()

    def crawl(self, job, spider="search", *more, **environment):
        process = self.start(job, spider, *more, **environment)
        code = process.wait(120)
        return Crawl(job, code, (self.folder / "crawl.log").read_text())
