from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Role
from contracts.match import AuthorisedShop, ReferencePicture, ReferenceProduct, Script, Spelling
from contracts.rights import RightStatus, RightType
from registry import queries
from registry.models import Brand, Mark, ReferenceImage, Right
from registry.models import Spelling as SpellingRow
from tests.factories import (
    AuthorisedSellerFactory,
    BrandFactory,
    MarkFactory,
    MembershipFactory,
    ProductFactory,
    ReferenceImageFactory,
    RightFactory,
    SpellingFactory,
)

pytestmark = pytest.mark.django_db


def a_brand(things: int = 1) -> Brand:
    brand = BrandFactory()
    for number in range(things):
        mark = MarkFactory(brand=brand, text=f"Haneulbit {number}")
        SpellingFactory(mark=mark)
        product = ProductFactory(brand=brand)
        ReferenceImageFactory(brand=brand, product=product)
        AuthorisedSellerFactory(brand=brand, shop_id=f"shop-{number}")
    return brand


def test_profile_holds_everything_registered():
    brand = BrandFactory(name="Haneulbit")
    mark = MarkFactory(brand=brand, text="Haneulbit", common_word=True, excluded=["haneulbit street"])
    SpellingFactory(mark=mark, text="하늘빛")
    product = ProductFactory(brand=brand, name="Dew serum", price=Decimal("32000.00"), keywords=["serum"])
    image = ReferenceImageFactory(brand=brand, product=product)
    AuthorisedSellerFactory(
        brand=brand, market="ebay", shop_id="official", territory=["US"], expires_on=date(2027, 1, 1)
    )

    found = queries.profile(brand)

    assert found.brand_id == str(brand.pk)
    assert found.name == "Haneulbit"
    assert found.marks[0].spellings == (
        Spelling(text="Haneulbit", script=Script.LATIN),
        Spelling(text="하늘빛", script=Script.HANGUL),
    )
    assert found.marks[0].excluded == ("haneulbit street",)
    assert found.marks[0].common_word
    assert found.products == (
        ReferenceProduct(
            product_id=str(product.pk),
            name="Dew serum",
            price=Decimal("32000.00"),
            currency="KRW",
            nice_class=3,
            keywords=("serum",),
        ),
    )
    assert found.pictures == (
        ReferencePicture(image_id=str(image.pk), sha256=image.sha256, kind="product", product_id=str(product.pk)),
    )
    assert found.authorised == (
        AuthorisedShop(market="ebay", shop_id="official", territory=("US",), expires=date(2027, 1, 1)),
    )


def test_the_profile_has_the_trademarks_that_are_registered():
    brand = BrandFactory()
    RightFactory(brand=brand, number="019000001", classes=[3, 5])
    RightFactory(brand=brand, status=RightStatus.PENDING)
    RightFactory(brand=brand, type=RightType.DESIGN)

    [right] = queries.profile(brand).rights

    assert (right.label, right.office, right.classes) == ("EU 019000001", "EU", (3, 5))
    assert right.in_force(date(2026, 11, 27), "DE")


def test_a_registered_spelling_equal_to_the_mark_is_not_doubled():
    mark = MarkFactory(text="Haneulbit")
    SpellingFactory(mark=mark, text="Haneulbit", script="Latn")

    assert [spelling.text for spelling in queries.profile(mark.brand).marks[0].spellings] == ["Haneulbit"]


@pytest.mark.parametrize("things", [1, 4])
def test_one_profile_costs_six_queries(things, django_assert_num_queries):
    made = a_brand(things)
    for _ in range(things):
        RightFactory(brand=made)
    brand = Brand.objects.get(pk=made.pk)

    with django_assert_num_queries(6):
        assert len(queries.profile(brand).marks) == things


@pytest.mark.parametrize("brands", [1, 5])
def test_many_profiles_cost_six_queries_together(brands, django_assert_num_queries):
    expected = [str(a_brand().pk) for _ in range(brands)]

    with django_assert_num_queries(7):  # and one for the brands
        found = queries.profiles(Brand.objects.order_by("pk"))
    assert [profile.brand_id for profile in found] == expected


def test_overview_counts_without_multiplying(django_assert_num_queries):
    brand = a_brand(things=3)
    for _ in range(2):
        RightFactory(brand=brand)
    user = MembershipFactory(organisation=brand.organisation).user
    MembershipFactory(organisation=brand.organisation, user=user, role=Role.BRAND_OWNER)
    a_brand()

    with django_assert_num_queries(1):
        [seen] = queries.overview(user)
        assert (seen.right_count, seen.image_count, seen.organisation.pk) == (2, 3, brand.organisation_id)


def test_nobody_sees_another_organisations_rows():
    ours, theirs = a_brand(), a_brand()
    RightFactory(brand=ours)
    RightFactory(brand=theirs)
    user = MembershipFactory(organisation=ours.organisation).user

    assert list(Brand.objects.for_user(user)) == [ours]
    for model in (Mark, ReferenceImage, Right):
        assert {row.brand_id for row in model.objects.for_user(user)} == {ours.pk}
    assert {row.mark.brand_id for row in SpellingRow.objects.for_user(user)} == {ours.pk}
    assert not Brand.objects.for_user(AnonymousUser()).exists()


def test_two_roles_do_not_show_a_brand_twice():
    brand = a_brand()
    user = MembershipFactory(organisation=brand.organisation).user
    MembershipFactory(organisation=brand.organisation, user=user, role=Role.BRAND_OWNER)

    assert list(Brand.objects.for_user(user)) == [brand]
