"""Reads of the accounts room, each with a fixed number of queries."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import AccessToken, AuditEvent, Membership, Organisation, Role, User
from accounts.permissions import CAPTURERS


def organisations_of(user: User) -> QuerySet[Organisation]:
    """Return the organisations ``user`` is a member of: 1 query."""
    return Organisation.objects.filter(memberships__user=user).distinct()


def pool_settings_of(user: User) -> QuerySet[Organisation]:
    """Return the organisations of ``user`` by name, each with ``administered``, whether they may change it: 1 query."""
    administered = Membership.objects.filter(user=user, organisation=OuterRef("pk"), role=Role.ADMINISTRATOR)
    return organisations_of(user).annotate(administered=Exists(administered))


def may_capture_for(user: User) -> QuerySet[Organisation]:
    """Return the organisations ``user`` may take captures in for, by name: 1 query."""
    held = Membership.objects.filter(user=user, role__in=CAPTURERS)
    return Organisation.objects.filter(pk__in=held.values("organisation"))


def tokens_of(user: User) -> QuerySet[AccessToken]:
    """Return the tokens of ``user``, newest first, with their organisations: 1 query."""
    return AccessToken.objects.filter(user=user).select_related("organisation")


def roles_of(user: User, organisation: Organisation) -> frozenset[Role]:
    """Return the roles ``user`` holds in ``organisation``: 1 query."""
    held = Membership.objects.filter(user=user, organisation=organisation).values_list("role", flat=True)
    return frozenset(Role(role) for role in held)


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """Return the memberships of ``organisation`` with their users, by name and role: 1 query."""
    return organisation.memberships.select_related("user").order_by("user__username", "role")


def history_of(subject: models.Model) -> QuerySet[AuditEvent]:
    """Return the audit events of one row, newest first, with their actors: 1 query."""
    return AuditEvent.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk)).select_related(
        "actor"
    )
