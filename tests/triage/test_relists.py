"""Listings that repeat what an organisation decided to be a counterfeit."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw

from evidence.store import Store
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    ListingImageFactory,
    MarkFactory,
    SightingFactory,
    VerdictFactory,
)
from triage.matching import match_listings
from triage.models import Flag
from triage.relists import Relists

pytestmark = pytest.mark.django_db
TITLE = "Haneulbit dew serum 50 ml, night market bargain"


@pytest.fixture
def store(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    return Store(settings.EVIDENCE_DIR)


@pytest.fixture
def brand():
    brand = BrandFactory()
    MarkFactory(brand=brand, text="Haneulbit")
    return brand


def shelf(seed, quality=95):
    picture = Image.new("RGB", (320, 320), "linen")
    pen = ImageDraw.Draw(picture)
    for step in range(30):
        x, y = step * (53 + seed) % 290, step * (97 + 3 * seed) % 290
        pen.rectangle((x, y, x + 20 + step, y + 34), fill=(step * 8, 90 + seed, 255 - step * 8), outline="black")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def decided(brand, kind="counterfeit", title=TITLE, sha256="", **changes):
    listing = ListingFactory(title=title)
    if sha256:
        ListingImageFactory(listing=listing, sha256=sha256)
    flag = FlagFactory(listing=listing, brand=brand)
    VerdictFactory(flag=flag, kind=kind, **changes)
    return listing


def repeated(brand, listing):
    return Relists([str(brand.pk)]).of(listing, {str(brand.pk)}).get(str(brand.pk), [])


def test_the_same_title_by_another_seller_is_flagged_and_names_the_earlier_listing(brand, store):
    earlier = decided(brand)
    again = ListingFactory(title=f"{TITLE} fast shipping", price="21.00")
    CaptureFactory(listing=again)
    SightingFactory(listing=again, organisation=brand.organisation)

    match_listings(type(again).objects.filter(pk=again.pk))

    flag = Flag.objects.get(listing=again)
    (relist,) = [signal for signal in flag.match["signals"] if signal["name"] == "relist"]
    assert relist["compared_with"] == str(earlier)
    assert flag.match["without"]["relist"] < 0.5 <= flag.probability


def test_the_same_picture_is_known_when_it_was_saved_again(brand, store):
    decided(brand, title="Night cream", sha256=store.put(shelf(1)))
    again, other = ListingFactory(title="Serum"), ListingFactory(title="Serum")
    saved = ListingImageFactory(listing=again, sha256=store.put(shelf(1, quality=60)))
    ListingImageFactory(listing=other, sha256=store.put(shelf(2)))

    (relist,) = repeated(brand, again)

    assert (relist.pictures, relist.title) == ((saved.sha256,), "")
    assert repeated(brand, other) == []


def test_a_flat_picture_and_a_lost_one_are_nobodys(brand, store):
    buffer = io.BytesIO()
    Image.new("RGB", (320, 320), "white").save(buffer, "PNG")
    for sha256 in (store.put(buffer.getvalue()), "1" * 64):
        decided(brand, title="Night cream", sha256=sha256)
        again = ListingFactory(title="Serum")
        ListingImageFactory(listing=again, sha256=sha256)
        assert repeated(brand, again) == []


def test_a_verdict_speaks_for_its_own_organisation_alone(brand):
    decided(brand)
    stranger = BrandFactory()
    again = ListingFactory(title=TITLE)

    both = Relists([str(brand.pk), str(stranger.pk)]).of(again, {str(brand.pk), str(stranger.pk)})

    assert set(both) == {str(brand.pk)}


def test_a_listing_does_not_repeat_itself(brand):
    assert repeated(brand, decided(brand)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "genuine"},
        {"kind": "likely"},
        {"state": "undone"},
        {"memory_expires_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_only_a_counterfeit_that_stands_and_is_remembered_counts(brand, changes):
    decided(brand, **changes)
    assert repeated(brand, ListingFactory(title=TITLE)) == []


def test_what_a_cleared_listing_shows_too_says_nothing(brand, store):
    sha256 = store.put(shelf(1))
    decided(brand, sha256=sha256)
    decided(brand, kind="resale", sha256=sha256)
    again = ListingFactory(title=TITLE)
    ListingImageFactory(listing=again, sha256=sha256)

    assert repeated(brand, again) == []


def test_verdicts_are_fetched_with_a_fixed_number_of_reads(brand, django_assert_num_queries):
    for number in range(6):
        decided(brand, title=f"{TITLE} {number}")

    with django_assert_num_queries(2):
        Relists([str(brand.pk)])
