"""Retro-hunt: what was registered late is searched back through every listing found for its organisation.

The index names candidates, the matchers judge them, flags are raised as for a listing that was just seen. Near hashes
find copies of a picture, near embeddings its crops and the pictures it was put into; a hunt for a picture also looks
again at every listing that names the brand.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property, reduce
from operator import or_

import attrs
from django.db import Error as DatabaseError
from django.db.models import Q

from accounts.models import User
from listings.descriptors import Described, descriptor
from listings.indexing import index_listings
from listings.models import Listing
from listings.queries import stored
from listings.readings import words_kept
from listings.search import SearchUnavailable, Wanted, open_index
from listings.search.interface import MAX_LIMIT, batches
from matchers.images.compare import SCENE, rank
from matchers.images.index import ReferenceIndex
from matchers.search_forms import forms_of_mark
from registry.models import Brand, Spelling
from triage import services
from triage.matching import PICTURES, READ, Matching, brands_watching, match_listings
from triage.models import Hunt
from triage.services import Looked

PAGE = 20  # listings between two notes of how far the hunt is: what a killed worker does again at most

log = logging.getLogger(__name__)


def run_hunt(
    *,
    hunt: Hunt,
    actor: User | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Hunt], None] = lambda _hunt: None,
) -> Hunt:
    """Work on a hunt until it is done or ``stop`` says so; begun again, it goes on behind the last page done.

    Args:
        hunt: one that waits, failed or was left by a worker that died.
        actor: who runs it; None for the worker.
        stop: asked between pages.
        progress: called after each page.

    Raises:
        NotAllowed: the actor may not hunt for this brand.
        HuntHeld: another worker is on it.
        IllegalTransition: it is done.
        HuntLost: this worker was taken for dead meanwhile.
    """
    hunt = services.take_hunt(actor=actor, hunt=hunt)
    try:
        done = _hunt(hunt, stop, progress)
    except services.HuntLost:
        raise
    except KeyboardInterrupt:
        services.let_go_of_hunt(hunt=hunt, go_on=False)
        raise
    except Exception as error:
        services.fail_hunt(hunt=hunt, error=f"{type(error).__name__}: {error}")
        raise
    return services.finish_hunt(hunt=hunt) if done else services.let_go_of_hunt(hunt=hunt, go_on=True)


@attrs.frozen
class Block:
    """Keys in order that fit what is hunted for, and those of them with a picture near one of the hunted."""

    keys: list[str]
    near: frozenset[str]


class Search:
    """What one hunt asks of the index and of the matchers."""

    def __init__(self, hunt: Hunt) -> None:
        self.hunt = hunt
        self.index = open_index()
        self.index.refresh()
        self.wanted = wanted_of(hunt)
        found = Listing.objects.filter(sightings__organisation=hunt.organisation)
        self.matching = Matching(brands_watching(found), only=[hunt.brand])

    @cached_property
    def hunted(self) -> ReferenceIndex:
        """The pictures that are hunted for, and no others."""
        return ReferenceIndex(Described(sha256 for sha256 in pictures_of(self.hunt) if descriptor(sha256) is not None))

    def blocks(self) -> Iterator[Block]:
        """Yield what fits from behind the hunt's cursor on, as much at once as an index gives."""
        pictures_only = attrs.evolve(self.wanted, spellings=())
        after = self.hunt.cursor
        while keys := self._ask(self.wanted, after):
            near = self._ask(pictures_only, after) if pictures_only.codes else []
            yield Block(keys, frozenset(near))
            after = keys[-1]

    def _ask(self, wanted: Wanted, after: str) -> list[str]:
        return self.index.sweep(wanted, organisation=self.hunt.brand.organisation_id, after=after, limit=MAX_LIMIT)

    def speaks(self, listing: Listing, block: Block) -> bool:
        """Tell whether a listing needs the matchers: a mark is really there, or something of a hunted picture.

        The index guesses wide. Reading the title, and what was read in the pictures before, costs a hundredth of
        judging a listing; a comparison with the hunted pictures alone keeps seven of a hundred pictures that only
        their embedding brought here, and all of 60 that were made from the hunted one (2026-11-27).
        """
        texts = words_kept(stored(listing)[:READ])
        if str(self.hunt.brand_id) in self.matching.judge.named(listing.contract(), texts):
            return True
        return _key(listing) in block.near and any(map(self._shares, stored(listing)[:PICTURES]))

    def _shares(self, sha256: str) -> bool:
        """Tell whether a stored picture has something of a hunted one."""
        query = descriptor(sha256)
        return query is not None and any(found.score >= SCENE for found in rank(query, self.hunted, 1))


def _hunt(hunt: Hunt, stop: Callable[[], bool], progress: Callable[[Hunt], None]) -> bool:
    """Go through the candidates; tell whether all are dealt with."""
    search = Search(hunt)
    if hunt.candidates is None:
        services.begin_hunt(hunt=hunt, candidates=sum(len(block.keys) for block in search.blocks()))
    progress(hunt)
    for block in search.blocks():
        for page in batches(block.keys, PAGE):
            services.advance_hunt(hunt=hunt, cursor=page[-1], looked=_look(search, block, page))
            progress(hunt)
            if stop():
                return False
    return True


def wanted_of(hunt: Hunt) -> Wanted:
    """Return what the index is asked for: spellings as they were when asked, and pictures in their eight forms."""
    targets = list(hunt.targets.all())
    spellings = dict.fromkeys(text for target in targets for text in target.spellings)
    pictures = pictures_of(hunt)
    if pictures:
        named = Spelling.objects.filter(mark__brand=hunt.brand).values_list("text", flat=True)
        spellings |= dict.fromkeys([*hunt.brand.marks.values_list("text", flat=True), *named])
    forms = dict.fromkeys(form for text in spellings for form in forms_of_mark(text))
    described = [made for sha256 in pictures if (made := descriptor(sha256)) is not None]
    codes = dict.fromkeys(form.tobytes() for made in described for form in made.whole.pdq)
    # The embedding hardly changes in the mirror or turned: asking for the eight forms of it found nothing more.
    embeddings = dict.fromkeys(made.whole.embedding.tobytes() for made in described if made.whole.embedding.any())
    return Wanted(spellings=tuple(forms), codes=tuple(codes), embeddings=tuple(embeddings))


def pictures_of(hunt: Hunt) -> list[str]:
    """Return the SHA-256 of the pictures that are hunted for."""
    return [target.sha256 for target in hunt.targets.all() if target.sha256]


def _key(listing: Listing) -> str:
    return f"{listing.market}:{listing.listing_id}"


def _look(search: Search, block: Block, keys: list[str]) -> Looked:
    """Look at one page of candidates. The records decide what the organisation may see, whatever the index says."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        market, _, listing_id = key.partition(":")
        wanted[market].append(listing_id)
    named = reduce(or_, (Q(market=market, listing_id__in=ids) for market, ids in wanted.items()))
    visible = Listing.objects.filter(named, sightings__organisation=search.hunt.brand.organisation_id)
    seen = list(visible.order_by("pk").prefetch_related("images"))
    looked = Looked(looked_at=0, skipped=len(keys) - len(seen))
    try:
        return _add(looked, search, block, seen)
    except (DatabaseError, SearchUnavailable):
        raise
    except Exception:
        log.exception("%s: a page could not be matched; matching its listings one by one", search.hunt)
    for listing in seen:
        try:
            looked = _add(looked, search, block, [listing])
        except (DatabaseError, SearchUnavailable):
            raise
        except Exception:
            log.exception("%s: listing %s could not be matched", search.hunt, listing.pk)
            looked = attrs.evolve(looked, failed=looked.failed + 1)
    return looked


def _add(looked: Looked, search: Search, block: Block, listings: list[Listing]) -> Looked:
    speaking = Listing.objects.filter(pk__in=[one.pk for one in listings if search.speaks(one, block)])
    matched = match_listings(speaking, matching=search.matching, hunt=search.hunt)
    index_listings(speaking)  # what was read only now, in another language than before
    flagged = {flag.listing_id for flag in matched.flags}
    return attrs.evolve(looked, looked_at=looked.looked_at + len(listings), matched=looked.matched + len(flagged))


def hunt_brand(*, actor: User | None, brand: Brand) -> Hunt | None:
    """Have everything registered of a brand searched back for; see `triage.services.queue_hunt`."""
    return services.queue_hunt(actor=actor, brand=brand, marks=brand.marks.all(), images=brand.images.all())
