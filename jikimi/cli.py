"""The ``jikimi`` command. Each verb is a file in ``jikimi/commands`` with a click command named ``command``."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys

import click

from contracts.errors import JikimiError
from jikimi import commands


class Verbs(click.Group):
    """Finds verbs by file name, so that one verb is one file and an unused one costs nothing at start."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the verbs, as their files are named."""
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's signature)
        """Load one verb."""
        name = cmd_name.replace("-", "_")
        if name not in {module.name for module in pkgutil.iter_modules(commands.__path__)}:
            return None
        module = importlib.import_module(f"jikimi.commands.{name}")
        command: click.Command = module.command
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jikimi")
def cli() -> None:
    """Jikimi finds counterfeits of Korean brands in online shops and prepares their takedown."""


def start_django() -> None:
    """Load settings and models; verbs that touch the database call this first."""
    import django  # noqa: PLC0415 (verbs without a database start in a tenth of the time)

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()


def main() -> None:
    """Run the command line; an error a person can act on is printed as one, without a traceback."""
    try:
        code = cli(standalone_mode=False)  # click gives back the code of an Exit instead of raising it
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except JikimiError as error:
        click.echo(f"jikimi: {error}", err=True)
        sys.exit(2)
    except Exception as error:
        if "no such table" not in str(error) and "does not exist" not in str(error):
            raise
        click.echo("jikimi: the database has no tables yet, or old ones: run `jikimi manage migrate`", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
