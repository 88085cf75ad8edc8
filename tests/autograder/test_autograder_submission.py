"""Reading submissions: only student cells are taken, and whatever is wrong with a file costs no more than it must."""

import json

import pytest

from autograder.classroom import notebook, solution_sources
from autograder.collection import collect
from autograder.submission import parse_submission


@pytest.fixture
def document(manifest):
    return notebook(manifest, solution_sources(manifest))


def read(document, manifest):
    return parse_submission(json.dumps(document).encode(), manifest, "someone")


def cell(document, cell_id):
    return next(item for item in document["cells"] if item["id"] == cell_id)


def test_tests_points_and_given_cells_of_the_file_are_not_taken(document, manifest):
    clean = read(document, manifest)
    cell(document, "column-mean--value")["source"] = "pass"
    cell(document, "column-mean--value")["metadata"]["nbgrader"]["points"] = 1000
    cell(document, "centred-input")["source"] = "example = None"
    assert read(document, manifest) == clean
    assert "column-mean--value" not in clean.sources


def test_cells_are_found_when_an_editor_rewrote_all_ids(document, manifest):
    clean = read(document, manifest)
    for number, item in enumerate(document["cells"]):
        item["id"] = f"rewritten-{number}"
    assert read(document, manifest) == clean


def test_cells_are_found_by_id_when_metadata_was_stripped(document, manifest):
    clean = read(document, manifest)
    for item in document["cells"]:
        item["metadata"] = {}
    assert read(document, manifest) == clean


def test_cells_are_found_by_position_when_ids_and_metadata_are_gone(document, manifest):
    clean = read(document, manifest)
    for item in document["cells"]:
        item["metadata"] = {}
        del item["id"]
    assert read(document, manifest) == clean


def test_an_extra_cell_is_taken_where_it_stands(document, manifest):
    position = document["cells"].index(cell(document, "column-mean"))
    document["cells"].insert(position + 1, {"cell_type": "code", "id": "mine", "metadata": {}, "source": "helper = 1"})
    [extra] = read(document, manifest).extras
    assert manifest.cells[extra.after].cell_id == "column-mean"
    assert extra.source == "helper = 1"


def test_a_missing_answer_cell_costs_only_its_question(document, manifest):
    document["cells"].remove(cell(document, "column-mean"))
    submission = read(document, manifest)
    assert set(submission.problems) == {"column-mean"}
    assert "missing" in submission.problems["column-mean"]
    assert "centred" in submission.sources


def test_a_doubled_answer_cell_with_other_content_costs_only_its_question(document, manifest):
    again = {**cell(document, "column-mean"), "source": "def column_mean(x): pass"}
    document["cells"].append(again)
    submission = read(document, manifest)
    assert "stands 2 times" in submission.problems["column-mean"]
    assert set(submission.problems) == {"column-mean"}


def test_a_doubled_answer_cell_with_the_same_content_costs_nothing(document, manifest):
    document["cells"].append(dict(cell(document, "column-mean")))
    assert not read(document, manifest).problems


def test_a_retyped_answer_cell_costs_only_its_question(document, manifest):
    cell(document, "column-mean")["cell_type"] = "markdown"
    submission = read(document, manifest)
    assert "turned into a markdown cell" in submission.problems["column-mean"]
    assert set(submission.problems) == {"column-mean"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "not valid JSON"),
        (b"", "not valid JSON"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"[]", "not a notebook"),
        (b'{"cells": 3}', "not a notebook"),
        (b'{"worksheets": []}', "old format"),
        (b'{"cells": []}', "no cells"),
        (b'{"cells": [3, null, {"cell_type": "code", "source": [1]}]}', "no cells"),
        (b'{"cells": [{"cell_type": "code", "source": "x"}]}', "another notebook"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_an_unreadable_file_gives_a_sentence(manifest, data, sentence):
    assert sentence in parse_submission(data, manifest, "someone").malformed


def test_lone_surrogates_are_survived(document, manifest):
    cell(document, "column-mean")["source"] = "x = '\ud800'"
    assert read(document, manifest).sources["column-mean"] == "x = '?'"


@pytest.mark.parametrize("place", ["{s}/{a}/means.ipynb", "{s}/means.ipynb", "{s}.ipynb"])
def test_all_three_layouts_of_a_class_are_read(tmp_path, manifest, document, place):
    path = tmp_path / place.format(s="zoe", a=manifest.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    [submission] = collect(tmp_path, manifest).submissions
    assert submission.student == "zoe"
    assert not submission.malformed


def test_two_notebooks_of_a_student_and_odd_names_are_said(tmp_path, manifest, document):
    for name in ("zoe.ipynb", "zoe/means.ipynb", "a b$.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(document))
    found = collect(tmp_path, manifest)
    assert "two notebooks" in found.submissions[0].malformed
    assert "a b$.ipynb" in found.notes[0]


def test_a_folder_without_the_notebook_is_told_and_one_of_other_assignments_is_not(tmp_path, manifest):
    (tmp_path / "empty").mkdir()
    (tmp_path / "misnamed").mkdir()
    (tmp_path / "misnamed" / "Untitled.ipynb").write_text("{}")
    (tmp_path / "elsewhere" / "other_assignment").mkdir(parents=True)
    found = collect(tmp_path, manifest)
    assert found.submissions == []
    assert found.notes == [
        "empty: no means.ipynb in this student's folder; nothing was graded.",
        "misnamed: no means.ipynb in this student's folder (there is Untitled.ipynb); nothing was graded.",
    ]
