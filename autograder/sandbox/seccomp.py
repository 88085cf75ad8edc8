"""The filter of system calls: what Python, NumPy and matplotlib need to compute, and nothing else.

It is an allow-list in the kernel's own little machine language (seccomp(2)), written out here: about two hundred
instructions, one pair a call. What is not listed fails with "Operation not permitted", so there are no sockets, no new
processes or threads, no programs, no tracing, no changes of anybody's permissions; calls that do not exist yet fail as
well. Some calls are allowed for certain arguments only.
"""

from __future__ import annotations

import ctypes
import struct

from autograder.sandbox import syscalls

ALLOW = 0x7FFF0000
DENY = 0x00050000 | 1  # the call fails with EPERM
KILL = 0x80000000  # the whole process, by SIGSYS

LOAD, EQUALS, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE = 0, 4  # where they stand in what the filter is shown
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000  # the numbers from here on are calls of the x32 ABI, which only x86_64 has

SELF = -1  # stands for the process id
GROUPS = ("memory", "files", "waiting", "signals", "time", "itself", "channel")

# Calls that are allowed only where one argument is among these values; "whole" compares all its 64 bits.
F_ALLOWED = (0, 1, 2, 3, 4, 1030, 1032)  # duplicate, flags, size of a pipe: no locks, leases, owners or signals
IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, how wide, bytes waiting, flags
PRCTL_ALLOWED = (15, 16, 0x53564D41)  # the names of threads and of memory
ONLY = {
    "kill": (0, (SELF,)),
    "tgkill": (0, (SELF,)),
    "tkill": (0, (SELF,)),  # a process has one thread, and its number is the process's
    "fcntl": (1, F_ALLOWED),
    "ioctl": (1, IOCTL_ALLOWED),
    "prctl": (0, PRCTL_ALLOWED),
    "prlimit64": (0, (0,)),
    "socketpair": (0, (1,)),  # AF_UNIX, both ends its own
    "sendto": (4, (0,)),  # to no address: only on what is connected already
}
POINTERS = {"sendto"}  # where the argument is a pointer and has to be 0 as a whole


def supported() -> bool:
    """Whether there is a filter for this architecture."""
    return syscalls.MACHINE in ARCHITECTURES


def program(pid: int, machine: str = syscalls.MACHINE) -> bytes:
    """Return the filter for the process with this number."""
    groups = syscalls.numbers(machine)
    calls = {name: number for group in GROUPS for name, number in groups[group].items()}
    code = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUALS, ARCHITECTURES[machine], 1, 0),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
    ]
    if machine == "x86_64":
        code += [_step(AT_LEAST, X32, 0, 1), _step(RETURN, KILL)]
    for name, number in calls.items():
        body = _body(name, pid)
        code += [_step(EQUALS, number, 0, len(body)), *body]
    code.append(_step(RETURN, DENY))
    return b"".join(code)


def _body(name: str, pid: int) -> list[bytes]:
    """Return what is done for a call: the rest of the filter is jumped over to get past it."""
    if name not in ONLY:
        return [_step(RETURN, ALLOW)]
    argument, values = ONLY[name]
    low = 16 + 8 * argument  # both architectures keep the low half first
    halves = [low, low + 4] if name in POINTERS else [low]
    body = []
    for half in halves:
        body.append(_step(LOAD, half))
        for place, value in enumerate(values):
            body.append(_step(EQUALS, pid if value == SELF else value, len(values) - place, 0))
        body.append(_step(RETURN, DENY))
    return [*body, _step(RETURN, ALLOW)]


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_so, if_not, value)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def install(filter_: bytes) -> None:
    """Put the filter on this process for good; needs no_new_privs."""
    buffer = ctypes.create_string_buffer(filter_, len(filter_))
    whole = _Program(len(filter_) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    syscalls.prctl(syscalls.PR_SET_SECCOMP, 2, ctypes.addressof(whole))
