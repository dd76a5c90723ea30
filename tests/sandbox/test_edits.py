"""Names and pictures are changed, and stay what a person recognises."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from sandbox.chance import dice
from sandbox.disguise import DISGUISES, innocent
from sandbox.drawing import SHAPES, draw, on_a_desk
from sandbox.edits import EDITS
from sandbox.words import LANGUAGES, kinds, words

NAMES = st.text("abcdefghijklmnoprstuvwyz", min_size=4, max_size=14).map(str.capitalize)


@pytest.mark.parametrize("way", DISGUISES)
@given(name=NAMES, seed=st.integers(0, 1000))
def test_a_disguised_name_is_another_text_of_about_the_same_letters(way, name, seed):
    other = DISGUISES[way](name, dice(seed))
    assert other != name
    if way == "misspelling":
        assert abs(len(other) - len(name)) <= 1
        assert other[0] == name[0]


@given(name=NAMES, seed=st.integers(0, 1000))
@example(name="Aaor", seed=1)
def test_an_innocent_name_is_never_the_name(name, seed):
    assert name.casefold() not in innocent(name, dice(seed)).casefold()


@pytest.fixture(scope="module")
def goods():
    return draw("jar", "edits", "Mooncake", None, 240)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_changes_the_picture_repeatably_and_leaves_a_picture(edit, goods):
    first, again = EDITS[edit](goods.copy(), "s", "words"), EDITS[edit](goods.copy(), "s", "words")
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes()
    assert first.size != goods.size or ImageChops.difference(first, goods).getbbox()
    assert min(first.size) > 80


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_drawn(shape):
    picture = draw(shape, "seed", "", None, 120)
    assert len(picture.getcolors(120 * 120) or []) > 3


def test_a_picture_taken_at_home_is_darker_than_the_packshot():
    packshot = Image.new("RGB", (200, 200), "white")
    assert on_a_desk(packshot, "s").convert("L").getextrema()[0] < 240


def test_every_kind_has_a_shape_and_a_noun_in_every_language():
    for kind in kinds():
        assert kind.shape in SHAPES
        assert all(kind.noun(language) for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_lists(language):
    assert set(words(language).lists) == set(words("en").lists)
    assert set(words(language).lists["descriptions"]) == set(words("en").lists["descriptions"])
