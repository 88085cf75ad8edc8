"""Runs mutmut on one module of the library in a copy of its own, and says which mutants its tests let live.

A mutant is known by its function and the lines it changes, not by mutmut's number, so that an explanation in
``survivors.yml`` stays valid when code elsewhere in the module moves.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

SETUP = """[mutmut]
source_paths={source}
pytest_add_cli_args_test_selection=
{tests}
pytest_add_cli_args=
    -p
    no:xdist
    -p
    no:cacheprovider
    -m
    not introspection
also_copy={also}
"""
ALIVE = ("survived", "no tests")


@dataclass(frozen=True, order=True)
class Mutant:
    """A change that no test noticed."""

    function: str
    change: str
    """The lines taken out and put in, as ``old -> new``."""


@dataclass(frozen=True)
class Outcome:
    """What a run found: how many mutants there were and which are alive."""

    total: int
    alive: list[Mutant]


def run(folder: Path, source: str, tests: Sequence[str], also: Sequence[str], seconds: float) -> Outcome:
    """Mutate `source` in `folder`, a project laid out for pytest, and run `tests` on every mutant."""
    listing = "\n".join(f"    {name}" for name in tests)
    copies = "".join(f"\n    {name}" for name in also)
    (folder / "setup.cfg").write_text(SETUP.format(source=source, tests=listing, also=copies), "utf-8")
    done = _mutmut(folder, "run", "--max-children", "1", seconds=seconds)
    if done.returncode != 0:
        raise AssertionError(f"mutmut could not run on {source}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    results = _states(_mutmut(folder, "results", "--all", "true", seconds=120).stdout)
    assert results, f"mutmut made no mutants of {source}"
    alive = [
        as_mutant(name, _mutmut(folder, "show", name, seconds=120).stdout)
        for name, state in results.items()
        if state in ALIVE
    ]
    return Outcome(len(results), sorted(set(alive)))


def copy_of_library(root: Path, folder: Path) -> Path:
    """Copy what the tests of the library need into `folder`."""
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "course_lib", folder / "course_lib", ignore=leave_out)
    shutil.copytree(root / "tests/course_lib", folder / "tests/course_lib", ignore=leave_out)
    shutil.copy(root / "pyproject.toml", folder / "pyproject.toml")
    return folder


def explained(file: Path, module: str) -> dict[Mutant, str]:
    """Return the survivors that `file` lists for `module`, each with the reason why no test can or need notice it."""
    listed: dict[Mutant, str] = {}
    for entry in (yaml.safe_load(file.read_text("utf-8")) or {}).get(module) or []:
        for change in entry["changes"]:
            mutant = Mutant(entry["function"], change)
            if mutant in listed:
                raise ValueError(f"{file.name} lists twice: {mutant}")
            listed[mutant] = entry["reason"]
    return listed


def as_mutant(name: str, shown: str) -> Mutant:
    """Read a mutant from what ``mutmut show`` prints: a heading, and a diff of the function."""
    function = re.sub(r"__mutmut_\d+$", "", name.rpartition(".")[2])
    function = re.sub(r"^xǁ(.+)ǁ", r"\1.", function)  # a method: xǁClassǁmethod
    function = re.sub(r"^x_", "", function)
    lines = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    old = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    new = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Mutant(function, f"{old} -> {new}")


def _states(listing: str) -> dict[str, str]:
    found = re.findall(r"^\s*(\S+__mutmut_\d+): (.+?)\s*$", listing, flags=re.MULTILINE)
    return dict(found)


def _mutmut(folder: Path, *arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    environment["PYTHONWARNINGS"] = "default"
    return subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
