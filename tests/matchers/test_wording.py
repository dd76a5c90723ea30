"""Lexicons: every file loads, every term finds itself, traps and negations are respected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.config import Confidence
from contracts.lexicon import Reliability, Sense, lexicons
from matchers.wording import Wording, languages_for

WORDING = Wording(lexicons())
EVERY_TERM = [(language, term) for language, lexicon in lexicons().items() for term in lexicon.terms]


def senses(text, *languages):
    return {hit.term.sense for hit in WORDING.find(text, languages) if not hit.negated}


def test_the_languages_of_the_regions_are_there():
    assert set(lexicons()) == {"en", "zh", "th", "vi", "id", "ms", "tl", "de", "fr", "es", "it", "pl", "ko", "ja"}


@pytest.mark.parametrize("language", sorted(lexicons()))
def test_every_pattern_finds_its_term_and_every_exception_hides_it(language):
    for term in lexicons()[language].terms:
        for pattern in term.patterns or (term.term,):
            assert term in [hit.term for hit in WORDING.find(f"x {pattern} x", [language])], pattern
        for phrase in term.exceptions:
            assert term not in [hit.term for hit in WORDING.find(phrase, [language])], phrase


@pytest.mark.parametrize("language", sorted(lexicons()))
def test_every_language_can_accuse_and_excuse(language):
    found = {term.sense for term in lexicons()[language].terms}
    assert {Sense.COPY, Sense.COMPATIBLE, Sense.SECOND_HAND, Sense.DENIAL} <= found
    assert lexicons()[language].negations


@pytest.mark.parametrize(("language", "term"), EVERY_TERM, ids=lambda value: getattr(value, "term", value))
def test_a_term_says_where_it_comes_from_or_that_it_is_unverified(language, term):
    assert term.meaning
    assert bool(term.source) is (term.confidence is not Confidence.UNVERIFIED)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1:1 replica bag"),
        ("en", "MIRROR QUALITY cream"),
        ("en", "r\u200beplica serum"),
        ("zh", "高仿精华"),
        ("zh", "超A货 包"),
        ("th", "เซรั่มงานมิลเลอร์ส่งไว"),
        ("vi", "mỹ phẩm hàng nhái"),
        ("id", "serum KW super"),
        ("ms", "beg gred AAA"),
        ("tl", "class A bag"),
        ("de", "Tasche Replika"),
        ("fr", "sac réplique"),
        ("es", "bolso réplica AAA"),
        ("it", "borsa taroccata"),
        ("pl", "torebka podróbka"),
        ("ko", "레플리카 가방"),
        ("ja", "スーパーコピー バッグ"),
    ],
)
def test_admissions(language, text):
    assert Sense.COPY in senses(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "replica jersey 2026"),
        ("en", "AAA batteries"),
        ("en", "needs 2 x AAA"),
        ("en", "1:1 scale figure"),
        ("en", "bootleg jeans"),
        ("en", "fake fur collar"),
        ("en", "replicate"),
        ("en", "not a replica"),
        ("en", "we never sell fakes"),
        ("en", "100% authentic, beware of fakes"),
        ("zh", "假一赔十 正品"),
        ("zh", "非高仿"),
        ("zh", "水果通货"),
        ("th", "ไม่ใช่ของปลอม"),
        ("vi", "không phải hàng nhái"),
        ("id", "genset 5 KW"),
        ("id", "kulit imitasi"),
        ("de", "Fälschung ausgeschlossen"),
        ("de", "keine Kopie"),
        ("de", "Lederimitat"),
        ("fr", "cuir imitation"),
        ("es", "disfraz pirata"),
        ("it", "arance tarocco"),
        ("ko", "가품 시 200% 보상"),
        ("ko", "짭짤한 과자"),
        ("ja", "コピー品ではありません"),
        ("ja", "フェイクファー"),
        ("ja", "レプリカユニフォーム"),
    ],
)
def test_traps(language, text):
    assert Sense.COPY not in senses(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "case compatible with Haneulbit"),
        ("zh", "适用于天光彩妆"),
        ("ko", "하늘빛채 호환"),
        ("th", "ใช้กับฮานึลบิท"),
        ("vi", "dùng cho Haneulbit"),
        ("id", "kompatibel dengan Haneulbit"),
        ("de", "passend für Haneulbit"),
        ("fr", "coque pour Haneulbit"),
        ("pl", "pasuje do Haneulbit"),
        ("ja", "互換バッテリー"),
    ],
)
def test_accessories(language, text):
    assert Sense.COMPATIBLE in senses(text, language)


def test_skin_types_are_no_accessory():
    assert Sense.COMPATIBLE not in senses("适用于所有肤质", "zh")
    assert Sense.COMPATIBLE not in senses("suitable for dry skin", "en")


def test_a_negation_reaches_only_its_own_clause():
    assert Sense.COPY in senses("no box, replica", "en")
    assert Sense.COPY in senses("There is no hurry to read this. Replica", "en")


def test_the_longer_term_covers_the_shorter():
    hits = [hit for hit in WORDING.find("super copy", ["en"]) if hit.term.sense is Sense.COPY]
    assert [hit.term.reliability for hit in hits] == [Reliability.HIGH]


@pytest.mark.parametrize(
    ("text", "language", "site", "wanted"),
    [
        ("serum", None, None, {"en"}),
        ("serum", "de-AT", None, {"en", "de"}),
        ("serum", None, "MY", {"en", "ms", "zh"}),
        ("精华", None, None, {"en", "zh"}),
        ("コピー品", None, None, {"en", "ja"}),
        ("하늘", None, None, {"en", "ko"}),
        ("เซรั่ม", None, None, {"en", "th"}),
    ],
)
def test_lexicons_are_chosen_by_language_site_and_script(text, language, site, wanted):
    assert set(languages_for(text, language=language, site=site)) == wanted


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_reading_never_raises(text):
    for hit in WORDING.find(text):
        assert hit.words in text
