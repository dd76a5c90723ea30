"""``jikimi sandbox serve``: invented marketplaces on loopback, to look at and to crawl."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import click

PROJECT = Path(__file__).resolve().parent.parent.parent


@click.group()
def command() -> None:
    """Play marketplaces on this machine."""


@command.command()
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same offers.")
@click.option("--listings", default=300, show_default=True, help="Offers on each marketplace.")
@click.option(
    "--registry",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=PROJECT / "samples" / "registry",
    show_default="samples/registry",
    help="Folder of brand folders whose goods are sold and copied.",
)
@click.option("--port", default=0, help="Port of the first marketplace, the others follow; any free ones without.")
@click.option("--truth", type=click.Path(path_type=Path), help="Write what every offer really is to this file.")
def serve(seed: int, listings: int, registry: Path, port: int, truth: Path | None) -> None:
    """Open the marketplaces until Ctrl-C."""
    import attrs

    from sandbox import Sandbox
    from sandbox.profiles import PROFILES

    ports = {market: port + place for place, market in enumerate(PROFILES)} if port else {}
    with Sandbox(seed=seed, registry=registry, listings_per_market=listings, ports=ports) as sandbox:
        if truth:
            rows = (json.dumps(attrs.asdict(row), ensure_ascii=False) + "\n" for row in sandbox.truth())
            truth.write_text("".join(rows), encoding="utf-8")
        for market, origin in sandbox.origins.items():
            profile = PROFILES[market]
            click.echo(f"{market:<12} {profile.country} {profile.currency}  {origin}")
        click.echo("Ctrl-C ends.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("Closed.")
