"""What listing search takes and gives, and the one interface both implementations keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

import attrs

from contracts.errors import BadInput, JikimiError

HASH_BYTES = 32  # a PDQ hash: 256 bits
HASH_BITS = HASH_BYTES * 8
EMBEDDING_BYTES = 128  # signed, one for each of `matchers.images.embedding.DIMENSIONS`
MAX_KEY_BYTES = 512
NEAR = 90  # bits: edited copies lie within 84, strangers around 128 (2026-11-23)
# Cosine. Chosen on one half of the photos of ``benchmarks.hunt_net``, where all crops lie above it, for about 1,000 of
# 100,000 unrelated pictures; at 0.45 half of these and two crops of 57 fewer, at 0.35 twice and none more (2026-11-27).
ALIKE = 0.4
SEARCH = "search"  # where a bad value was, in errors
MAX_LIMIT = 10_000  # Elasticsearch's window; the same everywhere, so that nothing works only on a laptop


Item = TypeVar("Item")


class SearchUnavailable(JikimiError):
    """The index cannot be reached or refused; what was asked for was not done and may be asked again."""


class RebuildInterrupted(JikimiError):
    """A rebuild gave way to another one; the index in use is untouched."""


def _full_hash(instance: ImageHash, _attribute: object, value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise BadInput(f"picture {instance.sha256}", "bits", f"{HASH_BYTES} bytes", f"{len(value)} bytes")


def _check_embeddings(where: str, embeddings: Iterable[bytes]) -> None:
    for embedding in embeddings:
        if len(embedding) != EMBEDDING_BYTES or not any(embedding):  # zeros have no direction
            raise BadInput(where, "embeddings", f"{EMBEDDING_BYTES} signed bytes, not all zero", embedding.hex())


def _full_embeddings(instance: ImageHash, _attribute: object, value: tuple[bytes, ...]) -> None:
    _check_embeddings(f"picture {instance.sha256}", value)


def _short_key(_instance: ListingDoc, _attribute: object, value: str) -> None:
    if not 0 < len(value.encode()) <= MAX_KEY_BYTES:
        raise BadInput(SEARCH, "key", f"1 to {MAX_KEY_BYTES} bytes of UTF-8", value)


def _zoned(instance: ListingDoc, _attribute: object, value: datetime) -> None:
    if value.tzinfo is None:
        raise BadInput(f"search document {instance.key}", "observed_at", "a time with its zone", value)


@attrs.frozen
class ImageHash:
    """What one picture is found by; ``sha256`` names its bytes.

    ``bits`` is its 256-bit PDQ in 32 bytes. ``embeddings`` are 128 signed bytes each, of the whole and of the pictures
    it is made of; there are none of one that was not described yet.
    """

    sha256: str
    bits: bytes = attrs.field(validator=_full_hash, repr=bytes.hex)
    embeddings: tuple[bytes, ...] = attrs.field(default=(), validator=_full_embeddings, repr=len)


@attrs.frozen(kw_only=True)
class ListingDoc:
    """A listing as search knows it.

    ``key`` names it for ever (``ebay:123``). ``organisations`` are the ids of those who may find it. ``title``,
    ``text`` and ``shown``, what was read in its pictures, are searched; the rest tells what it is. A document observed
    earlier never replaces a later one; one of the same observation does, for instance once its pictures were read.
    """

    key: str = attrs.field(validator=_short_key)
    organisations: frozenset[int]
    title: str
    text: str = ""
    shown: str = ""
    market: str = ""
    site: str = ""
    seller: str = ""
    observed_at: datetime = attrs.field(validator=_zoned)
    image_hashes: tuple[ImageHash, ...] = ()

    @property
    def version(self) -> int:
        """Milliseconds since 1970 of the observation: the greater replaces the lesser."""
        return int(self.observed_at.timestamp() * 1000)

    @property
    def digest(self) -> str:
        """Sixteen bytes in hexadecimal that differ where anything but the observation does."""
        content = (
            sorted(self.organisations),
            [self.title, self.text, self.shown, self.market, self.site, self.seller],
            [(image.sha256, image.bits.hex(), *map(bytes.hex, image.embeddings)) for image in self.image_hashes],
        )
        return hashlib.blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()


@attrs.frozen
class Hit:
    """A listing whose wording may carry what was looked for; ``score`` is 1 when every part of it was there."""

    key: str
    score: float


@attrs.frozen
class ImageHit:
    """A picture of a listing and its Hamming distance in bits (0 to 256)."""

    key: str
    sha256: str
    distance: int


@attrs.frozen(kw_only=True)
class Wanted:
    """What a sweep looks for: listings whose wording may carry a spelling, or with a picture near a wanted one.

    A sweep is to miss little, so from eight letters two typos are forgiven, one more than in a search. ``codes`` are
    PDQ hashes of 32 bytes, for instance of one picture's eight mirror and quarter-turn forms; ``max_distance`` is in
    bits. ``embeddings`` are of such forms or of parts; a picture is near one when the cosine of the two, or that of
    any of its own parts, is ``least_cosine`` or more.
    """

    spellings: tuple[str, ...] = ()
    codes: tuple[bytes, ...] = ()
    max_distance: int = NEAR
    embeddings: tuple[bytes, ...] = ()
    least_cosine: float = ALIKE


class SearchIndex(Protocol):
    """Candidates, fast, from everything ever seen. The records decide; the index can always be made again from them.

    ``organisation`` limits a search to what one organisation may see, inside the index; None is for jikimi itself.
    ``limit`` is at most 10,000. What `put` and `remove` wrote is found at the latest after `refresh`.

    Raises:
        BadInput: a limit, distance or hash out of range.
        SearchUnavailable: the index cannot be reached.
    """

    def put(self, docs: Iterable[ListingDoc]) -> None:
        """Add documents or replace those of the same key; doing it twice changes nothing."""

    def remove(self, keys: Iterable[str]) -> None:
        """Forget documents; unknown keys are no error. The same observation, or a later one, may be put again."""

    def search_text(self, spellings: Sequence[str], *, organisation: int | None, limit: int) -> list[Hit]:
        """Return listings that may carry one of ``spellings``, best first, then by key.

        From five letters (Hangul counted by jamo) one wrong, missing or added letter is forgiven; spaces and
        punctuation between letters never matter. Spellings of one letter find nothing: everything would fit.
        """

    def search_image(self, bits: bytes, *, max_distance: int, organisation: int | None, limit: int) -> list[ImageHit]:
        """Return pictures at most ``max_distance`` bits away, nearest first, then by key and picture; exact."""

    def sweep(self, wanted: Wanted, *, organisation: int | None, after: str = "", limit: int) -> list[str]:
        """Return the keys of listings that fit, in key order from behind ``after`` on: page by page nothing is cut.

        What `search_text` and `search_image` find fits, and a little more. The last key of a page begins the next one;
        a page may hold fewer than ``limit``, and only an empty one is the end.
        """

    def count(self) -> int:
        """Return how many listings are indexed."""

    def differing(self, docs: Iterable[ListingDoc]) -> Iterator[str]:
        """Yield the keys of those ``docs`` that are not indexed, or otherwise."""

    def refresh(self) -> None:
        """Make everything written so far visible to searches."""

    def rebuild(self, docs: Iterable[ListingDoc]) -> None:
        """Make the index anew from ``docs`` beside the one in use, then switch; a crash leaves the one in use.

        ``docs`` is read lazily and should come straight from the records. Searches go on throughout, and what is put
        meanwhile is in the new index too. A key removed meanwhile comes back only if ``docs`` still yields it.

        Raises:
            RebuildInterrupted: another rebuild runs or took over.
        """

    def clear(self) -> None:
        """Forget everything."""


def check_limit(limit: int) -> None:
    """Raise `BadInput` for a limit no implementation can keep."""
    if not 1 <= limit <= MAX_LIMIT:
        raise BadInput(SEARCH, "limit", f"1 to {MAX_LIMIT}", limit)


def check_image_query(bits: bytes, max_distance: int, limit: int) -> None:
    """Raise `BadInput` for a hash, distance or limit out of range."""
    check_limit(limit)
    if len(bits) != HASH_BYTES:
        raise BadInput(SEARCH, "bits", f"{HASH_BYTES} bytes", f"{len(bits)} bytes")
    if not 0 <= max_distance <= HASH_BITS:
        raise BadInput(SEARCH, "max_distance", f"0 to {HASH_BITS} bits", max_distance)


def check_sweep(wanted: Wanted, limit: int) -> None:
    """Raise `BadInput` for a hash, distance or limit out of range."""
    check_limit(limit)
    for code in wanted.codes:
        check_image_query(code, wanted.max_distance, limit)
    _check_embeddings(SEARCH, wanted.embeddings)
    if wanted.embeddings and not 0 < wanted.least_cosine <= 1:
        raise BadInput(SEARCH, "least_cosine", "more than 0, at most 1", wanted.least_cosine)


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut ``items`` into lists of ``size``, lazily."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
