"""``jikimi crawl``: look for the registered brands on a marketplace."""

from __future__ import annotations

import sys

import click

from contracts.errors import BadInput
from jikimi.cli import start_django


@click.command()
@click.argument("markets", nargs=-1, required=True)
@click.option("--origin", "origins", multiple=True, help="CC=http://host:port: an address that stands for a site.")
def command(markets: tuple[str, ...], origins: tuple[str, ...]) -> None:
    """Plan watches from the registry, crawl MARKETS politely, take in what was seen."""
    start_django()
    from contracts.market import manifests
    from jikimi.progress import crawl_with_bars
    from jobs.services import open_run, plan_watches
    from jobs.states import RunState
    from registry.models import Brand

    known = manifests()
    for market in markets:
        if market not in known:
            raise BadInput("jikimi crawl", "MARKETS", "one of " + ", ".join(known), market)
    stands_for = dict(origin.split("=", 1) for origin in origins if "=" in origin)
    for brand in Brand.objects.all():
        plan_watches(actor=None, brand=brand, markets=[known[market] for market in markets])
    results = crawl_with_bars({open_run(market=market): stands_for for market in markets})
    if any(result.run.state not in (RunState.DONE, RunState.PARTLY_DONE) for result in results):
        sys.exit(1)
