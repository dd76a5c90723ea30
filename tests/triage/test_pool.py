"""The pool: what one organisation's watch found is judged for the others, and nothing else of anybody is seen."""

import pytest
from PIL import Image

from accounts.models import AuditEvent, OutboxMessage
from accounts.outbox import drain
from accounts.services import set_pool
from evidence.store import Store
from jobs.models import Find, Watch
from jobs.services import record_finds
from listings.models import Listing, Sighting
from listings.services import share_in_pool
from listings.states import Source
from registry.models import Brand
from registry.services import put_mark
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    ListingFactory,
    ListingImageFactory,
    MarkFactory,
    MembershipFactory,
    OrganisationFactory,
    ReferenceImageFactory,
    SellerFactory,
    SightingFactory,
    SpellingFactory,
    SpotCheckFactory,
    VerdictFactory,
    WatchFactory,
)
from tests.matchers.logos.drawing import encoded, goods, logo, on
from triage.handlers import watch_decided
from triage.history import Sellers
from triage.matching import Matching, match_listings
from triage.models import Flag, SpotCheck
from triage.states import SpotCheckState

pytestmark = pytest.mark.django_db

ADMITTED = "dew serum 50 ml 1:1 mirror quality replica"
QUIET = "dew serum 50 ml, no invoice"


@pytest.fixture
def store(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR = tmp_path / "evidence", tmp_path / "index"
    settings.SEARCH_URL = "embedded"
    return Store(settings.EVIDENCE_DIR)


def firm(name, *, pool=True):
    brand = BrandFactory(name=name, organisation=OrganisationFactory(pool=pool, name=f"{name} Co."))
    SpellingFactory(mark=MarkFactory(brand=brand, text=name), text=name, script="Latn")
    return brand


@pytest.fixture
def ours(store):
    return firm("Haneulbit")


@pytest.fixture
def theirs(store):
    return firm("Saebyeokdam")


@pytest.fixture
def stranger(store):
    return firm("Moonsalgu", pool=False)


def found(brand, title, **changes):
    """Store a listing as the brand's own watch found it, and share it as the intake would."""
    listing = ListingFactory(title=title, **{"price": "4.90", **changes})
    CaptureFactory(listing=listing)
    SightingFactory(listing=listing, organisation=brand.organisation)
    share_in_pool()
    return listing


def work():
    while not (summary := drain()).idle:
        assert summary.failed + summary.retried == 0, OutboxMessage.objects.exclude(last_error="").values("last_error")


def flags_of(brand):
    return {flag.listing_id: flag for flag in Flag.objects.filter(brand=brand)}


def signals(flag):
    return {signal["name"]: signal for signal in flag.match["signals"]}


def test_a_counterfeit_only_another_s_watch_came_across_is_flagged_for_whom_it_copies(ours, theirs, stranger):
    shared = found(theirs, f"Haneulbit {ADMITTED}")
    hidden = found(stranger, f"Haneulbit {ADMITTED}")

    work()
    match_listings(Listing.objects.all())

    assert set(flags_of(ours)) == {shared.pk}
    assert hidden.pk not in flags_of(ours)


def test_who_joins_has_what_was_found_before_matched(ours, theirs):
    set_pool(actor=None, organisation=ours.organisation, pool=False)
    work()
    fake = found(theirs, f"Haneulbit {ADMITTED}")
    work()
    assert not flags_of(ours)

    set_pool(actor=None, organisation=ours.organisation, pool=True)
    work()

    assert set(flags_of(ours)) == {fake.pk}


def test_what_was_flagged_stays_on_leaving_and_can_still_be_worked_on(client, ours, theirs):
    fake = found(theirs, f"Haneulbit {ADMITTED}")
    towel = found(theirs, "Plain towel")
    work()

    set_pool(actor=None, organisation=theirs.organisation, pool=False)
    work()

    assert set(Sighting.objects.filter(organisation=ours.organisation).values_list("listing", flat=True)) == {fake.pk}
    assert not Sighting.objects.filter(listing=towel, source=Source.POOL).exists()
    client.force_login(MembershipFactory(organisation=ours.organisation).user)
    assert client.get(f"/flags/{flags_of(ours)[fake.pk].pk}/").status_code == 200
    before = flags_of(ours)[fake.pk].updated_at
    match_listings(Listing.objects.all())
    assert flags_of(ours)[fake.pk].updated_at == before


def test_a_spot_check_that_waits_goes_with_what_was_shared(ours, theirs):
    towel, own = found(theirs, "Plain towel"), found(ours, "Garden hose")
    work()
    shared, kept = (
        SpotCheckFactory(brand=ours, listing=listing, capture=listing.captures.get()) for listing in (towel, own)
    )

    set_pool(actor=None, organisation=theirs.organisation, pool=False)
    work()

    assert list(SpotCheck.objects.filter(state=SpotCheckState.WAITING)) == [kept]
    assert AuditEvent.objects.filter(verb="spot_check.withdrawn", subject_id=str(shared.pk)).count() == 1


def test_a_mark_registered_late_is_hunted_in_what_the_pool_found(ours, theirs, stranger):
    shared = found(theirs, f"Dalbitsaem {ADMITTED}")
    hidden = found(stranger, f"Dalbitsaem {ADMITTED} no 2")
    work()

    put_mark(actor=None, brand=ours, text="Dalbitsaem")
    work()

    flags = flags_of(ours)
    assert set(flags) == {shared.pk}
    assert flags[shared.pk].hunt is not None
    assert hidden.pk not in flags


class TestSuspicion:
    """Flags of one shop count in the pool, as a number, and nowhere else."""

    def shop(self, ours, theirs):
        """Return a quiet offer of ours, in a shop that a loud one of theirs gives away."""
        shop = SellerFactory(key="night-shop")
        quiet = found(ours, f"Haneulbit {QUIET}", price="15.00", seller=shop)
        loud = found(theirs, f"{theirs.name} {ADMITTED}", seller=shop)
        return quiet, loud

    def test_a_shop_given_away_to_one_is_looked_at_again_for_the_others(self, ours, theirs):
        quiet, loud = self.shop(ours, theirs)
        match_listings(Listing.objects.filter(pk=quiet.pk))
        alone = {key: flag.probability for key, flag in flags_of(ours).items()}

        match_listings(Listing.objects.filter(pk=loud.pk))
        work()

        flag = flags_of(ours)[quiet.pk]
        suspicion = signals(flag)["seller_suspected"]
        assert suspicion["reason"]["en"] == "One other listing of this shop was flagged in the pool."
        assert flag.probability > alone.get(quiet.pk, 0.0)
        assert not any(word in str(flag.match) for word in (theirs.name, theirs.organisation.name, loud.listing_id))

    def test_outside_the_pool_nothing_is_felt(self, ours, stranger):
        quiet, loud = self.shop(ours, stranger)
        match_listings(Listing.objects.all())
        work()
        assert set(flags_of(stranger)) == {loud.pk}
        assert all("seller_suspected" not in signals(flag) for flag in flags_of(ours).values())
        assert Sellers([quiet]).records(quiet, {"1": ours.organisation_id})["1"].pooled == 0

    def test_they_count_as_one_s_own_do(self, ours, theirs):
        shop = SellerFactory()
        quiet = found(ours, f"Haneulbit {QUIET}", price="15.00", seller=shop)
        for number in range(2):
            found(theirs, f"Saebyeokdam {ADMITTED} no {number}", seller=shop)
        found(ours, f"Haneulbit and Saebyeokdam {ADMITTED}", seller=shop)
        match_listings(Listing.objects.all())
        work()

        record = Sellers([quiet]).records(quiet, {"1": ours.organisation_id})["1"]
        assert (record.suspected, record.pooled, record.listings) == (1, 2, 4)
        told = signals(flags_of(ours)[quiet.pk])["seller_suspected"]["reason"]["en"]
        assert told.endswith("2 other listings of this shop were flagged in the pool.")

    def test_suspicion_that_rests_on_the_pool_counts_for_nobody(self, ours, theirs):
        quiet, loud = self.shop(ours, theirs)
        match_listings(Listing.objects.all())
        work()
        first = {flag.pk: flag.probability for flag in Flag.objects.all()}
        assert "seller_suspected" in signals(flags_of(ours)[quiet.pk])
        assert "seller_suspected" not in signals(flags_of(theirs)[loud.pk])

        match_listings(Listing.objects.all())
        told = OutboxMessage.objects.count()
        work()

        assert {flag.pk: flag.probability for flag in Flag.objects.all()} == first
        assert OutboxMessage.objects.count() == told

    @pytest.mark.parametrize(("kind", "pooled"), [("counterfeit", 1), ("resale", 0), ("genuine", 0)])
    def test_a_verdict_of_another_is_felt_as_a_number_at_most(self, ours, theirs, kind, pooled):
        quiet, loud = self.shop(ours, theirs)
        match_listings(Listing.objects.filter(pk=loud.pk))
        flag = flags_of(theirs)[loud.pk]
        VerdictFactory(flag=flag, kind=kind, capture=flag.capture)

        record = Sellers([quiet]).records(quiet, {"1": ours.organisation_id})["1"]

        assert (record.strikes, record.cleared, record.suspected, record.pooled) == (0, 0, 0, pooled)

    def test_what_another_cleared_silences_no_suspicion_of_one_s_own(self, ours, theirs):
        shop = SellerFactory()
        quiet = found(ours, f"Haneulbit {QUIET}", price="15.00", seller=shop)
        found(ours, f"Haneulbit {ADMITTED}", seller=shop)
        match_listings(Listing.objects.all())
        work()
        before = flags_of(ours)[quiet.pk].probability

        cleared = found(theirs, f"Saebyeokdam {ADMITTED}", seller=shop)
        match_listings(Listing.objects.filter(pk=cleared.pk))
        flag = flags_of(theirs)[cleared.pk]
        VerdictFactory(flag=flag, kind="genuine", capture=flag.capture)
        match_listings(Listing.objects.all())
        work()

        assert flags_of(ours)[quiet.pk].probability == before

    def test_who_joins_feels_what_the_others_suspected_and_they_what_the_newcomer_did(self, ours, theirs, monkeypatch):
        monkeypatch.setattr("triage.services.pool.SHOPS", 1)
        set_pool(actor=None, organisation=ours.organisation, pool=False)
        pairs = []
        for number in range(3):
            shop = SellerFactory()
            loud = found(theirs, f"Saebyeokdam {ADMITTED} no {number}", seller=shop)
            quiet = found(ours, f"Haneulbit {QUIET} no {number}", price="15.00", seller=shop)
            for listing in (loud, quiet):  # both know both of their own: joining shares nothing new
                for brand in (ours, theirs):
                    Sighting.objects.get_or_create(
                        listing=listing, organisation=brand.organisation,
                        defaults={"first_seen": listing.first_seen, "last_seen": listing.last_seen},
                    )  # fmt: skip
            pairs.append(quiet)
        match_listings(Listing.objects.all())
        work()
        assert all("seller_suspected" not in signals(flag) for flag in flags_of(ours).values())

        set_pool(actor=None, organisation=ours.organisation, pool=True)
        work()

        for quiet in pairs:
            assert "seller_suspected" in signals(flags_of(ours)[quiet.pk])

    def test_telling_the_pool_costs_the_same_however_much_a_shop_sells(self, ours, theirs, django_assert_num_queries):
        quiet, _loud = self.shop(ours, theirs)
        counts = []
        for more in (0, 6):
            for number in range(more):
                found(ours, f"Haneulbit {QUIET} no {number}", price="15.00", seller=quiet.seller)
            with django_assert_num_queries(3):
                Sellers([quiet]).records(quiet, {"1": ours.organisation_id})
            counts.append(Listing.objects.count())
        assert counts == [2, 8]


class TestLogos:
    """Which of two logos is meant in one place is settled within an organisation and within the pool."""

    def meant(self, store, *brands):
        """Return whose logos are seen where two very similar ones might be meant in one place."""
        photo = store.put(encoded(on(goods(7), logo("key"), side=160)))
        small = logo("key", colour=(30, 70, 150)).resize((300, 300), Image.Resampling.LANCZOS)
        listing = ListingFactory(title="Cotton shirt")
        CaptureFactory(listing=listing)
        ListingImageFactory(listing=listing, sha256=photo)
        for brand, picture in zip(brands, (logo("key"), small), strict=True):
            ReferenceImageFactory(brand=brand, sha256=store.put(encoded(picture)), kind="logo")
            SightingFactory(listing=listing, organisation=brand.organisation)
        matching = Matching(Brand.objects.select_related("organisation"))
        seen = matching.pictures(listing, {str(brand.pk) for brand in brands})
        return {int(key) for key, matches in seen.items() if any(match.reference.kind == "logo" for match in matches)}

    def test_a_logo_of_the_pool_is_a_rival(self, store, ours, theirs):
        assert len(self.meant(store, ours, theirs)) == 1

    def test_no_other_tenant_s_logo_silences_one_s_own(self, store, ours, stranger):
        assert self.meant(store, ours, stranger) == {ours.pk, stranger.pk}


def test_no_other_tenant_s_pictures_crowd_out_one_s_own(store, ours, stranger):
    photo = goods(7)
    listing = ListingFactory(title="Cotton shirt")
    ListingImageFactory(listing=listing, sha256=store.put(encoded(photo)))
    for rival in range(3):  # as many as are kept of one picture, and nearer than one's own
        photo.putpixel((rival, 0), (255, 0, 0))
        ReferenceImageFactory(brand=stranger, sha256=store.put(encoded(photo)), kind="photo")
    ReferenceImageFactory(brand=ours, sha256=store.put(encoded(photo.crop((10, 10, 390, 500)))), kind="photo")
    both = {str(ours.pk), str(stranger.pk)}

    matching = Matching(Brand.objects.select_related("organisation"))
    assert matching.pictures(listing, both).keys() == both
    assert matching.pictures(listing, {str(ours.pk)}).keys() == {str(ours.pk)}


def test_no_other_tenant_s_mark_speaks_against_one_s_own(ours, theirs, stranger):
    matching = Matching(Brand.objects.select_related("organisation"))
    circles = {frozenset(map(int, circle)) for circle in matching.circles(matching.brands)}
    assert circles == {frozenset({ours.pk, theirs.pk}), frozenset({stranger.pk})}


def test_a_verdict_on_what_the_pool_found_credits_no_watch_of_another(ours, theirs):
    watch = WatchFactory(brand=theirs, market="ebay", site="DE")
    fake = found(theirs, f"Haneulbit {ADMITTED}")
    record_finds(market="ebay", found=[(str(watch.pk), fake.listing_id)])
    match_listings(Listing.objects.all())
    flag = flags_of(ours)[fake.pk]
    verdict = VerdictFactory(flag=flag, kind="counterfeit", capture=flag.capture)

    watch_decided(flag_id=flag.pk, verdict_id=verdict.pk)

    assert Find.objects.get().state == "found"
    assert not Watch.objects.filter(brand=theirs).exclude(pk=watch.pk).exists()
    assert Watch.objects.filter(brand=ours, kind="listing", term=fake.listing_id).exists()
