"""Reads a student's notebook: only the source text of known student cells and of extra code cells is taken.

A cell is found by its grade id, else by its cell id, else by its position between cells that were found. Points, kinds,
tests and locks in the file are ignored: they are in the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograder.manifest import Cell, Manifest

LARGEST = 50_000_000  # bytes; a notebook with many pictures has a few million
MOST_PARTS = 3_000_000  # brackets and commas: each may cost a hundred bytes of memory when the file is taken apart
MOST_EXTRAS = 500  # cells besides the released ones
LONGEST = 1_000_000  # characters of one cell; all of a student's cells together have a few thousand


class Unreadable(Exception):
    """A file that is not read, with the reason as a sentence for the student."""


@dataclass(frozen=True)
class Extra:
    """A code cell that the student added, after cell number `after` of the manifest."""

    after: int
    source: str


@dataclass(frozen=True)
class Submission:
    """What is taken from one student's notebook.

    `sources` holds the text of student cells by cell id, `problems` a sentence for each answer cell that could not be
    taken, and `malformed` the reason why nothing could be read at all. `timestamp` is when it was handed in, if that
    is known; like the student's id it has no part in the digest.
    """

    student: str
    sources: dict[str, str] = field(default_factory=dict)
    extras: list[Extra] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    malformed: str = ""
    timestamp: str = ""

    @property
    def hash(self) -> str:
        """A digest of everything that was taken."""
        content = [self.sources, [(extra.after, extra.source) for extra in self.extras], self.problems, self.malformed]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_submission(path: Path, manifest: Manifest, student: str) -> Submission:
    """Read a notebook file; whatever is wrong with it ends up in the result, never in an exception."""
    try:
        return parse_submission(read_plain_file(path, LARGEST, path.parent), manifest, student)
    except Unreadable as error:
        return Submission(student, malformed=str(error))


def read_plain_file(path: Path, limit: int, within: Path) -> bytes:
    """Return the bytes of an ordinary file that really lies below `within`: no link, no pipe, no device, no folder."""
    if any(part.is_symlink() for part in (path, *path.parents) if part.is_relative_to(within) and part != within):
        raise Unreadable("The file is a link to another place; hand in the notebook itself.")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreadable("This is no file with content, so it is no notebook.")
            data = stream.read(limit + 1)
    except FileNotFoundError:
        raise Unreadable("There is no such file.") from None
    except IsADirectoryError:
        raise Unreadable("This is a folder with the name of a notebook.") from None
    except OSError as error:
        raise Unreadable(f"The file cannot be read ({error.strerror}).") from None
    if len(data) > limit:
        raise Unreadable(f"The file is larger than {limit // 1_000_000} MB.")
    return data


def shown(name: str) -> str:
    """Return a file's name fit for a terminal and a page: short, and without line breaks or control characters."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in name)
    return repr(plain if len(plain) <= 100 else plain[:100] + "…")


def parse_submission(data: bytes, manifest: Manifest, student: str) -> Submission:
    """Read a notebook's bytes."""
    if data.count(b"[") + data.count(b"{") + data.count(b",") > MOST_PARTS:
        text = "The notebook has too many parts to be read. Clear its outputs, save it, hand it in again."
        return Submission(student, malformed=text)
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Submission(student, malformed="The file is not text in UTF-8, so it is no notebook.")
    except RecursionError:
        return Submission(student, malformed="The notebook is nested too deeply to be read.")
    except ValueError as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        return Submission(
            student, malformed=f"The file is not valid JSON{place}. Open it in JupyterLab, save it, hand it in again."
        )
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        old = isinstance(content, dict) and "worksheets" in content
        text = (
            "The notebook has an old format."
            if old
            else "The file is JSON, but not a notebook: it has no list of cells."
        )
        return Submission(student, malformed=f"{text} Open it in JupyterLab, save it, hand it in again.")
    cells = [found for raw in content["cells"] if (found := _Found.read(raw))]
    if not cells:
        return Submission(student, malformed="The notebook has no cells.")
    return _take(cells, manifest, student)


@dataclass
class _Found:
    """A cell as it stands in the submission."""

    cell_type: str
    source: str
    grade_id: str | None
    cell_id: str | None

    @classmethod
    def read(cls, raw: Any) -> _Found | None:
        if not isinstance(raw, dict):
            return None
        cell_type, source = raw.get("cell_type"), raw.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str) or cell_type not in ("code", "markdown", "raw"):
            return None
        metadata = raw.get("metadata")
        nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n")
        return cls(
            cell_type, source, *(value if isinstance(value, str) else None for value in (grade_id, raw.get("id")))
        )


def _take(cells: list[_Found], manifest: Manifest, student: str) -> Submission:
    matches = _match(cells, manifest)
    if not any(number in matches for number, cell in enumerate(manifest.cells) if cell.kind in ("answer", "test")):
        wrong = f"None of its cells belongs to {manifest.assignment}; was another notebook handed in?"
        return Submission(student, malformed=wrong)
    sources: dict[str, str] = {}
    problems: dict[str, str] = {}
    for number, cell in enumerate(manifest.cells):
        if not cell.from_student:
            continue
        found = [cells[position] for position in matches.get(number, [])]
        if problem := _problem(cell, found):
            if cell.kind != "code":
                problems[cell.cell_id] = problem
        else:
            sources[cell.cell_id] = found[0].source
    extras = _extras(cells, matches)
    if len(extras) > MOST_EXTRAS:
        text = f"The notebook has {len(extras)} code cells of your own; at most {MOST_EXTRAS} are run. Delete some."
        return Submission(student, malformed=text)
    if any(len(extra.source) > LONGEST for extra in extras):
        text = f"A code cell of your own is longer than {LONGEST:,} characters. Make it shorter, or delete it."
        return Submission(student, malformed=text)
    return Submission(student, sources, extras, problems)


def _problem(cell: Cell, found: list[_Found]) -> str:
    if not found:
        return (
            "The cell for this answer is missing. Take it from the released notebook again and put your answer there."
        )
    if len({item.source for item in found}) > 1:
        return f"The cell for this answer stands {len(found)} times with different content. Keep one of them."
    if found[0].cell_type != cell.cell_type:
        wanted = "a code cell" if cell.cell_type == "code" else "a Markdown cell"
        return f"The cell for this answer was turned into a {found[0].cell_type} cell. Turn it back into {wanted}."
    if len(found[0].source) > LONGEST:
        return f"The cell for this answer is longer than {LONGEST:,} characters. Make it shorter."
    return ""


def _match(cells: list[_Found], manifest: Manifest) -> dict[int, list[int]]:
    """Return for each cell of the manifest where it stands in the submission."""
    by_grade_id = {cell.grade_id: number for number, cell in enumerate(manifest.cells) if cell.grade_id}
    by_cell_id = {cell.cell_id: number for number, cell in enumerate(manifest.cells)}
    matches: dict[int, list[int]] = {}
    used: set[int] = set()
    for position, found in enumerate(cells):
        if found.grade_id in by_grade_id:
            matches.setdefault(by_grade_id[found.grade_id], []).append(position)
            used.add(position)
    for position, found in enumerate(cells):
        number = by_cell_id.get(found.cell_id or "") if position not in used else None
        if number is not None and number not in matches:
            matches[number] = [position]
            used.add(position)
    _match_by_position(cells, manifest, matches, used)
    return matches


def _match_by_position(cells: list[_Found], manifest: Manifest, matches: dict[int, list[int]], used: set[int]) -> None:
    """Pair what is left between two found neighbours, where both sides have equally many cells of a type."""
    anchors = [(-1, -1), *sorted((number, places[0]) for number, places in matches.items())]
    anchors.append((len(manifest.cells), len(cells)))
    for (number, position), (next_number, next_position) in pairwise(anchors):
        for cell_type in ("code", "markdown"):
            wanted = [n for n in range(number + 1, next_number) if manifest.cells[n].cell_type == cell_type]
            free = [p for p in range(position + 1, next_position) if p not in used and cells[p].cell_type == cell_type]
            if len(wanted) == len(free):
                matches.update({n: [p] for n, p in zip(wanted, free, strict=True)})
                used.update(free)


def _extras(cells: list[_Found], matches: dict[int, list[int]]) -> list[Extra]:
    known = {position: number for number, places in matches.items() for position in places}
    extras = []
    after = -1
    for position, found in enumerate(cells):
        if position in known:
            after = known[position]
        elif found.cell_type == "code" and found.source.strip():
            extras.append(Extra(after, found.source))
    return extras
