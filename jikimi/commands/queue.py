"""``jikimi queue``: the riskiest flags in the terminal."""

from __future__ import annotations

import click

from contracts.market import Region
from jikimi.cli import start_django


@click.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500), help="How many flags.")
@click.option("--market", default="", help="Only this market.")
@click.option("--region", type=click.Choice([one.value for one in Region]), help="Only this region.")
def command(limit: int, market: str, region: str | None) -> None:
    """Show the flags that wait, highest risk first, of every organisation."""
    start_django()
    from django.conf import settings
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from triage.filters import QueueFilter
    from triage.highlight import plain
    from triage.queries import riskiest
    from triage.templatetags.triage_text import money, percent

    language = settings.LANGUAGE_CODE.split("-")[0]
    flags = riskiest(limit=limit, filters=QueueFilter(market=market, region=region or ""))
    console = Console()
    if not flags:
        console.print("Nothing waits.")
        return
    table = Table("Flag", "Risk", "Brand", "Market", "Listing", "Price", "State", "Why")
    for flag in flags:
        sentence = flag.match.get("sentence", {})
        table.add_row(
            str(flag.pk),
            percent(flag.probability),
            Text(flag.brand.name),
            f"{flag.listing.market} {flag.listing.site}",
            Text(plain(flag.listing.title)[:80]),  # Text: a seller's title is no markup
            money(flag.listing.price, flag.listing.currency),
            flag.state,
            Text(sentence.get(language) or sentence.get("en", "")),
        )
    console.print(table)
