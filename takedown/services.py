"""Every write of the takedown room: evidence, draft, edits, review, withdrawal. Nothing is sent in this version."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import NotAllowed, require
from accounts.services import publish, record
from contracts.duty import DutyProfile, duties
from contracts.law import Basis, law
from contracts.listing import PageOutcome
from contracts.market import manifests
from contracts.match import Ground, Sentence
from contracts.rights import Instrument, RightType
from evidence.store import Store
from registry.models import PowerOfAttorney, Right
from takedown import pdf, queries, snapshots
from takedown.errors import (
    AlreadyUnderWay,
    FieldFrozen,
    NoAddress,
    NoSuchField,
    NotEditable,
    NotReady,
    SecondPersonNeeded,
    TextTooLong,
)
from takedown.filling import Case, fill_form, fill_statements, is_frozen
from takedown.gate import GateInput, GateOutcome, GateResult, check
from takedown.models import EventKind, EvidenceCapture, Notice, NoticeEvent, NoticeItem, Refusal
from takedown.permissions import APPROVE, DRAFT, SUBMIT, VIEW, WITHDRAW
from takedown.readiness import lacks
from takedown.states import ITEM, PACKET, ItemState, PacketState
from takedown.wording import choose
from triage.models import Verdict

CAPTURE_SECONDS = 45.0
LONGEST_TEXT = 20_000
LONGEST_REASON = 300


class Look(Protocol):
    """What a browser brings back (`crawlers.browser.BrowserCapture`)."""

    url: str
    final_url: str
    status: int | None
    observed_at: datetime
    outcome: PageOutcome
    reason: str
    screenshot_sha256: str | None
    body_sha256: str | None
    vantage: str
    browser: str
    title: str


class Browser(Protocol):
    """How a page is captured (`crawlers.browser.capture_page`)."""

    def __call__(
        self, url: str, *, store: Store, market: str, site: str | None, allowed: Collection[str], timeout_s: float
    ) -> Look:
        """Open ``url`` and keep what is seen; a block is an outcome, not an error."""


def _chromium() -> Browser:
    from crawlers.browser import capture_page  # noqa: PLC0415 (Playwright is loaded only when a browser is needed)

    browser: Browser = capture_page
    return browser


def capture_evidence(*, actor: User | None, verdict: Verdict, browser: Browser | None = None) -> EvidenceCapture:
    """Open the listing in a browser and keep the screenshot as evidence. A block is kept as a block.

    Raises:
        NotAllowed: the actor may not draft notices for this organisation.
        NoAddress: the listing has no web address.
    """
    require(actor, DRAFT, verdict)
    verdict = queries.whole(verdict)
    listing = verdict.flag.listing
    if not listing.url.startswith(("http://", "https://")):
        raise NoAddress
    look = (browser or _chromium())(
        listing.url,
        store=Store(settings.EVIDENCE_DIR),
        market=listing.market,
        site=queries.site_of(listing.market, listing.site) or None,
        allowed=tuple(settings.FETCH_ALLOWED_PRIVATE),
        timeout_s=CAPTURE_SECONDS,
    )
    with transaction.atomic():
        evidence = EvidenceCapture.objects.create(
            verdict=verdict,
            listing=listing,
            outcome=PageOutcome(look.outcome),
            reason=look.reason[:LONGEST_REASON],
            url=look.url,
            final_url=look.final_url,
            status=look.status,
            title=look.title,
            at=look.observed_at,
            screenshot_sha256=look.screenshot_sha256 or "",
            body_sha256=look.body_sha256 or "",
            vantage=look.vantage[:100],
            browser=look.browser[:100],
            taken_by=actor,
        )
        detail = {"outcome": evidence.outcome, "screenshot": evidence.screenshot_sha256}
        record(
            actor=actor, verb="evidence.captured", subject=evidence, organisation=verdict.organisation, detail=detail
        )
    return evidence


def draft_notice(*, actor: User | None, verdict: Verdict, ground: Ground | None = None) -> Notice | Refusal:
    """Pass the rights gate and draft a notice in the platform's fields, or keep why not.

    Args:
        actor: who drafts; None is jikimi itself (the demo, a command).
        verdict: what a person decided.
        ground: the legal basis; the verdict's own when not given. A counterfeit that also copies a registered photo
            may be drafted as `Ground.COPYRIGHT_IMAGE`; the gate refuses every other change.

    Raises:
        NotAllowed: the actor may not draft notices for this organisation.
        AlreadyUnderWay: somebody else drafted on the same listing and right at the same moment.
    """
    require(actor, DRAFT, verdict)
    try:
        with transaction.atomic():
            verdict = queries.whole(verdict)
            evidence = queries.latest_evidence(verdict)
            given = queries.gate_input(
                verdict, ground=ground or queries.own_ground(verdict), now=timezone.now(), evidence=evidence
            )
            result = check(given)
            if result.right is None or evidence is None:
                return _refuse(actor, verdict, given, result)
            return _draft(actor, verdict, given, result, evidence)
    except IntegrityError:
        raise AlreadyUnderWay from None


def _refuse(actor: User | None, verdict: Verdict, given: GateInput, result: GateResult) -> Refusal:
    refusal = Refusal.objects.create(
        verdict=verdict,
        brand=verdict.flag.brand,
        listing=verdict.flag.listing,
        market=given.market,
        site=given.site,
        ground=given.ground,
        goods_class=given.goods_class,
        outcome=result.outcome,
        findings=[problem.to_json() for problem in result.problems],
        copyright_offered=result.copyright_offered is not None,
        by=actor,
    )
    detail = {"outcome": result.outcome, "codes": [problem.code for problem in result.problems]}
    record(actor=actor, verb="notice.refused", subject=refusal, organisation=verdict.organisation, detail=detail)
    if result.outcome is GateOutcome.NO_ENFORCEABLE_RIGHT:
        publish("takedown.no_enforceable_right", refusal_id=refusal.pk)
    return refusal


def _draft(
    actor: User | None, verdict: Verdict, given: GateInput, result: GateResult, evidence: EvidenceCapture
) -> Notice:
    assert result.right is not None  # the caller looked
    right = Right.objects.select_related("mark").get(pk=int(result.right.id))
    power = PowerOfAttorney.objects.get(pk=int(result.power.id)) if result.power else None
    profile = duties()[given.duty_profile]
    manifest = manifests().get(given.market)
    spoken = next((site.languages for site in manifest.sites if site.country == given.site), ()) if manifest else ()
    language, wanted = choose(profile.languages, spoken)
    basis = law().basis(given.site, RightType(right.type), given.ground)
    item = snapshots.item(verdict, evidence)
    case = Case(
        ground=given.ground,
        brand=verdict.flag.brand.name,
        website=verdict.flag.brand.website,
        notifier=snapshots.notifier(verdict.organisation, power),
        right=snapshots.right(right),
        power=snapshots.power(power),
        item=item,
        match=verdict.flag.match,
    )
    facts = law().facts(basis.instrument)
    notice = Notice.objects.create(
        organisation=verdict.organisation,
        brand=verdict.flag.brand,
        market=given.market,
        site=given.site,
        profile_id=profile.id,
        profile=profile.model_dump(mode="json"),
        instrument=basis.instrument,
        escalation=basis.escalation or "",
        law=_law_snapshot(basis),
        ground=given.ground,
        language=language.language,
        language_wanted=wanted,
        right=right,
        right_snapshot=case.right,
        power=power,
        power_snapshot=case.power,
        fields=fill_form(profile, case, language),
        statements=fill_statements((*profile.statements, *facts.statements), language),
        findings=[problem.to_json() for problem in result.problems],
        created_by=actor,
    )
    NoticeItem.objects.create(
        notice=notice,
        listing=verdict.flag.listing,
        verdict=verdict,
        right=right,
        evidence=evidence,
        snapshot=item,
    )
    _happened(notice, actor, EventKind.DRAFTED, instrument=basis.instrument, right=right.pk)
    publish("takedown.drafted", notice_id=str(notice.pk))
    return notice


def _law_snapshot(basis: Basis) -> list[dict[str, Any]]:
    used: tuple[Instrument | None, ...] = (basis.instrument, basis.escalation)
    return [law().facts(instrument).model_dump(mode="json") for instrument in used if instrument]


def _happened(notice: Notice, actor: User | None, kind: EventKind, **detail: Any) -> NoticeEvent:
    event = NoticeEvent.objects.create(notice=notice, actor=actor, kind=kind, detail=detail)
    record(actor=actor, verb=f"notice.{kind}", subject=notice, organisation=notice.organisation, detail=detail)
    return event


def profile_of(notice: Notice) -> DutyProfile:
    """Return the duty profile as it stood when the notice was drafted."""
    return DutyProfile.model_validate_json(json.dumps(notice.profile))


def update_field(*, actor: User | None, notice: Notice, key: str, value: str, korean: str | None = None) -> Notice:
    """Change one field of a draft. A new text without new Korean clears the Korean that no longer says the same.

    Raises:
        NotAllowed, NotEditable, NoSuchField, FieldFrozen, TextTooLong.
    """
    require(actor, DRAFT, notice)
    value, korean = _clean(value), None if korean is None else _clean(korean)
    with transaction.atomic():
        # SQLite takes the write lock at BEGIN (settings), PostgreSQL locks the row here: no edit of another is lost.
        held = Notice.objects.select_for_update().get(pk=notice.pk)
        if held.state != PacketState.DRAFT:
            raise NotEditable
        field = next((field for field in profile_of(held).fields if field.key == key), None)
        if field is None:
            raise NoSuchField(key)
        before = held.fields[key]
        if value == before["value"] and korean in (None, before["ko"]):
            return held
        if value != before["value"] and is_frozen(field, before):
            raise FieldFrozen
        kept = before["ko"] if value == before["value"] else ""
        edited = before["edited"] or value != before["value"]
        held.fields[key] = {"value": value, "ko": kept if korean is None else korean, "edited": edited}
        held.save(update_fields=["fields", "updated_at"])
        _happened(held, actor, EventKind.FIELD_CHANGED, key=key, before=before, after=held.fields[key])
    return held


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > LONGEST_TEXT:
        raise TextTooLong
    return text


def missing(notice: Notice) -> list[Sentence]:
    """Return what stands between a draft and its review: the form, and the rights gate asked again today."""
    found = list(lacks(profile_of(notice), notice.fields).values())
    for item in notice.items.all():
        verdict = queries.whole(item.verdict)
        evidence = queries.latest_evidence(verdict)
        given = queries.gate_input(
            verdict, ground=Ground(notice.ground), now=timezone.now(), evidence=evidence, apart_from=notice
        )
        found += [problem.sentence for problem in check(given).problems if problem.blocks]
    return found


def submit_for_review(*, actor: User | None, notice: Notice) -> Notice:
    """Hand a draft to the second person.

    Raises:
        NotAllowed: only a takedown officer submits.
        NotReady: something is missing; the error lists it.
        IllegalTransition: it is no draft.
    """
    require(actor, SUBMIT, notice)
    with transaction.atomic():
        PACKET.check(notice.state, PacketState.IN_REVIEW)
        lacking = missing(notice)
        if lacking:
            raise NotReady(lacking)
        _step(notice, PacketState.IN_REVIEW, submitted_by=actor, submitted_at=timezone.now())
        _happened(notice, actor, EventKind.SUBMITTED)
        publish("takedown.submitted", notice_id=str(notice.pk))
    return notice


def send_back(*, actor: User | None, notice: Notice, reason: str) -> Notice:
    """Return a notice under review to its draft, with the reason."""
    require(actor, APPROVE, notice)
    with transaction.atomic():
        _step(notice, PacketState.DRAFT, submitted_by=None, submitted_at=None)
        _happened(notice, actor, EventKind.SENT_BACK, reason=_clean(reason))
    return notice


def approve(*, actor: User | None, notice: Notice) -> Notice:
    """Approve a notice under review. Approval is a person's hand, and a second person's; nothing is sent by it.

    Raises:
        NotAllowed: no person, or one who may not approve.
        SecondPersonNeeded: who submitted it does not approve it.
        NotReady: the form or the rights gate no longer holds.
    """
    if actor is None:
        raise NotAllowed(actor, APPROVE)
    require(actor, APPROVE, notice)
    with transaction.atomic():
        notice.refresh_from_db()
        PACKET.check(notice.state, PacketState.APPROVED)
        if notice.submitted_by_id == actor.pk:
            raise SecondPersonNeeded
        lacking = missing(notice)
        if lacking:
            raise NotReady(lacking)
        _step(notice, PacketState.APPROVED, approved_by=actor, approved_at=timezone.now())
        _happened(notice, actor, EventKind.APPROVED)
        publish("takedown.approved", notice_id=str(notice.pk))
    return notice


def withdraw(*, actor: User | None, notice: Notice, reason: str = "") -> Notice:
    """Withdraw a notice and its items; the listing and right are free for a new one."""
    require(actor, WITHDRAW, notice)
    with transaction.atomic():
        _step(notice, PacketState.WITHDRAWN)
        notice.items.filter(state__in=ITEM.sources(ItemState.WITHDRAWN)).update(state=ItemState.WITHDRAWN)
        _happened(notice, actor, EventKind.WITHDRAWN, reason=_clean(reason))
        publish("takedown.withdrawn", notice_id=str(notice.pk))
    return notice


def _step(notice: Notice, target: PacketState, **changes: Any) -> None:
    """Take one step of the packet by conditional UPDATE: of two who race, one moves it."""
    sources = PACKET.sources(target)
    moved = Notice.objects.filter(pk=notice.pk, state__in=sources).update(
        state=target, updated_at=timezone.now(), **changes
    )
    notice.refresh_from_db()
    if not moved:
        PACKET.check(notice.state, target)


def write_pdf(*, actor: User | None, notice: Notice) -> str:
    """Return the SHA-256 of the notice's PDF in the evidence store, printing it only when the notice has changed.

    The bytes are kept and never made again: fonts and versions move, evidence does not.
    """
    require(actor, VIEW, notice)
    store = Store(settings.EVIDENCE_DIR)
    content = snapshots.digest(notice)
    last = notice.events.filter(kind=EventKind.PDF_WRITTEN).last()
    if last is not None and last.detail["content"] == content and store.has(last.detail["sha256"]):
        return str(last.detail["sha256"])
    sha256 = store.put(pdf.render(notice, store=store))
    with transaction.atomic():
        _happened(notice, actor, EventKind.PDF_WRITTEN, sha256=sha256, content=content)
    return sha256
