"""How every market fares, as a terminal shows it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from jobs.queries import Overview

COLOURS = {"blocked": "red", "silent": "red", "degraded": "yellow", "healthy": "green"}


def health_table(seen: Overview) -> Table:
    """Return the table of markets, worst first, worded in the language in force."""
    table = Table("market", "region", "health", "last run", "pages", "listings", "why")
    for item in seen.markets:
        verdict, figures = item.assessment.verdict, item.last.figures if item.last else {}
        table.add_row(
            item.manifest.name,
            item.manifest.region,
            Text(str(verdict), COLOURS[verdict] if item.is_watched else "dim"),
            f"{item.last.finished_at:%Y-%m-%d %H:%M}" if item.last and item.last.finished_at else "-",
            str(figures.get("pages", "-")),
            str(figures.get("listings", "-")),
            Text("; ".join(str(reason) for reason in item.assessment.reasons)),
        )
    return table


def pages_that_show_it(seen: Overview) -> Iterator[Text]:
    """Yield for each field whose coverage fell a page without it, for the operator, who may see every page."""
    for item in seen.markets:
        missing = item.last.stats.get("missing", {}) if item.last else {}
        for coverage in item.assessment.coverage:
            page = missing.get(coverage.field)
            if coverage.fell and page:
                yield Text(
                    f"{item.manifest.name}: no {coverage.field} on {page['url']} (evidence {page['body_sha256']})"
                )
