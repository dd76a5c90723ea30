"""Words learned from verdicts: proposed by a machine, read once an administrator says so, by one organisation alone."""

import pytest

from accounts.models import AuditEvent, Role
from accounts.permissions import NotAllowed
from contracts.errors import BadInput
from registry.models import Brand
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    MarkFactory,
    MembershipFactory,
    SellerFactory,
    SightingFactory,
    VerdictFactory,
)
from triage import services, slang
from triage.matching import Matching
from triage.models import LearnedTerm, Verdict
from triage.slang import own_lexicons
from triage.states import TermState

pytestmark = pytest.mark.django_db
PHRASE = "moonlit workshop batch"


@pytest.fixture
def brand():
    brand = BrandFactory(organisation__slug="own")
    MarkFactory(brand=brand, text="Haneulbit")
    return brand


@pytest.fixture
def lead(brand):
    return MembershipFactory(organisation=brand.organisation, role=Role.ADMINISTRATOR).user


def listed(brand, title):
    listing = ListingFactory(title=title, seller=SellerFactory())
    SightingFactory(listing=listing, organisation=brand.organisation)
    return listing


def decided(brand, title, kind):
    listing = listed(brand, title)
    capture = CaptureFactory(listing=listing)
    flag = FlagFactory(brand=brand, listing=listing, capture=capture, fingerprint=listing.fingerprint)
    VerdictFactory(flag=flag, capture=capture, kind=kind, fingerprint=flag.fingerprint)
    return listing


def seen(brand, phrase=PHRASE):
    """Five sellers of counterfeits write the phrase, everybody else writes of the goods."""
    for number in range(5):
        decided(brand, f"Haneulbit bag {phrase} no {number}", "counterfeit")
        decided(brand, f"Haneu1bit bag {number}", "resale")
    for number in range(30):
        listed(brand, f"linen bag {number}")


def proposed(brand, actor=None):
    return services.propose_terms(actor=actor, organisation=brand.organisation)


def in_words(brand, title):
    """Return the signals a title would have."""
    listing = listed(brand, title)
    found = Matching(Brand.objects.filter(pk=brand.pk)).judge.judge(listing.contract())
    return {signal.name: signal for match in found for signal in match.signals}


def test_a_machine_proposes_and_a_person_has_it_read(brand, lead):
    seen(brand)

    [term] = proposed(brand)
    assert (term.text, term.state, term.fakes, term.others) == (PHRASE, TermState.PROPOSED, 5, 0)
    assert "wording_copy" not in in_words(brand, f"Haneulbit tote {PHRASE}")

    services.decide_term(actor=lead, term=term, state=TermState.ACTIVE)
    signal = in_words(brand, "Haneulbit tote Moonlit-Workshop batch")["wording_copy"]
    assert (signal.compared_with, signal.words) == (f"own:{PHRASE}", ("Moonlit-Workshop batch",))
    events = set(AuditEvent.objects.filter(verb__startswith="term.").values_list("verb", "actor"))
    assert events == {("term.proposed", None), ("term.used", lead.pk)}

    services.decide_term(actor=lead, term=term, state=TermState.RETIRED)
    assert "wording_copy" not in in_words(brand, f"Haneulbit tote {PHRASE}")


def test_what_was_turned_down_is_remembered_and_can_still_be_used(brand, lead):
    seen(brand)
    [term] = proposed(brand)
    services.decide_term(actor=lead, term=term, state=TermState.REJECTED)

    assert not any(PHRASE in one.text for one in proposed(brand))
    assert services.decide_term(actor=lead, term=term, state=TermState.ACTIVE).state == TermState.ACTIVE


def test_no_more_than_the_newest_verdicts_are_read(brand, monkeypatch):
    monkeypatch.setattr(slang, "DECIDED", 8)  # four of each kind; of the five sellers' phrase that is still enough
    seen(brand)
    assert [(term.text, term.fakes) for term in proposed(brand)] == [(PHRASE, 4)]


def test_a_title_that_names_no_mark_tells_nothing_of_what_is_written_beside_one(brand):
    for number in range(5):
        decided(brand, f"bag {PHRASE} {number}", "counterfeit")
    for number in range(30):
        listed(brand, f"linen bag {number}")

    assert proposed(brand) == []


def test_looking_again_counts_anew(brand):
    seen(brand)
    proposed(brand)
    decided(brand, f"Haneulbit purse {PHRASE}", "counterfeit")

    [term] = proposed(brand)
    assert term.fakes == 6
    assert LearnedTerm.objects.count() == 1


def test_that_words_stand_out_no_longer_is_on_record(brand):
    seen(brand)
    proposed(brand)
    Verdict.objects.filter(kind="counterfeit").update(state="undone")

    assert proposed(brand) == []
    told = AuditEvent.objects.filter(verb="term.proposed").values_list("detail", flat=True)
    assert list(told) == [{"terms": []}, {"terms": [PHRASE]}]
    proposed(brand)
    assert AuditEvent.objects.filter(verb="term.proposed").count() == 2


def test_other_organisations_verdicts_and_words_do_not_count_here(brand, lead):
    other = MarkFactory().brand
    seen(other)
    assert proposed(brand) == []

    [term] = proposed(other)
    with pytest.raises(NotAllowed):
        services.decide_term(actor=lead, term=term, state=TermState.ACTIVE)
    LearnedTerm.objects.update(state=TermState.ACTIVE)
    assert set(own_lexicons([brand.organisation_id, other.organisation_id])) == {other.organisation_id}


def test_only_an_administrator_proposes_and_decides(brand):
    seen(brand)
    [term] = proposed(brand)
    monitor = MembershipFactory(organisation=brand.organisation).user
    with pytest.raises(NotAllowed):
        proposed(brand, monitor)
    for actor in (None, monitor):
        with pytest.raises(NotAllowed):
            services.decide_term(actor=actor, term=term, state=TermState.ACTIVE)


def test_a_step_that_does_not_follow_is_named(brand, lead):
    seen(brand)
    [term] = proposed(brand)
    with pytest.raises(BadInput, match="proposed"):
        services.decide_term(actor=lead, term=term, state=TermState.RETIRED)


def test_how_the_mark_is_disguised_is_no_slang(brand):
    for number in range(5):
        decided(brand, f"Hanuelbit bag {number}", "counterfeit")
    for number in range(30):
        listed(brand, f"linen bag {number}")

    assert proposed(brand) == []


def test_the_page_looks_shows_and_decides(brand, lead, client):
    seen(brand)
    client.force_login(lead)

    client.post("/report/terms/own")
    shown = client.get("/report/").content.decode()
    assert PHRASE in shown
    assert "5 / 5" in shown

    term = LearnedTerm.objects.get()
    assert client.post(f"/report/terms/{term.pk}/decide", {"step": "eat"}).status_code == 400
    client.post(f"/report/terms/{term.pk}/decide", {"step": "use"})
    term.refresh_from_db()
    assert (term.state, term.decided_by) == (TermState.ACTIVE, lead)
    client.post(f"/report/terms/{term.pk}/decide", {"step": "use"})
    assert "expected one of" in client.get("/report/").content.decode()


def test_the_page_keeps_strangers_and_monitors_out(brand, lead, client):
    seen(brand)
    [term] = proposed(brand)
    client.force_login(MembershipFactory(role=Role.ADMINISTRATOR).user)
    assert client.post("/report/terms/own").status_code == 404
    assert client.post(f"/report/terms/{term.pk}/decide", {"step": "use"}).status_code == 404

    client.force_login(MembershipFactory(organisation=brand.organisation).user)
    assert client.post("/report/terms/own").status_code == 403
    assert "Look for new words" not in client.get("/report/").content.decode()
