"""Proves the tests of an assignment: what must fail fails, what must pass passes, and the feedback names the mistake.

The untouched release gets nothing; the solution gets everything, and no cell of the notebook stops with an error; each
named mistake loses points on its own question and on no other, and its hint is shown; each right variant gets
everything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from autograder.classroom import notebook, solution_sources, with_answer
from autograder.course import Course
from autograder.errors import CourseError
from autograder.fleet import Work, grade_all, own_work
from autograder.grading import Result
from autograder.manifest import Manifest
from autograder.mistakes import Answer, load_answers
from autograder.submission import parse_submission
from autograder.verdicts import PASSED


@dataclass(frozen=True)
class Row:
    """One line of the proof table; `problems` is empty where it holds."""

    kind: str
    name: str
    question: str
    score: float
    problems: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A submission whose grade is known beforehand."""

    kind: str
    name: str
    answers: dict[str, str]
    answer: Answer | None = None


def cases(course: Course, manifest: Manifest) -> list[Case]:
    """Return everything to be graded for the proof of one assignment."""
    full = solution_sources(manifest)
    found = [Case("release", "untouched", {}), Case("solution", "the author's", full)]
    for kind in ("mistake", "variant"):
        path = course.solutions / manifest.assignment / f"{kind}s.py"
        module = path.read_text(encoding="utf-8") if path.is_file() else ""
        for answer in load_answers(module, path.name):
            if answer.question not in full:
                raise CourseError(
                    f"{course.show(path)}: {answer.name} answers {answer.question!r}, which is no question."
                )
            found.append(Case(kind, answer.name, with_answer(manifest, answer, module), answer))
    return found


def prove(
    course: Course, manifest: Manifest, *, jobs: int = 0, on_row: Callable[[], None] = lambda: None, every: int = 1
) -> list[Row]:
    """Grade the cases of one assignment, of the mistakes and of the variants every n-th, and return the table."""
    listed = cases(course, manifest)
    chosen = [case for case in listed if case.answer is None]
    for kind in ("mistake", "variant"):
        chosen += [case for case in listed if case.kind == kind][::every]
    works = {}
    for number, case in enumerate(chosen):
        graded = manifest if case.kind == "solution" else up_to_last_test(manifest)
        data = json.dumps(notebook(graded, case.answers)).encode()
        works[f"case-{number:03d}"] = case, Work(graded, parse_submission(data, graded, f"case-{number:03d}"))
    results: dict[str, Result | None] = {}
    for work, result in grade_all([work for _, work in works.values()], jobs=jobs, make_executor=own_work):
        results[work.submission.student] = result
        on_row()
    solution = next(results[key] for key, (case, _) in works.items() if case.kind == "solution")
    unsolved = {item.id for item in solution.questions if item.points != item.max_points} if solution else set()
    rows = [judge(manifest, case, results[key], unsolved) for key, (case, _) in works.items()]
    return rows + missing(manifest, listed)


def up_to_last_test(manifest: Manifest) -> Manifest:
    """Return the assignment without the code behind its last test, such as an experiment: no score hangs on it."""
    last = max((number for number, cell in enumerate(manifest.cells) if cell.kind == "test"), default=-1)
    cells = [cell for number, cell in enumerate(manifest.cells) if cell.cell_type != "code" or number <= last]
    return replace(manifest, cells=cells)


def judge(manifest: Manifest, case: Case, result: Result | None, unsolved: set[str]) -> Row:
    """Compare what a case got with what it must get.

    A question that the solution itself does not pass is said in the solution's row, and not again in every other.
    """
    question = case.answer.question if case.answer else ""
    if result is None:
        return Row(case.kind, case.name, question, 0.0, ("could not be graded: the process was lost each time",))
    problems = list(result.trouble)
    note = ""
    automatic = [item for item in result.questions if not manifest.question(item.id).written]
    if case.kind == "release":
        problems += [f"{cell.grade_id} passes without an answer" for cell in result.cells if cell.points]
        problems += [
            f"{cell.grade_id} is {cell.verdict}: {cell.message}"
            for cell in result.cells
            if cell.verdict not in ("missing", "failed", "passed")
        ]
    elif case.kind in ("solution", "variant"):
        problems += [
            f"{item.id} is {item.verdict}: {item.message}"
            for item in automatic
            if item.verdict != PASSED and (case.kind == "solution" or item.id == question or item.id not in unsolved)
        ]
        problems += stopped(manifest, result) if case.kind == "solution" else []
    elif case.answer:
        problems += [
            f"also loses points on {item.id}: {item.message}"
            for item in automatic
            if item.id != question and item.points != item.max_points and item.id not in unsolved
        ]
        own = next(item for item in automatic if item.id == question)
        others = [name for name in own.mistakes if name != case.name]
        if own.points == own.max_points:
            problems.append("loses no points")
        elif case.answer.hint not in own.message:
            problems.append(f"is not named; the message is: {own.message}")
        elif others:
            note = f"behaves like {', '.join(others)}"
    return Row(case.kind, case.name, question, result.auto_score, tuple(problems), note)


def stopped(manifest: Manifest, result: Result) -> list[str]:
    """Return a sentence for each cell besides the tests that stops, where the heading before it helps to find it."""
    sentences, heading = [], "the top"
    for cell in manifest.cells:
        if cell.cell_type == "markdown":
            heading = next((line.strip("# ") for line in cell.full.split("\n") if line.startswith("#")), heading)
        errors = [item for item in result.outputs.get(cell.cell_id, []) if item["output_type"] == "error"]
        if errors and cell.kind != "test":
            sentences.append(f"a cell below {heading!r} stops: {errors[0]['ename']}: {errors[0]['evalue']}")
    return sentences


def missing(manifest: Manifest, listed: list[Case]) -> list[Row]:
    """Return a row for each automatic question with fewer than two mistakes or without a variant."""
    rows = []
    for question in manifest.questions:
        if question.written:
            continue
        of_question = [case.kind for case in listed if case.answer and case.answer.question == question.id]
        for kind, least in (("mistake", 2), ("variant", 1)):
            if of_question.count(kind) < least:
                text = f"has {of_question.count(kind)} {kind}s; it needs at least {least}"
                rows.append(Row(kind, "—", question.id, 0.0, (text,)))
    return rows
