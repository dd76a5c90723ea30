"""Documents for the tests of search, and what other processes do with them; no Django, so they start at once."""

import hashlib
from datetime import UTC, datetime

from listings.search.embedded import EmbeddedIndex
from listings.search.interface import EMBEDDING_BYTES, HASH_BYTES, ImageHash, ListingDoc

DIRECTION = b"\x05" * EMBEDDING_BYTES
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def a_doc(number, title="Haneulbit"):
    """Return a listing with one picture whose code is ``number``: its distance to zero is the number's bit count.

    Its embeddings are all one direction.
    """
    return ListingDoc(
        key=f"ebay:{number:05}",
        organisations=frozenset({1}),
        title=title,
        observed_at=NOON,
        image_hashes=(ImageHash(sha(str(number)), number.to_bytes(HASH_BYTES), (DIRECTION,)),),
    )


def put_some(folder, start):
    EmbeddedIndex(folder).put([a_doc(number) for number in range(start, start + 50)])


def rebuild_often(folder):
    for _ in range(15):
        EmbeddedIndex(folder).rebuild(a_doc(number) for number in range(10))
