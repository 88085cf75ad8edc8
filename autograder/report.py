"""The grades of a class as a table: a row for each student, a column for each assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course import Course
from autograder.grading import Result
from autograder.manifest import Manifest, load_manifest
from autograder.recorder import Marks, manual_marks
from autograder.results import open_store
from autograder.verdicts import NEEDS_MANUAL

ABSENT = "–"


@dataclass(frozen=True)
class Score:
    """A student's points for an assignment, those from a person included.

    `waiting` are the points not marked yet, `deducted` what was taken off for late work.
    """

    points: float
    most: float
    waiting: float
    malformed: bool = False
    deducted: float = 0.0

    @property
    def text(self) -> str:
        """The score for a table; a star where a person still has to mark."""
        if self.malformed:
            return "unreadable"
        return f"{self.points:g}" + ("*" if self.waiting else "")


def score_of(manifest: Manifest, result: Result, marks: Marks) -> Score:
    """Add up one student's points: a person's mark counts in place of the automatic one, late work may cost some."""
    automatic = {cell.grade_id: cell.points for cell in result.cells}
    needs = {question.id for question in result.questions if question.verdict == NEEDS_MANUAL}
    points = waiting = most = 0.0
    for cell in manifest.cells:
        if not cell.points or not cell.grade_id:
            continue
        most += cell.points
        mark = marks.get(cell.grade_id)
        points += mark.extra if mark is not None else 0.0
        if mark is not None and mark.score is not None:
            points += mark.score
        elif cell.kind == "written" and cell.question in needs:
            waiting += cell.points
        else:
            points += automatic.get(cell.grade_id, 0.0)
    deducted = min(marks.deducted, points)
    return Score(points - deducted, most, waiting, bool(result.malformed), deducted)


def class_scores(course: Course, assignments: Sequence[str]) -> dict[str, dict[str, Score]]:
    """Return the scores by student and assignment."""
    table: dict[str, dict[str, Score]] = {}
    with open_store(course) as store:
        present = {name: store.present(name) for name in assignments}
    for name, kept in present.items():
        if not kept:
            continue
        manifest = load_manifest(course.manifest(name))
        marks = manual_marks(course, manifest)
        for item in kept:
            table.setdefault(item.student, {})[name] = score_of(manifest, item.result, marks.get(item.student, Marks()))
    return dict(sorted(table.items()))
