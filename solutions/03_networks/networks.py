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
# # Assignment 03: Feedforward networks
#
# **Goal.** You will run networks written in two conventions, shorten networks that are longer than they need be, count their parameters, build one by hand and join two, and count a classifier's errors. At the end your functions read handwritten digits with a network that nobody has trained.
#
# **Points.** Seven questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.datasets`, `course_lib.plots`, and the library's modules of earlier chapters. `course_lib.networks` holds answers; it, and what is built on it, is withheld here and open to you afterwards.
#
# **Letters.** Rows are samples ($N$), weights are (out, in), and $W^l$, $\mathbf{b}^l$ enter layer $l$, unless a question says otherwise.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, datasets, plots

checks.withhold("networks")

# %% [markdown] nbgrader={"grade": false, "grade_id": "forward-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: forward, keeping every layer (15 points)
#
# The chapter's forward pass forgets what the hidden layers said. Chapter 6 will need it, and so does anyone who wants to see where a network goes wrong. Write
#
# `all_activations(x, layers)`, which returns the list $[\mathbf{a}^0, \mathbf{a}^1, \dots, \mathbf{a}^L]$
#
# - `x` is a batch $(N, D)$; `layers` is a list of pairs `(w, b)`, as many as there are layers, with `w` of shape $(M_l, M_{l-1})$ and `b` $(M_l,)$;
# - every *hidden* layer has rectifiers; the output layer is linear;
# - entry 0 of the list is the input, entry $l$ has shape $(N, M_l)$; nothing handed in may change.
#
# Example: $W^1 = \begin{pmatrix}1&-1\\2&0\\0&1\end{pmatrix}$, $\mathbf{b}^1 = (0, -1, 1)$, $W^2 = (1\;-2\;\;1)$, $\mathbf{b}^2 = -4$. The sample $(1, 2)$ gives $\mathbf{a}^1 = (0, 1, 3)$ and $\mathbf{a}^2 = -3$.


# %% nbgrader={"grade": false, "grade_id": "forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def all_activations(x, layers):
    """Return [a0, a1, ..., aL] of a network with rectifiers in its hidden layers and a linear output."""
    ### BEGIN SOLUTION
    activations = [x]
    for number, (w, b) in enumerate(layers, start=1):
        z = activations[-1] @ w.T + b
        activations.append(np.maximum(z, 0) if number < len(layers) else z)
    return activations
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forward--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[1.0, 2.0], [3.0, 0.0]])
layers = [
    (np.array([[1.0, -1.0], [2.0, 0.0], [0.0, 1.0]]), np.array([0.0, -1.0, 1.0])),
    (np.array([[1.0, -2.0, 1.0]]), np.array([-4.0])),
]
result = checks.call_unchanged(all_activations, x, layers)
checks.check_true(
    isinstance(result, list | tuple) and len(result) == 3,
    "for two layers all_activations should return a list of three arrays: a0, a1, a2",
)
checks.check_value("a0", result[0], x)
checks.check_value("a1 of the example", result[1], [[0.0, 1.0, 3.0], [3.0, 5.0, 1.0]])
print(checks.difference_table(result[2], [[-3.0], [-10.0]]))
checks.check_value("a2 of the example", result[2], [[-3.0], [-10.0]])

# %% nbgrader={"grade": true, "grade_id": "forward--depth", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

eye, none = np.eye(2), np.zeros(2)
x = np.array([[1.0, -2.0]])
single = all_activations(x, [(2 * eye, np.array([0.0, 1.0]))])
checks.check_true(len(single) == 2, f"for one layer the list should have 2 entries, but it has {len(single)}")
checks.check_value("the output of a network with a single layer, which is linear", single[1], [[2.0, -3.0]])
five = all_activations(x, [(-eye, none), (eye, none), (eye, none), (eye, none), (-eye, none)])
checks.check_true(len(five) == 6, f"for five layers the list should have 6 entries, but it has {len(five)}")
for number, expected in enumerate(([0, 2], [0, 2], [0, 2], [0, 2], [0, -2]), start=1):
    checks.check_value(f"a{number} of a network with five layers", five[number], [expected])

# %% nbgrader={"grade": true, "grade_id": "forward--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(1)
sizes = [3, 5, 4, 2]
layers = [(rng.standard_normal((m, d)), rng.standard_normal(m)) for d, m in zip(sizes[:-1], sizes[1:], strict=True)]
batch = rng.standard_normal((6, 3))
result = checks.call_unchanged(all_activations, batch, layers)
checks.check_true(len(result) == 4, f"for three layers the list should have 4 entries, but it has {len(result)}")
for number, size in enumerate(sizes):
    shape = np.shape(result[number])
    checks.check_true(shape == (6, size), f"a{number} has shape {shape}, expected {(6, size)}")
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")
square = [(rng.standard_normal((3, 3)), rng.standard_normal(3)) for _ in range(4)]
for name, network in (("a network of 3, 5, 4, 2", layers), ("a network whose layers are all equally wide", square)):
    result = all_activations(batch, network)
    named = [networks.Layer(w, b, "relu") for w, b in network]
    for number in range(1, len(network)):
        expected = networks.forward(batch, named[:number])
        checks.check_value(f"a{number} of {name}", result[number], expected, reveal=False)
    expected = networks.forward(batch, [*named[:-1], networks.Layer(*network[-1], "linear")])
    checks.check_value(f"the output of {name}", result[-1], expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "columns-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: somebody else's letters (10 points)
#
# A paper comes with its weights, in another convention: samples are *columns*, and the weights are (in, out), so $v_{ij}$ leads *from* $i$ *to* $j$. Do not convert your data; write a forward pass in the paper's own letters,
#
# `columns_forward(x, layers)`, which returns the output, samples as columns
#
# - `x` has shape $(D, N)$; `layers` is a list of pairs `(v, b)` with `v` of shape $(M_{l-1}, M_l)$ and `b` $(M_l,)$; the result has shape $(M_L, N)$;
# - every layer has $\tanh$, the last one too.
#
# Example: with $v = (t, -t)^{\mathsf T}$, $t = \operatorname{artanh}\tfrac12$, and no bias, the three samples $(1, 0)$, $(0, 1)$, $(1, 1)$ give the row $(0.5, -0.5, 0)$.


# %% nbgrader={"grade": false, "grade_id": "columns", "locked": false, "schema_version": 3, "solution": true, "task": false}
def columns_forward(x, layers):
    """Return the output of a tanh network; samples are columns, weights are (in, out)."""
    ### BEGIN SOLUTION
    a = x
    for v, b in layers:
        a = np.tanh(v.T @ a + b[:, None])
    return a
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "columns--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

t = np.arctanh(0.5)
x = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
yours = checks.call_unchanged(columns_forward, x, [(np.array([[t], [-t]]), np.zeros(1))])
print(checks.difference_table(yours, [[0.5, -0.5, 0.0]]))
checks.check_value("the output of the example", yours, [[0.5, -0.5, 0.0]])
# Two units, two samples: unit 1 has the bias t, unit 2 has none.
yours = columns_forward(np.zeros((2, 2)), [(np.eye(2), np.array([t, 0.0]))])
checks.check_value("the output for two samples that are all 0, with biases", yours, [[0.5, 0.5], [0.0, 0.0]])

# %% nbgrader={"grade": true, "grade_id": "columns--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(2)
layers = [(rng.standard_normal((3, 4)), rng.standard_normal(4)), (rng.standard_normal((4, 2)), rng.standard_normal(2))]
shape = np.shape(checks.call_unchanged(columns_forward, rng.standard_normal((3, 5)), layers))
checks.check_true(shape == (2, 5), f"for two outputs and five samples the result has shape {shape}, expected (2, 5)")
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")
square = [(rng.standard_normal((3, 3)), rng.standard_normal(3)) for _ in range(2)]
for name, network in (("a network of 3, 4, 2", layers), ("a network whose layers are all equally wide", square)):
    for samples in (1, 3, 7):
        x = rng.standard_normal((3, samples))
        expected = networks.forward(x.T, [networks.Layer(v.T, b, "tanh") for v, b in network]).T
        yours = columns_forward(x, network)
        checks.check_value(f"the output of {name} for {samples} samples", yours, expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "simplify-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: as short as possible (15 points)
#
# In chapter 3 a stack of linear layers collapsed to one. Real networks mix: some layers bend, some do not. A *linear* layer can always be taken up by the layer that **follows** it, whatever that one's activation function. Write
#
# `simplify(layers)`, which returns the shortest network that this makes, with the same output for every input
#
# - `layers` is a list of triples `(w, b, name)` with `w` $(M, D)$, `b` $(M,)$ and `name` one of `"linear"`, `"relu"`, `"tanh"`;
# - the result is a list of such triples; in it no layer but the last is linear; layers that bend keep their order and their names.
#
# Example: the linear layer $z = 2x + 1$, then a rectifier of $3z + 4$, is one rectifier of $6x + 7$: `simplify([([[2]], [1], "linear"), ([[3]], [4], "relu")])`, with arrays for the lists, is `[([[6]], [7], "relu")]`.


# %% nbgrader={"grade": false, "grade_id": "simplify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def simplify(layers):
    """Return an equivalent network in which no layer but the last is linear."""
    ### BEGIN SOLUTION
    short = [tuple(layers[0])]
    for w, b, name in layers[1:]:
        before_w, before_b, before = short[-1]
        if before == "linear":
            short[-1] = (w @ before_w, w @ before_b + b, name)
        else:
            short.append((w, b, name))
    return short
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "simplify--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

one = checks.call_unchanged(
    simplify, [(np.array([[2.0]]), np.array([1.0]), "linear"), (np.array([[3.0]]), np.array([4.0]), "relu")]
)
checks.check_true(
    isinstance(one, list | tuple) and len(one) == 1 and len(one[0]) == 3,
    "the example should become a list with one triple (w, b, name)",
)
print(checks.difference_table(one[0][0], [[6.0]]))
checks.check_value("w of the example", one[0][0], [[6.0]])
checks.check_value("b of the example", one[0][1], [7.0])
checks.check_true(one[0][2] == "relu", f"the layer of the example is called {one[0][2]!r}, expected 'relu'")
kept = simplify([(np.array([[2.0]]), np.array([1.0]), "relu"), (np.array([[3.0]]), np.array([4.0]), "linear")])
checks.check_true(
    [layer[2] for layer in kept] == ["relu", "linear"],
    "a linear layer that comes after a rectifier, at the end, has to stay: nothing follows it that could take it up",
)
checks.check_value("w of the linear layer that stays", kept[1][0], [[3.0]])

# %% nbgrader={"grade": true, "grade_id": "simplify--linear", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(3)
layers = [(rng.standard_normal((2, 2)), rng.standard_normal(2), "linear") for _ in range(3)]
(w1, b1, _), (w2, b2, _), (w3, b3, _) = layers
result = checks.call_unchanged(simplify, layers)
checks.check_true(len(result) == 1, f"three linear layers should become one, but became {len(result)}")
checks.check_value("w of three linear layers of two units", result[0][0], w3 @ w2 @ w1)
checks.check_value("b of three linear layers of two units", result[0][1], w3 @ (w2 @ b1 + b2) + b3)
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")
sizes = [4, 6, 1, 5, 3]
layers = [
    (rng.standard_normal((m, d)), rng.standard_normal(m), "linear") for d, m in zip(sizes[:-1], sizes[1:], strict=True)
]
w, b = networks.collapse_linear([networks.Layer(*layer) for layer in layers])
result = simplify(layers)
checks.check_true(len(result) == 1, f"four linear layers should become one, but became {len(result)}")
checks.check_value("w of four linear layers of other widths", result[0][0], w, reveal=False)
checks.check_value("b of four linear layers of other widths", result[0][1], b, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "simplify--mixed", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(4)
names = ["linear", "relu", "linear", "linear", "tanh", "relu", "linear"]
sizes = [3, 4, 5, 2, 6, 4, 3, 2]
layers = [
    (rng.standard_normal((m, d)), rng.standard_normal(m), name)
    for d, m, name in zip(sizes[:-1], sizes[1:], names, strict=True)
]
result = checks.call_unchanged(simplify, layers)
found = [layer[2] for layer in result]
checks.check_true(
    found == ["relu", "tanh", "relu", "linear"],
    f"{', '.join(names)} should become relu, tanh, relu, linear, but became {', '.join(map(str, found))}",
)
shapes = [np.shape(layer[0]) for layer in result]
checks.check_true(
    shapes == [(5, 3), (4, 5), (3, 4), (2, 3)],
    f"the weights have the shapes {shapes}, expected [(5, 3), (4, 5), (3, 4), (2, 3)]",
)
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")
for names in (["linear", "relu", "linear", "linear", "tanh", "relu", "linear"], ["tanh", "linear", "linear", "relu"]):
    layers = [(rng.standard_normal((3, 3)), rng.standard_normal(3), name) for name in names]
    result = simplify(layers)
    x = rng.standard_normal((20, 3))
    yours = networks.forward(x, [networks.Layer(np.asarray(w), np.asarray(b), name) for w, b, name in result])
    expected = networks.forward(x, [networks.Layer(*layer) for layer in layers])
    checks.check_value("the output of a simplified network with equally wide layers", yours, expected, reveal=False)
    bends = sum(name != "linear" for name in names) + (names[-1] == "linear")
    checks.check_true(len(result) == bends, "a mixed network did not become as short as it can")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "count-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: counting, forwards and backwards (15 points)
#
# Where do the parameters of a network sit, and how wide a hidden layer can you afford? Write
#
# `count_by_layer(sizes)`, the number of parameters of each layer, as a list of $L$ whole numbers: its weights and its biases;
#
# `widest_layer(inputs, outputs, budget)`, the largest number $M$ of units for which the network inputs – $M$ – outputs, with biases in both layers, has *at most* `budget` parameters; 0 if not even one unit fits.
#
# - `sizes` begins with the number of inputs, as in the chapter; all numbers are whole.
#
# Examples: `count_by_layer([3, 4, 2])` is `[16, 10]`. For 256 inputs, 10 outputs and a budget of 10,000 the second is 37: that takes 9889 parameters, one unit more 10,156.


# %% nbgrader={"grade": false, "grade_id": "count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_by_layer(sizes):
    """Return the number of parameters of each layer, biases included."""
    ### BEGIN SOLUTION
    return [m * d + m for d, m in zip(sizes[:-1], sizes[1:], strict=True)]
    ### END SOLUTION


def widest_layer(inputs, outputs, budget):
    """Return the largest hidden width that needs at most `budget` parameters."""
    ### BEGIN SOLUTION
    return max(0, (budget - outputs) // (inputs + 1 + outputs))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "count--by-layer", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(count_by_layer, [3, 4, 2])
checks.check_true(
    np.shape(yours) == (2,),
    f"the sizes 3, 4, 2 belong to two layers, so two numbers are wanted, but the result has shape {np.shape(yours)}",
)
print(checks.difference_table(yours, [16, 10]))
checks.check_value("count_by_layer([3, 4, 2])", yours, [16, 10])
checks.check_value("count_by_layer([7, 1])", count_by_layer([7, 1]), [8])

# %% nbgrader={"grade": true, "grade_id": "count--large", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = count_by_layer([16384, 1000, 10])
checks.check_value("count_by_layer([16384, 1000, 10])", yours, [16385000, 10010], rtol=0)
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")
for sizes in ([256, 32, 32, 10], [1, 2, 2, 2, 2, 1], [5, 5, 5]):
    yours = count_by_layer(sizes)
    expected = [networks.parameter_count(sizes[i : i + 2]) for i in range(len(sizes) - 1)]
    checks.check_value(f"the counts of a network with {len(sizes) - 1} layers", yours, expected, rtol=0, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "count--widest", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

cases = [(256, 10, 10000), (3, 2, 26), (3, 2, 25), (10, 1, 32), (10, 1, 34), (100, 10, 5)]
yours = [widest_layer(*case) for case in cases]
print("for", ", ".join(map(str, cases)))
print(checks.difference_table(yours, [37, 4, 3, 2, 2, 0]))
checks.check_value("widest_layer(256, 10, 10000)", yours[0], 37, rtol=0)
checks.check_value("widest_layer(3, 2, 26), a budget that fits exactly,", yours[1], 4, rtol=0)
checks.check_value("widest_layer(3, 2, 25), one parameter less,", yours[2], 3, rtol=0)
checks.check_value("widest_layer(10, 1, 32)", yours[3], 2, rtol=0)
checks.check_value("widest_layer(10, 1, 34)", yours[4], 2, rtol=0)
checks.check_value("widest_layer(100, 10, 5), which is too little for anything,", yours[5], 0, rtol=0)
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")
for inputs, outputs in ((1, 1), (16, 3), (100, 20)):
    for width in (1, 2, 9):
        budget = networks.parameter_count([inputs, width, outputs])
        for given, expected in ((budget, width), (budget - 1, width - 1), (budget + 1, width)):
            yours = widest_layer(inputs, outputs, given)
            checks.check_value("the widest layer for another budget", yours, expected, rtol=0, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "plateau-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: a plateau from four units (10 points)
#
# Chapter 3 builds a step of two rectifiers and a tent of three. With four you can build a plateau: 0 far away on both sides, 1 between `left` and `right`, and a straight ramp of width `ramp` *outside* each end. Write
#
# `plateau(left, right, ramp)`, which returns `(w1, b1, w2, b2)`, the parameters of a network with one input, four rectifiers and one linear output
#
# - `w1` has shape $(4, 1)$, `b1` $(4,)$, `w2` $(1, 4)$ and `b2` $(1,)$; `left` < `right`, `ramp` > 0;
# - only the function counts: which unit does what is up to you.
#
# Example: `plateau(1, 3, 0.5)` is 0 up to 0.5, a half at 0.75, 1 from 1 to 3, a half at 3.25, and 0 from 3.5 on.


# %% nbgrader={"grade": false, "grade_id": "plateau", "locked": false, "schema_version": 3, "solution": true, "task": false}
def plateau(left, right, ramp):
    """Return (w1, b1, w2, b2) of four rectifiers that make a plateau of height 1."""
    ### BEGIN SOLUTION
    kinks = np.array([left - ramp, left, right, right + ramp])
    return np.ones((4, 1)), -kinks, np.array([[1.0, -1.0, -1.0, 1.0]]) / ramp, np.zeros(1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "plateau--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

result = plateau(1.0, 3.0, 0.5)
checks.check_true(
    isinstance(result, list | tuple) and len(result) == 4, "plateau should return the four arrays (w1, b1, w2, b2)"
)
for name, part, shape in zip(("w1", "b1", "w2", "b2"), result, ((4, 1), (4,), (1, 4), (1,)), strict=True):
    checks.check_true(np.shape(part) == shape, f"{name} has shape {np.shape(part)}, expected {shape}")
w1, b1, w2, b2 = (np.asarray(part, dtype=float) for part in result)
x = np.array([[-2.0], [0.5], [0.75], [1.0], [2.0], [3.0], [3.25], [3.5], [6.0]])
heights = (np.maximum(x @ w1.T + b1, 0) @ w2.T + b2)[:, 0]
print("at x = -2, 0.5, 0.75, 1, 2, 3, 3.25, 3.5, 6")
print(checks.difference_table(heights, [0, 0, 0.5, 1, 1, 1, 0.5, 0, 0]))
checks.check_value("plateau(1, 3, 0.5) at these places", heights, [0, 0, 0.5, 1, 1, 1, 0.5, 0, 0])

# %% nbgrader={"grade": true, "grade_id": "plateau--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.linspace(-12, 12, 97)[:, None]
result = plateau(-4, 2, 3)
shapes = [np.shape(part) for part in result]
wanted = [(4, 1), (4,), (1, 4), (1,)]
checks.check_true(shapes == wanted, f"the shapes of w1, b1, w2, b2 are {shapes}, expected {wanted}")
w1, b1, w2, b2 = (np.asarray(part, dtype=float) for part in result)
heights = (np.maximum(x @ w1.T + b1, 0) @ w2.T + b2)[:, 0]
checks.check_value("plateau(-4, 2, 3)", heights, np.interp(x[:, 0], [-7, -4, 2, 5], [0, 1, 1, 0]))
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")
for left, right, ramp in ((-1.0, -0.5, 0.25), (0.0, 4.0, 1.0), (2.0, 2.5, 5.0)):
    w1, b1, w2, b2 = (np.asarray(part, dtype=float) for part in plateau(left, right, ramp))
    heights = networks.forward(x, [networks.Layer(w1, b1, "relu"), networks.Layer(w2, b2, "linear")])[:, 0]
    expected = np.interp(x[:, 0], [left - ramp, left, right, right + ramp], [0, 1, 1, 0])
    checks.check_value("a plateau at another place", heights, expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "join-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: two networks in one (10 points)
#
# Two networks have one hidden layer each, with the same activation function $f$, and linear outputs. Their sum, $\mathbf{y}_1(\mathbf{x}) + \mathbf{y}_2(\mathbf{x})$, is a network with one hidden layer again. Write
#
# `side_by_side(first, second)`, which returns its parameters `(w1, b1, w2, b2)`
#
# - `first` and `second` are tuples `(w1, b1, w2, b2)` with the shapes $(H, D)$, $(H,)$, $(M, H)$, $(M,)$; $D$ and $M$ are the same for both, the numbers $H$ of hidden units may differ;
# - your network may have no more hidden units than the two together, and must be right for *every* $f$.
#
# Example: $2f(x + 1) + 3$ and $5f(4x) - 1$ add up to a network with two hidden units and the output bias 2.


# %% nbgrader={"grade": false, "grade_id": "join", "locked": false, "schema_version": 3, "solution": true, "task": false}
def side_by_side(first, second):
    """Return (w1, b1, w2, b2) of the network that computes the sum of two."""
    ### BEGIN SOLUTION
    w1 = np.concatenate([first[0], second[0]])
    b1 = np.concatenate([first[1], second[1]])
    w2 = np.concatenate([first[2], second[2]], axis=1)
    return w1, b1, w2, first[3] + second[3]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "join--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

first = (np.array([[1.0]]), np.array([1.0]), np.array([[2.0]]), np.array([3.0]))
second = (np.array([[4.0]]), np.array([0.0]), np.array([[5.0]]), np.array([-1.0]))
result = checks.call_unchanged(side_by_side, first, second)
checks.check_true(
    isinstance(result, list | tuple) and len(result) == 4, "side_by_side should return the four arrays (w1, b1, w2, b2)"
)
for name, part, shape in zip(("w1", "b1", "w2", "b2"), result, ((2, 1), (2,), (1, 2), (1,)), strict=True):
    checks.check_true(np.shape(part) == shape, f"{name} of the example has shape {np.shape(part)}, expected {shape}")
w1, b1, w2, b2 = (np.asarray(part, dtype=float) for part in result)
x = np.array([[-2.0], [0.0], [1.0]])
for name, f in (("the rectifier", lambda z: np.maximum(z, 0)), ("the square", np.square)):
    sums = (f(x @ w1.T + b1) @ w2.T + b2)[:, 0]
    expected = (2 * f(x + 1) + 3 + 5 * f(4 * x) - 1)[:, 0]
    print(checks.difference_table(sums, expected))
    checks.check_value(f"the sum of the example at -2, 0, 1, where f is {name},", sums, expected)

# %% nbgrader={"grade": true, "grade_id": "join--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(5)


def random_network(inputs, hidden, outputs):
    return tuple(rng.standard_normal(s) for s in ((hidden, inputs), (hidden,), (outputs, hidden), (outputs,)))


first, second = random_network(3, 4, 2), random_network(3, 6, 2)
result = checks.call_unchanged(side_by_side, first, second)
checks.check_true(
    not isinstance(result[2], list) or len({len(row) for row in result[2]}) == 1,
    "w2 has rows of different lengths: with 4 and 6 hidden units each of the 2 outputs needs 10 weights",
)
shapes = [np.shape(part) for part in result]
wanted = [(10, 3), (10,), (2, 10), (2,)]
checks.check_true(shapes == wanted, f"for 4 and 6 hidden units the shapes are {shapes}, expected {wanted}")
### BEGIN HIDDEN TESTS
networks = checks.reference("networks")


def run(network, name):
    w1, b1, w2, b2 = (np.asarray(part, dtype=float) for part in network)
    return networks.forward(x, [networks.Layer(w1, b1, name), networks.Layer(w2, b2, "linear")])


others = [random_network(3, 2, 2) for _ in range(2)]
for one, two in ((first, second), others):
    x = rng.standard_normal((8, 3))
    for name in ("tanh", "softplus"):
        yours, expected = run(side_by_side(one, two), name), run(one, name) + run(two, name)
        checks.check_value(f"the sum of two random networks with {name}", yours, expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "shares-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: a confusion matrix in shares (15 points)
#
# Counts are hard to compare when some classes are rare. Write
#
# `confusion_shares(outputs, labels)`, the matrix whose entry $(i, j)$ is the *share* of the samples of class $i$ that were answered with $j$
#
# - `outputs` has shape $(N, M)$: a network's outputs for $N$ samples and $M$ classes; the answer is the class with the largest output (the first, if several are equally large); `labels` has shape $(N,)$ and holds the right classes as whole numbers from 0 to $M - 1$;
# - the result has shape $(M, M)$; each row adds up to 1, except that the row of a class that does not occur among the labels is 0.
#
# Example: with outputs $(0.9, 0.1, 0)$, $(0.2, 0.7, 0.1)$, $(0.1, 0.8, 0.1)$ and labels $0, 0, 1$ the rows are $(\tfrac12, \tfrac12, 0)$, $(0, 1, 0)$ and $(0, 0, 0)$.


# %% nbgrader={"grade": false, "grade_id": "shares", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion_shares(outputs, labels):
    """Return the confusion matrix as shares of each right class."""
    ### BEGIN SOLUTION
    counts = np.zeros((outputs.shape[1], outputs.shape[1]))
    for label, answer in zip(labels, np.argmax(outputs, axis=1), strict=True):
        counts[label, answer] += 1
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "shares--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

outputs = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6], [0.4, 0.6], [0.1, 0.9]])
yours = checks.call_unchanged(confusion_shares, outputs, np.array([0, 0, 0, 0, 1, 1]))
print(checks.difference_table(yours, [[0.25, 0.75], [0.0, 1.0]]))
checks.check_value("confusion_shares of four samples of class 0 and two of class 1", yours, [[0.25, 0.75], [0.0, 1.0]])

# %% nbgrader={"grade": true, "grade_id": "shares--absent", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

outputs = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1]])
yours = checks.call_without_warnings(confusion_shares, outputs, np.array([0, 0, 1]))
expected = [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
checks.check_value("confusion_shares of the example, in which class 2 does not occur", yours, expected)
tied = confusion_shares(np.array([[1.0, 3.0, 3.0]]), np.array([2]))
checks.check_value("confusion_shares of one sample, two outputs equally large", tied, [[0, 0, 0], [0, 0, 0], [0, 1, 0]])

# %% nbgrader={"grade": true, "grade_id": "shares--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(6)
outputs, labels = rng.standard_normal((60, 4)), rng.integers(0, 4, 60)
shares = np.asarray(confusion_shares(outputs, labels), dtype=float)
checks.check_true(shares.shape == (4, 4), f"for four classes the shape is {shares.shape}, expected (4, 4)")
checks.check_value("the sum of each row, where all classes occur", shares.sum(axis=1), np.ones(4))
### BEGIN HIDDEN TESTS
answers = np.argmax(outputs, axis=1)
expected = [[np.mean(answers[labels == i] == j) for j in range(4)] for i in range(4)]
checks.check_value("confusion_shares of 60 samples", shares, expected, reveal=False)
outputs, labels = rng.standard_normal((25, 6)), rng.integers(1, 4, 25)
answers = np.argmax(outputs, axis=1)
expected = np.zeros((6, 6))
for i in range(1, 4):
    expected[i] = np.bincount(answers[labels == i], minlength=6) / np.sum(labels == i)
checks.check_value(
    "confusion_shares where half the classes do not occur", confusion_shares(outputs, labels), expected, reveal=False
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: a network that nobody trained reads digits
#
# For pictures of ink (1) and no ink (0) the number of pixels in which $\mathbf{x}$ and a stored picture $\mathbf{p}$ differ is $\sum_d x_d + \sum_d p_d - 2\,\mathbf{p}^{\mathsf T}\mathbf{x}$: an affine function of $\mathbf{x}$. So a rectifier with the weights $2\mathbf{p} - 1$ and the bias $c - \sum_d p_d$ answers with "$c$ minus the number of differing pixels" to whatever resembles $\mathbf{p}$, and with 0 to everything else. The next cell makes one hidden unit of each of 1000 stored digits, and lets each vote for its own class. Your functions do the rest. Look at the share on the
# diagonal, then change $c$: what happens for 15, and for 60, and why? And what does this network have more of than the trained one of chapter 3?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
images, labels = datasets.digits16()
mixed = np.random.default_rng(3).permutation(len(labels))
pixels, digits = images.reshape(-1, 256)[mixed], labels[mixed]
stored, c = pixels[:1000], 40
network = [(2 * stored - 1, c - stored.sum(axis=1)), (np.eye(10)[digits[:1000]].T, np.zeros(10))]
votes = all_activations(pixels[1000:], network)
shares = confusion_shares(votes[-1], digits[1000:])
print(f"right answers: {np.mean(votes[-1].argmax(axis=1) == digits[1000:]):.1%} of {len(digits) - 1000} new digits")
print(f"hidden units active for a digit, on average: {np.mean(np.sum(votes[1] > 0, axis=1)):.0f} of 1000")
print("parameters by layer:", count_by_layer([256, 1000, 10]))

figure, axes = plots.new_axes(width=4.6, height=4.2)
for i, j in np.argwhere(shares >= 0.005):
    colour = plots.COLOURS[0] if i == j else plots.COLOURS[3]
    axes.text(j, i, f"{shares[i, j]:.0%}", ha="center", va="center", fontsize=8, color=colour)
axes.set(xlim=(-0.5, 9.5), ylim=(9.5, -0.5), xticks=range(10), yticks=range(10))
plots.label(axes, "answered", "meant")

# %% [markdown] nbgrader={"grade": false, "grade_id": "theorem-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: in your own words (10 points)
#
# A colleague has trained a network with one hidden layer of 5000 rectifiers to predict the yield of a field from twelve measurements. On the fields it was trained with it is nearly perfect, on new fields poor. "But one hidden layer can represent any function," the colleague says, "so the data must be wrong. And nobody needs more layers." In six to ten sentences: state what universal approximation really says, with its conditions;
# say which of the colleague's conclusions it supports and which not, and why; say what an additional layer could buy; and propose how to choose the number of layers and units for this task, and how to report honestly how good the chosen network is.

# %% [markdown] nbgrader={"grade": true, "grade_id": "theorem--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for the statement (every continuous function, on a compact set, to any wanted accuracy, with enough units; approximation, not representation; existence only); 3 for the conclusions (the theorem says nothing on finding the weights or on points between and beyond the training samples, so a good fit and poor predictions contradict nothing and do not accuse the data; it does not say how many units it takes, so it is no argument against depth); 1 for depth
# (functions that fold, repeat or are composed of parts take far fewer units with several layers; not every function does); 3 for the choice (try structures, or search; compare on validation data that took no part in training, repeated with several seeds because scores are noisy; report the error on test data used once, since the winner's validation score is too good).
#
# **Full (10).** "The theorem says: for a continuous function on a closed and bounded set and any tolerance there are a number of hidden units and weights with which the error is below the tolerance everywhere on the set. It is about approximation and about existence; it does not say how many units, and not that training finds the weights. The network was fitted to the training fields only, and many different functions pass near those points; nothing
# promises that the one found is right on other fields. So poor predictions do not mean that the data are wrong, they mean that 5000 units were free to fit the noise. Nor does it follow that more layers are useless: some functions, such as repeated folds, need exponentially many units in one layer and a few in several, though that need not be the case here. I would set aside validation and test fields, train small and larger structures with one, two and three layers, each with
# several seeds, compare mean and spread of the validation loss, and take the smallest that is within the spread. At the end I would measure the test error once and report that, because the best validation score contains luck."
#
# **Half (5).** "One hidden layer can approximate any continuous function if it is wide enough, but it does not say how to find the weights. Being good in training and bad on new fields is overfitting, so the data are not wrong. One should use fewer units and look at validation data." (Statement 2, without compactness or accuracy; conclusions 2; choice 1; nothing on depth, repeated trainings or the test set.)
#
# **None (0).** "The theorem is true, so the network only has to be trained longer."
#
# === END MARK SCHEME ===
# ### END SOLUTION
