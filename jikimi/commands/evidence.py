"""``jikimi evidence``: show what was kept of a listing, and hand it on as a WACZ file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jikimi.cli import start_django

if TYPE_CHECKING:
    from jikimi.evidence import Kept

HASH_SHOWN = 16


@click.group()
def command() -> None:
    """Show the evidence kept of a listing, check it, and export it as a WACZ file."""


@command.command()
@click.argument("listing")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def show(listing: str, *, as_json: bool) -> None:
    """Show everything kept of LISTING (its number, or MARKET:LISTING_ID) in the order of time, each hash checked now.

    Exit 1: something is not as it was written.
    """
    (found,) = _kept([listing])
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=1))
    else:
        _print(found)
    if not found.sound:
        raise click.exceptions.Exit(1)


@command.command()
@click.argument("listings", nargs=-1, required=True, metavar="LISTING...")
@click.option(
    "--wacz",
    "out",
    required=True,
    metavar="OUT.wacz",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to be made.",
)
def export(listings: tuple[str, ...], out: Path) -> None:
    """Write the evidence of each LISTING into one WACZ file: pages, pictures, screenshots.

    Evidence that is not as it was written is not exported.
    """
    from django.conf import settings

    from evidence.package import package

    found = _kept(listings)
    package(
        Path(settings.EVIDENCE_DIR),
        out,
        title=", ".join(str(one.listing) for one in found),
        pages=[page for one in found for page in one.pages],
        pictures=[picture for one in found for picture in one.pictures],
        account=[one.to_json() for one in found],
    )
    pages = sum(len(one.pages) for one in found)
    pictures = sum(len(one.pictures) for one in found)
    click.echo(f"{out}: {pages} captures and {pictures} pictures of {len(found)} listings")


def _kept(names: Iterable[str]) -> list[Kept]:
    start_django()
    from django.conf import settings

    from jikimi.evidence import find_listing, kept

    listings = {listing.pk: listing for listing in map(find_listing, names)}
    return [kept(listing, Path(settings.EVIDENCE_DIR)) for listing in listings.values()]


def _print(found: Kept) -> None:
    listing = found.listing
    click.echo(_plain(f"Listing {listing.pk}  {listing.market}:{listing.listing_id}  {listing.presence}"))
    click.echo(_plain(f"  {listing.title}"))
    click.echo(_plain(f"  {listing.url}"))
    for event in found.events:
        click.echo()
        click.echo(_plain(f"{event['at']}  {_headline(event)}"))
        click.echo(_plain(f"  {event['url']}"))
        click.echo(_plain(f"  {_verdict(event)}"))
    damaged = sum(1 for event in found.events if event["problem"])
    click.echo()
    click.echo(f"{damaged} DAMAGED" if damaged else "All as written.")


def _headline(event: dict[str, Any]) -> str:
    if event["what"] == "picture":
        size = f"{event['width']} x {event['height']}" if event.get("width") else ""
        parts = ["picture", event.get("media_type"), size]
    else:
        status = f"HTTP {event['status']}" if event.get("status") else ""
        vantage = f"seen from {event['vantage']}" if event.get("vantage") else ""
        parser = f"read by {event['parser']}" if event.get("parser") else ""
        parts = [event["what"], event.get("rung"), status, event.get("outcome"), vantage, parser]
    return "  ".join(part for part in parts if part)


def _verdict(event: dict[str, Any]) -> str:
    if "lacking" in event:
        return f"not kept: {event['lacking']}"
    verdict = f"DAMAGED: {event['problem']}" if event["problem"] else "as written"
    place = f"  {event['warc']} {event['record_id']}" if event.get("warc") else ""
    return f"SHA-256 {event['sha256'][:HASH_SHOWN]}…  {verdict}{place}"


def _plain(text: str) -> str:
    """Return a text a terminal cannot take for orders: titles and addresses are a seller's."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
