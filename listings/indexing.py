"""From stored listings to the search index."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs
from django.db.models import QuerySet

from contracts.errors import JikimiError
from listings.descriptors import for_search
from listings.models import Listing
from listings.queries import stored
from listings.readings import words_kept
from listings.search import open_index
from listings.search.interface import ImageHash, ListingDoc
from matchers.search_forms import forms_of_title

PICTURES = 4  # of a listing that are searched


def documents(listings: QuerySet[Listing]) -> Iterator[ListingDoc]:
    """Yield listings as search knows them, with what was made of their pictures so far.

    A picture that cannot be decoded is left out.
    """
    rows = listings.select_related("seller").prefetch_related("images", "sightings")
    for listing in rows.order_by("pk").iterator(chunk_size=200):
        yield ListingDoc(
            key=f"{listing.market}:{listing.listing_id}",
            organisations=frozenset(sighting.organisation_id for sighting in listing.sightings.all()),
            title=listing.title,
            text=_text(listing),
            shown=_shown(listing),
            market=listing.market,
            site=listing.site,
            seller=listing.seller.key if listing.seller else "",
            observed_at=listing.last_seen,
            image_hashes=tuple(_hashes(listing)),
        )


def _text(listing: Listing) -> str:
    """Return what is searched beside the title: brand field, description, and how else the title reads."""
    told = (listing.data.get("brand"), listing.data.get("description"), *forms_of_title(listing.title))
    return "\n".join(str(part) for part in told if part)


def _shown(listing: Listing) -> str:
    """Return what was read in the listing's pictures, and how else it reads."""
    lines = [read.text for read in words_kept(stored(listing)[:PICTURES])]
    return "\n".join((*lines, *forms_of_title(" ".join(lines))))


def _hashes(listing: Listing) -> Iterator[ImageHash]:
    for sha256 in stored(listing)[:PICTURES]:
        try:
            yield for_search(sha256)
        except JikimiError:
            continue


def index_listings(listings: QuerySet[Listing]) -> None:
    """Put listings into the search index; a newer look replaces an older one.

    Raises:
        listings.search.interface.SearchUnavailable: the index cannot be reached; the outbox tries again.
    """
    index = open_index()
    index.put(documents(listings))


@attrs.frozen(kw_only=True)
class Checked:
    """How the index stands beside the records, in listings.

    ``differing`` are not indexed, or otherwise than they are stored now. ``undescribed`` counts pictures that were
    never described, so that only their hash is searched.
    """

    stored: int
    indexed: int
    differing: int
    undescribed: int


def check_index(progress: Callable[[int], None] = lambda _done: None) -> Checked:
    """Compare every document of the search index with the records and with what is kept of the listings' pictures.

    Args:
        progress: called after each listing with the number read.

    Raises:
        listings.search.interface.SearchUnavailable: the index cannot be reached, or another version made it.
    """
    index = open_index()
    index.refresh()
    undescribed = 0

    def told() -> Iterator[ListingDoc]:
        nonlocal undescribed
        for done, document in enumerate(documents(Listing.objects.all()), start=1):
            undescribed += sum(not image.embeddings for image in document.image_hashes)
            yield document
            progress(done)

    differing = sum(1 for _ in index.differing(told()))
    stored, indexed = Listing.objects.count(), index.count()
    return Checked(stored=stored, indexed=indexed, differing=differing, undescribed=undescribed)


def rebuild_index(progress: Callable[[int], None] = lambda _done: None) -> int:
    """Make the search index anew from the records, beside the one in use; return how many listings it holds.

    Args:
        progress: called after each listing with the number read.

    Raises:
        listings.search.interface.RebuildInterrupted: another rebuild runs or took over.
        listings.search.interface.SearchUnavailable: the index cannot be reached.
    """
    index = open_index()

    def told() -> Iterator[ListingDoc]:
        for done, document in enumerate(documents(Listing.objects.all()), start=1):
            yield document
            progress(done)

    index.rebuild(told())
    index.refresh()
    return index.count()
