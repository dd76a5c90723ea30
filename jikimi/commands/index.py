"""``jikimi index``: the search index over all listings, checked against the records and made anew from them."""

from __future__ import annotations

import click

from jikimi.cli import start_django


@click.group()
def command() -> None:
    """Check and rebuild the index that searches and hunts go through."""


@command.command()
def check() -> None:
    """Say how many listings are stored and how many are indexed; exit 1 when these differ."""
    start_django()
    from listings.models import Listing
    from listings.search import open_index

    index = open_index()
    index.refresh()
    stored, indexed = Listing.objects.count(), index.count()
    click.echo(f"{stored} listings stored, {indexed} indexed.")
    if stored != indexed:
        click.echo("What was just taken in is indexed by `jikimi work`; if that runs, run `jikimi index rebuild`.")
        raise click.exceptions.Exit(1)


@command.command()
def rebuild() -> None:
    """Make the index anew from the records. Searches go on meanwhile; a rebuild that is stopped changes nothing."""
    start_django()
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from listings.indexing import rebuild_index
    from listings.models import Listing

    columns = (TextColumn("Indexing"), BarColumn(), MofNCompleteColumn(), TextColumn("listings"), TimeElapsedColumn())
    with Progress(*columns, console=Console()) as bars:
        bar = bars.add_task("", total=Listing.objects.count())
        indexed = rebuild_index(lambda done: bars.update(bar, completed=done))
    click.echo(f"{indexed} listings indexed.")
