import pytest

from matchers.search_forms import forms_of_mark, forms_of_title, readings_of_mark


def shared(mark, title):
    """Tell whether a title's readings hold a reading of the mark, letter by letter."""
    joined = " ".join(forms_of_title(title))
    return any(reading in joined for reading in readings_of_mark(mark))


@pytest.mark.parametrize(
    "title",
    ["H4neu1b1t serum", "Нaneulbіt serum", "new HANEULBIT serum", "Ｈａｎｅｕｌｂｉｔ"],
)
def test_a_mark_is_drawn_alike_whatever_letters_it_borrows(title):
    assert shared("Haneulbit", title)


@pytest.mark.parametrize(
    ("mark", "title"),
    [("Lanterna", "Сумка Лантерна новая"), ("Dalmuri", "ダルムリ 化粧水")],
)
def test_a_mark_spelt_by_ear_in_another_script_sounds_alike(mark, title):
    assert shared(mark, title)


def test_the_sound_of_ordinary_latin_words_is_not_written_down():
    (drawn,) = forms_of_title("brass garden hose")
    assert drawn.isascii()


@pytest.mark.parametrize("text", ["", " ", "50 ml", "\u202e", "\ud800", "茶", "a" * 10_000, "ก" * 10_000])
def test_texts_of_any_kind_are_read(text):
    assert all(isinstance(reading, str) for reading in (*forms_of_title(text), *readings_of_mark(text)))


def test_a_sound_of_two_consonants_fits_too_much_to_be_looked_for():
    assert len(readings_of_mark("Sony")) == 1


def test_a_hangul_mark_is_looked_for_in_other_scripts_too():
    forms = forms_of_mark("하늘빛")
    assert forms[0] == "하늘빛"
    assert any(form.casefold() == "haneulbit" for form in forms)
    assert any("ハ" in form for form in forms)
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize("text", ["", " ", "\u202e", "a" * 500])
def test_odd_spellings_are_no_error(text):
    assert forms_of_mark(text)[0] == text
