"""Keeps results as they are finished, finds those that need not be made again, and shapes `grade --json`.

One SQLite file below ``_course`` holds every result under the digest of all it depends on (see `fingerprint`), and for
each student and assignment which result is the present one. A result is written in one transaction as soon as it is
known: a run that is interrupted or killed loses what was in flight and no more. What tables need (points, verdicts,
messages) lies apart from what takes room (sources, outputs, pictures), which is read when it is asked for.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading import CellResult, QuestionResult, Result
from autograder.submission import Extra, Submission
from autograder.verdicts import INFRASTRUCTURE

FORMAT = 1
PATIENCE = 20.0  # seconds to wait for another process that writes
SHELF_LIFE = 30 * 86400.0  # seconds for which a result that is nobody's present one is still kept

SCHEMA = """
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY, digest TEXT NOT NULL, made REAL NOT NULL, head TEXT NOT NULL, rest TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS latest (
    assignment TEXT NOT NULL, student TEXT NOT NULL, key TEXT NOT NULL, timestamp TEXT NOT NULL,
    PRIMARY KEY (assignment, student)
);
CREATE INDEX IF NOT EXISTS latest_key ON latest (key);
CREATE TABLE IF NOT EXISTS seals (assignment TEXT PRIMARY KEY, seal TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Kept:
    """A result on the shelf: `result` lacks the outputs, `digest` tells one content from another.

    `at_hand` holds submission and outputs where there was no room on the disk for them.
    """

    key: str
    digest: str
    result: Result
    timestamp: str = ""
    at_hand: tuple[Submission, Result] | None = None

    @property
    def student(self) -> str:
        return self.result.student


class Store:
    """The results of a course; use it through `open_store`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._base = connection
        self.not_kept = ""  # why a result could not be written, if one could not

    def find(self, assignment: str, wanted: Iterable[tuple[Submission, str]]) -> dict[str, Kept]:
        """Return the results that are there for these submissions and keys, by student; they become the present ones.

        Two students who handed in the same have the same result.
        """
        found: dict[str, Kept] = {}
        heads: dict[str, tuple[str, str] | None] = {}
        query = "SELECT student, key, timestamp FROM latest WHERE assignment = ?"
        present = {student: row for student, *row in self._base.execute(query, (assignment,))}
        rows = []
        for submission, key in wanted:
            if key not in heads:
                heads[key] = self._base.execute("SELECT digest, head FROM results WHERE key = ?", (key,)).fetchone()
            row = heads[key]
            if row is None:
                continue
            kept = Kept(key, row[0], _result(row[1], submission.student), submission.timestamp)
            found[submission.student] = kept
            if present.get(submission.student) != [key, submission.timestamp]:
                rows.append((assignment, submission.student, key, submission.timestamp))
        with self._base:
            self._base.executemany("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)", rows)
        return found

    def save(self, key: str, submission: Submission, result: Result) -> Kept:
        """Keep one result, at once and whole; where the disk is full it stays in memory and `not_kept` says so."""
        light = replace(result, outputs={})
        fields = asdict(light)
        head = json.dumps(fields, ensure_ascii=True)
        rest = json.dumps({"submission": asdict(submission), "outputs": result.outputs}, ensure_ascii=True)
        content = json.dumps([{**fields, "seconds": 0, "student": ""}, result.outputs], ensure_ascii=True)
        digest = hashlib.sha256(content.encode()).hexdigest()
        pointer = (result.assignment, result.student, key, submission.timestamp)
        try:
            with self._base:
                self._base.execute(
                    "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)", (key, digest, time.time(), head, rest)
                )
                self._base.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)", pointer)
        except sqlite3.OperationalError as error:
            self.not_kept = _reason(error)
            return Kept(key, digest, light, submission.timestamp, (submission, result))
        return Kept(key, digest, light, submission.timestamp)

    def whole(self, kept: Kept) -> tuple[Submission, Result]:
        """Return what was taken from the submission, and the result with its outputs."""
        if kept.at_hand:
            return kept.at_hand
        row = self._base.execute("SELECT rest FROM results WHERE key = ?", (kept.key,)).fetchone()
        if row is None:
            raise CourseError(f"The result of {kept.student} is gone. Grade {kept.result.assignment} again.")
        content = json.loads(row[0])
        taken = content["submission"]
        taken |= {"student": kept.student, "timestamp": kept.timestamp}
        taken["extras"] = [Extra(**extra) for extra in taken["extras"]]
        return Submission(**taken), replace(kept.result, outputs=content["outputs"])

    def present(self, assignment: str) -> list[Kept]:
        """Return the present result of every student of an assignment, in the order of their ids."""
        rows = self._base.execute(
            "SELECT student, latest.key, digest, timestamp, head FROM latest JOIN results ON results.key = latest.key "
            "WHERE assignment = ? ORDER BY student",
            (assignment,),
        )
        return [Kept(key, digest, _result(head, student), stamp) for student, key, digest, stamp, head in rows]

    def seal(self, assignment: str) -> str:
        """Return what the recorder noted when it last found everything recorded."""
        row = self._base.execute("SELECT seal FROM seals WHERE assignment = ?", (assignment,)).fetchone()
        return str(row[0]) if row else ""

    def set_seal(self, assignment: str, seal: str) -> None:
        """Note in which state of the gradebook everything was recorded."""
        with self._base:
            self._base.execute("INSERT OR REPLACE INTO seals VALUES (?, ?)", (assignment, seal))

    def tidy(self) -> None:
        """Drop what has been nobody's present result for a month."""
        with self._base:
            self._base.execute(
                "DELETE FROM results WHERE made < ? AND key NOT IN (SELECT key FROM latest)",
                (time.time() - SHELF_LIFE,),
            )


def _result(head: str, student: str) -> Result:
    content = json.loads(head)
    content["student"] = student
    content["questions"] = [QuestionResult(**question) for question in content["questions"]]
    content["cells"] = [CellResult(**cell) for cell in content["cells"]]
    return Result(**content)


def _reason(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return "the disk is full"
    return "another process holds it" if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) else str(error)


@contextmanager
def open_store(course: Course) -> Iterator[Store]:
    """Open the results of a course; what is wrong with the file is said in a sentence."""
    path = course.work / "results.db"
    course.work.mkdir(parents=True, exist_ok=True)
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=PATIENCE)
        connection.execute("PRAGMA journal_mode = WAL")  # one short write a result, readers are never in the way
        connection.execute("PRAGMA synchronous = NORMAL")
        [version] = connection.execute("PRAGMA user_version").fetchone()
        if version != FORMAT:
            connection.executescript(
                "DROP TABLE IF EXISTS results; DROP TABLE IF EXISTS latest; DROP TABLE IF EXISTS seals;"
            )
            connection.executescript(f"{SCHEMA} PRAGMA user_version = {FORMAT};")
        yield Store(connection)
    except sqlite3.DatabaseError as error:
        where, advice = course.show(path), "Make room, or end what else is running, and start the command again."
        if not isinstance(error, sqlite3.OperationalError):
            advice = "Delete the file and start the command again; everything is then graded anew."
        raise CourseError(f"The kept results in {where} cannot be used ({_reason(error)}). {advice}") from None
    finally:
        if connection is not None:
            connection.close()


def summary(assignment: str, sandbox: str, results: Sequence[Result], lost: Sequence[str] = ()) -> dict[str, Any]:
    """Return the content of `grade --json`; `lost` are students whose work the machinery failed on every time."""
    return {
        "assignment": assignment,
        "sandbox": sandbox,
        "submissions": [_entry(result) for result in sorted(results, key=lambda result: result.student)],
        "not_graded": [{"student": student, "verdict": INFRASTRUCTURE} for student in sorted(lost)],
    }


def _entry(result: Result) -> dict[str, Any]:
    cells: dict[str, list[dict[str, Any]]] = {}
    for cell in result.cells:
        cells.setdefault(cell.question, []).append(
            {
                "id": cell.grade_id,
                "points": cell.points,
                "max_points": cell.max_points,
                "verdict": cell.verdict,
                "message": cell.message,
            }
        )
    return {
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
                "cells": cells.get(question.id, []),
            }
            for question in result.questions
        ],
    }
