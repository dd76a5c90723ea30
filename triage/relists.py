"""Which decided counterfeits the listings of a batch repeat, in words or picture: the same goods put up once more.

A brand's verdicts are its organisation's, so nothing here speaks to another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache

import attrs
import numpy as np
import numpy.typing as npt
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from contracts.match import Relisted
from contracts.verdict import VerdictKind
from evidence.store import NoSuchContent
from listings.descriptors import descriptor
from listings.models import Listing
from listings.queries import stored
from matchers.relisting import comparable, same_words
from triage.history import CLEARING
from triage.models import Verdict
from triage.states import VerdictState

MANY = 1000  # newest verdicts of a brand that are remembered
PICTURES = 4  # of a listing that are compared
NEAR = 16  # bits of 256 by which two PDQ hashes of one picture differ at most; 31 is what its authors call a match
TELLING = 50  # PDQ's quality; below it a picture is too flat to know again


@attrs.frozen
class _Decided:
    """A listing a person decided about. ``words`` is its title as titles are compared, ``pictures`` are SHA-256."""

    listing: Listing
    verdict: Verdict
    words: str
    pictures: tuple[str, ...]

    @property
    def is_counterfeit(self) -> bool:
        return self.verdict.kind == VerdictKind.COUNTERFEIT


class Relists:
    """What was decided about some brands, ready to find listings that repeat it; two queries.

    What also stands in a listing that was cleared says nothing: honest sellers share it.

    Args:
        brands: ids of the brands whose verdicts are looked at.
    """

    def __init__(self, brands: Iterable[str]) -> None:
        newest = Window(RowNumber(), partition_by=F("flag__brand"), order_by=F("pk").desc())
        verdicts = (
            Verdict.objects.filter(
                Q(memory_expires_at=None) | Q(memory_expires_at__gt=timezone.now()),
                state=VerdictState.STANDING,
                kind__in=[VerdictKind.COUNTERFEIT, VerdictKind.NOT_OUR_MARK, *CLEARING],
                flag__brand__in=list(brands),
            )
            .annotate(newest=newest)
            .filter(newest__lte=MANY)
            .select_related("flag__listing")
            .prefetch_related("flag__listing__images")
        )
        self._decided: dict[str, list[_Decided]] = {}
        for verdict in verdicts:
            listing = verdict.flag.listing
            self._decided.setdefault(str(verdict.flag.brand_id), []).append(
                _Decided(listing, verdict, comparable(listing.title), tuple(stored(listing)[:PICTURES]))
            )

    def of(self, listing: Listing, brands: Collection[str]) -> dict[str, list[Relisted]]:
        """Return by brand the decided counterfeits that a listing repeats, itself left out."""
        found = {brand_id: self._repeated(listing, self._decided.get(brand_id, ())) for brand_id in brands}
        return {brand_id: relists for brand_id, relists in found.items() if relists}

    def _repeated(self, listing: Listing, decided: Iterable[_Decided]) -> list[Relisted]:
        others = [one for one in decided if one.listing.pk != listing.pk]
        if not any(one.is_counterfeit for one in others):
            return []
        title = comparable(listing.title)
        words = {one.listing.pk for one in others if same_words(title, one.words)}
        shown = {sha256: self._hashes.showing(sha256) for sha256 in stored(listing)[:PICTURES]}
        cleared = {one.listing.pk for one in others if not one.is_counterfeit}
        if words & cleared:
            words = set()
        relists = (
            Relisted(
                listing=str(one.listing),
                decided_on=timezone.localdate(one.verdict.at),
                title=one.listing.title if one.listing.pk in words else "",
                pictures=tuple(sha for sha, pks in shown.items() if one.listing.pk in pks and not pks & cleared),
            )
            for one in others
            if one.is_counterfeit
        )
        return [relist for relist in relists if relist.title or relist.pictures]

    @cached_property
    def _hashes(self) -> _Hashes:
        return _Hashes({one.listing.pk: one.pictures for decided in self._decided.values() for one in decided})


class _Hashes:
    """PDQ hashes of the pictures of decided listings, by the listings' keys."""

    def __init__(self, pictures: dict[int, tuple[str, ...]]) -> None:
        known = [(pk, hashed) for pk, sha256s in pictures.items() for sha256 in sha256s if (hashed := _pdq(sha256))]
        self._listings = [pk for pk, _ in known]
        self._hashes = np.frombuffer(b"".join(hashed for _, hashed in known), dtype=np.uint8).reshape(-1, 32)

    def showing(self, sha256: str) -> set[int]:
        """Return the keys of the listings that show a picture."""
        hashed = _pdq(sha256)
        if not hashed or not self._listings:
            return set()
        apart: npt.NDArray[np.int64] = np.bitwise_count(self._hashes ^ np.frombuffer(hashed, dtype=np.uint8)).sum(1)
        return {self._listings[place] for place in np.flatnonzero(apart <= NEAR)}


def _pdq(sha256: str) -> bytes:
    """Return a stored picture's PDQ hash; b"" of one that is gone, broken or too flat."""
    try:
        return _known_pdq(sha256)
    except NoSuchContent:
        return b""


@lru_cache(maxsize=50_000)
def _known_pdq(sha256: str) -> bytes:
    """Keep the 32 bytes that are looked at again and again of a descriptor that is 65 kB on disk."""
    made = descriptor(sha256)
    if made is None:  # not remembered: it may come yet
        raise NoSuchContent(sha256)
    whole = made.whole
    return whole.pdq[0].tobytes() if whole.quality >= TELLING else b""
