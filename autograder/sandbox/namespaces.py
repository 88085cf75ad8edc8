"""Namespaces: a machine of the child's own, in which there are no other processes, no network, and few files.

The process that is forked from enters a user, mount, network, IPC, host-name and cgroup namespace, and a process
namespace in which it is the first. Its root is a small file system in memory that holds the environment, read-only.
Each child then gets a process, a mount and an IPC namespace for itself.
"""

from __future__ import annotations

import ctypes
import os
import struct

from autograder.sandbox import limits, syscalls
from autograder.sandbox.environment import DEVICES, Environment
from autograder.sandbox.syscalls import checked, raw

READ_ONLY, NO_SETUID, NO_DEVICES, NO_PROGRAMS = 1, 2, 4, 8
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
DETACH = 2
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
STUDENT = 1000  # the user a child sees itself as
SCRATCH, LIBRARY = "/scratch", "/library"
OWN = (
    syscalls.CLONE_NEWUSER
    | syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWPID
    | syscalls.CLONE_NEWNET
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWCGROUP
)
_libc = ctypes.CDLL(None, use_errno=True)


def enter(base: str, library: str, environment: Environment) -> None:
    """Move this process, which must have one thread, into namespaces of its own, and out of sight of all other files.

    `base` is an empty folder, `library` the folder that is seen as /library. What is forked next is the first process
    of the new process namespace. Root becomes nobody before: it has to look for the files itself, since the environment
    may lie where only root may go.
    """
    own = os.open("/proc/self", os.O_PATH | os.O_DIRECTORY)
    try:
        if os.getuid() == 0:
            syscalls.unshare(syscalls.CLONE_NEWNS)
            _new_root(base, library, environment)
            limits.leave_root()
            _own_user(own)
        else:
            _own_user(own)
            _new_root(base, library, environment)
    finally:
        os.close(own)


def fork() -> int:
    """Fork a child that is the first process of a process namespace of its own."""
    syscalls.unshare(syscalls.CLONE_NEWPID)
    pid = os.fork()
    if pid:
        own = os.pidfd_open(os.getpid())
        try:
            syscalls.setns(own, syscalls.CLONE_NEWPID)  # else only one child could be forked
        finally:
            os.close(own)
    return pid


def furnish(library: str) -> None:
    """Give this child its own scratch folder in memory, and only the one part of the library."""
    syscalls.unshare(syscalls.CLONE_NEWNS | syscalls.CLONE_NEWIPC)
    _mount(f"{LIBRARY}/{library}", LIBRARY, None, BIND)
    size = f"size={limits.SCRATCH_MIB}m,nr_inodes={limits.SCRATCH_FILES},mode=700"
    _mount("scratch", SCRATCH, "tmpfs", NO_SETUID | NO_DEVICES | NO_PROGRAMS, size)


def _own_user(own: int) -> None:
    user, group = os.getuid(), os.getgid()
    syscalls.unshare(OWN)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{STUDENT} {user} 1"),
        ("gid_map", f"{STUDENT} {group} 1"),
    ):
        place = os.open(name, os.O_WRONLY, dir_fd=own)
        try:
            os.write(place, text.encode())
        finally:
            os.close(place)


def _new_root(base: str, library: str, environment: Environment) -> None:
    _mount(None, "/", None, RECURSIVE | PRIVATE)
    _mount("root", base, "tmpfs", NO_SETUID | NO_DEVICES, "size=1m,mode=755")
    for folder in (SCRATCH, LIBRARY, "/tmp", "/before"):
        os.mkdir(base + folder)
    for path in environment.readable:
        _show(path, base + path, NO_DEVICES)
    _show(library, base + LIBRARY, NO_DEVICES | NO_PROGRAMS)
    for path in DEVICES:
        _show(path, base + path, NO_PROGRAMS)
    for path in environment.withheld:
        _mount("withheld", base + path, "tmpfs", READ_ONLY | NO_SETUID | NO_DEVICES, "size=4k,mode=555")
    for path, target in environment.links:
        if not os.path.lexists(base + path):
            os.makedirs(os.path.dirname(base + path), exist_ok=True)
            os.symlink(target, base + path)
    os.chdir(base)
    raw("pivot_root", b".", b"before")
    os.chdir("/")
    checked(_libc.umount2(b"/before", DETACH), "umount")
    os.rmdir("/before")
    _set_flags("/", READ_ONLY, recursive=False)


def _show(source: str, target: str, flags: int) -> None:
    """Let this file or folder be seen, read-only, at another place."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT, 0o444))
    _mount(source, target, None, BIND | RECURSIVE)
    _set_flags(target, READ_ONLY | NO_SETUID | flags)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    arguments = [None if value is None else os.fsencode(value) for value in (source, target, kind, data)]
    result = _libc.mount(*arguments[:3], ctypes.c_ulong(flags), arguments[3])
    checked(result, f"mount {target}")


def _set_flags(path: str, flags: int, *, recursive: bool = True) -> None:
    """Add to the flags of a mount; those it has from where it came stay."""
    attributes = struct.pack("4Q", flags, 0, 0, 0)
    raw("mount_setattr", AT_FDCWD, os.fsencode(path), AT_RECURSIVE if recursive else 0, attributes, len(attributes))
