import json
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"


def parse(*arguments):
    command = [sys.executable, "-m", "jikimi.cli", "parse", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_one_json_object_per_listing_with_plain_decimals():
    done = parse(FIXTURES / "ebay" / "s-card-rows.html", "--market", "ebay", "--kind", "search", "--site", "US")
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert [(row["listing_id"], row["price"], row["currency"]) for row in rows] == [
        ("700000000001", "12.50", "CAD"),
        ("700000000002", "3", "CAD"),
    ]


@pytest.mark.parametrize(
    ("page", "code", "word"),
    [
        ("ebay/wall.html", 3, "blocked"),
        ("unlisted/unknown.html", 4, "unknown"),
        ("ebay/item-ended.html", 5, "removed"),
        ("ebay/no-results.html", 0, "empty"),
    ],
)
def test_what_is_no_listing_has_its_own_exit_and_word(page, code, word):
    done = parse(FIXTURES / page, "--market", page.split("/")[0])

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.splitlines()[-1].startswith(f"{word}: ")


def test_a_market_without_manifest_is_read_with_a_warning():
    done = parse(FIXTURES / "unlisted" / "jsonld.html", "--market", "unlisted")

    assert done.returncode == 0
    assert json.loads(done.stdout)["title"] == "Krem Haneulbit"
    assert done.stderr == "warning: unlisted has no manifest: read by structured data alone\n"


def test_what_was_not_read_is_named_when_asked():
    done = parse(FIXTURES / "ebay" / "s-card-rows.html", "--market", "ebay", "--absent")

    assert "absent: description, brand," in done.stderr
    assert "(read by pages." in done.stderr


def test_the_site_of_the_united_kingdom_has_two_names():
    done = parse(FIXTURES / "amazon" / "search-2019-fragment.html", "--market", "amazon", "--site", "uk")

    assert json.loads(done.stdout)["site"] == "MX"  # what the page says overrules the hint


def test_a_missing_file_is_named():
    done = parse("no-such-file.html", "--market", "ebay")

    assert done.returncode == 2
    assert "no-such-file.html" in done.stderr


def test_the_verb_starts_without_django():
    script = "import sys; sys.argv[1:] = ['parse', sys.argv[1], '--market', 'ebay']; from jikimi.cli import cli; cli(standalone_mode=False); sys.exit('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, str(FIXTURES / "ebay" / "item-new.html")],
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0
