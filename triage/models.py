"""Flags: what the matchers suspect; verdicts: what a person decided; hunts and spot checks: what was overlooked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from contracts.match import Ground
from contracts.verdict import VerdictKind
from listings.models import Capture, Listing
from matchers.names import name_of
from matchers.weights import Weighting as Weights
from registry.models import Brand, Mark, OwnedQuerySet, ReferenceImage
from triage.states import (
    FlagState,
    HuntState,
    SkipReason,
    SpotCheckState,
    Stratum,
    TermState,
    VerdictState,
    WeightingState,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 4  # factors shown of learned weights

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

WEIGHTING_LABELS: Mapping[str, object] = {
    WeightingState.PROPOSED: _("Proposed"),
    WeightingState.ACTIVE: _("In use"),
    WeightingState.RETIRED: _("Retired"),
    WeightingState.REJECTED: _("Rejected"),
}

SKIP_LABELS: Mapping[str, object] = {
    SkipReason.HARD: _("Hard to tell"),
    SkipReason.LANGUAGE: _("I cannot read the language"),
    SkipReason.PICTURES: _("Pictures are missing"),
    SkipReason.OTHER: _("Something else"),
}

STRATUM_LABELS: Mapping[str, object] = {
    Stratum.NEAR: _("Just below the threshold"),
    Stratum.MIDDLE: _("Farther below"),
    Stratum.BOTTOM: _("At the bottom"),
    Stratum.SILENT: _("Nothing speaks of the brand"),
}

GROUND_LABELS: Mapping[str, object] = {
    Ground.COUNTERFEIT: _("Counterfeit"),
    Ground.TRADEMARK_MISUSE: _("Trademark misuse"),
    Ground.COPYRIGHT_IMAGE: _("Copyright in the image"),
    Ground.LOOKALIKE: _("Look-alike"),
    Ground.GREY_MARKET: _("Grey market"),
    Ground.NONE: _("No ground"),
}


HUNT_LABELS: Mapping[str, object] = {
    HuntState.QUEUED: _("Waiting"),
    HuntState.RUNNING: _("Running"),
    HuntState.DONE: _("Done"),
    HuntState.FAILED: _("Failed"),
}


class Hunt(models.Model):
    """A retro-hunt: marks and pictures of one brand, searched back through every listing found for its organisation.

    Listings are gone through in the order of their keys; ``cursor`` is the last one done, so that a hunt that was cut
    off goes on behind it. A worker holds the hunt until ``held_until``; ``attempt`` fences it against the next one.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="hunts")
    state = models.CharField(max_length=8, default=HuntState.QUEUED, choices=[(s, HUNT_LABELS[s]) for s in HuntState])
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="hunts", help_text=_("Empty: the registry's change.")
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    cursor = models.CharField(max_length=512, blank=True)
    candidates = models.PositiveIntegerField(null=True, help_text=_("What the index found; empty: not asked yet."))
    looked_at = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0, help_text=_("Gone from the records since they were indexed."))
    failed = models.PositiveIntegerField(default=0, help_text=_("Listings the matchers could not read."))
    matched = models.PositiveIntegerField(default=0, help_text=_("Listings with a flag, new or known."))
    error = models.TextField(blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("brand",), condition=models.Q(state=HuntState.QUEUED), name="one_waiting_hunt_per_brand"
            )
        ]

    def __str__(self) -> str:
        return f"hunt {self.pk} for {self.brand}"

    @property
    def organisation(self) -> Organisation:
        """The tenant the hunt belongs to."""
        return self.brand.organisation

    @property
    def done(self) -> int:
        """How many candidates are dealt with."""
        return self.looked_at + self.skipped + self.failed

    @property
    def share(self) -> float:
        """How far the hunt is, in 0..1."""
        if self.state == HuntState.DONE:
            return 1.0
        return min(self.done / self.candidates, 1.0) if self.candidates else 0.0


class HuntTarget(models.Model):
    """What a hunt looks for: a mark by its spellings as they were, or a picture. Kept when that is removed."""

    hunt = models.ForeignKey(Hunt, on_delete=models.CASCADE, related_name="targets")
    mark = models.ForeignKey(Mark, on_delete=models.SET_NULL, null=True, related_name="hunt_targets")
    image = models.ForeignKey(ReferenceImage, on_delete=models.SET_NULL, null=True, related_name="hunt_targets")
    label = models.CharField(max_length=200)
    spellings = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("hunt", "mark"), name="one_target_per_mark"),
            models.UniqueConstraint(fields=("hunt", "image"), name="one_target_per_picture"),
        ]

    def __str__(self) -> str:
        return self.label


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
    hunt = models.ForeignKey(
        Hunt,
        on_delete=models.SET_NULL,
        null=True,
        related_name="flags",
        help_text=_("The hunt that raised it."),
    )
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


class SpotCheck(models.Model):
    """One listing and one brand that were not flagged, drawn by chance so that a person looks at them.

    What people find among these tells how much the flags miss (`triage.recall`). Judging one makes a flag with a
    verdict, which is where the answer stands.
    """

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="spot_checks")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="spot_checks")
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="spot_checks")
    state = models.CharField(
        max_length=10, default=SpotCheckState.WAITING, choices=[(s, s.value) for s in SpotCheckState]
    )
    stratum = models.CharField(max_length=8, choices=[(s, STRATUM_LABELS[s]) for s in Stratum])
    inclusion = models.FloatField(help_text=_("The probability with which it was drawn, in 0..1."))
    place = models.FloatField(help_text=_("Where it stands among those of its stratum, by chance, in 0..1."))
    match = models.JSONField(help_text=_("The match contract, as a flag keeps it."))
    fingerprint = models.CharField(max_length=64, help_text=_("Of the listing content that was matched."))
    drawn_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)
    flag = models.OneToOneField(Flag, on_delete=models.PROTECT, null=True, related_name="spot_check")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("place", "id")
        constraints = [
            models.UniqueConstraint(fields=("listing", "brand"), name="one_spot_check_per_listing_and_brand")
        ]
        indexes = [models.Index(fields=("state", "stratum", "place"))]

    def __str__(self) -> str:
        return f"{self.brand}: {self.listing}"

    @property
    def organisation(self) -> Organisation:
        """The tenant the spot check belongs to."""
        return self.brand.organisation


class Weighting(models.Model):
    """What was learned from one organisation's verdicts: a factor per signal, and how it did. Kept for good."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="weightings")
    version = models.CharField(max_length=80, unique=True)
    state = models.CharField(
        max_length=8, default=WeightingState.PROPOSED, choices=[(s, WEIGHTING_LABELS[s]) for s in WeightingState]
    )
    prior = models.FloatField(help_text=_("Log-odds before any signal."))
    factors = models.JSONField(help_text=_("Signal name to the factor of its house weight."))
    report = models.JSONField(help_text=_("Figures on the newest verdicts, held out: before and after."))
    verdicts = models.PositiveIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="weightings")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("organisation",),
                condition=models.Q(state=WeightingState.ACTIVE),
                name="one_weighting_in_use_per_organisation",
            )
        ]

    def __str__(self) -> str:
        return self.version

    def contract(self) -> Weights:
        """Return it as the matchers take it."""
        return Weights(version=self.version, prior=self.prior, factors=self.factors)

    @property
    def most_changed(self) -> list[tuple[dict[str, str], float]]:
        """The signals whose factors are farthest from 1, by what they are called."""
        ordered = sorted(self.factors.items(), key=lambda item: -abs(item[1] - 1))
        return [(name_of(name).to_json(), factor) for name, factor in ordered[:MOST]]


class LearnedTerm(models.Model):
    """A phrase that an organisation's counterfeits are worded with and no lexicon knew. Kept when refused."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="learned_terms")
    text = models.CharField(max_length=80)
    state = models.CharField(
        max_length=8, default=TermState.PROPOSED, choices=[(s, WEIGHTING_LABELS[s]) for s in TermState]
    )
    fakes = models.PositiveIntegerField(help_text=_("Sellers of counterfeits that write it."))
    of_fakes = models.PositiveIntegerField()
    others = models.PositiveIntegerField(help_text=_("Other sellers that write it."))
    of_others = models.PositiveIntegerField()
    examples = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="learned_terms")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("state", "-fakes", "id")
        constraints = [models.UniqueConstraint(fields=("organisation", "text"), name="one_learned_term_per_text")]

    def __str__(self) -> str:
        return self.text
