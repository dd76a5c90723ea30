import io

import pytest
from PIL import Image

from evidence.store import Store
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    ListingImageFactory,
    MembershipFactory,
    ReferenceImageFactory,
    SightingFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    return tmp_path


@pytest.fixture
def put(home):
    def put(data):
        return Store(home / "evidence").put(data)

    return put


def drawn(kind="PNG", size=(800, 400)):
    data = io.BytesIO()
    Image.new("RGB", size, "teal").save(data, kind)
    return data.getvalue()


@pytest.fixture
def listing():
    return SightingFactory().listing


@pytest.fixture
def member(client, listing):
    organisation = listing.sightings.get().organisation
    client.force_login(MembershipFactory(organisation=organisation).user)
    return client


def test_a_member_gets_the_very_bytes_fenced_in(member, listing, put):
    data = drawn()
    image = ListingImageFactory(listing=listing, sha256=put(data))
    answer = member.get(f"/listings/{listing.pk}/pictures/{image.sha256}")
    assert answer.content == data
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Disposition"] == f'inline; filename="{image.sha256[:16]}.png"'
    assert answer["Cache-Control"].startswith("private")


def test_the_kind_is_what_the_bytes_are_not_what_was_claimed(member, listing, put):
    image = ListingImageFactory(listing=listing, sha256=put(drawn("WEBP")), media_type="text/html")
    assert member.get(f"/listings/{listing.pk}/pictures/{image.sha256}")["Content-Type"] == "image/webp"


@pytest.mark.parametrize("data", [b"<html><script>alert(1)</script>", drawn()[:60], b""])
@pytest.mark.parametrize("size", ["", "/thumb"])
def test_what_is_no_picture_is_not_served(member, listing, put, data, size):
    image = ListingImageFactory(listing=listing, sha256=put(data))
    address = f"/listings/{listing.pk}/pictures/{image.sha256}{size}"
    assert member.get(address).status_code == (200 if data.startswith(b"\x89PNG") and not size else 404)


def test_smaller_copies_are_drawn_once_and_kept(member, listing, put, home):
    image = ListingImageFactory(listing=listing, sha256=put(drawn()))
    address = f"/listings/{listing.pk}/pictures/{image.sha256}/thumb"
    first = member.get(address)
    with Image.open(io.BytesIO(first.content)) as small:
        assert (small.format, small.size) == ("JPEG", (160, 80))
    kept = list((home / "thumbs").rglob("*.*"))
    assert [path.suffix for path in kept] == [".jpg"]
    Store(home / "evidence").path(image.sha256).unlink()
    assert member.get(address).content == first.content


def test_missing_damaged_and_unknown_are_not_found(member, listing, put, home):
    missing = ListingImageFactory(listing=listing)
    assert member.get(f"/listings/{listing.pk}/pictures/{missing.sha256}").status_code == 404
    image = ListingImageFactory(listing=listing, sha256=put(drawn()))
    assert member.get(f"/listings/{listing.pk}/pictures/{image.sha256}/huge").status_code == 404
    path = Store(home / "evidence").path(image.sha256)
    path.chmod(0o600)
    path.write_bytes(drawn(size=(3, 3)))
    assert member.get(f"/listings/{listing.pk}/pictures/{image.sha256}").status_code == 404


def test_a_hash_of_another_listing_is_not_found(member, listing, put):
    stranger = ListingImageFactory(listing=ListingFactory(), sha256=put(drawn()))
    assert member.get(f"/listings/{listing.pk}/pictures/{stranger.sha256}").status_code == 404
    assert member.get(f"/listings/{stranger.listing.pk}/pictures/{stranger.sha256}").status_code == 404


def test_a_screenshot_belongs_to_the_listing_too(member, listing, put):
    capture = CaptureFactory(listing=listing, screenshot_sha256=put(drawn()))
    assert member.get(f"/listings/{listing.pk}/pictures/{capture.screenshot_sha256}").status_code == 200


def test_registered_pictures_are_for_the_brand_s_own_people(client, put):
    image = ReferenceImageFactory(sha256=put(drawn()))
    address = f"/listings/references/{image.pk}"
    assert client.get(address).url.startswith("/accounts/login/")
    client.force_login(MembershipFactory().user)
    assert client.get(address).status_code == 404
    client.force_login(MembershipFactory(organisation=image.brand.organisation).user)
    assert client.get(address).status_code == 200
    assert client.get(address + "/view").status_code == 200


def test_a_flag_shows_its_listing_s_pictures_without_a_sighting(client, put):
    flag = FlagFactory(brand=BrandFactory())  # retro-hunt flags what was found for somebody else
    image = ListingImageFactory(listing=flag.listing, sha256=put(drawn()))
    client.force_login(MembershipFactory(organisation=flag.brand.organisation).user)
    assert client.get(f"/listings/{flag.listing.pk}/pictures/{image.sha256}").status_code == 404
    assert client.get(f"/flags/{flag.pk}/pictures/{image.sha256}/thumb").status_code == 200
    assert client.get(f"/flags/{flag.pk}/pictures/{'0' * 64}").status_code == 404
