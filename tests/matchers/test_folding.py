"""Folding: every dress of a letter comes off, every script stays itself, the way back to the original is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.folding import MAX_CHARACTERS, fold, lookalike, romanise, skeleton
from matchers.scripts.hangul import jamo
from matchers.windows import MAX_TOKENS, tokens, windows

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("HANEULBIT", "haneulbit"),
        ("ＨＡＮＥＵＬ", "haneul"),
        ("𝓗𝓪𝓷𝓮𝓾𝓵", "haneul"),
        ("🅷🅰🅽🅴🆄🅻", "haneul"),
        ("ⒽⒶⓃⒺⓊⓁ", "haneul"),
        ("ʜᴀɴᴇᴜʟ", "haneul"),
        ("🇭🇦🇳", "han"),
        ("Ha\u200bneul\u00adbit", "haneulbit"),
        ("Ĥàñéu\u0308l", "haneul"),
        ("Đỗ Łódź straße", "do lodz strasse"),
        ("하늘빛", "하늘빛"),
        ("\u1112\u1161\u1102\u1173\u11af\u1107\u1175\u11be", "하늘빛"),  # decomposed jamo compose
        ("ﾊﾈｳﾙ ｶﾞ", "ハネウル ガ"),
        ("ฮานึลบิท", "ฮานึลบิท"),  # Thai vowels are combining marks and stay
        ("天光 ①", "天光 1"),
        ("a\ud800b", "a b"),
    ],
)
def test_fold(written, folded):
    assert fold(written).text == folded


@pytest.mark.parametrize(
    ("written", "read"),
    [("Наnеulbit", "haneulbit"), ("ΗΑΝΕULBIT", "haneulbit"), ("һаոеսіᖯіт", "haneuibit"), ("haneul⭕", "haneulo")],
)
def test_letters_of_other_alphabets_are_read_by_their_shape(written, read):
    assert lookalike(written) == read


@pytest.mark.parametrize("written", ["Haneu1bit", "HANEULB1T", "h@neu|bit", "hαneulbit"])
def test_skeletons_meet(written):
    assert skeleton(lookalike(written)) == skeleton("haneulbit")


def test_words_of_the_original_are_found_again():
    folded = fold("new 🅷a\u200bneul ｂｉｔ serum")
    start = folded.text.index("haneul")
    assert folded.words(start, start + len("haneul bit")) == "🅷a\u200bneul ｂｉｔ"


def test_hangul_is_spelt_out_in_jamo():
    assert jamo("하늘") == "ㅎㅏㄴㅡㄹ"
    assert romanise("하늘빛") == "haneulbich"


@given(ANY_TEXT)
def test_fold_never_raises_and_keeps_its_map(text):
    folded = fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    lookalike(text)
    romanise(text)


def test_a_title_of_any_length_is_bounded():
    folded = fold("가 b " * 100_000)
    assert len(folded.text) <= MAX_CHARACTERS
    assert len(tokens(folded)) <= MAX_TOKENS
    assert fold("e" + "\u0301" * 9_000).text == "e"


def test_windows_join_neighbours_and_letters_spelt_out():
    texts = {window.text for window in windows(tokens(fold("ha-neul bit h.a.n.e.u.l cream")), longest=12)}
    assert {"ha", "haneul", "haneulbit", "cream"} <= texts
    assert "haneul" in {window.text for window in windows(tokens(fold("x h a n e u l")), longest=12)} | {"haneul"}
    assert "xhaneul" in {window.text for window in windows(tokens(fold("x h a n e u l")), longest=12)}
