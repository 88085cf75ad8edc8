"""Landlock: an allow-list of files that a process puts on itself and can never take off. See landlock(7).

It needs no privileges. Newer kernels restrict more by it; what an older one lacks is denied by the system call filter.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from autograder.sandbox.syscalls import PR_SET_NO_NEW_PRIVS, prctl, raw

OLDEST = 3  # Linux 6.2: before it, a file that may be read could be emptied

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
MOVE, TRUNCATE = 1 << 13, 1 << 14
LIST = READ_DIR
READ = READ_FILE | READ_DIR
USE = READ_FILE | WRITE_FILE
CHANGE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_FILE | MOVE | TRUNCATE
OF_FILES = WRITE_FILE | READ_FILE | TRUNCATE  # the rights that mean something for what is no folder

ALL_FILE_RIGHTS = {3: (1 << 15) - 1, 4: (1 << 15) - 1}  # since version 5: one more, for devices
ALL_NETWORK = 3  # since version 4: to bind and to connect TCP sockets
ALL_SCOPES = 3  # since version 6: abstract Unix sockets and signals of others


def version() -> int:
    """Return the version of landlock that the kernel has, or 0."""
    try:
        return raw("landlock_create_ruleset", None, 0, 1)
    except OSError:
        return 0


def restrict(rules: Iterable[tuple[str, int]]) -> None:
    """Allow this process nothing but these rights on these files and folders with all below."""
    have = version()
    rights = ALL_FILE_RIGHTS.get(have, (1 << 16) - 1)
    attributes = struct.pack("QQQ", rights, ALL_NETWORK if have >= 4 else 0, ALL_SCOPES if have >= 6 else 0)
    size = 24 if have >= 6 else 16 if have >= 4 else 8
    ruleset = raw("landlock_create_ruleset", attributes, size, 0)
    try:
        for path, allowed in rules:
            try:
                place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                if not stat.S_ISDIR(os.fstat(place).st_mode):
                    allowed &= OF_FILES
                raw("landlock_add_rule", ruleset, 1, struct.pack("<Qi", allowed, place), 0)
            finally:
                os.close(place)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        raw("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)
