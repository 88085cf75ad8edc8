"""What attacks through the whole engine share: right answers to the tiny course, and one process for student and tests.

The one process is how a notebook is graded without an engine: IPython runs the student's cells and then the test cells
beside them. There an attack is seen to work before it is seen to be held off.
"""

import json
import subprocess
import sys

import tiny

from autograder.classroom import solution_sources
from autograder.grading import grade
from autograder.submission import Submission

UNPROTECTED = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
cells = json.load(sys.stdin)
print(json.dumps([bool(shell.run_cell(cell).success) for cell in cells])[-4000:], file=sys.__stderr__)
"""


def right_sources(manifest):
    """Return the source of every cell of a right submission."""
    sources = {cell.cell_id: cell.released for cell in manifest.cells if cell.from_student}
    answers = solution_sources(manifest)
    own = {cell.cell_id: answers[cell.question] for cell in manifest.cells if cell.kind in ("answer", "written")}
    return sources | own


def graded(manifest, executor, question, source):
    """Grade the right submission with the answer to one question replaced."""
    cell = next(cell for cell in manifest.cells if cell.kind == "answer" and cell.question == question)
    sources = right_sources(manifest) | {cell.cell_id: source}
    return grade(manifest, Submission("someone", sources), executor=executor)


def passes_in_one_process(question, source):
    """Whether the question's tests pass where they run beside the student's code."""
    cells, tests = [], 0
    for cell in tiny.NOTEBOOK.split("# %%"):
        head, _, body = cell.partition("\n")
        if "[markdown]" in head:
            continue
        grade_id = json.loads(head.partition("nbgrader=")[2])["grade_id"] if "nbgrader=" in head else ""
        if grade_id == question:
            cells.append(source)
        elif grade_id.startswith(f"{question}--"):
            cells.append(body)
            tests += 1
        elif "--" not in grade_id:
            cells.append(body)
    done = subprocess.run(
        [sys.executable, "-c", UNPROTECTED], input=json.dumps(cells), capture_output=True, text=True, timeout=120
    )
    try:
        outcomes = json.loads(done.stderr.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return "the whole run ended" in done.stderr
    position = cells.index(source)
    return tests > 0 and all(outcomes[position + 1 : position + 1 + tests])
