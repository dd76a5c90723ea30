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
    """Plan watches from the registry, crawl MARKETS politely, take in what was seen.

    A run that was cut off goes on where it stopped. The exit status is 1 when a market was not got through to.
    """
    start_django()
    from contracts.market import manifests
    from jikimi.progress import all_through, crawl_with_bars
    from jobs.services import open_run

    known = manifests()
    for market in markets:
        if market not in known:
            raise BadInput("jikimi crawl", "MARKETS", "one of " + ", ".join(known), market)
    stands_for: dict[str, str] = {}
    for origin in origins:
        country, separator, address = origin.partition("=")
        if not separator:
            raise BadInput("jikimi crawl", "--origin", "CC=http://host:port", origin)
        stands_for[country] = address
    if not all_through(crawl_with_bars({open_run(market=market): stands_for for market in markets})):
        sys.exit(1)
