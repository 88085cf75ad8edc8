"""What is too much, or not allowed, has a word of its own, and costs the one question."""

import engine
import pytest

from autograder import verdicts
from autograder.runner import JudgeExecutor

ENDLESS = "    while True:\n        print('again' * 1000)"
CASES = {
    "printing without end": (f"def column_mean(x):\n{ENDLESS}", verdicts.TOO_MUCH, "a loop that does not end"),
    "printing without end in the cell": (f"if 1:\n{ENDLESS}", verdicts.TOO_MUCH, "The cell with your answer stopped"),
    "a way to the network": (
        "import socket\ndef column_mean(x):\n    return socket.socket()", verdicts.FORBIDDEN, "while work is graded",
    ),
    "starting processes": (
        "import os\nos.fork()\ndef column_mean(x):\n    return x.mean(axis=0)", verdicts.FORBIDDEN, "not allowed",
    ),
    "memory": ("def column_mean(x):\n    return bytearray(1 << 50)", verdicts.MEMORY, "more memory than it may use"),
}  # fmt: skip


@pytest.fixture(scope="module", params=["sandbox", "no namespaces"])
def engines(request):
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "no namespaces":
            patch.setenv("AUTOGRADER_SANDBOX_WITHOUT", "namespaces")
        executor = JudgeExecutor()
    yield executor
    executor.close()


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_says_what_it_was(name, engines, manifest):
    source, verdict, says = CASES[name]
    result = engine.graded(manifest, engines, "column-mean", source)
    question = next(question for question in result.questions if question.id == "column-mean")
    assert (question.verdict, question.points) == (verdict, 0)
    assert says in question.message
    assert result.auto_score == 60
    assert sum(len(str(output)) for output in result.outputs.values()) < 3e6


def test_what_is_printed_a_little_beyond_the_limit_is_cut_and_costs_nothing(engines, manifest):
    source = "print('much ' * 200_000)\ndef column_mean(x):\n    print('more ' * 20_000)\n    return x.mean(axis=0)"
    assert engine.graded(manifest, engines, "column-mean", source).auto_score == 90


def test_every_verdict_has_words():
    words = {value for name, value in vars(verdicts).items() if name.isupper() and isinstance(value, str)}
    told = words - {verdicts.NOT_ANSWERED, verdicts.NOT_WRITTEN, verdicts.INFRASTRUCTURE}
    assert told == set(verdicts.WORDS)
