"""Reads what an instructor writes: the percent notebook with solution and tests, and ``assignment.toml`` beside it.

Everything that could go wrong later is said here, all at once, in sentences that name the cell. The result is
nbgrader's source notebook with cell ids that depend on their place alone, so that a release is always the same.
"""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import Course, stem_of
from autograder.errors import CourseError

AUTOMATIC_POINTS = 90
WRITTEN_POINTS = 10
SCHEMA_VERSION = 3
LOST_MARK = re.compile(r"^(?:# ?)?%* ?(\[markdown\]|nbgrader=).*", re.MULTILINE)  # of a cell, taken for its text
RULES = "{{rules}}"  # in a text cell: stands for solutions/rules.md, the one text that all assignments share
ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]*")
REGIONS = (
    ("BEGIN SOLUTION", "END SOLUTION"),
    ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"),
    ("BEGIN MARK SCHEME", "END MARK SCHEME"),
)


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds a cell and altogether, memory, and text a cell may print."""

    cell_seconds: float = 30.0
    submission_seconds: float = 180.0
    memory_mib: int = 4096
    output_kib: int = 200


@dataclass(frozen=True)
class Settings:
    """The content of ``assignment.toml``."""

    title: str
    chapter: int
    allowed: list[str] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    points: int = AUTOMATIC_POINTS + WRITTEN_POINTS


@dataclass(frozen=True)
class Source:
    """An assignment as its author wrote it."""

    assignment: str
    notebook: str
    settings: Settings
    document: Any  # nbformat's NotebookNode
    mistakes: str
    variants: str


def read_source(course: Course, assignment: str) -> Source:
    """Read and check one assignment's sources; raise `CourseError` with every problem found."""
    folder = course.solutions / assignment
    stem = stem_of(assignment)
    path = folder / f"{stem}.py"
    if not path.is_file():
        raise CourseError(f"{course.show(path)} is missing: it is the source of assignment {assignment}.")
    settings = read_settings(folder / "assignment.toml", course)
    document = read_notebook(path)
    problems = problems_in(document, settings)
    if problems:
        listing = "\n".join(f"  - {problem}" for problem in problems)
        raise CourseError(f"{course.show(path)} cannot be released:\n{listing}")
    return Source(assignment, stem, settings, document, _text(folder / "mistakes.py"), _text(folder / "variants.py"))


def read_settings(path: Path, course: Course) -> Settings:
    """Read ``assignment.toml``: title, chapter, allowed, and a table of limits."""
    shown = course.show(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{shown} is not readable TOML: {error}.") from None
    wanted: dict[str, Any] = {"title": str, "chapter": int, "allowed": list, "limits": dict, "points": int}
    limits: dict[str, Any] = {
        "cell_seconds": (int, float),
        "submission_seconds": (int, float),
        "memory_mib": int,
        "output_kib": int,
    }
    _check_table(shown, content, wanted)
    _check_table(f"{shown} [limits]", content.get("limits", {}), limits)
    for key in ("title", "chapter"):
        if key not in content:
            raise CourseError(f"{shown} has no {key!r}.")
    if not all(isinstance(name, str) and name.isidentifier() for name in content.get("allowed", [])):
        raise CourseError(f'{shown}: allowed lists module names, such as ["activations"].')
    return Settings(**{**content, "limits": Limits(**content.get("limits", {}))})


def _check_table(where: str, table: dict[str, Any], wanted: dict[str, Any]) -> None:
    for key, value in table.items():
        if key not in wanted:
            raise CourseError(f"{where} has an unknown key {key!r}; known are: {', '.join(wanted)}.")
        if not isinstance(value, wanted[key]) or isinstance(value, bool):
            raise CourseError(f"{where}: the value of {key!r} has the wrong type ({type(value).__name__}).")


def read_notebook(path: Path) -> Any:
    """Read a percent notebook; its cells get ids made from their grade id, or else their position."""
    import jupytext
    import nbformat

    try:
        document = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except Exception as error:  # jupytext raises many kinds, all of them about the file's content
        raise CourseError(f"{path.name} is not a readable percent notebook: {error}") from None
    document.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    document.nbformat, document.nbformat_minor = 4, 5
    rules = _text(path.parent.parent / "rules.md").strip()
    for position, cell in enumerate(document.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.id = str(grade_id or f"cell-{position:02d}")[:64]
        if cell.cell_type == "markdown" and RULES in cell.source:
            if not rules:
                raise CourseError(f"{path.name} has {RULES}, but solutions/rules.md, which it stands for, is missing.")
            cell.source = cell.source.replace(RULES, rules)
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in ("nbgrader", "tags") if key in cell.metadata}
        )
    return document


def question_of(grade_id: str) -> str:
    """Return the question a cell belongs to: what stands before ``--`` in its grade id."""
    return grade_id.split("--", 1)[0]


def problems_in(document: Any, settings: Settings) -> list[str]:
    """Return a sentence for everything that keeps this notebook from being released."""
    problems: list[str] = []
    seen: set[str] = set()
    answers: dict[str, Any] = {}
    tests: dict[str, list[str]] = {}
    automatic = written = 0.0
    for position, cell in enumerate(document.cells):
        data = cell.metadata.get("nbgrader")
        where = f"cell {position + 1}"
        if mark := LOST_MARK.search(cell.source):
            problems.append(f"{where} holds the line {mark[0][:60]!r}; where a cell is to begin, write '# %%'.")
        if data is None:
            problems += _region_problems(where, cell, {})
            continue
        grade_id = data.get("grade_id")
        if not isinstance(grade_id, str) or not ID_PATTERN.fullmatch(grade_id) or len(grade_id) > 64:
            problems.append(
                f"{where}: its grade_id {grade_id!r} must be lower-case letters, digits, - and _ (at most 64)."
            )
            continue
        where = f"cell {grade_id!r}"
        if grade_id in seen:
            problems.append(f"{where} stands twice; every grade_id must be unique.")
        seen.add(grade_id)
        problems += _metadata_problems(where, cell, data)
        problems += _region_problems(where, cell, data)
        question, graded, solution = question_of(grade_id), data.get("grade"), data.get("solution")
        points = data.get("points", 0) if graded else 0
        points = points if isinstance(points, int | float) else 0
        if solution:
            if question in answers:
                problems.append(f"question {question!r} has two cells to fill in; give the second its own id.")
            answers[question] = cell
        if graded and solution:
            written += points
        elif graded:
            automatic += points
            tests.setdefault(question, []).append(grade_id)
            if question not in answers:
                problems.append(
                    f"{where} tests question {question!r}, but no solution cell of that id stands before it."
                )
        if cell.cell_type == "code" and (problem := _syntax_problem(cell.source)):
            problems.append(f"{where} is not valid Python: {problem}.")
    for question, cell in answers.items():
        if not cell.metadata["nbgrader"].get("grade") and question not in tests:
            problems.append(f"question {question!r} has no test cell (a graded cell {question + '--…'!r}).")
    if not problems and automatic != settings.points - WRITTEN_POINTS:
        problems.append(
            f"the test cells sum to {automatic:g} points; they must sum to {settings.points - WRITTEN_POINTS}."
        )
    if not problems and written != WRITTEN_POINTS:
        problems.append(f"the written question gives {written:g} points; it must give {WRITTEN_POINTS}.")
    return problems


def _metadata_problems(where: str, cell: Any, data: dict[str, Any]) -> list[str]:
    problems = []
    for key in ("grade", "solution", "locked", "task"):
        if not isinstance(data.get(key), bool):
            problems.append(f"{where}: {key!r} must be true or false in its nbgrader metadata.")
    if data.get("schema_version") != SCHEMA_VERSION:
        problems.append(f"{where}: schema_version must be {SCHEMA_VERSION}.")
    if data.get("task"):
        problems.append(f"{where}: task cells are not used here; make it a written answer (grade and solution true).")
    points = data.get("points")
    if data.get("grade") and not (isinstance(points, int | float) and not isinstance(points, bool) and points > 0):
        problems.append(f"{where} is graded, so it needs points above 0.")
    if not data.get("grade") and "points" in data:
        problems.append(f"{where} is not graded, so it must not carry points.")
    if data.get("grade") and not data.get("solution") and not data.get("locked"):
        problems.append(f"{where} is a test cell, so it must be locked.")
    if data.get("solution") and data.get("locked"):
        problems.append(f"{where} is for the student to fill in, so it must not be locked.")
    if data.get("grade") and not data.get("solution") and cell.cell_type != "code":
        problems.append(f"{where} is a test cell, so it must be a code cell.")
    if data.get("solution") and cell.cell_type != "code" and not data.get("grade"):
        problems.append(f'{where} is a written answer, so it needs "grade": true and points.')
    if data.get("solution") and "BEGIN SOLUTION" not in cell.source:
        problems.append(f"{where} is for the student to fill in, but has no ### BEGIN SOLUTION … ### END SOLUTION.")
    return problems


def _region_problems(where: str, cell: Any, data: dict[str, Any]) -> list[str]:
    problems = []
    for begin, end in REGIONS:
        opened = 0
        for line in cell.source.split("\n"):
            if begin in line:
                opened += 1
            elif end in line:
                opened -= 1
            if opened not in (0, 1):
                break
        if opened != 0:
            problems.append(f"{where}: every {begin} needs its {end}, one after the other.")
    if "BEGIN SOLUTION" in cell.source and not data.get("solution"):
        problems.append(f"{where} holds a solution region, but is not marked as a solution cell.")
    if "BEGIN HIDDEN TESTS" in cell.source and not (data.get("grade") and not data.get("solution")):
        problems.append(f"{where} holds hidden tests, but is not a test cell.")
    return problems


def _syntax_problem(source: str) -> str | None:
    plain = "\n".join(line for line in source.split("\n") if not line.lstrip().startswith(("%", "!")))
    try:
        ast.parse(plain)
    except SyntaxError as error:
        return f"{error.msg} (line {error.lineno})"
    return None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
