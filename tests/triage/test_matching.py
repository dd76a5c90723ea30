import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont, ImageOps

from accounts.models import OutboxMessage
from accounts.outbox import drain
from accounts.services import publish
from contracts.match import Ground
from evidence.store import Store
from listings.descriptors import SUMMARIES, prepare
from listings.models import Listing
from listings.readings import readings, words_in
from matchers.judge import ground_of
from matchers.odds import log_odds, logistic
from matchers.reading import tesseract
from registry.models import Brand
from tests.factories import (
    AuthorisedSellerFactory,
    BrandFactory,
    CaptureFactory,
    ListingFactory,
    ListingImageFactory,
    MarkFactory,
    ProductFactory,
    ReferenceImageFactory,
    SellerFactory,
    SightingFactory,
    SpellingFactory,
    VerdictFactory,
)
from triage import handlers, matching
from triage.history import SURE, Sellers, own_evidence, stands_alone
from triage.matching import LOGOS, READ, Matching, match_listings
from triage.models import Flag

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    return Store(settings.EVIDENCE_DIR)


def packshot():
    picture = Image.new("RGB", (360, 360), "lavender")
    pen = ImageDraw.Draw(picture)
    for step in range(40):
        x, y = step * 53 % 320, step * 97 % 320
        pen.ellipse((x, y, x + 20 + step, y + 34), fill=(step * 6, 90, 255 - step * 5), outline="black")
        pen.text((x, y), f"DEW {step * 37}", fill="black")
    return picture


def encoded(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def brand(store):
    brand = BrandFactory()
    SpellingFactory(mark=MarkFactory(brand=brand, text="Haneulbit"), text="하늘빛", script="Hang")
    ProductFactory(brand=brand, name="Haneulbit dew serum 50 ml", keywords=["serum"])
    ReferenceImageFactory(brand=brand, sha256=store.put(encoded(packshot())))
    return brand


def seen(brand, title, price="4.90", picture=None, store=None, **changes):
    listing = ListingFactory(title=title, price=price, **changes)
    CaptureFactory(listing=listing)
    SightingFactory(listing=listing, organisation=brand.organisation)
    if picture is not None:
        ListingImageFactory(listing=listing, sha256=store.put(encoded(picture)))
    return listing


def flagged(*listings):
    match_listings(type(listings[0]).objects.filter(pk__in=[listing.pk for listing in listings]))
    drain()
    return {flag.listing_id: flag for flag in Flag.objects.all()}


def test_an_admitted_copy_is_flagged_and_an_ordinary_reseller_is_not(brand):
    fake = seen(brand, "Haneulbit dew serum 50 ml 1:1 mirror quality replica")
    reseller = seen(brand, "Haneulbit dew serum 50 ml", price="21.00")

    flags = flagged(fake, reseller)

    assert set(flags) == {fake.pk}
    assert flags[fake.pk].ground == "counterfeit"
    assert flags[fake.pk].brand == brand


def test_an_authorised_shop_is_never_flagged_whatever_it_writes(brand):
    AuthorisedSellerFactory(brand=brand, market="ebay", shop_id="haneul-official")
    shop = SellerFactory(key="haneul-official")

    assert not flagged(seen(brand, "Haneulbit dew serum 1:1 mirror quality replica", seller=shop))


def test_a_dropped_name_with_the_mirrored_official_photo_is_flagged_with_the_region(brand, store):
    fake = seen(brand, "Dewy face serum 50 ml hot sale", "3.20", ImageOps.mirror(packshot()), store)

    flag = flagged(fake)[fake.pk]

    photo = next(signal for signal in flag.match["signals"] if signal["name"] == "photo_copy")
    assert photo["listing_image"] == fake.images.get().sha256
    assert photo["listing_region"]["width"] > 0.5


def test_a_listing_nobody_of_the_brand_was_shown_is_not_flagged_for_it(brand):
    listing = ListingFactory(title="Haneulbit dew serum 1:1 mirror quality replica")
    CaptureFactory(listing=listing)

    assert not flagged(listing)


def test_matching_again_changes_nothing(brand):
    fake = seen(brand, "Haneulbit dew serum 1:1 mirror quality replica")
    before = flagged(fake)[fake.pk].updated_at

    assert flagged(fake)[fake.pk].updated_at == before


def test_the_outbox_brings_changed_listings_to_the_matchers(brand):
    fake = seen(brand, "Haneulbit dew serum 1:1 mirror quality replica")
    publish("listings.changed", listings=[fake.pk])

    assert drain().delivered == 3  # the change, the flag it raised, and what else the shop sells
    assert Flag.objects.get().listing == fake


def test_a_broken_picture_costs_the_listing_nothing_else(brand, store):
    fake = seen(brand, "Haneulbit dew serum 1:1 mirror quality replica")
    ListingImageFactory(listing=fake, sha256=store.put(b"no picture"))
    ListingImageFactory(listing=fake, sha256="0" * 64)

    assert set(flagged(fake)) == {fake.pk}


@pytest.mark.parametrize("whose", ["the shop's", "the brand's"])
def test_a_picture_lost_after_it_was_described_costs_the_listing_nothing_else(brand, store, settings, whose):
    ReferenceImageFactory(brand=brand, sha256=store.put(encoded(lettered("KEY"))), kind="logo")
    fake = seen(brand, "Haneulbit dew serum 1:1 mirror quality replica", picture=packshot().rotate(4), store=store)
    shown, registered = fake.images.get().sha256, brand.images.get(kind="product").sha256
    prepare([shown])
    SUMMARIES.prepare([registered])
    if whose == "the brand's":
        (kept,) = settings.INDEX_DIR.rglob(f"{registered}.npz")
        kept.unlink()
    store.path(shown if whose == "the shop's" else registered).unlink()

    assert set(flagged(fake)) == {fake.pk}


def lettered(words):
    picture = Image.new("RGB", (480, 320), "ivory")
    font = ImageFont.truetype("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 44)
    ImageDraw.Draw(picture).text((40, 120), words, font=font, fill="maroon")
    return picture


def test_a_mark_that_stands_only_in_a_picture_is_flagged_with_its_place(brand, store):
    fake = seen(brand, "Dewy face serum 50 ml hot sale", "3.20", lettered("하늘빛 정품"), store)

    flag = flagged(fake)[fake.pk]

    (read,) = [signal for signal in flag.match["signals"] if signal["name"] == "text_in_image"]
    assert read["words"] == ["하늘빛"]
    assert read["listing_image"] == fake.images.get().sha256
    assert 0.2 < read["listing_region"]["top"] < 0.5


def labelled():
    picture = packshot()
    pen = ImageDraw.Draw(picture)
    pen.rectangle((60, 140, 300, 220), fill="ivory", outline="black")
    font = ImageFont.truetype("/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf", 40)
    pen.text((76, 152), "Haneulbit", font=font, fill="navy")
    return picture


def test_a_mark_masked_on_the_official_photo_is_a_signal_with_its_place(brand, store):
    ReferenceImageFactory(brand=brand, sha256=store.put(encoded(labelled())))
    masked = labelled()
    ImageDraw.Draw(masked).rectangle((70, 150, 290, 212), fill="white")
    fake = seen(brand, "Dewy face serum 50 ml hot sale", "3.20", masked, store)

    flag = flagged(fake)[fake.pk]

    (hidden,) = [signal for signal in flag.match["signals"] if signal["name"] == "concealment"]
    assert hidden["listing_image"] == fake.images.get().sha256
    assert 0.35 < hidden["listing_region"]["top"] < 0.5
    assert 0.1 < hidden["listing_region"]["height"] < 0.25


def test_only_a_listings_first_pictures_are_read(brand, store):
    fake = seen(brand, "Dewy face serum 50 ml hot sale", "3.20")
    for number in range(READ):
        plain = Image.new("RGB", (300, 300), (number, 200, 200))
        ListingImageFactory(listing=fake, position=number, sha256=store.put(encoded(plain)))
    ListingImageFactory(listing=fake, position=READ, sha256=store.put(encoded(lettered("하늘빛 정품"))))

    assert not flagged(fake)


def test_pictures_are_read_once_and_a_torn_reading_is_made_again(store, settings):
    sha256 = store.put(encoded(lettered("하늘빛 정품")))
    (read,) = words_in([sha256, "1" * 64, store.put(b"no picture")], ("ko",))
    (path,) = settings.INDEX_DIR.rglob("*.json")
    assert words_in([sha256], ("ko",)) == (read,)

    path.write_text(path.read_text().replace("정품", "가품"))
    assert words_in([sha256], ("ko",))[0].text == "하늘빛 가품"  # it is taken from disk
    path.write_bytes(path.read_bytes()[:40])
    assert words_in([sha256], ("ko",)) == (read,)
    assert words_in([sha256], ()) == ()  # what was not asked for lies elsewhere
    assert readings(("ko",)).of(sha256) == (read,)


def test_what_was_read_before_a_languages_data_was_installed_is_read_again(store, monkeypatch, tmp_path):
    sha256 = store.put(encoded(lettered("하늘빛 정품")))
    with monkeypatch.context() as bare:
        bare.setattr(tesseract, "_folders", lambda: iter([tmp_path]))
        tesseract.can_read.cache_clear()
        assert "하늘빛" not in " ".join(text.text for text in words_in([sha256], ("ko",)))
    tesseract.can_read.cache_clear()
    assert [text.text for text in words_in([sha256], ("ko",))] == ["하늘빛 정품"]


def test_a_batch_is_matched_with_a_fixed_number_of_reads(brand, django_assert_max_num_queries):
    listings = [seen(brand, f"Plain towel {number}") for number in range(12)]
    matching = Matching(Brand.objects.select_related("organisation"))

    with django_assert_max_num_queries(11):
        match_listings(type(listings[0]).objects.all(), matching=matching)


def shop_of_two(brand, first, second, **changes):
    shop = SellerFactory(key="night-shop", market="ebay")
    return seen(brand, first, seller=shop), seen(brand, second, price="22.00", seller=shop, **changes)


ADMITTED = "Haneulbit dew serum 50 ml 1:1 mirror quality replica"


def test_a_shop_given_away_by_one_listing_has_its_others_looked_at_again(brand):
    # The quiet one comes first: only the second look can know of the loud one.
    shop = SellerFactory(key="night-shop", market="ebay")
    quiet = seen(brand, "Haneulbit dew serum 50 ml, no invoice", price="15.00", seller=shop)
    alone = seen(brand, "Haneulbit dew serum 50 ml, no invoice", price="15.00", seller=SellerFactory(key="other"))
    loud = seen(brand, ADMITTED, seller=shop)

    flags = flagged(quiet, alone, loud)

    assert {"seller_suspected"} <= {signal["name"] for signal in flags[quiet.pk].match["signals"]}
    assert alone.pk not in flags or flags[alone.pk].probability < flags[quiet.pk].probability


def test_suspicion_that_rests_on_neighbours_counts_for_nobody(brand):
    loud, quiet = shop_of_two(brand, ADMITTED, "Haneulbit dew serum 50 ml, no invoice")
    first = flagged(loud, quiet)
    second = flagged(loud, quiet)
    assert {key: flag.probability for key, flag in first.items()} == {
        key: flag.probability for key, flag in second.items()
    }
    assert "seller_suspected" not in {signal["name"] for signal in second[loud.pk].match["signals"]}


def test_a_ground_that_neighbours_gave_makes_nobody_suspicious(brand):
    # Surely an infringement by itself, but a counterfeit's only by what the seller's other listings add.
    own = {"artwork": 0.5, "brand_dropped": 3.3, "wording_discreet": 2.4}
    lent = {"seller_suspected": 2.6, "relist": 3.0, "seller_cleared": -1.0}
    (flag,) = flagged(seen(brand, ADMITTED)).values()
    assert stands_alone(flag)

    weights = own | lent
    assert ground_of(weights) is Ground.COUNTERFEIT
    signals = [{"name": name, "weight": weight} for name, weight in weights.items()]
    flag.match |= {"signals": signals, "probability": logistic(-1.0 + sum(weights.values()))}
    flag.ground = Ground.COUNTERFEIT

    assert own_evidence(flag.match) == pytest.approx(-1.0 + sum(own.values()), abs=1e-3)
    assert own_evidence(flag.match) > log_odds(SURE)
    assert not stands_alone(flag)


def test_verdicts_and_suspicions_count_for_their_own_organisation_alone(brand):
    loud, quiet = shop_of_two(brand, ADMITTED, "Haneulbit dew serum 50 ml")
    flag = flagged(loud)[loud.pk]
    VerdictFactory(flag=flag, kind="counterfeit", capture=flag.capture)
    stranger = BrandFactory()

    own, other = (Sellers([quiet]).records(quiet, {"1": which.organisation_id})["1"] for which in (brand, stranger))

    assert (own.strikes, other.strikes) == (1, 0)
    assert (own.suspected, other.suspected) == (1, 0)
    assert (own.listings, other.listings) == (2, 0)


def test_what_a_person_cleared_is_remembered_only_so_long(brand):
    loud, quiet = shop_of_two(brand, ADMITTED, "Haneulbit dew serum 50 ml")
    flag = flagged(loud)[loud.pk]
    verdict = VerdictFactory(flag=flag, kind="resale", capture=flag.capture)
    organisations = {"1": brand.organisation_id}
    assert Sellers([quiet]).records(quiet, organisations)["1"].cleared == 1

    verdict.memory_expires_at = timezone.now() - timedelta(days=1)
    verdict.save()

    record = Sellers([quiet]).records(quiet, organisations)["1"]
    assert (record.cleared, record.suspected) == (0, 0)


def test_a_verdict_has_the_shops_other_listings_matched_again(brand):
    loud, quiet = shop_of_two(brand, ADMITTED, "Haneulbit dew serum 50 ml cheap, no invoice")
    flag = flagged(loud)[loud.pk]
    Flag.objects.exclude(pk=flag.pk).delete()
    verdict = VerdictFactory(flag=flag, kind="counterfeit", capture=flag.capture)

    publish("triage.decided", flag_id=flag.pk, verdict_id=verdict.pk)
    drain()

    assert "seller_strikes" in {signal["name"] for signal in Flag.objects.get(listing=quiet).match["signals"]}


def test_what_a_shop_is_given_away_by_outlives_the_worker(brand, monkeypatch):
    shop = SellerFactory()
    quiet = seen(brand, "Haneulbit dew serum 50 ml, no invoice", price="15.00", seller=shop)
    loud = [seen(brand, f"{ADMITTED} no {number}", seller=shop) for number in range(2)]
    whole = matching.raise_flag

    def killed(**what):
        flag = whole(**what)
        if what["listing"] == loud[0]:
            raise KeyboardInterrupt
        return flag

    monkeypatch.setattr(matching, "raise_flag", killed)
    with pytest.raises(KeyboardInterrupt):
        match_listings(Listing.objects.filter(seller=shop))
    monkeypatch.setattr(matching, "raise_flag", whole)

    flags = flagged(*loud)  # the outbox delivers again; the flag that gave the shop away is no longer new

    assert "seller_suspected" in {signal["name"] for signal in flags[quiet.pk].match["signals"]}


def test_a_shop_given_away_by_many_is_gone_through_once_a_page_at_a_time(brand, monkeypatch):
    monkeypatch.setattr(handlers, "SHOP_PAGE", 2)
    shop = SellerFactory()
    loud = [seen(brand, f"{ADMITTED} no {number}", seller=shop) for number in range(3)]
    quiet = [seen(brand, f"Haneulbit dew serum 50 ml {n}, no invoice", price="15.00", seller=shop) for n in range(4)]

    flags = flagged(*loud)

    assert {listing.pk for listing in quiet} <= set(flags)
    messages = list(OutboxMessage.objects.filter(topic="triage.shop_told_of").values_list("payload", flat=True))
    assert [message.get("before") for message in messages] == [None, quiet[2].pk, quiet[0].pk, loud[1].pk]
    OutboxMessage.objects.update(state="waiting", attempts=0)
    before = {flag.pk: flag.updated_at for flag in flags.values()}
    drain()
    assert {flag.pk: flag.updated_at for flag in Flag.objects.all()} == before


def test_a_listing_that_cannot_be_matched_keeps_none_behind_it(brand, caplog):
    first, bad, last = (seen(brand, f"{ADMITTED} no {number}") for number in range(3))
    Listing.objects.filter(pk=bad.pk).update(data={"market": 7})

    publish("listings.changed", listings=[first.pk, bad.pk, last.pk])
    summary = drain()

    assert set(Flag.objects.values_list("listing", flat=True)) == {first.pk, last.pk}
    assert summary.retried == 1
    assert f"listing {bad.pk} could not be matched" in caplog.text


def test_pictures_that_break_a_batchs_preparation_cost_no_listing(brand, monkeypatch, caplog):
    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(Matching, "prepare", broken)
    fake = seen(brand, ADMITTED)
    assert set(flagged(fake)) == {fake.pk}
    assert "could not be prepared" in caplog.text


def test_a_picture_that_is_gone_shows_no_logo(brand, store):
    fake = seen(brand, ADMITTED, picture=packshot(), store=store)
    flagged(fake)
    store.path(fake.images.get().sha256).unlink()
    ReferenceImageFactory(brand=brand, sha256=store.put(encoded(lettered("HANEULBIT"))), kind="logo")

    flag = flagged(fake)[fake.pk]

    assert "photo_copy" in {signal["name"] for signal in flag.match["signals"]}


def test_brands_with_many_logos_leave_room_for_the_others(store):
    brands = [BrandFactory() for _ in range(3)]
    for number, brand in enumerate(brands):
        for shade in range(LOGOS):
            picture = Image.new("RGB", (9, 9), (shade, number, 0))
            ReferenceImageFactory(brand=brand, sha256=store.put(encoded(picture)), kind="logo")
    keys = [str(brand.pk) for brand in brands]
    asked = Matching(brands)
    owners = {picture.image_id: profile.brand_id for profile in asked.profiles for picture in profile.pictures}

    def counted(suspected):
        logos = [owners[picture.image_id] for picture in asked.logos(set(keys), suspected)]
        return [logos.count(key) for key in keys]

    assert counted(set()) == [LOGOS / 3] * 3
    assert counted({keys[2]}) == [0, 0, LOGOS]
    assert counted({keys[0], keys[2]}) == [LOGOS / 2, 0, LOGOS / 2]
