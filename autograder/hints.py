"""Names a mistake where a student's answer behaves exactly like it. Runs in the child, after the cells.

While test cells run, the student's functions of the tested question are wrapped to record what they were called with
and what came of it. Each named mistake of a question that failed is then run on the same inputs. Where everything it
does equals what the student's function did, and differs from the right answer somewhere, its hint is given.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import io
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.mistakes import Answer, load_answers

MOST_CALLS = 400
MOST_BYTES = 64_000_000
FINER = (1e-11, 1e-13)  # tolerances at which a mistake may still differ from the right answer


@dataclass(frozen=True)
class Outcome:
    """What a call did: its value or the kind of its exception, and its arguments as they were afterwards."""

    value: Any = None
    raised: str = ""
    arguments: Any = None


@dataclass(frozen=True)
class Call:
    """A call of the student's function `name`, with copies of the arguments as they were before.

    `names` is what the notebook's names stood for at that moment, kept where a function was among the arguments: it may
    use names that later cells give another meaning.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outcome: Outcome
    names: dict[str, Any] | None = None


@dataclass
class Record:
    """All recorded calls for one question, and how much room is left for more."""

    calls: list[Call] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    bytes_left: int = MOST_BYTES
    complete: bool = True
    failed: bool = False
    unanswered: bool = False


class Watch:
    """Wraps the student's functions while a test cell of their question runs."""

    def __init__(self, space: dict[str, Any], questions: dict[str, list[str]]) -> None:
        self.space, self.questions = space, questions
        self.records: dict[str, Record] = {}
        self._depth = 0

    @contextlib.contextmanager
    def during(self, question: str | None) -> Iterator[None]:
        """Record calls of this question's functions; its plain variables are read at the same place."""
        if question is None:
            yield
            return
        record = self.records.setdefault(question, Record())
        originals = {}
        for name in self.questions.get(question, []):
            value = self.space.get(name)
            if isinstance(value, types.FunctionType | types.BuiltinFunctionType | functools.partial):
                originals[name] = value
                self.space[name] = self._wrapped(name, value, record)
            elif name in self.space and not isinstance(value, type) and not callable(value):
                with contextlib.suppress(Exception):
                    record.variables[name] = copy.deepcopy(value)
        wrappers = {name: self.space[name] for name in originals}
        try:
            yield
        finally:
            for name, original in originals.items():
                if self.space.get(name) is wrappers[name]:
                    self.space[name] = original

    def failed(self, question: str, error: BaseException) -> None:
        """Remember that a test of this question failed."""
        record = self.records.setdefault(question, Record())
        record.failed = True
        record.unanswered = record.unanswered or isinstance(error, NotImplementedError)

    def fits(self, answer: Answer, record: Record, right: dict[str, Any]) -> bool:
        """Whether the mistake does all that the student's answer did, in the space where that happened."""
        kept = dict(self.space)
        self._depth += 1  # what is called from here on is not recorded
        try:
            return fits(answer, record, right, self.space)
        finally:
            self._depth -= 1
            self.space.clear()
            self.space.update(kept)

    def _wrapped(self, name: str, function: Callable[..., Any], record: Record) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._depth or not record.complete:
                return function(*args, **kwargs)
            before = self._copied(record, (args, kwargs))
            names = dict(self.space) if holds_function((args, kwargs)) else None
            self._depth += 1
            try:
                value = function(*args, **kwargs)
            except BaseException as error:
                self._keep(record, name, names, before, args, kwargs, raised=type(error).__name__)
                raise
            finally:
                self._depth -= 1
            self._keep(record, name, names, before, args, kwargs, value=value)
            return value

        return call

    def _copied(self, record: Record, value: Any) -> Any:
        record.bytes_left -= size_of(value)
        if record.bytes_left < 0 or len(record.calls) >= MOST_CALLS:
            record.complete = False
            return None
        try:
            return copy.deepcopy(value)
        except Exception:
            record.complete = False  # an argument that cannot be copied cannot be replayed
            return None

    def _keep(self, record: Record, name: str, names: Any, before: Any, args: Any, kwargs: Any, **outcome: Any) -> None:
        if before is None:
            return
        after = self._copied(record, (args, kwargs))
        value = self._copied(record, (outcome.get("value"),))
        if after is None or value is None:
            return
        record.calls.append(
            Call(name, before[0], before[1], Outcome(value[0], outcome.get("raised", ""), after), names)
        )


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
        with quiet():
            fitting = [answer for answer in candidates if watch.fits(answer, record, right)]
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


def holds_function(value: Any, depth: int = 4) -> bool:
    """Whether there is a function among these arguments."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return depth > 0 and any(holds_function(item, depth - 1) for item in value[:1000])
    return callable(value)


def size_of(value: Any, depth: int = 4) -> int:
    """Return roughly how many bytes a copy of this value takes."""
    size = int(getattr(value, "nbytes", 0) or 0) + 64
    if depth and isinstance(value, dict):
        size += sum(size_of(item, depth - 1) for item in list(value.values())[:10_000])
    elif depth and isinstance(value, list | tuple | set):
        size += sum(size_of(item, depth - 1) for item in list(value)[:10_000])
    elif isinstance(value, str | bytes):
        size += len(value)
    return size


def right_answers(cells: list[dict[str, Any]], question: str) -> dict[str, Any]:
    """Run what the author's cells define, up to this question's answer, in a space of its own.

    Of open code only imports, functions and classes are taken; of given and answer cells every statement but bare
    calls, so that no plot is drawn and no module withheld again.
    """
    space: dict[str, Any] = {"__name__": "right_answer"}
    light = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    for cell in cells:
        lines = ["" if line.startswith(("%", "!")) else line for line in cell["source"].split("\n")]
        try:
            body = ast.parse("\n".join(lines)).body
        except SyntaxError:
            continue
        for node in body:
            wanted = isinstance(node, light) or (cell["kind"] != "code" and not isinstance(node, ast.Expr))
            if wanted:
                with quiet(), contextlib.suppress(Exception):
                    exec(compile(ast.Module([node], []), "<right answer>", "exec"), space)
        if cell["kind"] == "answer" and cell["question"] == question:
            break
    return space


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
