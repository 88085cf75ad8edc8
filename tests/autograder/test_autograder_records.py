"""Gradebook and feedback: nbgrader agrees with our scores, a person's mark stays, and pages give nothing away."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from autograder.classroom import notebook, solution_sources, with_answer
from autograder.errors import CourseError
from autograder.feedback import write_feedback
from autograder.grading import grade
from autograder.mistakes import load_answers
from autograder.recorder import gradebook, graded_notebook, manual_marks, record
from autograder.release import release
from autograder.report import class_scores
from autograder.results import open_store
from autograder.simulate import simulate
from autograder.submission import parse_submission

PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def classroom(course, manifest, executor):
    """Grade and record some students of the course: their answers by name, or the bytes of a file."""

    def run(students):
        with open_store(course) as store:
            kept = []
            for student, answers in students.items():
                data = answers if isinstance(answers, bytes) else json.dumps(notebook(manifest, answers)).encode()
                path = course.submitted / student / tiny.NAME / "means.ipynb"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                submission = parse_submission(data, manifest, student)
                result = grade(manifest, submission, executor=executor)
                kept.append(store.save(submission.hash, submission, result))
            return record(course, manifest, store, kept)

    return run


def scores(course):
    """Return every automatic score of the gradebook by student and cell."""
    with gradebook(course) as book:
        return {
            submission.student.id: {
                grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in submission.notebooks[0].grades
            }
            for submission in book.assignment_submissions(tiny.NAME)
        }


def test_nbgraders_own_autograding_gives_the_same_scores(course, manifest, classroom):
    full = solution_sources(manifest)
    wrong = load_answers(tiny.MISTAKES, "mistakes.py")[0]
    classroom({"right": full, "untouched": {}, "wrong": with_answer(manifest, wrong, tiny.MISTAKES)})
    ours = scores(course)
    assert ours["right"]["column-mean--value"] == (20, False)
    assert ours["right"]["words--written"] == (None, True)
    assert ours["untouched"]["words--written"] == (0, False)
    assert ours["wrong"]["column-mean--value"] == (0, False)
    assert ours["wrong"]["column-mean--one-row"] == (10, False)
    with gradebook(course) as book:
        for submission in book.assignment_submissions(tiny.NAME):
            for item in submission.notebooks[0].grades:
                item.auto_score = -1  # so that only nbgrader itself can have written what is compared
        book.db.commit()
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(
        [PROGRAMS / "nbgrader", "autograde", tiny.NAME, "--force"],
        cwd=course.root, env=environment, check=True, capture_output=True,
    )  # fmt: skip
    assert scores(course) == ours


def test_a_manual_score_and_comment_survive_regrading(course, manifest, classroom):
    full = solution_sources(manifest)
    assert classroom({"zoe": full}) == 1
    with gradebook(course) as book:
        mark = book.find_grade("words--written", "means", tiny.NAME, "zoe")
        mark.manual_score, mark.needs_manual_grade = 7.5, False
        book.find_comment("words--written", "means", tiny.NAME, "zoe").manual_comment = "Well put <b>!</b>"
        book.db.commit()
    assert classroom({"zoe": full}) == 0  # the same work: nothing to look at again
    mark = manual_marks(course, manifest)["zoe"]["words--written"]
    assert (mark.score, mark.needs_manual, mark.comment) == (7.5, False, "Well put <b>!</b>")
    assert class_scores(course, [tiny.NAME])["zoe"][tiny.NAME].points == 97.5
    assert classroom({"zoe": full | {"number": "answer = 7"}}) == 1  # other work: the mark stays, to be looked at
    mark = manual_marks(course, manifest)["zoe"]["words--written"]
    assert (mark.score, mark.needs_manual) == (7.5, True)
    write_feedback(course, [tiny.NAME])
    page = (course.feedback / "zoe" / f"{tiny.NAME}.html").read_text()
    assert "Well put &lt;b&gt;!&lt;/b&gt;" in page
    assert "77.5 of 100 points" in page


def test_an_unreadable_notebook_is_no_zero_in_the_gradebook(course, classroom):
    classroom({"zoe": b"{"})
    assert scores(course) == {}
    write_feedback(course, [tiny.NAME])
    assert "could not be read" in (course.feedback / "zoe" / f"{tiny.NAME}.html").read_text()


def test_the_graded_notebook_is_nbgraders_with_full_tests_and_outputs(manifest, executor):
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    data = json.dumps(notebook(manifest, solution_sources(manifest))).encode()
    submission = parse_submission(data, manifest, "zoe")
    text = graded_notebook(manifest, submission, grade(manifest, submission, executor=executor))
    document = nbformat.reads(text, as_version=4)
    nbformat.validate(document)
    MetadataValidator().validate_nb(document)
    assert "secret_matrix" in text
    assert "columns: 2" in text


HOSTILE = """\
def column_mean(x):
    print('<img src=x onerror="alert(1)">')
    return x.sum(axis=0)
from IPython.display import HTML, SVG, display
display(HTML('<script>alert(2)</script>'), SVG('<svg onload="alert(3)" xmlns="http://www.w3.org/2000/svg"/>'))
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
print(column_mean(__import__('numpy').ones((2, 2))), 'javascript:alert(4)')
print('\x1b[31mred')
print({hidden!r})
1 / 0"""


def test_feedback_gives_away_no_hidden_line_and_runs_nothing(course, manifest, classroom):
    hidden = next(line for line in manifest.hidden_lines() if "secret_matrix =" in line)
    answers = solution_sources(manifest) | {
        "column-mean": HOSTILE.replace("{hidden!r}", repr(hidden)),
        "words": "<script>alert(5)</script> **bold**",
    }
    classroom({"zoe": answers})
    write_feedback(course, [tiny.NAME])
    page = (course.feedback / "zoe" / f"{tiny.NAME}.html").read_text()
    assert not [line for line in manifest.hidden_lines() if line in page]
    assert "secret_matrix" not in page
    for forbidden in ("<script", "<img src=x", "<svg", 'src="http', 'href="http', "url(", "\x1b"):
        assert forbidden not in page.lower()
    assert "&lt;img src=x onerror=" in page
    assert "&lt;script&gt;alert(5)" in page
    assert page.count('<img src="data:image/png;base64,') == 1
    assert '<p class="hint">You added the columns up; divide by the number of rows.</p>' in page
    assert "ZeroDivisionError: division by zero" in page
    assert "60 of 100" not in page
    assert "70 of 100 points" in page
    index = (course.feedback / "index.html").read_text()
    assert f'<a href="zoe/{tiny.NAME}.html">70*</a>' in index


def test_a_sample_class_is_the_same_each_time_and_spans_all_grades(course, manifest, tmp_path):
    assert simulate(manifest, tmp_path / "one", 12) == 12
    assert simulate(manifest, tmp_path / "two", 12) == 12
    assert simulate(manifest, tmp_path / "one", 12) == 0
    files = sorted((tmp_path / "one").rglob("*.ipynb"))
    assert len(files) == 12
    for path in files:
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
    texts = [path.read_text() for path in files]
    assert "x.sum(axis=0) / len(x)" in texts[0]
    assert texts[-1].count("NotImplementedError") == 3
    assert len(set(texts)) > 6


def test_other_cells_may_be_released_only_where_no_real_students_grade_is_lost(course, classroom):
    path = course.solutions / tiny.NAME / "means.py"
    path.write_text(tiny.NOTEBOOK.replace("column-mean--one-row", "column-mean--single"))
    classroom({"sample-ada": {}, "zoe": {}})
    with pytest.raises(CourseError, match=r"work of 1 students was recorded \(zoe"):
        release(course, tiny.NAME)
    assert set(scores(course)) == {"sample-ada", "zoe"}
    with gradebook(course) as book:
        book.remove_submission(tiny.NAME, "zoe")
    assert release(course, tiny.NAME).changed
    assert scores(course) == {}


def test_nbgraders_own_feedback_can_show_our_graded_notebooks(course, manifest, classroom):
    classroom({"zoe": solution_sources(manifest)})
    done = subprocess.run(
        [PROGRAMS / "nbgrader", "generate_feedback", tiny.NAME], cwd=course.root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    page = (course.feedback / "zoe" / tiny.NAME / "means.html").read_text()
    assert "Score: 90.0 / 100.0" in page
