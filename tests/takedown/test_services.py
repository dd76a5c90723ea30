from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, OutboxMessage
from accounts.permissions import NotAllowed
from contracts.duty import duties
from contracts.listing import PageOutcome
from contracts.match import Ground
from contracts.workflow import IllegalTransition
from takedown import services
from takedown.errors import (
    FieldFrozen,
    NoAddress,
    NoSuchField,
    NotEditable,
    NotReady,
    SecondPersonNeeded,
    TextTooLong,
)
from takedown.filling import FILLS
from takedown.findings import Code
from takedown.gate import GateOutcome
from takedown.models import AppendOnlyError, EventKind, Notice, NoticeEvent, NoticeItem, Refusal
from takedown.queries import gate_input, goods_class, latest_evidence, own_ground, photo_copied, profile_of, site_of
from takedown.states import ItemState, PacketState
from tests.factories import ProductFactory, ReferenceImageFactory, RightFactory
from tests.takedown.conftest import NOW, chromium, witness

pytestmark = pytest.mark.django_db


def draft(verdict, actor=None, **more) -> Notice:
    notice = services.draft_notice(actor=actor, verdict=verdict, **more)
    assert isinstance(notice, Notice), notice.findings
    return notice


def refusal(verdict, **more) -> Refusal:
    refused = services.draft_notice(actor=None, verdict=verdict, **more)
    assert isinstance(refused, Refusal)
    return refused


def codes(refused):
    return {finding["code"] for finding in refused.findings}


def complete(notice):
    """Write what only a person can."""
    for field in services.profile_of(notice).fields:
        if field.required and not notice.fields[field.key]["value"]:
            notice = services.update_field(actor=None, notice=notice, key=field.key, value="product")
    return notice


def test_every_fill_a_profile_names_exists():
    named = {field.fill for profile in duties().values() for field in profile.fields if field.fill}

    assert named <= set(FILLS)


def test_a_draft_freezes_what_it_rests_on(ready, people):
    notice = draft(ready, people.officer)

    assert notice.state == PacketState.DRAFT
    assert notice.instrument == "dsa_16"
    assert notice.language == "de"
    assert notice.profile["id"] == "marktkorb"
    assert notice.right.office == "EU"
    assert notice.right_snapshot["number"] == notice.right.number
    assert notice.power is None  # the owner signs
    item = notice.items.get()
    assert item.evidence == latest_evidence(ready)
    assert item.snapshot["screenshot_sha256"] == item.evidence.screenshot_sha256
    assert notice.fields["url"]["value"] == ready.flag.listing.url
    assert notice.fields["role"]["value"] == "Rechteinhaber" if "role" in notice.fields else True
    assert "Fälschungen" in notice.fields["explanation"]["value"]
    assert "위조품" in notice.fields["explanation"]["ko"]
    assert [statement["key"] for statement in notice.statements] == ["bona_fide"]


def test_a_draft_is_recorded_and_published(ready, people):
    notice = draft(ready, people.officer)

    assert AuditEvent.objects.get(verb="notice.drafted").actor == people.officer
    assert OutboxMessage.objects.get(topic="takedown.drafted").payload == {"notice_id": str(notice.pk)}


def test_the_snapshot_stays_when_the_register_changes(ready):
    notice = draft(ready)
    number = notice.right.number

    type(notice.right).objects.filter(pk=notice.right_id).update(number="changed")
    notice.refresh_from_db()

    assert notice.right_snapshot["number"] == number
    assert notice.fields["number"]["value"] == number


@pytest.mark.parametrize("market", ["ebay", "etsy", "amazon", "leboncoin", "marktkorb"])
def test_every_platform_of_the_eu_gets_its_own_fields(a_verdict, store, market):
    verdict = a_verdict(market=market, site="FR" if market == "leboncoin" else "DE")
    witness(verdict, store)
    notice = draft(verdict)

    assert list(notice.fields) == [field.key for field in duties()[market].fields]
    assert notice.instrument == "dsa_16"
    for field in duties()[market].fields:
        if field.max_length:
            assert len(notice.fields[field.key]["value"]) <= field.max_length


@pytest.mark.parametrize(
    ("market", "site", "language", "basis"),
    [
        ("harborlane", "US", "en", ("us_trademark", "")),
        ("longshi", "CN", "zh", ("cn_ecl_42", "")),
        ("pasarria", "ID", "id", ("platform_policy", "id_mol_47")),
        ("1688", "CN", "zh", ("cn_ecl_42", "")),
        ("lazada", "SG", "en", ("platform_policy", "")),
        ("shopee", "TH", "en", ("platform_policy", "")),
        ("aliexpress", "GB", "en", ("platform_policy", "")),
    ],
)
def test_language_and_instrument_follow_the_site(a_verdict, store, brand, market, site, language, basis):
    RightFactory(brand=brand, office=site, owner="Haneul Cosmetics Co., Ltd.")
    verdict = a_verdict(market=market, site=site)
    witness(verdict, store)
    notice = draft(verdict)

    assert (notice.language, (notice.instrument, notice.escalation)) == (language, basis)


def test_perjury_only_where_it_is_asked(a_verdict, store):
    us, eu = a_verdict(market="harborlane", site="US"), a_verdict()
    for verdict in (us, eu):
        witness(verdict, store)

    assert "perjury" in {statement["key"] for statement in draft(us).statements}
    assert "perjury" not in {statement["key"] for statement in draft(eu).statements}


def test_image_reuse_is_a_copyright_notice_and_never_says_counterfeit(a_verdict, store):
    verdict = a_verdict(market="harborlane", site="US", kind="image_reuse")
    witness(verdict, store)
    notice = draft(verdict)

    assert (notice.ground, notice.instrument, notice.right.type) == ("copyright_image", "dmca_512", "copyright")
    text = " ".join(field["value"] for field in notice.fields.values()).lower()
    assert "counterfeit" not in text
    assert "copyright" in text
    assert "### say in one or two sentences" in notice.fields["explanation"]["value"]  # no signal speaks of a picture


def test_a_counterfeit_verdict_carries_a_photo_claim_only_with_a_copied_photo(a_verdict, store, brand):
    verdict = a_verdict(market="ebay", site="GB")
    witness(verdict, store)

    assert Code.GROUND_MISMATCH in codes(refusal(verdict, ground=Ground.COPYRIGHT_IMAGE))
    assert not refusal(verdict).copyright_offered

    copied = {"name": "photo_copy", "weight": 2.0, "compared_with": "", "words": []}
    verdict.flag.match["signals"] = [*verdict.flag.match["signals"], copied]
    verdict.flag.save()
    refused = refusal(verdict)
    assert refused.outcome == GateOutcome.NO_ENFORCEABLE_RIGHT
    assert refused.copyright_offered
    assert "photograph" in draft(verdict, ground=Ground.COPYRIGHT_IMAGE).fields["detailed_message"]["value"]


def test_no_right_there_is_kept_and_published(a_verdict, store, people):
    verdict = a_verdict(market="longshi", site="CN")
    witness(verdict, store)
    refused = services.draft_notice(actor=people.officer, verdict=verdict)

    assert refused.outcome == GateOutcome.NO_ENFORCEABLE_RIGHT
    assert refused.goods_class == 3
    assert OutboxMessage.objects.get(topic="takedown.no_enforceable_right").payload == {"refusal_id": refused.pk}
    assert not Notice.objects.exists()


def test_a_block_is_kept_as_a_block_and_is_no_evidence(a_verdict, store):
    verdict = a_verdict()
    witness(verdict, store, outcome=PageOutcome.BLOCKED, reason="captcha")

    refused = refusal(verdict)

    assert codes(refused) == {Code.CAPTURE_BLOCKED}
    assert refused.outcome == GateOutcome.REFUSED


@pytest.mark.parametrize("kind", ["likely", "genuine", "authorised", "resale", "not_our_mark", "unsure"])
def test_other_verdicts_permit_no_draft(a_verdict, store, kind):
    verdict = a_verdict(kind=kind)
    witness(verdict, store)

    assert Code.VERDICT_FORBIDS in codes(refusal(verdict))


def test_an_undone_verdict_permits_no_draft(ready):
    type(ready).objects.filter(pk=ready.pk).update(state="undone")

    assert Code.VERDICT_WITHDRAWN in codes(refusal(ready))


def test_a_second_live_notice_is_refused_by_gate_and_database(ready):
    first = draft(ready)

    assert codes(refusal(ready)) == {Code.LIVE_NOTICE}
    item = first.items.get()
    item.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        item.save(force_insert=True)


def test_after_withdrawal_a_new_notice_may_be_drafted(ready, people):
    first = draft(ready)
    services.withdraw(actor=people.officer, notice=first, reason="seller took it down")

    assert NoticeItem.objects.get().state == ItemState.WITHDRAWN
    assert draft(ready).pk != first.pk
    with pytest.raises(IllegalTransition):
        services.withdraw(actor=people.officer, notice=first)


def test_an_edited_text_loses_the_korean_that_no_longer_matches(ready, people):
    notice = draft(ready)
    notice = services.update_field(actor=people.monitor, notice=notice, key="explanation", value="Neuer Text.")

    assert notice.fields["explanation"] == {"value": "Neuer Text.", "ko": "", "edited": True}
    notice = services.update_field(actor=None, notice=notice, key="explanation", value="Neuer Text.", korean="새 글.")
    assert notice.fields["explanation"]["ko"] == "새 글."
    change = notice.events.filter(kind=EventKind.FIELD_CHANGED).first()
    assert "Fälschungen" in change.detail["before"]["value"]


def test_what_the_register_says_cannot_be_reworded(ready):
    notice = draft(ready)

    with pytest.raises(FieldFrozen):
        services.update_field(actor=None, notice=notice, key="number", value="018999999")
    with pytest.raises(NoSuchField, match="nonsense"):
        services.update_field(actor=None, notice=notice, key="nonsense", value="x")
    with pytest.raises(TextTooLong):
        services.update_field(actor=None, notice=notice, key="explanation", value="x" * 20_001)


def test_an_open_place_blocks_the_submission(ready, people):
    notice = draft(ready)
    services.update_field(actor=None, notice=notice, key="explanation", value="It is fake: ### why ###")

    with pytest.raises(NotReady, match="### why ###"):
        services.submit_for_review(actor=people.officer, notice=Notice.objects.get())


def test_too_long_and_missing_block_the_submission(ready, people):
    notice = draft(ready)
    services.update_field(actor=None, notice=notice, key="explanation", value="x" * 3_001)
    services.update_field(actor=None, notice=notice, key="email", value="")

    with pytest.raises(NotReady) as caught:
        services.submit_for_review(actor=people.officer, notice=Notice.objects.get())

    assert [lack.en for lack in caught.value.lacks] == [
        "E-mail: is missing.",
        "Substantiated explanation why the content is illegal: too long (3,001 / 3,000).",
    ]


def test_the_gate_is_asked_again_on_the_day(ready, people, time_machine):
    notice = complete(draft(ready))
    time_machine.move_to(NOW + timedelta(hours=25), tick=False)

    with pytest.raises(NotReady, match="older than 24 hours"):
        services.submit_for_review(actor=people.officer, notice=notice)
    type(ready).objects.filter(pk=ready.pk).update(state="replaced")
    with pytest.raises(NotReady, match="undone or replaced"):
        services.submit_for_review(actor=people.officer, notice=notice)


def test_review_needs_a_second_person_and_ends_before_sending(ready, people):
    notice = complete(draft(ready, people.monitor))
    services.submit_for_review(actor=people.officer, notice=notice)

    assert (notice.state, notice.submitted_by) == (PacketState.IN_REVIEW, people.officer)
    with pytest.raises(NotEditable):
        services.update_field(actor=people.officer, notice=notice, key="explanation", value="later")
    with pytest.raises(SecondPersonNeeded):
        services.approve(actor=people.officer, notice=notice)
    with pytest.raises(NotAllowed):
        services.approve(actor=None, notice=notice)
    services.approve(actor=people.second, notice=notice)
    assert (notice.state, notice.approved_by) == (PacketState.APPROVED, people.second)
    assert not [name for name in dir(services) if "send" in name and name != "send_back"]


def test_a_review_can_go_back_to_the_draft(ready, people):
    notice = complete(draft(ready))
    services.submit_for_review(actor=people.officer, notice=notice)
    services.send_back(actor=people.second, notice=notice, reason="say which product")

    assert (notice.state, notice.submitted_by) == (PacketState.DRAFT, None)
    assert notice.events.last().detail == {"reason": "say which product"}


def test_who_may_do_what(ready, people):
    for user in (people.owner, people.stranger):
        with pytest.raises(NotAllowed):
            services.draft_notice(actor=user, verdict=ready)
        with pytest.raises(NotAllowed):
            services.capture_evidence(actor=user, verdict=ready, browser=chromium)
    notice = complete(draft(ready, people.monitor))
    for user in (people.monitor, people.owner, people.stranger):
        with pytest.raises(NotAllowed):
            services.submit_for_review(actor=user, notice=notice)
        with pytest.raises(NotAllowed):
            services.withdraw(actor=user, notice=notice)


def test_what_happened_cannot_be_changed(ready):
    draft(ready)

    with pytest.raises(AppendOnlyError):
        NoticeEvent.objects.all().delete()
    with pytest.raises(AppendOnlyError):
        NoticeEvent.objects.update(kind="sent")


@pytest.mark.browser
def test_a_real_browser_takes_the_evidence(a_verdict, store, shop, people):
    verdict = a_verdict(url=f"{shop}/p/1")

    evidence = services.capture_evidence(actor=people.monitor, verdict=verdict, browser=chromium)

    assert (evidence.outcome, evidence.status, evidence.title) == (PageOutcome.OK, 200, "Dew serum")
    assert store.get(evidence.screenshot_sha256).startswith(b"\x89PNG")
    assert b"Haneulbit dew serum" in store.get(evidence.body_sha256)
    assert AuditEvent.objects.get(verb="evidence.captured").actor == people.monitor


@pytest.mark.browser
def test_the_crawlers_own_browser_takes_it_too(a_verdict, store, shop, settings):
    pytest.importorskip("crawlers.browser")
    settings.FETCH_ALLOWED_PRIVATE = [shop.removeprefix("http://")]
    verdict = a_verdict(url=f"{shop}/p/1")

    evidence = services.capture_evidence(actor=None, verdict=verdict)

    assert (evidence.status, evidence.title) == (200, "Dew serum")
    assert store.get(evidence.screenshot_sha256).startswith(b"\x89PNG")
    assert evidence.browser


@pytest.mark.browser
def test_a_wall_is_recorded_as_blocked(a_verdict, store, shop):
    verdict = a_verdict(url=f"{shop}/wall")

    assert services.capture_evidence(actor=None, verdict=verdict, browser=chromium).outcome == PageOutcome.BLOCKED
    assert Code.CAPTURE_BLOCKED in codes(refusal(verdict))


def test_no_address_no_screenshot(a_verdict, store):
    with pytest.raises(NoAddress):
        services.capture_evidence(actor=None, verdict=a_verdict(url="javascript:alert(1)"), browser=chromium)


def test_the_gate_input_takes_a_fixed_number_of_queries(ready, brand, django_assert_num_queries):
    evidence = latest_evidence(ready)
    for _ in range(3):
        RightFactory(brand=brand)
        ReferenceImageFactory(brand=brand, product=ProductFactory(brand=brand))

    with django_assert_num_queries(6):
        gate_input(ready, ground=own_ground(ready), now=NOW, evidence=evidence)


def test_the_goods_class_is_that_of_the_compared_product(ready, brand):
    assert goods_class(brand, ready.flag.match) == 3
    bag = ProductFactory(brand=brand, nice_class=18, code="bag")
    assert goods_class(brand, ready.flag.match) is None
    image = ReferenceImageFactory(brand=brand, product=bag)
    for name, entry in (
        ("price", "bag"),
        ("price", str(bag.pk)),
        ("photo_copy", image.sha256),
        ("artwork", str(image.pk)),
    ):
        assert goods_class(brand, {"signals": [{"name": name, "compared_with": entry}]}) == 18
    # A mark may have the number of a product.
    assert goods_class(brand, {"signals": [{"name": "mark", "compared_with": str(bag.pk)}]}) is None


def test_only_a_copied_photo_is_one():
    assert photo_copied({"signals": [{"name": "photo_copy", "weight": 0.0}]})
    assert not photo_copied({"signals": [{"name": "artwork", "weight": 2.0}]})
    assert not photo_copied({"signals": [{"name": "wording_copy", "weight": 1.0}]})
    assert not photo_copied({})


def test_a_copied_photo_is_no_reason_to_call_goods_counterfeit(a_verdict, store):
    shown = [
        {"name": name, "weight": 1.0, "compared_with": "", "words": ["oem"]} for name in ("photo_copy", "wording_grey")
    ]
    texts = {}
    for kind in ("counterfeit", "image_reuse"):
        verdict = a_verdict(kind=kind, flag__match={"signals": shown}, url=f"https://marktkorb.example/{kind}")
        witness(verdict, store)
        texts[kind] = draft(verdict).fields["explanation"]["value"]

    assert "###" in texts["counterfeit"]  # a person must say how it shows
    assert "Bild der Marke" in texts["image_reuse"]
    assert "oem" not in texts["counterfeit"]


def test_a_market_without_a_form_falls_to_the_dsa_in_the_eu_only():
    assert profile_of("unheard-of", "FR") == "dsa-article-16"
    assert profile_of("unheard-of", "GB") == ""
    assert profile_of("etsy", "GB") == "etsy"
    assert site_of("unheard-of", "") == ""
