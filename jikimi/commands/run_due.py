"""``jikimi run-due``: crawl what the schedules say is due; for cron where no Celery runs."""

from __future__ import annotations

import sys
from collections import defaultdict

import click

from contracts.errors import BadInput
from jikimi.cli import start_django


@click.command()
@click.option(
    "--origin", "origins", multiple=True, help="MARKET:CC=http://host:port: an address that stands for a site."
)
def command(origins: tuple[str, ...]) -> None:
    """Crawl what is due now, then end. Safe to call as often as you like, also while another one works.

    A cron line: */10 * * * * jikimi run-due. The exit status is 1 when a market was not got through to.
    """
    start_django()
    from jikimi.progress import all_through, run_due

    stands_for: dict[str, dict[str, str]] = defaultdict(dict)
    for origin in origins:
        site, separator, address = origin.partition("=")
        market, colon, country = site.partition(":")
        if not (separator and colon):
            raise BadInput("jikimi run-due", "--origin", "MARKET:CC=http://host:port", origin)
        stands_for[market][country] = address
    results = run_due(origins=stands_for)
    if not results:
        click.echo("Nothing is due.")
    if not all_through(results):
        sys.exit(1)
