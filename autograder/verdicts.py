"""The words for what came of a check, and the sentences a student reads about it."""

from __future__ import annotations

import re
from typing import Any

PASSED = "passed"
FAILED = "failed"
ERROR = "error"
TIMEOUT = "timeout"
MEMORY = "out of memory"
CRASHED = "crashed"
TOO_MUCH = "too much output"
FORBIDDEN = "forbidden"
MISSING = "missing"
MALFORMED = "malformed"
INFRASTRUCTURE = "infrastructure error"
NEEDS_MANUAL = "needs_manual"

WORDS = {
    PASSED: "right",
    FAILED: "not right yet",
    ERROR: "stopped with an error",
    TIMEOUT: "took too long",
    MEMORY: "took too much memory",
    CRASHED: "ended the whole run",
    TOO_MUCH: "wrote too much",
    FORBIDDEN: "tried what is not allowed",
    MISSING: "not answered",
    MALFORMED: "could not be read",
    NEEDS_MANUAL: "marked by hand",
}
NOT_ANSWERED = "Question not answered yet."
NOT_WRITTEN = "No answer was written."

MEANINGS = {
    "NameError": "Nothing has defined this name: look at its spelling, and whether its cell runs without an error.",
    "IndexError": "An index lies outside the array or list it is used on.",
    "KeyError": "A dictionary was asked for a key that it does not have.",
    "AttributeError": "Something has no attribute or method of that name; perhaps its type is not what you expect.",
    "ZeroDivisionError": "A number was divided by zero.",
    "RecursionError": "A function calls itself without end.",
    "ModuleNotFoundError": "There is no such module here.",
    "ImportError": "This import is not possible here.",
    "SyntaxError": "This is not valid Python, so the whole cell was not run.",
    "IndentationError": "The indentation is not valid Python, so the whole cell was not run.",
    "EOFError": "Nobody can answer input() while work is graded; give the value to the function instead.",
    "PermissionError": "This is not allowed while work is graded: an answer computes with what it is given, "
    "without files, network or other processes.",
    "SystemExit": "Your code asked Python to exit; leave exit() and sys.exit() out.",
}

BY_KIND = {"MemoryError": MEMORY, "TooMuchOutput": TOO_MUCH, "PermissionError": FORBIDDEN}

# What NumPy and Python say in words that a beginner cannot read, and what it means: (a part of the message, meaning).
MESSAGE_MEANINGS = (
    (
        "mismatch in its core dimension",
        "Two arrays do not fit together in a product: the last length of the first must be the first length of the "
        "second. Print both shapes; perhaps a .T is missing or one too many, or the factors stand in the wrong order.",
    ),
    (
        "could not be broadcast together",
        "Two arrays of these shapes cannot be combined entry by entry. Print both; perhaps an axis of length 1 "
        "(keepdims=True) is missing.",
    ),
    (
        "object is not subscriptable",
        "Something is indexed that is no array or list; perhaps a function returned nothing, or one value where "
        "several are wanted.",
    ),
    ("cannot unpack non-iterable", "A function returned nothing, or one value where several are wanted."),
    ("values to unpack", "A function returned another number of values than is wanted."),
    ("positional argument", "A function is called with another number of arguments than its definition takes."),
)


def of_error(error: dict[str, Any]) -> str:
    """Return the verdict for an exception that a test cell ended with."""
    kinds = error["kinds"]
    if "AssertionError" in kinds:
        return FAILED
    if "NotImplementedError" in kinds:
        return MISSING
    return next((verdict for kind, verdict in BY_KIND.items() if kind in kinds), ERROR)


def of_death(died: str) -> str:
    """Return the verdict for a cell in which the child ended."""
    if died.endswith("timeout"):
        return TIMEOUT
    return {"memory": MEMORY, "disk": TOO_MUCH, "signal SIGSYS": FORBIDDEN}.get(died, CRASHED)


def explain_error(error: dict[str, Any], shown_line: str = "") -> str:
    """Return the sentences for an exception; `shown_line` is the line of a visible test that raised it."""
    kind, message = error["kinds"][0], error["message"].strip()
    if "AssertionError" in error["kinds"]:
        if message:
            return message
        return f"This check failed: {shown_line}" if shown_line else "A check that is not shown failed."
    if "NotImplementedError" in error["kinds"]:
        return NOT_ANSWERED
    if "MemoryError" in error["kinds"]:
        return "Your code asked for more memory than it may use."
    if kind == "TooMuchOutput":
        return "Your code printed far more than is kept and was stopped. Look for a print in a loop that does not end."
    if kind in ("ImportError", "ModuleNotFoundError"):
        message = re.sub(r" \([^()]*\)$", "", message)  # where the package lies on the grading machine
    text = f"{kind}: {message}" if message else kind
    meaning = next((words for part, words in MESSAGE_MEANINGS if part in message), MEANINGS.get(kind, ""))
    return f"{text if re.search(r'[.!?]$', text) else text + '.'} {meaning}".strip()


def explain_death(died: str, cell_seconds: float, submission_seconds: float) -> str:
    """Return the sentence for a cell in which the child ended."""
    if died == "submission timeout":
        return f"The whole notebook took longer than {submission_seconds:g} seconds, so this was not run."
    if died == "timeout":
        return f"This took longer than {cell_seconds:g} seconds and was stopped. Look for a loop that does not end."
    if died == "memory":
        return "Your code used up all the memory that it may have here."
    if died == "disk":
        return "Your code wrote more into files than it may."
    if died == "signal SIGSYS":
        return "Your code asked the operating system for something that is not allowed here, and was stopped."
    if died == "broken wire":
        return "Your code disturbed the connection to the grader here, so nothing could be checked."
    return f"Your code ended the whole Python process here ({died}), so nothing could be checked."
