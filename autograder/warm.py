"""The warm process: has NumPy, matplotlib and IPython loaded, and forks a child for every submission it is sent.

It reads one job a line and answers with one line. A child reports each cell as it is done; when it dies or takes too
long, the cell it was in is given up and another child runs the rest, so that one bad cell costs one question. Nothing
here protects the machine: the children run as the user who started the grading.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from typing import Any

HINTS = "hints"  # the step after the last cell, in which the child looks for named mistakes


def serve(channel: socket.socket) -> None:
    """Answer jobs until the other end closes."""
    from autograder.shell import make_shell, use_inline_plots

    use_inline_plots()
    shell = make_shell()
    gc.collect()
    gc.freeze()  # keeps the children from copying pages that only the collector touched
    stream = channel.makefile("rwb")
    stream.write(b'{"ready": true}\n')
    stream.flush()
    for line in stream:
        answer = run_job(shell, json.loads(line), channel)
        stream.write(json.dumps(answer).encode() + b"\n")
        stream.flush()


def run_job(shell: Any, job: dict[str, Any], channel: socket.socket) -> dict[str, Any]:
    """Run all cells of one submission, in as many children as it takes."""
    began = time.monotonic()
    deadline = began + job["limits"]["submission_seconds"]
    done: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    given_up: dict[str, str] = {}
    while True:
        at, why = _one_child(shell, job, channel, deadline, given_up, done, hints)
        if at is None or at == HINTS:
            break
        given_up[at] = why
        done[at] = {"died": why, "outputs": []}
        if time.monotonic() >= deadline:
            for step in job["steps"]:
                done.setdefault(step["key"], {"died": "submission timeout", "outputs": []})
            break
    return {"steps": done, "hints": hints, "seconds": time.monotonic() - began}


def _one_child(
    shell: Any,
    job: dict[str, Any],
    channel: socket.socket,
    deadline: float,
    given_up: dict[str, str],
    done: dict[str, Any],
    hints: dict[str, Any],
) -> tuple[str | None, str]:
    """Fork a child and follow it; return the step in which it ended and why, or (None, "") when it finished."""
    scratch = tempfile.mkdtemp(prefix="autograder-")
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        channel.close()
        _child(shell, job, given_up, scratch, writer)
    os.close(writer)
    at: str | None = None
    finished = False
    pending = b""
    cell_deadline = deadline
    why = ""
    try:
        while True:
            ready, _, _ = select.select([reader], [], [], max(0.0, min(cell_deadline, deadline) - time.monotonic()))
            if not ready:
                why = "timeout"
                break
            piece = os.read(reader, 1 << 20)
            if not piece:
                break
            *lines, pending = (pending + piece).split(b"\n")
            for event in map(json.loads, lines):
                if "start" in event:
                    at = event["start"]
                    cell_deadline = time.monotonic() + job["limits"]["cell_seconds"]
                elif "key" in event:
                    done.setdefault(event.pop("key"), event)
                elif "hint" in event:
                    hints[event["hint"]] = event
                else:
                    finished = True
    finally:
        os.close(reader)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        shutil.rmtree(scratch, ignore_errors=True)
    if finished:
        return None, ""
    if not why:
        code = os.waitstatus_to_exitcode(status)
        why = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
    return at, why


def _child(shell: Any, job: dict[str, Any], given_up: dict[str, str], scratch: str, writer: int) -> None:
    """Run the cells, report each, leave without cleaning up: the process ends here."""
    try:
        _prepare(job, scratch)
        _run_steps(shell, job, given_up, writer)
        _send(writer, {"end": True})
    finally:
        os._exit(0)


def _prepare(job: dict[str, Any], scratch: str) -> None:
    import numpy as np

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.stdin = open(os.devnull)  # noqa: SIM115  (lives as long as the child)
    os.chdir(scratch)
    if sys.path and sys.path[0] != "":
        sys.path.insert(0, "")
    memory = _address_space() + (job["limits"]["memory_mib"] << 20)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    random.seed(job["seed"])
    np.random.seed(job["seed"])  # noqa: NPY002  (students may use the old global generator)


def _address_space() -> int:
    """Return the bytes of address space in use before the student's code starts."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:  # no /proc outside Linux
        return 1 << 30


def _run_steps(shell: Any, job: dict[str, Any], given_up: dict[str, str], writer: int) -> None:
    from autograder.hints import find_hints
    from autograder.shell import describe, run_cell
    from autograder.watch import Watch

    watch = Watch(shell.user_ns, job["questions"])
    for step in job["steps"]:
        if step["key"] in given_up:
            continue
        _send(writer, {"start": step["key"]})
        with watch.during(step["question"] if step["role"] == "test" else None):
            outputs, error = run_cell(shell, step["key"], step["source"], job["limits"]["output_kib"] << 10)
        report: dict[str, Any] = {"key": step["key"], "outputs": outputs}
        if error is not None:
            report["error"] = describe(error)
            if step["role"] == "test":
                watch.failed(step["question"], error)
        _send(writer, report)
    _send(writer, {"start": HINTS})
    for question, found in find_hints(watch, job):
        _send(writer, {"hint": question, **found})
        _send(writer, {"start": HINTS})


def _send(writer: int, event: dict[str, Any]) -> None:
    data = json.dumps(event).encode() + b"\n"
    while data:
        data = data[os.write(writer, data) :]


def main() -> None:
    """Serve on the socket whose number is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it closes the socket
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        serve(channel)


if __name__ == "__main__":
    main()
