"""The process that children are forked from: NumPy, matplotlib and IPython are warm in it, and nothing that is secret.

It is told which modules, limits and seed a child gets, never a manifest or a test. It has a single thread. Each child
hangs on a leash, a socket whose other end the judge holds: when that closes, for whatever reason, the child is killed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import resource
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_MESSAGE = 1 << 16
PATIENCE = 2.0  # seconds for a child that closed its channel to end by itself
SPARE_CPU = 5  # seconds that the kernel's limit lies above the judge's own


@dataclass
class Running:
    """A child as the server knows it."""

    pid: int
    leash: socket.socket
    scratch: Path
    cpu_limit: int
    most_memory: int  # bytes resident at which it had used up what it may


def main() -> None:
    """Serve on the socket that stands at standard input."""
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the other end's to handle; it closes the socket
    setup = json.loads(control.recv(LARGEST_MESSAGE) or b"null")
    if setup is None:
        return
    server = Server(control, setup)
    control.send(b'{"ready": true}')
    server.run()


class Server:
    """Forks children and ends them."""

    def __init__(self, control: socket.socket, setup: dict[str, Any]) -> None:
        from autograder.shell import make_shell

        self.control = control
        self.folder = Path(setup["folder"])
        self.shell = make_shell()
        self.serve = _function(setup["serve"])
        self.address_space, self.resident = _memory()
        self.children: dict[int, Running] = {}
        self.number = 0
        _forget_course_tree()
        gc.collect()
        gc.freeze()  # keeps the children from copying pages that only the collector touched

    def run(self) -> None:
        """Answer until the other end closes."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while True:
            for number, _ in poll.poll():
                if number == self.control.fileno():
                    request, fds, _, _ = socket.recv_fds(self.control, LARGEST_MESSAGE, 2)
                    if not request:
                        for child in list(self.children.values()):
                            self.end(child, gently=False)
                        return
                    leash = self.start(json.loads(request), *fds)
                    poll.register(leash, select.POLLIN)
                elif not self.answer(self.children[number]):
                    poll.unregister(number)
                    self.children.pop(number).leash.close()

    def start(self, request: dict[str, Any], channel_fd: int, leash_fd: int) -> socket.socket:
        """Fork a child that talks on the first of these sockets; the second is its leash."""
        channel, leash = socket.socket(fileno=channel_fd), socket.socket(fileno=leash_fd)
        self.number += 1
        scratch = self.folder / f"scratch-{self.number}"
        scratch.mkdir(mode=0o700)
        limits = request["limits"]
        cpu_limit = int(limits["submission_seconds"]) + SPARE_CPU
        pid = os.fork()
        if pid == 0:
            self._become_child(request, channel, leash, scratch, cpu_limit)
        channel.close()
        most_memory = self.resident + (limits["memory_mib"] << 20) * 9 // 10
        self.children[leash.fileno()] = Running(pid, leash, scratch, cpu_limit, most_memory)
        return leash

    def answer(self, child: Running) -> bool:
        """Answer one question about a child; return whether it is still there."""
        try:
            data = child.leash.recv(LARGEST_MESSAGE)
        except OSError:
            data = b""
        ask = json.loads(data)["ask"] if data else "end"
        if ask == "cpu":
            _tell(child.leash, {"ask": ask, "seconds": cpu_seconds(child.pid)})
            return True
        _tell(child.leash, {"ask": ask, "why": self.end(child, gently=ask == "end gently")})
        return False

    def end(self, child: Running, *, gently: bool) -> str:
        """Kill a child and all it started; return why it had ended by itself before, or ""."""
        deadline = time.monotonic() + (PATIENCE if gently else 0.0)
        while not (done := os.wait4(child.pid, os.WNOHANG))[0] and time.monotonic() < deadline:
            time.sleep(0.001)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        if done[0]:
            why = _reason(child, os.waitstatus_to_exitcode(done[1]), done[2])
        else:
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            why = "closed its channel" if gently else ""
        shutil.rmtree(child.scratch, ignore_errors=True)
        return why

    def _become_child(
        self, request: dict[str, Any], channel: socket.socket, leash: socket.socket, scratch: Path, cpu_limit: int
    ) -> None:
        """Set the child up, tell that it is ready, and serve; the process ends here."""
        status = 1
        try:
            try:
                self.control.close()
                for other in self.children.values():
                    other.leash.close()
                self._prepare(request, scratch, cpu_limit)
            except BaseException as error:
                _tell(leash, {"error": "".join(traceback.format_exception_only(error)).strip()})
                return
            _tell(leash, {"ready": True})
            leash.close()
            self.serve(channel, self.shell)
            status = 0
        finally:
            os._exit(status)

    def _prepare(self, request: dict[str, Any], scratch: Path, cpu_limit: int) -> None:
        import numpy as np

        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        sys.stdin = open(os.devnull)  # noqa: SIM115  (lives as long as the child)
        os.chdir(scratch)
        os.environ["HOME"] = os.environ["TMPDIR"] = str(scratch)
        sys.path[:0] = ["", str(self.folder / "library" / request["library"])]
        memory = self.address_space + (request["limits"]["memory_mib"] << 20)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_limit, cpu_limit))
        random.seed(request["seed"])
        np.random.seed(request["seed"])  # noqa: NPY002  (students may use the old global generator)


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a child, by the clock that the kernel keeps for every process."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # see clock_getcpuclockid(3)
    except OSError:
        return 0.0


def _reason(child: Running, code: int, usage: Any) -> str:
    if code >= 0:
        return f"exit {code}"
    if -code in (signal.SIGKILL, signal.SIGXCPU) and usage.ru_utime + usage.ru_stime >= child.cpu_limit - 1:
        return "cpu"
    if usage.ru_maxrss << 10 >= child.most_memory:
        return "memory"
    return f"signal {signal.Signals(-code).name}"


def _function(path: str) -> Callable[[socket.socket, Any], None]:
    module, _, name = path.partition(":")
    function: Callable[[socket.socket, Any], None] = getattr(importlib.import_module(module), name)
    return function


def _memory() -> tuple[int, int]:
    """Return the bytes of address space, and of memory, in use before a student's code starts."""
    try:
        with open("/proc/self/statm") as statm:
            pages = [int(number) for number in statm.read().split()]
        return pages[0] * resource.getpagesize(), pages[1] * resource.getpagesize()
    except OSError:  # no /proc outside Linux
        return 1 << 30, 1 << 30


def _forget_course_tree() -> None:
    """Take the course's own folder out of where modules are looked for; what is loaded stays."""
    own = str(Path(__file__).resolve().parents[2])
    if not own.endswith("-packages"):
        sys.path[:] = [entry for entry in sys.path if entry != own]
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if not getattr(finder, "__module__", "").startswith("__editable__")
    ]
    sys.path_importer_cache.clear()


def _tell(leash: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # nobody waits for it any more
        leash.send(json.dumps(message).encode())
