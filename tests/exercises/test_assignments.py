"""The assignments that stand: fresh, proved, closed where they must be, and the same under nbgrader's own command."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.classroom import notebook
from autograder.course import Course
from autograder.fleet import Work, grade_all, own_work
from autograder.manifest import load_manifest
from autograder.proof import cases, prove
from autograder.recorder import gradebook
from autograder.release import release
from autograder.submission import parse_submission

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = Course(ROOT).assignments()
HIDDEN_FROM_LENGTH = 20
SAMPLE = 8  # every eighth mistake and variant of an assignment; all of them at full strength


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def fresh(request, tmp_path_factory):
    """A copy of the course with nothing but sources, and one assignment released in it."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "solutions", root / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    course = Course(root)
    release(course, request.param)
    return course, load_manifest(course.manifest(request.param))


def notebook_of(manifest, root=ROOT):
    return root / "exercises" / manifest.assignment / f"{manifest.notebook}.ipynb"


def test_every_finished_chapter_has_its_assignment():
    chapters = {page.stem for page in (ROOT / "book").glob("[0-9][0-9]_*.md")}
    assert chapters == set(ASSIGNMENTS) == {folder.name for folder in (ROOT / "exercises").iterdir()}


def test_committed_exercise_is_a_fresh_release(fresh):
    course, manifest = fresh
    assert notebook_of(manifest).read_bytes() == notebook_of(manifest, course.root).read_bytes()


def test_proof_table_holds(fresh, request):
    course, manifest = fresh
    every = 1 if request.config.getoption("--prove") else SAMPLE
    rows = prove(course, manifest, jobs=1, every=every)
    assert {row.kind for row in rows} == {"release", "solution", "mistake", "variant"}
    assert [f"{row.kind} {row.name}: {problem}" for row in rows for problem in row.problems] == []


def test_release_holds_no_hidden_line_and_no_answer(fresh):
    _, manifest = fresh
    text = "\n".join(cell.source for cell in nbformat.read(notebook_of(manifest), 4).cells)
    hidden = {line.strip() for line in manifest.hidden_lines() if len(line.strip()) >= HIDDEN_FROM_LENGTH}
    assert len(hidden) > 10
    assert hidden & {line.strip() for line in text.splitlines()} == set()
    for mark in ("BEGIN SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert mark not in text


def test_points_and_size_are_as_agreed(fresh):
    _, manifest = fresh
    cells = nbformat.read(notebook_of(manifest), 4).cells
    graded = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    automatic = [cell for cell in graded if cell.cell_type == "code"]
    assert sum(cell.metadata.nbgrader.points for cell in automatic) == 90
    assert [cell.metadata.nbgrader.points for cell in graded if cell.cell_type == "markdown"] == [10]
    assert 5 <= len({cell.metadata.nbgrader.grade_id.split("--")[0] for cell in automatic}) <= 8


def test_answers_are_withheld_and_allowed_modules_are_not(fresh):
    course, manifest = fresh
    settings = tomllib.loads((course.solutions / manifest.assignment / "assignment.toml").read_text("utf-8"))
    cells = {cell.id: cell.source for cell in nbformat.read(notebook_of(manifest), 4).cells}
    module = manifest.assignment.partition("_")[2]
    answers = f"course_lib.{module}"
    code = (
        cells["setup"]
        + f"""
import importlib, json
closed = None
try:
    importlib.import_module({answers!r})
except ImportError as error:
    closed = str(error)
opened = [importlib.import_module('course_lib.' + name).__name__ for name in {settings["allowed"]!r}]
print(json.dumps([closed, opened]))
"""
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    closed, opened = json.loads(run.stdout.splitlines()[-1])
    taught = (ROOT / "course_lib" / f"{module}.py").is_file()  # chapter 9 has no module of its own
    assert ("holds answers to this assignment" if taught else "No module named") in closed
    assert len(opened) == len(settings["allowed"]) >= 3


def test_the_modules_that_the_head_promises_are_allowed(fresh):
    course, manifest = fresh
    settings = tomllib.loads((course.solutions / manifest.assignment / "assignment.toml").read_text("utf-8"))
    head = next(cell.source for cell in nbformat.read(notebook_of(manifest), 4).cells if cell.cell_type == "markdown")
    assert "**You may import**" in head
    taught = [name.partition("_")[2] for name in ASSIGNMENTS if name < manifest.assignment]
    promised = {name for name in taught if (ROOT / "course_lib" / f"{name}.py").is_file()}
    if "modules of earlier chapters" not in head:
        promised &= set(
            re.findall(r"`(?:course_lib\.)?(\w+)`", head.split("You may import")[1].split("holds answers")[0])
        )
    assert promised - {manifest.assignment.partition("_")[2]} <= set(settings["allowed"])


def test_questions_are_text_and_no_mark_of_a_cell_is_lost(fresh):
    _, manifest = fresh
    cells = nbformat.read(notebook_of(manifest), 4).cells
    headings = [line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    numbers = [int(found[1]) for line in headings if (found := re.match(r"## Question (\d+)\b", line))]
    assert numbers == list(range(1, len(manifest.questions) + 1))


def test_mark_scheme_has_three_sample_answers(fresh):
    course, manifest = fresh
    source = (course.solutions / manifest.assignment / f"{manifest.notebook}.py").read_text("utf-8")
    scheme = source[source.index("BEGIN MARK SCHEME") : source.index("END MARK SCHEME")]
    for sample in ("**Full (10).**", "**Half (5).**", "**None (0).**"):
        assert sample in scheme


def recorded_scores(course, assignment):
    with gradebook(course) as book:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in book.assignment_submissions(assignment)
            for grade in submission.notebooks[0].grades
        }


@pytest.mark.prove
def test_nbgraders_own_autograding_gives_a_class_the_same_scores(fresh):
    course, manifest = fresh
    name = manifest.assignment
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in (
        ["autograder", "simulate", name],
        ["autograder", "grade", name, "--trusted"],
    ):
        subprocess.run(command, cwd=course.root, env=environment, check=True, capture_output=True)
    ours = recorded_scores(course, name)
    assert len({student for student, _ in ours}) == 12
    with gradebook(course) as book:
        for submission in book.assignment_submissions(name):
            for grade in submission.notebooks[0].grades:
                grade.auto_score = -1  # so that only nbgrader itself can have written what is compared
        book.db.commit()
    theirs = ["nbgrader", "autograde", name, "--force"]
    subprocess.run(theirs, cwd=course.root, env=environment, check=True, capture_output=True)
    assert recorded_scores(course, name) == ours


def right_notebooks(course, manifest):
    """Return the answers of the solution, and of notebooks that hold each variant once, one for each question."""
    listed = cases(course, manifest)
    (solution,) = [case.answers for case in listed if case.kind == "solution"]
    variants = {}
    for case in listed:
        if case.kind == "variant":
            variants.setdefault(case.answer.question, []).append(case.answers[case.answer.question])
    assert len(variants) >= 5
    most = max(len(sources) for sources in variants.values())
    mixed = [{question: s[k] for question, s in variants.items() if k < len(s)} for k in range(most)]
    return [solution, *({**solution, **answers} for answers in mixed)]


@pytest.mark.prove
def test_right_work_gets_full_marks_50_times_in_a_row_on_a_machine_that_is_busy(fresh):
    course, manifest = fresh
    right = right_notebooks(course, manifest)
    last = max(number for number, cell in enumerate(manifest.cells) if cell.kind == "test")
    left_out = [cell for cell in manifest.cells[last + 1 :] if cell.kind != "written"]  # experiments: seconds, no marks
    marked = replace(manifest, cells=[cell for cell in manifest.cells if cell not in left_out])
    read = [parse_submission(json.dumps(notebook(marked, answers)).encode(), marked, "x") for answers in right]
    works = [
        Work(marked, replace(submission, student=f"{number:03d}-{kind}"))
        for number in range(50)
        for kind, submission in enumerate(read)
    ]
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        results = [result for _, result in grade_all(works, jobs=2, make_executor=own_work)]
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert len(results) == len(works)
    short = [(result.student, result.questions) for result in results if result is None or result.auto_score != 90]
    assert short == []
