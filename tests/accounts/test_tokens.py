from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import services, tokens
from accounts.models import AccessToken, AuditEvent, Role
from accounts.permissions import NotAllowed
from accounts.states import TokenState
from contracts.errors import BadInput, ManyBadInputs
from tests.factories import MembershipFactory, OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor():
    return MembershipFactory(role=Role.MONITOR)


def make(membership, **values):
    values = {"name": "laptop", **values}
    return services.create_token(actor=membership.user, organisation=membership.organisation, **values)


def test_the_secret_is_told_once_and_only_its_hash_is_kept(monitor):
    token, secret = make(monitor)
    assert secret.startswith("jkm_")
    assert len(secret) >= 4 + 43
    kept = AccessToken.objects.filter(pk=token.pk).values().get()
    assert secret not in str(kept)
    assert secret not in str(list(AuditEvent.objects.values()))
    assert kept["sha256"] == tokens.digest(secret)
    assert AuditEvent.objects.get(verb="token.created").actor == monitor.user


def test_a_token_finds_its_owner_and_notes_its_use(monitor):
    token, secret = make(monitor)
    used = services.use_token(secret=secret)
    assert (used.pk, used.user, used.organisation) == (token.pk, monitor.user, monitor.organisation)
    assert AccessToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("wrong", ["", "jkm_", "jkm_" + "a" * 43, "\ud800", "🐉"])
def test_an_unknown_secret_finds_nobody(monitor, wrong):
    make(monitor)
    with pytest.raises(tokens.BadToken):
        services.use_token(secret=wrong)


def test_revoked_expired_and_orphaned_tokens_no_longer_work(monitor):
    revoked, secret_of_revoked = make(monitor)
    services.revoke_token(actor=monitor.user, token=revoked)
    assert services.revoke_token(actor=monitor.user, token=revoked).state == TokenState.REVOKED
    assert AuditEvent.objects.filter(verb="token.revoked").count() == 1
    with pytest.raises(tokens.BadToken):
        services.use_token(secret=secret_of_revoked)

    _token, secret = make(monitor, days=30)
    with time_machine.travel(timezone.now() + timedelta(days=30, seconds=1)), pytest.raises(tokens.BadToken):
        services.use_token(secret=secret)

    assert services.use_token(secret=secret)
    monitor.delete()  # no longer a monitor there
    with pytest.raises(tokens.BadToken):
        services.use_token(secret=secret)


def test_the_token_of_somebody_who_left_no_longer_works(monitor):
    _token, secret = make(monitor)
    monitor.user.is_active = False
    monitor.user.save()
    with pytest.raises(tokens.BadToken):
        services.use_token(secret=secret)


def test_a_token_is_used_so_often_within_a_minute_and_then_again(monitor, monkeypatch):
    monkeypatch.setattr(tokens, "USES", 3)
    _token, secret = make(monitor)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        for _ in range(3):
            services.use_token(secret=secret)
        with pytest.raises(tokens.TooMany):
            services.use_token(secret=secret)
    with time_machine.travel(start + tokens.WINDOW, tick=False):
        services.use_token(secret=secret)


def test_who_may_not_make_a_token(monitor):
    elsewhere = OrganisationFactory()
    owner = MembershipFactory(role=Role.BRAND_OWNER)
    for actor, organisation in (
        (None, elsewhere),
        (monitor.user, elsewhere),
        (owner.user, owner.organisation),
    ):
        with pytest.raises(NotAllowed):
            services.create_token(actor=actor, organisation=organisation, name="x")
    assert not AccessToken.objects.exists()


def test_a_token_needs_a_name_and_an_end(monitor):
    with pytest.raises(ManyBadInputs):
        make(monitor, name="  ")
    for days in (0, 366):
        with pytest.raises(BadInput):
            make(monitor, days=days)


def test_an_administrator_may_end_a_member_s_token_and_a_colleague_may_not(monitor):
    token, _secret = make(monitor)
    colleague = MembershipFactory(organisation=monitor.organisation, role=Role.TAKEDOWN_OFFICER).user
    with pytest.raises(NotAllowed):
        services.revoke_token(actor=colleague, token=token)
    administrator = MembershipFactory(organisation=monitor.organisation, role=Role.ADMINISTRATOR).user
    assert services.revoke_token(actor=administrator, token=token).state == TokenState.REVOKED


def test_the_page_shows_the_secret_once(client, monitor):
    client.force_login(monitor.user)
    address = reverse("account_tokens")
    made = client.post(address, {"name": "laptop", "organisation": monitor.organisation.pk, "days": "90"})
    shown = made.content.decode()
    secret = shown.partition('value="jkm_')[2].partition('"')[0]
    assert services.use_token(secret="jkm_" + secret).name == "laptop"
    assert "no-store" in made.headers["Cache-Control"]
    again = client.get(address).content.decode()
    assert secret not in again
    assert f"…{secret[-4:]}" in again

    client.post(reverse("account_revoke_token", args=[AccessToken.objects.get().pk]))
    assert "revoked" in client.get(address).content.decode()


def test_the_page_knows_only_one_s_own(client, monitor):
    other = MembershipFactory(role=Role.MONITOR)
    token, _secret = make(other, name="not mine")
    client.force_login(monitor.user)
    assert "not mine" not in client.get(reverse("account_tokens")).content.decode()
    assert client.post(reverse("account_revoke_token", args=[token.pk])).status_code == 404
    refused = client.post(reverse("account_tokens"), {"name": "x", "organisation": other.organisation.pk, "days": "90"})
    assert refused.status_code == 404
    wrong = client.post(reverse("account_tokens"), {"name": "", "organisation": monitor.organisation.pk, "days": "90"})
    assert "Give the token a name" in wrong.content.decode()
    assert AccessToken.objects.count() == 1


def test_a_brand_owner_is_told_why_there_is_no_form(client):
    client.force_login(MembershipFactory(role=Role.BRAND_OWNER).user)
    page = client.get(reverse("account_tokens")).content.decode()
    assert "Only monitors and takedown officers send captures" in page
    assert "Make a token" not in page
