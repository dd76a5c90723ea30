"""Notices with everything frozen that they rest on, the evidence behind them, and what the gate turned away."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from contracts.listing import PageOutcome
from contracts.match import Ground
from contracts.rights import Instrument
from listings.models import Listing
from registry.models import Brand, OwnedQuerySet, PowerOfAttorney, Right
from takedown.gate import GateOutcome
from takedown.states import LIVE_ITEM, ItemState, PacketState
from triage.models import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AnonymousUser

PACKET_LABELS: Mapping[str, object] = {
    PacketState.DRAFT: _("Draft"),
    PacketState.IN_REVIEW: _("In review"),
    PacketState.APPROVED: _("Approved"),
    PacketState.WAITING: _("Waiting"),
    PacketState.SENT: _("Sent"),
    PacketState.CLOSED: _("Closed"),
    PacketState.WITHDRAWN: _("Withdrawn"),
}

OUTCOME_LABELS: Mapping[str, object] = {
    PageOutcome.OK: _("The listing is shown"),
    PageOutcome.EMPTY: _("An empty page"),
    PageOutcome.BLOCKED: _("Blocked by the marketplace"),
    PageOutcome.REMOVED: _("The listing is gone"),
    PageOutcome.UNKNOWN: _("A page we do not know"),
    PageOutcome.FAILED: _("The page did not load"),
    PageOutcome.REFUSED: _("Not fetched: robots.txt, a private address or a budget said no"),
}


class EvidenceCapture(models.Model):
    """A browser's look at a listing for a notice; its bytes lie in the evidence store. Write-once.

    Only the outcome *ok* shows the listing. *Blocked* is kept as what it is: no evidence that the listing is there.
    """

    verdict = models.ForeignKey(Verdict, on_delete=models.PROTECT, related_name="evidence")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="evidence")
    outcome = models.CharField(max_length=8, choices=[(o, OUTCOME_LABELS[o]) for o in PageOutcome])
    reason = models.CharField(max_length=300, blank=True)
    url = models.TextField()
    final_url = models.TextField(blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    title = models.TextField(blank=True)
    at = models.DateTimeField()
    screenshot_sha256 = models.CharField(max_length=64, blank=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    vantage = models.CharField(max_length=100, blank=True)
    browser = models.CharField(max_length=100, blank=True)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="evidence")

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.listing} {self.outcome} at {self.at:%Y-%m-%d %H:%M}"


class NoticeQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Notices, seen only by members of the organisation they are drafted for."""

    def for_user(self, user: User | AnonymousUser) -> NoticeQuerySet:
        """Return the notices of organisations the user is a member of."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(organisation__memberships__user=user).distinct()


class Notice(models.Model):
    """One notice to one platform on one right. What it rests on is frozen, so that it reads the same in years.

    ``fields`` holds the platform's form: key -> ``{"value", "ko", "edited"}``. ``statements`` the declarations the
    signer would make: ``[{"key", "text", "ko"}]``. ``profile``, ``right_snapshot``, ``power_snapshot`` and ``law`` are
    the facts as they stood when it was drafted; ``findings`` the gate's warnings.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="notices")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="notices")
    market = models.CharField(max_length=40)
    site = models.CharField(max_length=2)
    profile_id = models.CharField(max_length=40)
    profile = models.JSONField()
    instrument = models.CharField(max_length=20, choices=[(i, i.value) for i in Instrument])
    escalation = models.CharField(max_length=20, blank=True, choices=[(i, i.value) for i in Instrument])
    law = models.JSONField()
    ground = models.CharField(max_length=20, choices=[(g, g.value) for g in Ground])
    language = models.CharField(max_length=20)
    language_wanted = models.CharField(max_length=20, blank=True, help_text=_("Had no text; English stands in for it."))
    state = models.CharField(
        max_length=12, default=PacketState.DRAFT, choices=[(s, PACKET_LABELS[s]) for s in PacketState]
    )
    right = models.ForeignKey(Right, on_delete=models.PROTECT, related_name="notices")
    right_snapshot = models.JSONField()
    power = models.ForeignKey(PowerOfAttorney, on_delete=models.PROTECT, null=True, related_name="notices")
    power_snapshot = models.JSONField(null=True)
    fields = models.JSONField()
    statements = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="notices")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="submitted_notices")
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="approved_notices")
    approved_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = [models.Index(fields=("organisation", "state"))]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.right} {str(self.id)[:8]}"


class NoticeItem(models.Model):
    """One listing of a notice, with the evidence frozen beside it."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="items")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="notice_items")
    verdict = models.ForeignKey(Verdict, on_delete=models.PROTECT, related_name="notice_items")
    right = models.ForeignKey(Right, on_delete=models.PROTECT, related_name="notice_items")
    evidence = models.ForeignKey(EvidenceCapture, on_delete=models.PROTECT, related_name="notice_items")
    snapshot = models.JSONField(help_text=_("The listing and its evidence as they were when the notice was drafted."))
    state = models.CharField(max_length=20, default=ItemState.DRAFTED, choices=[(s, s.value) for s in ItemState])

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("listing", "right"),
                condition=models.Q(state__in=sorted(LIVE_ITEM)),
                name="one_live_notice_per_listing_and_right",
            )
        ]

    def __str__(self) -> str:
        return f"{self.listing} in {self.notice}"


class AppendOnlyError(TypeError):
    """Somebody tried to change what happened."""


class AppendOnly(models.QuerySet):  # type: ignore[type-arg]
    """Rows that are written once."""

    def update(self, **_changes: object) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError


class EventKind(models.TextChoices):
    """What can happen to a notice in this version; nothing is sent."""

    DRAFTED = "drafted", _("Drafted")
    FIELD_CHANGED = "field_changed", _("Field changed")
    SUBMITTED = "submitted", _("Submitted for review")
    SENT_BACK = "sent_back", _("Sent back for changes")
    APPROVED = "approved", _("Approved")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    PDF_WRITTEN = "pdf_written", _("PDF written")


class NoticeEvent(models.Model):
    """Something that happened to a notice. Append-only."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="notice_events")
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    detail = models.JSONField(default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.notice}"


class Refusal(models.Model):
    """A draft the rights gate turned away, and why. Where no right reached, it feeds "where to register next"."""

    verdict = models.ForeignKey(Verdict, on_delete=models.PROTECT, related_name="refusals")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="refusals")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="refusals")
    market = models.CharField(max_length=40)
    site = models.CharField(max_length=2, blank=True)
    ground = models.CharField(max_length=20, choices=[(g, g.value) for g in Ground])
    goods_class = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=20, choices=[(o, o.value) for o in GateOutcome])
    findings = models.JSONField(default=list)
    copyright_offered = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="refusals")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("outcome", "brand", "site"))]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.listing}"
