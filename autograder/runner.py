"""Runs a submission's cells and says what came of each. Grading is given an executor, so it can be exchanged."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import subprocess
import threading
from typing import Any, Protocol

from autograder.errors import CourseError
from autograder.launch import NOT_STARTED, clean_environment, left_out, python

Job = dict[str, Any]
Execution = dict[str, Any]


class Executor(Protocol):
    """What grading needs of whatever runs the cells.

    A job is {"steps": [{"key", "role", "question", "source"}], "questions": {id: [names]}, "answers": […], "mistakes",
    "modules", "limits", "seed"}.

    The answer is {"steps": {key: {"outputs", "error" or "died"}}, "hints": {question: …}, "seconds"}. `run` raises
    ConnectionError where the machinery was lost; the same job may then be run again.
    """

    @property
    def sandbox(self) -> str: ...

    def run(self, job: Job) -> Execution: ...

    def close(self) -> None: ...


class JudgeExecutor:
    """Processes of our own: one that is warm, a worker for each job at a time, a fork server that starts the children.

    Parameters
    ----------
    jobs : int
        How many submissions at a time. `run` may be called by so many threads at once.
    trusted : bool or None
        Run the student's code without a sandbox. None is for work of the instructor's own, which is run in a sandbox
        where there is one. The processes, and what they say to each other, are the same.

    They are on their way when this returns. `sandbox`, or the first `run`, waits for what the host offers, and raises
    CourseError where nothing on it would keep student code apart. What is lost is started anew by the next `run`.
    """

    def __init__(self, jobs: int = 1, *, trusted: bool | None = False) -> None:
        self._jobs, self._trusted = max(1, jobs), trusted
        self._lock = threading.Lock()
        self._closed = False
        self._judges = _Judges(self._jobs, trusted)

    @property
    def sandbox(self) -> str:
        """What keeps student code apart."""
        with self._lock:
            return self._judges.level()

    def run(self, job: Job) -> Execution:
        """Run one submission; blocks until its last cell is done."""
        with self._lock:
            if self._judges.lost and not self._closed:
                self._judges = _Judges(self._jobs, self._trusted)
            self._judges.level()
            judges = self._judges
        return judges.run(job)

    def close(self) -> None:
        """End the judges' process, and with it the fork server and all children."""
        with self._lock:
            self._closed = True
            self._judges.close()


class _Judges:
    """The judges' process with its workers; once anything of it is lost, it ends with the jobs that still run."""

    def __init__(self, jobs: int, trusted: bool | None) -> None:
        pairs = [socket.socketpair() for _ in range(jobs)]
        numbers = [theirs.fileno() for _, theirs in pairs]
        setup = {"channels": numbers, "trusted": trusted, "without": left_out()}
        self._process = subprocess.Popen(
            [*python("autograder.judge_process"), json.dumps(setup)],
            pass_fds=numbers,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for _, theirs in pairs:
            theirs.close()
        self._sockets = [ours for ours, _ in pairs]
        self._streams = [ours.makefile("rwb") for ours in self._sockets]
        self._free: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for stream in self._streams:
            self._free.put(stream)
        self._lock, self._running = threading.Lock(), 0
        self._level = ""
        self.lost = False

    def level(self) -> str:
        """Return what keeps student code apart; the first call waits for it."""
        if not self._level:
            answer = _read(self._streams[0]) or {}
            if "level" not in answer:
                self.close()
                raise CourseError(answer.get("error") or NOT_STARTED)
            self._level = str(answer["level"])
        return self._level

    def run(self, job: Job) -> Execution:
        """Run one submission with the next worker that is free."""
        with self._lock:
            self._running += 1
        stream = self._free.get()
        try:
            stream.write(json.dumps(job).encode() + b"\n")
            stream.flush()
            execution = _read(stream)
        except (OSError, ValueError):  # of a socket that was closed meanwhile
            execution = None
        self._free.put(stream)
        with self._lock:
            self._running -= 1
            self.lost = self.lost or execution is None or "lost" in execution
            last = self.lost and not self._running
        if last:
            self.close()
        if execution is None or "lost" in execution:
            raise ConnectionError((execution or {}).get("lost", "the process that runs notebooks was lost"))
        return execution

    def close(self) -> None:
        """End the process and its workers; who still waits for one of them finds it lost."""
        for end in self._sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _read(stream: Any) -> Execution | None:
    line = stream.readline()
    return json.loads(line) if line else None
