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
# # Assignment 11: Pooling and convolutional networks
#
# **Goal.** You will pool maps in ways that chapter 11 does not show, send errors back where windows overlap and entries tie, keep account of sizes and parameters, and put networks together from parts. At the end your last function trains a network that does not mind where the digit is.
#
# **Points.** Seven questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, and the library's `checks`, `plots`, `activations`, `convolution`, `datasets`, `finite_differences`, `losses` and `networks`. `course_lib.pooling` holds answers; it is withheld here and open to you afterwards.
#
# **Letters.** Questions 1 to 4 are about one map of shape $(H, W)$; then maps are $(N, C, H, W)$. Windows start in the upper left corner and move by the stride; a window that would reach over the border is left out, so along an axis of length $n$ there are $\lfloor (n - k)/s \rfloor + 1$ windows of length $k$, $s$ apart. Loops are as good as fast code.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, convolution, datasets, plots

checks.withhold("pooling")

# %% [markdown] nbgrader={"grade": false, "grade_id": "largest-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: the largest, and where it was (15 points)
#
# Max-pooling has to remember where each largest entry came from. Write
#
# `largest_with_places(x, window, stride)`, which returns the pair `(out, places)`
#
# - `x` is one map $(H, W)$; `window` and `stride` are pairs of whole numbers (rows, columns), and they may differ;
# - `out` has shape $(H_o, W_o)$ and holds the largest entry of each window;
# - `places` has shape $(H_o, W_o, 2)$: for each window the row and the column *in the map* of its largest entry; of several equal ones the first, row by row;
# - entries may be negative, and `x` must not change.
#
# Example: the map $\begin{pmatrix}1&2&5&0\\3&4&0&5\end{pmatrix}$ with windows $(2, 2)$, two apart, gives `out` $= (4\;\,5)$ and the places $(1, 1)$ and $(0, 2)$.


# %% nbgrader={"grade": false, "grade_id": "largest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def largest_with_places(x, window, stride):
    """Return (out, places) of max-pooling a map."""
    ### BEGIN SOLUTION
    (kh, kw), (sh, sw) = window, stride
    ho, wo = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
    out, places = np.zeros((ho, wo)), np.zeros((ho, wo, 2), dtype=int)
    for i in range(ho):
        for j in range(wo):
            part = x[i * sh : i * sh + kh, j * sw : j * sw + kw]
            u, v = np.unravel_index(np.argmax(part), part.shape)
            out[i, j], places[i, j] = part[u, v], (i * sh + u, j * sw + v)
    return out, places
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "largest--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[1.0, 2.0, 5.0, 0.0], [3.0, 4.0, 0.0, 5.0]])
result = checks.call_unchanged(largest_with_places, x, (2, 2), (2, 2))
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "largest_with_places should return the pair (out, places)"
)
print(checks.difference_table(result[0], [[4.0, 5.0]]))
checks.check_value("out of the example", result[0], [[4.0, 5.0]])
print(checks.difference_table(result[1], [[[1, 1], [0, 2]]]))
checks.check_value("places of the example, each (row, column) in the map,", result[1], [[[1, 1], [0, 2]]])

# %% nbgrader={"grade": true, "grade_id": "largest--overlap", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[9.0, 1.0, 2.0, 3.0, 0.0], [4.0, 5.0, 6.0, 7.0, 8.0], [0.0, 0.0, 1.0, 0.0, 0.0]])
out, places = largest_with_places(x, (2, 3), (1, 2))
checks.check_value("out for windows of (2, 3), (1, 2) apart,", out, [[9.0, 8.0], [6.0, 8.0]])
checks.check_value("places for windows of (2, 3), (1, 2) apart,", places, [[[0, 0], [1, 4]], [[1, 2], [1, 4]]])
### BEGIN HIDDEN TESTS
reference = checks.reference("pooling")
rng = np.random.default_rng(1)
for shape, window, stride in (((7, 10), (2, 3), (3, 2)), ((6, 5), (3, 2), (1, 1)), ((4, 4), (4, 4), (1, 1))):
    x = rng.permutation(shape[0] * shape[1]).reshape(shape).astype(float)
    out, places = largest_with_places(x, window, stride)
    expected = reference.max_pool2d_forward(x[None, None], window, stride)[0][0, 0]
    checks.check_value(f"out for a map of {shape}, windows {window}, stride {stride},", out, expected, reveal=False)
    where = np.argwhere(np.isin(x, expected))
    by_value = {x[row, column]: (row, column) for row, column in where}
    checks.check_value(
        f"places for a map of {shape}, windows {window}, stride {stride},",
        places,
        np.array([[by_value[value] for value in row] for row in expected]),
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "largest--ties", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[2, 2, 0, 7], [2, 1, 7, 7], [-3, -1, -5, -5], [-1, -1, -5, -4]])
out, places = largest_with_places(x, (2, 2), (2, 2))
checks.check_value("out of a map of whole numbers with negative ones", out, [[2, 7], [-1, -4]])
checks.check_value("places where entries are equal", places, [[[0, 0], [0, 3]], [[2, 1], [3, 3]]])
### BEGIN HIDDEN TESTS
reference = checks.reference("pooling")
x = np.random.default_rng(2).integers(-3, 0, (6, 9))
out, places = largest_with_places(x, (3, 3), (3, 3))
expected, cache = reference.max_pool2d_forward(x[None, None], 3)
checks.check_value("out of another map with ties", out, expected[0, 0], reveal=False)
first = np.argwhere(reference.max_pool2d_backward(np.ones((1, 1, 2, 3)), cache)[0, 0])
first = first[np.lexsort((first[:, 1] // 3, first[:, 0] // 3))].reshape(2, 3, 2)
checks.check_value("places in another map with ties", places, first, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "largest-back-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: equal shares among the largest (15 points)
#
# The library gives the error of a window to its first largest entry. Another right answer is to let all largest entries of a window share it evenly. Write
#
# `share_among_largest(dout, x, window, stride)`, the gradient for `x`
#
# - `x` is one map $(H, W)$, `dout` holds the error of each window, $(H_o, W_o)$; `window` and `stride` are pairs (rows, columns);
# - if $t$ entries of a window are its largest, each receives $1/t$ of the window's error;
# - an entry that lies in several windows receives the sum; nothing handed in may change.
#
# Example: the map $\begin{pmatrix}7&7&1\\2&7&4\end{pmatrix}$ with one window $(2, 2)$, stride $(2, 2)$ and the error $6$ gives $\begin{pmatrix}2&2&0\\0&2&0\end{pmatrix}$.


# %% nbgrader={"grade": false, "grade_id": "largest-back", "locked": false, "schema_version": 3, "solution": true, "task": false}
def share_among_largest(dout, x, window, stride):
    """Return the gradient of max-pooling for x, shared evenly among the largest entries of a window."""
    ### BEGIN SOLUTION
    (kh, kw), (sh, sw) = window, stride
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape):
        rows, columns = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
        largest = x[rows, columns] == x[rows, columns].max()
        dx[rows, columns] += dout[i, j] * largest / largest.sum()
    return dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "largest-back--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x, dout = np.array([[7.0, 7.0, 1.0], [2.0, 7.0, 4.0]]), np.array([[6.0]])
yours = checks.call_unchanged(share_among_largest, dout, x, (2, 2), (2, 2))
print(checks.difference_table(yours, [[2.0, 2.0, 0.0], [0.0, 2.0, 0.0]]))
checks.check_value("the gradient of the example", yours, [[2.0, 2.0, 0.0], [0.0, 2.0, 0.0]])

# %% nbgrader={"grade": true, "grade_id": "largest-back--overlap", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[1.0, 9.0, 2.0], [3.0, 4.0, 5.0], [8.0, 6.0, 7.0]])
dout = np.array([[1.0, 10.0], [100.0, 1000.0]])
yours = checks.call_unchanged(share_among_largest, dout, x, (2, 2), (1, 1))
expected = [[0.0, 11.0, 0.0], [0.0, 0.0, 0.0], [100.0, 0.0, 1000.0]]
print(checks.difference_table(yours, expected))
checks.check_value("the gradient of four windows that overlap", yours, expected)
### BEGIN HIDDEN TESTS
reference = checks.reference("pooling")
rng = np.random.default_rng(3)
for shape, window, stride in (((7, 9), (2, 3), (1, 2)), ((8, 5), (3, 2), (2, 3))):
    x = rng.permutation(shape[0] * shape[1]).reshape(shape).astype(float)
    out, cache = reference.max_pool2d_forward(x[None, None], window, stride)
    dout = rng.standard_normal(out.shape)
    checks.check_value(
        f"the gradient for a map of {shape}, windows {window}, stride {stride}, without ties,",
        share_among_largest(dout[0, 0], x, window, stride),
        reference.max_pool2d_backward(dout, cache)[0, 0],
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "largest-back--ties", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[5, 0, 5, 0, 5], [0, 5, 0, 5, 0], [5, 0, 5, 0, 5]])
dout = np.array([[12.0, -6.0]])
yours = share_among_largest(dout, x, (3, 3), (1, 2))
checks.check_true(
    np.asarray(yours).dtype.kind == "f",
    "the gradient of a map of whole numbers came out as whole numbers, which cuts shares off; collect it in floats",
)
checks.check_true(
    abs(np.sum(yours) - 6.0) < 1e-9,
    f"all shares together are {np.sum(yours):g}, but the windows' errors, 12 and −6, add up to 6",
)
expected = np.array([[2.4, 0, 1.2, 0, -1.2], [0, 2.4, 0, -1.2, 0], [2.4, 0, 1.2, 0, -1.2]])
checks.check_value("the gradient for a map of whole numbers with ties in both windows", yours, expected)
### BEGIN HIDDEN TESTS
reference = checks.reference("pooling")
rng = np.random.default_rng(4)
x = rng.permutation(36).reshape(6, 6) // 2  # every number twice: no window holds more than two of its largest
forth, back = reference.max_pool2d_forward, reference.max_pool2d_backward
out, cache = forth(x[None, None], 3, 1)
dout = rng.standard_normal(out.shape)
first = back(dout, cache)[0, 0]
turned = x[::-1, ::-1]
last = back(dout[..., ::-1, ::-1], forth(turned[None, None], 3, 1)[1])[0, 0][::-1, ::-1]
checks.check_value(
    "the gradient for another map with ties and overlap",
    share_among_largest(dout[0, 0], x, (3, 3), (1, 1)),
    (first + last) / 2,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "mean-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: the mean of what is there (10 points)
#
# With padding, windows at the border hang over it. Averaging over the zeros out there makes the border darker. Write an average-pooling that does not,
#
# `mean_inside(x, window, stride, padding)`
#
# - `x` is one map $(H, W)$; `window`, `stride` and `padding` are whole numbers, the same for rows and columns; `padding` is less than `window`;
# - windows are laid on the map with `padding` rows and columns more on *every* side, so there are $\lfloor (n + 2p - k)/s \rfloor + 1$ along an axis;
# - each result is the mean of those entries of the window that lie *inside* the map; the result has shape $(H_o, W_o)$, and `x` must not change.
#
# Example: $\begin{pmatrix}1&2\\3&6\end{pmatrix}$ with window 2, stride 1 and padding 1 gives $\begin{pmatrix}1&1.5&2\\2&3&4\\3&4.5&6\end{pmatrix}$: each corner sees one entry, the middle all four.


# %% nbgrader={"grade": false, "grade_id": "mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_inside(x, window, stride, padding):
    """Return the means over windows, counting only entries inside the map."""
    ### BEGIN SOLUTION
    ho, wo = ((n + 2 * padding - window) // stride + 1 for n in x.shape)
    out = np.zeros((ho, wo))
    for i in range(ho):
        for j in range(wo):
            top, left = i * stride - padding, j * stride - padding
            out[i, j] = x[max(top, 0) : top + window, max(left, 0) : left + window].mean()
    return out
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mean--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[1.0, 2.0], [3.0, 6.0]])
yours = checks.call_unchanged(mean_inside, x, 2, 1, 1)
expected = [[1.0, 1.5, 2.0], [2.0, 3.0, 4.0], [3.0, 4.5, 6.0]]
print(checks.difference_table(yours, expected))
checks.check_value("the means of the example", yours, expected)

# %% nbgrader={"grade": true, "grade_id": "mean--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

checks.check_value("the means of a map of ones", mean_inside(np.ones((5, 7)), 3, 2, 1), np.ones((3, 4)))
checks.check_value(
    "the means of whole numbers, without padding,", mean_inside(np.array([[1, 2, 5], [3, 0, 9]]), 2, 2, 0), [[1.5]]
)
### BEGIN HIDDEN TESTS
reference = checks.reference("pooling")
rng = np.random.default_rng(5)
for shape, window, stride, padding in (((5, 8), 3, 2, 1), ((6, 6), 4, 3, 3), ((7, 4), 2, 3, 1), ((4, 5), 3, 1, 0)):
    x = rng.standard_normal(shape)
    padded, inside = (np.pad(array, padding)[None, None] for array in (x, np.ones(shape)))
    sums, counts = (reference.average_pool2d_forward(array, window, stride)[0] for array in (padded, inside))
    checks.check_value(
        f"the means of a map of {shape}, window {window}, stride {stride}, padding {padding},",
        mean_inside(x, window, stride, padding),
        (sums / counts)[0, 0],
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "mean-back-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: and its way back (10 points)
#
# Now the gradient for `x` of the pooling of question 3. Write
#
# `mean_inside_backward(dout, shape, window, stride, padding)`
#
# - `dout` holds the error of each window, $(H_o, W_o)$; `shape` is $(H, W)$, the shape of the map; the rest is as in question 3;
# - each entry inside the map receives, from every window it lies in, an even share of the window's error: one over the number of entries that this window has *inside the map*;
# - the result has the shape `shape`; `dout` must not change.
#
# Example: for a map of $(1, 2)$ with window 2, stride 1, padding 1 there are $2 \times 3$ windows. Errors $\begin{pmatrix}1&2&3\\10&20&30\end{pmatrix}$ give $(1 + \tfrac22 + 10 + \tfrac{20}2,\; \tfrac22 + 3 + \tfrac{20}2 + 30) = (22,\, 44)$.


# %% nbgrader={"grade": false, "grade_id": "mean-back", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_inside_backward(dout, shape, window, stride, padding):
    """Return the gradient for the map of average-pooling over entries inside it."""
    ### BEGIN SOLUTION
    dx = np.zeros(shape)
    for i, j in np.ndindex(dout.shape):
        top, left = i * stride - padding, j * stride - padding
        part = dx[max(top, 0) : top + window, max(left, 0) : left + window]
        part += dout[i, j] / part.size
    return dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mean-back--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

dout = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
yours = checks.call_unchanged(mean_inside_backward, dout, (1, 2), 2, 1, 1)
print(checks.difference_table(yours, [[22.0, 44.0]]))
checks.check_value("the gradient of the example", yours, [[22.0, 44.0]])
yours = mean_inside_backward(np.array([[8, 4]]), (3, 5), 2, 2, 0)
expected = [[2, 2, 1, 1, 0], [2, 2, 1, 1, 0], [0, 0, 0, 0, 0]]
checks.check_value("the gradient for two windows side by side", yours, expected)

# %% nbgrader={"grade": true, "grade_id": "mean-back--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

dout = np.arange(12.0).reshape(3, 4)
yours = mean_inside_backward(dout, (5, 7), 3, 2, 1)
checks.check_true(np.shape(yours) == (5, 7), f"the gradient has shape {np.shape(yours)}, expected (5, 7)")
checks.check_true(
    abs(np.sum(yours) - 66.0) < 1e-9,
    f"all shares together are {np.sum(yours):g}, but the errors of the windows add up to 66, and none may get lost",
)
### BEGIN HIDDEN TESTS
reference = checks.reference("pooling")
rng = np.random.default_rng(6)
for shape, window, stride, padding in (((5, 7), 3, 2, 1), ((6, 6), 4, 3, 3), ((7, 4), 2, 3, 1), ((5, 6), 3, 1, 0)):
    inside = np.pad(np.ones(shape), padding)[None, None]
    share, cache = reference.average_pool2d_forward(inside, window, stride)
    dout = rng.standard_normal(share.shape)
    back = reference.average_pool2d_backward(dout / share, cache)[0, 0]
    checks.check_value(
        f"the gradient for a map of {shape}, window {window}, stride {stride}, padding {padding},",
        mean_inside_backward(dout[0, 0], shape, window, stride, padding),
        back[padding : padding + shape[0], padding : padding + shape[1]],
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "sizes-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: keeping account (10 points)
#
# Before you build a network, know its sizes. Write
#
# `trace_network(image_shape, layers)`, which returns the pair `(shapes, counts)`
#
# - `image_shape` is $(C, H, W)$; `layers` is a list of tuples, each one of
#   `("conv", filters, kernel, stride, padding)`, `("pool", window, stride)`, `("flatten",)`, `("dense", units)`;
#   kernel, stride, padding and window are whole numbers, the same for rows and columns;
# - `shapes` is the list of shapes after each layer, as tuples: three numbers for maps, one for a row, $(D,)$;
# - `counts` is the list of the layers' numbers of parameters, weights and biases.
#
# Example: for an image $(3, 32, 32)$ the layers `[("conv", 10, 5, 1, 2), ("pool", 2, 2), ("flatten",), ("dense", 4)]` give the shapes `[(10, 32, 32), (10, 16, 16), (2560,), (4,)]` and the counts `[760, 0, 0, 10244]`.


# %% nbgrader={"grade": false, "grade_id": "sizes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def trace_network(image_shape, layers):
    """Return (shapes, counts): the shape after each layer, and the number of its parameters."""
    ### BEGIN SOLUTION
    shape, shapes, counts = tuple(image_shape), [], []
    for kind, *numbers in layers:
        count = 0
        if kind == "conv":
            filters, kernel, stride, padding = numbers
            count = filters * shape[0] * kernel**2 + filters
            shape = (filters, *((n + 2 * padding - kernel) // stride + 1 for n in shape[1:]))
        elif kind == "pool":
            window, stride = numbers
            shape = (shape[0], *((n - window) // stride + 1 for n in shape[1:]))
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            count, shape = numbers[0] * shape[0] + numbers[0], (numbers[0],)
        shapes.append(shape)
        counts.append(count)
    return shapes, counts
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sizes--example", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

layers = [("conv", 10, 5, 1, 2), ("pool", 2, 2), ("flatten",), ("dense", 4)]
result = checks.call_unchanged(trace_network, (3, 32, 32), layers)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "trace_network should return the pair (shapes, counts)"
)
shapes, counts = result
print(checks.difference_table(counts, [760, 0, 0, 10244]))
checks.check_value("the list of counts", counts, [760, 0, 0, 10244])
expected = [(10, 32, 32), (10, 16, 16), (2560,), (4,)]
checks.check_true(len(shapes) == 4, f"there are {len(shapes)} shapes, expected one a layer, 4")
for (kind, *_), yours, shape in zip(layers, shapes, expected, strict=True):
    checks.check_value(f"the shape after {kind}", tuple(yours), shape)

# %% nbgrader={"grade": true, "grade_id": "sizes--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

shapes, counts = trace_network((1, 9, 12), [("conv", 2, 3, 2, 2), ("pool", 3, 1)])
checks.check_value("the shape after a convolution with stride 2 and padding 2 of (9, 12)", tuple(shapes[0]), (2, 6, 7))
checks.check_value("the shape after windows of 3, one apart,", tuple(shapes[1]), (2, 4, 5))
### BEGIN HIDDEN TESTS
pooling, convolution = checks.reference("pooling"), checks.reference("convolution")
layers = [
    ("conv", 6, 5, 1, 0),
    ("pool", 3, 2),
    ("conv", 4, 3, 2, 1),
    ("pool", 2, 2),
    ("flatten",),
    ("dense", 7),
    ("dense", 3),
]
shapes, counts = trace_network((2, 29, 36), layers)
maps = np.zeros((1, 2, 29, 36))
expected_shapes, expected_counts = [], []
for kind, *numbers in layers[:5]:
    if kind == "conv":
        filters, kernel, stride, padding = numbers
        expected_counts.append(convolution.conv2d_parameter_count(maps.shape[1], filters, kernel))
        weights = np.zeros((filters, maps.shape[1], kernel, kernel))
        maps = convolution.conv2d_forward(maps, weights, np.zeros(filters), stride, padding)[0]
    else:
        expected_counts.append(0)
        maps = pooling.max_pool2d_forward(maps, *numbers)[0] if kind == "pool" else pooling.flatten_forward(maps)[0]
    expected_shapes.append(maps.shape[1:])
units = maps.shape[1]
expected_shapes += [(7,), (3,)]
expected_counts += [7 * units + 7, 3 * 7 + 3]
checks.check_value("the counts of a longer network", counts, expected_counts, reveal=False)
for k, (yours, shape) in enumerate(zip(shapes, expected_shapes, strict=True), start=1):
    checks.check_value(f"the shape after layer {k} of a longer network", tuple(yours), shape, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "network-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: a network from given parts (15 points)
#
# Two stages of convolution, rectifier and pooling, then a dense layer and a softmax. You are given the parts as functions, and put them together. Write
#
# `two_stage_forward(images, conv, pool, k1, b1, k2, b2, w, b)`, which returns the triple `(q1, q2, h)`
#
# - `images` has shape $(N, C, H, W)$; `conv(x, kernels, bias)` and `pool(x)` take maps $(N, C, H, W)$ and return maps; their sizes are their own business;
# - `q1` and `q2` are the pooled maps of the first and the second stage; `k1`, `b1` belong to the first convolution and `k2`, `b2` to the second; a stage is convolution, then ReLU, then pooling, in this order;
# - the maps of an image are flattened channel by channel, each row by row, and go through the dense layer with `w` $(M, D)$ and `b` $(M,)$;
# - `h` are the probabilities, $(N, M)$; scores of a thousand must not overflow.
#
# Example: with kernels of one weight, 1 and 2, biases 0 and $-1$, and pooling 2×2, the 4×4 image that holds 1 to 16 row by row gives `q1` $= \begin{pmatrix}6&8\\14&16\end{pmatrix}$ and `q2` $= (31)$; a dense layer with the weights $(0, 0)$ and biases $(0, \ln 3)$ then gives $h = (0.25, 0.75)$.


# %% nbgrader={"grade": false, "grade_id": "network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_stage_forward(images, conv, pool, k1, b1, k2, b2, w, b):
    """Return (q1, q2, h): pooled maps of both stages, and the probabilities."""
    ### BEGIN SOLUTION
    q1 = pool(np.maximum(conv(images, k1, b1), 0))
    q2 = pool(np.maximum(conv(q1, k2, b2), 0))
    z = q2.reshape(len(images), -1) @ w.T + b
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return q1, q2, e / e.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "network--example", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

from course_lib import convolution


def conv(x, kernels, bias):
    return convolution.conv2d_forward(x, kernels, bias, padding=len(kernels[0, 0]) // 2)[0]


def pool(x):
    n, c, rows, columns = x.shape
    return x.reshape(n, c, rows // 2, 2, columns // 2, 2).max(axis=(3, 5))


images = np.arange(1.0, 17.0).reshape(1, 1, 4, 4)
result = checks.call_unchanged(
    two_stage_forward,
    images,
    conv,
    pool,
    np.ones((1, 1, 1, 1)),
    np.zeros(1),
    np.full((1, 1, 1, 1), 2.0),
    np.array([-1.0]),
    np.zeros((2, 1)),
    np.array([0.0, np.log(3.0)]),
)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 3, "two_stage_forward should return the triple (q1, q2, h)"
)
checks.check_value("q1 of the example", result[0], [[[[6.0, 8.0], [14.0, 16.0]]]])
checks.check_value("q2 of the example", result[1], [[[[31.0]]]])
print(checks.difference_table(result[2], [[0.25, 0.75]]))
checks.check_value("h of the example", result[2], [[0.25, 0.75]])

# %% nbgrader={"grade": true, "grade_id": "network--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

from course_lib import convolution


def conv(x, kernels, bias):
    return convolution.conv2d_forward(x, kernels, bias, padding=len(kernels[0, 0]) // 2)[0]


def pool(x):
    n, c, rows, columns = x.shape
    return x.reshape(n, c, rows // 2, 2, columns // 2, 2).max(axis=(3, 5))


rng = np.random.default_rng(7)
shapes = [(3, 2, 8, 12), (4, 2, 3, 3), (4,), (5, 4, 3, 3), (5,), (3, 30), (3,)]
images, *parameters = (0.4 * rng.standard_normal(shape) for shape in shapes)
q1, q2, h = checks.call_unchanged(two_stage_forward, images, conv, pool, *parameters)
for name, array, shape in (("q1", q1, (3, 4, 4, 6)), ("q2", q2, (3, 5, 2, 3)), ("h", h, (3, 3))):
    checks.check_true(np.shape(array) == shape, f"{name} has shape {np.shape(array)}, expected {shape}")
checks.check_true(np.min(q1) >= 0 and np.min(q2) >= 0, "behind a ReLU no pooled map holds a negative number")
checks.check_value("the sum of each row of h", np.sum(h, axis=1), np.ones(3))
### BEGIN HIDDEN TESTS
pooling, activations, networks = (checks.reference(name) for name in ("pooling", "activations", "networks"))
k1, b1, k2, b2, w, b = parameters
maps1 = pooling.max_pool2d_forward(activations.relu(conv(images, k1, b1)))[0]
maps2 = pooling.max_pool2d_forward(activations.relu(conv(maps1, k2, b2)))[0]
checks.check_value("q1 of a batch", q1, maps1, reveal=False)
checks.check_value("q2 of a batch", q2, maps2, reveal=False)
logits = networks.affine(pooling.flatten_forward(maps2)[0], w, b)
checks.check_value("h of a batch", h, activations.softmax(logits), reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "network--safe", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks


def conv(x, kernels, bias):
    return np.einsum("nchw,fc->nfhw", x, kernels[:, :, 0, 0]) + bias[:, None, None]


def pool(x):
    return x.mean(axis=(2, 3), keepdims=True)


one = np.ones((1, 1, 1, 1))
images = np.array([1.0, 2.0]).reshape(2, 1, 1, 1) * np.tile([-1.0, 3.0], (2, 1, 4, 2))
w = np.array([[1000.0], [500.0]])
arguments = (images, conv, pool, one, np.zeros(1), one, np.zeros(1), w, np.zeros(2))
q1, q2, h = checks.call_without_warnings(two_stage_forward, *arguments)
print(checks.difference_table(h, [[1.0, 0.0], [1.0, 0.0]]))
checks.check_value("q1 where the given pooling averages whole maps of −1 and 3", q1, [[[[1.5]]], [[[3.0]]]])
checks.check_value("q2 for the same", q2, [[[[1.5]]], [[[3.0]]]])
checks.check_value("h where scores are 1500 and 750, then 3000 and 1500,", h, [[1.0, 0.0], [1.0, 0.0]])

# %% [markdown] nbgrader={"grade": false, "grade_id": "network-back-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: a network without a dense layer (15 points)
#
# Give each class a map of its own, and let its score be the largest entry of the whole map: $s_{nm} = \max_{i,j} z_{nmij}$ for maps $z$ of shape $(N, M, H, W)$. *Where* that entry stands no longer matters. The loss is the mean cross entropy of $\mathbf h_n = \operatorname{softmax}(\mathbf s_n)$, so $\partial J/\partial s_{nm} = \tfrac1N (h_{nm} - [m = y_n])$. Write
#
# `global_max_head(z, labels)`, which returns the pair `(loss, dz)`
#
# - `labels` are whole numbers from 0 to $M - 1$, $(N,)$; `loss` is a number, $J = -\tfrac1N \sum_n \ln h_{n y_n}$;
# - `dz`, of the shape of `z`, is the gradient of the loss for the maps; of several equal largest entries of a map the first, row by row, takes all;
# - scores of a thousand must not overflow; nothing handed in may change.
#
# Example: one image, two maps of 1×2, $(3\;\,1)$ and $(0\;\,3)$, label 0: both scores are 3, the loss is $\ln 2$, and `dz` is $(-\tfrac12\;\,0)$ and $(0\;\,\tfrac12)$.


# %% nbgrader={"grade": false, "grade_id": "network-back", "locked": false, "schema_version": 3, "solution": true, "task": false}
def global_max_head(z, labels):
    """Return (loss, dz) for maps whose largest entries are the scores of the classes."""
    ### BEGIN SOLUTION
    n, m = z.shape[:2]
    flat = z.reshape(n, m, -1)
    scores = flat.max(axis=2)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    h = e / e.sum(axis=1, keepdims=True)
    rows, classes = np.arange(n), np.arange(m)
    delta = h.copy()
    delta[rows, labels] -= 1
    dz = np.zeros(flat.shape)
    dz[rows[:, None], classes, flat.argmax(axis=2)] = delta / n
    return -np.mean(np.log(h[rows, labels])), dz.reshape(z.shape)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "network-back--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z, labels = np.array([[[[3.0, 1.0]], [[0.0, 3.0]]]]), np.array([0])
result = checks.call_unchanged(global_max_head, z, labels)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "global_max_head should return the pair (loss, dz)"
)
print(checks.difference_table(result[0], np.log(2.0)))
checks.check_value("the loss of the example", result[0], np.log(2.0))
print(checks.difference_table(result[1], [[[[-0.5, 0.0]], [[0.0, 0.5]]]]))
checks.check_value("dz of the example", result[1], [[[[-0.5, 0.0]], [[0.0, 0.5]]]])

# %% nbgrader={"grade": true, "grade_id": "network-back--batch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(8)
z, labels = rng.standard_normal((4, 3, 2, 5)), np.array([2, 0, 1, 2])


def through(z):
    scores = z.max(axis=(2, 3))
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return -np.mean(np.log(chances[np.arange(4), labels]))


loss, dz = checks.call_unchanged(global_max_head, z, labels)
checks.check_value("the loss of a batch", loss, through(z), batch=4)
checks.check_gradient("dz of a batch", dz, through, z, batch=4)
large = np.array([[1000.0, 999.0, 0.0], [-1000.0, -1001.0, -2000.0]])[:, :, None, None]
loss, dz = checks.call_without_warnings(global_max_head, large, np.array([1, 0]))
chance = 1 / (1 + np.exp(1.0))
checks.check_value(
    "the loss for large scores, (1000, 999, 0) and (−1000, −1001, −2000),",
    loss,
    -(np.log(chance) + np.log(1 - chance)) / 2,
)
checks.check_value(
    "dz for the same",
    np.asarray(dz)[:, :, 0, 0],
    np.array([[1 - chance, chance - 1, 0], [-chance, chance, 0]]) / 2,
)
### BEGIN HIDDEN TESTS
pooling, losses = checks.reference("pooling"), checks.reference("losses")
for shape in ((6, 6, 3, 3), (1, 4, 5, 2)):
    z, labels = 2 * rng.standard_normal(shape), rng.integers(0, shape[1], shape[0])
    scores, cache = pooling.max_pool2d_forward(z, shape[2:])
    delta = losses.softmax_cross_entropy_gradient(scores[:, :, 0, 0], labels)
    loss, dz = global_max_head(z, labels)
    expected = pooling.max_pool2d_backward(delta[:, :, None, None], cache)
    checks.check_value(
        f"the loss for maps {shape}",
        loss,
        losses.softmax_cross_entropy(scores[:, :, 0, 0], labels),
        batch=shape[0],
        reveal=False,
    )
    checks.check_value(f"dz for maps {shape}", dz, expected, batch=shape[0], reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "network-back--ties", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

z = np.array([[[[2.0, 2.0], [2.0, 0.0]], [[2.0, -1.0], [2.0, 2.0]]]])
loss, dz = global_max_head(z, np.array([1]))
checks.check_value(
    "the sum of dz over each map (an error may be handed on, not multiplied)", np.sum(dz, axis=(2, 3)), [[0.5, -0.5]]
)
checks.check_value("dz where entries tie", dz, [[[[0.5, 0.0], [0.0, 0.0]], [[-0.5, 0.0], [0.0, 0.0]]]])
### BEGIN HIDDEN TESTS
pooling, losses = checks.reference("pooling"), checks.reference("losses")
z, labels = np.random.default_rng(9).integers(-2, 0, (5, 3, 4, 4)), np.array([0, 1, 2, 1, 0])
scores, cache = pooling.max_pool2d_forward(z, 4)
delta = losses.softmax_cross_entropy_gradient(scores[:, :, 0, 0], labels)
loss, dz = global_max_head(z, labels)
checks.check_value(
    "dz for other maps of whole numbers with ties",
    dz,
    pooling.max_pool2d_backward(delta[:, :, None, None], cache),
    batch=5,
    reveal=False,
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: a network that does not mind where
#
# Ten kernels of 8×8, one a class, your `global_max_head`, and the convolution of chapter 10: that is a whole network. It learns from digits in the middle of a canvas of 12×12 only. Look at its errors on digits that were moved, beside those in chapter 11 (there the digits are twice as wide, so a pixel is a smaller step), and at the kernels: what have they become? And what has this network given up for its calm: could it tell a comma from an apostrophe, two signs of one shape of which one stands further down on the canvas?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
pictures, digits = datasets.digits()
order = np.random.default_rng(10).permutation(len(pictures))
learn, test = order[:1000], order[1000:]


def place(some, right=0):
    canvas = np.zeros((len(some), 1, 12, 12))
    canvas[:, 0, 2:10, 2 + right : 10 + right] = pictures[some]
    return canvas


rng = np.random.default_rng(11)
kernels, bias, losses = 0.1 * rng.standard_normal((10, 1, 8, 8)), np.zeros(10), []
for _ in range(200):
    batch = rng.choice(learn, 60, replace=False)
    z, cache = convolution.conv2d_forward(place(batch), kernels, bias, padding=7)
    loss, dz = global_max_head(z, digits[batch])
    _, dkernels, dbias = convolution.conv2d_backward(np.asarray(dz), cache)
    kernels, bias = kernels - dkernels, bias - dbias
    losses.append(loss)

shifts, wrong = range(-2, 3), []
for right in shifts:
    z, _ = convolution.conv2d_forward(place(test, right), kernels, bias, padding=7)
    wrong.append(np.mean(z.max(axis=(2, 3)).argmax(axis=1) != digits[test]))

figure, (left, middle) = plots.new_axes(columns=2, width=7.6, height=2.8)
left.plot(losses)
plots.label(left, "step", "loss")
middle.plot(shifts, wrong, "o-")
middle.set_ylim(0, 1)
plots.label(middle, "shift to the right, pixels", "share of test digits wrong")
figure, panels = plots.new_axes(columns=10, width=7.6, height=1.1)
for digit, axes in enumerate(panels):
    axes.imshow(kernels[digit, 0])
    axes.set(title=digit, xticks=[], yticks=[])
    axes.grid(False)

# %% [markdown] nbgrader={"grade": false, "grade_id": "shift-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: in your own words (10 points)
#
# A colleague says: "Our network has three stages of convolution and 2×2 max-pooling and then a dense layer. Convolutions do not care where a thing is, and pooling makes the network invariant to shifts, so we need no moved pictures, neither to learn from nor to test on." In six to ten sentences: what is right in this, and what is wrong with each of the two reasons; which measurement would settle it; and name two changes, one to the
# data and one to the network, that would make the answers depend less on place, each with what it costs.

# %% [markdown] nbgrader={"grade": true, "grade_id": "shift--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 2 for convolution (the kernel is the same everywhere, so the maps move *along* with the picture: equivariant, not invariant); 2 for pooling (it hides only what stays within a window, something usually crosses a border; it reduces the effect of small shifts); 1 for the dense layer (a weight for each place); 2 for a measurement (errors, or share of changed answers, on the same test pictures moved by 0, 1, 2, … pixels);
# 1.5 for the data (moved copies; costs training time, and some capacity or a little accuracy in place); 1.5 for the network (pooling over whole maps in place of flattening, larger windows, or blurring before subsampling; costs knowledge of where things are, or resolution).
#
# **Full (10).** "Sharing kernels means that what is learned at one place works at all places, and that much is right. But the maps then move with the picture: convolution is equivariant. Pooling removes a shift only as far as the largest entry stays in its window; with three stages small shifts are weakened, but something usually crosses a border. After flattening, each place has its own weight, learned from
# centred pictures only. I would move the test set by one, two and four pixels and plot the errors against the shift. Training on randomly moved copies makes the network learn to ignore the shift; it takes longer and may cost a little accuracy on centred pictures. Taking the maximum over whole maps instead of flattening makes place irrelevant by construction, but then the network no longer knows whether a part was above or below
# another one."
#
# **Half (5).** "Pooling only helps if the shift is smaller than the window, and the dense layer depends on the position. You should test with shifted images, and also train with them." (Pooling 2, dense 1, a measurement named without saying what is compared 1, data without its cost 1; no word on equivariance, no change to the network.)
#
# **None (0).** "The colleague is right, CNNs are shift invariant, which is why they are used for images."
#
# === END MARK SCHEME ===
# ### END SOLUTION
