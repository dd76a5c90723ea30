"""``jikimi index``: the search index over all listings, checked against the records and made anew from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from jikimi.cli import start_django

BATCH = 200  # listings whose pictures are described and read together


@click.group()
def command() -> None:
    """Check and rebuild the index that searches and hunts go through."""


@command.command()
@click.option("--quick", is_flag=True, help="Only count: what is indexed otherwise than it is stored is not noticed.")
def check(*, quick: bool) -> None:
    """Compare the index with the records and with what was made of the pictures; exit 1 when they differ."""
    start_django()
    from listings.indexing import Checked, check_index
    from listings.models import Listing
    from listings.search import open_index

    if quick:
        index = open_index()
        index.refresh()
        checked = Checked(stored=Listing.objects.count(), indexed=index.count(), differing=0, undescribed=0)
    else:
        with _bar("Comparing", Listing.objects.count()) as done:
            checked = check_index(done)
    click.echo(f"{checked.stored} listings stored, {checked.indexed} indexed.")
    if checked.differing:
        click.echo(f"{checked.differing} are not indexed as they are stored.")
    if checked.undescribed:
        click.echo(
            f"{checked.undescribed} pictures were never described: only their hash is searched. "
            "`jikimi index rebuild --pictures` describes and reads them."
        )
    if checked.differing or checked.stored != checked.indexed:
        click.echo("What was just taken in is indexed by `jikimi work`; if that runs, run `jikimi index rebuild`.")
        raise click.exceptions.Exit(1)


@command.command()
@click.option("--pictures", is_flag=True, help="First describe and read the pictures that this was never done to.")
def rebuild(*, pictures: bool) -> None:
    """Make the index anew from the records. Searches go on meanwhile; a rebuild that is stopped changes nothing."""
    start_django()
    from listings.indexing import rebuild_index
    from listings.models import Listing

    count = Listing.objects.count()
    if pictures:
        with _bar("Describing pictures", count) as done:
            _look_into_pictures(done)
    with _bar("Indexing", count) as done:
        indexed = rebuild_index(done)
    click.echo(f"{indexed} listings indexed.")


def _look_into_pictures(done: Callable[[int], None]) -> None:
    from listings.models import Listing
    from registry.models import Brand
    from triage.matching import Matching

    matching = Matching(Brand.objects.select_related("organisation"))
    keys = list(Listing.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        matching.prepare(Listing.objects.filter(pk__in=batch).prefetch_related("images", "sightings"), logos=False)
        done(start + len(batch))


@contextmanager
def _bar(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of so many listings are done; yield what is called with the number."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TextColumn("listings"), TimeElapsedColumn())
    with Progress(*columns, console=Console()) as bars:
        bar = bars.add_task("", total=total)
        yield lambda done: bars.update(bar, completed=done)
