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
# # Assignment 06: Backpropagation
#
# **Goal.** You will derive the pass back for networks that chapter 6 does not show: with a skip connection, with a layer that feeds two others, with weighted samples, with a penalty. At the end your gradients train a network, and you see what it has learned.
#
# **Points.** Eight questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, and the library's modules of earlier chapters: with `finite_differences` you can check every gradient before the cells below do. `course_lib.backprop` holds answers; it, and what is built on it, is withheld here and open to you afterwards.
#
# **Letters.** Rows are samples ($N$), weights are (out, in), $\boldsymbol\delta$ is the gradient for a pre-activation.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, datasets, plots

checks.withhold("backprop")

# %% [markdown] nbgrader={"grade": false, "grade_id": "paths-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: many paths (10 points)
#
# A vector $\mathbf{a}$ with $D$ entries is used in several places of a computation. Place $k$ makes a vector $\mathbf{q}_k$ of it, whose Jacobian $\partial q_{k,i}/\partial a_d$ is known, and from behind comes the gradient $\partial p/\partial \mathbf{q}_k$. Write
#
# `gradient_over_paths(upstreams, jacobians)`, the gradient $\partial p/\partial\mathbf{a}$.
#
# - `upstreams` is a list of arrays $(Q_k,)$, `jacobians` a list, equally long, of arrays $(Q_k, D)$; the $Q_k$ may differ;
# - the result has shape $(D,)$; nothing handed in may change.
#
# Example: upstreams $(1, 2)$ and $(3)$ with the Jacobians $\begin{pmatrix}1&0\\1&1\end{pmatrix}$ and $\begin{pmatrix}10&20\end{pmatrix}$ give $(33, 62)$.


# %% nbgrader={"grade": false, "grade_id": "paths", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_over_paths(upstreams, jacobians):
    """Return the gradient for a vector that is used in several places."""
    ### BEGIN SOLUTION
    total = 0
    for upstream, local in zip(upstreams, jacobians, strict=True):
        total = total + upstream @ local
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "paths--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

upstreams = [np.array([1.0, 2.0]), np.array([3.0])]
jacobians = [np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[10.0, 20.0]])]
yours = checks.call_unchanged(gradient_over_paths, upstreams, jacobians)
print(checks.difference_table(yours, [33.0, 62.0]))
checks.check_value("the gradient of the example", yours, [33.0, 62.0])

# %% nbgrader={"grade": true, "grade_id": "paths--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(1)
a = rng.standard_normal(4)
matrices = [rng.standard_normal((q, 4)) for q in (3, 5, 1)]


def through(a):
    return sum(np.sum(np.sin(matrix @ a)) for matrix in matrices)


cosines = [np.cos(matrix @ a) for matrix in matrices]
checks.check_gradient("the gradient over three paths", gradient_over_paths(cosines, matrices), through, a)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
upstream, local = rng.standard_normal(6), rng.standard_normal((6, 3))
checks.check_value(
    "the gradient over a single path",
    gradient_over_paths([upstream], [local]),
    reference.sum_over_paths(upstream, local),
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "skip-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: forward, with a short cut (10 points)
#
# A **skip connection** leads the input past a layer: $\mathbf{z}^1 = W^1\mathbf{x} + \mathbf{b}^1$, $\mathbf{a}^1 = \tanh \mathbf{z}^1$, $\mathbf{z}^2 = W^2\mathbf{a}^1 + \mathbf{b}^2 + U\mathbf{x}$. Write
#
# `forward_with_skip(x, w1, b1, w2, b2, u)`, which returns the triple `(z1, a1, z2)`
#
# - `x` is a batch $(N, D)$; `w1` $(K, D)$, `b1` $(K,)$, `w2` $(M, K)$, `b2` $(M,)$, `u` $(M, D)$;
# - `z1` and `a1` have shape $(N, K)$, `z2` has shape $(N, M)$.


# %% nbgrader={"grade": false, "grade_id": "skip", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_with_skip(x, w1, b1, w2, b2, u):
    """Return (z1, a1, z2) of a two-layer network whose input also goes straight to the output."""
    ### BEGIN SOLUTION
    z1 = x @ w1.T + b1
    a1 = np.tanh(z1)
    return z1, a1, a1 @ w2.T + b2 + x @ u.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "skip--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

t = np.arctanh(0.5)
x = np.array([[1.0, 0.0], [0.0, 1.0]])
w1, b1 = np.array([[t, 0.0], [0.0, -t], [t, t]]), np.zeros(3)
w2, b2, u = np.array([[2.0, 4.0, 0.0]]), np.array([1.0]), np.array([[10.0, 20.0]])
result = checks.call_unchanged(forward_with_skip, x, w1, b1, w2, b2, u)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 3, "forward_with_skip should return the triple (z1, a1, z2)"
)
checks.check_value("z1", result[0], [[t, 0.0, t], [0.0, -t, t]])
checks.check_value("a1", result[1], [[0.5, 0.0, 0.5], [0.0, -0.5, 0.5]])
print(checks.difference_table(result[2], [[12.0], [19.0]]))
checks.check_value("z2", result[2], [[12.0], [19.0]])

# %% nbgrader={"grade": true, "grade_id": "skip--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(2)
shapes = [(5, 3), (4, 3), (4,), (2, 4), (2,), (2, 3)]
arguments = [rng.standard_normal(shape) for shape in shapes]
z1, a1, z2 = checks.call_unchanged(forward_with_skip, *arguments)
for name, array, shape in (("z1", z1, (5, 4)), ("a1", a1, (5, 4)), ("z2", z2, (5, 2))):
    checks.check_true(np.shape(array) == shape, f"{name} has shape {np.shape(array)}, expected {shape}")
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")
x, w1, b1, w2, b2, u = arguments
hidden = networks.affine(x, w1, b1)
checks.check_value("z1 of a batch", z1, hidden, reveal=False)
checks.check_value("a1 of a batch", a1, np.tanh(hidden), reveal=False)
checks.check_value(
    "z2 of a batch", z2, networks.affine(np.tanh(hidden), w2, b2) + networks.affine(x, u, np.zeros(2)), reveal=False
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "output-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: two output deltas (15 points)
#
# The loss is half the squared error, averaged over the batch: $J = \frac1N\sum_n \frac12\lVert\mathbf{a}_n - \mathbf{y}_n\rVert^2$. Write its gradient for the pre-activations of the output layer for two output functions, from the *outputs* alone:
#
# `tanh_delta(a, y)` for $\mathbf{a} = \tanh\mathbf{z}$, entry by entry, and
#
# `softmax_delta(h, y)` for $\mathbf{h} = \operatorname{softmax}\mathbf{z}$, row by row.
#
# - all arrays, arguments and results, have shape $(N, M)$; the results carry the $\frac1N$;
# - softmax is not elementwise: use its Jacobian $\partial h_i/\partial z_j = h_i(\delta_{ij} - h_j)$.
#
# Examples: `tanh_delta([[0.5]], [[1.0]])` is $(0.5 - 1)(1 - 0.25) = -0.375$. For $\mathbf{h} = (0.5, 0.5)$ and $\mathbf{y} = (0, 1)$ the second is $(0.25, -0.25)$.


# %% nbgrader={"grade": false, "grade_id": "output", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tanh_delta(a, y):
    """Return the delta of tanh outputs a with half the squared error."""
    ### BEGIN SOLUTION
    return (a - y) * (1 - a**2) / len(a)
    ### END SOLUTION


def softmax_delta(h, y):
    """Return the delta of softmax outputs h with half the squared error."""
    ### BEGIN SOLUTION
    g = (h - y) / len(h)
    return h * (g - np.sum(g * h, axis=1, keepdims=True))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "output--tanh", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

one = checks.call_unchanged(tanh_delta, np.array([[0.5]]), np.array([[1.0]]))
print(checks.difference_table(one, [[-0.375]]))
checks.check_value("tanh_delta of the example", one, [[-0.375]])
rng = np.random.default_rng(3)
z, y = rng.standard_normal((4, 2)), rng.choice([-1.0, 1.0], (4, 2))
checks.check_gradient(
    "tanh_delta for a batch of four",
    tanh_delta(np.tanh(z), y),
    lambda z: np.sum((np.tanh(z) - y) ** 2) / 2 / 4,
    z,
    batch=4,
)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
z, y = rng.standard_normal((7, 3)), rng.standard_normal((7, 3))
checks.check_value(
    "tanh_delta for another batch",
    tanh_delta(np.tanh(z), y),
    reference.output_delta(z, y, "tanh", "half_squared"),
    batch=7,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "output--softmax", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

one = checks.call_unchanged(softmax_delta, np.array([[0.5, 0.5]]), np.array([[0.0, 1.0]]))
print(checks.difference_table(one, [[0.25, -0.25]]))
checks.check_value("softmax_delta of the example", one, [[0.25, -0.25]])
rng = np.random.default_rng(4)
z, y = rng.standard_normal((1, 4)), np.array([[0.0, 0.0, 1.0, 0.0]])


def through(z):
    e = np.exp(z)
    return np.sum((e / e.sum(axis=1, keepdims=True) - y) ** 2) / 2


e = np.exp(z)
checks.check_gradient("softmax_delta for four classes", softmax_delta(e / e.sum(), y), through, z)

# %% nbgrader={"grade": true, "grade_id": "output--softmax-batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(5)
h = rng.uniform(0.1, 1.0, (6, 3))
h = h / h.sum(axis=1, keepdims=True)
y = np.eye(3)[[0, 1, 2, 0, 1, 2]]
delta = softmax_delta(h, y)
checks.check_value(
    "the sum of each row of softmax_delta (raising all scores of a row changes nothing)",
    np.sum(delta, axis=1),
    np.zeros(6),
)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
checks.check_value(
    "softmax_delta for a batch",
    delta,
    reference.output_delta(np.log(h), y, "softmax", "half_squared"),
    batch=6,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "branch-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: a layer that feeds two others (10 points)
#
# A hidden layer with $\mathbf{a} = \tanh\mathbf{z}$ feeds two layers $p$ and $q$, with weights $W_p$ and $W_q$. Both have been walked back already: their deltas $\boldsymbol\delta_p$ and $\boldsymbol\delta_q$ are known. Write
#
# `branched_delta(delta_p, w_p, delta_q, w_q, z)`, the hidden layer's delta $\partial J/\partial\mathbf{z}$.
#
# - `z` has shape $(N, K)$, `delta_p` $(N, P)$, `w_p` $(P, K)$, `delta_q` $(N, Q)$, `w_q` $(Q, K)$; the result has the shape of `z`.
#
# Example: one sample, one hidden unit with $\tanh z = 0.5$, $\delta_p = 2$, $W_p = 3$, $\delta_q = 1$, $W_q = -2$: the gradient at the unit's output is $2\cdot3 + 1\cdot(-2) = 4$, and the delta $4 \cdot 0.75 = 3$.


# %% nbgrader={"grade": false, "grade_id": "branch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def branched_delta(delta_p, w_p, delta_q, w_q, z):
    """Return the delta of a tanh layer that feeds two layers."""
    ### BEGIN SOLUTION
    da = delta_p @ w_p + delta_q @ w_q
    return da * (1 - np.tanh(z) ** 2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "branch--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z = np.array([[np.arctanh(0.5)]])
yours = checks.call_unchanged(
    branched_delta, np.array([[2.0]]), np.array([[3.0]]), np.array([[1.0]]), np.array([[-2.0]]), z
)
print(checks.difference_table(yours, [[3.0]]))
checks.check_value("the delta of the example", yours, [[3.0]])

# %% nbgrader={"grade": true, "grade_id": "branch--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(6)
z = rng.standard_normal((4, 3))
w_p, w_q = rng.standard_normal((2, 3)), rng.standard_normal((5, 3))
delta_p, delta_q = rng.standard_normal((4, 2)), rng.standard_normal((4, 5))


def through(z):
    return np.sum(delta_p * (np.tanh(z) @ w_p.T)) + np.sum(delta_q * (np.tanh(z) @ w_q.T))


checks.check_gradient("the delta for a batch", branched_delta(delta_p, w_p, delta_q, w_q, z), through, z)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
z = rng.standard_normal((6, 2))
w_p, w_q = rng.standard_normal((2, 2)), rng.standard_normal((2, 2))
delta_p, delta_q = rng.standard_normal((6, 2)), rng.standard_normal((6, 2))
expected = reference.hidden_delta(delta_p, w_p, z, "tanh") + reference.hidden_delta(delta_q, w_q, z, "tanh")
checks.check_value(
    "the delta where all matrices are square", branched_delta(delta_p, w_p, delta_q, w_q, z), expected, reveal=False
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "weighted-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: samples that count differently (10 points)
#
# Some samples matter more. With weights $c_n > 0$ the loss is the weighted mean $J = \sum_n c_n J_n \big/ \sum_n c_n$. Here `delta` holds, row by row, the delta of each sample's *own* loss, $\partial J_n/\partial \mathbf{z}_n$, without any factor. Write
#
# `weighted_gradients(delta, a, c)`, which returns `(dw, db)`, the gradients of $J$ for the layer's weights and biases
#
# - `delta` has shape $(N, M)$, `a`, the layer's input, $(N, D)$, and `c` $(N,)$; `dw` has shape $(M, D)$ and `db` $(M,)$.
#
# Example: deltas $1$ and $2$, inputs $10$ and $20$, weights $3$ and $1$: `dw` is $(3 \cdot 1 \cdot 10 + 1 \cdot 2 \cdot 20)/4 = 17.5$ and `db` is $(3 + 2)/4 = 1.25$.


# %% nbgrader={"grade": false, "grade_id": "weighted", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weighted_gradients(delta, a, c):
    """Return (dw, db) of a weighted mean over the samples."""
    ### BEGIN SOLUTION
    weighted = delta * (c / np.sum(c))[:, None]
    return weighted.T @ a, weighted.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "weighted--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

result = checks.call_unchanged(
    weighted_gradients, np.array([[1.0], [2.0]]), np.array([[10.0], [20.0]]), np.array([3.0, 1.0])
)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "weighted_gradients should return the pair (dw, db)"
)
print(checks.difference_table(result[0], [[17.5]]))
checks.check_value("dw of the example", result[0], [[17.5]], batch=2)
checks.check_value("db of the example", result[1], [1.25], batch=2)

# %% nbgrader={"grade": true, "grade_id": "weighted--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(7)
delta, a = rng.standard_normal((6, 2)), rng.standard_normal((6, 3))
dw, db = weighted_gradients(delta, a, np.full(6, 5.0))
checks.check_value("dw where all samples have the weight 5", dw, delta.T @ a / 6, batch=6)
checks.check_value("db where all samples have the weight 5", db, delta.mean(axis=0), batch=6)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
c = rng.uniform(0.5, 4.0, 6)
expected_dw, expected_db = reference.layer_gradients(delta * c[:, None] / c.sum(), a)
dw, db = weighted_gradients(delta, a, c)
checks.check_value("dw for other weights", dw, expected_dw, batch=6, reveal=False)
checks.check_value("db for other weights", db, expected_db, batch=6, reveal=False)
twice = weighted_gradients(np.concatenate([delta, delta]), np.concatenate([a, a]), np.concatenate([c, c]))
checks.check_value("dw after every sample was doubled", twice[0], expected_dw, batch=2, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "module-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: a module (10 points)
#
# The next cell gives the way forward of a module: an affine map and a sigmoid in one. Its cache holds the input, the weights and the output. Write the way back,
#
# `sigmoid_layer_backward(da, cache)`, which returns `(dx, dw, db)`
#
# - `da` $= \partial J/\partial\mathbf{a}$ has shape $(N, M)$; the results have the shapes of `x` $(N, D)$, `w` $(M, D)$ and `b` $(M,)$;
# - everything you need is in the cache; do not compute the way forward again.


# %% nbgrader={"grade": false, "grade_id": "module-forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
def sigmoid_layer_forward(x, w, b):
    """Return a = sigmoid(x wᵀ + b) and what the way back needs."""
    a = 0.5 + 0.5 * np.tanh(0.5 * (x @ w.T + b))
    return a, (x, w, a)


# %% nbgrader={"grade": false, "grade_id": "module", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid_layer_backward(da, cache):
    """Return (dx, dw, db) of an affine map followed by a sigmoid."""
    ### BEGIN SOLUTION
    x, w, a = cache
    dz = da * a * (1 - a)
    return dz @ w, dz.T @ x, dz.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "module--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, w, a = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([[0.5]])
result = checks.call_unchanged(sigmoid_layer_backward, np.array([[4.0]]), (x, w, a))
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 3,
    "sigmoid_layer_backward should return the triple (dx, dw, db)",
)
print(checks.difference_table(result[0], [[3.0, 4.0]]))
checks.check_value("dx for da = 4, x = (1, 2), w = (3, 4), a = 0.5", result[0], [[3.0, 4.0]])
checks.check_value("dw for the same", result[1], [[1.0, 2.0]])
checks.check_value("db for the same", result[2], [1.0])

# %% nbgrader={"grade": true, "grade_id": "module--measured", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(8)
x, w, b, da = (rng.standard_normal(shape) for shape in ((5, 3), (2, 3), (2,), (5, 2)))


def through(x, w, b):
    return np.sum(da / (1 + np.exp(-(x @ w.T + b))))


output = 1 / (1 + np.exp(-(x @ w.T + b)))
dx, dw, db = sigmoid_layer_backward(da, (x, w, output))
checks.check_gradient("dx of a batch", dx, lambda x: through(x, w, b), x, batch=5)
checks.check_gradient("dw of a batch", dw, lambda w: through(x, w, b), w, batch=5)
checks.check_gradient("db of a batch", db, lambda b: through(x, w, b), b, batch=5)
### BEGIN HIDDEN TESTS
activations = checks.reference("activations")
z = rng.standard_normal((4, 3))
x, w, da = rng.standard_normal((4, 3)), rng.standard_normal((3, 3)), rng.standard_normal((4, 3))
dz = da * activations.sigmoid_derivative(z)
dx, dw, db = sigmoid_layer_backward(da, (x, w, activations.sigmoid(z)))
checks.check_value("dx where the weights are square", dx, dz @ w, reveal=False)
checks.check_value("dw where the weights are square", dw, dz.T @ x, batch=4, reveal=False)
checks.check_value("db where the weights are square", db, dz.sum(axis=0), batch=4, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "small-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: a neuron with a penalty, and a linear layer (15 points)
#
# **A sigmoid neuron** on a batch, with a penalty on its weights (not on its bias): $J = \frac1N\sum_n \frac12 (a_n - y_n)^2 + \frac\lambda2\lVert\mathbf{w}\rVert^2$, $a_n = \sigma(\mathbf{w}^{\mathsf T}\mathbf{x}_n + b)$. Write
#
# `neuron_gradients(x, y, w, b, strength)`, which returns `(dw, db)`, for `x` $(N, D)$, `y` $(N,)$, `w` $(D,)$, `b` a number and `strength` $= \lambda$; `dw` has shape $(D,)$, `db` is a number.
#
# **A linear layer with biases** and the mean squared error over samples and outputs: $J = \frac{1}{NM}\sum_{n,m}(\hat y_{nm} - y_{nm})^2$, $\hat Y = XW^{\mathsf T} + \mathbf{b}$. Write
#
# `linear_gradients(x, y, w, b)`, which returns `(dw, db)`, for `x` $(N, D)$, `y` $(N, M)$, `w` $(M, D)$ and `b` $(M,)$.
#
# Example: the neuron with $\mathbf{w} = (1, 2)$, $b = 0$, $\lambda = 0$ on the one sample $\mathbf{x} = (2, -1)$, $y = 0$ has `dw` $= (0.25, -0.125)$ and `db` $= 0.125$.


# %% nbgrader={"grade": false, "grade_id": "small", "locked": false, "schema_version": 3, "solution": true, "task": false}
def neuron_gradients(x, y, w, b, strength):
    """Return (dw, db) of a sigmoid neuron with half squared loss and an L2 penalty on w."""
    ### BEGIN SOLUTION
    a = 0.5 + 0.5 * np.tanh(0.5 * (x @ w + b))
    delta = (a - y) * a * (1 - a) / len(x)
    return delta @ x + strength * w, np.sum(delta)
    ### END SOLUTION


def linear_gradients(x, y, w, b):
    """Return (dw, db) of a linear layer with the mean squared error."""
    ### BEGIN SOLUTION
    delta = 2 * (x @ w.T + b - y) / y.size
    return delta.T @ x, delta.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "small--neuron", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

result = checks.call_unchanged(
    neuron_gradients, np.array([[2.0, -1.0]]), np.array([0.0]), np.array([1.0, 2.0]), 0.0, 0.0
)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "neuron_gradients should return the pair (dw, db)"
)
print(checks.difference_table(result[0], [0.25, -0.125]))
checks.check_value("dw of the example", result[0], [0.25, -0.125])
checks.check_value("db of the example", result[1], 0.125)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
rng = np.random.default_rng(9)
x, y, w, b = rng.standard_normal((5, 3)), rng.uniform(0, 1, 5), rng.standard_normal(3), 0.3
singles = [reference.sigmoid_neuron_gradient(x[n], y[n], w, b) for n in range(5)]
dw, db = neuron_gradients(x, y, w, b, 0.0)
checks.check_value(
    "dw of a neuron for a batch, no penalty", dw, np.mean([s[0] for s in singles], axis=0), batch=5, reveal=False
)
checks.check_value(
    "db of a neuron for a batch, no penalty", db, np.mean([s[1] for s in singles]), batch=5, reveal=False
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "small--penalty", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(10)
x, y, w = rng.standard_normal((4, 3)), rng.uniform(0, 1, 4), rng.standard_normal(3)


def objective(w, b):
    a = 1 / (1 + np.exp(-(x @ w + b)))
    return np.mean((a - y) ** 2) / 2 + 0.35 * np.sum(w**2)


dw, db = neuron_gradients(x, y, w, 0.2, 0.7)
checks.check_gradient("dw with the strength 0.7", dw, lambda w: objective(w, 0.2), w, batch=4)
checks.check_gradient("db with the strength 0.7", db, lambda b: objective(w, b), 0.2, batch=4)

# %% nbgrader={"grade": true, "grade_id": "small--linear", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(11)
x, y, w, b = (rng.standard_normal(shape) for shape in ((5, 3), (5, 2), (2, 3), (2,)))
result = checks.call_unchanged(linear_gradients, x, y, w, b)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "linear_gradients should return the pair (dw, db)"
)
checks.check_gradient("dw of the linear layer", result[0], lambda w: np.mean((x @ w.T + b - y) ** 2), w, batch=5)
checks.check_gradient("db of the linear layer", result[1], lambda b: np.mean((x @ w.T + b - y) ** 2), b, batch=5)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
x, y, w = rng.standard_normal((7, 2)), rng.standard_normal((7, 4)), rng.standard_normal((4, 2))
checks.check_value(
    "dw of another linear layer",
    linear_gradients(x, y, w, np.zeros(4))[0],
    reference.linear_mse_gradient(x, y, w),
    batch=7,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "relu-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: a rectifier network on a batch (10 points)
#
# $Z = XW_1^{\mathsf T} + \mathbf{b}_1$, $H = \max(0, Z)$, $\hat Y = HW_2^{\mathsf T} + \mathbf{b}_2$, and the loss $J = \frac1N\sum_n\lVert\hat{\mathbf{y}}_n - \mathbf{y}_n\rVert^2$. Chapter 6 shows the gradients for one sample. Write them for a batch,
#
# `relu_gradients(x, y, w1, b1, w2, b2)`, which returns `(dw1, db1, dw2, db2)`, each with the shape of its parameter.


# %% nbgrader={"grade": false, "grade_id": "relu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_gradients(x, y, w1, b1, w2, b2):
    """Return (dw1, db1, dw2, db2) of a rectifier network with squared loss, averaged over the batch."""
    ### BEGIN SOLUTION
    z = x @ w1.T + b1
    h = np.maximum(z, 0)
    delta2 = 2 * (h @ w2.T + b2 - y) / len(x)
    delta1 = (delta2 @ w2) * (z > 0)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "relu--example", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

# Two samples, two hidden units, one output: the second hidden unit is silent for the first sample, the first for the second.
result = checks.call_unchanged(
    relu_gradients,
    np.array([[1.0], [-1.0]]),
    np.array([[0.0], [0.0]]),
    np.array([[2.0], [-1.0]]),
    np.zeros(2),
    np.array([[1.0, 1.0]]),
    np.zeros(1),
)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 4, "relu_gradients should return (dw1, db1, dw2, db2)"
)
print(checks.difference_table(result[0], [[2.0], [-1.0]]))
for name, yours, expected in zip(
    ("dw1", "db1", "dw2", "db2"), result, ([[2.0], [-1.0]], [2.0, 1.0], [[4.0, 1.0]], [3.0]), strict=True
):
    checks.check_value(f"{name} of the example", yours, expected, batch=2)

# %% nbgrader={"grade": true, "grade_id": "relu--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(12)
x, y, w1, b1, w2, b2 = (rng.standard_normal(shape) for shape in ((6, 3), (6, 2), (4, 3), (4,), (2, 4), (2,)))


def squared_loss(w1, b1, w2, b2):
    return np.sum((np.maximum(x @ w1.T + b1, 0) @ w2.T + b2 - y) ** 2) / 6


dw1, db1, dw2, db2 = relu_gradients(x, y, w1, b1, w2, b2)
checks.check_gradient("dw2", dw2, lambda w2: squared_loss(w1, b1, w2, b2), w2, batch=6)
checks.check_gradient("db2", db2, lambda b2: squared_loss(w1, b1, w2, b2), b2, batch=6)
checks.check_gradient("dw1", dw1, lambda w1: squared_loss(w1, b1, w2, b2), w1, batch=6)
checks.check_gradient("db1", db1, lambda b1: squared_loss(w1, b1, w2, b2), b1, batch=6)
### BEGIN HIDDEN TESTS
reference = checks.reference("backprop")
x, y, w1, b1, w2, b2 = (rng.standard_normal(shape) for shape in ((5, 2), (5, 2), (2, 2), (2,), (2, 2), (2,)))
singles = [reference.relu_network_gradients(x[n], y[n], w1, b1, w2, b2) for n in range(5)]
for k, name in enumerate(("dw1", "db1", "dw2", "db2")):
    checks.check_value(
        f"{name} where all matrices are square",
        relu_gradients(x, y, w1, b1, w2, b2)[k],
        np.mean([s[k] for s in singles], axis=0),
        batch=5,
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: your gradients at work
#
# Two half moons, a network of sixteen rectifiers, and `relu_gradients` in a loop. Look at the corners of the boundary: how many straight pieces do you count, and why are there any?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(13)
points, labels = datasets.moons(300, rng, noise=0.12)
goals = (2.0 * labels - 1)[:, None]
parameters = [rng.standard_normal((16, 2)), rng.standard_normal(16), 0.3 * rng.standard_normal((1, 16)), np.zeros(1)]
losses = []
for _ in range(800):
    output = np.maximum(points @ parameters[0].T + parameters[1], 0) @ parameters[2].T + parameters[3]
    losses.append(np.mean(np.sum((output - goals) ** 2, axis=1)))
    gradients = relu_gradients(points, goals, *parameters)
    parameters = [p - 0.05 * g for p, g in zip(parameters, gradients, strict=True)]

figure, (left, right) = plots.new_axes(columns=2, width=7.6)
left.semilogy(losses)
plots.label(left, "step", "loss")
u, v = np.meshgrid(np.linspace(-1.6, 2.6, 160), np.linspace(-1.2, 1.7, 120))
grid = np.stack([u.ravel(), v.ravel()], axis=1)
answer = np.maximum(grid @ parameters[0].T + parameters[1], 0) @ parameters[2].T + parameters[3]
right.contour(u, v, answer.reshape(u.shape), levels=[0], colors=plots.GREY)
for label in (0, 1):
    right.plot(*points[labels == label].T, ".", markersize=4)
plots.label(right, "x₁", "x₂")

# %% [markdown] nbgrader={"grade": false, "grade_id": "modular-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 9: in your own words (10 points)
#
# You maintain a library in which users build networks from layers, and someone asks for a new layer. In six to ten sentences: what does the author of the new layer have to write, and what does the layer have to remember on the way forward; why does nobody have to derive anything for the networks that will contain it, while a derivation "in
# one piece" would have to be done again for each; and what does the gradient of a whole network cost, in time and in memory, compared with one pass forward?

# %% [markdown] nbgrader={"grade": true, "grade_id": "modular--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for what is written (forward, and a backward that turns the gradient for the output into gradients for input and parameters, from local derivatives alone); 2 for the cache (the inputs or outputs its local derivative needs, e.g. x and w for an affine map, a for a sigmoid); 3 for modularity (chain rule: upstream times local, summed over paths; the layer needs no knowledge of the
# rest; a derivation in one piece mentions every layer, so it changes with the architecture); 2 for the cost (time a small multiple of one forward pass, independent of the number of parameters; memory for all kept activations).
#
# **Full (10).** "The author writes forward and backward. Backward receives the gradient of the loss for the layer's output and multiplies it by the layer's own derivative, which gives the gradients for its input and its parameters; for that, forward stores what the derivative needs, such as the input and the weights, or the output for a sigmoid. By the chain rule the gradient for the input is
# exactly what the layer before needs as its upstream gradient, so any sequence of layers works without new mathematics, while substituting all layers into one formula has to be done again when one is added. One gradient costs about two to three forward passes, however many weights there are, but all the stored activations have to be kept until the pass back has used them."
#
# **Half (5).** "You need a forward and a backward function. The backward function uses the chain rule, so one can put the layers together as one likes. It is as fast as the forward pass." (Forward and backward 2, modularity 2, time 1; no cache, no memory.)
#
# **None (0).** "The library computes the gradients automatically, so nothing has to be done."
#
# === END MARK SCHEME ===
# ### END SOLUTION
