"""Doing harm: bombs of every kind, ending in every way, leaving things behind. Only the child itself may suffer.

After each attack the same server gives the next student a child as if nothing had happened.
"""

import json
import os
import tempfile
import time
from pathlib import Path

import pytest
import sandboxes
from sandboxes import LIMITS, descendants, eventually

from autograder.sandbox import limits
from autograder.sandbox.attempts import ATTEMPTS, try_it
from autograder.sandbox.probes import printed, run

BOMBS = [attempt for attempt in ATTEMPTS if attempt.reach == "resources"]
FRESH = "import os, numpy; print(numpy.arange(3).sum(), os.listdir('.'), os.listdir(os.environ['HOME']))"


@pytest.fixture
def child(server):
    """A child to do harm in; afterwards nothing is left of it, one that ran beside it goes on, the next is as new."""
    before = descendants(server._process.pid)
    neighbour = server.start(LIMITS, [], 0)
    child = server.start(LIMITS, ["checks"], 0)
    yield child
    child.end()
    assert printed(run(neighbour.channel, FRESH)) == "3 [] []\n"
    assert neighbour.end() == ""
    assert eventually(lambda: descendants(server._process.pid) == before)
    following = server.start(LIMITS, ["checks"], 0)
    assert printed(run(following.channel, FRESH)) == "3 [] []\n"
    following.end()
    assert list((server._folder / "scratch").iterdir()) == []


def send(child, source):
    """Start this source in the child and don't wait for it."""
    child.channel.sendall(json.dumps(source).encode() + b"\n")


@pytest.mark.parametrize("attempt", [a for a in BOMBS if a.sure and a.safe], ids=lambda attempt: attempt.name)
def test_a_bomb_works_without_a_sandbox(unprotected, plant, attempt):
    worked, how = try_it(unprotected, attempt, plant())
    assert worked, how


@pytest.mark.parametrize("attempt", BOMBS, ids=lambda attempt: attempt.name)
def test_a_bomb_is_held_off(server, plant, attempt):
    worked, how = try_it(server, attempt, plant())
    assert not worked
    assert how.startswith(("OSError: ", "MemoryError: ")) or how == "ended: disk"


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        ("import os; os._exit(0)", {"exit 0"}),
        ("import os; os._exit(3)", {"exit 3"}),
        # The first process of a namespace is not hit by its own signals: abort() then ends by a forbidden instruction.
        ("import os; os.abort()", {"signal SIGABRT", "signal SIGSEGV"}),
        ("import ctypes; ctypes.string_at(0)", {"signal SIGSEGV"}),
        ("import sys; sys.setrecursionlimit(10**9)\ndef f(): return f.__call__()\nf()", {"signal SIGSEGV", "memory"}),
        ("import ctypes; ctypes.CDLL(None).exit(4)", {"exit 4"}),
        ("import ctypes; ctypes.CDLL(None).syscall(231, 5)", {"exit 5"}),
    ],
)
def test_a_child_that_ends_itself_tells_how(child, source, reasons):
    if "231" in source and os.uname().machine != "x86_64":
        pytest.skip("the number of exit_group is another one here")
    assert run(child.channel, source) == {"lost": True}
    assert child.end() in reasons


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSTOP", "SIGINT", "SIGHUP"])
def test_a_child_may_signal_only_itself(child, name):
    send(child, f"import os, signal; os.kill(os.getpid(), signal.{name})\nwhile True: pass")
    time.sleep(0.05)
    began = time.monotonic()
    assert child.end() in {"", f"signal {name}"}
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("target", [-1, 0, 1, 2, "os.getppid()"])
def test_signals_to_groups_and_parents_are_refused(child, target):
    source = f"import os, signal\nif os.getpid() == {target}: raise PermissionError\nos.kill({target}, signal.SIGKILL)"
    answer = run(child.channel, source)
    assert {"PermissionError", "ProcessLookupError"} & set(answer["error"]["kinds"])


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import time; time.sleep(10**6)",
        "import signal\nfor n in {*range(1, 65)} - {9, 19, 32, 33}: signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        "import ctypes; ctypes.CDLL(None).pause()",
        "9 ** 9 ** 9",
    ],
)
def test_what_never_ends_is_ended_at_once(child, source):
    send(child, source)
    time.sleep(0.02)
    began = time.monotonic()
    assert child.end() == ""
    assert time.monotonic() - began < 1.0


def test_the_kernel_ends_what_uses_too_much_processor_time(server):
    second = {**LIMITS, "submission_seconds": 1 - limits.SPARE_CPU}
    child = server.start(second, [], 0)
    assert run(child.channel, "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass") == {
        "lost": True
    }
    assert child.end() == "cpu"


@pytest.mark.parametrize(
    "source",
    [
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "import numpy as np; x = [np.ones(1 << 18)]\nwhile True: x.append(x[-1].copy())",
        "import ctypes; m = ctypes.CDLL(None).malloc; m.restype = ctypes.c_void_p\n"
        "while True: ctypes.memset(m(1 << 20) or exec('raise MemoryError'), 1, 1 << 20)",
        "x = 'a'\nwhile True: x += x",
        "import mmap; x = []\nwhile True: x.append(mmap.mmap(-1, 1 << 24)); x[-1].write(bytes(1 << 24))",
    ],
)
def test_memory_ends_where_the_limit_is(server, source):
    child = server.start({**LIMITS, "memory_mib": 128}, [], 0)
    answer = run(child.channel, source)
    if "lost" in answer:
        assert child.end() == "memory"
    else:
        assert {"MemoryError", "OSError"} & set(answer["error"]["kinds"])
        assert printed(run(child.channel, "del x\nprint(1)" if "x =" in source else "print(1)")) == "1\n"
        assert child.end() == ""


def test_a_crash_with_all_memory_taken_is_told_as_memory(server):
    """As when a library in C is given no memory and does not look."""
    child = server.start({**LIMITS, "memory_mib": 128}, [], 0)
    source = "import ctypes\nx = bytearray(b'x') * (120 << 20)\nctypes.string_at(0)"
    assert run(child.channel, source) == {"lost": True}
    assert child.end() == "memory"


def test_forks_and_threads_are_refused_however_often(server, child):
    before = descendants(server._process.pid)
    source = """
import ctypes, os, threading, multiprocessing, subprocess
libc = ctypes.CDLL(None, use_errno=True)
refused = 0
for attempt in (
    os.fork, os.forkpty, lambda: libc.vfork() < 0 and 1/0, lambda: os.system('true') and 1/0,
    lambda: threading.Thread(target=int).start(), lambda: multiprocessing.Process(target=int).start(),
    lambda: subprocess.Popen(['true']), lambda: os.posix_spawn('/bin/true', ['true'], {}),
):
    for _ in range(50):
        try: attempt()
        except (OSError, RuntimeError, ZeroDivisionError): refused += 1
print(refused)
"""
    assert printed(run(child.channel, source)) == "400\n"
    assert descendants(server._process.pid) == before


def test_output_that_goes_around_the_shell_goes_nowhere(child, capfd):
    source = "import os\nfor _ in range(2000): os.write(1, bytes(100_000)); os.write(2, bytes(100_000))\nprint('end')"
    assert printed(run(child.channel, source)) == "end\n"
    assert capfd.readouterr() == ("", "")


def test_closing_everything_ends_the_child(child):
    send(child, "import os, time; os.closerange(0, 1000); time.sleep(0.05); os._exit(0)")
    assert child.channel.recv(1) == b""
    assert child.end() in {"exit 0", "exit 1"}


def test_a_child_that_closes_its_channel_and_stays_is_ended(child):
    send(child, "import os, time; os.closerange(3, 1000); time.sleep(1000)")
    assert child.channel.recv(1) == b""
    assert child.end() == "closed its channel"


def test_floods_on_the_channel_do_not_keep_a_child_from_being_ended(child):
    find = (
        "import os, stat; n = next(n for n in range(3, 99) if os.path.exists(n) and stat.S_ISSOCK(os.fstat(n).st_mode))"
    )
    send(child, f"{find}\nwhile True: os.write(n, bytes(1 << 16))")
    time.sleep(0.05)
    assert len(child.channel.recv(1 << 16)) > 0
    assert child.end() == ""


POISON = """
import os, sys
text = "raise SystemExit('poisoned')"
places = ['.', os.environ['HOME'], os.environ['IPYTHONDIR'], *sys.path]
wrote = 0
for place in places:
    for name in ('numpy.py', 'sitecustomize.py', 'usercustomize.py', 'poison.pth', 'startup/00.py', 'matplotlibrc',
                 'profile_default/startup/00.py', '.bashrc'):
        try:
            os.makedirs(os.path.dirname(os.path.join(place, name)) or '.', exist_ok=True)
            with open(os.path.join(place, name), 'w') as file: file.write(text)
            if not os.path.realpath(place).startswith(os.path.realpath('.')): wrote += 1
        except OSError: pass
import builtins, numpy
builtins.poison = numpy.poison = numpy.array = 'poison'
sys.path.insert(0, '/poison'); os.environ['POISON'] = '1'
print(wrote)
"""


def test_nothing_poisoned_reaches_the_next_child(server, child):
    assert printed(run(child.channel, POISON)) == "0\n"
    child.end()
    following = server.start(LIMITS, [], 0)
    source = (
        "import builtins, os, sys, numpy; print(numpy.array(1), hasattr(builtins, 'poison'), 'POISON' in os.environ)"
    )
    assert printed(run(following.channel, source)) == "1 False False\n"
    following.end()


def test_scratch_is_the_only_place_that_can_be_written(child):
    source = """
import os
for place in ('/', '/tmp', '/dev/shm', '/run', '/etc', '/usr/lib', '/home', '/root', os.path.dirname(os.__file__)):
    try: open(os.path.join(place, 'left-behind'), 'w'); print(place)
    except OSError: pass
open('here', 'w').close(); print(os.listdir('.'))
"""
    assert printed(run(child.channel, source)) == "['here']\n"
    assert not Path(tempfile.gettempdir(), "left-behind").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="these tests run as an ordinary user already")
def test_all_this_and_stealing_is_held_off_for_an_ordinary_user():
    stealing = str(Path(__file__).with_name("test_stealing.py"))
    same = (
        "works_without",
        "never_ends",
        "memory_ends",
        "ends_itself",
        "closes",
        "floods",
        "processor",
    )  # for everybody
    status, said = sandboxes.run_as_ordinary_user(__file__, stealing, "-k", f"not ({' or '.join(same)})")
    assert status == 0, said
