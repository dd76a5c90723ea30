from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from contracts.market import manifests
from jobs.health import assess
from jobs.judging import figures_of, folder_of, judge_run, merged
from jobs.models import CrawlRun, HealthChange, Schedule
from jobs.queries import overview
from jobs.reasons import PROBLEMS, WATCH_REASONS, Problem, Reason, WatchReason
from jobs.schedules import Timing
from jobs.services import (
    CannotBeCrawled,
    create_run,
    finish_run,
    note_health,
    open_run,
    pause_schedule,
    resume_schedule,
    set_schedule,
    start_run,
    take_due_runs,
)
from jobs.services.runs import ATTEMPTS
from jobs.states import RunState
from jobs.verdicts import Verdict
from tests.factories import NOON, CrawlRunFactory, ScheduleFactory, crawl_stats

DAILY = Timing(every_hours=24, window="00:00-00:00", time_zone="UTC", missed="once")
EBAY = manifests()["ebay"]
GOOD_COVERAGE = crawl_stats().field_coverage


def ran(days_ago=0, state="done", problems=(), **changes):
    """Return a run that ended so many days before noon."""
    account = crawl_stats(**changes)
    return CrawlRun(
        market="ebay",
        state=state,
        finished_at=NOON - timedelta(days=days_ago),
        figures=figures_of(account),
        stats={},
        problems=[problem.to_json() for problem in problems],
    )


def week():
    return [ran(days_ago=day) for day in range(1, 8)]


def judged(*runs, now=NOON, state="active"):
    return assess(manifest=EBAY, timing=DAILY, schedule_state=state, runs=list(runs), now=now)


def codes(assessment):
    return {reason.code for reason in assessment.reasons}


class TestVerdicts:
    def test_a_run_like_those_before_it_is_healthy(self):
        assert judged(ran(), *week()).verdict == Verdict.HEALTHY

    def test_a_market_that_turned_us_away_is_blocked_not_silent_nor_empty(self):
        blocked = ran(state="blocked", pages={"blocked": 3}, listings=0, field_coverage={})
        assert judged(blocked, *week()).verdict == Verdict.BLOCKED
        assert judged(blocked, now=NOON + timedelta(days=30)).verdict == Verdict.BLOCKED

    def test_a_market_never_run_is_silent(self):
        found = judged(state="none")
        assert found.verdict == Verdict.SILENT
        assert codes(found) == {Problem.NEVER_RUN, Problem.NOT_SCHEDULED}

    def test_two_cadences_without_a_run_that_got_through_are_silence(self):
        failed = ran(state="failed", pages={"failed": 2}, listings=0)
        assert judged(failed, ran(days_ago=2)).verdict == Verdict.DEGRADED
        assert judged(failed, ran(days_ago=4)).verdict == Verdict.SILENT
        assert judged(ran(days_ago=4), now=NOON).verdict == Verdict.SILENT


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"field_coverage": {**GOOD_COVERAGE, "price": 0.4}}, Problem.FIELD_FELL),
        ({"rows_per_page": [9, 8, 9]}, Problem.ROWS_FELL),
        ({"pages": {"ok": 3, "empty": 7}, "rows_per_page": [60, *[0] * 7, 58, 61]}, Problem.EMPTIES_ROSE),
        ({"listings": 3, "unchanged": 2}, Problem.LISTINGS_FELL),
        ({"parsers": {"EbayPage": 20, "StructuredData": 30}}, Problem.PARSER_SHIFTED),
        ({"pages": {"ok": 8, "blocked": 2}}, Problem.BLOCKS_ROSE),
    ],
)
def test_what_changed_against_the_market_s_own_history_degrades_it(changes, problem):
    found = judged(ran(**changes), *week())
    assert found.verdict == Verdict.DEGRADED
    assert problem in codes(found)
    # The same run is as ever where the market has always been so, and proves nothing where there is no history.
    as_ever = judged(ran(**changes), *[ran(days_ago=day, **changes) for day in range(1, 8)])
    assert problem not in codes(as_ever)
    assert problem not in codes(judged(ran(**changes), ran(days_ago=1)))


def test_blocked_and_failed_runs_are_no_history_to_compare_with():
    wall = [ran(days_ago=day, state="blocked", listings=0, field_coverage={}, rows_per_page=[]) for day in range(1, 8)]
    assert judged(ran(), *wall, *[ran(days_ago=day) for day in range(8, 12)]).verdict == Verdict.HEALTHY


def test_a_field_s_fall_says_from_what_to_what():
    found = judged(ran(field_coverage={**GOOD_COVERAGE, "price": 0.41}), *week())
    (price,) = [item for item in found.coverage if item.field == "price"]
    assert (price.share, price.usual, price.fell) == (0.41, 0.98, True)
    with translation.override("ko"):
        assert "가격: 판매 글의 41 %에서만 읽음, 평소 98 %" in [str(reason) for reason in found.reasons]


def test_a_run_of_few_listings_says_nothing_about_coverage():
    few = ran(listings=2, unchanged=48, field_coverage={**GOOD_COVERAGE, "price": 0.5})
    assert Problem.FIELD_FELL not in codes(judged(few, *week()))


def test_a_run_in_which_most_terms_rest_sees_less_and_that_is_well():
    def looked(number):
        return {str(watch): {"pages": 1} for watch in range(number)}

    busy = [ran(days_ago=day, watches=looked(20)) for day in range(1, 8)]
    few = {"listings": 5, "unchanged": 0, "rows_per_page": [9, 0, 0]}
    assert judged(ran(watches=looked(3), **few), *busy).verdict == Verdict.HEALTHY
    assert Problem.LISTINGS_FELL in codes(judged(ran(watches=looked(19), **few), *busy))


def test_one_offer_without_a_price_does_not_fail_a_run_of_few_listings(tmp_path):
    for listings, state in ((2, RunState.DONE), (50, RunState.PARTLY_DONE)):
        folder = folder_of(tmp_path / str(listings), "search") / "spool"
        folder.mkdir(parents=True)
        (folder.parent / "job.json").write_text("{}")
        account = crawl_stats(listings=listings, field_coverage={**GOOD_COVERAGE, "price": 0.5})
        (folder / "stats.json").write_text(account.model_dump_json())
        assert judge_run(tmp_path / str(listings), EBAY).state == state


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_reason_has_words_that_take_its_values(language):
    values = {"count": 3, "spider": "search", "why": "shutdown", "field": "price", "share": 0.4, "least": 0.9}
    values |= {"rows": "3", "before": 0.8, "most": 9, "parser": "EbayPage", "hours": 50, "every": 24}
    assert set(PROBLEMS) == set(Problem)
    assert set(WATCH_REASONS) == set(WatchReason)
    with translation.override(language):
        words = [str(Reason(problem, values)) for problem in Problem]
    assert len(set(words)) == len(words)
    assert not [word for word in words if "%(" in word]


def test_the_accounts_of_a_run_s_crawls_become_one():
    first = crawl_stats(listings=10, field_coverage={"price": 1.0}, pages={"ok": 4}, errors=1, finish_reason="budget")
    second = crawl_stats(listings=30, field_coverage={"price": 0.6}, pages={"ok": 5, "blocked": 1}, errors=2)
    both = merged([first, second])
    assert both.field_coverage["price"] == pytest.approx(0.7)
    assert dict(both.pages) == {"ok": 9, "blocked": 1}
    assert (both.listings, both.errors, both.finish_reason) == (40, 3, "budget")
    assert merged([first], killed=True).finish_reason == "killed"
    blocked = crawl_stats(finish_reason="blocked")
    assert merged([first, blocked], killed=True).finish_reason == "blocked"


@pytest.mark.django_db
class TestTelling:
    def test_a_change_is_told_once_and_the_way_back_too(self):
        now = timezone.now()
        CrawlRunFactory(started_at=now - timedelta(hours=3))
        assert note_health() == []  # well from the first: no news
        CrawlRunFactory(started_at=now - timedelta(hours=2), state="blocked")
        (change,) = note_health()
        assert (change.market, change.before, change.after) == ("ebay", "", "blocked")
        assert note_health() == []
        CrawlRunFactory(started_at=now - timedelta(hours=1))
        (change,) = note_health()
        assert (change.before, change.after, change.number) == ("blocked", "healthy", 2)

    def test_of_two_that_see_the_same_change_one_tells_it(self, monkeypatch):
        CrawlRunFactory(state="blocked", started_at=timezone.now())
        last = HealthChange.objects.none()
        first = note_health()
        monkeypatch.setattr(HealthChange.objects, "filter", lambda **_: last)  # the other read before the first wrote
        assert note_health() == []
        assert len(first) == 1

    def test_a_market_nobody_meant_to_crawl_is_no_news(self):
        assert note_health() == []

    def test_a_scheduled_market_that_falls_silent_is_told_without_a_run(self):
        ScheduleFactory()
        CrawlRunFactory(started_at=timezone.now() - timedelta(days=9))
        (change,) = note_health()
        assert change.after == "silent"


@pytest.mark.django_db
class TestOverview:
    def test_two_queries_however_many_runs(self, django_assert_num_queries):
        for market in ("ebay", "etsy", "amazon"):
            for day in range(30):
                CrawlRunFactory(market=market, started_at=timezone.now() - timedelta(days=day))
        with django_assert_num_queries(2):
            seen = overview()
            assert [str(reason) for item in seen.markets for reason in item.assessment.reasons]

    def test_markets_without_a_way_for_crawls_are_named_apart(self):
        by_people = {manifest.id for manifest in overview().by_people}
        assert "tiki" in by_people
        assert "ebay" not in by_people


@pytest.mark.django_db
class TestTakingWhatIsDue:
    @pytest.fixture(autouse=True)
    def places(self, settings, tmp_path):
        settings.SPOOL_DIR = tmp_path

    def test_each_slot_is_given_to_one_caller_only(self):
        ScheduleFactory(window="00:00-00:00")
        (run,) = take_due_runs()
        assert run.market == "ebay"
        assert take_due_runs() == []
        assert Schedule.objects.get().taken == run.due_at

    def test_two_callers_at_once_take_one_run(self, monkeypatch):
        ScheduleFactory(window="00:00-00:00")
        stale = list(Schedule.objects.all())
        assert len(take_due_runs()) == 1
        monkeypatch.setattr(Schedule.objects, "filter", _first_stale(Schedule.objects.filter, stale))
        CrawlRun.objects.update(state="done")
        assert take_due_runs() == []
        assert CrawlRun.objects.count() == 1

    def test_a_market_being_crawled_is_left_alone(self):
        ScheduleFactory(window="00:00-00:00")
        start_run(run=create_run(market="ebay"))
        assert take_due_runs() == []

    def test_a_paused_market_starts_nothing(self):
        set_schedule(actor=None, market="ebay")
        Schedule.objects.update(window="00:00-00:00")
        pause_schedule(actor=None, market="ebay")
        assert take_due_runs() == []
        resume_schedule(actor=None, market="ebay")
        assert len(take_due_runs()) == 1

    def test_outside_the_window_nothing_starts(self):
        ScheduleFactory(time_zone="UTC")
        assert take_due_runs(now=datetime(2026, 6, 1, 12, tzinfo=UTC)) == []
        assert len(take_due_runs(now=datetime(2026, 6, 2, 3, tzinfo=UTC))) == 1

    def test_a_run_handed_over_and_never_begun_is_handed_over_again_after_a_lease(self, settings):
        ScheduleFactory(window="00:00-00:00")
        (run,) = take_due_runs()
        settings.CRAWL_LEASE_SECONDS = 0
        assert take_due_runs() == [run]

    def test_a_run_that_ended_early_is_gone_on_with_later_and_not_for_ever(self):
        ScheduleFactory(window="00:00-00:00")
        (run,) = take_due_runs()
        finish_run(run=start_run(run=run))
        assert take_due_runs() == []
        assert take_due_runs(now=timezone.now() + timedelta(minutes=11)) == [run]
        CrawlRun.objects.update(attempt=ATTEMPTS)
        assert take_due_runs(now=timezone.now() + timedelta(hours=9)) == []
        (fresh,) = take_due_runs(now=timezone.now() + timedelta(hours=25))
        assert fresh != run
        assert open_run(market="ebay") == fresh

    def test_what_cannot_be_crawled_cannot_be_scheduled(self):
        with pytest.raises(CannotBeCrawled):
            set_schedule(actor=None, market="tiki")


def _first_stale(real, stale):
    """Return a filter whose first answer is what another caller read before."""
    answers = [stale]

    def answer(*args, **kwargs):
        return answers.pop() if answers else real(*args, **kwargs)

    return answer


@pytest.mark.django_db
class TestSignsOfLife:
    @pytest.fixture(autouse=True)
    def places(self, settings, tmp_path):
        settings.SPOOL_DIR = tmp_path

    def test_a_run_of_another_host_is_freed_after_a_lease_and_its_worker_changes_nothing_any_more(self):
        from jobs.services import RunLost, beat, free_dead_runs  # noqa: PLC0415 (only here)

        run = start_run(run=create_run(market="ebay"))
        CrawlRun.objects.update(host="elsewhere")
        assert free_dead_runs() == 0
        CrawlRun.objects.update(alive_at=timezone.now() - timedelta(hours=1))
        assert free_dead_runs() == 1
        again = start_run(run=CrawlRun.objects.get())
        assert again.attempt == 2

        run.alive_at = None
        with pytest.raises(RunLost):
            beat(run=run)
        finish_run(run=run)
        assert CrawlRun.objects.get().state == RunState.RUNNING

    def test_who_gives_signs_of_life_keeps_the_run(self):
        from jobs.services import beat, free_dead_runs  # noqa: PLC0415 (only here)

        run = start_run(run=create_run(market="ebay"))
        CrawlRun.objects.update(host="elsewhere", alive_at=timezone.now() - timedelta(minutes=9))
        run.alive_at = None
        beat(run=run)
        assert timezone.now() - CrawlRun.objects.get().alive_at < timedelta(minutes=1)
        assert free_dead_runs() == 0
