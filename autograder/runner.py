"""Runs a submission's cells and says what came of each. Grading is given an executor, so it can be exchanged.

The one here is for trusted work only: it runs student code in a child of a warm process, without a sandbox.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import Any, Protocol

from autograder.errors import CourseError

Job = dict[str, Any]
Execution = dict[str, Any]

ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}


class Executor(Protocol):
    """What grading needs of whatever runs the cells.

    A job is {"steps": [{"key", "role", "question", "source"}], "questions": {id: [names]}, "answers": […], "mistakes",
    "limits", "seed"}.

    The answer is {"steps": {key: {"outputs", "error" or "died"}}, "hints": {question: …}, "seconds"}.
    """

    sandbox: str

    def run(self, job: Job) -> Execution: ...

    def close(self) -> None: ...


class TrustedExecutor:
    """A warm process of our own that forks a child per submission; nothing is protected from the student's code."""

    sandbox = "none (trusted)"

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.warm", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ONE_THREAD},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        theirs.close()
        self._socket = ours
        self._stream = ours.makefile("rwb")
        if not self._stream.readline():
            raise CourseError("The process that runs notebooks did not start; its own message stands above.")

    def run(self, job: Job) -> Execution:
        """Run one submission; blocks until its last cell is done."""
        try:
            self._stream.write(json.dumps(job).encode() + b"\n")
            self._stream.flush()
            line = self._stream.readline()
        except OSError:
            line = b""
        if not line:
            raise ConnectionError("the process that runs notebooks was lost")
        execution: Execution = json.loads(line)
        return execution

    def close(self) -> None:
        """End the warm process."""
        self._stream.close()
        self._socket.close()
        self._process.terminate()
        self._process.wait()
