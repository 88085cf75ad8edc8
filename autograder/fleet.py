"""Grades many submissions at once: a worker for each core, a thread to talk to it, results as they come.

A submission whose worker is lost is tried again; that is never the student's zero.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from autograder.grading import Result, grade
from autograder.manifest import Manifest
from autograder.runner import Executor, JudgeExecutor
from autograder.submission import Submission

ATTEMPTS = 3
MakeExecutor = Callable[[int], Executor]  # of the number of submissions it will be asked to run at a time
own_work: MakeExecutor = partial(JudgeExecutor, trusted=None)  # for the instructor's own notebooks


@dataclass(frozen=True)
class Work:
    """One submission to grade."""

    manifest: Manifest
    submission: Submission


def default_jobs() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def grade_all(
    works: Sequence[Work],
    *,
    jobs: int = 0,
    seed: int = 0,
    make_executor: MakeExecutor = JudgeExecutor,
) -> Iterator[tuple[Work, Result | None]]:
    """Yield every submission with its result, as they are finished; None where the machinery failed every time."""
    if not works:
        return
    waiting: queue.SimpleQueue[Work] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Work, Result | None] | BaseException] = queue.SimpleQueue()
    for work in works:
        waiting.put(work)
    stop = threading.Event()
    count = max(1, min(jobs or default_jobs(), len(works)))
    executor = make_executor(count)
    threads = [
        threading.Thread(target=_worker, args=(waiting, done, stop, seed, executor), daemon=True) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in works:
            item = done.get()
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        executor.close()
        for thread in threads:
            thread.join(timeout=5)


def _worker(
    waiting: queue.SimpleQueue[Work],
    done: queue.SimpleQueue[tuple[Work, Result | None] | BaseException],
    stop: threading.Event,
    seed: int,
    executor: Executor,
) -> None:
    try:
        while not stop.is_set():
            try:
                work = waiting.get_nowait()
            except queue.Empty:
                return
            result = None
            for _ in range(ATTEMPTS):
                with contextlib.suppress(ConnectionError):
                    result = grade(work.manifest, work.submission, seed, executor=executor)
                    break
                if stop.is_set():
                    return
            done.put((work, result))
    except BaseException as error:  # handed to the thread that waits, which raises it
        done.put(error)
