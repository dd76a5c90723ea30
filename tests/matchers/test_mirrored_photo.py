"""The brand's own photo with left and right swapped: evasion, and with a price that is a little low worth a look."""

import attrs
import pytest

from contracts.match import Ground, PictureRelation
from matchers import weights
from tests.judged import ask, picture

MIRRORED = attrs.evolve(picture(score=1.0), mirrored=True)


def test_it_is_a_reason_of_its_own_in_both_languages():
    match = ask("Haneulbit serum", 29, pictures=[MIRRORED])
    signal = next(signal for signal in match.signals if signal.name == "photo_mirrored")

    assert signal.weight == weights.MIRRORED
    assert signal.listing_image == MIRRORED.listing_sha256
    assert "mirrored" in signal.reason.en
    assert "뒤집" in signal.reason.ko


@pytest.mark.parametrize("more", [{"price": 29}, {"price": 29, "ship_from": "China"}, {"price": None}])
def test_at_the_genuine_price_nobody_is_asked_to_look(more):
    assert ask("Haneulbit serum", pictures=[MIRRORED], **more).probability < weights.QUEUE


def test_at_a_price_a_little_low_the_plain_photo_passes_and_the_mirrored_one_does_not():
    plain, swapped = (ask("Haneulbit serum", 25, pictures=[one]) for one in (picture(score=1.0), MIRRORED))

    assert plain.probability < weights.QUEUE <= swapped.probability
    assert swapped.ground is Ground.COUNTERFEIT


def test_artwork_seen_from_behind_is_no_swapped_photo():
    glass = attrs.evolve(picture(relation=PictureRelation.ARTWORK, score=1.0), mirrored=True)

    assert "photo_mirrored" not in {signal.name for signal in ask("Haneulbit serum", 25, pictures=[glass]).signals}


def test_an_authorised_shop_may_swap_what_it_likes():
    assert ask("Haneulbit serum", 25, pictures=[MIRRORED], seller_id="good").probability < 1e-3
