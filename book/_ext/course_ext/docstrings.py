"""Let autodoc read the library's docstrings, whose formulas are written in plain text.

In reStructuredText `|z|` asks for a substitution. Outside code the bars are escaped, so that they stay bars. The
aliases that a NamedTuple makes of its fields are no documentation and are left out.
"""

import re
from typing import Any

from sphinx.application import Sphinx

IN_CODE = re.compile(r"(``.*?``|`[^`]*`)")


def escape_bars(line: str) -> str:
    """Escape every | outside `code` and ``literals``."""
    if line.lstrip().startswith((">>>", "...")):
        return line
    parts = IN_CODE.split(line)
    return "".join(part if position % 2 else part.replace("|", r"\|") for position, part in enumerate(parts))


def process_docstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    in_doctest = False
    for position, line in enumerate(lines):
        in_doctest = line.lstrip().startswith(">>>") or (in_doctest and bool(line.strip()))
        if not in_doctest:
            lines[position] = escape_bars(line)


def skip_member(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None


def setup(app: Sphinx) -> dict:
    app.connect("autodoc-process-docstring", process_docstring)
    app.connect("autodoc-skip-member", skip_member)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
