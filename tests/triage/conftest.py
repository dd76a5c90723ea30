import pytest

from accounts.models import Role
from evidence.store import Store
from tests.factories import BrandFactory, MembershipFactory


@pytest.fixture
def brand(db):
    return BrandFactory()


@pytest.fixture
def monitor(brand):
    return MembershipFactory(organisation=brand.organisation, role=Role.MONITOR).user


@pytest.fixture
def colleague(brand):
    return MembershipFactory(organisation=brand.organisation, role=Role.TAKEDOWN_OFFICER).user


@pytest.fixture
def store(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    settings.SEARCH_URL = "embedded"
    settings.QUEUE_THRESHOLD = 0.2  # what a hunt finds is tested here, not how the judge weighs it
    return Store(settings.EVIDENCE_DIR)
