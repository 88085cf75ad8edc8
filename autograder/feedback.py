"""Writes what a student gets back: one self-contained page an assignment, and an index of the class for the instructor.

A page is made of the checks' messages, the student's own code and the student's own outputs, all escaped and bounded.
No script, no HTML of the student's, and no line that stands in hidden tests alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import inert, verdicts
from autograder.course import Course, write_whole
from autograder.errors import CourseError
from autograder.grading import QuestionResult, Result, extra_key, hint_sentence, redact
from autograder.manifest import Manifest, load_manifest
from autograder.recorder import Mark, Marks, manual_marks
from autograder.report import ABSENT, class_scores, score_of
from autograder.results import open_store
from autograder.submission import Submission

LONGEST_TEXT = 20_000
MOST_PICTURES = 30
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
TONES = {verdicts.PASSED: "passed", verdicts.NEEDS_MANUAL: "wait", verdicts.MISSING: "wait"}


def write_feedback(course: Course, assignments: Sequence[str]) -> tuple[int, int]:
    """Write the pages of these assignments; return how many there are and how many changed."""
    environment = _environment()
    pages = changed = 0
    with open_store(course) as store:
        for name in assignments:
            kept = store.present(name)
            if not kept:
                continue
            manifest = load_manifest(course.manifest(name))
            marks = manual_marks(course, manifest)
            for item in kept:
                submission, result = store.whole(item)
                page = render(environment, manifest, submission, result, marks.get(result.student, Marks()))
                changed += write_whole(course.feedback / result.student / f"{name}.html", page)
                pages += 1
    if not pages:
        raise CourseError("Nothing has been graded yet. Run: autograder grade ASSIGNMENT")
    write_whole(course.feedback / "index.html", render_index(environment, course))
    return pages, changed


def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True)
    environment.globals["style"] = Markup((folder / "style.css").read_text(encoding="utf-8"))  # our own file
    return environment


def render(environment: Any, manifest: Manifest, submission: Submission, result: Result, marks: Marks) -> str:
    """Return one student's page."""
    hidden = manifest.hidden_lines()
    score = score_of(manifest, result, marks)
    pictures = [MOST_PICTURES]
    page = environment.get_template("feedback.html").render(
        title=manifest.title,
        assignment=manifest.assignment,
        student=result.student,
        sandbox=result.sandbox,
        malformed=result.malformed,
        total=f"{score.points:g}",
        most=f"{score.most:g}",
        waiting=f"{score.waiting:g}" if score.waiting else "",
        deducted=f"{score.deducted:g}" if score.deducted else "",
        questions=[_question(manifest, submission, result, item, marks, hidden, pictures) for item in result.questions],
        others=_others(manifest, submission, result, hidden, pictures),
    )
    return str(page)


def _question(
    manifest: Manifest,
    submission: Submission,
    result: Result,
    question: QuestionResult,
    marks: Marks,
    hidden: list[str],
    pictures: list[int],
) -> dict[str, Any]:
    own = [cell for cell in manifest.cells if cell.kind in ("answer", "written") and cell.question == question.id]
    graded = [cell for cell in manifest.cells if cell.points and cell.question == question.id]
    given = [marks[str(cell.grade_id)] for cell in graded if cell.grade_id in marks]
    marked = [mark for mark in given if mark.score is not None]
    points, word = question.points, verdicts.WORDS.get(question.verdict, question.verdict)
    tone = TONES.get(question.verdict, "failed")
    message = question.message
    if marked:
        automatic = {cell.grade_id: cell.points for cell in result.cells}
        points = sum(_points(marks.get(str(cell.grade_id)), automatic.get(str(cell.grade_id), 0.0)) for cell in graded)
        word, tone, message = "marked by a person", "passed" if points == question.max_points else "wait", ""
    if message == verdicts.NOT_ANSWERED or question.verdict == verdicts.NEEDS_MANUAL:
        message = ""  # the verdict says it already
    if question.hints:
        message = message.removeprefix(hint_sentence(question.hints)).lstrip("\n")
    cells = [cell for cell in result.cells if cell.question == question.id]
    comments = [mark.comment for cell in own if (mark := marks.get(str(cell.grade_id))) and mark.comment]
    return {
        "title": redact(question.title, hidden),
        "points": "–" if question.verdict == verdicts.NEEDS_MANUAL and not marked else f"{points:g}",
        "most": f"{question.max_points:g}",
        "word": word,
        "tone": tone,
        "hints": [redact(hint, hidden) for hint in question.hints],
        "message": _text(message, hidden),
        "comment": "\n".join(comments),
        "passed": sum(cell.verdict == verdicts.PASSED for cell in cells),
        "cells": [
            {
                "name": cell.grade_id.split("--", 1)[-1].replace("-", " "),
                "word": verdicts.WORDS.get(cell.verdict, cell.verdict),
                "tone": TONES.get(cell.verdict, "failed"),
                "points": f"{cell.points:g}",
                "most": f"{cell.max_points:g}",
            }
            for cell in cells
        ],
        "source": _text("\n".join(submission.sources.get(cell.cell_id, "") for cell in own), hidden),
        "outputs": [item for cell in own for item in _outputs(result.outputs.get(cell.cell_id, []), hidden, pictures)],
    }


def _points(mark: Mark | None, automatic: float) -> float:
    if mark is None:
        return automatic
    return (mark.score if mark.score is not None else automatic) + mark.extra


def _others(
    manifest: Manifest, submission: Submission, result: Result, hidden: list[str], pictures: list[int]
) -> list[dict[str, Any]]:
    """Return the cells beside the answers that put something out; test cells are not among them."""
    found = []

    def add(key: str, source: str) -> None:
        shown = _outputs(result.outputs.get(key, []), hidden, pictures)
        if shown:
            found.append({"source": _text(source, hidden), "outputs": shown})

    for number, cell in enumerate([None, *manifest.cells], -1):
        if cell is not None and cell.kind in ("code", "given"):
            add(cell.cell_id, submission.sources.get(cell.cell_id, cell.released))
        here = [extra for extra in submission.extras if extra.after == number]
        for position, extra in enumerate(here):
            add(extra_key(number, position), extra.source)
    return found


def _outputs(items: list[dict[str, Any]], hidden: list[str], pictures: list[int]) -> list[dict[str, str]]:
    shown = []
    for item in inert.outputs(items):
        if item["output_type"] == "stream":
            shown.append({"text": _text(item["text"], hidden)})
        elif item["output_type"] == "error":
            shown.append({"text": _text(f"{item['ename']}: {item['evalue']}", hidden), "error": "error"})
        else:
            kind = next((kind for kind in inert.PICTURES if kind in item["data"]), "")
            if kind and pictures[0] > 0:
                pictures[0] -= 1
                shown.append({"picture": item["data"][kind], "kind": kind, "text": ""})
            elif text := item["data"].get("text/plain"):
                shown.append({"text": _text(text, hidden)})
    return [item for item in shown if item.get("picture") or item["text"].strip()]


def _text(text: str, hidden: list[str]) -> str:
    text = redact(ANSI.sub("", text), hidden).rstrip()
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "\n… cut off …"


def render_index(environment: Any, course: Course) -> str:
    """Return the class's page."""
    table = class_scores(course, course.assignments())
    names = [name for name in course.assignments() if any(name in scores for scores in table.values())]
    rows = []
    for student, scores in table.items():
        entries = []
        for name in names:
            score = scores.get(name)
            link = f"{student}/{name}.html" if score and (course.feedback / student / f"{name}.html").is_file() else ""
            entries.append({"text": score.text if score else ABSENT, "link": link})
        rows.append({"student": student, "entries": entries})
    waiting = any(score.waiting for scores in table.values() for score in scores.values())
    return str(environment.get_template("index.html").render(assignments=names, rows=rows, waiting=waiting))
