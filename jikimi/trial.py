"""The main job on the sandbox, step by step: what the demo shows and ``benchmarks/sandbox_crawl`` measures.

Only here is the sandbox's truth put beside what was stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import attrs
from django.conf import settings
from django.core.management import call_command
from rich.console import Console

from accounts.models import OutboxMessage
from accounts.outbox import drain
from accounts.states import DeliveryState
from contracts.errors import JikimiError
from contracts.market import manifests
from jikimi.outcomes import Outcome, Truth
from jikimi.progress import crawl_with_bars, run_due
from jobs.schedules import default_of
from jobs.services import create_run, plan_watches, set_schedule
from listings.crawls import Crawled
from listings.models import Listing
from registry.importing import import_folders
from registry.models import Brand
from triage.models import Flag

SAMPLES = settings.ROOT / "samples" / "registry"
DELAY = 0.02  # seconds between requests to our own loopback
ALL_DAY = "00:00-00:00"


def register(say: Callable[..., object]) -> None:
    """Migrate, and register the sample brands; what cannot be registered is said."""
    call_command("migrate", verbosity=0)
    for result in import_folders(path=SAMPLES):
        if result.change is None:
            say(f"{result.name}: failed", *result.problems)


def schedule(origins: Mapping[str, str]) -> None:
    """Have every brand watched on the sandbox's marketplaces, and each of them crawled as its region usually is."""
    markets = [manifests()[market] for market in origins]
    for brand in Brand.objects.all():
        plan_watches(actor=None, brand=brand, markets=markets)
    for manifest in markets:
        set_schedule(actor=None, market=manifest.id, timing=attrs.evolve(default_of(manifest), window=ALL_DAY))


def crawl_due(origins: Mapping[str, str], console: Console) -> list[Crawled | JikimiError]:
    """Crawl what the schedules say is due."""
    return run_due(origins=_stand_ins(origins), console=console, delay=DELAY)


def crawl_again(origins: Mapping[str, str], console: Console) -> list[Crawled | JikimiError]:
    """Crawl every marketplace once more, as the next slot of its schedule would."""
    runs = {create_run(market=market): sites for market, sites in _stand_ins(origins).items()}
    return crawl_with_bars(runs, console=console, delay=DELAY)


def _stand_ins(origins: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {market: {site.country: origin for site in manifests()[market].sites} for market, origin in origins.items()}


def deliver() -> list[str]:
    """Deliver what waits in the outbox, and what that publishes in turn; return what went wrong with what is left."""
    while not drain().idle:
        pass
    left = OutboxMessage.objects.exclude(state=DeliveryState.DELIVERED).exclude(last_error="")
    return [f"{topic}: {error}" for topic, error in left.values_list("topic", "last_error")]


def outcomes(truth: Sequence[Truth]) -> list[Outcome]:
    """Return what became of every offer the marketplaces hold, also of those no crawl came upon."""
    seen = set(Listing.objects.values_list("market", "listing_id"))
    flags: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for flag in Flag.objects.select_related("listing", "brand"):
        flags[flag.listing.market, flag.listing.listing_id][flag.brand.slug] = str(flag.ground)
    keys = [(item.market, item.listing_id) for item in truth]
    return [
        Outcome(truth=item, seen=key in seen, flags=flags.get(key, {})) for item, key in zip(truth, keys, strict=True)
    ]
