"""Mutants: every family of changes is made, only where the student writes, and what no test notices is reported."""

import ast

import pytest
import tiny

from autograder.errors import CourseError
from autograder.mutants import mutants_of, mutate, only_question, prove_mutants
from autograder.release import released


def changed(line):
    """Return the new lines that the mutants of one statement have in its place."""
    return {mutant.change.split(" -> ")[1] for mutant in mutate(line, "q")}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("y = a + b", {"y = a - b", "y = a", "y = b"}),
        ("y = a - b", {"y = a + b", "y = a", "y = b", "y = b - a"}),
        ("y = a @ b", {"y = a * b", "y = a", "y = b", "y = b @ a"}),
        ("y = -a", {"y = a"}),
        ("y = a < b", {"y = a <= b", "y = a > b"}),
        ("y = a and b", {"y = a or b", "y = a", "y = b"}),
        ("y = a.T", {"y = a"}),
        ("y = 2", {"y = 3", "y = 1"}),
        ("y = True", {"y = False"}),
        ("y = f(a, b)", {"y = f(b, a)"}),
        ("y = np.maximum(a, b)", {"y = np.minimum(a, b)"}),
        ("y = np.abs(a)", {"y = a"}),
        ("y = np.sum(a, axis=0)", {"y = np.sum(a, axis=1)", "y = np.sum(a)", "y = np.mean(a, axis=0)", "y = a"}),
        (
            "y = a.sum(keepdims=True)",
            {"y = a.sum()", "y = a.mean(keepdims=True)", "y = a", "y = a.sum(keepdims=False)"},
        ),
        ("y = np.einsum('ij,j->ij', a, b)", {"y = np.einsum('ij,j->ji', a, b)"}),
        ("y = a[1:]", {"y = a[:]", "y = a[2:]", "y = a[0:]"}),
        ("y = a if c else b", {"y = a", "y = b"}),
        ("y += a", {"y -= a", "y = a", "pass"}),
        ("y = a.transpose(1, 0)", {"y = a", "y = a.transpose(0, 1)"}),
        ("y = zip(a, strict=True)", set()),
        ("y = f(y)", {"pass"}),
    ],
)
def test_each_family_of_changes_is_made(line, expected):
    assert changed(line) >= expected
    assert all(mutant.source != ast.unparse(ast.parse(line)) for mutant in mutate(line, "q"))
    if not expected:
        assert changed(line) == set()


def test_returned_values_are_exchanged_and_statements_and_branches_dropped():
    source = "def f(x):\n    x[0] = 1\n    if x > 2:\n        x.sort()\n    return x, y"
    changes = {mutant.change for mutant in mutate(source, "q")}
    assert "return (x, y) -> return (y, x)" in changes
    assert "x[0] = 1 -> (nothing)" in changes
    assert "if x > 2: -> if not x > 2:" in changes
    assert "if x > 2: ; x.sort() -> (nothing)" in changes
    assert {mutant.place for mutant in mutate(source, "q")} == {"f"}


def test_only_what_the_student_writes_is_changed_and_messages_and_marks_are_not():
    source = (
        '%matplotlib inline\nSTEP = 1\n\ndef f(x, n=3):\n    """Add 5."""\n    ### BEGIN SOLUTION\n'
        "    if x is None:\n        raise ValueError('3 ' + str(4))\n    return x + 7\n    ### END SOLUTION"
    )
    changes = [mutant.change for mutant in mutate(source, "q")]
    assert changes
    assert all("return x" in change or "if x" in change for change in changes)


def test_mutants_are_valid_all_different_and_the_same_each_time(manifest):
    first, again = mutants_of(manifest), mutants_of(manifest)
    assert first == again
    assert len({(mutant.question, mutant.source) for mutant in first}) == len(first) > 15
    assert {mutant.question for mutant in first} == {"column-mean", "centred", "number"}
    for mutant in first:
        compile(mutant.source, "mutant", "exec")


def test_only_the_tests_of_the_question_are_left(manifest):
    small = only_question(manifest, "centred")
    assert small.automatic_points == 40
    assert [cell.grade_id for cell in small.cells if cell.kind == "test"] == ["centred--value"]
    others = [cell.cell_id for cell in small.cells if cell.kind != "test"]
    assert others == [cell.cell_id for cell in manifest.cells if cell.kind != "test"][: len(others)]
    assert small.cells[-1].grade_id == "centred--value"


def scores(course, **more):
    return {item.question: item for item in prove_mutants(course, released(course, tiny.NAME), jobs=1, **more)}


def test_strong_tests_notice_every_mutant_and_weak_ones_are_told(tmp_path):
    assert all(item.holds and item.share == 1.0 for item in scores(tiny.make_course(tmp_path / "strong")).values())
    notebook = tiny.NOTEBOOK.replace('assert answer == 3 * 4, "The number is another one."', "assert answer")
    found = scores(tiny.make_course(tmp_path / "weak", notebook=notebook))
    assert [mutant.change for mutant in found["number"].alive] == [
        "answer = 12 -> answer = 11", "answer = 12 -> answer = 13",
    ]  # fmt: skip
    assert (found["number"].share, found["number"].holds) == (0.0, False)
    assert found["centred"].holds


LISTED = """
[[equivalent]]
question = "number"
function = ""
changes = ["answer = 12 -> answer = 11", "answer = 12 -> answer = 13"]
reason = "Every number that is not 0 is right here."
"""


def test_listed_equivalents_count_for_nothing_and_a_list_that_is_out_of_date_is_told(tmp_path):
    notebook = tiny.NOTEBOOK.replace('assert answer == 3 * 4, "The number is another one."', "assert answer")
    course = tiny.make_course(tmp_path / "weak", notebook=notebook)
    path = course.solutions / tiny.NAME / "equivalents.toml"
    path.write_text(LISTED)
    found = scores(course)["number"]
    assert (found.share, found.holds, len(found.listed)) == (1.0, True, 2)
    strong = tiny.make_course(tmp_path / "strong")
    (strong.solutions / tiny.NAME / "equivalents.toml").write_text(LISTED)
    found = scores(strong)["number"]
    assert not found.holds
    assert len(found.stale) == 2
    assert "listed as equivalent, but noticed" in found.stale[0]
    assert scores(strong, every=1000)["number"].holds  # a sample cannot tell


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[equivalent]\n", "cannot be read"),
        ('[[equivalent]]\nquestion = "number"\n', "with question, function, changes"),
        (LISTED.replace("Every number that is not 0 is right here.", "Fine."), "give the reason in a sentence"),
    ],
)
def test_a_slip_in_the_list_is_said_in_a_sentence(tmp_path, text, sentence):
    course = tiny.make_course(tmp_path)
    (course.solutions / tiny.NAME / "equivalents.toml").write_text(text)
    with pytest.raises(CourseError, match=sentence):
        scores(course, every=1000)
