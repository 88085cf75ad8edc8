"""The fork server and its children: they start alike, end for a reason that is told, and leave nothing behind."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sandboxes import COURSE, LEVELS, LIMITS, descendants, eventually, open_server

from autograder.errors import CourseError
from autograder.sandbox import ForkServer, probe
from autograder.sandbox.probes import SERVE, printed, run


@pytest.fixture(scope="module", params=["trusted", *LEVELS])
def server(request):
    server = ForkServer(trusted=True, serve=SERVE) if request.param == "trusted" else open_server(request.param)
    yield server
    server.close()


@pytest.fixture
def child(server):
    child = server.start(LIMITS, ["checks"], 5)
    yield child
    child.end()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import os; os._exit(3)", "exit 3"),
        ("import ctypes; ctypes.string_at(0)", "signal SIGSEGV"),
    ],
)
def test_a_child_that_ended_by_itself_tells_why(child, source, why):
    assert run(child.channel, source) == {"lost": True}
    assert child.end() == why
    assert child.end() == why  # asked again


def test_a_child_that_was_still_there_ended_for_no_reason_of_its_own(child):
    assert printed(run(child.channel, "print(6 * 7)")) == "42\n"
    assert child.end() == ""


def test_memory_beyond_the_limit_is_an_exception_in_the_child(child):
    answer = run(child.channel, f"wanted = bytearray({600 << 20})")
    assert "MemoryError" in answer["error"]["kinds"]
    assert run(child.channel, f"wanted = bytearray({300 << 20})")["error"] is None


def test_processor_time_is_told_while_the_child_runs(child):
    before = child.cpu_seconds()
    run(child.channel, "import time; began = time.process_time()\nwhile time.process_time() < began + 0.2: pass")
    assert 0.2 <= child.cpu_seconds() - before < 1.0


def test_children_start_alike_and_know_nothing_of_each_other(server):
    source = "import random, numpy as np; print(random.random(), np.random.rand(), hash('a'), 'left' in globals())"
    said = []
    for _ in range(2):
        child = server.start(LIMITS, [], 7)
        said.append(printed(run(child.channel, source)))
        run(child.channel, "left = 1; open('left', 'w').close(); import builtins; builtins.left = 1")
        child.end()
    assert said[0] == said[1]


def test_a_child_has_only_the_allowed_modules_of_the_library(child):
    assert run(child.channel, "from course_lib import checks")["error"] is None
    assert "ImportError" in run(child.channel, "from course_lib import activations")["error"]["kinds"]


def test_a_module_that_brings_a_withheld_one_is_refused(server):
    with pytest.raises(CourseError, match=r"course_lib\.losses, which imports course_lib\.activations"):
        server.start(LIMITS, ["losses"], 0)


def test_a_child_is_killed_when_its_handle_is_gone(server):
    before = descendants(server._process.pid)
    child = server.start(LIMITS, [], 0)
    child.channel.sendall(b'"while True: pass"\n')
    assert len(descendants(server._process.pid)) == len(before) + 1
    child.channel.close()
    child._leash.close()
    assert eventually(lambda: descendants(server._process.pid) == before)


def test_a_forked_process_may_start_children_too(server):
    pid = os.fork()
    if pid == 0:
        status = 1
        with contextlib.suppress(BaseException):
            child = server.start(LIMITS, [], 0)
            status = 0 if printed(run(child.channel, "print(1)")) == "1\n" and child.end() == "" else 2
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_nothing_is_left_when_the_server_is_closed():
    server = ForkServer(trusted=True, serve=SERVE)
    folder, pid = server._folder, server._process.pid
    child = server.start(LIMITS, [], 0)
    child.channel.sendall(b'"while True: pass"\n')
    started = descendants(pid)
    server.close()
    assert not folder.exists()
    assert len(started) == 2
    assert not any(Path(f"/proc/{number}").exists() for number in started)
    with pytest.raises(ConnectionError):
        server.start(LIMITS, [], 0)


@pytest.mark.parametrize("level", LEVELS)
def test_a_lost_server_is_no_fault_of_the_student(level):
    server = open_server(level)
    try:
        child = server.start(LIMITS, [], 0)
        server._process.kill()
        assert child.channel.recv(1) == b""
        with pytest.raises(ConnectionError, match="was lost"):
            child.end()
        with pytest.raises(ConnectionError, match="was lost"):
            server.start(LIMITS, [], 0)
    finally:
        server.close()


def test_what_a_killed_server_left_is_removed_by_those_after_it():
    source = """
import os, signal
from autograder.sandbox import ForkServer, probe
from autograder.sandbox.probes import SERVE
server = ForkServer(serve=SERVE)
print(server._folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, cwd=COURSE)
    left = Path(done.stdout.strip())
    assert left.is_dir()
    living = ForkServer(trusted=True, serve=SERVE)
    try:
        deadline = time.monotonic() + 20
        while left.exists() and time.monotonic() < deadline:  # its server is dying yet, slowly on a busy machine
            probe()
        assert not left.exists()
        assert living._folder.is_dir()
    finally:
        living.close()


def test_a_server_dies_with_the_process_that_started_it():
    source = """
import os, signal
from autograder.sandbox import ForkServer, probe
from autograder.sandbox.probes import SERVE
server = ForkServer(serve=SERVE)
child = server.start({"submission_seconds": 60, "memory_mib": 512}, [], 0)
child.channel.sendall(b'"while True: pass"\\n')
print(server._process.pid, flush=True)
input()
os.kill(os.getpid(), signal.SIGKILL)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=COURSE
    )
    pid = int(process.stdout.readline())
    family = descendants(pid)
    assert len(family) >= 2
    process.communicate("\n")
    assert eventually(lambda: not any(Path(f"/proc/{number}").exists() for number in family))


def test_what_the_library_imports_is_warm_and_the_library_is_not(child):
    """A module that is warm costs a child nothing; a warm module of the library would be in reach of everybody."""
    source = "import sys; print('gzip' in sys.modules, [name for name in sys.modules if name.startswith('course_lib')])"
    assert printed(run(child.channel, source)) == "True []\n"
