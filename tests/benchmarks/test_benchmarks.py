"""The benchmarks' machinery: turns, medians, agreement before timing, the JSON file, and a real row from end to end."""

import json
import sys
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks import library, operations, timing
from benchmarks.__main__ import app
from benchmarks.library import Operation, Row
from benchmarks.operations import OURS, Side

runner = CliRunner()
WIDE = {"COLUMNS": "200", "TERMINAL_WIDTH": "200"}


@pytest.fixture(autouse=True)
def short_samples(monkeypatch):
    """Repeat what is quick less often than in earnest, and leave the garbage of pytest where it is."""
    monkeypatch.setattr(timing, "SHORTEST", 1e-4)
    monkeypatch.setattr(timing, "gc", SimpleNamespace(collect=lambda: None, freeze=lambda: None, unfreeze=lambda: None))


class Clock:
    """A clock that only the functions under test move on, and a record of who was called."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def __call__(self):
        return self.now

    def taking(self, name, *seconds):
        """Return a function that takes so long, in this order over and over."""
        count = iter(range(10**9))

        def function():
            self.calls.append(name)
            self.now += seconds[next(count) % len(seconds)]

        return function


def fake_operation(ours=(1.0, 2.0), theirs=(1.0, 2.0), **more):
    """Return an operation of the library's table whose sides return what is given."""

    def sides():
        return {OURS: lambda: Side(lambda: [np.array(ours)]), "autograd": lambda: Side(lambda: [np.array(theirs)])}

    settings = {"goals": {}, "module": "losses"} | more
    return Operation("fake", "2", "float64", sides=sides, **settings)


# ---- turns and medians ------------------------------------------------------------------------------------------


def test_the_ratio_is_that_of_the_medians():
    clock = Clock()
    ours, peer = clock.taking("ours", 1.0, 3.0, 50.0), clock.taking("peer", 2.0, 6.0, 4.0)
    result = timing.alternate(ours, peer, seconds=200.0, clock=clock)
    assert (result.ours, result.peer, result.fastest) == (3.0, 4.0, 1.0)
    assert result.ratio == 0.75


def test_the_sides_take_turns_and_each_is_first_in_every_other_round():
    clock = Clock()
    result = timing.alternate(clock.taking("ours", 1.0), clock.taking("peer", 1.0), seconds=8.0, clock=clock)
    assert clock.calls[:2] == ["ours", "peer"]  # to warm up
    measured = clock.calls[2:]
    rounds = [tuple(measured[k : k + 2]) for k in range(0, len(measured), 2)]
    assert len(rounds) == result.rounds >= 4
    assert rounds == [("ours", "peer"), ("peer", "ours")] * (len(rounds) // 2) + [("ours", "peer")] * (len(rounds) % 2)


def test_time_is_kept_and_the_least_rounds_are_made():
    clock = Clock()
    slow = timing.alternate(clock.taking("a", 10.0), clock.taking("b", 10.0), 1.0, least_rounds=3, clock=clock)
    assert slow.rounds == 3
    clock = Clock()
    long = timing.alternate(clock.taking("a", 1.0), clock.taking("b", 1.0), 10.0, least_rounds=3, clock=clock)
    assert long.rounds == 5


def test_what_is_quick_is_repeated_and_the_time_is_that_of_one_call():
    clock = Clock()
    quick = timing.SHORTEST / 10
    result = timing.alternate(clock.taking("quick", quick), clock.taking("slow", 1.0), 5.0, clock=clock)
    assert result.ours == pytest.approx(quick, rel=1e-9)
    assert result.peer == pytest.approx(1.0, rel=1e-9)
    assert Counter(clock.calls)["quick"] >= 10 * result.rounds
    assert result.ratio == pytest.approx(quick, rel=1e-9)


def test_garbage_is_collected_before_every_sample_and_not_within(monkeypatch):
    clock = Clock()
    collector = {name: clock.taking(name, 100.0) for name in ("collect", "freeze", "unfreeze")}
    monkeypatch.setattr(timing, "gc", SimpleNamespace(**collector))
    result = timing.alternate(clock.taking("ours", 1.0), clock.taking("peer", 2.0), 0.0, least_rounds=2, clock=clock)
    assert (result.ours, result.peer) == (1.0, 2.0)
    pair = ["collect", "ours", "collect", "peer"]
    assert clock.calls == [*pair, "collect", "freeze", *pair, "collect", "peer", "collect", "ours", "unfreeze"]


def test_peak_memory_is_what_was_in_use_at_once():
    mebibyte = 2**20

    def one_after_the_other():
        for _ in range(5):
            np.ones(4 * mebibyte, np.uint8).sum()

    def two_at_once():
        first = np.ones(4 * mebibyte, np.uint8)
        second = np.ones(4 * mebibyte, np.uint8)
        return first + second

    held = np.ones(20 * mebibyte, np.uint8)  # what was there before does not count
    assert timing.peak_mib(one_after_the_other) == pytest.approx(4, abs=0.1)
    assert timing.peak_mib(two_at_once) == pytest.approx(12, abs=0.1)
    assert held.size


# ---- rows -------------------------------------------------------------------------------------------------------


def test_a_row_says_what_was_measured_against_whom():
    (row,) = library.measure(fake_operation(), ["autograd", "torch"], 0.0, 1)  # torch does not do this operation
    assert row._fields == ("operation", "shape", "dtype", "peer", "ratio", "goal", "seconds", "peak_mib")
    assert row[:4] == ("fake", "2", "float64", "autograd")
    assert row.goal == 1.0  # a peer written in NumPy is to be outrun everywhere
    assert row.ratio > 0
    assert 0 < row.seconds < 1


@pytest.mark.parametrize(
    "theirs", [(1.0, 2.0 + 1e-9), (1.0, np.nan), (1.0, 2.0, 3.0), ((1.0, 2.0),), (np.inf, 2.0)], ids=str
)
def test_other_numbers_are_a_disagreement_and_are_not_timed(theirs, monkeypatch):
    monkeypatch.setattr(timing, "alternate", lambda *a: pytest.fail("timed"))
    with pytest.raises(library.Disagreement, match=r"fake \(2, float64\): ours and autograd differ by"):
        library.measure(fake_operation(theirs=theirs), ["autograd"], 0.0, 1)


def test_rounding_is_no_disagreement():
    assert library.relative_difference([np.array([1.0, 1e9])], [np.array([1.0, 1e9 + 1e-4])]) < 1e-12
    assert library.relative_difference([np.zeros(2)], [np.zeros(2)]) == 0.0
    assert library.relative_difference([np.zeros(2)], [np.zeros(2), np.zeros(2)]) == np.inf


def test_time_of_a_part_and_memory_have_rows_of_their_own():
    rows = library.measure(fake_operation(gates=10, most_mib=5.0), ["autograd"], 0.0, 1)
    assert [row.operation for row in rows] == ["fake", library.GATES, library.MEMORY]
    _, gates, memory = rows
    assert gates.peer == memory.peer == ""
    assert gates.ratio == pytest.approx(1e6 * gates.seconds)
    assert 0 < gates.seconds <= rows[0].seconds / 10
    assert (memory.ratio, memory.goal) == (memory.peak_mib, 5.0)
    alone = library.measure(fake_operation(gates=10), [], 0.0, 1)
    assert [row.operation for row in alone] == [library.GATES]


def test_a_goal_is_held_up_to_its_very_number():
    row = Row("o", "s", "d", "p", 0.5, 0.5, 1.0, 1.0)
    assert row.held is True
    assert row._replace(ratio=0.501).held is False
    assert row._replace(goal=None).held is None


def test_every_goal_of_the_course_has_its_row():
    goals = {
        (operation.name, operation.dtype, peer): goal
        for operation in library.OPERATIONS
        for peer, goal in operation.goals.items()
    }
    convolutions = [
        o.goals["torch"] for o in library.OPERATIONS if o.name.startswith("conv2d") and o.dtype == "float32"
    ]
    assert convolutions == [1.3, 2.6, 2.7, 2.3]
    doubles = [o.goals["torch"] for o in library.OPERATIONS if o.name.startswith("conv2d") and o.dtype == "float64"]
    assert doubles == [0.85] * 4
    assert goals["max-pool 2×2 forward+backward", "float32", "torch"] == 0.4
    assert goals["dense training step", "float32", "torch"] == 0.85
    assert goals["RNN forward+backward", "float32", "torch"] == 0.6
    assert goals["LSTM forward+backward", "float32", "torch"] == 2.0
    assert goals["graph of numbers", "float64", "micrograd"] == 0.5
    assert goals["Gaussian 7×7, column by row", "float32", "torch"] == 0.4
    softmax = {o.shape: o.goals["torch"] for o in library.OPERATIONS if o.name == "softmax cross-entropy"}
    assert softmax == {"128×10": 0.6, "512×1000": 1.0}
    assert [o.most_mib for o in library.OPERATIONS if o.most_mib] == [10.0]


def test_the_gates_of_the_network_of_numbers_are_counted():
    from course_lib.graph import Node, topological_order

    output = operations.scalar_graph((3, 4, 2, 1))[OURS]().run()
    gates = [node for node in topological_order(output) if isinstance(node, Node) and node.inputs]
    assert len(gates) == operations.scalar_network((3, 4, 2, 1)) == 4 * 7 + 2 * 9 + 1 * 5


@pytest.mark.parametrize(
    "sides",
    [
        operations.dense_step((5, 4, 3), 6, "float64"),
        operations.dense_step((5, 4, 3), 6, "float64", by_graph=True),
        operations.softmax_cross_entropy(5, 4, "float64"),
    ],
    ids=["dense", "dense graph", "softmax"],
)
def test_small_operations_agree_with_autograd(sides):
    ours, peer = sides[OURS](), sides["autograd"]()
    first = [np.copy(part) for part in ours.read(ours.run())]
    assert library.relative_difference(first, peer.read(peer.run())) < 1e-12
    assert library.relative_difference(ours.read(ours.run()), first) == 0.0  # a run leaves the numbers as they are


@pytest.mark.parametrize("name", ["convolution", "max_pooling", "rnn", "lstm"])
def test_layers_agree_with_autograd(name):
    module = {"convolution": "convolution", "max_pooling": "pooling"}.get(name, "recurrent")
    pytest.importorskip(f"course_lib.{module}")
    sides = {
        "convolution": lambda: operations.convolution(2, 3, 6, 4, 3, 1, 1, "float64"),
        "max_pooling": lambda: operations.max_pooling(2, 3, 6, "float64"),
        "rnn": lambda: operations.recurrent("rnn", 2, 3, 4, 5, "float64"),
        "lstm": lambda: operations.recurrent("lstm", 2, 3, 4, 5, "float64"),
    }[name]()
    ours, peer = sides[OURS](), sides["autograd"]()
    assert library.relative_difference(ours.read(ours.run()), peer.read(peer.run())) < 1e-12


# ---- the command ------------------------------------------------------------------------------------------------


def test_a_quick_run_of_one_row_from_end_to_end(tmp_path):
    file = tmp_path / "figures.json"
    result = runner.invoke(
        app, ["library", "--quick", "--only", "128×10", "--peers", "autograd", "--json", str(file)], env=WIDE
    )
    assert result.exit_code == 0, result.output
    assert "softmax cross-entropy" in result.output
    assert "of 1 goals held" in result.output
    content = json.loads(file.read_text("utf-8"))
    assert set(content) == {"rows", "environment"}
    (row,) = content["rows"]
    assert list(row) == ["operation", "shape", "dtype", "peer", "ratio", "goal", "seconds", "peak_mib"]
    assert (row["operation"], row["shape"], row["dtype"]) == ("softmax cross-entropy", "128×10", "float32")
    assert (row["peer"], row["goal"]) == ("autograd", 1.0)
    assert 0 < row["ratio"] < 5
    assert {"processor", "python", "numpy", "blas", "threads", "peers"} <= set(content["environment"])
    assert content["environment"]["numpy"] == np.__version__


@pytest.fixture
def table(monkeypatch):
    """Let the command measure only what a test puts into the list."""
    operations = []
    monkeypatch.setattr(library, "OPERATIONS", operations)
    return operations


def test_a_goal_missed_is_marked_and_no_failure(table):
    table.append(fake_operation(goals={"autograd": 0.0}))
    result = runner.invoke(app, ["library", "--quick", "--peers", "autograd"])
    assert result.exit_code == 0
    assert "✗ missed" in result.output
    assert "0 of 1 goals held" in result.output


def test_a_goal_held_is_marked(table):
    table.append(fake_operation(goals={"autograd": 1e9}))
    assert "✓ held" in runner.invoke(app, ["library", "--quick", "--peers", "autograd"]).output


def test_a_disagreement_ends_with_status_1_after_the_other_rows(table):
    table += [fake_operation(theirs=(1.0, 3.0)), fake_operation(goals={"autograd": 1e9})]
    result = runner.invoke(app, ["library", "--quick", "--peers", "autograd"])
    assert result.exit_code == 1
    assert "ours and autograd differ by" in result.output
    assert "1 of 1 goals held" in result.output


def test_an_error_ends_with_status_1(table):
    def sides():
        raise RuntimeError("no such thing")

    table.append(Operation("broken", "2", "float64", "losses", sides, {}))
    result = runner.invoke(app, ["library", "--quick", "--peers", "autograd"])
    assert result.exit_code == 1
    assert "broken: RuntimeError('no such thing')" in result.output


def test_a_missing_module_leaves_its_row_out_with_a_sentence(table):
    table += [fake_operation(module="not_written_yet"), fake_operation(goals={"autograd": 1e9})]
    result = runner.invoke(app, ["library", "--quick", "--peers", "autograd"])
    assert result.exit_code == 0
    assert "fake (2) is left out: course_lib.not_written_yet is missing." in " ".join(result.output.split())
    assert "1 of 1 goals held" in result.output


def test_a_missing_peer_is_left_out_with_a_sentence(table, monkeypatch):
    table.append(fake_operation())
    find = library.importlib.util.find_spec
    monkeypatch.setattr(library.importlib.util, "find_spec", lambda name: None if name == "mygrad" else find(name))
    result = runner.invoke(app, ["library", "--quick", "--peers", "mygrad,autograd"])
    assert result.exit_code == 0
    assert "Not installed, so left out: mygrad (pip install '.[bench]'" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--peers", "tensorfloat"], "tensorfloat unknown; the peers are torch, mygrad"),
        (["--only", "no such row"], "No operation has 'no such row' in its name, shape or dtype."),
        (["--only", "128×10", "--json", "/no/such/folder/f.json"], "The folder /no/such/folder"),
    ],
)
def test_a_wrong_call_is_answered_with_a_sentence(arguments, message):
    result = runner.invoke(app, ["library", "--quick", *arguments], env=WIDE)
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())


def test_help_shows_examples_and_the_door_its_commands():
    assert "--only conv2d --peers torch" in " ".join(runner.invoke(app, ["library", "--help"]).output.split())
    assert "library" in runner.invoke(app, ["--help"]).output


def test_a_command_is_imported_when_it_is_called(monkeypatch):
    monkeypatch.delitem(sys.modules, "benchmarks.grading", raising=False)
    runner.invoke(app, ["library", "--only", "no such row"])
    assert "benchmarks.grading" not in sys.modules
