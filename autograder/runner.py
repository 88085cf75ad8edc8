"""Runs a submission's cells and says what came of each. Grading is given an executor, so it can be exchanged."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import Any, Protocol

from autograder.errors import CourseError
from autograder.sandbox import Level, probe

NOT_STARTED = "The process that runs notebooks did not start; its own message stands above."
Job = dict[str, Any]
Execution = dict[str, Any]

ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}


class Executor(Protocol):
    """What grading needs of whatever runs the cells.

    A job is {"steps": [{"key", "role", "question", "source"}], "questions": {id: [names]}, "answers": […], "mistakes",
    "modules", "limits", "seed"}.

    The answer is {"steps": {key: {"outputs", "error" or "died"}}, "hints": {question: …}, "seconds"}.
    """

    sandbox: str

    def run(self, job: Job) -> Execution: ...

    def close(self) -> None: ...


def protection(trusted: bool | None) -> Level:
    """Return what student code will be kept apart by: nothing if it is trusted, else what this host offers.

    None stands for work of the instructor's own, which is run in a sandbox where there is one. Raises CourseError where
    work that is not trusted would run unprotected.
    """
    level = Level() if trusted else probe()
    if trusted is None and not level.isolates:
        level = Level()
    if trusted is False and not level.isolates:
        raise CourseError(level.sentence)
    return level


class JudgeExecutor:
    """A judge's process of our own, with a fork server that starts the children; one submission at a time.

    Parameters
    ----------
    trusted : bool
        Run the student's code without a sandbox. The processes, and what they say to each other, are the same.

    Raises CourseError where nothing on this host would keep student code apart.
    """

    def __init__(self, *, trusted: bool = False) -> None:
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "autograder.judge_process",
                str(theirs.fileno()),
                "trusted" if trusted else "sandbox",
            ],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ONE_THREAD},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()
        self._socket = ours
        self._stream = ours.makefile("rwb")
        answer = self._read() or {}
        if "ready" not in answer:
            self.close()
            raise CourseError(answer.get("error") or NOT_STARTED)
        self.sandbox: str = answer["level"]
        self.sentence: str = answer["sentence"]

    def run(self, job: Job) -> Execution:
        """Run one submission; blocks until its last cell is done."""
        try:
            self._stream.write(json.dumps(job).encode() + b"\n")
            self._stream.flush()
            execution = self._read()
        except OSError:
            execution = None
        if execution is None or "lost" in execution:
            raise ConnectionError((execution or {}).get("lost", "the process that runs notebooks was lost"))
        return execution

    def close(self) -> None:
        """End the judge's process, and with it the fork server and all children."""
        self._stream.close()
        self._socket.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> Execution | None:
        line = self._stream.readline()
        return json.loads(line) if line else None
