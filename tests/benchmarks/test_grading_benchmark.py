"""The benchmark of grading tells no time where scores differ, and counts the memory of everything that was started."""

import json
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from benchmarks import grading

KEYS = {"students", "scores_equal", "nbgrader_seconds", "seconds", "ratio", "per_minute", "memory_mib", "rerun_seconds"}


def figures(**changes):
    known = {"assignment": "02", "students": 4, "cores": 2, "sandbox": "full", "scores_equal": True, "seconds": 2.0}
    known |= {"scores_compared": 8, "nbgrader_seconds": 80.0, "nbgrader_seconds_per_submission": 20.0, "ratio": 40.0}
    return grading.Figures(**(known | changes))


@pytest.mark.parametrize("equal", [True, False])
def test_no_time_is_told_where_scores_differ(monkeypatch, tmp_path, equal):
    made = figures(scores_equal=equal, different=[] if equal else ["zoe q1--value: 5.0 4.0"])
    monkeypatch.setattr(grading, "measure", lambda *what: made)
    done = CliRunner().invoke(grading.app, ["--json", str(tmp_path / "figures.json")])
    assert done.exit_code == (0 if equal else 1)
    assert ("80.0" in done.stdout) == equal
    assert ("zoe q1--value: 5.0 4.0" in done.stdout) == (not equal)
    content = json.loads((tmp_path / "figures.json").read_text())
    assert content["scores_equal"] is equal
    assert set(content) >= KEYS


def test_memory_counts_what_the_program_started_as_well():
    grown = "x = b'x' * 80_000_000; import time; time.sleep(1.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grown!r}], start_new_session=True)"
    with grading.Memory() as memory:
        process = subprocess.Popen([sys.executable, "-c", parent], start_new_session=True)
        memory.follow(process.pid)
        time.sleep(1.0)
        process.kill()
        process.wait()
    assert 80_000_000 < memory.peak < 200_000_000


def test_a_score_that_differs_is_found(monkeypatch, tmp_path):
    """Everything is run but the programs; the two gradebooks differ in one score and one student."""
    left, right = {("a", "q"): 5.0, ("b", "q"): None}, {("a", "q"): 4.0}
    monkeypatch.setattr(grading, "make_course", lambda folder, names: folder.name)
    for name in ("command", "timed"):
        monkeypatch.setattr(grading, name, lambda *what, **more: 1.0)
    monkeypatch.setattr(grading, "forget", lambda *what: None)
    monkeypatch.setattr(grading, "stages", lambda *what: {})
    monkeypatch.setattr(grading, "sandbox_of", lambda *what: "full")
    monkeypatch.setattr(grading, "scores", lambda course, name: left if course == "nbgrader" else right)
    from rich.console import Console

    found = grading.measure(tmp_path, "02", 2, False, False, Console(quiet=True))
    assert not found.scores_equal
    assert found.different == ["a q: 5.0 4.0", "b q: None absent"]
    monkeypatch.setattr(grading, "scores", lambda course, name: {})
    assert not grading.measure(tmp_path, "02", 2, False, False, Console(quiet=True)).scores_equal


@pytest.mark.prove
def test_the_scores_of_a_sample_class_are_nbgraders(tmp_path):
    path = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "grading", "--students", "4", "--json", str(path)],
        cwd=grading.ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads(path.read_text())
    assert content["scores_equal"]
    assert content["scores_compared"] >= 4 * 15
    assert content["ratio"] > 1
