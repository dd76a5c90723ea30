"""What goods are searched by where the name is left out."""

import pytest

from contracts.goods import goods
from contracts.match import BrandProfile, Mark, ReferenceProduct, Spelling
from jobs.goods import KOREAN, line_name, local_words


def a_product(name, *keywords, nice_class=3):
    return ReferenceProduct(
        product_id="1", name=name, price=None, currency=None, nice_class=nice_class, keywords=keywords
    )


def a_brand(*spellings):
    marks = (Mark(mark_id="1", spellings=tuple(Spelling(text=text) for text in spellings)),)
    return BrandProfile(brand_id="1", name=spellings[0], marks=marks, products=(), pictures=(), authorised=())


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Haneulbit Dew Serum 50 ml", "Dew Serum"),
        ("HANEULBIT Dew Serum", "Dew Serum"),
        ("하늘빛 물결 세럼 12.5ml", "물결 세럼"),
        ("Haneulbit Cube Charger 65W", "Cube Charger"),
        ("Haneulbit Braid Cable 1.5 m", "Braid Cable"),
        ("하늘빛 새싹 마스크 10매", "새싹 마스크"),
        ("Haneulbit Birch 77 Toner", "Birch 77 Toner"),  # a number of the name
        ("Haneulbit Cloud Cream (60 ml)", "Cloud Cream"),
        ("Haneulbit Sun Shield SPF50+ 50 ml", "Sun Shield SPF50+"),
        ("Haneulbit Snack 12 packs", ""),  # one word says nothing without the brand
        ("Haneulbit", ""),
        ("Haneulbits Dew Serum", "Haneulbits Dew Serum"),  # another word than the mark
    ],
)
def test_the_line_is_the_product_without_the_brand_and_the_amount(name, line):
    assert line_name(a_product(name), a_brand("Haneulbit", "하늘빛")) == line


def test_a_kind_is_searched_as_korean_in_each_language_of_the_site():
    words = list(local_words(a_product("Sun Shield", "sunscreen"), ["de", "th-TH", "ko"]))
    assert words == ["koreanische sonnencreme", "ครีมกันแดด เกาหลี", "선크림"]


def test_a_kind_or_language_we_have_no_words_for_yields_none():
    assert list(local_words(a_product("Garden hose", "hose"), ["de"])) == []
    assert list(local_words(a_product("Sun Shield", "sunscreen"), ["fi"])) == []


def test_every_language_we_have_words_in_can_say_that_goods_are_korean():
    assert {language for kind in goods() for language in kind.words} == set(KOREAN)
