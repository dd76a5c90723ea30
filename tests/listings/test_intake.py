import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import OutboxMessage
from contracts.errors import BadInput
from contracts.job import CaptureRef, ImageRef, Known, SpoolListing, SpoolPage, SpoolSeen
from contracts.listing import AccessRung, PageOutcome
from contracts.listing import Listing as ListingContract
from evidence.store import Store
from jobs.models import Watch
from listings.models import Capture, Listing, Seller, Sighting
from listings.queries import known_listings, organisations_by_watch
from listings.services import take_in_listings, take_in_spool
from listings.states import Presence
from tests.factories import NOON, BrandFactory, MembershipFactory, OrganisationFactory, sha

pytestmark = pytest.mark.django_db


def offer(**changes):
    values = {
        "market": "ebay",
        "listing_id": "11",
        "title": "Haneulbit dew serum",
        "price": Decimal("4.90"),
        "currency": "EUR",
        "seller_id": "bargain",
        "observed_at": NOON,
    }
    return ListingContract(**{**values, **changes})


def spooled(contract, body="a", watch="1", at=NOON, images=()):
    capture = CaptureRef(
        url="https://www.ebay.de/itm/11",
        observed_at=at,
        rung=AccessRung.HTTP,
        status=200,
        body_sha256=sha(body),
        warc="warc/1.warc.gz",
        record_id="urn:uuid:1",
    )
    return SpoolListing(job_id="1", watch_id=watch, listing=contract.to_json(), capture=capture, images=images)


def write(folder, *lines, pages=()):
    folder.mkdir(exist_ok=True)
    (folder / "listings.jsonl").write_text("".join(line.model_dump_json() + "\n" for line in lines))
    (folder / "pages.jsonl").write_text("".join(page.model_dump_json() + "\n" for page in pages))
    return folder


def test_a_spool_taken_in_twice_stores_nothing_twice(tmp_path):
    organisation = OrganisationFactory()
    image = ImageRef(url="https://i.example/1.jpg", sha256=sha("picture"), media_type="image/jpeg", width=9, height=9)
    spool = write(tmp_path / "spool", spooled(offer(), images=(image,)))

    first = take_in_spool(spool=spool, market="ebay", organisations={"1": [organisation]})
    again = take_in_spool(spool=spool, market="ebay", organisations={"1": [organisation]})

    assert (first.new, first.changed, first.unchanged, first.problems) == (1, 0, 0, [])
    assert (again.new, again.changed, again.unchanged, again.problems) == (0, 0, 1, [])
    listing = Listing.objects.get()
    assert (listing.captures.count(), listing.images.count(), listing.sightings.count()) == (1, 1, 1)
    assert listing.seller.key == "bargain"
    assert OutboxMessage.objects.filter(topic="listings.changed").count() == 1


def test_changed_content_is_a_new_capture_and_an_older_look_does_not_win(tmp_path):
    organisations = {"1": [OrganisationFactory()]}
    later = NOON + timedelta(hours=2)
    cheaper = offer(price=Decimal("3.10"), observed_at=later)

    take_in_spool(spool=write(tmp_path / "a", spooled(offer())), market="ebay", organisations=organisations)
    take_in_spool(
        spool=write(tmp_path / "b", spooled(cheaper, "b", at=later)), market="ebay", organisations=organisations
    )
    take_in_spool(spool=write(tmp_path / "c", spooled(offer(), "c")), market="ebay", organisations=organisations)

    listing = Listing.objects.get()
    assert listing.price == Decimal("3.10")
    assert listing.last_seen == later
    assert listing.captures.count() == 3


def test_a_bad_line_is_named_and_the_rest_is_taken(tmp_path):
    spool = write(tmp_path / "spool", spooled(offer()), spooled(offer(listing_id="12")))
    lines = (spool / "listings.jsonl").read_text().splitlines()
    broken = json.loads(lines[0])
    broken["listing"]["price"] = "cheap"
    torn = lines[1][:50]
    (spool / "listings.jsonl").write_text("\n".join([json.dumps(broken), "{}", lines[1], torn]))

    intake = take_in_spool(spool=spool, market="ebay", organisations={})

    assert intake.new == 1
    assert any("listings.jsonl:1: price: expected a plain decimal, got 'cheap'" in p for p in intake.problems)
    assert any(p.startswith("listings.jsonl:2: job_id") for p in intake.problems)
    assert not any("jsonl:4" in p for p in intake.problems)


def gone_page(outcome, **changes):
    values = {"job_id": "1", "watch_id": "1", "url": "https://x.example", "outcome": outcome}
    return SpoolPage(**{**values, "observed_at": NOON + timedelta(days=1), "listing_id": "11", **changes})


@pytest.mark.parametrize(
    ("outcome", "presence"),
    [
        (PageOutcome.REMOVED, Presence.GONE),
        (PageOutcome.BLOCKED, Presence.LIVE),
        (PageOutcome.FAILED, Presence.LIVE),
        (PageOutcome.EMPTY, Presence.LIVE),
        (PageOutcome.UNKNOWN, Presence.LIVE),
    ],
)
def test_only_a_removed_page_makes_a_listing_gone(tmp_path, outcome, presence):
    take_in_spool(spool=write(tmp_path / "a", spooled(offer())), market="ebay", organisations={})

    take_in_spool(spool=write(tmp_path / "b", pages=[gone_page(outcome)]), market="ebay", organisations={})

    assert Listing.objects.get().presence == presence


def test_a_removed_page_of_another_market_touches_nothing(tmp_path):
    take_in_spool(spool=write(tmp_path / "a", spooled(offer())), market="ebay", organisations={})

    take_in_spool(spool=write(tmp_path / "b", pages=[gone_page(PageOutcome.REMOVED)]), market="etsy", organisations={})

    assert Listing.objects.get().presence == Presence.LIVE


def test_a_listing_that_comes_back_lives_again(tmp_path):
    take_in_spool(spool=write(tmp_path / "a", spooled(offer())), market="ebay", organisations={})
    take_in_spool(spool=write(tmp_path / "b", pages=[gone_page(PageOutcome.REMOVED)]), market="ebay", organisations={})
    back = NOON + timedelta(days=2)

    take_in_spool(
        spool=write(tmp_path / "c", spooled(offer(observed_at=back), "d", at=back)), market="ebay", organisations={}
    )

    assert Listing.objects.get().presence == Presence.LIVE


def test_feed_records_become_listings_with_their_own_bytes_as_evidence(tmp_path):
    organisation = OrganisationFactory()
    store = Store(tmp_path / "evidence")
    rows = [
        offer(),
        BadInput("feed.csv:3", "url", "an address", ""),
        offer(listing_id="12", image_urls=("https://i.example/2.jpg",)),
    ]

    intake = take_in_listings(
        listings=rows, organisation=organisation, rung=AccessRung.FEED, source="feed.csv", seen=NOON, store=store
    )

    assert (intake.new, len(intake.problems)) == (2, 1)
    capture = Capture.objects.get(listing__listing_id="12")
    assert json.loads(store.get(capture.body_sha256))["title"] == "Haneulbit dew serum"
    assert Sighting.objects.filter(organisation=organisation).count() == 2
    assert Listing.objects.get(listing_id="12").images.get().url == "https://i.example/2.jpg"


def test_hostile_texts_are_stored_as_they_are():
    title = "<script>x</script>\u202egnirts" + "a" * 10_000

    take_in_listings(
        listings=[offer(title=title)],
        organisation=OrganisationFactory(),
        rung=AccessRung.FEED,
        source="feed.csv",
        seen=NOON,
    )

    assert Listing.objects.get().title == title


def test_listings_are_seen_only_by_those_they_were_found_for(tmp_path, django_user_model):
    ours, theirs = MembershipFactory(), MembershipFactory()
    take_in_spool(
        spool=write(tmp_path / "a", spooled(offer())), market="ebay", organisations={"1": [ours.organisation]}
    )

    assert Listing.objects.for_user(ours.user).count() == 1
    assert Listing.objects.for_user(theirs.user).count() == 0


def test_known_listings_and_watchers_take_one_query_each(django_assert_num_queries):
    brands = BrandFactory.create_batch(2)
    for brand in brands:
        Watch.objects.create(brand=brand, market="ebay", site="DE", kind="search", term="Haneulbit")
    take_in_listings(
        listings=[offer()], organisation=OrganisationFactory(), rung=AccessRung.FEED, source="f", seen=NOON
    )

    with django_assert_num_queries(1):
        watchers = organisations_by_watch("ebay")
    with django_assert_num_queries(1):
        known = known_listings("ebay")

    assert all({o.pk for o in found} == {b.organisation_id for b in brands} for found in watchers.values())
    assert known["11"].fingerprint == offer().fingerprint()


def test_several_records_of_one_listing_are_one_listing_however_often_they_come():
    variants = [offer(observed_at=None, title=f"Haneulbit dew serum {size} ml") for size in (30, 50, 80)]
    feed = {"organisation": OrganisationFactory(), "rung": AccessRung.FEED, "source": "feed.csv"}

    first = take_in_listings(listings=variants, seen=NOON, **feed)
    again = take_in_listings(listings=variants, seen=NOON, **feed)
    later = take_in_listings(listings=variants, seen=NOON + timedelta(days=1), **feed)

    assert (first.new, first.changed, first.unchanged) == (1, 0, 2)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    assert (later.new, later.changed, later.unchanged) == (0, 0, 3)
    assert Listing.objects.get().title == "Haneulbit dew serum 30 ml"
    assert Capture.objects.count() == 3
    assert OutboxMessage.objects.filter(topic="listings.changed").count() == 1


def test_a_batch_takes_as_many_queries_however_many_listings_it_has(tmp_path, django_assert_max_num_queries):
    organisations = {"1": [OrganisationFactory(), OrganisationFactory()]}
    for number, size in enumerate((2, 30)):
        images = [ImageRef(url=f"https://i.example/{number}.jpg", sha256=sha(f"p{number}"))]
        lines = [
            spooled(offer(listing_id=f"{number}-{n}", seller_id=f"s{number}-{n}"), body=f"{n}", images=images)
            for n in range(size)
        ]
        spool = write(tmp_path / str(size), *lines)
        with django_assert_max_num_queries(20):
            take_in_spool(spool=spool, market="ebay", organisations=organisations)
    assert Listing.objects.count() == 32
    assert Sighting.objects.count() == 64


def see(folder, *lines):
    (folder / "seen.jsonl").write_text("".join(line.model_dump_json() + "\n" for line in lines))
    return folder


def test_unchanged_listings_are_seen_again_and_nothing_is_stored_twice(tmp_path):
    first, second = OrganisationFactory(), OrganisationFactory()
    take_in_spool(
        spool=write(tmp_path / "a", *(spooled(offer(listing_id=str(n))) for n in (11, 12))),
        market="ebay",
        organisations={"1": [first]},
    )
    OutboxMessage.objects.all().delete()
    later = NOON + timedelta(days=1)
    seen = [
        SpoolSeen(watch_id="1", listing_id="11", observed_at=later, unchanged=True),
        SpoolSeen(watch_id="2", listing_id="11", observed_at=later),
        SpoolSeen(watch_id="1", listing_id="never heard of", observed_at=later, unchanged=True),
    ]

    intake = take_in_spool(
        spool=see(write(tmp_path / "b"), *seen), market="ebay", organisations={"1": [first], "2": [second]}
    )

    assert (intake.new, intake.changed, intake.unchanged) == (0, 0, 1)
    assert {row.listing_id: row.last_seen for row in Listing.objects.all()} == {"11": later, "12": NOON}
    assert Capture.objects.count() == 2
    sightings = {(row.listing.listing_id, row.organisation_id): row.last_seen for row in Sighting.objects.all()}
    assert sightings == {("11", first.pk): later, ("11", second.pk): later, ("12", first.pk): NOON}
    # The second organisation has never seen it: its matchers must be told.
    assert [m.payload for m in OutboxMessage.objects.all()] == [{"listings": [Listing.objects.get(listing_id="11").pk]}]


def test_what_the_next_crawl_compares_is_kept_and_handed_out(tmp_path):
    line = spooled(offer()).model_copy(
        update={"card_fingerprint": sha("card"), "etag": '"1"', "last_modified": "Mon, 02 Nov 2026 12:00:00 GMT"}
    )
    spool = write(tmp_path / "a", line, spooled(offer(listing_id="12")).model_copy(update={"etag": "e" * 300}))
    take_in_spool(spool=spool, market="ebay", organisations={})

    known = known_listings("ebay", revisit={"12"})

    assert known["11"] == Known(
        fingerprint=offer().fingerprint(),
        card_fingerprint=sha("card"),
        etag='"1"',
        last_modified="Mon, 02 Nov 2026 12:00:00 GMT",
    )
    assert (known["12"].etag, known["12"].revisit) == (None, True)

    renewed = SpoolSeen(
        watch_id="1", listing_id="11", observed_at=NOON, unchanged=True, card_fingerprint=sha("other"), etag='"2"'
    )
    take_in_spool(spool=see(write(tmp_path / "b"), renewed), market="ebay", organisations={})
    assert (known_listings("ebay")["11"].card_fingerprint, known_listings("ebay")["11"].etag) == (sha("other"), '"2"')


def test_a_price_no_column_holds_costs_nothing_but_the_column(tmp_path):
    take_in_spool(spool=write(tmp_path / "a", spooled(offer(price=Decimal(10) ** 30))), market="ebay", organisations={})
    listing = Listing.objects.get()
    assert listing.price is None
    assert listing.contract().price == Decimal(10) ** 30


def test_a_feed_from_the_future_does_not_freeze_a_listing():
    feed = {"organisation": OrganisationFactory(), "rung": AccessRung.FEED, "source": "feed.jsonl", "seen": NOON}
    take_in_listings(listings=[offer(title="x", observed_at=datetime(2099, 1, 1, tzinfo=UTC))], **feed)
    assert Listing.objects.get().last_seen <= timezone.now()

    later = timezone.now() + timedelta(seconds=30)
    take_in_listings(listings=[offer(observed_at=later)], **feed)
    assert Listing.objects.get().title == "Haneulbit dew serum"


def test_a_row_without_a_seller_does_not_forget_who_sold_it(tmp_path):
    take_in_spool(spool=write(tmp_path / "a", spooled(offer())), market="ebay", organisations={})
    bare = offer(seller_id=None, title="Haneulbit serum")
    take_in_spool(
        spool=write(tmp_path / "b", spooled(bare, body="b", at=NOON + timedelta(hours=1))),
        market="ebay",
        organisations={},
    )
    assert Listing.objects.get().title == "Haneulbit serum"
    assert Listing.objects.get().seller.key == "bargain"


def test_a_sellers_age_is_kept_as_a_date_and_renewed(tmp_path):
    organisations = {"1": [OrganisationFactory()]}
    later = NOON + timedelta(days=40)
    looks = [offer(seller_since="P3M"), offer(listing_id="12"), offer(seller_since="2026-08-05", observed_at=later)]

    kept = []
    for number, look in enumerate(looks):
        spool = write(tmp_path / str(number), spooled(look, str(number), at=look.observed_at))
        take_in_spool(spool=spool, market="ebay", organisations=organisations)
        kept.append(Seller.objects.get().since)

    assert kept == ["2026-08", "2026-08", "2026-08-05"]
