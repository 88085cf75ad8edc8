"""The gradebook: late work, marks of people, other releases, thousands of students, and the table of grades."""

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import tiny

from autograder import recorder
from autograder.classroom import notebook, solution_sources
from autograder.collection import collect
from autograder.course import Course
from autograder.errors import CourseError
from autograder.export import export
from autograder.feedback import write_feedback
from autograder.grading import grade
from autograder.manifest import load_manifest
from autograder.recorder import gradebook, manual_marks, record
from autograder.release import release
from autograder.report import class_scores
from autograder.results import open_store
from autograder.submission import parse_submission

DUE = datetime(2026, 3, 1, 12, 0)
PLUGIN = """
import nbgrader.plugins


class FivePerDay(nbgrader.plugins.BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 5 * total_seconds_late / 86400


c.AssignLatePenalties.plugin_class = FivePerDay
"""
LATE = {  # the time handed in, days of extension, what the plugin above takes off a score of 90
    "early": ("2026-02-28 12:00:00 UTC", 0, None),
    "punctual": ("2026-03-01 12:00:00 UTC", 0, None),
    "day": ("2026-03-02 12:00:00 UTC", 0, 5.0),
    "zone": ("2026-03-02T14:00:00+02:00", 0, 5.0),
    "extended": ("2026-03-02 12:00:00 UTC", 2, None),
    "month": ("2026-04-01 12:00:00 UTC", 0, 90.0),  # no more than the score
    "unknown": ("", 0, None),
}


def hand_in(course, manifest, students):
    for student, (stamp, _, _) in students.items():
        place = course.submitted / student / tiny.NAME
        place.mkdir(parents=True, exist_ok=True)
        (place / "means.ipynb").write_text(json.dumps(notebook(manifest, solution_sources(manifest))))
        if stamp:
            (place / "timestamp.txt").write_text(stamp + "\n")


@pytest.fixture
def result(manifest, executor):
    data = json.dumps(notebook(manifest, solution_sources(manifest))).encode()
    return grade(manifest, parse_submission(data, manifest, "someone"), executor=executor)


@pytest.fixture
def record_all(course, manifest, result):
    """Record what is handed in, with the result of the solution for everybody."""

    def run():
        with open_store(course) as store:
            found = collect(course.submitted, manifest).submissions
            kept = [store.save(item.hash, item, replace(result, student=item.student)) for item in found]
            kept = store.find(tiny.NAME, [(item, item.hash) for item in found])
            return record(course, manifest, store, kept.values())

    return run


def penalties(course):
    with gradebook(course) as book:
        found = book.assignment_submissions(tiny.NAME)
        return {item.student.id: item.notebooks[0].late_submission_penalty for item in found}


def set_dates(course, due, extensions):
    with gradebook(course) as book:
        book.find_assignment(tiny.NAME).duedate = due
        for student, days in extensions.items():
            book.find_submission(tiny.NAME, student).extension = timedelta(days=days) if days else None
        book.db.commit()


def test_late_work_costs_what_nbgraders_plugin_says_as_nbgraders_own_autograding_has_it(course, manifest, record_all):
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(PLUGIN)
    course = Course(course.root)
    hand_in(course, manifest, LATE)
    assert record_all() == len(LATE)
    assert set(penalties(course).values()) == {None}  # nothing is due yet
    set_dates(course, DUE, {student: days for student, (_, days, _) in LATE.items()})
    assert record_all() == 3  # those who are late now
    assert penalties(course) == pytest.approx({student: cost for student, (_, _, cost) in LATE.items()})
    assert record_all() == 0
    with gradebook(course) as book:  # a person's mark raises the score, and with it what can be taken off
        book.find_grade("words--written", "means", tiny.NAME, "month").manual_score = 8.0
        book.db.commit()
    assert record_all() == 1
    ours = penalties(course)
    assert ours["month"] == 98
    with gradebook(course) as book:
        for item in book.assignment_submissions(tiny.NAME):
            item.notebooks[0].late_submission_penalty = 1.0  # so that only nbgrader can have written what follows
        book.db.commit()
    program = Path(sys.executable).parent / "nbgrader"
    subprocess.run([program, "autograde", tiny.NAME, "--force"], cwd=course.root, check=True, capture_output=True)
    assert penalties(course) == pytest.approx(ours)


def test_deductions_are_in_the_report_the_feedback_and_the_table(course, manifest, record_all, tmp_path):
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(PLUGIN)
    hand_in(course, manifest, {"day": LATE["day"], "early": LATE["early"]})
    set_dates(course, DUE, {})
    record_all()
    scores = class_scores(course, [tiny.NAME])
    assert (scores["day"][tiny.NAME].points, scores["day"][tiny.NAME].deducted) == (85, 5)
    assert scores["early"][tiny.NAME].points == 90
    write_feedback(course, [tiny.NAME])
    page = (course.feedback / "day" / f"{tiny.NAME}.html").read_text()
    assert "5 points were deducted because the work was handed in late" in page
    assert "85 of 100 points" in page
    assert export(course, [tiny.NAME], tmp_path / "grades.csv") == 2
    rows = list(csv.reader((tmp_path / "grades.csv").read_text("utf-8-sig").splitlines()))
    name = tiny.NAME
    assert rows == [
        ["student", name, f"{name} of", f"{name} to mark", f"{name} deducted", "total"],
        ["day", "85", "100", "10", "5", "85"],
        ["early", "90", "100", "10", "0", "90"],
    ]


def test_a_new_timestamp_or_date_alone_is_recorded_without_asking_for_a_second_look(course, manifest, record_all):
    hand_in(course, manifest, {"zoe": LATE["early"]})
    record_all()
    with gradebook(course) as book:
        mark = book.find_grade("words--written", "means", tiny.NAME, "zoe")
        mark.manual_score, mark.needs_manual_grade = 8.0, False
        book.db.commit()
    hand_in(course, manifest, {"zoe": LATE["day"]})
    assert record_all() == 1
    with gradebook(course) as book:
        assert book.find_submission(tiny.NAME, "zoe").timestamp == datetime(2026, 3, 2, 12, 0)
        mark = book.find_grade("words--written", "means", tiny.NAME, "zoe")
        assert (mark.manual_score, mark.needs_manual_grade) == (8.0, False)


def test_marks_comments_and_extra_credit_of_people_are_never_touched_and_count(course, manifest, record_all, tmp_path):
    hand_in(course, manifest, {"zoe": LATE["early"]})
    record_all()
    with gradebook(course) as book:
        for name, score, extra in (
            ("words--written", 6.5, None),
            ("number--value", 3.0, None),
            ("centred--value", None, 2.0),
        ):
            mark = book.find_grade(name, "means", tiny.NAME, "zoe")
            mark.manual_score, mark.extra_credit, mark.needs_manual_grade = score, extra, False
        book.find_comment("centred", "means", tiny.NAME, "zoe").manual_comment = "Well seen."
        book.db.commit()
    for force in (False, True):
        if force:  # everything is written anew
            for path in course.autograded.rglob("*.ipynb"):
                path.unlink()
        assert record_all() == force
        marks = manual_marks(course, manifest)["zoe"]
        assert [marks[name].score for name in ("words--written", "number--value", "centred--value")] == [6.5, 3.0, None]
        assert (marks["centred--value"].extra, marks["centred"].comment) == (2.0, "Well seen.")
        assert class_scores(course, [tiny.NAME])["zoe"][tiny.NAME].points == 90 - 20 + 3 + 6.5 + 2
        with gradebook(course) as book:
            assert book.find_submission(tiny.NAME, "zoe").score == 81.5  # nbgrader adds up the same


def test_rows_that_are_missing_in_the_gradebook_are_added(course, manifest, record_all):
    hand_in(course, manifest, {"zoe": LATE["early"]})
    record_all()
    with gradebook(course) as book:
        entry = book.find_submission(tiny.NAME, "zoe").notebooks[0]
        book.db.delete(book.find_grade("number--value", "means", tiny.NAME, "zoe"))
        book.db.delete(book.find_comment("number", "means", tiny.NAME, "zoe"))
        book.db.commit()
        assert len(entry.grades) == 4
    assert record_all() == 1
    with gradebook(course) as book:
        assert book.find_grade("number--value", "means", tiny.NAME, "zoe").auto_score == 20
        assert len(book.find_submission(tiny.NAME, "zoe").notebooks[0].comments) == 4


def test_a_gradebook_of_another_release_is_said(course, manifest, record_all):
    hand_in(course, manifest, {"zoe": LATE["early"]})
    path = course.solutions / tiny.NAME / "means.py"
    path.write_text(tiny.NOTEBOOK.replace("column-mean--one-row", "column-mean--single"))
    kept = (course.work / "manifests" / f"{tiny.NAME}.json").read_text()
    release(course, tiny.NAME)
    (course.work / "manifests" / f"{tiny.NAME}.json").write_text(kept)
    with pytest.raises(CourseError, match="another release of 01_means"):
        record_all()
    (course.work / "gradebook.db").unlink()
    with pytest.raises(CourseError, match=r"01_means is not in the gradebook\. Run: autograder release 01_means"):
        record_all()


def test_a_foreign_file_in_place_of_the_gradebook_is_said(course, manifest, record_all):
    hand_in(course, manifest, {"zoe": LATE["early"]})
    (course.work / "gradebook.db").write_text("no database " * 100)
    with pytest.raises(CourseError, match=r"gradebook\.db cannot be used"):
        record_all()


def test_a_class_is_recorded_in_few_transactions(course, manifest, record_all, monkeypatch):
    hand_in(course, manifest, {f"s{number:02d}": LATE["early"] for number in range(23)})
    monkeypatch.setattr(recorder, "CHUNK", 10)
    begun = []
    real = recorder._Tables.transaction
    monkeypatch.setattr(recorder._Tables, "transaction", lambda tables: begun.append(1) or real(tables))
    assert record_all() == 23
    assert len(begun) == 3
    assert record_all() == 0
    assert len(begun) == 3


@pytest.mark.prove
def test_two_thousand_unchanged_submissions_are_done_in_five_seconds(tmp_path, executor):
    """The time is that of the whole command, with the start of Python, on a class in which nothing changed."""
    course = tiny.make_course(tmp_path / "course")
    release(course, tiny.NAME)
    manifest = load_manifest(course.manifest(tiny.NAME))
    hand_in(course, manifest, {f"student-{number:04d}": LATE["early"] for number in range(2000)})
    command = [sys.executable, "-m", "autograder", "grade", tiny.NAME, "--trusted"]
    environment = {**os.environ, "PYTHONPATH": str(tiny.ROOT)}
    first = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    took = []
    for _ in range(5):  # the first of these finds everything recorded, the others need not look
        began = time.perf_counter()
        done = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True)
        took.append(time.perf_counter() - began)
        assert "2000 of 2000 were graded before" in done.stderr
    assert min(took) < 5  # other work on the machine only ever adds
