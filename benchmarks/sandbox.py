"""Listings of the sandbox judged against its hidden truth: precision and recall per region and per tactic.

Four marketplaces from fresh seeds are read page by page as the crawl reads them (without its network), stored in a
database of their own, matched and compared with what the sandbox knows. Every brand is looked for in every listing.
Last comes how far the probabilities of all matches, flagged or not, are what they say they are.
``JIKIMI_BENCH_SEEDS`` names other seeds, ``JIKIMI_BENCH_LISTINGS`` how many listings each marketplace has.
"""

from __future__ import annotations

import html
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from web_poet import HttpResponse

from benchmarks.report import Report
from contracts.job import CaptureRef, ImageRef
from contracts.listing import AccessRung, Listing
from contracts.market import manifests
from contracts.match import Match
from crawlers.reading import read_page
from evidence.store import Store
from jikimi.outcomes import Outcome
from sandbox.brands import read_brands
from sandbox.catalogue import Catalogue
from sandbox.http import Request
from sandbox.markets import STOREFRONTS
from sandbox.offers import Label, Truth
from sandbox.profiles import PROFILES
from sandbox.storefront import Storefront

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples" / "registry"
SEEDS = "1001,1002,1003"
LISTINGS = "300"
ORIGIN = "http://127.0.0.1:1"
PATHS = {"harborlane": "/itm/{}", "marktkorb": "/artikel/{}", "longshi": "/api/item/{}", "pasarria": "/data/p/{}"}
GOAL = 0.95
DRAWS = 1000  # of the bootstrap
DECILES = tuple(tenth / 10 for tenth in range(11))
INNOCENT = frozenset(
    {Label.GENUINE, Label.AUTHORISED, Label.RESELLER, Label.SECOND_HAND, Label.COMPATIBLE, Label.LOOKALIKE}
)


@attrs.frozen
class Offered:
    """One listing as its page was read, its pictures, and what it really is."""

    listing: Listing
    pictures: tuple[bytes, ...]
    truth: Truth


@attrs.frozen(kw_only=True)
class Judged(Outcome):
    """What became of an offer, and what every match said of it, flagged or not: the probability by brand."""

    probabilities: Mapping[str, float]


def run(report: Report) -> None:
    """Judge fresh seeds and print the tables."""
    seeds = [int(seed) for seed in os.environ.get("JIKIMI_BENCH_SEEDS", SEEDS).split(",")]
    count = int(os.environ.get("JIKIMI_BENCH_LISTINGS", LISTINGS))
    report.note(f"seeds {seeds}, {count} listings on each of {', '.join(PROFILES)}")
    judged: list[Judged] = []
    with tempfile.TemporaryDirectory() as home:
        match = matcher(Path(home))
        for seed in seeds:
            judged += match([offer for market in PROFILES for offer in offers(market, seed, count)])
    regions = {manifest.id: str(manifest.region) for manifest in manifests().values()}
    for region in sorted({regions[item.truth.market] for item in judged}):
        part = [item for item in judged if regions[item.truth.market] == region]
        _shares(report, region, part, precision=True)
    for tactic in sorted({item.truth.tactic or "" for item in judged if item.is_fake}):
        _shares(report, tactic, [item for item in judged if item.truth.tactic == tactic], precision=False)
    _shares(report, "all", judged, precision=True)
    accused = [item for item in judged if item.truth.label in INNOCENT and "counterfeit" in item.flags.values()]
    report.reaches("innocent listings not called counterfeit", 1 - len(accused) / len(judged), goal=1.0)
    for label, number in sorted(Counter(str(item.truth.label) for item in judged if item.wrong).items()):
        report.note(f"{number} wrong flags on {label} listings")
    _calibration(report, judged)


def _calibration(report: Report, judged: Sequence[Judged]) -> None:
    """Show by decile the probability said and the share of counterfeits, and two figures over all matches."""
    from triage.report import bins_of  # noqa: PLC0415 (after the settings)

    said = [
        (probability, item.is_fake and brand == item.truth.brand)
        for item in judged
        for brand, probability in item.probabilities.items()
    ]
    if not said:
        report.note("no listing speaks of a brand: nothing to say of the probabilities")
        return
    table = bins_of(said, DECILES)
    for line in table:
        low, high = line.share.interval
        report.note(
            f"said {line.low:.1f} to {line.high:.1f}, {line.predicted:.3f} on average: {line.share.right} of "
            f"{line.share.count} are counterfeits, {line.share.value:.3f} [{low:.3f}, {high:.3f}]"
        )
    off = sum(abs((line.share.value or 0.0) - line.predicted) * line.share.count for line in table) / len(said)
    squared = sum((probability - right) ** 2 for probability, right in said) / len(said)
    share = sum(right for _, right in said) / len(said)
    report.note(f"expected calibration error {off:.4f} (Naeini, Cooper, Hauskrecht, AAAI 2015)")
    report.note(f"Brier score {squared:.4f}; saying {share:.3f} of everything: {share * (1 - share):.4f}")


def offers(market: str, seed: int, count: int) -> Iterator[Offered]:
    """Yield every offer of one marketplace, read from its page."""
    shop = STOREFRONTS[market](Catalogue(PROFILES[market], read_brands(SAMPLES), seed, count))
    for truth in shop.catalogue.truth:
        path = PATHS[market].format(truth.listing_id)
        answer = _ask(shop, path)
        body = built(json.loads(answer)["produk"]) if market == "pasarria" else answer
        page = HttpResponse(url=ORIGIN + path, body=body)
        listing = read_page(page, market=market, manifest=manifests()[market]).listings[0]
        yield Offered(listing, tuple(_ask(shop, urlsplit(url).path) for url in listing.image_urls), truth)


def _ask(shop: Storefront, path: str) -> bytes:
    return shop.answer(Request(path=path, query={}, headers={})).body


def built(product: dict[str, Any]) -> bytes:
    """Return the page that Pasarria's script builds of a product, as far as a crawl reads it."""
    named = [("nama", product["nama"]), ("harga", product["harga"]), ("coret", product["coret"])]
    named += [("kondisi", product["kondisi"]), ("merek", product["merek"]), ("uraian", product["uraian"])]
    named += [("asal", product["asal"]), ("terjual", product["terjual"])]
    parts = [f'<p class="{name}">{html.escape(str(text))}</p>' for name, text in named if text is not None]
    parts += [f'<img class="foto" src="{address}">' for address in product["foto"]]
    shop = product["toko"]
    parts.append(f'<a class="toko" href="/shop/{shop["id"]}">{html.escape(shop["nama"])}</a>')
    steps = "".join(f"<span>{html.escape(step)}</span>" for step in product["jejak"])
    page = (
        f'<article class="produk" data-produk="{product["id"]}">{"".join(parts)}<p class="jejak">{steps}</p></article>'
    )
    return f"<!doctype html><html><body><main data-siap>{page}</main></body></html>".encode()


def matcher(home: Path) -> Callable[[Sequence[Offered]], list[Judged]]:
    """Make a database with the sample brands in ``home``; return what stores offers there and matches them."""
    os.environ.update(JIKIMI_HOME=str(home), JIKIMI_DATABASE_URL=f"sqlite:///{home / 'bench.sqlite3'}")
    from jikimi.cli import start_django  # noqa: PLC0415 (settings are read when Django starts)

    start_django()
    from django.core.management import call_command  # noqa: PLC0415 (after the settings)

    from registry.importing import import_folders  # noqa: PLC0415 (after the settings)

    call_command("migrate", verbosity=0)
    for result in import_folders(path=SAMPLES):
        assert result.change is not None, result.problems
    return _match


def _match(offered: Sequence[Offered]) -> list[Judged]:
    from accounts.outbox import drain  # noqa: PLC0415 (after the settings)
    from listings import models  # noqa: PLC0415 (after the settings)
    from registry.models import Brand  # noqa: PLC0415 (after the settings)
    from triage.matching import Matching, match_listings  # noqa: PLC0415 (after the settings)

    said: dict[int, dict[str, float]] = {}

    class Telling(Matching):
        """Matching that keeps what it says of unflagged listings too, which nothing else does."""

        def matches(self, listing: models.Listing, *known: Any) -> Iterator[tuple[Brand, Match]]:
            for brand, match in super().matches(listing, *known):
                said.setdefault(listing.pk, {})[brand.slug] = match.probability
                yield brand, match

    keys = list(_store(offered))
    brands = Brand.objects.select_related("organisation")
    match_listings(models.Listing.objects.filter(pk__in=keys), matching=Telling(brands))
    while not drain().idle:  # shops that one listing gave away have their others looked at again
        pass
    stored = models.Listing.objects.in_bulk(keys)
    judged = []
    for key, offer in zip(keys, offered, strict=True):
        flags = list(stored[key].flags.select_related("brand"))
        # A flag was matched again with what its shop gave away; what is no flag keeps what was said of it first.
        probabilities = said.get(key, {}) | {flag.brand.slug: flag.probability for flag in flags}
        grounds = {flag.brand.slug: str(flag.ground) for flag in flags}
        judged.append(Judged(truth=offer.truth, seen=True, flags=grounds, probabilities=probabilities))
    return judged


def _store(offered: Sequence[Offered]) -> list[int]:
    """Take the offers in for every organisation; return their keys in the same order."""
    from django.conf import settings  # noqa: PLC0415 (read only now)

    from accounts.models import Organisation  # noqa: PLC0415 (after the settings)
    from listings import models  # noqa: PLC0415 (after the settings)
    from listings.intake import Intake, Record, take  # noqa: PLC0415 (after the settings)

    store, everyone = Store(settings.EVIDENCE_DIR), list(Organisation.objects.all())
    records = []
    for offer in offered:
        shown = zip(offer.listing.image_urls, offer.pictures, strict=True)
        records.append(
            Record(
                contract=offer.listing,
                capture=CaptureRef(
                    url=offer.listing.url or "", observed_at=datetime.now(UTC), rung=AccessRung.HTTP, status=200,
                    body_sha256=store.put(json.dumps(offer.listing.to_json()).encode()), warc="", record_id="",
                    vantage="bench",
                ),
                images=[ImageRef(url=url, sha256=store.put(data), media_type="image/jpeg") for url, data in shown],
                organisations=everyone,
            )
        )  # fmt: skip
    take(records, Intake())
    keys = {(row.market, row.listing_id): row.pk for row in models.Listing.objects.all()}
    return [keys[record.key] for record in records]


def _shares(report: Report, name: str, items: Sequence[Outcome], *, precision: bool) -> None:
    """Show recall, and precision where asked, each with its 95 % bootstrap interval over listings."""
    measures = [("recall", recall_of)] + [("precision", precision_of)] * precision
    for measure, share in measures:
        low, high = interval(items, share)
        fakes = sum(item.is_fake for item in items)
        report.reaches(f"{name}: {measure} of {fakes} fakes [{low:.2f}, {high:.2f}]", share(items), goal=GOAL)


def recall_of(items: Iterable[Outcome]) -> float:
    """Return the share of counterfeits that were flagged for their brand."""
    fakes = [item.found for item in items if item.is_fake]
    return sum(fakes) / len(fakes) if fakes else 1.0


def precision_of(items: Iterable[Outcome]) -> float:
    """Return the share of flags that are of a counterfeit of that brand."""
    counted = [(item.found, item.wrong) for item in items]
    right, wrong = sum(found for found, _ in counted), sum(wrong for _, wrong in counted)
    return right / (right + wrong) if right + wrong else 1.0


def interval(items: Sequence[Outcome], share: Callable[[Iterable[Outcome]], float]) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of a share over listings drawn anew."""
    chance = random.Random(0)  # noqa: S311 (not for secrets)
    telling = [item for item in items if item.is_fake or item.flags]  # the others change neither share
    if not telling:
        return 1.0, 1.0
    drawn = sorted(share(chance.choices(telling, k=len(telling))) for _ in range(DRAWS))
    return drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]
