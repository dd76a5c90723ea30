"""``jikimi pool``: which organisations share what their watches find."""

from __future__ import annotations

import click

from jikimi.cli import start_django


@click.group()
def command() -> None:
    """Show who takes part in the pool, have an organisation join or leave it (docs/decisions/0016)."""


@command.command(name="list")
def list_() -> None:
    """List the organisations and whether each takes part."""
    start_django()
    from accounts.models import Organisation

    for organisation in Organisation.objects.order_by("slug"):
        click.echo(f"{'in ' if organisation.pool else 'out'}  {organisation.slug}  {organisation.name}")


@command.command()
@click.argument("slug")
def join(*, slug: str) -> None:
    """Have an organisation share what its watches find. Ask it first: this is its consent."""
    _set(slug, pool=True)


@command.command()
@click.argument("slug")
def leave(*, slug: str) -> None:
    """Have an organisation share nothing more."""
    _set(slug, pool=False)


def _set(slug: str, *, pool: bool) -> None:
    start_django()
    from accounts.models import Organisation
    from accounts.services import set_pool
    from contracts.errors import BadInput

    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none yet: import a brand first"
        where = "jikimi pool"
        raise BadInput(where, "SLUG", f"one of: {known}", slug)
    set_pool(actor=None, organisation=found, pool=pool)
    click.echo(f"{found.name} {'takes' if pool else 'does not take'} part in the pool; a worker does the rest.")
