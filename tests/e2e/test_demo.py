"""The main job, end to end, as a newcomer runs it: real crawls, real Chromium, real PDF."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    home = tmp_path_factory.mktemp("demo")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("JIKIMI_", "DJANGO_"))}
    result = subprocess.run(
        [sys.executable, "-m", "jikimi.cli", "demo", "--no-serve", "--listings", "60", "--seed", "11"],
        cwd=ROOT,
        env={**environment, "JIKIMI_HOME": str(home), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return home, result.stdout


@pytest.fixture(scope="module")
def rows(demo):
    connection = sqlite3.connect(demo[0] / "jikimi.sqlite3")
    connection.row_factory = sqlite3.Row
    yield lambda query: connection.execute(query).fetchall()
    connection.close()


@pytest.mark.browser
def test_every_region_is_crawled_and_its_run_is_done(rows):
    states = {row["market"]: row["state"] for row in rows("select market, state from jobs_crawlrun")}

    assert states == dict.fromkeys(("harborlane", "marktkorb", "longshi", "pasarria"), "done")
    for market in states:
        (count,) = rows(f"select count(*) n from listings_listing where market = '{market}'")
        assert count["n"] >= 15


@pytest.mark.browser
def test_counterfeits_are_flagged_with_reasons_in_both_languages(rows):
    flags = rows("select probability, match from triage_flag order by probability desc")

    assert flags
    for flag in flags:
        match = json.loads(flag["match"])
        assert flag["probability"] >= 0.5
        assert match["sentence"]["en"]
        assert re.search("[가-힣]", match["sentence"]["ko"])
        assert match["signals"]


@pytest.mark.browser
def test_one_notice_is_drafted_as_pdf_and_nothing_is_sent(demo, rows):
    home, output = demo

    assert (home / "notice.pdf").read_bytes().startswith(b"%PDF")
    assert "not sent" in output
    (notice,) = rows("select state from takedown_notice")
    assert notice["state"] == "draft"


@pytest.mark.browser
def test_the_truth_stays_out_of_what_the_crawl_stored(demo):
    home, _ = demo
    for path in (home / "spool").rglob("*.jsonl"):
        assert "brand_dropped" not in path.read_text(encoding="utf-8")


@pytest.mark.browser
def test_figures_are_shown_per_region_and_tactic(demo):
    _, output = demo

    for word in ("precision", "recall", "asean", "china", "eu", "us", "tactic"):
        assert word in output
