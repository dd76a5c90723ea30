import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from accounts import queries, services
from accounts.models import AuditEvent, Membership, Organisation, OutboxMessage, Role, User
from accounts.permissions import NotAllowed
from contracts.errors import BadInput, ManyBadInputs
from tests.factories import MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a blue stone 41 rolls"


def someone(organisation, role=Role.ADMINISTRATOR):
    return MembershipFactory(organisation=organisation, role=role).user


def everything_written():
    models = (AuditEvent, Membership, Organisation, OutboxMessage, User)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


WRITES = {
    "create_organisation": lambda actor, organisation, user: services.create_organisation(
        actor=actor, name="New", slug="new"
    ),
    "change_organisation": lambda actor, organisation, user: services.change_organisation(
        actor=actor, organisation=organisation, name="Other"
    ),
    "create_user": lambda actor, organisation, user: services.create_user(
        actor=actor, username="new", password=PASSWORD
    ),
    "set_language": lambda actor, organisation, user: services.set_language(actor=actor, user=user, language="ko"),
    "grant": lambda actor, organisation, user: services.grant(
        actor=actor, user=user, organisation=organisation, role=Role.BRAND_OWNER
    ),
    "revoke": lambda actor, organisation, user: services.revoke(
        actor=actor, user=user, organisation=organisation, role=Role.MONITOR
    ),
}
# What an administrator of the organisation may do; nobody else may do any of these, jikimi itself may do all.
ADMINISTRATORS = {"change_organisation", "create_user", "grant", "revoke"}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("role", [*Role, "elsewhere", "inactive", "nobody"])
def test_each_write_is_refused_to_all_but_those_who_may(write, role):
    organisation = OrganisationFactory()
    user = MembershipFactory(organisation=organisation).user
    match role:
        case "elsewhere":
            actor = someone(OrganisationFactory())
        case "inactive":
            actor = someone(organisation)
            actor.is_active = False
            actor.save()
        case "nobody":
            actor = AnonymousUser()
        case _:
            actor = someone(organisation, role)
    # An administrator of any organisation may make accounts; a role in this one they cannot give.
    allowed = (write in ADMINISTRATORS and role == Role.ADMINISTRATOR) or (write, role) == ("create_user", "elsewhere")
    before = everything_written()

    if allowed:
        WRITES[write](actor, organisation, user)
        assert AuditEvent.objects.get().actor == actor
    else:
        with pytest.raises(NotAllowed):
            WRITES[write](actor, organisation, user)
        assert everything_written() == before


@pytest.mark.parametrize("write", WRITES)
def test_each_write_and_its_audit_event_stand_or_fall_together(write, monkeypatch):
    organisation = OrganisationFactory()
    user = MembershipFactory(organisation=organisation).user
    before = everything_written()

    class Broken(Exception):
        pass

    def fail(**_):
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(services.AuditEvent.objects, "create", fail)
        with pytest.raises(Broken):
            WRITES[write](None, organisation, user)
    assert everything_written() == before
    WRITES[write](None, organisation, user)
    assert AuditEvent.objects.count() == 1


def test_people_set_their_own_language_once():
    user = UserFactory(language="en")
    services.set_language(actor=user, user=user, language="ko")
    services.set_language(actor=user, user=user, language="ko")

    assert User.objects.get(pk=user.pk).language == "ko"
    assert [event.detail for event in queries.history_of(user)] == [{"language": "ko"}]
    with pytest.raises(BadInput, match="expected one of ko, en, got 'fr'"):
        services.set_language(actor=user, user=user, language="fr")


def test_granting_and_revoking_twice_changes_nothing_the_second_time():
    organisation, user = OrganisationFactory(), UserFactory()
    services.grant(actor=None, user=user, organisation=organisation, role=Role.MONITOR)
    services.grant(actor=None, user=user, organisation=organisation, role=Role.MONITOR)
    assert queries.roles_of(user, organisation) == {Role.MONITOR}
    assert services.revoke(actor=None, user=user, organisation=organisation, role=Role.MONITOR)
    assert not services.revoke(actor=None, user=user, organisation=organisation, role=Role.MONITOR)
    assert not queries.roles_of(user, organisation)
    assert list(AuditEvent.objects.order_by("id").values_list("verb", flat=True)) == ["role.granted", "role.revoked"]


def test_the_last_administrator_cannot_be_taken_away_by_a_person():
    organisation = OrganisationFactory()
    first = someone(organisation)
    arguments = {"user": first, "organisation": organisation, "role": Role.ADMINISTRATOR}
    with pytest.raises(services.LastAdministrator):
        services.revoke(actor=first, **arguments)
    assert not AuditEvent.objects.exists()
    someone(organisation)
    assert services.revoke(actor=first, **arguments)


def test_a_weak_password_or_a_taken_name_is_refused_without_showing_the_password():
    UserFactory(username="mina")
    with pytest.raises(ManyBadInputs) as weak:
        services.create_user(actor=None, username="new", password="hunter2")
    assert "hunter2" not in str(weak.value)
    assert "password" in str(weak.value)
    with pytest.raises(ManyBadInputs, match="username"):
        services.create_user(actor=None, username="mina", password=PASSWORD)
    assert User.objects.count() == 1


def test_the_audit_log_is_append_only():
    services.record(actor=None, verb="x", subject=OrganisationFactory(), organisation=None)
    with pytest.raises(TypeError):
        AuditEvent.objects.all().update(verb="y")
    with pytest.raises(TypeError):
        AuditEvent.objects.all().delete()
    assert AuditEvent.objects.get().verb == "x"


def test_reads_cost_one_query_however_many_members(django_assert_num_queries):
    organisation = OrganisationFactory()
    users = [someone(organisation, role) for role in Role for _ in range(2)]
    MembershipFactory(user=users[0], organisation=organisation, role=Role.BRAND_OWNER)
    MembershipFactory(user=users[0])

    with django_assert_num_queries(1):
        assert len({membership.user.username for membership in queries.members_of(organisation)}) == 8
    with django_assert_num_queries(1):
        assert len(queries.organisations_of(users[0])) == 2
    with django_assert_num_queries(1):
        assert queries.roles_of(users[0], organisation) == {Role.MONITOR, Role.BRAND_OWNER}


def test_nothing_is_kept_when_the_surrounding_transaction_fails():
    before = everything_written()
    with transaction.atomic():
        services.create_organisation(actor=None, name="New", slug="new")
        services.publish("t", number=1)
        transaction.set_rollback(True)
    assert everything_written() == before
