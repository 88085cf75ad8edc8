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
# # Assignment 05: Finite differences
#
# **Goal.** You will build the tools that check every gradient in this course: differences on one side and on both, for arrays, lists of arrays and functions with several outputs, a step without rounding, and a
# way to find the one entry that is wrong. At the end you use them to convict a network of a planted mistake.
#
# **Points.** Seven questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, and the library's modules of earlier chapters. `course_lib.finite_differences` holds answers; it is withheld here and open to you afterwards.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, plots

checks.withhold("finite_differences")

# %% [markdown] nbgrader={"grade": false, "grade_id": "one-sided-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: on one side, either side (15 points)
#
# At the edge of where a function is defined you can step to one side only, and it may be the left one. Write
#
# `one_sided_gradient(f, x, step)`
#
# - `f` takes an array of the shape of `x` and returns a number; `x` may have any shape, and may hold integers;
# - `step` is the signed step $h$: positive looks forward, negative looks back;
# - the result is a float array of the shape of `x` with entries $g_i = \dfrac{f(\mathbf x + h\,\mathbf e_i) - f(\mathbf x)}{h}$;
# - `x` is as it was afterwards.
#
# Example: for $f(x) = x^3$ at $x = 2$ the step $0.1$ gives $12.61$ and the step $-0.1$ gives $11.41$.


# %% nbgrader={"grade": false, "grade_id": "one-sided", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_sided_gradient(f, x, step):
    """Return the gradient of f at x by differences with the signed step; same shape as x."""
    ### BEGIN SOLUTION
    x = np.array(x, dtype=float)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        nudged = x.copy()
        nudged[i] += step
        gradient[i] = (f(nudged) - f(x)) / step
    return gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "one-sided--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def cube(x):
    return np.sum(x**3)


both = [one_sided_gradient(cube, np.array([2.0]), step) for step in (0.1, -0.1)]
print(checks.difference_table(both, [[12.61], [11.41]]))
checks.check_value("the forward slope of x³ at 2 with step 0.1", both[0], np.array([12.61]), rtol=1e-9)
checks.check_value("the backward slope of x³ at 2 with step −0.1", both[1], np.array([11.41]), rtol=1e-9)
### BEGIN HIDDEN TESTS
reference = checks.reference("finite_differences")
rng = np.random.default_rng(51)
for _ in range(3):
    point = rng.uniform(0.5, 2.0, 5)
    weights = rng.standard_normal(5)

    def bowl(x, weights=weights):
        return np.sum(weights * np.exp(x)) + np.prod(x)

    forward = reference.forward_difference(bowl, point, step=0.05)
    backward = -reference.forward_difference(lambda x: bowl(-x), -point, step=0.05)
    checks.check_value(
        "the forward gradient of another function",
        one_sided_gradient(bowl, point, 0.05),
        forward,
        rtol=1e-8,
        reveal=False,
    )
    checks.check_value(
        "the backward gradient of another function",
        one_sided_gradient(bowl, point, -0.05),
        backward,
        rtol=1e-8,
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "one-sided--shapes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def weighted(x):
    return np.sum(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) * x)


# A linear function: every difference is exact, so the gradient is the matrix of its weights.
checks.check_value(
    "the gradient for a matrix x",
    one_sided_gradient(weighted, np.ones((2, 3)), 0.5),
    np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    rtol=1e-9,
)
### BEGIN HIDDEN TESTS
reference = checks.reference("finite_differences")
point = np.random.default_rng(52).standard_normal((2, 3, 2))


def mixed(x):
    return np.sum(x[0] * x[1]) + np.sum(x**2)


checks.check_value(
    "the gradient for an x of shape (2, 3, 2)",
    one_sided_gradient(mixed, point, 0.01),
    reference.forward_difference(mixed, point, step=0.01),
    rtol=1e-7,
    atol=1e-9,
    reveal=False,
)
single = np.array(1.5)
checks.check_value(
    "the gradient for an x of shape ()",
    one_sided_gradient(lambda x: x**2, single, 0.5),
    np.array(3.5),
    rtol=1e-9,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "one-sided--input", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

whole = np.array([1, 2, 3])
slopes = checks.call_unchanged(one_sided_gradient, lambda x: np.sum(x**2), whole, 0.5)
checks.check_value("the gradient at integers", slopes, np.array([2.5, 4.5, 6.5]), rtol=1e-9)
### BEGIN HIDDEN TESTS
point = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
seen = []


def watched(x):
    seen.append(np.array(x))
    return np.sum(x)


checks.call_unchanged(one_sided_gradient, watched, point, 0.25)
if any(np.count_nonzero(~np.isclose(x, point)) > 1 for x in seen):
    raise checks.CheckFailed(
        "one_sided_gradient: f was called with more than one entry nudged at a time; undo each nudge before the next"
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "central-parameters-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: all the arrays of a network (15 points)
#
# A network's parameters are a list of arrays of different shapes, $[\mathbf W_1, \mathbf b_1, \mathbf W_2, \mathbf b_2, \dots]$, and its loss takes that list. Write
#
# `central_gradients(loss, parameters, step)`
#
# - `loss` takes a list of arrays like `parameters` and returns a number;
# - the result is a list of float arrays, one for each parameter and of its shape, by central differences with the step given;
# - the arrays in `parameters` are as they were afterwards.
#
# Example: for the loss $\sum \mathbf W^2 + 3\sum\mathbf b$ at $\mathbf W = (1\;\,2)$, $\mathbf b = (5)$ the result is $[(2\;\,4), (3)]$ with any step, because the loss is quadratic.


# %% nbgrader={"grade": false, "grade_id": "central-parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def central_gradients(loss, parameters, step):
    """Return the list of gradients of the loss for every array in parameters, by central differences."""
    ### BEGIN SOLUTION
    gradients = []
    for k, parameter in enumerate(parameters):
        gradient = np.zeros(np.shape(parameter))
        for i in np.ndindex(gradient.shape):
            values = []
            for sign in (1, -1):
                nudged = [np.array(p, dtype=float) for p in parameters]
                nudged[k][i] += sign * step
                values.append(loss(nudged))
            gradient[i] = (values[0] - values[1]) / (2 * step)
        gradients.append(gradient)
    return gradients
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "central-parameters--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def quadratic(parameters):
    weights, bias = parameters
    return np.sum(weights**2) + 3 * np.sum(bias)


yours = central_gradients(quadratic, [np.array([[1.0, 2.0]]), np.array([5.0])], 0.1)
checks.check_true(yours is not None, "central_gradients returned None: is a return missing at the end of the function?")
checks.check_true(
    len(yours) == 2, f"central_gradients returned {len(yours)} gradients for 2 parameters; one for each is wanted"
)
print(checks.difference_table(yours[0], [[2.0, 4.0]]))
checks.check_value("the gradient for the weights", yours[0], np.array([[2.0, 4.0]]), rtol=1e-9)
checks.check_value("the gradient for the bias", yours[1], np.array([3.0]), rtol=1e-9)

cubic = central_gradients(lambda p: np.sum(p[0] ** 3), [np.array([2.0])], 0.1)
checks.check_value("the slope of x³ at 2 with step 0.1", cubic[0], np.array([12.01]), rtol=1e-9)

# %% nbgrader={"grade": true, "grade_id": "central-parameters--network", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def network_loss(parameters):
    w1, b1, w2 = parameters
    hidden = np.tanh(np.array([[0.5, -1.0, 2.0], [1.0, 0.3, -0.2]]) @ w1.T + b1)
    return np.mean((hidden @ w2.T) ** 2)


rng = np.random.default_rng(0)
parameters = [rng.standard_normal((4, 3)), rng.standard_normal(4), rng.standard_normal((1, 4))]
gradients = central_gradients(network_loss, parameters, 1e-5)
for name, gradient, parameter in zip(("W1", "b1", "W2"), gradients, parameters, strict=True):
    checks.check_value(
        f"the shape of the gradient for {name}",
        np.array(np.shape(gradient)),
        np.array(parameter.shape),
    )
### BEGIN HIDDEN TESTS
reference = checks.reference("finite_differences")
for k, name in enumerate(("W1", "b1", "W2")):

    def of_one(array, k=k):
        return network_loss([*parameters[:k], array, *parameters[k + 1 :]])

    expected = reference.central_difference(of_one, parameters[k], step=1e-5)
    checks.check_value(
        f"the gradient of a network's loss for {name}",
        gradients[k],
        expected,
        rtol=1e-6,
        atol=1e-9,
        reveal=False,
    )
    wide = reference.central_difference(of_one, parameters[k], step=0.3)
    checks.check_value(
        f"the central difference with step 0.3 for {name}",
        central_gradients(network_loss, parameters, 0.3)[k],
        wide,
        rtol=1e-8,
        atol=1e-10,
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "central-parameters--input", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

given = [np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([4, 5])]
kept = [array.copy() for array in given]
at_whole = central_gradients(lambda p: np.sum(p[0] ** 2) + np.sum(p[1] ** 2), given, 0.25)
for now, before in zip(given, kept, strict=True):
    checks.check_value("a parameter after the call (it must be as it was)", now, before)
checks.check_value("the gradient for a parameter of integers", at_whole[1], np.array([8.0, 10.0]), rtol=1e-9)

# %% [markdown] nbgrader={"grade": false, "grade_id": "jacobian-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: several outputs (15 points)
#
# A layer has many outputs, and each has a slope for each input. These slopes form the **Jacobian**, a matrix with one row for each output and one column for each input. Write
#
# `jacobian(f, x, step)`
#
# - `f` takes an array of shape $(D,)$ and returns one of shape $(M,)$;
# - the result has shape $(M, D)$ and the entries $J_{mi} = \dfrac{f_m(\mathbf x + h\,\mathbf e_i) - f_m(\mathbf x - h\,\mathbf e_i)}{2h}$.
#
# Example: for $f(\mathbf x) = \mathbf A\mathbf x$ the Jacobian is $\mathbf A$ itself, with any step.


# %% nbgrader={"grade": false, "grade_id": "jacobian", "locked": false, "schema_version": 3, "solution": true, "task": false}
def jacobian(f, x, step):
    """Return the Jacobian (M, D) of f at x (D,) by central differences."""
    ### BEGIN SOLUTION
    x = np.array(x, dtype=float)
    columns = []
    for i in range(x.size):
        nudge = np.zeros_like(x)
        nudge[i] = step
        columns.append((f(x + nudge) - f(x - nudge)) / (2 * step))
    return np.stack(columns, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "jacobian--linear", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

a = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
yours = jacobian(lambda x: a @ x, np.array([1.0, -1.0, 2.0]), 0.5)
print(checks.difference_table(yours, a))
checks.check_value("the Jacobian of a linear map", yours, a, rtol=1e-9)

# %% nbgrader={"grade": true, "grade_id": "jacobian--curved", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def twist(x):
    return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 3])


point = np.array([1.0, 2.0])
checks.check_value(
    "the Jacobian of (x₀x₁, sin x₀, x₁³) at (1, 2)",
    jacobian(twist, point, 1e-5),
    np.array([[2.0, 1.0], [np.cos(1.0), 0.0], [0.0, 12.0]]),
    rtol=1e-7,
    atol=1e-8,
)
### BEGIN HIDDEN TESTS
reference = checks.reference("finite_differences")
rng = np.random.default_rng(53)
w = rng.standard_normal((4, 3))


def layer(x):
    return np.tanh(w @ x)


x = rng.standard_normal(3)
expected = np.stack([reference.central_difference(lambda x, m=m: layer(x)[m], x, step=0.2) for m in range(4)])
checks.check_value(
    "the Jacobian of a tanh layer with 3 inputs and 4 outputs, step 0.2",
    jacobian(layer, x, 0.2),
    expected,
    rtol=1e-8,
    atol=1e-10,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "jacobian--edges", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

one_output = checks.call_unchanged(jacobian, lambda x: np.array([np.sum(x**2)]), np.array([1, 2, 3]), 0.5)
checks.check_value("the Jacobian of one output at integers", one_output, np.array([[2.0, 4.0, 6.0]]), rtol=1e-9)
### BEGIN HIDDEN TESTS
one_input = jacobian(lambda x: np.array([x[0], 2 * x[0], x[0] ** 2]), np.array([3.0]), 0.5)
checks.check_value(
    "the Jacobian for one input and three outputs",
    one_input,
    np.array([[1.0], [2.0], [6.0]]),
    rtol=1e-9,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "best-step-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: the best step of another quotient (10 points)
#
# Three points on one side give a slope as accurate as the central difference:
#
# $$\frac{-3 f(x) + 4 f(x + h) - f(x + 2h)}{2h} .$$
#
# Its truncation error is at most about $\frac{h^2}{3}\,|f'''|$. Each value of $f$ has a rounding error of at most $\varepsilon\,|f|$; take $|f|$ to be the same at the three points, and let the three errors add up in the worst way. Write
#
# `best_three_point_step(value, third_derivative, precision)`
#
# which returns the step $h$ at which both errors together are smallest, given $f$, $f'''$ (of either sign) and $\varepsilon$. Pencil and paper first.
#
# Example: for $f = 2$, $f''' = 3$ and $\varepsilon = 2 \cdot 10^{-9}$ the step is $0.002$.


# %% nbgrader={"grade": false, "grade_id": "best-step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_three_point_step(value, third_derivative, precision):
    """Return the step with the least sum of truncation and rounding error."""
    ### BEGIN SOLUTION
    # h²/3 |f'''| + (3 + 4 + 1) ε|f| / 2h  has the derivative  2h/3 |f'''| − 4 ε|f| / h², which is zero at
    return np.cbrt(6 * precision * abs(value) / abs(third_derivative))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "best-step--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

step = best_three_point_step(2.0, 3.0, 2e-9)
print(checks.difference_table(step, 0.002))
checks.check_value("the best step for f = 2, f''' = 3, ε = 2e-9", step, 0.002, rtol=1e-6, atol=0)

# %% nbgrader={"grade": true, "grade_id": "best-step--scaling", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

base = best_three_point_step(1.0, 1.0, 1e-15)
flipped = best_three_point_step(1.0, -1.0, 1e-15)
checks.check_value("the step when f''' changes its sign", flipped, base, rtol=1e-9, atol=0)
### BEGIN HIDDEN TESTS
reference = checks.reference("finite_differences")
for value, third, precision in ((0.3, -7.0, 2.2e-16), (-50.0, 0.01, 1.2e-7)):
    expected = reference.best_central_step(2 * value, third, precision)
    checks.check_value(
        "the best step for other values of f, f''' and ε",
        best_three_point_step(value, third, precision),
        expected,
        rtol=1e-9,
        atol=0,
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "multiplications-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: the price (10 points)
#
# How many multiplications does one gradient cost? Count for a fully connected network with layer sizes `sizes`, for example `(3, 4, 2)`, with biases, on a batch of $N$ samples. One forward pass multiplies every *weight* once for each sample; adding biases and applying activations is free here. But every weight
# *and every bias* has to be nudged. Write
#
# `multiplications(sizes, n_samples, method)`
#
# - `method` is `"forward"` (one evaluation at the point itself, shared, and one for each nudge), `"central"` (two for each nudge) or `"direction"` (the check along one direction: two in all);
# - the result is the total as an `int`.
#
# Example: the network $(3, 4, 2)$ has 20 weights and 6 biases; on one sample `"central"` costs $2 \cdot 26 \cdot 20 = 1040$ multiplications.


# %% nbgrader={"grade": false, "grade_id": "multiplications", "locked": false, "schema_version": 3, "solution": true, "task": false}
def multiplications(sizes, n_samples, method):
    """Return how many multiplications one gradient by finite differences costs."""
    ### BEGIN SOLUTION
    n_weights = sum(inputs * outputs for inputs, outputs in zip(sizes[:-1], sizes[1:], strict=True))
    n_parameters = n_weights + sum(sizes[1:])
    evaluations = {"forward": n_parameters + 1, "central": 2 * n_parameters, "direction": 2}[method]
    return evaluations * n_samples * n_weights
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multiplications--small", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

counts = [multiplications((3, 4, 2), 1, method) for method in ("forward", "central", "direction")]
print(checks.difference_table(counts, [540, 1040, 40]))
for method, count, expected in zip(("forward", "central", "direction"), counts, (540, 1040, 40), strict=True):
    checks.check_value(f"the multiplications for (3, 4, 2), one sample, {method!r}", count, expected)

# %% nbgrader={"grade": true, "grade_id": "multiplications--large", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

checks.check_value(
    "the multiplications for ten samples, as a multiple of those for one",
    multiplications((3, 4, 2), 10, "central") // multiplications((3, 4, 2), 1, "central"),
    10,
)
### BEGIN HIDDEN TESTS
from course_lib import networks

for sizes in ((256, 64, 32, 10), (5, 1)):
    n_parameters, n_weights = (
        networks.parameter_count(sizes),
        networks.parameter_count(sizes, bias=False),
    )
    for method, evaluations in (
        ("forward", n_parameters + 1),
        ("central", 2 * n_parameters),
        ("direction", 2),
    ):
        checks.check_value(
            f"the multiplications of a network with {len(sizes)} sizes, {method!r}",
            multiplications(sizes, 128, method),
            evaluations * 128 * n_weights,
            reveal=False,
        )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "worst-entry-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: where is it wrong? (10 points)
#
# One number says that a gradient is wrong. To mend it you want to know where. Write
#
# `worst_entry(a, b)`
#
# - `a` and `b` are arrays of the same shape, any shape;
# - the relative error of one entry is $\dfrac{|a_i - b_i|}{\max(|a_i|, |b_i|)}$, and 0 where both are 0 (no warning, no NaN);
# - the result is the pair `(index, error)`: the index of the entry with the largest relative error as a tuple of integers (for a matrix `(row, column)`), and that error. Among equals the first.
#
# Example: for $\mathbf a = (1, 2, 0)$ and $\mathbf b = (1, 1.5, 0)$ it is `((1,), 0.25)`.


# %% nbgrader={"grade": false, "grade_id": "worst-entry", "locked": false, "schema_version": 3, "solution": true, "task": false}
def worst_entry(a, b):
    """Return (index, error) of the entry with the largest relative error."""
    ### BEGIN SOLUTION
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    scale = np.maximum(np.abs(a), np.abs(b))
    errors = np.abs(a - b) / np.where(scale == 0, 1.0, scale)
    index = np.unravel_index(np.argmax(errors), errors.shape)
    return tuple(int(i) for i in index), float(errors[index])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "worst-entry--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

index, error = checks.call_without_warnings(worst_entry, np.array([1.0, 2.0, 0.0]), np.array([1.0, 1.5, 0.0]))
print(checks.difference_table(error, 0.25))
checks.check_value("the index of the worst entry", np.array(index), np.array([1]))
checks.check_value("the worst relative error", error, 0.25, rtol=1e-9)

# %% nbgrader={"grade": true, "grade_id": "worst-entry--matrix", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

a = np.array([[1.0, 1000.0], [-1e-6, 4.0]])
b = np.array([[1.0, 1001.0], [1e-6, 4.0]])
# The largest difference is 1, at (0, 1); the largest relative error is 2, at (1, 0), where the sign is flipped.
index, error = checks.call_unchanged(worst_entry, a, b)
checks.check_value("the index of the worst entry of a matrix", np.array(index), np.array([1, 0]))
checks.check_value("the relative error of a flipped sign", error, 2.0, rtol=1e-9)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(54)
a = rng.uniform(1.0, 2.0, (3, 4, 2))
b = a.copy()
b[2, 1, 0] *= 0.5
b[0, 3, 1] *= 1.9
index, error = worst_entry(a, b)
checks.check_value(
    "the index of the worst entry of an array of shape (3, 4, 2)",
    np.array(index),
    np.array([2, 1, 0]),
    reveal=False,
)
checks.check_value("the worst relative error of an array of shape (3, 4, 2)", error, 0.5, rtol=1e-9, reveal=False)
back, forth = worst_entry(b, a), worst_entry(a, b)
checks.check_value(
    "the error after exchanging a and b, as a ratio",
    back[1] / forth[1],
    1.0,
    rtol=1e-9,
    reveal=False,
)
negative = [worst_entry(-a, -b)[1], worst_entry(-b, -a)[1]]
checks.check_value("the worst relative error of negative entries", negative, [0.5, 0.5], rtol=1e-9, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "slope-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: a slope without rounding (15 points)
#
# The complex step of the chapter nudges one entry at a time. It works along a direction as well. Write
#
# `complex_slope(f, x, v)`
#
# - `f` takes an array of the shape of `x`, real or complex, and returns a number; `x` and `v` have the same shape, any shape;
# - the result is the derivative of $f(\mathbf x + t\,\mathbf v)$ with respect to $t$ at $t = 0$, as a real `float`, from **one** evaluation of `f`, correct to nearly all digits;
# - $\mathbf v$ need not have length 1: twice the direction gives twice the slope.
#
# Example: for $f(\mathbf x) = x_0^2 + x_0 x_1$ at $(1, 2)$ along $(3, 1)$ the slope is $4 \cdot 3 + 1 \cdot 1 = 13$.


# %% nbgrader={"grade": false, "grade_id": "slope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def complex_slope(f, x, v):
    """Return the slope of f at x along v from one complex evaluation."""
    ### BEGIN SOLUTION
    step = 1e-30
    return float(np.imag(f(np.asarray(x) + 1j * step * np.asarray(v))) / step)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "slope--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def form(x):
    return x[0] ** 2 + x[0] * x[1]


slope = checks.call_unchanged(complex_slope, form, np.array([1.0, 2.0]), np.array([3.0, 1.0]))
print(checks.difference_table(slope, 13.0))
checks.check_value("the slope of x₀² + x₀x₁ at (1, 2) along (3, 1)", slope, 13.0, rtol=1e-12, atol=0)

# %% nbgrader={"grade": true, "grade_id": "slope--direction", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def wave(x):
    return np.sum(np.sin(x) * np.array([[1.0, 2.0], [3.0, 4.0]]))


x = np.array([[0.1, 0.2], [0.3, 0.4]])
v = np.array([[1.0, 0.0], [2.0, -1.0]])
single, double = complex_slope(wave, x, v), complex_slope(wave, x, 2 * v)
checks.check_value("the slope along 2v, as a multiple of the slope along v", double / single, 2.0, rtol=1e-12, atol=0)
### BEGIN HIDDEN TESTS
reference = checks.reference("finite_differences")
expected = float(np.sum(reference.complex_step(wave, x) * v))
checks.check_value(
    "the slope along a direction that is not of length 1",
    single,
    expected,
    rtol=1e-12,
    atol=0,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "slope--digits", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

calls = []


def counted(x):
    calls.append(1)
    return np.exp(x[0]) / (1 + np.exp(x[0]))


slope = complex_slope(counted, np.array([1.0]), np.array([1.0]))
sigma = 1 / (1 + np.exp(-1.0))
checks.check_value("the slope of the sigmoid at 1, to twelve digits", slope, sigma * (1 - sigma), rtol=1e-12, atol=0)
checks.check_true(
    len(calls) == 1,
    f"complex_slope evaluated f {len(calls)} times; one evaluation at a complex point is enough",
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: find the mistake
#
# The next cell has a small network and a function `suspicious_gradients` that computes the gradients of its loss by a formula. One of the four arrays comes out wrong. Run the cell after it: it uses your `central_gradients` and your `worst_entry` to find which one, and where it is worst. Then look at the formula with that in mind.

# %% nbgrader={"grade": false, "grade_id": "experiment-network", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(7)
samples, targets = rng.standard_normal((20, 3)), rng.standard_normal((20, 2))
network = [
    rng.standard_normal((5, 3)),
    rng.standard_normal(5),
    rng.standard_normal((2, 5)),
    rng.standard_normal(2),
]


def loss_of_network(parameters):
    w1, b1, w2, b2 = parameters
    output = np.tanh(samples @ w1.T + b1) @ w2.T + b2
    return 0.5 * np.sum((output - targets) ** 2) / len(samples)


def suspicious_gradients(parameters):
    w1, b1, w2, b2 = parameters
    hidden = np.tanh(samples @ w1.T + b1)
    at_output = (hidden @ w2.T + b2 - targets) / len(samples)
    at_hidden = (at_output @ w2) * (1 - hidden**2)
    return [
        at_hidden.T @ samples,
        (at_output @ w2).sum(axis=0),
        at_output.T @ hidden,
        at_output.sum(axis=0),
    ]


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
names = ("W1", "b1", "W2", "b2")
checked = central_gradients(loss_of_network, network, 1e-5)
found = [worst_entry(suspect, good) for suspect, good in zip(suspicious_gradients(network), checked, strict=True)]
for name, (index, error) in zip(names, found, strict=True):
    print(f"{name}: worst at {index}, relative error {error:.1e}")

figure, axes = plots.new_axes(height=2.6)
axes.bar(names, [max(error, 1e-12) for _, error in found], log=True)
plots.label(axes, "parameter", "worst relative error")

# %% [markdown] nbgrader={"grade": false, "grade_id": "why-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: in your own words (10 points)
#
# A friend wants to train a network of ten million weights by central differences: "no derivations, no bugs". In six to ten sentences: estimate what one step of training would cost compared with one evaluation of the loss; name the **two** kinds of error in the gradient and what each does when the step
# shrinks; and say what you would use central differences for instead, and how you would judge the result.

# %% [markdown] nbgrader={"grade": true, "grade_id": "why--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for the cost (two evaluations a weight, so about 2 · 10⁷ evaluations for one step; or O(W²) work against O(W)); 4 for the errors (truncation shrinks with h², rounding grows with 1/h, hence a best step near 10⁻⁵: 2 each); 3 for gradient checking on a small network or along a random
# direction, judged by the relative error (below about 10⁻⁷ right, above about 10⁻⁴ wrong).
#
# **Full (10).** "Every weight needs two evaluations, so one step costs twenty million evaluations of the loss; if one takes a hundredth of a second, that is more than two days for one step. The quotient has a truncation error that falls with h² and a rounding error that grows like 1/h, because two nearly equal losses are
# subtracted, so the step cannot be made as small as one likes; about 1e-5 is best in float64. I would use it to check the backpropagated gradient on a small network: relative error below 1e-7 means right, 1e-3 means a bug. For the large one I would check along a few random directions, two evaluations each."
#
# **Half (5).** "It is far too slow because you need two evaluations for each weight. There is also an error because h is not zero, so h should be small. It can be used to check gradients." (Cost 3, truncation only 1, use without a measure 1.)
#
# **None (0).** "It would work, but the results are not exact, since it is only numerical."
#
# === END MARK SCHEME ===
# ### END SOLUTION
