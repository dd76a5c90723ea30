from contracts.config import CONFIG_DIR
from contracts.market import manifests
from crawlers.coverage import README_MARKS, Footing, as_markdown, coverage, for_readme, in_readme

ROOT = CONFIG_DIR.parent


def test_the_table_in_the_docs_is_what_the_manifests_say():
    assert (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8") == as_markdown()


def test_the_table_in_the_readme_is_what_the_manifests_say():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert all(mark in text for mark in README_MARKS)
    assert in_readme(text) == text


def test_every_real_marketplace_stands_in_it_and_no_invented_one():
    named = {row.market for row in coverage()}

    assert named == {name for name, manifest in manifests().items() if not manifest.invented}
    assert not {"harborlane", "longshi", "marktkorb", "pasarria"} & named


def test_nothing_is_called_proven_without_a_proof():
    for row in coverage():
        assert (row.footing is Footing.REAL_PAGE) == bool(row.proofs and manifests()[row.market].page_module)
        assert {site.country for site in row.sites if site.proven} <= {proof.site for proof in row.proofs}


def test_a_readme_without_marks_stays_as_it_is():
    assert in_readme("# jikimi\n") == "# jikimi\n"
    assert for_readme().startswith(README_MARKS[0])
