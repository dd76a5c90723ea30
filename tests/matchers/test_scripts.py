"""Names in their own script: how they are heard, what they cost to write otherwise, how they are romanised and typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.scripts.hangul import jamo, join, romanisations, romanised, separate, syllable, typed
from matchers.scripts.hearing import DRAWN_ALIKE, HEARD_ALIKE, UNHEARD, cost, read
from matchers.scripts.kana import hiragana, katakana

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("하늘빛", "하늘빗"),  # final consonants are heard alike
        ("하늘빛채", "하늘삧체"),  # tense and plain, ㅐ and ㅔ
        ("하늘", "ㅎㅏㄴㅡㄹ"),
        ("晗露碧", "涵露碧"),
        ("梦兜莉", "夢兜莉"),
        ("晨", "岑"),  # ch and c, eng and en
        ("ハヌルビット", "はぬるびっと"),
        ("ファミー", "フアミ"),
        ("น้ำริน", "นำลิน"),
    ],
)
def test_spellings_that_are_heard_alike(one, other):
    assert read(one).heard == read(other).heard


@pytest.mark.parametrize(("one", "other"), [("하늘", "하눌"), ("晗露", "晗霞"), ("ハヌル", "ハヌラ"), ("บิท", "ปิท")])
def test_spellings_that_are_not(one, other):
    assert read(one).heard != read(other).heard


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("하늘빛", "하늘빛", 0.0),
        ("하늘빛채", "하늘빛체", HEARD_ALIKE),
        ("하늘", "하눌", DRAWN_ALIKE),
        ("하늘", "하날", 1.0),
        ("하늘빛", "하느빛", 1.0),
        ("晗露碧", "晗霞碧", DRAWN_ALIKE),
        ("晗露碧", "碧露晗", 2.0),
        ("ハヌル", "はぬる", 0.0),
        ("ハヌール", "ハヌル", UNHEARD),
        ("น้ำ", "นำ", UNHEARD),
        ("ดาล", "ดลา", 1.0),
    ],
)
def test_cost(one, other, expected):
    assert cost(one, other) == pytest.approx(expected)


@given(ANY_TEXT, ANY_TEXT)
def test_cost_is_a_distance(one, other):
    assert cost(one, one) == 0.0
    assert cost(one, other) == pytest.approx(cost(other, one))
    assert len(read(one).heard) == len(read(one).places)


@pytest.mark.parametrize(
    ("hangul", "roman"),
    [
        ("하늘빛", "haneulbit"),
        ("달모이", "dalmoi"),
        ("볼라", "bolla"),
        ("옷안", "osan"),
        ("낙엽", "nagyeop"),
        ("닭", "dak"),
    ],
)
def test_revised_romanization(hangul, roman):
    assert romanised(hangul) == roman
    assert romanisations(hangul)[0] == roman


def test_owners_habits_are_among_the_romanisations():
    assert {"seolhwasu", "sulhwasu", "sulhwasoo", "solhwasu"} <= set(romanisations("설화수"))
    assert "hanulbit" in romanisations("하늘빛")


def test_the_korean_keyboard():
    assert typed("하늘빛") == "gksmfqlc"
    assert typed("쌍꿰 ok") == "tkdRnp ok".lower()


@given(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))
def test_syllables_come_apart_and_together(character):
    assert join(*syllable(character)) == character
    assert jamo(character) == "".join(syllable(character))


def test_conjoining_jamo_are_drawn_as_single_ones():
    assert "".join(map(separate, "\u1112\u1161\u11ab")) == "ㅎㅏㄴ"
    assert separate("a") == "a"


def test_kana_pairs():
    assert katakana("はぬる-a") == "ハヌル-a"
    assert hiragana("ハヌルー") == "はぬるー"
