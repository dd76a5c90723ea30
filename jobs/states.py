"""The states of a crawl run."""

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
