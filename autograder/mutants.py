"""Mechanical changes of the author's answers: does a test notice each of them?

A mutant is the solution with one small change: another operator, constant, comparison or axis, a dropped transpose,
term, keyword or statement, two arguments swapped. Each is graded like a submission, against the tests of its question.
One that keeps all points has survived: either a test is missing, or the change changes nothing a student could be held
to. The latter are listed with the reason in ``equivalents.toml`` beside the solution.
"""

from __future__ import annotations

import ast
import copy
import difflib
import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.classroom import notebook, solution_sources
from autograder.course import Course
from autograder.errors import CourseError
from autograder.fleet import Work, grade_all, own_work
from autograder.manifest import Cell, Manifest
from autograder.source import Limits
from autograder.submission import parse_submission

PATIENCE = 5.0  # seconds a cell, and all cells: solutions need a tenth, and a change may loop for ever
GOAL = 0.95  # the share of the mutants of a question that its tests must notice, equivalents left out

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
TWINS = {
    name: other
    for pair in (
        ("maximum", "minimum"), ("max", "min"), ("argmax", "argmin"), ("sum", "mean"), ("zeros", "ones"),
        ("zeros_like", "ones_like"), ("any", "all"), ("exp", "expm1"), ("log", "log1p"), ("cumsum", "cumprod"),
    )
    for name, other in (pair, pair[::-1])
}  # fmt: skip
SYMMETRIC = {"maximum", "minimum", "max", "min", "add", "multiply", "array_equal"}  # swapping arguments says nothing
HARMLESS = {"strict"}  # keywords that matter for wrong programs only


@dataclass(frozen=True, order=True)
class Mutant:
    """One change of the answer to a question; `change` is ``old lines -> new lines``, and names it in lists."""

    question: str
    place: str
    change: str
    source: str = field(compare=False, repr=False)


@dataclass(frozen=True)
class Score:
    """How the tests of a question did; `listed` are survivors with a reason, `stale` reasons without a survivor."""

    question: str
    total: int
    alive: list[Mutant]
    listed: list[Mutant]
    stale: list[str]

    @property
    def share(self) -> float:
        """The share of the mutants that were noticed, equivalents left out."""
        counted = self.total - len(self.listed)
        return 1.0 if counted == 0 else (counted - len(self.alive)) / counted

    @property
    def holds(self) -> bool:
        return self.share >= GOAL and not self.alive and not self.stale


def mutants_of(manifest: Manifest) -> list[Mutant]:
    """Return the mutants of all automatic questions, in the order of the notebook."""
    return [
        mutant
        for cell in manifest.cells
        if cell.kind == "answer" and cell.question
        for mutant in mutate(cell.full, str(cell.question))
    ]


def mutate(source: str, question: str) -> list[Mutant]:
    """Return the mutants of one answer cell; only what stands in its solution regions is changed."""
    plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))
    tree = ast.parse(plain)
    whole = ast.unparse(tree)
    region = _region(source)
    found: dict[str, Mutant] = {}
    for path, node, place in _walk(tree):
        if getattr(node, "lineno", -1) not in region:
            continue
        for changed in _changes(node):
            text = ast.unparse(ast.fix_missing_locations(_with(tree, path, changed)))
            if text != whole and text not in found and _is_valid(text):
                found[text] = Mutant(question, place, _difference(whole, text), text)
    return list(found.values())


def _region(source: str) -> set[int]:
    """Return the numbers of the lines between the solution marks; of all lines where there are none."""
    inside, numbers = False, set()
    lines = source.split("\n")
    for number, line in enumerate(lines, 1):
        if "BEGIN SOLUTION" in line:
            inside = True
        elif "END SOLUTION" in line:
            inside = False
        elif inside:
            numbers.add(number)
    return numbers or set(range(1, len(lines) + 1))


Path = tuple[tuple[str, int | None], ...]  # the way to a node: the fields, with the place in a list


def _walk(node: ast.AST, path: Path = (), place: str = "") -> Iterator[tuple[Path, ast.AST, str]]:
    """Yield every node with its path and the function it stands in; messages of errors and docstrings are left out."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert):
        return
    if isinstance(node, ast.keyword) and node.arg in HARMLESS:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        place = f"{place}.{node.name}".lstrip(".")
    yield path, node, place
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _walk(item, (*path, (name, number)), place)
        elif isinstance(value, ast.AST):
            yield from _walk(value, (*path, (name, None)), place)


def _with(tree: ast.Module, path: Path, changed: ast.AST | None) -> ast.Module:
    """Return a copy of the tree with another node at the end of the path, or without it for None."""
    made = copy.deepcopy(tree)
    at: Any = made
    for name, number in path[:-1]:
        at = getattr(at, name) if number is None else getattr(at, name)[number]
    name, number = path[-1]
    if number is None:
        setattr(at, name, changed)
    elif changed is None:
        del getattr(at, name)[number]
        if name == "body" and not at.body:
            at.body.append(ast.Pass())
    else:
        getattr(at, name)[number] = changed
    return made


def _is_valid(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _difference(old: str, new: str) -> str:
    """Return the lines taken out and put in."""
    lines = list(difflib.ndiff(old.split("\n"), new.split("\n")))
    out = [line[2:].strip() for line in lines if line.startswith("- ")]
    put = [line[2:].strip() for line in lines if line.startswith("+ ")]
    return f"{' ; '.join(out) or '(nothing)'} -> {' ; '.join(put) or '(nothing)'}"


def _changes(node: ast.AST) -> Iterator[ast.AST | None]:
    """Yield what may stand in the place of a node; None where it is left out."""
    match node:
        case ast.BinOp():
            for other in OPERATORS.get(type(node.op), ()):
                yield ast.BinOp(node.left, other(), node.right)
            yield node.left
            yield node.right
            if not isinstance(node.op, ast.Add | ast.Mult):
                yield ast.BinOp(node.right, node.op, node.left)
        case ast.UnaryOp():
            yield node.operand
        case ast.Compare(ops=[operator]):
            for comparison in COMPARISONS.get(type(operator), ()):
                yield ast.Compare(node.left, [comparison()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            yield from node.values
        case ast.Constant():
            yield from _constants(node)
        case ast.Call():
            yield from _calls(node)
        case ast.Attribute(attr="T" | "mT"):
            yield node.value
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Slice():
            for bound in ("lower", "upper", "step"):
                if getattr(node, bound) is not None:
                    yield _copy_with(node, bound, None)
        case ast.Return(value=ast.Tuple(elts=elements)) if len(elements) > 1:
            for number in range(len(elements) - 1):
                yield ast.Return(ast.Tuple(_swapped(elements, number), ast.Load()))
        case ast.AugAssign():
            for other in OPERATORS.get(type(node.op), ()):
                yield ast.AugAssign(node.target, other(), node.value)
            yield ast.Assign([node.target], node.value)
            yield None
        case ast.If():
            yield _copy_with(node, "test", ast.UnaryOp(ast.Not(), node.test))
            yield None
        case ast.Assign(targets=[ast.Subscript()]) | ast.Expr(value=ast.Call()):
            yield None
        case ast.Assign(targets=[ast.Name(id=name)]) if name in {
            item.id for item in ast.walk(node.value) if isinstance(item, ast.Name)
        }:
            yield None  # z = f(z): without it the name is still there


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        if value > 0:
            yield ast.Constant(value - 1)
    elif isinstance(value, str) and "->" in value:  # the axes of einsum's result, in another order
        inputs, _, result = value.partition("->")
        for number in range(len(result) - 1):
            letters = list(result)
            letters[number], letters[number + 1] = letters[number + 1], letters[number]
            yield ast.Constant(f"{inputs}->{''.join(letters)}")


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in TWINS:
        if isinstance(node.func, ast.Attribute):
            yield _copy_with(node, "func", ast.Attribute(node.func.value, TWINS[name], ast.Load()))
        else:
            yield _copy_with(node, "func", ast.Name(TWINS[name], ast.Load()))
    arguments = [item for item in node.args if not isinstance(item, ast.Starred)]
    if name not in SYMMETRIC and len(arguments) == len(node.args):
        for number in range(len(arguments) - 1):
            yield _copy_with(node, "args", _swapped(arguments, number))
    for number, keyword in enumerate(node.keywords):
        if keyword.arg not in HARMLESS:
            yield _copy_with(node, "keywords", node.keywords[:number] + node.keywords[number + 1 :])
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant | ast.UnaryOp):
            for axis in (0, 1):
                other = [*node.keywords[:number], ast.keyword("axis", ast.Constant(axis)), *node.keywords[number + 1 :]]
                yield _copy_with(node, "keywords", other)
    if isinstance(node.func, ast.Attribute):
        of_module = isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy", "math")
        if not of_module and name in ("transpose", "swapaxes", "copy", "astype", "reshape", "ravel", "sum", "mean"):
            yield node.func.value
        if of_module and node.args and (len(node.args) == 1 or name in ("transpose", "swapaxes", "sum", "mean")):
            yield node.args[0]


def _copy_with(node: Any, name: str, value: Any) -> Any:
    made = copy.copy(node)
    setattr(made, name, value)
    return made


def _swapped(items: Sequence[ast.expr], number: int) -> list[ast.expr]:
    made = list(items)
    made[number], made[number + 1] = made[number + 1], made[number]
    return made


def equivalents(course: Course, manifest: Manifest) -> dict[tuple[str, str, str], str]:
    """Return the listed equivalents: question, function and change, with the reason."""
    path = course.solutions / manifest.assignment / "equivalents.toml"
    if not path.is_file():
        return {}
    listed: dict[tuple[str, str, str], str] = {}
    try:
        for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", []):
            for change in entry["changes"]:
                listed[entry["question"], entry["function"], change] = entry["reason"].strip()
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{course.show(path)} cannot be read ({type(error).__name__}: {error}). It holds entries [[equivalent]] "
            "with question, function, changes (a list) and reason."
        ) from None
    for (question, _, change), reason in listed.items():
        if len(reason) < 20:
            raise CourseError(f"{course.show(path)}: {question}: {change}: give the reason in a sentence.")
    return listed


def prove_mutants(
    course: Course,
    manifest: Manifest,
    *,
    jobs: int = 0,
    every: int = 1,
    on_mutant: Callable[[], None] = lambda: None,
) -> list[Score]:
    """Grade the mutants of an assignment, all or every n-th of them, and return a score for each question."""
    chosen = mutants_of(manifest)[::every]
    reduced = {question: only_question(manifest, question) for question in {mutant.question for mutant in chosen}}
    solved = solution_sources(manifest)
    works = {}
    for number, mutant in enumerate(chosen):
        small = reduced[mutant.question]
        data = json.dumps(notebook(small, {**solved, mutant.question: mutant.source})).encode()
        key = f"mutant-{number:04d}"
        works[key] = mutant, Work(small, parse_submission(data, small, key))
    survived = []
    for work, result in grade_all([work for _, work in works.values()], jobs=jobs, make_executor=own_work):
        mutant = works[work.submission.student][0]
        if result is None:
            raise CourseError(
                f"{mutant.question}: {mutant.change}: could not be graded, the process was lost each time."
            )
        if result.auto_score == result.auto_max:
            survived.append(mutant)
        on_mutant()
    listed = equivalents(course, manifest)
    return [
        _score(question.id, [mutant for mutant in chosen if mutant.question == question.id], survived, listed, every)
        for question in manifest.questions
        if not question.written
    ]


def _score(
    question: str, chosen: list[Mutant], survived: list[Mutant], listed: dict[tuple[str, str, str], str], every: int
) -> Score:
    def name(mutant: Mutant) -> tuple[str, str, str]:
        return mutant.question, mutant.place, mutant.change

    alive = sorted(mutant for mutant in survived if mutant.question == question)
    names = {name(mutant) for mutant in alive}
    stale = []
    for entry in listed:
        if entry[0] == question and entry not in names and (every == 1 or entry in map(name, chosen)):
            stale.append(f"{entry[1]}: {entry[2]}: listed as equivalent, but noticed by a test, or no mutant any more")
    return Score(
        question,
        len(chosen),
        [mutant for mutant in alive if name(mutant) not in listed],
        [mutant for mutant in alive if name(mutant) in listed],
        stale,
    )


def only_question(manifest: Manifest, question: str) -> Manifest:
    """Return the assignment up to the last test of one question, without other tests and hints, with less patience."""

    def stays(cell: Cell) -> bool:
        return cell.kind != "test" or cell.question == question

    seconds = min(PATIENCE, manifest.limits.cell_seconds)
    limits: Limits = replace(manifest.limits, cell_seconds=seconds, submission_seconds=seconds)
    questions = [item for item in manifest.questions if item.id == question]
    cells = [cell for cell in manifest.cells if stays(cell)]
    last = max(number for number, cell in enumerate(cells) if cell.kind == "test")
    return replace(manifest, cells=cells[: last + 1], questions=questions, mistakes="", limits=limits)
