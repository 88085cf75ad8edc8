"""The near end of the sandbox: starts the fork server, asks it for children, and ends them.

Nothing here reads what a child sends; that is the judge's. A `ForkServer` may be used by several threads and by forked
processes at once: a request carries its own sockets, and its answers come back on these alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.launch import NOT_STARTED, clean_environment, left_out, python
from autograder.sandbox import forkserver
from autograder.sandbox.child import HIGHEST_FD
from autograder.sandbox.forkserver import find_level
from autograder.sandbox.levels import Level
from autograder.sandbox.library import Library

SERVE = "autograder.student:serve"
MESSAGES = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_STREAM
LARGEST_MESSAGE = 1 << 16
FOLDER, LOCK = "autograder-", "lock"
BUFFER = 1 << 20  # bytes that a channel holds each way


class ForkServer:
    """A warm process of its own that forks a child for every submission.

    Parameters
    ----------
    trusted : bool or None
        Run the children without a sandbox, as the user who started the grading; None for work of that user's own, which
        is kept apart where this host can do it. The processes are the same.
    serve : str
        ``module:function`` that a child ends up in, called with its channel and the IPython shell. What it needs must
        be imported with its module: a child finds no module of ours. On the channel it may read and write, send and
        receive; sendmsg and recvmsg, which can hand over open files, are refused.
    without : names of protections
        Not to use these, to see what the others hold. The environment variable AUTOGRADER_SANDBOX_WITHOUT adds to them.
    refuse : bool
        Whether to start at all where nothing keeps the children apart; only trials of our own need it otherwise.
    fork : bool
        Fork the server from this process when it is told to `begin`, in place of starting Python once more: what this
        process has loaded by then is warm in the server as well. It must have one thread, have been started in a
        `clean_environment`, and hold nothing secret.

    Raises CourseError where nothing on this host would keep the children apart. What would is known at once, in
    `level`; the server then goes on to warm up by itself, and the first start waits for that.
    """

    def __init__(
        self,
        *,
        trusted: bool | None = False,
        serve: str = SERVE,
        without: Collection[str] = (),
        refuse: bool = True,
        fork: bool = False,
    ) -> None:
        self._folder, self._lock = _make_folder()
        self._library = Library(self._folder / "library", _library_source())
        for name in ("home", "root", "scratch"):
            (self._folder / name).mkdir()
        self._control, self._theirs = socket.socketpair(socket.AF_UNIX, MESSAGES)
        self._process: subprocess.Popen[bytes] | _Forked | None = None
        self._warm = False
        setup: dict[str, Any] = {
            "serve": serve,
            "trusted": trusted,
            "folder": str(self._folder),
            "without": left_out(without),
            "refuse": refuse,
            "warm": self._library.uses(),
        }
        if fork:
            os.environ.update(_home(self._folder))
            level, starts = find_level(setup)
            answer = {"level": asdict(level), "starts": starts}
            _send(self._control, setup | answer)
        else:
            self._process = _launch(self._folder, self._theirs)
            _send(self._control, setup)
            answer = _answer(self._control)
        self.level = _level(answer)
        if not answer.get("starts"):
            self.close()
            known = "level" in answer and not self.level.isolates
            raise CourseError(self.level.sentence if known else NOT_STARTED)

    def begin(self) -> None:
        """Fork it, if it is to be forked from here: what is loaded by now is in it, and nothing that follows."""
        if self._process is None:
            self._process = _Forked(self._folder, self._theirs)

    def wait(self) -> None:
        """Wait until it is warm. Whoever forks processes that will share it does so after this."""
        self.begin()
        if not self._warm:
            if not _answer(self._control).get("ready"):
                raise ConnectionError("the process that starts notebooks was lost before it was ready")
            self._warm = True

    def start(self, limits: dict[str, Any], modules: Sequence[str], seed: int) -> Child:
        """Fork a child; it is ready for requests on its channel when this returns.

        Raises ConnectionError when the fork server is lost or the child could not be set up, which is no fault of the
        student's.
        """
        if self._control.fileno() < 0:
            raise ConnectionError("the process that starts notebooks was closed")
        self.wait()
        library = self._library.folder_of(modules)
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        leash, far = socket.socketpair(socket.AF_UNIX, MESSAGES)
        child = Child(ours, leash)
        request = {"limits": limits, "library": library.name, "seed": seed}
        try:
            with theirs, far:
                socket.send_fds(self._control, [json.dumps(request).encode()], [theirs.fileno(), far.fileno()])
            _wait_for_either(leash, ours)
            answer = _answer(leash, wait=False)
        except OSError:
            answer = {}
        if not answer.get("ready"):
            why = answer.get("error") or child.end() or "the process that starts notebooks was lost"
            raise ConnectionError(f"no child could be started: {why}")
        return child

    def close(self) -> None:
        """End the fork server with all its children."""
        if self._control.fileno() < 0:
            return
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # also where a forked process holds the socket too
        self._control.close()
        self._theirs.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        _remove_folder(self._folder, self._lock)


class Child:
    """A process that runs one submission's code. Its channel closes when it dies; it dies when this handle is gone."""

    def __init__(self, channel: socket.socket, leash: socket.socket) -> None:
        self.channel = channel
        self._leash = leash
        self._why: str | None = None

    def cpu_seconds(self) -> float:
        """Return the processor time the child has used up to now, of all its threads."""
        return float(self._ask("cpu").get("seconds", 0.0))

    def end(self) -> str:
        """Kill the child with everything it started, and return why it had ended before, or "" if it had not.

        The reasons are ``exit N``, ``signal NAME``, ``memory``, ``cpu``, ``disk`` and ``closed its channel``. Raises
        ConnectionError where the fork server was lost and the child with it.
        """
        if self._why is None:
            hung_up = self._hung_up()
            answer = self._ask("end gently" if hung_up else "end")
            self._leash.close()
            self.channel.close()
            self._why = str(answer.get("why", ""))
            if hung_up and "why" not in answer:
                raise ConnectionError("the process that starts notebooks was lost")
        return self._why

    def _hung_up(self) -> bool:
        """Whether the child's end of the channel is closed: then it is about to end, and says why if it is let."""
        poll = select.poll()
        poll.register(self.channel, select.POLLIN)
        return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))

    def _ask(self, what: str) -> dict[str, Any]:
        try:
            self._leash.send(json.dumps({"ask": what}).encode())
            while True:
                data = self._leash.recv(LARGEST_MESSAGE)
                answer: dict[str, Any] = json.loads(data) if data else {}
                if not data or answer.get("ask") == what:
                    return answer
        except OSError:
            return {}


def probe(without: Collection[str] = ()) -> Level:
    """Return what this host offers, found out by trying it in a process that ends at once."""
    folder, lock = _make_folder()
    for name in ("home", "root", "library"):
        (folder / name).mkdir()
    control, theirs = socket.socketpair(socket.AF_UNIX, MESSAGES)
    process = _launch(folder, theirs)
    with control:
        _send(control, {"serve": "", "trusted": False, "folder": str(folder), "without": left_out(without)})
        answer = _answer(control)
    process.wait()
    _remove_folder(folder, lock)
    if "level" not in answer:
        raise CourseError(NOT_STARTED)
    return _level(answer)


def _make_folder() -> tuple[Path, int]:
    """Make a folder for a server's files, locked as long as one of us lives; remove those of servers that were killed.

    Everybody may look into it: it holds what is anybody's to read.
    """
    for lock in Path(tempfile.gettempdir()).glob(f"{FOLDER}*/{LOCK}"):
        with contextlib.suppress(OSError), lock.open() as file:
            if lock.stat().st_uid == os.getuid():
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _clear(lock.parent)
    folder = Path(tempfile.mkdtemp(prefix=FOLDER))
    held = os.open(folder / f"{LOCK}-", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    os.rename(folder / f"{LOCK}-", folder / LOCK)  # never to be seen without its lock
    folder.chmod(0o755)
    return folder, held


def _remove_folder(folder: Path, lock: int) -> None:
    _clear(folder)
    os.close(lock)


def _clear(folder: Path) -> None:
    """Remove a server's folder, the lock last, so that what a dying server still writes is left to the next of us."""
    with contextlib.suppress(OSError):
        for entry in folder.iterdir():
            if entry.name != LOCK:
                shutil.rmtree(entry, ignore_errors=True)
        if [entry.name for entry in folder.iterdir()] == [LOCK]:
            (folder / LOCK).unlink()
            folder.rmdir()


def _launch(folder: Path, theirs: socket.socket) -> subprocess.Popen[bytes]:
    """Start the process that becomes the fork server; its end of the socket to it is its standard input."""
    with theirs:
        return subprocess.Popen(
            python("autograder.sandbox.forkserver"),
            env=clean_environment() | _home(folder),
            cwd=folder,
            stdin=theirs.fileno(),  # inherited under a number that is known
            stdout=subprocess.DEVNULL,
        )


class _Forked:
    """The fork server as a copy of this process: what it has of `subprocess.Popen` is what is needed of that."""

    def __init__(self, folder: Path, theirs: socket.socket) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(theirs.fileno(), 0)
                os.closerange(3, HIGHEST_FD)
                os.chdir(folder)
                forkserver.main()
            finally:
                os._exit(1)
        theirs.close()

    def wait(self, timeout: float | None = None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while os.waitpid(self.pid, 0 if deadline is None else os.WNOHANG) == (0, 0):
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("the fork server", timeout or 0.0)
            time.sleep(0.001)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def _wait_for_either(*sources: socket.socket) -> None:
    poll = select.poll()
    for source in sources:
        poll.register(source, select.POLLIN)
    poll.poll()


def _send(to: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the answer that does not come tells as much
        to.send(json.dumps(message).encode())


def _answer(source: socket.socket, *, wait: bool = True) -> dict[str, Any]:
    try:
        data = source.recv(LARGEST_MESSAGE, 0 if wait else socket.MSG_DONTWAIT)
    except OSError:
        data = b""
    answer: dict[str, Any] = json.loads(data) if data else {}
    return answer


def _level(answer: dict[str, Any]) -> Level:
    about = answer.get("level", {})
    return Level(
        tuple(about.get("protections", ())), dict(about.get("missing", {})), bool(about.get("keep_search", False))
    )


def _library_source() -> Path | None:
    """Return the folder of course_lib, which is not imported."""
    spec = importlib.util.find_spec("course_lib")
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None


def _home(folder: Path) -> dict[str, str]:
    return dict.fromkeys(("HOME", "IPYTHONDIR"), str(folder / "home"))
