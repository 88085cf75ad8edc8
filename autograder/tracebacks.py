"""What a test cell that stopped puts out: the lines of the notebook it came through, and none of the grading's own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

AROUND = 2  # lines shown before and after the one that stopped
WIDTH = 75


def traceback_lines(error: BaseException, about: Mapping[str, Any], sources: Mapping[str, str], own: str) -> list[str]:
    """Return a traceback as Jupyter lays it out.

    `about` is what `shell.describe` told of the error, `sources` are the notebook's cells by key, `own` is the key of
    the test cell. An error that draws itself, as those of a library's checks may, is left to that.
    """
    if hasattr(error, "_render_traceback_"):
        return [str(line) for line in error._render_traceback_()]
    name = about["kinds"][0]
    found = ["-" * WIDTH, name + "Traceback (most recent call last)".rjust(WIDTH - len(name))]
    for (key, number), same in groupby(map(tuple, about["frames"])):
        lines = sources.get(key, "").split("\n")
        if not 0 < number <= len(lines):
            continue
        times = len(list(same))
        again = f" ({times} times)" if times > 1 else ""
        found.append(f"{'This cell' if key == own else f'Cell {key}'}, line {number}{again}")
        for at in range(max(1, number - AROUND), min(len(lines), number + AROUND) + 1):
            found.append(f"{'---->' if at == number else '':>5} {at:>2} {lines[at - 1]}".rstrip())
        found.append("")
    return [*found, f"{name}: {about['message']}" if about["message"] else name]
