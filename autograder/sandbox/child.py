"""How a child locks itself in, between the fork and the first line of a student's code; there is no way back."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.sandbox import landlock, limits, namespaces, seccomp
from autograder.sandbox.environment import DEVICES, Environment
from autograder.sandbox.levels import LANDLOCK, NAMESPACES, RLIMITS, SECCOMP, Level
from autograder.sandbox.library import name_by_module

HIGHEST_FD = 1 << 20


@dataclass
class Room:
    """What is the same for all children of a server."""

    level: Level
    library: Path
    environment: Environment
    address_space: int = 0  # in use before the student's code starts
    rules: list[tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        places = [(path, landlock.READ) for path in DEVICES] + [("/dev/null", landlock.USE)]
        for path in self.environment.readable:
            places += _readable(path, self.environment.withheld)
        self.rules = places


def lock_in(room: Room, request: dict[str, Any], scratch: Path | None, keep: set[int]) -> None:
    """Give up everything but computing, a scratch folder and the file descriptors in `keep`."""
    active = room.level.protections
    apart = NAMESPACES in active
    os.setsid()
    limits.die_with_parent()
    _close_all_but(keep)
    library = room.library / request["library"]
    if apart:
        namespaces.furnish(request["library"])
        scratch, library = Path(namespaces.SCRATCH), Path(namespaces.LIBRARY)
    assert scratch is not None
    os.chdir(scratch)
    os.environ.update(dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR"), str(scratch)))
    name_by_module(str(library))
    sys.path[:0] = ["", str(library)]
    _seed(request["seed"])
    limits.set_limits(request["limits"], room.address_space, trusted=RLIMITS not in active)
    if not active:
        return
    if LANDLOCK in active:
        own = [(str(scratch), landlock.CHANGE), (str(library), landlock.READ)]
        if apart:
            landlock.restrict([("/", landlock.READ), ("/dev/null", landlock.USE), *own])
        else:
            landlock.restrict([*room.rules, *own])
    limits.give_up_privileges(keep_search=room.level.keep_search)
    if SECCOMP in active:
        seccomp.install(seccomp.program(os.getpid()))


def _close_all_but(keep: set[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  (lives as long as the child)
    first = 3
    for number in [*sorted(keep), HIGHEST_FD]:
        os.closerange(first, number)
        first = number + 1


def _seed(seed: int) -> None:
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (students may use the old global generator)


def _readable(path: str, withheld: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Give the rules for reading all of this but what is withheld: folders on the way to that are listed one by one."""
    if path in withheld:
        return
    if not any(place.startswith(f"{path}/") for place in withheld):
        yield path, landlock.READ
        return
    yield path, landlock.LIST
    for name in os.listdir(path):
        yield from _readable(f"{path}/{name}", withheld)
