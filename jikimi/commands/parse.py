"""``jikimi parse``: read one saved page, API answer or script and print its listings."""

from __future__ import annotations

from pathlib import Path

import click

from contracts.listing import PageOutcome

EXIT_CODES = {PageOutcome.BLOCKED: 3, PageOutcome.UNKNOWN: 4, PageOutcome.REMOVED: 5}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--market", required=True, metavar="ID", help="Marketplace, e.g. ebay.")
@click.option("--site", metavar="CC", help="Country of the site, e.g. US; a hint.")
@click.option("--kind", type=click.Choice(["search", "product", "api", "seller"]), help="What the page is for; a hint.")
@click.option("--url", default="about:blank", metavar="U", help="Address the page was saved from; a hint.")
@click.option("--absent", is_flag=True, help="Also name, on standard error, the fields that were not read.")
def command(*, file: Path, market: str, site: str | None, kind: str | None, url: str, absent: bool) -> None:
    """Read a saved page and print one JSON object per listing.

    Exit 3: the page is a wall. Exit 4: nobody knows this page. Exit 5: the listing is gone.
    """
    import json

    from web_poet import HttpResponse

    from contracts.market import manifests
    from crawlers.account import FIELDS
    from crawlers.reading import PageKind, read_page

    market = market.lower()
    manifest = manifests().get(market)
    if manifest is None:
        click.echo(f"warning: {market} has no manifest: read by structured data alone", err=True)
    try:
        page = HttpResponse(url=url, body=file.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    reading = read_page(
        page,
        market=market,
        kind=PageKind(kind) if kind else None,
        site={"UK": "GB"}.get(site.upper(), site.upper()) if site else None,
        manifest=manifest,
    )
    for listing in reading.listings:
        told = listing.to_json()
        click.echo(json.dumps(told, ensure_ascii=False))
        if absent:
            missing = [name for name in FIELDS if name not in told]
            click.echo(f"absent: {', '.join(missing) or 'nothing'} (read by {listing.parser})", err=True)
    if reading.outcome is not PageOutcome.OK:
        click.echo(f"{reading.outcome}: {reading.reason}", err=True)
        raise click.exceptions.Exit(EXIT_CODES.get(reading.outcome, 0))
