"""What only a cluster has: indexes that an older jikimi made."""

import os
import uuid

import pytest

from listings.search import SearchUnavailable
from listings.search.elastic import MAPPINGS, ElasticIndex
from tests.listings.search_docs import a_doc

pytestmark = pytest.mark.integration


def test_an_index_of_another_version_is_said_to_be_one_and_made_anew_by_a_rebuild():
    address = os.environ.get("JIKIMI_TEST_ELASTICSEARCH_URL")
    if not address:
        pytest.fail("JIKIMI_TEST_ELASTICSEARCH_URL is not set: run this group with `make test-integration`")
    index = ElasticIndex(address, f"test-{uuid.uuid4().hex}")
    older = {name: field for name, field in MAPPINGS["properties"].items() if name != "embeddings"}
    index.client.indices.create(
        index=f"{index.alias}-first", mappings={**MAPPINGS, "properties": older}, aliases={index.alias: {}}
    )
    try:
        with pytest.raises(SearchUnavailable, match="jikimi index rebuild"):
            index.put([a_doc(1)])

        index.rebuild([a_doc(1)])
        index.put([a_doc(2)])
        index.refresh()
        assert index.count() == 2
    finally:
        for name in index.client.indices.get(index=f"{index.alias}-*"):
            index.client.indices.delete(index=name)
        index.client.close()
