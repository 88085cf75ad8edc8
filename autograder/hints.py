"""Names a mistake where a student's answer behaves exactly like it. Runs in the child, after the cells.

`watch` has recorded what the student's functions were called with and what came of it. Each named mistake of a question
that failed is run on the same inputs. Where everything it does equals what the student's function did, and differs from
the right answer somewhere, its hint is given.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import io
import warnings
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from autograder.mistakes import Answer, load_answers
from autograder.prepared import statements
from autograder.watch import Call, Outcome, Record, Watch

FINER = (1e-11, 1e-13)  # tolerances at which a mistake may still differ from the right answer


def find_hints(watch: Watch, job: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield for each failed question the names and hints of the mistakes that behave like the student's answer."""
    failed = {question: record for question, record in watch.records.items() if record.failed and not record.unanswered}
    if not failed or not job["mistakes"]:
        return
    try:
        with quiet():
            answers = load_answers(job["mistakes"], "mistakes.py")
    except Exception as error:
        for question in failed:
            yield question, {"names": [], "hints": [], "trouble": str(error)}
        return
    for question, record in failed.items():
        candidates = [answer for answer in answers if answer.question == question]
        right = right_answers(job["answers"], question)
        fitting = []
        for answer in candidates:
            with quiet(), watch.paused():  # each mistake begins with the names as they are now
                if fits(answer, record, right, watch.space):
                    fitting.append(answer)
        yield question, {"names": [answer.name for answer in fitting], "hints": [answer.hint for answer in fitting]}


def fits(answer: Answer, record: Record, right: dict[str, Any], space: dict[str, Any]) -> bool:
    """Whether the mistake did what the student's answer did on every recorded input, and the right answer did not.

    Where all three agree to the mistake's tolerance the comparison is made finer: a mistake may be one of lost digits.
    """
    if answer.target not in right:
        return False
    if answer.variable:
        if answer.target not in record.variables:
            return False
        mine = [Outcome(record.variables[answer.target])]
        wrong, correct = [Outcome(answer.function())], [Outcome(right[answer.target])]
    else:
        calls = [call for call in record.calls if call.name == answer.target]
        mine = [call.outcome for call in calls]
        wrong = []
        for call in calls:  # most mistakes are ruled out by the first call
            wrong.append(replay(answer.function, call, space))
            if not same_outcome(wrong[-1], call.outcome, answer.rtol):
                return False
        correct = [replay(right[answer.target], call, space) for call in calls]
    for rtol in (answer.rtol, *(level for level in FINER if level < answer.rtol)):
        if not all(same_outcome(one, other, rtol) for one, other in zip(wrong, mine, strict=True)):
            return False
        if not all(same_outcome(one, other, rtol) for one, other in zip(wrong, correct, strict=True)):
            return True
    return False


def replay(function: Callable[..., Any], call: Call, space: dict[str, Any]) -> Outcome:
    """Do a recorded call again with another function, the notebook's names being what they were."""
    if call.names is not None:
        space.clear()
        space.update(call.names)
    args, kwargs = copy.deepcopy((call.args, call.kwargs))
    try:
        value = function(*args, **kwargs)
    except Exception as error:
        return Outcome(raised=type(error).__name__, arguments=(args, kwargs))
    return Outcome(value, arguments=(args, kwargs))


def same_outcome(one: Outcome, other: Outcome, rtol: float) -> bool:
    """Whether two calls returned or raised the same and left their arguments in the same state."""
    if one.raised or other.raised:
        return one.raised == other.raised
    return same(one.value, other.value, rtol) and same(one.arguments, other.arguments, rtol)


def same(one: Any, other: Any, rtol: float) -> bool:
    """Whether two values agree: numbers to `rtol`, arrays also in shape and kind, the rest exactly."""
    import numpy as np

    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], rtol) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        alike = isinstance(one, list) == isinstance(other, list) and len(one) == len(other)
        return alike and all(same(a, b, rtol) for a, b in zip(one, other, strict=True))
    numbers = (np.ndarray, np.generic, bool, int, float, complex)
    if isinstance(one, numbers) and isinstance(other, numbers):
        return _same_numbers(np.asarray(one), np.asarray(other), rtol)
    if isinstance(one, np.random.Generator) and isinstance(other, np.random.Generator):
        return bool(one.bit_generator.state == other.bit_generator.state)
    if callable(one) and callable(other):
        return True  # a function among the arguments is passed through; what it does is not compared
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:
        return False


def _same_numbers(one: Any, other: Any, rtol: float) -> bool:
    import numpy as np

    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.ndim and one.dtype.itemsize != other.dtype.itemsize:
        return False
    if one.dtype.kind not in "fciub":
        return bool(np.array_equal(one, other))
    finite = np.isfinite(other)
    if not np.array_equal(np.where(finite, 0, other), np.where(np.isfinite(one), 0, one), equal_nan=True):
        return False
    difference = np.abs(one[finite].astype(complex) - other[finite].astype(complex))
    scale = np.abs(other[finite].astype(complex))
    return bool(np.all(difference <= rtol * np.maximum(scale, scale.max(initial=0.0) * 1e-3)))


def right_answers(cells: list[dict[str, Any]], question: str) -> dict[str, Any]:
    """Run what the author's cells define, up to this question's answer, in a space of its own."""
    space: dict[str, Any] = {"__name__": "right_answer"}
    for cell in cells:
        for statement in definitions(cell["source"], open_code=cell["kind"] == "code"):
            with quiet(), contextlib.suppress(Exception):
                exec(statement, space)
        if cell["kind"] == "answer" and cell["question"] == question:
            break
    return space


@functools.lru_cache(maxsize=1000)
def definitions(source: str, *, open_code: bool) -> tuple[CodeType, ...]:
    """Return the code of each statement of a cell that defines something; the same text is compiled once.

    Of open code these are imports, functions and classes; of given and answer cells all statements but bare calls, so
    that no plot is drawn and no module withheld again.
    """
    light = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    found = []
    for node in statements(source):
        if isinstance(node, light) or not (open_code or isinstance(node, ast.Expr)):
            with quiet(), contextlib.suppress(SyntaxError, ValueError):
                found.append(compile(ast.Module([node], []), "<right answer>", "exec"))
    return tuple(found)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what runs inside from printing or warning."""
    import numpy as np

    nowhere = io.StringIO()
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        warnings.simplefilter("ignore")
        yield
