"""A tiny assignment of the tests' own: three questions about means, and one in words. Text, so nothing imports it."""

# ruff: noqa: E501  (cell metadata of a percent notebook stands on one line)

import shutil
from pathlib import Path

from autograder.course import Course

ROOT = Path(__file__).resolve().parents[2]
NAME = "01_means"

SETTINGS = """\
title = "Means"
chapter = 1
allowed = []

[limits]
cell_seconds = 1.5
submission_seconds = 20
"""

NOTEBOOK = '''\
# %% [markdown]
# # Means

# %%
import numpy as np

# %% [markdown]
# ## Question 1: the mean of each column

# %% nbgrader={"grade": false, "grade_id": "column-mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def column_mean(x):
    """Return the mean of each column of x (N, D) -> (D,)."""
    ### BEGIN SOLUTION
    return x.sum(axis=0) / len(x)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "column-mean--value", "points": 20, "locked": true, "schema_version": 3, "solution": false, "task": false}
result = column_mean(np.array([[1.0, 2.0], [3.0, 6.0]]))
assert np.shape(result) == (2,), "The result must have one entry per column."
### BEGIN HIDDEN TESTS
secret_matrix = np.arange(12.0).reshape(4, 3) ** 2
assert np.allclose(column_mean(secret_matrix), [31.5, 41.5, 53.5]), "Another matrix gives another mean than it should."
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "column-mean--one-row", "points": 10, "locked": true, "schema_version": 3, "solution": false, "task": false}
assert np.allclose(column_mean(np.array([[5.0, 7.0]])), [5.0, 7.0]), "A single row is its own mean."

# %% [markdown]
# ## Question 2: centred columns

# %% nbgrader={"grade": false, "grade_id": "centred-input", "locked": true, "schema_version": 3, "solution": false, "task": false}
example = np.array([[1.0, 10.0], [3.0, 30.0]])

# %% nbgrader={"grade": false, "grade_id": "centred", "locked": false, "schema_version": 3, "solution": true, "task": false}
def centred(x):
    """Return x minus the mean of each column, without changing x."""
    ### BEGIN SOLUTION
    return x - x.mean(axis=0)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "centred--value", "points": 40, "locked": true, "schema_version": 3, "solution": false, "task": false}
given = example.copy()
assert np.allclose(centred(given), [[-1.0, -10.0], [1.0, 10.0]]), "The centred columns are not right."
assert np.array_equal(given, example), "Your function changed its input."

# %% [markdown]
# ## Question 3: a number

# %% nbgrader={"grade": false, "grade_id": "number", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
answer = 12
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "number--value", "points": 20, "locked": true, "schema_version": 3, "solution": false, "task": false}
assert isinstance(answer, int), "answer must be a whole number."
### BEGIN HIDDEN TESTS
assert answer == 3 * 4, "The number is another one."
### END HIDDEN TESTS

# %%
print("columns:", example.shape[1])

# %% [markdown]
# ## Question 4: in words

# %% [markdown] nbgrader={"grade": true, "grade_id": "words--written", "points": 10, "locked": false, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The mean is the point from which the squared distances are smallest.
#
# === BEGIN MARK SCHEME ===
# Ten points for naming squared distances.
# === END MARK SCHEME ===
# ### END SOLUTION
'''

MISTAKES = '''\
"""Wrong answers that people give."""

import numpy as np

from autograder.mistakes import mistake


@mistake(question="column-mean", hint="You added the columns up; divide by the number of rows.")
def column_mean__sum(x):
    return x.sum(axis=0)


@mistake(question="column-mean", hint="You divided by the number of columns, not of rows.")
def column_mean__wrong_count(x):
    return np.sum(x, axis=0) / x.shape[1]


@mistake(question="centred", hint="You worked in the array that was passed in; make a new one.")
def centred__in_place(x):
    x -= x.mean(axis=0)
    return x


@mistake(question="centred", hint="You took one mean over the whole array.")
def centred__one_mean(x):
    return x - _grand_mean(x)


def _grand_mean(x):
    return x.mean()


@mistake(question="number", hint="You added where a product is wanted.", variable="answer")
def answer__sum():
    return 3 + 4


@mistake(question="number", hint="The whole number was made a fraction.", variable="answer")
def answer__fraction():
    return 12.0
'''

VARIANTS = '''\
"""Right answers, found otherwise."""

import numpy as np

from autograder.mistakes import variant


@variant(question="column-mean")
def column_mean__loop(x):
    return np.array([sum(column) / len(column) for column in zip(*x, strict=True)])


@variant(question="centred")
def centred__einsum(x):
    return x - np.einsum("nd->d", x) / x.shape[0]


@variant(question="number", variable="answer")
def answer__added_up():
    return 4 + 4 + 4
'''


def make_course(
    folder: Path, notebook: str = NOTEBOOK, mistakes: str = MISTAKES, variants: str = VARIANTS, settings: str = SETTINGS
) -> Course:
    """Lay out a course with the tiny assignment in `folder`."""
    place = folder / "solutions" / NAME
    place.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    (place / "means.py").write_text(notebook)
    (place / "mistakes.py").write_text(mistakes)
    (place / "variants.py").write_text(variants)
    (place / "assignment.toml").write_text(settings)
    return Course(folder)
