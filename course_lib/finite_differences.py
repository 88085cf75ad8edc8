"""Gradients by finite differences: ask the function itself, one nudge at a time.

This is the module of chapter 5. It needs nothing but a function that returns one number, which makes it slow
(every weight costs at least one evaluation) and trustworthy: it is how the gradients of all later modules are checked.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib._shapes import as_float, require_shape

Function = Callable[[np.ndarray], Any]


def forward_difference(f: Function, x: np.ndarray, step: float | None = None) -> np.ndarray:
    """Estimate the gradient of f at x by nudging each entry of x upwards once.

    gᵢ = (f(x + h eᵢ) − f(x)) / h, with an error of order h. Equation :eq:`forward-difference`.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`, returns one number.
    x : array, any shape
        The point; it is not changed.
    step : float, optional
        The step h. Left out, it is √ε, with ε the spacing of the floats of `x` at 1: about 1.5e-8 in float64.

    Returns
    -------
    array, shape of `x`
        The gradient, from W + 1 evaluations for W entries.

    Raises
    ------
    ValueError
        If `step` is not a positive number or f returns anything but one number.

    References
    ----------
    Nocedal & Wright, Numerical Optimization (2006), section 8.1.

    Examples
    --------
    >>> import numpy as np
    >>> forward_difference(lambda x: np.sum(x**2), np.array([1.0, 2.0]), step=0.5)
    array([2.5, 4.5])
    """
    x = as_float("x", x)
    h = _step(step, x.dtype, power=1 / 2)
    f_x = _value(f, x.copy())
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        upper = x.copy()
        upper[i] += h
        gradient[i] = (_value(f, upper) - f_x) / h
    return gradient


def central_difference(f: Function, x: np.ndarray, step: float | None = None) -> np.ndarray:
    """Estimate the gradient of f at x by nudging each entry of x upwards and downwards.

    gᵢ = (f(x + h eᵢ) − f(x − h eᵢ)) / 2h, with an error of order h². Equation :eq:`central-difference`.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`, returns one number.
    x : array, any shape
        The point; it is not changed.
    step : float, optional
        The step h. Left out, it is ∛ε, with ε the spacing of the floats of `x` at 1: about 6e-6 in float64.

    Returns
    -------
    array, shape of `x`
        The gradient, from 2W evaluations for W entries.

    Raises
    ------
    ValueError
        If `step` is not a positive number or f returns anything but one number.

    References
    ----------
    Nocedal & Wright, Numerical Optimization (2006), section 8.1.

    Examples
    --------
    >>> import numpy as np
    >>> central_difference(lambda x: np.sum(x**2), np.array([1.0, 2.0]), step=0.5)
    array([2., 4.])
    """
    x = as_float("x", x)
    h = _step(step, x.dtype, power=1 / 3)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        upper, lower = x.copy(), x.copy()
        upper[i] += h
        lower[i] -= h
        gradient[i] = (_value(f, upper) - _value(f, lower)) / (2 * h)
    return gradient


def best_forward_step(value: float, second_derivative: float, precision: float = np.finfo(float).eps) -> float:
    """Return the step at which truncation and rounding of a forward difference are least together.

    The bound h|f″|/2 + 2ε|f|/h is smallest at h = 2 √(ε |f| / |f″|). Equation :eq:`best-forward-step`.

    Parameters
    ----------
    value, second_derivative : float
        f and f″ at the point; only their sizes matter.
    precision : float
        ε, the relative error of one evaluation of f.

    Returns
    -------
    float
        The step h.

    Raises
    ------
    ValueError
        If an argument is zero or not finite: then the bound has no smallest value.

    References
    ----------
    Nocedal & Wright, Numerical Optimization (2006), section 8.1.

    Examples
    --------
    >>> f"{best_forward_step(value=1.0, second_derivative=1.0):.1e}"
    '3.0e-08'
    """
    _require_sizes(value=value, second_derivative=second_derivative, precision=precision)
    return float(2 * np.sqrt(precision * abs(value) / abs(second_derivative)))


def best_central_step(value: float, third_derivative: float, precision: float = np.finfo(float).eps) -> float:
    """Return the step at which truncation and rounding of a central difference are least together.

    The bound h²|f‴|/6 + ε|f|/h is smallest at h = ∛(3 ε |f| / |f‴|). Equation :eq:`best-central-step`.

    Parameters
    ----------
    value, third_derivative : float
        f and f‴ at the point; only their sizes matter.
    precision : float
        ε, the relative error of one evaluation of f.

    Returns
    -------
    float
        The step h.

    Raises
    ------
    ValueError
        If an argument is zero or not finite: then the bound has no smallest value.

    References
    ----------
    Nocedal & Wright, Numerical Optimization (2006), section 8.1.

    Examples
    --------
    >>> f"{best_central_step(value=1.0, third_derivative=1.0):.1e}"
    '8.7e-06'
    """
    _require_sizes(value=value, third_derivative=third_derivative, precision=precision)
    return float(np.cbrt(3 * precision * abs(value) / abs(third_derivative)))


def complex_step(f: Function, x: np.ndarray, step: float = 1e-30) -> np.ndarray:
    """Compute the gradient of f at x to rounding by nudging each entry into the imaginary direction.

    gᵢ = Im f(x + i h eᵢ) / h: nothing is subtracted, so h may be tiny. Equation :eq:`complex-step`.

    Parameters
    ----------
    f : callable
        Takes a complex array of the shape of `x`, returns one number; it must be analytic along the way
        (abs, max and comparisons are not).
    x : array, any shape
        The point; it is not changed.
    step : float
        The step h.

    Returns
    -------
    array, shape of `x`
        The gradient, from W evaluations in complex arithmetic for W entries.

    Raises
    ------
    ValueError
        If `step` is not a positive number or f returns anything but one complex number.

    References
    ----------
    Squire & Trapp, Using complex variables to estimate derivatives of real functions (1998).

    Examples
    --------
    >>> import numpy as np
    >>> complex_step(lambda x: np.sum(x**3), np.array([1.0, 2.0]))
    array([ 3., 12.])
    """
    x = as_float("x", x)
    h = _step(step, np.dtype(float), power=1)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        nudged = x.astype(np.complex128)
        nudged[i] += 1j * h
        value = _value(f, nudged)
        if not np.iscomplexobj(value):
            raise ValueError("f must return a complex number for complex x, but dropped the imaginary part")
        gradient[i] = np.imag(value) / h
    return gradient


def relative_error(a: Any, b: Any) -> float:
    """Return how far two gradients lie apart, measured in their own length.

    ‖a − b‖ / max(‖a‖, ‖b‖), and 0 where both are zero. Equation :eq:`relative-error`.

    Parameters
    ----------
    a, b : arrays of one shape
        The two gradients; exchanging them changes nothing.

    Returns
    -------
    float
        0 for equal gradients, 2 for opposite ones; 1 where one of them is zero.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Higham, Accuracy and Stability of Numerical Algorithms (2002), section 1.2.

    Examples
    --------
    >>> round(relative_error([3.0, 4.0], [3.0, 4.5]), 4)
    0.0925
    """
    a, b = as_float("a", a), as_float("b", b)
    require_shape("b", b, a.shape)
    scale = max(float(np.linalg.norm(a)), float(np.linalg.norm(b)))
    return float(np.linalg.norm(a - b)) / scale if scale != 0 else 0.0


def directional_check(
    f: Function, gradient: np.ndarray, x: np.ndarray, rng: np.random.Generator, step: float | None = None
) -> float:
    """Compare a gradient with two evaluations of f along one random direction.

    The slope along a unit vector v is (f(x + h v) − f(x − h v)) / 2h and must be gᵀv;
    the result is |slope − gᵀv| · √W / ‖g‖. Equation :eq:`directional-check`.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`, returns one number.
    gradient : array, shape of `x`
        The gradient g to be checked.
    x : array, any shape
        The point; it is not changed.
    rng : numpy.random.Generator
        Where the direction comes from.
    step : float, optional
        The step h, as in `central_difference`.

    Returns
    -------
    float
        The error relative to the length that gᵀv typically has. It is as small as rounding for a right
        gradient, and of the size of the mistake for a wrong one, however many entries are wrong.

    Raises
    ------
    ValueError
        If `gradient` has another shape than `x`, `step` is not positive, or f returns anything but one number.

    References
    ----------
    Baydin, Pearlmutter, Radul & Siskind, Automatic differentiation in machine learning: a survey (2018).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(1.0, 2.0, 1000)
    >>> directional_check(lambda x: np.sum(x**2), 2 * x, x, np.random.default_rng(0)) < 1e-7
    True
    """
    x, gradient = as_float("x", x), as_float("gradient", gradient)
    require_shape("gradient", gradient, x.shape)
    h = _step(step, x.dtype, power=1 / 3)
    v = rng.standard_normal(x.shape).astype(x.dtype)
    v /= np.linalg.norm(v)
    slope = (_value(f, x + h * v) - _value(f, x - h * v)) / (2 * h)
    error = abs(float(slope) - float(np.sum(gradient * v)))
    length = float(np.linalg.norm(gradient)) or 1.0
    return error * float(np.sqrt(x.size)) / length


def _step(step: float | None, dtype: np.dtype, power: float) -> Any:
    """Return the step in the precision of x; left out, it is ε to the given power."""
    if step is None:
        step = float(np.finfo(dtype).eps) ** power
    if not (isinstance(step, int | float | np.number) and np.isfinite(step) and step > 0):
        raise ValueError(f"step must be a positive number, but is {step!r}")
    return dtype.type(step)


def _value(f: Function, x: np.ndarray) -> Any:
    """Evaluate f and insist on one number."""
    value = np.asarray(f(x))
    if value.size != 1 or value.dtype.kind not in "fiubc":
        raise ValueError(f"f must return one number, but returned shape {value.shape} with dtype {value.dtype}")
    return value.reshape(())[()]


def _require_sizes(**numbers: float) -> None:
    for name, number in numbers.items():
        if not np.isfinite(number) or number == 0:
            raise ValueError(f"{name} must be a number other than zero, but is {number!r}")
