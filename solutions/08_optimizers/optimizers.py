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
# # Assignment 08: Optimisation
#
# **Goal.** You will write the steps that walk downhill, each a neighbour of one that chapter 8 shows: with weight decay, with the rate inside the velocity, away from saddle points, without the matrix. You deal out mini-batches and choose how large weights start. At the end your steps race down one valley.
#
# **Points.** Eight questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, and the library's modules of earlier chapters: with `finite_differences` you can check a gradient. `course_lib.optimizers` and `course_lib.initializers` hold answers; they, and what is built on them, are withheld here and open to you afterwards.
#
# **Letters.** $\theta$, $\mathbf{g}$, $\mathbf{v}$ and so on are vectors $(P,)$ unless a shape is given; $\eta$ is the learning rate.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, plots

checks.withhold("optimizers", "initializers")

# %% [markdown] nbgrader={"grade": false, "grade_id": "step-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: a step with weight decay (10 points)
#
# The objective has a penalty, $J(\theta) + \frac\lambda2\lVert\theta\rVert^2$; $\mathbf{g}$ is the gradient of $J$ alone. Write
#
# `decayed_step(theta, gradient, rate, strength)`, the $\theta$ after one step of gradient descent on the whole objective
#
# - `theta` and `gradient` have the same shape, which may be any; `rate` $= \eta$ and `strength` $= \lambda$ are numbers;
# - the result has the shape of `theta`; nothing handed in may change.
#
# Example: $\theta = (1, -2)$, $\mathbf{g} = (10, 10)$, $\eta = 0.1$, $\lambda = 0.5$ give $(-0.05, -2.9)$.


# %% nbgrader={"grade": false, "grade_id": "step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decayed_step(theta, gradient, rate, strength):
    """Return theta after a step of gradient descent with an L2 penalty of the given strength."""
    ### BEGIN SOLUTION
    return theta - rate * (gradient + strength * theta)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "step--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(decayed_step, np.array([1.0, -2.0]), np.array([10.0, 10.0]), 0.1, 0.5)
print(checks.difference_table(yours, [-0.05, -2.9]))
checks.check_value("the step of the example", yours, [-0.05, -2.9])

# %% nbgrader={"grade": true, "grade_id": "step--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(1)
theta, gradient = rng.standard_normal((3, 2)), rng.standard_normal((3, 2))
checks.check_value("a step without penalty", decayed_step(theta, gradient, 0.25, 0.0), theta - gradient / 4)
checks.check_value("a step where only the penalty pulls", decayed_step(theta, 0 * gradient, 0.25, 2.0), theta / 2)
### BEGIN HIDDEN TESTS
optimizers, losses = checks.reference("optimizers"), checks.reference("losses")
theta, gradient = rng.standard_normal(7), rng.standard_normal(7)
whole = gradient + 0.3 * losses.l2_penalty_gradient(theta)
expected = optimizers.GradientDescent(0.7).step(theta, whole)
checks.check_value("a step with both", decayed_step(theta, gradient, 0.7, 0.3), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "batches-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: dealing out mini-batches (15 points)
#
# Write
#
# `deal(x, y, size, rng)`, which returns the batches of one epoch as a list of pairs `(x_batch, y_batch)`
#
# - `x` is an array with $N$ rows, `y` an array with $N$ entries or rows; `size` is a positive whole number, `rng` a `numpy.random.Generator`;
# - every sample comes exactly once, in a random order that is new for each epoch, and with its own target;
# - each batch has `size` samples; the last one has what is left. `size` may be larger than $N$.
#
# Example: ten samples in batches of four are batches of 4, 4 and 2.


# %% nbgrader={"grade": false, "grade_id": "batches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def deal(x, y, size, rng):
    """Return a list of pairs (x_batch, y_batch) in which every sample comes once, in random order."""
    ### BEGIN SOLUTION
    order = rng.permutation(len(x))
    batches = []
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        batches.append((x[rows], y[rows]))
    return batches
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batches--sizes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, y = np.arange(20.0).reshape(10, 2), np.arange(10)
batches = deal(x, y, 4, np.random.default_rng(0))
checks.check_true(
    isinstance(batches, list) and all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in batches),
    "deal should return a list of pairs (x_batch, y_batch)",
)
print("sizes of your batches:", [len(a) for a, _ in batches], " expected: [4, 4, 2]")
checks.check_true(
    [len(a) for a, _ in batches] == [4, 4, 2],
    f"ten samples in batches of 4 should be batches of 4, 4 and 2 samples, but are {[len(a) for a, _ in batches]}",
)
### BEGIN HIDDEN TESTS
for samples, size in ((12, 4), (7, 1), (5, 8), (9, 8)):
    x, y = np.arange(3.0 * samples).reshape(samples, 3), np.arange(samples)
    batches = deal(x, y, size, np.random.default_rng(1))
    expected = [
        len(rows) for rows in checks.reference("optimizers").mini_batches(samples, size, np.random.default_rng(1))
    ]
    checks.check_true(
        [len(a) for a, _ in batches] == expected,
        "for other numbers of samples and other batch sizes, the batches do not have the right sizes",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "batches--pairs", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.arange(22.0).reshape(11, 2)
y = 100 + np.arange(11)
batches = deal(x, y, 3, np.random.default_rng(5))
seen = np.concatenate([a for a, _ in batches])[:, 0] / 2
checks.check_true(
    sorted(seen) == list(range(11)),
    "every sample should come exactly once in an epoch, but some are missing or repeated",
)
targets = np.concatenate([b for _, b in batches])
checks.check_value("the targets, in the order of the samples", targets, 100 + seen)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
x, y = rng.standard_normal((13, 4)), rng.standard_normal((13, 2))
batches = deal(x, y, 5, np.random.default_rng(7))
rows = np.concatenate([np.concatenate([a, b], axis=1) for a, b in batches])
expected = np.concatenate([x, y], axis=1)
checks.check_value(
    "all samples with their targets, sorted",
    rows[np.argsort(rows[:, 0])],
    expected[np.argsort(expected[:, 0])],
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "batches--order", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = y = np.arange(50)
rng = np.random.default_rng(3)
first, second = ([int(n) for a, _ in deal(x, y, 8, rng) for n in a] for _ in range(2))
checks.check_true(first != list(range(50)), "the samples come in the order in which they were handed in; shuffle them")
checks.check_true(first != second, "two epochs come in the same order; each should be shuffled anew")
checks.check_true(
    set(first[:8]) != set(second[:8]),
    "the first batch has the same samples in both epochs; draw one order for all samples, not one inside each batch",
)
checks.check_true(
    sum((b - a) % 50 == 1 for a, b in zip(first, first[1:], strict=False)) < 25,
    "most samples come right after their old neighbour; draw a new order, not only a new beginning",
)
again = deal(x, y, 8, np.random.default_rng(3))
checks.check_true(
    [int(n) for a, _ in again for n in a] == first,
    "the same seed gives another order each time; take all random numbers from rng",
)
checks.check_true(list(x) == list(range(50)), "x was changed; shuffle the numbers of the rows and leave x as it is")

# %% [markdown] nbgrader={"grade": false, "grade_id": "momentum-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: the rate inside the velocity (10 points)
#
# Some libraries write momentum with the learning rate inside the velocity: $\mathbf{v} \leftarrow \mu\mathbf{v} - \eta\mathbf{g}$, $\theta \leftarrow \theta + \mathbf{v}$. The velocity is then the step itself. Write
#
# `heavy_step(theta, velocity, gradient, rate, momentum)`, which returns the pair `(theta, velocity)` after the step
#
# - `theta`, `velocity` and `gradient` have the same shape; `rate` $= \eta$, `momentum` $= \mu$; nothing handed in may change.
#
# Example: $\theta = 1$, $\mathbf{v} = -2$, $\mathbf{g} = 10$, $\eta = 0.1$, $\mu = 0.5$ give $\mathbf{v} = -2$ and $\theta = -1$.


# %% nbgrader={"grade": false, "grade_id": "momentum", "locked": false, "schema_version": 3, "solution": true, "task": false}
def heavy_step(theta, velocity, gradient, rate, momentum):
    """Return (theta, velocity) after a step of momentum with the rate inside the velocity."""
    ### BEGIN SOLUTION
    velocity = momentum * velocity - rate * gradient
    return theta + velocity, velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "momentum--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

result = checks.call_unchanged(heavy_step, np.array([1.0]), np.array([-2.0]), np.array([10.0]), 0.1, 0.5)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "heavy_step should return the pair (theta, velocity)"
)
print(checks.difference_table(result[0], [-1.0]))
checks.check_value("theta of the example", result[0], [-1.0])
checks.check_value("the velocity of the example", result[1], [-2.0])

# %% nbgrader={"grade": true, "grade_id": "momentum--walk", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

theta, velocity = np.array([4.0, -1.0]), np.zeros(2)
for _ in range(2):
    theta, velocity = heavy_step(theta, velocity, np.array([1.0, 2.0]), 0.5, 0.8)
checks.check_value("theta after two steps with the gradient (1, 2)", theta, [2.6, -3.8])
checks.check_value("the velocity after two steps", velocity, [-0.9, -1.8])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
rule = checks.reference("optimizers").Momentum(0.3, momentum=0.6)
theta = expected = rng.standard_normal(5)
velocity = np.zeros(5)
for gradient in rng.standard_normal((6, 5)):
    theta, velocity = heavy_step(theta, velocity, gradient, 0.3, 0.6)
    expected = rule.step(expected, gradient)
checks.check_value("theta after six steps", theta, expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "adam-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: Adam with weight decay beside it (15 points)
#
# In Adam a penalty inside the gradient would be divided by $\sqrt{\hat{\mathbf{s}}}$ like everything else. AdamW keeps it out: with $\mathbf{m} \leftarrow \beta_1\mathbf{m} + (1-\beta_1)\mathbf{g}$, $\mathbf{s} \leftarrow \beta_2\mathbf{s} + (1-\beta_2)\mathbf{g}^2$ (entry by entry), both corrected for their start at 0,
#
# $$\hat{\mathbf{m}} = \frac{\mathbf{m}}{1-\beta_1^t}, \quad \hat{\mathbf{s}} = \frac{\mathbf{s}}{1-\beta_2^t}, \qquad \theta \leftarrow \theta - \eta\,\Bigl(\frac{\hat{\mathbf{m}}}{\sqrt{\hat{\mathbf{s}}} + \varepsilon} + \lambda\theta\Bigr).$$
#
# Write `adamw_step(theta, m, s, gradient, t, rate, beta1, beta2, epsilon, strength)`, which returns the triple `(theta, m, s)`
#
# - arrays all have the shape of `theta`; `t` is the number of this step, beginning with 1; `strength` $= \lambda$;
# - the returned `m` and `s` are the running means without correction; nothing handed in may change.
#
# Example: $\theta = 1$, $\mathbf{m} = \mathbf{s} = 0$, $\mathbf{g} = 4$, $t = 1$, $\eta = 0.1$, $\beta_1 = 0.5$, $\beta_2 = 0.75$, $\varepsilon = 1$, $\lambda = 0$ give $\mathbf{m} = 2$, $\mathbf{s} = 4$ and $\theta = 1 - 0.1 \cdot \frac{4}{4 + 1} = 0.92$; with $\lambda = 0.2$, $\theta = 0.9$.


# %% nbgrader={"grade": false, "grade_id": "adam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adamw_step(theta, m, s, gradient, t, rate, beta1, beta2, epsilon, strength):
    """Return (theta, m, s) after step number t of Adam with decoupled weight decay."""
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * gradient
    s = beta2 * s + (1 - beta2) * gradient**2
    corrected = (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + epsilon)
    return theta - rate * (corrected + strength * theta), m, s
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "adam--first", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

start = np.array([1.0])
result = checks.call_unchanged(
    adamw_step, start, np.zeros(1), np.zeros(1), np.array([4.0]), 1, 0.1, 0.5, 0.75, 1.0, 0.0
)
checks.check_true(isinstance(result, tuple | list) and len(result) == 3, "adamw_step should return (theta, m, s)")
checks.check_value("m of the example", result[1], [2.0])
checks.check_value("s of the example", result[2], [4.0])
print(checks.difference_table(result[0], [0.92]))
checks.check_value("theta of the example without weight decay", result[0], [0.92])

# %% nbgrader={"grade": true, "grade_id": "adam--walk", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

theta, m, s = np.array([1.0, 2.0]), np.zeros(2), np.zeros(2)
for t in range(1, 6):
    theta, m, s = adamw_step(theta, m, s, np.array([300.0, -0.02]), t, 0.1, 0.9, 0.999, 1e-8, 0.0)
checks.check_value("theta after five steps with the same gradient", theta, [0.5, 2.5], rtol=1e-6)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
rule = checks.reference("optimizers").Adam(0.05, beta1=0.8, beta2=0.95, epsilon=0.01)
theta = expected = rng.standard_normal(4)
m = s = np.zeros(4)
for t, gradient in enumerate(rng.standard_normal((7, 4)), start=1):
    theta, m, s = adamw_step(theta, m, s, gradient, t, 0.05, 0.8, 0.95, 0.01, 0.0)
    expected = rule.step(expected, gradient)
checks.check_value("theta after seven steps without weight decay", theta, expected, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "adam--decay", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

theta, _, _ = adamw_step(np.array([1.0]), np.zeros(1), np.zeros(1), np.array([4.0]), 1, 0.1, 0.5, 0.75, 1.0, 0.2)
checks.check_value("theta of the example with strength 0.2", theta, [0.9])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
theta, m, s, gradient = rng.standard_normal(3), rng.standard_normal(3), rng.uniform(0.5, 2, 3), rng.standard_normal(3)
without, m1, s1 = adamw_step(theta, m, s, gradient, 4, 0.2, 0.9, 0.99, 1e-8, 0.0)
decayed, m2, s2 = adamw_step(theta, m, s, gradient, 4, 0.2, 0.9, 0.99, 1e-8, 0.3)
checks.check_value("what the weight decay adds to theta", decayed - without, -0.2 * 0.3 * theta, reveal=False)
checks.check_value("m, which weight decay does not enter", m2, m1, reveal=False)
checks.check_value("s, which weight decay does not enter", s2, s1, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "newton-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: Newton, but away from saddles (10 points)
#
# Newton's step $H^{-1}\mathbf{g}$ runs uphill along directions of negative curvature. A remedy keeps the eigenvectors of $H$ and takes the *absolute values* of its eigenvalues: with $H = Q\,\mathrm{diag}(\kappa_1, \dots, \kappa_P)\,Q^{\mathsf T}$,
#
# $$\theta \leftarrow \theta - Q\,\mathrm{diag}\Bigl(\frac{1}{|\kappa_1|}, \dots, \frac{1}{|\kappa_P|}\Bigr)\,Q^{\mathsf T}\mathbf{g}.$$
#
# Write `saddle_free_step(theta, gradient, hessian)` for `theta` and `gradient` of shape $(P,)$ and a symmetric `hessian` $(P, P)$ without an eigenvalue 0. `np.linalg.eigh` returns eigenvalues and, as columns, eigenvectors.
#
# Example: $\theta = (1, 1)$, $\mathbf{g} = (2, -2)$, $H = \begin{pmatrix}2&0\\0&-4\end{pmatrix}$ give $(0, 1.5)$.


# %% nbgrader={"grade": false, "grade_id": "newton", "locked": false, "schema_version": 3, "solution": true, "task": false}
def saddle_free_step(theta, gradient, hessian):
    """Return theta after Newton's step with the absolute values of the curvatures."""
    ### BEGIN SOLUTION
    curvatures, directions = np.linalg.eigh(hessian)
    return theta - directions @ ((directions.T @ gradient) / np.abs(curvatures))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "newton--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(
    saddle_free_step, np.array([1.0, 1.0]), np.array([2.0, -2.0]), np.array([[2.0, 0.0], [0.0, -4.0]])
)
print(checks.difference_table(yours, [0.0, 1.5]))
checks.check_value("the step of the example", yours, [0.0, 1.5])

# %% nbgrader={"grade": true, "grade_id": "newton--turned", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

hessian = np.array([[0.0, 2.0], [2.0, 0.0]])  # curvatures 2 and −2, along the diagonals
yours = saddle_free_step(np.zeros(2), np.array([2.0, 4.0]), hessian)
checks.check_value("the step where the curvatures 2 and −2 lie along the diagonals", yours, [-1.0, -2.0])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
root, b, theta = rng.standard_normal((4, 4)), rng.standard_normal(4), rng.standard_normal(4)
positive = root @ root.T + np.eye(4)
*_, last = checks.reference("optimizers").newton(
    lambda p: (0.5 * p @ positive @ p - b @ p, positive @ p - b), lambda p: positive, theta, steps=1
)
checks.check_value(
    "the step where all curvatures are positive",
    saddle_free_step(theta, positive @ theta - b, positive),
    last.theta,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "conjugate-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: conjugate gradients without the matrix (10 points)
#
# Minimise $\frac12\theta^{\mathsf T}A\,\theta - \mathbf{b}^{\mathsf T}\theta$ for a symmetric, positive definite $A$ that nobody has written down: you get a function that multiplies by it. Write
#
# `solve_without_matrix(multiply, b, theta)`, the minimum, found in at most $P$ steps of conjugate gradients from `theta`
#
# - `multiply(d)` returns $A\mathbf{d}$ for `d` of shape $(P,)$; call it at most $P + 1$ times;
# - `b`, `theta` and the result have shape $(P,)$; stop early where the residual is 0, or you divide by 0.
#
# Example: $A = \begin{pmatrix}2&0\\0&4\end{pmatrix}$, $\mathbf{b} = (2, 4)$, from $(0, 0)$: the minimum is $(1, 1)$.


# %% nbgrader={"grade": false, "grade_id": "conjugate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def solve_without_matrix(multiply, b, theta):
    """Return the minimum of a quadratic whose matrix is known only by its products."""
    ### BEGIN SOLUTION
    residual = b - multiply(theta)
    direction = residual
    for _ in range(len(b)):
        squared = residual @ residual
        if squared == 0:
            break
        image = multiply(direction)
        length = squared / (direction @ image)
        theta = theta + length * direction
        residual = residual - length * image
        direction = residual + (residual @ residual) / squared * direction
    return theta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "conjugate--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

matrix = np.array([[2.0, 0.0], [0.0, 4.0]])
yours = checks.call_unchanged(solve_without_matrix, lambda d: matrix @ d, np.array([2.0, 4.0]), np.zeros(2))
print(checks.difference_table(yours, [1.0, 1.0]))
checks.check_value("the minimum of the example", yours, [1.0, 1.0])
yours = solve_without_matrix(lambda d: matrix @ d, np.array([2.0, 4.0]), np.array([1.0, 1.0]))
checks.check_value("the minimum, started there", yours, [1.0, 1.0])

# %% nbgrader={"grade": true, "grade_id": "conjugate--larger", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(6)
root, answer, start = rng.standard_normal((6, 6)), rng.standard_normal(6), rng.standard_normal(6)
matrix = root @ root.T / 6 + np.eye(6)
calls = []


def multiply(d):
    calls.append(np.array(d))
    return matrix @ d


yours = solve_without_matrix(multiply, matrix @ answer, start)
checks.check_value("the minimum of a quadratic of six parameters", yours, answer, rtol=1e-6, atol=1e-6)
checks.check_true(len(calls) <= 7, f"multiply was called {len(calls)} times for six parameters; at most 7 are needed")
residual = matrix @ (answer - start)
checks.check_true(
    any(abs(d @ residual) > (1 - 1e-9) * np.linalg.norm(d) * np.linalg.norm(residual) for d in calls),
    "multiply was never called with the first direction, the residual at the start",
)
### BEGIN HIDDEN TESTS
root, b, start = rng.standard_normal((4, 4)), rng.standard_normal(4), rng.standard_normal(4)
matrix = root @ root.T / 4 + np.eye(4)
*_, last = checks.reference("optimizers").conjugate_gradient_quadratic(matrix, b, start)
checks.check_value(
    "the minimum of another quadratic",
    solve_without_matrix(lambda d: matrix @ d, b, start),
    last.theta,
    rtol=1e-6,
    atol=1e-6,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "search-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: a line search that steps back (10 points)
#
# The simplest line search begins with a long step and shortens it until the loss has fallen enough. Write
#
# `backtrack(loss, theta, gradient, direction, first, decrease, shrink)`, the largest length $a$ among $a_0,\ a_0 q,\ a_0 q^2, \dots$ with
#
# $$J(\theta + a\,\mathbf{d}) \le J(\theta) + c\,a\,\mathbf{g}^{\mathsf T}\mathbf{d}$$
#
# - `loss(theta)` returns $J(\theta)$; `first` $= a_0$, `decrease` $= c$ and `shrink` $= q$, both between 0 and 1; $\mathbf{g}^{\mathsf T}\mathbf{d} < 0$, so there is such a length.
#
# Example: $J = \theta^2$ at $\theta = 8$, $\mathbf{g} = 16$, $\mathbf{d} = -16$, $a_0 = 1$, $c = 0.1$, $q = 0.5$: the length 1 leads to $-8$ and gains nothing, ½ leads to 0. The result is 0.5.


# %% nbgrader={"grade": false, "grade_id": "search", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backtrack(loss, theta, gradient, direction, first, decrease, shrink):
    """Return the first length in a shrinking sequence that lowers the loss enough."""
    ### BEGIN SOLUTION
    start, slope = loss(theta), gradient @ direction
    length = first
    while loss(theta + length * direction) > start + decrease * length * slope:
        length = length * shrink
    return length
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "search--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(
    backtrack, lambda p: float(p @ p), np.array([8.0]), np.array([16.0]), np.array([-16.0]), 1.0, 0.1, 0.5
)
print(checks.difference_table(yours, 0.5))
checks.check_value("the length of the example", yours, 0.5)
yours = backtrack(lambda p: float(p @ p), np.array([8.0]), np.array([16.0]), np.array([-16.0]), 0.25, 0.1, 0.5)
checks.check_value("the length where the first one, 0.25, will do", yours, 0.25)

# %% nbgrader={"grade": true, "grade_id": "search--enough", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

# On this parabola a length of 0.9 lowers the loss, but by too little; the bound for c = 0.5 is a length of 0.5.
for decrease, expected in ((0.05, 0.9), (0.2, 0.9 * 0.8), (0.5, 0.9 * 0.8**3)):
    yours = backtrack(
        lambda p: float(p @ p), np.array([3.0, 4.0]), np.array([6.0, 8.0]), np.array([-6.0, -8.0]), 0.9, decrease, 0.8
    )
    checks.check_value(f"the length for decrease = {decrease}", yours, expected)
### BEGIN HIDDEN TESTS
optimizers = checks.reference("optimizers")
rng = np.random.default_rng(8)
curvature, theta = np.array([1.0, 30.0, 4.0]), rng.standard_normal(3)


def loss_and_gradient(p):
    return 0.5 * curvature @ p**2, curvature * p


value, gradient = loss_and_gradient(theta)
yours = backtrack(lambda p: loss_and_gradient(p)[0], theta, gradient, -gradient, 2.0, 0.3, 0.7)
moved = optimizers.GradientDescent(float(yours)).step(theta, gradient)
longer = optimizers.GradientDescent(float(yours) / 0.7).step(theta, gradient)
slope = -gradient @ gradient
checks.check_true(
    loss_and_gradient(moved)[0] <= value + 0.3 * yours * slope,
    "in a valley of three parameters the length found does not lower the loss enough",
)
checks.check_true(
    loss_and_gradient(longer)[0] > value + 0.3 * yours / 0.7 * slope,
    "in a valley of three parameters a longer length of the sequence would have done",
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "start-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: how large weights start (10 points)
#
# Weights have the shape `(out, in)` in a dense layer and `(F, C, kh, kw)` in a convolution. Write
#
# `leaky_scale(shape, slope)`, the standard deviation of He's start for leaky rectifiers with the slope $s$ = `slope`: the variance is $\dfrac{2}{(1 + s^2)\,n_{\text{in}}}$, and
#
# `glorot_limit(shape)`, the end $r$ of the uniform distribution from $-r$ to $r$ with Glorot's variance $\dfrac{2}{n_{\text{in}} + n_{\text{out}}}$; a uniform distribution on that interval has the variance $r^2/3$.
#
# - `shape` is a tuple or a list of two or four whole numbers; both results are numbers. In a convolution a unit sees $C\,k_h k_w$ inputs, and an input reaches $F\,k_h k_w$ units.
#
# Examples: `leaky_scale((10, 8), 0.0)` is $0.5$, `leaky_scale((10, 4), 1.0)` is $0.5$; `glorot_limit((2, 4))` is 1.


# %% nbgrader={"grade": false, "grade_id": "start", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaky_scale(shape, slope):
    """Return the standard deviation with which weights before leaky rectifiers start."""
    ### BEGIN SOLUTION
    fan_in = np.prod(shape[1:])
    return np.sqrt(2 / ((1 + slope**2) * fan_in))
    ### END SOLUTION


def glorot_limit(shape):
    """Return where Glorot's uniform distribution ends."""
    ### BEGIN SOLUTION
    area = np.prod(shape[2:])
    return np.sqrt(6 / ((shape[0] + shape[1]) * area))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "start--leaky", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = [leaky_scale((10, 8), 0.0), leaky_scale((10, 4), 1.0), leaky_scale([6, 2, 3, 3], 0.0)]
print(checks.difference_table(yours, [0.5, 0.5, 1 / 3]))
checks.check_value("leaky_scale of (10, 8) with slope 0", yours[0], 0.5)
checks.check_value("leaky_scale of (10, 4) with slope 1", yours[1], 0.5)
checks.check_value("leaky_scale of the convolution (6, 2, 3, 3) with slope 0", yours[2], 1 / 3)
### BEGIN HIDDEN TESTS
initializers = checks.reference("initializers")
for shape in ((5, 7), (3, 4, 5, 2)):
    fan_in, _ = initializers.fans(shape)
    checks.check_value(
        "leaky_scale of another shape with slope 0.3",
        leaky_scale(shape, 0.3),
        (2 / (1.09 * fan_in)) ** 0.5,
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "start--glorot", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = [glorot_limit((2, 4)), glorot_limit([20, 4]), glorot_limit((4, 2, 2, 1))]
print(checks.difference_table(yours, [1.0, 0.5, 0.5**0.5]))
checks.check_value("glorot_limit of (2, 4)", yours[0], 1.0)
checks.check_value("glorot_limit of (20, 4)", yours[1], 0.5)
checks.check_value("glorot_limit of the convolution (4, 2, 2, 1)", yours[2], 0.5**0.5)
### BEGIN HIDDEN TESTS
initializers = checks.reference("initializers")
for shape in ((40, 30), (6, 5, 3, 4)):
    limit = float(glorot_limit(shape))
    drawn = initializers.glorot_uniform(shape, np.random.default_rng(9))
    unit = np.random.default_rng(9).uniform(-1, 1, shape)
    checks.check_value("weights drawn up to your limit, for another shape", limit * unit, drawn, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: your steps race down one valley
#
# Rosenbrock's curved valley, from $(-1.2, 1)$, with four of your functions. Which one follows the bend, and which one crosses it? Change the rates and see which of them forgives the most.


# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
def valley(p):
    bend = p[1] - p[0] ** 2
    return (1 - p[0]) ** 2 + 20 * bend**2, np.array([-2 * (1 - p[0]) - 80 * p[0] * bend, 40 * bend])


def walk(step, steps=150):
    point, memory, path = np.array([-1.2, 1.0]), None, []
    for t in range(1, steps + 1):
        path.append(point)
        point, memory = step(point, memory, t)
    return np.array(path)


def plain(p, memory, t):
    return decayed_step(p, valley(p)[1], 0.008, 0.0), None


def heavy(p, memory, t):
    return heavy_step(p, np.zeros(2) if memory is None else memory, valley(p)[1], 0.002, 0.9)


def adam(p, memory, t):
    m, s = (np.zeros(2), np.zeros(2)) if memory is None else memory
    p, m, s = adamw_step(p, m, s, valley(p)[1], t, 0.1, 0.9, 0.99, 1e-8, 0.0)
    return p, (m, s)


def searched(p, memory, t):
    g = valley(p)[1]
    return p - backtrack(lambda q: valley(q)[0], p, g, -g, 1.0, 0.1, 0.5) * g, None


figure, (left, right) = plots.new_axes(columns=2, width=8.4, height=3.6)
u, v = np.meshgrid(np.linspace(-1.6, 1.6, 80), np.linspace(-0.6, 2.0, 80))
left.contour(
    u, v, (1 - u) ** 2 + 20 * (v - u**2) ** 2, levels=[0.3, 1, 3, 8, 20, 60], colors=plots.GREY, linewidths=0.7
)
for name, step in (("plain", plain), ("momentum", heavy), ("Adam", adam), ("line search", searched)):
    path = walk(step)
    left.plot(*path.T, ".-", linewidth=1, markersize=3)
    right.semilogy([valley(p)[0] for p in path], label=name)
plots.label(left, "θ₁", "θ₂")
plots.label(right, "step", "loss", legend=True)

# %% [markdown] nbgrader={"grade": false, "grade_id": "written-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 9: in your own words (10 points)
#
# A colleague trains a network with gradient descent on the full batch. The loss has not changed in the third digit for fifty epochs, and she wants to stop and to report "converged". In six to ten sentences: name three different states that look like this from outside (think of the learning rate, of saddle points, of the start), say for each what you would measure or change to tell it from the others, and say what a good reason to stop would be.

# %% [markdown] nbgrader={"grade": true, "grade_id": "stopping--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 2 for each of three different states (a minimum; a saddle point or plateau; a rate too small, or too large so that it jumps in place; units all alike or saturated by a bad start), with 1 of the two for the measurement or change that tells it apart; 2 for the norm of the gradient as the first thing to look at; 2 for a reason to stop (validation loss no longer falling for some epochs, going back to the best; a budget; a small gradient norm).
#
# **Full (10).** "First I would print the norm of the gradient. If it is large, she is not at rest: with a rate that is too large the steps jump from wall to wall, and a rate ten times smaller would lower the loss at once. If it is small but not 0, it may be a saddle point or a plateau: noise from mini-batches, or momentum, would leave it, and after some steps the loss would fall again. If the rate is
# too small, the loss falls in later digits, and a larger rate speeds it up in proportion. A bad start shows in the units: if all units of a layer have the same weights, or all activations sit at plus or minus 1, a new start by Glorot or He is needed. She should stop when the loss on a validation set has not fallen for, say, ten epochs, and keep the best parameters."
#
# **Half (5).** "It can be a local minimum or a saddle point or the learning rate is too small. I would try a larger learning rate and see if the loss goes down, or use SGD since noise helps. One should look at the validation loss." (Two states told apart 4, reason 1; no gradient norm, third state without a measurement.)
#
# **None (0).** "If the loss does not change any more the network has converged, so it is right to stop."
#
# === END MARK SCHEME ===
# ### END SOLUTION
