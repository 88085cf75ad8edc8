# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "head", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Assignment 09: Deep networks
#
# **Goal.** You will build the instruments with which a network that does not learn is examined: the gradient's size per layer, the product that explains it, silent and dead units, pieces, and a diagnosis that puts them together. At the end you point them at networks of growing depth.
#
# **Points.** Eight questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, `course_lib.datasets`, and from the library `activations`, `networks`, `losses`, `finite_differences`, `backprop` and `initializers`.
#
# **Letters.** Rows are samples ($N$), weights are (out, in), $\boldsymbol\delta$ is the gradient for a pre-activation. Layer 1 is the one next to the input.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import backprop, checks, datasets, initializers, plots
from course_lib.networks import Layer

# %% [markdown] nbgrader={"grade": false, "grade_id": "norms-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: how much gradient each layer gets (10 points)
#
# A layer's gradient consists of the gradient `dw` for its weights and `db` for its biases. Its size is the length of one long vector that holds all entries of both, the root of the sum of their squares. Write
#
# `gradient_norms(gradients)`, the size of each layer's gradient.
#
# - `gradients` is a list of pairs `(dw, db)`, from the first layer to the last, as `backprop.backpropagate` returns it; `dw` has shape $(M, D)$ and `db` $(M,)$, and every layer has its own $M$ and $D$;
# - the result has shape $(L,)$ for $L$ layers, in the same order; nothing handed in may change.
#
# Example: $dW = \begin{pmatrix}3&0\\0&0\end{pmatrix}$, $d\mathbf{b} = (4, 0)$ in the first layer and $dW = (1\;\,2)$, $d\mathbf{b} = (2)$ in the second give $(5, 3)$.


# %% nbgrader={"grade": false, "grade_id": "norms", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_norms(gradients):
    """Return the length of each layer's gradient, weights and biases together, from the first layer to the last."""
    ### BEGIN SOLUTION
    return np.array([np.sqrt(np.sum(dw**2) + np.sum(db**2)) for dw, db in gradients])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "norms--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

gradients = [
    (np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([4.0, 0.0])),
    (np.array([[1.0, 2.0]]), np.array([2.0])),
]
yours = checks.call_unchanged(gradient_norms, gradients)
print(checks.difference_table(yours, [5.0, 3.0]))
checks.check_value("the norms of the example", yours, [5.0, 3.0])

# %% nbgrader={"grade": true, "grade_id": "norms--network", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(1)
shapes = [(4, 3), (5, 4), (2, 5)]
gradients = [(rng.standard_normal(shape), rng.standard_normal(shape[0])) for shape in shapes]
yours = gradient_norms(gradients)
checks.check_true(np.shape(yours) == (3,), f"three layers have three norms, but the result has shape {np.shape(yours)}")
flat = [np.concatenate([dw.ravel(), db]) for dw, db in gradients]
checks.check_value("the squares of the norms", np.square(yours), [vector @ vector for vector in flat])
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
layers = [(rng.standard_normal((m, d)), rng.standard_normal(m), "tanh") for m, d in ((6, 3), (6, 6), (6, 6), (2, 6))]
_, found = reference.backpropagate(rng.standard_normal((7, 3)), rng.standard_normal((7, 2)), layers, "half_squared")
expected = [np.hypot(np.linalg.norm(dw), np.linalg.norm(db)) for dw, db in found]
checks.check_value("the norms of a network of four layers", gradient_norms(found), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "shrinkage-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: the factor per step (10 points)
#
# Norms $n_1, \dots, n_L$ of $L$ layers, from the first to the last. If every step back, from a layer to the one before it, multiplied by the same factor $r$, then $n_1$ would be $n_L$ times as many factors as there are steps. Write
#
# `factor_per_step(norms)`, the number $r$ for which this is so.
#
# - `norms` is a list or an array of $L \ge 2$ positive numbers; the result is a number, below 1 where gradients vanish and above 1 where they explode.
#
# Example: the norms $(1, 4, 16)$ give $0.25$.


# %% nbgrader={"grade": false, "grade_id": "shrinkage", "locked": false, "schema_version": 3, "solution": true, "task": false}
def factor_per_step(norms):
    """Return the factor by which the gradient changes on each step back, if all steps were alike."""
    ### BEGIN SOLUTION
    return (norms[0] / norms[-1]) ** (1 / (len(norms) - 1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "shrinkage--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(factor_per_step, np.array([1.0, 4.0, 16.0]))
print(checks.difference_table(yours, 0.25))
checks.check_value("the factor of the example", yours, 0.25)
checks.check_value("the factor of norms that explode, (9, 3, 1)", factor_per_step([9, 3, 1]), 3.0)

# %% nbgrader={"grade": true, "grade_id": "shrinkage--uneven", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

checks.check_value("the factor of two layers, (2, 5)", factor_per_step([2.0, 5.0]), 0.4)
checks.check_value("the factor of the uneven norms (1, 10, 4)", factor_per_step(np.array([1.0, 10.0, 4.0])), 0.5)
### BEGIN HIDDEN TESTS
norms = np.exp(np.random.default_rng(2).standard_normal(8))
expected = np.exp(np.mean(np.log(norms[:-1]) - np.log(norms[1:])))
checks.check_value("the factor of eight layers", factor_per_step(norms), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "gain-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: the gain that one should expect (10 points)
#
# Chapter 9 expects the factor $g = \sqrt{M\,v\,q}$ for one step back into a layer of $M$ units: $v$ is the mean square of the weights that lead *out* of this layer, and $q$ the mean square of its slopes, over samples and units. Write
#
# `expected_gain(slopes, w_next)`, the number $g$.
#
# - `slopes`, shape $(N, M)$, holds $f'(z)$ of the layer's $M$ units for $N$ samples; `w_next`, shape $(K, M)$, the weights of the next layer with its $K$ units.
#
# Example: slopes $(1, 0)$ of one sample and $W = (2\;\,2)$ give $\sqrt{2 \cdot 4 \cdot \tfrac12} = 2$.


# %% nbgrader={"grade": false, "grade_id": "gain", "locked": false, "schema_version": 3, "solution": true, "task": false}
def expected_gain(slopes, w_next):
    """Return the factor by which one step back is expected to change the size of the delta."""
    ### BEGIN SOLUTION
    return np.sqrt(slopes.shape[1] * np.mean(w_next**2) * np.mean(slopes**2))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gain--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(expected_gain, np.array([[1.0, 0.0]]), np.array([[2.0, 2.0]]))
print(checks.difference_table(yours, 2.0))
checks.check_value("the gain of the example", yours, 2.0)
checks.check_value(
    "the gain of one unit with the slopes 0.25 and 0.5 for two samples",
    expected_gain(np.array([[0.25], [0.5]]), np.array([[4.0]])),
    np.sqrt(2.5),
)

# %% nbgrader={"grade": true, "grade_id": "gain--shapes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

w_next = np.array([[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]])
checks.check_value(
    "the gain from two units into three, all slopes 1", expected_gain(np.ones((4, 3)), w_next), np.sqrt(3.0)
)
### BEGIN HIDDEN TESTS
library = checks.reference("initializers")
rng = np.random.default_rng(3)
w_next, slopes = library.he_normal((40, 30), rng), rng.uniform(0, 1, (6, 30))
expected = (30 * np.average(np.square(w_next)) * np.average(np.square(slopes))) ** 0.5
checks.check_value("the gain of a layer with He's weights", expected_gain(slopes, w_next), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "product-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: vanishing as one product (10 points)
#
# For one sample, the delta of the first of $L$ layers is the delta of the last one times matrices and slopes, $\boldsymbol\delta^1 = S^1 (W^2)^{\mathsf T} S^2 (W^3)^{\mathsf T}\cdots S^{L-1}(W^L)^{\mathsf T}\boldsymbol\delta^L$. Write
#
# `first_delta(last_delta, weights, slopes)`, the delta of layer 1, shape $(M_1,)$.
#
# - `last_delta`, shape $(M_L,)$; `weights` is the list $W^2, \dots, W^L$, where $W^l$ has shape $(M_l, M_{l-1})$; `slopes` the list of the slopes of the layers $1, \dots, L-1$, where those of layer $l$ have shape $(M_l,)$ and are the diagonal of $S^l$;
# - $L \ge 2$; nothing handed in may change.
#
# Example: three layers of one unit, $W^2 = 2$, $W^3 = 3$, slopes $0.5$ and $0.25$ and the last delta 4 give $4\cdot3\cdot0.25\cdot2\cdot0.5 = 3$.


# %% nbgrader={"grade": false, "grade_id": "product", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_delta(last_delta, weights, slopes):
    """Return the delta of the first layer from that of the last one."""
    ### BEGIN SOLUTION
    delta = last_delta
    for w, slope in zip(reversed(weights), reversed(slopes), strict=True):
        delta = slope * (w.T @ delta)
    return delta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "product--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(
    first_delta,
    np.array([4.0]),
    [np.array([[2.0]]), np.array([[3.0]])],
    [np.array([0.5]), np.array([0.25])],
)
print(checks.difference_table(yours, [3.0]))
checks.check_value("the first delta of the example", yours, [3.0])
two = first_delta(np.array([1.0, 10.0]), [np.array([[2.0, 0.0], [3.0, 4.0]])], [np.array([1.0, 0.5])])
checks.check_value("the first delta of a network of two layers", two, [32.0, 20.0])

# %% nbgrader={"grade": true, "grade_id": "product--deep", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(4)
widths = [5, 4, 3, 2]
weights = [rng.standard_normal((m, d)) for d, m in zip(widths[:-1], widths[1:], strict=True)]
z1, last = rng.standard_normal(5), rng.standard_normal(2)
slopes, a = [], np.tanh(z1)
for w in weights:
    slopes.append(1 - a**2)
    a = np.tanh(w @ a)


def through(z):
    for w in weights:
        z = w @ np.tanh(z)
    return last @ z


checks.check_gradient("the first delta of four layers", first_delta(last, weights, slopes), through, z1)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
weights = [rng.standard_normal((3, 3)) for _ in range(3)]
zs = [rng.standard_normal(3) for _ in range(3)]
delta = last = rng.standard_normal(3)
for w, z in zip(weights[::-1], zs[::-1], strict=True):
    delta = reference.hidden_delta(delta, w, z, "tanh")
checks.check_value(
    "the first delta where all matrices are square",
    first_delta(last, weights, [1 - np.tanh(z) ** 2 for z in zs]),
    delta,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "silent-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: how often each unit is silent (10 points)
#
# Chapter 9 counts the silence of a whole layer. To find the units behind the number, write
#
# `silence_per_unit(z)`, for each unit the share of samples for which it is silent.
#
# - `z` holds the pre-activations of a layer of rectifiers, shape $(N, M)$; a unit is silent where its output $\max(0, z)$ is 0; the result has shape $(M,)$ with numbers from 0 to 1.
#
# Example: $\begin{pmatrix}-1&2&-3\\3&0&-1\end{pmatrix}$ gives $(0.5, 0.5, 1)$.


# %% nbgrader={"grade": false, "grade_id": "silent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def silence_per_unit(z):
    """Return the share of samples for which each rectifier is silent."""
    ### BEGIN SOLUTION
    return np.mean(z <= 0, axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "silent--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(silence_per_unit, np.array([[-1.0, 2.0, -3.0], [3.0, 0.0, -1.0]]))
print(checks.difference_table(yours, [0.5, 0.5, 1.0]))
checks.check_value("the shares of the example", yours, [0.5, 0.5, 1.0])

# %% nbgrader={"grade": true, "grade_id": "silent--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

single = silence_per_unit(np.array([[1, -1, 0, 5]]))
checks.check_value("the shares for one sample and whole numbers, (1, -1, 0, 5)", single, [0.0, 1.0, 1.0, 0.0])
### BEGIN HIDDEN TESTS
library = checks.reference("activations")
z = np.random.default_rng(5).integers(-2, 3, (6, 6)).astype(float)
expected = np.mean(library.relu(z) == 0, axis=0)
checks.check_value("the shares of a square batch", silence_per_unit(z), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "dead-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: dead units, batch after batch (10 points)
#
# A rectifier is dead if it is silent for *every* sample, and samples come in batches. Write
#
# `dead_units(batches)`, the numbers of the dead units, counted from 0, in ascending order.
#
# - `batches` is a list of at least one array of pre-activations; each has shape $(N_b, M)$, with the same $M$ and its own number $N_b \ge 1$ of samples; the result is a list or an array of whole numbers, empty if no unit is dead.
#
# Example: the batches $\begin{pmatrix}-1&2&-1\\-2&-1&0\end{pmatrix}$ and $\begin{pmatrix}3&-1&-1\end{pmatrix}$ have the one dead unit 2.


# %% nbgrader={"grade": false, "grade_id": "dead", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dead_units(batches):
    """Return the numbers of the units that are silent for every sample of every batch."""
    ### BEGIN SOLUTION
    highest = np.max([z.max(axis=0) for z in batches], axis=0)
    return np.flatnonzero(highest <= 0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dead--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

batches = [np.array([[-1.0, 2.0, -1.0], [-2.0, -1.0, 0.0]]), np.array([[3.0, -1.0, -1.0]])]
yours = checks.call_unchanged(dead_units, batches)
print(checks.difference_table(yours, [2]))
checks.check_value("the dead units of the example", yours, [2])

# %% nbgrader={"grade": true, "grade_id": "dead--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

checks.check_value("the dead units where there are none", dead_units([np.array([[1.0, -9.0], [-9.0, 1.0]])]), [])
checks.check_value("the dead units of a single sample (-1, 0, 2)", dead_units([np.array([[-1, 0, 2]])]), [0, 1])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
batches = [rng.standard_normal((n, 9)) - 1.5 for n in (2, 5, 3)]
batches[0][:, 4] = batches[1][:, 4] = batches[2][:, 4] = -0.1
rows = np.concatenate(batches)
expected = [unit for unit in range(9) if all(value <= 0 for value in rows[:, unit])]
checks.check_value("the dead units of three batches", dead_units(batches), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "pieces-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: pieces, and what they cost (15 points)
#
# A function of one number that is made of straight pieces is known at points $x_1 < x_2 < \dots$, and every bend is at one of these points. Write
#
# `count_pieces(x, y)`, the number of its straight pieces.
#
# - `x` and `y` have shape $(K,)$ with $K \ge 2$; the points need *not* be evenly spaced; two neighbouring slopes count as equal if they differ by less than $10^{-6}$.
#
# The tent folded $k$ times has $2^k$ pieces. A deep network makes it with $k$ hidden layers of two units, a network with one hidden layer needs at least $2^k - 1$ units there, and is counted here with just so many; both have one input, one output, and a bias for every unit. Write
#
# `tent_parameters(pieces)`, the pair `(deep, wide)` of their parameter counts, for a number of pieces that is 2, 4, 8, …
#
# Examples: the values $(0, 1, 2, 6, 5)$ at $(0, 1, 2, 4, 5)$ have 3 pieces, with the slopes 1, 2 and $-1$. Eight pieces cost $(19, 22)$.


# %% nbgrader={"grade": false, "grade_id": "pieces", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_pieces(x, y):
    """Return the number of straight pieces of a function that is known at some points."""
    ### BEGIN SOLUTION
    slopes = np.diff(y) / np.diff(x)
    return 1 + np.count_nonzero(np.abs(np.diff(slopes)) >= 1e-6)
    ### END SOLUTION


def tent_parameters(pieces):
    """Return the parameter counts (deep, wide) of two networks for a folded tent."""
    ### BEGIN SOLUTION
    folds = int(pieces).bit_length() - 1
    return 4 + 6 * (folds - 1) + 3, 3 * (pieces - 1) + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "pieces--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(count_pieces, np.array([0.0, 1.0, 2.0, 4.0, 5.0]), np.array([0.0, 1.0, 2.0, 6.0, 5.0]))
print(checks.difference_table(yours, 3))
checks.check_value("the pieces of the example", yours, 3)
checks.check_value("the pieces of one line through two points", count_pieces(np.array([0, 2]), np.array([1, 5])), 1)

# %% nbgrader={"grade": true, "grade_id": "pieces--uneven", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([0.0, 0.1, 0.5, 2.0, 2.5])
checks.check_value("the pieces of a straight line at uneven points", count_pieces(x, 3 * x - 1), 1)
checks.check_value("the pieces of max(0, x - 0.5)", count_pieces(x, np.maximum(0, x - 0.5)), 2)
### BEGIN HIDDEN TESTS
library = checks.reference("networks")
rng = np.random.default_rng(7)
bends = np.sort(rng.uniform(0.1, 0.9, 5))
layers = [
    (np.ones((5, 1)), -bends, "relu"),
    (rng.choice([-1.0, 1.0], (1, 5)) * rng.uniform(1, 2, (1, 5)), np.zeros(1), "linear"),
]
x = np.sort(np.concatenate([bends, np.linspace(0, 1, 12)]))
y = library.forward(x[:, None], layers)[:, 0]
checks.check_value("the pieces of a network with five rectifiers", count_pieces(x, y), 6, reveal=False)
steep = count_pieces(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1000.0, 2001.0]))
checks.check_value("the pieces of a steep line that gets a little steeper", steep, 2, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "pieces--parameters", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = tent_parameters(8)
print(checks.difference_table(yours, [19, 22]))
checks.check_value("the parameters for 8 pieces", yours, [19, 22])
checks.check_value("the parameters for 2 pieces", tent_parameters(2), [7, 4])
### BEGIN HIDDEN TESTS
library = checks.reference("networks")
for k in (2, 6, 9):
    expected = [library.parameter_count([1] + [2] * k + [1]), library.parameter_count([1, 2**k - 1, 1])]
    checks.check_value("the parameters for more pieces", tent_parameters(2**k), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "diagnosis-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: a diagnosis (15 points)
#
# Put the instruments together. A classifier has `classes` classes and has not been trained yet. Write
#
# `diagnose(loss, classes, norms, dead_shares)`, which returns one of five words. It takes the *first* of these that applies:
#
# 1. `"scale"`: the loss is not finite, or is above $2\ln(\text{classes})$, twice what guessing costs;
# 2. `"dead"`: in some layer more than half of the units are dead;
# 3. `"vanishing"`: the first layer's gradient is less than a thousandth of the last layer's;
# 4. `"exploding"`: it is more than a thousand times the last layer's;
# 5. `"healthy"`: none of this.
#
# - `loss` is a number (it may be NaN or infinite), `classes` a whole number of at least 2; `norms`, a list or an array of shape $(L,)$, the norm of the gradient of each layer from the first to the last, and `dead_shares`, a list or an array of shape $(H,)$, the share of dead units of each hidden layer.
#
# Example: `diagnose(2.4, 10, [1e-6, 1e-3, 1.0], [0.0, 0.1])` is `"vanishing"`.


# %% nbgrader={"grade": false, "grade_id": "diagnosis", "locked": false, "schema_version": 3, "solution": true, "task": false}
def diagnose(loss, classes, norms, dead_shares):
    """Return the first thing that is wrong with a fresh classifier, or "healthy"."""
    ### BEGIN SOLUTION
    if not np.isfinite(loss) or loss > 2 * np.log(classes):
        return "scale"
    if np.max(dead_shares) > 0.5:
        return "dead"
    if norms[0] < norms[-1] / 1000:
        return "vanishing"
    return "exploding" if norms[0] > 1000 * norms[-1] else "healthy"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "diagnosis--each", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

cases = [
    ("vanishing", 2.4, 10, [1e-6, 1e-3, 1.0], [0.0, 0.1]),
    ("exploding", 2.4, 10, [5e4, 10.0, 1.0], [0.0, 0.1]),
    ("dead", 2.3, 10, [0.5, 0.7, 1.0], [0.0, 0.9]),
    ("scale", 14.0, 10, [0.5, 0.7, 1.0], [0.0, 0.0]),
    ("healthy", 2.4, 10, [0.5, 0.7, 1.0], [0.2, 0.1]),
]
yours = diagnose(2.4, 10, [1e-6, 1e-3, 1.0], [0.0, 0.1])
checks.check_true(isinstance(yours, str) and yours == "vanishing", "the example, with lists, should be 'vanishing'")
for expected, loss, classes, norms, shares in cases:
    yours = checks.call_unchanged(diagnose, loss, classes, np.array(norms), np.array(shares))
    print(f"loss {loss}, norms {norms}, dead {shares}: yours {yours!r}, expected {expected!r}")
    checks.check_true(
        isinstance(yours, str) and yours == expected,
        f"diagnose({loss}, {classes}, {norms}, {shares}) returned {yours!r}, expected {expected!r}",
    )

# %% nbgrader={"grade": true, "grade_id": "diagnosis--order", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

cases = [
    ("scale", 9.0, 4, [1e-9, 1.0], [0.9]),
    ("dead", 1.4, 4, [1e-9, 1.0], [0.9]),
    ("scale", 2.0, 2, [0.5, 1.0], [0.0]),
    ("healthy", 4.5, 10, [0.5, 1.0], [0.5]),
]
for expected, loss, classes, norms, shares in cases:
    yours = diagnose(loss, classes, np.array(norms), np.array(shares))
    checks.check_true(
        isinstance(yours, str) and yours == expected,
        f"diagnose({loss}, {classes}, {norms}, {shares}) returned {yours!r}, expected {expected!r}",
    )
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(8)
for _ in range(20):
    ratio, share = 10.0 ** rng.uniform(-6, 6), rng.uniform(0, 0.7)
    norms = np.array([ratio, 10.0 ** rng.uniform(-6, 6), 1.0]) * 10.0 ** rng.uniform(-5, 5)
    expected = "vanishing" if ratio < 1e-3 else "exploding" if ratio > 1e3 else "healthy"
    expected = "dead" if share > 0.5 else expected
    yours = diagnose(1.1, 3, norms, np.array([share, share / 3]))
    checks.check_true(
        isinstance(yours, str) and yours == expected, "diagnose names another case than the first that applies"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "diagnosis--not-finite", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

for loss in (float("nan"), float("inf")):
    yours = diagnose(loss, 10, np.array([0.5, 1.0]), np.array([0.0]))
    checks.check_true(
        isinstance(yours, str) and yours == "scale",
        f"the loss {loss} is not finite: expected 'scale', but diagnose returned {yours!r}",
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: your instruments and depth
#
# Your `gradient_norms` and `factor_per_step`, on fresh networks for digits with 2 to 24 hidden layers. What does the level of each curve tell you about weights and slopes? Where would He's weights without the 2 run?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
images, labels = datasets.digits()
x, y = images[:200].reshape(200, 64), labels[:200]
figure, axes = plots.new_axes()
for kind, draw in (
    ("sigmoid", initializers.glorot_normal),
    ("tanh", initializers.glorot_normal),
    ("relu", initializers.he_normal),
):
    factors = []
    for depth in (2, 4, 8, 16, 24):
        rng = np.random.default_rng(9)
        sizes, kinds = [64] + [32] * depth + [10], [kind] * depth + ["softmax"]
        layers = [
            Layer(draw((m, d), rng), np.zeros(m), f) for d, m, f in zip(sizes[:-1], sizes[1:], kinds, strict=True)
        ]
        gradients = backprop.backpropagate(x, y, layers, "cross_entropy")[1]
        factors.append(factor_per_step(gradient_norms(gradients)))
    axes.plot([2, 4, 8, 16, 24], factors, "o-", label=kind)
axes.set_ylim(0, 1.6)
plots.label(axes, "hidden layers", "factor per step back", legend=True)

# %% [markdown] nbgrader={"grade": false, "grade_id": "vanishing-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 9: in your own words (10 points)
#
# A friend has built a network with fifteen hidden layers of sigmoid units and says: "It does not learn, although the gradient check passes. Deep networks do not work." In six to ten sentences: explain by *one product* what happens and why the check does not notice; say what can be changed, and why each change helps; and say when depth is worth the trouble, and when it is not.

# %% [markdown] nbgrader={"grade": true, "grade_id": "vanishing--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for the product (each step back multiplies the delta by a transposed weight matrix and by slopes; slopes of at most ¼ with weights that keep the signal's size make a factor of about ¼ a layer, so some $4^{-15}$); 1 for the check (the gradient is right, and small); 3 for remedies with reasons (rectifiers, slope 1 where active; He's or Glorot's weights, which bring the factor near 1; fewer layers; any two with a reason suffice); 3 for depth (repeated or nested structure, where pieces multiply from layer to layer, with an example or count; no promise for other functions; harder to train).
#
# **Full (10).** "The delta of the first layer is that of the last times a product of fifteen factors, each a transposed weight matrix and the slopes. A sigmoid's slope is at most a quarter, so with Glorot's weights each factor is at most about a quarter and the product is about a billionth: the first layers do not move. The check compares this tiny number with a measured tiny number, and they agree. Use rectifiers, whose slope is 1 where they are active, with He's weights, whose 2 makes up for the half that is silent; then the factor is about 1. Or use fewer layers. Depth pays where the function does the same thing again and again: the tent folded ten times needs 20 units in ten layers and at least 1023 in one. For a function without such structure nothing is promised, and a shallow network is easier to train."
#
# **Half (5).** "The gradient vanishes since the sigmoid's derivatives are multiplied, and they are at most 0.25. One should use ReLU since its derivative is 1. Deep networks can represent more with fewer units." (Product 2, as the weights are missing; remedies 2; depth 1; nothing on the check.)
#
# **None (0).** "Sigmoids are outdated and the network needs more data and more epochs."
#
# === END MARK SCHEME ===
# ### END SOLUTION
