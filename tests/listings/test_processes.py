import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import attrs
import pytest

from contracts.errors import JikimiError
from listings.processes import FEW, do_all


@attrs.frozen
class Signing:
    """Writes the number of the process that does it into a file of its own."""

    folder: Path
    name: str
    error: type[Exception] | None = None

    def __call__(self):
        with (self.folder / self.name).open("a") as sheet:
            sheet.write(f"{os.getpid()} ")
        if self.error:
            raise self.error("cannot be done")


def signed(folder):
    return {path.name: path.read_text().split() for path in folder.iterdir()}


def test_many_tasks_are_done_by_other_processes_and_the_same_do_the_few_that_follow(tmp_path):
    many = [Signing(tmp_path, str(number)) for number in range(FEW)]
    do_all([*many, Signing(tmp_path, "0")])
    signatures = signed(tmp_path)

    assert len(signatures) == FEW
    assert all(len(pids) == 1 for pids in signatures.values())  # what is asked for twice is done once
    theirs = {pid for (pid,) in signatures.values()}
    assert str(os.getpid()) not in theirs

    do_all([Signing(tmp_path, "one more")])
    assert set(signed(tmp_path)["one more"]) <= theirs


def test_what_cannot_be_done_keeps_nothing_else_from_being_done(tmp_path):
    tasks = [Signing(tmp_path, str(number), JikimiError if number == 3 else None) for number in range(FEW)]
    do_all(tasks)
    assert len(signed(tmp_path)) == FEW

    tasks = [Signing(tmp_path, str(number), ZeroDivisionError) for number in range(FEW)]
    with pytest.raises(ZeroDivisionError):  # a mistake of ours is not hidden
        do_all(tasks)
    do_all(Signing(tmp_path, f"after {number}") for number in range(FEW))
    assert len(signed(tmp_path)) == 2 * FEW


KILLED = """
import signal, sys
from pathlib import Path
from listings.processes import FEW, do_all
from tests.listings.test_processes import Signing

if __name__ == "__main__":
    do_all(Signing(Path(sys.argv[1]), str(number)) for number in range(FEW))
    signal.raise_signal(signal.SIGKILL)
"""


def is_running(pid):
    with suppress(ProcessLookupError):
        os.kill(int(pid), 0)
        return True
    return False


def test_they_end_with_a_process_that_is_killed(tmp_path):
    program, sheets = tmp_path / "killed.py", tmp_path / "sheets"
    program.write_text(KILLED)
    sheets.mkdir()
    subprocess.run(
        [sys.executable, program, sheets], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=False
    )
    theirs = {pid for (pid,) in signed(sheets).values()}
    assert theirs

    patience = time.monotonic() + 30
    while any(map(is_running, theirs)) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not any(map(is_running, theirs))
