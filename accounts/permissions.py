"""Who may do what: predicates over roles, and the one check every service makes."""

from __future__ import annotations

from typing import Any

import rules
from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, Organisation, Role, User
from contracts.errors import JikimiError

ADD_ACCESS = "accounts.add_token"
END_ACCESS = "accounts.revoke_token"
CAPTURERS = (Role.MONITOR, Role.TAKEDOWN_OFFICER, Role.ADMINISTRATOR)


class NotAllowed(JikimiError):
    """The actor may not do this here."""

    def __init__(self, actor: object, permission: str) -> None:
        self.actor = actor
        self.permission = permission
        super().__init__(actor, permission)

    def __str__(self) -> str:
        return f"{self.actor} may not {self.permission}"


def organisation_of(subject: Any) -> Organisation:
    """Return the organisation a subject belongs to: itself, or what its ``organisation`` says."""
    return subject if isinstance(subject, Organisation) else subject.organisation


def has_role(*roles: Role) -> rules.Predicate:
    """Return a predicate: the user holds one of ``roles`` in the subject's organisation. Administrators always do."""
    wanted = {*roles, Role.ADMINISTRATOR}

    @rules.predicate(name="has_role:" + ",".join(sorted(wanted)))
    def check(user: User, subject: Any = None) -> bool:
        if not (user.is_authenticated and user.is_active) or subject is None:
            return False
        return Membership.objects.filter(user=user, organisation=organisation_of(subject), role__in=wanted).exists()

    return check


@rules.predicate
def administers_any(user: User) -> bool:
    """Tell whether the user is an administrator anywhere."""
    active = user.is_authenticated and user.is_active
    return active and Membership.objects.filter(user=user, role=Role.ADMINISTRATOR).exists()


@rules.predicate
def is_self(user: User, subject: User | None = None) -> bool:
    """Tell whether the subject is the user."""
    return subject is not None and user.is_authenticated and user.is_active and user.pk == subject.pk


@rules.predicate
def owns(user: User, subject: Any = None) -> bool:
    """Tell whether the subject is the user's own."""
    return subject is not None and user.is_authenticated and user.is_active and subject.user_id == user.pk


rules.add_perm("accounts.add_organisation", rules.always_false)  # only jikimi itself
rules.add_perm("accounts.view_organisation", has_role(*Role))
rules.add_perm("accounts.change_organisation", has_role())
rules.add_perm("accounts.manage_members", has_role())
rules.add_perm("accounts.view_audit", has_role())
rules.add_perm("accounts.add_user", administers_any)
rules.add_perm("accounts.change_user", is_self)
# Captures are what the people who look at listings send; nobody makes a token for somebody else.
rules.add_perm(ADD_ACCESS, has_role(*CAPTURERS))
rules.add_perm(END_ACCESS, owns | has_role())


def require(actor: User | AnonymousUser | None, permission: str, subject: Any) -> None:
    """Raise `NotAllowed` unless ``actor`` holds ``permission`` on ``subject``.

    ``actor`` None is jikimi itself (a crawl, a worker, a command run on the machine); it may do what no person signs
    for, and services that need a person's hand refuse it themselves.
    """
    if actor is None:
        return
    if not actor.has_perm(permission, subject):
        raise NotAllowed(actor, permission)
