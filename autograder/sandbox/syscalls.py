"""The kernel's calls that Python has no name for, and the number of every call a child may make.

The numbers are the kernel's own and never change: `unistd_64.h` for x86_64, `asm-generic/unistd.h` for aarch64.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys

MACHINE = platform.machine()

# A call, its number on x86_64, its number on aarch64; a dash where that architecture never had it.
CALLS = {
    "memory": """
        brk 12 214, mmap 9 222, munmap 11 215, mremap 25 216, mprotect 10 226, madvise 28 233, msync 26 227
    """,
    "files": """
        read 0 63, write 1 64, pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66, open 2 -, openat 257 56,
        creat 85 -, close 3 57, close_range 436 436, lseek 8 62, stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79,
        statx 332 291, statfs 137 43, fstatfs 138 44, access 21 -, faccessat 269 48, faccessat2 439 439,
        readlink 89 -, readlinkat 267 78, getdents 78 -, getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50,
        rename 82 -, renameat 264 38, renameat2 316 276, mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -,
        unlinkat 263 35, ftruncate 77 46, fallocate 285 47, fsync 74 82, fdatasync 75 83, fadvise64 221 223,
        copy_file_range 326 285, sendfile 40 71, umask 95 166, dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -,
        pipe2 293 59, eventfd2 290 19, fcntl 72 25, ioctl 16 29
    """,
    "waiting": """
        poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create1 291 20, epoll_ctl 233 21,
        epoll_wait 232 -, epoll_pwait 281 22, pause 34 -, nanosleep 35 101, clock_nanosleep 230 115, wait4 61 260,
        waitid 247 95, sched_yield 24 124
    """,
    "signals": """
        rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
        rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132, restart_syscall 219 128, kill 62 129,
        tkill 200 130, tgkill 234 131
    """,
    "time": """
        clock_gettime 228 113, clock_getres 229 114, gettimeofday 96 169, time 201 -, times 100 153, alarm 37 -,
        getitimer 36 102, setitimer 38 103
    """,
    "itself": """
        getpid 39 172, gettid 186 178, getppid 110 173, getpgrp 111 -, getuid 102 174, geteuid 107 175,
        getgid 104 176, getegid 108 177, getresuid 118 148, getresgid 120 150, getgroups 115 158, getrusage 98 165,
        getrlimit 97 163, prlimit64 302 261, getpriority 140 141, sched_getaffinity 204 123, getcpu 309 168,
        uname 63 160, sysinfo 99 179, getrandom 318 278, prctl 157 167, arch_prctl 158 -, set_tid_address 218 96,
        set_robust_list 273 99, rseq 334 293, futex 202 98, futex_waitv 449 449, membarrier 324 283, exit 60 93,
        exit_group 231 94
    """,
    "channel": """
        sendto 44 206, recvfrom 45 207, shutdown 48 210, getsockopt 55 209, getsockname 51 204,
        getpeername 52 205, socketpair 53 199
    """,
    "setting up": """
        landlock_create_ruleset 444 444, landlock_add_rule 445 445, landlock_restrict_self 446 446,
        pivot_root 155 41, capset 126 91, mount_setattr 442 442
    """,
}


def numbers(machine: str) -> dict[str, dict[str, int]]:
    """Return the calls of each group with their numbers on this architecture, or {} for one that is not known."""
    column = {"x86_64": 1, "aarch64": 2}.get(machine)
    if column is None:
        return {}
    found = {}
    for group, table in CALLS.items():
        rows = (row.split() for row in table.split(","))
        found[group] = {row[0]: int(row[column]) for row in rows if row[column] != "-"}
    return found


_own = numbers(MACHINE).get("setting up", {})
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47


def checked(result: int, what: str) -> int:
    """Return the result of a C function, or raise the OSError that it set."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def raw(name: str, *arguments: int | bytes | None) -> int:
    """Make a call of the group "setting up" by its number."""
    if sys.platform != "linux" or name not in _own:
        raise OSError(38, f"{name}: not known on {sys.platform} {MACHINE}")
    values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return checked(_libc.syscall(ctypes.c_long(_own[name]), *values), name)


def prctl(option: int, *arguments: int) -> int:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return checked(_libc.prctl(option, *values), f"prctl {option}")


def unshare(flags: int) -> None:
    checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(fd: int, kind: int) -> None:
    checked(_libc.setns(fd, kind), "setns")
