import shutil

import pytest
from PIL import Image

from contracts.match import PictureRelation, ReferencePicture
from evidence.store import NoSuchContent, Store
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
from tests.matchers.logos.drawing import encoded, goods, logo, on
from triage import matching
from triage.logos import logos_in
from triage.matching import Matching


@pytest.fixture
def store(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    return Store(settings.EVIDENCE_DIR)


def registered(store, name):
    return ReferencePicture(image_id=name, sha256=store.put(encoded(logo(name))), kind="logo")


def test_a_logo_in_a_listing_picture_is_named_with_its_place(store):
    photo = store.put(encoded(on(goods(7), logo("key"), ink="white")))

    (match,) = logos_in(photo, [registered(store, "bolt"), registered(store, "key")])

    assert match.reference.image_id == "key"
    assert match.relation is PictureRelation.ARTWORK
    assert match.listing_sha256 == photo
    assert 0.4 < match.listing_region.left < 0.6
    assert "%" in match.evidence.en
    assert "%" in match.evidence.ko


def test_what_was_looked_for_is_not_looked_for_again(store, settings):
    photo = store.put(encoded(on(goods(7), logo("key"))))
    key, bolt = registered(store, "key"), registered(store, "bolt")
    first = logos_in(photo, [key])
    store.path(photo).unlink()

    assert logos_in(photo, [key]) == first
    with pytest.raises(NoSuchContent):
        logos_in(photo, [key, bolt])


def test_a_torn_answer_is_made_again(store, settings):
    photo = store.put(encoded(on(goods(7), logo("key"))))
    key = registered(store, "key")
    first = logos_in(photo, [key])
    (kept,) = settings.INDEX_DIR.rglob("*.json")
    whole = kept.read_text()

    for torn in (whole[:20], "[]", '{"key": {}}'):
        kept.write_text(torn)
        assert logos_in(photo, [key]) == first
        assert kept.read_text() == whole


def test_the_answer_does_not_depend_on_what_was_looked_for_before(store, settings):
    photo = store.put(encoded(on(goods(7), logo("key"), side=160)))
    key = registered(store, "key")
    small = logo("key", colour=(30, 70, 150)).resize((300, 300), Image.Resampling.LANCZOS)
    other = ReferencePicture(image_id="other", sha256=store.put(encoded(small)), kind="logo")

    def seen(*pictures):
        return [match.reference.image_id for match in logos_in(photo, pictures)]

    (sole,) = seen(key, other)
    orders = [[(key, other), (key,), (other,)], [(key,), (other,), (other, key)], [(other,), (key, other), (key,)]]
    for order in orders:
        shutil.rmtree(settings.INDEX_DIR, ignore_errors=True)
        answers = [seen(*pictures) for pictures in order]
        for pictures, answer in zip(order, answers, strict=True):
            assert answer == ([pictures[0].image_id] if len(pictures) == 1 else [sole])


def test_pictures_that_cannot_be_read_show_no_logo(store):
    plain = ReferencePicture(image_id="plain", sha256=store.put(encoded(Image.new("RGB", (9, 9)))), kind="logo")

    assert logos_in(store.put(b"no picture"), [registered(store, "key")]) == []
    assert logos_in(store.put(encoded(goods(1))), [plain]) == []


def test_a_logo_whose_file_was_away_is_looked_for_once_it_is_back(store):
    photo, key = store.put(encoded(on(goods(7), logo("key")))), registered(store, "key")
    path = store.path(key.sha256)
    away = path.rename(path.with_suffix(".away"))
    assert logos_in(photo, [key]) == []
    away.rename(path)

    assert [match.reference for match in logos_in(photo, [key])] == [key]


@pytest.mark.django_db
def test_a_listing_that_shows_the_logo_and_drops_the_name_speaks_of_the_brand(store):
    brand = BrandFactory()
    SpellingFactory(mark=MarkFactory(brand=brand, text="Haneulbit"), text="Haneulbit", script="Latn")
    ReferenceImageFactory(brand=brand, sha256=store.put(encoded(logo("key"))), kind="logo")
    listing = ListingFactory(title="Cotton shirt, new, all sizes", price="4.90")
    CaptureFactory(listing=listing)
    SightingFactory(listing=listing, organisation=brand.organisation)
    ListingImageFactory(listing=listing, sha256=store.put(encoded(on(goods(7), logo("key"), ink="white"))))

    ((_, match),) = Matching([brand]).matches(listing)

    signals = {signal.name: signal for signal in match.signals}
    assert signals["artwork"].listing_region is not None
    assert "brand_dropped" in signals


@pytest.mark.django_db
def test_all_that_is_looked_for_is_looked_for_beforehand(store, monkeypatch):
    monkeypatch.setattr(matching, "LOGOS", 1)  # of each organisation's that are felt by no other
    photo = store.put(encoded(on(goods(7), logo("key"), ink="white")))
    listing, brands = ListingFactory(), [BrandFactory(), BrandFactory()]
    ListingImageFactory(listing=listing, sha256=photo)
    for brand, name in zip(brands, ("bolt", "key"), strict=True):
        SightingFactory(listing=listing, organisation=brand.organisation)
        ReferenceImageFactory(brand=brand, sha256=store.put(encoded(logo(name))), kind="logo")
    asked = Matching(brands)
    asked.prepare([listing])
    store.path(photo).unlink()

    assert set(asked.pictures(listing, asked.watching(listing))) == {str(brands[1].pk)}
