"""Who may import whom: chapters and assignments nothing of a later chapter, library and autograder never each other."""

import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
from book_site import CHAPTER_OF, LIBRARY, ROOT, code_of, imported_modules, taught_modules, toc_pages

PAGES = [name for name in toc_pages() if re.match(r"book/\d\d_", name)]
ASSIGNMENTS = sorted(file for file in (ROOT / "solutions").glob("*/*.py"))


def later_modules(source: str, chapter: int) -> set[str]:
    """Return the taught modules of later chapters that some code imports."""
    return {name for name in imported_modules(source, "course_lib") if CHAPTER_OF.get(name, 0) > chapter}


def chapter_number(stem: str) -> int:
    return int(stem.split("_")[0])


def notebook_code(file: Path) -> str:
    cells = jupytext.read(file).cells
    return "\n".join(code_of(cell.source) for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", PAGES)
def test_a_chapter_imports_nothing_of_a_later_chapter(name: str) -> None:
    code = notebook_code(ROOT / f"{name}.md")
    assert "course_lib" in code
    assert later_modules(code, chapter_number(Path(name).name)) == set()


@pytest.mark.parametrize("file", ASSIGNMENTS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_assignment_imports_nothing_of_a_later_chapter(file: Path) -> None:
    assert later_modules(notebook_code(file), chapter_number(file.parent.name)) == set()


@pytest.mark.parametrize("module", taught_modules())
def test_a_taught_module_imports_nothing_of_a_later_chapter(module: str) -> None:
    assert later_modules((LIBRARY / f"{module}.py").read_text("utf-8"), CHAPTER_OF[module]) == set()


@pytest.mark.parametrize("file", sorted(LIBRARY.glob("*.py")), ids=lambda file: file.name)
def test_the_library_does_not_know_the_autograder(file: Path) -> None:
    assert imported_modules(file.read_text("utf-8"), "autograder") == set()


@pytest.mark.parametrize("file", sorted((ROOT / "autograder").rglob("*.py")), ids=lambda file: file.name)
def test_the_autograder_does_not_know_the_library(file: Path) -> None:
    assert imported_modules(file.read_text("utf-8"), "course_lib") == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from course_lib import backprop", {"backprop"}),
        ("import course_lib.backprop as b", {"backprop"}),
        ("def f():\n    from course_lib.graph import Node", {"graph"}),
        ("import numpy\nfrom course_lib import losses, plots, training", set()),
        ("checks.reference('backprop')", {"backprop"}),
        ("importlib.import_module('course_lib.backprop')", {"backprop"}),
    ],
)
def test_an_import_of_a_later_chapter_is_found(source: str, found: set[str]) -> None:
    assert later_modules(source, chapter=5) == found


def test_the_library_works_without_matplotlib() -> None:
    modules = sorted(file.stem for file in LIBRARY.glob("*.py") if file.stem not in ("__init__", "plots"))
    assert len(modules) > 3
    lines = ["import sys", "sys.modules['matplotlib'] = None", *(f"import course_lib.{name}" for name in modules)]
    result = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    blocked = [*lines[:2], "import course_lib.plots"]
    assert subprocess.run([sys.executable, "-c", "\n".join(blocked)], capture_output=True).returncode != 0
