"""Writes grades: the only room of ours that opens nbgrader's gradebook for writing scores.

It does what nbgrader's own autograding does after running a notebook, through nbgrader's Gradebook: automatic scores,
what needs a person, automatic comments, and the graded notebook that formgrader shows. Scores and comments that a
person gave are never touched.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograder.course import Course, write_whole
from autograder.errors import CourseError
from autograder.grading import Result, extra_key
from autograder.manifest import Manifest
from autograder.submission import Submission
from autograder.verdicts import MISSING, NEEDS_MANUAL, PASSED

NO_RESPONSE = "No response."  # nbgrader's own words, which its formgrader and feedback show


@dataclass(frozen=True)
class Mark:
    """What a person gave for one graded cell, or for the answer in it."""

    score: float | None
    needs_manual: bool
    comment: str


def record(course: Course, manifest: Manifest, graded: Sequence[tuple[Submission, Result]]) -> int:
    """Record results in the gradebook and write the graded notebooks; return how many students changed."""
    changed = 0
    with gradebook(course) as book:
        if not any(item.name == manifest.assignment for item in book.assignments):
            raise CourseError(
                f"{manifest.assignment} is not in the gradebook. Run: autograder release {manifest.assignment}"
            )
        students = {student.id for student in book.students}
        for submission, result in graded:
            if result.malformed:
                continue
            if result.student not in students:
                book.add_student(result.student)
            changed += _record_one(book, course, manifest, submission, result)
    return changed


def _record_one(book: Any, course: Course, manifest: Manifest, submission: Submission, result: Result) -> bool:
    notebook = graded_notebook(manifest, submission, result)
    path = course.autograded / result.student / manifest.assignment / f"{manifest.notebook}.ipynb"
    new_work = not path.is_file() or _stamp(path) != _stamp_of(result)
    recorded = book.update_or_create_submission(manifest.assignment, result.student)
    entry = next(item for item in recorded.notebooks if item.name == manifest.notebook)
    scores = automatic_scores(manifest, result)
    changed = new_work
    for grade in entry.grades:
        score = scores.get(grade.name)
        changed = changed or grade.auto_score != score
        if grade.auto_score != score or new_work:
            grade.auto_score = score
            grade.needs_manual_grade = score is None or grade.manual_score is not None
    comments = automatic_comments(manifest, result)
    for comment in entry.comments:
        comment.auto_comment = comments.get(comment.name)
    book.db.commit()
    write_whole(path, notebook)
    return changed


def automatic_scores(manifest: Manifest, result: Result) -> dict[str, float | None]:
    """Return the automatic score of every graded cell; None where a person has to mark."""
    scores: dict[str, float | None] = {cell.grade_id: cell.points for cell in result.cells}
    verdicts = {question.id: question.verdict for question in result.questions}
    for cell in manifest.cells:
        if cell.kind == "written" and cell.grade_id:
            scores[cell.grade_id] = None if verdicts[str(cell.question)] == NEEDS_MANUAL else 0.0
    return scores


def automatic_comments(manifest: Manifest, result: Result) -> dict[str, str | None]:
    """Return the comment on every answer cell: the question's message, which formgrader shows beside the answer."""
    questions = {question.id: question for question in result.questions}
    comments: dict[str, str | None] = {}
    for cell in manifest.cells:
        if cell.kind in ("answer", "written") and cell.grade_id:
            question = questions[str(cell.question)]
            said = question.message if question.verdict not in (PASSED, NEEDS_MANUAL) else None
            comments[cell.grade_id] = NO_RESPONSE if question.verdict == MISSING else said
    return comments


def graded_notebook(manifest: Manifest, submission: Submission, result: Result) -> str:
    """Return the notebook that formgrader shows: the student's cells, the full tests, and what running them put out."""
    import nbformat

    cells: list[dict[str, Any]] = []

    def add_extras(after: int) -> None:
        here = [extra for extra in submission.extras if extra.after == after]
        for number, extra in enumerate(here):
            key = extra_key(after, number)
            cells.append(_cell(key, "code", extra.source, {}, result.outputs.get(key, [])))

    add_extras(-1)
    for number, cell in enumerate(manifest.cells):
        source = submission.sources.get(cell.cell_id) if cell.from_student else cell.full
        if source is None and cell.kind != "code":
            source = f"# {submission.problems.get(cell.cell_id, 'This cell was missing.')}"
        if source is not None:
            cells.append(
                _cell(cell.cell_id, cell.cell_type, source, cell.metadata, result.outputs.get(cell.cell_id, []))
            )
        add_extras(number)
    metadata = {**manifest.notebook_metadata, "autograder": _stamp_of(result)}
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return str(nbformat.writes(nbformat.from_dict(document), version=4)) + "\n"


def _cell(cell_id: str, cell_type: str, source: str, metadata: dict[str, Any], outputs: list[Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": cell_type, "id": cell_id, "metadata": metadata, "source": source}
    if cell_type == "code":
        cell |= {"execution_count": None, "outputs": outputs}
    return cell


def _stamp_of(result: Result) -> dict[str, str]:
    return {"manifest": result.manifest_hash, "submission": result.submission_hash, "sandbox": result.sandbox}


def _stamp(path: Any) -> dict[str, str]:
    import json

    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("autograder", {})
    except (OSError, ValueError, KeyError):
        return {}
    return dict(stamp)


def manual_marks(course: Course, manifest: Manifest) -> dict[str, dict[str, Mark]]:
    """Return what people gave in formgrader: by student, then by the cell's grade id."""
    marks: dict[str, dict[str, Mark]] = {}
    if not (course.work / "gradebook.db").is_file():
        return marks
    with gradebook(course) as book:
        for submission in book.assignment_submissions(manifest.assignment):
            for notebook in submission.notebooks:
                if notebook.name != manifest.notebook:
                    continue
                comments = {item.name: item.manual_comment or "" for item in notebook.comments}
                own = {name: Mark(None, False, comment) for name, comment in comments.items() if comment}
                for grade in notebook.grades:
                    needs = bool(grade.needs_manual_grade)
                    own[grade.name] = Mark(grade.manual_score, needs, comments.get(grade.name, ""))
                marks[submission.student.id] = own
    return marks


@contextmanager
def gradebook(course: Course) -> Iterator[Any]:
    """Open nbgrader's gradebook; a locked or foreign file is said in a sentence."""
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import DatabaseError, SAWarning

    course.work.mkdir(exist_ok=True)
    try:
        with warnings.catch_warnings(), Gradebook(course.gradebook_url) as book:
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way of adding a submission
            yield book
    except DatabaseError as error:
        reason = str(error.orig).split("\n")[0]
        raise CourseError(
            f"The gradebook {course.show(course.work / 'gradebook.db')} cannot be used ({reason}). "
            "Close what else has it open, such as formgrader, and try again."
        ) from None
