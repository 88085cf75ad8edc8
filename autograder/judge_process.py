"""The judge's process: starts the fork server, then forks one judge for every submission it is sent.

It reads one job a line and answers with one line. The fork server is started before the first job is read, so nothing
of an assignment is ever in the memory that children are copied from.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any

warmed: set[str] = set()
SPARE = 60.0  # seconds beyond every limit of its own, after which a judge is lost


def main() -> None:
    """Serve on the socket whose number is the first argument; the second says whether to trust."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it closes the socket
    channel = socket.socket(fileno=int(sys.argv[1]))
    from autograder.errors import CourseError
    from autograder.sandbox import ForkServer

    stream = channel.makefile("rwb")
    try:
        server = ForkServer(trusted=sys.argv[2] == "trusted")
    except CourseError as error:
        _write(stream, {"error": str(error)})
        return
    try:
        from autograder.shell import make_shell, use_inline_plots

        use_inline_plots()
        shell = make_shell()
        gc.collect()
        gc.freeze()
        _write(stream, {"ready": True, "level": server.level.name, "sentence": server.level.sentence})
        for line in stream:
            _write(stream, run_job(server, shell, json.loads(line), channel))
    finally:
        server.close()


def run_job(server: Any, shell: Any, job: dict[str, Any], channel: socket.socket) -> dict[str, Any]:
    """Fork a judge, and return what it found, or {"lost": why}."""
    _warm(job)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        channel.close()
        _be_judge(server, shell, job, writer)
    os.close(writer)
    deadline = time.monotonic() + job["limits"]["submission_seconds"] * 4 + SPARE
    data = b""
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            piece = pipe.read(1 << 20)
            if not piece:
                break
            data += piece
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    try:
        found: dict[str, Any] = json.loads(data)
    except ValueError:
        return {"lost": "the judge ended without a result"}
    return found


def _warm(job: dict[str, Any]) -> None:
    """Import here what the author's notebook imports, so that the judges of a whole class need not."""
    from autograder.judge import author_imports

    for statement in author_imports(job["answers"]).values():
        if statement not in warmed:
            warmed.add(statement)
            with contextlib.suppress(Exception):
                exec(statement, {})


def _be_judge(server: Any, shell: Any, job: dict[str, Any], writer: int) -> None:
    """Judge, report, and end the process here."""
    from autograder.judge import judge

    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1):
            os.dup2(nothing, number)
        try:
            found = judge(server, shell, job)
        except ConnectionError as error:
            found = {"lost": str(error)}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(found).encode())
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(0)


def _write(stream: Any, answer: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # nobody is left to read it
        stream.write(json.dumps(answer).encode() + b"\n")
        stream.flush()


if __name__ == "__main__":
    main()
