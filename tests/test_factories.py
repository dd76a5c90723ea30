import pytest

from contracts.listing import Listing
from tests.factories import (
    AuthorisedSellerFactory,
    NoticeItemFactory,
    PowerOfAttorneyFactory,
    RefusalFactory,
    RightFactory,
    VerdictFactory,
)


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


@pytest.mark.django_db
def test_a_notice_and_its_item_hold_together():
    item = NoticeItemFactory()

    assert item.listing == item.verdict.flag.listing == item.evidence.listing
    assert item.verdict.organisation == item.notice.organisation == item.right.brand.organisation
    assert item.snapshot["screenshot_sha256"] == item.evidence.screenshot_sha256
    assert RefusalFactory().brand.organisation
