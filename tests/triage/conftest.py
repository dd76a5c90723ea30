import pytest

from accounts.models import Role
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
