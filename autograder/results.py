"""Keeps what grading found out, one JSON file a student, for feedback and reports, and shapes `grade --json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.course import Course, write_whole
from autograder.grading import CellResult, QuestionResult, Result
from autograder.submission import Extra, Submission


def results_folder(course: Course, assignment: str) -> Path:
    """Return where the results of an assignment are kept."""
    return course.work / "results" / assignment


def save_result(course: Course, submission: Submission, result: Result) -> None:
    """Keep one result with what was taken from the submission."""
    content = json.dumps({"submission": asdict(submission), "result": asdict(result)}, indent=1, ensure_ascii=False)
    write_whole(results_folder(course, result.assignment) / f"{result.student}.json", content + "\n")


def load_results(course: Course, assignment: str) -> list[tuple[Submission, Result]]:
    """Return all kept results of an assignment, by student."""
    found = []
    for path in sorted(results_folder(course, assignment).glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        submission, result = content["submission"], content["result"]
        submission["extras"] = [Extra(**extra) for extra in submission["extras"]]
        result["questions"] = [QuestionResult(**question) for question in result["questions"]]
        result["cells"] = [CellResult(**cell) for cell in result["cells"]]
        found.append((Submission(**submission), Result(**result)))
    return found


def summary(assignment: str, sandbox: str, results: Iterable[Result]) -> dict[str, Any]:
    """Return the content of `grade --json`."""
    return {
        "assignment": assignment,
        "sandbox": sandbox,
        "submissions": [
            {
                "student": result.student,
                "auto_score": result.auto_score,
                "auto_max": result.auto_max,
                "needs_manual": result.needs_manual,
                "seconds": result.seconds,
                "questions": [
                    {
                        "id": question.id,
                        "points": question.points,
                        "max_points": question.max_points,
                        "verdict": question.verdict,
                        "message": question.message,
                        "cells": [
                            {
                                "id": cell.grade_id,
                                "points": cell.points,
                                "max_points": cell.max_points,
                                "verdict": cell.verdict,
                                "message": cell.message,
                            }
                            for cell in result.cells
                            if cell.question == question.id
                        ],
                    }
                    for question in result.questions
                ],
            }
            for result in sorted(results, key=lambda result: result.student)
        ],
    }
