"""The states of a flag, a verdict, a hunt, learned weights and a spot check."""

from __future__ import annotations

from enum import StrEnum

from contracts.workflow import Workflow


class FlagState(StrEnum):
    """Where a flag stands in the queue."""

    NEW = "new"
    LEASED = "leased"
    DECIDED = "decided"
    SNOOZED = "snoozed"
    SECOND_LOOK = "second_look"
    REOPENED = "reopened"


FLAG = Workflow(
    "flag",
    FlagState,
    {
        FlagState.NEW: frozenset({FlagState.LEASED}),
        FlagState.REOPENED: frozenset({FlagState.LEASED}),
        FlagState.SECOND_LOOK: frozenset({FlagState.LEASED}),
        FlagState.LEASED: frozenset(
            {
                FlagState.NEW,
                FlagState.REOPENED,
                FlagState.LEASED,
                FlagState.DECIDED,
                FlagState.SNOOZED,
                FlagState.SECOND_LOOK,
            }
        ),
        FlagState.SNOOZED: frozenset({FlagState.REOPENED, FlagState.LEASED}),
        # Undoing a decision hands the flag back to the person who decided.
        FlagState.DECIDED: frozenset({FlagState.REOPENED, FlagState.LEASED}),
    },
)

OPEN = frozenset({FlagState.NEW, FlagState.REOPENED, FlagState.SECOND_LOOK})


class VerdictState(StrEnum):
    """A verdict stands until it is undone or a newer one replaces it."""

    STANDING = "standing"
    UNDONE = "undone"
    REPLACED = "replaced"


VERDICT = Workflow(
    "verdict",
    VerdictState,
    {VerdictState.STANDING: frozenset({VerdictState.UNDONE, VerdictState.REPLACED})},
)


class HuntState(StrEnum):
    """How far a retro-hunt is. A failed one, and one whose worker died, goes on from the page it had reached."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


HUNT = Workflow(
    "hunt",
    HuntState,
    {
        HuntState.QUEUED: frozenset({HuntState.RUNNING}),
        HuntState.RUNNING: frozenset({HuntState.RUNNING, HuntState.DONE, HuntState.FAILED}),
        HuntState.FAILED: frozenset({HuntState.RUNNING}),
    },
)


class WeightingState(StrEnum):
    """Learned weights are proposed by a machine and used once a person says so; every version is kept."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"
    REJECTED = "rejected"


WEIGHTING = Workflow(
    "weighting",
    WeightingState,
    {
        WeightingState.PROPOSED: frozenset({WeightingState.ACTIVE, WeightingState.REJECTED}),
        WeightingState.ACTIVE: frozenset({WeightingState.RETIRED}),
        WeightingState.RETIRED: frozenset({WeightingState.ACTIVE}),
    },
)


class TermState(StrEnum):
    """A word learned from verdicts is proposed by a machine and read once a person says so; a refusal is remembered."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"
    REJECTED = "rejected"


TERM = Workflow(
    "term",
    TermState,
    {
        TermState.PROPOSED: frozenset({TermState.ACTIVE, TermState.REJECTED}),
        TermState.ACTIVE: frozenset({TermState.RETIRED}),
        TermState.RETIRED: frozenset({TermState.ACTIVE}),
        TermState.REJECTED: frozenset({TermState.ACTIVE}),
    },
)


class SpotCheckState(StrEnum):
    """A match that was not flagged, drawn by chance, waits until a person judges it or it leaves the sample."""

    WAITING = "waiting"
    JUDGED = "judged"
    WITHDRAWN = "withdrawn"


SPOT_CHECK = Workflow(
    "spot check",
    SpotCheckState,
    {
        # Waiting for waiting: the listing or its score changed, and the draw with it.
        SpotCheckState.WAITING: frozenset({SpotCheckState.WAITING, SpotCheckState.JUDGED, SpotCheckState.WITHDRAWN}),
        SpotCheckState.WITHDRAWN: frozenset({SpotCheckState.WAITING}),
    },
)


class Stratum(StrEnum):
    """How far below the queue's threshold a match lies, by what the matchers said of it."""

    NEAR = "near"
    MIDDLE = "middle"
    BOTTOM = "bottom"
    SILENT = "silent"  # nothing in the listing speaks of the brand


class SkipReason(StrEnum):
    """Why a flag was passed on without a verdict."""

    HARD = "hard"
    LANGUAGE = "language"
    PICTURES = "pictures"
    OTHER = "other"
