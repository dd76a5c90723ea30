"""``jikimi match``: the matchers as plain tables in, plain tables out; for measuring and for work outside jikimi."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

MAX_ANSWERS = 10
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Match titles, pictures or logos of two files or folders; prints CSV, best first, up to ten per query."""


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
    _print_ranking(references, queries)


@command.command()
@click.argument("logos", type=FOLDER)
@click.argument("photos", type=FOLDER)
def logos(logos: Path, photos: Path) -> None:
    """Find LOGOS inside PHOTOS; prints query,reference,score."""
    _print_ranking(logos, photos)


def _print_ranking(references: Path, queries: Path) -> None:
    """Print the rows of every readable picture; one that cannot be read is named on standard error."""
    from matchers.images.doors import rank_folders

    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("query", "reference", "score"))
    asked = sum(path.is_file() for path in queries.iterdir())
    with click.progressbar(length=asked, label=f"{asked} pictures", file=sys.stderr) as bar:
        for ranked in rank_folders(references, queries):
            bar.update(1)
            if isinstance(ranked, str):
                click.echo(ranked, err=True)
                continue
            for query, reference, score in ranked[:MAX_ANSWERS]:
                table.writerow((query, reference, f"{score:.6f}"))
