"""``jikimi notice``: draft a notice from a verdict, list the notices. Nothing is sent."""

from __future__ import annotations

from pathlib import Path

import click

from contracts.errors import JikimiError
from jikimi.cli import start_django


class NoSuchVerdict(JikimiError):
    """There is no verdict with this number."""

    def __str__(self) -> str:
        return f"no verdict {self.args[0]}"


@click.group()
def command() -> None:
    """Draft takedown notices and list them; nothing is ever sent."""


@command.command("draft")
@click.argument("verdict_id", type=int)
@click.option("--pdf", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the notice as PDF here.")
@click.option("--copyright", "photo", is_flag=True, help="Rest it on the copyright in a copied photo.")
def draft(verdict_id: int, out: Path | None, *, photo: bool) -> None:
    """Take the evidence screenshot and draft a notice. Exit 1: the rights gate refused, with the reasons."""
    start_django()
    from django.conf import settings

    from contracts.match import Ground
    from evidence.store import Store
    from takedown import pages, queries, services
    from takedown.models import Refusal
    from triage.models import Verdict

    verdict = Verdict.objects.filter(pk=verdict_id).first()
    if verdict is None:
        raise NoSuchVerdict(verdict_id)
    verdict = queries.whole(verdict)
    ground = Ground.COPYRIGHT_IMAGE if photo else queries.own_ground(verdict)
    if pages.needs_evidence(verdict, ground):
        evidence = services.capture_evidence(actor=None, verdict=verdict)
        click.echo(f"Screenshot: {evidence.outcome} {evidence.reason}".rstrip())
    made = services.draft_notice(actor=None, verdict=verdict, ground=ground)
    if isinstance(made, Refusal):
        click.echo(f"No notice ({made.outcome.replace('_', ' ')}):")
        for finding in made.findings:
            click.echo(f"  {'-' if finding['severity'] == 'block' else '~'} {finding['en']}")
        raise click.exceptions.Exit(1)
    click.echo(f"Drafted {made.pk} for {made.profile['platform']} in {made.language}, on {made.right}")
    for lack in services.missing(made):
        click.echo(f"  still missing: {lack.en}")
    if out is not None:
        data = Store(settings.EVIDENCE_DIR).get(services.write_pdf(actor=None, notice=made))
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data)
        click.echo(f"PDF: {out}")


@command.command("list")
@click.option("--state", default="", help="Only notices in this state, e.g. draft or in_review.")
def show(state: str) -> None:
    """List the notices, newest first."""
    start_django()
    from takedown.models import Notice

    found = Notice.objects.select_related("brand").prefetch_related("items")
    for notice in found.filter(state=state) if state else found:
        places = ", ".join(item.snapshot["url"] for item in notice.items.all())
        click.echo(f"{notice.pk}  {notice.state:<10}  {notice.profile_id:<15}  {notice.brand.name}  {places}")
