"""Writes the grades of a class as a table for spreadsheets and learning platforms.

No text in it can be taken for a formula: what begins like one gets an apostrophe in front, as spreadsheets do it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from autograder.course import Course, write_whole
from autograder.errors import CourseError
from autograder.report import class_scores

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def export(course: Course, assignments: Sequence[str], path: Path) -> int:
    """Write a row for each student: points, points still to be marked, points deducted; return how many students.

    Points are those of the gradebook: marks of people in place of automatic ones, late work deducted. Cells of work
    that was not handed in stay empty.
    """
    table = class_scores(course, assignments)
    if not table:
        raise CourseError("Nothing has been graded yet. Run: autograder grade ASSIGNMENT")
    names = [name for name in assignments if any(name in own for own in table.values())]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    columns = [f"{name}{part}" for name in names for part in ("", " of", " to mark", " deducted")]
    rows.writerow([safe(column) for column in ("student", *columns, "total")])
    for student, scores in table.items():
        row: list[object] = [safe(student)]
        for name in names:
            score = scores.get(name)
            if score is None:
                row += ["", "", "", ""]
            elif score.malformed:
                row += ["unreadable", f"{score.most:g}", "", ""]
            else:
                row += [f"{number:g}" for number in (score.points, score.most, score.waiting, score.deducted)]
        total = sum(score.points for score in scores.values() if not score.malformed)
        rows.writerow([*row, f"{total:g}"])
    write_whole(path, "\ufeff" + text.getvalue())  # the mark by which spreadsheets know UTF-8
    return len(table)


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text[:1].isspace() else text
