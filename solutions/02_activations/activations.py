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
# # Assignment 02: Activation functions
#
# **Goal.** You will write the relatives of the functions in chapter 2: a scaled tanh whose slope comes from its value, a rectifier that learns a slope for every unit, a softplus of any sharpness, a unit that takes the smallest of its pieces, and a softmax with a temperature. At the end your gradient teaches a layer its slopes.
#
# **Points.** Seven questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots` and `course_lib.datasets`. `course_lib.activations` holds answers; it, and what is built on it, is withheld here and open to you afterwards.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, plots

checks.withhold("activations")

# %% [markdown] nbgrader={"grade": false, "grade_id": "scaled-tanh-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: a scaled tanh (10 points)
#
# Stretch the hyperbolic tangent to the range from $-A$ to $A$ and make it steeper or flatter by a factor $B$: $f(z) = A \tanh(Bz)$. Write
#
# `scaled_tanh(z, height, rate)` with $A$ = `height`, $B$ = `rate`, both positive, and
#
# `scaled_tanh_slope(a, height, rate)`, the slope $f'(z)$ computed **from the activation** $a = f(z)$ alone; $z$ is not given.
#
# - `z` and `a` are arrays of any shape, or numbers; the results have the same shape;
# - nothing overflows at $\pm 1000$.
#
# Example: with $A = 2$, $B = 0.5$ and $z = \ln 3$ the value is 1 and the slope $0.75$.


# %% nbgrader={"grade": false, "grade_id": "scaled-tanh", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scaled_tanh(z, height, rate):
    """Return height · tanh(rate · z)."""
    ### BEGIN SOLUTION
    return height * np.tanh(rate * np.asarray(z))
    ### END SOLUTION


def scaled_tanh_slope(a, height, rate):
    """Return the slope of scaled_tanh where its value is a."""
    ### BEGIN SOLUTION
    return rate * (height - np.asarray(a) ** 2 / height)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "scaled-tanh--value", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

at = np.array([np.log(3.0), 0.0, -np.log(3.0)])
value = checks.call_unchanged(scaled_tanh, at, 2.0, 0.5)
print(checks.difference_table(value, [1.0, 0.0, -1.0]))
checks.check_value("scaled_tanh at ln 3, 0, −ln 3 with height 2 and rate 0.5", value, [1.0, 0.0, -1.0], rtol=1e-9)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
z = np.random.default_rng(21).standard_normal((3, 4)) * 2
checks.check_value(
    "scaled_tanh of a matrix with other height and rate",
    scaled_tanh(z, 1.7159, 2 / 3),
    1.7159 * reference.tanh(2 / 3 * z),
    rtol=1e-9,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "scaled-tanh--slope", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

slope = checks.call_unchanged(scaled_tanh_slope, np.array([1.0, 0.0, -1.0]), 2.0, 0.5)
print(checks.difference_table(slope, [0.75, 1.0, 0.75]))
checks.check_value(
    "the slope where the value is 1, 0, −1, with height 2 and rate 0.5", slope, [0.75, 1.0, 0.75], rtol=1e-9
)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
z = np.random.default_rng(22).standard_normal((2, 5))
for height, rate in ((1.7159, 2 / 3), (1.0, 1.0), (0.5, 3.0)):
    a = height * reference.tanh(rate * z)
    expected = height * rate * reference.tanh_derivative(rate * z)
    checks.check_value(
        "the slope for other heights and rates", scaled_tanh_slope(a, height, rate), expected, rtol=1e-8, reveal=False
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "scaled-tanh--far", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

ends = checks.call_without_warnings(scaled_tanh, np.array([-1000.0, 1000.0]), 3.0, 2.0)
checks.check_value("scaled_tanh at ±1000 with height 3", ends, [-3.0, 3.0], rtol=1e-9)
checks.check_value("the slope where the value is ±3", scaled_tanh_slope(np.array([-3.0, 3.0]), 3.0, 2.0), [0.0, 0.0])
checks.check_value("scaled_tanh of the number 0", scaled_tanh(0.0, 3.0, 2.0), 0.0)

# %% [markdown] nbgrader={"grade": false, "grade_id": "shrink-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: a rectifier with a dead zone (10 points)
#
# Small pre-activations are often noise. The **soft threshold** sets them to 0 and pulls all others towards 0 by $t \ge 0$: $f(z) = z - t$ for $z > t$, $f(z) = z + t$ for $z < -t$, and 0 in between. Write
#
# `soft_threshold(z, t)` and `soft_threshold_derivative(z, t)`
#
# - `z` is an array of any shape, integers allowed; it must not change; the results are floats of its shape;
# - at the kinks $z = \pm t$ the slope is 0, as for our other rectifiers.
#
# Example: with $t = 1$ the values at $(-3, 0.5, 2)$ are $(-2, 0, 1)$ and the slopes $(1, 0, 1)$.


# %% nbgrader={"grade": false, "grade_id": "shrink", "locked": false, "schema_version": 3, "solution": true, "task": false}
def soft_threshold(z, t):
    """Return z pulled towards 0 by t, and 0 where |z| is at most t."""
    ### BEGIN SOLUTION
    z = np.asarray(z, dtype=float)
    return np.maximum(z - t, 0) + np.minimum(z + t, 0)
    ### END SOLUTION


def soft_threshold_derivative(z, t):
    """Return the slope of soft_threshold at z."""
    ### BEGIN SOLUTION
    return (np.abs(z) > t).astype(float)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "shrink--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z = np.array([-3.0, 0.5, 2.0])
value = checks.call_unchanged(soft_threshold, z, 1.0)
print(checks.difference_table(value, [-2.0, 0.0, 1.0]))
checks.check_value("soft_threshold at (−3, 0.5, 2) with t = 1", value, [-2.0, 0.0, 1.0], inputs=z)
checks.check_value(
    "soft_threshold of integers with t = 0.5",
    checks.call_unchanged(soft_threshold, np.array([[-2, 0], [1, 3]]), 0.5),
    [[-1.5, 0.0], [0.5, 2.5]],
)
floats = soft_threshold(np.array([-2, 0, 3]), 1)
checks.check_value("soft_threshold of integers with the integer t = 1", floats, [-1.0, 0.0, 2.0], dtype=float)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
z = np.random.default_rng(23).standard_normal((4, 5)) * 3
expected = reference.relu(z - 0.7) - reference.relu(-z - 0.7)
checks.check_value("soft_threshold of a matrix with t = 0.7", soft_threshold(z, 0.7), expected, inputs=z, reveal=False)
checks.check_value("soft_threshold with t = 0", soft_threshold(z, 0.0), z, inputs=z, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "shrink--slope", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z = np.array([-3.0, 0.5, 2.0])
slope = checks.call_unchanged(soft_threshold_derivative, z, 1.0)
print(checks.difference_table(slope, [1.0, 0.0, 1.0]))
checks.check_value("the slope at (−3, 0.5, 2) with t = 1", slope, [1.0, 0.0, 1.0], inputs=z, dtype=float)
checks.check_value("the slope at the kinks", soft_threshold_derivative(np.array([-1.0, 1.0]), 1.0), [0.0, 0.0])
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
z = np.random.default_rng(24).standard_normal((4, 5)) * 3
expected = reference.relu_derivative(z - 0.7) + reference.relu_derivative(-z - 0.7)
checks.check_value(
    "the slope of a matrix with t = 0.7", soft_threshold_derivative(z, 0.7), expected, inputs=z, reveal=False
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "prelu-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: a slope for every unit (15 points)
#
# In a layer of parametric rectifiers each unit $m$ learns its own slope $\mu_m$, shared by all samples of the batch: $a_{nm} = z_{nm}$ for $z_{nm} > 0$ and $\mu_m z_{nm}$ otherwise. From the gradient of the loss for the activations, `dout`, write the way back:
#
# `prelu_backward(dout, z, mu)` returns the pair `(dz, dmu)`
#
# - `dout` and `z` have shape $(N, M)$, `mu` has shape $(M,)$ and may hold slopes above 1;
# - `dz` $= \partial J/\partial z$ has shape $(N, M)$, `dmu` $= \partial J/\partial \mu$ has shape $(M,)$;
# - `dout` carries the $1/N$ of the loss already; nothing handed in may change.
#
# Example: `dout` $= \begin{pmatrix}1 & 2\\3 & 4\end{pmatrix}$, `z` $= \begin{pmatrix}-1 & 5\\-2 & -3\end{pmatrix}$, `mu` $= (0.5, 0.1)$ give `dz` $= \begin{pmatrix}0.5 & 2\\1.5 & 0.4\end{pmatrix}$ and `dmu` $= (-7, -12)$.


# %% nbgrader={"grade": false, "grade_id": "prelu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prelu_backward(dout, z, mu):
    """Return (dz, dmu) for a layer of parametric rectifiers with one slope a unit."""
    ### BEGIN SOLUTION
    dz = dout * np.where(z > 0, 1.0, mu)
    dmu = np.sum(dout * np.minimum(z, 0), axis=0)
    return dz, dmu
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "prelu--dz", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

dout, z, mu = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[-1.0, 5.0], [-2.0, -3.0]]), np.array([0.5, 0.1])
result = checks.call_unchanged(prelu_backward, dout, z, mu)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "prelu_backward should return the pair (dz, dmu)"
)
print(checks.difference_table(result[0], [[0.5, 2.0], [1.5, 0.4]]))
checks.check_value("dz of the example", result[0], [[0.5, 2.0], [1.5, 0.4]], inputs=z)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
rng = np.random.default_rng(25)
dout, z, mu = rng.standard_normal((6, 4)), rng.standard_normal((6, 4)), np.array([0.01, 0.3, 1.0, 2.5])
checks.check_value(
    "dz for a larger layer, one slope above 1",
    prelu_backward(dout, z, mu)[0],
    dout * reference.prelu_derivative(z, mu),
    inputs=z,
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "prelu--dmu", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

dout, z, mu = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[-1.0, 5.0], [-2.0, -3.0]]), np.array([0.5, 0.1])
dmu = prelu_backward(dout, z, mu)[1]
print(checks.difference_table(dmu, [-7.0, -12.0]))
checks.check_value("dmu of the example", dmu, [-7.0, -12.0], batch=2)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
rng = np.random.default_rng(26)
dout, z, mu = rng.standard_normal((6, 4)), rng.standard_normal((6, 4)), np.array([0.01, 0.3, 1.0, 2.5])
expected = (dout * reference.prelu_slope_gradient(z, mu)).sum(axis=0)
checks.check_value("dmu for a larger layer", prelu_backward(dout, z, mu)[1], expected, batch=6, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "prelu--measured", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(3)
dout, z, mu = rng.standard_normal((5, 3)), rng.standard_normal((5, 3)), np.array([0.2, 1.5, 0.9])


def through(z, mu):
    return np.sum(dout * np.where(z > 0, z, mu * z))


dz, dmu = prelu_backward(dout, z, mu)
checks.check_gradient("dz", dz, lambda z: through(z, mu), z, batch=5)
checks.check_gradient("dmu", dmu, lambda mu: through(z, mu), mu, batch=5)
### BEGIN HIDDEN TESTS
one = prelu_backward(np.array([[2.0, 3.0]]), np.array([[-4.0, 4.0]]), np.array([0.5, 0.5]))
checks.check_value("dz for a batch of one sample", one[0], [[1.0, 3.0]], reveal=False)
checks.check_value("dmu for a batch of one sample", one[1], [-8.0, 0.0], reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "sharp-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: softplus of any sharpness (15 points)
#
# With a sharpness $\beta > 0$, softplus becomes $f(z) = \frac1\beta \ln\bigl(1 + e^{\beta z}\bigr)$: the larger $\beta$, the closer to the rectifier. Write
#
# `sharp_softplus(z, beta)` and `sharp_softplus_derivative(z, beta)`
#
# - `z` is an array of any shape; a float32 array gives float32 results, any other float64 ones;
# - no overflow and no warning at $\pm 1000$, and no loss of accuracy for very negative $z$: $f(-30)$ with $\beta = 1$ is $9.4 \cdot 10^{-14}$, not 0.
#
# Example: with $\beta = 2$ the value at 0 is $\frac12\ln 2 = 0.34657$, and the slope there $0.5$.


# %% nbgrader={"grade": false, "grade_id": "sharp", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sharp_softplus(z, beta):
    """Return ln(1 + exp(beta z)) / beta without overflow."""
    ### BEGIN SOLUTION
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(beta * z))) / beta
    ### END SOLUTION


def sharp_softplus_derivative(z, beta):
    """Return the slope of sharp_softplus at z."""
    ### BEGIN SOLUTION
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    return 0.5 + 0.5 * np.tanh(0.5 * beta * z)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sharp--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z = np.array([0.0, 1.0, -1.0])
expected = [np.log(2.0) / 2, np.log(1 + np.exp(2.0)) / 2, np.log(1 + np.exp(-2.0)) / 2]
value = checks.call_unchanged(sharp_softplus, z, 2.0)
print(checks.difference_table(value, expected))
checks.check_value("sharp_softplus at (0, 1, −1) with beta 2", value, expected, rtol=1e-9)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
z = np.random.default_rng(27).standard_normal((3, 4)) * 3
for beta in (0.5, 1.0, 7.0):
    checks.check_value(
        "sharp_softplus of a matrix for another beta",
        sharp_softplus(z, beta),
        reference.softplus(beta * z) / beta,
        rtol=1e-9,
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sharp--slope", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z = np.array([0.0, 0.5, -2.0])
slope = checks.call_unchanged(sharp_softplus_derivative, z, 2.0)
checks.check_value("the slope at 0", slope[0], 0.5)
checks.check_gradient(
    "the slope at (0, 0.5, −2) with beta 2", slope, lambda z: np.sum(np.log(1 + np.exp(2 * z))) / 2, z
)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
z = np.random.default_rng(28).standard_normal((3, 4)) * 3
for beta in (0.5, 1.0, 7.0):
    checks.check_value(
        "the slope of a matrix for another beta",
        sharp_softplus_derivative(z, beta),
        reference.softplus_derivative(beta * z),
        rtol=1e-8,
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sharp--far", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

for dtype in (np.float64, np.float32):
    far = np.array([-1000.0, 0.0, 1000.0], dtype=dtype)
    value = checks.call_without_warnings(sharp_softplus, far, 4.0)
    slope = checks.call_without_warnings(sharp_softplus_derivative, far, 4.0)
    checks.check_value(
        f"sharp_softplus at −1000, 0, 1000 in {far.dtype}",
        value,
        [0.0, np.log(2.0) / 4, 1000.0],
        rtol=1e-6,
        dtype=dtype,
    )
    checks.check_value(f"its slope at −1000, 0, 1000 in {far.dtype}", slope, [0.0, 0.5, 1.0], rtol=1e-6, dtype=dtype)
### BEGIN HIDDEN TESTS
checks.check_value(
    "sharp_softplus at −30 and −20 with beta 1",
    sharp_softplus(np.array([-30.0, -20.0]), 1.0),
    np.log1p(np.exp([-30.0, -20.0])),
    rtol=1e-9,
    atol=0,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "minout-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: the smallest piece wins (15 points)
#
# Turn maxout upside down: a **minout** unit gives the *smallest* of $k$ linear pieces, $a_{nm} = \min_i z_{nim}$ with $z_{nim} = \sum_d w_{imd} x_{nd} + b_{im}$. Write its way back,
#
# `minout_gradients(dout, x, w, b)` returns the triple `(dx, dw, db)`
#
# - `x` has shape $(N, D)$, `w` $(k, M, D)$, `b` $(k, M)$, and `dout` $= \partial J/\partial a$ has shape $(N, M)$;
# - each result has the shape of what it is the gradient of, summed over the batch where samples share a parameter;
# - there are no ties between pieces in our tests; nothing handed in may change.
#
# Example: one input, one unit, pieces $x$ and $2$: `x` $= (1, 3)$ as a column, `dout` $= (10, 1)$ as a column. Sample 1 is won by the piece $x$, sample 2 by the constant. So `dx` $= (10, 0)$, `dw` $= (10, 3)$, `db` $= (10, 1)$.


# %% nbgrader={"grade": false, "grade_id": "minout", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minout_gradients(dout, x, w, b):
    """Return (dx, dw, db) of a layer of units that give the smallest of k linear pieces."""
    ### BEGIN SOLUTION
    pieces = np.einsum("kmd,nd->knm", w, x) + b[:, None, :]
    won = np.arange(len(w))[:, None, None] == pieces.argmin(axis=0)
    delta = dout * won  # (k, N, M)
    dx = np.einsum("knm,kmd->nd", delta, w)
    dw = np.einsum("knm,nd->kmd", delta, x)
    return dx, dw, delta.sum(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "minout--example", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, dout = np.array([[1.0], [3.0]]), np.array([[10.0], [1.0]])
w, b = np.array([[[1.0]], [[0.0]]]), np.array([[0.0], [2.0]])
result = checks.call_unchanged(minout_gradients, dout, x, w, b)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 3, "minout_gradients should return the triple (dx, dw, db)"
)
print(checks.difference_table(result[1], [[[10.0]], [[3.0]]]))
checks.check_value("dx of the example", result[0], [[10.0], [0.0]])
checks.check_value("dw of the example", result[1], [[[10.0]], [[3.0]]], batch=2)
checks.check_value("db of the example", result[2], [[10.0], [1.0]], batch=2)

# %% nbgrader={"grade": true, "grade_id": "minout--parameters", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(4)
dout, x = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
w, b = rng.standard_normal((4, 3, 2)), rng.standard_normal((4, 3))


def through(x, w, b):
    return np.sum(dout * (np.tensordot(x, w, (1, 2)).transpose(1, 0, 2) + b[:, None]).min(axis=0))


_, dw, db = minout_gradients(dout, x, w, b)
checks.check_gradient("dw", dw, lambda w: through(x, w, b), w, batch=5)
checks.check_gradient("db", db, lambda b: through(x, w, b), b, batch=5)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
rng = np.random.default_rng(29)
dout, x = rng.standard_normal((7, 2)), rng.standard_normal((7, 3))
w, b = rng.standard_normal((3, 2, 3)), rng.standard_normal((3, 2))
_, cache = reference.maxout_forward(x, -w, -b)
_, dw_max, db_max = reference.maxout_backward(-dout, cache)
_, dw, db = minout_gradients(dout, x, w, b)
checks.check_value("dw of a larger layer", dw, -dw_max, rtol=1e-9, batch=7, reveal=False)
checks.check_value("db of a larger layer", db, -db_max, rtol=1e-9, batch=7, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "minout--input", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(5)
dout, x = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
w, b = rng.standard_normal((4, 3, 2)), rng.standard_normal((4, 3))


def through(x):
    return np.sum(dout * (np.tensordot(x, w, (1, 2)).transpose(1, 0, 2) + b[:, None]).min(axis=0))


checks.check_gradient("dx", minout_gradients(dout, x, w, b)[0], through, x, batch=5)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
rng = np.random.default_rng(30)
dout, x = rng.standard_normal((1, 2)), rng.standard_normal((1, 3))
w, b = rng.standard_normal((3, 2, 3)), rng.standard_normal((3, 2))
_, cache = reference.maxout_forward(x, -w, -b)
checks.check_value(
    "dx for a batch of one sample",
    minout_gradients(dout, x, w, b)[0],
    reference.maxout_backward(-dout, cache)[0],
    rtol=1e-9,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "count-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: what maxout costs (5 points)
#
# A network has the layer sizes `sizes`, inputs first. Its hidden layers are maxout layers with $k$ pieces a unit, its output layer is a plain one; all units and pieces have biases. Write
#
# `maxout_network_parameters(sizes, k)`, which returns the number of parameters as an `int`.
#
# Example: sizes $(3, 4, 2)$ with $k = 2$ have $2 \cdot (4 \cdot 3 + 4) + (2 \cdot 4 + 2) = 42$ parameters.


# %% nbgrader={"grade": false, "grade_id": "count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def maxout_network_parameters(sizes, k):
    """Return the number of parameters of a network of maxout layers with a plain output layer."""
    ### BEGIN SOLUTION
    layers = [m * (d + 1) for d, m in zip(sizes[:-1], sizes[1:], strict=True)]
    return k * sum(layers[:-1]) + layers[-1]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "count--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

counts = [maxout_network_parameters((3, 4, 2), 2), maxout_network_parameters((3, 4, 2), 1)]
print(checks.difference_table(counts, [42, 26]))
checks.check_value("the parameters of sizes (3, 4, 2) with 2 pieces, and with 1", counts, [42, 26])
### BEGIN HIDDEN TESTS
checks.check_value(
    "the parameters of a deeper network",
    maxout_network_parameters((64, 32, 16, 10), 5),
    5 * (32 * 65 + 16 * 33) + 10 * 17,
    reveal=False,
)
checks.check_value(
    "the parameters of a network without a hidden layer", maxout_network_parameters((7, 3), 4), 24, reveal=False
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "temperature-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: softmax with a temperature, and its way back (20 points)
#
# Dividing the scores by a temperature $T > 0$ before the softmax makes its answer bolder ($T < 1$) or more cautious ($T > 1$). Write
#
# `softmax_at(z, temperature, axis)`: the softmax of $z/T$ along one axis,
#
# - `z` is an array of any number of dimensions; along `axis` (negative values count from the end) the results sum to 1;
# - no overflow at scores of $\pm 1000$; float32 stays float32;
#
# and, for scores of shape $(N, M)$ with classes along the last axis,
#
# `softmax_at_backward(dout, h, temperature)`: the gradient $\partial J/\partial z$, shape $(N, M)$, from `dout` $= \partial J/\partial h$ and the probabilities `h` alone. Do not build the Jacobian; chapter 2 has what you need for each entry.
#
# Example: scores $(0, \ln 9)$ with $T = 2$ give $(0.25, 0.75)$. From `dout` $= (1, 0)$ the gradient there is $(0.09375, -0.09375)$.


# %% nbgrader={"grade": false, "grade_id": "temperature", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_at(z, temperature, axis):
    """Return the softmax of z / temperature along the axis."""
    ### BEGIN SOLUTION
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    h = np.exp((z - z.max(axis=axis, keepdims=True)) / temperature)
    return h / h.sum(axis=axis, keepdims=True)
    ### END SOLUTION


def softmax_at_backward(dout, h, temperature):
    """Return the gradient for the scores from that for the probabilities h, classes along the last axis."""
    ### BEGIN SOLUTION
    return h * (dout - np.sum(dout * h, axis=-1, keepdims=True)) / temperature
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "temperature--value", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

scores = np.array([[0.0, np.log(9.0)], [np.log(4.0), 0.0]])
h = checks.call_unchanged(softmax_at, scores, 2.0, 1)
print(checks.difference_table(h, [[0.25, 0.75], [2 / 3, 1 / 3]]))
checks.check_value(
    "the softmax of ((0, ln 9), (ln 4, 0)) along axis 1 with temperature 2",
    h,
    [[0.25, 0.75], [2 / 3, 1 / 3]],
    rtol=1e-9,
)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
z = np.random.default_rng(31).standard_normal((5, 4)) * 3
for temperature in (0.3, 1.0, 4.0):
    checks.check_value(
        "the softmax of a batch at another temperature",
        softmax_at(z, temperature, -1),
        reference.softmax(z / temperature),
        rtol=1e-9,
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "temperature--axis", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z = np.arange(24.0).reshape(2, 3, 4) ** 0.5
for axis in (0, 1, 2, -1):
    h = softmax_at(z, 1.5, axis)
    checks.check_value(
        f"the softmax of an array of shape (2, 3, 4) along axis {axis}, summed along that axis",
        np.sum(h, axis=axis),
        np.ones(np.delete(z.shape, axis)),
        rtol=1e-9,
    )
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
z = np.random.default_rng(32).standard_normal((3, 4))
checks.check_value(
    "the softmax along axis 0", softmax_at(z, 0.7, 0), reference.softmax(z.T / 0.7).T, rtol=1e-9, reveal=False
)
checks.check_value(
    "the softmax of one vector", softmax_at(z[0], 0.7, 0), reference.softmax(z[0] / 0.7), rtol=1e-9, reveal=False
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "temperature--far", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

for dtype in (np.float64, np.float32):
    scores = np.array([[1000.0, -1000.0], [1000.0, 1000.0], [-1000.0, -1000.0]], dtype=dtype)
    h = checks.call_without_warnings(softmax_at, scores, 0.5, 1)
    checks.check_value(
        f"the softmax of scores of ±1000 in {scores.dtype}",
        h,
        [[1.0, 0.0], [0.5, 0.5], [0.5, 0.5]],
        rtol=1e-6,
        dtype=dtype,
    )

# %% nbgrader={"grade": true, "grade_id": "temperature--backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

h = np.array([[0.25, 0.75]])
dz = checks.call_unchanged(softmax_at_backward, np.array([[1.0, 0.0]]), h, 2.0)
print(checks.difference_table(dz, [[0.09375, -0.09375]]))
checks.check_value("the gradient of the example", dz, [[0.09375, -0.09375]], rtol=1e-9)
rng = np.random.default_rng(6)
z, dout = rng.standard_normal((1, 4)), rng.standard_normal((1, 4))


def through(z):
    e = np.exp(z / 1.7)
    return np.sum(dout * e / e.sum())


e = np.exp(z / 1.7)
checks.check_gradient(
    "the gradient for four scores at temperature 1.7", softmax_at_backward(dout, e / e.sum(), 1.7), through, z
)

# %% nbgrader={"grade": true, "grade_id": "temperature--batch", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(7)
h = rng.uniform(0.1, 1.0, (6, 3))
h = h / h.sum(axis=1, keepdims=True)
dout = rng.standard_normal((6, 3))
dz = softmax_at_backward(dout, h, 0.8)
checks.check_value(
    "the sum of each row of the gradient (raising all scores of a row changes nothing)", np.sum(dz, axis=1), np.zeros(6)
)
### BEGIN HIDDEN TESTS
reference = checks.reference("activations")
jacobians = reference.softmax_jacobian(np.log(h)) / 0.8
checks.check_value("the gradient for a batch", dz, np.einsum("nij,ni->nj", jacobians, dout), rtol=1e-9, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: a layer learns its slopes
#
# Somebody trained a layer of four parametric rectifiers and lost the slopes, but kept 200 inputs and outputs. The next cell starts from slope 1 everywhere and follows your gradient downhill. Watch where the slopes go, and which of them arrives last. Can you say why from the inputs?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(8)
hidden_slopes = np.array([0.01, 0.25, 0.6, 1.4])
inputs = rng.standard_normal((200, 4)) + np.array([0.0, -1.0, 0.0, 1.5])
outputs = np.where(inputs > 0, inputs, hidden_slopes * inputs)

slopes, path = np.ones(4), []
for _ in range(120):
    error = np.where(inputs > 0, inputs, slopes * inputs) - outputs
    _, dmu = prelu_backward(error / len(inputs), inputs, slopes)
    slopes = slopes - 0.3 * dmu
    path.append(slopes)

figure, axes = plots.new_axes()
lines = axes.plot(path)
for line, slope in zip(lines, hidden_slopes, strict=True):
    axes.axhline(slope, linestyle=":", color=line.get_color())
plots.label(axes, "step", "slopes (dotted: the lost ones)")

# %% [markdown] nbgrader={"grade": false, "grade_id": "choice-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: in your own words (10 points)
#
# A team builds a network with three hidden layers that predicts, from a blood test, whether a patient has a disease. All units, the output included, are ReLU. Training stalls, and a fifth of the hidden units give 0 for every patient. In six to ten sentences: say what has happened to these units and why training does not
# bring them back; name two remedies and what each changes; say which function the output unit should have and why; and say which activation you would try first in the hidden layers, with a reason you could measure.

# %% [markdown] nbgrader={"grade": true, "grade_id": "choice--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for dead units (pre-activation negative for every sample, slope 0, so no gradient reaches their weights); 2 for two remedies with their effect (smaller learning rate: fewer units are pushed that far; leaky or parametric ReLU or ELU: a slope on the negative side; better initialisation or a shifted kink also count);
# 3 for the sigmoid output (values in (0, 1), a Bernoulli probability; with binary cross entropy the gradient is a − y; ReLU gives values above 1 and no gradient at 0); 2 for a first choice with a measurable reason (epochs to a given error, share of silent units, gradient size per layer).
#
# **Full (10).** "These units are dead: for each patient their pre-activation is negative, so ReLU's slope is 0 and no gradient reaches their weights, which therefore never change. A smaller learning rate makes such leaps rarer; a leaky ReLU keeps a slope of, say, 0.01 on the negative side, so the units can come back. The output must be a probability,
# so it should be a sigmoid with binary cross entropy, whose gradient for the pre-activation is simply a − y; ReLU can return 3, and its gradient is 0 as soon as the score is negative. For the hidden layers I would start with leaky ReLU and count the silent units and the epochs until the error on held-out patients is below 10 %."
#
# **Half (5).** "The units are dead because ReLU is 0 for negative inputs. One should use leaky ReLU. The output should be a sigmoid because we need values between 0 and 1." (Dead units without the missing gradient 1, one remedy 1, output 2, first choice without a reason 1.)
#
# **None (0).** "ReLU is outdated and should be replaced by a modern activation."
#
# === END MARK SCHEME ===
# ### END SOLUTION
