"""Finite differences against functions whose derivatives are known, and against the theory of their errors."""

import numpy as np
import pytest
import scipy.differentiate
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import finite_differences as fd

METHODS = [fd.forward_difference, fd.central_difference, fd.complex_step]
points = hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-2, 2))


def wave(x):
    """Sum of sin(x) e^x: smooth, with a known gradient, and happy with complex numbers."""
    return np.sum(np.sin(x) * np.exp(x))


def wave_gradient(x):
    return (np.sin(x) + np.cos(x)) * np.exp(x)


def test_worked_numbers_of_the_cube_at_2():
    x = np.array([2.0])
    assert fd.forward_difference(lambda x: np.sum(x**3), x, step=0.1)[0] == pytest.approx(12.61, rel=1e-12)
    assert fd.central_difference(lambda x: np.sum(x**3), x, step=0.1)[0] == pytest.approx(12.01, rel=1e-12)
    assert fd.complex_step(lambda x: np.sum(x**3), x)[0] == pytest.approx(12, rel=1e-15)


# The error at the default step is about ε^(1/2) and ε^(2/3) times the size of f and its derivatives (here up to 50).
@pytest.mark.parametrize(
    ("method", "tolerance"), [(fd.forward_difference, 2e-6), (fd.central_difference, 1e-8), (fd.complex_step, 1e-14)]
)
@given(x=points)
def test_gradient_of_a_known_function(method, tolerance, x):
    expected = wave_gradient(x)
    estimate = method(wave, x)
    assert estimate.shape == x.shape
    np.testing.assert_allclose(estimate, expected, rtol=tolerance, atol=tolerance * max(1, abs(wave(x))))


def test_agrees_with_scipy():
    x = np.array([0.3, 1.7, -1.1])
    scipys = scipy.differentiate.derivative(lambda t: np.sin(t) * np.exp(t), x).df
    np.testing.assert_allclose(fd.central_difference(wave, x), scipys, rtol=1e-9)


@pytest.mark.parametrize(("method", "order"), [(fd.forward_difference, 1), (fd.central_difference, 2)])
def test_truncation_error_falls_with_its_order(method, order):
    x = np.array([0.7])
    errors = [abs(method(wave, x, step=h)[0] - wave_gradient(x)[0]) for h in (1e-2, 1e-3)]
    assert np.log10(errors[0] / errors[1]) == pytest.approx(order, abs=0.02)


@pytest.mark.parametrize(
    ("method", "best"),
    [
        (fd.forward_difference, fd.best_forward_step(np.exp(1), np.exp(1))),
        (fd.central_difference, fd.best_central_step(np.exp(1), np.exp(1))),
    ],
)
def test_best_step_beats_steps_a_hundred_times_smaller_and_larger(method, best):
    x = np.linspace(0.9, 1.1, 101)  # averaged over many points, since rounding is ragged

    def mean_error(step):
        return np.mean([abs(method(lambda t: np.exp(t[0]), np.array([p]), step=step)[0] - np.exp(p)) for p in x])

    assert mean_error(best) < mean_error(best / 100) / 10
    assert mean_error(best) < mean_error(best * 100) / 10


def test_best_steps_minimise_their_bounds():
    value, second, third, eps = 0.7, -3.0, 11.0, 1e-12
    h = fd.best_forward_step(value, second, eps)
    g = fd.best_central_step(value, third, eps)
    for factor in (0.99, 1.01):
        assert h * 3 / 2 + 2 * eps * 0.7 / h < factor * h * 3 / 2 + 2 * eps * 0.7 / (factor * h)
        assert g**2 * 11 / 6 + eps * 0.7 / g < (factor * g) ** 2 * 11 / 6 + eps * 0.7 / (factor * g)


@pytest.mark.parametrize(("method", "count"), [(METHODS[0], 7), (METHODS[1], 12), (METHODS[2], 6)])
def test_number_of_evaluations(method, count):
    calls = []
    method(lambda x: (calls.append(1), wave(x))[1], np.ones((2, 3)))
    assert len(calls) == count


@pytest.mark.parametrize("method", METHODS)
def test_input_is_never_changed_even_by_a_function_that_writes_to_its_argument(method):
    x = np.array([1.0, 2.0])

    def rude(x):
        value = wave(x)
        x += 100
        return value

    np.testing.assert_allclose(method(rude, x), method(wave, x), rtol=1e-12)
    np.testing.assert_array_equal(x, [1.0, 2.0])


@pytest.mark.parametrize("method", METHODS)
def test_integers_and_lists_are_read_as_floats(method):
    np.testing.assert_allclose(method(lambda x: np.sum(x**2), [1, 2]), [2, 4], rtol=1e-6)


def test_float32_stays_float32_with_a_step_that_suits_it():
    x = np.array([0.5, 1.0], dtype=np.float32)
    for method in METHODS:
        assert method(wave, x).dtype == np.float32
    np.testing.assert_allclose(fd.central_difference(wave, x), wave_gradient(x), rtol=2e-3)


def test_nan_passes_through():
    for method in METHODS:
        with np.errstate(invalid="ignore"):  # NumPy's own sin and exp warn of NaN in complex arithmetic
            assert np.isnan(method(wave, np.array([np.nan, 1.0]))[0])
    assert np.isnan(fd.relative_error([np.nan], [1.0]))
    assert np.isnan(fd.relative_error([1.0], [np.nan]))


@given(x=points, factor=st.floats(0.01, 0.99))
def test_relative_error_reads_backwards(x, factor):
    if np.linalg.norm(x) < 1e-3:
        x = x + 1.0
    assert fd.relative_error(x, x) == 0
    assert fd.relative_error(x, -x) == pytest.approx(2, rel=1e-12)
    assert fd.relative_error(x, 0 * x) == 1
    assert fd.relative_error(x, factor * x) == pytest.approx(1 - factor, rel=1e-9)
    assert fd.relative_error(factor * x, x) == fd.relative_error(x, factor * x)
    assert fd.relative_error(0 * x, 0 * x) == 0


@given(x=points, seed=st.integers(0, 2**32))
def test_directional_check_passes_the_right_gradient(x, seed):
    assert fd.directional_check(wave, wave_gradient(x), x, np.random.default_rng(seed)) < 1e-7


@pytest.mark.parametrize("spoil", [lambda g: -g, lambda g: g / 4, lambda g: np.where(np.arange(g.size) == 3, 0, g)])
def test_directional_check_catches_wrong_gradients(spoil):
    x = np.linspace(-1, 1, 8)
    rng = np.random.default_rng(0)
    results = [fd.directional_check(wave, spoil(wave_gradient(x)), x, rng) for _ in range(50)]
    assert np.median(results) > 1e-2


def test_directional_check_needs_two_evaluations():
    calls = []
    x = np.ones(1000)
    fd.directional_check(lambda x: (calls.append(1), wave(x))[1], wave_gradient(x), x, np.random.default_rng(0))
    assert len(calls) == 2


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("step", [0, -1e-3, np.nan, np.inf, "small"])
def test_bad_step_is_named(method, step):
    with pytest.raises(ValueError, match="step must be a positive number"):
        method(wave, np.ones(2), step=step)


@pytest.mark.parametrize("method", METHODS)
def test_function_that_returns_an_array_is_named(method):
    with pytest.raises(ValueError, match=r"f must return one number, but returned shape \(2,\)"):
        method(lambda x: x**2, np.ones(2))


def test_other_bad_input_is_named():
    with pytest.raises(ValueError, match="dropped the imaginary part"):
        fd.complex_step(lambda x: np.sum(np.abs(x)), np.ones(2))
    with pytest.raises(ValueError, match=r"b has shape \(3,\), expected \(2,\)"):
        fd.relative_error([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"gradient has shape \(3,\), expected \(2,\)"):
        fd.directional_check(wave, np.ones(3), np.ones(2), np.random.default_rng(0))
    with pytest.raises(ValueError, match="x must hold real numbers"):
        fd.central_difference(wave, np.array([1j]))
    with pytest.raises(ValueError, match="second_derivative must be a number other than zero"):
        fd.best_forward_step(1.0, 0.0)
