"""The proof table holds for the tiny assignment, and each way of breaking it is noticed."""

import pytest
import tiny

from autograder.errors import CourseError
from autograder.mistakes import load_answers, splice
from autograder.proof import prove
from autograder.release import released

DOCUMENTED = """
import numpy as np

from autograder.mistakes import mistake

SCALE = 2.0


def helper(x):
    return x * SCALE


@mistake(question="q", hint="No.")
def f__twice(x):
    if x > 10:
        return f__twice(x - 1)
    return np.sum(helper(x))
"""


def rows_of(tmp_path, **changes):
    course = tiny.make_course(tmp_path, **changes)
    return prove(course, released(course, tiny.NAME), jobs=1)


def broken(rows):
    return {(row.kind, row.name): " ".join(row.problems) for row in rows if row.problems}


def test_the_proof_holds_for_the_tiny_assignment(tmp_path):
    rows = rows_of(tmp_path)
    assert broken(rows) == {}
    assert [row.kind for row in rows] == ["release", "solution", *["mistake"] * 6, *["variant"] * 3]
    assert [row.score for row in rows][:2] == [0, 90]


def test_weak_tests_and_wrong_variants_are_noticed(tmp_path):
    notebook = tiny.NOTEBOOK.replace('assert answer == 3 * 4, "The number is another one."', "assert answer")
    notebook = notebook.replace("assert np.array_equal(given, example)", "assert given is not None")
    variants = tiny.VARIANTS.replace("/ len(column)", "/ (len(column) + 1)")
    mistakes = tiny.MISTAKES.replace("    return x.sum(axis=0)\n", "    return x.nonsense\n")
    found = broken(rows_of(tmp_path, notebook=notebook, variants=variants, mistakes=mistakes))
    assert "loses no points" in found[("mistake", "answer__sum")]
    assert "loses no points" in found[("mistake", "centred__in_place")]
    assert "column-mean is failed" in found[("variant", "column_mean__loop")]
    assert ("mistake", "column_mean__wrong_count") not in found


def test_a_question_that_passes_unanswered_or_hangs_on_another_is_noticed(tmp_path):
    notebook = tiny.NOTEBOOK.replace(
        "assert np.allclose(column_mean(np.array([[5.0, 7.0]])), [5.0, 7.0])", "assert True"
    )
    notebook = notebook.replace("given = example.copy()", "given = example.copy()\nassert answer_of(column_mean)")
    notebook = notebook.replace(
        "example = np.array", "def answer_of(f):\n    return f(np.ones((2, 2)))[0] == 1\n\nexample = np.array"
    )
    found = broken(rows_of(tmp_path, notebook=notebook))
    assert "column-mean--one-row passes without an answer" in found[("release", "untouched")]
    assert "also loses points on centred" in found[("mistake", "column_mean__sum")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("print(exampel)", "a cell below 'Question 3: a number' stops: NameError: name 'exampel' is not defined"),
        ("while True: pass", "a cell below 'Question 3: a number' stops: Stopped: This took longer than 1.5 seconds"),
    ],
)
def test_code_behind_the_last_test_that_stops_is_noticed_once(tmp_path, line, sentence):
    notebook = tiny.NOTEBOOK.replace('print("columns:", example.shape[1])', line)
    found = broken(rows_of(tmp_path, notebook=notebook))
    assert list(found) == [("solution", "the author's")]
    assert found["solution", "the author's"].startswith(sentence)


def test_too_few_mistakes_and_no_variant_are_noticed(tmp_path):
    course = tiny.make_course(tmp_path, mistakes="", variants="")
    found = [row for row in prove(course, released(course, tiny.NAME), jobs=1) if row.problems]
    assert [(row.kind, row.question) for row in found][:2] == [("mistake", "column-mean"), ("variant", "column-mean")]


def test_a_mistake_for_an_unknown_question_is_refused(tmp_path):
    course = tiny.make_course(tmp_path, mistakes=tiny.MISTAKES.replace('question="number"', 'question="numbr"'))
    with pytest.raises(CourseError, match="answers 'numbr', which is no question"):
        prove(course, released(course, tiny.NAME), jobs=1)


def test_a_mistake_is_put_in_with_what_it_uses_under_the_students_name():
    [answer] = load_answers(DOCUMENTED, "mistakes.py")
    cell = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n\ndef g(x):\n    return 1"
    space = {}
    exec(splice(cell, answer, DOCUMENTED), space)
    assert space["f"](11.0) == 20.0
    assert space["g"](0) == 1
    assert "f__twice" not in space


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 / 0", "stops with ZeroDivisionError"),
        ("from autograder.mistakes import variant\n@variant(question='q')\ndef f(x): pass", "must be called"),
        ("from autograder.mistakes import variant\n@variant(question='q', variable='a')\ndef b__c(): pass", "a__c"),
    ],
)
def test_a_slip_in_a_file_of_answers_is_said_in_a_sentence(text, sentence):
    with pytest.raises(CourseError, match=sentence):
        load_answers(text, "variants.py")
