import pytest
from django.urls import include, path

from contracts.verdict import PERMITS_DRAFT, VerdictKind
from jikimi.urls import urlpatterns as project
from tests.factories import FlagFactory
from triage import services

pytestmark = pytest.mark.urls(__name__)

takedown = ([path("draft/<int:pk>/", print, name="draft"), path("all/", print, name="notices")], "takedown")
urlpatterns = [path("elsewhere/", include(takedown))] + [
    entry for entry in project if getattr(entry, "namespace", "") != "takedown"
]


@pytest.mark.parametrize("kind", VerdictKind)
def test_a_notice_can_be_drafted_where_the_verdict_permits_it(client, monitor, brand, kind):
    client.force_login(monitor)
    flag = FlagFactory(brand=brand)
    services.lease(actor=monitor, flag=flag)
    verdict = services.decide(actor=monitor, flag=flag, kind=kind, seen_fingerprint=flag.fingerprint)

    page = client.get(f"/flags/{flag.pk}/").content.decode()

    # once in the history, once among the last decisions
    assert page.count(f'href="/elsewhere/draft/{verdict.pk}/"') == (2 if kind in PERMITS_DRAFT else 0)
    assert 'href="/elsewhere/all/"' in page


@pytest.mark.urls("tests.triage.urls_without_takedown")
def test_without_a_takedown_room_there_is_no_link(client, monitor, brand):
    client.force_login(monitor)
    flag = FlagFactory(brand=brand)
    services.lease(actor=monitor, flag=flag)
    services.decide(actor=monitor, flag=flag, kind="counterfeit", seen_fingerprint=flag.fingerprint)
    assert "Draft notice" not in client.get(f"/flags/{flag.pk}/").content.decode()
