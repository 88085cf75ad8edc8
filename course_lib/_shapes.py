"""How the library reads its arguments: arrays become floats, and a wrong shape becomes one clear sentence.

Every public function passes its arguments through here first, so the formulas below can assume good input.
A shape is written as in the docstrings, in fixed letters: ``("N", "D")`` for a batch of rows. Equal letters
must have equal lengths across one call, and an integer stands for itself.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np


def as_float(name: str, value: Any) -> np.ndarray:
    """Return `value` as a float array: float32 stays float32, every other real number becomes float64.

    Raises
    ------
    ValueError
        If `value` is ragged, complex or not numeric.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; it must be a rectangular array of numbers") from None
    if array.dtype == np.float32:
        return array
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, but has dtype {array.dtype}")
    return array.astype(np.float64, copy=False)


def as_integer(name: str, value: Any) -> np.ndarray:
    """Return `value` as an integer array, for class labels and counts.

    Raises
    ------
    ValueError
        If `value` is ragged or holds anything but integers (2.0 is a float, however round).
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; it must be a rectangular array of integers") from None
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold integers, but has dtype {array.dtype}")
    return array


def as_number(name: str, value: Any, *, at_least: float = -np.inf, less_than: float = np.inf) -> float:
    """Return `value` as a Python float, which lifts no float32 array to float64.

    Raises
    ------
    ValueError
        If `value` is no single real number or lies outside its range; NaN lies outside every range.
    """
    array = as_float(name, value)
    if array.ndim != 0 or not at_least <= float(array) < less_than:
        upper = "" if less_than == np.inf else f" and less than {less_than:g}"
        raise ValueError(f"{name} must be a number of at least {at_least:g}{upper}, but is {value!r}")
    return float(array)


def as_positive(name: str, value: Any) -> float:
    """Return `value` as a Python float.

    Raises
    ------
    ValueError
        If `value` is no single, positive, finite number.
    """
    array = as_float(name, value)
    if array.ndim != 0 or not 0 < float(array) < np.inf:
        raise ValueError(f"{name} must be a positive number, but is {value!r}")
    return float(array)


def is_whole(value: Any, least: int) -> bool:
    """Whether `value` is an integer, Python's or NumPy's but no truth value, and at least `least`."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)


def as_count(name: str, value: Any) -> int:
    """Return `value` as a Python int.

    Raises
    ------
    ValueError
        If `value` is no positive integer (2.0 is a float, however round).
    """
    if not is_whole(value, 1):
        raise ValueError(f"{name} must be a positive whole number, but is {value!r}")
    return int(value)


def require_shape(
    name: str, array: np.ndarray, *allowed: Sequence[str | int], sizes: dict[str, int] | None = None
) -> None:
    """Raise a ValueError unless `array` has one of the `allowed` shapes.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    array : ndarray
        The argument.
    *allowed : sequences of str or int
        Shapes in letters and numbers, such as ``("N", "D")``.
    sizes : dict, optional
        The lengths of letters fixed by earlier arguments; letters met here for the first time are added.

    Raises
    ------
    ValueError
        Naming the argument, the shape received and the shape expected.
    """
    known = {} if sizes is None else sizes
    for shape in allowed:
        found = _match(array.shape, shape, known)
        if found is not None:
            known.update(found)
            return
    expected = " or ".join(_in_letters(shape, known) for shape in allowed)
    raise ValueError(f"{name} has shape {array.shape}, expected {expected}")


def require_not_empty(name: str, array: np.ndarray) -> None:
    """Raise a ValueError when `array` has no entries, since a mean over nothing is undefined."""
    if array.size == 0:
        raise ValueError(f"{name} is empty (shape {array.shape}); at least one entry is needed")


def _match(actual: tuple[int, ...], shape: Sequence[str | int], known: dict[str, int]) -> dict[str, int] | None:
    if len(actual) != len(shape):
        return None
    found: dict[str, int] = {}
    for length, letter in zip(actual, shape, strict=True):
        wanted = letter if isinstance(letter, int) else known.get(letter, found.get(letter, length))
        if length != wanted:
            return None
        if isinstance(letter, str):
            found[letter] = length
    return found


def _in_letters(shape: Sequence[str | int], known: dict[str, int]) -> str:
    parts = [f"{letter}={known[letter]}" if letter in known else str(letter) for letter in shape]
    return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
