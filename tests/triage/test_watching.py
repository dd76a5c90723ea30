import pytest
from django.utils import timezone

from accounts.models import OutboxMessage
from accounts.outbox import drain
from contracts.verdict import VerdictKind
from jobs.states import WatchState
from tests.factories import FlagFactory, MembershipFactory, a_match
from triage import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def flag():
    return FlagFactory(listing__site="DE")


def decide(flag, kind):
    actor = MembershipFactory(organisation=flag.brand.organisation).user
    if flag.state == "decided":
        services.reopen(actor=actor, flag=flag)
    held = services.lease(actor=actor, flag=flag)
    verdict = services.decide(actor=actor, flag=held, kind=kind, seen_fingerprint=held.fingerprint)
    flag.refresh_from_db()
    return verdict


def later():
    """Let the time in which a verdict can be undone pass."""
    OutboxMessage.objects.update(available_at=timezone.now())
    drain()


def test_a_counterfeit_and_its_seller_are_watched_once_the_verdict_stands(flag):
    decide(flag, VerdictKind.COUNTERFEIT)
    drain()
    assert not flag.brand.watches.exists()  # it may still be undone
    later()
    later()
    watches = {watch.kind: watch for watch in flag.brand.watches.all()}
    assert watches["listing"].term == flag.listing.listing_id
    assert watches["seller"].term == flag.listing.seller.seller_id
    assert {watch.site for watch in watches.values()} == {"DE"}


def test_an_undone_verdict_watches_nothing(flag):
    verdict = decide(flag, VerdictKind.COUNTERFEIT)
    services.undo(actor=verdict.by, verdict=verdict)
    later()
    assert not flag.brand.watches.exists()


@pytest.mark.parametrize("kind", [VerdictKind.LIKELY, VerdictKind.GENUINE, VerdictKind.IMAGE_REUSE])
def test_other_verdicts_watch_nothing(flag, kind):
    decide(flag, kind)
    later()
    assert not flag.brand.watches.exists()


def test_a_verdict_found_wrong_later_stops_the_watches_but_a_seller_of_others_stays_watched(flag):
    other = FlagFactory(brand=flag.brand, listing__site="DE", listing__seller=flag.listing.seller)
    for each in (flag, other):
        decide(each, VerdictKind.COUNTERFEIT)
    later()
    decide(flag, VerdictKind.GENUINE)
    later()
    states = dict(flag.brand.watches.values_list("term", "state"))
    assert states[flag.listing.listing_id] == WatchState.STOPPED
    assert states[other.listing.listing_id] == states[flag.listing.seller.seller_id] == WatchState.ACTIVE
    decide(other, VerdictKind.GENUINE)
    later()
    assert set(flag.brand.watches.values_list("state", flat=True)) == {WatchState.STOPPED}


def test_a_listing_of_a_site_the_market_does_not_have_is_not_watched():
    flag = FlagFactory(listing__site="")
    decide(flag, VerdictKind.COUNTERFEIT)
    later()
    assert not flag.brand.watches.exists()


def tell(flag):
    services.tell_of_shop(flag=flag)
    drain()


def shops(brand):
    return {watch.term: (watch.reason, watch.state) for watch in brand.watches.filter(kind="seller")}


def test_a_shop_that_one_listing_gives_away_is_watched_until_it_is_cleared(flag):
    tell(flag)
    seller = flag.listing.seller.seller_id
    assert shops(flag.brand) == {seller: ("suspect", WatchState.ACTIVE)}
    decide(flag, VerdictKind.GENUINE)
    later()
    assert shops(flag.brand) == {seller: ("suspect", WatchState.STOPPED)}


def test_a_weak_suspicion_gives_no_shop_away():
    flag = FlagFactory(listing__site="DE", probability=0.6)
    tell(flag)
    assert shops(flag.brand) == {}


def test_a_shop_cleared_of_one_counterfeit_stays_suspected_for_its_other_listing(flag):
    FlagFactory(brand=flag.brand, listing__site="DE", listing__seller=flag.listing.seller)
    seller = flag.listing.seller.seller_id
    decide(flag, VerdictKind.COUNTERFEIT)
    later()
    tell(flag)
    assert shops(flag.brand) == {seller: ("seller", WatchState.ACTIVE)}  # suspicion adds nothing to a verdict
    decide(flag, VerdictKind.GENUINE)
    later()
    assert shops(flag.brand) == {seller: ("suspect", WatchState.ACTIVE)}


def test_another_organisations_suspicion_watches_nothing(flag):
    other = FlagFactory(listing__site="DE", listing__seller=flag.listing.seller)
    tell(flag)
    assert shops(other.brand) == {}


def test_a_shop_is_suspected_no_longer_than_a_listing_gives_it_away(flag):
    tell(flag)
    seller = flag.listing.seller.seller_id
    weaker = a_match(str(flag.brand.pk), 0.55)
    services.raise_flag(listing=flag.listing, brand=flag.brand, match=weaker, capture=flag.capture)
    drain()
    assert shops(flag.brand) == {seller: ("suspect", WatchState.STOPPED)}


def test_a_shop_stays_suspected_for_what_is_likely_a_counterfeit(flag):
    tell(flag)
    decide(flag, VerdictKind.LIKELY)
    later()
    tell(flag)
    assert shops(flag.brand) == {flag.listing.seller.seller_id: ("suspect", WatchState.ACTIVE)}
