"""One status field and one transition table per workflow."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from contracts.errors import JikimiError

State = TypeVar("State", bound=StrEnum)


class IllegalTransition(JikimiError):
    """A workflow was asked for a step its table does not have."""

    def __init__(self, workflow: str, source: str, target: str) -> None:
        self.workflow = workflow
        self.source = source
        self.target = target
        super().__init__(workflow, source, target)

    def __str__(self) -> str:
        return f"{self.workflow}: no step from {self.source!r} to {self.target!r}"


class Workflow(Generic[State]):
    """The transition table of one status field.

    Args:
        name: shown in errors, e.g. ``flag``.
        states: the enum of the status field.
        steps: for each state the states that may follow it; a state left out is final.
    """

    def __init__(self, name: str, states: type[State], steps: Mapping[State, frozenset[State]]) -> None:
        self.name = name
        self.states = states
        self.steps = {state: steps.get(state, frozenset()) for state in states}

    def allows(self, source: str, target: str) -> bool:
        """Tell whether ``target`` may follow ``source``."""
        return self.states(target) in self.steps[self.states(source)]

    def check(self, source: str, target: str) -> None:
        """Raise `IllegalTransition` unless ``target`` may follow ``source``."""
        if not self.allows(source, target):
            raise IllegalTransition(self.name, source, target)

    def sources(self, target: State) -> frozenset[State]:
        """Return every state from which ``target`` may be reached in one step (for conditional UPDATEs)."""
        return frozenset(state for state, following in self.steps.items() if target in following)

    def is_final(self, state: str) -> bool:
        """Tell whether nothing may follow ``state``."""
        return not self.steps[self.states(state)]
