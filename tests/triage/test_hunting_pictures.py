"""Registered late, found in pictures: copies, parts of pictures, and words that stand nowhere else."""

import os
import uuid

import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from listings.indexing import check_index
from listings.search import open_index
from registry.services import add_spelling, put_image
from tests.factories import BrandFactory
from tests.triage.hunted import encoded, packshot, register, seen, stored, taken_in, work
from triage import matching
from triage.models import Flag, Hunt
from triage.states import HuntState

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand(store):
    return BrandFactory()


@pytest.fixture(params=["embedded", pytest.param("elastic", marks=pytest.mark.integration)])
def engine(request, settings, store):
    """Search on the embedded index, and on a cluster in the integration group."""
    if request.param == "embedded":
        yield
        return
    settings.SEARCH_URL = os.environ.get("JIKIMI_TEST_ELASTICSEARCH_URL", "")
    if not settings.SEARCH_URL:
        pytest.fail("JIKIMI_TEST_ELASTICSEARCH_URL is not set: run this group with `make test-integration`")
    settings.SEARCH_PREFIX = f"test-{uuid.uuid4().hex}"
    yield
    index = open_index()
    for name in index.client.indices.get(index=f"{index.alias}-*"):
        index.client.indices.delete(index=name)
    index.client.close()


def cropped(picture):
    return picture.crop((90, 40, 330, 280)).resize((360, 360))


def mirrored_crop(picture):
    return ImageOps.mirror(cropped(picture))


def collage(picture):
    sheet = Image.new("RGB", (720, 720), "white")
    for number, cell in enumerate([packshot(11), packshot(12), picture, packshot(13)]):
        sheet.paste(cell, (number % 2 * 360, number // 2 * 360))
    return sheet


def pasted(picture):
    ground = packshot(21).resize((900, 900))
    ground.paste(picture.resize((400, 400)), (300, 350))
    return ground


def lettered(words):
    picture = Image.new("RGB", (400, 300), (240, 230, 220))
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf", 48)
    ImageDraw.Draw(picture).text((40, 120), words, font=font, fill="maroon")
    return picture


@pytest.mark.parametrize("edit", [ImageOps.mirror, lambda picture: picture.rotate(90), lambda picture: picture])
def test_a_picture_registered_late_flags_its_copies(brand, store, edit):
    copy = seen(brand.organisation, "Dewy face serum hot sale", edit(packshot()), store)
    other = seen(brand.organisation, "Dewy face serum hot sale", packshot(seed=2), store)
    stored(copy, other)

    put_image(actor=None, brand=brand, data=encoded(packshot()), kind="product", file_name="serum.png")
    work()

    flag = Flag.objects.get()
    assert flag.listing == copy
    assert flag.hunt == Hunt.objects.get()
    assert "photo_copy" in {signal["name"] for signal in flag.match["signals"]}


@pytest.mark.parametrize("edit", [cropped, mirrored_crop, collage, pasted])
def test_a_part_of_a_picture_is_found_where_nothing_names_the_brand(brand, store, edit):
    reused = seen(brand.organisation, "Dewy face serum replica", edit(packshot()), store)
    other = seen(brand.organisation, "Dewy face serum replica", edit(packshot(seed=2)), store)
    taken_in(reused, other)

    put_image(actor=None, brand=brand, data=encoded(packshot()), kind="product", file_name="serum.png")
    work()

    flag = Flag.objects.get()
    assert flag.listing == reused
    assert {"photo_copy", "artwork"} & {signal["name"] for signal in flag.match["signals"]}


def test_a_picture_that_is_only_alike_is_compared_with_the_hunted_ones_and_not_judged(brand, store, monkeypatch):
    copy = seen(brand.organisation, "Dewy face serum replica", cropped(packshot()), store)
    alike = seen(brand.organisation, "Dewy face serum replica", packshot(4).point(lambda level: level // 3), store)
    taken_in(copy, alike)
    judged, whole = [], matching.Matching.matches
    monkeypatch.setattr(
        matching.Matching, "matches", lambda self, one, *more: judged.append(one) or whole(self, one, *more)
    )

    put_image(actor=None, brand=brand, data=encoded(packshot()), kind="product", file_name="serum.png")
    work()

    hunt = Hunt.objects.get()
    assert (hunt.candidates, hunt.looked_at, hunt.matched) == (2, 2, 1)
    assert judged == [copy]


def test_what_is_registered_late_is_found_by_words_by_words_in_pictures_and_by_a_crop(brand, store, engine):
    tail = "1:1 mirror quality replica"
    named = seen(brand.organisation, f"Haneulbit dew serum {tail}")
    shown = seen(brand.organisation, f"Dewy face serum {tail}", lettered("HANEULBIT"), store)
    reused = seen(brand.organisation, f"Dewy face serum {tail}", cropped(packshot()), store)
    towel = seen(brand.organisation, f"Plain towel {tail}", packshot(seed=2), store)
    taken_in(named, shown, reused, towel)
    assert not Flag.objects.exists()

    mark = register(brand)
    work()
    assert {flag.listing for flag in Flag.objects.all()} == {named, shown}

    add_spelling(actor=None, mark=mark, text="แฮนึลบิท")  # from now on pictures are read in Thai too
    work()
    put_image(actor=None, brand=brand, data=encoded(packshot()), kind="product", file_name="serum.png")
    work()
    assert {flag.listing for flag in Flag.objects.all()} == {named, shown, reused}
    assert {flag.hunt.state for flag in Flag.objects.all()} == {HuntState.DONE}
    assert check_index().differing == 0
    assert not open_index().search_text(["Haneulbit"], organisation=brand.organisation_id + 1, limit=5)
