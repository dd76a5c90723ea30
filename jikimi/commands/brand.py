"""``jikimi brand``: what brand owners hand in as folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jikimi.cli import start_django

if TYPE_CHECKING:
    from registry.importing import Result


@click.group()
def command() -> None:
    """Register brands."""


@command.command(name="import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--organisation", "slug", metavar="SLUG", help="Who the brands belong to, whatever brand.toml says.")
@click.option("--prune", is_flag=True, help="Remove marks, products, pictures and sellers the folder no longer names.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and register nothing.")
def import_(*, folder: Path, slug: str | None, prune: bool, dry_run: bool) -> None:
    """Register the brand in FOLDER (brand.toml, pictures, papers), or every brand folder in it. Safe to run again."""
    start_django()
    from accounts.models import Organisation
    from contracts.errors import BadInput
    from registry.importing import import_folders

    organisation = Organisation.objects.filter(slug=slug).first() if slug else None
    if slug and organisation is None:
        msg = "jikimi brand import"
        raise BadInput(msg, "--organisation", "the short name of an organisation", slug)
    tally: dict[str, int] = {"created": 0, "updated": 0, "unchanged": 0, "failed": 0}
    for result in import_folders(path=folder, organisation=organisation, prune=prune, dry_run=dry_run):
        tally[result.change.value if result.change else "failed"] += 1
        _show(result)
    summary = ", ".join(f"{count} {word}" for word, count in tally.items())
    click.echo(f"{'Dry run, nothing was registered: ' if dry_run else ''}{summary}.")
    if tally["failed"]:
        raise click.exceptions.Exit(1)


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def propose(*, names: tuple[str, ...]) -> None:
    """Propose how each NAME is likely spelt abroad, as lines for brand.toml. Registers nothing."""
    from matchers.proposals import propose

    for name in names:
        found = propose(name)
        click.echo(f"# {name}: {'keep the ones that are used' if found else 'nothing to propose'}")
        if found:
            lines = "".join(f"  {json.dumps(spelling.text, ensure_ascii=False)},\n" for spelling in found)
            click.echo(f"spellings = [\n{lines}]")


def _show(result: Result) -> None:
    """Print one brand's outcome; problems go to standard error."""
    if result.change is None:
        click.echo(f"{result.name}: failed, nothing of it was taken", err=True)
        for problem in result.problems:
            click.echo(f"  {problem}", err=True)
        return
    counts = ", ".join(f"{count} {change.value}" for change, count in result.counts.items() if count)
    click.echo(f"{result.name}: {result.change.value} ({counts})")
    for word, lines in (("removed", result.removed), ("no longer in the folder, kept", result.kept)):
        for line in lines:
            click.echo(f"  {word}: {line}")
    for note in result.notes:
        click.echo(f"  note: {note}")
