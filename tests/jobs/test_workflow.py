"""Schedules, starters, dead workers and the clock in any order; whatever happens, the rules of a run hold."""

from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from contracts.errors import JikimiError
from jobs.judging import folder_of
from jobs.models import CrawlRun, HealthChange, Schedule
from jobs.queries import overview, timing_of
from jobs.schedules import Timing, next_due
from jobs.services import (
    beat,
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
from jobs.states import RUN, SCHEDULE, RunState, ScheduleState
from tests.factories import NOON, crawl_stats

ACCOUNTS = st.sampled_from(["well", "blocked", "early", "killed"])


class Runs(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.travel = time_machine.travel(NOON, tick=False)
        self.clock = self.travel.start()
        for model in (HealthChange, CrawlRun, Schedule):
            model.objects.all().delete()  # what the machine before this one left
        self.workers = []  # runs somebody works on, living or taken for dead
        self.states = {}
        self.schedule_state = None

    def teardown(self):
        self.travel.stop()

    @initialize(hours=st.sampled_from([6, 24]), window=st.sampled_from(["00:00-00:00", "01:00-05:00", "22:00-03:00"]))
    def schedule(self, hours, window):
        timing = Timing(every_hours=hours, window=window, time_zone="Europe/Berlin", missed="once")
        set_schedule(actor=None, market="ebay", timing=timing)

    @rule()
    def pause(self):
        pause_schedule(actor=None, market="ebay")

    @rule()
    def resume(self):
        resume_schedule(actor=None, market="ebay")

    @rule(minutes=st.sampled_from([1, 15, 60, 600, 3000]))
    def time_passes(self, minutes):
        self.clock.shift(timedelta(minutes=minutes))

    @rule()
    def the_clock_strikes(self):
        schedule = Schedule.objects.get()
        running = CrawlRun.objects.filter(state=RunState.RUNNING).count()
        runs = take_due_runs()
        assert len(runs) <= 1
        assert take_due_runs() == []  # the other one that struck at the same moment
        if schedule.state == ScheduleState.PAUSED:
            assert runs == []
        if runs:
            assert next_due(timing_of(schedule), None, timezone.now()) <= timezone.now()  # a window is open
            assert running == 0 or CrawlRun.objects.filter(state=RunState.RUNNING).count() == 0
            self.start(runs[0])

    @rule()
    def somebody_starts_by_hand(self):
        self.start(open_run(market="ebay"))

    def start(self, run):
        try:
            self.workers.append(start_run(run=run))
        except JikimiError:
            assert CrawlRun.objects.filter(state=RunState.RUNNING).exists()

    @rule()
    def workers_give_signs_of_life(self):
        for run in list(self.workers):
            held = CrawlRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempt=run.attempt).exists()
            try:
                beat(run=run)
            except JikimiError:
                assert not held
                self.workers.remove(run)

    @rule(account=ACCOUNTS)
    def the_oldest_worker_ends(self, account):
        if not self.workers:
            return
        run = self.workers.pop(0)
        held = CrawlRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempt=run.attempt).exists()
        before = CrawlRun.objects.get(pk=run.pk).state
        spool = folder_of(run.folder, "search") / "spool"
        spool.mkdir(parents=True, exist_ok=True)
        (spool.parent / "job.json").write_text("{}")
        (spool / "stats.json").unlink(missing_ok=True)
        told = {
            "well": {},
            "blocked": {"finish_reason": "blocked", "pages": {"blocked": 3}, "listings": 0},
            "early": {"finish_reason": "shutdown"},
        }
        if account in told:
            (spool / "stats.json").write_text(crawl_stats(**told[account]).model_dump_json())
        after = finish_run(run=run).state
        if not held:
            assert after == before  # who was taken for dead changes nothing
        else:
            expected = {"well": "done", "blocked": "blocked", "early": "partly_done", "killed": "failed"}
            assert after == expected[account]

    @invariant()
    def a_market_is_crawled_once_at_a_time_and_runs_follow_their_table(self):
        assert CrawlRun.objects.filter(state=RunState.RUNNING).count() <= 1
        for run in CrawlRun.objects.all():
            before = self.states.get(run.pk)
            if before and before != (run.state, run.attempt):
                allowed = RUN.allows(before[0], run.state) or (run.attempt > before[1])
                assert allowed, (before, run.state)
            assert run.attempt <= ATTEMPTS
            self.states[run.pk] = (run.state, run.attempt)
        schedule = Schedule.objects.first()
        if schedule:
            if self.schedule_state and self.schedule_state != schedule.state:
                SCHEDULE.check(self.schedule_state, schedule.state)
            self.schedule_state = schedule.state

    @invariant()
    def health_is_derived_and_told_once(self):
        note_health()
        assert note_health() == []
        assert len(overview(market="ebay").markets) == 1


@pytest.mark.django_db
def test_runs_keep_their_rules(tmp_path):
    with override_settings(SPOOL_DIR=tmp_path):
        run_state_machine_as_test(
            Runs,
            settings=settings(
                max_examples=15,
                stateful_step_count=25,
                deadline=None,
                database=None,
                phases=[Phase.generate],  # shrinking a story of the database takes minutes
                suppress_health_check=list(HealthCheck),
            ),
        )
