"""``jikimi ingest``: take in pages people saved, archives of pages, licensed feeds and JSON Lines of listings."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contracts.errors import BadInput
from jikimi.cli import start_django

if TYPE_CHECKING:
    from triage.captures import PageAnswer

SHOWN_PROBLEMS = 20  # of one page or feed


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--organisation", "slug", help="For whom (slug); needed when there are several organisations.")
@click.option("--market", metavar="ID", help="Marketplace of the pages; without it their addresses tell.")
def command(files: tuple[Path, ...], slug: str | None, market: str | None) -> None:
    """Take in FILES: saved pages (HTML, MHTML), HAR, WARC, WACZ, feeds (CSV, JSON Lines), or folders of such.

    Taking them in again changes nothing. Exit 1: something was not taken in.
    """
    start_django()
    from accounts.models import Organisation
    from contracts.market import manifests
    from triage.captures import Captures

    where = "jikimi ingest"
    candidates = Organisation.objects.filter(slug=slug) if slug else Organisation.objects.all()
    if len(candidates) != 1:
        known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none registered yet"
        raise BadInput(where, "--organisation", f"one of: {known}", slug)
    if market and market not in manifests():
        raise BadInput(where, "--market", "one of: " + ", ".join(manifests()), market)
    captures = Captures(actor=None, organisation=candidates[0])
    left_out = False
    for file in _files(files):
        answers = list(captures.take_file(file, market=market))
        left_out |= any(_tell(answer) for answer in answers)
        click.echo(_summary(file.name, answers))
    if left_out:
        sys.exit(1)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files, and those of folders by name; hidden ones and links are left where they are."""
    for path in paths:
        if path.is_dir():
            inside = (one for one in sorted(path.rglob("*")) if one.is_file() and not one.is_symlink())
            yield from (one for one in inside if not one.name.startswith("."))
        else:
            yield path


def _tell(answer: PageAnswer) -> bool:
    """Name what was not taken in; True when there was something."""
    for problem in answer.problems[:SHOWN_PROBLEMS]:
        click.echo(f"not taken in: {problem}", err=True)
    if len(answer.problems) > SHOWN_PROBLEMS:
        click.echo(f"not taken in: {len(answer.problems) - SHOWN_PROBLEMS} more of {answer.where}", err=True)
    if answer.outcome.value not in {"ok", "failed"}:
        click.echo(f"{answer.where}: {answer.outcome}: {answer.said}", err=True)
    return bool(answer.problems) or answer.outcome.value in {"blocked", "unknown"}


def _summary(name: str, answers: list[PageAnswer]) -> str:
    counts = {news: sum(answer.counts.get(news, 0) for answer in answers) for news in ("new", "changed", "unchanged")}
    parts = [f"{number} {news}" for news, number in counts.items()]
    parts.append(f"{sum(len(answer.problems) for answer in answers)} not taken in")
    for outcome, words in (("blocked", "walls"), ("removed", "gone"), ("unknown", "unknown pages")):
        number = sum(1 for answer in answers if answer.outcome.value == outcome)
        if number:
            parts.append(f"{number} {words}")
    flagged = sum(answer.flagged for answer in answers)
    return f"{name}: {', '.join(parts)}; {flagged} flagged"
