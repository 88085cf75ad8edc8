"""What a child may use, in the kernel's own limits, and the privileges it gives up."""

from __future__ import annotations

import contextlib
import os
import resource
import struct
import sys
from typing import Any

from autograder.sandbox.syscalls import (
    PR_CAP_AMBIENT,
    PR_CAPBSET_DROP,
    PR_SET_DUMPABLE,
    PR_SET_KEEPCAPS,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    prctl,
    raw,
)

NOBODY = 65534
DAC_READ_SEARCH = 1 << 2
SIGKILL = 9

FILE_MIB = 32  # the largest file
SCRATCH_MIB = 64  # all files together
SCRATCH_FILES = 1000
OPEN_FILES = 64
SPARE_CPU = 5  # seconds that the kernel's limit lies above the judge's own


def cpu_limit(limits: dict[str, Any]) -> int:
    """Return the seconds of processor time after which the kernel kills a child."""
    return int(limits["submission_seconds"]) + SPARE_CPU


def set_limits(limits: dict[str, Any], address_space: int, *, trusted: bool) -> None:
    """Set the limits of this process; `address_space` is what it uses before the student's code starts."""
    _limit(resource.RLIMIT_AS, address_space + (limits["memory_mib"] << 20))
    _limit(resource.RLIMIT_CPU, cpu_limit(limits))
    _limit(resource.RLIMIT_CORE, 0)
    if trusted:
        return
    _limit(resource.RLIMIT_NPROC, 1)  # it is the one
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, FILE_MIB << 20)
    for name in ("MEMLOCK", "MSGQUEUE", "NICE", "RTPRIO"):
        if hasattr(resource, f"RLIMIT_{name}"):
            _limit(getattr(resource, f"RLIMIT_{name}"), 0)


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(kind, (most, most))


def leave_root(*, keep_search: bool = False) -> None:
    """Become nobody, for good. Limits on the number of processes do not bind root.

    `keep_search` keeps the one right to read files below folders that only root may enter, for an environment that
    lies there; what may be read at all is then landlock's to say.
    """
    for capability in range(64):
        with contextlib.suppress(OSError):
            prctl(PR_CAPBSET_DROP, capability)
    if keep_search:
        prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    if keep_search:
        set_capabilities(DAC_READ_SEARCH)
    prctl(PR_SET_DUMPABLE, 1)  # our own files in /proc are ours again


def give_up_privileges(*, keep_search: bool = False) -> None:
    """Drop every capability and the way to new ones."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    with contextlib.suppress(OSError):
        prctl(PR_CAP_AMBIENT, 4)
    set_capabilities(DAC_READ_SEARCH if keep_search else 0)


def set_capabilities(mask: int) -> None:
    """Have these capabilities, effective and permitted, and inherit none."""
    halves = [mask & 0xFFFFFFFF, mask & 0xFFFFFFFF, 0, mask >> 32, mask >> 32, 0]
    raw("capset", struct.pack("Ii", 0x20080522, 0), struct.pack("6I", *halves))


def die_with_parent() -> None:
    """Be killed when the process that forked this one ends; elsewhere than on Linux, the leash has to do."""
    if sys.platform != "linux":
        return
    prctl(PR_SET_PDEATHSIG, SIGKILL)
