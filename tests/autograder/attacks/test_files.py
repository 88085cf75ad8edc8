"""Hostile files: whatever is handed in, reading it ends, in bounded memory, in a sentence, and harms nobody else."""

import copy
import io
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from autograder.classroom import notebook, solution_sources
from autograder.collection import collect, is_notebook, student_of
from autograder.errors import CourseError
from autograder.grading import grade
from autograder.release import outdated
from autograder.submission import LARGEST, MOST_EXTRAS, Submission, parse_submission, read_submission


@pytest.fixture(scope="module")
def good(manifest):
    return json.dumps(notebook(manifest, solution_sources(manifest))).encode()


@pytest.fixture
def inbox(tmp_path, good):
    """A folder with the honest work of ada, beside which others put what they like."""
    folder = tmp_path / "inbox"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "means.ipynb").write_bytes(good)
    return folder


def of(found, student):
    return next(item for item in found.submissions if item.student == student)


def only_ada_is_graded(found, manifest, good):
    """Check that the honest student's work was read as if nobody else were there."""
    assert of(found, "ada") == parse_submission(good, manifest, "ada")
    assert [item.student for item in found.submissions if not item.malformed] == ["ada"]


def document(manifest, **changes):
    made = copy.deepcopy(notebook(manifest, solution_sources(manifest)))  # its metadata are the manifest's own
    return made | changes


# --- what stands in a folder ------------------------------------------------------------------------------------


def test_links_to_other_places_are_not_followed(inbox, manifest, good):
    for student in ("link-file", "link-folder", "link-assignment"):
        (inbox / student).mkdir()
    secret = inbox.parent / "secret"
    (secret / "inner").mkdir(parents=True)
    (secret / "means.ipynb").write_bytes(good)
    assert of(collect(inbox.parent, manifest), "secret").sources  # the file itself would be worth full marks
    (inbox / "link-file" / "means.ipynb").symlink_to("../ada/means.ipynb")
    (inbox / "link-folder").rmdir()
    (inbox / "link-folder").symlink_to(secret)
    (inbox / "link-assignment" / manifest.assignment).symlink_to(secret)
    (inbox / "link-top.ipynb").symlink_to(secret / "means.ipynb")
    (inbox / "link-zero.ipynb").symlink_to("/dev/zero")
    found = collect(inbox, manifest)
    only_ada_is_graded(found, manifest, good)
    for student in ("link-file", "link-assignment"):
        assert "is a link to another place" in of(found, student).malformed
    for name in ("link-folder", "link-top.ipynb", "link-zero.ipynb"):
        assert any(name in note and "is a link" in note for note in found.notes)


def test_pipes_devices_and_folders_with_a_notebooks_name_neither_block_nor_stop(inbox, manifest, good):
    for student in ("pipe", "folder", "socket"):
        (inbox / student).mkdir()
    os.mkfifo(inbox / "pipe" / "means.ipynb")
    os.mkfifo(inbox / "pipe-top.ipynb")
    (inbox / "folder" / "means.ipynb").mkdir()
    (inbox / "folder-top.ipynb").mkdir()
    if os.geteuid() == 0:
        (inbox / "zero").mkdir()
        os.mknod(inbox / "zero" / "means.ipynb", 0o020666, os.makedev(1, 5))
    found = collect(inbox, manifest)
    only_ada_is_graded(found, manifest, good)
    for student in ("pipe", "pipe-top"):
        assert of(found, student).malformed == "This is no file with content, so it is no notebook."
    assert "is no" in of(found, "folder").malformed or "is a folder" in of(found, "folder").malformed
    assert any("folder-top.ipynb" in note and "is a folder" in note for note in found.notes)
    if os.geteuid() == 0:
        assert "is no" in of(found, "zero").malformed or "cannot be read" in of(found, "zero").malformed


@pytest.mark.parametrize(
    "name",
    [
        "a b$",
        "-rf",
        "=1+1",
        "@sum",
        "+cmd",
        "..hidden",
        "x" * 65,
        "new\nline",
        "esc\x1b[31m",
        "<script>",
        "a\udcffb",
        "'; --",
    ],
)
def test_strange_names_are_passed_over_and_said_without_their_control_characters(inbox, manifest, good, name):
    for made in (inbox / name, inbox / f"{name}.ipynb"):
        if made.suffix == ".ipynb":
            made.write_bytes(good)
        else:
            made.mkdir()
            (made / "means.ipynb").write_bytes(good)
    found = collect(inbox, manifest)
    only_ada_is_graded(found, manifest, good)
    hidden = name.startswith(".")
    assert len(found.notes) == (0 if hidden else 2)
    assert all(note.isprintable() for note in found.notes)


def test_names_of_our_own_files_are_no_students(inbox, manifest, good):
    (inbox / "index.html").mkdir()
    (inbox / "index.html" / "means.ipynb").write_bytes(good)
    found = collect(inbox, manifest)
    only_ada_is_graded(found, manifest, good)
    assert any("index.html" in note for note in found.notes)


def test_one_student_under_two_spellings_of_the_same_letters_is_one_student(inbox, manifest, good):
    (inbox / "zo\u00eb.ipynb").write_bytes(good)
    (inbox / "zoe\u0308.ipynb").write_bytes(good)
    assert "two notebooks" in of(collect(inbox, manifest), "zo\u00eb").malformed


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_stops_nobody_else(inbox, manifest, good):
    for student in ("closed", "closed-file"):
        (inbox / student).mkdir()
    (inbox / "closed-file" / "means.ipynb").write_bytes(good)
    (inbox / "closed-file" / "means.ipynb").chmod(0)
    (inbox / "closed").chmod(0)
    found = collect(inbox, manifest)
    (inbox / "closed").chmod(0o700)
    only_ada_is_graded(found, manifest, good)
    assert "Permission denied" in of(found, "closed-file").malformed
    assert any("closed" in note and "Permission denied" in note for note in found.notes)


def test_a_number_that_a_browser_added_to_the_name_does_not_lose_the_work(inbox, manifest, good):
    for student, name in (("bea", "means (1).ipynb"), ("cy", "means-2.ipynb")):
        (inbox / student).mkdir()
        (inbox / student / name).write_bytes(good)
    found = collect(inbox, manifest)
    assert all(of(found, student).sources and not of(found, student).malformed for student in ("bea", "cy"))
    assert not is_notebook("means_of_all.ipynb", manifest)
    assert not is_notebook("my means.ipynb", manifest)


@pytest.mark.parametrize("text", ["not a time", "2026-01-01 10:00:00 UTC" * 1000, "", "\x00", "9" * 190])
def test_a_timestamp_that_is_none_is_no_reason_to_lose_the_work(course, manifest, good, executor, text):
    from autograder.recorder import record
    from autograder.results import open_store

    place = course.submitted / "ada" / manifest.assignment
    place.mkdir(parents=True)
    (place / "means.ipynb").write_bytes(good)
    (place / "timestamp.txt").write_text(text)
    [submission] = collect(course.submitted, manifest).submissions
    with open_store(course) as store:
        kept = store.save("k", submission, grade(manifest, submission, executor=executor))
        assert record(course, manifest, store, [kept]) == 1


# --- what stands in a file --------------------------------------------------------------------------------------

BOMBS = {
    "nested lists": b'{"cells":' + b"[" * 3_000_000,
    "nested objects": b'{"a":' * 1_000_000,
    "nested within a cell": b'{"cells":[{"cell_type":"code","source":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    "millions of empty cells": b'{"cells":[' + b"{}," * 12_000_000 + b"{}]}",
    "millions of empty lists": b'{"cells":[],"x":[' + b"[]," * 12_000_000 + b"[]]}",
    "millions of short texts": b'{"cells":[],"x":[' + b'"ab",' * 8_000_000 + b'""]}',
    "a number of a million digits": b'{"cells":[' + b"9" * 1_000_000 + b"]}",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_in_json_end_in_a_sentence_and_bounded_memory(manifest, bomb):
    tracemalloc.start()
    submission = parse_submission(BOMBS[bomb], manifest, "eve")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert submission.malformed
    assert peak < 400_000_000
    assert not submission.sources


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path, manifest):
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as stream:
        stream.truncate(100 * LARGEST)  # takes no room on the disk
    assert "larger than 50 MB" in read_submission(path, manifest, "eve").malformed


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "text",
        [],
        {},
        True,
        float("nan"),
        [[]],
        [None, 3, "x"],
        {"nbgrader": 5},
        {"nbgrader": {"grade_id": []}},
    ],
)
@pytest.mark.parametrize("key", ["cells", "metadata", "source", "cell_type", "id", "attachments", "outputs"])
def test_any_value_in_any_place_is_survived_and_costs_no_more_than_that_cell(manifest, key, value):
    made = document(manifest)
    if key == "cells":
        made["cells"] = value
    else:
        target = next(cell for cell in made["cells"] if cell["id"] == "column-mean")
        target[key] = value
    submission = parse_submission(json.dumps(made).encode(), manifest, "eve")
    assert isinstance(submission, Submission)
    if key != "cells":
        assert not submission.malformed
        assert set(submission.problems) <= {"column-mean"}
        assert "centred" in submission.sources


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["code", "markdown", "column-mean"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
cells = st.fixed_dictionaries(
    {},
    optional={key: json_values for key in ("cell_type", "source", "id", "metadata", "outputs")}
    | {"cell_type": st.sampled_from(["code", "markdown", "raw", "x"])},
)


@given(st.lists(cells | json_values, max_size=12), json_values)
def test_no_notebook_made_of_json_raises(manifest_for_hypothesis, found, metadata):
    data = json.dumps({"cells": found, "metadata": metadata, "nbformat": 4}).encode()
    assert isinstance(parse_submission(data, manifest_for_hypothesis, "eve"), Submission)


@given(st.binary(max_size=200))
def test_no_bytes_raise(manifest_for_hypothesis, data):
    assert parse_submission(data, manifest_for_hypothesis, "eve").malformed


@pytest.fixture(scope="session")
def manifest_for_hypothesis(manifest):
    return manifest


def test_points_and_tests_in_the_file_doubled_ids_and_retyped_tests_change_nothing(manifest, executor):
    made = document(manifest)
    for cell in made["cells"]:
        data = cell["metadata"].get("nbgrader", {})
        if data.get("grade"):
            data |= {"points": 1e9, "grade": False, "locked": False}
            cell["source"] = "pass"
            cell["cell_type"] = "markdown"
    made["cells"] += [dict(cell, source="assert False") for cell in made["cells"] if "--" in cell["id"]]
    wrong = next(cell for cell in made["cells"] if cell["id"] == "number")
    wrong["source"] = "answer = 13"
    result = grade(manifest, parse_submission(json.dumps(made).encode(), manifest, "eve"), executor=executor)
    assert (result.auto_score, result.auto_max) == (70, 90)


def test_nul_bytes_surrogates_and_odd_line_ends_in_sources_cost_one_question(manifest, executor):
    for text in (
        "x = '\x00'",
        "x = '\ud800'\ndef column_mean(x): pass",
        "def column_mean(x):\r\treturn 1\x0c",
        "\ufeffx = 1",
    ):
        made = document(manifest)
        next(cell for cell in made["cells"] if cell["id"] == "column-mean")["source"] = text
        result = grade(manifest, parse_submission(json.dumps(made).encode(), manifest, "eve"), executor=executor)
        assert result.auto_score == 60
        assert result.questions[0].verdict in ("error", "failed")


def test_thousands_of_extra_cells_and_cells_of_megabytes_are_said(manifest):
    extra = {"cell_type": "code", "metadata": {}, "source": "x = 1"}
    made = document(manifest)
    made["cells"] += [extra] * (MOST_EXTRAS + 1)
    assert "501 code cells of your own" in parse_submission(json.dumps(made).encode(), manifest, "eve").malformed
    made = document(manifest)
    made["cells"].append({**extra, "source": "#" * 2_000_000})
    assert "longer than" in parse_submission(json.dumps(made).encode(), manifest, "eve").malformed
    made = document(manifest)
    made["cells"][2]["source"] = made["cells"][3]["source"] = "#" * 2_000_000
    submission = parse_submission(json.dumps(made).encode(), manifest, "eve")
    assert not submission.malformed
    assert any("longer than" in problem for problem in submission.problems.values())


def test_work_for_another_assignment_is_said(manifest):
    other = {"cells": [{"cell_type": "code", "id": "q1", "metadata": {}, "source": "x = 1"}], "nbformat": 4}
    assert "another notebook" in parse_submission(json.dumps(other).encode(), manifest, "eve").malformed


# --- archives ---------------------------------------------------------------------------------------------------


def packed(members, path=None, compression=zipfile.ZIP_DEFLATED):
    """Return or write an archive of (name, bytes)."""
    target = path or io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target


def test_the_archives_of_moodle_and_canvas_and_plain_ones_are_read(tmp_path, manifest, good):
    names = {
        "Ada Lovelace_1234567_assignsubmission_file_/means.ipynb": "Ada-Lovelace_1234567",
        "Zoë O'Neil_77_assignsubmission_file/means (2).ipynb": "Zoë-O-Neil_77",
        "doejane_4711_99_means.ipynb": "doejane_4711",
        "roejohn_LATE_4712_98_means-1.ipynb": "roejohn_4712",
        f"kim/{manifest.assignment}/means.ipynb": "kim",
        "lee/means.ipynb": "lee",
        "max.ipynb": "max",
        f"class of 2026/nia/{manifest.assignment}/means.ipynb": "nia",
    }
    path = packed([(name, good) for name in names], tmp_path / "class.zip")
    found = collect(path, manifest)
    assert {item.student for item in found.submissions} == set(names.values())
    assert all(not item.malformed for item in found.submissions)
    assert found.notes == []
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    unpacked = {item.student for item in collect(folder, manifest).submissions}
    assert unpacked == set(names.values()) - {"nia"}  # a folder of folders is named itself


def test_a_students_own_archive_is_read(inbox, manifest, good):
    packed([("deep/er/means.ipynb", good), ("notes.txt", b"hi")], inbox / "bea.zip")
    packed([("a/means.ipynb", good), ("b/means.ipynb", good)], inbox / "cy.zip")
    packed([("other.ipynb", good)], inbox / "dan.zip")
    (inbox / "eve.zip").write_bytes(b"PK\x03\x04 no archive")
    found = collect(inbox, manifest)
    assert of(found, "bea").sources
    assert "holds 2 notebooks" in of(found, "cy").malformed
    assert "holds 0 notebooks" in of(found, "dan").malformed
    assert "cannot be read" in of(found, "eve").malformed


SLIPS = [
    "../../evil/means.ipynb",
    "/etc/means.ipynb",
    "..\\..\\evil\\means.ipynb",
    "C:\\evil\\means.ipynb",
    "a/../../means.ipynb",
]


def test_names_that_lead_out_of_an_archive_are_passed_over_and_nothing_is_unpacked(tmp_path, manifest, good):
    path = packed([("ada/means.ipynb", good), *((name, good) for name in SLIPS)], tmp_path / "class.zip")
    before = sorted(tmp_path.rglob("*"))
    found = collect(path, manifest)
    only_ada_is_graded(found, manifest, good)
    assert sum("leads out of the archive" in note for note in found.notes) == len(SLIPS)
    assert sorted(tmp_path.rglob("*")) == before


def test_links_in_archives_are_passed_over(tmp_path, manifest, good):
    link = zipfile.ZipInfo("eve/means.ipynb")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("ada/means.ipynb", good)
        archive.writestr(link, "/etc/passwd")
    found = collect(tmp_path / "class.zip", manifest)
    only_ada_is_graded(found, manifest, good)
    assert [item.student for item in found.submissions] == ["ada"]
    assert "eve/means.ipynb" in found.notes[0]


def test_zip_bombs_are_read_no_further_than_a_notebook_may_be_long(tmp_path, manifest, good):
    bomb = b"\x00" * (3 * LARGEST)
    packed([("ada/means.ipynb", good), ("eve/means.ipynb", bomb)], tmp_path / "class.zip")
    (tmp_path / "inbox").mkdir()
    packed([("means.ipynb", bomb)], tmp_path / "inbox" / "eve.zip")
    del bomb
    assert (tmp_path / "inbox" / "eve.zip").stat().st_size < 1_000_000
    for place in (tmp_path / "class.zip", tmp_path / "inbox"):
        tracemalloc.start()
        found = collect(place, manifest)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "larger than 50 MB" in of(found, "eve").malformed
        assert peak < 3.5 * LARGEST
    only_ada_is_graded(collect(tmp_path / "class.zip", manifest), manifest, good)


def test_an_archive_that_lies_about_sizes_or_is_damaged_or_locked_costs_its_own_student(tmp_path, manifest, good):
    data = packed([("ada/means.ipynb", good), ("eve/means.ipynb", good)], compression=zipfile.ZIP_STORED).getvalue()
    place = data.rindex(b'"nbformat": 4', 0, data.rindex(b"PK\x01\x02"))
    (tmp_path / "class.zip").write_bytes(data[:place] + b'"nbformat": 5' + data[place + 13 :])
    found = collect(tmp_path / "class.zip", manifest)
    only_ada_is_graded(found, manifest, good)
    assert "cannot be read" in of(found, "eve").malformed  # the checksum does not fit
    locked = bytearray(data)
    at = data.rindex(b"PK\x01\x02")  # eve's entry in the directory: say that it is encrypted
    locked[at + 8] |= 1
    locked[data.rindex(b"PK\x03\x04") + 6] |= 1
    (tmp_path / "class.zip").write_bytes(locked)
    found = collect(tmp_path / "class.zip", manifest)
    only_ada_is_graded(found, manifest, good)
    assert "encrypted" in of(found, "eve").malformed


def test_archives_within_archives_and_doubled_members_are_said(tmp_path, manifest, good):
    inner = packed([("means.ipynb", good)]).getvalue()
    with pytest.warns(UserWarning, match="Duplicate name"):
        packed(
            [("ada/means.ipynb", good), ("eve/work.zip", inner), ("bob/means.ipynb", good), ("bob/means.ipynb", good)],
            tmp_path / "class.zip",
        )
    found = collect(tmp_path / "class.zip", manifest)
    only_ada_is_graded(found, manifest, good)
    assert "two notebooks" in of(found, "bob").malformed
    assert any("eve/work.zip" in note and "archive within the archive" in note for note in found.notes)


def test_what_is_no_archive_and_no_folder_is_refused_in_a_sentence(tmp_path, manifest):
    (tmp_path / "class.rar").write_bytes(b"Rar!")
    with pytest.raises(CourseError, match="neither a folder nor a zip file"):
        collect(tmp_path / "class.rar", manifest)


@given(st.text(max_size=80))
def test_an_id_is_always_safe_as_a_name_of_a_folder_and_in_a_table(name):
    student = student_of(name)
    if student is not None:
        assert Path("x", student).name == student
        assert student not in ("", ".", "..")
        assert student[0] not in "=+-@\t\r."
        assert not set(student) & set("/\\<>&\"' \n\x00")


# --- a manifest that is older than what is there ----------------------------------------------------------------


def test_a_manifest_older_than_the_release_or_the_solution_is_said_and_grading_goes_on(course, manifest, good):
    assert outdated(course, manifest) == ""
    source = course.solutions / tiny.NAME / "means.py"
    text = source.read_text()
    source.write_text(text.replace("assert answer == 3 * 4", "assert answer == 3 * 5"))
    os.utime(source, (4e9, 4e9))
    assert "solutions/01_means has changed since its release" in outdated(course, manifest)
    source.write_text(text)
    os.utime(source, (4e9, 4e9))
    assert outdated(course, manifest) == ""  # a newer time alone is no change
    exercise = course.exercises / tiny.NAME / "means.ipynb"
    exercise.write_text(exercise.read_text().replace("a number", "one number"))
    assert "is not the one that was released here" in outdated(course, manifest)
    (course.submitted / "ada").mkdir(parents=True)
    (course.submitted / "ada" / "means.ipynb").write_bytes(good)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", tiny.NAME, "--trusted", "--jobs", "1"],
        cwd=course.root, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(tiny.ROOT)},
    )  # fmt: skip
    assert done.returncode == 0
    assert "is not the one that was released here" in done.stderr
    assert "run: autograder release 01_means" in done.stderr
    assert "ada" in done.stdout
