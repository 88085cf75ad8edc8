"""Wires nbgrader's own commands and formgrader to this course tree.

Only ``solutions/`` is edited by hand. ``autograder release`` writes nbgrader's source notebooks below
``_course/source`` and lets nbgrader make ``exercises/`` from them; everything a class produces stays below ``_course``,
out of version control.
"""

import os
import sys

root = os.path.dirname(os.path.abspath(__file__))
os.makedirs(os.path.join(root, "_course", "exchange"), exist_ok=True)

# nbgrader starts `alembic` by its bare name, so the environment's own programs must be found first.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")

c = get_config()  # noqa: F821  (given by traitlets, which runs this file)

c.CourseDirectory.root = root
c.CourseDirectory.source_directory = "_course/source"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "_course/submitted"
c.CourseDirectory.autograded_directory = "_course/autograded"
c.CourseDirectory.feedback_directory = "_course/feedback"
c.CourseDirectory.solution_directory = "_course/solution"
c.CourseDirectory.db_url = f"sqlite:///{root}/_course/gradebook.db"

c.Exchange.root = f"{root}/_course/exchange"  # `nbgrader list` and friends look here, not below /usr/local

# The stub names its question: `raise NotImplementedError("Question 3: not answered yet.")`.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "autograder.stubs.NumberedStubs",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.ClearSolutions.text_stub = "*Write your answer here.*"
c.ClearMarkScheme.enforce_metadata = False  # the mark scheme stands in the written answer's cell
c.Execute.timeout = 60
