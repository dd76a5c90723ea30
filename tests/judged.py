"""A brand, offers and pictures to judge, for tests of the fused judgement."""

from datetime import date
from decimal import Decimal

from contracts.listing import Listing
from contracts.match import (
    AuthorisedShop,
    BrandProfile,
    Mark,
    PictureMatch,
    PictureRelation,
    ReferencePicture,
    ReferenceProduct,
    Sentence,
    Spelling,
)
from matchers.judge import judge

PHOTO = ReferencePicture(image_id="photo", sha256="a" * 64, kind="product", product_id="serum")
LOGO = ReferencePicture(image_id="logo", sha256="b" * 64, kind="logo")
BRAND = BrandProfile(
    brand_id="haneulbit",
    name="Haneulbit",
    marks=(
        Mark(
            mark_id="m1",
            spellings=tuple(Spelling(text=text) for text in ("Haneulbit", "하늘빛채", "天光彩妆", "ฮานึลบิท")),
        ),
    ),
    products=(
        ReferenceProduct(
            product_id="serum",
            name="Haneulbit Cica Serum 50 ml",
            price=Decimal(40000),
            currency="KRW",
            keywords=("serum", "精华", "เซรั่ม"),
        ),
        ReferenceProduct(product_id="cream", name="Haneulbit Moon Cream", price=Decimal(52000), currency="KRW"),
    ),
    pictures=(PHOTO, LOGO),
    authorised=(AuthorisedShop(market="ebay", shop_id="good", territory=("US",), expires=date(2027, 1, 1)),),
)
TODAY = date(2026, 11, 23)
EVIDENCE = Sentence(en="PDQ distance 12 of 256.", ko="PDQ 거리 256 중 12.")


def picture(reference=PHOTO, relation=PictureRelation.COPY, score=0.97):
    return PictureMatch(listing_sha256="c" * 64, reference=reference, relation=relation, score=score, evidence=EVIDENCE)


def offer(title, price=None, currency="USD", **more):
    given_fields = {"market": "ebay", "site": "US", "seller_id": "someone", "title": title, "currency": currency}
    return Listing(**(given_fields | {"price": None if price is None else Decimal(str(price))} | more))


def ask(title, price=None, currency="USD", *, pictures=(), **more):
    return judge(offer(title, price, currency, **more), BRAND, today=TODAY, pictures=pictures)
