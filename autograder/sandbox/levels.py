"""What this host offers, found out by doing it: each protection is put on in a process that ends at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from autograder.sandbox import landlock, limits, namespaces, seccomp, syscalls
from autograder.sandbox.environment import Environment, module_folders

NAMESPACES, LANDLOCK, SECCOMP, RLIMITS = "namespaces", "landlock", "seccomp", "rlimits"
ALL = (NAMESPACES, LANDLOCK, SECCOMP, RLIMITS)
LEFT_OUT = "not used, as asked"


@dataclass(frozen=True)
class Level:
    """The protections that are active, and why the others are not."""

    protections: tuple[str, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    keep_search: bool = False  # root's environment lies where nobody may not go, and there are no mounts of our own

    @property
    def name(self) -> str:
        return " + ".join(self.protections) or "none (trusted)"

    @property
    def isolates(self) -> bool:
        """Whether student code is kept from files, network and processes; either wall does it, with the filter."""
        has = set(self.protections)
        return SECCOMP in has and bool(has & {NAMESPACES, LANDLOCK})

    @property
    def sentence(self) -> str:
        """What the person who grades is told."""
        if not self.protections:
            return "Student code runs unprotected, with your rights over your files."
        lacking = "; ".join(f"{name}: {why}" for name, why in self.missing.items())
        if not self.isolates:
            return (
                f"Nothing on this host keeps student code apart ({lacking}). Grade on Linux 6.2 or later on x86_64 or "
                "aarch64, or in a container or virtual machine with such a kernel that allows landlock and seccomp. "
                "If you trust this work, say so with --trusted."
            )
        return f"Student code runs in a sandbox: {self.name}." + (f" Not there: {lacking}." if lacking else "")


def detect(base: Path, library: Path, environment: Environment, without: Collection[str] = ()) -> Level:
    """Try every protection; `base` is an empty folder, `library` stands for the library of a child.

    The process that calls this must have one thread; it changes nothing of it.
    """
    missing = {}
    keep_search = False
    if NAMESPACES in without:
        missing[NAMESPACES] = LEFT_OUT
    elif why := attempt(lambda: _try_namespaces(base, library, environment)):
        missing[NAMESPACES] = why
    if LANDLOCK in without:
        missing[LANDLOCK] = LEFT_OUT
    elif why := attempt(_try_landlock):
        missing[LANDLOCK] = why
    elif NAMESPACES in missing and os.getuid() == 0 and (why := attempt(lambda: _try_as_nobody(environment, False))):
        keep_search = not attempt(lambda: _try_as_nobody(environment, True))
        if not keep_search:
            missing[LANDLOCK] = f"{why}; install Python where everybody may read it, or grade as an ordinary user"
    if SECCOMP in without:
        missing[SECCOMP] = LEFT_OUT
    elif why := attempt(_try_seccomp):
        missing[SECCOMP] = why
    if RLIMITS in without:
        missing[RLIMITS] = LEFT_OUT
    return Level(tuple(name for name in ALL if name not in missing), missing, keep_search)


def attempt(trial: Callable[[], None], fork: Callable[[], int] = os.fork) -> str:
    """Run this in a process of its own; return what went wrong, or ""."""
    reader, writer = os.pipe()
    try:
        pid = fork()
    except OSError as error:
        os.close(reader)
        os.close(writer)
        return str(error.strerror or error)
    if pid == 0:
        said = "it ended early"
        try:
            trial()
            said = ""
        except BaseException as error:
            said = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        finally:
            os.write(writer, (said or "yes").encode())
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as stream:
        said = stream.read().decode()
    _, status = os.waitpid(pid, 0)
    if said == "yes" and status == 0:
        return ""
    return said if said and said != "yes" else f"a trial ended with status {os.waitstatus_to_exitcode(status)}"


def _require(what: str) -> None:
    if what:
        raise RuntimeError(what)


def _try_namespaces(base: Path, library: Path, environment: Environment) -> None:
    namespaces.enter(str(base), str(library), environment)

    def in_own_processes() -> None:
        _require(_unreadable(environment))
        for _ in range(2):  # the second shows that one can be forked after another
            _require(attempt(lambda: namespaces.furnish("."), fork=namespaces.fork))

    _require(attempt(in_own_processes))


def _try_landlock() -> None:
    have = landlock.version()
    if have < landlock.OLDEST:
        raise RuntimeError(f"the kernel has version {have} of it, {landlock.OLDEST} is needed (Linux 6.2)")
    landlock.restrict([("/usr", landlock.READ)])
    try:
        os.listdir("/")
    except PermissionError:
        return
    raise RuntimeError("it is there but holds nothing off")


def _try_seccomp() -> None:
    if not seccomp.supported():
        raise RuntimeError(f"there is no filter for {syscalls.MACHINE}")
    limits.give_up_privileges()
    seccomp.install(seccomp.program(os.getpid()))
    try:
        os.mkfifo("/never")
    except PermissionError as error:
        if error.errno == 1:  # the filter's answer, before any look at folders
            return
    raise RuntimeError("it is there but holds nothing off")


def _try_as_nobody(environment: Environment, keep_search: bool) -> None:
    limits.leave_root(keep_search=keep_search)
    _require(_unreadable(environment))


def _unreadable(environment: Environment) -> str:
    """Return a sentence on what of the environment cannot be read here, or ""."""
    places = [*environment.readable, *module_folders(), os.__file__]
    for folder in module_folders():
        if os.path.isdir(folder) and os.access(folder, os.R_OK):
            places += [os.path.join(folder, name) for name in os.listdir(folder)]
    for path in places:
        try:
            if os.path.exists(path):
                os.close(os.open(path, os.O_RDONLY))
        except PermissionError:
            return f"the user nobody cannot read {path}"
        except OSError:
            continue
    missing = [path for path in environment.readable if not os.path.exists(path)]
    return f"{missing[0]} cannot be reached" if missing else ""
