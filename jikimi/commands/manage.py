"""``jikimi manage``: Django's own management commands (migrate, createsuperuser, check ...)."""

from __future__ import annotations

import click

from jikimi.cli import start_django


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run a Django management command, e.g. `jikimi manage migrate`."""
    start_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["jikimi manage", *arguments])
