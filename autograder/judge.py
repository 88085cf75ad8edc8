"""Runs a submission: the student's cells in the child, the test cells here, and says what came of each.

A test cell's own names, its imports, the builtins and what the author's notebook imports are the judge's. Every other
name it uses is the notebook's: a function becomes a stand-in that calls it in the child, data comes over as a value.
"""

from __future__ import annotations

import builtins
import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from autograder.hints import find_hints
from autograder.prepared import Prepared, author_imports, code_of, prepare, run_prepared
from autograder.session import WALL, WALL_SPARE, ChildLost, Session, stand_in
from autograder.shell import describe
from autograder.tracebacks import traceback_lines
from autograder.watch import Watch

RESOURCES = ("timeout", "memory", "disk")  # what a busy machine may have to do with; tried once more before it counts
HINT_SECONDS = 10.0


class TooLong(BaseException):
    """A test cell has taken too long here, in the judge."""


class Opaque:
    """Stands for something of the notebook's that cannot come over; using it says so."""

    def __init__(self, sentence: str) -> None:
        self.__dict__["sentence"] = sentence

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(self.__dict__["sentence"])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError(self.__dict__["sentence"])


def judge(server: Any, shell: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Run all cells of one submission; return their reports, the hints, and the seconds it took.

    What the judge had to import for it is told as well, so that it is there already for the next submission.
    """
    # What is imported from now on stands behind this module. To look at all of them is slow in a process just forked.
    sys.modules[__name__] = sys.modules.pop(__name__)
    found = Judge(server, shell, job).run()
    return {**found, "imported": sorted(takewhile(lambda name: name != __name__, reversed(sys.modules)))}


class Judge:
    """One submission on its way."""

    def __init__(self, server: Any, shell: Any, job: dict[str, Any]) -> None:
        self.shell, self.job = shell, job
        self.session = Session(server, job)
        self.space: dict[str, Any] = shell.user_ns
        self.bare = dict(self.space)
        self.left: dict[str, Any] = {}  # by earlier test cells
        self.imports = job.get("imports") or author_imports(job["answers"])
        self.watch = Watch(self.space, job["questions"])
        self.given_up: set[str] = set()
        self.seen: dict[str, list[Any]] = {}  # functions of the notebook since its last cell ran, and their parameters

    def run(self) -> dict[str, Any]:
        """Run the cells in their order."""
        began = time.monotonic()
        done: dict[str, Any] = {}
        try:
            for position, step in enumerate(self.job["steps"]):
                if self.session.out_of_time():
                    done[step["key"]] = {"died": "submission timeout", "outputs": []}
                    continue
                done[step["key"]] = self._step(position, step)
            hints = self._hints(len(self.job["steps"]))
        finally:
            self.session.end()
        return {"steps": done, "hints": hints, "seconds": time.monotonic() - began}

    def _step(self, position: int, step: dict[str, Any]) -> dict[str, Any]:
        """Run one cell, once more in a new child where it was stopped for its use of time or memory and that counts."""
        report: dict[str, Any] = {}
        counts = any(later["role"] == "test" for later in self.job["steps"][position:])
        for attempt in range(2):
            try:
                self._restore(position)
                if step["role"] == "test":
                    return self._test(step)
                self.seen.clear()
                return self.session.run(step["key"], step["source"])
            except ChildLost as lost:
                report = {"died": lost.why, "outputs": []}
                if attempt or not counts or lost.why not in RESOURCES or self.session.out_of_time():
                    break
        if step["role"] != "test":
            self.given_up.add(step["key"])
        return report

    def _restore(self, position: int) -> None:
        """Have a child in which the cells before this one have been run, but for those that end a child."""
        while self.session.child is None:
            self.seen.clear()
            self.session.start()
            for step in self.job["steps"][:position]:
                if step["role"] == "test" or step["key"] in self.given_up:
                    continue
                try:
                    self.session.run(step["key"], step["source"])
                except ChildLost:
                    self.given_up.add(step["key"])  # it did no harm the first time
                    break

    def _test(self, step: dict[str, Any]) -> dict[str, Any]:
        """Run a test cell here."""
        key, question = step["key"], step["question"]
        cell = self.job.get("prepared", {}).get(key) or prepare(self.shell, key, step["source"])
        self.session.start_clock()
        self._furnish(question, cell)
        with self.watch.during(question), time_limit(self.job["limits"]["cell_seconds"] * WALL + 2 * WALL_SPARE):
            outputs, error = run_prepared(self.shell, key, cell, self.job["limits"]["output_kib"] << 10)
        self.left |= {name: value for name, value in self.space.items() if name not in self.bare}
        self._clear()
        if isinstance(error, ChildLost):
            raise error
        if self.session.child is None:  # the test caught what it should not have
            raise ChildLost("closed the connection")
        if isinstance(error, TooLong):
            return {"outputs": outputs, "died": "timeout"}
        report: dict[str, Any] = {"outputs": outputs}
        if error is not None:
            about = report["error"] = describe(error)
            outputs[:] = [output for output in outputs if output["output_type"] != "error"]  # IPython's, if it ran this
            sources = {own["key"]: own["source"] for own in self.job["steps"]}
            lines = traceback_lines(error, about, sources, key)
            self.shell.outputs.error(about["kinds"][0], about["message"], lines)
            self.watch.failed(question, error)
        return report

    def _furnish(self, question: str, cell: Prepared) -> None:
        """Put under every name that the test cell uses what it stands for."""
        self._clear()
        own = set(self.job["questions"].get(question, []))
        theirs = []
        for name in cell.names:
            if name in own:
                theirs.append(name)
            elif name in cell.made:
                continue
            elif name in self.imports:
                with contextlib.suppress(Exception):
                    exec(code_of(self.imports[name]), self.space)
            elif name not in self.bare and not hasattr(builtins, name):
                theirs.append(name)
        unseen = [name for name in theirs if name not in self.seen]
        found = self.seen | dict(zip(unseen, self.session.look(unseen), strict=True))
        for name in theirs:
            kind, *details = found[name]
            if kind == "function":
                self.seen[name] = found[name]
                self.space[name] = stand_in(self.session, name, details[0] if details else None)
            elif kind == "value":
                self.space[name] = details[0] if details else None
            elif kind == "unsendable":
                self.space[name] = Opaque(f"{name}: {str(details[0])[:300] if details else ''}.")
            elif name in self.left:
                self.space[name] = self.left[name]

    def _clear(self) -> None:
        self.space.clear()
        self.space.update(self.bare)

    def _hints(self, position: int) -> dict[str, Any]:
        """Look for named mistakes that did on every recorded call what the student's answer did."""
        found: dict[str, Any] = {}
        try:
            self._restore(position)
            self.session.start_clock()
            self.space.update(self.left)
            with time_limit(HINT_SECONDS):
                for question, hint in find_hints(self.watch, self.job):
                    found[question] = hint
        except (ChildLost, TooLong):
            pass  # a hint is a help, not a verdict
        return found


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLong where what runs inside takes longer."""

    def too_long(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
