"""Ordinary words in every language of our markets, and what a mark that is one needs."""

import pytest

from contracts.errors import BadInput
from contracts.lexicon import lexicons
from contracts.match import Mark, Spelling
from matchers import words
from matchers.text import MarkIndex
from matchers.words import CLDR_DIR, is_ordinary, ordinariness, shop_words, things


def test_there_is_a_list_for_every_language_but_english():
    assert set(shop_words()) == set(lexicons()) - {"en"}
    for language, found in shop_words().items():
        assert 100 <= len(found) <= 250, language


@pytest.mark.parametrize(
    "word", ["casino", "the", "schuhe", "chaussures", "zapatos", "scarpe", "buty", "sepatu", "kasut", "sapatos", "giay",
             "รองเท้า", "ブーツ", "鞋子", "신발", "7", "x"]
)  # fmt: skip
def test_ordinary_words(word):
    assert is_ordinary(word)


@pytest.mark.parametrize("word", ["haneulbit", "하늘빛", "晗露碧", "ฮานึลบิท", "casiocasio", ""])
def test_names_are_not(word):
    assert not is_ordinary(word)
    assert ordinariness(word) == 0.0


def test_rarer_words_are_less_ordinary():
    assert ordinariness("the") == 1.0
    assert ordinariness("the") > ordinariness("sepatu") > ordinariness("springbok") > 0.0


@pytest.mark.parametrize("name", ["Sepatu", "신발", "鞋子", "Giày"])
def test_a_mark_that_is_an_everyday_word_needs_context(name):
    everyday = MarkIndex([Mark(mark_id="1", spellings=(Spelling(text=name),))]).search(f"{name} 2024")[0]
    rare = MarkIndex([Mark(mark_id="1", spellings=(Spelling(text="Haneulbit"),))]).search("Haneulbit 2024")[0]
    assert everyday.common_word
    assert not rare.common_word
    assert everyday.score < rare.score


def test_a_misspelling_that_is_a_word_of_another_language_is_not_the_mark():
    index = MarkIndex([Mark(mark_id="1", spellings=(Spelling(text="Sepato"),))])
    word, slip = index.search("sepatu baru"), index.search("sepata baru")
    assert slip[0].score > 0.5
    assert not word or word[0].score < 0.5


def test_a_list_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "xx.txt").write_bytes(b"\xff\xfe\xff")
    monkeypatch.setattr(words, "WORDS_DIR", tmp_path)
    shop_words.cache_clear()
    try:
        with pytest.raises(BadInput, match=r"xx\.txt"):
            shop_words()
    finally:
        shop_words.cache_clear()


def test_names_of_everyday_things_guard_other_languages():
    assert set(things()) == set(lexicons()) - {
        "en",
        "vi",
    }  # what Vietnamese parts by spaces are syllables, of names too
    for word in ("sikat", "kunci", "schraubenschlussel", "หมวก", "가위"):
        assert is_ordinary(word), word
    assert (CLDR_DIR / "LICENSE").read_text(encoding="utf-8").startswith("UNICODE LICENSE V3")


def test_a_thing_of_another_language_is_no_misspelt_mark():
    index = MarkIndex([Mark(mark_id="1", spellings=(Spelling(text="Sikato"),))])
    thing, slip = index.search("sikat rambut"), index.search("sikatu rambut")
    assert slip[0].score > 2 * (thing[0].score if thing else 0.0)
