"""From `solutions/` to `exercises/`: nbgrader's source notebook, the release nbgrader makes of it, and the manifest.

Everything is made in a folder of its own first and moved into place at the end, so a release is whole or absent.
"""

from __future__ import annotations

import copy
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, lean_imports, load_nbgrader, write_whole
from autograder.errors import CourseError
from autograder.manifest import Manifest, build_manifest
from autograder.source import Source, read_source

SAMPLE_PREFIX = "sample-"  # students made by `autograder simulate`; their work can be made again


@dataclass(frozen=True)
class Release:
    """What one release did."""

    manifest: Manifest
    path: Path
    changed: bool


def release(course: Course, assignment: str, output: Path | None = None) -> Release:
    """Release one assignment into the course, or only its exercise into `output`."""
    with lean_imports():
        import nbformat

    source = read_source(course, assignment)
    scratch_parent = course.work if output is None else output
    scratch_parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=scratch_parent, prefix=".release-"))
    try:
        raw = nbformat.writes(source.document, version=4) + "\n"
        write_whole(scratch / "source" / assignment / f"{source.notebook}.ipynb", raw)
        made = _generate(course, source, scratch, use_gradebook=False)
        manifest = build_manifest(source, nbformat.reads(made.decode(), as_version=4))
        if output is not None:
            path = output / assignment / f"{source.notebook}.ipynb"
            return Release(manifest, path, write_whole(path, made))
        path = course.exercises / assignment / f"{source.notebook}.ipynb"
        if not _is_current(course, manifest, path, made, raw):
            _make_room(course, manifest)
            _generate(course, source, scratch, use_gradebook=True)
        write_whole(course.work / "source" / assignment / f"{source.notebook}.ipynb", raw)
        changed = write_whole(path, made)
        return Release(manifest, path, write_whole(course.manifest(assignment), manifest.to_json()) or changed)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def released(course: Course, assignment: str) -> Manifest:
    """Return the manifest of what is in solutions/ now, without touching the course."""
    course.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=course.work, prefix=".release-") as folder:
        return release(course, assignment, Path(folder)).manifest


def outdated(course: Course, manifest: Manifest) -> str:
    """Return a sentence where the manifest is older than what is in exercises/ or solutions/ now, else ""."""
    name = manifest.assignment
    again = f"Graded is what was released here. To use what is there now, run: autograder release {name}"
    try:
        given = json.loads((course.exercises / name / f"{manifest.notebook}.ipynb").read_text(encoding="utf-8"))
        cells = [(cell.get("id"), "".join(cell["source"])) for cell in given["cells"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"The exercise of {name} cannot be read. {again}"
    if cells != [(cell.cell_id, cell.released) for cell in manifest.cells]:
        return f"The notebook in {course.show(course.exercises / name)} is not the one that was released here. {again}"
    folder = course.solutions / name
    parts = [folder / f"{manifest.notebook}.py", folder / "mistakes.py", folder / "assignment.toml"]
    released_at = course.manifest(name).stat().st_mtime
    if not any(path.is_file() and path.stat().st_mtime > released_at for path in parts):
        return ""
    source = read_source(course, name)
    settings = source.settings
    now = ([cell.source for cell in source.document.cells], source.mistakes, settings.allowed, settings.limits)
    then = ([cell.full for cell in manifest.cells], manifest.mistakes, manifest.allowed_modules, manifest.limits)
    return "" if now == then else f"{course.show(folder)} has changed since its release. {again}"


def _is_current(course: Course, manifest: Manifest, path: Path, made: bytes, raw: str) -> bool:
    """Whether the course, its gradebook included, already holds exactly this release."""
    stored = {
        course.manifest(manifest.assignment): manifest.to_json().encode(),
        course.work / "source" / manifest.assignment / path.name: raw.encode(),
        path: made,
    }
    return (course.work / "gradebook.db").is_file() and all(
        name.is_file() and name.read_bytes() == content for name, content in stored.items()
    )


def _generate(course: Course, source: Source, scratch: Path, *, use_gradebook: bool) -> bytes:
    """Run nbgrader's own GenerateAssignment in the scratch folder and return the notebook it wrote."""
    with lean_imports():
        from nbgrader.converters import GenerateAssignment
        from nbgrader.coursedir import CourseDirectory

    config = copy.deepcopy(course.nbgrader_config)
    config.CourseDirectory.root = str(scratch)
    config.CourseDirectory.source_directory = "source"
    config.CourseDirectory.release_directory = "release"
    if not use_gradebook:
        config.CourseDirectory.db_url = "sqlite://"
        config.GenerateAssignment.no_database = True
        config.GenerateAssignment.preprocessors = [
            step for step in config.GenerateAssignment.preprocessors if not str(step).endswith("SaveCells")
        ]
    with nbgrader_log() as (log, said):
        directory = CourseDirectory(config=config, log=log)
        directory.assignment_id = source.assignment
        converter = GenerateAssignment(coursedir=directory, config=config, log=log, force=True)
        try:
            converter.start()
        except Exception as error:
            raise CourseError(
                f"nbgrader could not make the release of {source.assignment}: {reason(said, error)}"
            ) from None
    return (scratch / "release" / source.assignment / f"{source.notebook}.ipynb").read_bytes()


def _make_room(course: Course, manifest: Manifest) -> None:
    """Remove recorded sample submissions when the cells changed; refuse when real students' grades would be lost."""
    load_nbgrader()
    from nbgrader.api import Gradebook, MissingEntry

    graded = {cell.grade_id for cell in manifest.cells if cell.grade_id}
    with Gradebook(course.gradebook_url) as gradebook:
        try:
            notebook = gradebook.find_notebook(manifest.notebook, manifest.assignment)
        except MissingEntry:
            return
        if {cell.name for cell in notebook.source_cells} == graded:
            return
        students = [submission.student.id for submission in gradebook.assignment_submissions(manifest.assignment)]
        real = [student for student in students if not student.startswith(SAMPLE_PREFIX)]
        if real:
            raise CourseError(
                f"{manifest.assignment} has other cells than when the work of {len(real)} students was recorded "
                f"({', '.join(real[:3])} …). "
                "Keep the cells' ids, or export the grades and remove these submissions from the gradebook first."
            )
        for student in students:
            gradebook.remove_submission(manifest.assignment, student)


@contextmanager
def nbgrader_log() -> Iterator[tuple[logging.Logger, list[str]]]:
    """Give nbgrader a log of its own, whose errors are kept instead of printed."""
    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    log = logging.Logger("autograder.nbgrader")
    log.addHandler(Keep(level=logging.ERROR))
    yield log, said


def reason(said: list[str], error: Exception) -> str:
    """Return the line in which nbgrader's log says what really happened."""
    tracebacks = [text for text in said if text.startswith("Traceback")]
    lines = [line for line in (tracebacks or [str(error)])[-1].strip().split("\n") if line.strip()]
    return lines[-1] if lines else type(error).__name__
