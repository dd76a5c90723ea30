"""``jikimi hunt``: search a brand's marks and pictures back through everything found before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jikimi.cli import start_django

if TYPE_CHECKING:
    from rich.console import Console

    from registry.models import Brand
    from triage.models import Hunt

WHERE = "jikimi hunt"


@click.command()
@click.argument("brand", metavar="BRAND")
@click.option("--organisation", metavar="SLUG", help="Whose brand, where several have one of that name.")
@click.option("--mark", "marks", multiple=True, metavar="TEXT", help="Only this mark, by its text; may be repeated.")
@click.option("--image", "images", multiple=True, metavar="FILE", help="Only this picture, by its file name.")
def command(*, brand: str, organisation: str | None, marks: tuple[str, ...], images: tuple[str, ...]) -> None:
    """Search everything registered of BRAND (its short name) back through all listings found for its organisation.

    Safe to stop and to run again: a hunt that was cut off goes on where it was. Nothing is flagged twice.
    """
    start_django()
    from rich.console import Console

    found = _brand(brand, organisation)
    hunt = _asked(found, marks, images)
    console = Console()
    if hunt is None:
        console.print("Nothing is registered under this brand yet.")
        return
    hunt = _run(hunt, console)
    console.print(
        f"{found.name}: {hunt.candidates} candidates, {hunt.looked_at} looked at, {hunt.skipped} no longer stored, "
        f"{hunt.failed} unreadable. {hunt.matched} with a flag, {hunt.flags.count()} of them new.",
        highlight=False,
    )
    if hunt.failed:
        raise click.exceptions.Exit(1)


def _brand(slug: str, organisation: str | None) -> Brand:
    from contracts.errors import BadInput
    from registry.models import Brand

    brands = Brand.objects.filter(slug=slug).select_related("organisation")
    if organisation:
        brands = brands.filter(organisation__slug=organisation)
    match list(brands):
        case [one]:
            return one
        case []:
            raise BadInput(WHERE, "BRAND", "the short name of a registered brand", slug)
        case several:
            owners = ", ".join(one.organisation.slug for one in several)
            raise BadInput(WHERE, "--organisation", f"one of {owners}", organisation)


def _asked(brand: Brand, marks: tuple[str, ...], images: tuple[str, ...]) -> Hunt | None:
    """Return the hunt to work on: one that was cut off and looks for just this, else a new one.

    One that was asked before a spelling was added looked for less; what lies behind its cursor was never asked for it.
    """
    from contracts.errors import BadInput
    from triage.models import Hunt
    from triage.services import queue_hunt, spellings_of
    from triage.states import HuntState

    wanted_marks = list(brand.marks.filter(text__in=marks) if marks else brand.marks.none())
    wanted_images = list(brand.images.filter(file_name__in=images) if images else brand.images.none())
    for asked, known, field in (
        (marks, {mark.text for mark in wanted_marks}, "--mark"),
        (images, {image.file_name for image in wanted_images}, "--image"),
    ):
        if unknown := [name for name in asked if name not in known]:
            raise BadInput(WHERE, field, f"what is registered of {brand}", ", ".join(unknown))
    if not (marks or images):
        wanted_marks, wanted_images = list(brand.marks.all()), list(brand.images.all())
    same = {
        *((mark.pk, None, frozenset(spellings_of(mark))) for mark in wanted_marks),
        *((None, image.pk, frozenset[str]()) for image in wanted_images),
    }
    for hunt in Hunt.objects.filter(brand=brand, state__in=(HuntState.RUNNING, HuntState.FAILED)):
        targets = {(one.mark_id, one.image_id, frozenset(one.spellings)) for one in hunt.targets.all()}
        if targets == same:
            return hunt
    return queue_hunt(actor=None, brand=brand, marks=wanted_marks, images=wanted_images)


def _run(hunt: Hunt, console: Console) -> Hunt:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from triage.hunting import run_hunt

    columns = (TextColumn("Hunting"), BarColumn(), MofNCompleteColumn(), TextColumn("listings"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        bar = bars.add_task("", total=None)
        return run_hunt(hunt=hunt, progress=lambda now: bars.update(bar, completed=now.done, total=now.candidates))
