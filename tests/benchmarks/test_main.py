"""Which benches a name runs."""

import pytest

from benchmarks import __main__ as benchmarks


@pytest.mark.parametrize(
    ("arguments", "ran"),
    [
        (["sandbox"], ["sandbox"]),
        (["match"], ["match_images", "match_titles"]),
        (["match-titles", "sandbox_"], ["match_titles", "sandbox_crawl"]),
    ],
)
def test_a_name_runs_its_bench_or_all_that_begin_with_it(monkeypatch, arguments, ran):
    names = ("match_images", "match_titles", "sandbox", "sandbox_crawl")
    monkeypatch.setattr(benchmarks, "benches", lambda: dict.fromkeys(names, ""))
    started = []

    class Bench:
        def __init__(self, name):
            self.name = name.removeprefix("benchmarks.")

        def run(self, _report):
            started.append(self.name)

    monkeypatch.setattr(benchmarks.importlib, "import_module", Bench)
    assert benchmarks.main(arguments) == 0
    assert started == ran
