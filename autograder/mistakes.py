"""Named wrong answers and right variants: the decorators that mark them, and their loaders.

`mistakes.py` and `variants.py` of an assignment are ordinary modules. A function `central_difference__one_sided` stands
for the student's `central_difference`; what follows the double underscore is its name. For a question whose answer is
a plain variable, the function takes no argument and returns the value, and the decorator names the variable.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any, TypeVar

from autograder.errors import CourseError

Function = TypeVar("Function", bound=Callable[..., Any])
MARK = "_autograder_answer"


@dataclass(frozen=True)
class Answer:
    """A named answer to a question; `hint` is empty for a right variant, `variable` for a function."""

    name: str
    question: str
    target: str
    hint: str
    variable: str | None
    rtol: float
    function: Callable[..., Any]


def mistake(
    question: str, hint: str, variable: str | None = None, rtol: float = 1e-9
) -> Callable[[Function], Function]:
    """Mark a function as a wrong answer that people give, with the hint for those who gave it.

    `rtol` is how closely a student's numbers must agree with it for the hint to be shown.
    """
    return _marker(question, hint, variable, rtol)


def variant(question: str, variable: str | None = None) -> Callable[[Function], Function]:
    """Mark a function as a right answer found in another way, which must get full marks."""
    return _marker(question, "", variable, 0.0)


def _marker(question: str, hint: str, variable: str | None, rtol: float) -> Callable[[Function], Function]:
    def mark(function: Function) -> Function:
        setattr(function, MARK, (question, hint, variable, rtol))
        return function

    return mark


def load_answers(source: str, filename: str) -> list[Answer]:
    """Run a module's text and return the answers it marks, in their order."""
    space: dict[str, Any] = {"__name__": filename.removesuffix(".py"), "__file__": filename}
    try:
        exec(compiled(source, filename), space)  # the instructor's own file
    except Exception as error:
        raise CourseError(f"{filename} stops with {type(error).__name__}: {error}") from None
    answers = []
    for name, value in space.items():
        if not hasattr(value, MARK) or name != getattr(value, "__name__", None):
            continue
        question, hint, variable, rtol = getattr(value, MARK)
        target, separator, label = name.partition("__")
        if not separator or not label or not target:
            raise CourseError(f"{filename}: {name} must be called <the student's name>__<name of the answer>.")
        if variable is not None and variable != target:
            raise CourseError(
                f"{filename}: {name} answers the variable {variable!r}, so it must be called {variable}__{label}."
            )
        answers.append(Answer(name, question, target, hint, variable, rtol, value))
    return answers


@functools.lru_cache(maxsize=50)
def compiled(source: str, filename: str) -> CodeType:
    """Return a module's code; the same text is compiled once."""
    return compile(source, filename, "exec")


def splice(cell: str, answer: Answer, module: str) -> str:
    """Return the solution cell with the answer in the place of the student's function or variable."""
    text = _renamed(answer, module)
    lines = [line for line in cell.split("\n") if "BEGIN SOLUTION" not in line and "END SOLUTION" not in line]
    node = _definition(ast.parse("\n".join(lines)), answer.target)
    if node is None:
        raise CourseError(
            f"{answer.name}: the answer cell of question {answer.question!r} defines no {answer.target!r}."
        )
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    if answer.variable:
        text += f"\n\n{answer.target} = _{answer.target}()"
    return "\n".join([*lines[: first - 1], *text.split("\n"), *lines[node.end_lineno or node.lineno :]])


def _definition(tree: ast.Module, name: str) -> ast.stmt | None:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
        if isinstance(node, ast.Assign) and any(
            isinstance(item, ast.Name) and item.id == name for item in node.targets
        ):
            return node
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return node
    return None


def _renamed(answer: Answer, module: str) -> str:
    """Return the answer's text under the student's name, with what it uses from its module before it."""
    tree = ast.parse(module)
    definitions: dict[str, ast.stmt] = {}
    for node in tree.body:
        for name in _bound_names(node):
            definitions[name] = node
    own = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == answer.name)
    own.decorator_list = []
    needed: list[ast.stmt] = []
    waiting: list[ast.stmt] = [own]
    while waiting:
        for name in {item.id for item in ast.walk(waiting.pop()) if isinstance(item, ast.Name)}:
            found = definitions.get(name)
            if found is not None and found is not own and found not in needed:
                needed.append(found)
                waiting.append(found)
    new_name = f"_{answer.target}" if answer.variable else answer.target
    for item in ast.walk(own):
        if isinstance(item, ast.Name) and item.id == answer.name:
            item.id = new_name
    own.name = new_name
    parts = [node for node in tree.body if node in needed]
    return "\n".join(ast.unparse(node) for node in [*parts, own])


def _bound_names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and node.module == "autograder.mistakes":
            return []
        return [(item.asname or item.name).split(".")[0] for item in node.names]
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []
