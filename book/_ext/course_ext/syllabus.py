"""Read `book/syllabus.yml`: every row of the syllabus and where the book, the library and the assignments treat it.

Both the `syllabus-map` directive and the tests read it through `load`, so what the page shows is what is tested.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

GRADED = {"auto": "graded automatically", "optional": "grading optional", "written": "a written answer"}
STATUSES = ("built", "planned")
ROW_KEYS = {"row", "topic", "graded", "status", "section", "library", "questions", "figures"}


class SyllabusError(ValueError):
    """The file breaks its own rules; the message names the row."""


@dataclass(frozen=True)
class Row:
    """One row: `section` and `figures` hold labels, `library` module.name, `questions` assignment/question id."""

    row: str
    topic: str
    graded: str
    status: str
    section: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()

    @property
    def is_built(self) -> bool:
        return self.status == "built"


@dataclass(frozen=True)
class Chapter:
    """One chapter; `page` is the stem shared by its page and its assignment."""

    number: int
    title: str
    page: str
    rows: tuple[Row, ...] = field(default_factory=tuple)

    @property
    def is_built(self) -> bool:
        return any(row.is_built for row in self.rows)


def load(path: Path) -> tuple[Chapter, ...]:
    """Return the chapters of a syllabus file in order.

    Raises
    ------
    SyllabusError
        If a row lacks a field, has an unknown one, or contradicts itself.
    """
    content = yaml.safe_load(path.read_text("utf-8"))
    chapters = []
    for entry in content["chapters"]:
        rows = tuple(_read_row(row, entry["number"]) for row in entry["rows"])
        chapters.append(Chapter(entry["number"], entry["title"], entry["page"], rows))
    names = [row.row for chapter in chapters for row in chapter.rows]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SyllabusError(f"rows listed twice: {', '.join(sorted(twice))}")
    return tuple(chapters)


def _read_row(entry: dict[str, Any], chapter: int) -> Row:
    name = str(entry.get("row", "?"))
    unknown = set(entry) - ROW_KEYS
    if unknown:
        raise SyllabusError(f"row {name}: unknown field {', '.join(sorted(unknown))}")
    missing = {"row", "topic", "graded", "status"} - set(entry)
    if missing:
        raise SyllabusError(f"row {name}: {', '.join(sorted(missing))} missing")
    if not name.startswith(f"{chapter}."):
        raise SyllabusError(f"row {name} stands in chapter {chapter}")
    if entry["graded"] not in GRADED or entry["status"] not in STATUSES:
        raise SyllabusError(f"row {name}: graded is one of {', '.join(GRADED)}, status one of {', '.join(STATUSES)}")
    row = Row(
        name,
        entry["topic"],
        entry["graded"],
        entry["status"],
        **{key: tuple(entry.get(key) or ()) for key in ("section", "library", "questions", "figures")},
    )
    if row.is_built and not (row.section and row.library):
        raise SyllabusError(f"row {name} is built, so it needs a section and library names")
    if row.is_built and row.graded == "auto" and not row.questions:
        raise SyllabusError(f"row {name} is built and graded automatically, so it needs a question")
    if not row.is_built and (row.section or row.questions or row.figures):
        raise SyllabusError(f"row {name} is planned, so it can claim nothing yet but library names")
    return row
