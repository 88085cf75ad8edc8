"""Writes grades: the only room of ours that opens nbgrader's gradebook for writing scores.

It does what nbgrader's own autograding does after running a notebook: automatic scores, what needs a person, automatic
comments, the penalty for late work from nbgrader's plugin, and the graded notebook that formgrader shows. Scores and
comments that a person gave are never touched. It may be called with results that are recorded already: it compares
and writes only what differs, many students in a transaction, through the tables of nbgrader's own models. So whatever
interrupted an earlier run, the next one brings the gradebook up to date.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder import inert
from autograder.course import CONFIG, Course, load_nbgrader, write_whole
from autograder.errors import CourseError
from autograder.grading import Result, extra_key
from autograder.manifest import Manifest
from autograder.results import Kept, Store
from autograder.submission import Submission
from autograder.verdicts import MISSING, NEEDS_MANUAL, PASSED

NO_RESPONSE = "No response."  # nbgrader's own words, which its formgrader and feedback show
PATIENCE = 20  # seconds to wait for whoever holds the gradebook, such as a formgrader that saves a mark
CHUNK = 100  # students in a transaction


@dataclass(frozen=True)
class Mark:
    """What a person gave for one graded cell, or for the answer in it; `extra` comes on top of any score."""

    score: float | None
    needs_manual: bool
    comment: str
    extra: float = 0.0


class Marks(dict[str, Mark]):
    """The marks of one student by the cell's grade id, and what nbgrader deducted for late work."""

    deducted: float = 0.0


@dataclass
class _Entry:
    """What the gradebook holds for one student: scores and comments as (row id, value …) by the cell's name."""

    submission_id: str
    notebook_id: str
    timestamp: datetime | None
    extension: timedelta | None
    penalty: float | None
    grades: dict[str, tuple[str, float | None, float | None, float | None, bool]] = field(default_factory=dict)
    comments: dict[str, tuple[str, str | None, str | None]] = field(default_factory=dict)


def record(course: Course, manifest: Manifest, store: Store, kept: Iterable[Kept]) -> int:
    """Bring the gradebook and the graded notebooks up to these results; return how many students changed."""
    readable = [item for item in kept if not item.result.malformed]
    stamps = {item.student: _stamp(_notebook_path(course, manifest, item.student)) for item in readable}
    unwritten: list[str] = []
    trouble = ""
    seal = _seal(course, manifest, readable)
    shown = all(stamps[item.student].get("result") == item.digest for item in readable)
    if shown and seal and store.seal(manifest.assignment) == seal:
        return 0
    with gradebook(course) as book:
        tables = _Tables(book, manifest)
        penalty = _penalties(course)
        present = tables.entries()
        behind = []
        for item in readable:
            plan = _plan(manifest, item, present.get(item.student), stamps[item.student], tables.duedate, penalty)
            if plan.differs or stamps[item.student].get("result") != item.digest:
                behind.append(item)
        if not behind:
            store.set_seal(manifest.assignment, seal)
        for start in range(0, len(behind), CHUNK):
            chunk = behind[start : start + CHUNK]
            _record_chunk(tables, manifest, chunk, stamps, penalty)
            for item in chunk:  # after the scores: a notebook's stamp says that its scores are in the gradebook
                try:
                    notebook = graded_notebook(manifest, *store.whole(item), item.digest)
                    write_whole(_notebook_path(course, manifest, item.student), notebook)
                except OSError as error:
                    unwritten.append(item.student)
                    trouble = error.strerror or str(error)
    if unwritten:
        raise CourseError(
            f"{len(unwritten)} graded notebooks could not be written, {unwritten[0]}'s among them ({trouble}). Their "
            "scores are in the gradebook. Make room, and start the command again: nothing is graded twice."
        )
    return len(behind)


def _seal(course: Course, manifest: Manifest, kept: Sequence[Kept]) -> str:
    """Return a digest of the results, the gradebook's state and the configuration; "" where the state is not known.

    Once everything was found to be recorded under a seal, there is nothing to compare while the seal stays the same:
    a rerun over an unchanged class then needs neither nbgrader nor the database. A file of SQLite counts its changes.
    """
    path = course.work / "gradebook.db"
    if course.gradebook_url != f"sqlite:///{path}" or path.with_name(f"{path.name}-wal").exists():
        return ""
    try:
        with path.open("rb") as stream:
            header, state = stream.read(100), path.stat()
        config = (course.root / CONFIG).read_bytes()
    except OSError:
        return ""
    work = sorted((item.student, item.digest, item.timestamp) for item in kept)
    content = [manifest.hash, work, header.hex(), state.st_ino, state.st_size, state.st_mtime_ns, config.hex()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@dataclass
class _Plan:
    """What recording one result has to change."""

    grades: dict[str, tuple[float | None, bool]]
    comments: dict[str, str | None]
    penalty: float | None
    timestamp: datetime | None
    differs: bool


def _plan(
    manifest: Manifest,
    item: Kept,
    entry: _Entry | None,
    stamp: dict[str, str],
    duedate: datetime | None,
    penalty: Callable[[str, float, float], float | None],
) -> _Plan:
    """Compare a result with what the gradebook holds of this student."""
    result = item.result
    new_work = {key: stamp.get(key) for key in ("manifest", "submission")} != _work_of(result)
    grades, total, differs = {}, 0.0, entry is None
    for name, score in automatic_scores(manifest, result).items():
        _, auto, manual, extra, _ = entry.grades.get(name, _NO_GRADE) if entry else _NO_GRADE
        known = entry is not None and name in entry.grades
        if not known or auto != score or new_work:
            grades[name] = score, score is None or manual is not None
        differs = differs or not known or auto != score
        best = manual if manual is not None else score
        total += best + (extra or 0.0) if best is not None else 0.0
    comments = {}
    for name, said in automatic_comments(manifest, result).items():
        if entry is None or name not in entry.comments or entry.comments[name][1] != said:
            comments[name] = said
    timestamp = _when(item.timestamp) or (entry.timestamp if entry else None)
    late = _seconds_late(timestamp, duedate, entry.extension if entry else None)
    deduction = penalty(item.student, total, late) if late > 0 else None
    if entry is not None:
        differs = differs or bool(comments) or (entry.timestamp, entry.penalty) != (timestamp, deduction)
    return _Plan(grades, comments, deduction, timestamp, differs)


_NO_GRADE: tuple[str, float | None, float | None, float | None, bool] = ("", None, None, None, True)


def _record_chunk(
    tables: _Tables,
    manifest: Manifest,
    chunk: Sequence[Kept],
    stamps: dict[str, dict[str, str]],
    penalty: Callable[[str, float, float], float | None],
) -> None:
    """Write what differs for these students, in one transaction that reads what it compares with."""
    with tables.transaction():
        students = [item.student for item in chunk]
        tables.add(students)
        present = tables.entries(students)
        for item in chunk:
            entry = present[item.student]
            plan = _plan(manifest, item, entry, stamps[item.student], tables.duedate, penalty)
            tables.change(entry, plan)
        tables.flush()


class _Tables:
    """The gradebook's tables for one assignment, through nbgrader's models but many rows at a time."""

    def __init__(self, book: Any, manifest: Manifest) -> None:
        from nbgrader import api

        self.api, self.book = api, book
        try:
            notebook = book.find_notebook(manifest.notebook, manifest.assignment)
        except api.MissingEntry:
            raise CourseError(
                f"{manifest.assignment} is not in the gradebook. Run: autograder release {manifest.assignment}"
            ) from None
        self.notebook_id, self.assignment_id = notebook.id, notebook.assignment.id
        self.duedate: datetime | None = notebook.assignment.duedate
        self.graded = {cell.name: cell.id for cell in [*notebook.grade_cells, *notebook.task_cells]}
        self.commented = {cell.name: cell.id for cell in [*notebook.solution_cells, *notebook.task_cells]}
        if any(cell.points and cell.grade_id and cell.grade_id not in self.graded for cell in manifest.cells):
            raise CourseError(
                f"The gradebook holds another release of {manifest.assignment} than the one that was graded. "
                f"Run: autograder release {manifest.assignment}"
            )
        self._changes: dict[str, list[dict[str, Any]]] = {"grade": [], "comment": [], "submission": [], "notebook": []}
        book.db.rollback()  # ends the transaction that reading began

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the gradebook from the first reading to the end, so that no mark can come in between."""
        from sqlalchemy import text

        if self.book.engine.dialect.name == "sqlite":
            self.book.db.execute(text("BEGIN IMMEDIATE"))
        try:
            yield
            self.book.db.commit()
        except BaseException:
            self.book.db.rollback()
            raise

    def entries(self, students: Sequence[str] | None = None) -> dict[str, _Entry]:
        """Return what is there, by student; for these students if any are named."""
        from sqlalchemy import select, true

        api = self.api
        entries: dict[str, _Entry] = {}
        submission, notebook = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
        grade, comment, cell = api.Grade.__table__, api.Comment.__table__, api.BaseCell.__table__
        some = submission.c.student_id.in_(students) if students is not None else true()

        def rows(columns: Sequence[Any], table: Any = None) -> Any:
            joined = submission.join(notebook, notebook.c.assignment_id == submission.c.id)
            if table is not None:
                joined = joined.join(table, table.c.notebook_id == notebook.c.id).join(
                    cell, cell.c.id == table.c.cell_id
                )
            query = select(submission.c.student_id, *columns).select_from(joined)
            return self.book.db.execute(query.where(notebook.c.notebook_id == self.notebook_id, some))

        of_submission = submission.c.timestamp, submission.c.extension, notebook.c.late_submission_penalty
        for student, *row in rows((submission.c.id, notebook.c.id.label("own"), *of_submission)):
            entries[student] = _Entry(*row)
        of_grade = grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit, grade.c.needs_manual_grade
        for student, name, *row in rows((cell.c.name, grade.c.id, *of_grade), grade):
            entries[student].grades[name] = tuple(row)
        of_comment = comment.c.id, comment.c.auto_comment, comment.c.manual_comment
        for student, name, *row in rows((cell.c.name, *of_comment), comment):
            entries[student].comments[name] = tuple(row)
        return entries

    def add(self, students: Sequence[str]) -> None:
        """Add what is missing: students, their submissions, and in these a row for each graded cell and comment."""
        from sqlalchemy import insert, select

        api, db = self.api, self.book.db
        student, submission = api.Student.__table__, api.SubmittedAssignment.__table__
        known = set(db.scalars(select(student.c.id).where(student.c.id.in_(students))))
        handed_in = select(submission.c.student_id).where(
            submission.c.assignment_id == self.assignment_id, submission.c.student_id.in_(students)
        )
        new = sorted(set(students) - set(db.scalars(handed_in)))
        ids = {name: (api.new_uuid(), api.new_uuid()) for name in new}
        for table, rows in (
            (student, [{"id": name} for name in sorted(set(students) - known)]),
            (submission, [{"id": ids[n][0], "assignment_id": self.assignment_id, "student_id": n} for n in new]),
            (
                api.SubmittedNotebook.__table__,
                [{"id": own, "assignment_id": whole, "notebook_id": self.notebook_id} for whole, own in ids.values()],
            ),
        ):
            if rows:
                db.execute(insert(table), rows)
        entries = self.entries(students).values()
        for table, cells, kind in (
            (api.Grade.__table__, self.graded, "grades"),
            (api.Comment.__table__, self.commented, "comments"),
        ):
            rows = [
                {"notebook_id": entry.notebook_id, "cell_id": cell}
                for entry in entries
                for name, cell in cells.items()
                if name not in getattr(entry, kind)
            ]
            if rows:
                db.execute(insert(table), rows)

    def change(self, entry: _Entry, plan: _Plan) -> None:
        """Note what is to be written; scores and comments of people are in other columns."""
        for name, (score, needs) in plan.grades.items():
            row = entry.grades[name]
            if (row[1], row[4]) != (score, needs):
                self._changes["grade"].append({"row": row[0], "auto": score, "needs": needs})
        for name, said in plan.comments.items():
            self._changes["comment"].append({"row": entry.comments[name][0], "said": said})
        if entry.timestamp != plan.timestamp:
            self._changes["submission"].append({"row": entry.submission_id, "time": plan.timestamp})
        if entry.penalty != plan.penalty:
            self._changes["notebook"].append({"row": entry.notebook_id, "penalty": plan.penalty})

    def flush(self) -> None:
        """Write what was noted."""
        from sqlalchemy import bindparam, update

        api = self.api
        columns = {
            "grade": (api.Grade.__table__, {"auto_score": "auto", "needs_manual_grade": "needs"}),
            "comment": (api.Comment.__table__, {"auto_comment": "said"}),
            "submission": (api.SubmittedAssignment.__table__, {"timestamp": "time"}),
            "notebook": (api.SubmittedNotebook.__table__, {"late_submission_penalty": "penalty"}),
        }
        for name, (table, names) in columns.items():
            if changes := self._changes[name]:
                values: dict[str, Any] = {column: bindparam(parameter) for column, parameter in names.items()}
                self.book.db.connection().execute(
                    update(table).where(table.c.id == bindparam("row")).values(**values), changes
                )
            self._changes[name] = []


def _when(timestamp: str) -> datetime | None:
    from nbgrader.utils import parse_utc

    try:
        return parse_utc(timestamp) if timestamp else None
    except (ValueError, OverflowError):
        return None


def _seconds_late(timestamp: datetime | None, duedate: datetime | None, extension: timedelta | None) -> float:
    if timestamp is None or duedate is None:
        return 0.0
    return max(0.0, (timestamp - duedate - (extension or timedelta(0))).total_seconds())


def _penalties(course: Course) -> Callable[[str, float, float], float | None]:
    """Return nbgrader's way to deduct for late work, as ``nbgrader_config.py`` sets it; loaded when one is late."""
    plugin: list[Any] = []

    def penalty(student: str, score: float, late: float) -> float | None:
        if not plugin:
            from nbgrader.preprocessors import AssignLatePenalties

            from autograder.release import nbgrader_log

            with nbgrader_log() as (log, _):
                assign = AssignLatePenalties(config=course.nbgrader_config, log=log)
                assign.init_plugin()
            plugin.append(assign.plugin_inst)
        given = plugin[0].late_submission_penalty(student, score, late)
        return None if given is None else min(max(0.0, float(given)), score)

    return penalty


def automatic_scores(manifest: Manifest, result: Result) -> dict[str, float | None]:
    """Return the automatic score of every graded cell; None where a person has to mark."""
    scores: dict[str, float | None] = {cell.grade_id: cell.points for cell in result.cells}
    verdicts = {question.id: question.verdict for question in result.questions}
    for cell in manifest.cells:
        if cell.kind == "written" and cell.grade_id:
            scores[cell.grade_id] = None if verdicts[str(cell.question)] == NEEDS_MANUAL else 0.0
    return scores


def automatic_comments(manifest: Manifest, result: Result) -> dict[str, str | None]:
    """Return the comment on every answer cell: the question's message, which formgrader shows beside the answer."""
    questions = {question.id: question for question in result.questions}
    comments: dict[str, str | None] = {}
    for cell in manifest.cells:
        if cell.kind in ("answer", "written") and cell.grade_id:
            question = questions[str(cell.question)]
            said = inert.comment(question.message) if question.verdict not in (PASSED, NEEDS_MANUAL) else None
            comments[cell.grade_id] = NO_RESPONSE if question.verdict == MISSING else said
    return comments


def graded_notebook(manifest: Manifest, submission: Submission, result: Result, digest: str = "") -> str:
    """Return the notebook that formgrader shows: the student's cells, the full tests, and what running them put out."""
    cells: list[dict[str, Any]] = []

    def add_extras(after: int) -> None:
        here = [extra for extra in submission.extras if extra.after == after]
        for number, extra in enumerate(here):
            key = extra_key(after, number)
            cells.append(_cell(key, "code", extra.source, {}, result.outputs.get(key, [])))

    add_extras(-1)
    for number, cell in enumerate(manifest.cells):
        source = submission.sources.get(cell.cell_id) if cell.from_student else cell.full
        if source is None and cell.kind != "code":
            source = f"# {submission.problems.get(cell.cell_id, 'This cell was missing.')}"
        if source is not None and cell.kind == "written":
            source = inert.markdown(source)
        if source is not None:
            cells.append(
                _cell(cell.cell_id, cell.cell_type, source, cell.metadata, result.outputs.get(cell.cell_id, []))
            )
        add_extras(number)
    stamp = {**_work_of(result), "result": digest, "sandbox": result.sandbox}
    metadata = {**manifest.notebook_metadata, STAMP: stamp}
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, sort_keys=True) + "\n"


def _cell(cell_id: str, cell_type: str, source: str, metadata: dict[str, Any], outputs: list[Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": cell_type, "id": cell_id, "metadata": metadata, "source": source}
    if cell_type == "code":
        cell |= {"execution_count": None, "outputs": inert.outputs(outputs)}
    return cell


STAMP = "autograder"  # the key in a graded notebook's metadata
TAIL = 4096  # bytes at the end of a graded notebook in which its metadata stand, sorted behind the cells


def _work_of(result: Result) -> dict[str, str | None]:
    """Return what tells new work, which a person may have to look at again, from the same work graded again."""
    return {"manifest": result.manifest_hash, "submission": result.submission_hash}


def _notebook_path(course: Course, manifest: Manifest, student: str) -> Path:
    return course.autograded / student / manifest.assignment / f"{manifest.notebook}.ipynb"


def _stamp(path: Path) -> dict[str, str]:
    """Return the stamp of a graded notebook; nothing where there is none. Only the end of the file is read."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - TAIL))
            tail = stream.read().decode("utf-8", "replace")
        stamp = json.JSONDecoder().raw_decode(tail.rpartition(f'"{STAMP}": ')[2])[0]
    except (OSError, ValueError):
        return {}
    return dict(stamp) if isinstance(stamp, dict) else {}


def manual_marks(course: Course, manifest: Manifest) -> dict[str, Marks]:
    """Return what people gave in formgrader, by student, and what was deducted for late work."""
    found: dict[str, Marks] = {}
    if not (course.work / "gradebook.db").is_file():
        return found
    with gradebook(course) as book:
        if manifest.assignment not in {item.name for item in book.assignments}:
            return found
        for student, entry in _Tables(book, manifest).entries().items():
            marks = found[student] = Marks()
            marks.deducted = entry.penalty or 0.0
            comments = {name: said for name, (_, _, said) in entry.comments.items() if said}
            marks |= {name: Mark(None, False, said) for name, said in comments.items()}
            for name, (_, _, score, extra, needs) in entry.grades.items():
                marks[name] = Mark(score, bool(needs), comments.get(name, ""), extra or 0.0)
    return found


@contextmanager
def gradebook(course: Course) -> Iterator[Any]:
    """Open nbgrader's gradebook; a locked, full or foreign file is said in a sentence."""
    load_nbgrader()
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import DatabaseError, SAWarning

    course.work.mkdir(exist_ok=True)
    url = course.gradebook_url
    if url.startswith("sqlite:///") and "?" not in url:
        url += f"?timeout={PATIENCE}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way of adding a submission
            with Gradebook(url) as book:
                yield book
    except DatabaseError as error:
        reason = str(error.orig).split("\n")[0]
        advice = "Close what else has it open, such as formgrader, and try again."
        if "full" in reason:
            advice = "Make room on the disk and try again."
        where = course.show(course.work / "gradebook.db")
        raise CourseError(f"The gradebook {where} cannot be used ({reason}). {advice}") from None
