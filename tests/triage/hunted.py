"""What is stored, registered and worked on in the tests of hunts."""

import io
from random import Random

from PIL import Image, ImageDraw

from accounts.models import OutboxMessage
from accounts.outbox import drain
from accounts.services import publish
from contracts.match import Script
from contracts.match import Spelling as SpellingContract
from listings.indexing import index_listings
from listings.models import Listing
from registry.services import put_mark
from tests.factories import CaptureFactory, ListingFactory, ListingImageFactory, SightingFactory


def packshot(seed=1):
    """Draw an invented product photo: soft ground, large shapes, a few lines of text."""
    dice = Random(seed)
    picture = Image.new("RGB", (360, 360), (225, 215, 235))
    pen = ImageDraw.Draw(picture)
    for _ in range(30):
        x, y, size = dice.randrange(330), dice.randrange(330), dice.randrange(20, 90)
        colour = tuple(dice.randrange(256) for _ in range(3))
        pen.ellipse((x, y, x + size, y + size // 2), fill=colour, outline="black")
        pen.text((x, y), f"DEW {size}", fill="black")
    return picture


def encoded(picture, kind="PNG"):
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def seen(organisation, title, picture=None, store=None, **changes):
    listing = ListingFactory(title=title, **changes)
    CaptureFactory(listing=listing)
    SightingFactory(listing=listing, organisation=organisation)
    if picture is not None:
        ListingImageFactory(listing=listing, sha256=store.put(encoded(picture, "JPEG")))
    return listing


def stored(*listings):
    """Put listings into the index as their intake would have; they were matched before anything was registered."""
    index_listings(Listing.objects.filter(pk__in=[listing.pk for listing in listings]))


def taken_in(*listings):
    """Have the worker index and match listings, as it does after their intake."""
    publish("listings.changed", listings=[listing.pk for listing in listings])
    work()


def register(brand, text="Haneulbit"):
    hangul = SpellingContract(text="하늘빛", script=Script.HANGUL)
    return put_mark(actor=None, brand=brand, text=text, spellings=[hangul]).row


def work():
    summary = drain()
    assert summary.failed + summary.retried == 0, OutboxMessage.objects.exclude(last_error="").values("last_error")
