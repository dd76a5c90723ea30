"""``jikimi health``: how every market fares, at a glance."""

from __future__ import annotations

import sys

import click

from jikimi.cli import start_django


@click.command()
@click.argument("market", required=False)
def command(market: str | None) -> None:
    """Show how every market fares (or one), worst first.

    The exit status is 1 when a market that is scheduled, or was ever run, is not healthy; fit for monitoring.
    """
    start_django()
    from django.conf import settings
    from django.utils import translation
    from rich.console import Console
    from rich.text import Text

    from contracts.errors import BadInput
    from contracts.market import manifests
    from jikimi.health import health_table, pages_that_show_it
    from jobs.queries import overview
    from jobs.verdicts import Verdict

    if market is not None and market not in manifests():
        raise BadInput("jikimi health", "MARKET", "one of " + ", ".join(manifests()), market)
    console = Console()
    with translation.override(settings.LANGUAGE_CODE):
        seen = overview(market=market)
        console.print(health_table(seen))
        for line in pages_that_show_it(seen):
            console.print(line, soft_wrap=True)
    if seen.by_people:
        names = ", ".join(manifest.name for manifest in seen.by_people)
        console.print(Text(f"Reached by people or feeds only: {names}", "dim"))
    if any(item.is_watched and item.assessment.verdict != Verdict.HEALTHY for item in seen.markets):
        sys.exit(1)
