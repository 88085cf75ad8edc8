"""The command line: what it prints and writes, its exit status, and one sentence for whatever goes wrong."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

PACKAGE = tiny.ROOT / "autograder"
COMMANDS = ("release", "grade", "feedback", "report", "export", "simulate", "check", "demo")


def run(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=cwd, capture_output=True, text=True, env={**os.environ, **environment},
    )  # fmt: skip


def refused(done):
    """Check that a command failed with a sentence and nothing else, and return the sentence."""
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("autograder: ")
    return done.stderr


def test_a_class_is_graded_from_release_to_feedback(course):
    assert run("simulate", tiny.NAME, "--students", "4", cwd=course.root).returncode == 0
    (course.submitted / "broken" / tiny.NAME).mkdir(parents=True)
    (course.submitted / "broken" / tiny.NAME / "means.ipynb").write_text('{"cells": [')
    done = run("grade", tiny.NAME, "--trusted", "--json", "grades.json", "--jobs", "1", cwd=course.root)
    assert done.returncode == 1
    assert "autograder: broken: The file is not valid JSON" in done.stderr
    assert "none (trusted)" in done.stderr
    content = json.loads((course.root / "grades.json").read_text())
    assert (content["assignment"], content["sandbox"]) == (tiny.NAME, "none (trusted)")
    by_student = {entry["student"]: entry for entry in content["submissions"]}
    assert set(by_student) == {"broken", "sample-ada", "sample-bruno", "sample-chen", "sample-dalia"}
    ada = by_student["sample-ada"]
    assert (ada["auto_score"], ada["auto_max"], ada["needs_manual"]) == (90, 90, True)
    assert ada["seconds"] > 0
    question = ada["questions"][0]
    assert {key: question[key] for key in ("id", "points", "max_points", "verdict", "message")} == {
        "id": "column-mean", "points": 30, "max_points": 30, "verdict": "passed", "message": "",
    }  # fmt: skip
    assert ada["questions"][3]["verdict"] == "needs_manual"
    assert {entry["verdict"] for entry in by_student["broken"]["questions"]} == {"malformed"}
    assert run("feedback", cwd=course.root).returncode == 0
    assert (course.feedback / "index.html").is_file()
    report = run("report", cwd=course.root)
    assert "90*" in report.stdout
    assert "unreadable" in report.stdout


def test_where_nothing_isolates_untrusted_work_is_refused_and_it_is_said_why(course):
    nothing = {"AUTOGRADER_SANDBOX_WITHOUT": "namespaces,landlock,seccomp"}
    run("simulate", tiny.NAME, "--students", "3", cwd=course.root)
    sentence = refused(run("grade", tiny.NAME, cwd=course.root, **nothing))
    assert "Nothing on this host keeps student code apart" in sentence
    assert "--trusted" in sentence
    assert not course.autograded.exists()
    assert run("grade", tiny.NAME, "--trusted", cwd=course.root, **nothing).returncode == 0


def test_untrusted_work_is_graded_in_a_sandbox_that_is_named(course):
    run("simulate", tiny.NAME, "--students", "3", cwd=course.root)
    done = run("grade", tiny.NAME, "--jobs", "1", "--json", "grades.json", cwd=course.root)
    assert done.returncode == 0, done.stderr
    assert "landlock + seccomp + rlimits" in done.stderr
    assert "seccomp" in json.loads((course.root / "grades.json").read_text())["sandbox"]


def test_the_demo_does_it_all_and_can_be_repeated(course):
    for _ in range(2):
        done = run("demo", "--students", "3", "--jobs", "1", cwd=course.root)
        assert done.returncode == 0, done.stderr
    assert "sample-chen" in done.stdout
    assert (course.feedback / "index.html").as_uri() in done.stdout


def test_check_exits_with_1_when_the_proof_does_not_hold(tmp_path):
    course = tiny.make_course(tmp_path, variants=tiny.VARIANTS.replace("x - np.einsum", "x + np.einsum"))
    done = run("check", "--jobs", "1", cwd=course.root)
    assert done.returncode == 1
    assert "centred__einsum" in done.stdout
    assert "The centred columns are not right." in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["release", "nope"], f"no assignment 'nope'. Known are: {tiny.NAME}"),
        (["grade", tiny.NAME, "--trusted", "--submissions", "nowhere"], "no folder nowhere"),
        (["grade", tiny.NAME, "--trusted", "--submissions", "solutions"], "No notebook of 01_means"),
        (["feedback"], "Nothing has been graded yet"),
        (["release", "--course", "solutions"], "is no course folder"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(course, arguments, sentence):
    assert sentence in refused(run(*arguments, cwd=course.root))


def test_a_folder_without_a_course_is_said(tmp_path):
    assert "nbgrader_config.py" in refused(run("release", cwd=tmp_path))


def test_grading_an_unreleased_assignment_releases_it_first(tmp_path):
    course = tiny.make_course(tmp_path / "course")
    (course.root / "inbox").mkdir()
    assert "No notebook of" in refused(run("grade", tiny.NAME, "--trusted", "--submissions", "inbox", cwd=course.root))
    exercise = course.exercises / tiny.NAME / "means.ipynb"
    assert exercise.is_file()
    (course.root / "inbox" / "zoe.ipynb").write_bytes(exercise.read_bytes())
    done = run("grade", tiny.NAME, "--trusted", "--submissions", "inbox", cwd=course.root)
    assert (done.returncode, "zoe" in done.stdout) == (0, True)


def test_a_file_in_the_way_is_said_in_a_sentence(course):
    (course.root / "blocked").write_text("")
    sentence = refused(run("release", "--output", "blocked", cwd=course.root))
    assert "blocked" in sentence


def test_missing_packages_are_named_with_what_to_install(course, tmp_path):
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError('gone', name='typer')")
    sentence = refused(run("--help", cwd=course.root, PYTHONPATH=str(tmp_path)))
    assert "'typer'" in sentence
    assert "pip install '.[grade]'" in sentence


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command, tmp_path):
    done = run(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"Example: autograder {command}" in done.stdout


def test_help_loads_nothing_heavy(tmp_path):
    code = "import sys\nfrom autograder.commands import app\nprint([m for m in sys.modules if m in sys.argv])"
    heavy = ["numpy", "IPython", "nbgrader", "nbformat", "jupytext", "matplotlib"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {item.name.split(".")[0] for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_the_autograder_knows_nothing_of_the_course_library():
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 15
    assert "nbgrader" in set().union(*map(imported, files))  # the search does find imports
    for path in files:
        assert "course_lib" not in imported(path), path.name
        if path.parent.name != "sandbox":  # which gives children a package of the allowed modules, by its name
            assert "course_lib" not in path.read_text(encoding="utf-8"), path.name
