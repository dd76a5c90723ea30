"""Registered late, found all the same: stored listings, then a mark or a picture, then the worker."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMessage, Role
from accounts.outbox import drain
from accounts.permissions import NotAllowed
from contracts.errors import BadInput
from contracts.workflow import IllegalTransition
from listings.models import Listing, Sighting
from listings.search import SearchUnavailable
from matchers.search_forms import readings_of_mark
from registry.services import add_spelling, put_image, put_mark, remove
from tests.factories import (
    BrandFactory,
    FlagFactory,
    MarkFactory,
    MembershipFactory,
    OrganisationFactory,
    ProductFactory,
    ReferenceImageFactory,
    SellerFactory,
    SpellingFactory,
)
from tests.triage.hunted import encoded, packshot, register, seen, stored, work
from triage import hunting, matching, services
from triage.hunting import run_hunt
from triage.models import Flag, Hunt, HuntTarget
from triage.services.hunts import HOLD
from triage.states import HuntState

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand(store):
    return BrandFactory()


def fakes(brand, count):
    made = [
        seen(brand.organisation, f"Haneulbit serum no {number} 1:1 mirror quality replica") for number in range(count)
    ]
    stored(*made)
    return made


def test_a_mark_registered_late_flags_what_was_seen_before(brand):
    fake = seen(brand.organisation, "하늘빛 dew serum 1:1 mirror quality replica")
    towel = seen(brand.organisation, "Plain towel 1:1 mirror quality replica")
    stored(fake, towel)
    assert not Flag.objects.exists()

    register(brand)
    work()

    flag, hunt = Flag.objects.get(), Hunt.objects.get()
    assert (flag.listing, flag.brand, flag.hunt) == (fake, brand, hunt)
    assert hunt.state == HuntState.DONE
    assert (hunt.candidates, hunt.looked_at, hunt.skipped, hunt.failed, hunt.matched) == (1, 1, 0, 0, 1)
    assert hunt.targets.get().spellings == ["Haneulbit", "하늘빛"]


def test_a_registration_of_many_is_one_hunt(brand, store):
    with_mark = register(brand)
    put_mark(actor=None, brand=brand, text="Dalmuri")
    image = put_image(actor=None, brand=brand, data=encoded(packshot()), kind="product", file_name="serum.png").row
    work()

    hunt = Hunt.objects.get()
    assert {target.label for target in hunt.targets.all()} == {"Haneulbit", "Dalmuri", "serum.png"}
    assert HuntTarget.objects.filter(hunt=hunt, mark=with_mark).count() == 1
    assert hunt.targets.get(image=image).sha256 == image.sha256


def test_two_deliveries_make_one_hunt(brand):
    register(brand)
    work()
    OutboxMessage.objects.update(state="waiting", attempts=0)
    work()

    assert Hunt.objects.count() == 1
    assert HuntTarget.objects.count() == 1


def test_a_new_spelling_is_hunted_for_anew_and_a_known_one_is_not(brand):
    mark = register(brand)
    work()
    add_spelling(actor=None, mark=mark, text="天光")
    work()

    newer, older = Hunt.objects.all()
    assert "天光" in newer.targets.get().spellings
    assert "天光" not in older.targets.get().spellings
    assert services.queue_hunt(actor=None, brand=brand, marks=[mark], again=False) is None


def test_a_person_may_hunt_again(brand, monitor):
    mark = register(brand)
    work()
    hunt = services.queue_hunt(actor=monitor, brand=brand, marks=[mark])
    assert hunt.asked_by == monitor
    work()
    hunt.refresh_from_db()
    assert hunt.state == HuntState.DONE


def test_nobody_hunts_among_what_others_were_shown(brand, store):
    other = OrganisationFactory()
    theirs = seen(other, "Haneulbit serum 1:1 mirror quality replica", packshot(), store)
    stored(theirs)
    register(brand)
    put_image(actor=None, brand=brand, data=encoded(packshot()), kind="product", file_name="serum.png")
    work()

    assert Hunt.objects.get().candidates == 0
    assert not Flag.objects.exists()


def test_the_records_decide_whatever_the_index_says(brand):
    kept, lost, removed = fakes(brand, 3)
    Sighting.objects.filter(listing=lost).delete()
    Listing.objects.filter(pk=removed.pk).update(listing_id="renamed")
    register(brand)
    work()

    hunt = Hunt.objects.get()
    assert (hunt.candidates, hunt.looked_at, hunt.skipped) == (3, 1, 2)
    assert Flag.objects.get().listing == kept


def test_only_the_hunted_brand_is_matched_and_a_known_flag_keeps_its_origin(brand):
    rival = BrandFactory(organisation=brand.organisation, name="Rival")
    MarkFactory(brand=rival)
    known, new = fakes(brand, 2)
    FlagFactory(listing=known, brand=brand, capture=known.captures.get(), fingerprint=known.fingerprint)
    register(brand)
    work()

    hunt = Hunt.objects.get()
    assert hunt.matched == 2
    assert [flag.listing for flag in hunt.flags.all()] == [new]
    assert not Flag.objects.filter(brand=rival).exists()


def test_a_hunt_cut_off_goes_on_behind_the_last_page_and_does_nothing_twice(brand, monkeypatch):
    monkeypatch.setattr(hunting, "PAGE", 2)
    fakes(brand, 7)
    register(brand)
    hunt = services.queue_hunt(actor=None, brand=brand, marks=brand.marks.all())
    matched = []
    whole = matching.raise_flag

    def counted(**what):
        matched.append(what["listing"].pk)
        return whole(**what)

    monkeypatch.setattr(matching, "raise_flag", counted)
    pages = []
    run_hunt(
        hunt=hunt,
        stop=lambda: len(pages) == 2,
        progress=lambda hunt: pages.append(hunt.cursor) if hunt.cursor else None,
    )
    hunt.refresh_from_db()
    assert (hunt.state, hunt.candidates, hunt.looked_at) == (HuntState.RUNNING, 7, 4)

    work()
    hunt.refresh_from_db()
    assert (hunt.state, hunt.looked_at, hunt.matched, hunt.attempt) == (HuntState.DONE, 7, 7, 2)
    assert sorted(matched) == sorted(Listing.objects.values_list("pk", flat=True))
    assert AuditEvent.objects.filter(verb="flag.raised").count() == 7


def test_what_breaks_is_written_down_and_the_outbox_goes_on_with_it(brand, monkeypatch, settings):
    settings.OUTBOX_RETRY_SECONDS = 0
    monkeypatch.setattr(hunting, "PAGE", 2)
    fakes(brand, 5)
    register(brand)
    drain(1)  # the hunt waits
    whole, calls = hunting.match_listings, []

    def broken(listings, **what):
        calls.append(1)
        if len(calls) > 1:
            raise hunting.DatabaseError("the disk is full")
        return whole(listings, **what)

    monkeypatch.setattr(hunting, "match_listings", broken)
    summary = drain(2)
    hunt = Hunt.objects.get()
    assert summary.retried >= 1
    assert (hunt.state, hunt.looked_at, hunt.held_until) == (HuntState.FAILED, 2, None)
    assert "the disk is full" in hunt.error

    monkeypatch.setattr(hunting, "match_listings", whole)
    drain()
    hunt.refresh_from_db()
    assert (hunt.state, hunt.looked_at, hunt.error) == (HuntState.DONE, 5, "")


def test_one_listing_that_cannot_be_matched_costs_the_others_nothing(brand, monkeypatch, caplog):
    bad, *others = fakes(brand, 3)
    Listing.objects.filter(pk=bad.pk).update(data={"market": 7})
    register(brand)
    work()

    hunt = Hunt.objects.get()
    assert (hunt.state, hunt.looked_at, hunt.failed) == (HuntState.DONE, 2, 1)
    assert {flag.listing for flag in Flag.objects.all()} == set(others)
    assert f"listing {bad.pk} could not be matched" in caplog.text


def test_one_worker_holds_a_hunt_and_a_dead_one_is_succeeded(brand):
    register(brand)
    hunt = services.queue_hunt(actor=None, brand=brand, marks=brand.marks.all())
    dead = services.take_hunt(actor=None, hunt=hunt)
    with pytest.raises(services.HuntHeld):
        services.take_hunt(actor=None, hunt=Hunt.objects.get())

    work()  # the outbox finds it held and will look again
    waiting = OutboxMessage.objects.get(topic="triage.hunt_queued", state="waiting")
    assert waiting.available_at == Hunt.objects.get().held_until

    stale = Hunt.objects.get(pk=dead.pk)
    with time_machine.travel(timezone.now() + HOLD + timedelta(seconds=1), tick=False):
        work()
    assert Hunt.objects.get().state == HuntState.DONE
    for late in (
        lambda: services.advance_hunt(hunt=stale, cursor="z", looked=services.Looked(looked_at=1)),
        lambda: services.finish_hunt(hunt=stale),
        lambda: services.fail_hunt(hunt=stale, error="late"),
    ):
        with pytest.raises(services.HuntLost):
            late()
    assert Hunt.objects.get().looked_at == 0


def test_a_done_hunt_is_done(brand):
    register(brand)
    work()
    with pytest.raises(IllegalTransition):
        run_hunt(hunt=Hunt.objects.get())


def test_an_index_out_of_reach_fails_the_hunt_in_plain_words(brand, settings):
    register(brand)
    hunt = services.queue_hunt(actor=None, brand=brand, marks=brand.marks.all())
    settings.SEARCH_URL = "http://127.0.0.1:9"
    with pytest.raises(SearchUnavailable):
        run_hunt(hunt=hunt)
    assert Hunt.objects.get().error.startswith("SearchUnavailable")


def test_a_removed_picture_stays_in_the_record_of_the_hunt(brand, store):
    image = put_image(actor=None, brand=brand, data=encoded(packshot()), kind="product", file_name="serum.png").row
    work()
    remove(actor=None, row=image)
    target = HuntTarget.objects.get()
    assert (target.image, target.label, target.sha256) == (None, "serum.png", image.sha256)


def test_who_may_hunt(brand, monitor):
    mark = MarkFactory(brand=brand)
    stranger = MembershipFactory(role=Role.ADMINISTRATOR).user
    with pytest.raises(NotAllowed):
        services.queue_hunt(actor=stranger, brand=brand, marks=[mark])
    hunt = services.queue_hunt(actor=monitor, brand=brand, marks=[mark])
    with pytest.raises(NotAllowed):
        run_hunt(actor=stranger, hunt=hunt)
    assert list(Hunt.objects.for_user(monitor)) == [hunt]
    assert not Hunt.objects.for_user(stranger)


def test_anothers_mark_or_picture_is_refused(brand):
    with pytest.raises(BadInput, match="mark"):
        services.queue_hunt(actor=None, brand=brand, marks=[MarkFactory()])
    with pytest.raises(BadInput, match="picture"):
        services.queue_hunt(actor=None, brand=brand, images=[ReferenceImageFactory()])
    assert not Hunt.objects.exists()


def test_what_is_hunted_for_is_asked_of_the_index_in_every_form(brand, store):
    image = ReferenceImageFactory(brand=brand, sha256=store.put(encoded(packshot())))
    SpellingFactory(mark=MarkFactory(brand=brand))
    wanted = hunting.wanted_of(services.queue_hunt(actor=None, brand=brand, images=[image]))
    assert len(wanted.codes) == 8
    assert {"Haneulbit", "하늘빛", *readings_of_mark("Haneulbit")} <= set(wanted.spellings)


@pytest.mark.parametrize("title", ["Нaneu1bit", "Haneilbyt", "H.a.n.e.u.l.b.i.t", "bestHaneulbitserum", "haneulbit"])
def test_a_mark_in_disguise_is_found_among_what_was_seen(brand, title):
    fake = seen(brand.organisation, f"{title} dew serum 50 ml 1:1 mirror quality replica")
    stored(fake)
    put_mark(actor=None, brand=brand, text="Haneulbit")
    work()
    assert Flag.objects.get().listing == fake


def test_what_only_looks_alike_to_the_index_is_not_compared_by_pictures(brand, store, monkeypatch):
    near_miss = seen(brand.organisation, "Hand Neutral bitter chocolate replica", packshot(), store)
    fake = seen(brand.organisation, "Haneulbit serum 1:1 mirror quality replica", packshot(), store)
    stored(near_miss, fake)
    compared = []
    whole = matching.Matching.pictures
    monkeypatch.setattr(
        matching.Matching, "pictures", lambda self, one, *more: compared.append(one.pk) or whole(self, one, *more)
    )
    register(brand)
    work()

    hunt = Hunt.objects.get()
    assert (hunt.candidates, hunt.looked_at, hunt.matched) == (2, 2, 1)
    assert set(compared) == {fake.pk}


def test_a_hunt_judges_as_the_intake_does_by_every_brands_marks_and_pictures(brand, store, settings):
    settings.QUEUE_THRESHOLD = 0.0
    rival = BrandFactory(organisation=brand.organisation, name="Mosskin")
    MarkFactory(brand=rival, text="Mosskin")
    ReferenceImageFactory(brand=brand, sha256=store.put(encoded(packshot())))
    listing = seen(brand.organisation, "Mosskin moisturising gel 80 ml", packshot(), store, price="21.00")
    stored(listing)
    matching.match_listings(Listing.objects.all())
    at_intake = {flag.brand: flag.match for flag in Flag.objects.all()}
    Flag.objects.all().delete()

    run_hunt(hunt=services.queue_hunt(actor=None, brand=brand, images=brand.images.all()))

    flag = Flag.objects.get()
    assert flag.match == at_intake[brand]
    assert "names_another" in {signal["name"] for signal in flag.match["signals"]}


def test_a_hunt_counts_each_candidate_with_a_flag_once(brand, settings):
    settings.QUEUE_THRESHOLD = 0.0
    ProductFactory(brand=brand, name="Haneulbit dew serum 50 ml", keywords=["serum"])
    shop = SellerFactory()
    made = [
        seen(brand.organisation, f"Haneulbit dew serum 50 ml {number} 1:1 mirror quality replica", seller=shop)
        for number in range(3)
    ]
    quiet = seen(brand.organisation, "Haneulbit dew serum 50 ml, no invoice", seller=shop, price="15.00")
    stored(*made)
    register(brand)
    work()

    hunt = Hunt.objects.get()
    assert (hunt.looked_at, hunt.matched) == (3, 3)
    assert Flag.objects.filter(listing=quiet).exists()
