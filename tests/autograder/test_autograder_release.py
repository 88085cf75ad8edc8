"""The release: the same each time, nothing hidden in it, whole or absent; an author's slip is said in a sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from autograder.course import Course, newest_revision
from autograder.errors import CourseError
from autograder.manifest import load_manifest
from autograder.release import release
from autograder.source import read_source

RELEASED = f"exercises/{tiny.NAME}/means.ipynb"


def test_a_release_elsewhere_is_byte_identical_and_touches_nothing_else(course, tmp_path):
    before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
    done = release(course, tiny.NAME, tmp_path / "out")
    assert done.path.read_bytes() == (course.root / RELEASED).read_bytes()
    assert before == {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
    assert [path.name for path in (tmp_path / "out").rglob("*")] == [tiny.NAME, "means.ipynb"]


def test_releasing_again_changes_nothing(course):
    assert not release(course, tiny.NAME).changed


def test_nothing_hidden_and_no_answer_is_released(course):
    text = (course.root / RELEASED).read_text()
    for secret in (
        "secret_matrix",
        "3 * 4",
        "HIDDEN",
        "x.sum(axis=0)",
        "answer = 12",
        "squared distances",
        "MARK SCHEME",
    ):
        assert secret not in text
    assert "one entry per column" in text  # the visible part of the same test cell


def test_stubs_name_their_question(course):
    text = (course.root / RELEASED).read_text()
    for number in (1, 2, 3):
        assert f'NotImplementedError(\\"Question {number}: not answered yet.\\")' in text


def test_cell_ids_come_from_grade_ids_or_positions(course):
    cells = json.loads((course.root / RELEASED).read_text())["cells"]
    assert [cell["id"] for cell in cells[:5]] == ["cell-00", "cell-01", "cell-02", "column-mean", "column-mean--value"]


def test_the_manifest_holds_full_tests_points_and_names(manifest):
    assert manifest.automatic_points == 90
    assert [question.points for question in manifest.questions] == [30, 40, 20, 10]
    assert manifest.question("column-mean").names == ["column_mean"]
    assert manifest.question("number").names == ["answer"]
    assert any("secret_matrix" in cell.full for cell in manifest.tests_of("column-mean"))
    assert any("secret_matrix" in line for line in manifest.hidden_lines())


def test_a_manifest_changed_by_hand_is_refused(course):
    path = course.manifest(tiny.NAME)
    path.write_text(path.read_text().replace('"points": 20.0', '"points": 90.0', 1))
    with pytest.raises(CourseError, match="changed by hand"):
        load_manifest(path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"points": 20, "locked": true', '"points": 25, "locked": true', "sum to 100 points; they must sum to 90"),
        ('"grade_id": "column-mean--one-row"', '"grade_id": "column-mean--value"', "stands twice"),
        ('"grade_id": "number--value"', '"grade_id": "other--value"', "'number' has no test cell"),
        ("### END HIDDEN TESTS", "", "every BEGIN HIDDEN TESTS needs its END"),
        ('"points": 40, "locked": true', '"points": 40, "locked": false', "so it must be locked"),
        ('"points": 10, "locked": false', '"points": 5, "locked": false', "it must give 10"),
        ('"grade_id": "centred",', '"grade_id": "Centred Columns",', "lower-case letters"),
        ("    return x - x.mean(axis=0)", "    return x -", "not valid Python"),
        ("# %% [markdown]", "# % [markdown]", "where a cell is to begin, write '# %%'"),
        ("# %% nbgrader=", "# nbgrader=", "where a cell is to begin, write '# %%'"),
        ("### BEGIN SOLUTION\nanswer = 12\n### END SOLUTION", "answer = 12", "no ### BEGIN SOLUTION"),
    ],
)
def test_a_slip_in_the_source_is_said_in_a_sentence(tmp_path, old, new, sentence):
    assert old in tiny.NOTEBOOK
    course = tiny.make_course(tmp_path, notebook=tiny.NOTEBOOK.replace(old, new))
    with pytest.raises(CourseError, match=sentence):
        read_source(course, tiny.NAME)


def test_a_refused_release_leaves_nothing_behind(tmp_path):
    course = tiny.make_course(tmp_path, notebook=tiny.NOTEBOOK.replace("### END HIDDEN TESTS", ""))
    with pytest.raises(CourseError):
        release(course, tiny.NAME)
    assert not course.exercises.exists()
    assert not course.manifest(tiny.NAME).exists()


def test_the_rules_that_all_assignments_share_are_put_in(tmp_path):
    course = tiny.make_course(tmp_path, notebook=tiny.NOTEBOOK.replace("# # Means", "# # Means\n# {{rules}}"))
    with pytest.raises(CourseError, match=r"rules.md, which it stands for, is missing"):
        read_source(course, tiny.NAME)
    (course.solutions / "rules.md").write_text("Say where help came from.\n")
    assert read_source(course, tiny.NAME).document.cells[0].source == "# Means\nSay where help came from."


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("title = 3\nchapter = 1", "'title' has the wrong type"),
        ("chapter = 1", "has no 'title'"),
        ('title = "x"\nchapter = 1\nlimit = 3', "unknown key 'limit'"),
        ("title = ", "not readable TOML"),
    ],
)
def test_wrong_settings_are_said_in_a_sentence(tmp_path, settings, sentence):
    course = tiny.make_course(tmp_path, settings=settings)
    with pytest.raises(CourseError, match=sentence):
        read_source(course, tiny.NAME)


def test_an_unknown_assignment_lists_the_known_ones(course):
    with pytest.raises(CourseError, match=f"no assignment 'nope'. Known are: {tiny.NAME}"):
        course.select(["nope"])


def test_a_course_is_found_from_a_folder_below(course, monkeypatch):
    monkeypatch.chdir(course.solutions)
    assert Course.find().root == course.root.resolve()


def test_a_new_gradebook_has_the_version_that_nbgrader_would_have_asked_alembic_for():
    from nbgrader.dbutil import _temp_alembic_ini

    with _temp_alembic_ini("sqlite://") as settings:
        program = Path(sys.executable).parent / "alembic"
        said = subprocess.run([program, "-c", settings, "heads"], capture_output=True, text=True, check=True).stdout
    assert newest_revision() == said.split()[0]
