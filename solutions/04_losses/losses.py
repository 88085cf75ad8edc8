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
# # Assignment 04: Losses, output units, regularisers
#
# **Goal.** You will write the relatives of the losses in chapter 4: one that is squared near the target and absolute far from it, margins of any width, a loss measured in bits, classes that count differently, targets that are not quite certain, counts; and you will put a penalty on a whole network. At the end one of your gradients finds the few among the many.
#
# **Points.** Eight questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, `course_lib.datasets`, `course_lib.networks` and `course_lib.activations`, whose `sigmoid`, `softplus`, `softmax` and `log_softmax` never overflow. `course_lib.losses` holds answers; it, and what is built on it, is withheld here and open to you afterwards.
#
# **Letters.** $N$ samples in a batch, $M$ outputs or classes; $s$ is a score, $z$ a logit, $y$ a target. Every loss here is averaged over the samples, and its gradient carries the same $\frac1N$.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import activations, checks, plots

checks.withhold("losses")

# %% [markdown] nbgrader={"grade": false, "grade_id": "huber-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: squared near, absolute far (10 points)
#
# The squared error is smooth at its bottom but follows outliers; the absolute error resists them but has a kink. The **Huber loss** takes the better half of each. With the error $e = a - y$ and a width $\delta > 0$ it charges
#
# $$H(e) = \begin{cases} \frac12 e^2 & |e| \le \delta \\ \delta\,(|e| - \frac12\delta) & |e| > \delta . \end{cases}$$
#
# Write `huber_loss(a, y, delta)`, the sum of $H$ over the outputs of a sample, averaged over the samples, and `huber_gradient(a, y, delta)`, its gradient for `a`.
#
# - `a` and `y` are arrays of the same shape, $(N, M)$ or $(N,)$, integers allowed; they must not change;
# - the loss is one number, the gradient has the shape of `a`.
#
# Example: outputs $\begin{pmatrix}1.5 & 3\\-2 & 0\end{pmatrix}$, targets $\begin{pmatrix}1 & 0\\0 & 0\end{pmatrix}$ and $\delta = 1$ give the loss $(0.125 + 2.5 + 1.5 + 0)/2 = 2.0625$ and the gradient $\begin{pmatrix}0.25 & 0.5\\-0.5 & 0\end{pmatrix}$.


# %% nbgrader={"grade": false, "grade_id": "huber", "locked": false, "schema_version": 3, "solution": true, "task": false}
def huber_loss(a, y, delta):
    """Return the Huber loss, summed over outputs and averaged over samples."""
    ### BEGIN SOLUTION
    e = np.abs(a - y)
    near = np.minimum(e, delta)
    return np.sum(near * (e - near / 2)) / len(a)
    ### END SOLUTION


def huber_gradient(a, y, delta):
    """Return the gradient of huber_loss for a."""
    ### BEGIN SOLUTION
    return np.clip(a - y, -delta, delta) / len(a)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "huber--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

a, y = np.array([[1.5, 3.0], [-2.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
value = checks.call_unchanged(huber_loss, a, y, 1.0)
print(checks.difference_table(value, 2.0625))
checks.check_value("huber_loss of the example", value, 2.0625, batch=2)
checks.check_value(
    "huber_loss of the single error 3 with delta = 2", huber_loss(np.array([3.0]), np.zeros(1), 2.0), 4.0
)
checks.check_value("huber_loss of integers", huber_loss(np.array([3, 0]), np.array([0, 1]), 1), 1.5, batch=2)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(41)
a, y = 3 * rng.standard_normal((7, 3)), rng.standard_normal((7, 3))
for delta in (0.5, 1.7):
    beyond = np.maximum(np.abs(a - y) - delta, 0)
    expected = reference.half_squared_loss(a, y) - reference.half_squared_loss(beyond, np.zeros_like(beyond))
    checks.check_value("huber_loss of another batch", huber_loss(a, y, delta), expected, batch=7, reveal=False)
checks.check_value(
    "huber_loss with a delta larger than any error",
    huber_loss(a, y, 1000.0),
    reference.half_squared_loss(a, y),
    batch=7,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "huber--gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

a, y = np.array([[1.5, 3.0], [-2.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
gradient = checks.call_unchanged(huber_gradient, a, y, 1.0)
print(checks.difference_table(gradient, [[0.25, 0.5], [-0.5, 0.0]]))
checks.check_value("huber_gradient of the example", gradient, [[0.25, 0.5], [-0.5, 0.0]], batch=2)
rng = np.random.default_rng(42)
a, y = 2 * rng.standard_normal((5, 2)), rng.standard_normal((5, 2))


def loss(a):
    e = np.abs(a - y)
    return np.sum(np.where(e <= 0.8, e**2 / 2, 0.8 * (e - 0.4))) / 5


checks.check_gradient("huber_gradient with delta = 0.8", huber_gradient(a, y, 0.8), loss, a, batch=5)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
a, y = rng.standard_normal(6), rng.standard_normal(6)
checks.check_value(
    "huber_gradient with a delta larger than any error, one output a sample",
    huber_gradient(a, y, 100.0),
    reference.half_squared_loss_gradient(a, y),
    batch=6,
    reveal=False,
)
checks.check_value(
    "huber_gradient with a delta smaller than any error",
    huber_gradient(10 * a + 50, y, 0.25),
    0.25 * reference.l1_loss_gradient(10 * a + 50, y),
    batch=6,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "hinge-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: a margin of any width (10 points)
#
# The hinge loss of the chapter wants margins of at least 1. Let the width be a number $m > 0$, and let the labels come as most data sets have them, **0 and 1**. With $y_\pm = -1$ for the label 0 and $+1$ for the label 1, the loss is $\frac1N\sum_n \max(0,\; m - y_{\pm n} s_n)$. Write
#
# `hinge(score, label, width)` and `hinge_gradient(score, label, width)`, the gradient for the scores.
#
# - `score` has shape $(N,)$, `label` too, with the integers 0 and 1; `width` is $m$; nothing handed in may change;
# - at the kink any slope between its two sides is right.
#
# Example: the scores $(2, 0.5, -1, 3)$ with the labels $(1, 1, 1, 0)$ and the width $1.5$ lack $0, 1, 2.5$ and $4.5$, so the loss is 2. The gradient is $(0, -0.25, -0.25, 0.25)$.


# %% nbgrader={"grade": false, "grade_id": "hinge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hinge(score, label, width):
    """Return the mean of what the margins lack of width, for labels 0 and 1."""
    ### BEGIN SOLUTION
    y = 2 * label - 1
    return np.sum(np.maximum(width - y * score, 0)) / len(score)
    ### END SOLUTION


def hinge_gradient(score, label, width):
    """Return the gradient of hinge for the scores."""
    ### BEGIN SOLUTION
    y = 2 * label - 1
    return -y * (y * score < width) / len(score)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "hinge--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

score, label = np.array([2.0, 0.5, -1.0, 3.0]), np.array([1, 1, 1, 0])
value = checks.call_unchanged(hinge, score, label, 1.5)
print(checks.difference_table(value, 2.0))
checks.check_value("the hinge loss of the example", value, 2.0, batch=4)
for s, y, expected in ((2.0, 0, 3.0), (-2.0, 0, 0.0), (-2.0, 1, 3.0), (2.0, 1, 0.0)):
    checks.check_value(
        f"the hinge loss of the score {s:g} with the label {y} and the width 1",
        hinge(np.array([s]), np.array([y]), 1.0),
        expected,
    )
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(43)
score, label = 2 * rng.standard_normal(9), rng.integers(0, 2, 9)
for width in (1.0, 0.5, 3.0):
    expected = width * reference.hinge_loss(score / width, 2 * label - 1)
    checks.check_value(
        "the hinge loss for other scores and widths", hinge(score, label, width), expected, batch=9, reveal=False
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "hinge--gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

score, label = np.array([2.0, 0.5, -1.0, 3.0]), np.array([1, 1, 1, 0])
gradient = checks.call_unchanged(hinge_gradient, score, label, 1.5)
print(checks.difference_table(gradient, [0.0, -0.25, -0.25, 0.25]))
checks.check_value("hinge_gradient of the example", gradient, [0.0, -0.25, -0.25, 0.25], batch=4)
checks.check_value(
    "hinge_gradient of the score 2 with the label 0 and the width 1",
    hinge_gradient(np.array([2.0]), np.array([0]), 1.0),
    [1.0],
)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(44)
score, label = 2 * rng.standard_normal(11), rng.integers(0, 2, 11)
for width in (1.0, 0.5, 3.0):
    expected = reference.hinge_loss_gradient(score / width, 2 * label - 1)
    checks.check_value(
        "hinge_gradient for other scores and widths",
        hinge_gradient(score, label, width),
        expected,
        batch=11,
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "bits-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: surprise in bits (10 points)
#
# Take the logarithm of the logistic loss to the base 2, and surprise is measured in **bits**: a score of 0, which says nothing, costs exactly 1 bit, and the loss lies above the count of mistakes at every margin. With labels $y = \pm1$ the loss is $\frac1N\sum_n \log_2(1 + e^{-y_n s_n})$. Write
#
# `logistic_bits(score, y)` and `logistic_bits_gradient(score, y)`, the gradient for the scores.
#
# - `score` and `y` have shape $(N,)$; `y` holds $-1$ and $+1$; nothing handed in may change;
# - for scores of $\pm1000$ nothing overflows and no warning appears.
#
# Example: the score $\ln 3$ with $y = 1$ gives what happened $\frac34$, so it costs $\log_2\frac43 = 0.415037$ bits; with $y = -1$ it costs $\log_2 4 = 2$ bits. The score 0 with $y = 1$ has the slope $-\frac{1}{2\ln 2} = -0.721348$.


# %% nbgrader={"grade": false, "grade_id": "bits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logistic_bits(score, y):
    """Return the mean of log2(1 + exp(-y * score)) for labels -1 and +1."""
    ### BEGIN SOLUTION
    return np.sum(activations.softplus(-y * score)) / np.log(2) / len(score)
    ### END SOLUTION


def logistic_bits_gradient(score, y):
    """Return the gradient of logistic_bits for the scores."""
    ### BEGIN SOLUTION
    return -y * activations.sigmoid(-y * score) / np.log(2) / len(score)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bits--value", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

at, sign = np.array([np.log(3.0), 0.0, np.log(3.0)]), np.array([1.0, -1.0, -1.0])
for k, expected in ((0, 0.4150374992788438), (1, 1.0), (2, 2.0)):
    one = checks.call_unchanged(logistic_bits, at[k : k + 1], sign[k : k + 1])
    print(checks.difference_table(one, expected))
    checks.check_value(f"the loss of the score {at[k]:.4f} with the label {sign[k]:+g}", one, expected)
checks.check_value("the loss of the three together", logistic_bits(at, sign), 3.4150374992788438 / 3, batch=3)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(45)
score, y = 3 * rng.standard_normal(8), rng.choice([-1, 1], 8)
expected = reference.logistic_loss(score, y) / np.log(2)
checks.check_value("the loss of other scores", logistic_bits(score, y), expected, batch=8, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bits--gradient", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

one = checks.call_unchanged(logistic_bits_gradient, np.array([0.0]), np.array([1.0]))
print(checks.difference_table(one, [-0.7213475204444817]))
checks.check_value("the gradient at the score 0 with the label +1", one, [-0.7213475204444817])
rng = np.random.default_rng(46)
score, y = rng.standard_normal(5), np.array([1.0, -1.0, -1.0, 1.0, -1.0])
checks.check_gradient(
    "the gradient of five scores",
    logistic_bits_gradient(score, y),
    lambda score: np.mean(np.log2(1 + np.exp(-y * score))),
    score,
    batch=5,
)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
score, y = 3 * rng.standard_normal(9), rng.choice([-1, 1], 9)
expected = reference.logistic_loss_gradient(score, y) / np.log(2)
checks.check_value("the gradient of other scores", logistic_bits_gradient(score, y), expected, batch=9, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bits--far", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

score, y = np.array([1000.0, -1000.0]), np.array([1.0, 1.0])
value = checks.call_without_warnings(logistic_bits, score, y)
checks.check_value("the loss of the scores ±1000, both with the label +1", value, 500 / np.log(2))
gradient = checks.call_without_warnings(logistic_bits_gradient, score, y)
checks.check_value("the gradient there", gradient, [0.0, -0.5 / np.log(2)])

# %% [markdown] nbgrader={"grade": false, "grade_id": "weighted-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: when one class is rare (15 points)
#
# Of a hundred parts one is broken, and a network that always says "fine" has an error rate of 1 %. To make the rare class heard, let its term in the binary cross entropy count $c > 0$ times. With $p = \sigma(z)$ the loss is
#
# $$-\frac1N\sum_n \bigl[\, c\,y_n \ln p_n + (1 - y_n)\ln(1 - p_n) \,\bigr] .$$
#
# Write it from the logits: `weighted_loss(z, y, c)` and `weighted_loss_gradient(z, y, c)`, the gradient for `z`.
#
# - `z` and `y` have shape $(N,)$; the targets lie **between** 0 and 1, ends included, since several people may have looked at a part; `c` is a number. Nothing handed in may change;
# - the loss is divided by $N$, whatever $c$ is;
# - for logits of $\pm1000$ nothing overflows, no logarithm meets a 0, and the result is right.
#
# Example: logits $(0, \ln 3)$ with the targets $(1, 0)$ and $c = 3$: what was given to what happened is $\frac12$ and $\frac14$, so the loss is $(3\ln 2 + \ln 4)/2 = 1.732868$. The gradient is $(-0.75, 0.375)$.


# %% nbgrader={"grade": false, "grade_id": "weighted", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weighted_loss(z, y, c):
    """Return the mean binary cross entropy from logits, the term of class 1 counting c times."""
    ### BEGIN SOLUTION
    yes, no = activations.softplus(-z), activations.softplus(z)
    return np.sum(c * y * yes + (1 - y) * no) / len(z)
    ### END SOLUTION


def weighted_loss_gradient(z, y, c):
    """Return the gradient of weighted_loss for the logits."""
    ### BEGIN SOLUTION
    return ((1 - y) * activations.sigmoid(z) - c * y * activations.sigmoid(-z)) / len(z)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "weighted--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z, y = np.array([0.0, np.log(3.0)]), np.array([1.0, 0.0])
value = checks.call_unchanged(weighted_loss, z, y, 3.0)
print(checks.difference_table(value, 1.7328679513998633))
checks.check_value("the loss of the example", value, 1.7328679513998633, batch=2)
half_sure = weighted_loss(np.zeros(1), np.array([0.25]), 3.0)
checks.check_value("the loss of the logit 0 with the target 0.25 and c = 3", half_sure, 1.5 * np.log(2))
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(47)
z, y = 2 * rng.standard_normal(8), rng.integers(0, 2, 8)
expected = reference.binary_cross_entropy_from_logits(z, y)
checks.check_value("the loss with c = 1", weighted_loss(z, y, 1.0), expected, batch=8, reveal=False)
soft = rng.uniform(0, 1, 8)
ones, zeros = np.ones(1), np.zeros(1)
each = [
    2.5 * t * reference.binary_cross_entropy_from_logits(v[None], ones)
    + (1 - t) * reference.binary_cross_entropy_from_logits(v[None], zeros)
    for v, t in zip(z, soft, strict=True)
]
checks.check_value(
    "the loss of targets between 0 and 1, c = 2.5", weighted_loss(z, soft, 2.5), np.mean(each), batch=8, reveal=False
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "weighted--gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z, y = np.array([0.0, np.log(3.0)]), np.array([1.0, 0.0])
gradient = checks.call_unchanged(weighted_loss_gradient, z, y, 3.0)
print(checks.difference_table(gradient, [-0.75, 0.375]))
checks.check_value("the gradient of the example", gradient, [-0.75, 0.375], batch=2)
rng = np.random.default_rng(48)
z, y = rng.standard_normal(6), np.array([1.0, 0.0, 0.25, 0.5, 1.0, 0.0])


def loss(z):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(2 * y * np.log(p) + (1 - y) * np.log(1 - p))


checks.check_gradient("the gradient with c = 2", weighted_loss_gradient(z, y, 2.0), loss, z, batch=6)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
z, y = 2 * rng.standard_normal(7), rng.integers(0, 2, 7)
expected = np.where(y == 1, 5.0, 1.0) * reference.binary_cross_entropy_from_logits_gradient(z, y)
checks.check_value("the gradient with c = 5", weighted_loss_gradient(z, y, 5.0), expected, batch=7, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "weighted--far", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z = np.array([40.0, -40.0, 1000.0, -1000.0])
wrong, right = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0, 0.0])
value = checks.call_without_warnings(weighted_loss, z, wrong, 2.0)
print(checks.difference_table(value, 780.0))
checks.check_value("the loss of the logits 40, −40, 1000, −1000, all wrong, with c = 2", value, 780.0)
checks.check_value(
    "the loss of the same logits, all right", checks.call_without_warnings(weighted_loss, z, right, 2.0), 0.0
)
gradient = checks.call_without_warnings(weighted_loss_gradient, z, wrong, 2.0)
checks.check_value("the gradient where all are wrong", gradient, [0.25, -0.5, 0.25, -0.5], batch=4)

# %% [markdown] nbgrader={"grade": false, "grade_id": "smoothing-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: never quite certain (15 points)
#
# Softmax with cross entropy is never satisfied: it pushes the right score up for ever. **Label smoothing** gives it a target that can be reached. Of $M$ classes the right one gets the target $1 - \varepsilon + \frac{\varepsilon}{M}$, and every other $\frac{\varepsilon}{M}$. With these targets $t_{nm}$ and $\mathbf{h}_n = \operatorname{softmax}(\mathbf{z}_n)$ the loss is $-\frac1N\sum_n\sum_m t_{nm}\ln h_{nm}$. Write
#
# `smoothed_loss(z, labels, smoothing)` and `smoothed_loss_gradient(z, labels, smoothing)`, the gradient for the logits, with $\varepsilon$ = `smoothing`.
#
# - `z` holds logits, shape $(N, M)$; `labels` integers from 0 to $M - 1$, shape $(N,)$; nothing handed in may change;
# - the gradient has the shape of `z`;
# - for logits of $\pm1000$ no warning appears.
#
# Example: the logits $(0, \ln 2, \ln 5)$, the label 1 and $\varepsilon = 0.3$ have the probabilities $(\frac18, \frac28, \frac58)$ and the targets $(0.1, 0.8, 0.1)$. The loss is $0.1\ln 8 + 0.8\ln 4 + 0.1\ln\frac85 = 1.363980$, the gradient $(0.025, -0.55, 0.525)$.


# %% nbgrader={"grade": false, "grade_id": "smoothing", "locked": false, "schema_version": 3, "solution": true, "task": false}
def smoothed_loss(z, labels, smoothing):
    """Return the mean cross entropy of softmax(z) with smoothed labels."""
    ### BEGIN SOLUTION
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] += 1 - smoothing
    return -np.sum(t * activations.log_softmax(z)) / len(z)
    ### END SOLUTION


def smoothed_loss_gradient(z, labels, smoothing):
    """Return the gradient of smoothed_loss for the logits."""
    ### BEGIN SOLUTION
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] += 1 - smoothing
    return (activations.softmax(z) - t) / len(z)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "smoothing--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z, labels = np.log([[1.0, 2.0, 5.0]]), np.array([1])
value = checks.call_unchanged(smoothed_loss, z, labels, 0.3)
expected = 0.1 * np.log(8) + 0.8 * np.log(4) + 0.1 * np.log(8 / 5)
print(checks.difference_table(value, expected))
checks.check_value("the loss of the example", value, expected)
equal = np.zeros((3, 4))
checks.check_value(
    "the loss of equal logits of four classes", smoothed_loss(equal, np.array([0, 3, 1]), 0.1), np.log(4), batch=3
)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(49)
z, labels = 2 * rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
plain = reference.softmax_cross_entropy(z, labels)
checks.check_value("the loss without smoothing", smoothed_loss(z, labels, 0.0), plain, batch=6, reveal=False)
every = np.mean([reference.softmax_cross_entropy(z, np.full(6, m)) for m in range(4)])
checks.check_value(
    "the loss with smoothing 0.3", smoothed_loss(z, labels, 0.3), 0.7 * plain + 0.3 * every, batch=6, reveal=False
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "smoothing--gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z, labels = np.log([[1.0, 2.0, 5.0]]), np.array([1])
gradient = checks.call_unchanged(smoothed_loss_gradient, z, labels, 0.3)
print(checks.difference_table(gradient, [[0.025, -0.55, 0.525]]))
checks.check_value("the gradient of the example", gradient, [[0.025, -0.55, 0.525]])
rng = np.random.default_rng(50)
z, labels = rng.standard_normal((3, 4)), np.array([2, 0, 3])


def loss(z):
    h = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    right = np.log(h[[0, 1, 2], labels])
    return -np.mean(0.9 * right + 0.1 * np.mean(np.log(h), axis=1))


gradient = smoothed_loss_gradient(z, labels, 0.1)
checks.check_gradient("the gradient for three samples of four classes", gradient, loss, z, batch=3)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
z, labels = 2 * rng.standard_normal((5, 5)), rng.integers(0, 5, 5)
plain = reference.softmax_cross_entropy_gradient(z, labels)
every = np.mean([reference.softmax_cross_entropy_gradient(z, np.full(5, m)) for m in range(5)], axis=0)
checks.check_value(
    "the gradient for as many samples as classes",
    smoothed_loss_gradient(z, labels, 0.25),
    0.75 * plain + 0.25 * every,
    batch=5,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "smoothing--far", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z, labels = np.array([[1000.0, 0.0], [1000.0, 0.0]]), np.array([0, 1])
value = checks.call_without_warnings(smoothed_loss, z, labels, 0.2)
print(checks.difference_table(value, 500.0))
checks.check_value("the loss of the logits (1000, 0) for both labels, with smoothing 0.2", value, 500.0)
gradient = checks.call_without_warnings(smoothed_loss_gradient, z, labels, 0.2)
checks.check_value("the gradient there", gradient, [[0.05, -0.05], [0.45, -0.45]], batch=2)
lowered = np.log([[1.0, 2.0, 5.0]]) - 1000
checks.check_value(
    "the loss of the example with 1000 subtracted from all logits",
    checks.call_without_warnings(smoothed_loss, lowered, np.array([1]), 0.3),
    0.1 * np.log(8) + 0.8 * np.log(4) + 0.1 * np.log(8 / 5),
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "counts-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: a loss for counts (10 points)
#
# How many people will come through the door in the next hour? The target is a count, $y = 0, 1, 2, \dots$ The usual distribution for it is Poisson's, $p(y) = \frac{r^y e^{-r}}{y!}$, with a rate $r > 0$. A pre-activation may be negative, so the output unit is the exponential: $r = e^z$. Derive the loss as the chapter does, minus the logarithm of the likelihood averaged over the samples, and **leave out** the term that does not depend on $z$. Write
#
# `count_loss(z, y)` and `count_loss_gradient(z, y)`, the gradient for `z`.
#
# - `z` and `y` have shape $(N,)$; nothing handed in may change.
#
# Example: $z = (0, \ln 2)$, rates 1 and 2, with the counts $(1, 3)$ have the loss $\frac12(3 - 3\ln 2) = 0.460279$ and the gradient $(0, -0.5)$.


# %% nbgrader={"grade": false, "grade_id": "counts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_loss(z, y):
    """Return the mean of minus the log-likelihood of counts y with the rates exp(z), without the term in y alone."""
    ### BEGIN SOLUTION
    return np.sum(np.exp(z) - y * z) / len(z)
    ### END SOLUTION


def count_loss_gradient(z, y):
    """Return the gradient of count_loss for z."""
    ### BEGIN SOLUTION
    return (np.exp(z) - y) / len(z)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "counts--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z, y = np.array([0.0, np.log(2.0)]), np.array([1, 3])
value = checks.call_unchanged(count_loss, z, y)
print(checks.difference_table(value, 0.460279229160082))
checks.check_value("the loss of the example", value, (3 - 3 * np.log(2)) / 2, batch=2)
checks.check_value("the loss of the count 0 with the rate 5", count_loss(np.log([5.0]), np.array([0])), 5.0)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(51)
z, y = rng.standard_normal(7), rng.integers(0, 6, 7)
terms = [sum(np.log(k) for k in range(1, count + 1)) for count in y]
likelihood = [np.exp(v * count - np.exp(v) - term) for v, count, term in zip(z, y, terms, strict=True)]
expected = -np.mean(np.log(likelihood) + terms)
checks.check_value("the loss of other counts", count_loss(z, y), expected, batch=7, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "counts--gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z, y = np.array([0.0, np.log(2.0)]), np.array([1, 3])
gradient = checks.call_unchanged(count_loss_gradient, z, y)
print(checks.difference_table(gradient, [0.0, -0.5]))
checks.check_value("the gradient of the example", gradient, [0.0, -0.5], batch=2)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(52)
z, y = rng.standard_normal(6), rng.integers(0, 6, 6)
checks.check_gradient(
    "the gradient for other counts",
    count_loss_gradient(z, y),
    lambda z: -np.mean(y * z - np.exp(z)),
    z,
    batch=6,
    reveal=False,
)
checks.check_value(
    "the gradient of a single sample", count_loss_gradient(z[:1], y[:1]), np.exp(z[:1]) - y[:1], reveal=False
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "elastic-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: a bit of both penalties (10 points)
#
# L1 selects, L2 spreads. The **elastic net** mixes them with a ratio $r$ between 0 and 1:
#
# $$\Omega(\mathbf{w}) = r \sum_i |w_i| + (1 - r)\,\tfrac12\sum_i w_i^2 .$$
#
# Write `elastic_net(w, ratio)` and `elastic_net_gradient(w, ratio)`.
#
# - `w` is an array of any shape, integers allowed; it must not change; the gradient has its shape;
# - the sums run over all weights; there is no batch here, so nothing is averaged;
# - for a weight that is exactly 0 the gradient is 0: the penalty does not move it.
#
# Example: the weights $\begin{pmatrix}3 & -4\\0 & 1\end{pmatrix}$ and $r = 0.25$ give $0.25 \cdot 8 + 0.75 \cdot 13 = 11.75$ and the gradient $\begin{pmatrix}2.5 & -3.25\\0 & 1\end{pmatrix}$.


# %% nbgrader={"grade": false, "grade_id": "elastic", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elastic_net(w, ratio):
    """Return the penalty that mixes L1 (share ratio) and L2."""
    ### BEGIN SOLUTION
    return ratio * np.sum(np.abs(w)) + (1 - ratio) * np.sum(w**2) / 2
    ### END SOLUTION


def elastic_net_gradient(w, ratio):
    """Return the gradient of elastic_net; 0 for a weight that is 0."""
    ### BEGIN SOLUTION
    return ratio * np.sign(w) + (1 - ratio) * w
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "elastic--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

w = np.array([[3.0, -4.0], [0.0, 1.0]])
value = checks.call_unchanged(elastic_net, w, 0.25)
print(checks.difference_table(value, 11.75))
checks.check_value("the penalty of the example", value, 11.75, batch=2)
checks.check_value("the penalty of the integer weights (3, −4) with ratio 1", elastic_net(np.array([3, -4]), 1), 7.0)
checks.check_value("the penalty of the integer weights (3, −4) with ratio 0", elastic_net(np.array([3, -4]), 0), 12.5)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(53)
for shape in ((5,), (4, 3), (2, 3, 2)):
    w = rng.standard_normal(shape)
    expected = 0.7 * reference.l1_penalty(w) + 0.3 * reference.l2_penalty(w)
    checks.check_value("the penalty of weights of another shape", elastic_net(w, 0.7), expected, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "elastic--gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

w = np.array([[3.0, -4.0], [0.0, 1.0]])
gradient = checks.call_unchanged(elastic_net_gradient, w, 0.25)
print(checks.difference_table(gradient, [[2.5, -3.25], [0.0, 1.0]]))
checks.check_value("the gradient of the example", gradient, [[2.5, -3.25], [0.0, 1.0]], inputs=w)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(54)
for shape in ((6,), (3, 4)):
    w = rng.standard_normal(shape)
    w.flat[1] = 0.0
    expected = 0.4 * reference.l1_penalty_gradient(w) + 0.6 * reference.l2_penalty_gradient(w)
    checks.check_value(
        "the gradient for other weights, one of them 0",
        elastic_net_gradient(w, 0.4),
        expected,
        inputs=w,
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "objective-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: the objective of a whole network (10 points)
#
# Somebody has computed the mean loss of a network and its gradients. You add the penalty $\frac\lambda2\sum_l\lVert W^l\rVert^2$, which runs over the **weights of all layers** and leaves the biases alone. Write
#
# `add_penalty(loss, gradients, parameters, strength)`, which returns the pair `(objective, new_gradients)`
#
# - `parameters` is a list with a pair $(W^l, \mathbf{b}^l)$ for each layer, `gradients` a list with the pairs $(\partial L/\partial W^l, \partial L/\partial\mathbf{b}^l)$, shapes $(M, D)$ and $(M,)$ as ever; `loss` is a number, `strength` is $\lambda$;
# - `new_gradients` is a list of pairs like `gradients`; nothing handed in may change.
#
# Example: one layer with $W = \begin{pmatrix}3 & -4\end{pmatrix}$ and $b = 2$, the loss 2, the gradients $\begin{pmatrix}1 & 1\end{pmatrix}$ and 5, and $\lambda = 0.1$. The objective is $2 + 0.05 \cdot 25 = 3.25$, the new gradients are $\begin{pmatrix}1.3 & 0.6\end{pmatrix}$ and 5.


# %% nbgrader={"grade": false, "grade_id": "objective", "locked": false, "schema_version": 3, "solution": true, "task": false}
def add_penalty(loss, gradients, parameters, strength):
    """Return (objective, gradients) of a network with an L2 penalty on its weights."""
    ### BEGIN SOLUTION
    new_gradients = []
    for (w, _), (dw, db) in zip(parameters, gradients, strict=True):
        loss = loss + strength / 2 * np.sum(w**2)
        new_gradients.append((dw + strength * w, db))
    return loss, new_gradients
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "objective--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

parameters = [(np.array([[3.0, -4.0]]), np.array([2.0]))]
gradients = [(np.array([[1.0, 1.0]]), np.array([5.0]))]
result = checks.call_unchanged(add_penalty, 2.0, gradients, parameters, 0.1)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2,
    "add_penalty should return the pair (objective, new_gradients)",
)
print(checks.difference_table(result[0], 3.25))
checks.check_value("the objective of the example", result[0], 3.25)
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(55)
shapes = [(4, 3), (2, 4), (3, 2)]
parameters = [(rng.standard_normal(shape), rng.standard_normal(shape[0])) for shape in shapes]
gradients = [(rng.standard_normal(shape), rng.standard_normal(shape[0])) for shape in shapes]
penalty = sum(reference.l2_penalty(w) for w, _ in parameters)
value = add_penalty(0.7, gradients, parameters, 0.3)[0]
checks.check_value(
    "the objective of a network of three layers", value, reference.objective(0.7, penalty, 0.3), reveal=False
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "objective--gradients", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

parameters = [(np.array([[3.0, -4.0]]), np.array([2.0]))]
gradients = [(np.array([[1.0, 1.0]]), np.array([5.0]))]
result = checks.call_unchanged(add_penalty, 2.0, gradients, parameters, 0.1)[1]
checks.check_true(
    isinstance(result, list | tuple) and len(result) == 1 and len(result[0]) == 2,
    "new_gradients should be a list with one pair (dw, db) for each layer",
)
print(checks.difference_table(result[0][0], [[1.3, 0.6]]))
checks.check_value("the gradient of the weights in the example", result[0][0], [[1.3, 0.6]])
checks.check_value("the gradient of the bias in the example", result[0][1], [5.0])
### BEGIN HIDDEN TESTS
reference = checks.reference("losses")
rng = np.random.default_rng(56)
shapes = [(2, 2), (2, 2), (3, 2)]
parameters = [(rng.standard_normal(shape), rng.standard_normal(shape[0])) for shape in shapes]
gradients = [(rng.standard_normal(shape), rng.standard_normal(shape[0])) for shape in shapes]
result = add_penalty(0.7, gradients, parameters, 0.3)[1]
checks.check_true(len(result) == 3, "for three layers new_gradients should hold three pairs")
for number, (new, given, layer) in enumerate(zip(result, gradients, parameters, strict=True), start=1):
    expected = reference.objective(given[0], reference.l2_penalty_gradient(layer[0]), 0.3)
    checks.check_value(f"the gradient of the weights of layer {number} of 3", new[0], expected, reveal=False)
    checks.check_value(f"the gradient of the bias of layer {number} of 3", new[1], given[1], reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: the few among the many
#
# Five points in a hundred belong to class 1. A linear model is trained with your `weighted_loss_gradient`, once with $c = 1$ and once with $c = 19$, which gives both classes the same weight together. Which of the two lines would you want for broken parts, and which for mail that might be unwanted?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(57)
many, few = rng.standard_normal((760, 2)), rng.standard_normal((40, 2)) * 0.7 + 1.6
points, targets = np.concatenate([many, few]), np.repeat([0.0, 1.0], [760, 40])

figure, axes = plots.new_axes(width=5.6, height=4)
axes.plot(*many.T, ".", markersize=3, label="fine")
axes.plot(*few.T, "o", markersize=4, label="broken")
for c, style in ((1.0, "--"), (19.0, "-")):
    w, b = np.zeros(2), 0.0
    for _ in range(800):
        dz = weighted_loss_gradient(points @ w + b, targets, c)
        w, b = w - 0.5 * points.T @ dz, b - 0.5 * np.sum(dz)
    found = points @ w + b > 0
    print(
        f"c = {c:2.0f}: {np.mean(found[targets == 1]):.0%} of the broken found, {np.mean(found[targets == 0]):.0%} false alarms"
    )
    along = np.array([-3.5, 4.0])
    axes.plot(along, -(w[0] * along + b) / w[1], style, color=plots.GREY, label=f"c = {c:g}")
axes.set_ylim(-3.5, 4)
plots.label(axes, "x₁", "x₂", legend=True)

# %% [markdown] nbgrader={"grade": false, "grade_id": "likelihood-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 9: in your own words (10 points)
#
# A colleague trains three networks with the squared error after a sigmoid: one predicts the price of a flat, one whether a payment is a fraud, one which of ten digits is in a picture. In six to ten sentences: what is the likelihood of the data under a model, and why may one take its logarithm, turn the sign and average; which distribution, which output unit and which loss belong to each of the three tasks, and how does each
# loss follow from its distribution; and what do the three have in common when one looks at the gradient for the last pre-activation, which the colleague's choice has not?

# %% [markdown] nbgrader={"grade": true, "grade_id": "likelihood--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for the likelihood (the probability of all targets given the inputs and parameters, a product over independent samples; the logarithm is monotonic and makes it a sum, the sign makes it a quantity to minimise, the mean makes it independent of N; none moves the optimum); 4 for the three tasks (price: normal, linear unit, squared error; fraud: Bernoulli, sigmoid, binary cross entropy; digit: categorical, softmax, cross entropy; half of these points for
# the pairs alone, the other half for how a loss follows, e.g. the exponent of the normal density, or minus the logarithm of the probability given to what happened); 3 for the gradient (in all three it is prediction minus target, over N; with the squared error after a sigmoid the factor p(1 − p) remains, so an output that is sure of the wrong answer gets almost no push; a price is not between 0 and 1 at all).
#
# **Full (10).** "The likelihood is the probability that the model gives to all observed targets, the product over the samples if they are independent. The logarithm grows with it, so the maximum stays where it is, and turns the product into a sum; with the minus we minimise, and dividing by N only rescales. For the price assume a normal error around a linear output: minus the logarithm of the density is half the squared error plus constants. Fraud is yes or no: a sigmoid gives
# the Bernoulli probability, and minus the logarithm of the probability of what happened is binary cross entropy. A digit is one of ten: softmax and minus the logarithm of the right class's probability, cross entropy. In each case the gradient for the pre-activation is prediction minus target, over N. With the squared error after a sigmoid it is multiplied by p(1 − p), which is nearly 0 when the network is confidently wrong, so it hardly learns from its worst errors; and a sigmoid cannot even output a price."
#
# **Half (5).** "One should maximise the likelihood, which is the same as minimising its negative logarithm. For the price use a linear output and squared error, for fraud a sigmoid with binary cross entropy, for the digits softmax with cross entropy, because then the gradients are simpler." (Likelihood 2, pairs without derivation 2, gradient 1.)
#
# **None (0).** "The squared error works for everything, but cross entropy is more modern and usually gives better accuracy."
#
# === END MARK SCHEME ===
# ### END SOLUTION
