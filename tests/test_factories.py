import pytest

from contracts.listing import Listing
from tests.factories import AuthorisedSellerFactory, PowerOfAttorneyFactory, RightFactory, VerdictFactory


@pytest.mark.django_db
def test_factories_make_rows_that_hold_together():
    verdict = VerdictFactory()
    right = RightFactory(brand=verdict.flag.brand)
    right.full_clean()
    AuthorisedSellerFactory().full_clean()
    PowerOfAttorneyFactory().full_clean()

    assert verdict.flag.listing.contract().price == verdict.flag.listing.price
    assert isinstance(verdict.flag.listing.contract(), Listing)
    assert verdict.organisation == right.brand.organisation
