"""Runs a Python command as the user nobody: `python ordinary_user.py -m pytest ...`, started by root.

The environment and the course may lie where only root may go, below /root for example. The command then runs in a view
of the file system of its own, in which the folders on the way to them are others, that everybody may enter.
"""

import ctypes
import os
import sys
from pathlib import Path

from autograder.sandbox.syscalls import CLONE_NEWNS, checked, unshare

NOBODY = 65534
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
COURSE = Path(__file__).resolve().parents[2]
libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind, flags, data=None):
    arguments = [value if value is None else os.fsencode(value) for value in (source, target, kind, data)]
    checked(libc.mount(*arguments[:3], ctypes.c_ulong(flags), arguments[3]), f"mount {target}")


def gate(path):
    """Return the first folder on the way to `path` that others may not enter, or None."""
    return next((str(p) for p in [*reversed(Path(path).parents), Path(path)] if not p.stat().st_mode & 1), None)


def open_the_way(paths):
    shut = {gate(path) for path in paths} - {None}
    if not shut:
        return
    unshare(CLONE_NEWNS)
    mount(None, "/", None, RECURSIVE | PRIVATE)
    for folder in sorted(shut):
        behind = {path: os.open(path, os.O_PATH) for path in paths if gate(path) == folder}
        mount("way", folder, "tmpfs", 0, "mode=755")
        for path, place in behind.items():
            os.makedirs(path, exist_ok=True)
            mount(f"/proc/self/fd/{place}", path, None, BIND | RECURSIVE)
            os.close(place)


def main():
    prefixes = {os.path.realpath(path) for path in (sys.base_prefix, sys.prefix, COURSE)}
    open_the_way(sorted(prefixes))
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # our own files in /proc are ours again
    home = os.environ["HOME"] = os.environ["TMPDIR"]
    os.environ["MPLCONFIGDIR"] = os.environ["XDG_CACHE_HOME"] = home
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])


if __name__ == "__main__":
    main()
