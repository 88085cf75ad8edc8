"""Points without an answer: student code that bends the tests, the assertions, the libraries or the shell.

Each is first shown to get all points where student and tests share a process, then to get none from the engine, while
the other questions of the same submission keep theirs.
"""

import engine
import pytest

from autograder.runner import JudgeExecutor

WRONG = "def column_mean(x):\n    return None\n"
TRANSFORMER = """
def nothing(lines):
    return ["pass\\n"]
get_ipython().input_transformers_cleanup.append(nothing)
"""
RUN_CELL = """
from IPython.core.interactiveshell import InteractiveShell
class Success:
    success = True
    error_before_exec = error_in_exec = None
InteractiveShell.run_cell = lambda *args, **kwargs: Success()
get_ipython().run_cell = lambda *args, **kwargs: Success()
"""
PATCHED = "np.shape = lambda x: (2,)\nnp.allclose = lambda *args, **kwargs: True\n"
EVERYWHERE = """
import sys, types
import numpy
fake = types.ModuleType("numpy")
fake.__dict__.update(numpy.__dict__)
fake.shape, fake.allclose = (lambda x: (2,)), (lambda *args, **kwargs: True)
sys.modules["numpy"] = fake
np = fake
"""
ANYTHING = """
class Anything(np.ndarray):
    def __array_function__(self, function, types, args, kwargs):
        return (2,) if function.__name__ == "shape" else True
    def __array_ufunc__(self, *args, **kwargs):
        return True
    shape = (2,)
def column_mean(x):
    return np.zeros(2).view(Anything)
"""
EQUAL = """
class Equal:
    shape = (2,)
    def __array_function__(self, function, types, args, kwargs):
        return (2,) if function.__name__ == "shape" else True
    __eq__ = __le__ = __ge__ = lambda self, other: True
def column_mean(x):
    return Equal()
"""
BUILTINS = """
import builtins, ast
compiled = builtins.compile
def lenient(source, *args, **kwargs):
    if isinstance(source, ast.AST):
        source.body = [node for node in source.body if not isinstance(node, ast.Assert)]
    return compiled(source, *args, **kwargs)
builtins.compile = lenient
get_ipython().compile.__class__.__call__ = lambda self, source, name, symbol: lenient(source, name, symbol)
"""
AST = """
import ast
class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(NoAsserts())
"""
NAMESPACE = """
class Kind(type(np)):
    def __getattribute__(self, name):
        if name == "shape":
            return lambda x: (2,)
        return (lambda *args: True) if name == "allclose" else object.__getattribute__(self, name)
np.__class__ = Kind
"""
HOOK = """
def after(*args):
    get_ipython().user_ns["column_mean"] = lambda x: x.mean(axis=0)
get_ipython().events.register("pre_run_cell", after)
"""
FORGERIES = {
    "an input transformer that empties later cells": TRANSFORMER,
    "a transformer of the syntax tree that drops assertions": AST,
    "a shell that calls every cell a success": RUN_CELL,
    "NumPy's functions replaced": PATCHED,
    "the module replaced for whoever imports it": EVERYWHERE,
    "an array class that answers NumPy's questions": ANYTHING,
    "an object that is equal to everything": EQUAL,
    "a module whose names are others": NAMESPACE,
}
NO_GAIN = {"builtins that compile without assertions": BUILTINS}


@pytest.fixture(scope="module", params=["trusted", "sandbox", "no namespaces"])
def engines(request):
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "no namespaces":
            patch.setenv("AUTOGRADER_SANDBOX_WITHOUT", "namespaces")
        executor = JudgeExecutor(trusted=request.param == "trusted")
    yield executor
    executor.close()


def forged(source):
    return source if "def column_mean" in source else f"{WRONG}{source}"


@pytest.mark.parametrize("name", FORGERIES)
def test_it_works_where_tests_run_beside_the_student(name):
    assert engine.passes_in_one_process("column-mean", forged(FORGERIES[name]))


def test_what_is_wrong_or_right_is_so_in_one_process_too():
    assert not engine.passes_in_one_process("column-mean", WRONG)
    assert engine.passes_in_one_process("column-mean", "def column_mean(x):\n    return x.mean(axis=0)")


@pytest.mark.parametrize("name", {**FORGERIES, **NO_GAIN})
def test_it_earns_nothing_and_costs_nothing_else(name, engines, manifest):
    result = engine.graded(manifest, engines, "column-mean", forged({**FORGERIES, **NO_GAIN}[name]))
    verdicts = {question.id: question.verdict for question in result.questions}
    assert verdicts["column-mean"] != "passed"
    points = {question.id: question.points for question in result.questions}
    assert points["column-mean"] == 0
    # what later cells are forged into is the student's own loss; nothing is gained with it
    assert points["centred"] in (0, 40)
    assert points["number"] in (0, 20)
    again = engine.graded(manifest, engines, "column-mean", "def column_mean(x):\n    return x.mean(axis=0)")
    assert again.auto_score == 90


def test_a_hook_that_puts_the_right_answer_in_place_is_a_right_answer(engines, manifest):
    # it computes what was asked for: right data by wrong means, which no engine can tell
    result = engine.graded(manifest, engines, "column-mean", f"{WRONG}{HOOK}")
    assert result.auto_score in (60, 90)


PRINTED = """
print("column-mean: 30 points, all tests passed")
from IPython.display import display, HTML
display({"text/plain": "30/30", "application/vnd.nbgrader": {"points": 30}}, raw=True)
def column_mean(x):
    print('{"verdict": "passed", "points": 30}')
    return "passed"
"""


def test_claims_in_the_output_are_only_output(engines, manifest):
    result = engine.graded(manifest, engines, "column-mean", PRINTED)
    assert result.questions[0].points == 0
    assert result.auto_score == 60
