"""Fixtures every group shares."""

import os
from pathlib import Path

import pytest
from django.utils import translation


def pytest_terminal_summary(terminalreporter):
    """Say how many checks were skipped for want of real data, so that a green run is not mistaken for a full one."""
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "JIKIMI_BENCH_DATA" in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} checks on real data skipped: JIKIMI_BENCH_DATA is not set")


@pytest.fixture(scope="session")
def bench_data() -> Path:
    """Return the folder of real data, or skip."""
    folder = os.environ.get("JIKIMI_BENCH_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("JIKIMI_BENCH_DATA is not set")
    return Path(folder).resolve()


@pytest.fixture(autouse=True)
def language_of_its_own():
    """Let no test inherit the language another one's request was answered in."""
    yield
    translation.deactivate()
