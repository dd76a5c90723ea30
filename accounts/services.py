"""Every write of the accounts room, and what the other rooms' writes go with: `record` and `publish`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import AuditEvent, Membership, Organisation, OutboxMessage, Role, User


def record(
    *,
    actor: User | None,
    verb: str,
    subject: models.Model,
    organisation: Organisation | None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append one event to the audit log; call it inside the transaction of the change it tells of."""
    return AuditEvent.objects.create(
        actor=actor,
        organisation=organisation,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        detail=detail or {},
    )


def publish(topic: str, *, available_at: datetime | None = None, **ids: Any) -> OutboxMessage:
    """Put a message into the outbox; call it inside the transaction of the write. ``ids`` are ids, never content."""
    return OutboxMessage.objects.create(topic=topic, payload=ids, available_at=available_at or timezone.now())


@transaction.atomic
def create_organisation(*, actor: User | None, name: str, slug: str, **contact: str) -> Organisation:
    """Create an organisation. Only jikimi itself (the command line) does."""
    organisation = Organisation(name=name, slug=slug, **contact)
    organisation.full_clean()
    organisation.save()
    record(actor=actor, verb="organisation.created", subject=organisation, organisation=organisation)
    return organisation


@transaction.atomic
def create_user(
    *, actor: User | None, username: str, password: str, email: str = "", language: str = "ko", is_staff: bool = False
) -> User:
    """Create a person who can log in."""
    user = User.objects.create_user(
        username=username, email=email, password=password, language=language, is_staff=is_staff
    )
    record(actor=actor, verb="user.created", subject=user, organisation=None)
    return user


@transaction.atomic
def grant(*, actor: User | None, user: User, organisation: Organisation, role: Role) -> Membership:
    """Give ``user`` a role in ``organisation``; giving it twice changes nothing."""
    membership, created = Membership.objects.get_or_create(user=user, organisation=organisation, role=role)
    if created:
        record(actor=actor, verb="role.granted", subject=membership, organisation=organisation, detail={"role": role})
    return membership
