"""``jikimi schedule``: when each market is crawled."""

from __future__ import annotations

import click

from jikimi.cli import start_django


@click.group()
def command() -> None:
    """Show and change when markets are crawled."""


@command.command("list")
def show() -> None:
    """List every market that can be crawled, with its schedule and when it is due next."""
    start_django()
    from rich.console import Console
    from rich.table import Table

    from jobs.queries import schedule_rows

    table = Table("market", "region", "state", "every", "window", "time zone", "missed", "next")
    for row in schedule_rows():
        local = row.due_at.astimezone(row.timing.zone) if row.due_at else None
        table.add_row(
            row.manifest.id,
            row.manifest.region,
            {"none": "not scheduled"}.get(row.state, row.state),
            f"{row.timing.every_hours} h",
            row.timing.window,
            row.timing.time_zone,
            row.timing.missed,
            f"{local:%Y-%m-%d %H:%M}" if local else "-",
        )
    Console().print(table)


@command.command("set")
@click.argument("markets", nargs=-1, required=True)
@click.option("--every", type=click.IntRange(1, 744), help="Hours between two runs, on the local clock.")
@click.option("--window", metavar="HH:MM-HH:MM", help="When runs may start, on the local clock; may pass midnight.")
@click.option("--time-zone", metavar="ZONE", help="IANA name of the local clock, such as Asia/Singapore.")
@click.option("--missed", type=click.Choice(["once", "skip"]), help="Missed runs: run once, or leave them out.")
def set_(
    *, markets: tuple[str, ...], every: int | None, window: str | None, time_zone: str | None, missed: str | None
) -> None:
    """Schedule MARKETS; what is not given stays, or is the region's (config/schedules.toml)."""
    start_django()
    import attrs

    from contracts.errors import BadInput
    from jobs.queries import schedule_rows
    from jobs.schedules import Missed
    from jobs.services import set_schedule

    rows = {row.manifest.id: row for row in schedule_rows()}
    given = {"every_hours": every, "window": window, "time_zone": time_zone, "missed": missed and Missed(missed)}
    changes = {name: value for name, value in given.items() if value is not None}
    for market in markets:
        if market not in rows:
            raise BadInput("jikimi schedule", "MARKETS", "one of " + ", ".join(rows), market)
    for market in markets:
        schedule = set_schedule(actor=None, market=market, timing=attrs.evolve(rows[market].timing, **changes))
        click.echo(f"{schedule}: {schedule.state}")


@command.command()
@click.argument("markets", nargs=-1, required=True)
def pause(markets: tuple[str, ...]) -> None:
    """Start nothing on MARKETS by itself from now on."""
    start_django()
    from jobs.services import pause_schedule

    for market in markets:
        click.echo(f"{market}: {pause_schedule(actor=None, market=market).state}")


@command.command()
@click.argument("markets", nargs=-1, required=True)
def resume(markets: tuple[str, ...]) -> None:
    """Take the paused schedules of MARKETS up again."""
    start_django()
    from jobs.services import resume_schedule

    for market in markets:
        click.echo(f"{market}: {resume_schedule(actor=None, market=market).state}")
