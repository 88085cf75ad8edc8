"""The student's code gets at the wire itself: it answers for the child, twice, late, too much, or not at all."""

import engine
import pytest

from autograder.runner import JudgeExecutor

# Finds the socket that the child's loop answers on, among the objects of the process.
FIND = """
import gc, socket, struct, os
channel = next(thing for thing in gc.get_objects() if isinstance(thing, socket.socket) and thing.fileno() >= 0)
def frame(data):
    return struct.pack("<I", len(data)) + data
"""
RIGHT = "def column_mean(x):\n    return x.mean(axis=0)\n"


def sending(data, then="while True: pass"):
    """Return an answer that sends these bytes in its first call, before it does something else."""
    return f"{FIND}\ndef column_mean(x):\n    channel.sendall({data})\n    {then}"


CALL_BACK = "b'l\\5\\0\\0\\0N' + b's\\4\\0\\0\\0back' + b'i' + bytes(8) + b't\\0\\0\\0\\0' + b'd\\0\\0\\0\\0'"
ATTACKS = {
    "an answer before the call": sending(r"frame(b'l\x02\0\0\0NN')", "return x.mean(axis=0)"),
    "two answers to one call": sending(r"frame(b'l\1\0\0\0N') * 2", "return x.mean(axis=0)"),
    "an answer without a call": f"{FIND}{RIGHT}\nchannel.sendall(frame(b'l\\x02\\0\\0\\0N' + b's\\x05\\0\\0\\0value'))",
    "a frame that is announced and never comes": sending("struct.pack('<I', 1000) + b'abc'"),
    "a frame longer than any may be": sending(r"b'\xff' * 4"),
    "a value nested without end": sending(r"frame(b'l\1\0\0\0' * 100000)"),
    "an array larger than its frame": sending(r"frame(b'a\x0b\1\1' + b'\xff' * 7 + b'\x0f')"),
    "noise": sending("os.urandom(100000)"),
    "a closed channel": f"{FIND}\ndef column_mean(x):\n    os.close(channel.fileno())\n    return x.mean(axis=0)",
    "a call of a function that was never given": sending(f"frame({CALL_BACK})"),
}


@pytest.fixture(scope="module")
def sandboxed():
    executor = JudgeExecutor()
    yield executor
    executor.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_it_earns_nothing_and_costs_one_question(name, sandboxed, manifest):
    result = engine.graded(manifest, sandboxed, "column-mean", ATTACKS[name])
    points = {question.id: question.points for question in result.questions}
    assert points["column-mean"] == 0
    assert points["centred"] == 40
    assert points["number"] == 20
    assert engine.graded(manifest, sandboxed, "column-mean", RIGHT).auto_score == 90


def test_an_exception_may_call_itself_what_it_likes(sandboxed, manifest):
    source = """
class Failure(BaseException):
    def __str__(self):
        raise SystemExit
Failure.__name__ = "AssertionError" * 100
Failure.__qualname__ = "x" * 10000
def column_mean(x):
    raise Failure
"""
    result = engine.graded(manifest, sandboxed, "column-mean", source)
    assert result.questions[0].points == 0
    assert len(result.questions[0].message) < 10_000
    assert result.auto_score == 60


@pytest.mark.parametrize(
    "value",
    [
        "object()", "(n for n in x)", "np.array([None])", "column_mean", "[x] * 10**7", "10**100000", "{1, 2}",
        "'x' * 10**8",
    ],
)  # fmt: skip
def test_what_cannot_cross_is_said_and_costs_its_question(value, sandboxed, manifest):
    result = engine.graded(manifest, sandboxed, "column-mean", f"def column_mean(x):\n    return {value}")
    assert result.questions[0].points == 0
    assert result.auto_score == 60
