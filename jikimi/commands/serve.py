"""``jikimi serve``: the web interface on this machine."""

from __future__ import annotations

from typing import Any

import click

from jikimi.cli import start_django

LOOPBACK = "127.0.0.1"


def _check_tables() -> None:
    from django.db import DEFAULT_DB_ALIAS, connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise click.ClickException(
            f"The database lacks {len(missing)} changes of its tables. Run `jikimi manage migrate` first."
        )
    connections.close_all()


def serve(port: int, workers: int, threads: int) -> None:
    """Serve until stopped, on loopback only. A web server for the outside stands in front (docs/how-to/operate.md)."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
        """Gunicorn with our options instead of a command line."""

        def load_config(self) -> None:
            """Set the options."""
            options: dict[str, Any] = {
                "bind": f"{LOOPBACK}:{port}",
                "workers": workers,
                "threads": threads,
                "proc_name": "jikimi",
                "control_socket_disable": True,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            """Load the application in each worker."""
            from jikimi.wsgi import application

            return application

    Server().run()


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port on 127.0.0.1.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads of each process.")
def command(port: int, workers: int, threads: int) -> None:
    """Serve the web interface on this machine."""
    start_django()
    _check_tables()
    click.echo(f"jikimi is at http://{LOOPBACK}:{port}/ (stop with Ctrl+C)")
    serve(port, workers, threads)
