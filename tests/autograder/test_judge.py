"""A test cell means in the judge what it means in Jupyter: functions, variables, call-backs, warnings, arguments."""

import ast
import functools
import json
import subprocess
import sys

import pytest

from autograder.judge import Judge
from autograder.prepared import author_imports, names_made, names_used, statements
from autograder.runner import JudgeExecutor
from autograder.session import ChildLost

LIMITS = {"cell_seconds": 2, "submission_seconds": 20, "memory_mib": 512, "output_kib": 64}
IMPORTS = "import numpy as np\nimport warnings\nfrom course_lib import checks\n"


@pytest.fixture(scope="module", params=["trusted", "sandbox"])
def judge(request):
    executor = JudgeExecutor(trusted=request.param == "trusted")

    def run(student, *tests, **more):
        """Run a student's cell and then test cells; return the test cells' reports."""
        steps = [{"key": "answer", "role": "answer", "question": "q", "source": f"import numpy as np\n{student}"}]
        steps += [
            {"key": f"test{n}", "role": "test", "question": "q", "source": f"{IMPORTS}{test}"}
            for n, test in enumerate(tests)
        ]
        job = {
            "steps": steps, "questions": {"q": ["f"]}, "answers": [], "mistakes": "", "modules": [],
            "limits": LIMITS | more, "seed": 0,
        }  # fmt: skip
        reports = executor.run(job)["steps"]
        return [reports[f"test{n}"] for n in range(len(tests))]

    yield run
    executor.close()


@functools.cache
def in_jupyter(student, test):
    """Run both cells in one IPython, as Jupyter does; return the kinds of what the test raised, or none."""
    script = (
        "import json, sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "cells = json.load(sys.stdin)\nshell = InteractiveShell.instance()\n"
        "results = [shell.run_cell(cell) for cell in cells]\n"
        "error = results[1].error_in_exec\n"
        "print(json.dumps([k.__name__ for k in type(error).__mro__] if error else []), file=sys.__stderr__)"
    )
    cells = [f"import numpy as np\n{student}", f"{IMPORTS}{test}"]
    done = subprocess.run([sys.executable, "-c", script], input=json.dumps(cells), capture_output=True, text=True)
    return json.loads(done.stderr.strip().splitlines()[-1])


MEANINGS = {
    "a value": ("def f(x): return x + 1", "assert f(1) == 2 and f(np.arange(3)).tolist() == [1, 2, 3]"),
    "a wrong value": ("def f(x): return x", "assert f(1) == 2, 'no'"),
    "keywords and defaults": ("def f(a, b=2, *, c=3): return a, b, c", "assert f(1, c=5) == (1, 2, 5)"),
    "a call-back": (
        "def f(g, x): return g(x + 1) + g(x)",
        "seen = []\ndef g(x):\n    seen.append(x)\n    return 2 * x\nassert f(g, 3) == 14 and seen == [4, 3]",
    ),
    "a ufunc as call-back": ("def f(g): return g(np.zeros(3))", "assert f(np.cos).tolist() == [1, 1, 1]"),
    "a call-back that calls back": (
        "def f(g, n): return n if n == 0 else g(n - 1)",
        "assert f(lambda n: 1 + f(lambda m: m * 10, n), 3) == 21",
    ),
    "an exception of a call-back": (
        "def f(g):\n    try:\n        g()\n    except ValueError as e:\n        return str(e)\n",
        "def g(): raise ValueError('why')\nassert f(g) == 'why'",
    ),
    "an exception that comes through": (
        "def f(g): return g()",
        "class Own(Exception): pass\ndef g(): raise Own\ntry:\n    f(g)\nexcept Own: pass\nelse: raise AssertionError",
    ),
    "a built-in exception": ("def f(): return [][1]", "try:\n    f()\nexcept IndexError:\n    pass"),
    "an exception of one's own": ("class E(KeyError): pass\ndef f(): raise E('k')", "f()"),
    "an argument changed in place": (
        "def f(x):\n    x += 1\n    return x", "x = np.zeros(2)\nf(x)\nassert x.tolist() == [1, 1]",
    ),
    "a list changed in place": ("def f(x):\n    x.append(1)", "x = [0]\nf(x)\nassert x == [0, 1]"),
    "a dictionary changed in place": ("def f(x):\n    x['b'] = x.pop('a')", "x = {'a': 1}\nf(x)\nassert x == {'b': 1}"),
    "nested arguments": (
        "def f(x):\n    x[0][1][:] = 5", "x = ([1, np.zeros(2)],)\nf(x)\nassert x[0][1].tolist() == [5, 5]",
    ),
    "call_unchanged": ("def f(x):\n    x *= 2\n    return x", "checks.call_unchanged(f, np.ones(3))"),
    "call_unchanged of good work": ("def f(x): return 2 * x", "assert checks.call_unchanged(f, np.ones(3)).sum() == 6"),
    "an argument that may not be written": (
        "def f(x):\n    x[0] = 1", "x = np.zeros(2)\nx.flags.writeable = False\nf(x)",
    ),
    "a random generator goes on": (
        "def f(rng): return rng.random(3)",
        "a, b = np.random.default_rng(1), np.random.default_rng(1)\nassert (f(a) == b.random(3)).all()\n"
        "assert a.random() == b.random()",
    ),
    "a warning": (
        "def f(x): return np.exp(x)",
        "with warnings.catch_warnings(record=True) as told:\n"
        "    warnings.simplefilter('always')\n    f(np.array(1e4))\n"
        "assert [w.category for w in told] == [RuntimeWarning] and 'overflow' in str(told[0].message)",
    ),
    "call_without_warnings": ("def f(x): return np.exp(x)", "checks.call_without_warnings(f, np.array(1e4))"),
    "warnings switched off": (
        "np.seterr(all='ignore')\ndef f(x): return np.exp(x)", "checks.call_without_warnings(f, np.array(1e4))",
    ),
    "errors for overflow": (
        "def f(x): return np.exp(x)", "with np.errstate(over='raise'):\n    try:\n        f(np.array(1e4))\n"
        "    except FloatingPointError:\n        pass\n    else:\n        raise AssertionError",
    ),
    "a plain variable": ("f = 5\nwords = {'a': [1.5, None]}", "assert f == 5 and words == {'a': [1.5, None]}"),
    "a variable that is not there": ("f = 5", "assert missing == 5"),
    "types as arguments": (
        "def f(kind): return np.zeros(2, kind)", "assert f(np.float32).dtype == np.float32 and f(int).dtype == int",
    ),
    "float32 and booleans": (
        "def f(x): return x > 0, x.dtype.name",
        "positive, name = f(np.ones(2, np.float32))\nassert positive.dtype == bool and name == 'float32'",
    ),
    "NaN, infinities and large whole numbers": (
        "def f(x): return x, float('nan'), -float('inf'), 3 ** 200",
        "a, b, c, d = f(None)\nassert a is None and b != b and c < -1e308 and d == 3 ** 200",
    ),
    "the function's own signature": (
        "def f(x, *, rate=0.5): return x",
        "import inspect\nassert list(inspect.signature(f).parameters) == ['x', 'rate']",
    ),
    "names that the test binds itself": ("result = 'mine'\ndef f(): return 1", "result = f()\nassert result == 1"),
    "names of the test inside functions": (
        "n = 100\ndef f(x): return x + n", "m = 1\ndef inner():\n    return f(m) + n\nassert inner() == 201",
    ),
    "libraries under the student's names": (
        "warnings = 'spoilt'\nchecks = None\nnp_own = np\nnp = None\ndef f(): return np_own.pi",
        "assert np.isclose(f(), 3.14159265)",
    ),
    "input()": ("def f(): return input()", "f()"),
    "an empty array and one of no axes": (
        "def f(x): return x.sum(axis=0)", "assert f(np.zeros((0, 3))).tolist() == [0, 0, 0] and f(np.ones(4)) == 4",
    ),
    "a Fortran array": (
        "def f(x): return x.T", "a = np.asfortranarray(np.arange(6.0).reshape(2, 3))\nassert (f(a) == a.T).all()",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANINGS)
def test_a_test_cell_means_what_it_means_in_jupyter(name, judge):
    student, test = MEANINGS[name]
    expected = in_jupyter(student, test)
    [report] = judge(student, test)
    assert "died" not in report
    kinds = report["error"]["kinds"] if "error" in report else []
    known = [kind for kind in expected if kind not in ("E", "StdinNotImplementedError")]
    assert [kind for kind in kinds if kind not in ("E", "StdinNotImplementedError")] == known or (
        "input" in name and bool(kinds) == bool(expected)
    )


def test_what_cannot_come_over_is_named(judge):
    reports = judge(
        "class Net: pass\nf = Net\nnet = Net()\ndef g(): return Net()",
        "f.layers",
        "net.layers",
        "g()",
        "assert net is not None",
    )
    assert "cannot be checked" in reports[2]["error"]["message"]
    for report in reports[:2]:
        assert report["error"]["kinds"][0] == "AssertionError"
        assert "cannot be checked" in report["error"]["message"]
    assert "error" not in reports[3]


def test_the_outputs_of_a_test_cell_are_kept(judge):
    [report] = judge("def f(): return 3", "print('value', f())\nf() + 1")
    assert report["outputs"][0] == {"output_type": "stream", "name": "stdout", "text": "value 3\n"}
    assert report["outputs"][1]["data"]["text/plain"] == "4"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("while True: pass", "timeout"),
        ("import time; time.sleep(60)", "timeout"),
        ("import os; os._exit(3)", "exit 3"),
        ("import ctypes; ctypes.string_at(0)", "signal SIGSEGV"),
    ],
)
def test_one_bad_call_costs_one_cell_and_the_child_is_as_it_was(body, why, judge):
    student = f"count = [0]\ndef bad():\n    {body}\ndef f():\n    count[0] += 1\n    return count[0]"
    reports = judge(student, "assert f() == 1", "bad()", "assert f() == 1, f'{f()}'", cell_seconds=0.5)
    assert "error" not in reports[0]
    assert reports[1]["died"] == why
    assert "error" not in reports[2]  # a new child, in which the cells before have been run again


def test_memory_beyond_the_limit_is_an_error_of_its_cell(judge):
    reports = judge("def f(n): return len(bytearray(n))", "f(4 << 30)", "assert f(10) == 10")
    assert reports[0]["error"]["kinds"][0] == "MemoryError"
    assert "error" not in reports[1]


class Stalled:
    """A session whose child takes too long in every cell."""

    child, calls = "a child", 0

    def out_of_time(self):
        return False

    def run(self, key, source):
        self.calls += 1
        raise ChildLost("timeout")


@pytest.mark.parametrize(("roles", "tries"), [(("code", "test"), 2), (("test", "code"), 1)])
def test_a_time_out_is_tried_again_only_where_a_test_may_depend_on_it(roles, tries):
    steps = [{"key": role, "role": role, "source": ""} for role in roles]
    stalled = object.__new__(Judge)
    stalled.job, stalled.session, stalled.given_up, stalled.seen = {"steps": steps}, Stalled(), set(), {}
    place = roles.index("code")
    assert stalled._step(place, steps[place])["died"] == "timeout"
    assert stalled.session.calls == tries


def test_a_test_that_hangs_here_is_stopped(judge):
    reports = judge("def f(): return 1", "while f(): pass", "assert f() == 1", cell_seconds=0.5)
    assert reports[0]["died"] == "timeout"
    assert "error" not in reports[1]


@pytest.mark.parametrize("head", ["", "%matplotlib inline\n"], ids=["plain", "with a magic"])
def test_a_traceback_shows_the_lines_of_the_notebook_and_none_of_ours(head, judge):
    student = "class Own(ValueError): pass\ndef f(n):\n    if n:\n        return f(n - 1)\n    raise Own('no rows')"
    (report,) = judge(student, f"{head}x = 4\nvalue = f(x)\nassert value")
    (shown,) = [output for output in report["outputs"] if output["output_type"] == "error"]
    text = "\n".join(shown["traceback"])
    number = 5 + head.count("\n")
    assert (shown["ename"], shown["evalue"]) == ("Own", "no rows")
    assert f"This cell, line {number}\n" in text
    assert f"---->  {number} value = f(x)\n" in text
    assert "Cell answer, line 5 (4 times)\n" in text
    assert "---->  6     raise Own('no rows')\n" in text
    assert text.endswith("\nOwn: no rows")
    assert ".py" not in text


def test_an_error_that_draws_itself_is_left_to_that(judge):
    (report,) = judge("def f(x): return x", "checks.check_value('the value', f(1.0), 2.0)")
    (shown,) = [output for output in report["outputs"] if output["output_type"] == "error"]
    (line,) = shown["traceback"]
    assert "the value" in line


def test_the_names_a_cell_uses():
    source = "import numpy as np\nx = f(np.pi)\ndef g(y):\n    return h(y) + x\n[k(i) for i in range(3)]"
    assert names_used(source) == ["f", "h", "k", "range", "x"]
    assert names_used("def broken(:") == []


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("x = 1\ny = x + z", "x y"),
        ("x = x + 1", ""),
        ("x += 1\nx = 2", ""),
        ("(a, b), c = f(a)", "b c"),
        ("if a:\n    b = 1\nb = 2", ""),
        ("for i in r:\n    k = i\nk", ""),
        ("def g():\n    return q\nq = 1", "g"),
        ("q = 1\ndef g():\n    return q", "q g"),
        ("def g(n):\n    return g(n - 1)", ""),
        ("del m\nm = 1", ""),
        ("a[i] = 3\na.b = 4\na = 5", ""),
    ],
)
def test_the_names_a_cell_makes_before_it_reads_them(source, made):
    assert names_made(ast.parse(source)) == set(made.split())


def test_a_name_that_the_test_makes_is_the_tests_and_one_that_it_reads_first_the_notebooks(judge):
    student = "x = 5\ndef f(): return x"
    reports = judge(student, "x = 1\nassert f() == 5 and x == 1", "assert x == 5\nx = 1\nassert f() == 5")
    assert ["error" in report for report in reports] == [False, False]


def test_a_function_that_a_call_puts_in_the_place_of_another_is_called(judge):
    student = "def f():\n    global f\n    f = lambda: 2\n    return 1"
    reports = judge(student, "assert f() == 1", "assert f() == 2", "assert f() == 2")
    assert ["error" in report for report in reports] == [False, False, False]


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("%matplotlib inline\n!ls\nimport numpy as np", ["Import"]),
        ("x = (5\n  % 3)", ["Assign"]),
        ("import a\nif a:\n    %time a\n    b = 1", ["Import", "If"]),
        ("def (", []),
    ],
)
def test_the_statements_of_a_cell_are_those_beside_its_magics(source, kinds):
    assert [type(node).__name__ for node in statements(source)] == kinds


def test_the_imports_of_an_author():
    cells = [{"source": "%matplotlib inline\nimport numpy as np\nfrom math import pi, tau as t"}, {"source": "def ("}]
    assert author_imports(cells) == {
        "np": "import numpy as np",
        "pi": "from math import pi",
        "t": "from math import tau as t",
    }
