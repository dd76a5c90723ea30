"""Retro-hunt: what was registered late is searched back through every listing found for its organisation.

The index names candidates, the matchers judge them, flags are raised as for a listing that was just seen. Near hashes
find copies of a picture; its crops and collages have none, so a hunt for a picture also looks again at every listing
that names the brand: there the matchers compare by parts.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_

import attrs
from django.db import Error as DatabaseError
from django.db.models import Q

from accounts.models import User
from listings.models import Listing
from listings.search import SearchIndex, Wanted, open_index
from listings.search.interface import MAX_LIMIT, batches
from registry.models import Brand, Spelling
from triage import services
from triage.descriptors import descriptor
from triage.matching import Matching, match_listings
from triage.models import Hunt
from triage.services import Looked

PAGE = 50  # listings between two notes of how far the hunt is: what a killed worker does again at most
# Bits of PDQ's 256. Edited copies lie within 84 in the benchmarks of docs/decisions/0005, strangers around 128.
NEAR = 90

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


def _hunt(hunt: Hunt, stop: Callable[[], bool], progress: Callable[[Hunt], None]) -> bool:
    """Go through the candidates; tell whether all are dealt with."""
    index, wanted = open_index(), wanted_of(hunt)
    index.refresh()
    if hunt.candidates is None:
        found = sum(len(keys) for keys in _sweep(index, wanted, hunt))
        services.begin_hunt(hunt=hunt, candidates=found)
    progress(hunt)
    matching = Matching([hunt.brand])
    for keys in _sweep(index, wanted, hunt):
        for page in batches(keys, PAGE):
            services.advance_hunt(hunt=hunt, cursor=page[-1], looked=_look(hunt, page, matching))
            progress(hunt)
            if stop():
                return False
    return True


def wanted_of(hunt: Hunt) -> Wanted:
    """Return what the index is asked for: spellings as they were when asked, and pictures in their eight forms."""
    targets = list(hunt.targets.all())
    spellings = dict.fromkeys(text for target in targets for text in target.spellings)
    pictures = [target.sha256 for target in targets if target.sha256]
    if pictures:
        named = Spelling.objects.filter(mark__brand=hunt.brand).values_list("text", flat=True)
        spellings |= dict.fromkeys([*hunt.brand.marks.values_list("text", flat=True), *named])
    described = [made for sha256 in pictures if (made := descriptor(sha256)) is not None]
    codes = dict.fromkeys(form.tobytes() for made in described for form in made.pdq)
    return Wanted(spellings=tuple(spellings), codes=tuple(codes), max_distance=NEAR)


def _sweep(index: SearchIndex, wanted: Wanted, hunt: Hunt) -> Iterator[list[str]]:
    """Yield the keys that fit, from behind the hunt's cursor on, as many at once as an index gives."""
    after = hunt.cursor
    while keys := index.sweep(wanted, organisation=hunt.brand.organisation_id, after=after, limit=MAX_LIMIT):
        yield keys
        after = keys[-1]


def _look(hunt: Hunt, keys: list[str], matching: Matching) -> Looked:
    """Match one page of candidates. The records decide what the organisation may see, whatever the index says."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        market, _, listing_id = key.partition(":")
        wanted[market].append(listing_id)
    named = reduce(or_, (Q(market=market, listing_id__in=ids) for market, ids in wanted.items()))
    seen = Listing.objects.filter(named, sightings__organisation=hunt.brand.organisation_id)
    pks = list(seen.order_by("pk").values_list("pk", flat=True))
    looked = Looked(looked_at=0, skipped=len(keys) - len(pks))
    try:
        return _add(looked, hunt, pks, matching)
    except DatabaseError:
        raise
    except Exception:
        log.exception("%s: a page could not be matched; matching its listings one by one", hunt)
    for pk in pks:
        try:
            looked = _add(looked, hunt, [pk], matching)
        except DatabaseError:
            raise
        except Exception:
            log.exception("%s: listing %s could not be matched", hunt, pk)
            looked = attrs.evolve(looked, failed=looked.failed + 1)
    return looked


def _add(looked: Looked, hunt: Hunt, pks: list[int], matching: Matching) -> Looked:
    matched = match_listings(Listing.objects.filter(pk__in=pks), matching=matching, hunt=hunt)
    return attrs.evolve(looked, looked_at=looked.looked_at + len(pks), matched=looked.matched + len(matched.flags))


def hunt_brand(*, actor: User | None, brand: Brand) -> Hunt | None:
    """Have everything registered of a brand searched back for; see `triage.services.queue_hunt`."""
    return services.queue_hunt(actor=actor, brand=brand, marks=brand.marks.all(), images=brand.images.all())
