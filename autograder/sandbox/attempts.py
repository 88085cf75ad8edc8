"""Attempts to break out: short programs that reach for what is not theirs, and say when they have it.

Each names the protections that must hold it off alone. `prove` tries all of them without a sandbox, where that is safe,
then with each protection by itself, and with all together. What they reach for is planted for them: a file, a folder,
listening sockets, another process, an environment variable.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.sandbox import landlock, limits, syscalls
from autograder.sandbox.client import ForkServer
from autograder.sandbox.levels import ALL, LANDLOCK, NAMESPACES, RLIMITS, SECCOMP, Level
from autograder.sandbox.probes import SERVE, printed, run

DONE = "It worked."
REPLACED = 77  # the exit status of a program that took the child's place
LIMITS = {"cell_seconds": 10, "submission_seconds": 30, "memory_mib": 256, "output_kib": 64}
CALLS = {  # that no child may make: their numbers on x86_64 and on aarch64
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "name_to_handle_at": (303, 264),
    "unshare": (272, 97),
    "mount": (165, 40),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "add_key": (248, 217),
    "shmget": (29, 194),
    "memfd_create": (319, 279),
}
PRELUDE = """\
import ctypes, fcntl, os, resource, socket, struct, sys, threading, time
def call(*arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""


@dataclass(frozen=True)
class Attempt:
    """A program that gets to its end only where it has what it reached for.

    `by` are the protections that hold it off alone; where there are none, it is held off by what is always done. `sure`
    says whether it works on every host where nothing is protected, `safe` whether it may be tried there.
    """

    reach: str
    name: str
    source: str
    by: tuple[str, ...] = ()
    sure: bool = True
    safe: bool = True


@dataclass
class Outcome:
    """What came of an attempt: True where it worked; without a sandbox, with each protection alone, and with all."""

    attempt: Attempt
    unprotected: bool | None = None
    alone: dict[str, bool] = field(default_factory=dict)
    together: bool = True
    how: str = ""

    @property
    def holds(self) -> bool:
        return not self.together and not any(self.alone.values())


def _landlock_since(version: int) -> tuple[str, ...]:
    return (LANDLOCK,) if landlock.version() >= version else ()


NETWORK_SINCE, SCOPES_SINCE = 4, 6
OUTSIDE = (NAMESPACES, LANDLOCK)
OTHERS = (NAMESPACES, SECCOMP)

ATTEMPTS = [
    Attempt("files", "read another file", "print(open(secret).read())", OUTSIDE),
    Attempt("files", "list another folder", "print(os.listdir(folder))", OUTSIDE),
    Attempt("files", "write another file", "open(secret, 'a').write('x')", OUTSIDE),
    Attempt("files", "empty another file", "os.truncate(secret, 0)", (*OUTSIDE, SECCOMP)),
    Attempt("files", "make a file elsewhere", "open(folder + '/planted', 'w').close()", OUTSIDE),
    Attempt("files", "make a folder elsewhere", "os.mkdir(folder + '/planted')", OUTSIDE),
    Attempt("files", "delete another file", "os.remove(secret)", OUTSIDE),
    Attempt("files", "rename another file", "os.rename(secret, secret + '-')", OUTSIDE),
    Attempt("files", "take another file", "os.rename(secret, 'mine')", OUTSIDE, sure=False),
    Attempt("files", "link another file", "os.link(secret, folder + '/linked')", (*OUTSIDE, SECCOMP)),
    Attempt("files", "read through a link", "os.symlink(secret, 'way'); print(open('way').read())", OUTSIDE),
    Attempt("files", "change another's permissions", "os.chmod(secret, 0o600)", OTHERS),
    Attempt("files", "change another's dates", "os.utime(secret, (0, 0))", OTHERS),
    Attempt("files", "read the users of this machine", "print(open('/etc/passwd').read())", OUTSIDE),
    Attempt("files", "change Python's own files", "open(os.__file__, 'a').close()", OUTSIDE, sure=False),
    Attempt(
        "files",
        "get a handle of a file",
        "call(name_to_handle_at, -100, secret.encode(), struct.pack('II', 128, 0) + bytes(128), bytes(8), 0)",
        OTHERS,
        False,
    ),
    Attempt(
        "network",
        "connect to this machine",
        "socket.create_connection(('127.0.0.1', port), 1)",
        (*OTHERS, *_landlock_since(NETWORK_SINCE)),
    ),
    Attempt(
        "network",
        "listen",
        "socket.create_server(('127.0.0.1', 0))",
        (SECCOMP, *_landlock_since(NETWORK_SINCE)),
    ),
    Attempt(
        "network", "send a datagram", "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))", OTHERS
    ),
    Attempt("network", "connect through a file", "socket.socket(socket.AF_UNIX).connect(unix)", OTHERS),
    Attempt(
        "network",
        "connect by an abstract name",
        "socket.socket(socket.AF_UNIX).connect(abstract)",
        (*OTHERS, *_landlock_since(SCOPES_SINCE)),
    ),
    Attempt("network", "talk to the kernel", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", (SECCOMP,)),
    Attempt("processes", "signal another process", "os.kill(victim, 0)", (*OTHERS, *_landlock_since(SCOPES_SINCE))),
    Attempt("processes", "see other processes", "os.listdir('/proc')", OUTSIDE),
    Attempt("processes", "read another's variables", "open(f'/proc/{victim}/environ').read()", OUTSIDE),
    Attempt(
        "processes", "trace another process", "call(ptrace, 0x4206, victim, 0, 0)", (*OTHERS, LANDLOCK), sure=False
    ),
    Attempt(
        "processes",
        "read another's memory",
        "here = ctypes.create_string_buffer(8); place = struct.pack('QQ', ctypes.addressof(here), 8)\n"
        "try: call(process_vm_readv, victim, place, 1, place, 1, 0)\n"
        "except OSError as error: assert error.errno == 14, error  # nothing is at that address, but it was looked at",
        (*OTHERS, LANDLOCK),
        sure=False,
    ),
    Attempt("processes", "fork", "if not os.fork(): os._exit(0)", (SECCOMP, RLIMITS)),
    Attempt("processes", "start a thread", "threading.Thread(target=int).start()", (SECCOMP, RLIMITS)),
    Attempt("processes", "run a program", f"os.execv('/bin/sh', ['sh', '-c', 'exit {REPLACED}'])", (LANDLOCK, SECCOMP)),
    Attempt("kernel", "enter a user namespace", "call(unshare, 0x10000000)", (SECCOMP,), sure=False),
    Attempt("kernel", "mount", "call(mount, b'x', b'/tmp', b'tmpfs', 0, 0)", ALL, safe=False),
    Attempt("kernel", "become root", "os.setuid(0)", ALL, sure=False),
    Attempt("kernel", "pass calls around the filter", "call(io_uring_setup, 1, bytes(256))", (SECCOMP,), sure=False),
    Attempt("kernel", "load code into the kernel", "call(bpf, 0, bytes(128), 128)", (SECCOMP,), sure=False),
    Attempt("kernel", "leave a key", "call(add_key, b'user', b'k', b'v', 1, -3)", (SECCOMP,), sure=False),
    Attempt("kernel", "leave shared memory", "call(shmget, 0, 4096, 0o1600)", (SECCOMP,), safe=False),
    Attempt("kernel", "hold files without a folder", "call(memfd_create, b'x', 0)", (SECCOMP,)),
    Attempt(
        "resources",
        "take much memory",
        f"x = bytearray({2 * LIMITS['memory_mib'] << 20})",
        sure=False,
    ),
    Attempt(
        "resources",
        "write a large file",
        f"f = open('large', 'wb')\nfor _ in range({limits.FILE_MIB + 8}): f.write(bytes(1 << 20))\nf.flush()",
        (RLIMITS,),
    ),
    Attempt(
        "resources",
        "fill the disk",
        f"for n in range({limits.SCRATCH_MIB + 16}): open(str(n), 'wb').write(bytes(1 << 20))\ntime.sleep(0.3)",
        (NAMESPACES,),
    ),
    Attempt(
        "resources",
        "fill the disk with deleted files",
        f"for n in range({limits.SCRATCH_MIB // 4 + 4}):\n    f = os.open(str(n), os.O_RDWR | os.O_CREAT)\n"
        "    os.unlink(str(n))\n    for _ in range(4): os.write(f, bytes(1 << 20))\ntime.sleep(0.3)",
        (NAMESPACES,),
    ),
    Attempt(
        "resources",
        "make many files",
        f"for n in range({limits.SCRATCH_FILES + 200}): open(str(n), 'w').close()\ntime.sleep(0.3)",
        (NAMESPACES,),
    ),
    Attempt(
        "resources",
        "open many files",
        f"x = [os.open(os.devnull, os.O_RDONLY) for _ in range({limits.OPEN_FILES})]",
        (RLIMITS,),
    ),
    Attempt("secrets", "find a variable of ours", "assert marker in str(os.environ)", sure=False),
    Attempt("secrets", "import the course's packages", "import autograder.manifest", OUTSIDE, sure=False),
]


@contextlib.contextmanager
def planted() -> Iterator[Callable[[], dict[str, Any]]]:
    """Give a function that puts everything attempts reach for in its place again, and returns the names they use.

    What root plants belongs to nobody, as whom children then run: ownership is to hold nothing off here.
    """
    user = limits.NOBODY if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="reached-for-"))
    marker = secrets.token_hex(8)
    abstract = f"\0reached-for-{marker}"
    os.environ["AUTOGRADER_REACHED_FOR"] = marker
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(os.environ.pop, "AUTOGRADER_REACHED_FOR", None)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (str(folder / "socket"), abstract):
            stack.enter_context(server := socket.socket(socket.AF_UNIX)).bind(address)
            server.listen(100)
        victim = subprocess.Popen(["sleep", "600"], user=user, group=user, extra_groups=[] if user else None)
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        here = folder / "of others"

        def plant() -> dict[str, Any]:
            shutil.rmtree(here, ignore_errors=True)
            here.mkdir()
            (here / "secret").write_text("secret")
            for path in (here / "secret", here, folder, folder / "socket"):
                if user is not None:
                    os.chown(path, user, user)
                path.chmod(0o777)
            return {
                "folder": str(here),
                "secret": str(here / "secret"),
                "unix": str(folder / "socket"),
                "abstract": abstract,
                "port": listener.getsockname()[1],
                "victim": victim.pid,
                "marker": marker,
                **{name: pair[syscalls.MACHINE != "x86_64"] for name, pair in CALLS.items()},
            }

        yield plant


def try_it(server: ForkServer, attempt: Attempt, names: dict[str, Any]) -> tuple[bool, str]:
    """Try one attempt in a child of its own; return whether it worked, and what held it off."""
    child = server.start(LIMITS, [], 0)
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    answer = run(child.channel, f"{PRELUDE}{given}{attempt.source}\nprint({DONE!r})")
    why = child.end()
    error = answer.get("error")
    how = f"{error['kinds'][0]}: {error['message']}" if error else f"ended: {why}"
    return DONE in printed(answer) or why == f"exit {REPLACED}", how


def prove(without: Collection[str] = (), on_try: Callable[[], None] = lambda: None) -> tuple[Level, list[Outcome]]:
    """Try everything; `on_try` is called `tries` times."""
    outcomes = [Outcome(attempt) for attempt in ATTEMPTS]
    with planted() as plant:
        with contextlib.closing(ForkServer(trusted=True, serve=SERVE)) as server:
            for outcome in outcomes:
                if outcome.attempt.safe:
                    outcome.unprotected, _ = try_it(server, outcome.attempt, plant())
                on_try()
        for protection in ALL:
            others = [name for name in ALL if name != protection]
            with contextlib.closing(ForkServer(serve=SERVE, without=others, refuse=False)) as server:
                for outcome in outcomes:
                    if protection in server.level.protections and protection in outcome.attempt.by:
                        outcome.alone[protection], _ = try_it(server, outcome.attempt, plant())
                    on_try()
        with contextlib.closing(ForkServer(serve=SERVE, without=without, refuse=False)) as server:
            for outcome in outcomes:
                if server.level.isolates:
                    outcome.together, outcome.how = try_it(server, outcome.attempt, plant())
                on_try()
            return server.level, outcomes


TRIES = len(ATTEMPTS) * (len(ALL) + 2)
