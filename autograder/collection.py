"""Finds the notebooks of a class in a folder, or in the archive that a learning platform gives.

Known layouts: ``DIR/<student>/<assignment>/<notebook>.ipynb`` (nbgrader's), ``DIR/<student>/<notebook>.ipynb``,
``DIR/<student>.ipynb``, ``DIR/<student>.zip`` with the notebook in it, and the names that Moodle and Canvas make. DIR
may be a zip file. Archives are never unpacked: a member is read into memory, up to a bound, and its name is only looked
at, so that it cannot come to lie anywhere. What is passed over is said in a sentence, and stops nobody else.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from autograder.errors import CourseError
from autograder.manifest import Manifest
from autograder.submission import LARGEST, Submission, Unreadable, parse_submission, read_plain_file, shown

STUDENT = re.compile(r"\w[\w.@+-]{0,63}")
RESERVED = {"index.html"}  # the names of our own files where each student gets a folder
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_file_?")
CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<number>\d+)_\d+_(?P<file>.+)\.ipynb")
LARGEST_ARCHIVE = 20_000_000  # bytes of one student's archive
MOST_MEMBERS = 100_000
TIMESTAMP = "timestamp.txt"  # nbgrader's: when the work was handed in


@dataclass(frozen=True)
class Collection:
    """The submissions of an assignment, and a sentence for everything that was passed over."""

    submissions: list[Submission] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Place:
    """A notebook that was found: its name for messages, and what reads it."""

    name: str
    read: Callable[[], bytes]
    timestamp: str = ""


def collect(source: Path, manifest: Manifest) -> Collection:
    """Read every student's notebook of this assignment in a folder or an archive."""
    places: dict[str, list[_Place]] = {}
    notes: list[str] = []
    if source.is_dir():
        for entry in sorted(source.iterdir()):
            if not entry.name.startswith("."):
                _look_at(entry, manifest, places, notes)
    elif source.is_file() and zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            _look_into(archive, manifest, places, notes)
            return _read_all(places, manifest, notes)
    elif source.exists():
        raise CourseError(f"{source} is neither a folder nor a zip file. Name what holds the students' notebooks.")
    else:
        raise CourseError(f"There is no folder {source}. Name the one with the students' notebooks: --submissions DIR")
    return _read_all(places, manifest, notes)


def _read_all(places: dict[str, list[_Place]], manifest: Manifest, notes: list[str]) -> Collection:
    submissions = []
    for student, found in sorted(places.items()):
        if len(found) > 1:
            names = " and ".join(shown(place.name) for place in found[:5])
            count = "two" if len(found) == 2 else str(len(found))
            problem = f"There are {count} notebooks of this student: {names}."
            submissions.append(Submission(student, malformed=problem))
            continue
        try:
            data = found[0].read()
        except Unreadable as error:
            submissions.append(Submission(student, malformed=str(error)))
        else:
            submission = parse_submission(data, manifest, student)
            submissions.append(replace(submission, timestamp=found[0].timestamp))
    return Collection(submissions, notes)


def student_of(name: str) -> str | None:
    """Return the id of the student whom a file or folder name means; None if it is no name for a student."""
    made = MOODLE.fullmatch(name) or CANVAS.fullmatch(name)
    if made:
        name = re.sub(r"[^\w.@+-]+", "-", made["name"]).strip("-") + f"_{made['number']}"
    name = unicodedata.normalize("NFC", name.removesuffix(".ipynb").removesuffix(".zip"))
    return name if STUDENT.fullmatch(name) and name.lower() not in RESERVED else None


def is_notebook(name: str, manifest: Manifest) -> bool:
    """Whether a file is this assignment's notebook; a browser may have put a number behind its name."""
    made = CANVAS.fullmatch(name)
    stem = made["file"] if made else name.removesuffix(".ipynb")
    tail = stem.removeprefix(manifest.notebook) if stem.startswith(manifest.notebook) else "x"
    return name.endswith(".ipynb") and re.fullmatch(r"( ?\(\d{1,3}\)|-\d{1,3})?", tail) is not None


def _look_at(entry: Path, manifest: Manifest, places: dict[str, list[_Place]], notes: list[str]) -> None:
    """Note what one entry of the class's folder holds."""
    try:
        is_folder, is_link = entry.is_dir(), entry.is_symlink()
        if not is_folder and entry.suffix not in (".ipynb", ".zip"):
            return
        if is_link:
            notes.append(f"{shown(entry.name)} was passed over: it is a link.")
            return
        if is_folder and entry.suffix == ".ipynb":
            notes.append(f"{shown(entry.name)} was passed over: it is a folder with the name of a notebook.")
            return
        student = student_of(entry.name)
        if student is None:
            notes.append(f"{shown(entry.name)} was passed over: a student's id has letters, digits and . _ @ + - only.")
            return
        if is_folder:
            found = list(_in_folder(entry, manifest))
        elif entry.suffix == ".zip":
            found = [_in_archive_of_student(entry, manifest)]
        else:
            canvas = CANVAS.fullmatch(entry.name)
            found = [_file(entry, entry.parent)] if not canvas or is_notebook(entry.name, manifest) else []
        if found:
            places.setdefault(student, []).extend(found)
        elif is_folder and (note := _nothing_found(entry, manifest)):
            notes.append(f"{student}: {note}")
    except OSError as error:
        notes.append(f"{shown(entry.name)} was passed over: {error.strerror or error}.")


def _in_folder(folder: Path, manifest: Manifest) -> Iterator[_Place]:
    """Yield the student's notebooks; a folder for the assignment without one gives the name that is missing."""
    own = folder / manifest.assignment
    holder = own if own.is_dir() else folder
    usual = f"{manifest.notebook}.ipynb"
    names = sorted(path.name for path in holder.iterdir() if is_notebook(path.name, manifest))
    if usual in names or (not names and holder is own):
        names = [usual]
    stamp = ""
    with contextlib.suppress(Unreadable):
        stamp = read_plain_file(holder / TIMESTAMP, 200, folder.parent).decode("ascii", "replace").strip()
    for name in names:
        yield replace(_file(holder / name, folder.parent), timestamp=stamp)


def _file(path: Path, within: Path) -> _Place:
    return _Place(str(path.relative_to(within)), lambda: read_plain_file(path, LARGEST, within))


def _nothing_found(entry: Path, manifest: Manifest) -> str:
    """Return a sentence for a student's folder without this notebook; none where it holds other assignments."""
    others = sorted(shown(path.name)[1:-1] for path in entry.glob("*.ipynb"))
    if any(path.is_dir() for path in entry.iterdir()) and not others:
        return ""
    found = f" (there is {', '.join(others[:5])})" if others else ""
    return f"no {manifest.notebook}.ipynb in this student's folder{found}; nothing was graded."


def _in_archive_of_student(path: Path, manifest: Manifest) -> _Place:
    """Return how the one notebook in a student's archive is read."""

    def read() -> bytes:
        import io

        data = read_plain_file(path, LARGEST_ARCHIVE, path.parent)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = [item for item in _members(archive) if is_notebook(PurePosixPath(item.filename).name, manifest)]
                if len(names) != 1:
                    raise Unreadable(f"The archive holds {len(names)} notebooks called {manifest.notebook}.ipynb.")
                return _read_member(archive, names[0])
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise Unreadable(f"The archive {shown(path.name)} cannot be read ({error}).") from None

    return _Place(path.name, read)


def _look_into(archive: zipfile.ZipFile, manifest: Manifest, places: dict[str, list[_Place]], notes: list[str]) -> None:
    """Note what the class's archive holds: the layouts of a folder, perhaps below one folder that holds them all."""
    if len(archive.infolist()) > MOST_MEMBERS:
        raise CourseError(f"The archive has more than {MOST_MEMBERS:,} members, so it is no class's work.")
    for item in _members(archive, notes):
        path = PurePosixPath(item.filename)
        if path.suffix == ".zip":
            notes.append(
                f"{shown(item.filename)} was passed over: it is an archive within the archive; unpack it first."
            )
        if path.suffix != ".ipynb":
            continue
        if path.parent.name == manifest.assignment and len(path.parts) > 2:
            owner, own = path.parts[-3], is_notebook(path.name, manifest)
        elif len(path.parts) > 1 and not CANVAS.fullmatch(path.name) and is_notebook(path.name, manifest):
            owner, own = path.parts[-2], True
        else:
            canvas = CANVAS.fullmatch(path.name) is not None
            owner, own = path.name, is_notebook(path.name, manifest) if canvas else len(path.parts) == 1
        student = student_of(owner) if own else None
        if not own:
            continue
        if student is None:
            notes.append(f"{shown(item.filename)} was passed over: {shown(owner)} is no student's id.")
            continue
        places.setdefault(student, []).append(
            _Place(item.filename, lambda item=item: _read_member(archive, item))  # type: ignore[misc]
        )


def _members(archive: zipfile.ZipFile, notes: list[str] | None = None) -> Iterator[zipfile.ZipInfo]:
    """Yield the files of an archive; names that lead out of it and links are passed over."""
    for item in archive.infolist():
        path = PurePosixPath(item.filename.replace("\\", "/"))
        if item.is_dir() or "__MACOSX" in path.parts or path.name.startswith("."):
            continue
        is_link = (item.external_attr >> 16) & 0o170000 == 0o120000
        if path.is_absolute() or ".." in path.parts or ":" in item.filename or is_link:
            if notes is not None:
                notes.append(f"{shown(item.filename)} was passed over: it leads out of the archive.")
            continue
        yield item


def _read_member(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bytes:
    """Return a member's bytes; never more than a notebook may have, whatever the archive says about its size."""
    try:
        with archive.open(item) as stream:
            data = stream.read(LARGEST + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Unreadable(f"The archive's {shown(item.filename)} cannot be read ({error}).") from None
    except Exception as error:  # zlib, lzma and bz2 have errors of their own
        raise Unreadable(f"The archive's {shown(item.filename)} is damaged ({type(error).__name__}).") from None
    if len(data) > LARGEST:
        raise Unreadable(f"The notebook is larger than {LARGEST // 1_000_000} MB.")
    return data
