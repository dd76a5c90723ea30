import tempfile
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, Organisation, OutboxMessage, Role
from jikimi.commands import brand as brand_command
from registry import models, queries
from registry.importing import import_folders
from registry.models import Brand
from registry.services import Change, store
from tests.factories import MembershipFactory, OrganisationFactory
from tests.registry.folders import TOML, png, write

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parents[2] / "samples/registry"
TABLES = (
    Organisation,
    Brand,
    models.Mark,
    models.Spelling,
    models.Product,
    models.ReferenceImage,
    models.Right,
    models.PowerOfAttorney,
    models.AuthorisedSeller,
    AuditEvent,
    OutboxMessage,
)


def everything():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def take(path, **options):
    return list(import_folders(path=path, **options))


def test_a_brand_is_registered_whole(tmp_path):
    [result] = take(write(tmp_path))

    assert (result.change, result.problems, result.counts[Change.CREATED]) == (Change.CREATED, [], 6)
    brand = Brand.objects.get()
    assert brand.organisation.name == "Haneul House Co., Ltd."
    right = brand.rights.get()
    assert (right.mark.text, right.certificate_name) == ("Haneulbit", "rights/kr.pdf")
    assert store().get(right.certificate_sha256) == b"%PDF-1.4 certificate"
    assert store().get(brand.images.get().sha256) == png()
    assert brand.images.get().product.code == "serum"
    topics = OutboxMessage.objects.values_list("topic", flat=True)
    assert sorted(topics) == ["registry.brand_changed", "registry.image_added", "registry.mark_added"]


def test_the_second_run_changes_nothing_and_tells_nobody(tmp_path):
    take(write(tmp_path))
    before = everything()
    [result] = take(tmp_path)
    assert result.change is Change.UNCHANGED
    assert everything() == before


def test_one_change_in_the_folder_is_one_change_in_the_registry(tmp_path):
    take(write(tmp_path))
    OutboxMessage.objects.all().delete()
    [result] = take(write(tmp_path, TOML.replace('"32000"', '"33000"')))
    assert (result.change, result.counts[Change.UPDATED]) == (Change.UPDATED, 1)
    assert OutboxMessage.objects.get().topic == "registry.brand_changed"


def test_nothing_is_half_imported_and_the_other_brands_go_on(tmp_path, monkeypatch):
    from registry import importing  # noqa: PLC0415 (beside its only use)

    for name in ("ahyeon", "bada", "choco"):
        write(tmp_path / name, TOML.replace('slug = "haneulbit"', f'slug = "{name}"'))
    (tmp_path / "bada/poa.pdf").unlink()
    put_right = importing.services.put_right

    def fails_for_choco(*, brand, **fields):
        if brand.slug == "choco":
            msg = "register"
            raise importing.BadInput(msg, "number", "one nobody else has", "x")
        return put_right(brand=brand, **fields)

    monkeypatch.setattr(importing.services, "put_right", fails_for_choco)
    results = take(tmp_path)

    assert [result.change for result in results] == [Change.CREATED, None, None]
    assert "poa.pdf" in str(results[1].problems[0])
    assert [brand.slug for brand in Brand.objects.all()] == ["ahyeon"]
    assert models.Mark.objects.count() == models.Product.objects.count() == 1
    assert OutboxMessage.objects.filter(topic="registry.image_added").count() == 1


def test_a_folder_without_brand_toml_is_a_failure_of_its_own(tmp_path):
    write(tmp_path / "good")
    (tmp_path / "empty").mkdir()
    results = take(tmp_path)
    assert [(result.folder.name, result.change) for result in results] == [("empty", None), ("good", Change.CREATED)]


def without(table):
    return "\n[[".join(part for part in TOML.split("\n[[") if not part.startswith(table))


GONE = {
    "products": ("product Dew serum", True),
    "authorised_sellers": ("authorised seller harborlane / haneulbit-official", True),
    "images": ("reference image serum.png", True),
    "rights": ("right KR 40-990101 (trademark_word)", False),
    "powers_of_attorney": ("power of attorney Haneul House Co., Ltd. -> Watch", False),
}


@pytest.mark.parametrize("table", GONE)
def test_what_the_folder_no_longer_names_is_kept_unless_pruned(tmp_path, table):
    called, removable = GONE[table]
    take(write(tmp_path))
    toml = without(table)
    if table == "products":
        toml = toml.replace('product = "serum"\n', "")
    [kept] = take(write(tmp_path, toml))
    assert (kept.kept, kept.removed) == ([called], [])

    [pruned] = take(tmp_path, prune=True)
    assert (pruned.kept, pruned.removed) == (([], [called]) if removable else ([called], []))
    assert pruned.change is (Change.UPDATED if removable else Change.UNCHANGED)


def test_a_mark_a_right_rests_on_is_not_pruned(tmp_path):
    take(write(tmp_path))
    renamed = TOML.replace('text = "Haneulbit"', 'text = "Moraedam"').replace('mark = "Haneulbit"', 'mark = "Moraedam"')
    toml = renamed.replace("40-990101", "40-990102")
    [result] = take(write(tmp_path, toml), prune=True)
    assert "mark Haneulbit (Haneulbit is still needed by KR 40-990101 (trademark_word))" in result.kept
    assert models.Mark.objects.count() == 2


def test_a_dry_run_registers_nothing(tmp_path):
    [result] = take(write(tmp_path), dry_run=True)
    assert result.change is Change.CREATED
    assert not any(rows for rows in everything().values())


def test_the_organisation_given_wins_over_the_one_in_the_file(tmp_path):
    agency = OrganisationFactory()
    take(write(tmp_path), organisation=agency)
    assert Brand.objects.get().organisation == agency
    assert Organisation.objects.count() == 1


def test_an_organisation_must_be_named_somewhere(tmp_path):
    toml = TOML.replace('[organisation]\nslug = "haneul-house"\nname = "Haneul House Co., Ltd."\n', "")
    [result] = take(write(tmp_path, toml))
    assert "organisation" in str(result.problems[0])


def test_a_brands_file_does_not_change_an_organisation_that_is_there(tmp_path):
    OrganisationFactory(slug="haneul-house", name="Another name")
    [result] = take(write(tmp_path))
    assert "name" in result.notes[0]
    assert Organisation.objects.get().name == "Another name"


@pytest.mark.parametrize(("line", "pool"), [("", False), ("pool = false", False), ("pool = true", True)])
def test_a_new_organisation_takes_part_in_the_pool_where_its_file_says_so(tmp_path, line, pool):
    take(write(tmp_path, TOML.replace("[[marks]]", f"{line}\n\n[[marks]]", 1)))
    assert Organisation.objects.get().pool is pool
    assert OutboxMessage.objects.filter(topic="accounts.pool_joined").exists() is pool


@pytest.mark.parametrize("pool", [False, True])
def test_a_brands_file_has_no_organisation_that_is_there_join_or_leave_the_pool(tmp_path, pool):
    OrganisationFactory(slug="haneul-house", name="Haneul House Co., Ltd.", email="", address="", pool=pool)
    asked = f"pool = {str(not pool).lower()}\n\n[[marks]]"
    [silent, loud] = [*take(write(tmp_path)), *take(write(tmp_path, TOML.replace("[[marks]]", asked, 1)))]
    assert silent.notes == []
    assert "another pool: left as it is" in loud.notes[0]
    assert Organisation.objects.get().pool is pool
    assert not OutboxMessage.objects.filter(topic__startswith="accounts.pool").exists()


def test_an_owner_imports_for_their_own_organisation_only(tmp_path):
    mine, theirs = OrganisationFactory(), OrganisationFactory()
    owner = MembershipFactory(organisation=mine, role=Role.BRAND_OWNER).user
    [refused] = take(write(tmp_path), actor=owner, organisation=theirs)
    assert "may not registry.add_brand" in str(refused.problems[0])
    [taken] = take(tmp_path, actor=owner, organisation=mine)
    assert taken.change is Change.CREATED
    assert {event.actor for event in AuditEvent.objects.all()} == {owner}


word = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20)
marks = st.lists(
    st.fixed_dictionaries(
        {"text": word, "spellings": st.lists(word, max_size=4, unique=True), "common": st.booleans()}
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda mark: mark["text"],
)
prices = st.decimals(0, 10**9, places=2)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(marks=marks, prices=st.lists(prices, max_size=4))
def test_whatever_fits_is_taken_once(marks, prices):
    lines = ['name = "N"', 'slug = "n"', '[organisation]\nslug = "o"\nname = "O"']
    for mark in marks:
        spellings = ", ".join(f'"{text}"' for text in mark["spellings"])
        common = str(mark["common"]).lower()
        lines.append(f'[[marks]]\ntext = "{mark["text"]}"\ncommon_word = {common}\nspellings = [{spellings}]')
    for number, price in enumerate(prices):
        lines.append(f'[[products]]\ncode = "p{number}"\nname = "P"\nprice = "{price}"\ncurrency = "KRW"')
    with tempfile.TemporaryDirectory() as name, transaction.atomic():
        [first] = take(write(Path(name), "\n".join(lines)))
        if first.change is not None:  # two words may be one once composed
            before = everything()
            [second] = take(Path(name))
            assert second.change is Change.UNCHANGED
            assert everything() == before
        else:
            assert not any(rows for rows in everything().values())
        transaction.set_rollback(True)


def run(*arguments):
    return CliRunner().invoke(brand_command.command, ["import", *map(str, arguments)])


def test_the_command_sums_up_and_fails_when_a_brand_did(tmp_path):
    write(tmp_path / "good")
    done = run(tmp_path)
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "1 created, 0 updated, 0 unchanged, 0 failed.")
    write(tmp_path / "bad", TOML.replace('"KRW"', '"WON"'))
    done = run(tmp_path)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "0 created, 0 updated, 1 unchanged, 1 failed.")
    assert "products.0.currency: expected an ISO 4217 currency such as 'KRW', got 'WON'" in done.stderr


def test_the_sample_registry_fits_and_shows_every_case():
    results = take(SAMPLES)

    assert [result.change for result in results] == [Change.CREATED] * 12
    assert [result.change for result in take(SAMPLES)] == [Change.UNCHANGED] * 12
    profiles = queries.profiles(Brand.objects.all())
    assert all(len(profile.pictures) >= 3 for profile in profiles)
    assert all({"Latn", "Hang"} <= {s.script for s in profile.marks[0].spellings} for profile in profiles)
    assert {shop.market for profile in profiles for shop in profile.authorised} == {
        "harborlane",
        "marktkorb",
        "longshi",
        "pasarria",
    }
    offices = dict.fromkeys(Brand.objects.values_list("slug", flat=True), frozenset())
    for right in models.Right.objects.select_related("brand"):
        offices[right.brand.slug] |= {right.office}
    assert offices["parangyeol"] == {"KR"}
    assert frozenset.union(*offices.values()) == {"KR", "US", "EU", "CN", "WO", "ID", "MY", "TH"}
    statuses = set(models.Right.objects.values_list("status", flat=True))
    assert statuses == {"registered", "pending", "expired", "cancelled"}


def test_the_sample_pictures_are_small_and_all_different():
    files = [path for path in SAMPLES.glob("*/*") if path.suffix in {".jpg", ".png"}]
    assert all(path.stat().st_size < 60_000 for path in files)
    assert len({path.read_bytes() for path in files}) == len(files) >= 36
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 2_000_000


@pytest.mark.parametrize("guide", ["brand-owner.md", "brand-owner.ko.md"])
def test_the_annotated_example_in_the_guide_fits(tmp_path, guide):
    text = (Path(__file__).parents[2] / "docs/how-to" / guide).read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    write(tmp_path, example)
    (tmp_path / "rights/kr.pdf").rename(tmp_path / "rights/kr-word.pdf")
    (tmp_path / "poa.pdf").rename(tmp_path / "power-of-attorney.pdf")
    (tmp_path / "serum.png").rename(tmp_path / "logo.png")
    (tmp_path / "dew-serum.jpg").write_bytes(png((200, 10, 10)))
    with time_machine.travel("2026-11-23T12:00:00Z"):
        [result] = take(tmp_path)
    assert result.problems == []
