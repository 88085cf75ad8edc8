"""The protections one by one: each holds alone what it claims to, is found out rightly, changes no honest result."""

import json
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import sandboxes
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib import font_manager
from sandboxes import LIMITS
from typer.testing import CliRunner

from autograder.commands import app
from autograder.errors import CourseError
from autograder.sandbox import ForkServer, attempts, forkserver, probe, seccomp, syscalls
from autograder.sandbox.attempts import ATTEMPTS, Attempt, planted, try_it
from autograder.sandbox.levels import ALL
from autograder.sandbox.probes import SERVE, run

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


# Each alone


@pytest.fixture(scope="module", params=ALL)
def alone(request):
    """The name of a protection, and a server that has no other."""
    server = ForkServer(serve=SERVE, without=[name for name in ALL if name != request.param], refuse=False)
    assert server.level.protections == (request.param,)
    yield request.param, server
    server.close()


@pytest.fixture(scope="module")
def plant():
    with planted() as plant:
        yield plant


def test_a_protection_holds_off_alone_what_it_claims_to(alone, plant):
    protection, server = alone
    claimed = [attempt for attempt in ATTEMPTS if protection in attempt.by]
    assert len(claimed) >= 5
    assert [attempt.name for attempt in claimed if try_it(server, attempt, plant())[0]] == []


def test_every_attempt_is_held_off_by_two_or_has_a_reason():
    """What a single protection holds off is left to it knowingly: then landlock or namespaces may be missing."""
    single = {attempt.name: attempt.by[0] for attempt in ATTEMPTS if len(attempt.by) == 1}
    assert set(single.values()) <= {"seccomp", "rlimits", "namespaces"}
    assert all(attempt.reach == "resources" for attempt in ATTEMPTS if attempt.by == ("namespaces",))


# The filter of system calls, played through


def decide(program, number, architecture, arguments):
    """What the kernel does with a filter: interpret it, for the few instructions there are."""
    data = struct.pack("iIQ6Q", number, architecture, 0, *arguments)
    steps = [struct.unpack_from("HBBI", program, at) for at in range(0, len(program), 8)]
    here, accumulator = 0, 0
    while True:
        code, if_so, if_not, value = steps[here]
        if code == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("I", data, value)
        elif code == seccomp.RETURN:
            return value
        else:
            holds = accumulator == value if code == seccomp.EQUALS else accumulator >= value
            here += if_so if holds else if_not
        here += 1


machines = st.sampled_from(["x86_64", "aarch64"])
words = st.one_of(st.integers(0, 70), st.integers(0, 2**64 - 1))


@given(machines, st.integers(0, 600), st.lists(words, min_size=6, max_size=6), st.integers(1, 2**22))
@example("x86_64", 44, [3, 1, 1, 0, 0, 0], 5)
@example("x86_64", 44, [3, 1, 1, 0, 1 << 32, 16], 5)
@example("x86_64", 62, [5, 9, 0, 0, 0, 0], 5)
@example("x86_64", 62, [2**64 - 1, 9, 0, 0, 0, 0], 5)
@example("aarch64", 129, [5, 9, 0, 0, 0, 0], 5)
@example("x86_64", 302, [0, 0, 0, 0, 0, 0], 5)
@example("x86_64", 302, [7, 0, 0, 0, 0, 0], 5)
def test_the_filter_allows_the_listed_calls_with_their_arguments_and_no_other(machine, number, arguments, pid):
    groups = syscalls.numbers(machine)
    names = {n: name for group in seccomp.GROUPS for name, n in groups[group].items()}
    expected = number in names
    if names.get(number) in seccomp.ONLY:
        argument, values = seccomp.ONLY[names[number]]
        whole = names[number] in seccomp.POINTERS
        seen = arguments[argument] if whole else arguments[argument] & 0xFFFFFFFF
        expected = seen in [pid if value == seccomp.SELF else value for value in values]
    answer = decide(seccomp.program(pid, machine), number, seccomp.ARCHITECTURES[machine], arguments)
    assert answer == (seccomp.ALLOW if expected else seccomp.DENY)


@given(machines, st.integers(0, 600), st.integers(0, 2**32 - 1))
@example("x86_64", 1, 0x40000003)  # i386, whose numbers mean other calls
@example("aarch64", 1, 0x40000028)
def test_calls_of_another_architecture_end_the_process(machine, number, architecture):
    if architecture != seccomp.ARCHITECTURES[machine]:
        assert decide(seccomp.program(1, machine), number, architecture, [0] * 6) == seccomp.KILL


@given(st.integers(0, 600))
def test_x32_calls_end_the_process(number):
    program = seccomp.program(1, "x86_64")
    assert decide(program, seccomp.X32 + number, seccomp.ARCHITECTURES["x86_64"], [0] * 6) == seccomp.KILL


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_the_kernels(machine):
    if not HEADERS[machine].is_file():
        pytest.skip("the kernel's headers are not installed")
    text = HEADERS[machine].read_text()
    real = {m[2]: int(m[3]) for m in re.finditer(r"#define __NR(3264)?_(\w+) (\d+)", text)}
    real.setdefault("newfstatat", real.get("fstatat", -1))
    for group, calls in syscalls.numbers(machine).items():
        for name, number in calls.items():
            # Headers may be older than a call; they have no other call of this number then.
            assert real.get(name, number) == number, group
            assert name in real or number not in real.values()


DANGEROUS = """
    socket connect bind sendmsg recvmsg clone clone3 fork vfork execve execveat ptrace process_vm_readv io_uring_setup
    bpf perf_event_open userfaultfd unshare setns mount pivot_root chroot keyctl add_key shmget msgget semget
    memfd_create mknod symlink link chmod fchmodat chown utimensat setxattr truncate inotify_init1 fanotify_init
    name_to_handle_at open_by_handle_at pidfd_open pidfd_getfd process_madvise setuid setgroups capset seccomp
    personality prctl:22 fcntl:8 ioctl:0x5412 sched_setaffinity setpriority rt_sigqueueinfo
"""


@pytest.mark.parametrize("name", DANGEROUS.split())
def test_what_is_dangerous_is_not_on_the_list(name):
    call, _, value = name.partition(":")
    for machine in ("x86_64", "aarch64"):
        groups = syscalls.numbers(machine)
        listed = {name for group in seccomp.GROUPS for name in groups[group]}
        assert call not in listed or int(value, 0) not in seccomp.ONLY[call][1]


# Levels


def test_all_protections_are_found_or_told_why_not():
    level = probe()
    assert set(level.protections) | set(level.missing) == set(ALL)
    assert not set(level.protections) & set(level.missing)
    assert all(level.missing.values())
    assert level.isolates == (
        "seccomp" in level.protections and len({"namespaces", "landlock"} - set(level.missing)) > 0
    )


def test_what_is_left_out_is_named(monkeypatch):
    monkeypatch.setenv("AUTOGRADER_SANDBOX_WITHOUT", "namespaces")
    level = probe()
    assert "namespaces" not in level.protections
    assert level.missing["namespaces"] == "not used, as asked"
    assert level.name == "landlock + seccomp + rlimits"


@pytest.mark.parametrize("without", [["namespaces", "landlock"], ["seccomp"]])
def test_where_nothing_isolates_a_sentence_says_what_to_do(without):
    with pytest.raises(CourseError, match=r"Nothing on this host keeps student code apart.*Linux 6\.2.*--trusted"):
        ForkServer(serve=SERVE, without=without)


DENIED = """
import ctypes, os, struct, sys
from autograder.sandbox import seccomp, syscalls
unshare = {"x86_64": 272, "aarch64": 97}[syscalls.MACHINE]
step = struct.Struct("HBBI").pack
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
load, deny, allow = step(0x20, 0, 0, 0), step(0x06, 0, 0, 0x50001), step(0x06, 0, 0, 0x7FFF0000)
seccomp.install(load + step(0x15, 0, 1, unshare) + deny + allow)
from autograder.sandbox import ForkServer
from autograder.sandbox.attempts import ATTEMPTS, planted, try_it
from autograder.sandbox.probes import SERVE
server = ForkServer(serve=SERVE)
print(server.level.name, server.level.missing)
with planted() as plant:
    tried = [attempt for attempt in ATTEMPTS if attempt.reach != "resources"]
    print([attempt.name for attempt in tried if try_it(server, attempt, plant())[0]])
server.close()
"""


def test_a_host_that_forbids_namespaces_gets_the_lower_level_and_it_holds():
    """As container runtimes do it: a filter that refuses the call."""
    done = subprocess.run([sys.executable, "-c", DENIED], capture_output=True, text=True, cwd=sandboxes.COURSE)
    assert done.stdout.splitlines() == [
        "landlock + seccomp + rlimits {'namespaces': 'unshare: Operation not permitted'}",
        "[]",
    ], done.stderr


# Honest work


HONEST = r"""
%matplotlib inline
import numpy as np, matplotlib.pyplot as plt
from course_lib import checks, datasets
np.arange(6).reshape(2, 3)
# %%
rng = np.random.default_rng(3)
x = rng.normal(size=(50, 4))
print(np.linalg.svd(x)[1], np.random.rand(2))
# %%
fig, axes = plt.subplots(1, 2)
axes[0].plot(x[:, 0]); axes[0].set_title(r'$\sigma(z)$ ümläut')
axes[1].imshow(x[:4]); plt.tight_layout(); plt.show()
# %%
ax = plt.figure().add_subplot(projection='3d')
ax.plot_surface(*np.meshgrid([0., 1], [0., 1]), np.ones((2, 2)));
# %%
digits = datasets.digits(); digits[0].shape
# %%
checks.check_value('the mean', 1.0, 2.0)
# %%
checks.check_value('the mean', 1.0, 2.0, no_such=3)
# %%
datasets.moons(-1, rng)
# %%
from course_lib import activations
# %%
import no_such_module
# %%
def f(x):
    return np.ones(3) @ np.ones(4)
f(1)
# %%
unfinished = [1, 2
# %%
import warnings, sys; warnings.warn('careful'); print('aside', file=sys.stderr); np.log(0.0)
# %%
from IPython.display import HTML, Markdown, Latex, display; display(HTML('<b>x</b>')); Markdown('# y')
# %%
%precision 3
3.14159
# %%
np.save('kept', x); print(np.load('kept.npy').sum()); plt.plot([1, 2]); plt.savefig('figure.svg'); plt.close('all')
# %%
import asyncio
await asyncio.sleep(0)
print('awaited')
# %%
input('name? ')
# %%
raise SystemExit(3)
# %%
import scipy.optimize, json, csv, decimal, fractions, statistics, datetime, itertools, collections, dataclasses
datetime.datetime(2024, 1, 1).astimezone().isoformat()
# %%
import tempfile, pathlib
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, 'a').write_text('b')
pathlib.Path(folder).exists()
# %%
hash('the same every time'), {'b', 'a', 'c'}
""".strip().split("\n# %%\n")


def outputs_of(server):
    child = server.start({**LIMITS, "memory_mib": 1024}, ["checks", "datasets"], 11)
    answers = [run(child.channel, source) for source in HONEST]
    assert child.end() == ""
    return answers


@pytest.fixture(scope="module")
def without_sandbox():
    server = ForkServer(trusted=True, serve=SERVE)
    yield outputs_of(server)
    server.close()


@pytest.mark.parametrize("level", sandboxes.LEVELS)
def test_honest_cells_put_out_the_same_with_and_without_a_sandbox(level, without_sandbox):
    """Byte for byte: pictures, errors with their lines, values, files of their own."""
    server = sandboxes.open_server(level)
    try:
        for source, inside, outside in zip(HONEST, outputs_of(server), without_sandbox, strict=True):
            assert inside == outside, source
    finally:
        server.close()


def test_what_honest_cells_put_out_is_what_is_meant(without_sandbox):
    kinds = [[item["output_type"] for item in answer["outputs"]] for answer in without_sandbox]
    failing = [source.split("\n")[0] for source, answer in zip(HONEST, without_sandbox, strict=True) if answer["error"]]
    assert failing == [
        "checks.check_value('the mean', 1.0, 2.0)",
        "checks.check_value('the mean', 1.0, 2.0, no_such=3)",
        "datasets.moons(-1, rng)",
        "from course_lib import activations",
        "import no_such_module",
        "def f(x):",
        "unfinished = [1, 2",
        "input('name? ')",
        "raise SystemExit(3)",
    ]
    pictures = [item["data"]["image/png"] for item in without_sandbox[2]["outputs"] if "data" in item]
    assert len(pictures) == 1
    assert len(pictures[0]) > 10_000
    assert kinds[3].count("display_data") == 1
    text = json.dumps(without_sandbox)
    assert "autograder-" not in text  # the folder of the moment
    assert "File course_lib.datasets:" in text
    assert "_require_count" in text  # lines of the library are shown


def test_fonts_that_children_could_not_open_are_forgotten(monkeypatch):
    """Else a plot would be drawn with another font, or fail, in the sandbox alone."""
    known = [font_manager.FontEntry(fname=name) for name in ("/usr/share/fonts/a.ttf", "/home/me/.fonts/b.ttf")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
    forkserver._keep_fonts_below(("/usr/share/fonts",))
    assert [font.fname for font in font_manager.fontManager.ttflist] == ["/usr/share/fonts/a.ttf"]


# The command


@pytest.fixture
def few(monkeypatch):
    """The command with two attempts in place of all."""
    monkeypatch.setattr(attempts, "ATTEMPTS", ATTEMPTS[:2])
    monkeypatch.setattr(attempts, "ALL", ("seccomp",))


@pytest.mark.usefixtures("few")
def test_the_command_shows_the_level_and_every_attempt(tmp_path):
    done = CliRunner().invoke(app, ["sandbox", "--json", str(tmp_path / "sandbox.json")])
    assert done.exit_code == 0, done.output
    assert "Student code runs in a sandbox: " in done.output
    assert "All 2 attempts were held off." in done.output
    found = json.loads((tmp_path / "sandbox.json").read_text())
    assert found["holds"] is True
    assert [row["attempt"] for row in found["attempts"]] == ["read another file", "list another folder"]
    assert [row["works_without"] for row in found["attempts"]] == [True, True]
    assert [row["open"] for row in found["attempts"]] == [False, False]


@pytest.mark.usefixtures("few")
def test_an_attempt_that_gets_through_is_named_and_the_status_is_1(monkeypatch, tmp_path):
    monkeypatch.setattr(attempts, "ATTEMPTS", [Attempt("files", "breathe", "pass")])
    done = CliRunner().invoke(app, ["sandbox", "--quiet", "--json", str(tmp_path / "sandbox.json")])
    assert done.exit_code == 1
    assert json.loads((tmp_path / "sandbox.json").read_text())["holds"] is False


def test_the_command_refuses_where_nothing_isolates():
    done = CliRunner().invoke(app, ["sandbox", "--without", "namespaces", "--without", "landlock"])
    assert isinstance(done.exception, CourseError)
