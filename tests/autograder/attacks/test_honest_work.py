"""Honest work that graders punish: it keeps its points here."""

import engine
import pytest

from autograder.runner import JudgeExecutor

RIGHT = "def column_mean(x):\n    return x.mean(axis=0)\n"
HONEST = {
    "a warning on stderr": f"import sys, warnings\nprint('careful', file=sys.stderr)\nwarnings.warn('old')\n{RIGHT}",
    "a warning in every call": (
        "import warnings\ndef column_mean(x):\n    warnings.warn('slow')\n    return x.mean(axis=0)"
    ),
    "prints in every call": "def column_mean(x):\n    print('called with', x)\n    return x.mean(axis=0)",
    "loops": "def column_mean(x):\n    return np.array([sum(column) / len(column) for column in zip(*x)])",
    "a list in place of an array": "def column_mean(x):\n    return [float(v) for v in x.mean(axis=0)]",
    "float32": "def column_mean(x):\n    return x.mean(axis=0).astype(np.float32)",
    "a matrix of NumPy's": "def column_mean(x):\n    return np.ma.masked_array(x.mean(axis=0))",
    "a view of a larger array": "def column_mean(x):\n    return np.vstack([x.mean(axis=0)] * 3)[1]",
    "helpers, classes and globals": (
        "scale = 2\nclass Mean:\n    def __call__(self, x): return scale * x.mean(axis=0) / scale\n"
        "mean = Mean()\ndef column_mean(x): return mean(x)"
    ),
    "a callable object": "class Mean:\n    def __call__(self, x): return x.mean(axis=0)\ncolumn_mean = Mean()",
    "a lambda": "column_mean = lambda x: x.mean(axis=0)",
    "functools": "import functools\ncolumn_mean = functools.partial(np.mean, axis=0)",
    "a decorated function": (
        "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        f(*a, **k)\n"
        "        return f(*a, **k)\n    return g\n@twice\ndef column_mean(x): return x.mean(axis=0)"
    ),
    "magics and plots": (
        f"%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n%time 1 + 1\n{RIGHT}"
    ),
    "files of one's own": f"open('notes.txt', 'w').write('x' * 1000)\nassert open('notes.txt').read()\n{RIGHT}",
    "random numbers": f"import random\nrandom.random(), np.random.rand(3), np.random.default_rng().random()\n{RIGHT}",
    "the names of the tests": f"result = secret_matrix = given = 'mine'\n{RIGHT}",
    "a try around everything": (
        "def column_mean(x):\n    try:\n        return x.mean(axis=0)\n    except BaseException:\n        return None"
    ),
    "deep recursion": "def total(rows): return rows[0] + total(rows[1:]) if len(rows) > 1 else rows[0]\n"
    "def column_mean(x): return total(x) / len(x)",
    "most of a second of work": (
        f"import time\nstart = time.process_time()\nwhile time.process_time() < start + 0.7: pass\n{RIGHT}"
    ),
    "an exception that was caught": f"try:\n    1 / 0\nexcept ZeroDivisionError:\n    print('as expected')\n{RIGHT}",
    "strict floating point": f"np.seterr(all='raise')\n{RIGHT}",
    "unicode": f"größe = '∂J/∂θ, 数, \\U0001d6fc'\nprint(größe)\n{RIGHT}",
}


@pytest.fixture(scope="module", params=["sandbox", "no namespaces", "trusted"])
def engines(request):
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "no namespaces":
            patch.setenv("AUTOGRADER_SANDBOX_WITHOUT", "namespaces")
        executor = JudgeExecutor(trusted=request.param == "trusted")
    yield executor
    executor.close()


@pytest.mark.parametrize("name", HONEST)
def test_it_keeps_all_points(name, engines, manifest):
    result = engine.graded(manifest, engines, "column-mean", HONEST[name])
    assert {question.id: question.verdict for question in result.questions[:3]} == dict.fromkeys(
        ("column-mean", "centred", "number"), "passed"
    ), [question.message for question in result.questions]
    assert result.auto_score == 90


def test_input_says_that_nobody_answers(engines, manifest):
    result = engine.graded(manifest, engines, "column-mean", f"name = input('who? ')\n{RIGHT}")
    assert "Nobody can answer input()" in result.questions[0].message
    assert result.auto_score >= 60
