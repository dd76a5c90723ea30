import io

import pytest
from click.testing import CliRunner
from PIL import Image

from contracts.errors import BadInput
from evidence.store import Store
from jikimi.commands.hunt import command as hunt
from jikimi.commands.index import command as index
from listings.indexing import index_listings
from listings.models import Listing
from listings.search import open_index
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    ListingFactory,
    ListingImageFactory,
    MarkFactory,
    ReferenceImageFactory,
    SightingFactory,
    SpellingFactory,
)
from triage.models import Flag, Hunt
from triage.services import fail_hunt, queue_hunt, take_hunt

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path, monkeypatch):
    settings.EVIDENCE_DIR, settings.INDEX_DIR, settings.SEARCH_URL = tmp_path / "e", tmp_path / "i", "embedded"
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def brand():
    brand = BrandFactory(slug="haneulbit")
    MarkFactory(brand=brand)
    for number in range(3):
        listing = ListingFactory(title=f"Haneulbit serum {number} 1:1 mirror quality replica")
        CaptureFactory(listing=listing)
        SightingFactory(listing=listing, organisation=brand.organisation)
    index_listings(Listing.objects.all())
    return brand


def call(command, *words):
    answer = CliRunner().invoke(command, words)
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


def test_a_brand_is_hunted_for_with_a_summary(brand):
    said = call(hunt, "haneulbit").output
    assert "3 candidates, 3 looked at, 0 no longer stored, 0 unreadable. 3 with a flag, 3 of them new." in said
    assert Flag.objects.count() == 3

    again = call(hunt, "haneulbit").output
    assert "3 with a flag, 0 of them new." in again


def test_one_mark_or_picture_alone(brand):
    MarkFactory(brand=brand, text="Dalmuri")
    ReferenceImageFactory(brand=brand, file_name="serum.png")
    call(hunt, "haneulbit", "--mark", "Dalmuri")
    assert [target.label for target in Hunt.objects.first().targets.all()] == ["Dalmuri"]
    call(hunt, "haneulbit", "--image", "serum.png", "--mark", "Haneulbit")
    assert [target.label for target in Hunt.objects.first().targets.all()] == ["Haneulbit", "serum.png"]


def test_a_hunt_cut_off_before_a_spelling_was_added_is_not_gone_on_with(brand):
    waiting = queue_hunt(actor=None, brand=brand, marks=brand.marks.all())
    cut_off = fail_hunt(hunt=take_hunt(actor=None, hunt=waiting), error="the disk was full")
    SpellingFactory(mark=brand.marks.get(), text="Skybit", script="Latn")
    call(hunt, "haneulbit")
    newest = Hunt.objects.first()
    assert newest != cut_off
    assert newest.targets.get().spellings == ["Haneulbit", "Skybit"]


def test_a_hunt_that_was_cut_off_goes_on(brand):
    cut_off = queue_hunt(actor=None, brand=brand, marks=brand.marks.all())
    take_hunt(actor=None, hunt=cut_off)
    Hunt.objects.update(
        held_until=None, cursor=Listing.objects.order_by("pk")[1].__str__().replace(" ", ":"), candidates=3, looked_at=2
    )
    said = call(hunt, "haneulbit").output
    assert "3 candidates, 3 looked at" in said
    assert Hunt.objects.count() == 1
    assert Flag.objects.count() == 1


def test_what_is_not_registered_is_named(brand):
    BrandFactory(slug="haneulbit")
    for words, field in (
        (["nobody"], "BRAND"),
        (["haneulbit"], "--organisation"),
        (["haneulbit", "--organisation", brand.organisation.slug, "--mark", "Nothing"], "--mark"),
        (["haneulbit", "--organisation", brand.organisation.slug, "--image", "no.png"], "--image"),
    ):
        with pytest.raises(BadInput, match=field):
            call(hunt, *words)
    assert not Hunt.objects.exists()


def test_an_unreadable_listing_is_said_by_the_exit_status(brand):
    Listing.objects.filter(pk=Listing.objects.first().pk).update(data={"market": 7})
    answer = call(hunt, "haneulbit")
    assert "2 looked at, 0 no longer stored, 1 unreadable" in answer.output
    assert answer.exit_code == 1


def test_the_index_is_checked_and_made_anew(brand):
    assert "3 listings stored, 3 indexed." in call(index, "check").output
    open_index().clear()
    for words in (["check"], ["check", "--quick"]):
        short = call(index, *words)
        assert (short.exit_code, "3 listings stored, 0 indexed." in short.output) == (1, True)

    assert "3 listings indexed." in call(index, "rebuild").output
    assert call(index, "check").exit_code == 0
    assert "3 candidates" in call(hunt, "haneulbit").output


def test_what_is_indexed_otherwise_than_it_is_stored_is_noticed_and_mended(brand):
    Listing.objects.filter(pk=Listing.objects.first().pk).update(title="Haneulbit cream")
    noticed = call(index, "check")
    assert (noticed.exit_code, "1 are not indexed as they are stored." in noticed.output) == (1, True)
    assert call(index, "check", "--quick").exit_code == 0
    call(index, "rebuild")
    assert call(index, "check").exit_code == 0


def test_pictures_nobody_looked_into_are_counted_and_looked_into(brand, settings):
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 60).convert("RGB").save(buffer, "PNG")
    sha256 = Store(settings.EVIDENCE_DIR).put(buffer.getvalue())
    ListingImageFactory(listing=Listing.objects.first(), sha256=sha256)
    call(index, "rebuild")
    assert "1 pictures were never described" in call(index, "check").output

    call(index, "rebuild", "--pictures")
    checked = call(index, "check")
    assert (checked.exit_code, "never described" in checked.output) == (0, False)
