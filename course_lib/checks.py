"""What the test cells of the assignments call: each check passes silently or raises one message that helps.

A check compares a student's result with the right one, or with a property of it, and `_diagnosis` puts the
difference into words. The module needs NumPy only and imports no taught module, so any notebook may use it.
"""

import copy
import importlib
import inspect
import sys
import types
import warnings
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib._diagnosis import diagnose, kinds

__all__ = [
    "CheckFailed",
    "call_unchanged",
    "call_without_warnings",
    "check_gradient",
    "check_raises",
    "check_true",
    "check_value",
    "diagnose",
    "difference_table",
    "reference",
    "withhold",
]


class CheckFailed(AssertionError):
    """A check did not hold; the text says what is wrong and where to look."""

    def _render_traceback_(self) -> list[str]:
        """Return what notebooks show: the message alone, since the stack of calls holds nothing for the student."""
        return [f"Not right yet: {self}"]


def check_value(
    name: str,
    actual: Any,
    expected: ArrayLike,
    *,
    rtol: float = 1e-7,
    atol: float = 1e-9,
    batch: int | None = None,
    inputs: ArrayLike | None = None,
    dtype: Any = None,
    reveal: bool = True,
) -> None:
    """Raise unless `actual` has the shape and, to a tolerance, the values of `expected`.

    Parameters
    ----------
    name : str
        What is compared, as the beginning of a sentence: ``"the gradient for the weights"``.
    actual : any
        The student's result; lists of numbers count as arrays.
    expected : array_like
        The right result.
    rtol, atol : float
        Entries agree where |actual − expected| ≤ atol + rtol |expected|.
    batch : int, optional
        The number of rows summed or averaged over; a missing or doubled 1/N is then recognised.
    inputs : array_like, optional
        The input behind each entry; errors for negative, zero or positive inputs only are then recognised.
    dtype : dtype, optional
        The type the result must have.
    reveal : bool
        False in hidden tests: no expected value is told.

    Raises
    ------
    CheckFailed
        With the most telling difference.

    Examples
    --------
    >>> check_value("the slope", 2.0, 2.0)
    >>> check_value("the gradient", [-1.0, -2.0], [1.0, 2.0])
    Traceback (most recent call last):
    ...
    course_lib.checks.CheckFailed: the gradient has the opposite sign everywhere: is there a minus too many, or one \
missing? (the worst entry, [1], is -2, expected 2)
    """
    problem = diagnose(actual, expected, rtol=rtol, atol=atol, batch=batch, inputs=inputs, reveal=reveal)
    if problem is None and dtype is not None and np.asarray(actual).dtype != np.dtype(dtype):
        problem = (
            f"has dtype {np.asarray(actual).dtype}, expected {np.dtype(dtype)}; look for an array that is made with "
            "another dtype, or for one that is mixed with it"
        )
    if problem is not None:
        raise CheckFailed(f"{name} {problem}")


def check_gradient(
    name: str,
    gradient: Any,
    f: Callable[[np.ndarray], Any],
    x: ArrayLike,
    *,
    rtol: float = 1e-5,
    batch: int | None = None,
    reveal: bool = True,
) -> None:
    """Raise unless `gradient` is the gradient of f at x, as measured by central differences.

    Parameters
    ----------
    name : str
        What is compared: ``"the gradient for x"``.
    gradient : any
        The student's gradient; must have the shape of `x`.
    f : callable
        Takes an array of the shape of `x`, returns one number.
    x : array_like
        The point.
    rtol : float
        Tolerance, relative to each entry and to the largest.
    batch : int, optional
        As in `check_value`.
    reveal : bool
        As in `check_value`.

    Raises
    ------
    CheckFailed
        With the most telling difference from the measured slopes; also where f does not return one finite number.

    Examples
    --------
    >>> check_gradient("the gradient", [2.0, 4.0], lambda x: np.sum(x**2), [1.0, 2.0])
    """
    x = np.array(x, dtype=np.float64)
    measured = np.empty_like(x)
    for i in np.ndindex(x.shape):
        step = 6e-6 * max(1.0, abs(float(x[i])))
        upper, lower = x.copy(), x.copy()
        upper[i] += step
        lower[i] -= step
        measured[i] = (_number_of(name, f(upper)) - _number_of(name, f(lower))) / (upper[i] - lower[i])
    scale = float(np.max(np.abs(measured), initial=0.0)) or 1.0
    problem = diagnose(gradient, measured, rtol=rtol, atol=rtol * scale, batch=batch, reveal=reveal)
    if problem is not None:
        raise CheckFailed(f"{name}, held against slopes measured by central differences, {problem}")


def _number_of(name: str, value: Any) -> float:
    """Return what f returned, where it is one finite number; slopes of anything else mean nothing."""
    number = np.asarray(value)
    if number.size == 1 and number.dtype.kind in "biuf" and np.isfinite(number.item()):
        return float(number.item())
    shown = f"an array of shape {number.shape}"
    if number.size == 1:
        shown = "NaN or infinity" if number.dtype.kind == "f" else kinds(value).replace("NoneType", "None")
    raise CheckFailed(f"{name} cannot be measured: the function returns {shown}, where one finite number is wanted")


def check_true(condition: Any, message: str) -> None:
    """Raise with `message` unless the condition holds.

    Raises
    ------
    CheckFailed
        With the message.

    Examples
    --------
    >>> check_true(3 > 2, "three is not above two")
    """
    if not bool(condition):
        raise CheckFailed(message)


def check_raises(
    f: Callable[..., Any], *args: Any, error: type[Exception] = ValueError, mentions: str | Sequence[str] = ()
) -> None:
    """Raise unless calling f with `args` raises `error` with a text that mentions the words given.

    Raises
    ------
    CheckFailed
        If nothing or something else is raised, or a word is missing in its text.

    Examples
    --------
    >>> check_raises(float, "one", mentions=["one"])
    """
    called = getattr(f, "__name__", "the function")
    words = [mentions] if isinstance(mentions, str) else mentions
    try:
        f(*args)
    except NotImplementedError:  # a question not answered yet, which also is a RuntimeError
        raise
    except error as raised:
        missing = [word for word in words if word not in str(raised)]
        if missing:
            raise CheckFailed(f"the {error.__name__} of {called} should mention {' and '.join(missing)}") from None
    except Exception as raised:
        raise CheckFailed(f"{called} should raise a {error.__name__} here, but raised {raised!r}") from None
    else:
        raise CheckFailed(f"{called} should raise a {error.__name__} here, but returned a result")


def call_unchanged(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call f and return its result; raise if it changed an argument in place.

    Raises
    ------
    CheckFailed
        Naming the argument that was changed.

    Examples
    --------
    >>> call_unchanged(np.negative, np.array([1.0, 2.0]))
    array([-1., -2.])
    """
    before_args, before_kwargs = _copied(args), _copied(kwargs)
    result = f(*args, **kwargs)
    changed = [name for name, same in _arguments(f, args, kwargs, before_args, before_kwargs) if not same]
    if changed:
        called = getattr(f, "__name__", "the function")
        raise CheckFailed(f"{called} changed its argument {changed[0]} in place; work on a copy and leave it as it was")
    return result


def call_without_warnings(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call f and return its result; raise if NumPy warned of an overflow or an invalid operation meanwhile.

    Raises
    ------
    CheckFailed
        With NumPy's warning and where to look.

    Examples
    --------
    >>> float(call_without_warnings(np.tanh, 1000.0))
    1.0
    """
    with warnings.catch_warnings(record=True) as caught, np.errstate(over="warn", invalid="warn", divide="warn"):
        warnings.simplefilter("always")
        result = f(*args, **kwargs)
    told = [str(warning.message) for warning in caught if issubclass(warning.category, RuntimeWarning)]
    if told:
        called = getattr(f, "__name__", "the function")
        raise CheckFailed(
            f"{called} made NumPy warn: {told[0]}. Look for an exponential of a large positive number, a division by 0 "
            "or a logarithm of 0, and for a form of the formula that avoids it"
        )
    return result


def difference_table(yours: Any, expected: ArrayLike | None = None, rows: int = 12) -> str:
    """Return a small table "yours, expected, difference" as text, for the student to look at.

    Parameters
    ----------
    yours : array_like
        The student's result: a number, or an array of any shape.
    expected : array_like, optional
        Compared entry by entry; where the shapes differ the table says so. Left out, only `yours` is shown.
    rows : int
        The number of entries shown.

    Examples
    --------
    >>> print(difference_table([1.0, 2.5], [1.0, 2.0]))
                 yours      expected    difference
    [0]              1             1             0
    [1]            2.5             2           0.5
    """
    try:
        got = np.asarray(yours)
    except ValueError:
        return "your result has rows of different lengths"
    if got.dtype.kind not in "biufc":
        return f"your result is not made of numbers, but of {kinds(yours)}"
    want = got if expected is None else np.asarray(expected)
    if got.shape != want.shape:
        return f"your result has shape {got.shape}, expected {want.shape}"
    indices = list(islice(np.ndindex(want.shape), rows))
    places = [str(list(index)) if index else "" for index in indices]
    width = max([6, *(len(place) + 1 for place in places)])
    lines = [f"{'':{width}}{'yours':>14}" + ("" if expected is None else f"{'expected':>14}{'difference':>14}")]
    for index, place in zip(indices, places, strict=True):
        a, b = got[index].item(), want[index].item()
        lines.append(f"{place:{width}}{a:>14.6g}" + ("" if expected is None else f"{b:>14.6g}{a - b:>14.3g}"))
    if want.size > rows:
        lines.append(f"... and {want.size - rows} more")
    return "\n".join(lines)


_withheld: set[str] = set()
_references: dict[str, types.ModuleType] = {}


class _Withholder:
    """A finder that refuses withheld modules; Python asks it before any other."""

    def __init__(self) -> None:
        self.lifted = False

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname in _withheld and not self.lifted:
            raise ImportError(
                f"{fullname} holds answers to this assignment, so it is withheld in this notebook; "
                "read it in the library once you have handed in."
            )


_withholder = _Withholder()


def withhold(*modules: str) -> None:
    """Make imports of these library modules fail in this process, with a sentence that says why.

    Modules of the library that use a withheld one go with it. Test cells reach the module by `reference`.

    Parameters
    ----------
    *modules : str
        Names without the package: ``"finite_differences"``.

    Examples
    --------
    >>> withhold("no_such_module")
    """
    _withheld.update(f"course_lib.{module}" for module in modules)
    if _withholder not in sys.meta_path:
        sys.meta_path.insert(0, _withholder)
    _forget_withheld()


def reference(module: str) -> types.ModuleType:
    """Return a module of the library for a test cell to compare with, withheld or not.

    Parameters
    ----------
    module : str
        Name without the package.

    Examples
    --------
    >>> reference("finite_differences").relative_error([1.0], [1.0])
    0.0
    """
    fullname = f"course_lib.{module}"
    if fullname not in _references:
        _withholder.lifted = True
        try:
            _references[fullname] = importlib.import_module(fullname)
        finally:
            _withholder.lifted = False
            _forget_withheld()
    return _references[fullname]


def _forget_withheld() -> None:
    """Drop withheld modules, their users in the library and the users of those, from Python's list."""
    package = sys.modules["course_lib"]
    library = {  # the package knows its modules; among all that Python has loaded they would have to be looked for
        module.__name__: module
        for module in vars(package).values()
        if isinstance(module, types.ModuleType) and sys.modules.get(module.__name__) is module
    }
    uses = {name: {_origin(value) for value in vars(module).values()} - {name} for name, module in library.items()}
    gone = set(_withheld)
    while users := {name for name in uses if name not in gone and uses[name] & gone}:
        gone |= users
    for name in gone:
        module = sys.modules.pop(name, None)
        short = name.removeprefix("course_lib.")
        if module is not None and getattr(package, short, None) is module:
            delattr(package, short)


def _origin(value: Any) -> str:
    return str(value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None))


def _copied(value: Any) -> Any:
    """Copy arrays and containers of them; functions and other objects are passed on as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [_copied(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return copy.copy(value) if isinstance(value, set | bytearray) else value


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return a is b or bool(np.all(a == b))


def _arguments(f: Any, args: Any, kwargs: Any, before_args: Any, before_kwargs: Any) -> list[tuple[str, bool]]:
    """Return the name of each argument and whether it is as it was."""
    try:
        names = [name for name in inspect.signature(f).parameters][: len(args)]
    except (TypeError, ValueError):
        names = []
    names += [f"number {i + 1}" for i in range(len(names), len(args))]
    positional = [(name, _same(a, b)) for name, a, b in zip(names, args, before_args, strict=True)]
    return positional + [(name, _same(kwargs[name], before_kwargs[name])) for name in kwargs]
