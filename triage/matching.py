"""Asks the matchers about stored listings and raises flags."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import chain, zip_longest

import attrs
from django.db import Error as DatabaseError
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from contracts.match import BrandProfile, Match, PictureMatch, ReadText, ReferencePicture, Script
from evidence.store import DamagedContent, NoSuchContent
from listings.descriptors import DESCRIPTORS, SUMMARIES, Described, descriptor
from listings.models import Capture, Listing, Sighting
from listings.processes import Task, do_all
from listings.queries import stored
from listings.readings import readings, words_in
from matchers.images.compare import compare
from matchers.images.index import ReferenceIndex, joined
from matchers.judge import Judge
from matchers.reading.lines import languages_for
from matchers.text import MarkIndex
from registry.models import Brand
from registry.queries import profiles
from triage.concealment import look_closer
from triage.history import Sellers
from triage.learning import weightings
from triage.logos import logos_in
from triage.logos import missing as unlooked
from triage.models import Flag, Hunt
from triage.relists import Relists
from triage.sampling import Sampling
from triage.services import raise_flag
from triage.slang import own_lexicons

PICTURES = 4  # of a listing that are compared: sellers put what sells first
READ = 2  # of a listing that are read: words are laid over the first ones, which search results show
LOGOS = 24  # looked for in a picture, the suspected brands' first: each costs about 7 ms
BATCH = 200

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Matched:
    """What matching did: how many listings were looked at and which flags stand on them."""

    listings: int
    flags: tuple[Flag, ...]


class Matching:
    """Brands with their marks and pictures, loaded once for many listings.

    Args:
        brands: all that may speak: what a listing shows of one brand is judged by what it shows of the others.
        only: the brands that are asked about; all of them by default.
        today: the day authorised sellers must be valid on.
    """

    def __init__(
        self, brands: Iterable[Brand], *, only: Iterable[Brand] | None = None, today: date | None = None
    ) -> None:
        self.brands = {str(brand.pk): brand for brand in brands}
        self.asked = set(self.brands) if only is None else {str(brand.pk) for brand in only}
        self.today = today or timezone.localdate()
        self.profiles: list[BrandProfile] = profiles(self.brands.values())

    @cached_property
    def judge(self) -> Judge:
        """The matchers' judge over these brands."""
        learned = weightings({brand.organisation_id for brand in self.brands.values()})
        own = {
            key: learned[brand.organisation_id]
            for key, brand in self.brands.items()
            if brand.organisation_id in learned
        }
        words = own_lexicons({brand.organisation_id for brand in self.brands.values()})
        said = {key: words[row.organisation_id] for key, row in self.brands.items() if row.organisation_id in words}
        peers = {key: circle for circle in self.circles(self.brands) for key in circle}
        return Judge(self.profiles, today=self.today, text=self.marks, weightings=own, own=said, peers=peers)

    @cached_property
    def marks(self) -> MarkIndex:
        """Every brand's marks, ready to be looked for in words."""
        return MarkIndex([mark for brand in self.profiles for mark in brand.marks])

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {picture.image_id: brand.brand_id for brand in self.profiles for picture in brand.pictures}

    @cached_property
    def _registered(self) -> list[tuple[frozenset[str], ReferenceIndex, list[ReferencePicture]]]:
        """The registered pictures of each circle that is asked about; those of one are rivals, see `circles`."""
        found = []
        for circle in self.circles(self.brands):
            if not circle & self.asked:
                continue
            pictures = [picture for brand in self.profiles if brand.brand_id in circle for picture in brand.pictures]
            SUMMARIES.prepare(picture.sha256 for picture in pictures)
            summaries = [SUMMARIES.of(picture.sha256) for picture in pictures]
            known = [picture for picture, summary in zip(pictures, summaries, strict=True) if summary is not None]
            summary = joined(summary for summary in summaries if summary is not None)
            found.append((circle, ReferenceIndex(Described(picture.sha256 for picture in known), summary), known))
        return found

    def pictures(self, listing: Listing, wanted: Collection[str]) -> dict[str, list[PictureMatch]]:
        """Return by brand what the listing's pictures share with registered ones; logos of the wanted brands only."""
        named = self.judge.named(listing.contract())
        judged, languages = self.asked.intersection(wanted), self.languages(listing)
        found: dict[str, list[PictureMatch]] = {}
        for sha256 in stored(listing)[:PICTURES]:
            query = descriptor(sha256)
            if query is None:
                continue
            try:
                for circle, index, pictures in self._registered:
                    if not circle & judged:
                        continue
                    for match in compare(query, index, pictures):
                        owner = self._owners[match.reference.image_id]
                        # What is hidden speaks of its own brand alone.
                        closer = look_closer(match, languages, self.marks) if owner in judged else match
                        found.setdefault(owner, []).append(closer)
                suspected = named | found.keys()
                for logos in self._together(wanted, suspected):
                    for match in logos_in(sha256, logos):
                        found.setdefault(self._owners[match.reference.image_id], []).append(match)
            except (NoSuchContent, DamagedContent) as error:  # since it was described; the other pictures still speak
                log.warning("picture %s of %s is not compared to the end: %s", sha256, listing, error)
        return found

    def circles(self, brands: Iterable[str]) -> list[frozenset[str]]:
        """Split brands into those whose marks, logos and pictures may speak against each other's.

        One organisation's do, and all of the pool's; no other tenant's registry is felt.
        """
        circles: dict[int | None, set[str]] = {}
        for key in brands:
            organisation = self.brands[key].organisation
            circles.setdefault(None if organisation.pool else organisation.pk, set()).add(key)
        return [frozenset(circle) for circle in circles.values()]

    def _together(self, wanted: Collection[str], suspected: Collection[str]) -> Iterator[list[ReferencePicture]]:
        """Yield the logos that are looked for together: those of each circle of which a brand is asked about."""
        for circle in self.circles(wanted):
            if circle & self.asked:
                yield self.logos(circle, suspected)

    def logos(self, wanted: Collection[str], suspected: Collection[str]) -> list[ReferencePicture]:
        """Return the wanted brands' logos, at most `LOGOS`.

        First come those of brands that the words or other pictures speak of; among these, and among the others, the
        brands take turns, so that one with many logos leaves room for the next.
        """
        of_brands = {
            brand.brand_id: [picture for picture in brand.pictures if picture.kind == "logo"]
            for brand in self.profiles
            if brand.brand_id in wanted
        }
        first = [logos for key, logos in of_brands.items() if key in suspected]
        others = [logos for key, logos in of_brands.items() if key not in suspected]
        turns = chain(zip_longest(*first), zip_longest(*others))
        return [logo for turn in turns for logo in turn if logo is not None][:LOGOS]

    @cached_property
    def _scripts(self) -> frozenset[Script]:
        return frozenset(
            spelling.script for brand in self.profiles for mark in brand.marks for spelling in mark.spellings
        )

    def languages(self, listing: Listing) -> tuple[str, ...]:
        """Return the languages to expect in the listing's pictures."""
        return languages_for(self._scripts, site=listing.site)

    def texts(self, listing: Listing) -> tuple[ReadText, ...]:
        """Return the words that stand in the listing's pictures."""
        return words_in(stored(listing)[:READ], self.languages(listing))

    def watching(self, listing: Listing) -> set[str]:
        """Return the ids of the brands whose organisation the listing was found for."""
        organisations = {sighting.organisation_id for sighting in listing.sightings.all()}
        return {key for key, brand in self.brands.items() if brand.organisation_id in organisations}

    def matches(
        self, listing: Listing, sellers: Sellers | None = None, relists: Relists | None = None
    ) -> Iterator[tuple[Brand, Match]]:
        """Yield what speaks of each brand that is asked about and whose organisation the listing was found for.

        Args:
            listing: the listing.
            sellers: what is known of its seller; nothing when absent.
            relists: what was decided about listings that it may repeat; nothing when absent.
        """
        wanted = self.watching(listing)
        if not wanted & self.asked:
            return
        pictures, texts = self.pictures(listing, wanted), self.texts(listing)
        organisations = {key: self.brands[key].organisation_id for key in wanted}
        records = sellers.records(listing, organisations) if sellers is not None else {}
        for match in self.judge.judge(
            listing.contract(),
            brands=wanted,
            pictures=pictures,
            texts=texts,
            records=records,
            relists=relists.of(listing, wanted) if relists is not None else None,
        ):
            if match.brand_id in self.asked:
                yield self.brands[match.brand_id], match

    def prepare(self, listings: Iterable[Listing], *, logos: bool = True) -> None:
        """Describe and read the pictures of many listings on every core; look for ``logos`` in them, too."""
        do_all(task for listing in listings for task in self._unprepared(listing, logos=logos))

    def _unprepared(self, listing: Listing, *, logos: bool) -> Iterator[Task]:
        wanted = self.watching(listing)
        if not wanted & self.asked:
            return
        pictures = stored(listing)[:PICTURES]
        yield from DESCRIPTORS.missing(pictures)
        yield from readings(self.languages(listing)).missing(pictures[:READ])
        if logos:
            likely = [*chain(*self._together(wanted, self.judge.named(listing.contract())))]
            for sha256 in pictures:
                yield from unlooked(sha256, likely)


def brands_watching(listings: QuerySet[Listing]) -> QuerySet[Brand]:
    """Return the brands of every organisation that some of the listings were found for."""
    organisations = Sighting.objects.filter(listing__in=listings.order_by().values("pk")).values("organisation")
    return Brand.objects.filter(organisation__in=organisations).select_related("organisation")


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

    Raises:
        ExceptionGroup: some listings could not be matched; the others were.
    """
    matching = matching or Matching(Brand.objects.select_related("organisation"))
    keys = list(listings.order_by("pk").values_list("pk", flat=True))
    return Matched(listings=len(keys), flags=tuple(_matched(keys, matching, hunt, progress)))


def _matched(
    keys: Sequence[int], matching: Matching, hunt: Hunt | None, progress: Callable[[int], None] | None
) -> Iterator[Flag]:
    relists = Relists(matching.asked) if keys else None
    failed: dict[int, Exception] = {}
    for start in range(0, len(keys), BATCH):
        batch = (
            Listing.objects.filter(pk__in=keys[start : start + BATCH])
            .order_by("pk")
            .prefetch_related(
                "images", "sightings", Prefetch("captures", Capture.objects.order_by("-observed_at", "-id"))
            )
        )
        try:
            matching.prepare(batch)
        except Exception:
            log.exception("pictures could not be prepared together; each listing prepares its own")
        sellers, sampling = Sellers(batch), Sampling(batch)
        for done, listing in enumerate(batch, start=start + 1):
            try:
                yield from _flags_of(listing, matching, sellers, relists, hunt, sampling)
            except DatabaseError:
                raise
            except Exception as error:
                log.exception("listing %s could not be matched", listing.pk)
                failed[listing.pk] = error
            if progress is not None:
                progress(done)
    if failed:
        named = ", ".join(map(str, failed))
        raise ExceptionGroup(f"listings that could not be matched: {named}", list(failed.values()))


def _flags_of(
    listing: Listing,
    matching: Matching,
    sellers: Sellers,
    relists: Relists | None,
    hunt: Hunt | None,
    sampling: Sampling,
) -> Iterator[Flag]:
    captures = list(listing.captures.all())
    capture = next((row for row in captures if row.fingerprint == listing.fingerprint), None)
    if capture is None:
        return
    silent = matching.watching(listing) & matching.asked if sampling.on else set()
    for brand, match in matching.matches(listing, sellers, relists):
        silent.discard(match.brand_id)
        flag = raise_flag(listing=listing, brand=brand, match=match, capture=capture, hunt=hunt)
        sampling.take(listing, brand, match, capture, flag=flag)
        if flag is not None:
            yield flag
    for key in sorted(silent):
        sampling.take(listing, matching.brands[key], matching.judge.silent(key), capture)
