"""Which marketplaces are covered, and how well that is proven: a table made from the manifests that hides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import attrs

from contracts.config import Confidence
from contracts.listing import AccessRung
from contracts.market import Manifest, Proof, Region, Site, manifests

REGION_NAMES = {
    Region.US: "US",
    Region.EU: "EU",
    Region.CHINA: "China",
    Region.ASEAN: "ASEAN",
    Region.ANY: "any",
}
README_MARKS = ("<!-- coverage: made by `jikimi market coverage --write` -->", "<!-- end of coverage -->")


class Footing(StrEnum):
    """What the reading of a marketplace stands on, surest first."""

    REAL_PAGE = "real page"  # a page object, read right on a real page or answer
    SCHEMA = "schema"  # a page object for a shape that is published, no real page was at hand
    STRUCTURED = "structured data"  # no page object: schema.org, OpenGraph, and what staff capture


SIGNS = {Footing.REAL_PAGE: "●", Footing.SCHEMA: "◐", Footing.STRUCTURED: "○"}


@attrs.frozen(kw_only=True)
class Covered:
    """One marketplace in the table."""

    market: str
    name: str
    region: Region
    sites: tuple[Site, ...]
    access: tuple[AccessRung, ...]
    footing: Footing
    proofs: tuple[Proof, ...]
    automated_access: str
    terms_verified: bool


def footing(manifest: Manifest) -> Footing:
    """Return what the reading of a marketplace stands on."""
    if manifest.page_module is None:
        return Footing.STRUCTURED
    return Footing.REAL_PAGE if manifest.proofs else Footing.SCHEMA


def coverage() -> list[Covered]:
    """Return every real marketplace, by region and name; the sandbox's invented ones are left out."""
    order = list(Region)
    rows = [
        Covered(
            market=manifest.id,
            name=manifest.name,
            region=manifest.region,
            sites=manifest.sites,
            access=manifest.access,
            footing=footing(manifest),
            proofs=manifest.proofs,
            automated_access=manifest.terms.automated_access,
            terms_verified=manifest.terms.source.confidence is not Confidence.UNVERIFIED,
        )
        for manifest in manifests().values()
        if not manifest.invented
    ]
    return sorted(rows, key=lambda row: (order.index(row.region), row.name.casefold()))


def as_markdown() -> str:
    """Return the whole table as ``docs/coverage.md`` has it."""
    return "\n".join(_document())


def _document() -> Iterator[str]:
    rows = coverage()
    counts = {one: sum(row.footing is one for row in rows) for one in Footing}
    yield "# Coverage"
    yield ""
    yield "<!-- Made by `jikimi market coverage --write` from config/markets; do not edit. -->"
    yield ""
    yield (
        f"{len(rows)} marketplaces: {counts[Footing.REAL_PAGE]} with a page object that read a real page or answer "
        f"right (●), {counts[Footing.SCHEMA]} with one for a published shape and no real page at hand (◐), "
        f"{counts[Footing.STRUCTURED]} read by the structured data any page may carry (○). "
        "No live site was reached to make this table. **Bold** sites: a real page of that very site was read right."
    )
    yield ""
    yield (
        "*Reached by* lists the rungs the manifest allows, `api` only with the operator's own keys; `capture` is a "
        "person's own browser. *Terms* are what is known of automated reading; unverified ones say so."
    )
    for region in Region:
        of_region = [row for row in rows if row.region is region]
        if of_region:
            yield ""
            yield f"## {REGION_NAMES[region]}"
            yield ""
            yield "| | marketplace | sites | reached by | proven on | terms on automated reading |"
            yield "|---|---|---|---|---|---|"
            for row in of_region:
                yield "| " + " | ".join(map(_cell, _columns(row))) + " |"
    yield ""


def _columns(row: Covered) -> tuple[str, ...]:
    sites = " ".join(f"**{site.country}**" if site.proven else site.country for site in row.sites)
    proofs = "; ".join(_proof(proof) for proof in row.proofs) or "nothing yet"
    terms = row.automated_access + ("" if row.terms_verified else " (unverified)")
    return SIGNS[row.footing], row.name, sites or "any address", ", ".join(row.access), proofs, terms


def _proof(proof: Proof) -> str:
    where = f" {proof.site}" if proof.site else ""
    return f"{proof.kind}{where}, {proof.captured or 'day unknown'}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def for_readme() -> str:
    """Return the short table of the README: a row a region, a sign before each marketplace."""
    lines = [README_MARKS[0], "", "| region | marketplaces |", "|---|---|"]
    rows = coverage()
    for region in Region:
        named = [f"{SIGNS[row.footing]} {row.name}" for row in rows if row.region is region]
        if named:
            lines.append(f"| {REGION_NAMES[region]} | {' · '.join(named)} |")
    return "\n".join([*lines, "", README_MARKS[1]])


def in_readme(text: str) -> str:
    """Return the README's text with its table renewed; a text without the two marks is returned as it is."""
    start, end = (text.find(mark) for mark in README_MARKS)
    return text if start < 0 or end < start else text[:start] + for_readme() + text[end + len(README_MARKS[1]) :]
