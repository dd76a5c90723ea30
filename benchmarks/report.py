"""What every bench prints: a line per figure with its baseline, ratio and goal, and one summary line."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import attrs


@attrs.frozen
class Figure:
    """One measured figure. ``goal`` is the least ``reached`` may be; without a goal it is only shown."""

    name: str
    shown: str
    reached: float
    goal: float | None = None

    @property
    def missed(self) -> bool:
        """Tell whether the goal was not reached."""
        return self.goal is not None and self.reached < self.goal

    def line(self) -> str:
        """Return the figure as one line."""
        verdict = "" if self.goal is None else f"   goal {self.goal:g} {'MISSED' if self.missed else 'ok'}"
        return f"{self.name:44} {self.shown}{verdict}"


@attrs.define
class Report:
    """Collects and prints figures as they are measured."""

    figures: list[Figure] = attrs.field(factory=list)
    notes: int = 0

    def faster(self, name: str, *, ours: float, baseline: float, against: str, goal: float) -> None:
        """Compare two times in seconds of the same work in the same run: how many times faster ours is."""
        ratio = baseline / ours if ours else float("inf")
        shown = f"{_time(ours)} against {_time(baseline)} of {against}: {ratio:.1f}x"
        self._add(Figure(name, shown, ratio, goal))

    def reaches(
        self, name: str, value: float, *, goal: float | None, baseline: float | None = None, against: str = ""
    ) -> None:
        """Show a quality in 0..1 (more is better), with a baseline and a goal where there is one."""
        shown = f"{value:.4f}" if baseline is None else f"{value:.4f} against {baseline:.4f} of {against}"
        self._add(Figure(name, shown, value, goal))

    def note(self, text: str) -> None:
        """Say something that is no figure: what data was used, what was left out."""
        self.notes += 1
        print(f"  ({text})", flush=True)

    def _add(self, figure: Figure) -> None:
        self.figures.append(figure)
        print("  " + figure.line(), flush=True)

    def summary(self) -> str:
        """Return the closing line."""
        missed = [figure.name for figure in self.figures if figure.missed]
        goals = sum(figure.goal is not None for figure in self.figures)
        ending = f"; missed: {', '.join(missed)}" if missed else ""
        return f"{len(self.figures)} figures, {goals - len(missed)} of {goals} goals reached{ending}"


def seconds(work: Callable[[], object], *, times: int = 3) -> float:
    """Return the median wall time of ``work`` in seconds; the median, since other work shares the machine."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _time(value: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} us"
