"""What is wrong with an array, in the words of a teacher: the most telling difference from what was expected.

`diagnose` compares a result with the expected one and returns a sentence, or None where nothing is wrong. Every
sentence is a fact that was tested ("all entries have the opposite sign" is said only where they have), and says
where to look. With ``reveal=False`` it names properties, shapes and the size of the error, but no expected value.
"""

from typing import Any

import numpy as np

from course_lib._shape_diagnosis import Comparison, shape_problem, swapped_axes


def diagnose(
    actual: Any,
    expected: Any,
    *,
    rtol: float = 1e-7,
    atol: float = 1e-9,
    batch: int | None = None,
    inputs: Any = None,
    reveal: bool = True,
) -> str | None:
    """Return what distinguishes `actual` from `expected`, or None where they agree.

    Parameters
    ----------
    actual : any
        The result to be judged; lists of numbers count as arrays.
    expected : array_like
        The right result.
    rtol, atol : float
        Entries agree where |actual − expected| ≤ atol + rtol |expected|.
    batch : int, optional
        The number of rows the result was summed or averaged over, to recognise a missing 1/N.
    inputs : array_like, optional
        The input of each entry, to recognise errors for negative, zero or positive inputs only.
    reveal : bool
        Whether expected values may be told.
    """
    want = np.asarray(expected)
    problem = _kind_problem(actual, want)
    if problem:
        return problem
    got = np.asarray(actual)
    if got.dtype.kind == "c" and want.dtype.kind != "c":
        return "is complex, but real numbers are wanted: is taking the real or imaginary part left out?"
    compare = Comparison(got, want, rtol, atol, batch, None if inputs is None else np.asarray(inputs), reveal)
    if got.shape != want.shape:
        return shape_problem(compare)
    if compare.close(got, want):
        return None
    return _finite_problem(compare) or _value_problem(compare)


def _kind_problem(actual: Any, want: np.ndarray) -> str | None:
    if actual is None:
        return "is None: is a return missing at the end of the function?"
    if callable(actual):
        return "is a function and not its value: is the call missing its brackets?"
    try:
        got = np.asarray(actual)
    except (ValueError, TypeError):
        got = None
    if isinstance(actual, tuple) and (got is None or got.shape != want.shape):
        if len(actual) == 1:
            return "is a tuple of one value: is there a comma after what is returned?"
        return f"is a tuple of {len(actual)} values, where one array or number of shape {want.shape} is wanted"
    if got is None:
        return "has rows of different lengths; a rectangular array is wanted"
    if got.dtype.kind not in "biufc":
        return f"is made of {kinds(actual)}, where numbers are wanted"
    return None


def kinds(value: Any) -> str:
    """Name the types in a value that should have been numbers, for a message."""
    items = value.ravel().tolist() if isinstance(value, np.ndarray) else value
    while isinstance(items, list | tuple) and items and isinstance(items[0], list | tuple):
        items = [item for row in items for item in (row if isinstance(row, list | tuple) else [row])]
    return " and ".join(
        sorted({type(item).__name__ for item in (items if isinstance(items, list | tuple) else [items])})
    )


def _finite_problem(c: Comparison) -> str | None:
    bad = ~np.isfinite(c.got) & np.isfinite(c.want)
    if not bad.any():
        return None
    first = _index(bad)
    kind = "NaN" if np.isnan(c.got[first]) else "infinite"
    cause = {
        "NaN": "0/0, ∞ − ∞, 0 · ∞ or the logarithm of a negative number",
        "infinite": "a division by 0, the logarithm of 0 or an exponential of a large number",
    }[kind]
    if c.got.ndim == 0:
        return f"is {kind}; look for {cause}"
    return f"is not finite at {_count(bad)}, first at {_shown(first)}, where it is {kind}; look for {cause}"


def _value_problem(c: Comparison) -> str:
    for find in (_nothing, _sign_or_factor, _order, _normalised, _offset, _signs_of_some, _truncated, _where):
        found = find(c)
        if found:
            return f"{found}{_worst(c)}"
    return ("differs at every entry" if c.got.size > 1 else "differs") + _worst(c)


def _nothing(c: Comparison) -> str | None:
    if c.got.size > 1 and not np.any(c.got) and np.any(c.want):
        return "is zero everywhere: is the result ever written into the array that is returned?"
    return None


def _sign_or_factor(c: Comparison) -> str | None:
    """Recognise actual = c · expected, for the factors that have a meaning."""
    if c.got.dtype.kind == "b" or c.want.dtype.kind == "b" or not np.all(np.isfinite([c.got, c.want])):
        return None
    largest = float(np.max(np.abs(c.want), initial=0.0))
    if largest <= 100 * c.atol:  # within the tolerance of 0, where everything is a multiple of everything
        return None
    got, want = (c.got / largest).astype(np.complex128).ravel(), (c.want / largest).astype(np.complex128).ravel()
    factor = float((np.vdot(want, got) / np.vdot(want, want)).real)
    if factor == 0:
        return None
    with np.errstate(over="ignore"):  # where a tiny factor makes infinities, it is not the one
        as_wanted = c.got / factor
    if not c.close(as_wanted, c.want * 1.0):
        return None

    def is_near(number: float) -> bool:
        return bool(np.isclose(size_of, number, rtol=min(max(1e-6, c.rtol), 1e-3)))

    sign, size_of = ("has the opposite sign and is ", abs(factor)) if factor < 0 else ("is ", factor)
    if is_near(1):
        everywhere = " everywhere" if c.got.ndim else ""
        return f"has the opposite sign{everywhere}: is there a minus too many, or one missing?"
    n = c.batch
    if n and n > 1 and is_near(n):
        return f"{sign}too large by a factor of {n}, the number of rows: a sum where the mean is wanted?"
    if n and n > 1 and is_near(1 / n):
        return f"{sign}too small by a factor of {n}, the number of rows: divided by N once too often?"
    if is_near(2):
        return f"{sign}exactly twice the expected: look for a factor 2 too many, or a ½ left out"
    if is_near(0.5):
        return f"{sign}exactly half the expected: look for a factor 2 left out, or a ½ too many"
    if c.got.size < 3 or _distinct(np.abs(c.want[c.want != 0])) < 2:  # any two numbers have some ratio; it says nothing
        return None
    for whole, words in ((size_of, "large"), (1 / size_of, "small")):
        if whole > 1 and np.isclose(whole, round(whole), rtol=1e-6):
            return f"{sign}too {words} by a factor of {round(whole)} everywhere: which number here is {round(whole)}?"
    return f"{sign}{'larger' if size_of > 1 else 'smaller'} by the same factor everywhere, {_number(size_of)}"


def _order(c: Comparison) -> str | None:
    got, want = c.got, c.want
    if want.size < 3:
        return None
    if got.ndim == 2 and got.shape[0] == got.shape[1] and c.close(got.T, want):
        return "is right, but transposed: check the order of the product, or a transpose"
    if swapped_axes(c):
        return f"is right, but with axes {swapped_axes(c)} exchanged"
    if _distinct(want) < 0.75 * want.size:  # labels and zeros fall into place by chance
        return None
    for axis in range(got.ndim):
        if c.close(np.flip(got, axis), want):
            return f"is right, but in reverse order along axis {axis}"
    if got.dtype.kind != "c" and c.close(np.sort(got, axis=None), np.sort(want, axis=None)):
        return "holds the right values, but not in the right places: check axes and reshape"
    return None


def _distinct(array: np.ndarray) -> int:
    return len(np.unique(array))


def _normalised(c: Comparison) -> str | None:
    """Recognise probabilities that were normalised over the wrong entries."""
    if c.got.ndim != 2 or min(c.got.shape) < 2 or c.got.dtype.kind == "c":
        return None

    def sums_to_one(array: np.ndarray, axis: int | None) -> bool:
        return bool(np.allclose(array.sum(axis), 1, rtol=1e-4))

    if not sums_to_one(c.want, 1) or sums_to_one(c.got, 1):
        return None
    if sums_to_one(c.got, 0):
        return "has columns that sum to 1, where each row should: normalised over the wrong axis"
    if sums_to_one(c.got, None):
        return "sums to 1 over the whole batch, where each row should: normalise row by row"
    return "has rows that do not sum to 1"


def _offset(c: Comparison) -> str | None:
    if c.got.dtype.kind == "b" or c.want.dtype.kind == "b" or _distinct(c.want) < 2 or c.got.size < 3:
        return None
    with np.errstate(invalid="ignore"):
        difference = c.got * 1.0 - c.want * 1.0
    if np.all(np.isfinite(difference)) and c.close(difference, np.full_like(difference, np.mean(difference))):
        amount = f", {_number(float(np.mean(difference.real)))}" if c.reveal else ""
        return f"is off by the same amount everywhere{amount}: is a constant term missing, or counted twice?"
    return None


def _signs_of_some(c: Comparison) -> str | None:
    if c.got.size < 2 or c.got.dtype.kind in "bc" or c.want.dtype.kind in "bu":
        return None
    if c.close(np.abs(c.got), np.abs(c.want)):
        wrong = ~c.agree(c.got, c.want)
        return f"has the right sizes, but the wrong sign at {_count(wrong)}{_region(c, wrong)}"
    return None


def _truncated(c: Comparison) -> str | None:
    if c.got.dtype.kind in "iu" and c.want.dtype.kind == "f" and c.close(c.got * 1.0, np.trunc(c.want)):
        return "holds whole numbers, with the decimals cut off: an integer array was filled, or // was used"
    return None


def _where(c: Comparison) -> str | None:
    wrong = ~c.agree(c.got, c.want)
    if wrong.all() or c.got.size < 2:
        return None
    return f"is wrong at {_count(wrong)}{_region(c, wrong) or _rows(wrong)}; the others are right"


def _region(c: Comparison, wrong: np.ndarray) -> str:
    """Say for which inputs entries are wrong, where that describes them."""
    if c.inputs is None or c.inputs.shape != wrong.shape:
        return ""
    for region, words in (
        (c.inputs == 0, "where the input is 0"),
        (c.inputs < 0, "where the input is negative"),
        (c.inputs > 0, "where the input is positive"),
        (c.inputs <= 0, "where the input is 0 or negative"),
        (c.inputs >= 0, "where the input is 0 or positive"),
    ):
        if np.array_equal(region, wrong):
            return f", just {words}"
        if region.any() and not region.all() and not np.any(wrong & ~region):
            return f", all of them {words}"
    return ""


def _rows(wrong: np.ndarray) -> str:
    """Say in which one row or column entries are wrong, where it is one."""
    if wrong.ndim != 2:
        return ""
    rows, columns = np.flatnonzero(wrong.any(axis=1)), np.flatnonzero(wrong.any(axis=0))
    if len(rows) == 1 and wrong.shape[0] > 1:
        return f", all in row {rows[0]}"
    if len(columns) == 1 and wrong.shape[1] > 1:
        return f", all in column {columns[0]}"
    return ""


def _worst(c: Comparison) -> str:
    """Return the clause on the worst entry: both values, or only the size of the error."""
    with np.errstate(all="ignore"):
        error = np.abs(c.got.astype(np.complex128) - c.want.astype(np.complex128))
        error = np.where(np.isfinite(error), error, np.inf) * ~c.agree(c.got, c.want)
    error = np.where(np.isnan(error), 0, error)
    worst = np.unravel_index(np.argmax(error), error.shape)
    if c.reveal:
        place = "" if c.got.ndim == 0 else f"the worst entry, {_shown(worst)}, is "
        return f" ({place}{_number(c.got[worst])}, expected {_number(c.want[worst])})"
    finite = np.abs(c.want[np.isfinite(c.want)])
    scale = float(finite.max()) if finite.size else 0.0
    if scale <= c.atol or not np.isfinite(error[worst]):
        return ""
    share = float(error[worst]) / scale
    return f" (the largest error is {share:.3g}{' times' if share >= 1 else ' of'} the largest expected entry)"


def _index(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(np.argmax(mask), mask.shape))


def _shown(index: Any) -> str:
    return "[" + ", ".join(str(int(i)) for i in index) + "]"


def _count(mask: np.ndarray) -> str:
    return f"{int(mask.sum())} of {mask.size} entries"


def _number(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    return str(value) if isinstance(value, bool | int) else f"{value:.6g}"
