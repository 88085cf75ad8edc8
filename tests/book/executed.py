"""Executed chapters as notebooks, taken from the cache the book was built with, and strict nbval on them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from book_site import ROOT, toc_pages
from jupyter_cache import get_cache
from myst_nb.core.read import is_myst_markdown_notebook, myst_nb_reader_plugin

LEAVE_OUT_TAGS = {"nbval-ignore-output", "nbval-skip"}
LEAVE_OUT_COMMENTS = ("NBVAL_IGNORE_OUTPUT", "NBVAL_SKIP", "NBVAL_RAISES_EXCEPTION")
# nbval leaves PNG files out by itself; those inside the HTML of a figure to scrub are taken out here.
SANITIZE = "[figures]\nregex: data:image/png;base64,[A-Za-z0-9+/=]+\nreplace: FIGURE\n"


class NotExecutedError(AssertionError):
    """A notebook that nbval would pass without testing anything."""


def executed_pages() -> list[str]:
    """Return the pages with code cells, in the order of the table of contents."""
    return [name for name in toc_pages() if is_myst_markdown_notebook((ROOT / f"{name}.md").read_text("utf-8"))]


def executed_notebook(name: str) -> Any:
    """Return the page as a notebook with the outputs the book shows."""
    source = myst_nb_reader_plugin(str(ROOT / f"{name}.md"))
    _, notebook = get_cache(str(ROOT / "_build/.jupyter_cache")).merge_match_into_notebook(source)
    return notebook


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_of(notebook: Any) -> str:
    """Return everything the cells print or show as text."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return "\n".join(str(output.get("text", "") or output.get("data", {}).get("text/plain", "")) for output in outputs)


def require_executed(notebook: Any, known_output: str) -> None:
    """Raise unless every code cell has been executed and a known output is there."""
    cells = code_cells(notebook)
    if not cells:
        raise NotExecutedError("no code cells")
    for number, cell in enumerate(cells, start=1):
        if cell.execution_count is None:
            raise NotExecutedError(f"code cell {number} has no execution count")
    if not known_output or known_output not in text_of(notebook):
        raise NotExecutedError(f"the known output {known_output!r} is missing")


def is_left_out(cell: Any) -> bool:
    """Say whether nbval would not compare the outputs of this cell."""
    tags = set(cell.metadata.get("tags", []))
    return bool(tags & LEAVE_OUT_TAGS) or any(comment in cell.source for comment in LEAVE_OUT_COMMENTS)


def run_nbval(notebook: Any, folder: Path) -> subprocess.CompletedProcess:
    """Execute a notebook again and compare every output strictly, in a process and folder of its own."""
    nbformat.write(notebook, folder / "chapter.ipynb")
    (folder / "sanitize.cfg").write_text(SANITIZE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["--nbval-sanitize-with", "sanitize.cfg", "chapter.ipynb"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
