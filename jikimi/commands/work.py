"""``jikimi work``: the worker beside the server, where no Celery runs."""

from __future__ import annotations

import signal
import threading

import click

from jikimi.cli import start_django


@click.command()
@click.option("--once", is_flag=True, help="Deliver what is due and end.")
@click.option("--retry-failed", is_flag=True, help="First put back every message that failed.")
def command(*, once: bool, retry_failed: bool) -> None:
    """Deliver what the rooms tell each other, until stopped (SIGTERM or Ctrl-C end it after the message in hand)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # before the seconds that loading takes
        signal.signal(number, lambda *_: stop.set())
    start_django()
    from accounts import outbox

    if retry_failed:
        click.echo(f"{outbox.retry_failed(actor=None)} failed messages put back.")
    if once:
        done = outbox.drain(stop=stop.is_set)
    else:
        click.echo("Working. Ctrl-C ends it.")
        done = outbox.work(stop)
    click.echo(f"{done.delivered} delivered, {done.retried} to be tried again, {done.failed} failed.")
    if once and done.failed:
        raise click.exceptions.Exit(1)
