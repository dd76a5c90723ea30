"""The manifest of a marketplace: ``config/markets/<region>/<market>.toml``."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote_plus

from pydantic import Field, model_validator

from contracts.config import CONFIG_DIR, Country, Currency, Language, Slug, Source, Strict, load
from contracts.errors import BadInput
from contracts.listing import AccessRung

NiceClass = Annotated[int, Field(ge=1, le=45)]


class Region(StrEnum):
    """The regions a crawl job is scheduled for."""

    US = "us"
    EU = "eu"
    CHINA = "china"
    ASEAN = "asean"
    ANY = "any"  # stand-alone shops: no fixed site, a job names the shop's own address


class Site(Strict):
    """One country's site of a marketplace."""

    country: Country
    domain: str
    currency: Currency
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    proven: bool = False  # a real page of this very site was read right


class Addresses(Strict):
    """URL templates: ``{origin}``, ``{query}``, ``{page}``, ``{offset}``, ``{listing_id}``, ``{seller_id}``.

    ``category`` has ``{category}``, a path out of the manifest's ``categories``.
    """

    search: str | None = None
    category: str | None = None
    listing: str | None = None
    seller: str | None = None
    first_page: int = 1
    page_size: int = 40


class Api(Strict):
    """A marketplace's programming interface, used instead of its pages once the operator has keys for it.

    The addresses are templates as in `Addresses`, with ``{page_size}`` and, for a search by image, ``{picture}``, the
    SHA-256 of a picture in the evidence store. Keys are added when a request leaves and are in no address.
    """

    module: Slug  # below crawlers.apis
    origin: str  # scheme and host, what {origin} stands for
    search: str | None = None
    image: str | None = None
    listing: str | None = None
    seller: str | None = None
    first_page: int = 1
    page_size: Annotated[int, Field(ge=1)] = 50
    keys: Annotated[tuple[str, ...], Field(min_length=1)]  # names of environment variables
    calls_per_day: Annotated[int, Field(ge=1)]
    delay_seconds: Annotated[float, Field(ge=0)] = 1.0
    source: Source

    def address(self, template: str | None, number: int, origin: str | None = None, **values: str) -> str:
        """Fill a template; ``number`` counts pages from 0. Raises `BadInput` when the interface has none."""
        if template is None:
            name = next(iter(values), "")
            raise BadInput(f"api {self.module}", name, "an interface that is asked by it", values.get(name))
        return template.format(
            origin=origin or self.origin,
            page=number + self.first_page,
            offset=number * self.page_size,
            page_size=self.page_size,
            **{name: quote_plus(value) for name, value in values.items()},
        )


class Rate(Strict):
    """The least politeness owed to the marketplace; AutoThrottle only slows down from here."""

    delay_seconds: Annotated[float, Field(ge=0)] = 5.0
    concurrency: Annotated[int, Field(ge=1, le=16)] = 1
    stop_after_blocks: Annotated[int, Field(ge=1)] = 3


class BlockSignature(Strict):
    """What a wall of this marketplace looks like. All given parts must hold."""

    name: str
    status: int | None = None
    url_contains: str | None = None
    header: str | None = None
    body_contains: tuple[str, ...] = ()
    under_bytes: Annotated[int, Field(gt=0)] | None = None  # a shop's own page is larger than any wall


class RemovedSignature(Strict):
    """How this marketplace says that a listing is gone."""

    name: str
    status: int | None = None
    url_contains: str | None = None
    body_contains: tuple[str, ...] = ()
    under_bytes: Annotated[int, Field(gt=0)] | None = None


class Assertions(Strict):
    """What a healthy run looks like; below the minimum a run is degraded, never read as "nothing there"."""

    min_listings_per_search_page: int = 0
    max_listings_per_search_page: int = 500
    field_coverage: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)


class Proof(Strict):
    """A real page on which the page object was proven."""

    kind: str  # search page, product page, API answer, feed record
    site: Country | None = None
    captured: str = ""  # as exactly as it is known: "2025-08", "on or before 2024-01-06"


class Terms(Strict):
    """What is known of the marketplace's terms for automated reading; unknown stays unknown."""

    automated_access: str = "unknown"
    keep_days: int | None = None
    source: Source = Source()


class Manifest(Strict):
    """Everything about a marketplace that is not parsing."""

    id: Slug
    name: str
    region: Region
    duty_profile: Slug
    page_module: str | None = None  # below crawlers.pages; none: read by structured data alone
    family: str = ""
    access: Annotated[tuple[AccessRung, ...], Field(min_length=1)]
    robots: Annotated[str, Field(pattern="^(obey|exempt)$")] = "obey"
    robots_reason: str = ""
    sites: tuple[Site, ...] = ()
    addresses: Addresses = Addresses()
    api: Api | None = None
    categories: dict[NiceClass, str] = Field(default_factory=dict)  # where goods of a Nice class are listed
    rate: Rate = Rate()
    blocked: tuple[BlockSignature, ...] = ()
    removed: tuple[RemovedSignature, ...] = ()
    ready_selector: str | None = None  # CSS that appears once a browser page has its content
    assertions: Assertions = Assertions()
    proofs: tuple[Proof, ...] = ()
    terms: Terms = Terms()
    reviewed_on: date | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        if self.robots == "exempt" and not self.robots_reason:
            message = "robots = 'exempt' needs robots_reason"
            raise ValueError(message)
        if not self.sites and self.region is not Region.ANY:
            message = "sites: at least one, unless region = 'any'"
            raise ValueError(message)
        if self.categories and self.addresses.category is None:
            message = "categories need addresses.category"
            raise ValueError(message)
        if self.api is not None and AccessRung.API not in self.access:
            message = "an [api] table needs access with 'api'"
            raise ValueError(message)
        countries = [site.country for site in self.sites]
        if len(set(countries)) != len(countries):
            message = "two sites share a country"
            raise ValueError(message)
        return self

    @property
    def invented(self) -> bool:
        """Tell whether it is a marketplace of the sandbox: its sites are ``.example`` (RFC 2606)."""
        return any(site.domain.endswith(".example") for site in self.sites)

    @property
    def image_search(self) -> bool:
        """Tell whether the market can be searched by a picture."""
        return self.api is not None and self.api.image is not None

    def site(self, country: str) -> Site:
        """Return the site of ``country``; raises `BadInput` when the marketplace has none there."""
        for site in self.sites:
            if site.country == country:
                return site
        known = ", ".join(site.country for site in self.sites)
        expected = f"one of {known}" if known else "none: the market has no sites of its own"
        raise BadInput(f"market {self.id}", "site", expected, country)

    def site_of_domain(self, domain: str) -> Site | None:
        """Return the site a host name belongs to, if any: the one with the longest domain that fits."""
        host = domain.lower().removeprefix("www.").removeprefix("m.")
        fitting = [site for site in self.sites if f".{host}".endswith("." + site.domain.lower().removeprefix("www."))]
        return max(fitting, key=lambda site: len(site.domain.removeprefix("www.")), default=None)

    def search_url(self, site: Site, query: str, page: int, origin: str | None = None) -> str:
        """Fill the search address; ``page`` counts from 0. Raises `BadInput` when the market cannot be searched."""
        if self.addresses.search is None:
            raise BadInput(f"market {self.id}", "addresses.search", "an address", None)
        return self.addresses.search.format(
            origin=origin or f"https://{site.domain}",
            query=quote_plus(query),
            page=page + self.addresses.first_page,
            offset=page * self.addresses.page_size,
        )

    def category_url(self, site: Site, category: str, page: int, origin: str | None = None) -> str:
        """Fill the address of a category page; ``page`` counts from 0. Raises `BadInput` when there is none."""
        if self.addresses.category is None:
            raise BadInput(f"market {self.id}", "addresses.category", "an address", None)
        return self.addresses.category.format(
            origin=origin or f"https://{site.domain}",
            category=category,
            page=page + self.addresses.first_page,
            offset=page * self.addresses.page_size,
        )

    def listing_url(self, site: Site, listing_id: str, origin: str | None = None) -> str:
        """Fill the address of one listing. Raises `BadInput` when the market has none by id."""
        if self.addresses.listing is None:
            raise BadInput(f"market {self.id}", "addresses.listing", "an address", None)
        return self.addresses.listing.format(origin=origin or f"https://{site.domain}", listing_id=listing_id)

    def seller_url(self, site: Site, seller_id: str, page: int, origin: str | None = None) -> str:
        """Fill the address of a seller's shop; ``page`` counts from 0. Raises `BadInput` when there is none."""
        if self.addresses.seller is None:
            raise BadInput(f"market {self.id}", "addresses.seller", "an address", None)
        return self.addresses.seller.format(
            origin=origin or f"https://{site.domain}",
            seller_id=quote_plus(seller_id),
            page=page + self.addresses.first_page,
            offset=page * self.addresses.page_size,
        )


def load_manifest(path: Path) -> Manifest:
    """Read one manifest; its file name must be its id."""
    manifest = load(path, Manifest)
    if path.stem != manifest.id:
        raise BadInput(str(path), "id", f"the file's name, {path.stem!r}", manifest.id)
    return manifest


@cache
def manifests(folder: Path = CONFIG_DIR / "markets") -> dict[str, Manifest]:
    """Return every manifest by id, sorted by id. Raises at the first file that does not fit."""
    found = sorted((load_manifest(path) for path in folder.glob("*/*.toml")), key=lambda manifest: manifest.id)
    return {manifest.id: manifest for manifest in found}
