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
# # Assignment 13: Recurrent networks
#
# **Goal.** You will walk forwards and back through time in networks that chapter 13 does not show: a state that answers slowly, sequences of different length, a loss that reads the last state only, an LSTM cell with two gates tied together. At the end your own steps show how far back in time a gradient reaches.
#
# **Points.** Seven questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, and the library's modules of earlier chapters; `finite_differences` checks every gradient. `course_lib.recurrent` holds answers; it is withheld here and open to you afterwards.
#
# **Letters.** $N$ sequences, $T$ times, $D$ inputs, $M$ units. A bar marks a gradient, $\bar h = \partial J/\partial h$; $\delta$ is the gradient for a pre-activation; $\sigma$ is the sigmoid.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, plots

checks.withhold("recurrent")

# %% [markdown] nbgrader={"grade": false, "grade_id": "step-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: a state that answers slowly (10 points)
#
# A **leaky** unit keeps a part of its old state and mixes in a share $\alpha$ of the new one: $s = \tanh(W_x x + W_h h_{\text{prev}} + b)$ and $h = (1 - \alpha)\, h_{\text{prev}} + \alpha\, s$. Write
#
# `leaky_step(x, h_prev, wx, wh, b, alpha)`, which returns the new state `h`
#
# - `x` is $(N, D)$, `h_prev` $(N, M)$, `wx` $(M, D)$, `wh` $(M, M)$, `b` $(M,)$, `alpha` a number from 0 to 1; nothing handed in may change;
# - the result has shape $(N, M)$.
#
# Example: one unit with $W_x x + W_h h_{\text{prev}} + b = \operatorname{artanh} 0.5$, $h_{\text{prev}} = 0.9$ and $\alpha = 0.25$ has $h = 0.75 \cdot 0.9 + 0.25 \cdot 0.5 = 0.8$.


# %% nbgrader={"grade": false, "grade_id": "step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaky_step(x, h_prev, wx, wh, b, alpha):
    """Return the new state of leaky units."""
    ### BEGIN SOLUTION
    s = np.tanh(x @ wx.T + h_prev @ wh.T + b)
    return (1 - alpha) * h_prev + alpha * s
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "step--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

t = np.arctanh(0.5)
yours = checks.call_unchanged(
    leaky_step, np.array([[1.0]]), np.array([[0.9]]), np.array([[t]]), np.array([[0.0]]), np.zeros(1), 0.25
)
print(checks.difference_table(yours, [[0.8]]))
checks.check_value("the state of the example", yours, [[0.8]])

# %% nbgrader={"grade": true, "grade_id": "step--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(1)
x, h_prev, wx, wh, b = (rng.standard_normal(shape) for shape in ((4, 3), (4, 2), (2, 3), (2, 2), (2,)))
checks.check_value("the state with alpha = 0", leaky_step(x, h_prev, wx, wh, b, 0.0), h_prev)
### BEGIN HIDDEN TESTS
reference = checks.reference("recurrent")
s = reference.rnn_step_forward(x, h_prev, wx, wh, b)[0]
checks.check_value("the state with alpha = 1", leaky_step(x, h_prev, wx, wh, b, 1.0), s, reveal=False)
checks.check_value(
    "the state with alpha = 0.3", leaky_step(x, h_prev, wx, wh, b, 0.3), 0.7 * h_prev + 0.3 * s, reveal=False
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "stepback-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: the way back (15 points)
#
# The same leaky unit. The cache holds the inputs, the state before, the weights and $s$, the value of the tanh. Write
#
# `leaky_step_backward(dh, cache, alpha)`, which returns `(dx, dh_prev, dwx, dwh, db)`
#
# - `dh` $= \bar h$ has shape $(N, M)$ and `cache` is `(x, h_prev, wx, wh, s)`; each result has the shape of what it belongs to;
# - the old state reaches the new one by two ways; a loss's $\frac1N$ is in `dh` already.
#
# Example: $N = D = M = 1$, $x = 2$, $h_{\text{prev}} = 1$, $W_x = 3$, $W_h = 4$, $s = 0.5$, $\alpha = 0.5$, $\bar h = 8$: $\delta = 8 \cdot 0.5 \cdot 0.75 = 3$, so `dx` $= 9$, `dh_prev` $= 4 + 12 = 16$, `dwx` $= 6$, `dwh` $= 3$, `db` $= 3$.


# %% nbgrader={"grade": false, "grade_id": "stepback", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaky_step_backward(dh, cache, alpha):
    """Return (dx, dh_prev, dwx, dwh, db) of one step of leaky units."""
    ### BEGIN SOLUTION
    x, h_prev, wx, wh, s = cache
    delta = alpha * dh * (1 - s * s)
    return delta @ wx, (1 - alpha) * dh + delta @ wh, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "stepback--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, h_prev, wx, wh, s = (np.array([[value]]) for value in (2.0, 1.0, 3.0, 4.0, 0.5))
result = checks.call_unchanged(leaky_step_backward, np.array([[8.0]]), (x, h_prev, wx, wh, s), 0.5)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 5, "the result should be (dx, dh_prev, dwx, dwh, db)"
)
print(checks.difference_table(result[1], [[16.0]]))
for name, yours, expected in zip(
    ("dx", "dh_prev", "dwx", "dwh", "db"), result, ([[9.0]], [[16.0]], [[6.0]], [[3.0]], [3.0]), strict=True
):
    checks.check_value(f"{name} of the example", yours, expected)

# %% nbgrader={"grade": true, "grade_id": "stepback--measured", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(2)
x, h_prev, wx, wh, b, dh = (rng.standard_normal(shape) for shape in ((4, 3), (4, 2), (2, 3), (2, 2), (2,), (4, 2)))


def through(x, h_prev, wx, wh, b):
    return np.sum(dh * (0.6 * h_prev + 0.4 * np.tanh(x @ wx.T + h_prev @ wh.T + b)))


s = np.tanh(x @ wx.T + h_prev @ wh.T + b)
dx, dh_prev, dwx, dwh, db = leaky_step_backward(dh, (x, h_prev, wx, wh, s), 0.4)
checks.check_gradient("dx", dx, lambda v: through(v, h_prev, wx, wh, b), x, batch=4)
checks.check_gradient("dh_prev", dh_prev, lambda v: through(x, v, wx, wh, b), h_prev, batch=4)
checks.check_gradient("dwx", dwx, lambda v: through(x, h_prev, v, wh, b), wx, batch=4)
checks.check_gradient("dwh", dwh, lambda v: through(x, h_prev, wx, v, b), wh, batch=4)
checks.check_gradient("db", db, lambda v: through(x, h_prev, wx, wh, v), b, batch=4)

# %% nbgrader={"grade": true, "grade_id": "stepback--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(3)
x, h_prev, wx, wh, b, dh = (rng.standard_normal(shape) for shape in ((5, 3), (5, 3), (3, 3), (3, 3), (3,), (5, 3)))
s = np.tanh(x @ wx.T + h_prev @ wh.T + b)
checks.check_value("dh_prev with alpha = 0", leaky_step_backward(dh, (x, h_prev, wx, wh, s), 0.0)[1], dh)
### BEGIN HIDDEN TESTS
reference = checks.reference("recurrent")
s, cache = reference.rnn_step_forward(x, h_prev, wx, wh, b)
expected = list(reference.rnn_step_backward(0.7 * dh, cache))
expected[1] = expected[1] + 0.3 * dh
yours = leaky_step_backward(dh, (x, h_prev, wx, wh, s), 0.7)
for name, mine, right in zip(("dx", "dh_prev", "dwx", "dwh", "db"), yours, expected, strict=True):
    checks.check_value(f"{name} where all matrices are square", mine, right, batch=5, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "sequence-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: sequences of different length (15 points)
#
# A batch is a rectangle, but sentences differ in length. Short ones are filled up, and what fills them must not touch their state. Write
#
# `run_sequences(x, h0, wx, wh, b, lengths)`, which returns the states `h` of a plain network, $h^t = \tanh(W_x x^t + W_h h^{t-1} + b)$ for $t \le$ the sequence's length, and $h^t = h^{t-1}$ afterwards
#
# - `x` is $(N, T, D)$, `h0` $(N, M)$, `lengths` a list of $N$ whole numbers from 0 to $T$; the weights as before; the result has shape $(N, T, M)$ and holds $h^1, \dots, h^T$;
# - each sequence starts from its own row of `h0`, which must not change.
#
# Example: $W_x = \frac12\ln 3$, $W_h = \ln 3$, $b = 0$, $h^0 = 0$, the inputs $(1, 0, 5)$ and the length 2: the states are $(\frac12, \frac12, \frac12)$.


# %% nbgrader={"grade": false, "grade_id": "sequence", "locked": false, "schema_version": 3, "solution": true, "task": false}
def run_sequences(x, h0, wx, wh, b, lengths):
    """Return the states of a batch of sequences of different length."""
    ### BEGIN SOLUTION
    h, states = h0, []
    for t in range(x.shape[1]):
        new = np.tanh(x[:, t] @ wx.T + h @ wh.T + b)
        h = np.where((t < np.array(lengths))[:, None], new, h)
        states.append(h)
    return np.stack(states, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sequence--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[[1.0], [0.0], [5.0]]])
wx, wh = np.array([[np.log(3) / 2]]), np.array([[np.log(3)]])
yours = checks.call_unchanged(run_sequences, x, np.zeros((1, 1)), wx, wh, np.zeros(1), [2])
print(checks.difference_table(yours, [[[0.5], [0.5], [0.5]]]))
checks.check_value("the states of the example", yours, [[[0.5], [0.5], [0.5]]])

# %% nbgrader={"grade": true, "grade_id": "sequence--full", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(4)
x, h0, wx, wh, b = (rng.standard_normal(shape) for shape in ((3, 4, 2), (3, 5), (5, 2), (5, 5), (5,)))
yours = checks.call_unchanged(run_sequences, x, h0, wx, wh, b, [4, 4, 4])
checks.check_true(np.shape(yours) == (3, 4, 5), f"the states have shape {np.shape(yours)}, expected (3, 4, 5)")
checks.check_value("the states of time 1", np.array(yours)[:, 0], np.tanh(x[:, 0] @ wx.T + h0 @ wh.T + b))
### BEGIN HIDDEN TESTS
reference = checks.reference("recurrent")
checks.check_value("the states of full sequences", yours, reference.rnn_forward(x, h0, wx, wh, b)[0], reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sequence--lengths", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(5)
x, h0, wx, wh, b = (rng.standard_normal(shape) for shape in ((4, 5, 2), (4, 3), (3, 2), (3, 3), (3,)))
lengths = [5, 0, 3, 1]
yours = np.array(run_sequences(x, h0, wx, wh, b, lengths))
checks.check_value("the states of a sequence of length 0", yours[1], np.stack([h0[1]] * 5))
### BEGIN HIDDEN TESTS
expected = checks.reference("recurrent").rnn_forward(x, h0, wx, wh, b)[0]
for n in (0, 2, 3):
    expected[n, lengths[n] :] = expected[n, lengths[n] - 1]
    checks.check_value(f"the states of a sequence of length {lengths[n]}", yours[n], expected[n], reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "through-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: only the last state counts (15 points)
#
# The loss reads $h^T$ alone, as when a whole sentence gets one label. Write the walk back through time for the plain network with tanh,
#
# `last_state_gradients(dlast, x, h0, h, wx, wh)`, which returns `(dx, dh0, dwx, dwh, db)`
#
# - `dlast` $= \partial J/\partial h^T$ is $(N, M)$, `x` $(N, T, D)$, `h0` $(N, M)$, and `h` $(N, T, M)$ holds the states $h^1 \dots h^T$ of the way forward; each result has the shape of what it belongs to.
#
# Example: chapter 13's unit, $W_x = \frac12\ln 3$, $W_h = \ln 3$, states $(\frac12, \frac12)$ for the inputs $(1, 0)$ from $h^0 = 0$, with `dlast` $= 1$: $\delta^2 = 0.75$, $\delta^1 = 0.75 \ln 3 \cdot 0.75$, so `dwh` $= \frac12 \cdot 0.75 = 0.375$.


# %% nbgrader={"grade": false, "grade_id": "through", "locked": false, "schema_version": 3, "solution": true, "task": false}
def last_state_gradients(dlast, x, h0, h, wx, wh):
    """Return (dx, dh0, dwx, dwh, db) of a loss that reads the last state."""
    ### BEGIN SOLUTION
    dx, dwx, dwh, db = np.zeros(x.shape), np.zeros(wx.shape), np.zeros(wh.shape), np.zeros(len(wh))
    dh = dlast
    for t in reversed(range(x.shape[1])):
        delta = dh * (1 - h[:, t] ** 2)
        before = h[:, t - 1] if t > 0 else h0
        dx[:, t] = delta @ wx
        dwx += delta.T @ x[:, t]
        dwh += delta.T @ before
        db += delta.sum(axis=0)
        dh = delta @ wh
    return dx, dh, dwx, dwh, db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "through--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

k = np.log(3)
x, h = np.array([[[1.0], [0.0]]]), np.array([[[0.5], [0.5]]])
result = checks.call_unchanged(
    last_state_gradients, np.array([[1.0]]), x, np.zeros((1, 1)), h, np.array([[k / 2]]), np.array([[k]])
)
checks.check_true(isinstance(result, tuple | list) and len(result) == 5, "the result should be (dx, dh0, dwx, dwh, db)")
print(checks.difference_table(result[3], [[0.375]]))
checks.check_value("dwh of the example", result[3], [[0.375]])
checks.check_value("dwx of the example", result[2], [[0.75**2 * k]])
checks.check_value("db of the example", result[4], [0.75 + 0.75**2 * k])

# %% nbgrader={"grade": true, "grade_id": "through--measured", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(6)
x, h0, wx, wh, b, dlast = (rng.standard_normal(shape) for shape in ((3, 4, 2), (3, 2), (2, 2), (2, 2), (2,), (3, 2)))


def states(wh, h0):
    h, kept = h0, []
    for t in range(4):
        h = np.tanh(x[:, t] @ wx.T + h @ wh.T + b)
        kept.append(h)
    return np.stack(kept, axis=1)


result = last_state_gradients(dlast, x, h0, states(wh, h0), wx, wh)
checks.check_gradient("dwh", result[3], lambda v: np.sum(dlast * states(v, h0)[:, -1]), wh, batch=3)
checks.check_gradient("dh0", result[1], lambda v: np.sum(dlast * states(wh, v)[:, -1]), h0, batch=3)

# %% nbgrader={"grade": true, "grade_id": "through--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(7)
x, h0, wx, wh, b, dlast = (rng.standard_normal(shape) for shape in ((5, 6, 2), (5, 3), (3, 2), (3, 3), (3,), (5, 3)))
one = np.tanh(x[:, :1] @ wx.T + (h0 @ wh.T)[:, None] + b)
dx, dh0, dwx, dwh, db = checks.call_unchanged(last_state_gradients, dlast, x[:, :1], h0, one, wx, wh)
checks.check_value("dwh of a single time", dwh, (dlast * (1 - one[:, 0] ** 2)).T @ h0, batch=5)
### BEGIN HIDDEN TESTS
reference = checks.reference("recurrent")
h, cache = reference.rnn_forward(x, h0, wx, wh, b)
e = np.zeros(h.shape)
e[:, -1] = dlast
expected = reference.rnn_backward(e, cache)
yours = last_state_gradients(dlast, x, h0, h, wx, wh)
for name, mine, right in zip(("dx", "dh0", "dwx", "dwh", "db"), yours, expected, strict=True):
    checks.check_value(f"{name} of six times", mine, right, batch=5, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "clip-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: clipping in groups (10 points)
#
# Two parts of a model can have gradients of very different length, and each gets its own limit's worth. Write
#
# `clip_in_groups(groups, limit)`, which shortens each group of gradients by $\min(1, r / \lVert g \rVert)$, $\lVert g \rVert$ being the norm of all arrays *of the group* as one vector and $r$ the limit
#
# - `groups` is a list of lists of arrays of any shapes; the result is a list of lists of arrays of the same shapes, and nothing handed in may change; a group of zeros stays zero, and no warning may appear.
#
# Example: the groups $[(3), (4)]$ and $[(0.3)]$ with the limit 1 become $[(0.6), (0.8)]$ and $[(0.3)]$.


# %% nbgrader={"grade": false, "grade_id": "clip", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_in_groups(groups, limit):
    """Return the groups of gradients, each shortened to a norm of at most the limit."""
    ### BEGIN SOLUTION
    clipped = []
    for group in groups:
        norm = np.sqrt(sum(np.sum(g * g) for g in group))
        clipped.append([g * (limit / max(norm, limit)) for g in group])
    return clipped
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "clip--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

groups = [[np.array([3.0]), np.array([4.0])], [np.array([0.3])]]
result = checks.call_unchanged(clip_in_groups, groups, 1.0)
checks.check_true(
    [len(group) for group in result] == [2, 1], "the result should have the groups and arrays of the input"
)
flat = [g[0] for group in result for g in group]
print(checks.difference_table(flat, [0.6, 0.8, 0.3]))
checks.check_value("the gradients of the example, one after the other", flat, [0.6, 0.8, 0.3])

# %% nbgrader={"grade": true, "grade_id": "clip--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(8)
groups = [[5 * rng.standard_normal((3, 2)), rng.standard_normal(4)], [np.zeros((2, 2))], [rng.standard_normal(3)]]
result = checks.call_without_warnings(clip_in_groups, groups, 2.5)
checks.check_value("a group of zeros", result[1][0], np.zeros((2, 2)))
### BEGIN HIDDEN TESTS
reference = checks.reference("recurrent")
for yours, group in zip(result, groups, strict=True):
    for mine, right in zip(yours, reference.clip_by_norm(group, 2.5), strict=True):
        checks.check_value("a gradient with the limit 2.5", mine, right, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "cell-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: a cell with tied gates (10 points)
#
# Whoever writes something new can forget as much of the old. In an LSTM cell with **tied gates** the input gate is $1 - f$: $f = \sigma(z_f)$, $g = \tanh(z_g)$, $o = \sigma(z_o)$, all three stacked in this order in $z = W_x x + W_h h_{\text{prev}} + b$; then $c = f \odot c_{\text{prev}} + (1 - f) \odot g$ and $h = o \odot \tanh(c)$. Write
#
# `tied_cell(x, h_prev, c_prev, wx, wh, b)`, which returns `(h, c)`
#
# - `x` is $(N, D)$, `h_prev` and `c_prev` $(N, M)$, `wx` $(3M, D)$, `wh` $(3M, M)$, `b` $(3M,)$; `h` and `c` have shape $(N, M)$.
#
# Example: one unit, no weights, biases $\ln 3 \cdot (1, \frac12, 1)$, memory 2: $f = o = \frac34$, $g = \frac12$, so $c = 1.5 + 0.125 = 1.625$.


# %% nbgrader={"grade": false, "grade_id": "cell", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tied_cell(x, h_prev, c_prev, wx, wh, b):
    """Return (h, c) of an LSTM cell whose input gate is 1 − f."""
    ### BEGIN SOLUTION
    z_f, z_g, z_o = np.split(x @ wx.T + h_prev @ wh.T + b, 3, axis=1)
    f, g, o = 1 / (1 + np.exp(-z_f)), np.tanh(z_g), 1 / (1 + np.exp(-z_o))
    c = f * c_prev + (1 - f) * g
    return o * np.tanh(c), c
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "cell--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

b = np.log(3) * np.array([1.0, 0.5, 1.0])
nothing, zero = np.zeros((3, 1)), np.zeros((1, 1))
result = checks.call_unchanged(tied_cell, zero, zero, zero + 2, nothing, nothing, b)
checks.check_true(isinstance(result, tuple | list) and len(result) == 2, "tied_cell should return the pair (h, c)")
print(checks.difference_table(result[1], [[1.625]]))
checks.check_value("the memory of the example", result[1], [[1.625]])
checks.check_value("the output of the example", result[0], [[0.75 * np.tanh(1.625)]])

# %% nbgrader={"grade": true, "grade_id": "cell--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(9)
x, h_prev, c_prev, wx, wh, b = (rng.standard_normal(shape) for shape in ((4, 3), (4, 2), (4, 2), (6, 3), (6, 2), (6,)))
h, c = checks.call_unchanged(tied_cell, x, h_prev, c_prev, wx, wh, b)
kept = tied_cell(x, h_prev, c_prev, wx, wh, b + np.array([50.0, 50.0, 0.0, 0.0, 0.0, 0.0]))[1]
checks.check_value("the memory with the forget gate open", kept, c_prev)
### BEGIN HIDDEN TESTS
reference = checks.reference("recurrent")
tied = [np.concatenate([-w[:2], w]) for w in (wx, wh, b)]  # 1 − σ(z) is σ(−z)
expected_h, expected_c, _ = reference.lstm_step_forward(x, h_prev, c_prev, *tied)
checks.check_value("the memory of a batch", c, expected_c, reveal=False)
checks.check_value("the output of a batch", h, expected_h, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "cellback-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: back through the tied cell (15 points)
#
# The cell of question 6, backwards. The cache holds what the way forward had. Write
#
# `tied_cell_backward(dh, dc, cache)`, which returns `(dx, dh_prev, dc_prev, dwx, dwh, db)`
#
# - `dh` and `dc` $(N, M)$ are the gradients for the new output and the new memory (from later times); `cache` is `(x, h_prev, c_prev, wx, wh, f, g, o, c)` with `f`, `g`, `o` after their functions; each result has the shape of what it belongs to.
#
# Example: one unit with $f = o = \frac34$, $g = \frac12$, $c_{\text{prev}} = 2$, `dh` $= 0$, `dc` $= 1$: `dc_prev` $= \frac34$, and `db` $= ((2 - \frac12)\frac3{16}, \frac14 \cdot \frac34, 0) = (0.28125, 0.1875, 0)$.


# %% nbgrader={"grade": false, "grade_id": "cellback", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tied_cell_backward(dh, dc, cache):
    """Return (dx, dh_prev, dc_prev, dwx, dwh, db) of the cell with tied gates."""
    ### BEGIN SOLUTION
    x, h_prev, c_prev, wx, wh, f, g, o, c = cache
    tanh_c = np.tanh(c)
    through = dc + dh * o * (1 - tanh_c**2)
    delta_f = through * (c_prev - g) * f * (1 - f)
    delta_g = through * (1 - f) * (1 - g**2)
    delta_o = dh * tanh_c * o * (1 - o)
    delta = np.concatenate([delta_f, delta_g, delta_o], axis=1)
    return delta @ wx, delta @ wh, through * f, delta.T @ x, delta.T @ h_prev, delta.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "cellback--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

zero, weights = np.zeros((1, 1)), np.array([[1.0], [2.0], [3.0]])
cache = (zero + 1, zero, zero + 2, weights, weights, zero + 0.75, zero + 0.5, zero + 0.75, zero + 1.625)
result = checks.call_unchanged(tied_cell_backward, zero, zero + 1, cache)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 6,
    "the result should be (dx, dh_prev, dc_prev, dwx, dwh, db)",
)
print(checks.difference_table(result[5], [0.28125, 0.1875, 0.0]))
checks.check_value("dc_prev of the example", result[2], [[0.75]])
checks.check_value("db of the example", result[5], [0.28125, 0.1875, 0.0])

# %% nbgrader={"grade": true, "grade_id": "cellback--measured", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(10)
x, h_prev, c_prev, wx, wh, b, dh, dc = (
    rng.standard_normal(shape) for shape in ((4, 3), (4, 2), (4, 2), (6, 3), (6, 2), (6,), (4, 2), (4, 2))
)


def cell(x, h_prev, c_prev, wx, wh, b):
    z = x @ wx.T + h_prev @ wh.T + b
    f, g, o = 1 / (1 + np.exp(-z[:, :2])), np.tanh(z[:, 2:4]), 1 / (1 + np.exp(-z[:, 4:]))
    return f, g, o, f * c_prev + (1 - f) * g


def through(*arguments):
    _, _, o, c = cell(*arguments)
    return np.sum(dh * o * np.tanh(c)) + np.sum(dc * c)


arguments = [x, h_prev, c_prev, wx, wh, b]
yours = tied_cell_backward(dh, dc, (x, h_prev, c_prev, wx, wh, *cell(*arguments)))
for k, name in enumerate(("dx", "dh_prev", "dc_prev", "dwx", "dwh", "db")):
    checks.check_gradient(
        name, yours[k], lambda v, k=k: through(*arguments[:k], v, *arguments[k + 1 :]), arguments[k], batch=4
    )

# %% nbgrader={"grade": true, "grade_id": "cellback--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(11)
x, h_prev, c_prev, wx, wh, b, dh, dc = (
    rng.standard_normal(shape) for shape in ((1, 3), (1, 3), (1, 3), (9, 3), (9, 3), (9,), (1, 3), (1, 3))
)
z_f, z_g, z_o = np.split(x @ wx.T + h_prev @ wh.T + b, 3, axis=1)
f, g, o = 0.5 + 0.5 * np.tanh(z_f / 2), np.tanh(z_g), 0.5 + 0.5 * np.tanh(z_o / 2)
c = f * c_prev + (1 - f) * g
yours = checks.call_unchanged(tied_cell_backward, dh, dc, (x, h_prev, c_prev, wx, wh, f, g, o, c))
checks.check_value("dwx, which is the outer product of db and x for one sequence", yours[3], np.outer(yours[5], x))
### BEGIN HIDDEN TESTS
reference = checks.reference("recurrent")
tied = [np.concatenate([-w[:3], w]) for w in (wx, wh, b)]
expected = list(reference.lstm_step_backward(dh, dc, reference.lstm_step_forward(x, h_prev, c_prev, *tied)[2]))
for k in (3, 4, 5):  # the input gate's share counts for f with the opposite sign
    expected[k] = np.concatenate([expected[k][3:6] - expected[k][:3], expected[k][6:]])
for name, mine, right in zip(("dx", "dh_prev", "dc_prev", "dwx", "dwh", "db"), yours, expected, strict=True):
    checks.check_value(f"{name} of one sequence with as many inputs as units", mine, right, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: how far back does a gradient reach?
#
# Eight leaky units with your `leaky_step` and `leaky_step_backward`, forty times and back, for three values of $\alpha$. A small $\alpha$ keeps a share $1 - \alpha$ of the state, and of its gradient, past every tanh. Where have you seen this in chapter 13?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(12)
wx, wh, b = rng.standard_normal((8, 2)), 0.3 * rng.standard_normal((8, 8)), np.zeros(8)
inputs = rng.standard_normal((40, 1, 2))
figure, axes = plots.new_axes(height=3)
for alpha in (1.0, 0.5, 0.1):
    h, caches = np.zeros((1, 8)), []
    for x in inputs:
        s = np.tanh(x @ wx.T + h @ wh.T + b)
        caches.append((x, h, wx, wh, s))
        h = leaky_step(x, h, wx, wh, b, alpha)
    dh, lengths = np.ones((1, 8)), []
    for cache in reversed(caches):
        dh = leaky_step_backward(dh, cache, alpha)[1]
        lengths.append(np.linalg.norm(dh))
    axes.semilogy(lengths, label=f"α = {alpha}")
plots.label(axes, "steps back in time", "length of the gradient", legend=True)

# %% [markdown] nbgrader={"grade": false, "grade_id": "memory-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: in your own words (10 points)
#
# A colleague trains a plain recurrent network to classify long recordings by a word spoken in their first second. It never learns more than to guess, and the colleague proposes to clip the gradients. In six to ten sentences: what happens to the gradient on its way from the end to the first second, and why; why clipping is no help here, and what it is for; what in an LSTM cell makes a difference,
# and on which condition; and one thing that you would measure before changing anything.

# %% [markdown] nbgrader={"grade": true, "grade_id": "memory--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for the gradient (each step back multiplies by the recurrent weights and by a slope of at most 1; over hundreds of steps the product vanishes); 2 for clipping (it shortens gradients that are too long, and cannot restore what has vanished); 3 for the cell (the memory is carried by a product with f and a sum, so its gradient is multiplied by forget gates alone; condition: these stay near 1, for instance by a positive bias at the start); 2 for a measurement (the length of the gradient for the state or the input against time, or training on shorter recordings).
#
# **Full (10).** "Going back one step multiplies the gradient by the transposed recurrent weights and by the slopes of tanh, which are at most 1. After hundreds of steps the product is practically 0, so the loss says nothing about the first second. Clipping makes long gradients shorter, so that one steep batch does not throw the weights away; here nothing is too long. In an LSTM the memory is multiplied by the forget gate and something is added, so its gradient is multiplied by forget gates only. If they are close to 1 it survives, so I would start with a large forget bias; half open gates would lose it too. First I would plot the length of the gradient for the state against time."
#
# **Half (5).** "The gradients vanish because many small numbers are multiplied. Clipping only helps with large gradients. An LSTM is better because it has a memory." (Gradient 2, clipping 2, cell 1; no condition, no measurement.)
#
# **None (0).** "The network is too small; a larger one with more data will learn it."
#
# === END MARK SCHEME ===
# ### END SOLUTION
