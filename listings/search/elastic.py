"""Search on an Elasticsearch 9 cluster: grams as keywords, picture hashes as bit vectors, embeddings as byte vectors.

Aliases name the indexes: ``<prefix>-listings`` is searched; ``<prefix>-listings-next`` is there while a rebuild runs,
and what is put meanwhile goes to both. Text is cut and folded here, so no analysis plugin is needed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError, helpers

from listings.search.grams import BORDER_WEIGHT, Fold, GramQuery, fold, grams, query, stream
from listings.search.interface import (
    EMBEDDING_BYTES,
    HASH_BITS,
    Hit,
    ImageHit,
    ListingDoc,
    RebuildInterrupted,
    SearchUnavailable,
    Wanted,
    batches,
    check_image_query,
    check_limit,
    check_sweep,
)

DOCS_AT_ONCE = 500
STALE, ABSENT = 409, 404
OLD_MAPPINGS = "strict_dynamic_mapping_exception"  # a field the index does not know
CANDIDATES = 100  # the least a vector search looks at; a flat index looks at all

CODES, EMBEDDINGS = "images.bits", "embeddings.vector"

_TOLD: Mapping[str, Any] = {"type": "keyword", "index": False, "doc_values": False}  # kept, not searched


def _vector(**what: Any) -> dict[str, Any]:
    """Return a field of vectors every one of which is compared: exact, as the interface promises."""
    return {"type": "dense_vector", "index": True, "index_options": {"type": "flat"}, **what}


MAPPINGS: Mapping[str, Any] = {
    "dynamic": "strict",
    "_source": {"excludes": ["grams"]},
    "properties": {
        "key": {"type": "keyword"},
        "digest": _TOLD,
        "organisations": {"type": "long"},
        "grams": {"type": "keyword", "doc_values": False},
        "title": _TOLD,
        "market": {"type": "keyword"},
        "site": {"type": "keyword"},
        "seller": {"type": "keyword"},
        "observed_at": {"type": "date"},
        "images": {
            "type": "nested",
            "properties": {
                "sha256": {"type": "keyword"},
                # Told beside the vector because newer clusters leave vectors out of what a search returns.
                "code": _TOLD,
                "bits": _vector(element_type="bit", dims=HASH_BITS, similarity="l2_norm"),
            },
        },
        # Of all pictures: whose they are is not asked.
        "embeddings": {
            "type": "nested",
            "properties": {"vector": _vector(element_type="byte", dims=EMBEDDING_BYTES, similarity="cosine")},
        },
    },
}
SETTINGS: Mapping[str, Any] = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}


class ElasticIndex:
    """The Elasticsearch implementation of `listings.search.interface.SearchIndex`.

    Args:
        url: address of the cluster; ``https://user:password@host:9200`` logs in with a password.
        prefix: begins the name of every index, so that installations can share a cluster.
        folding: how text is folded before it is cut.
        api_key: logs in with an API key instead.
    """

    def __init__(self, url: str, prefix: str = "jikimi", folding: Fold = fold, *, api_key: str = "") -> None:
        self.client = Elasticsearch(url, api_key=api_key or None, request_timeout=60)
        self.alias = f"{prefix}-listings"
        self.next = f"{self.alias}-next"
        self.folding = folding

    def put(self, docs: Iterable[ListingDoc]) -> None:
        """Add or replace documents; those observed earlier than what is stored are passed over."""
        with _plain_errors():
            for batch in batches(docs, DOCS_AT_ONCE):
                actions = [self._action(doc) for doc in batch]
                self._write(lambda _alias, actions=actions: actions)  # type: ignore[misc]

    def remove(self, keys: Iterable[str]) -> None:
        """Forget documents."""
        with _plain_errors():
            for batch in batches(keys, DOCS_AT_ONCE):
                self._write(lambda alias, keys=batch: self._deletions(alias, keys))  # type: ignore[misc]

    def search_text(self, spellings: Sequence[str], *, organisation: int | None, limit: int) -> list[Hit]:
        """Return listings that may carry one of ``spellings``, best first."""
        check_limit(limit)
        queries = {found for spelling in spellings if (found := query(spelling, self.folding))}
        if not queries:
            return []
        asked: dict[str, Any] = {
            "bool": {
                "must": [{"dis_max": {"queries": [_fits(each) for each in queries]}}],
                "filter": _visible(organisation),
            }
        }
        listings = self._search(
            query=asked, size=limit, sort=[{"_score": "desc"}, {"key": "asc"}], source=False, docvalue_fields=["key"]
        )
        ranked = sorted(
            (Hit(hit["fields"]["key"][0], hit["_score"]) for hit in listings),
            key=lambda hit: (-round(hit.score, 6), hit.key),
        )
        return ranked[:limit]

    def search_image(self, bits: bytes, *, max_distance: int, organisation: int | None, limit: int) -> list[ImageHit]:
        """Return pictures at most ``max_distance`` bits away, nearest first.

        The cluster finds the nearest listings; the distance of each of their pictures is counted here.
        """
        check_image_query(bits, max_distance, limit)
        knn = {
            "field": CODES,
            "query_vector": bits.hex(),
            "k": limit,
            "num_candidates": max(limit, CANDIDATES),
            "filter": _visible(organisation),
        }
        wanted = int.from_bytes(bits)
        hits = [
            ImageHit(hit["_source"]["key"], image["sha256"], (wanted ^ int(image["code"], 16)).bit_count())
            for hit in self._search(knn=knn, size=limit, source=["key", "images.sha256", "images.code"])
            for image in hit["_source"]["images"]
        ]
        near = [hit for hit in hits if hit.distance <= max_distance]
        return sorted(near, key=lambda hit: (hit.distance, hit.key, hit.sha256))[:limit]

    def sweep(self, wanted: Wanted, *, organisation: int | None, after: str = "", limit: int) -> list[str]:
        """Return the keys of listings that fit, in key order from behind ``after`` on."""
        check_sweep(wanted, limit)
        visible = _visible(organisation)
        texts = {found for spelling in wanted.spellings if (found := query(spelling, self.folding, typos=2))}
        parts = [self._texts_behind(after, texts, visible, limit)] if texts else []
        nearest = [(CODES, code, wanted.max_distance) for code in wanted.codes]
        nearest += [(EMBEDDINGS, embedding, wanted.least_cosine) for embedding in wanted.embeddings]
        parts += [self._near_behind(after, *asked, visible, limit) for asked in nearest]
        # Each part is whole up to a key of its own; up to the least of these all of them are.
        bound = min((end for _, end in parts if end is not None), default=None)
        keys = {key for found, _ in parts for key in found if bound is None or key <= bound}
        return sorted(keys)[:limit]

    def _texts_behind(
        self, after: str, texts: set[GramQuery], visible: list[dict[str, Any]], limit: int
    ) -> tuple[list[str], str | None]:
        """Return keys in order, and up to which key none is missing (None: none at all is)."""
        hits = self._search(
            query={"bool": {"filter": [*visible, {"dis_max": {"queries": [_fits(each) for each in texts]}}]}},
            size=limit,
            sort=[{"key": "asc"}],
            search_after=[after],
            source=False,
            docvalue_fields=["key"],
        )
        keys = [hit["fields"]["key"][0] for hit in hits]
        return keys, keys[-1] if len(keys) == limit else None

    def _near_behind(
        self, after: str, field: str, vector: bytes, least: float, visible: list[dict[str, Any]], limit: int
    ) -> tuple[list[str], str | None]:
        """Return the same for pictures near a vector; a cluster finds so many nearest, not the first ones by key.

        Where it may have left some out, the range of keys is cut in the middle of what it found and asked again.
        """
        upto: str | None = None
        wanted = max(limit, 2)  # of one, there is no middle
        while True:
            span = {"gt": after} if upto is None else {"gt": after, "lte": upto}
            knn = {
                "field": field,
                "query_vector": vector.hex(),
                "k": wanted,
                "num_candidates": max(wanted, CANDIDATES),
                "similarity": least,
                "filter": [*visible, {"range": {"key": span}}],
            }
            hits = self._search(knn=knn, size=wanted, source=False, docvalue_fields=["key"])
            keys = sorted(hit["fields"]["key"][0] for hit in hits)
            if len(keys) < wanted:
                return keys, upto
            upto = keys[len(keys) // 2 - 1]

    def count(self) -> int:
        """Return how many listings are indexed."""
        with _plain_errors():
            try:
                return int(self.client.count(index=self.alias)["count"])
            except NotFoundError:
                return 0

    def differing(self, docs: Iterable[ListingDoc]) -> Iterator[str]:
        """Yield the keys of those documents that are not indexed, or otherwise."""
        for batch in batches(docs, DOCS_AT_ONCE):
            with _plain_errors():
                try:
                    rows = self.client.mget(index=self.alias, ids=[doc.key for doc in batch], source=["digest"])["docs"]
                except NotFoundError:
                    rows = []
            stored = {row["_id"]: row["_source"].get("digest") for row in rows if row.get("found")}
            yield from (doc.key for doc in batch if stored.get(doc.key) != doc.digest)

    def refresh(self) -> None:
        """Make everything written so far visible to searches."""
        with _plain_errors():
            self.client.indices.refresh(index=[self.alias, self.next], ignore_unavailable=True)

    def rebuild(self, docs: Iterable[ListingDoc]) -> None:
        """Fill a new index, then move the alias to it in one step; an abandoned one is removed by the next rebuild."""
        with _plain_errors():
            self._ensure()
            abandoned = self._behind(self.next)
            if abandoned:
                self.client.indices.delete(index=abandoned)
            name = f"{self.alias}-{uuid.uuid4().hex}"
            # An alias of its own: when another rebuild takes over and deletes the index, writing to it fails, instead
            # of silently making an index without mappings.
            building = f"{name}-building"
            self._create(name, {self.next: {}, building: {}})
            try:
                for batch in batches(docs, DOCS_AT_ONCE):
                    self._bulk(building, [self._action(doc) for doc in batch])
                self.client.indices.refresh(index=building)
                self._switch(name, building)
            except NotFoundError:
                raise RebuildInterrupted(f"search index {self.alias}: another rebuild took over") from None
            except BaseException:
                self.client.indices.delete(index=name, ignore_unavailable=True)
                raise

    def clear(self) -> None:
        """Forget everything."""
        self.rebuild(())

    def _switch(self, name: str, building: str) -> None:
        old: list[dict[str, Any]] = [{"remove_index": {"index": index}} for index in self._behind(self.alias)]
        # `must_exist` fails the whole step when another rebuild has taken this index away.
        moved: list[dict[str, Any]] = [
            {"remove": {"index": name, "alias": building, "must_exist": True}},
            {"remove": {"index": name, "alias": self.next, "must_exist": True}},
            {"add": {"index": name, "alias": self.alias}},
        ]
        self.client.indices.update_aliases(actions=[*moved, *old])

    def _action(self, doc: ListingDoc) -> dict[str, Any]:
        images = [
            {"sha256": image.sha256, "code": image.bits.hex(), "bits": image.bits.hex()} for image in doc.image_hashes
        ]
        return {
            "_op_type": "index",
            "_id": doc.key,
            "version": doc.version,
            "version_type": "external_gte",
            "key": doc.key,
            "digest": doc.digest,
            "organisations": sorted(doc.organisations),
            "grams": sorted(grams(stream((doc.title, doc.text, doc.shown), self.folding))),
            "title": doc.title,
            "market": doc.market,
            "site": doc.site,
            "seller": doc.seller,
            "observed_at": doc.version,
            "images": images,
            "embeddings": [{"vector": each.hex()} for image in doc.image_hashes for each in image.embeddings],
        }

    def _deletions(self, alias: str, keys: list[str]) -> list[dict[str, Any]]:
        """Delete exactly the versions stored: a deletion without one would count as newer than a later put."""
        stored = self.client.mget(index=alias, ids=keys, source=False)["docs"]
        return [
            {"_op_type": "delete", "_id": each["_id"], "version": each["_version"], "version_type": "external_gte"}
            for each in stored
            if each.get("found")
        ]

    def _write(self, actions: Callable[[str], list[dict[str, Any]]]) -> None:
        """Write to the index in use and to the one being built, if any."""
        self._ensure()
        if self.client.indices.exists_alias(name=self.next):
            with suppress(NotFoundError):  # the rebuild ended in between, and what it built is now the one in use
                self._bulk(self.next, actions(self.next))
        self._bulk(self.alias, actions(self.alias))

    def _bulk(self, alias: str, actions: list[dict[str, Any]]) -> None:
        outcomes = helpers.streaming_bulk(
            self.client, (dict(action) for action in actions), index=alias, require_alias=True, raise_on_error=False
        )
        for was_done, outcome in outcomes:
            (kind, answer), *_ = outcome.items()
            if was_done or answer["status"] == STALE or (kind == "delete" and answer.get("result") == "not_found"):
                continue
            if answer["status"] == ABSENT:
                raise NotFoundError(str(answer["error"]), None, answer)  # type: ignore[arg-type]
            error = answer.get("error")
            if error and error.get("type") == OLD_MAPPINGS:
                error = "it was made by another version: make it anew with `jikimi index rebuild`"
            raise SearchUnavailable(f"search index {alias}: {answer.get('_id')}: {error}")

    def _search(self, **asked: Any) -> list[dict[str, Any]]:
        with _plain_errors():
            try:
                found: list[dict[str, Any]] = self.client.search(index=self.alias, **asked)["hits"]["hits"]
            except NotFoundError:
                return []
            return found

    def _behind(self, alias: str) -> list[str]:
        try:
            return [*self.client.indices.get_alias(name=alias)]
        except NotFoundError:
            return []

    def _ensure(self) -> None:
        """Make the first index, under a name every process agrees on, so that two never make two."""
        if not self.client.indices.exists_alias(name=self.alias):
            self._create(f"{self.alias}-first", {self.alias: {}})

    def _create(self, name: str, aliases: dict[str, Any]) -> None:
        try:
            self.client.indices.create(index=name, mappings=MAPPINGS, settings=SETTINGS, aliases=aliases)
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise


def _visible(organisation: int | None) -> list[dict[str, Any]]:
    return [] if organisation is None else [{"term": {"organisations": organisation}}]


def _fits(wanted: GramQuery) -> dict[str, Any]:
    core = [_gram(gram, wanted.weight) for gram in wanted.core]
    return {
        "bool": {
            "must": [{"bool": {"should": core, "minimum_should_match": wanted.needed}}],
            "should": [_gram(gram, BORDER_WEIGHT) for gram in wanted.borders],
        }
    }


def _gram(gram: str, weight: float) -> dict[str, Any]:
    return {"constant_score": {"filter": {"term": {"grams": gram}}, "boost": weight}}


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (ApiError, TransportError) as error:
        raise SearchUnavailable(f"search index: {error}") from error
