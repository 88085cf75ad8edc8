"""The child's loop: runs a student's cells and calls their functions, as it is asked over the wire.

It runs inside the sandbox, beside code that may change anything here. So it decides nothing: whatever it answers is
taken as something the student said.
"""

from __future__ import annotations

import builtins
import inspect
import socket
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.shell import describe, run_cell
from autograder.wire import Functions, Unsendable, Wire, encode

MOST_WARNINGS = 20
MOST_PARAMETERS = 50


def serve(channel: socket.socket, shell: Any) -> None:
    """Answer requests until the other end closes."""
    child = Student(channel, shell)
    while True:
        try:
            request = child.wire.receive()
        except (EOFError, OSError):
            return
        child.answer(request)


class Student:
    """The names of the notebook, and the wire."""

    def __init__(self, channel: socket.socket, shell: Any) -> None:
        self.shell, self.space = shell, shell.user_ns
        self.wire = Wire(channel, Functions(self._caller))

    def answer(self, request: Any) -> None:
        """Do what is asked, and answer with the request's number."""
        number, what, *details = request
        if what == "run":
            answer = self._run(*details)
        elif what == "look":
            answer = self._look(*details)
        else:
            answer = self._call(*details)
        try:
            data = encode([number, *answer], self.wire.functions)
        except Unsendable as error:
            data = encode([number, "unsendable", str(error)])
        self.wire.send_encoded(data)

    def _run(self, key: str, source: str, limit: int) -> list[Any]:
        outputs, error = run_cell(self.shell, key, source, limit)
        return ["ran", outputs, None if error is None else describe(error)]

    def _look(self, names: list[str]) -> list[Any]:
        return ["seen", [self._seen(name) for name in names]]

    def _seen(self, name: str) -> list[Any]:
        if name not in self.space:
            return ["missing"]
        value = self.space[name]
        if isinstance(value, types.ModuleType):
            return ["missing"]
        if isinstance(value, type) or not callable(value):
            return ["value", value]
        return ["function", parameters(value)]

    def _call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], floating: dict[str, Any]) -> list[Any]:
        """Call a function of the notebook; tell what it returned or raised, warned of, and did to its arguments."""
        before = encode([args, kwargs], self.wire.functions)
        with warnings.catch_warnings(record=True) as caught, np.errstate(**floating):
            warnings.simplefilter("always")
            try:
                result = ["value", self.space[name](*args, **kwargs)]
            except BaseException as error:
                result = ["raised", *self._described(error)]
        told = [[warning.category.__name__, str(warning.message)[:500]] for warning in caught[:MOST_WARNINGS]]
        after = encode([args, kwargs], self.wire.functions)
        return [*result, told, None if after == before else [args, kwargs]]

    def _described(self, error: BaseException) -> tuple[dict[str, Any], int | None]:
        return describe(error), getattr(error, "autograder_token", None)

    def _caller(self, number: int) -> Callable[..., Any]:
        """Return a function that asks the judge to call its function of this number."""

        def function(*args: Any, **kwargs: Any) -> Any:
            self.wire.send([None, "back", number, args, kwargs])
            while True:
                message = self.wire.receive()
                if message[1] == "result":
                    return message[2]
                if message[1] == "failure":
                    _, _, kind, text, token = message
                    error = getattr(builtins, kind)(text)
                    error.autograder_token = token
                    raise error
                self.answer(message)  # the judge's function calls one of ours

        function.autograder_number = number  # type: ignore[attr-defined]
        return function


def parameters(function: Callable[..., Any]) -> list[list[Any]]:
    """Return name, kind and whether there is a default, for each parameter; nothing where Python cannot tell."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return [["args", 2, False], ["kwargs", 4, False]]
    return [[p.name[:100], int(p.kind), p.default is not p.empty] for p in found[:MOST_PARAMETERS]]
