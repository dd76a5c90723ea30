"""Work on pictures done on every core, by processes that stay for the next batch and end when none comes for a while.

A process takes two seconds of a core to start, most of it imports (2026-11-27): as much as ten pictures.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

import cv2

from contracts.errors import JikimiError

Task = Callable[[], object]  # hashable and picklable; it keeps what it makes itself

FEW = 24  # fewer tasks than this start no processes
IDLE_SECONDS = 60.0
AT_ONCE = 2  # tasks handed to a process together


def do_all(tasks: Iterable[Task]) -> None:
    """Do tasks on every core, equal ones once; one that fails with a `JikimiError` keeps none from being done.

    A daemonic process, as each of Celery's workers is, may have no children: it does them all itself.
    """
    different = list(dict.fromkeys(tasks))
    if multiprocessing.current_process().daemon or not _PROCESSES.take(different):
        for task in different:
            _do(task)


def _do(task: Task) -> None:
    with suppress(JikimiError):
        task()


class _Processes:
    """As many processes as there are cores, while they are needed; one batch at a time, since it fills them all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._end = threading.Timer(IDLE_SECONDS, self._stop)

    def take(self, tasks: list[Task]) -> bool:
        """Do tasks; False where they are too few to start processes for."""
        with self._lock:
            self._end.cancel()
            if self._pool is None and len(tasks) < FEW:
                return False
            # Not forked: OpenCV's threads do not survive it (seen 2026-11-23).
            self._pool = self._pool or ProcessPoolExecutor(
                os.cpu_count(), mp_context=multiprocessing.get_context("spawn"), initializer=_start
            )
            try:
                for _ in self._pool.map(_do, tasks, chunksize=AT_ONCE):
                    pass
            except BaseException:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None
                raise
            self._end = threading.Timer(IDLE_SECONDS, self._stop)
            self._end.daemon = True
            self._end.start()
        return True

    def _stop(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()


_PROCESSES = _Processes()


def _start() -> None:
    cv2.setNumThreads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End as soon as the process that handed out the tasks is gone: killed, it cannot say so (seen 2026-11-27)."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is one of its children
    parent.join()
    os._exit(1)
