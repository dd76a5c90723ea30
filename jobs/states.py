"""The states of a crawl run, of a watch, of what a watch found, and of a schedule."""

from __future__ import annotations

from enum import StrEnum

from contracts.workflow import Workflow


class RunState(StrEnum):
    """Judged by the run's own statistics and assertions, never by an exit code."""

    DUE = "due"
    RUNNING = "running"
    DONE = "done"
    PARTLY_DONE = "partly_done"
    BLOCKED = "blocked"
    FAILED = "failed"


RUN = Workflow(
    "crawl run",
    RunState,
    {
        RunState.DUE: frozenset({RunState.RUNNING}),
        RunState.RUNNING: frozenset(
            {RunState.DONE, RunState.PARTLY_DONE, RunState.BLOCKED, RunState.FAILED, RunState.RUNNING}
        ),
        RunState.PARTLY_DONE: frozenset({RunState.RUNNING}),
        RunState.BLOCKED: frozenset({RunState.RUNNING}),
        RunState.FAILED: frozenset({RunState.RUNNING}),
    },
)


class WatchState(StrEnum):
    """An active watch is looked at in every run, a resting one now and then, a stopped one never."""

    ACTIVE = "active"
    RESTING = "resting"
    STOPPED = "stopped"


WATCH = Workflow(
    "watch",
    WatchState,
    {
        WatchState.ACTIVE: frozenset({WatchState.RESTING, WatchState.STOPPED}),
        WatchState.RESTING: frozenset({WatchState.ACTIVE, WatchState.STOPPED}),
        WatchState.STOPPED: frozenset({WatchState.ACTIVE}),
    },
)


class FindState(StrEnum):
    """What a watch found is a listing like any other until a person decides that it is a counterfeit."""

    FOUND = "found"
    INFRINGING = "infringing"


FIND = Workflow(
    "find",
    FindState,
    {
        FindState.FOUND: frozenset({FindState.INFRINGING}),
        FindState.INFRINGING: frozenset({FindState.FOUND}),
    },
)


class ScheduleState(StrEnum):
    """A paused schedule starts nothing; a run that is under way goes on."""

    ACTIVE = "active"
    PAUSED = "paused"


SCHEDULE = Workflow(
    "schedule",
    ScheduleState,
    {
        ScheduleState.ACTIVE: frozenset({ScheduleState.PAUSED}),
        ScheduleState.PAUSED: frozenset({ScheduleState.ACTIVE}),
    },
)
