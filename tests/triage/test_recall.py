"""What spot checks say of recall: by hand, against a known truth, and who is counted."""

import numpy as np
import pytest

from tests.factories import (
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    SpotCheckFactory,
    VerdictFactory,
    sha,
)
from triage.learning import cases_of
from triage.models import Flag
from triage.recall import Cell, Checked, checked
from triage.states import FlagState, SpotCheckState


def of(*cells, found=10):
    """Return what is known of one organisation with one market and these strata."""
    strata = ("near", "middle", "bottom", "silent")
    keyed = {(1, stratum, "ebay"): cell for stratum, cell in zip(strata, cells, strict=False)}
    return Checked(cells=keyed, found={"ebay": found})


def test_each_judged_one_stands_for_the_unflagged_of_its_stratum():
    # 20 drawn at 1 in 5 stand for 100, of which 10 were judged: each for 10. 5 at 1 in 50 for 250: each for 50.
    known = of(Cell(drawn=20, size=100, judged=10, missed=3), Cell(drawn=5, size=250, judged=5, missed=1), found=80)
    recall = known.recall()
    assert (recall.found, recall.missed, recall.judged) == (80, 80, 15)
    assert recall.value == 0.5
    assert recall.interval[0] < 0.5 < recall.interval[1]
    assert known.weights(1) == {"near": 10, "middle": 50}


def test_each_market_is_told_by_what_was_judged_in_it_and_the_whole_by_all():
    cells = {
        (1, "near", "ebay"): Cell(drawn=12, size=60, judged=6, missed=2),
        (1, "near", "shopee"): Cell(drawn=8, size=40, judged=1, missed=1),
        (2, "near", "shopee"): Cell(drawn=4, size=20, judged=2, missed=1),
        (2, "near", "tiki"): Cell(drawn=1, size=5),
    }
    known = Checked(cells=cells, found={"ebay": 5, "shopee": 7, "tiki": 2})
    assert known.markets == ["ebay", "shopee"]
    assert [known.recall(market).missed for market in known.markets] == [20, 40 + 10]
    assert known.recall().missed == pytest.approx(3 * 100 / 7 + 25 / 2)
    assert known.recall("tiki").value is None


def test_a_market_is_not_told_to_hide_more_than_there_is_in_it():
    """Of 20 that few were judged of, one of two was a copy: not 50 of 20."""
    cells = {
        (1, "near", "ebay"): Cell(drawn=96, size=480, judged=8),
        (1, "near", "shopee"): Cell(drawn=4, size=20, judged=2, missed=1),
    }
    recall = Checked(cells=cells, found={"shopee": 30}).recall("shopee")
    assert recall.missed == 10
    assert recall.interval[0] < recall.value < recall.interval[1]


def test_what_nobody_looked_at_is_not_taken_to_be_free_of_copies():
    looked, unlooked = Cell(drawn=20, size=100, judged=20), Cell(drawn=100, size=100_000)
    recall = of(looked, unlooked).recall()
    assert recall.value is None
    assert recall.interval[0] < 0.01
    assert of(looked).recall().value == 1.0


def test_an_organisation_that_judged_nothing_makes_no_other_one_less_sure():
    judging = {(1, "near", "ebay"): Cell(drawn=20, size=100, judged=10, missed=1)}
    waiting = {(2, "near", "ebay"): Cell(drawn=900, size=4500)}
    alone, beside = (Checked(cells=cells, found={"ebay": 50}) for cells in (judging, judging | waiting))
    assert beside.recall() == alone.recall()
    assert beside.recall("ebay") == alone.recall("ebay")
    assert beside.strata[0][1].drawn == 920


@pytest.mark.parametrize("known", [of(Cell(drawn=9, size=45)), of(Cell(drawn=9, size=45, judged=9), found=0)])
def test_without_a_judged_check_or_a_find_nothing_is_claimed(known):
    assert known.recall().value is None


def test_finding_nothing_in_a_few_checks_is_no_proof_and_in_many_is_a_better_one():
    few, many = (of(Cell(drawn=200, size=1000, judged=judged), found=100).recall() for judged in (5, 200))
    assert few.value == many.value == 1.0
    assert few.interval[0] < many.interval[0] < 1
    assert many.interval[0] > 0.9


def test_where_everything_was_drawn_and_judged_recall_is_known_for_sure():
    recall = of(Cell(drawn=40, size=40, judged=40, missed=10), found=30).recall()
    assert (recall.value, recall.interval) == (0.75, (0.75, 0.75))


def test_the_interval_holds_the_truth_about_as_often_as_it_says_and_the_estimate_is_not_biased():
    chance = np.random.default_rng(7)
    found, sizes, shares, rates = 300, (400, 4000, 9000), (0.2, 0.02, 0.003), (0.2, 0.05, 0.02)
    inside, estimates = 0, []
    for _ in range(200):
        missed = [chance.binomial(size, share) for size, share in zip(sizes, shares, strict=True)]
        cells = []
        for size, hidden, rate in zip(sizes, missed, rates, strict=True):
            drawn_hidden, drawn_other = chance.binomial(hidden, rate), chance.binomial(size - hidden, rate)
            drawn = drawn_hidden + drawn_other
            judged = drawn // 2
            seen = chance.hypergeometric(drawn_hidden, drawn_other, judged)
            cells.append(Cell(drawn=drawn, size=drawn / rate, judged=judged, missed=seen))
        recall = of(*cells, found=found).recall()
        inside += recall.interval[0] <= found / (found + sum(missed)) <= recall.interval[1]
        estimates.append(recall.missed - sum(missed))
    assert inside / 200 > 0.9
    assert abs(np.mean(estimates)) < 2.5 * np.std(estimates) / 200**0.5


@pytest.fixture
def brand(db):
    return BrandFactory()


def judged(brand, kind, *, seen=None, **changes):
    """Return the verdict of a judged spot check."""
    listing = ListingFactory(market=changes.pop("market", "ebay"))
    check = SpotCheckFactory(
        brand=brand, listing=listing, capture=CaptureFactory(listing=listing), state=SpotCheckState.JUDGED, **changes
    )
    flag = FlagFactory(
        brand=brand, listing=listing, capture=check.capture, probability=0.4, state=FlagState.DECIDED,
        fingerprint=seen or check.fingerprint,
    )  # fmt: skip
    type(check).objects.filter(pk=check.pk).update(flag=flag)
    return VerdictFactory(flag=flag, kind=kind, fingerprint=flag.fingerprint)


def test_what_the_database_knows_is_counted_once_and_on_its_own_side(brand):
    missed = judged(brand, "counterfeit")
    judged(brand, "genuine", market="shopee")
    judged(brand, "unsure")
    SpotCheckFactory(brand=brand)
    SpotCheckFactory(brand=brand, state=SpotCheckState.WITHDRAWN)
    found = [VerdictFactory(flag__brand=brand, kind=kind) for kind in ("counterfeit", "image_reuse", "genuine")]
    judged(BrandFactory(), "counterfeit")
    VerdictFactory(kind="counterfeit")

    known = checked([brand.organisation_id])

    assert known.recall() == known.recall()
    assert known.cells == {
        (brand.organisation_id, "near", "ebay"): Cell(drawn=3, size=15, judged=1, missed=1),
        (brand.organisation_id, "near", "shopee"): Cell(drawn=1, size=5, judged=1),
    }
    assert known.found == {"ebay": 2}
    assert known.recall().missed == 10
    # The one on top of the other: a second look corrects the first, an undone verdict answers nothing.
    type(missed).objects.filter(pk=missed.pk).update(state="replaced")
    again = VerdictFactory(flag=missed.flag, kind="genuine", fingerprint=missed.fingerprint)
    assert checked([brand.organisation_id]).recall().missed == 0
    type(again).objects.filter(pk=again.pk).update(state="undone")
    assert checked([brand.organisation_id]).recall().missed == 10
    assert len(found) == 3


def test_who_judged_no_spot_check_adds_no_finds(brand):
    SpotCheckFactory(brand=brand)
    VerdictFactory(flag__brand=brand)
    assert checked([brand.organisation_id]).found == {}


def test_a_spot_check_whose_listing_changed_and_was_flagged_then_counts_for_both(brand):
    verdict = judged(brand, "genuine")
    type(verdict).objects.filter(pk=verdict.pk).update(state="replaced")
    Flag.objects.filter(pk=verdict.flag_id).update(fingerprint=sha("new"))
    verdict.flag.refresh_from_db()
    VerdictFactory(flag=verdict.flag, kind="counterfeit", fingerprint=sha("new"))

    known = checked([brand.organisation_id])

    assert (known.found, known.recall().judged, known.recall().missed) == ({"ebay": 1}, 1, 0)


def test_learning_counts_a_spot_check_for_all_it_stands_for(brand, django_assert_num_queries):
    VerdictFactory(flag__brand=brand, kind="counterfeit")
    judged(brand, "genuine", inclusion=0.02, stratum="middle")
    SpotCheckFactory(brand=brand, inclusion=0.02, stratum="middle")
    with django_assert_num_queries(5):
        cases = cases_of(brand.organisation)
    assert sorted((case.right, round(case.weight, 6)) for case in cases) == [(False, 100), (True, 1)]
