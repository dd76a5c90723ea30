"""``jikimi match``: the matchers as plain tables in, plain tables out; for measuring and for work outside jikimi."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

import click

MAX_ANSWERS = 10
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Match titles, pictures or logos of two files or folders (prints CSV, best first); learn from verdicts."""


@command.command()
@click.argument("marks", type=FILE)
@click.argument("titles", type=FILE)
def titles(marks: Path, titles: Path) -> None:
    """Find MARKS (mark_id,text: a row per spelling) in TITLES (title_id,title); prints title_id,mark_id,score."""
    from matchers.tables import read_marks, read_titles
    from matchers.text import MarkIndex

    index = MarkIndex(read_marks(marks))
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("title_id", "mark_id", "score"))
    for title_id, title in read_titles(titles):
        for match in index.search(title, MAX_ANSWERS):
            table.writerow((title_id, match.mark_id, f"{match.score:.5f}"))


@command.command()
@click.argument("references", type=FOLDER)
@click.argument("queries", type=FOLDER)
def images(references: Path, queries: Path) -> None:
    """Find copies of the pictures in REFERENCES among those in QUERIES; prints query,reference,score."""
    from matchers.images.doors import rank_folders

    _print_ranking(rank_folders(references, queries), queries)


@command.command()
@click.argument("logos", type=FOLDER)
@click.argument("photos", type=FOLDER)
def logos(logos: Path, photos: Path) -> None:
    """Find LOGOS inside PHOTOS; prints query,reference,score."""
    from matchers.logos.doors import rank_folders

    _print_ranking(rank_folders(logos, photos), photos)


@command.command()
@click.option("--organisation", "slug", help="Whose verdicts (slug); needed when there are several organisations.")
def train(slug: str | None) -> None:
    """Learn from an organisation's verdicts and propose new weights; nothing is judged by them before somebody agrees.

    Exit 2: there are too few verdicts, or the newest ones would be judged worse; it says which.
    """
    from jikimi.cli import start_django

    start_django()
    from jikimi.weights import organisation_called, told
    from triage.services import train_weighting

    weighting = train_weighting(actor=None, organisation=organisation_called(slug))
    click.echo("\n".join(told(weighting)))
    click.echo(f"To judge by it: jikimi match use {weighting.version} --by USERNAME")


@command.command()
@click.option("--organisation", "slug", help="Whose (slug); needed when there are several organisations.")
def weights(slug: str | None) -> None:
    """List the weights an organisation learned, newest first."""
    from jikimi.cli import start_django

    start_django()
    from jikimi.weights import organisation_called, told

    rows = organisation_called(slug).weightings.all()
    for weighting in rows:
        click.echo("\n".join(told(weighting)))
    if not rows:
        click.echo("nothing was learned yet: the house's weights are in use")


@command.command()
@click.argument("version")
@click.option("--by", "username", required=True, help="The administrator who decides so.")
@click.option("--organisation", "slug", help="Whose (slug), with VERSION house.")
def use(version: str, username: str, slug: str | None) -> None:
    """Judge by the weights called VERSION from now on; `house` goes back to those jikimi came with."""
    from jikimi.cli import start_django

    start_django()
    from jikimi.weights import put_to_use

    click.echo(put_to_use(version, username=username, slug=slug))


@command.command()
def again() -> None:
    """Have `jikimi work` match everything stored anew: with other weights, or so that spot checks reach it.

    What changes by itself is matched by itself. Doing it again before the worker is through adds nothing.
    """
    from jikimi.cli import start_django

    start_django()
    from listings.services import announce_all

    click.echo(f"`jikimi work` matches {announce_all()} listings again.")


@command.command()
@click.option("--organisation", "slug", help="Whose verdicts (slug); needed when there are several organisations.")
def terms(slug: str | None) -> None:
    """Look for words that an organisation's counterfeits are titled with, and list what was learned so far.

    They count once an administrator says on the report page that they admit a copy.
    """
    from jikimi.cli import start_django

    start_django()
    from jikimi.weights import organisation_called
    from triage.highlight import plain
    from triage.services import propose_terms

    organisation = organisation_called(slug)
    propose_terms(actor=None, organisation=organisation)
    rows = list(organisation.learned_terms.all())
    for term in rows:
        shares = f"{term.fakes} of {term.of_fakes} sellers of counterfeits, {term.others} of {term.of_others} others"
        click.echo(f"{plain(term.text)}: {term.state}, {shares}")
    if not rows:
        click.echo("no words stand out in the titles of decided counterfeits")


def _print_ranking(rows: Iterable[list[tuple[str, str, float]] | str], queries: Path) -> None:
    """Print the rows of every readable picture of ``queries``; one that cannot be read is named on standard error."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("query", "reference", "score"))
    asked = sum(path.is_file() for path in queries.iterdir())
    with click.progressbar(length=asked, label=f"{asked} pictures", file=sys.stderr) as bar:
        for ranked in rows:
            bar.update(1)
            if isinstance(ranked, str):
                click.echo(ranked, err=True)
                continue
            for query, reference, score in ranked[:MAX_ANSWERS]:
                table.writerow((query, reference, f"{score:.6f}"))
