"""What a watch of the pool finds is sighted for everybody in it, and for nobody else."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps

from accounts.models import OutboxMessage
from accounts.outbox import drain
from accounts.services import set_pool
from contracts.job import SpoolSeen
from contracts.listing import AccessRung
from listings import services
from listings.models import Listing, Sighting
from listings.search import open_index
from listings.services import share_in_pool, take_in_listings, take_in_spool
from listings.states import Source
from tests.factories import NOON, CaptureFactory, FlagFactory, OrganisationFactory, SightingFactory
from tests.listings.test_intake import offer, see, spooled, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def index(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    settings.SEARCH_URL = "embedded"


@pytest.fixture
def pool(index):
    return [OrganisationFactory(pool=True) for _ in range(3)]


def crawl(folder, organisation, *listing_ids):
    lines = [spooled(offer(listing_id=listing_id), body=listing_id) for listing_id in listing_ids]
    return take_in_spool(spool=write(folder, *lines), market="ebay", organisations={"1": [organisation]})


def sighted(listing_id="11"):
    rows = Sighting.objects.filter(listing__listing_id=listing_id)
    return {row.organisation_id: row.source for row in rows}


def work():
    while not (summary := drain()).idle:
        assert summary.failed + summary.retried == 0, OutboxMessage.objects.exclude(last_error="").values("last_error")


def test_what_a_watch_of_the_pool_finds_is_shared_within_it(tmp_path, pool):
    finder, *others = pool
    outside = OrganisationFactory()

    crawl(tmp_path / "a", finder, "11")
    crawl(tmp_path / "b", outside, "12")

    assert sighted("11") == {finder.pk: Source.WATCH} | {other.pk: Source.POOL for other in others}
    assert sighted("12") == {outside.pk: Source.WATCH}


def test_what_people_captured_and_feeds_had_is_not_shared(pool):
    for rung, listing_id in ((AccessRung.CAPTURE, "11"), (AccessRung.FEED, "12")):
        take_in_listings(
            listings=[offer(listing_id=listing_id)], organisation=pool[0], rung=rung, source="feed.jsonl", seen=NOON
        )
        assert sighted(listing_id) == {pool[0].pk: Source.BROUGHT}
    share_in_pool()
    assert Sighting.objects.count() == 2


def test_a_look_of_one_s_own_makes_a_pooled_sighting_one_s_own_and_never_the_other_way(tmp_path, pool):
    finder, other, third = pool
    crawl(tmp_path / "a", finder, "11")
    take_in_listings(listings=[offer()], organisation=other, rung=AccessRung.CAPTURE, source="hand", seen=NOON)
    assert sighted() == {finder.pk: Source.WATCH, other.pk: Source.BROUGHT, third.pk: Source.POOL}

    seen = SpoolSeen(watch_id="1", listing_id="11", observed_at=NOON + timedelta(days=1), unchanged=True)
    take_in_spool(spool=see(write(tmp_path / "b"), seen), market="ebay", organisations={"1": [other]})
    take_in_listings(listings=[offer()], organisation=finder, rung=AccessRung.FEED, source="feed", seen=NOON)
    assert sighted() == {finder.pk: Source.WATCH, other.pk: Source.WATCH, third.pk: Source.POOL}


def test_a_listing_that_is_only_seen_again_is_shared_too(tmp_path, pool):
    outside = OrganisationFactory()
    crawl(tmp_path / "a", outside, "11")
    seen = SpoolSeen(watch_id="1", listing_id="11", observed_at=NOON + timedelta(days=1), unchanged=True)

    take_in_spool(spool=see(write(tmp_path / "b"), seen), market="ebay", organisations={"1": [pool[0]]})

    assert sighted() == {outside.pk: Source.WATCH, pool[0].pk: Source.WATCH} | {
        other.pk: Source.POOL for other in pool[1:]
    }


def test_sharing_takes_as_many_queries_however_many_listings_and_members(tmp_path, pool, django_assert_max_num_queries):
    for number, (size, more) in enumerate(((2, 0), (20, 3))):
        OrganisationFactory.create_batch(more, pool=True)
        lines = [
            spooled(offer(listing_id=f"{number}-{n}", seller_id=f"{number}-{n}"), body=f"{n}") for n in range(size)
        ]
        spool = write(tmp_path / str(size), *lines)
        with django_assert_max_num_queries(21):  # one more than without a pool
            take_in_spool(spool=spool, market="ebay", organisations={"1": [pool[0]]})
    assert Sighting.objects.count() == 2 * 3 + 20 * 6


def test_who_joins_is_shown_what_was_found_before_and_shows_theirs(tmp_path, pool, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)  # several pages
    old, newcomer = pool[0], OrganisationFactory()
    crawl(tmp_path / "a", old, "11", "12", "13")
    crawl(tmp_path / "b", newcomer, "21", "22", "23")
    work()
    told = OutboxMessage.objects.filter(topic="listings.changed").count()

    set_pool(actor=None, organisation=newcomer, pool=True)
    work()

    for listing_id in ("11", "12", "13"):
        assert sighted(listing_id)[newcomer.pk] == Source.POOL
        assert sighted(listing_id)[old.pk] == Source.WATCH
    for listing_id in ("21", "22", "23"):
        assert sighted(listing_id) == {newcomer.pk: Source.WATCH} | {other.pk: Source.POOL for other in pool}
    fresh = OutboxMessage.objects.filter(topic="listings.changed").order_by("pk")[told:]
    assert sorted(pk for message in fresh for pk in message.payload["listings"]) == sorted(
        Listing.objects.values_list("pk", flat=True)
    )
    share_in_pool()
    assert not OutboxMessage.objects.filter(topic="listings.changed", state="waiting").exists()


def test_who_leaves_shares_and_is_shown_nothing_more(tmp_path, pool):
    leaver, other, third = pool
    crawl(tmp_path / "a", leaver, "11")
    crawl(tmp_path / "b", other, "12")

    set_pool(actor=None, organisation=leaver, pool=False)
    work()
    crawl(tmp_path / "c", leaver, "13")
    crawl(tmp_path / "d", other, "14")

    assert sighted("11") == sighted("13") == {leaver.pk: Source.WATCH}
    assert sighted("12") == sighted("14") == {other.pk: Source.WATCH, third.pk: Source.POOL}


def test_on_leaving_what_another_s_watch_found_too_stays_and_so_does_what_was_flagged(tmp_path, pool, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)
    leaver, other, third = pool
    crawl(tmp_path / "a", leaver, "11", "12", "13", "14")
    crawl(tmp_path / "b", other, "11")
    FlagFactory(listing=Listing.objects.get(listing_id="12"), brand__organisation=third)
    crawl(tmp_path / "c", other, "21")
    FlagFactory(listing=Listing.objects.get(listing_id="21"), brand__organisation=leaver)
    work()

    set_pool(actor=None, organisation=leaver, pool=False)
    work()

    assert sighted("11") == {leaver.pk: Source.WATCH, other.pk: Source.WATCH, third.pk: Source.POOL}
    assert sighted("12") == {leaver.pk: Source.WATCH, third.pk: Source.POOL}
    assert sighted("13") == sighted("14") == {leaver.pk: Source.WATCH}
    assert sighted("21") == {leaver.pk: Source.POOL, other.pk: Source.WATCH, third.pk: Source.POOL}


def test_who_leaves_and_joins_again_before_the_worker_came_keeps_all(tmp_path, pool):
    crawl(tmp_path / "a", pool[0], "11")
    for taking_part in (False, True):
        set_pool(actor=None, organisation=pool[0], pool=taking_part)
    work()
    assert sighted() == {pool[0].pk: Source.WATCH, pool[1].pk: Source.POOL, pool[2].pk: Source.POOL}


def test_the_search_index_knows_who_may_find_a_listing(tmp_path, pool):
    leaver, other, _third = pool
    crawl(tmp_path / "a", other, "11")
    work()
    found = open_index().search_text(["Haneulbit"], organisation=leaver.pk, limit=9)
    assert [hit.key for hit in found] == ["ebay:11"]

    set_pool(actor=None, organisation=leaver, pool=False)
    work()
    assert open_index().search_text(["Haneulbit"], organisation=leaver.pk, limit=9) == []
    assert open_index().search_text(["Haneulbit"], organisation=other.pk, limit=9)


def test_the_migration_believes_a_watch_of_what_was_crawled_and_takes_the_pool_back():
    migration = importlib.import_module("listings.migrations.0004_sighting_source")
    crawled, captured = (CaptureFactory(rung=rung).listing for rung in ("http", "capture"))
    CaptureFactory(listing=crawled, rung="capture")
    kept = {listing: SightingFactory(listing=listing) for listing in (crawled, captured)}

    migration.tell_what_was_brought(apps, None)
    for listing, source in ((crawled, Source.WATCH), (captured, Source.BROUGHT)):
        kept[listing].refresh_from_db()
        assert kept[listing].source == source

    SightingFactory(listing=crawled, source=Source.POOL)
    migration.forget_the_pool(apps, None)
    assert set(Sighting.objects.all()) == set(kept.values())
