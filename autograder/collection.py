"""Finds the notebooks of a class in a folder, in any of the three layouts that people have.

``DIR/<student>/<assignment>/<notebook>.ipynb`` (nbgrader's), ``DIR/<student>/<notebook>.ipynb``, and
``DIR/<student>.ipynb``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import CourseError
from autograder.manifest import Manifest
from autograder.submission import Submission, read_submission

STUDENT = re.compile(r"\w[\w.@+-]{0,63}")


@dataclass(frozen=True)
class Collection:
    """The submissions of an assignment, and a sentence for everything that was passed over."""

    submissions: list[Submission] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def collect(folder: Path, manifest: Manifest) -> Collection:
    """Read every student's notebook of this assignment below `folder`."""
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder}. Name the one with the students' notebooks: --submissions DIR")
    submissions, notes = [], []
    places: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        student = entry.stem if entry.suffix == ".ipynb" and not entry.is_dir() else entry.name
        if entry.is_dir() or entry.suffix == ".ipynb":
            if not STUDENT.fullmatch(student):
                notes.append(f"{entry.name!r} was passed over: a student's id has letters, digits and . _ @ + - only.")
            elif entry.is_symlink():
                notes.append(f"{entry.name!r} was passed over: it is a link.")
            else:
                places.setdefault(student, []).extend(_notebooks(entry, manifest))
    for student, paths in sorted(places.items()):
        if len(paths) > 1:
            names = " and ".join(str(path.relative_to(folder)) for path in paths)
            submissions.append(Submission(student, malformed=f"There are two notebooks of this student: {names}."))
        elif paths:
            submissions.append(read_submission(paths[0], manifest, student))
        else:
            note = _nothing_found(folder / student, manifest)
            notes += [f"{student}: {note}"] if note else []
    return Collection(submissions, notes)


def _nothing_found(entry: Path, manifest: Manifest) -> str:
    """Return a sentence for a student's folder without this notebook; none where it holds other assignments."""
    others = sorted(path.name for path in entry.glob("*.ipynb"))
    if any(path.is_dir() for path in entry.iterdir()) and not others:
        return ""
    found = f" (there is {', '.join(others)})" if others else ""
    return f"no {manifest.notebook}.ipynb in this student's folder{found}; nothing was graded."


def _notebooks(entry: Path, manifest: Manifest) -> list[Path]:
    """Return the student's notebooks; a folder for the assignment without one gives the name that is missing."""
    if not entry.is_dir():
        return [entry]
    name = f"{manifest.notebook}.ipynb"
    own = entry / manifest.assignment
    if own.is_dir():
        return [own / name]
    return [entry / name] if (entry / name).exists() else []
