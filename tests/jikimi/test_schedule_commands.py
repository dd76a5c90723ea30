import pytest
from click.testing import CliRunner

from contracts.errors import BadInput
from jikimi.commands.health import command as health
from jikimi.commands.run_due import command as run_due
from jikimi.commands.schedule import command as schedule
from jobs.models import CrawlRun, Schedule
from jobs.reasons import Problem, Reason
from jobs.services import CannotBeCrawled, create_run, start_run
from listings.tasks import crawl_market
from listings.tasks import run_due as run_due_task
from tests.factories import CrawlRunFactory, ScheduleFactory, crawl_stats

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path, monkeypatch):
    settings.SPOOL_DIR = tmp_path
    monkeypatch.setenv("COLUMNS", "200")


def call(command, *words):
    answer = CliRunner().invoke(command, words)
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


class TestSchedule:
    def test_a_market_is_scheduled_as_its_region_is_then_changed_paused_and_resumed(self):
        assert "not scheduled" in call(schedule, "list").output
        call(schedule, "set", "ebay", "etsy")
        assert Schedule.objects.get(market="ebay").time_zone == "America/New_York"
        call(schedule, "set", "ebay", "--every", "6", "--window", "22:00-04:00")
        changed = Schedule.objects.get(market="ebay")
        assert (changed.every_hours, changed.window, changed.time_zone) == (6, "22:00-04:00", "America/New_York")
        assert "paused" in call(schedule, "pause", "ebay").output
        assert "active" in call(schedule, "resume", "ebay").output

    @pytest.mark.parametrize(
        ("words", "named"),
        [
            (("set", "nowhere"), "MARKETS"),
            (("set", "ebay", "--window", "1-2"), "window"),
            (("set", "ebay", "--time-zone", "Mars"), "time_zone"),
            (("pause", "ebay"), "market"),
        ],
    )
    def test_what_does_not_fit_is_named(self, words, named):
        with pytest.raises(BadInput, match=named):
            call(schedule, *words)
        assert not Schedule.objects.exists()

    def test_a_market_for_people_is_not_scheduled(self):
        with pytest.raises((CannotBeCrawled, BadInput)):
            call(schedule, "set", "tiki")


class TestHealth:
    def test_all_well_is_a_clean_exit_and_markets_nobody_watches_do_not_spoil_it(self):
        CrawlRunFactory(started_at=_now())
        answer = call(health)
        assert answer.exit_code == 0
        assert "healthy" in answer.output
        assert "Reached by people or feeds only" in answer.output

    def test_a_market_that_is_not_well_exits_with_one_and_names_the_page(self):
        missing = {"price": {"url": "https://www.ebay.com/itm/1", "body_sha256": "c" * 64}}
        CrawlRunFactory(
            started_at=_now(),
            account=crawl_stats(missing=missing, field_coverage={"price": 0.2}),
            state="partly_done",
            problems=[Reason(Problem.FIELD_BELOW_MINIMUM, {"field": "price", "share": 0.2, "least": 0.95}).to_json()],
        )
        answer = call(health, "ebay")
        assert answer.exit_code == 1
        assert "price was read on 20 % of listings" in answer.output
        assert f"no price on https://www.ebay.com/itm/1 (evidence {'c' * 64})" in answer.output

    def test_an_unknown_market_is_named(self):
        with pytest.raises(BadInput, match="MARKET"):
            call(health, "nowhere")


def _now():
    from django.utils import timezone  # noqa: PLC0415 (only here)

    return timezone.now()


class TestRunDue:
    def test_nothing_due_is_said(self):
        answer = call(run_due)
        assert (answer.exit_code, answer.output) == (0, "Nothing is due.\n")

    @pytest.mark.django_db(transaction=True)
    def test_a_real_market_without_a_contact_is_not_crawled_and_said(self, settings):
        settings.CRAWL_CONTACT = ""
        ScheduleFactory(window="00:00-00:00")
        answer = call(run_due)
        assert answer.exit_code == 1
        assert "JIKIMI_CONTACT" in answer.output
        assert CrawlRun.objects.get().attempt == 0

    def test_an_origin_that_does_not_fit_is_named(self):
        with pytest.raises(BadInput, match="--origin"):
            call(run_due, "--origin", "US=http://127.0.0.1:1")


class TestCelery:
    def test_what_is_due_goes_to_the_queue_of_its_region_once(self, monkeypatch):
        sent = []
        monkeypatch.setattr(crawl_market, "apply_async", lambda **call: sent.append(call))
        ScheduleFactory(window="00:00-00:00")
        ScheduleFactory(market="lazada", window="00:00-00:00")
        run_due_task()
        run_due_task()
        runs = dict(CrawlRun.objects.values_list("market", "pk"))
        assert sorted(sent, key=lambda call: call["queue"]) == [
            {"args": (runs["lazada"],), "queue": "crawl-asean"},
            {"args": (runs["ebay"],), "queue": "crawl-us"},
        ]

    def test_a_message_that_comes_twice_does_nothing_the_second_time(self, settings):
        settings.CRAWL_CONTACT = "ip@haneul.example"
        running = start_run(run=create_run(market="ebay"))
        assert crawl_market.apply(args=(running.pk,)).get() == "already running"
        blocked = CrawlRunFactory(market="etsy", state="blocked")
        assert crawl_market.apply(args=(blocked.pk,)).get() == "ended"
        assert CrawlRun.objects.get(pk=blocked.pk).attempt == 1

    def test_a_refusal_is_an_answer_and_no_traceback(self, settings):
        settings.CRAWL_CONTACT = ""
        assert crawl_market.apply(args=(create_run(market="ebay").pk,)).get() == "refused"
