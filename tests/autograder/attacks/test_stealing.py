"""Reaching for what is not the student's: files, the network, other processes, the kernel, the course's own code.

Each attempt is first shown to work without a sandbox, as far as that is safe and every host lets it.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
import sandboxes

from autograder.sandbox import ForkServer
from autograder.sandbox.attempts import ATTEMPTS, try_it
from autograder.sandbox.environment import environment
from autograder.sandbox.probes import SERVE, printed, run

STEALING = [attempt for attempt in ATTEMPTS if attempt.reach != "resources"]
COURSE = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("attempt", [a for a in STEALING if a.sure and a.safe], ids=lambda attempt: attempt.name)
def test_it_works_without_a_sandbox(unprotected, plant, attempt):
    worked, how = try_it(unprotected, attempt, plant())
    assert worked, how


@pytest.mark.parametrize("attempt", STEALING, ids=lambda attempt: attempt.name)
def test_it_is_held_off(server, plant, attempt):
    names = plant()
    worked, how = try_it(server, attempt, names)
    assert not worked
    assert how.startswith(
        ("PermissionError: ", "FileNotFoundError: ", "ModuleNotFoundError: ", "AssertionError: ")
    ) or (how == "RuntimeError: can't start new thread")
    secret = Path(names["secret"])
    assert secret.read_text() == "secret"
    assert secret.stat().st_mode & 0o777 == 0o777
    assert os.listdir(names["folder"]) == ["secret"]


def test_no_folder_of_the_course_can_be_listed_or_entered(child):
    source = "import os\nfor folder in {}:\n    try: print(os.listdir(folder))\n    except OSError: pass"
    folders = [str(path) for path in (COURSE, COURSE / "solutions", COURSE / "_course", COURSE / "autograder")]
    said = printed(run(child.channel, source.format(folders)))
    # The environment may lie in the course's folder: then only the way to it is there.
    way = os.path.relpath(sys.prefix, COURSE).split(os.sep)[0]
    assert said in ("", f"{[way]}\n")


def test_with_namespaces_there_is_nothing_but_the_environment_and_no_other_process(child, server):
    if "namespaces" not in server.level.protections:
        pytest.skip("this level has none")
    seen = environment()
    shown = {Path(path).parts[1] for path in (*seen.readable, *dict(seen.links))}
    names = json.loads(printed(run(child.channel, "import json, os; print(json.dumps(os.listdir('/')))")))
    assert set(names) == shown | {"dev", "library", "scratch", "tmp"}
    assert printed(run(child.channel, "import os; print(os.getpid(), os.getppid(), os.listdir('/tmp'))")) == "1 0 []\n"


def test_no_descriptor_is_open_but_the_channel(child):
    source = """
import os, stat
found = []
for number in range(256):
    try: found.append((number, stat.S_IFMT(os.fstat(number).st_mode)))
    except OSError: pass
kinds = [kind for _, kind in found]
print(kinds.count(stat.S_IFSOCK), kinds.count(stat.S_IFCHR), len(kinds))
"""
    assert printed(run(child.channel, source)) == "1 3 4\n"


def test_no_environment_variable_of_ours_is_left(child):
    said = json.loads(printed(run(child.channel, "import json, os; print(json.dumps(dict(os.environ)))")))
    assert set(said) <= {
        *("LANG", "TZ", "USER", "MPLBACKEND", "PYTHONHASHSEED"),
        *("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR"),
    }


def test_privileges_are_gone_for_good(child):
    source = """
import os
print(os.getuid() != 0, os.geteuid() != 0, 0 not in os.getgroups())
for attempt in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.chroot('/')):
    try: attempt()
    except PermissionError: print('refused')
"""
    assert printed(run(child.channel, source)) == "True True True\n" + "refused\n" * 4


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder of installed packages in which the course's own stand among others, as `pip install .` puts them."""
    folder = tmp_path_factory.mktemp("environment") / "site-packages"
    folder.mkdir()
    (folder / "neighbour.py").write_text("answer = 42\n")
    for package in ("course_lib", "autograder"):
        shutil.copytree(COURSE / package, folder / package)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777)
    for path in folder.parents:
        if path.stat().st_uid == os.getuid() and not path.stat().st_mode & 1:
            path.chmod(path.stat().st_mode | 0o755)
    return folder


@pytest.mark.parametrize("level", sandboxes.LEVELS)
def test_packages_of_the_course_are_withheld_where_they_are_installed(installed, monkeypatch, level):
    monkeypatch.syspath_prepend(installed)
    server = ForkServer(serve=SERVE, without=sandboxes.LEVELS[level])
    try:
        child = server.start(sandboxes.LIMITS, ["checks"], 0)
        assert printed(run(child.channel, "import neighbour; print(neighbour.answer)")) == "42\n"
        for source in (
            "from course_lib import activations",
            "import autograder.manifest",
            f"open({str(installed / 'course_lib' / 'activations.py')!r})",
            f"open({str(installed / 'autograder' / 'manifest.py')!r})",
            f"import sys; sys.modules.pop('course_lib', 0); sys.path[:0] = [{str(installed)!r}]; "
            "sys.path_importer_cache.clear(); from course_lib import activations",
        ):
            error = run(child.channel, source)["error"]
            assert error
            assert {"ImportError", "OSError"} & set(error["kinds"])
        # Whoever grades may well own these files: it is not their permissions that keep them as they are.
        for path in (installed / "neighbour.py", installed / "new.py", installed / "course_lib" / "new.py"):
            assert "OSError" in run(child.channel, f"open({str(path)!r}, 'a')")["error"]["kinds"]
    finally:
        server.close()
