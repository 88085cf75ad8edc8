"""The tests of the library notice every mechanical change of its formulas, but for those listed with a reason.

The whole run belongs to ``make prove``. What runs always is a run on a module of three lines, to see that a change
which no test notices is reported, and one that is noticed is not.
"""

from pathlib import Path

import mutation
import pytest

ROOT = Path(__file__).parents[2]
SURVIVORS = Path(__file__).with_name("survivors.yml")
MODULES = ("activations", "losses", "backprop", "convolution", "pooling")


@pytest.mark.prove
@pytest.mark.parametrize("module", MODULES)
def test_every_surviving_mutant_is_explained(module: str, tmp_path: Path) -> None:
    folder = mutation.copy_of_library(ROOT, tmp_path)
    outcome = mutation.run(
        folder,
        f"course_lib/{module}.py",
        [f"tests/course_lib/test_{module}.py", "tests/course_lib/test_argument_names.py"],
        ["course_lib", "tests/course_lib", "pyproject.toml"],
        seconds=3600,
    )
    listed = mutation.explained(SURVIVORS, module)
    killed = outcome.total - len(outcome.alive)
    print(f"{module}: {outcome.total} mutants, {killed} killed, {len(outcome.alive)} alive, {len(listed)} explained")
    assert outcome.total > 50
    for what, mutants in (
        ("alive without an explanation", set(outcome.alive) - set(listed)),
        ("explained, but no longer alive", set(listed) - set(outcome.alive)),
    ):
        lines = [f"{mutant.function}: {mutant.change}" for mutant in sorted(mutants)]
        assert not lines, f"{module}, {what}:\n" + "\n".join(lines)


def test_a_change_that_no_test_notices_is_reported(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy/__init__.py").write_text("")
    (tmp_path / "toy/sums.py").write_text("def twice(x):\n    return 2 * x\n\n\ndef half(x):\n    return x / 2\n")
    (tmp_path / "test_sums.py").write_text(
        "from toy.sums import half, twice\n\n\ndef test_twice():\n    assert twice(3) == 6\n\n\n"
        "def test_half():\n    assert half(0) == 0\n"
    )
    outcome = mutation.run(tmp_path, "toy/sums.py", ["test_sums.py"], ["pyproject.toml"], seconds=120)
    assert outcome.total == 4
    assert outcome.alive == [
        mutation.Mutant("half", "return x / 2 -> return x * 2"),
        mutation.Mutant("half", "return x / 2 -> return x / 3"),
    ]


def test_a_mutant_is_known_by_its_function_and_its_lines() -> None:
    shown = "# toy.x_f__mutmut_7: survived\n--- toy.py\n+++ toy.py\n@@ -1 +1 @@\n-    b = a + 1\n+    b = a - 1\n"
    assert mutation.as_mutant("toy.x_f__mutmut_7", shown) == mutation.Mutant("f", "b = a + 1 -> b = a - 1")
    assert mutation.as_mutant("toy.xǁNodeǁadd__mutmut_2", shown).function == "Node.add"


def test_every_explanation_names_a_module_that_is_run_and_gives_a_reason() -> None:
    import yaml

    listed = yaml.safe_load(SURVIVORS.read_text("utf-8"))
    assert set(listed) <= set(MODULES)
    for module in listed:
        assert all(len(reason) > 20 for reason in mutation.explained(SURVIVORS, module).values())
