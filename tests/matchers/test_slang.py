"""Words that counterfeits' titles are marked by."""

import pytest

from contracts.lexicon import Lexicon, Reliability, Sense, Term, lexicons
from matchers.folding import fold
from matchers.judge import wording_of
from matchers.slang import MOST, Said, least_log_odds_ratio, phrases, propose
from matchers.wording import Wording

WORDING = wording_of(lexicons())


def titles(fake, *texts, first=0):
    return [Said(title=text, seller=f"{fake}-{number}", fake=fake) for number, text in enumerate(texts, first)]


def fakes(phrase, count=6):
    return titles(True, *(f"serum {phrase} fresh {number}" for number in range(count)))


def others(count=60, text="serum bright skin"):
    return titles(False, *(f"{text} {number}" for number in range(count)))


def texts(said, **more):
    return [one.text for one in propose(said, WORDING, **more)]


@pytest.mark.parametrize(
    "phrase", ["moonlit workshop batch", "sotterling", "月光工坊", "สายลมลับ", "달빛공방", "lune d'atelier"]
)
def test_a_phrase_that_marks_counterfeits_is_proposed_whole(phrase):
    [best] = propose([*fakes(phrase), *others()], WORDING, known=["fresh serum"])

    assert best.text == fold(phrase).text
    assert (best.fakes, best.of_fakes, best.others, best.of_others) == (6, 6, 0, 60)
    assert all(phrase in title for title in best.examples)


def test_one_shops_boilerplate_is_no_slang():
    said = [Said(title="serum sotterling", seller="one shop", fake=True) for _ in range(9)]

    assert texts([*said, *others()]) == []


def test_what_others_write_too_is_no_slang():
    assert texts([*fakes("glowberry"), *others(text="serum glowberry")], known=["serum", "fresh"]) == []


def test_a_few_comparisons_prove_nothing():
    plain = titles(True, *["serum"] * 12, first=100)

    assert texts([*fakes("sotterling", 3), *plain, *others(5)]) == []
    assert texts([*fakes("sotterling", 3), *plain, *others(300)], known=["serum", "fresh"]) == ["sotterling"]


def test_a_sellers_other_listings_do_not_speak_for_the_others():
    same_shops = [Said(title="cream sotterling", seller=f"True-{number}", fake=False) for number in range(6)]

    assert "sotterling" in texts([*fakes("sotterling"), *same_shops, *others()], known=["serum", "fresh"])


@pytest.mark.parametrize("phrase", ["mirror quality", "高仿"])
def test_what_a_lexicon_knows_is_not_proposed(phrase):
    assert not any(phrase in text for text in texts([*fakes(phrase), *others()], known=["serum", "fresh"]))


def test_what_was_decided_is_not_proposed_again():
    said = [*fakes("moonlit workshop batch"), *others()]

    assert texts(said, known=["serum", "fresh"], decided=["moonlit workshop"]) == ["workshop batch"]


@pytest.mark.parametrize(("phrase", "decided", "left"), [("sotterling", "sott", 1), ("月光工坊", "月光", 0)])
def test_what_was_decided_silences_whole_words(phrase, decided, left):
    said = [*fakes(phrase), *others()]
    assert sum(phrase in text for text in texts(said, known=["serum", "fresh"], decided=[decided])) == left


def test_names_numbers_and_ordinary_words_are_no_slang():
    assert phrases("Serum 50ml new dew-serum", frozenset(["serum"])) == {"new dew"}


def test_known_words_inside_running_text_part_it():
    found = phrases("月光面霜工坊", frozenset(["面霜"]))

    assert {"月光", "工坊"} <= found
    assert not any("面" in phrase or "霜" in phrase for phrase in found)


def test_no_phrase_is_longer_than_anybody_writes():
    assert phrases("sotterling " + "x" * 5000) == {"sotterling"}


def test_however_many_stand_out_a_person_is_asked_about_few():
    said = [
        Said(title=f"{'abcdefghijklmnopqrstuvwxyz'[word]}zqx{'aeiou'[word % 5]}wvk", seller=f"{seller}", fake=True)
        for word in range(26)
        for seller in range(6)
    ]

    assert len(texts([*said, *others()])) == MOST


def test_the_interval_grows_with_fewer_cases():
    assert least_log_odds_ratio(6, 6, 0, 600) > least_log_odds_ratio(3, 3, 0, 600) > 0
    assert least_log_odds_ratio(3, 30, 30, 300) < 0


def test_hostile_titles_cost_bounded_work():
    for title in ("\ud800" * 1000, "ا" * 10_000, "月" * 10_000, "a " * 10_000, "\u202e" * 100):
        assert len(phrases(title)) < 110_000


def test_an_own_lexicon_is_read_in_every_language():
    term = Term(term="moonlit workshop", sense=Sense.COPY, reliability=Reliability.MEDIUM)
    own = WORDING.with_own(Lexicon(language="own", spaced=True, terms=(term,)))

    assert [hit.words for hit in own.find("serum Moonlit-Workshop", ["zh"])] == ["Moonlit-Workshop"]
    assert not WORDING.find("serum moonlit workshop")
    assert isinstance(own, Wording)
