import io
import random

import pytest
from PIL import Image, ImageDraw, ImageFont

from accounts.outbox import drain
from accounts.services import publish
from evidence.store import Store
from listings.descriptors import descriptor
from listings.indexing import index_listings, rebuild_index
from listings.models import Listing
from listings.readings import words_in
from listings.search import Wanted, open_index
from matchers.images.descriptor import describe, hash_of
from matchers.search_forms import readings_of_mark
from tests.factories import ListingFactory, ListingImageFactory, SightingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    settings.SEARCH_URL = "embedded"
    return Store(settings.EVIDENCE_DIR)


def picture(seed):
    pixels = bytes(random.Random(seed).choices(range(256), k=8 * 8 * 3))
    buffer = io.BytesIO()
    Image.frombytes("RGB", (8, 8), pixels).resize((200, 200), Image.Resampling.BICUBIC).save(buffer, "PNG")
    return buffer.getvalue()


def lettered(words):
    image = Image.new("RGB", (400, 300), (240, 230, 220))
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf", 44)
    ImageDraw.Draw(image).text((40, 120), words, font=font, fill="maroon")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_what_changed_is_found_by_word_and_picture_by_those_it_was_found_for(store):
    sighting = SightingFactory(listing__title="Haneulbit dew serum")
    listing = sighting.listing
    ListingImageFactory(listing=listing, sha256=store.put(picture(1)))
    ListingImageFactory(listing=listing, sha256=store.put(b"no picture"))
    publish("listings.changed", listings=[listing.pk])

    assert drain().failed == 0

    index = open_index()
    key = f"ebay:{listing.listing_id}"
    ours, theirs = sighting.organisation_id, sighting.organisation_id + 1
    assert [hit.key for hit in index.search_text(["haneulbit"], organisation=ours, limit=5)] == [key]
    assert [hit.key for hit in index.search_image(hash_of(picture(1)), max_distance=8, organisation=ours, limit=5)] == [
        key
    ]
    assert not list(index.search_text(["haneulbit"], organisation=theirs, limit=5))


def test_indexing_again_keeps_one_document(store):
    ListingFactory.create_batch(3)

    index_listings(Listing.objects.all())
    index_listings(Listing.objects.all())

    assert open_index().count() == 3


def test_the_index_keeps_the_hash_that_descriptors_have():
    assert hash_of(picture(2)) == describe(picture(2)).whole.pdq[0].tobytes()


def test_what_is_made_of_pictures_is_searched_once_it_was_made_and_survives_a_rebuild(store):
    listing = ListingFactory(title="Dew serum")
    ListingImageFactory(listing=listing, sha256=store.put(lettered("H4neu1bit")))
    part = listing.images.get().sha256
    index_listings(Listing.objects.all())

    def swept(**wanted):
        return open_index().sweep(Wanted(**wanted), organisation=None, limit=5)

    words = {"spellings": readings_of_mark("Haneulbit")}
    assert swept(**words) == []
    words_in([part], ("ko", "th"))
    alike = {"embeddings": (descriptor(part).whole.embedding.tobytes(),), "least_cosine": 0.99}
    assert swept(**words) == swept(**alike) == []  # nobody said so

    for make in (lambda: index_listings(Listing.objects.all()), rebuild_index):
        make()
        assert swept(**words) == swept(**alike) == [f"ebay:{listing.listing_id}"]


def test_a_brand_field_and_what_a_title_stands_for_are_searched_too(store):
    told, drawn = ListingFactory(title="Dew serum"), ListingFactory(title="D4lmur1 5erum")
    Listing.objects.filter(pk=told.pk).update(data={**told.data, "brand": "Haneulbit"})
    index_listings(Listing.objects.all())

    def swept(*spellings):
        return open_index().sweep(Wanted(spellings=spellings), organisation=None, limit=5)

    assert swept("Haneulbit") == [f"ebay:{told.listing_id}"]
    assert swept(*readings_of_mark("Dalmuri")) == [f"ebay:{drawn.listing_id}"]


def test_a_rebuild_takes_everything_from_the_records(store):
    ListingFactory.create_batch(3)
    told = []
    assert rebuild_index(told.append) == 3
    assert told == [1, 2, 3]
    Listing.objects.all().delete()
    assert rebuild_index() == 0
