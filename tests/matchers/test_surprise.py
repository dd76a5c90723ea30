"""How surprising letters are where no mark is meant: words least, words run together more, letters of no word most."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.surprise import GLUE, MOST, added, run_together, spelt, surprise


def test_what_people_write_is_less_surprising():
    ordered = [surprise(word) for word in ("the", "cloud", "cloudpoint", "haneulbit")]
    assert ordered == sorted(ordered)
    assert len(set(ordered)) == len(ordered)


def test_letters_that_read_like_a_word_are_less_surprising():
    assert spelt("glostera") < spelt("xqfzkwpj")


@pytest.mark.parametrize("word", ["cloudpoint", "stonemaker"])
def test_words_run_together_surprise_less_than_their_letters(word):
    assert surprise(word) == run_together(word) < spelt(word)


@pytest.mark.parametrize("word", ["cloud", "qzxv", "ab"])
def test_what_is_not_run_together(word):
    assert run_together(word) == math.inf


def test_what_sellers_glue_to_a_name_is_least_surprising_beside_one():
    assert added("shop") == added("official") < added("point") < added("zqxvw")
    assert added("2024") < added("qzxv")
    assert "shop" in GLUE


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=60))
def test_any_text_has_a_surprise(text):
    assert 0.0 < surprise(text) <= MOST


def test_longer_letters_than_a_words_surprise_most():
    assert surprise("informationtechnologyservice") < surprise("informationtechnologyservices" * 2) == MOST
    assert surprise("a" * 10_000) == MOST
