"""Hostile titles cost bounded work and never fail: work is counted, not timed."""

import tracemalloc

import pytest

from contracts.match import Mark, Spelling
from matchers.folding import MAX_CHARACTERS, fold
from matchers.text import MarkIndex
from matchers.windows import MAX_TOKENS, tokens, windows

NAMES = ("Haneulbit", "Dal Moi", "하늘빛채", "晗露碧", "ハヌルビット", "ฮานึลบิท")
INDEX = MarkIndex([Mark(mark_id=name, spellings=(Spelling(text=name),)) for name in NAMES])

# Each grows with the number it is given.
GROWING = {
    "words": lambda n: "haneul bit " * n,
    "one word": lambda n: "haneulbit" * n,
    "one letter": lambda n: "a" * n,
    "lone letters": lambda n: "h a n e u l b i t " * n,
    "signs between": lambda n: "h.a.n.e.u.l.b.i.t." * n,
    "stars": lambda n: "ha***bit* " * n,
    "one starred word": lambda n: "h*a" * n,
    "combining marks": lambda n: "h" + "\u0301" * n + "aneulbit",
    "zero width": lambda n: "h" + "\u200b" * n + "aneulbit",
    "right to left": lambda n: "\u202ehaneulbit\u202c " * n,
    "lone surrogates": lambda n: "\ud83d" * n + "haneulbit\udc00",
    "nulls": lambda n: "haneul\0bit\0" * n,
    "hangul": lambda n: "하늘빛" * n,
    "jamo": lambda n: "ㅎㅏㄴㅡㄹ" * n,
    "han": lambda n: "晗露晗碧" * n,
    "kana": lambda n: "ハヌルビ" * n,
    "thai": lambda n: "ฮานึลบิ" * n,
    "tone marks": lambda n: "ฮ" + "่" * n + "านึลบิท",
    "cyrillic": lambda n: "ханеулбит " * n,
    "fancy": lambda n: "𝓗𝓪𝓷𝓮𝓾𝓵 " * n,
    "emoji": lambda n: "🅰️❌⭕" * n,
    "digits": lambda n: "1l|!0o" * n,
}


def work(title):
    """Windows cut and finds weighed: what a title costs."""
    folded = fold(title)
    cut = windows(tokens(folded), INDEX.spellings.longest + 2)
    letters = sum(min(len(window.text), 64) for window in cut)
    return len(folded.text) + letters + sum(1 for _ in INDEX.candidates(folded))


@pytest.mark.parametrize("name", GROWING)
@pytest.mark.parametrize("size", [1, 50, 1_000, 10_000, 100_000])
def test_no_title_fails(name, size):
    for found in INDEX.search(GROWING[name](size)):
        assert 0.0 < found.score <= 1.0


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_title_costs_about_twice(name):
    small, large = work(GROWING[name](40)), work(GROWING[name](80))
    assert large <= 2.6 * small + 200


@pytest.mark.parametrize("name", GROWING)
def test_beyond_the_bound_a_title_costs_no_more(name):
    long, longer = GROWING[name](20_000), GROWING[name](40_000)
    assert len(fold(longer).text) <= MAX_CHARACTERS
    assert len(tokens(fold(longer))) <= MAX_TOKENS
    assert work(longer) <= 1.1 * work(long) + 200


def test_words_full_of_a_mark_do_not_fill_the_memory():
    titles = ["haneulbit" * 1_000 + str(number) for number in range(50)]
    INDEX.search(titles[0])
    tracemalloc.start()
    for title in titles:
        INDEX.search(title)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 4_000_000  # bytes; the titles themselves are half a million


def test_long_runs_of_characters_are_not_remembered():
    titles = ["漢" * 3_000 + str(number) for number in range(30)]
    INDEX.search(titles[0])
    tracemalloc.start()
    for title in titles:
        INDEX.search(title)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 300_000  # bytes; a third of it is the last title


def test_marks_of_hostile_spellings_are_indexed():
    texts = ["", "\0", "\ud800", "\u202e", "a" * 5_000, "하" * 500, "\u0301" * 1_000, "!!!", "𝓗" * 300]
    index = MarkIndex([Mark(mark_id=str(n), spellings=(Spelling(text=text),)) for n, text in enumerate(texts)])
    assert index.search("하하하 aaaa 𝓗𝓗𝓗 \ud800") is not None


@pytest.mark.parametrize(
    "title",
    [
        "new \u202eHaneulbit\u202c serum",
        "Haneu\u200blbit serum",
        "h\u0301\u0301\u0301aneulbit serum",
        "\ud83dHaneulbit serum",
        "x" * 9_000 + " Haneulbit",
        "serum " * 60 + "Haneulbit",
    ],
)
def test_the_mark_is_still_found(title):
    assert INDEX.search(title)[0].mark_id == "Haneulbit"
