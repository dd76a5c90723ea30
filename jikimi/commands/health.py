"""``jikimi health``: how every market fares, at a glance."""

from __future__ import annotations

import sys

import click

from jikimi.cli import start_django

COLOURS = {"blocked": "red", "silent": "red", "degraded": "yellow", "healthy": "green"}


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
    from rich.table import Table
    from rich.text import Text

    from contracts.errors import BadInput
    from contracts.market import manifests
    from jobs.queries import overview
    from jobs.verdicts import Verdict

    if market is not None and market not in manifests():
        raise BadInput("jikimi health", "MARKET", "one of " + ", ".join(manifests()), market)
    console = Console()
    table = Table("market", "region", "health", "last run", "pages", "listings", "why")
    with translation.override(settings.LANGUAGE_CODE):
        seen = overview(market=market)
        for item in seen.markets:
            verdict, figures = item.assessment.verdict, item.last.figures if item.last else {}
            table.add_row(
                item.manifest.name,
                item.manifest.region,
                Text(str(verdict), COLOURS[verdict] if item.is_watched else "dim"),
                f"{item.last.finished_at:%Y-%m-%d %H:%M}" if item.last and item.last.finished_at else "-",
                str(figures.get("pages", "-")),
                str(figures.get("listings", "-")),
                Text("; ".join(str(reason) for reason in item.assessment.reasons)),
            )
        console.print(table)
        for item in seen.markets:
            missing = item.last.stats.get("missing", {}) if item.last else {}
            for field in [coverage.field for coverage in item.assessment.coverage if coverage.fell]:
                if page := missing.get(field):
                    line = f"{item.manifest.name}: no {field} on {page['url']} (evidence {page['body_sha256']})"
                    console.print(Text(line), soft_wrap=True)
    if seen.by_people:
        names = ", ".join(manifest.name for manifest in seen.by_people)
        console.print(Text(f"Reached by people or feeds only: {names}", "dim"))
    if any(item.is_watched and item.assessment.verdict != Verdict.HEALTHY for item in seen.markets):
        sys.exit(1)
