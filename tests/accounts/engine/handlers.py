"""Handlers that note each call in a file, fail, or kill their worker, as the topic says."""

import os
from pathlib import Path

from accounts.outbox import subscribe


def note(topic: str, number: int) -> int:
    """Append the call to the file; return how often this one was called before."""
    path = Path(os.environ["JIKIMI_HOME"]) / "notes"
    line = f"{topic} {number}\n"
    before = path.read_text().splitlines(keepends=True).count(line) if path.exists() else 0
    with path.open("a") as file:
        file.write(line)
    return before


@subscribe("engine.noted")
def noted(*, number):
    note("noted", number)


@subscribe("engine.flaky")
def flaky(*, number):
    if note("flaky", number) == 0:
        msg = "the first time always fails"
        raise RuntimeError(msg)


@subscribe("engine.broken")
def broken(*, number):
    note("broken", number)
    msg = "never works"
    raise RuntimeError(msg)


@subscribe("engine.deadly")
def deadly(*, number):
    if note("deadly", number) == 0:
        os._exit(9)
