"""``jikimi verify-evidence``: hash everything in an evidence folder again."""

from __future__ import annotations

from pathlib import Path

import click

from jikimi.cli import start_django


def _own_folder() -> Path:
    start_django()
    from django.conf import settings

    return Path(settings.EVIDENCE_DIR)


@click.command()
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(exists=True, file_okay=False))
def command(directory: str | None) -> None:
    """Check that all evidence in DIR (default: this installation's) is as it was written. Exit 1 if not."""
    from evidence.verify import verify

    report = verify(Path(directory) if directory else _own_folder())
    for problem in report.problems:
        click.echo(f"DAMAGED  {problem.where}: {problem.what}")
    for name in report.torn:
        click.echo(f"torn     {name}: ends inside a record (a crawl was killed); nothing refers to it")
    verdict = "all as written" if report.sound else f"{len(report.problems)} DAMAGED"
    click.echo(f"{report.contents} contents, {report.records} records in {report.warc_files} WARC files: {verdict}")
    if not report.sound:
        raise click.exceptions.Exit(1)
