"""Errors that name the field, what was expected and what came."""

from __future__ import annotations

SHOWN_CHARACTERS = 80


class JikimiError(Exception):
    """Base of every error a caller is expected to show to a person as it is."""


class BadInput(JikimiError):
    """A value from outside does not fit.

    Args:
        where: file, record or form the value came from.
        field: dotted path of the field, e.g. ``rights.0.classes``.
        expected: what would have been right, in words.
        got: what came; shortened to 80 characters when shown.
    """

    def __init__(self, where: str, field: str, expected: str, got: object) -> None:
        self.where = where
        self.field = field
        self.expected = expected
        self.got = got
        super().__init__(where, field, expected, got)

    def __str__(self) -> str:
        shown = repr(self.got)
        if len(shown) > SHOWN_CHARACTERS:
            shown = shown[: SHOWN_CHARACTERS - 3] + "..."
        return f"{self.where}: {self.field}: expected {self.expected}, got {shown}"


class ManyBadInputs(JikimiError):
    """Several fields of one source do not fit; nothing of the source was taken.

    Args:
        problems: every problem found, in the order of the source.
    """

    def __init__(self, problems: list[BadInput]) -> None:
        self.problems = problems
        super().__init__(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
