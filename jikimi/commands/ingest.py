"""``jikimi ingest``: take in licensed feeds and JSON Lines of listings."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from contracts.errors import BadInput
from jikimi.cli import start_django


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", "slug", help="For whom (slug); needed when there are several organisations.")
def command(files: tuple[Path, ...], slug: str | None) -> None:
    """Take in FILES (vendor CSV or JSON Lines of listings). Taking them in again changes nothing."""
    start_django()
    from accounts.models import Organisation
    from contracts.listing import AccessRung
    from crawlers.feeds import read_feed
    from listings.services import take_in_listings

    candidates = Organisation.objects.filter(slug=slug) if slug else Organisation.objects.all()
    if len(candidates) != 1:
        known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none registered yet"
        raise BadInput("jikimi ingest", "--organisation", f"one of: {known}", slug)
    failed = 0
    for file in files:
        intake = take_in_listings(
            listings=read_feed(file),
            organisation=candidates[0],
            rung=AccessRung.FEED,
            source=file.name,
            seen=datetime.fromtimestamp(file.stat().st_mtime, tz=UTC),
        )
        failed += len(intake.problems)
        for problem in intake.problems:
            click.echo(f"not taken in: {problem}", err=True)
        click.echo(
            f"{file.name}: {intake.new} new, {intake.changed} changed, {intake.unchanged} unchanged, "
            f"{len(intake.problems)} not taken in"
        )
    if failed:
        sys.exit(1)
