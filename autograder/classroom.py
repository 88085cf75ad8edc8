"""Makes notebooks as students would hand them in: the released one with given answers put in.

The sample class, the proof of the tests and the tests of this package all get their submissions here.
"""

from __future__ import annotations

from typing import Any

from autograder.manifest import Manifest
from autograder.mistakes import Answer, splice

REGION_MARKS = ("BEGIN SOLUTION", "END SOLUTION")


def solution_sources(manifest: Manifest) -> dict[str, str]:
    """Return the author's answers, by question."""
    return {
        str(cell.question): _without_marks(cell.full)
        for cell in manifest.cells
        if cell.kind in ("answer", "written") and cell.question
    }


def with_answer(manifest: Manifest, answer: Answer, module: str) -> dict[str, str]:
    """Return the author's answers with one replaced by a named one; `module` is the text it comes from."""
    sources = solution_sources(manifest)
    sources[answer.question] = splice(sources[answer.question], answer, module)
    return sources


def notebook(manifest: Manifest, answers: dict[str, str]) -> dict[str, Any]:
    """Return the released notebook with these answers; a question that is not named stays untouched."""
    cells: list[dict[str, Any]] = []
    for cell in manifest.cells:
        source = cell.released
        if cell.kind in ("answer", "written"):
            source = answers.get(str(cell.question), source)
        item: dict[str, Any] = {
            "cell_type": cell.cell_type,
            "id": cell.cell_id,
            "metadata": cell.metadata,
            "source": source,
        }
        if cell.cell_type == "code":
            item |= {"execution_count": None, "outputs": []}
        cells.append(item)
    return {"cells": cells, "metadata": manifest.notebook_metadata, "nbformat": 4, "nbformat_minor": 5}


def _without_marks(source: str) -> str:
    """Return an answer without its region marks and without the mark scheme."""
    kept, in_scheme = [], False
    for line in source.split("\n"):
        if "BEGIN MARK SCHEME" in line:
            in_scheme = True
        elif "END MARK SCHEME" in line:
            in_scheme = False
        elif not in_scheme and not any(mark in line for mark in REGION_MARKS):
            kept.append(line)
    return "\n".join(kept).strip("\n")
