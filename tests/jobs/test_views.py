import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Role
from evidence.warc import Answer, WarcFile, warc_name
from jobs.models import Schedule, Watch
from jobs.reasons import Problem, Reason
from tests.factories import (
    BrandFactory,
    CrawlRunFactory,
    MembershipFactory,
    OrganisationFactory,
    ScheduleFactory,
    WatchFactory,
    crawl_stats,
)

pytestmark = pytest.mark.django_db

URL = "https://www.ebay.com/sch/i.html?_nkw=Byeolmuri"
SET = {"every_hours": "12", "opens": "22:00", "closes": "04:30", "time_zone": "Asia/Seoul", "missed": "skip"}


@pytest.fixture
def member(client):
    membership = MembershipFactory(role=Role.ADMINISTRATOR)
    client.force_login(membership.user)
    return membership


def run_that_lost_prices(settings, tmp_path, watch):
    settings.EVIDENCE_DIR = tmp_path
    with WarcFile(tmp_path / warc_name("1")) as file:
        record_id = file.write(
            Answer(
                url=URL,
                observed_at=timezone.now(),
                status=200,
                headers=[("Content-Type", "text/html")],
                body=b"<script>alert(1)</script>",
                vantage="",
                note="",
                ip_address="",
            )
        )
    page = {"url": URL, "body_sha256": "b" * 64, "warc": warc_name("1"), "record_id": record_id}
    page |= {"watch_id": str(watch.pk)}
    account = crawl_stats(missing={"price": page}, watches={str(watch.pk): {"pages": 1}})
    return CrawlRunFactory(
        state="partly_done",
        account=account,
        problems=[Reason(Problem.FIELD_BELOW_MINIMUM, {"field": "price", "share": 0.4, "least": 0.95}).to_json()],
    )


def test_the_page_that_shows_it_is_seen_and_fetched_by_who_looked_for_it_alone(client, member, settings, tmp_path):
    own = WatchFactory(brand=BrandFactory(organisation=member.organisation), term="Byeolmuri")
    run = run_that_lost_prices(settings, tmp_path, own)

    shown = client.get(f"/jobs/runs/{run.pk}/").content.decode()
    assert "_nkw=Byeolmuri" in shown
    kept = client.get(f"/jobs/runs/{run.pk}/missing/price")
    assert kept.content == b"<script>alert(1)</script>"
    assert kept["Content-Type"].startswith("text/plain")
    assert kept["Content-Disposition"].startswith("attachment")
    assert client.get(f"/jobs/runs/{run.pk}/missing/title").status_code == 404

    client.force_login(MembershipFactory().user)
    shown = client.get(f"/jobs/runs/{run.pk}/").content.decode()
    assert "price was read on 40 % of listings" in shown
    assert "Byeolmuri" not in shown
    assert client.get(f"/jobs/runs/{run.pk}/missing/price").status_code == 404


def test_who_looks_for_the_same_term_sees_the_page_too(client, member, settings, tmp_path):
    WatchFactory(brand=BrandFactory(organisation=member.organisation), term="BYEOLMURI")
    run = run_that_lost_prices(settings, tmp_path, WatchFactory(term="Byeolmuri"))
    assert "_nkw=Byeolmuri" in client.get(f"/jobs/runs/{run.pk}/").content.decode()


def test_a_page_of_an_unknown_look_is_shown_only_where_the_whole_run_was_one_s_own(client, member):
    own = WatchFactory(brand=BrandFactory(organisation=member.organisation))
    other = WatchFactory(term="Byeolmuri")
    missing = {"price": {"url": URL, "body_sha256": "b" * 64}}
    mine = CrawlRunFactory(account=crawl_stats(missing=missing, watches={str(own.pk): {}}))
    shared = CrawlRunFactory(account=crawl_stats(missing=missing, watches={str(own.pk): {}, str(other.pk): {}}))
    assert "Byeolmuri" in client.get(f"/jobs/runs/{mine.pk}/").content.decode()
    assert "Byeolmuri" not in client.get(f"/jobs/runs/{shared.pk}/").content.decode()


def test_a_warc_path_that_leads_out_of_the_evidence_is_not_followed(client, member, settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    own = WatchFactory(brand=BrandFactory(organisation=member.organisation))
    page = {"url": URL, "body_sha256": "b" * 64, "warc": "../secret_key", "record_id": "x", "watch_id": str(own.pk)}
    run = CrawlRunFactory(account=crawl_stats(missing={"price": page}))
    assert client.get(f"/jobs/runs/{run.pk}/missing/price").status_code == 404


def test_a_market_shows_one_s_own_watches_only(client, member):
    WatchFactory(brand=BrandFactory(organisation=member.organisation), term="Haneulbit")
    WatchFactory(term="Byeolmuri")
    page = client.get("/jobs/markets/ebay/").content.decode()
    assert "Haneulbit" in page
    assert "Byeolmuri" not in page
    assert client.get("/jobs/markets/nowhere/").status_code == 404


def test_many_watches_are_shown_page_by_page_those_that_brought_most_first(client, member):
    brand = BrandFactory(organisation=member.organisation)
    Watch.objects.bulk_create(
        Watch(brand=brand, market="ebay", site="DE", kind="search", term=f"term-{number:03}") for number in range(130)
    )
    best = Watch.objects.get(term="term-129")
    best.finds.create(listing_id="1")
    first = client.get("/jobs/markets/ebay/").content.decode()
    second = client.get("/jobs/markets/ebay/?page=2").content.decode()
    assert first.index("term-129") < first.index("term-000")
    assert "term-098" in first
    assert "term-099" not in first
    assert "term-099" in second
    assert "term-129" not in second
    assert client.get("/jobs/markets/ebay/?page=nonsense").status_code == 200


@pytest.mark.parametrize("address", ["/jobs/health/", "/jobs/markets/ebay/", "/jobs/schedules/", "/jobs/runs/{run}/"])
def test_a_page_takes_as_many_queries_for_much_as_for_little(client, member, django_assert_max_num_queries, address):
    brand = BrandFactory(organisation=member.organisation)
    run = CrawlRunFactory()
    path = address.format(run=run.pk)
    client.get(path)
    for market in ("ebay", "etsy", "amazon"):
        ScheduleFactory(market=market)
        for _ in range(15):
            CrawlRunFactory(market=market)
            WatchFactory(brand=brand, market=market)
    with django_assert_max_num_queries(9):
        assert client.get(path).status_code == 200


class TestSchedules:
    def test_the_only_firm_s_administrator_edits_and_it_is_recorded(self, client, member):
        answer = client.post("/jobs/schedules/ebay/set", SET)
        assert answer.url == "/jobs/schedules/"
        schedule = Schedule.objects.get()
        assert (schedule.every_hours, schedule.window, schedule.missed) == (12, "22:00-04:30", "skip")
        client.post("/jobs/schedules/ebay/set", SET)
        client.post("/jobs/schedules/ebay/pause")
        client.post("/jobs/schedules/ebay/pause")
        verbs = list(AuditEvent.objects.filter(actor=member.user).values_list("verb", flat=True))
        assert verbs == ["schedule.paused", "schedule.set"]

    @pytest.mark.parametrize(
        ("field", "value", "named"),
        [
            ("every_hours", "0", "every_hours"),
            ("every_hours", "²", "every_hours"),
            ("opens", "25:99", "window"),
            ("time_zone", "Mars", "time_zone"),
            ("missed", "never", "missed"),
        ],
    )
    def test_what_does_not_fit_is_said_and_nothing_changes(self, client, member, field, value, named):
        answer = client.post("/jobs/schedules/ebay/set", {**SET, field: value}, follow=True)
        assert named in answer.content.decode()
        assert not Schedule.objects.exists()

    def test_where_several_firms_share_an_installation_only_its_own_people_edit(self, client, member):
        OrganisationFactory()
        assert client.post("/jobs/schedules/ebay/set", SET).status_code == 403
        assert 'name="every_hours"' not in client.get("/jobs/schedules/").content.decode()
        member.user.is_staff = True
        member.user.save()
        assert client.post("/jobs/schedules/ebay/set", SET).status_code == 302

    @pytest.mark.parametrize("role", [Role.MONITOR, Role.TAKEDOWN_OFFICER, Role.BRAND_OWNER])
    def test_others_look_only(self, client, role):
        client.force_login(MembershipFactory(role=role).user)
        assert client.get("/jobs/schedules/").status_code == 200
        assert client.post("/jobs/schedules/ebay/set", SET).status_code == 403
        assert not Schedule.objects.exists()
