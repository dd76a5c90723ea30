"""Listing search and candidate retrieval: one interface, embedded in a folder or on Elasticsearch."""

from __future__ import annotations

from django.conf import settings

from contracts.errors import BadInput
from listings.search.grams import Fold, fold
from listings.search.interface import Hit, ImageHash, ImageHit, ListingDoc, SearchIndex, SearchUnavailable, Wanted

__all__ = ["Hit", "ImageHash", "ImageHit", "ListingDoc", "SearchIndex", "SearchUnavailable", "Wanted", "open_index"]


def open_index(folding: Fold = fold) -> SearchIndex:
    """Return the index the installation's settings name.

    Args:
        folding: how text is folded before it is cut; change it and the index must be rebuilt.

    Raises:
        BadInput: JIKIMI_SEARCH_URL is neither ``embedded`` nor an http address.
    """
    url, name = settings.SEARCH_URL, "JIKIMI_SEARCH_URL"
    if url == "embedded":
        from listings.search.embedded import EmbeddedIndex  # noqa: PLC0415 (the other one's client is not loaded)

        return EmbeddedIndex(settings.INDEX_DIR, folding)
    if url.startswith(("http://", "https://")):
        from listings.search.elastic import ElasticIndex  # noqa: PLC0415 (likewise)

        return ElasticIndex(url, settings.SEARCH_PREFIX, folding, api_key=settings.SEARCH_API_KEY)
    raise BadInput(name, "(setting)", "'embedded' or an http(s) address", url.split("@")[-1])
