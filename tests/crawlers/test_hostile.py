"""Marketplaces at their worst, crawled for real: each misbehaviour has its outcome, and no listing is lost over it."""

import resource
import socket
import time
from pathlib import Path

import pytest

from contracts.config import CONFIG_DIR
from contracts.job import Known, WatchKind
from contracts.listing import Listing
from contracts.market import manifests
from evidence.addresses import is_public, system_lookup
from evidence.store import Store
from evidence.verify import verify
from sandbox import Sandbox
from sandbox.bad_pictures import Pictured, bad_picture
from sandbox.behaviours import (
    Answers,
    At,
    Endless,
    NotFound,
    RateLimited,
    RedirectLoop,
    Relaid,
    Slow,
    Swollen,
    Walled,
    redirect,
)
from sandbox.markets.harborlane import Harborlane
from tests.crawlers.shop import Field

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "registry"
TERM = "gift"
FOUND = 8  # offers that have the word
ITEMS = r"/itm/.*"
RESULTS = "/search"
QUICK = ("-s", "RETRY_TIMES=0")


class Bay(Field):
    """Crawls of Harborlane, by its own manifest."""

    def __init__(self, folder, sandbox):
        self.folder, self.sandbox, self.origin = folder, sandbox, sandbox.origins["harborlane"]

    def job(self, *watches, name="run-1", **changes):
        watch = self.watch(term=TERM, pages=5)
        return super().job(
            *(watches or (watch,)),
            job_id=name,
            market="harborlane",
            spool_dir=str(self.folder / name / "spool"),
            **changes,
        )

    def go(self, *behaviours, job=None, spider="search", more=QUICK):
        self.sandbox.behave("harborlane", *behaviours)
        return self.crawl(job or self.job(), spider, *more, JIKIMI_MARKETS_DIR=str(CONFIG_DIR / "markets"))

    @property
    def offers(self):
        return self.sandbox.catalogues["harborlane"].search(TERM)

    def asked(self, start):
        return [visit for visit in self.sandbox.visits("harborlane") if visit.path.startswith(start)]


@pytest.fixture
def bay(tmp_path, monkeypatch):
    monkeypatch.setattr(Harborlane, "page_size", 5)
    with Sandbox(seed=3, registry=SAMPLES, listings_per_market=40, markets=["harborlane"]) as sandbox:
        yield Bay(tmp_path, sandbox)


def nothing_lost(run, bay):
    """Every offer is in the spool once, and every byte behind it as it was written."""
    assert sorted(run.ids) == sorted(offer.listing_id for offer in bay.offers)
    assert verify(Path(run.job.evidence_dir)).sound


def test_a_shop_in_a_good_mood(bay):
    run = bay.go()
    nothing_lost(run, bay)
    assert len(run.ids) == FOUND
    assert run.outcomes() == {"ok": FOUND + 2}
    assert run.stats.finish_reason == "finished"


# Walls: blocked, never empty, never gone

WALLS = ("block", "captcha", "login", "consent", "shell")


@pytest.mark.parametrize("wall", WALLS)
def test_a_wall_before_the_results_is_blocked(bay, wall):
    run = bay.go(Walled(wall))
    assert run.outcomes() == {"blocked": 1}
    assert run.pages[0].reason
    assert run.listings == []


def test_a_wall_before_the_offers_ends_the_crawl_and_keeps_what_the_results_showed(bay):
    run = bay.go(At(ITEMS, Walled("login")), job=bay.job(delay_seconds=0.05))
    assert run.stats.finish_reason == "blocked"
    assert set(run.outcomes()) == {"ok", "blocked"}
    assert 3 <= run.outcomes()["blocked"] == len(bay.asked("/itm/"))
    nothing_lost(run, bay)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answers(status=403), "ok"),  # RFC 9309, 2.3.1.3: no rules
        (Answers(status=503), "refused"),
        (Answers(b"User-agent: *\nDisallow: /search\n", media_type="text/plain"), "refused"),
        (Answers(b"<!doctype html><title>Robot check</title><p>Please verify you are a human"), "refused"),
        (Answers(b"<!doctype html><title>Page not found</title><p>Sorry"), "ok"),  # no line of it is a rule
        (redirect("/robots.txt"), "refused"),
        (Answers(b"User-agent: *\nDisallow: /\n" + b"#" * 2_000_000, media_type="text/plain"), "refused"),
    ],
    ids=["403", "503", "rules", "wall", "page", "loop", "huge"],
)
def test_robots_txt_that_says_no_or_cannot_be_read(bay, answer, outcome):
    run = bay.go(At(r"/robots\.txt", answer))
    assert set(run.outcomes()) == {outcome}
    assert bool(bay.asked(RESULTS)) is (outcome == "ok")


# Too busy, too slow


@pytest.mark.parametrize("status", [429, 503])
def test_asked_to_wait_it_waits_and_comes_back(bay, status):
    started = time.monotonic()
    run = bay.go(RateLimited(retry_after=1, times=2, status=status), more=())
    assert time.monotonic() - started >= 1
    nothing_lost(run, bay)
    assert "blocked" not in run.outcomes()


@pytest.mark.parametrize(("status", "outcome"), [(429, "blocked"), (503, "failed")])
def test_asked_to_wait_a_day_it_goes(bay, status, outcome):
    run = bay.go(At(ITEMS, RateLimited(retry_after=86_400, status=status)), more=())
    assert set(run.outcomes()) == {"ok", outcome}
    assert len(bay.asked("/itm/")) == len({visit.path for visit in bay.asked("/itm/")})
    nothing_lost(run, bay)


def test_slow_bytes_are_waited_for(bay):
    run = bay.go(At(ITEMS, Slow(0.05)))
    nothing_lost(run, bay)
    assert run.outcomes()["ok"] == FOUND + 2


def test_bytes_slower_than_the_timeout_are_a_failure_of_that_page(bay):
    slow = bay.offers[0].listing_id
    run = bay.go(At(f"/itm/{slow}", Slow(1)), more=(*QUICK, "-s", "DOWNLOAD_TIMEOUT=1"))
    assert [(page.listing_id, str(page.outcome)) for page in run.pages if page.outcome != "ok"] == [(slow, "failed")]
    nothing_lost(run, bay)


# Without end


def test_paging_without_end_is_left_at_the_watch_s_pages(bay):
    run = bay.go(Endless())
    assert len(bay.asked(RESULTS)) == 5
    assert len(run.ids) == len(set(run.ids)) == 25
    assert run.stats.finish_reason == "finished"


def test_paging_without_end_is_left_at_the_job_s_budget(bay):
    run = bay.go(Endless(), job=bay.job(bay.watch(term=TERM, pages=400), page_budget=9))
    assert len(bay.asked(RESULTS)) + len(bay.asked("/itm/")) == 9
    assert run.stats.finish_reason == "budget"
    assert len(run.ids) == len(set(run.ids)) == 45


@pytest.mark.parametrize("where", [RESULTS, ITEMS])
def test_a_redirect_loop_is_left(bay, where):
    run = bay.go(At(where, RedirectLoop()))
    hops = bay.asked(RESULTS if where == RESULTS else "/itm/")
    pages = 1 if where == RESULTS else FOUND
    assert len(hops) == 7 * pages  # REDIRECT_MAX_TIMES, and the first
    assert run.outcomes()["failed"] == pages
    if where == ITEMS:
        nothing_lost(run, bay)


# Gone, or changed


def test_gone_is_told_in_words_or_by_a_soft_404(bay):
    first, second = bay.offers[0].listing_id, bay.offers[1].listing_id
    bay.sandbox.remove("harborlane", first)
    watches = [bay.watch(WatchKind.LISTING, one, watch_id=one) for one in (first, second)]
    run = bay.go(At(f"/itm/{second}", NotFound()), job=bay.job(*watches), spider="listing")
    assert {page.listing_id: str(page.outcome) for page in run.pages} == {first: "removed", second: "removed"}


def test_a_search_that_is_not_found_is_no_empty_one(bay):
    run = bay.go(At(RESULTS, NotFound()))
    assert not {"empty", "ok"} & set(run.outcomes())


def test_a_layout_that_changed_overnight_is_noticed_by_the_field(bay):
    first = bay.go()
    known = {
        line.listing["listing_id"]: Known(
            fingerprint=Listing.from_json(line.listing).fingerprint(),
            card_fingerprint=line.card_fingerprint,
            etag=line.etag,
        )
        for line in first.listings
    }
    second = bay.go(Relaid({'"price":': '"amount":'}), job=bay.job(name="run-2", known=known))
    assert sorted(second.ids) == sorted(first.ids)
    usual = manifests()["harborlane"].assertions.field_coverage
    short = [name for name, least in usual.items() if second.stats.field_coverage[name] < least]
    assert [name for name, least in usual.items() if first.stats.field_coverage[name] < least] == []
    assert short == ["price", "currency"]  # by which the run is judged; a currency is told of a price alone


def test_a_layout_nobody_knows_any_more_is_unknown_never_gone(bay):
    run = bay.go(At(ITEMS, Relaid({"application/ld+json": "text/x-offer", 'class="price"': 'class="q7x"'})))
    assert run.outcomes() == {"ok": 2, "unknown": FOUND}
    nothing_lost(run, bay)


# Too large


@pytest.mark.parametrize(
    ("size", "packed", "outcome"),
    [(20_000_100, False, "unknown"), (21_000_000, False, "failed"), (400_000_000, True, "failed")],
    ids=["to be read", "to be fetched", "to be unpacked"],
)
def test_a_page_that_is_too_large(bay, size, packed, outcome):
    huge = bay.offers[0].listing_id
    run = bay.go(At(f"/itm/{huge}", Swollen(size, packed=packed)))
    assert [(page.listing_id, str(page.outcome)) for page in run.pages if page.outcome != "ok"] == [(huge, outcome)]
    nothing_lost(run, bay)


BAD = {
    "bomb": "12000 x 12000 pixels: more than the limit",
    "text bomb": "not a picture we can read",
    "heavy": "not fetched",
    "truncated": "cut short",
    "empty": "not a picture we can read",
    "page": "not a picture we can read",
    "svg": "not a picture we can read",
}
ODD = {
    "moving gif": "image/gif",
    "moving webp": "image/webp",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "disguised": "image/png",
}


def test_bad_pictures_cost_their_listings_nothing_and_odd_ones_are_kept_as_what_they_are(bay):
    goods = bay.sandbox.catalogues["harborlane"]
    names = [name for offer in bay.offers for name in goods.pictures(offer)]
    shown = dict(zip(names, [*BAD, *ODD], strict=False))
    assert len(shown) == len(BAD) + len(ODD)
    run = bay.go(*(At(f"/img/{name}", Pictured(kind)) for name, kind in shown.items()))
    nothing_lost(run, bay)
    found = {shown.get(image.url.rpartition("/")[2]): image for line in run.listings for image in line.images}
    for kind, problem in BAD.items():
        assert problem in found[kind].problem, kind
        assert found[kind].sha256 is None
    for kind, media_type in ODD.items():
        image = found[kind]
        assert (image.problem, image.media_type, image.width, image.height) == (None, media_type, 64, 48)
        assert Store(Path(run.job.evidence_dir)).get(image.sha256) == bad_picture(kind)


# Where nobody may be sent


@pytest.fixture
def inside():
    """A service of this machine that nobody from outside should reach."""
    with Sandbox(seed=1, registry=SAMPLES, listings_per_market=20, markets=["longshi"]) as other:
        yield other


def private_names():
    """Names that are no IP addresses and lead inside all the same; DNS is not needed for them."""
    found = []
    for name in (socket.gethostname(), "ip6-localhost", "ip6-loopback"):
        try:
            addresses = system_lookup(name, 80)
        except OSError:
            continue
        found += [] if any(map(is_public, addresses)) else [name]
    return found


def test_nobody_is_sent_inside(bay, inside):
    port = inside.origins["longshi"].rpartition(":")[2]
    hosts = ["127.0.0.1", "127.1", "[::ffff:127.0.0.1]", "localhost", "169.254.169.254", *private_names()]
    sent = dict(zip((offer.listing_id for offer in bay.offers), hosts, strict=False))
    redirects = [At(f"/itm/{one}", redirect(f"http://{host}:{port}/api/search")) for one, host in sent.items()]
    run = bay.go(*redirects, At(r"/img/.*", redirect(f"http://{hosts[-1]}:{port}/img/a.jpg")))
    assert inside.visits("longshi") == []
    assert {page.listing_id for page in run.pages if page.outcome == "refused"} == set(sent)
    assert all(image.problem for line in run.listings for image in line.images)
    nothing_lost(run, bay)


def test_a_redirect_to_another_listing_tells_nothing_of_the_one_asked_for(bay):
    one, other = bay.offers[0].listing_id, bay.offers[1].listing_id
    run = bay.go(At(f"/itm/{one}", redirect(f"/itm/{other}")))
    assert [(page.listing_id, page.reason) for page in run.pages if page.outcome == "unknown"] == [
        (one, f"redirected to the page of another listing, {other}")
    ]
    nothing_lost(run, bay)


def test_pages_that_all_redirect_to_one_are_each_told(bay):
    run = bay.go(At(ITEMS, redirect("/c/beauty")))
    assert len([page for page in run.pages if page.listing_id]) == FOUND
    nothing_lost(run, bay)


def test_the_worst_day_costs_little_memory(bay):
    """All at once, and still within half a gigabyte."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    huge, other = bay.offers[0].listing_id, bay.offers[1].listing_id
    run = bay.go(
        At(f"/itm/{huge}", Swollen(400_000_000, packed=True)),
        At(f"/itm/{other}", RedirectLoop()),
        Pictured("bomb"),
    )
    nothing_lost(run, bay)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # kilobytes, the largest child so far
    assert used == before or used < 512 * 1024
