"""``jikimi user``: who may log in, and as what."""

from __future__ import annotations

import sys

import click

from jikimi.cli import start_django

ROLES = ("monitor", "takedown_officer", "brand_owner", "administrator")
role_option = click.option("--role", type=click.Choice(ROLES), required=True)
organisation_option = click.option("--organisation", "slug", metavar="SLUG", required=True)


@click.group()
def command() -> None:
    """Make accounts and give roles."""


@command.command()
@click.argument("username")
@organisation_option
@role_option
@click.option("--email", default="")
@click.option("--language", type=click.Choice(["ko", "en"]), default="ko", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not from a prompt.")
def add(*, username: str, slug: str, role: str, email: str, language: str, password_stdin: bool) -> None:
    """Make an account that can log in, with a role in an organisation."""
    start_django()
    from django.db import transaction

    from accounts import services
    from accounts.models import Role

    organisation = _organisation(slug)
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with transaction.atomic():
        user = services.create_user(actor=None, username=username, password=password, email=email, language=language)
        services.grant(actor=None, user=user, organisation=organisation, role=Role(role))
    click.echo(f"{username} can log in as {role} of {organisation.name}.")


@command.command()
@click.argument("username")
@organisation_option
@role_option
def grant(*, username: str, slug: str, role: str) -> None:
    """Give an account one more role."""
    start_django()
    from accounts import services
    from accounts.models import Role

    organisation = _organisation(slug)
    services.grant(actor=None, user=_user(username), organisation=organisation, role=Role(role))
    click.echo(f"{username} is {role} of {organisation.name}.")


@command.command()
@click.argument("username")
@organisation_option
@role_option
def revoke(*, username: str, slug: str, role: str) -> None:
    """Take a role from an account."""
    start_django()
    from accounts import services
    from accounts.models import Role

    organisation = _organisation(slug)
    had = services.revoke(actor=None, user=_user(username), organisation=organisation, role=Role(role))
    click.echo(f"{username} is {'no longer' if had else 'not'} {role} of {organisation.name}.")


def _organisation(slug: str):  # noqa: ANN202 (the model can be imported only once Django runs)
    from accounts.models import Organisation
    from contracts.errors import BadInput

    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none yet: import a brand first"
        msg = "jikimi user"
        raise BadInput(msg, "--organisation", f"one of: {known}", slug)
    return found


def _user(username: str):  # noqa: ANN202 (as above)
    from accounts.models import User
    from contracts.errors import BadInput

    found = User.objects.filter(username=username).first()
    if found is None:
        msg = "jikimi user"
        raise BadInput(msg, "USERNAME", "the name of an account", username)
    return found
