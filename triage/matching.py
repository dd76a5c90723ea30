"""Asks the matchers about stored listings and raises flags."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import cached_property

import attrs
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from contracts.match import BrandProfile, Match, PictureMatch, ReferencePicture
from evidence.store import NoSuchContent
from listings.models import Capture, Listing
from matchers.images.compare import compare
from matchers.images.index import ReferenceIndex
from matchers.judge import Judge
from registry.models import Brand
from registry.queries import profiles
from triage.descriptors import descriptor, prepare
from triage.logos import logos_in
from triage.models import Flag, Hunt
from triage.services import raise_flag

PICTURES = 4  # of a listing that are compared: sellers put what sells first
LOGOS = 24  # looked for in a picture, the suspected brands' first: each costs about 15 ms
BATCH = 200


@attrs.frozen(kw_only=True)
class Matched:
    """What matching did: how many listings were looked at and which flags stand on them."""

    listings: int
    flags: tuple[Flag, ...]


class Matching:
    """Brands with their marks and pictures, loaded once for many listings.

    Args:
        brands: the brands to look for.
        today: the day authorised sellers must be valid on.
    """

    def __init__(self, brands: Iterable[Brand], today: date | None = None) -> None:
        self.brands = {str(brand.pk): brand for brand in brands}
        self.today = today or timezone.localdate()
        self.profiles: list[BrandProfile] = profiles(self.brands.values())

    @cached_property
    def judge(self) -> Judge:
        """The matchers' judge over these brands."""
        return Judge(self.profiles, today=self.today)

    @cached_property
    def _registered(self) -> tuple[ReferenceIndex, list[ReferencePicture], dict[str, str]]:
        owners = {picture.image_id: brand.brand_id for brand in self.profiles for picture in brand.pictures}
        pictures = [picture for brand in self.profiles for picture in brand.pictures]
        prepare(picture.sha256 for picture in pictures)
        described = [(picture, descriptor(picture.sha256)) for picture in pictures]
        known = [(picture, made) for picture, made in described if made is not None]
        return ReferenceIndex([made for _, made in known]), [picture for picture, _ in known], owners

    def pictures(self, listing: Listing, wanted: Collection[str]) -> dict[str, list[PictureMatch]]:
        """Return by brand what the listing's pictures share with registered ones; logos of the wanted brands only."""
        index, pictures, owners = self._registered
        named = self.judge.named(listing.contract())
        found: dict[str, list[PictureMatch]] = {}
        for image in [image for image in listing.images.all() if image.sha256][:PICTURES]:
            try:
                query = descriptor(image.sha256)
            except NoSuchContent:
                continue
            for match in compare(query, index, pictures) if query is not None else ():
                found.setdefault(owners[match.reference.image_id], []).append(match)
            for match in logos_in(image.sha256, self._logos(wanted, named | found.keys())) if query is not None else ():
                found.setdefault(owners[match.reference.image_id], []).append(match)
        return found

    def _logos(self, wanted: Collection[str], suspected: Collection[str]) -> list[ReferencePicture]:
        """Return the wanted brands' logos, first those of brands that the words or other pictures speak of."""
        brands = sorted(
            (brand for brand in self.profiles if brand.brand_id in wanted),
            key=lambda brand: brand.brand_id not in suspected,
        )
        return [picture for brand in brands for picture in brand.pictures if picture.kind == "logo"][:LOGOS]

    def matches(self, listing: Listing) -> Iterator[tuple[Brand, Match]]:
        """Yield what speaks of each brand whose organisation the listing was found for."""
        watching = {sighting.organisation_id for sighting in listing.sightings.all()}
        wanted = {key for key, brand in self.brands.items() if brand.organisation_id in watching}
        pictures = self.pictures(listing, wanted) if wanted else {}
        for match in self.judge.judge(listing.contract(), brands=wanted, pictures=pictures):
            yield self.brands[match.brand_id], match


def match_listings(
    listings: QuerySet[Listing],
    *,
    matching: Matching | None = None,
    progress: Callable[[int], None] | None = None,
    hunt: Hunt | None = None,
) -> Matched:
    """Match listings against the brands they were found for and raise flags; doing it again changes nothing.

    Args:
        listings: which ones.
        matching: the brands; all of them by default.
        progress: called with the number of listings done.
        hunt: the retro-hunt they are matched for.
    """
    matching = matching or Matching(Brand.objects.select_related("organisation"))
    keys = list(listings.order_by("pk").values_list("pk", flat=True))
    flags: list[Flag] = []
    for start in range(0, len(keys), BATCH):
        batch = (
            Listing.objects.filter(pk__in=keys[start : start + BATCH])
            .order_by("pk")
            .prefetch_related(
                "images", "sightings", Prefetch("captures", Capture.objects.order_by("-observed_at", "-id"))
            )
        )
        prepare(image.sha256 for listing in batch for image in list(listing.images.all())[:PICTURES] if image.sha256)
        for done, listing in enumerate(batch, start=start + 1):
            flags += _flags_of(listing, matching, hunt)
            if progress is not None:
                progress(done)
    return Matched(listings=len(keys), flags=tuple(flags))


def _flags_of(listing: Listing, matching: Matching, hunt: Hunt | None) -> Iterator[Flag]:
    captures = list(listing.captures.all())
    capture = next((row for row in captures if row.fingerprint == listing.fingerprint), None)
    if capture is None:
        return
    for brand, match in matching.matches(listing):
        flag = raise_flag(listing=listing, brand=brand, match=match, capture=capture, hunt=hunt)
        if flag is not None:
            yield flag
