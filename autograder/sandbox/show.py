"""What `autograder sandbox` prints: the level of this host, and what came of every attempt to break out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from autograder.sandbox.attempts import Outcome
from autograder.sandbox.levels import ALL, Level


def attempts_table(outcomes: Sequence[Outcome]) -> Table:
    """Return a table with a row per attempt: without a sandbox, with each protection alone, with all."""
    table = Table(title="Attempts to break out", title_justify="left")
    for name in ("reach", "attempt", "without", *ALL, "together", "the answer"):
        table.add_column(name, overflow="fold")
    last = ""
    for outcome in outcomes:
        attempt = outcome.attempt
        alone = [_word(outcome.alone.get(name)) for name in ALL]
        without = Text({True: "works", False: "fails", None: "–"}[outcome.unprotected])
        reach = attempt.reach if attempt.reach != last else ""
        table.add_row(reach, attempt.name, without, *alone, _word(outcome.together), Text(short(outcome.how)))
        last = attempt.reach
    return table


def _word(worked: bool | None) -> Text:
    if worked is None:
        return Text("–")
    return Text("OPEN", style="red bold") if worked else Text("held", style="green")


def short(how: str, most: int = 32) -> str:
    """Return the words of an error, without its number and the path it is about."""
    how = re.sub(r"\[Errno \d+\] |: '[^']*'$", "", how.partition(": ")[2] or how)
    return how if len(how) <= most else f"{how[: most - 1]}…"


def as_json(level: Level, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return everything as plain data."""
    return {
        "level": level.name,
        "isolates": level.isolates,
        "protections": list(level.protections),
        "missing": level.missing,
        "holds": level.isolates and all(outcome.holds for outcome in outcomes),
        "attempts": [
            {
                "reach": outcome.attempt.reach,
                "attempt": outcome.attempt.name,
                "works_without": outcome.unprotected,
                "open_with_one": outcome.alone,
                "open": outcome.together,
                "how": outcome.how,
            }
            for outcome in outcomes
        ],
    }
