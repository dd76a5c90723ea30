"""``jikimi market``: add a marketplace, check one, and say which are covered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from contracts.errors import BadInput
from contracts.market import Region

if TYPE_CHECKING:
    from crawlers.fixtures import Fixture

DUTY_PROFILES = {Region.EU: "dsa-article-16"}
OTHER_DUTY_PROFILE = "platform-policy"


@click.group()
def command() -> None:
    """Marketplaces: one manifest and one page object each."""


@command.command()
@click.argument("market")
@click.option("--name", prompt="Name, as people write it", help="Name, as people write it.")
@click.option(
    "--region",
    prompt=True,
    type=click.Choice([region.value for region in Region]),
    help="Region its crawls are scheduled in.",
)
@click.option("--domain", prompt="Domain of its (first) site, e.g. www.shop.com", help="Domain of its first site.")
@click.option("--country", prompt="Country of that site (ISO 3166-1, e.g. DE)", help="Country of that site.")
@click.option("--currency", prompt="Currency it shows (ISO 4217, e.g. EUR)", help="Currency it shows.")
@click.option("--languages", prompt="Languages, with commas (e.g. de,en)", help="Languages, with commas.")
@click.option(
    "--search",
    prompt="Search address with {query} and perhaps {page}; empty if it has none",
    default="",
    help="Search address with {query} and perhaps {page}.",
)
@click.option(
    "--access",
    default="capture",
    show_default=True,
    help="Access rungs (http, browser, capture, feed), with commas; http only where robots.txt and terms allow it.",
)
@click.option("--duty-profile", help="Notice form: a file in config/duties; by the region without.")
def new(market: str, duty_profile: str | None, languages: str, access: str, region: str, **told: str) -> None:
    """Write the manifest, the page object and the fixtures of a new MARKET (an id such as "otto")."""
    from crawlers.scaffold import Answers, files, write

    answers = Answers(
        id=market,
        region=Region(region),
        languages=_parts(languages),
        access=tuple(dict.fromkeys((*_parts(access), "capture"))),
        duty_profile=duty_profile or DUTY_PROFILES.get(Region(region), OTHER_DUTY_PROFILE),
        reviewed_on=datetime.now(UTC).date().isoformat(),
        **{name: value.strip() for name, value in told.items()},
    )
    written = files(answers)
    write(written)
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"Next: jikimi market check {market} --write, then docs/how-to/add-a-marketplace.md from step 2.")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@command.command()
@click.argument("market")
@click.option("--write", is_flag=True, help="Write what is read now as the expectation of pages that have none yet.")
def check(market: str, write: bool) -> None:  # noqa: FBT001 (click's flag)
    """Check MARKET's manifest, its page object and its fixtures. Exit 1: something is missing or read otherwise."""
    from contracts.duty import duties
    from contracts.market import manifests
    from crawlers.fixtures import fixtures, gaps
    from crawlers.reading import page_classes
    from crawlers.scaffold import unfinished

    known = manifests()
    if market not in known:
        raise BadInput(
            "jikimi market check", "MARKET", f"one begun with `jikimi market new {market}`, or known", market
        )
    manifest = known[market]
    problems = []
    if manifest.duty_profile not in duties():
        problems.append(f"duty_profile: no file config/duties/{manifest.duty_profile}.toml")
    problems += [
        f"sites: {site.domain} is not found again by its own address"
        for site in manifest.sites
        if manifest.site_of_domain(site.domain) != site
    ]
    problems += unfinished(manifest)
    classes = [page.__name__ for page in page_classes(manifest)]
    click.echo(f"{manifest.name}: {len(manifest.sites)} sites, reached by {', '.join(manifest.access)}")
    click.echo(f"read by {', '.join(classes)}; {len(manifest.proofs) or 'no'} proofs on real pages")
    known_pages = fixtures(market)
    for fixture in known_pages:
        problems += _checked(fixture, write=write)
    if all(fixture.expected_path.exists() for fixture in known_pages):
        problems += gaps(manifest)
    for problem in problems:
        click.echo(f"  {problem}", err=True)
    click.echo("all right" if not problems else f"{len(problems)} to mend")
    if problems:
        raise click.exceptions.Exit(1)


def _checked(fixture: Fixture, *, write: bool) -> list[str]:
    if write and not fixture.expected_path.exists():
        want = fixture.write()
        rows = want.get("listings", [])
        told = f"with {len(rows)} listings. Look at them:" if rows else f"({want.get('reason', '')})"
        click.echo(f"  {fixture.page.name}: written as {want['outcome']} {told}")
        for row in rows[:3]:
            click.echo("    " + ", ".join(f"{name}={row[name]}" for name in SHOWN if name in row))
        return []
    try:
        found = fixture.differences()
    except BadInput as problem:
        return [str(problem)]
    again = f"NOT as expected; written anew on purpose? Delete {fixture.expected_path.name} and check --write"
    click.echo(f"  {fixture.page.name}: {again if found else 'as expected'}")
    return [f"{fixture.page.name}: {one}" for one in found]


SHOWN = ("title", "listing_id", "price", "price_max", "list_price", "currency", "seller_name", "seller_id", "url")


@command.command()
@click.option("--write", is_flag=True, help="Renew docs/coverage.md and the table in README.md.")
def coverage(write: bool) -> None:  # noqa: FBT001 (click's flag)
    """Print which marketplaces are covered, how they are reached and what that is proven on."""
    from crawlers.coverage import as_markdown, in_readme
    from crawlers.scaffold import ROOT

    if not write:
        click.echo(as_markdown(), nl=False)
        return
    (ROOT / "docs" / "coverage.md").write_text(as_markdown(), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(in_readme(readme.read_text(encoding="utf-8")), encoding="utf-8")
    click.echo("renewed docs/coverage.md and README.md")
