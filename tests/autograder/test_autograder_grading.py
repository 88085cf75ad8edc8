"""Grading: every verdict for what earns it, one bad question costing one, and hints only where they fit exactly."""

from dataclasses import replace

import pytest

from autograder import verdicts
from autograder.classroom import solution_sources
from autograder.fleet import Work, grade_all
from autograder.grading import grade, redact
from autograder.submission import Extra, Submission

LOOPED_SUM = """\
def column_mean(x):
    total = 0
    for row in x:
        total = total + row
    return total"""
LOOPED_IN_PLACE = """\
def centred(x):
    for j in range(x.shape[1]):
        x[:, j] -= x[:, j].mean()
    return x"""
TWIN = """
@mistake(question="number", hint="You counted fingers.", variable="answer")
def answer__fingers():
    return 7
"""
STUB = 'def column_mean(x):\n    raise NotImplementedError("Question 1: not answered yet.")'


@pytest.fixture
def right(manifest):
    sources = {cell.cell_id: cell.released for cell in manifest.cells if cell.from_student}
    answers = solution_sources(manifest)
    return sources | {
        cell.cell_id: answers[cell.question] for cell in manifest.cells if cell.kind in ("answer", "written")
    }


def graded(manifest, executor, sources, **more):
    return grade(manifest, Submission("someone", sources, **more), executor=executor)


def first(result):
    return result.questions[0]


def test_the_solution_gets_all_automatic_points(manifest, executor, right):
    result = graded(manifest, executor, right)
    assert result.auto_score == result.auto_max == 90
    assert [question.verdict for question in result.questions] == ["passed"] * 3 + ["needs_manual"]
    assert result.needs_manual
    assert result.sandbox == "none (trusted)"


def test_the_release_gets_nothing_and_waits_for_nobody(manifest, executor):
    result = graded(manifest, executor, {cell.cell_id: cell.released for cell in manifest.cells if cell.from_student})
    assert result.auto_score == 0
    assert {question.verdict for question in result.questions} == {"missing"}
    assert first(result).message == verdicts.NOT_ANSWERED
    assert not result.needs_manual


@pytest.mark.parametrize(
    ("answer", "verdict", "sentence"),
    [
        ("def column_mean(x):\n    return 0 * x", "failed", "one entry per column"),
        ("def column_mean(x):\n    return x / nope", "error", "(Line 2 of your cell: return x / nope)"),
        ("def column_mean(x) return x", "error", "SyntaxError"),
        ("def column_mean(x):\n    while True: pass", "timeout", "1.5 seconds"),
        ("while True:\n    try:\n        pass\n    except BaseException:\n        pass", "timeout", "1.5 seconds"),
        ("import os\ndef column_mean(x):\n    os._exit(0)", "crashed", "ended the whole Python process"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "crashed", "SIGSEGV"),
        ("def column_mean(x):\n    return bytearray(1 << 40)", "out of memory", "more memory"),
        ("def column_mean(x):\n    return input()", "error", "Nobody can answer input()"),
        ("raise SystemExit", "error", "leave exit()"),
        (STUB, "missing", "not answered yet"),
        ("", "error", "NameError"),
    ],
)
def test_each_failure_has_its_verdict_and_costs_one_question(manifest, executor, right, answer, verdict, sentence):
    result = graded(manifest, executor, right | {"column-mean": answer})
    assert first(result).verdict == verdict
    assert sentence in first(result).message
    assert first(result).points == 0
    assert result.auto_score == 60


def test_a_cell_that_could_not_be_taken_is_missing(manifest, executor, right):
    del right["column-mean"]
    result = graded(manifest, executor, right, problems={"column-mean": "The cell for this answer is missing."})
    assert (first(result).verdict, first(result).message) == ("missing", "The cell for this answer is missing.")
    assert result.auto_score == 60


def test_a_malformed_notebook_is_graded_without_running(manifest, executor):
    result = grade(manifest, Submission("someone", malformed="It is no notebook."), executor=executor)
    assert {question.verdict for question in result.questions} == {"malformed"}
    assert result.auto_score == 0


def test_test_cells_are_all_or_nothing_and_give_partial_credit(manifest, executor, right):
    answer = "def column_mean(x):\n    return x[0] * 1.0 if len(x) == 1 else x.sum(axis=0) * 1.5"
    result = graded(manifest, executor, right | {"column-mean": answer})
    assert first(result).points == 10
    assert [cell.points for cell in result.cells if cell.question == "column-mean"] == [0, 10]


def test_magics_printing_and_warnings_on_stderr_are_not_punished(manifest, executor, right):
    noisy = "%matplotlib inline\nimport sys, warnings\nwarnings.warn('hm')\nprint('hello', file=sys.stderr)\n"
    result = graded(manifest, executor, right | {"column-mean": noisy + right["column-mean"]})
    assert result.auto_score == 90
    assert "hello" in str(result.outputs["column-mean"])


def test_plots_are_caught_as_pictures_and_output_is_bounded(manifest, executor, right):
    plot = Extra(0, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    flood = Extra(0, "print('x' * 10_000_000)")
    result = graded(manifest, executor, right, extras=[plot, flood])
    assert "image/png" in result.outputs["extra-1-0"][0]["data"]
    assert len(str(result.outputs["extra-1-1"])) < 500_000
    assert "cut off" in str(result.outputs["extra-1-1"])


def test_children_do_not_see_each_other(manifest, executor, right):
    graded(manifest, executor, right, extras=[Extra(-1, "import builtins; builtins.left_behind = 1")])
    result = graded(manifest, executor, right | {"column-mean": right["column-mean"] + "\nleft_behind"})
    assert "NameError" in str(result.outputs["column-mean"])


def test_the_same_seed_gives_the_same_random_numbers(manifest, executor, right):
    draw = [Extra(-1, "import random, numpy\nrandom.random(), numpy.random.rand()")]
    one, two = (graded(manifest, executor, right, extras=draw).outputs["extra-0-0"] for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("question", "answer", "hint"),
    [
        ("column-mean", LOOPED_SUM, "You added the columns up"),
        ("centred", LOOPED_IN_PLACE, "make a new one"),
        ("number", "answer = 7", "You added where a product is wanted."),
    ],
)
def test_a_named_mistake_written_otherwise_gets_its_hint_first(manifest, executor, right, question, answer, hint):
    result = graded(manifest, executor, right | {question: answer})
    [found] = [item for item in result.questions if item.id == question]
    assert hint in found.message.split("\n")[0]
    assert len(found.message.split("\n")) == 2  # what the check said follows


@pytest.mark.parametrize(
    "answer",
    [
        "def column_mean(x):\n    return x.sum(axis=0) + 1e-6",  # close to a mistake, but not it
        "def column_mean(x):\n    return x.sum(axis=0)[:1]",
        "def column_mean(x):\n    return x.sum(axis=0) if len(x) > 1 else x[0] * 3",  # like it on one check only
        "def column_mean(x):\n    raise ValueError('no')",
    ],
)
def test_no_hint_is_guessed_where_the_answer_behaves_otherwise(manifest, executor, right, answer):
    result = graded(manifest, executor, right | {"column-mean": answer})
    assert first(result).points < 30
    assert first(result).hints == []
    assert "You added" not in first(result).message


LOST_DIGITS = """
@mistake(question="column-mean", hint="You lost some digits.")
def column_mean__rounded(x):
    return np.mean(x, axis=0) + 1e-10
"""
SHIFT = """
@mistake(question="column-mean", hint="You moved the whole function.")
def column_mean__shifted(f):
    return f(1.0) + 1
"""


def test_a_mistake_of_lost_digits_is_told_from_the_right_answer(manifest, executor, right):
    exact = "assert np.array_equal(column_mean(np.ones((2, 2))), [1.0, 1.0]), 'Not exact.'"
    cells = [replace(cell, full=exact) if cell.grade_id == "column-mean--one-row" else cell for cell in manifest.cells]
    strict = replace(manifest, cells=cells, mistakes=manifest.mistakes + LOST_DIGITS)
    wrong = {"column-mean": "def column_mean(x):\n    return x.sum(axis=0) / len(x) + 1e-10"}
    other = {"column-mean": "def column_mean(x):\n    return x.sum(axis=0) / len(x) + 2e-10"}
    assert first(graded(strict, executor, right | wrong)).message == "You lost some digits.\nNot exact."
    assert first(graded(strict, executor, right | other)).hints == []


def test_functions_among_the_arguments_see_the_names_of_their_time(manifest, executor, right):
    tests = {
        "column-mean--value": "level = 5.0\nassert column_mean(lambda t: level * t) == 5, 'First.'",
        "column-mean--one-row": "level = 7.0\nassert column_mean(lambda t: level * t) == 7, 'Second.'",
    }
    cells = [
        replace(cell, full="def column_mean(f):\n    return f(1.0)")
        if cell.cell_id == "column-mean"
        else replace(cell, full=tests.get(str(cell.grade_id), cell.full))
        for cell in manifest.cells
    ]
    changed = replace(manifest, cells=cells, mistakes=manifest.mistakes + SHIFT)
    answer = {"column-mean": "def column_mean(f):\n    return 1 + f(1.0)"}
    result = graded(changed, executor, right | answer, extras=[Extra(len(cells) - 1, "level = 0.0")])
    assert first(result).message == "You moved the whole function.\nFirst."


def test_two_mistakes_that_behave_alike_are_both_named(manifest, executor, right):
    result = graded(replace(manifest, mistakes=manifest.mistakes + TWIN), executor, right | {"number": "answer = 7"})
    message = result.questions[2].message
    assert "You counted fingers." in message
    assert "You added where a product is wanted." in message


def test_hidden_lines_are_taken_out_of_messages(manifest, executor, right):
    hidden = next(line for line in manifest.hidden_lines() if "secret_matrix =" in line)
    answer = f"def column_mean(x):\n    raise ValueError({hidden!r})"
    assert "secret_matrix" not in first(graded(manifest, executor, right | {"column-mean": answer})).message
    assert redact(f"a {hidden} b", manifest.hidden_lines()) == "a […] b"


class Flaky:
    """An executor whose process is lost the first time."""

    sandbox = "none (trusted)"
    lost = 0

    def __init__(self, real):
        self.real = real

    def run(self, job):
        if Flaky.lost < 1:
            Flaky.lost += 1
            raise ConnectionError
        return self.real.run(job)

    def close(self):
        pass


def test_a_lost_process_is_tried_again_and_is_never_a_zero(manifest, executor, right):
    work = [Work(manifest, Submission("someone", right))]
    [(_, result)] = grade_all(work, jobs=1, make_executor=lambda jobs: Flaky(executor))
    assert Flaky.lost == 1
    assert result.auto_score == 90


def test_a_process_lost_every_time_gives_no_result(manifest, right):
    class Lost(Flaky):
        def run(self, job):
            raise ConnectionError

    [(_, result)] = grade_all([Work(manifest, Submission("x", right))], jobs=1, make_executor=lambda jobs: Lost(None))
    assert result is None


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("import numpy as np\ndef column_mean(x):\n    return np.ones((2, 3)) @ np.ones((2, 3))", "Print both shapes"),
        (
            "import numpy as np\ndef column_mean(x):\n    return np.ones(2) + np.ones(3)",
            "cannot be combined entry by entry",
        ),
        ("def column_mean(x):\n    a, b = None", "A function returned nothing"),
        ("def column_mean(x, axis):\n    return x", "another number of arguments"),
        ("def column_mean(x):\n    return x[99]", "An index lies outside"),
    ],
)
def test_errors_of_numpy_and_python_are_put_into_words(manifest, executor, right, answer, meaning):
    result = graded(manifest, executor, right | {"column-mean": answer})
    assert meaning in first(result).message
