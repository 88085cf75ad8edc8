"""How the tests of the library prove a gradient, and the manners every function of it must have.

The numerical derivatives here are written apart from ``course_lib.finite_differences``, so that the library is not
checked by itself.
"""

import contextlib
import warnings

import numpy as np

# A five-point difference with step 1e-3 errs by about h⁴ = 1e-12 (truncation) and ε/h = 2e-13 (rounding) for functions
# whose value and derivatives are of size 1; the rest of the factor leaves room for those of size 10 to 100.
DIFFERENCE_TOLERANCE = 1e-10


@contextlib.contextmanager
def no_warnings():
    """Turn every warning and floating-point flag into an error, but for underflow: a tail may well become 0."""
    with np.errstate(over="raise", invalid="raise", divide="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def difference_gradient(f, x, step=1e-3):
    """Return the gradient of the number f(x) by five-point central differences, entry by entry."""
    gradient = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        values = []
        for k in (-2, -1, 1, 2):
            moved = np.array(x, dtype=float)
            moved[i] += k * step
            values.append(float(f(moved)))
        gradient[i] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    return gradient


def complex_gradient(f, x):
    """Return the gradient of the number f(x) by complex steps, exact to rounding; f must take complex arrays."""
    gradient = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        moved = np.array(x, dtype=complex)
        moved[i] += 1e-30j
        gradient[i] = f(moved).imag / 1e-30
    return gradient


def assert_gradient(gradient, f, x, tolerance=DIFFERENCE_TOLERANCE, step=1e-3):
    """Assert that `gradient` is that of the number f(x), in every entry."""
    expected = difference_gradient(f, x, step)
    assert np.shape(gradient) == expected.shape
    np.testing.assert_allclose(gradient, expected, rtol=tolerance, atol=tolerance)


def assert_slope_along_random_directions(gradient, f, x, rng, count=3, tolerance=DIFFERENCE_TOLERANCE, step=1e-3):
    """Assert that `gradient` predicts the slope of f(x) along random unit directions; for many entries."""
    assert np.shape(gradient) == x.shape
    for _ in range(count):
        direction = rng.normal(size=x.shape)
        direction /= np.linalg.norm(direction)
        slope = difference_gradient(lambda t, along=direction: f(x + t * along), np.zeros(()), step)
        np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=tolerance, atol=tolerance)


def call_and_compare_arguments(f, *arguments):
    """Return f(*arguments) after asserting that it changed no argument and returned no view of one."""
    before = [np.array(argument, copy=True) for argument in arguments]
    result = f(*arguments)
    for argument, copy in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, copy)
        assert not np.shares_memory(np.asarray(result), argument)
    return result
