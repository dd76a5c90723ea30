"""Proposed spellings: several in Latin, one in each script abroad, and the matcher hears the mark in each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.match import Mark, Script, Spelling
from matchers.proposals import LONGEST, MOST_LATIN, cyrillic, kana, propose, thai
from matchers.text import MarkIndex


@pytest.mark.parametrize(
    ("name", "spell", "expected"),
    [
        ("하늘빛", kana, "ハヌルビット"),
        ("달모이", kana, "タルモイ"),
        ("겨울솔", kana, "キョウルソル"),
        ("와플", kana, "ワプル"),
        ("하늘빛", thai, "ฮานึลบิท"),
        ("달모이", thai, "ดัลโมอี"),
        ("하늘빛", cyrillic, "ханыльбит"),
        ("볼라 1", cyrillic, "польра 1"),
    ],
)
def test_spellings_abroad(name, spell, expected):
    assert spell(name) == expected


def test_what_is_proposed_for_hangul():
    found = propose("하늘빛")
    assert found[0] == Spelling(text="Haneulbit")
    assert sum(spelling.script is Script.LATIN for spelling in found) <= MOST_LATIN
    assert {spelling.script for spelling in found} == {
        Script.LATIN, Script.KANA, Script.THAI, Script.CYRILLIC, Script.HAN,
    }  # fmt: skip
    assert len(next(spelling.text for spelling in found if spelling.script is Script.HAN)) == 3


def test_other_scripts_are_spelt_in_latin_and_latin_is_left_alone():
    assert propose("晗露碧") == [Spelling(text="Hanlubi")]
    assert propose("Haneulbit") == []
    assert propose("") == []
    assert propose("하" * (LONGEST + 1)) == []


@pytest.mark.parametrize("spell", [kana, thai, cyrillic])
@pytest.mark.parametrize("name", ["하늘빛", "달모이", "토끼링", "설화수담"])
def test_the_matcher_hears_a_latin_mark_in_them(name, spell):
    index = MarkIndex([Mark(mark_id="1", spellings=(propose(name)[0],))])
    assert index.search(f"new {spell(name)} 30ml")


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_any_text_is_answered(text):
    assert all(spelling.text for spelling in propose(text))
