"""`jikimi market new` and `check`, run as a newcomer runs them, in a copy of the files they touch."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date

import pytest

from contracts.config import CONFIG_DIR
from contracts.errors import BadInput, ManyBadInputs
from contracts.market import Region, load_manifest
from crawlers.scaffold import Answers, files, write

ROOT = CONFIG_DIR.parent
NEW = {
    "--name": "Nachtmarkt", "--region": "eu", "--domain": "www.nachtmarkt.example", "--country": "DE",
    "--currency": "EUR", "--languages": "de,en", "--search": "https://www.nachtmarkt.example/s?q={query}&p={page}",
    "--access": "http",
}  # fmt: skip


def answers(**changes):
    values = {
        "id": "7nachtmarkt", "name": "Nachtmarkt", "region": Region.EU, "country": "DE",
        "domain": "www.nachtmarkt.example", "currency": "EUR", "languages": ("de",), "search": "",
        "access": ("capture",), "duty_profile": "dsa-article-16", "reviewed_on": "2026-11-26",
    }  # fmt: skip
    return Answers(**{**values, **changes})


@pytest.fixture
def house(tmp_path):
    """A copy of what the verbs read and write; the rest of the house is read where it is."""
    for name in ("config", "contracts", "crawlers", "evidence", "jikimi"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copytree(ROOT / "tests" / "crawlers" / "fixtures", tmp_path / "tests" / "crawlers" / "fixtures")

    def market(*arguments, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "jikimi.cli", "market", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
            timeout=60, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    market.folder = tmp_path
    return market


def test_a_new_marketplace_passes_its_check_from_the_start(house):
    told = house("new", "nachtmarkt", *(part for pair in NEW.items() for part in pair))
    assert "wrote crawlers/pages/nachtmarkt.py" in told
    manifest = load_manifest(house.folder / "config" / "markets" / "eu" / "nachtmarkt.toml")
    assert manifest.addresses.search == "{origin}/s?q={query}&p={page}"
    assert manifest.access == ("http", "capture")
    assert manifest.duty_profile == "dsa-article-16"

    assert "expected a JSON object" in house("check", "nachtmarkt", code=1)
    written = house("check", "nachtmarkt", "--write")
    assert "title=Invented cream 50 ml" in written
    assert "removed.html: written as removed" in written
    assert "wall.html: written as blocked" in written
    assert house("check", "nachtmarkt").endswith("all right\n")

    page = house.folder / "tests" / "crawlers" / "fixtures" / "nachtmarkt" / "product.html"
    page.write_text(page.read_text().replace("12.50", "13.50"))
    assert 'product.html: listing 0, price: expected "12.50", got "13.50"' in house("check", "nachtmarkt", code=1)
    (page.parent / "wall.expected.json").unlink()
    page.with_name("wall.html").unlink()
    assert "no fixture with the outcome blocked" in house("check", "nachtmarkt", code=1)


def test_a_skeleton_does_not_pass_for_proven(house):
    house("new", "nachtmarkt", *(part for pair in NEW.items() for part in pair))
    house("check", "nachtmarkt", "--write")
    manifest = house.folder / "config" / "markets" / "eu" / "nachtmarkt.toml"
    proof = '[[proofs]]\nkind = "product page"\nsite = "DE"\ncaptured = "2026-11"\n\n[terms]'
    manifest.write_text(manifest.read_text().replace("[terms]", proof, 1))
    told = house("check", "nachtmarkt", code=1)
    assert "the skeleton's invented words still stand there" in told
    assert "does not say proven = true" in told


def test_a_page_named_by_its_status_is_read_with_it(house):
    house("new", "nachtmarkt", *(part for pair in NEW.items() for part in pair))
    folder = house.folder / "tests" / "crawlers" / "fixtures" / "nachtmarkt"
    (folder / "removed-404.html").write_text("<!doctype html><title>Oh</title><p>Nothing to see.")
    assert "removed-404.html: written as removed (HTTP 404)" in house("check", "nachtmarkt", "--write")
    assert json.loads((folder / "removed-404.expected.json").read_text())["status"] == 404
    assert "removed-404.html: as expected" in house("check", "nachtmarkt")


def test_nothing_is_overwritten(house):
    house("new", "nachtmarkt", *(part for pair in NEW.items() for part in pair))
    again = house("new", "nachtmarkt", *(part for pair in NEW.items() for part in pair), code=2)
    assert "config/markets/eu/nachtmarkt.toml: expected a file that is not there yet" in again


def test_an_unknown_market_is_named(house):
    assert "begun with `jikimi market new nosuch`" in house("check", "nosuch", code=2)


def test_a_module_may_not_begin_with_a_digit():
    assert {path.name for path in files(answers())} >= {"7nachtmarkt.toml", "m7nachtmarkt.py"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"currency": "EURO"}, "sites.0.currency"),
        ({"id": "Nacht Markt"}, "id"),
        ({"access": ("proxy",)}, "access.0"),
        ({"search": "https://www.nachtmarkt.example/s"}, "search"),
        ({"name": 'a"b\nregion = "us"'}, "name"),
    ],
)
def test_an_answer_that_does_not_fit_is_named_and_none_can_break_out(change, named):
    with pytest.raises((BadInput, ManyBadInputs), match=named):
        files(answers(**change))


def test_a_half_written_marketplace_is_never_left(tmp_path):
    written = files(answers())
    last = list(written)[-1]
    (tmp_path / last).parent.mkdir(parents=True)
    (tmp_path / last).write_text("mine")
    with pytest.raises(BadInput):
        write(written, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / last]
    assert date.fromisoformat(answers().reviewed_on)
