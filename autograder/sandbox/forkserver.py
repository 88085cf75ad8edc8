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
import resource
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox import limits, namespaces
from autograder.sandbox.child import Room, lock_in
from autograder.sandbox.environment import environment, module_folders
from autograder.sandbox.levels import NAMESPACES, Level, detect

LARGEST_MESSAGE = 1 << 16
PATIENCE = 1.0  # seconds for a child that closed its channel to end by itself
WATCH = 20  # milliseconds between two looks at a scratch folder that nothing else bounds
WARM = ("numpy.random", "numpy.linalg", "numpy.fft", "numpy.polynomial", "numpy.ma", "numpy.testing")
VARIABLES = ("LANG", "TZ", "USER", "MPLBACKEND", "PYTHONHASHSEED")  # of the environment, all that children inherit


@dataclass
class Running:
    """A child as the server knows it."""

    pid: int
    leash: socket.socket
    scratch: Path | None  # None where it is in memory and goes with the child
    cpu_limit: int
    most_memory: int  # bytes resident at which it had used up what it may
    ended_for: str = ""  # why the server had to kill it


def main() -> None:
    """Serve on the socket that stands at standard input."""
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the other end's to handle; it closes the socket
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # until all is loaded, which then stays
    setup = json.loads(control.recv(LARGEST_MESSAGE) or b"null")
    if setup is None:
        return
    if "level" in setup:  # found out already by the process that this one is a copy of
        level = Level(**setup["level"])
    else:
        level, starts = find_level(setup)
        _tell(control, {"level": asdict(level), "starts": starts})
        if not starts:
            return
    server = Server(control, Path(setup["folder"]), setup["serve"], level)
    server.warm_up(setup["warm"])
    server.withdraw()
    _tell(control, {"ready": True})
    server.run()


def find_level(setup: dict[str, Any]) -> tuple[Level, bool]:
    """Return what children will be kept apart by, and whether they may be started with that.

    The process that calls this must have one thread.
    """
    if setup["trusted"]:
        return Level(), True
    folder = Path(setup["folder"])
    level = detect(folder / "root", folder / "library", environment(), setup["without"])
    if not setup["serve"]:
        return level, False
    if setup["trusted"] is None and not level.isolates:
        return Level(), True
    return level, level.isolates or not setup["refuse"]


class Server:
    """Forks children and ends them."""

    def __init__(self, control: socket.socket, folder: Path, serve: str, level: Level) -> None:
        from autograder.shell import make_shell

        self.control, self.level = control, level
        self.apart = NAMESPACES in level.protections
        self.environment = environment()
        self.scratch = folder / "scratch"
        self.shell = make_shell()
        self.serve = _function(serve)
        self.room = Room(level, folder / "library", self.environment)
        self.children: dict[int, Running] = {}
        self.number = 0

    def warm_up(self, modules: list[str]) -> None:
        """Load what children will need, so that none has to, and forget where it came from."""
        for module in (*WARM, *modules):
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        _keep_fonts_below(self.environment.readable)
        _forget_where_we_are()
        self.room.address_space, self.resident = _memory()
        gc.freeze()  # keeps the children from copying pages that only the collector touched
        gc.enable()

    def withdraw(self) -> None:
        """Leave root and, where there are namespaces, this machine: only what children may read stays in sight."""
        if self.level.protections:
            with contextlib.suppress(OSError):  # should the machine run out of memory, this goes before the judge
                Path("/proc/self/oom_score_adj").write_text("500")
        if self.apart:
            folder = self.scratch.parent
            namespaces.enter(str(folder / "root"), str(folder / "library"), self.environment)
            if pid := os.fork():
                self.control.close()
                _, status = os.waitpid(pid, 0)
                os._exit(max(0, os.waitstatus_to_exitcode(status)))
            limits.die_with_parent()
        elif self.level.protections and os.getuid() == 0:
            os.chown(self.scratch, limits.NOBODY, limits.NOBODY)
            limits.leave_root(keep_search=self.level.keep_search)

    def run(self) -> None:
        """Answer until the other end closes."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while True:
            watched = [child for child in self.children.values() if child.scratch and self.level.protections]
            for number, _ in poll.poll(WATCH if watched else None):
                if number != self.control.fileno():
                    if not self.answer(self.children[number]):
                        poll.unregister(number)
                        self.children.pop(number).leash.close()
                    continue
                request, fds, _, _ = socket.recv_fds(self.control, LARGEST_MESSAGE, 2)
                if not request:
                    for child in self.children.values():
                        self.end(child, gently=False)
                    return
                started = self.start(json.loads(request), socket.socket(fileno=fds[0]), socket.socket(fileno=fds[1]))
                if started is not None:
                    self.children[started.leash.fileno()] = started
                    poll.register(started.leash, select.POLLIN)
            for child in watched:
                if not child.ended_for and uses_too_much_disk(child):
                    child.ended_for = "disk"
                    os.kill(child.pid, signal.SIGKILL)

    def start(self, request: dict[str, Any], channel: socket.socket, leash: socket.socket) -> Running | None:
        """Fork a child that talks on `channel`; its first words, that it is ready or why not, are on its leash."""
        scratch = None
        try:
            if not self.apart:
                self.number += 1
                scratch = self.scratch / str(self.number)
                scratch.mkdir(mode=0o700)
            pid = namespaces.fork() if self.apart else os.fork()
        except OSError as error:
            _tell(leash, {"error": str(error)})
            channel.close()
            leash.close()
            return None
        if pid == 0:
            self._become_child(request, channel, leash, scratch)
        channel.close()
        memory = self.resident + (request["limits"]["memory_mib"] << 20) * 9 // 10
        return Running(pid, leash, scratch, limits.cpu_limit(request["limits"]), memory)

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
            why = child.ended_for or self._reason(child, os.waitstatus_to_exitcode(done[1]), done[2])
        else:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            why = child.ended_for or ("closed its channel" if gently else "")
        if child.scratch:
            shutil.rmtree(child.scratch, ignore_errors=True)
        return why

    def _reason(self, child: Running, code: int, usage: Any) -> str:
        if code >= 0:
            return f"exit {code}"
        if -code in (signal.SIGKILL, signal.SIGXCPU) and usage.ru_utime + usage.ru_stime >= child.cpu_limit - 1:
            return "cpu"
        # The first process of a namespace cannot kill itself: it was the kernel, which had no memory left.
        if usage.ru_maxrss << 10 >= child.most_memory or (self.apart and code == -signal.SIGKILL):
            return "memory"
        return f"signal {signal.Signals(-code).name}"

    def _become_child(
        self, request: dict[str, Any], channel: socket.socket, leash: socket.socket, scratch: Path | None
    ) -> None:
        """Lock the child in, tell that it is ready, and serve; the process ends here."""
        status = 1
        try:
            try:
                self.control.close()
                for other in self.children.values():
                    other.leash.close()
                lock_in(self.room, request, scratch, keep={channel.fileno(), leash.fileno()})
            except BaseException as error:
                _tell(leash, {"error": "".join(traceback.format_exception_only(error)).strip()})
                return
            _tell(leash, {"ready": True})
            leash.close()
            self.serve(channel, self.shell)
            status = 0
        finally:
            os._exit(status)


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a child, by the clock that the kernel keeps for every process."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # see clock_getcpuclockid(3)
    except OSError:
        return 0.0


def uses_too_much_disk(child: Running) -> bool:
    """Whether a child's files, those among them that it deleted but holds open, are more than it may have."""
    sizes: dict[tuple[int, int], int] = {}
    waiting = [str(child.scratch), f"/proc/{child.pid}/fd"]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    about = entry.stat(follow_symlinks=entry.path.startswith("/proc/"))
                    sizes[about.st_dev, about.st_ino] = about.st_blocks * 512 if about.st_nlink < 2 else 0
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                if len(sizes) > limits.SCRATCH_FILES + limits.OPEN_FILES:
                    return True
    return sum(sizes.values()) > limits.SCRATCH_MIB << 20


def _function(path: str) -> Callable[[socket.socket, Any], None]:
    module, _, name = path.partition(":")
    function: Callable[[socket.socket, Any], None] = getattr(importlib.import_module(module), name)
    return function


def _memory() -> tuple[int, int]:
    """Return the bytes of address space in use before a student's code starts, and of memory that a fork takes over."""
    try:
        with open("/proc/self/statm") as statm:
            pages = [int(number) for number in statm.read().split()]
        return pages[0] * resource.getpagesize(), (pages[1] - pages[2]) * resource.getpagesize()
    except OSError:  # no /proc outside Linux
        return 1 << 30, 1 << 30


def _keep_fonts_below(folders: tuple[str, ...]) -> None:
    """Forget fonts that children could not open, so that plots are drawn alike in every sandbox and without one."""
    from matplotlib.font_manager import fontManager

    fontManager.ttflist = [
        font for font in fontManager.ttflist if os.path.realpath(font.fname).startswith(tuple(f"{f}/" for f in folders))
    ]


def _forget_where_we_are() -> None:
    """Look for modules among Python's own and the installed ones alone, and keep no environment variable but a few."""
    sys.path[:] = module_folders()
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if not getattr(finder, "__module__", "").startswith("__editable__")
    ]
    sys.path_importer_cache.clear()
    for name in set(os.environ) - set(VARIABLES):
        del os.environ[name]


def _tell(leash: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # nobody waits for it any more
        leash.send(json.dumps(message).encode())
