"""Records what the tests of a question called the student's functions with, and what came of it. Runs in the child.

`hints` replays these calls with the named mistakes. Arguments and results are copied, since they may change later, and
the copies are bounded in number and size.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_CALLS = 400
MOST_BYTES = 64_000_000


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

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Record nothing meanwhile, and leave the notebook's names as they were."""
        kept = dict(self.space)
        self._depth += 1
        try:
            yield
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


def holds_function(value: Any, depth: int = 4) -> bool:
    """Whether there is a function among these arguments."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return depth > 0 and any(holds_function(item, depth - 1) for item in value[:1000])
    return callable(value)


def size_of(value: Any, depth: int = 4) -> int:
    """Return roughly how many bytes a copy of this value takes."""
    known = getattr(value, "nbytes", 0)  # of a type, as of np.float32, it is no number
    size = (known if isinstance(known, int) else 0) + 64
    if depth and isinstance(value, dict):
        size += sum(size_of(item, depth - 1) for item in list(value.values())[:10_000])
    elif depth and isinstance(value, list | tuple | set):
        size += sum(size_of(item, depth - 1) for item in list(value)[:10_000])
    elif isinstance(value, str | bytes):
        size += len(value)
    return size
