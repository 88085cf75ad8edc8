"""Each diagnosis is made where it is true, not made where it is nearly true, and tells no hidden value."""

import ast
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import checks
from course_lib.checks import diagnose

RIGHT = np.array([[0.7, -1.3, 2.1], [0.4, 0.9, -0.2]])
SQUARE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]])
CUBE = np.random.default_rng(0).standard_normal((2, 3, 4))
BLOCK = np.random.default_rng(1).standard_normal((2, 2, 3))
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
    ("made of str, where numbers are wanted", np.array(["a", "b"]), np.ones(2), {}),
    ("made of NoneType and float, where numbers are wanted", [[None, 1.0]], np.ones((1, 2)), {}),
    ("made of dict, where numbers are wanted", {"dw": 1.0}, RIGHT, {}),
    ("a tuple of 2 values", (RIGHT, RIGHT[0]), RIGHT, {}),
    ("a tuple of 2 values", (RIGHT, RIGHT), RIGHT, {}),
    ("a comma after what is returned", (RIGHT,), RIGHT, {}),
    ("an array without entries", [], RIGHT, {}),
    ("is complex", np.array([1j, 2.0]), np.ones(2), {}),
    ("the values are right, but transposed", RIGHT.T, RIGHT, {}),
    ("rows and columns look exchanged", RIGHT.T + 1, RIGHT, {}),
    ("an axis of length 1 too many", np.ones((3, 1)) * 5, np.arange(3.0), {}),
    ("an axis of length 1 too few", np.arange(3.0), np.ones((1, 3)), {}),
    ("axes 0 and 2 are exchanged", CUBE.swapaxes(0, 2), CUBE, {}),
    ("the first row: does the loop return too early", RIGHT[0], RIGHT, {}),
    ("the last row: is it overwritten", RIGHT[1], RIGHT, {}),
    ("arranged in another shape", RIGHT.ravel(), RIGHT, {}),
    ("the sum over axis 0 of the expected array", RIGHT.sum(0), RIGHT, {}),
    ("the mean over all entries of the expected array", RIGHT.mean(), RIGHT, {}),
    ("the sum over axis 0 of your array is right", RIGHT, RIGHT.sum(0), {}),
    ("the mean over all entries of your array is right", RIGHT, RIGHT.mean(), {}),
    ("one number, where there should be an array", 17.0, RIGHT, {}),
    ("an array, where there should be one number", RIGHT, 17.0, {}),
    ("shape (N,) and (N, 1) were combined", np.full((3, 3), 9.0), np.arange(3.0), {}),
    ("shape (N,) and (N, 1) were combined", np.full((3, 3), 9.0), np.arange(3.0)[:, None], {}),
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
    ("too large by a factor of 10 everywhere", RIGHT * 1e301, RIGHT * 1e300, {}),
    ("has the opposite sign: is there", -2.0, 2.0, {}),
    ("is right, but transposed", SQUARE.T, SQUARE, {}),
    ("is right, but with axes 0 and 1 exchanged", BLOCK.swapaxes(0, 1), BLOCK, {}),
    ("in reverse order along axis 1", RIGHT[:, ::-1], RIGHT, {}),
    ("right values, but not in the right places", np.roll(RIGHT, 1, axis=1), RIGHT, {}),
    ("columns that sum to 1", PROBABILITIES / PROBABILITIES.sum(0), PROBABILITIES, {}),
    ("sums to 1 over the whole batch", PROBABILITIES * [[0.5], [0.3], [0.2]], PROBABILITIES, {}),
    ("off by the same amount everywhere, 0.25", RIGHT + 0.25, RIGHT, {}),
    ("off by the same amount everywhere, -1:", np.array([1, 3, 5], np.uint8), np.array([2, 4, 6], np.uint8), {}),
    ("the wrong sign at 2 of 6 entries", np.where(np.abs(RIGHT) > 1, -RIGHT, RIGHT), RIGHT, {}),
    ("with the decimals cut off", np.trunc(SQUARE * 1.3).astype(int), SQUARE * 1.3, {}),
    ("wrong at 1 of 6 entries, all in row 0", one_wrong(RIGHT), RIGHT, {}),
    ("just where the input is negative", np.where(RIGHT < 0, 0.5, RIGHT), RIGHT, {"inputs": RIGHT}),
    ("just where the input is 0", np.where(SQUARE == 5, 7.5, SQUARE), SQUARE, {"inputs": SQUARE - 5}),
    ("differs (3, expected 2.5)", 3.0, 2.5, {}),
    ("differs at every entry (the worst entry, [0, 1], is 3, expected -1.3)", RIGHT**2 * 0 + 3, RIGHT, {}),
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
    and case[1].dtype.kind != "U"
    and not any(word in case[0] for word in ("entries", "differs", "just", "complex"))
]


@pytest.mark.parametrize(("said", "actual", "expected", "more"), CLAIMS_ABOUT_ALL, ids=[d[0] for d in CLAIMS_ABOUT_ALL])
def test_claim_about_all_entries_is_silenced_by_one_that_does_not_fit(said, actual, expected, more):
    near = actual.astype(float)
    near[(0,) * near.ndim] += 0.0331 * max(1.0, np.abs(near).max())
    assert said not in diagnose(near, expected, **more)


def test_worst_entry_is_told_with_both_values():
    message = diagnose(one_wrong(RIGHT), RIGHT)
    assert "the worst entry, [0, 1], is -0.8, expected -1.3" in message


# Where the claim would be true of anything: results without information must not get a telling diagnosis.
NOT_SAID = [
    ("factor", [1.0, 5.0, 3.0], [1e-17, 2e-17, -3e-17], {}),  # the expected gradient is rounding noise
    ("factor", [0.3, 0.2, 0.9], [1e-12, -4e-12, 3e-12], {}),
    ("factor", np.full(4, 0.5), np.full(4, 1 / 3), {}),
    ("same amount", np.full(4, 0.5), np.full(4, 1 / 3), {}),
    ("factor", [0.0, 0.0, 5.0, 0.0], [0.0, 0.0, 3.0, 0.0], {}),
    ("factor", [3.0, 5.0], [6.6, 11.0], {}),
    ("in the right places", [0, 1, 1, 0, 2], [1, 0, 1, 0, 2], {}),  # two wrong labels
    ("reverse", [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], {}),
    ("twice", [2.0, 4.0, 6.01], [1.0, 2.0, 3.0], {}),
    ("number of rows", [8.0, 16.0, 24.0], [1.0, 2.0, 3.0], {"batch": 4}),
    ("same amount", [True, True, True], [0.0, 0.5, 0.25], {}),
    ("decimals", [1, 2, 3], [1.5, 2.5, 4.5], {}),
    ("just", [1.0, 2.0, 4.0], [1.0, 2.0, 3.0], {"inputs": [1.0, 2.0, 3.0]}),
    ("row: ", RIGHT[0] + 1, RIGHT, {}),
    ("tuple", (1.0, 3.0), np.array([1.0, 2.0]), {}),
    ("combined", np.ones((3, 3)), np.ones((3, 2)), {}),
]


@pytest.mark.parametrize(("unsaid", "actual", "expected", "more"), NOT_SAID)
def test_no_claim_where_it_is_chance(unsaid, actual, expected, more):
    message = diagnose(actual, np.array(expected), **more)
    assert message is not None
    assert unsaid not in message


def numbers_in(message):
    return [float(found) for found in re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", message)]


# Scaled by an odd number, results get the same diagnoses, and no value is like a count, an index or a length.
SCALED = [
    case
    for case in DIAGNOSES
    if isinstance(case[1], np.ndarray | float)
    and np.asarray(case[1]).dtype.kind == "f"
    and not any(word in case[0] for word in ("sum to 1", "sums to 1"))
]


@pytest.mark.parametrize(("said", "actual", "expected", "more"), SCALED, ids=[d[0][:40] for d in SCALED])
def test_hidden_checks_make_the_same_diagnosis_and_tell_no_expected_value(said, actual, expected, more):
    odd = 17.320508
    # Amounts and the worst entry are what is not told; the words before them are the same.
    words = said.split(" (the worst")[0].split(" (3,")[0].replace("everywhere, 0.25", "everywhere")
    message = diagnose(odd * np.asarray(actual), odd * np.asarray(expected), reveal=False, **more)
    assert words in message
    told = numbers_in(message)
    for value in odd * np.ravel(expected):
        assert value == 0 or not np.any(np.isclose(np.abs(told), abs(value), rtol=1e-3))
    assert not np.any(np.isclose(told, odd * 0.25, rtol=1e-3))  # the offset gives the value away as well


@given(
    hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(100, 1000)),
    st.sampled_from([-1.0, 0.5, 2.0, 3.0, 0.7]),
    st.floats(-50, 50),
    st.booleans(),
)
def test_hidden_checks_tell_no_number_of_the_size_of_the_values(expected, factor, offset, spoil):
    actual = factor * expected + offset
    if spoil:
        actual[(0,) * actual.ndim] = -7.0
    message = diagnose(actual, expected, reveal=False)
    for number in numbers_in(message or ""):
        assert abs(number) < 90 or not np.any(np.isclose(np.abs(expected), abs(number), rtol=1e-3))


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


@given(
    hnp.arrays(
        st.sampled_from([np.bool_, np.uint8, np.int64, np.float32, np.complex128]), hnp.array_shapes(max_side=3)
    ),
    hnp.arrays(st.sampled_from([np.bool_, np.uint8, np.int64, np.float32]), hnp.array_shapes(max_side=3)),
    st.booleans(),
)
@example(np.array([2e-16, 5e16], dtype=np.float32), np.array([1e6, 0], dtype=np.float32), False)
@pytest.mark.filterwarnings("error")
def test_every_dtype_gets_a_sentence_and_no_warning(a, b, reveal):
    message = diagnose(a, b, reveal=reveal)
    assert message is None or isinstance(message, str)
    assert diagnose(b, b, reveal=reveal) is None


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


def test_gradient_check_in_hidden_cells_tells_no_slope():
    with pytest.raises(checks.CheckFailed) as caught:
        checks.check_gradient("dx", [1.0, 2.0], lambda x: np.sum(x**2), [61.7, -83.9], reveal=False)
    assert not np.any(np.isclose(np.abs(numbers_in(str(caught.value))), [[123.4], [167.8]], rtol=1e-3))
    with pytest.raises(checks.CheckFailed, match=r"expected -167\.8"):
        checks.check_gradient("dx", [1.0, 2.0], lambda x: np.sum(x**2), [61.7, -83.9])


def test_gradient_check_needs_one_finite_number_from_the_function():
    with pytest.raises(checks.CheckFailed, match="dx cannot be measured: the function returns NaN or infinity"):
        checks.check_gradient("dx", [np.nan, np.nan], lambda x: np.nan * np.sum(x), [1.0, 2.0])
    with pytest.raises(checks.CheckFailed, match=r"returns an array of shape \(2,\), where one finite number"):
        checks.check_gradient("dx", [2.0, 4.0], lambda x: x**2, [1.0, 2.0])
    with pytest.raises(checks.CheckFailed, match="cannot be measured: the function returns None"):
        checks.check_gradient("dx", [2.0, 4.0], lambda x: None, [1.0, 2.0])
    checks.check_gradient("dx", [2.0, 4.0], lambda x: np.array([np.sum(x**2)]), [1.0, 2.0])


def test_gradient_check_is_as_strict_as_it_says():
    x = RIGHT.copy()
    gradient = 3 * x**2
    nearly = gradient.copy()
    nearly[1, 2] += 3e-5 * np.abs(gradient).max()
    with pytest.raises(checks.CheckFailed, match="wrong at 1 of 6"):
        checks.check_gradient("dx", nearly, lambda x: np.sum(x**3), x)
    checks.check_gradient("dx", nearly, lambda x: np.sum(x**3), x, rtol=1e-3)


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
    with pytest.raises(checks.CheckFailed, match="should mention shape"):
        checks.check_raises(picky, "hapes", mentions="shape")  # one word, not its letters

    def unanswered():
        raise NotImplementedError("Question 1")

    for error in (ValueError, RuntimeError, Exception):  # an unanswered question stays one
        with pytest.raises(NotImplementedError):
            checks.check_raises(unanswered, error=error)


def test_difference_table_shows_values_or_says_why_not():
    table = checks.difference_table([1.0, 2.5], [1.0, 2.0]).splitlines()
    assert table[0].split() == ["yours", "expected", "difference"]
    assert table[2].split() == ["[1]", "2.5", "2", "0.5"]
    assert checks.difference_table(2.5, 2.0).splitlines()[1].split() == ["2.5", "2", "0.5"]
    alone = checks.difference_table([[1.0, 2.5]]).splitlines()
    assert [line.split() for line in alone] == [["yours"], ["[0,", "0]", "1"], ["[0,", "1]", "2.5"]]
    tall = checks.difference_table(np.zeros((11, 1)), np.ones((11, 1))).splitlines()
    assert len({len(line) for line in tall}) == 1  # columns stay in line where an index needs more room
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


def test_users_of_users_go_too():
    result = run(
        "from course_lib import checks, training\n"  # training uses backprop, backprop uses activations
        "checks.withhold('activations')\n"
        "checks.withhold('activations')\n"
        "import course_lib.finite_differences, course_lib.datasets\n"
        "import course_lib.training\n"
    )
    assert result.stderr.count("course_lib.activations holds answers") == 1
    assert '"<string>", line 5' in result.stderr  # the modules of line 4 stay


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
    imported = set(ast.literal_eval(run(code).stdout))
    assert imported == {"course_lib.checks", "course_lib._diagnosis", "course_lib._shape_diagnosis"}


def test_notebook_shows_the_message_alone():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell()
    with capture_output() as shown:
        result = shell.run_cell("from course_lib import checks\nchecks.check_value('the slope', -2.0, 2.0)")
    assert isinstance(result.error_in_exec, AssertionError)
    assert shown.stdout.strip().startswith("Not right yet: the slope has the opposite sign: is there")
    assert "Traceback" not in shown.stdout


def test_overflow_is_told_even_where_the_value_is_right():
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    with pytest.raises(checks.CheckFailed, match="sigmoid made NumPy warn: overflow encountered in exp"):
        checks.call_without_warnings(sigmoid, np.array([-1000.0]))
    assert checks.call_without_warnings(sigmoid, np.array([0.0]))[0] == 0.5
