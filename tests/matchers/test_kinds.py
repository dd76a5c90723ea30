"""Kinds of goods, of products and as a table."""

from collections import Counter

import pytest

from contracts.goods import goods
from contracts.match import ReferenceProduct
from matchers.goods import kind_of


def kind_named(name, *keywords, nice_class=None):
    product = ReferenceProduct(
        product_id="1", name=name, price=None, currency=None, nice_class=nice_class, keywords=keywords
    )
    kind = kind_of(product)
    return kind.name if kind else None


@pytest.mark.parametrize(
    ("product", "kind"),
    [
        (("Petal 200 ml", "토너"), "toners"),
        (("Hand Balm 40 ml", "핸드크림"), "hand creams"),  # and no cream, though that word is in it
        (("Sun Shield", "선크림"), "sunscreens"),
        (("Silk Night Perfume",), "perfumes"),  # by its name
        (("Garden hose", "hose"), None),
    ],
)
def test_the_longest_word_names_the_kind_keywords_before_the_name(product, kind):
    assert kind_named(*product) == kind


def test_a_product_is_no_kind_of_another_class_than_it_is_registered_in():
    assert kind_named("Fire Noodle Mug") == "noodles"
    assert kind_named("Fire Noodle Mug", nice_class=21) == "mugs and bottles"
    assert kind_named("Fire Noodle Mug", nice_class=9) is None


def test_no_two_kinds_claim_a_word_and_each_has_its_usual_word_in_both_interface_languages():
    claimed = Counter(word.casefold() for kind in goods() for word in kind.all_words)
    assert [word for word, times in claimed.items() if times > 1] == []
    assert all({"en", "ko"} <= set(kind.words) for kind in goods())
    assert max(Counter(kind.name for kind in goods()).values()) == 1
