"""Fixtures of crawls."""

import pytest

from tests.crawlers.shop import Field, Shop


@pytest.fixture
def shop():
    served = Shop()
    yield served
    served.close()


@pytest.fixture
def field(tmp_path, shop):
    return Field(tmp_path, shop.origin)
