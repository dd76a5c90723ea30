"""Price against the registered product, like with like; who the seller is."""

from datetime import UTC, date, datetime
from decimal import Decimal

import attrs
import pytest

from contracts.listing import Listing
from contracts.match import AuthorisedShop, BrandProfile, Mark, ReferenceProduct, Spelling
from contracts.rates import exchange_rates
from matchers.price import amounts, compare, pack_size, product_of
from matchers.seller import Age, age, standing

SERUM = ReferenceProduct(
    product_id="serum", name="Haneulbit Cica Serum 50 ml", price=Decimal(40000), currency="KRW", keywords=("精华",)
)
CREAM = ReferenceProduct(product_id="cream", name="Haneulbit Moon Cream", price=Decimal(60000), currency="KRW")
SHOP = AuthorisedShop(market="ebay", shop_id="good", territory=("US", "CA"), expires=date(2027, 1, 1))
BRAND = BrandProfile(
    brand_id="b",
    name="Haneulbit",
    marks=(Mark(mark_id="m", spellings=(Spelling(text="Haneulbit"), Spelling(text="하늘빛채"))),),
    products=(SERUM, CREAM),
    authorised=(SHOP,),
)
TODAY = date(2026, 11, 23)


def listing(title="Haneulbit Cica Serum 50 ml", **more):
    return Listing(**({"market": "ebay", "site": "US", "title": title, "currency": "KRW"} | more))


def ratio(title, price, **more):
    return compare(listing(title, price=Decimal(str(price)), **more), BRAND, exchange_rates()).ratio


@pytest.mark.parametrize(
    ("title", "pieces"),
    [
        ("Haneulbit serum x2", 2),
        ("set of 3 Haneulbit", 3),
        ("mask 10 pcs", 10),
        ("마스크팩 10개입", 10),
        ("면세 1+1", 2),
        ("面膜 5片装", 5),
        ("serum 50 ml", 1),
        ("pack 30 ml", 1),
        ("2.5 x 3 cm", 1),
        ("pack of 5000", 1),
        ("serum", 1),
    ],
)
def test_pack_size(title, pieces):
    assert pack_size(title) == pieces


def test_amounts():
    assert amounts("serum 1,5 L and 30ml, 20 g") == {"ml": 1500.0, "g": 20.0}


def test_like_is_compared_with_like():
    assert ratio("Haneulbit Cica Serum 50 ml", 40000) == pytest.approx(1.0)
    assert ratio("Haneulbit Cica Serum 50 ml x2", 80000) == pytest.approx(1.0)
    assert ratio("Haneulbit Cica Serum 5 ml", 4000) == pytest.approx(1.0)
    assert ratio("Haneulbit Cica Serum 100 ml", 40000) == pytest.approx(1.0)  # never more than the registered amount
    assert ratio("Haneulbit 精华", 20000) == pytest.approx(0.5)


def test_currencies_are_converted():
    rates = exchange_rates()
    dollars = rates.convert(Decimal(40000), "KRW", "USD")
    assert ratio("Haneulbit Cica Serum 50 ml", dollars, currency="USD") == pytest.approx(1.0)
    assert rates.convert(Decimal(1), "XXX", "USD") is None
    assert rates.convert(Decimal(1), "XXX", "XXX") == 1


@pytest.mark.parametrize("missing", [{"price": None}, {"price": Decimal(0)}, {"currency": None}, {"currency": "XXX"}])
def test_what_is_not_shown_gives_no_opinion(missing):
    assert compare(listing(**({"price": Decimal(9)} | missing)), BRAND, exchange_rates()) is None


def test_a_brand_without_products_gives_no_opinion():
    bare = BrandProfile(brand_id="b", name="B")
    assert compare(listing(price=Decimal(9)), bare, exchange_rates()) is None


def test_an_unknown_product_is_compared_with_the_cheapest():
    view = compare(listing("Haneulbit ทดสอบ", price=Decimal(20000)), BRAND, exchange_rates())
    assert (view.product, view.sure) == (SERUM, False)
    by_picture = compare(listing("?", price=Decimal(20000)), BRAND, exchange_rates(), product_id="cream")
    assert (by_picture.product, by_picture.sure) == (CREAM, True)


def test_the_brand_name_alone_recognises_no_product():
    assert product_of(listing("Haneulbit phone case"), BRAND) == (None, 0.0)


def test_authorised_by_shop_id_market_country_and_day():
    assert standing(listing(seller_id="good"), BRAND, TODAY).authorised
    assert not standing(listing(seller_name="good"), BRAND, TODAY).authorised
    assert not standing(listing(seller_id="good", market="etsy"), BRAND, TODAY).authorised
    assert standing(listing(seller_id="good", site="DE"), BRAND, TODAY).elsewhere
    assert standing(listing(seller_id="good", site=None), BRAND, TODAY).elsewhere
    assert standing(listing(seller_id="good"), BRAND, date(2027, 1, 1)).authorised
    assert standing(listing(seller_id="good"), BRAND, date(2027, 1, 2)).lapsed


@pytest.mark.parametrize(
    ("name", "imitates", "office"),
    [
        ("haneulbit-official-store", "Haneulbit", True),
        ("HANEU1BIT_flagship", "Haneulbit", True),
        ("하늘빛채 공식몰", "하늘빛채", True),
        ("haneulbitlover", "Haneulbit", False),
        ("korea_beauty_official", "", False),
        ("", "", False),
    ],
)
def test_names_that_borrow_the_brand(name, imitates, office):
    found = standing(listing(seller_id="x", seller_name=name or None), BRAND, TODAY)
    assert (found.imitates, found.claims_office, found.authorised) == (imitates, office, False)


def test_a_pack_that_is_registered_as_that_pack_counts_once():
    snack = ReferenceProduct(product_id="9", name="Parang seaweed 12 packs", price=Decimal(9600), currency="KRW")
    brand = BrandProfile(brand_id="9", name="Parang", products=(snack,))
    rates = exchange_rates()

    def genuine(title):
        listing = Listing(market="x", title=title, price=Decimal(9000), currency="KRW")
        return compare(listing, brand, rates).genuine

    assert genuine("Parang seaweed 12 packs") == 9600
    assert genuine("Parang seaweed 24 packs") == 19200
    assert genuine("Parang seaweed") == 9600


def test_a_shops_age_counts_to_the_day_its_page_was_seen():
    listing = Listing(market="m", title="t", seller_since="2026-11-01")
    seen = attrs.evolve(listing, observed_at=datetime(2026, 11, 11, tzinfo=UTC))

    assert age(listing, TODAY) == Age("2026-11-01", 22)
    assert age(seen, TODAY) == Age("2026-11-01", 10)
    assert age(attrs.evolve(seen, seller_since="P1M"), TODAY) == Age("2026-10", 41)
    assert age(Listing(market="m", title="t"), TODAY) is None
