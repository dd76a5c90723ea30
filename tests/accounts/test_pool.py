import pytest
from django.urls import reverse

from accounts.models import AuditEvent, OutboxMessage, Role
from accounts.permissions import NotAllowed
from accounts.pool import members
from accounts.services import create_organisation, set_pool
from contracts.errors import BadInput
from jikimi.commands.pool import command
from tests.factories import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


def told():
    return [(message.topic, message.payload) for message in OutboxMessage.objects.order_by("pk")]


def test_nobody_takes_part_who_was_not_asked():
    assert not create_organisation(actor=None, name="Firm", slug="firm").pool
    assert members() == frozenset()
    assert told() == []


def test_joining_and_leaving_are_audited_and_told_once():
    administrator = MembershipFactory(role=Role.ADMINISTRATOR)
    who = {"actor": administrator.user, "organisation": administrator.organisation}

    for pool in (True, True, False, False):
        assert set_pool(**who, pool=pool).pool is pool

    ids = {"organisation_id": administrator.organisation.pk}
    assert told() == [("accounts.pool_joined", ids), ("accounts.pool_left", ids)]
    events = AuditEvent.objects.filter(organisation=administrator.organisation, actor=administrator.user)
    assert [event.verb for event in events.order_by("pk")] == ["organisation.pool_joined", "organisation.pool_left"]


@pytest.mark.parametrize("role", [Role.MONITOR, Role.TAKEDOWN_OFFICER, Role.BRAND_OWNER])
def test_only_an_administrator_consents(role):
    member = MembershipFactory(role=role)
    elsewhere = MembershipFactory(role=Role.ADMINISTRATOR)
    for actor in (member.user, elsewhere.user):
        with pytest.raises(NotAllowed):
            set_pool(actor=actor, organisation=member.organisation, pool=True)
    assert members() == frozenset()


def test_the_page_tells_what_is_shared_and_joins_and_leaves(client):
    administrator = MembershipFactory(role=Role.ADMINISTRATOR)
    client.force_login(administrator.user)
    address = reverse("account_set_pool", args=[administrator.organisation.pk])

    page = client.get(reverse("account_pool")).content.decode()
    assert "Public offers that your watches found" in page
    assert 'value="join"' in page

    assert 'value="leave"' in client.post(address, {"pool": "join"}, follow=True).content.decode()
    assert members() == {administrator.organisation.pk}
    client.post(address, {"pool": "leave"})
    assert members() == frozenset()
    assert client.post(address, {"pool": "perhaps"}).status_code == 400


def test_the_page_in_korean(client):
    member = MembershipFactory(user__language="ko")
    client.force_login(member.user)
    page = client.get(reverse("account_pool"), headers={"accept-language": "ko"}).content.decode()
    assert "공유하는 것" in page


def test_who_may_not_join_is_offered_nothing_and_refused(client):
    monitor = MembershipFactory(role=Role.MONITOR)
    stranger = OrganisationFactory(name="Byeolmuri")
    client.force_login(monitor.user)

    page = client.get(reverse("account_pool")).content.decode()
    assert 'value="join"' not in page
    assert "Byeolmuri" not in page
    own = client.post(reverse("account_set_pool", args=[monitor.organisation.pk]), {"pool": "join"})
    other = client.post(reverse("account_set_pool", args=[stranger.pk]), {"pool": "join"})
    assert (own.status_code, other.status_code) == (403, 404)
    assert members() == frozenset()


def test_the_page_takes_a_fixed_number_of_reads(client, django_assert_num_queries):
    user = MembershipFactory(role=Role.ADMINISTRATOR).user
    for _ in range(3):
        MembershipFactory(user=user)
    client.force_login(user)
    with django_assert_num_queries(3):  # session and user
        client.get(reverse("account_pool"))


def test_the_command_joins_leaves_and_names_who_takes_part(capsys):
    OrganisationFactory(slug="firm", name="Firm")
    for arguments in (["join", "firm"], ["list"], ["leave", "firm"], ["list"]):
        command(arguments, standalone_mode=False)
    said = capsys.readouterr().out
    assert "in   firm  Firm" in said
    assert said.endswith("out  firm  Firm\n")
    with pytest.raises(BadInput, match="one of: firm"):
        command(["join", "nobody"], standalone_mode=False)
