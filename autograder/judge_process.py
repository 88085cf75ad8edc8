"""The judges' process: forks the fork server, then a worker a core, and these a judge for every submission.

A worker reads one job a line and answers with one line. The fork server is forked before the first job is read, and
this process is started with no more than it may know, so nothing of an assignment, and none of the instructor's
environment variables, is ever in the memory that children are copied from.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any

warmed: set[str] = set()
prepared: dict[tuple[str, str], Any] = {}  # test cells by their key and source
SPARE = 60.0  # seconds beyond every limit of its own, after which a judge is lost


def main() -> None:
    """Serve on sockets; the second argument has their numbers, whether to trust, and what protections not to use.

    What the host offers is told on the first of them, as soon as it is known.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it ends this process
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # what has been started is ended on the way out
    gc.disable()  # what is imported here stays, so the collector need not look through it meanwhile
    setup = json.loads(sys.argv[2])
    channels = [socket.socket(fileno=number) for number in setup["channels"]]
    from autograder.errors import CourseError
    from autograder.sandbox import ForkServer

    stream = channels[0].makefile("wb")
    try:
        server = ForkServer(trusted=setup["trusted"], without=setup["without"], fork=True)
    except CourseError as error:
        _write(stream, _line({"error": str(error)}))
        os._exit(0)  # at once: who reads this ends the process, and Python, on its way out, would print a traceback
    try:
        try:
            _write(stream, _line({"level": server.level.name}))
            from autograder.shell import make_shell

            shell = make_shell()
            gc.freeze()
            server.begin()
            importlib.import_module("autograder.judge")  # for all judges, while the fork server gets ready
            gc.freeze()  # keeps forked processes from copying pages that only the collector touched
            gc.enable()
            with contextlib.suppress(ConnectionError):  # those who wait for answers find the sockets closed
                server.wait()
                work(server, shell, channels)
        except Exception:
            traceback.print_exc()
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is on the way out already
    finally:
        server.close()
        os._exit(0)  # nothing is left to do, and Python would take its time over it


def work(server: Any, shell: Any, channels: list[socket.socket]) -> None:
    """Serve every channel until its other end closes: the first one here, the others in processes of their own."""
    from autograder.sandbox.limits import die_with_parent

    workers = []
    for own in channels[1:]:
        if pid := os.fork():
            workers.append(pid)
            continue
        try:
            die_with_parent()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            serve(server, shell, own, others=channels)
        finally:
            os._exit(0)
    serve(server, shell, channels[0], others=channels)
    for pid in workers:
        os.waitpid(pid, 0)


def serve(server: Any, shell: Any, channel: socket.socket, others: list[socket.socket]) -> None:
    """Do one job after another."""
    for other in others:
        if other is not channel:
            other.close()
    with channel.makefile("rwb") as stream:
        for line in stream:
            _write(stream, run_job(server, shell, json.loads(line), channel))


def run_job(server: Any, shell: Any, job: dict[str, Any], channel: socket.socket) -> bytes:
    """Fork a judge, and return what it found, or {"lost": why}, as a line of JSON.

    The judge gives two lines: what it imported, and what it found.
    """
    job = _warm(shell, job)
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
    imported, _, found = data.partition(b"\n")
    if not found.endswith(b"\n"):
        return _line({"lost": "the judge ended without a result"})
    _import(json.loads(imported))
    return found


def _warm(shell: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Do here what would be the same in the judges of a whole class: imports, and making the author's code ready."""
    from autograder.hints import definitions, quiet
    from autograder.mistakes import compiled
    from autograder.prepared import author_imports, code_of, prepare

    imports = author_imports(job["answers"])
    for statement in imports.values():
        if statement not in warmed:
            warmed.add(statement)
            with contextlib.suppress(Exception):
                exec(code_of(statement), {})
    with quiet(), contextlib.suppress(Exception):
        compiled(job["mistakes"], "mistakes.py")
    with quiet():
        for cell in job["answers"]:
            definitions(cell["source"], open_code=cell["kind"] == "code")
    cells = {}
    for step in job["steps"]:
        if step["role"] == "test":
            key = step["key"], step["source"]
            if key not in prepared:
                prepared[key] = prepare(shell, *key)
            cells[step["key"]] = prepared[key]
    return {**job, "imports": imports, "prepared": cells}


def _import(modules: list[str]) -> None:
    """Import what a judge had to import for its tests, so that the next one need not."""
    for module in modules:
        if module not in warmed:
            warmed.add(module)
            with contextlib.suppress(Exception):
                importlib.import_module(module)


def _be_judge(server: Any, shell: Any, job: dict[str, Any], writer: int) -> None:
    """Judge, report, and end the process here."""
    from autograder.judge import judge
    from autograder.sandbox.limits import die_with_parent

    try:
        die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1):
            os.dup2(nothing, number)
        try:
            found = judge(server, shell, job)
        except ConnectionError as error:
            found = {"lost": str(error)}
        imported = found.pop("imported", [])
        with contextlib.suppress(BrokenPipeError), os.fdopen(writer, "wb") as pipe:  # the grading was interrupted
            pipe.write(_line(imported) + _line(found))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _write(stream: Any, line: bytes) -> None:
    with contextlib.suppress(OSError):  # nobody is left to read it
        stream.write(line)
        stream.flush()


def _line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"
