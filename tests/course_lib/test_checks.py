"""Each diagnosis is made where it is true, not made where it is nearly true, and tells no hidden value."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import checks
from course_lib.checks import diagnose

RIGHT = np.array([[0.7, -1.3, 2.1], [0.4, 0.9, -0.2]])
SQUARE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]])
PROBABILITIES = np.array([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25], [0.3, 0.3, 0.4]])


def one_wrong(array):
    spoilt = array.copy()
    spoilt[0, 1] += 0.5
    return spoilt


# (what is said, a result that deserves it, the right result, further arguments)
DIAGNOSES = [
    ("is None: is a return missing", None, RIGHT, {}),
    ("is a function and not its value", np.sin, RIGHT, {}),
    ("rows of different lengths", [[1.0], [1.0, 2.0]], RIGHT, {}),
    ("where numbers are wanted", np.array(["a", "b"]), np.ones(2), {}),
    ("is complex", np.array([1j, 2.0]), np.ones(2), {}),
    ("the values are right, but transposed", RIGHT.T, RIGHT, {}),
    ("rows and columns look exchanged", RIGHT.T + 1, RIGHT, {}),
    ("an axis of length 1 too many", np.ones((3, 1)) * 5, np.arange(3.0), {}),
    ("an axis of length 1 too few", np.arange(3.0), np.ones((1, 3)), {}),
    ("arranged in another shape", RIGHT.ravel(), RIGHT, {}),
    ("the sum over axis 0 of the expected array", RIGHT.sum(0), RIGHT, {}),
    ("the mean over all entries of the expected array", RIGHT.mean(), RIGHT, {}),
    ("the sum over axis 0 of your array is right", RIGHT, RIGHT.sum(0), {}),
    ("the mean over all entries of your array is right", RIGHT, RIGHT.mean(), {}),
    ("one number, where there should be an array", 17.0, RIGHT, {}),
    ("an array, where there should be one number", RIGHT, 17.0, {}),
    ("shape (N,) and (N, 1) were combined", np.full((3, 3), 9.0), np.arange(3.0), {}),
    ("1 of 6 entries, first at [0, 1], where it is NaN", np.where(RIGHT == -1.3, np.nan, RIGHT), RIGHT, {}),
    ("is infinite; look for", np.inf, 1.0, {}),
    ("is zero everywhere", np.zeros((2, 3)), RIGHT, {}),
    ("has the opposite sign everywhere", -RIGHT, RIGHT, {}),
    ("too large by a factor of 8, the number of rows", 8 * RIGHT, RIGHT, {"batch": 8}),
    ("too small by a factor of 8, the number of rows", RIGHT / 8, RIGHT, {"batch": 8}),
    ("the opposite sign and is too large by a factor of 8", -8 * RIGHT, RIGHT, {"batch": 8}),
    ("exactly twice the expected", 2 * RIGHT, RIGHT, {}),
    ("exactly half the expected", RIGHT / 2, RIGHT, {"batch": 8}),
    ("too large by a factor of 5 everywhere", 5 * RIGHT, RIGHT, {}),
    ("larger by the same factor everywhere, 1.37", 1.37 * RIGHT, RIGHT, {}),
    ("is right, but transposed", SQUARE.T, SQUARE, {}),
    ("in reverse order along axis 1", RIGHT[:, ::-1], RIGHT, {}),
    ("right values, but not in the right places", np.roll(RIGHT, 1, axis=1), RIGHT, {}),
    ("columns that sum to 1", PROBABILITIES / PROBABILITIES.sum(0), PROBABILITIES, {}),
    ("sums to 1 over the whole batch", PROBABILITIES * [[0.5], [0.3], [0.2]], PROBABILITIES, {}),
    ("off by the same amount everywhere, 0.25", RIGHT + 0.25, RIGHT, {}),
    ("the wrong sign at 2 of 6 entries", np.where(np.abs(RIGHT) > 1, -RIGHT, RIGHT), RIGHT, {}),
    ("with the decimals cut off", np.trunc(SQUARE * 1.3).astype(int), SQUARE * 1.3, {}),
    ("wrong at 1 of 6 entries, all in row 0", one_wrong(RIGHT), RIGHT, {}),
    ("just where the input is negative", np.where(RIGHT < 0, 0.5, RIGHT), RIGHT, {"inputs": RIGHT}),
    ("just where the input is 0", np.where(SQUARE == 5, 7.5, SQUARE), SQUARE, {"inputs": SQUARE - 5}),
    ("differs (the worst entry, [0, 1], is 3, expected -1.3)", RIGHT**2 * 0 + 3, RIGHT, {}),
]


@pytest.mark.parametrize(("said", "actual", "expected", "more"), DIAGNOSES, ids=[d[0][:40] for d in DIAGNOSES])
def test_diagnosis_is_made_where_it_is_true(said, actual, expected, more):
    message = diagnose(actual, expected, **more)
    assert message is not None
    assert said in message


# The claims about every entry of an array: one entry that does not fit must silence them.
CLAIMS_ABOUT_ALL = [
    case
    for case in DIAGNOSES
    if isinstance(case[1], np.ndarray)
    and case[1].shape == np.shape(case[2])
    and not any(word in case[0] for word in ("entries", "differs", "just", "numbers are", "complex"))
]


@pytest.mark.parametrize(("said", "actual", "expected", "more"), CLAIMS_ABOUT_ALL, ids=[d[0] for d in CLAIMS_ABOUT_ALL])
def test_claim_about_all_entries_is_silenced_by_one_that_does_not_fit(said, actual, expected, more):
    near = actual.astype(float)
    near[(0,) * near.ndim] += 0.0331
    assert said not in diagnose(near, expected, **more)


def test_worst_entry_is_told_with_both_values():
    message = diagnose(one_wrong(RIGHT), RIGHT)
    assert "the worst entry, [0, 1], is -0.8, expected -1.3" in message


@pytest.mark.parametrize(("said", "actual", "expected", "more"), DIAGNOSES, ids=[d[0][:40] for d in DIAGNOSES])
def test_hidden_checks_tell_no_expected_value(said, actual, expected, more):
    odd = np.asarray(expected) * 1.7320508
    wrong = actual if actual is None or callable(actual) else np.asarray(actual, dtype=object).tolist()
    message = diagnose(wrong, odd, reveal=False, **more)
    assert message is not None
    for value in np.ravel(odd):
        assert f"{value:.4g}" not in message


@given(
    hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6)), st.floats(-1e-9, 1e-9)
)
def test_equal_to_tolerance_is_never_diagnosed(array, noise):
    assert diagnose(array * (1 + noise), array, rtol=2e-9, atol=0) is None
    assert diagnose(array.tolist(), array) is None
    assert diagnose(array.astype(np.float32), array, rtol=1e-6, atol=1e-30) is None


@given(
    hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-3, 3)),
    hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-3, 3) | st.just(np.nan)),
    st.booleans(),
)
def test_any_two_arrays_get_a_sentence_or_agree(a, b, reveal):
    message = diagnose(a, b, reveal=reveal)
    agree = a.shape == b.shape and np.allclose(a, b, rtol=1e-7, atol=1e-9, equal_nan=True)
    assert (message is None) == agree


def test_expected_infinities_and_nan_agree_with_themselves():
    odd = np.array([np.inf, -np.inf, np.nan, 1.0])
    assert diagnose(odd, odd) is None
    assert "the wrong sign at 1 of 4" in diagnose(np.array([np.inf, np.inf, np.nan, 1.0]), odd)


def test_dtype_is_checked_when_asked_for():
    checks.check_value("the result", np.ones(2), np.ones(2), dtype=np.float64)
    with pytest.raises(checks.CheckFailed, match="the result has dtype float64, expected float32"):
        checks.check_value("the result", np.ones(2), np.ones(2), dtype=np.float32)


def test_gradient_check_accepts_right_and_names_wrong():
    x = RIGHT.copy()
    f = lambda x: np.sum(np.sin(x) * x)  # noqa: E731
    gradient = np.cos(x) * x + np.sin(x)
    checks.check_gradient("the gradient", gradient, f, x)
    with pytest.raises(checks.CheckFailed, match="by central differences, has the opposite sign"):
        checks.check_gradient("the gradient", -gradient, f, x)
    with pytest.raises(checks.CheckFailed, match="factor of 6, the number of rows"):
        checks.check_gradient("the gradient", 6 * gradient, f, x, batch=6)
    with pytest.raises(checks.CheckFailed, match="all in row 0"):
        checks.check_gradient("the gradient", one_wrong(gradient), f, x)


def test_changed_argument_is_named():
    def normalise(z, weights=None):
        z -= z.max()
        return z

    with pytest.raises(checks.CheckFailed, match="normalise changed its argument z in place"):
        checks.call_unchanged(normalise, np.array([1.0, 2.0]))

    def sort(values, *, by):
        by[0].sort()
        return values

    with pytest.raises(checks.CheckFailed, match="sort changed its argument by in place"):
        checks.call_unchanged(sort, 1, by=[np.array([2.0, 1.0])])
    assert checks.call_unchanged(lambda x: x + 1, np.array([np.nan, 1.0]))[1] == 2


def test_raises_check_tells_apart_nothing_wrong_kind_and_missing_words():
    def picky(shape):
        raise ValueError(f"got {shape}")

    checks.check_raises(picky, "(2, 3)", mentions=["(2, 3)"])
    with pytest.raises(checks.CheckFailed, match=r"should mention \(4,\)"):
        checks.check_raises(picky, "(2, 3)", mentions=["(4,)"])
    with pytest.raises(checks.CheckFailed, match="but returned a result"):
        checks.check_raises(abs, 1)
    with pytest.raises(checks.CheckFailed, match="but raised KeyError"):
        checks.check_raises({}.__getitem__, "a")
    with pytest.raises(NotImplementedError):  # an unanswered question stays one
        checks.check_raises(lambda: (_ for _ in ()).throw(NotImplementedError("Question 1")))


def test_difference_table_shows_values_or_says_why_not():
    table = checks.difference_table([1.0, 2.5], [1.0, 2.0]).splitlines()
    assert table[0].split() == ["yours", "expected", "difference"]
    assert table[2].split() == ["[1]", "2.5", "2", "0.5"]
    assert "shape (1,), expected (2,)" in checks.difference_table([1.0], [1.0, 2.0])
    assert "not made of numbers, but of NoneType" in checks.difference_table(None, [1.0])
    assert "not made of numbers, but of NoneType" in checks.difference_table([None, None], [1.0, 2.0])
    assert "and 88 more" in checks.difference_table(np.zeros(100), np.ones(100))


def run(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("before", ["", "import course_lib.finite_differences\n"])
@pytest.mark.parametrize(
    "attempt",
    [
        "import course_lib.finite_differences",
        "from course_lib import finite_differences",
        "from course_lib.finite_differences import central_difference",
        "import importlib; importlib.import_module('course_lib.finite_differences')",
    ],
)
def test_withheld_module_cannot_be_imported_and_says_why(before, attempt):
    result = run(f"{before}from course_lib import checks\nchecks.withhold('finite_differences')\n{attempt}")
    assert result.returncode != 0
    assert "holds answers to this assignment" in result.stderr
    assert "ImportError" in result.stderr


def test_users_of_a_withheld_module_go_with_it_and_others_stay():
    result = run(
        "from course_lib import checks, losses, activations\n"
        "checks.withhold('activations')\n"
        "from course_lib import finite_differences\n"
        "try:\n    from course_lib import losses\nexcept ImportError as error:\n    print('gone:', error)\n"
    )
    assert result.returncode == 0, result.stderr
    assert "gone: course_lib.activations holds answers" in result.stdout


def test_reference_reaches_a_withheld_module_and_leaves_it_withheld():
    result = run(
        "from course_lib import checks\n"
        "checks.withhold('finite_differences')\n"
        "reference = checks.reference('finite_differences')\n"
        "print(reference.relative_error([1.0], [1.0]), checks.reference('finite_differences') is reference)\n"
        "from course_lib import finite_differences\n"
    )
    assert result.stdout.split() == ["0.0", "True"]
    assert "holds answers to this assignment" in result.stderr


def test_checks_import_no_taught_module_and_no_matplotlib():
    code = (
        "import sys, course_lib.checks; print([m for m in sys.modules if m.startswith(('course_lib.', 'matplotlib'))])"
    )
    assert run(code).stdout.strip() in (
        "['course_lib._diagnosis', 'course_lib.checks']",
        "['course_lib.checks', 'course_lib._diagnosis']",
    )


def test_notebook_shows_the_message_alone():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell()
    with capture_output() as shown:
        result = shell.run_cell("from course_lib import checks\nchecks.check_value('the slope', -2.0, 2.0)")
    assert isinstance(result.error_in_exec, AssertionError)
    assert shown.stdout.strip().startswith("Not right yet: the slope has the opposite sign everywhere")
    assert "Traceback" not in shown.stdout


def test_overflow_is_told_even_where_the_value_is_right():
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    with pytest.raises(checks.CheckFailed, match="sigmoid made NumPy warn: overflow encountered in exp"):
        checks.call_without_warnings(sigmoid, np.array([-1000.0]))
    assert checks.call_without_warnings(sigmoid, np.array([0.0]))[0] == 0.5
