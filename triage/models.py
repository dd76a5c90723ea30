"""Flags: what the matchers suspect; verdicts: what a person decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from contracts.match import Ground
from contracts.verdict import VerdictKind
from listings.models import Capture, Listing
from registry.models import Brand, OwnedQuerySet
from triage.states import FlagState, SkipReason, VerdictState

if TYPE_CHECKING:
    from collections.abc import Mapping

VERDICT_LABELS: Mapping[str, object] = {
    VerdictKind.COUNTERFEIT: _("Counterfeit"),
    VerdictKind.LIKELY: _("Likely counterfeit"),
    VerdictKind.GENUINE: _("Genuine"),
    VerdictKind.AUTHORISED: _("Authorised seller"),
    VerdictKind.RESALE: _("Second-hand or parallel import"),
    VerdictKind.IMAGE_REUSE: _("Official image re-used"),
    VerdictKind.NOT_OUR_MARK: _("Not our mark"),
    VerdictKind.UNSURE: _("Unsure: second look"),
}

SKIP_LABELS: Mapping[str, object] = {
    SkipReason.HARD: _("Hard to tell"),
    SkipReason.LANGUAGE: _("I cannot read the language"),
    SkipReason.PICTURES: _("Pictures are missing"),
    SkipReason.OTHER: _("Something else"),
}

GROUND_LABELS: Mapping[str, object] = {
    Ground.COUNTERFEIT: _("Counterfeit"),
    Ground.TRADEMARK_MISUSE: _("Trademark misuse"),
    Ground.COPYRIGHT_IMAGE: _("Copyright in the image"),
    Ground.LOOKALIKE: _("Look-alike"),
    Ground.GREY_MARKET: _("Grey market"),
    Ground.NONE: _("No ground"),
}


class Flag(models.Model):
    """A suspicion about one listing for one brand, with the reasons the matchers gave."""

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="flags")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="flags")
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="flags")
    state = models.CharField(max_length=12, default=FlagState.NEW, choices=[(s, s.value) for s in FlagState])
    probability = models.FloatField()
    ground = models.CharField(max_length=20, choices=[(g, GROUND_LABELS[g]) for g in Ground])
    match = models.JSONField(help_text=_("The match contract: signals, sentence, counterfactuals, versions."))
    fingerprint = models.CharField(max_length=64, help_text=_("Of the listing content that was matched."))
    came_from = models.CharField(max_length=12, default=FlagState.NEW, choices=[(s, s.value) for s in FlagState])
    leased_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="leased_flags")
    leased_until = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("-probability", "id")
        constraints = [models.UniqueConstraint(fields=("listing", "brand"), name="one_flag_per_listing_and_brand")]
        indexes = [models.Index(fields=("state", "-probability"))]

    def __str__(self) -> str:
        return f"{self.brand}: {self.listing}"

    @property
    def organisation(self) -> Organisation:
        """The tenant the flag belongs to."""
        return self.brand.organisation


class Verdict(models.Model):
    """What a person decided about a flag, on which capture. Kept when undone or replaced."""

    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="verdicts")
    kind = models.CharField(max_length=16, choices=[(k, VERDICT_LABELS[k]) for k in VerdictKind])
    reason = models.CharField(max_length=60, help_text=_("The signal that decided; pre-set from the strongest."))
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="verdicts")
    at = models.DateTimeField(auto_now_add=True)
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="verdicts")
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=VerdictState.STANDING, choices=[(s, s.value) for s in VerdictState])
    memory_expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("flag",), condition=models.Q(state=VerdictState.STANDING), name="one_standing_verdict_per_flag"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.flag}"

    @property
    def organisation(self) -> Organisation:
        """The tenant the verdict belongs to."""
        return self.flag.brand.organisation


class Skip(models.Model):
    """Somebody passed a flag on without deciding. Append-only; what is skipped often is hard to judge."""

    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="skips")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="skips")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=10, choices=[(r, SKIP_LABELS[r]) for r in SkipReason])

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("by", "at"))]

    def __str__(self) -> str:
        return f"{self.flag} skipped by {self.by}"
