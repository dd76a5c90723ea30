"""The bench runner: lists what there is, says when a goal is missed, and ends accordingly."""

import pytest

from benchmarks import __main__ as runner
from benchmarks.ranking import ranking
from benchmarks.report import Report


def test_every_bench_says_what_it_measures(capsys):
    assert runner.main([]) == 0
    listed = capsys.readouterr().out
    for name, about in runner.benches().items():
        assert name in listed
        assert about


def test_an_unknown_bench_is_named(capsys):
    assert runner.main(["no-such-bench"]) == 2
    assert "match_titles" in capsys.readouterr().err


def test_a_missed_goal_is_said(capsys):
    report = Report()
    report.faster("search", ours=0.001, baseline=0.002, against="the old way", goal=3.0)
    report.reaches("recall", 0.95, goal=0.9)
    report.reaches("precision", 0.5, goal=0.4, baseline=0.3, against="chance")
    assert [figure.missed for figure in report.figures] == [True, False, False]
    assert report.summary() == "3 figures, 2 of 3 goals reached; missed: search"
    assert "1 ms against 2 ms of the old way: 2.0x   goal 3 MISSED" in capsys.readouterr().out


@pytest.mark.parametrize(("goal", "status"), [(0.5, 0), (1.5, 1)])
def test_the_exit_status_follows_the_goals(monkeypatch, goal, status):
    module = type("Bench", (), {"run": staticmethod(lambda report: report.reaches("figure", 1.0, goal=goal))})
    monkeypatch.setattr(runner.importlib, "import_module", lambda name: module)
    assert runner.main(["match"]) == status


def test_ranking_counts_ties_together():
    assert ranking([(0.9, True), (0.8, False), (0.7, True)], 2, precision=0.99) == pytest.approx(
        (0.5 + 0.5 * 2 / 3, 0.5)
    )
    assert ranking([(0.9, True), (0.9, False)], 1, precision=0.99) == pytest.approx((0.5, 0.0))
