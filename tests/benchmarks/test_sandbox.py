"""What the sandbox's bench says of probabilities, on matches counted by hand."""

from benchmarks.report import Report
from benchmarks.sandbox import Judged, _calibration
from sandbox.offers import Label, Truth


def judged(label, **probabilities):
    truth = Truth(market="harborlane", listing_id="1", label=label, brand="haneulbit")
    return Judged(truth=truth, seen=True, flags={}, probabilities=probabilities)


def test_probabilities_are_held_against_the_truth_of_their_own_brand(capsys):
    _calibration(
        Report(),
        [
            judged(Label.COUNTERFEIT, haneulbit=0.9, dalgyeol=0.1),
            judged(Label.COUNTERFEIT, haneulbit=0.3),
            judged(Label.RESELLER, haneulbit=0.1),
            judged(Label.GENUINE),
        ],
    )
    said = capsys.readouterr().out
    assert "said 0.1 to 0.2, 0.100 on average: 0 of 2 are counterfeits, 0.000" in said
    assert "said 0.9 to 1.0, 0.900 on average: 1 of 1 are counterfeits, 1.000" in said
    assert "expected calibration error 0.2500" in said  # (0.1 + 0.1 + 0.7 + 0.1) / 4
    assert "Brier score 0.1300; saying 0.500 of everything: 0.2500" in said  # (0.01 + 0.01 + 0.49 + 0.01) / 4


def test_without_a_match_nothing_is_said_of_them(capsys):
    _calibration(Report(), [judged(Label.GENUINE)])
    assert "nothing to say" in capsys.readouterr().out
