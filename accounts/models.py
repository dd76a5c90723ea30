"""Organisations, users and roles; the audit log and the outbox that every write goes with."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.states import DeliveryState, TokenState


class Role(models.TextChoices):
    """What a member may do in an organisation; the table is in each room's ``permissions.py``."""

    MONITOR = "monitor", _("Monitor")
    TAKEDOWN_OFFICER = "takedown_officer", _("Takedown officer")
    BRAND_OWNER = "brand_owner", _("Brand owner")
    ADMINISTRATOR = "administrator", _("Administrator")


class Organisation(models.Model):
    """A firm that owns brands, or an agency that watches them for one. The border between tenants."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    registration_number = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    pool = models.BooleanField(
        default=False, help_text=_("Takes part in the pool: what its watches find is shared with the others in it.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who logs in."""

    language = models.CharField(max_length=8, default="ko")


class Membership(models.Model):
    """A user's role in an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("user", "organisation", "role"), name="one_membership_per_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} / {self.organisation} / {self.role}"


class AccessToken(models.Model):
    """A secret with which a program of its owner sends captures, and nothing else. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12, help_text=_("The secret's last characters, to tell tokens apart."))
    state = models.CharField(max_length=8, default=TokenState.ACTIVE, choices=[(s, s.value) for s in TokenState])
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    window_began_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Uses are counted within one minute from here.")
    )
    window_uses = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} of {self.user} for {self.organisation}"


class AppendOnly(models.QuerySet):  # type: ignore[type-arg]
    """Rows that are written once."""

    def update(self, **kwargs: object) -> int:  # noqa: ARG002 (Django's signature)
        """Refuse: a log that can be changed proves nothing."""
        msg = "the audit log is append-only"
        raise TypeError(msg)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse, as `update`."""
        msg = "the audit log is append-only"
        raise TypeError(msg)


class AuditEvent(models.Model):
    """One change by one actor. Append-only: nothing updates or deletes a row."""

    at = models.DateTimeField(auto_now_add=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="audit_events")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="audit_events")
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("subject_type", "subject_id"))]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"


class OutboxMessage(models.Model):
    """A topic published in the transaction of the write it tells of. Payloads carry ids only."""

    topic = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default=DeliveryState.WAITING, choices=[(s, s) for s in DeliveryState])
    available_at = models.DateTimeField(help_text=_("Not delivered before."))
    taken_until = models.DateTimeField(null=True, help_text=_("A worker that has not finished by then is dead."))
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=("state", "available_at")), models.Index(fields=("state", "taken_until"))]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk} {self.state}"
