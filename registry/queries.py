"""Reads of the registry, each with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, QuerySet, prefetch_related_objects

from accounts.models import User
from contracts.match import (
    AuthorisedShop,
    BrandProfile,
    ReferencePicture,
    ReferenceProduct,
    Script,
    TrademarkRight,
)
from contracts.match import Mark as MarkContract
from contracts.match import Spelling as SpellingContract
from contracts.rights import TRADEMARKS, RightStatus
from contracts.scripts import script_of
from registry.models import AuthorisedSeller, Brand, Mark, Product, ReferenceImage, Right


def profile(brand: Brand) -> BrandProfile:
    """Return all a matcher may know of ``brand``: 6 queries, however much is registered."""
    return profiles([brand])[0]


def profiles(brands: Iterable[Brand]) -> list[BrandProfile]:
    """Return a profile per brand, in the order given: 6 queries for all of them together.

    ``brands`` may be a query set (its own query comes on top).
    """
    rows = list(brands)
    prefetch_related_objects(rows, "marks__spellings", "products", "images", "authorised_sellers", "rights")
    return [_profile(brand) for brand in rows]


def overview(user: User) -> QuerySet[Brand]:
    """Return the brands ``user`` may see with the number of rights and pictures each: 1 query."""
    return (
        Brand.objects.for_user(user)
        .select_related("organisation")
        .annotate(right_count=Count("rights", distinct=True), image_count=Count("images", distinct=True))
    )


def _profile(brand: Brand) -> BrandProfile:
    return BrandProfile(
        brand_id=str(brand.pk),
        name=brand.name,
        marks=tuple(_mark(mark) for mark in brand.marks.all()),
        products=tuple(_product(product) for product in brand.products.all()),
        pictures=tuple(_picture(image) for image in brand.images.all()),
        authorised=tuple(_shop(seller) for seller in brand.authorised_sellers.all()),
        rights=tuple(
            _right(right)
            for right in brand.rights.all()
            if right.type in TRADEMARKS and right.status == RightStatus.REGISTERED
        ),
    )


def _mark(mark: Mark) -> MarkContract:
    spellings = [SpellingContract(text=row.text, script=Script(row.script)) for row in mark.spellings.all()]
    if mark.text not in {spelling.text for spelling in spellings}:
        spellings.insert(0, SpellingContract(text=mark.text, script=script_of(mark.text)))
    return MarkContract(
        mark_id=str(mark.pk),
        spellings=tuple(spellings),
        excluded=tuple(mark.excluded),
        common_word=mark.common_word,
    )


def _product(product: Product) -> ReferenceProduct:
    return ReferenceProduct(
        product_id=str(product.pk),
        name=product.name,
        price=product.price,
        currency=product.currency,
        nice_class=product.nice_class,
        keywords=tuple(product.keywords),
    )


def _picture(image: ReferenceImage) -> ReferencePicture:
    return ReferencePicture(
        image_id=str(image.pk),
        sha256=image.sha256,
        kind=image.kind,
        product_id=None if image.product_id is None else str(image.product_id),
    )


def _shop(seller: AuthorisedSeller) -> AuthorisedShop:
    return AuthorisedShop(
        market=seller.market,
        shop_id=seller.shop_id,
        territory=tuple(seller.territory),
        expires=seller.expires_on,
    )


def _right(right: Right) -> TrademarkRight:
    return TrademarkRight(
        label=f"{right.office} {right.number}".strip(),
        office=right.office,
        classes=tuple(right.classes),
        designations=tuple(right.designations),
        registered_on=right.registered_on,
        expires_on=right.expires_on,
    )
