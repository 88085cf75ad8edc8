"""The sandboxes that tests try: each level this host can have, and a run of the same tests as an ordinary user."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.sandbox import ForkServer
from autograder.sandbox.probes import SERVE

HERE = Path(__file__).resolve().parent
COURSE = HERE.parents[1]
LIMITS = {"cell_seconds": 10, "submission_seconds": 60, "memory_mib": 512, "output_kib": 256}
LEVELS = {"all": [], "no namespaces": ["namespaces"], "no landlock": ["landlock"]}


def open_server(level):
    return ForkServer(serve=SERVE, without=LEVELS[level])


def descendants(pid):
    """Return the processes that stem from this one, which /proc shows by their numbers here, whatever they see."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def eventually(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def run_as_ordinary_user(*files):
    """Run these test files as nobody; return pytest's exit status and what it said."""
    with tempfile.TemporaryDirectory(prefix="ordinary-") as home:
        os.chmod(home, 0o777)
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", COURSE, "--basetemp", f"{home}/tests"]
        done = subprocess.run(
            [sys.executable, HERE / "ordinary_user.py", "-m", "pytest", *options, *files],
            env={**os.environ, "PYTHONPATH": str(COURSE), "TMPDIR": home},
            cwd=COURSE,
            capture_output=True,
            text=True,
        )
    return done.returncode, done.stdout + done.stderr
