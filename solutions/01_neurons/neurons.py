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
# # Assignment 01: From linear models to one neuron
#
# **Goal.** You will fit a curve in two ways, take a step of logistic regression with labels of −1 and +1, run a perceptron and bound its mistakes, set the weights of gates, and build a network of two layers. At the end your perceptron learns to tell a 3 from an 8, and you see what it looks for.
#
# **Points.** Seven questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots` and `course_lib.datasets`. `course_lib.neurons` holds answers; it is withheld here and open to you afterwards.
#
# **Letters.** Samples are rows, $N$ of them; $\theta$ has the intercept first; a neuron has weights $\mathbf{w}$ and a bias $b$. Costs are means over the samples.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, datasets, plots

checks.withhold("neurons")

# %% [markdown] nbgrader={"grade": false, "grade_id": "parabola-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: a parabola and its gradient (15 points)
#
# A stone is thrown, and a line will not do for its path. Take a parabola, $\hat y = \theta_0 + \theta_1 x + \theta_2 x^2$, with the cost of chapter 1, $J = \frac{1}{2N}\sum_n(\hat y_n - y_n)^2$. Write
#
# `parabola_cost(theta, x, y)`, the cost, one number, and
#
# `parabola_gradient(theta, x, y)`, its gradient for $\theta$.
#
# - `theta` has shape $(3,)$, `x` and `y` have shape $(N,)$; the gradient has the shape of `theta`;
# - all of them are arrays, sometimes of whole numbers; none of them may change.
#
# Example: for $\theta = (1, 0, 1)$ and the points $(0, 1)$, $(1, 4)$, $(2, 3)$ the errors are $0, -2, 2$. The cost is $8/6$, the gradient $(0, \frac23, 2)$.


# %% nbgrader={"grade": false, "grade_id": "parabola", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parabola_cost(theta, x, y):
    """Return half the mean squared error of a parabola."""
    ### BEGIN SOLUTION
    error = theta[0] + theta[1] * x + theta[2] * x**2 - y
    return np.mean(error**2) / 2
    ### END SOLUTION


def parabola_gradient(theta, x, y):
    """Return the gradient of parabola_cost for theta."""
    ### BEGIN SOLUTION
    error = theta[0] + theta[1] * x + theta[2] * x**2 - y
    return np.array([np.mean(error), np.mean(error * x), np.mean(error * x**2)])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "parabola--cost", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

theta, x, y = np.array([1.0, 0.0, 1.0]), np.array([0.0, 1.0, 2.0]), np.array([1.0, 4.0, 3.0])
yours = checks.call_unchanged(parabola_cost, theta, x, y)
print(checks.difference_table(yours, 4 / 3))
checks.check_value("the cost of the example", yours, 4 / 3, batch=3)
checks.check_value(
    "the cost of the parabola (5, 2, 1) at the one point (2, 11)",
    parabola_cost(np.array([5, 2, 1]), np.array([2]), np.array([11])),
    2.0,
)
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
rng = np.random.default_rng(1)
theta, x, y = rng.standard_normal(3), rng.uniform(-2, 2, 9), rng.standard_normal(9)
checks.check_value(
    "the cost of another parabola",
    parabola_cost(theta, x, y),
    reference.linear_cost(theta, np.stack([x, x**2], axis=1), y),
    batch=9,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "parabola--gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

theta, x, y = np.array([1.0, 0.0, 1.0]), np.array([0.0, 1.0, 2.0]), np.array([1.0, 4.0, 3.0])
yours = checks.call_unchanged(parabola_gradient, theta, x, y)
print(checks.difference_table(yours, [0.0, 2 / 3, 2.0]))
checks.check_value("the gradient of the example", yours, [0.0, 2 / 3, 2.0], batch=3)
checks.check_value(
    "the gradient of the parabola (5, 2, 1) at the one point (3, 19)",
    parabola_gradient(np.array([5, 2, 1]), np.array([3]), np.array([19])),
    [1.0, 3.0, 9.0],
)

# %% nbgrader={"grade": true, "grade_id": "parabola--measured", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(2)
theta, x, y = rng.standard_normal(3), rng.uniform(-2, 2, 6), rng.standard_normal(6)


def through(theta):
    return np.mean((theta[0] + theta[1] * x + theta[2] * x**2 - y) ** 2) / 2


checks.check_gradient("the gradient at six points", parabola_gradient(theta, x, y), through, theta, batch=6)
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
theta, x, y = rng.standard_normal(3), rng.uniform(-2, 2, 11), rng.standard_normal(11)
checks.check_value(
    "the gradient at other points",
    parabola_gradient(theta, x, y),
    reference.linear_cost_gradient(theta, np.stack([x, x**2], axis=1), y),
    batch=11,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "fit-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: the best parabola (10 points)
#
# A parabola bends, but its parameters enter it like those of a line: $\hat y$ is a weighted sum of $1$, $x$ and $x^2$. So least squares fits it in one stroke. Write
#
# `fit_parabola(x, y)`, which returns $\theta = (\theta_0, \theta_1, \theta_2)$ with the smallest $\sum_n(\hat y_n - y_n)^2$.
#
# - `x` and `y` have shape $(N,)$, with at least three different values in `x`; the result has shape $(3,)$, intercept first;
# - NumPy's functions for linear equations and least squares are allowed.
#
# Example: the points $(0, 1)$, $(1, 0)$, $(2, 1)$, $(3, 4)$ lie on $1 - 2x + x^2$, so the result is $(1, -2, 1)$.


# %% nbgrader={"grade": false, "grade_id": "fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_parabola(x, y):
    """Return (theta0, theta1, theta2) of the parabola with the smallest squared error."""
    ### BEGIN SOLUTION
    columns = np.stack([np.ones(len(x)), x, x**2], axis=1)
    return np.linalg.lstsq(columns, y, rcond=None)[0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fit--exact", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, y = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 0.0, 1.0, 4.0])
yours = checks.call_unchanged(fit_parabola, x, y)
print(checks.difference_table(yours, [1.0, -2.0, 1.0]))
checks.check_value("the parabola of the example", yours, [1.0, -2.0, 1.0], rtol=1e-6, atol=1e-8)
checks.check_value(
    "the parabola through three points of 3 + 2x, given as whole numbers",
    fit_parabola(np.array([-1, 0, 2]), np.array([1, 3, 7])),
    [3.0, 2.0, 0.0],
    rtol=1e-6,
    atol=1e-8,
)

# %% nbgrader={"grade": true, "grade_id": "fit--noisy", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(3)
x = rng.uniform(-2, 2, 12)
y = 1 + 0.5 * x - x**2 + 0.3 * rng.standard_normal(12)
theta = np.asarray(fit_parabola(x, y))
checks.check_true(theta.shape == (3,), f"fit_parabola returns shape {theta.shape}, expected (3,)")
error = theta[0] + theta[1] * x + theta[2] * x**2 - y
print("the gradient at your parabola:", np.round([np.mean(error), np.mean(error * x), np.mean(error * x**2)], 6))
checks.check_value(
    "the gradient of the cost at your parabola (at the best one it is 0)",
    [np.mean(error), np.mean(error * x), np.mean(error * x**2)],
    np.zeros(3),
    atol=1e-7,
)
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
x, y = rng.uniform(-3, 1, 20), rng.standard_normal(20)
checks.check_value(
    "the best parabola for other points",
    fit_parabola(x, y),
    reference.linear_regression(np.stack([x, x**2], axis=1), y),
    rtol=1e-6,
    atol=1e-8,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "signed-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: logistic regression with labels −1 and +1 (15 points)
#
# Some texts and many data sets write $y = +1$ for yes and $y = -1$ for no. With the score $z = \mathbf{w}^{\mathsf T}\mathbf{x} + b$ the probability of the right answer is then $\sigma(yz)$ in both cases, and the cost one term:
#
# $$J(\mathbf{w}, b) = \frac1N\sum_n \ln\bigl(1 + e^{-y_n z_n}\bigr) .$$
#
# Write `signed_cost(w, b, x, y)`, this cost, and
#
# `signed_step(w, b, x, y, rate)`, which returns the pair `(w, b)` after one step of gradient descent with the learning rate `rate`.
#
# - `w` has shape $(D,)$, `b` is a number, `x` has shape $(N, D)$, `y` has shape $(N,)$ and holds −1 and +1; nothing handed in may change;
# - NumPy must not warn of an overflow at scores of $\pm 1000$. These forms do not overflow: $\ln(1 + e^u) = \max(u, 0) + \ln(1 + e^{-|u|})$ and $\sigma(u) = \frac12 + \frac12\tanh\frac u2$. You may also use `np.logaddexp`.
#
# You find the gradient by the chain rule: the slope of $\ln(1 + e^u)$ is $\sigma(u)$.
#
# Example: $\mathbf{w} = (0, 0)$, $b = 0$ and the one sample $\mathbf{x} = (1, 2)$, $y = +1$ cost $\ln 2$. A step with rate 1 leads to $\mathbf{w} = (0.5, 1)$, $b = 0.5$; with $y = -1$ it leads to $\mathbf{w} = (-0.5, -1)$, $b = -0.5$.


# %% nbgrader={"grade": false, "grade_id": "signed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def signed_cost(w, b, x, y):
    """Return the mean of ln(1 + exp(-y z)) with z = w·x + b."""
    ### BEGIN SOLUTION
    return np.mean(np.logaddexp(0, -y * (x @ w + b)))
    ### END SOLUTION


def signed_step(w, b, x, y, rate):
    """Return (w, b) after one step of gradient descent on signed_cost."""
    ### BEGIN SOLUTION
    u = -y * (x @ w + b)
    slope = -y * (0.5 + 0.5 * np.tanh(u / 2)) / len(x)
    return w - rate * slope @ x, b - rate * np.sum(slope)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "signed--cost", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

w, b, x, y = np.array([0.0, 0.0]), 0.0, np.array([[1.0, 2.0]]), np.array([1])
yours = checks.call_unchanged(signed_cost, w, b, x, y)
print(checks.difference_table(yours, np.log(2)))
checks.check_value("the cost of the example", yours, np.log(2))
far = checks.call_without_warnings(
    signed_cost, np.array([1.0]), 0.0, np.array([[1000.0], [-1000.0]]), np.array([-1, -1])
)
checks.check_value("the cost of the scores 1000 and -1000, both with label -1", far, 500.0, batch=2)
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
rng = np.random.default_rng(4)
w, b, x, y = rng.standard_normal(3), 0.7, rng.standard_normal((8, 3)), np.array([1, -1, 1, 1, -1, -1, 1, -1])
checks.check_value(
    "the cost of a batch",
    signed_cost(w, b, x, y),
    reference.logistic_cost(np.append(b, w), x, (y + 1) // 2),
    batch=8,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "signed--step", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

w, b, x = np.array([0.0, 0.0]), 0.0, np.array([[1.0, 2.0]])
for label, new_w, new_b in ((1, [0.5, 1.0], 0.5), (-1, [-0.5, -1.0], -0.5)):
    result = checks.call_unchanged(signed_step, w, b, x, np.array([label]), 1.0)
    checks.check_true(
        isinstance(result, tuple | list) and len(result) == 2, "signed_step should return the pair (w, b)"
    )
    print(checks.difference_table(result[0], new_w))
    checks.check_value(f"w of the example with y = {label}", result[0], new_w)
    checks.check_value(f"b of the example with y = {label}", result[1], new_b)

# %% nbgrader={"grade": true, "grade_id": "signed--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(5)
w, b, x, y = rng.standard_normal(3), -0.4, rng.standard_normal((5, 3)), np.array([1, -1, -1, 1, -1])
new_w, new_b = signed_step(w, b, x, y, 0.25)


def cost(w, b):
    return np.mean(np.log(1 + np.exp(-y * (x @ w + b))))


checks.check_gradient("(w - new w) / rate", (w - np.asarray(new_w)) / 0.25, lambda w: cost(w, b), w, batch=5)
checks.check_gradient("(b - new b) / rate", (b - np.asarray(new_b)) / 0.25, lambda b: cost(w, b), b, batch=5)
far_w, far_b = checks.call_without_warnings(
    signed_step, np.array([1.0]), 0.0, np.array([[1000.0], [-1000.0]]), np.array([-1, -1]), 2.0
)
checks.check_value("w after a step from the scores 1000 and -1000", far_w, [-999.0])
checks.check_value("b after a step from the scores 1000 and -1000", far_b, -1.0)
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
w, b, x, y = rng.standard_normal(4), 1.1, rng.standard_normal((9, 4)), np.array([1, -1, -1, 1, -1, 1, 1, 1, -1])
gradient = reference.logistic_cost_gradient(np.append(b, w), x, (y + 1) // 2)
new_w, new_b = signed_step(w, b, x, y, 0.5)
checks.check_value("the step of w for another batch", w - np.asarray(new_w), 0.5 * gradient[1:], batch=9, reveal=False)
checks.check_value("the step of b for another batch", b - np.asarray(new_b), 0.5 * gradient[0], batch=9, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "sweep-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: one sweep of the perceptron (15 points)
#
# Labels are −1 and +1 again. With them a sample is answered rightly if $y\,(\mathbf{w}^{\mathsf T}\mathbf{x} + b) > 0$; a sample *on* the line counts as a mistake, whatever its label. After a mistake
#
# $$\mathbf{w} \leftarrow \mathbf{w} + y\,\mathbf{x}, \qquad b \leftarrow b + y ,$$
#
# and the next sample meets the new weights. Write
#
# `sweep(x, y, w, b)`, which shows the perceptron all samples once, in their order, and returns the triple `(w, b, mistakes)`.
#
# - `x` has shape $(N, D)$, `y` $(N,)$, `w` $(D,)$, `b` is a number; `mistakes` is the number of mistakes in this sweep;
# - nothing handed in may change, and that includes `w`.
#
# Example: from $\mathbf{w} = (0, 0)$, $b = 0$ the samples $(1, 1)$ with $y = +1$ and $(0, 0)$ with $y = -1$ are two mistakes, and lead to $\mathbf{w} = (1, 1)$, $b = 0$.


# %% nbgrader={"grade": false, "grade_id": "sweep", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sweep(x, y, w, b):
    """Return (w, b, mistakes) after the perceptron has seen every sample once."""
    ### BEGIN SOLUTION
    mistakes = 0
    for sample, label in zip(x, y, strict=True):
        if label * (sample @ w + b) <= 0:
            w, b = w + label * sample, b + label
            mistakes += 1
    return w, b, mistakes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sweep--example", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, y = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([1, -1])
result = checks.call_unchanged(sweep, x, y, np.array([0.0, 0.0]), 0.0)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 3, "sweep should return the triple (w, b, mistakes)"
)
print(checks.difference_table(result[0], [1.0, 1.0]))
checks.check_value("w of the example", result[0], [1.0, 1.0])
checks.check_value("b of the example", result[1], 0.0)
checks.check_value("the mistakes of the example", result[2], 2)
w, b, mistakes = sweep(x, y, np.array([2.0, 2.0]), -1.0)
checks.check_value("w, where every sample is right from the start", w, [2.0, 2.0])
checks.check_value("b, where every sample is right from the start", b, -1.0)
checks.check_value("the mistakes, where every sample is right from the start", mistakes, 0)
w, b, mistakes = sweep(np.array([[1.0, 2.0]]), np.array([-1]), np.array([0.0, 0.0]), 0.0)
checks.check_value("w after one sample on the line with the label -1", w, [-1.0, -2.0])
checks.check_value("b after one sample on the line with the label -1", b, -1.0)
checks.check_value("the mistakes in one sample on the line with the label -1", mistakes, 1)

# %% nbgrader={"grade": true, "grade_id": "sweep--order", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, y = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 3.0]]), np.array([1, 1, -1])
# The first sample is a mistake; with what was learned from it, the second is none, and the third is one.
w, b, mistakes = checks.call_unchanged(sweep, x, y, np.array([0.0, 0.0]), 0.0)
print(checks.difference_table(w, [2.0, -3.0]))
checks.check_value("w after three samples", w, [2.0, -3.0])
checks.check_value("b after three samples", b, 0.0)
checks.check_value("the mistakes in three samples", mistakes, 2)
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
rng = np.random.default_rng(6)
x, y, w, b = rng.standard_normal((30, 4)), rng.choice([-1, 1], 30), rng.standard_normal(4), 0.3
expected, count = reference.Perceptron(w, b), 0
for sample, label in zip(x, y, strict=True):
    learned = reference.perceptron_update(sample, (label + 1) // 2, *expected)
    count += learned.bias != expected.bias
    expected = learned
new_w, new_b, mistakes = sweep(x, y, w, b)
checks.check_value("w after thirty samples", new_w, expected.weights, reveal=False)
checks.check_value("b after thirty samples", new_b, expected.bias, reveal=False)
checks.check_value("the mistakes in thirty samples", mistakes, count, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sweep--converges", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(7)
x = rng.uniform(-1, 1, (60, 2))
x = x[np.abs(x @ [1.0, -2.0] + 0.5) > 0.2]
y = np.where(x @ [1.0, -2.0] + 0.5 > 0, 1, -1)
w, b, counts = np.zeros(2), 0.0, []
while len(counts) < 200 and (not counts or counts[-1] > 0):
    w, b, mistakes = sweep(x, y, w, b)
    counts.append(int(mistakes))
print("mistakes in each sweep:", counts)
checks.check_true(counts[-1] == 0, "there are still mistakes after 200 sweeps over samples that a line separates")
checks.check_true(
    bool(np.all(y * (x @ w + b) > 0)), "the last sweep reports no mistake, but some samples are on the wrong side"
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "bound-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: how many mistakes at most (10 points)
#
# A perceptron *without a bias* draws its line through the origin. Novikoff's theorem holds for it as well, with the samples as they are: if $\mathbf{w}$ separates the classes, training from $\mathbf{w} = 0$ makes at most $(R/\gamma)^2$ mistakes, where $R$ is the length of the longest sample and $\gamma$ the smallest distance of a sample from the line $\mathbf{w}^{\mathsf T}\mathbf{x} = 0$,
#
# $$\gamma = \min_n \frac{y_n\,\mathbf{w}^{\mathsf T}\mathbf{x}_n}{\lVert\mathbf{w}\rVert} .$$
#
# Write `mistake_bound(x, y, w)`, which returns $(R/\gamma)^2$, or `np.inf` if $\mathbf{w}$ does not separate the classes, that is, if some sample is on the line or on the wrong side of it.
#
# - `x` has shape $(N, D)$, `y` $(N,)$ with −1 and +1, `w` $(D,)$ and is not 0.
#
# Example: the samples $(3, 4)$ with $+1$ and $(-1, 0)$ with $-1$, and $\mathbf{w} = (2, 0)$: $R = 5$, $\gamma = 1$, so the bound is 25. With both labels $+1$ it is infinite.


# %% nbgrader={"grade": false, "grade_id": "bound", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mistake_bound(x, y, w):
    """Return the largest number of mistakes of a perceptron without a bias, given a w that separates."""
    ### BEGIN SOLUTION
    gamma = np.min(y * (x @ w)) / np.linalg.norm(w)
    longest = np.max(np.linalg.norm(x, axis=1))
    return (longest / gamma) ** 2 if gamma > 0 else np.inf
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bound--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, y, w = np.array([[3.0, 4.0], [-1.0, 0.0]]), np.array([1, -1]), np.array([2.0, 0.0])
yours = checks.call_unchanged(mistake_bound, x, y, w)
print(checks.difference_table(yours, 25.0))
checks.check_value("the bound of the example", yours, 25.0)
checks.check_value(
    "the bound for one sample (0, 2) and w = (0, 7)", mistake_bound(x[:1] * [0, 0.5], y[:1], np.array([0, 7])), 1.0
)
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
rng = np.random.default_rng(8)
w, b = np.array([1.0, -2.0, 0.5]), 0.4
x = rng.standard_normal((40, 3))
x = x[np.abs(x @ w + b) > 0.3]
y = np.where(x @ w + b > 0, 1, -1)
checks.check_value(
    "the bound for samples in four dimensions",
    mistake_bound(np.column_stack([x, np.ones(len(x))]), y, np.append(w, b)),
    reference.perceptron_mistake_bound(x, (y + 1) // 2, w, b),
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bound--separates", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, w = np.array([[3.0, 4.0], [-1.0, 0.0], [1.0, 1.0]]), np.array([2.0, 0.0])
on_the_line = np.array([[3.0, 4.0], [0.0, 5.0]])
bounds = [mistake_bound(x, y, w) for y in (np.array([1, 1, 1]), np.array([-1, 1, -1]))]
print("two labellings that w does not separate:", *bounds)
checks.check_true(
    all(np.isinf(bound) and bound > 0 for bound in bounds), "where w does not separate the classes, return np.inf"
)
with np.errstate(divide="ignore"):
    bound = mistake_bound(on_the_line, np.array([1, 1]), w)
checks.check_true(np.isinf(bound) and bound > 0, "a sample on the line is not separated: return np.inf")
checks.check_value(
    "the bound with a w three times as long (it is the same line)",
    mistake_bound(x, np.array([1, -1, 1]), 3 * w),
    25.0,
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "gates-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: gates, read and made (10 points)
#
# A unit says 1 where $w_1x_1 + w_2x_2 + b > 0$ and 0 elsewhere. This question asks for values, not for functions.
#
# 1. Read one. A unit has $\mathbf{w} = (1, -2)$ and $b = 1$. Set `answers` to the list of its answers at $(0, 0)$, $(0, 1)$, $(1, 0)$, $(1, 1)$, in this order. Work them out on paper.
# 2. Make one. **NAND** is "not both": 0 at $(1, 1)$ and 1 at the other three. Set `nand` to a list $[w_1, w_2, b]$ of a unit that computes it.
# 3. Make another. A committee of three says yes if at least two of its members do. Set `majority` to a list $[w_1, w_2, w_3, b]$ of a unit that computes it for inputs 0 and 1.
#
# Many weights are right; the cells below try out what yours compute.

# %% nbgrader={"grade": false, "grade_id": "gates", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
answers = [1, 0, 1, 0]
nand = [-1.0, -1.0, 1.5]
majority = [1.0, 1.0, 1.0, -1.5]
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "gates--read", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

print("your answers at (0, 0), (0, 1), (1, 0), (1, 1):", answers)
checks.check_true(np.shape(answers) == (4,), f"answers has shape {np.shape(answers)}, expected (4,), one for each case")
checks.check_true(set(np.ravel(answers).tolist()) <= {0, 1}, "a unit answers 0 or 1; answers holds something else")
checks.check_value("the number of cases in which the unit says 1", int(np.sum(answers)), 2)
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
checks.check_value(
    "answers",
    np.asarray(answers) * 1,
    reference.perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [1.0, -2.0], 1.0),
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "gates--made", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
checks.check_true(np.shape(nand) == (3,), f"nand has shape {np.shape(nand)}, expected (3,): w1, w2 and b")
checks.check_true(
    np.shape(majority) == (4,), f"majority has shape {np.shape(majority)}, expected (4,): w1, w2, w3 and b"
)
said = (pairs @ np.asarray(nand)[:2] + nand[2] > 0) * 1
print(checks.difference_table(said, [1, 1, 1, 0]))
checks.check_value("what nand says at (0, 0), (0, 1), (1, 0), (1, 1)", said, [1, 1, 1, 0])
cases = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
voted = (cases @ np.asarray(majority)[:3] + majority[3] > 0) * 1
print(checks.difference_table(voted, [0, 0, 0, 1, 0, 1, 1, 1]))
checks.check_value("what majority says at 000, 001, 010, 011, 100, 101, 110, 111", voted, [0, 0, 0, 1, 0, 1, 1, 1])

# %% [markdown] nbgrader={"grade": false, "grade_id": "network-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: a network of two layers (15 points)
#
# Chapter 1 computed XOR with units written out one by one. Write the network for any weights: a hidden layer of $K$ units, then one output unit, all of which say 1 where their weighted sum plus bias is *greater* than 0 and 0 elsewhere.
#
# `two_layers(x, w1, b1, w2, b2)` returns the pair `(out, hidden)`.
#
# - `x` has shape $(N, D)$; `w1` $(K, D)$, row $k$ belonging to hidden unit $k$; `b1` $(K,)$; `w2` $(K,)$; `b2` is a number;
# - `out` has shape $(N,)$ and `hidden` $(N, K)$; both hold 0 and 1.
#
# Then set `same`, a value: the list $[W_1, \mathbf{b}_1, \mathbf{w}_2, b_2]$ of a network with two inputs and two hidden units that says 1 where both inputs are the *same*. $W_1$ is a list of two lists, $\mathbf{b}_1$ and $\mathbf{w}_2$ are lists of two numbers, $b_2$ is a number.
#
# Example: `two_layers` with $W_1 = \begin{pmatrix}1&-1\\-1&1\end{pmatrix}$, $\mathbf{b}_1 = (-0.5, -0.5)$, $\mathbf{w}_2 = (1, 1)$, $b_2 = -0.5$ is XOR.


# %% nbgrader={"grade": false, "grade_id": "network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_layers(x, w1, b1, w2, b2):
    """Return (out, hidden) of a network of threshold units with one hidden layer."""
    ### BEGIN SOLUTION
    hidden = (x @ w1.T + b1 > 0) * 1
    return (hidden @ w2 + b2 > 0) * 1, hidden
    ### END SOLUTION


### BEGIN SOLUTION
same = [[[1.0, -1.0], [-1.0, 1.0]], [-0.5, -0.5], [-1.0, -1.0], 0.5]
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "network--xor", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
w1, b1, w2 = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([-0.5, -0.5]), np.array([1.0, 1.0])
result = checks.call_unchanged(two_layers, x, w1, b1, w2, -0.5)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "two_layers should return the pair (out, hidden)"
)
out, hidden = np.asarray(result[0]) * 1, np.asarray(result[1]) * 1
checks.check_value("hidden of XOR", hidden, [[0, 0], [0, 1], [1, 0], [0, 0]])
print(checks.difference_table(out, [0, 1, 1, 0]))
checks.check_value("out of XOR", out, [0, 1, 1, 0])
out, hidden = two_layers(x, np.array([[2.0, 1.0], [-1.0, 1.0]]), np.array([-1.0, 0.0]), np.array([1.0, 2.0]), -1.0)
checks.check_value("hidden, where some sums are exactly 0", np.asarray(hidden) * 1, [[0, 0], [0, 1], [1, 0], [1, 0]])
checks.check_value("out, where a sum is exactly 0", np.asarray(out) * 1, [0, 1, 0, 0])

# %% nbgrader={"grade": true, "grade_id": "network--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(9)
x, w1, b1 = rng.standard_normal((7, 3)), rng.standard_normal((5, 3)), rng.standard_normal(5)
out, hidden = checks.call_unchanged(two_layers, x, w1, b1, rng.standard_normal(5), 0.2)
checks.check_true(np.shape(out) == (7,), f"out has shape {np.shape(out)}, expected (7,)")
checks.check_true(np.shape(hidden) == (7, 5), f"hidden has shape {np.shape(hidden)}, expected (7, 5)")
### BEGIN HIDDEN TESTS
reference = checks.reference("neurons")
for samples, inputs, units in ((12, 3, 3), (1, 2, 4), (9, 4, 1)):
    x, w1 = rng.standard_normal((samples, inputs)), rng.standard_normal((units, inputs))
    b1, w2, b2 = rng.standard_normal(units), rng.standard_normal(units), 0.1
    first = np.stack([reference.perceptron(x, w1[k], b1[k]) for k in range(units)], axis=1)
    out, hidden = two_layers(x, w1, b1, w2, b2)
    named = f"with {samples} samples, {inputs} inputs and {units} hidden units"
    checks.check_value(f"hidden {named}", np.asarray(hidden) * 1, first, reveal=False)
    checks.check_value(f"out {named}", np.asarray(out) * 1, reference.perceptron(first, w2, b2), reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "network--same", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

checks.check_true(len(same) == 4, f"same has {len(same)} parts, expected 4: W1, b1, w2 and b2")
shapes = [np.shape(part) for part in same]
checks.check_true(
    shapes == [(2, 2), (2,), (2,), ()], f"same has parts of the shapes {shapes}, expected (2, 2), (2,), (2,), ()"
)
w1, b1, w2, b2 = (np.asarray(part) for part in same)
x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
hidden = (x @ w1.T + b1 > 0) * 1
said = (hidden @ w2 + b2 > 0) * 1
print("what your hidden units say:", hidden.tolist())
print(checks.difference_table(said, [1, 0, 0, 1]))
checks.check_value("what your network says at (0, 0), (0, 1), (1, 0), (1, 1)", said, [1, 0, 0, 1])

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: a 3 or an 8
#
# Your `sweep` on digits of $8 \times 8$ pixels: +1 for an 8, −1 for a 3. The weights are a picture, so you can look at what the perceptron looks for, after one sweep and at the end. Where does an 8 have ink that a 3 does not have, and can you see it?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
images, digits = datasets.digits()
chosen = (digits == 3) | (digits == 8)
pixels, signs = images[chosen].reshape(-1, 64), np.where(digits[chosen] == 8, 1, -1)
seen, unseen = slice(0, 250), slice(250, None)
w, b, counts, pictures = np.zeros(64), 0.0, [], []
for _ in range(60):
    w, b, mistakes = sweep(pixels[seen], signs[seen], w, b)
    counts.append(mistakes)
    pictures.append(w)
right = np.mean(signs[unseen] * (pixels[unseen] @ w + b) > 0)
print(f"mistakes in the first sweep {counts[0]}, in the last {counts[-1]}; unseen digits right: {right:.1%}")

figure, panels = plots.new_axes(columns=3, width=7.6, height=2.6)
panels[0].plot(np.arange(1, 61), counts, "o-", markersize=3)
plots.label(panels[0], "sweep", "mistakes")
for axes, weights, title in ((panels[1], pictures[0], "w after one sweep"), (panels[2], pictures[-1], "w at the end")):
    reach = np.abs(weights).max()
    axes.imshow(weights.reshape(8, 8), cmap="RdBu", vmin=-reach, vmax=reach)
    axes.set(xticks=[], yticks=[], title=title)
    axes.grid(False)

# %% [markdown] nbgrader={"grade": false, "grade_id": "steps-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: in your own words (10 points)
#
# A school wants a program that looks at the $16 \times 16$ pixels of a scanned answer box and says whether it holds a cross or not. In six to ten sentences: go through the three steps for this task. Which set of functions would you choose, and what is left open in it? Which measure of goodness, and why is the plain number of wrong answers on
# the scans a poor guide for a search by small steps? How would you look for the best function, and when would you stop? Say for one of your three choices what would change, and what would stay as it is, if you replaced it by another.

# %% [markdown] nbgrader={"grade": true, "grade_id": "steps--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for the set of functions (a named form such as a sigmoid of a weighted sum of 256 pixels, and what is open in it: 256 weights and a bias, or those of a network); 3 for the goodness (cross entropy or another smooth cost, averaged over labelled scans; the number of mistakes does not change for nearly all small changes of the weights,
# so it has slope 0 and shows no direction); 2 for the search (gradient descent with steps against the gradient, stopped when the cost hardly falls, or when it rises on scans kept aside); 2 for an exchange of one step with a true statement of what stays (e.g. a network in place of one neuron: same cost, same descent, other gradient formula).
#
# **Full (10).** "As functions I take a sigmoid of a weighted sum of the 256 pixels; 256 weights and a bias are open, and each choice of them is one function. Goodness is the cross entropy, averaged over a few hundred scans that a person has labelled. The number of wrong answers is what the school cares about, but if I change a weight a little it almost
# always stays the same, so it does not tell me which way to go, while the cross entropy changes a little with every weight. I start from zero weights and subtract a small multiple of the gradient again and again, until the cost on scans I have put aside no longer falls. If one neuron is not good enough I replace the set of functions by a network with a hidden layer. The
# cost and the descent stay as they are; only the gradient has to be computed anew, and I may need several starts."
#
# **Half (5).** "I would use a neural network with the pixels as input and yes or no as output. The measure is the cross entropy because it is differentiable. Then I train with gradient descent until the error is small." (Functions 1, what is open is missing; goodness 2; search 2; no exchange.)
#
# **None (0).** "The computer looks at many crosses until it recognises them."
#
# === END MARK SCHEME ===
# ### END SOLUTION
