"""The real path on the sandbox: watches, crawls, matching; what was reached, found and wrongly flagged.

Each seed's marketplaces are served on loopback and crawled twice as their schedules would, into a database of their
own: the second run looks at the shops that the first one made suspicious. *Reach* is the share of counterfeits that a
crawl fetched, whatever was thought of them; recall counts also those no crawl came upon. ``JIKIMI_BENCH_SEEDS`` names
other seeds, ``JIKIMI_BENCH_LISTINGS`` how many listings each marketplace has: the more, the less of it a crawl sees.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from benchmarks.report import Report
from benchmarks.sandbox import GOAL, SAMPLES, interval, precision_of, recall_of
from contracts.market import manifests
from jikimi.outcomes import Outcome
from sandbox.offers import Truth
from sandbox.play import Sandbox

ROOT = Path(__file__).resolve().parent.parent
SEEDS = "2001,2002"
LISTINGS = "120"
RUNS = ("first run", "second run")


@attrs.frozen
class Trial:
    """One run over every marketplace of a seed: the listings after it, and the requests it took by market."""

    listings: list[Outcome]
    requests: dict[str, int]


def run(report: Report) -> None:
    """Crawl every seed's marketplaces and show how they fared against the truth."""
    seeds = [int(seed) for seed in os.environ.get("JIKIMI_BENCH_SEEDS", SEEDS).split(",")]
    count = int(os.environ.get("JIKIMI_BENCH_LISTINGS", LISTINGS))
    report.note(f"seeds {', '.join(map(str, seeds))}; {count} listings per marketplace; 95 % bootstrap intervals")
    trials = [list(_apart(seed, count)) for seed in seeds]
    for name, of_seeds in zip(RUNS, zip(*trials, strict=True), strict=True):
        _show(report, name, of_seeds, goal=GOAL if name == RUNS[-1] else None)


def _apart(seed: int, count: int) -> Iterator[Trial]:
    """Try one seed in a process of its own, since a process has one database."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "benchmarks.sandbox_crawl", str(seed), str(count), home]
        told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own)
    for run in json.loads(told.stdout.splitlines()[-1]):
        listings = [
            Outcome(truth=Truth(**row["truth"]), seen=row["seen"], flags=row["flags"]) for row in run["listings"]
        ]
        yield Trial(listings, run["requests"])


def _show(report: Report, name: str, trials: Sequence[Trial], goal: float | None) -> None:
    regions = {manifest.id: str(manifest.region) for manifest in manifests().values()}
    listings = [listing for trial in trials for listing in trial.listings]
    fetched = sum(listing.seen for listing in listings)
    requests = sum((Counter(trial.requests) for trial in trials), Counter())
    each = ", ".join(f"{market} {number / len(trials):.0f}" for market, number in sorted(requests.items()))
    report.note(f"{name}: {fetched} of {len(listings)} listings are known; requests a seed: {each}")
    for region in sorted({regions[listing.truth.market] for listing in listings}):
        part = [listing for listing in listings if regions[listing.truth.market] == region]
        _shares(report, f"{name}, {region}", part, goal, precision=True)
    for tactic in sorted({listing.truth.tactic or "" for listing in listings if listing.is_fake}):
        part = [listing for listing in listings if listing.truth.tactic == tactic]
        _shares(report, f"{name}, {tactic}", part, None, precision=False)
    _shares(report, f"{name}, all", listings, goal, precision=True)
    for label, number in sorted(Counter(str(listing.truth.label) for listing in listings if listing.wrong).items()):
        report.note(f"{name}: {number} {label} listings wrongly flagged")


def reach_of(listings: Iterable[Outcome]) -> float:
    """Return the share of counterfeits that a crawl fetched."""
    fakes = [listing.seen for listing in listings if listing.is_fake]
    return sum(fakes) / len(fakes) if fakes else 1.0


def _shares(report: Report, name: str, listings: Sequence[Outcome], goal: float | None, *, precision: bool) -> None:
    measures: list[tuple[str, Callable[[Any], float]]] = [("reach", reach_of), ("recall", recall_of)]
    fakes = sum(listing.is_fake for listing in listings)
    for measure, share in [*measures, *[("precision", precision_of)] * precision]:
        low, high = interval(listings, share)
        report.reaches(f"{name}: {measure} of {fakes} fakes [{low:.2f}, {high:.2f}]", share(listings), goal=goal)


def try_out(seed: int, count: int, home: Path) -> list[dict[str, Any]]:
    """Serve, crawl twice and match one seed's marketplaces with ``home`` as data folder; return each run as JSON."""
    os.environ.update(
        JIKIMI_HOME=str(home), JIKIMI_DATABASE_URL=f"sqlite:///{home / 'bench.sqlite3'}", JIKIMI_SEARCH_URL="embedded"
    )
    with Sandbox(seed=seed, registry=SAMPLES, listings_per_market=count) as sandbox:
        os.environ["JIKIMI_FETCH_ALLOWED_PRIVATE"] = ",".join(urlsplit(at).netloc for at in sandbox.origins.values())
        from jikimi.cli import start_django  # noqa: PLC0415 (settings are read when Django starts)

        start_django()
        from rich.console import Console  # noqa: PLC0415 (as below)

        from jikimi import trial  # noqa: PLC0415 (after the settings)
        from jikimi.progress import all_through  # noqa: PLC0415 (after the settings)

        console = Console(stderr=True)
        trial.register(console.print)
        trial.schedule(sandbox.origins)
        trial.deliver()
        runs = []
        for crawl in (trial.crawl_due, trial.crawl_again):
            results = crawl(sandbox.origins, console)
            assert all_through(results), results
            undelivered = trial.deliver()
            assert not undelivered, undelivered
            rows = trial.outcomes(sandbox.truth())
            runs.append(
                {
                    "requests": {result.run.market: result.run.stats["requests"] for result in results},
                    "listings": [
                        {"truth": attrs.asdict(row.truth), "seen": row.seen, "flags": dict(row.flags)} for row in rows
                    ],
                }
            )
    return runs


if __name__ == "__main__":
    print(json.dumps(try_out(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))))
