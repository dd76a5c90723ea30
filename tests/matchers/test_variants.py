"""Every way of writing a name otherwise gives other forms, the same ones each time, and the matcher knows them again."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.match import Mark, Script, Spelling
from matchers.text import MarkIndex
from matchers.variants import MOST_FORMS, WAYS, draw, forms, ways
from samples.titles import LANGUAGES, made

NAMES = {
    Script.LATIN: "Haneulbit Phở",
    Script.HANGUL: "하늘빛채",
    Script.HAN: "梦露碧莱",
    Script.KANA: "ヴァヌルビット",
    Script.THAI: "น้ำนึลบิท",
}
CASES = [(script, way) for script, known in WAYS.items() for way in known]
# Ways that leave another name, or fewer letters than a name needs.
NOT_KNOWN_AGAIN = {
    "neighbouring key",
    "final consonant",
    "looks alike",
    "v or b",
    "letters drawn alike",
    "vowels dropped",
}


@pytest.mark.parametrize(("script", "way"), CASES)
def test_every_way_changes_a_name(script, way):
    made_forms = forms(NAMES[script], way)
    assert 0 < len(made_forms) <= MOST_FORMS
    assert len(set(made_forms)) == len(made_forms)
    assert NAMES[script] not in made_forms


@pytest.mark.parametrize(
    ("name", "way", "form"),
    [
        ("Nike", "letters turned", "Nkie"),
        ("Nike", "vowels dropped", "Nk"),
        ("Nike", "glued", "NikeShoes"),
        ("Nike", "glued", "nike2024".replace("n", "N")),
        ("Mongdori", "syllables turned", "Mongrido"),
        ("Nike", "letter by letter", "N.i.k.e"),
        ("하늘빛", "apart", "하 늘 빛"),
        ("하늘빛", "sounds alike", "하늘삧"),
        ("하늘빛", "keyboard left in Latin", "gksmfqlc"),
        ("梦露", "traditional", "夢露"),
        ("梦露", "pinyin", "menglu"),
        ("ヴィタ", "v or b", "ビタ"),
        ("ハヌル", "half width", "ﾊﾇﾙ"),
        ("น้ำ", "tones dropped", "นำ"),
        ("Đẹp", "diacritics dropped", "Dep"),
    ],
)
def test_forms(name, way, form):
    assert form in forms(name, way)


@pytest.mark.parametrize(("script", "way"), [case for case in CASES if case[1] not in NOT_KNOWN_AGAIN])
def test_the_matcher_knows_forms_again(script, way):
    name = NAMES[script].split(" ", maxsplit=1)[0] if way not in {"diacritics dropped", "other tone"} else NAMES[script]
    index = MarkIndex([Mark(mark_id="1", spellings=(Spelling(text=name),))])
    found = [form for form in forms(name, way) if index.search(f"{form} 30ml")]
    assert len(found) >= 0.9 * len(forms(name, way))


def test_draws_are_repeated_and_may_be_stacked():
    assert [draw("Haneulbit", "digit", Random(seed)) for seed in range(9)] == [
        draw("Haneulbit", "digit", Random(seed)) for seed in range(9)
    ]
    twice = draw("haneulbit", "letter dropped", Random(1), times=2)
    assert len(twice) == len("haneulbit") - 2
    assert draw("Haneulbit", "diacritics dropped", Random(1)) is None
    assert draw("Haneulbit", "no such way", Random(1)) is None


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_name_has_bounded_forms(name):
    for way in ways(name):
        assert len(forms(name, way)) <= MOST_FORMS


def test_titles_are_made_from_a_seed():
    first, again, other = made(3, marks=5), made(3, marks=5), made(4, marks=5)
    assert first == again
    assert first != other
    marks, titles = first
    assert len(marks) == 5 * len(LANGUAGES)
    with_mark = [title for title in titles if title.mark_id]
    assert 2 * len(with_mark) == len(titles)
    assert len({title.title_id for title in titles}) == len(titles)
