"""``jikimi demo``: the main job once, end to end, on marketplaces played on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

ROOT = Path(__file__).resolve().parent.parent.parent
MARKER = ".jikimi-demo"


def _fresh(home: Path) -> None:
    """Empty the demo's folder; a folder the demo did not make is never touched."""
    if home.exists() and any(home.iterdir()) and not (home / MARKER).exists():
        raise click.ClickException(f"{home} holds something else than an earlier demo; set JIKIMI_HOME to a new folder")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / MARKER).touch()


@click.command()
@click.option("--no-serve", is_flag=True, help="End after the notice instead of serving the web interface.")
@click.option("--seed", default=7, show_default=True, help="Another seed is another catalogue.")
@click.option("--listings", default=120, show_default=True, help="Listings per marketplace.")
@click.option("--port", default=8000, show_default=True, help="Port of the web interface.")
def command(*, no_serve: bool, seed: int, listings: int, port: int) -> None:
    """Register sample brands, crawl four regions on the sandbox, flag, draft one notice, serve the web interface."""
    started = time.monotonic()
    home = Path(os.environ.setdefault("JIKIMI_HOME", str(ROOT / "var" / "demo"))).resolve()
    _fresh(home)
    os.environ["JIKIMI_DATABASE_URL"] = f"sqlite:///{home / 'jikimi.sqlite3'}"
    os.environ["JIKIMI_SEARCH_URL"] = "embedded"
    from sandbox.play import Sandbox

    with Sandbox(seed=seed, registry=ROOT / "samples" / "registry", listings_per_market=listings) as sandbox:
        os.environ["JIKIMI_FETCH_ALLOWED_PRIVATE"] = ",".join(urlsplit(o).netloc for o in sandbox.origins.values())
        # So that pages of these shops can be captured with the browser extension.
        os.environ["JIKIMI_MARKET_ORIGINS"] = ",".join(f"{market}={at}" for market, at in sandbox.origins.items())
        from jikimi.cli import start_django

        start_django()
        from jikimi.demo import main_job

        ended = main_job(origins=sandbox.origins, truth=sandbox.truth(), home=home)
        click.echo(f"\nThe main job took {time.monotonic() - started:.0f} seconds.")
        for missing in ended.missing:
            click.echo(f"The main job ended without {missing}.", err=True)
        if no_serve:
            sys.exit(1 if ended.missing else 0)
        login = ended.login
        click.echo(f"\nLog in at http://127.0.0.1:{port}/ as {login.user} with {login.password} (made for this run).")
        click.echo(f"The shops are open meanwhile: {', '.join(sandbox.origins.values())}")
        subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-m", "jikimi.cli", "serve", "--port", str(port)], check=False, cwd=ROOT
        )
