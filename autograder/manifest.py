"""The manifest: what the release fixed about an assignment, and all that grading believes about it.

Points, kinds, tests and locks come from here and never from a submission. A manifest is plain JSON below ``_course``;
it holds hidden tests and solutions and stays with the instructor.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.source import Limits, Source, question_of

FORMAT = 1
SHORTEST_SECRET = 20  # characters; shorter hidden lines, such as `x = 1`, say nothing


@dataclass(frozen=True)
class Cell:
    """One cell of the released notebook.

    `kind` is one of: ``answer`` (the student fills it in), ``test``, ``given`` (locked code), ``code`` (open code),
    ``written`` (an answer in words), ``prose``. `released` is what the student was given, `full` what the author wrote.
    """

    cell_id: str
    grade_id: str | None
    kind: str
    cell_type: str
    question: str | None
    points: float
    released: str
    full: str
    metadata: dict[str, Any]

    @property
    def from_student(self) -> bool:
        """Whether the source text of this cell is taken from a submission."""
        return self.kind in ("answer", "code", "written")


@dataclass(frozen=True)
class Question:
    """A question: its points, the functions and variables its answer cell defines, and its heading."""

    id: str
    title: str
    points: float
    written: bool
    names: list[str]


@dataclass(frozen=True)
class Manifest:
    """An assignment as released."""

    assignment: str
    notebook: str
    title: str
    chapter: int
    allowed_modules: list[str]
    limits: Limits
    cells: list[Cell]
    questions: list[Question]
    mistakes: str
    notebook_metadata: dict[str, Any]
    format: int = FORMAT

    @property
    def automatic_points(self) -> float:
        return sum(question.points for question in self.questions if not question.written)

    def question(self, question_id: str) -> Question:
        return next(question for question in self.questions if question.id == question_id)

    def tests_of(self, question_id: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "test" and cell.question == question_id]

    def hidden_lines(self) -> list[str]:
        """Return the lines that stand in a hidden region and nowhere in the released notebook."""
        open_lines = {line.strip() for cell in self.cells for line in cell.released.split("\n")}
        hidden = [line.strip() for cell in self.cells if cell.kind == "test" for line in cell.full.split("\n")]
        return sorted({line for line in hidden if len(line) >= SHORTEST_SECRET and line not in open_lines})

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "hash": self.hash}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    @cached_property
    def hash(self) -> str:
        """A digest of everything grading depends on."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def build_manifest(source: Source, released: Any) -> Manifest:
    """Join the author's notebook with the one nbgrader made of it."""
    cells = []
    for ours, theirs in zip(source.document.cells, released["cells"], strict=True):
        data = ours.metadata.get("nbgrader", {})
        grade_id = data.get("grade_id")
        graded = bool(data.get("grade"))
        kind = _kind(ours.cell_type, data)
        question = question_of(grade_id) if grade_id and (graded or data.get("solution")) else None
        cells.append(
            Cell(
                theirs["id"],
                grade_id,
                kind,
                ours.cell_type,
                question,
                float(data["points"]) if graded else 0.0,
                theirs["source"],
                ours.source,
                dict(theirs["metadata"]),
            )
        )
    settings = source.settings
    return Manifest(
        source.assignment,
        source.notebook,
        settings.title,
        settings.chapter,
        settings.allowed,
        settings.limits,
        cells,
        _questions(cells),
        source.mistakes,
        dict(released["metadata"]),
    )


def _kind(cell_type: str, data: dict[str, Any]) -> str:
    if data.get("solution"):
        return "answer" if cell_type == "code" and not data.get("grade") else "written"
    if data.get("grade"):
        return "test"
    if cell_type != "code":
        return "prose"
    return "given" if data.get("locked") else "code"


def _questions(cells: list[Cell]) -> list[Question]:
    questions: dict[str, Question] = {}
    heading = ""
    for cell in cells:
        if cell.kind == "prose":
            titles = [line.lstrip("#").strip() for line in cell.released.split("\n") if line.startswith("#")]
            heading = re.sub(r" \(\d+ points?\)$", "", titles[-1]) if titles else heading
        if cell.question is None:
            continue
        known = questions.get(cell.question)
        title = known.title if known else heading or cell.question
        names = known.names if known else []
        if cell.kind == "answer":
            names = defined_names(cell.full)
        questions[cell.question] = Question(
            cell.question,
            title,
            (known.points if known else 0.0) + cell.points,
            cell.kind == "written" or bool(known and known.written),
            names,
        )
    return list(questions.values())


def defined_names(source: str) -> list[str]:
    """Return the functions and variables that a cell's top level defines."""
    plain = "\n".join("" if line.startswith(("%", "!")) else line for line in source.split("\n"))
    names: list[str] = []
    for node in ast.parse(plain).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
    return list(dict.fromkeys(names))


def load_manifest(path: Path) -> Manifest:
    """Read a manifest that a release wrote."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        stored = content.pop("hash")
        content["limits"] = Limits(**content["limits"])
        content["cells"] = [Cell(**cell) for cell in content["cells"]]
        content["questions"] = [Question(**question) for question in content["questions"]]
        manifest = Manifest(**content)
    except FileNotFoundError:
        raise CourseError(f"{path.stem} has not been released here yet. Run: autograder release {path.stem}") from None
    except (ValueError, TypeError, KeyError):
        raise CourseError(
            f"The manifest {path} is damaged or of another version. Run: autograder release {path.stem}"
        ) from None
    if manifest.format != FORMAT or manifest.hash != stored:
        raise CourseError(f"The manifest {path} was changed by hand. Run: autograder release {path.stem}")
    return manifest
