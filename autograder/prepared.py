"""Test cells made ready once for a whole class: compiled, and with the names they take from the notebook.

A cell in plain Python is run here without IPython's work per statement; what it prints, shows and raises is kept alike.
"""

from __future__ import annotations

import ast
import functools
import re
import symtable
import sys
import warnings
from dataclasses import dataclass
from types import CodeType
from typing import Any

from autograder.shell import Shell, Stream, run_cell

MAGIC = re.compile(r"^[%!].*$", re.MULTILINE)
INDENTED_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Prepared:
    """A test cell: the global names it reads but does not import, its code, and that of a last expression to show.

    `made` are those among the names that it gives a value itself before it reads them.
    """

    source: str
    names: tuple[str, ...]
    made: frozenset[str] = frozenset()
    body: CodeType | None = None  # None where IPython has to run it: it is not plain Python
    last: CodeType | None = None


def prepare(shell: Shell, key: str, source: str) -> Prepared:
    """Compile a test cell under the file name that its errors are told by."""
    plain = source if source.endswith("\n") else f"{source}\n"
    try:
        tree = ast.parse(plain)
        made = names_made(tree)
        shown = tree.body[-1] if tree.body and not source.rstrip().endswith(";") else None
        last = ast.Expression(tree.body.pop().value) if isinstance(shown, ast.Expr) else None  # type: ignore[attr-defined]
        code = [None if part is None else compile(part, f"<{key}>", how, dont_inherit=True)
                for part, how in ((tree, "exec"), (last, "eval"))]  # fmt: skip
    except (SyntaxError, ValueError):
        return Prepared(source, tuple(names_used(shell.transform_cell(source))))
    return Prepared(source, tuple(names_used(plain)), made, *code)


def run_prepared(
    shell: Shell, key: str, cell: Prepared, limit: int
) -> tuple[list[dict[str, Any]], BaseException | None]:
    """Run a test cell in the shell's names; return its outputs and what it raised, which is shown by the caller."""
    if cell.body is None:
        return run_cell(shell, key, cell.source, limit)
    shell.outputs.start(limit)
    shell.compile.key = key  # type: ignore[attr-defined]
    sys.stdout, sys.stderr = Stream(shell.outputs, "stdout"), Stream(shell.outputs, "stderr")  # type: ignore[assignment]
    raised: BaseException | None = None
    with warnings.catch_warnings(), shell.builtin_trap, shell.display_trap:
        try:
            exec(cell.body, shell.user_ns)
            if cell.last is not None and (value := eval(cell.last, shell.user_ns)) is not None:
                hook: Any = shell.displayhook
                hook.write_format_data(*hook.compute_format_data(value))
        except BaseException as error:  # the test's own, or that the child is lost, or that the time is up
            raised = error
        shell.events.trigger("post_execute")  # plots
    return shell.outputs.items, raised


def names_used(source: str) -> list[str]:
    """Return the global names that a cell reads but does not import, sorted."""
    try:
        table = symtable.symtable(source, "<test>", "exec")
    except (SyntaxError, ValueError):
        return []
    imported = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_imported()}
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    waiting = list(table.get_children())
    while waiting:
        inner = waiting.pop()
        waiting += inner.get_children()
        found |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
    return sorted(found - imported)


def names_made(tree: ast.Module) -> frozenset[str]:
    """Return the names that a cell surely gives a value before anything in it can read them."""
    made: set[str] = set()
    read: set[str] = set()
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        stored = {id(node) for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
        fresh = {statement.name} if isinstance(statement, ast.FunctionDef | ast.ClassDef) else set()
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                if id(node) in stored and isinstance(node.ctx, ast.Store):
                    fresh.add(node.id)
                elif node.id not in made:  # also where it is stored: perhaps only on some way, perhaps added to
                    read.add(node.id)
        made |= fresh - read
    return frozenset(made)


def author_imports(cells: list[dict[str, Any]]) -> dict[str, str]:
    """Return the names that the author's notebook imports, each with the statement that does it."""
    return {name: statement for cell in cells for name, statement in imports_of(cell["source"])}


@functools.lru_cache(maxsize=1000)
def code_of(statement: str) -> CodeType:
    """Return the code of an import; the same one is compiled once."""
    return compile(statement, "<import>", "exec")


@functools.lru_cache(maxsize=1000)
def imports_of(source: str) -> tuple[tuple[str, str], ...]:
    """Return what one cell imports; the same text is parsed once."""
    return tuple(
        (alias.asname or alias.name.split(".")[0], ast.unparse(type(node)(**{**vars(node), "names": [alias]})))
        for node in statements(source)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def statements(source: str) -> list[ast.stmt]:
    """Return the statements of a cell without its magics; none where the rest is not Python."""
    for magic in (MAGIC, INDENTED_MAGIC):  # what begins with % within a statement is none, as long as that is Python
        try:
            return ast.parse(magic.sub("", source)).body
        except SyntaxError:
            continue
    return []
