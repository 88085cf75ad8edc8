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
# # Assignment 12: Autoencoders
#
# **Goal.** You will write autoencoders that chapter 12 does not show: tanh codes, tied weights with a linear output, a price for codes between −1 and 1, codes in which only the largest survive. You will compute principal components for samples the components have not seen, and count bytes. At the end your gradients train a network on digits, and you hold it against your principal components.
#
# **Points.** Eight questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, `course_lib.datasets`, and the library's modules of earlier chapters: with `finite_differences` you can check every gradient before the cells below do. `course_lib.autoencoders` holds answers and is withheld here; it is open to you afterwards.
#
# **Letters.** Rows are samples ($N$); inputs have $D$ entries, codes $M$. $W^1$ is $(M, D)$ and enters the code, $W^2$ is $(D, M)$ and enters the reconstruction.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, datasets, plots

checks.withhold("autoencoders")

# %% [markdown] nbgrader={"grade": false, "grade_id": "copy-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: encode and decode (10 points)
#
# An autoencoder with a tanh code and a linear output: $\mathbf{h} = \tanh(W^1\mathbf{x} + \mathbf{b}^1)$ and $\hat{\mathbf{x}} = W^2\mathbf{h} + \mathbf{b}^2$. Write
#
# `encode_and_decode(x, w1, b1, w2, b2)`, which returns the pair `(h, x_hat)`
#
# - `x` is a batch $(N, D)$; `w1` $(M, D)$, `b1` $(M,)$, `w2` $(D, M)$, `b2` $(D,)$;
# - `h` has shape $(N, M)$, `x_hat` $(N, D)$; nothing handed in may change.
#
# Example: $\mathbf{x} = (1, 2)$, $W^1 = (\operatorname{artanh}\tfrac12\;\;0)$, $W^2 = (4\;\;2)^{\mathsf T}$, $b^1 = 0$ and $\mathbf{b}^2 = (0, 1)$ give $h = 0.5$ and $\hat{\mathbf{x}} = (2, 2)$.


# %% nbgrader={"grade": false, "grade_id": "copy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def encode_and_decode(x, w1, b1, w2, b2):
    """Return (h, x_hat) of an autoencoder with a tanh code and a linear output."""
    ### BEGIN SOLUTION
    h = np.tanh(x @ w1.T + b1)
    return h, h @ w2.T + b2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "copy--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

w1, w2 = np.array([[np.arctanh(0.5), 0.0]]), np.array([[4.0], [2.0]])
result = checks.call_unchanged(encode_and_decode, np.array([[1.0, 2.0]]), w1, np.zeros(1), w2, np.array([0.0, 1.0]))
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "encode_and_decode should return the pair (h, x_hat)"
)
checks.check_value("h of the example", result[0], [[0.5]])
print(checks.difference_table(result[1], [[2.0, 2.0]]))
checks.check_value("x_hat of the example", result[1], [[2.0, 2.0]])

# %% nbgrader={"grade": true, "grade_id": "copy--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(1)
x, w1, b1, w2, b2 = (rng.standard_normal(shape) for shape in ((5, 4), (3, 4), (3,), (4, 3), (4,)))
h, x_hat = encode_and_decode(x, w1, b1, w2, b2)
for name, array, shape in (("h", h, (5, 3)), ("x_hat", x_hat, (5, 4))):
    checks.check_true(np.shape(array) == shape, f"{name} has shape {np.shape(array)}, expected {shape}")
alone = encode_and_decode(x[:1], w1, b1, w2, b2)
checks.check_value("x_hat of the first sample alone", alone[1], np.asarray(x_hat)[:1])
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
expected, code, _ = reference.autoencoder_forward(x, w1, b1, w2, b2, activation="tanh", output="linear")
checks.check_value("h of a batch", h, code, reveal=False)
checks.check_value("x_hat of a batch", x_hat, expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "backward-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: and back (10 points)
#
# The same autoencoder, with the loss $J = \frac1N\sum_n\frac12\lVert\hat{\mathbf{x}}_n - \mathbf{x}_n\rVert^2$. Write
#
# `copy_gradients(x, w1, b1, w2, b2)`, which returns `(dw1, db1, dw2, db2)`, each with the shape of its parameter
#
# - the shapes are those of question 1, but you need not have solved it: compute $\mathbf{h}$ and $\hat{\mathbf{x}}$ here.
#
# Example: with the numbers of question 1 the error is $\hat{\mathbf{x}} - \mathbf{x} = (1, 0)$. At the code arrives $1 \cdot 4 + 0 \cdot 2 = 4$, times the slope $1 - 0.25$ it is 3. So `dw2` is $(0.5, 0)^{\mathsf T}$ and `dw1` is $(3, 6)$.


# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def copy_gradients(x, w1, b1, w2, b2):
    """Return (dw1, db1, dw2, db2) of an autoencoder with a tanh code and a linear output."""
    ### BEGIN SOLUTION
    h = np.tanh(x @ w1.T + b1)
    delta2 = (h @ w2.T + b2 - x) / len(x)
    delta1 = (delta2 @ w2) * (1 - h**2)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "backward--decoder", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

w1, w2 = np.array([[np.arctanh(0.5), 0.0]]), np.array([[4.0], [2.0]])
result = checks.call_unchanged(copy_gradients, np.array([[1.0, 2.0]]), w1, np.zeros(1), w2, np.array([0.0, 1.0]))
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 4, "copy_gradients should return (dw1, db1, dw2, db2)"
)
print(checks.difference_table(result[2], [[0.5], [0.0]]))
checks.check_value("dw2 of the example", result[2], [[0.5], [0.0]])
checks.check_value("db2 of the example", result[3], [1.0, 0.0])
rng = np.random.default_rng(2)
x, w1, b1, w2, b2 = (rng.standard_normal(shape) for shape in ((4, 3), (2, 3), (2,), (3, 2), (3,)))


def loss(w2, b2):
    return np.sum((np.tanh(x @ w1.T + b1) @ w2.T + b2 - x) ** 2) / 8


gradients = copy_gradients(x, w1, b1, w2, b2)
checks.check_gradient("dw2 of a batch of four", gradients[2], lambda w2: loss(w2, b2), w2, batch=4)
checks.check_gradient("db2 of a batch of four", gradients[3], lambda b2: loss(w2, b2), b2, batch=4)

# %% nbgrader={"grade": true, "grade_id": "backward--encoder", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

w1, w2 = np.array([[np.arctanh(0.5), 0.0]]), np.array([[4.0], [2.0]])
result = copy_gradients(np.array([[1.0, 2.0]]), w1, np.zeros(1), w2, np.array([0.0, 1.0]))
print(checks.difference_table(result[0], [[3.0, 6.0]]))
checks.check_value("dw1 of the example", result[0], [[3.0, 6.0]])
checks.check_value("db1 of the example", result[1], [3.0])
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
rng = np.random.default_rng(3)
for n, d, m in ((6, 4, 2), (3, 3, 3)):
    x, w1, b1, w2, b2 = (rng.standard_normal(shape) for shape in ((n, d), (m, d), (m,), (d, m), (d,)))
    x_hat, _, cache = reference.autoencoder_forward(x, w1, b1, w2, b2, activation="tanh", output="linear")
    expected = reference.autoencoder_backward((x_hat - x) / n, cache)
    for name, yours, want in zip(
        ("dw1", "db1", "dw2", "db2"), copy_gradients(x, w1, b1, w2, b2), expected, strict=True
    ):
        checks.check_value(f"{name} of a batch of {n}, {d} inputs, {m} units", yours, want, batch=n, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "tied-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: tied weights (10 points)
#
# Now one matrix serves both ways: $\mathbf{h} = \sigma(W\mathbf{x} + \mathbf{b}^1)$ and $\hat{\mathbf{x}} = W^{\mathsf T}\mathbf{h} + \mathbf{b}^2$, with the same loss. Write
#
# `tied_gradients(x, w, b1, b2)`, which returns `(dw, db1, db2)`
#
# - `x` is a batch $(N, D)$, `w` $(M, D)$, `b1` $(M,)$, `b2` $(D,)$; each gradient has the shape of its parameter.
#
# Example: one sample $x = 3$ with $w = 0$, $b^1 = 0$ and $b^2 = 1$: the code is ½ and the copy 1, so the error is −2. What reaches the code is multiplied by $w = 0$; the decoder's use of $w$ gives `dw` $= -2 \cdot \tfrac12 = -1$.


# %% nbgrader={"grade": false, "grade_id": "tied", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tied_gradients(x, w, b1, b2):
    """Return (dw, db1, db2) of an autoencoder with a sigmoid code, a linear output and one matrix for both ways."""
    ### BEGIN SOLUTION
    h = 0.5 + 0.5 * np.tanh(0.5 * (x @ w.T + b1))
    delta2 = (h @ w + b2 - x) / len(x)
    delta1 = (delta2 @ w.T) * h * (1 - h)
    return delta1.T @ x + h.T @ delta2, delta1.sum(axis=0), delta2.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "tied--measured", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

result = checks.call_unchanged(tied_gradients, np.array([[3.0]]), np.zeros((1, 1)), np.zeros(1), np.ones(1))
checks.check_true(isinstance(result, tuple | list) and len(result) == 3, "tied_gradients should return (dw, db1, db2)")
rng = np.random.default_rng(4)
x, w, b1, b2 = (rng.standard_normal(shape) for shape in ((4, 3), (2, 3), (2,), (3,)))


def loss(w, b1, b2):
    return np.sum((1 / (1 + np.exp(-(x @ w.T + b1))) @ w + b2 - x) ** 2) / 8


dw, db1, db2 = tied_gradients(x, w, b1, b2)
steps = 1e-5 * np.eye(6).reshape(6, 2, 3)
slopes = [(loss(w + step, b1, b2) - loss(w - step, b1, b2)) / 2e-5 for step in steps]
print(checks.difference_table(dw, np.reshape(slopes, (2, 3))))
checks.check_value("dw of the example", result[0], [[-1.0]])
checks.check_gradient("dw", dw, lambda w: loss(w, b1, b2), w, batch=4)
checks.check_gradient("db1", db1, lambda b1: loss(w, b1, b2), b1, batch=4)
checks.check_gradient("db2", db2, lambda b2: loss(w, b1, b2), b2, batch=4)

# %% nbgrader={"grade": true, "grade_id": "tied--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(5)
x, w, b1, b2 = (rng.standard_normal(shape) for shape in ((1, 4), (2, 4), (2,), (4,)))
for name, yours, like in zip(("dw", "db1", "db2"), tied_gradients(x, w, b1, b2), (w, b1, b2), strict=True):
    checks.check_true(
        np.shape(yours) == like.shape, f"{name} of a batch of one has shape {np.shape(yours)}, expected {like.shape}"
    )
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
for n, d, m in ((7, 5, 3), (4, 3, 3), (1, 2, 4)):
    x, w, b1, b2 = (rng.standard_normal(shape) for shape in ((n, d), (m, d), (m,), (d,)))
    x_hat, _, cache = reference.tied_forward(x, w, b1, b2, output="linear")
    expected = reference.tied_backward((x_hat - x) / n, cache)
    for name, yours, want in zip(("dw", "db1", "db2"), tied_gradients(x, w, b1, b2), expected, strict=True):
        checks.check_value(f"{name} of a batch of {n}, {d} inputs, {m} units", yours, want, batch=n, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "components-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: principal components of some, copies of others (15 points)
#
# The components of one set of samples can be used to copy another. Write
#
# `component_copy(known, new, k)`, the projections $\hat{\mathbf{x}} = \boldsymbol\mu + C^{\mathsf T}C(\mathbf{x} - \boldsymbol\mu)$ of the samples in `new`, where $\boldsymbol\mu$ and the $k$ components, the rows of $C$, are those of `known`, and
#
# `share_kept(known, k)`, the share of the whole variance of `known` that lies along its first $k$ components, a number from 0 to 1.
#
# - `known` has shape $(N, D)$, `new` $(N', D)$, and so has the result; $k$ is at most $N$ and $D$. `numpy.linalg` is yours to use.
#
# Example: the samples $(12, 2)$, $(8, -2)$, $(11, -1)$, $(9, 1)$ have the mean $(10, 0)$; the first component is $(1, 1)/\sqrt2$ with the variance 4, the second has the variance 1. With $k = 1$ the new sample $(13, 1)$ becomes $(12, 2)$, and the share kept is 0.8.


# %% nbgrader={"grade": false, "grade_id": "components", "locked": false, "schema_version": 3, "solution": true, "task": false}
def component_copy(known, new, k):
    """Return the samples in new, projected onto the first k principal components of known."""
    ### BEGIN SOLUTION
    mean = known.mean(axis=0)
    components = np.linalg.svd(known - mean)[2][:k]
    return mean + (new - mean) @ components.T @ components
    ### END SOLUTION


def share_kept(known, k):
    """Return the share of the variance of known along its first k principal components."""
    ### BEGIN SOLUTION
    s = np.linalg.svd(known - known.mean(axis=0), compute_uv=False)
    return np.sum(s[:k] ** 2) / np.sum(s**2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "components--copy", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

known = np.array([[12.0, 2.0], [8.0, -2.0], [11.0, -1.0], [9.0, 1.0]])
yours = checks.call_unchanged(component_copy, known, np.array([[13.0, 1.0]]), 1)
print(checks.difference_table(yours, [[12.0, 2.0]]))
checks.check_value("the copy of the example", yours, [[12.0, 2.0]])
checks.check_value("the copy with both components", component_copy(known, np.array([[13.0, 1.0]]), 2), [[13.0, 1.0]])

# %% nbgrader={"grade": true, "grade_id": "components--new", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(6)
known, new = rng.standard_normal((9, 4)) @ rng.standard_normal((4, 4)) + 2, rng.standard_normal((5, 4))
yours = component_copy(known, new, 2)
checks.check_true(np.shape(yours) == (5, 4), f"the result has shape {np.shape(yours)}, expected that of new, (5, 4)")
checks.check_value(
    "the copy of a copy, where nothing is left to lose,", component_copy(known, np.asarray(yours), 2), yours
)
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
for k in (1, 3):
    expected = reference.pca_reconstruction(new, reference.principal_components(known, k))
    checks.check_value(f"the copies of new samples, k = {k}", component_copy(known, new, k), expected, reveal=False)
wide = rng.standard_normal((3, 6)) + 1
expected = reference.pca_reconstruction(wide + 1, reference.principal_components(wide, 2))
checks.check_value(
    "the copies where known has fewer samples than entries", component_copy(wide, wide + 1, 2), expected, reveal=False
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "components--share", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

known = np.array([[12.0, 2.0], [8.0, -2.0], [11.0, -1.0], [9.0, 1.0]])
yours = checks.call_unchanged(share_kept, known, 1)
checks.check_true(np.ndim(yours) == 0, f"the share kept has shape {np.shape(yours)}; it is one number from 0 to 1")
print(checks.difference_table(yours, 0.8))
checks.check_value("the share kept in the example", yours, 0.8)
checks.check_value("the share kept by all components", share_kept(known, 2), 1.0)
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
known = np.random.default_rng(7).standard_normal((8, 5)) * [3.0, 1.0, 2.0, 0.5, 1.0] + 4
variances = reference.principal_components(known, 5).variances
for k in (1, 2, 4):
    checks.check_value(
        f"the share kept by {k} of 5 components",
        share_kept(known, k),
        np.sum(variances[:k]) / np.sum(variances),
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "activity-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: a price for tanh codes (15 points)
#
# Codes of tanh units lie between −1 and 1. Call a unit fully active at 1 and silent at −1; its mean activity is then $\hat\rho_m = \frac1N\sum_n \frac{1 + h_{nm}}{2}$. The price is as in the chapter, with the wanted activity first: $S = \sum_m \rho\ln\frac{\rho}{\hat\rho_m} + (1 - \rho)\ln\frac{1 - \rho}{1 - \hat\rho_m}$. Write
#
# `activity_price(code, target)`, the number $S$, and
#
# `activity_price_gradient(code, target)`, the array $\partial S/\partial h_{nm}$
#
# - `code` has shape $(N, M)$, and so has the gradient; `target` is $\rho$, between 0 and 1. No unit is always silent or always active.
#
# Example: one unit with the codes −0.6, 0.6, 0.2 and −0.2 has $\hat\rho = \tfrac12$; for $\rho = \tfrac14$ the price is $\tfrac14\ln\tfrac12 + \tfrac34\ln\tfrac32 = 0.1308$, and the gradient is 0.125 for each of the four samples.


# %% nbgrader={"grade": false, "grade_id": "activity", "locked": false, "schema_version": 3, "solution": true, "task": false}
def activity_price(code, target):
    """Return the price of the mean activities of tanh units."""
    ### BEGIN SOLUTION
    active = (1 + code.mean(axis=0)) / 2
    return np.sum(target * np.log(target / active) + (1 - target) * np.log((1 - target) / (1 - active)))
    ### END SOLUTION


def activity_price_gradient(code, target):
    """Return the gradient of activity_price for the code."""
    ### BEGIN SOLUTION
    active = (1 + code.mean(axis=0)) / 2
    slope = (1 - target) / (1 - active) - target / active
    return np.tile(slope / (2 * len(code)), (len(code), 1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "activity--price", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(activity_price, np.array([[-0.6], [0.6], [0.2], [-0.2]]), 0.25)
expected = 0.25 * np.log(0.5) + 0.75 * np.log(1.5)
checks.check_true(
    np.ndim(yours) == 0, f"the price has shape {np.shape(yours)}; it is one number, the sum over all units"
)
print(checks.difference_table(yours, expected))
checks.check_value("the price of the example", yours, expected)
code = np.array([[-0.9, -0.2, 0.4], [-0.7, -0.6, 0.0]])  # activities 0.1, 0.3 and 0.6
own = [activity_price(code[:, [m]], 0.1) for m in range(3)]
checks.check_value("the price of a unit whose activity is the target", own[0], 0.0)
checks.check_value("the price of three units, against the sum of their own", activity_price(code, 0.1), np.sum(own))
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
rng = np.random.default_rng(8)
for shape, target in (((5, 3), 0.05), ((4, 4), 0.3), ((1, 3), 0.1)):
    code = np.tanh(rng.standard_normal(shape))
    checks.check_value(
        f"the price of a code of shape {shape}",
        activity_price(code, target),
        reference.kl_sparsity((1 + code) / 2, target),
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "activity--gradient", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(activity_price_gradient, np.array([[-0.6], [0.6], [0.2], [-0.2]]), 0.25)
checks.check_true(
    np.shape(yours) == (4, 1),
    f"the gradient of the example has shape {np.shape(yours)}; it has that of the code, (4, 1), a row for each sample",
)
print(checks.difference_table(yours, np.full((4, 1), 0.125)))
checks.check_value("the gradient of the example", yours, np.full((4, 1), 0.125), batch=4)


def price(code):
    active = (1 + np.mean(code, axis=0)) / 2
    return np.sum(0.2 * np.log(0.2 / active) + 0.8 * np.log(0.8 / (1 - active)))


code = np.tanh(np.random.default_rng(9).standard_normal((4, 3)))
checks.check_gradient("the gradient for a batch", activity_price_gradient(code, 0.2), price, code, batch=4)

# %% nbgrader={"grade": true, "grade_id": "activity--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = activity_price_gradient(np.array([[-0.5, 0.1]]), 0.25)
checks.check_true(np.shape(yours) == (1, 2), f"the gradient of a batch of one has shape {np.shape(yours)}, not (1, 2)")
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
rng = np.random.default_rng(10)
for shape, target in (((6, 2), 0.05), ((3, 3), 0.3), ((1, 4), 0.1)):
    code = np.tanh(rng.standard_normal(shape))
    checks.check_value(
        f"the gradient for a code of shape {shape}",
        activity_price_gradient(code, target),
        reference.kl_sparsity_gradient((1 + code) / 2, target) / 2,
        batch=shape[0],
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "largest-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: only the largest survive (10 points)
#
# Instead of a price one can give an order: of each sample's code, the $k$ largest entries stay, the others become 0. (This is the $k$-sparse autoencoder of Makhzani and Frey, 2014.) Write
#
# `keep_largest(code, k)`, the thinned code, and
#
# `keep_largest_backward(dout, code, k)`, which turns the gradient for the thinned code into the gradient for `code`
#
# - all arrays have shape $(N, M)$; $1 \le k \le M$; *largest* goes by value, so 1 is larger than −2; no row has equal entries. Nothing handed in may change.
#
# Example: of $(3, -5, 1)$ with $k = 2$ remains $(3, 0, 1)$; a gradient $(10, 20, 30)$ comes back as $(10, 0, 30)$.


# %% nbgrader={"grade": false, "grade_id": "largest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keep_largest(code, k):
    """Return the code with the k largest entries of each row, and 0 elsewhere."""
    ### BEGIN SOLUTION
    smallest_kept = np.sort(code, axis=1)[:, [-k]]
    return code * (code >= smallest_kept)
    ### END SOLUTION


def keep_largest_backward(dout, code, k):
    """Return the gradient for the code, given that for the thinned code."""
    ### BEGIN SOLUTION
    smallest_kept = np.sort(code, axis=1)[:, [-k]]
    return dout * (code >= smallest_kept)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "largest--forward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

code = np.array([[3.0, -5.0, 1.0], [0.5, 0.2, 0.9]])
yours = checks.call_unchanged(keep_largest, code, 2)
checks.check_true(
    np.shape(yours) == (2, 3),
    f"the thinned code has shape {np.shape(yours)}; it keeps the shape of the code, (2, 3), with 0 for what is dropped",
)
print(checks.difference_table(yours, [[3.0, 0.0, 1.0], [0.5, 0.0, 0.9]]))
checks.check_value("the two largest of each row", yours, [[3.0, 0.0, 1.0], [0.5, 0.0, 0.9]])
checks.check_value("with k as large as the code, everything", keep_largest(code, 3), code)
### BEGIN HIDDEN TESTS
code = np.random.default_rng(11).standard_normal((7, 6))
for k in (1, 4):
    expected = np.zeros((7, 6))
    for n in range(7):
        for m in sorted(range(6), key=lambda m: code[n, m])[6 - k :]:
            expected[n, m] = code[n, m]
    checks.check_value(f"the {k} largest of six, for seven samples", keep_largest(code, k), expected, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "largest--backward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

code, dout = np.array([[3.0, -5.0, 1.0]]), np.array([[10.0, 20.0, 30.0]])
yours = checks.call_unchanged(keep_largest_backward, dout, code, 2)
print(checks.difference_table(yours, [[10.0, 0.0, 30.0]]))
checks.check_value("the gradient of the example", yours, [[10.0, 0.0, 30.0]])
rng = np.random.default_rng(12)
code, dout = rng.standard_normal((4, 5)), rng.standard_normal((4, 5))


def through(code):
    return sum(
        np.sum(np.sort(row)[-2:] * weights[np.argsort(row)[-2:]]) for row, weights in zip(code, dout, strict=True)
    )


checks.check_gradient("the gradient for a batch, k = 2", keep_largest_backward(dout, code, 2), through, code)
checks.check_value("the gradient where all are kept", keep_largest_backward(dout, code, 5), dout)

# %% [markdown] nbgrader={"grade": false, "grade_id": "objective-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: all prices together (10 points)
#
# For their sparse codes of photographs, Olshausen and Field (1996) also priced each activity by $\ln(1 + h^2)$. With it the objective reads
#
# $$J = \frac1N\sum_n\tfrac12\lVert\hat{\mathbf{x}}_n - \mathbf{x}_n\rVert^2 + \frac\lambda2\bigl(\lVert W^1\rVert^2 + \lVert W^2\rVert^2\bigr) + \frac\beta N\sum_n\sum_m\ln(1 + h_{nm}^2) .$$
#
# Write `sparse_objective(x, x_hat, code, w1, w2, decay, strength)`, which returns `(value, dx_hat, dcode, dw1, dw2)`: $J$, and its gradients for `x_hat`, `code`, `w1` and `w2`, each with the other arguments held fixed. (A backward pass would carry `dx_hat` and `dcode` on; that is not asked here.)
#
# - `x` and `x_hat` have shape $(N, D)$, `code` $(N, M)$, `w1` $(M, D)$, `w2` $(D, M)$; `decay` is $\lambda$ and `strength` $\beta$; each gradient has the shape of what it is for.
#
# Example: $x = 0$, $\hat x = 2$, $h = 1$, $w^1 = 1$, $w^2 = 3$, $\lambda = 0.2$, $\beta = 10$: $J = 2 + 1 + 10\ln 2$, and the gradients are 2, 10, 0.2 and 0.6.


# %% nbgrader={"grade": false, "grade_id": "objective", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sparse_objective(x, x_hat, code, w1, w2, decay, strength):
    """Return (value, dx_hat, dcode, dw1, dw2) of an objective with weight decay and a price on activity."""
    ### BEGIN SOLUTION
    n = len(x)
    value = np.sum((x_hat - x) ** 2) / (2 * n)
    value += decay / 2 * (np.sum(w1**2) + np.sum(w2**2))
    value += strength / n * np.sum(np.log1p(code**2))
    return value, (x_hat - x) / n, strength / n * 2 * code / (1 + code**2), decay * w1, decay * w2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "objective--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

one = [np.array([[number]]) for number in (0.0, 2.0, 1.0, 1.0, 3.0)]
result = checks.call_unchanged(sparse_objective, *one, 0.2, 10.0)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 5,
    "sparse_objective should return (value, dx_hat, dcode, dw1, dw2)",
)
print(checks.difference_table(result[0], 3 + 10 * np.log(2)))
checks.check_value("the value of the example", result[0], 3 + 10 * np.log(2))
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
rng = np.random.default_rng(13)
x, w1, b1, w2, b2 = (rng.standard_normal(shape) for shape in ((5, 4), (3, 4), (3,), (4, 3), (4,)))
x_hat, code, _ = reference.autoencoder_forward(x, w1, b1, w2, b2)
theta = reference.pack(w1, b1, w2, b2)
for decay in (0.0, 0.3):
    expected = reference.sparse_loss_and_gradient(theta, x, 3, decay=decay)[0]
    yours = sparse_objective(x, x_hat, code, w1, w2, decay, 0.0)[0]
    checks.check_value(f"the value of a batch without a price, decay {decay}", yours, expected, batch=5, reveal=False)
price = sum(np.log(1 + h * h) for h in code.ravel()) / 5
yours = sparse_objective(x, x, code, w1, w2, 0.0, 0.7)[0]
checks.check_value("the value of a batch with the price alone", yours, 0.7 * price, batch=5, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "objective--gradients", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

one = [np.array([[number]]) for number in (0.0, 2.0, 1.0, 1.0, 3.0)]
names = ("dx_hat", "dcode", "dw1", "dw2")
for name, yours, expected in zip(names, sparse_objective(*one, 0.2, 10.0)[1:], (2.0, 10.0, 0.2, 0.6), strict=True):
    checks.check_value(f"{name} of the example", yours, [[expected]])
rng = np.random.default_rng(14)
x, x_hat, code, w1, w2 = (rng.standard_normal(shape) for shape in ((4, 3), (4, 3), (4, 2), (2, 3), (3, 2)))


def objective(x_hat, code, w1, w2):
    copying = np.mean(np.sum((x_hat - x) ** 2, axis=1)) / 2
    weights = 0.35 * (np.sum(w1 * w1) + np.sum(w2 * w2))
    return copying + weights + 0.4 * np.mean(np.sum(np.log(1 + code * code), axis=1))


_, dx_hat, dcode, dw1, dw2 = sparse_objective(x, x_hat, code, w1, w2, 0.7, 0.4)
checks.check_gradient("dx_hat", dx_hat, lambda x_hat: objective(x_hat, code, w1, w2), x_hat, batch=4)
checks.check_gradient("dcode", dcode, lambda code: objective(x_hat, code, w1, w2), code, batch=4)
checks.check_gradient("dw1", dw1, lambda w1: objective(x_hat, code, w1, w2), w1)
checks.check_gradient("dw2", dw2, lambda w2: objective(x_hat, code, w1, w2), w2)

# %% [markdown] nbgrader={"grade": false, "grade_id": "bytes-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: bytes (10 points)
#
# A tanh code is to be sent with $k$ bits a unit, so as one of $2^k$ evenly spaced values from −1 to 1, both ends included. Write
#
# `rounded_code(code, bits)`, the code that the receiver gets: each entry replaced by the nearest of these values, and
#
# `bytes_sent(pictures, inputs, code_size, bits)`, the number of bytes for the codes of so many pictures and for the decoder
#
# - `code` has shape $(N, M)$ with entries from −1 to 1, and so has the result;
# - the bits of all codes follow each other without gaps, and the last byte is filled up; the decoder, weights and biases of one layer from `code_size` to `inputs`, takes 4 bytes a number. The result is a whole number.
#
# Examples: with 2 bits the values are −1, −⅓, ⅓ and 1, so 0.5 becomes ⅓. Three pictures with 5 units of 2 bits are 30 bits, so 4 bytes; with 8 inputs the decoder has $8 \cdot 5 + 8$ numbers, and 196 bytes are sent.


# %% nbgrader={"grade": false, "grade_id": "bytes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rounded_code(code, bits):
    """Return the code with each entry moved to the nearest of 2**bits even steps from -1 to 1."""
    ### BEGIN SOLUTION
    top = 2**bits - 1
    return np.round((code + 1) / 2 * top) / top * 2 - 1
    ### END SOLUTION


def bytes_sent(pictures, inputs, code_size, bits):
    """Return how many bytes the codes of some pictures take, together with the decoder."""
    ### BEGIN SOLUTION
    codes = -(-pictures * code_size * bits // 8)
    return codes + 4 * (inputs * code_size + inputs)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bytes--rounded", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(rounded_code, np.array([[0.5, -1.0], [0.9, -0.1]]), 2)
print(checks.difference_table(yours, [[1 / 3, -1.0], [1.0, -1 / 3]]))
checks.check_value("the code with 2 bits", yours, [[1 / 3, -1.0], [1.0, -1 / 3]])
checks.check_value("the code with 1 bit", rounded_code(np.array([[0.1, -0.7, 1.0]]), 1), [[1.0, -1.0, 1.0]])
### BEGIN HIDDEN TESTS
code = np.tanh(np.random.default_rng(15).standard_normal((5, 4)))
for bits in (3, 8):
    values = np.linspace(-1, 1, 2**bits)
    expected = values[np.abs(code[:, :, None] - values).argmin(axis=2)]
    checks.check_value(f"a code with {bits} bits", rounded_code(code, bits), expected, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bytes--sent", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = bytes_sent(3, 8, 5, 2)
print(checks.difference_table(yours, 196))
checks.check_value("the bytes of the example", yours, 196)
checks.check_value("the bytes of the decoder alone, before any picture", bytes_sent(0, 8, 5, 2), 192)
### BEGIN HIDDEN TESTS
reference = checks.reference("autoencoders")
w1, b1, w2, b2 = reference.unpack(np.zeros(2 * 16 * 64 + 16 + 64), 64, 16)
for pictures, bits in ((1000, 8), (7, 3), (1, 1)):
    numbers = w2.size + b2.size
    expected = 4 * numbers + (pictures * 16 * bits + 7) // 8
    checks.check_value(
        f"the bytes of {pictures} codes of 16 units with {bits} bits",
        bytes_sent(pictures, 64, 16, bits),
        expected,
        reveal=False,
    )
checks.check_value("the bytes of one code of 3 units with 3 bits", bytes_sent(1, 2, 3, 3), 34, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: your network against your components
#
# Sixteen tied units, `tied_gradients` in a loop, and digits; beside them the copies by sixteen of your components, all for digits that neither has seen. Which errors are smaller, and do you see it in the pictures? Then look at the second row: the code of *sixteen* numbers of which only the four largest were allowed to speak. The network was not trained for that. What would you have to change in the loop?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
images, labels = datasets.digits()
rows = images.reshape(-1, 64)[np.random.default_rng(16).permutation(len(images))]
known, new = rows[:1000], rows[1000:1010]
w, b1, b2 = 0.3 * np.random.default_rng(17).standard_normal((16, 64)), np.zeros(16), known.mean(axis=0)
for _ in range(1500):
    dw, db1, db2 = tied_gradients(known, w, b1, b2)
    w, b1, b2 = w - 0.2 * dw, b1 - 0.2 * db1, b2 - 0.2 * db2

code = 1 / (1 + np.exp(-(new @ w.T + b1)))
copies = {
    "new digits": new,
    "four of sixteen": keep_largest(code, 4) @ w + b2,
    "sixteen tied units": code @ w + b2,
    "sixteen components": component_copy(known, new, 16),
}
figure, panels = plots.new_axes(rows=4, width=7, height=4)
for axes, (name, pictures) in zip(panels, copies.items(), strict=True):
    error = np.mean(np.sum((pictures - new) ** 2, axis=1))
    tiles = [np.pad(picture.reshape(8, 8), 1, constant_values=np.nan) for picture in pictures]
    axes.imshow(np.hstack(tiles), vmin=0, vmax=1)
    axes.set_title(f"{name}, error {error:.2f}", fontsize=9)
    axes.set_axis_off()

# %% [markdown] nbgrader={"grade": false, "grade_id": "meaning-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 9: in your own words (10 points)
#
# A colleague shows you an autoencoder for pictures of 64 pixels, with 100 code units and no price on anything. Its error on new pictures is almost 0. "It has understood digits", your colleague says. In six to ten sentences: why does the error not show that; which two things would you look at or try with the network as it is, to find out what it has learned; and which two changes, different in kind, would make copying hard enough that something has to be learned, with what you would expect to see in the first layer's weights or in the copies afterwards.

# %% [markdown] nbgrader={"grade": true, "grade_id": "meaning--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 3 for why (100 units can hand 64 numbers through, so the error can be 0 without any knowledge of digits; new pictures do not help, since handing through works for them as well); 3 for two tests of the network as it is (pictures that are no digits, such as noise or shuffled pixels, are copied just as well; spoilt digits come out spoilt; the mosaic of the first layer shows no strokes; random codes do not decode to digits; any two sensible ones); 4 for two changes different in kind, each with its effect (a narrow code: the error rises, the copies lose what is rare; noise or masking with the clean target: copies of spoilt digits become clean; a price on activity with weight decay: tiles of the mosaic show strokes or edges, few units are active). Two widths of the code are one change.
#
# **Full (10).** "With 100 units the network can pass each of the 64 pixels along and get every picture right, digit or not, so a small error on new digits tells us only that it copies. I would send it pictures of random pixels: if their error is as small, the code is not about digits. I would also add noise to digits; a network that hands things through returns the noise. To force it to learn, I could narrow the code to, say, 10 units. Then not every picture can be copied, the error on digits rises a little and the one on random pictures a lot. Or I keep the 100 units and train it to return clean digits for noisy ones, so that it has to know what strokes look like, and its copies of noisy digits become clean. Or I price mean activity, which makes units in the mosaic look like pieces of strokes."
#
# **Half (5).** "100 is more than 64, so it can simply copy (2). I would make the code smaller, for example 10 or 20 units, then it has to compress and the copies become blurry (2). One could test it with other pictures (1)." (Only one change, one vague test.)
#
# **None (0).** "The error is small on new pictures, so it does not overfit and has understood them. More data would make it even better."
#
# === END MARK SCHEME ===
# ### END SOLUTION
