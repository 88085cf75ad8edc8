"""A submission's child as the judge sees it: cells are run in it, functions called in it, and it is brought back.

Every request has a number and a limit. Whatever the child does besides answering the question it was asked (break the
wire, answer twice, end, stall) ends it; the next request then finds a new one, in which the cells before have been run
again. So one bad cell costs one cell.
"""

from __future__ import annotations

import contextlib
import inspect
import select
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.wire import Functions, Wire, WireError

WALL = 3.0  # wall seconds that one allowed second of processor time may take, on a machine that is busy
WALL_SPARE = 3.0
TICK = 0.05  # seconds between two looks at the clock
DEEPEST_BACK = 40
FLOATING = ("ignore", "warn", "raise")
SEEN = ("function", "value", "missing", "unsendable")
WARNINGS: dict[str, type[Warning]] = {
    kind.__name__: kind
    for kind in (
        RuntimeWarning, UserWarning, DeprecationWarning, FutureWarning, SyntaxWarning, Warning,
        np.exceptions.ComplexWarning, np.exceptions.VisibleDeprecationWarning, np.exceptions.RankWarning,
    )
}  # fmt: skip
ERRORS: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AssertionError, AttributeError, BufferError, EOFError, FloatingPointError, ImportError,
        IndexError, KeyError, LookupError, MemoryError, ModuleNotFoundError, NameError, NotImplementedError, OSError,
        OverflowError, PermissionError, FileNotFoundError, RecursionError, RuntimeError, SyntaxError, IndentationError,
        TimeoutError, TypeError, UnboundLocalError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip


class ChildLost(BaseException):
    """The child has ended, or was ended; `why` says for what. Not an Exception, so that no test swallows it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Session:
    """The child of one submission, and the wire to it."""

    def __init__(self, server: Any, job: dict[str, Any]) -> None:
        self.server, self.limits = server, job["limits"]
        self.modules, self.seed = job["modules"], job["seed"]
        self.functions = Functions()
        self.failures: list[Exception] = []  # of our functions, while the child called them
        self.began = time.monotonic()
        self.spent = 0.0  # processor time of children that have ended
        self.child: Any = None
        self.depth = self.number = 0
        self.cell_began = self.began
        self.cell_cpu: float | None = 0.0  # that the child had used when the cell began; None until it is asked

    # ---- requests ------------------------------------------------------------------------------------------------

    def run(self, key: str, source: str) -> dict[str, Any]:
        """Run a cell; return its outputs and, if it raised, its error."""
        self.start_clock()
        answer = self._ask("run", key, source, self.limits["output_kib"] << 10)
        if len(answer) != 3 or answer[0] != "ran":
            self.lose("broken wire")
        report: dict[str, Any] = {"outputs": clean_outputs(answer[1], self.limits["output_kib"] << 10)}
        if answer[2] is not None:
            report["error"] = clean_error(answer[2])
        return report

    def look(self, names: list[str]) -> list[list[Any]]:
        """Return what the notebook has under each name: function, value, missing or unsendable, with details."""
        if not names:
            return []
        answer = self._ask("look", names)
        if answer[0] == "unsendable" and len(names) > 1:  # one of them, or all together: ask one by one
            return [self.look([name])[0] for name in names]
        found: Any = [answer] if answer[0] == "unsendable" else answer[-1] if answer[0] == "seen" else None
        if type(found) is not list or len(found) != len(names):
            self.lose("broken wire")
        for about in found:
            if type(about) is not list or not 1 <= len(about) <= 2 or about[0] not in SEEN:
                self.lose("broken wire")
        return list(found)

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the notebook, as if it were here: its result, exceptions, warnings, changed arguments."""
        floating = {kind: how if how in FLOATING else "warn" for kind, how in np.geterr().items()}
        answer = self._ask("call", name, args, kwargs, floating)
        if answer[0] == "unsendable" and len(answer) == 2:
            raise AssertionError(f"{name}: {str(answer[1])[:500]}.")
        if answer[0] == "value" and len(answer) == 4:
            _, value, told, after = answer
            error = None
        elif answer[0] == "raised" and len(answer) == 5:
            _, described, token, told, after = answer
            value, error = None, self._error(described, token)
        else:
            self.lose("broken wire")
        self._take_over(args, kwargs, told, after)
        if error is not None:
            raise error
        return value

    def start_clock(self) -> None:
        """Begin a cell: its limit counts from here, to a tick."""
        self.cell_began, self.cell_cpu = time.monotonic(), None

    # ---- the child -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start a child; raises ConnectionError where that is not possible, which is nobody's fault."""
        self.child = self.server.start(self.limits, self.modules, self.seed)
        self.child.channel.settimeout(self._wall())
        self.wire = Wire(self.child.channel, self.functions)
        self.wire.wait = self._wait

    def end(self) -> str:
        """End the child, if there is one; return why it had ended by itself."""
        if self.child is None:
            return ""
        with contextlib.suppress(Exception):
            self.spent += self.child.cpu_seconds()
        why = str(self.child.end())
        self.child = None
        return why

    def lose(self, why: str = "") -> Any:
        """End the child for a reason, or find out why it has ended, and raise ChildLost."""
        found = self.end()
        raise ChildLost(why or {"cpu": "timeout", "": "closed the connection"}.get(found, found))

    def _wall(self) -> float:
        return float(self.limits["cell_seconds"]) * WALL + WALL_SPARE

    def out_of_time(self) -> bool:
        """Whether the whole notebook has used up what it may."""
        seconds = self.limits["submission_seconds"]
        return self.spent > seconds or time.monotonic() - self.began > seconds * WALL + WALL_SPARE

    def _ask(self, *request: Any) -> list[Any]:
        self.number += 1
        number = self.number
        try:
            self.wire.send([number, *request])
            while True:
                message = self.wire.receive()
                if type(message) is not list or len(message) < 2 or type(message[1]) is not str:
                    raise WireError("no answer")
                if message[0] is None and message[1] == "back":
                    self._answer(message)
                elif type(message[0]) is int and message[0] == number:
                    return message[1:]
                else:
                    raise WireError("an answer to no question")
        except TimeoutError:
            self.lose("timeout")
        except WireError:
            self.lose("broken wire")
        except (EOFError, OSError):
            self.lose()
        raise AssertionError  # not reached: lose() raises

    def _wait(self) -> None:
        """Return when the child has sent something, or raise ChildLost where it has taken too long."""
        while not select.select([self.child.channel], [], [], TICK)[0]:
            used = self.child.cpu_seconds()
            if self.cell_cpu is None:
                self.cell_cpu = used
            if used - self.cell_cpu > self.limits["cell_seconds"]:
                self.lose("timeout")
            if time.monotonic() - self.cell_began > self._wall():
                self.lose("timeout")
            if self.out_of_time() or self.spent + used > self.limits["submission_seconds"]:
                self.lose("submission timeout")

    def _answer(self, message: list[Any]) -> None:
        """Call one of our functions for the child."""
        good = len(message) == 5 and type(message[2]) is int and type(message[3]) is tuple and type(message[4]) is dict
        if not good or self.depth >= DEEPEST_BACK:
            raise WireError("no call")
        _, _, number, args, kwargs = message
        function = self.functions.of_number(number)
        self.depth += 1
        try:
            self.wire.send([None, "result", function(*args, **kwargs)])
        except Exception as error:
            if isinstance(error, OSError | EOFError | WireError) and not isinstance(error, ValueError):
                raise
            self.failures.append(error)
            kind = next((k.__name__ for k in type(error).__mro__ if k.__name__ in ERRORS), "RuntimeError")
            words = "" if isinstance(error, AssertionError) else str(error)[:500]
            self.wire.send([None, "failure", kind, words, len(self.failures) - 1])
        finally:
            self.depth -= 1

    def _error(self, described: Any, token: Any) -> Exception:
        if token is not None:
            if type(token) is not int or not 0 <= token < len(self.failures):
                self.lose("broken wire")
            return self.failures[token]
        about = clean_error(described)
        kind = next((ERRORS[name] for name in about["kinds"] if name in ERRORS), RuntimeError)
        error = kind(about["message"])
        error.autograder_error = about  # type: ignore[attr-defined]
        return error

    def _take_over(self, args: tuple[Any, ...], kwargs: dict[str, Any], told: Any, after: Any) -> None:
        """Warn of what the child was warned of, and do to our arguments what it did to its own."""
        if type(told) is not list or (after is not None and (type(after) is not list or len(after) != 2)):
            self.lose("broken wire")
        if after is not None and not (_copy(args, after[0]) and _copy(kwargs, after[1])):
            raise AssertionError("The function changed its arguments to something of another kind.")
        for item in told[:20]:
            if type(item) is not list or [type(part) for part in item] != [str, str]:
                self.lose("broken wire")
            kind = WARNINGS.get(item[0], UserWarning)
            warnings.warn_explicit(item[1][:500], kind, filename="your code", lineno=1)


def _copy(ours: Any, theirs: Any) -> bool:
    """Make our value what theirs has become, in place; return whether that is possible."""
    if isinstance(ours, np.ndarray):
        if not isinstance(theirs, np.ndarray) or (ours.shape, ours.dtype) != (theirs.shape, theirs.dtype):
            return False
        if ours.tobytes() != theirs.tobytes():
            if not ours.flags.writeable:
                return False
            ours[...] = theirs
        return True
    if isinstance(ours, np.random.Generator):
        if not isinstance(theirs, np.random.Generator):
            return False
        state = theirs.bit_generator.state
        if state["bit_generator"] != ours.bit_generator.state["bit_generator"]:
            return False
        ours.bit_generator.state = state
        return True
    if isinstance(ours, tuple):
        return isinstance(theirs, tuple) and len(ours) == len(theirs) and all(map(_copy, ours, theirs))
    if isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs) or not all(map(_copy, ours, theirs)):
            ours[:] = theirs
        return True
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if ours.keys() != theirs.keys() or not all(_copy(ours[key], theirs[key]) for key in ours):
            ours.clear()
            ours.update(theirs)
        return True
    if callable(ours) and not isinstance(ours, type):
        return callable(theirs)
    return type(ours) is type(theirs) and repr(ours) == repr(theirs)


# ---- what a child says of itself is cut to size ------------------------------------------------------------------


def clean_error(described: Any) -> dict[str, Any]:
    """Return an error as `shell.describe` gives it, whatever the child has made of that."""
    about = described if type(described) is dict else {}
    kinds = [str(kind)[:100] for kind in _items(about.get("kinds")) if type(kind) is str][:20]
    frames = [
        [frame[0][:200], frame[1]]
        for frame in _items(about.get("frames"))
        if isinstance(frame, list | tuple) and [type(part) for part in frame] == [str, int]
    ]
    message = about.get("message")
    return {
        "kinds": kinds or ["Exception"],
        "message": readable(message[:4000]) if type(message) is str else "",
        "frames": frames[-20:],
    }


def clean_outputs(outputs: Any, limit: int) -> list[dict[str, Any]]:
    """Return outputs as nbformat has them, of bounded size, whatever the child has sent."""
    from autograder.shell import KEPT_TYPES, LARGEST_PICTURE

    left, kept = limit + 1000, []

    def text(value: Any) -> str:
        nonlocal left
        words = readable(value[: max(0, left)]) if type(value) is str else ""
        left -= len(words)
        return words

    for output in _items(outputs)[:1000]:
        if type(output) is not dict:
            continue
        kind = output.get("output_type")
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            kept.append({"output_type": kind, "name": name, "text": text(output.get("text"))})
        elif kind == "error":
            lines = [text(line) for line in _items(output.get("traceback"))[:200]]
            name, value = text(output.get("ename"))[:200], text(output.get("evalue"))[:2000]
            kept.append({"output_type": kind, "ename": name, "evalue": value, "traceback": lines})
        elif kind in ("display_data", "execute_result"):
            given: Any = output.get("data")
            given = given if type(given) is dict else {}
            data = {}
            for key in KEPT_TYPES:
                shown = given.get(key)
                if type(shown) is str and key in ("image/png", "image/jpeg"):
                    if len(shown) <= LARGEST_PICTURE:
                        data[key] = readable(shown)
                elif type(shown) is str:
                    data[key] = text(shown)
            extra = {"execution_count": None} if kind == "execute_result" else {}
            kept.append({"output_type": kind, "data": data, "metadata": {}, **extra})
    return kept


def readable(text: str) -> str:
    """Return a text that every file can hold: lone surrogates are replaced."""
    return text.encode("utf-8", "replace").decode()


def _items(value: Any) -> list[Any]:
    return value if type(value) is list else []


def stand_in(session: Session, name: str, described: Any) -> Callable[..., Any]:
    """Return a function that calls the notebook's function of this name in the child."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return session.call(name, args, kwargs)

    function.__name__ = function.__qualname__ = name
    function.__module__ = "__main__"
    parameters = []
    for item in _items(described)[:50]:
        good = type(item) is list and [type(part) for part in item] == [str, int, bool]
        if not good or not item[0].isidentifier() or not 0 <= item[1] <= 4:
            return function
        kind = list(inspect._ParameterKind)[item[1]]
        parameters.append(inspect.Parameter(item[0], kind, default=None if item[2] else inspect.Parameter.empty))
    with contextlib.suppress(ValueError, TypeError):  # an order that Python does not allow
        function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function
