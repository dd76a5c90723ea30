"""How often a watch is looked at: in every run while it brings something, ever more seldom while it does not."""

from __future__ import annotations

from contracts.job import WatchKind
from jobs.states import WatchState

PATIENCE = 2  # looks in a row that brought nothing new before a watch rests
SELDOMEST = 16  # runs; a watch never quite stops by itself
MOST = 10_000  # beyond this nothing is counted: the column is small, and the answer is long the same
INFRINGING_FACTOR = 2  # times the pages of a watch that brought a counterfeit
MOST_PAGES = 40


def interval(barren: int) -> int:
    """Return every how many runs a watch is looked at after ``barren`` looks in a row that brought nothing new."""
    if barren < PATIENCE:
        return 1
    return int(min(SELDOMEST, 2 ** min(barren - PATIENCE + 1, SELDOMEST)))


def state_after(barren: int) -> WatchState:
    """Return the state of a watch that is not stopped."""
    return WatchState.ACTIVE if interval(barren) == 1 else WatchState.RESTING


def after_look(barren: int, new: int) -> int:
    """Return how many looks in a row brought nothing new, after one that brought ``new`` rows."""
    return 0 if new else min(barren + 1, MOST)


def is_due(*, kind: str, barren: int, waited: int, infringing: int) -> bool:
    """Tell whether a watch's turn has come.

    Args:
        kind: known infringing listings are looked at in every run.
        barren: looks in a row that brought nothing new.
        waited: runs since the last look.
        infringing: listings it found that were decided to be counterfeit; with any it is looked at in every run.
    """
    return kind == WatchKind.LISTING or bool(infringing) or waited + 1 >= interval(barren)


def turn(*, barren: int, waited: int) -> float:
    """Return how much of its rest a watch has had, 0 to 1: where none is due, the nearest takes the turn."""
    return (waited + 1) / interval(barren)


def pages_of(*, pages: int, infringing: int) -> int:
    """Return the page budget of a look: more where counterfeits were found."""
    return min(pages * INFRINGING_FACTOR, max(pages, MOST_PAGES)) if infringing else pages
