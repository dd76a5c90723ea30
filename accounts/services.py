"""Every write of the accounts room, and what the other rooms' writes go with: `record` and `publish`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts import tokens
from accounts.models import AccessToken, AuditEvent, Membership, Organisation, OutboxMessage, Role, User
from accounts.permissions import ADD_ACCESS, END_ACCESS, NotAllowed, require
from accounts.pool import hold_alone
from accounts.states import DeliveryState, TokenState
from contracts.errors import BadInput, JikimiError, ManyBadInputs


class LastAdministrator(JikimiError):
    """An organisation would be left without anybody who can manage it."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        super().__init__(organisation)

    def __str__(self) -> str:
        return f"{self.organisation} needs at least one administrator"


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


def publish_once(topic: str, **ids: Any) -> None:
    """Put a message into the outbox unless the same one waits there; call it inside the transaction of the write.

    The UPDATE keeps a worker from taking the one that waits before this write can be seen.
    """
    same = OutboxMessage.objects.filter(topic=topic, state=DeliveryState.WAITING, payload=ids)
    if not same.update(available_at=F("available_at")):
        publish(topic, **ids)


def check(row: models.Model) -> None:
    """Validate a row before it is saved.

    Raises:
        ManyBadInputs: every field that does not fit, with what came.
    """
    try:
        row.full_clean()
    except ValidationError as error:
        raise ManyBadInputs(
            [
                BadInput(str(row._meta.verbose_name), field, " ".join(messages), getattr(row, field, None))
                for field, messages in error.message_dict.items()
            ]
        ) from None


@transaction.atomic
def create_organisation(*, actor: User | None, name: str, slug: str, **contact: str) -> Organisation:
    """Create an organisation. Only jikimi itself (the command line) does.

    Args:
        actor: None, or a superuser.
        name: as in the commercial register; it signs notices.
        slug: short name for addresses and commands.
        contact: ``registration_number``, ``address``, ``email``, ``phone``.

    Raises:
        NotAllowed: the actor is an ordinary person.
        ManyBadInputs: a field does not fit, or the slug is taken.
    """
    require(actor, "accounts.add_organisation", None)
    organisation = Organisation(name=name, slug=slug, **contact)
    check(organisation)
    organisation.save()
    record(actor=actor, verb="organisation.created", subject=organisation, organisation=organisation)
    return organisation


@transaction.atomic
def change_organisation(*, actor: User | None, organisation: Organisation, **fields: str) -> Organisation:
    """Change name or contact; what is as it was is not recorded. The slug stays.

    Raises:
        NotAllowed: the actor is no administrator of it.
        ManyBadInputs: a field does not fit.
    """
    require(actor, "accounts.change_organisation", organisation)
    organisation.refresh_from_db()
    differing = {name: value for name, value in fields.items() if getattr(organisation, name) != value}
    if not differing:
        return organisation
    for name, value in differing.items():
        setattr(organisation, name, value)
    check(organisation)
    organisation.save()
    detail = {"fields": sorted(differing)}
    record(actor=actor, verb="organisation.changed", subject=organisation, organisation=organisation, detail=detail)
    return organisation


@transaction.atomic
def set_pool(*, actor: User | None, organisation: Organisation, pool: bool) -> Organisation:
    """Have an organisation take part in the pool or no longer do so; see docs/decisions/0016.

    Setting it as it is changes nothing. What was found before is shared, or taken back, by the outbox.

    Raises:
        NotAllowed: the actor is no administrator of it.
    """
    require(actor, "accounts.change_organisation", organisation)
    hold_alone()
    if Organisation.objects.filter(pk=organisation.pk).exclude(pool=pool).update(pool=pool):
        step = "pool_joined" if pool else "pool_left"
        record(actor=actor, verb=f"organisation.{step}", subject=organisation, organisation=organisation)
        publish(f"accounts.{step}", organisation_id=organisation.pk)
    organisation.refresh_from_db()
    return organisation


@transaction.atomic
def create_user(
    *, actor: User | None, username: str, password: str, email: str = "", language: str = "ko", is_staff: bool = False
) -> User:
    """Create a person who can log in, without any role yet.

    Raises:
        NotAllowed: the actor administers no organisation, or would make staff.
        ManyBadInputs: the name is taken, a field does not fit, the password is too weak (never shown).
    """
    require(actor, "accounts.add_user", None)
    if is_staff:
        require(actor, "accounts.add_organisation", None)
    user = User(username=username, email=email, language=language, is_staff=is_staff)
    _check_language(language)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ManyBadInputs([BadInput("user", "password", " ".join(error.messages), "(hidden)")]) from None
    user.set_password(password)
    check(user)
    user.save()
    record(actor=actor, verb="user.created", subject=user, organisation=None)
    return user


@transaction.atomic
def set_language(*, actor: User | None, user: User, language: str) -> User:
    """Set the language ``user`` sees; people set their own.

    Raises:
        NotAllowed: the actor is somebody else.
        BadInput: not a language of the interface.
    """
    require(actor, "accounts.change_user", user)
    _check_language(language)
    if User.objects.filter(pk=user.pk).exclude(language=language).update(language=language):
        record(actor=actor, verb="user.language_set", subject=user, organisation=None, detail={"language": language})
    user.language = language
    return user


@transaction.atomic
def grant(*, actor: User | None, user: User, organisation: Organisation, role: Role) -> Membership:
    """Give ``user`` a role in ``organisation``; giving it twice changes nothing.

    Raises:
        NotAllowed: the actor is no administrator of it.
    """
    require(actor, "accounts.manage_members", organisation)
    membership, created = Membership.objects.get_or_create(user=user, organisation=organisation, role=role)
    if created:
        detail = {"role": role, "user_id": user.pk}
        record(actor=actor, verb="role.granted", subject=membership, organisation=organisation, detail=detail)
    return membership


@transaction.atomic
def revoke(*, actor: User | None, user: User, organisation: Organisation, role: Role) -> bool:
    """Take a role from ``user``; tell whether they had it.

    Raises:
        NotAllowed: the actor is no administrator of the organisation.
        LastAdministrator: nobody would be left to manage it (jikimi itself may do it).
    """
    require(actor, "accounts.manage_members", organisation)
    membership = Membership.objects.filter(user=user, organisation=organisation, role=role).first()
    if membership is None:
        return False
    detail = {"role": role, "user_id": user.pk}
    record(actor=actor, verb="role.revoked", subject=membership, organisation=organisation, detail=detail)
    membership.delete()
    if actor is not None and role == Role.ADMINISTRATOR and not organisation.memberships.filter(role=role).exists():
        raise LastAdministrator(organisation)
    return True


@transaction.atomic
def create_token(
    *, actor: User | None, organisation: Organisation, name: str, days: int = tokens.DAYS
) -> tuple[AccessToken, str]:
    """Make a personal token that sends captures for ``organisation``; returns it with its secret, told only now.

    Args:
        actor: whose token it is; people make their own.
        organisation: for whom captures sent with it are taken in.
        name: what the owner calls it, e.g. the machine it is used on.
        days: how long it is good for, up to a year.

    Raises:
        NotAllowed: the actor neither monitors nor decides there, or is nobody.
        ManyBadInputs, BadInput: the name does not fit, or the days do not.
    """
    if actor is None:
        raise NotAllowed(actor, ADD_ACCESS)
    require(actor, ADD_ACCESS, organisation)
    if not 1 <= days <= tokens.MOST_DAYS:
        where = "access token"
        raise BadInput(where, "days", f"1 to {tokens.MOST_DAYS}", days)
    secret = tokens.new_secret()
    token = AccessToken(
        user=actor,
        organisation=organisation,
        name=name.strip(),
        sha256=tokens.digest(secret),
        hint=secret[-tokens.HINT_CHARACTERS :],
        expires_at=timezone.now() + timedelta(days=days),
    )
    check(token)
    token.save()
    detail = {"name": token.name, "expires_at": token.expires_at.isoformat()}
    record(actor=actor, verb="token.created", subject=token, organisation=organisation, detail=detail)
    return token, secret


@transaction.atomic
def revoke_token(*, actor: User | None, token: AccessToken) -> AccessToken:
    """End a token at once; revoking it again changes nothing.

    Raises:
        NotAllowed: it is neither the actor's own nor one of an organisation the actor administers.
    """
    require(actor, END_ACCESS, token)
    active = AccessToken.objects.filter(pk=token.pk, state=TokenState.ACTIVE)
    if active.update(state=TokenState.REVOKED):
        detail = {"user_id": token.user_id}
        record(actor=actor, verb="token.revoked", subject=token, organisation=token.organisation, detail=detail)
    token.refresh_from_db()
    return token


def use_token(*, secret: str) -> AccessToken:
    """Return the token of this secret and note that it was used.

    Raises:
        accounts.tokens.BadToken: no such token, revoked, expired, or its owner may no longer send captures.
        accounts.tokens.TooMany: it was used too often within a minute.
    """
    now = timezone.now()
    token = (
        AccessToken.objects.filter(
            sha256=tokens.digest(secret), state=TokenState.ACTIVE, expires_at__gt=now, user__is_active=True
        )
        .select_related("user", "organisation")
        .first()
    )
    if (
        token is None
        or not tokens.fits(secret, token.sha256)
        or not token.user.has_perm(ADD_ACCESS, token.organisation)
    ):
        raise tokens.BadToken
    rows = AccessToken.objects.filter(pk=token.pk)
    fresh = rows.filter(Q(window_began_at=None) | Q(window_began_at__lte=now - tokens.WINDOW))
    if fresh.update(window_began_at=now, window_uses=1, last_used_at=now):
        return token
    if not rows.filter(window_uses__lt=tokens.USES).update(window_uses=F("window_uses") + 1, last_used_at=now):
        raise tokens.TooMany
    return token


def _check_language(language: str) -> None:
    known = [code for code, _ in settings.LANGUAGES]
    if language not in known:
        msg = "user"
        raise BadInput(msg, "language", "one of " + ", ".join(known), language)
