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
# # Assignment 10: Convolution
#
# **Goal.** You will move kernels over arrays yourself: with a border that continues, with bells that are wider than high, with another pair of edge kernels; then build a layer with holes in its kernels, forward and back. At the end your gradients find out what an unknown filter did to a picture.
#
# **Points.** Eight questions with 90 points, graded automatically, and one written answer with 10.
#
# **You may import** NumPy, `course_lib.checks`, `course_lib.plots`, and the library's modules of earlier chapters: with `finite_differences` you can check every gradient before the cells below do. `course_lib.convolution` holds answers; it, and what is built on it, is withheld here and open to you afterwards. Loops are as good as
# fast code: all arrays are small.
#
# **Letters.** Images are $(N, C, H, W)$, kernels $(F, C, k_h, k_w)$, maps $(N, F, H_o, W_o)$; a kernel is laid on the image as it is, without turning it. $\boldsymbol\delta$ is the gradient for what the layer puts out, in code `dout`.
#
# {{rules}}

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks, plots

checks.withhold("convolution")

# %% [markdown] nbgrader={"grade": false, "grade_id": "sizes-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 1: sizes and counts (10 points)
#
# A kernel can have **holes**: with dilation $d$ its neighbouring entries meet pixels that lie $d$ apart, so that a kernel of length $k$ spans $d(k - 1) + 1$ pixels with the same $k$ weights. Dilation 1 is the ordinary kernel. Write
#
# `output_shape(image, kernel, stride, padding, dilation)`, the pair $(H_o, W_o)$
#
# - `image`, `kernel`, `stride` and `padding` are pairs of whole numbers, for rows and for columns; padding is put on *either* side; `dilation` is one whole number for both axes;
#
# and, for several ordinary layers in a row, the number of all their parameters,
#
# `parameter_count(channels, kernels)`
#
# - `channels` is a list of counts, from the channels of the image to the maps of the last layer; `kernels` is a list, shorter by one, with the side of each layer's square kernels; every map has a bias.
#
# Examples: an image of 9×9 with a kernel of 3×3, stride 2 and padding 2 on both axes gives (6, 6), and with dilation 2 (5, 5). `parameter_count([3, 3], [3])` is $81 + 3 = 84$.


# %% nbgrader={"grade": false, "grade_id": "sizes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_shape(image, kernel, stride, padding, dilation):
    """Return (Ho, Wo) of a convolution with holes."""
    ### BEGIN SOLUTION
    rows, columns = (
        (n + 2 * p - dilation * (k - 1) - 1) // s + 1 for n, k, s, p in zip(image, kernel, stride, padding, strict=True)
    )
    return rows, columns
    ### END SOLUTION


def parameter_count(channels, kernels):
    """Return the number of weights and biases of several convolution layers in a row."""
    ### BEGIN SOLUTION
    layers = zip(channels, channels[1:], kernels, strict=False)
    return sum(filters * into * side**2 + filters for into, filters, side in layers)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sizes--shape", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = output_shape((9, 9), (3, 3), (2, 2), (2, 2), 1)
with_holes = output_shape((9, 9), (3, 3), (2, 2), (2, 2), 2)
oblong = output_shape((11, 7), (4, 3), (3, 1), (0, 1), 1)
print(checks.difference_table(yours, [6, 6]))
checks.check_value("output_shape of the first example", yours, [6, 6])
checks.check_value("output_shape of the first example with dilation 2", with_holes, [5, 5])
checks.check_value(
    "output_shape of an 11×7 image with a 4×3 kernel, stride (3, 1), padding (0, 1) and dilation 1", oblong, [3, 7]
)
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
rng = np.random.default_rng(1)
for _ in range(20):
    dilation = int(rng.integers(1, 4))
    kernel, stride, padding = (tuple(rng.integers(low, 5, 2).tolist()) for low in (1, 1, 0))
    image = tuple(rng.integers(13, 30, 2).tolist())
    expected = [reference.output_size(image[k], dilation * (kernel[k] - 1) + 1, stride[k], padding[k]) for k in (0, 1)]
    checks.check_value(
        "output_shape of another case", output_shape(image, kernel, stride, padding, dilation), expected, reveal=False
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sizes--count", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = parameter_count([3, 3], [3])
print(checks.difference_table(yours, 84))
checks.check_value("parameter_count([3, 3], [3])", yours, 84)
checks.check_value("parameter_count([1, 4, 2], [5, 1])", parameter_count([1, 4, 2], [5, 1]), 4 * 25 + 4 + 2 * 4 + 2)
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
channels, kernels = [3, 8, 5, 7], [7, 2, 3]
expected = sum(
    reference.conv2d_parameter_count(c, f, k) for c, f, k in zip(channels, channels[1:], kernels, strict=False)
)
checks.check_value("parameter_count of three layers", parameter_count(channels, kernels), expected, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "border-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 2: a border that continues (10 points)
#
# Chapter 10 put zeros around the picture before blurring it, and a dark frame grew. Here the picture continues beyond its border with the brightness of the *nearest border pixel*: left of a row that begins with 7 stands 7, 7, 7, …, and the corners continue into the outer corners. Write
#
# `correlate_same(image, kernel)`, the correlation of the two, of the same shape as the image
#
# - `image` has shape $(H, W)$ and may hold integers; `kernel` has shape $(k_h, k_w)$, both odd, not necessarily equal;
# - the middle of the kernel lies on the pixel whose place in the result is being computed; the kernel is *not* turned.
#
# Example: the image $(1\;\,2\;\,4)$, one row, and the kernel $(1\;\,0\;\,{-1})$ give $(1 - 2,\; 1 - 4,\; 2 - 4) = (-1, -3, -2)$.


# %% nbgrader={"grade": false, "grade_id": "border", "locked": false, "schema_version": 3, "solution": true, "task": false}
def correlate_same(image, kernel):
    """Return the correlation of an image with a kernel, the border of the image continued outwards."""
    ### BEGIN SOLUTION
    kh, kw = kernel.shape
    padded = np.pad(image, [(side // 2, side // 2) for side in (kh, kw)], mode="edge")
    out = np.empty(image.shape)
    for i, j in np.ndindex(out.shape):
        out[i, j] = np.sum(kernel * padded[i : i + kh, j : j + kw])
    return out
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "border--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

yours = checks.call_unchanged(correlate_same, np.array([[1.0, 2.0, 4.0]]), np.array([[1.0, 0.0, -1.0]]))
print(checks.difference_table(yours, [[-1.0, -3.0, -2.0]]))
checks.check_value("the result of the example", yours, [[-1.0, -3.0, -2.0]])
column = correlate_same(np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [0.0], [-1.0]]))
checks.check_value("the result of the example as a column", column, [[-1.0], [-3.0], [-2.0]])
two_left = correlate_same(np.array([[1.0, 2.0, 4.0]]), np.array([[1.0, 0.0, 0.0, 0.0, 0.0]]))
checks.check_value(
    "the image of the example, each pixel replaced by the one two to its left", two_left, [[1.0, 1.0, 1.0]]
)

# %% nbgrader={"grade": true, "grade_id": "border--picture", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(2)
mean = np.full((3, 5), 1 / 15)
checks.check_value(
    "the mean over 3×5 pixels of an even grey", correlate_same(np.full((4, 6), 0.5), mean), np.full((4, 6), 0.5)
)
whole = correlate_same(np.array([[0, 0, 3], [0, 0, 0]]), np.full((3, 3), 1 / 9))
checks.check_value("the mean over 3×3 pixels of an image of integers", whole, [[0, 2 / 3, 4 / 3], [0, 1 / 3, 2 / 3]])
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
for shape, size in (((6, 5), (3, 3)), ((5, 8), (5, 3)), ((4, 4), (1, 7))):
    image, kernel = rng.standard_normal(shape), rng.standard_normal(size)
    around = np.pad(image, [(k // 2, k // 2) for k in size], mode="edge")
    checks.check_value(
        f"the result for an image {shape} and a kernel {size}",
        correlate_same(image, kernel),
        reference.correlate2d(around, kernel),
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "bell-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 3: a bell that is wider than high (10 points)
#
# To blur along the rows more than along the columns, take a Gaussian with two widths,
#
# $$ g_{uv} \;\propto\; \exp\Bigl(-\frac{(u - c_h)^2}{2\sigma_h^2} - \frac{(v - c_w)^2}{2\sigma_w^2}\Bigr), \qquad c_h = \frac{k_h - 1}{2}, \quad c_w = \frac{k_w - 1}{2}, $$
#
# with entries that sum to 1. Write
#
# `bell(shape, sigmas)`, for the pairs $(k_h, k_w)$ and $(\sigma_h, \sigma_w)$; the result has shape $(k_h, k_w)$
#
# - $u$ counts rows and goes with $\sigma_h$, $v$ counts columns and goes with $\sigma_w$; the sides may be even.
#
# Example: with $\sigma_w = 1/\sqrt{2\ln 2}$ the bell has fallen to a half one pixel from its centre, so `bell((1, 3), (1, 1 / np.sqrt(2 * np.log(2))))` is $(0.25\;\,0.5\;\,0.25)$.


# %% nbgrader={"grade": false, "grade_id": "bell", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bell(shape, sigmas):
    """Return a Gaussian kernel with a width for the rows and one for the columns."""
    ### BEGIN SOLUTION
    u = np.arange(shape[0])[:, None] - (shape[0] - 1) / 2
    v = np.arange(shape[1]) - (shape[1] - 1) / 2
    g = np.exp(-(u**2) / (2 * sigmas[0] ** 2) - v**2 / (2 * sigmas[1] ** 2))
    return g / g.sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bell--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

half = 1 / np.sqrt(2 * np.log(2))
yours = bell((1, 3), (1, half))
print(checks.difference_table(yours, [[0.25, 0.5, 0.25]]))
checks.check_value("bell of the example", yours, [[0.25, 0.5, 0.25]])
long, wide = np.asarray(bell((1, 5), (1, half))), np.asarray(bell((3, 3), (half, 2 * half)))
checks.check_value(
    "bell((1, 5), (1, half)), divided by its middle entry", long / long[0, 2], [[1 / 16, 1 / 2, 1, 1 / 2, 1 / 16]]
)
checks.check_value(
    "bell((3, 3), (half, 2 half)), divided by its middle entry",
    wide / wide[1, 1],
    [[0.5**1.25, 0.5, 0.5**1.25], [0.5**0.25, 1, 0.5**0.25], [0.5**1.25, 0.5, 0.5**1.25]],
)

# %% nbgrader={"grade": true, "grade_id": "bell--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

pair, total = bell((1, 2), (1, 1)), np.sum(bell((5, 9), (0.8, 3.0)))
checks.check_value("the sum of bell((5, 9), (0.8, 3))", total, 1.0)
checks.check_value("bell((1, 2), (1, 1)), both pixels half a pixel from the centre", pair, [[0.5, 0.5]])
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
for size, sigma in ((7, 0.84089642), (4, 1.5), (6, 3.0)):
    checks.check_value(
        f"bell of {size}×{size} with equal widths",
        bell((size, size), (sigma, sigma)),
        reference.gaussian_kernel(size, sigma),
        reveal=False,
    )
rows, columns = reference.gaussian_kernel(5, 2.0).sum(axis=1), reference.gaussian_kernel(8, 0.7).sum(axis=0)
checks.check_value("bell of 5×8", bell((5, 8), (2.0, 0.7)), np.outer(rows, columns), reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "edges-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 4: edges, with another pair of kernels (10 points)
#
# Scharr's kernels do Sobel's work with weights that treat slanting edges more evenly. Divided by 32, they measure in brightness per pixel:
#
# $$ K_x = \frac{1}{32}\begin{pmatrix} -3 & 0 & 3 \\ -10 & 0 & 10 \\ -3 & 0 & 3 \end{pmatrix}, \qquad K_y = K_x^{\mathsf T} . $$
#
# Write `edges(image)`, which returns the pair `(magnitude, direction)`
#
# - `image` has shape $(H, W)$, both results $(H - 2, W - 2)$: no padding;
# - `magnitude` is $\sqrt{G_x^2 + G_y^2}$ and `direction` the angle in which the image *brightens*, in radians from $-\pi$ to $\pi$: 0 to the right, $\pi/2$ downwards (rows count downwards).
#
# Example: for the rows $(0, 1, 2)$, three times, the magnitude is 1 and the direction 0. For the rows $(2, 2, 2)$, $(1, 1, 1)$, $(0, 0, 0)$ they are 1 and $-\pi/2$.


# %% nbgrader={"grade": false, "grade_id": "edges", "locked": false, "schema_version": 3, "solution": true, "task": false}
def edges(image):
    """Return (magnitude, direction) of the edges in an image, by Scharr's kernels."""
    ### BEGIN SOLUTION
    kx = np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]) / 32
    h, w = image.shape
    gx, gy = np.empty((h - 2, w - 2)), np.empty((h - 2, w - 2))
    for i, j in np.ndindex(gx.shape):
        patch = image[i : i + 3, j : j + 3]
        gx[i, j], gy[i, j] = np.sum(kx * patch), np.sum(kx.T * patch)
    return np.sqrt(gx**2 + gy**2), np.arctan2(gy, gx)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "edges--magnitude", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

result = checks.call_unchanged(edges, np.array([[0.0, 1.0, 2.0]] * 3))
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "edges should return the pair (magnitude, direction)"
)
print(checks.difference_table(result[0], [[1.0]]))
checks.check_value("the magnitude of the first example", result[0], [[1.0]])
slanting = np.array([[0, 0, 0, 0], [0, 0, 0, 32], [0, 0, 32, 32]])
checks.check_value("the magnitude of a slanting edge", edges(slanting)[0], [[np.sqrt(18), np.sqrt(338)]])
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
rng = np.random.default_rng(4)
image = rng.uniform(0, 1, (7, 5))
scharr = np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]) / 32
gx, gy = reference.correlate2d(image, scharr), reference.correlate2d(image, scharr.T)
checks.check_value("the magnitude in another image", edges(image)[0], reference.sobel_magnitude(gx, gy), reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "edges--direction", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

right = np.array([[0.0, 1.0, 2.0]] * 3)
examples = {"right": (right, 0.0), "down": (right.T, np.pi / 2), "up": (right.T[::-1], -np.pi / 2)}
for name, (image, angle) in examples.items():
    checks.check_value(f"the direction of an image that brightens {name}", edges(image)[1], [[angle]])
left = edges(right[:, ::-1])[1]
checks.check_value("the direction of an image that brightens left, its cosine", np.cos(left), [[-1.0]])
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
rng = np.random.default_rng(5)
image = rng.uniform(0, 1, (6, 8))
scharr = np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]) / 32
gx, gy = reference.correlate2d(image, scharr), reference.correlate2d(image, scharr.T)
checks.check_value("the direction in another image", edges(image)[1], reference.sobel_direction(gx, gy), reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "channel-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 5: forward, one channel (10 points)
#
# One image, one kernel, one bias, and a stride that differs between the axes. Write
#
# `forward_one(x, k, b, stride)`
#
# - `x` has shape $(H, W)$, `k` $(k_h, k_w)$, `b` is a number, `stride` the pair $(s_h, s_w)$; there is no padding;
# - the result has shape $(H_o, W_o)$; rows and columns left over at the end, fewer than a stride, are not looked at.
#
# Example: the rows $(1, 2, 3, 4)$, $(5, 6, 7, 8)$, $(9, 10, 11, 12)$ with $k = (1\;\,1)$, $b = 100$ and stride $(2, 1)$ give the rows $(103, 105, 107)$ and $(119, 121, 123)$.


# %% nbgrader={"grade": false, "grade_id": "channel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_one(x, k, b, stride):
    """Return the map of one image under one kernel with a bias, with strides for rows and columns."""
    ### BEGIN SOLUTION
    (h, w), (kh, kw), (sh, sw) = x.shape, k.shape, stride
    out = np.empty(((h - kh) // sh + 1, (w - kw) // sw + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = np.sum(k * x[i * sh : i * sh + kh, j * sw : j * sw + kw]) + b
    return out
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "channel--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.arange(1.0, 13.0).reshape(3, 4)
expected = [[103.0, 105.0, 107.0], [119.0, 121.0, 123.0]]
yours = checks.call_unchanged(forward_one, x, np.array([[1.0, 1.0]]), 100.0, (2, 1))
print(checks.difference_table(yours, expected))
checks.check_value("the map of the example", yours, expected)
checks.check_value(
    "the map of the example with k = (1, 10), b = 0 and stride (1, 2)",
    forward_one(x, np.array([[1.0, 10.0]]), 0.0, (1, 2)),
    [[21.0, 43.0], [65.0, 87.0], [109.0, 131.0]],
)

# %% nbgrader={"grade": true, "grade_id": "channel--more", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(6)
x = rng.standard_normal((5, 4))
checks.check_value(
    "the map under a kernel of 1×1 that holds a 1, with b = 0", forward_one(x, np.ones((1, 1)), 0.0, (1, 1)), x
)
checks.check_value(
    "the map under the same with stride (2, 3)", forward_one(x, np.ones((1, 1)), 0.0, (2, 3)), x[::2, ::3]
)
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
for shape, size, stride in (((7, 9), (3, 2), (2, 3)), ((8, 6), (2, 4), (3, 1)), ((4, 4), (4, 4), (2, 2))):
    x, k = rng.standard_normal(shape), rng.standard_normal(size)
    checks.check_value(
        f"the map of an image {shape} under a kernel {size} with stride {stride}",
        forward_one(x, k, -1.5, stride),
        reference.correlate2d(x, k, stride=stride) - 1.5,
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "layer-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 6: forward, a layer with holes (15 points)
#
# Now with a batch, channels, several kernels, padding, and the dilation $d$ of question 1:
#
# $$ z_{nfij} = b_f + \sum_{c}\sum_{u}\sum_{v} w_{fcuv}\, \tilde x_{n,\,c,\;is + ud,\;js + vd} . $$
#
# Write `layer_forward(x, w, b, stride, padding, dilation)`, which returns $z$
#
# - `x` has shape $(N, C, H, W)$, `w` $(F, C, k_h, k_w)$, `b` $(F,)$; stride $s$, padding (zeros, on every side) and dilation $d$ are one whole number each, for both axes;
# - $z$ has shape $(N, F, H_o, W_o)$.
#
# Example: one image with one channel, the rows $(1, 2, 3)$, $(4, 5, 6)$, $(7, 8, 9)$, and one kernel of 2×2 ones. With $d = 2$ it meets the four corners, $1 + 3 + 7 + 9 = 20$; with $d = 1$ the sums are 12, 16, 24, 28.


# %% nbgrader={"grade": false, "grade_id": "layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_forward(x, w, b, stride, padding, dilation):
    """Return the maps (N, F, Ho, Wo) of a convolution layer with holes in its kernels."""
    ### BEGIN SOLUTION
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    high, wide = dilation * (w.shape[2] - 1) + 1, dilation * (w.shape[3] - 1) + 1
    ho, wo = (padded.shape[2] - high) // stride + 1, (padded.shape[3] - wide) // stride + 1
    z = np.empty((len(x), len(w), ho, wo))
    for n, f, i, j in np.ndindex(z.shape):
        top, left = i * stride, j * stride
        z[n, f, i, j] = np.sum(w[f] * padded[n, :, top : top + high : dilation, left : left + wide : dilation]) + b[f]
    return z
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "layer--channels", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
yours = checks.call_unchanged(layer_forward, x, np.ones((1, 1, 2, 2)), np.zeros(1), 1, 0, 1)
print(checks.difference_table(yours, [[[[12.0, 16.0], [24.0, 28.0]]]]))
checks.check_value("z of the example with d = 1", yours, [[[[12.0, 16.0], [24.0, 28.0]]]])
two = np.array([[[[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [1.0, 0.0]]]])
kernels = np.array([[[[1.0, 0.0], [0.0, 1.0]], [[2.0, 2.0], [2.0, 2.0]]], [[[0.0, 1.0], [0.0, 0.0]], np.zeros((2, 2))]])
checks.check_value(
    "z of the one place of the chapter's two channels, under its kernel and another one",
    layer_forward(two, kernels, np.array([-1.0, 10.0]), 1, 0, 1),
    [[[[8.0]], [[12.0]]]],
)
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
rng = np.random.default_rng(7)
x, w, b = rng.standard_normal((3, 2, 5, 6)), rng.standard_normal((4, 2, 3, 2)), rng.standard_normal(4)
checks.check_value(
    "z of a batch with two channels and four kernels",
    layer_forward(x, w, b, 1, 0, 1),
    reference.conv2d_forward(x, w, b)[0],
    reveal=False,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "layer--padding", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.ones((1, 1, 3, 5))
checks.check_value(
    "z of ones under a kernel of 3×3 ones with stride 2 and padding 1: how many pixels each place meets",
    layer_forward(x, np.ones((1, 1, 3, 3)), np.zeros(1), 2, 1, 1),
    [[[[4.0, 6.0, 4.0], [4.0, 6.0, 4.0]]]],
)
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
rng = np.random.default_rng(8)
for shape, stride, padding in (((2, 3, 7, 6), 2, 2), ((1, 3, 4, 9), 3, 1), ((2, 3, 6, 6), 1, 0)):
    x, w, b = rng.standard_normal(shape), rng.standard_normal((2, 3, 3, 3)), rng.standard_normal(2)
    checks.check_value(
        f"z of a batch {shape} with stride {stride} and padding {padding}",
        layer_forward(x, w, b, stride, padding, 1),
        reference.conv2d_forward(x, w, b, stride, padding)[0],
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "layer--holes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
checks.check_value(
    "z of the example with d = 2", layer_forward(x, np.ones((1, 1, 2, 2)), np.zeros(1), 1, 0, 2), [[[[20.0]]]]
)
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
rng = np.random.default_rng(9)
for dilation, stride, padding in ((2, 1, 0), (2, 2, 1), (3, 1, 3)):
    x, w, b = rng.standard_normal((2, 2, 8, 9)), rng.standard_normal((3, 2, 3, 2)), rng.standard_normal(3)
    spread = np.zeros((3, 2, 2 * dilation + 1, dilation + 1))
    spread[:, :, ::dilation, ::dilation] = w
    checks.check_value(
        f"z with dilation {dilation}, stride {stride} and padding {padding}",
        layer_forward(x, w, b, stride, padding, dilation),
        reference.conv2d_forward(x, spread, b, stride, padding)[0],
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "weights-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 7: back to weights and biases (10 points)
#
# The layer of question 6, on the way back: $\delta = \partial J/\partial z$ has arrived. Write
#
# `weight_gradients(dout, x, kernel, stride, padding, dilation)`, which returns `(dw, db)`
#
# - `dout` has shape $(N, F, H_o, W_o)$, `x` $(N, C, H, W)$, `kernel` is the pair $(k_h, k_w)$; the rest is as before;
# - `dw` has shape $(F, C, k_h, k_w)$, `db` $(F,)$; both are *sums* over the batch and over the places: the loss has put its $1/N$ into `dout` already.
#
# Example: for the rows $(1, 2, 0)$, $(0, 1, 3)$, $(2, 1, 0)$, a kernel of 2×2 and $\delta = \begin{pmatrix}1&0\\2&-1\end{pmatrix}$ (no padding, stride and dilation 1) `dw` is $\begin{pmatrix}0&1\\3&3\end{pmatrix}$ and `db` is 2.


# %% nbgrader={"grade": false, "grade_id": "weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weight_gradients(dout, x, kernel, stride, padding, dilation):
    """Return (dw, db) of a convolution layer with holes."""
    ### BEGIN SOLUTION
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dw = np.zeros((dout.shape[1], x.shape[1], *kernel))
    for n, f, i, j in np.ndindex(dout.shape):
        for u, v in np.ndindex(*kernel):
            dw[f, :, u, v] += dout[n, f, i, j] * padded[n, :, i * stride + u * dilation, j * stride + v * dilation]
    return dw, dout.sum(axis=(0, 2, 3))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "weights--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

x = np.array([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 0.0]]]])
dout = np.array([[[[1.0, 0.0], [2.0, -1.0]]]])
result = checks.call_unchanged(weight_gradients, dout, x, (2, 2), 1, 0, 1)
checks.check_true(
    isinstance(result, tuple | list) and len(result) == 2, "weight_gradients should return the pair (dw, db)"
)
print(checks.difference_table(result[0], [[[[0.0, 1.0], [3.0, 3.0]]]]))
checks.check_value("dw of the example", result[0], [[[[0.0, 1.0], [3.0, 3.0]]]])
checks.check_value("db of the example", result[1], [2.0])
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
rng = np.random.default_rng(10)
x, w = rng.standard_normal((3, 2, 5, 4)), rng.standard_normal((4, 2, 3, 2))
dout = rng.standard_normal((3, 4, 3, 3))
_, dw, db = reference.conv2d_backward(dout, reference.conv2d_forward(x, w, np.zeros(4))[1])
yours = weight_gradients(dout, x, (3, 2), 1, 0, 1)
checks.check_value("dw of a batch, stride 1 and no padding", yours[0], dw, batch=3, reveal=False)
checks.check_value("db of a batch", yours[1], db, batch=3, reveal=False)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "weights--padding", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(11)
x, w = rng.standard_normal((2, 2, 6, 5)), rng.standard_normal((3, 2, 3, 3))
dout, forward = rng.standard_normal((2, 3, 4, 4)), checks.reference("convolution").conv2d_forward
dw, db = weight_gradients(dout, x, (3, 3), 2, 2, 1)
checks.check_gradient(
    "dw with stride 2 and padding 2", dw, lambda w: np.sum(dout * forward(x, w, np.zeros(3), 2, 2)[0]), w, batch=2
)
checks.check_gradient("db", db, lambda b: np.sum(dout * forward(x, w, b, 2, 2)[0]), np.zeros(3), batch=2)
### BEGIN HIDDEN TESTS
backward = checks.reference("convolution").conv2d_backward
for dilation, stride, padding in ((2, 1, 0), (2, 3, 2), (3, 1, 1)):
    x = rng.standard_normal((2, 3, 8, 9))
    z, cache = forward(x, np.zeros((2, 3, 2 * dilation + 1, dilation + 1)), np.zeros(2), stride, padding)
    dout = rng.standard_normal(z.shape)
    dw, db = weight_gradients(dout, x, (3, 2), stride, padding, dilation)
    _, spread, sums = backward(dout, cache)
    case = f"with dilation {dilation}, stride {stride} and padding {padding}"
    checks.check_value(f"dw {case}", dw, spread[:, :, ::dilation, ::dilation], batch=2, reveal=False)
    checks.check_value(f"db {case}", db, sums, batch=2, reveal=False)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "input-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 8: back to the input (15 points)
#
# And the gradient that is handed on to the layer before. Write
#
# `input_gradient(dout, w, shape, stride, padding, dilation)`, which returns `dx`
#
# - `dout` has shape $(N, F, H_o, W_o)$, `w` $(F, C, k_h, k_w)$, and `shape` is the tuple $(N, C, H, W)$ of the input, *without* its padding; `dx` has this shape.
#
# Example: for one image of 3×3, the kernel $\begin{pmatrix}1&2\\3&4\end{pmatrix}$ and $\delta = \begin{pmatrix}1&0\\2&-1\end{pmatrix}$ (no padding, stride and dilation 1) `dx` has the rows $(1, 2, 0)$, $(5, 7, -2)$, $(6, 5, -4)$.


# %% nbgrader={"grade": false, "grade_id": "input", "locked": false, "schema_version": 3, "solution": true, "task": false}
def input_gradient(dout, w, shape, stride, padding, dilation):
    """Return dx of a convolution layer with holes."""
    ### BEGIN SOLUTION
    n_images, channels, h, width = shape
    padded = np.zeros((n_images, channels, h + 2 * padding, width + 2 * padding))
    for n, f, i, j in np.ndindex(dout.shape):
        for u, v in np.ndindex(w.shape[2:]):
            padded[n, :, i * stride + u * dilation, j * stride + v * dilation] += dout[n, f, i, j] * w[f, :, u, v]
    return padded[:, :, padding : padding + h, padding : padding + width]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "input--value", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

dout, w = np.array([[[[1.0, 0.0], [2.0, -1.0]]]]), np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
expected = [[[[1.0, 2.0, 0.0], [5.0, 7.0, -2.0], [6.0, 5.0, -4.0]]]]
yours = checks.call_unchanged(input_gradient, dout, w, (1, 1, 3, 3), 1, 0, 1)
print(checks.difference_table(yours, expected))
checks.check_value("dx of the example", yours, expected)
### BEGIN HIDDEN TESTS
reference = checks.reference("convolution")
rng = np.random.default_rng(12)
x, w, dout = rng.standard_normal((3, 2, 5, 4)), rng.standard_normal((4, 2, 3, 2)), rng.standard_normal((3, 4, 3, 3))
dx, _, _ = reference.conv2d_backward(dout, reference.conv2d_forward(x, w, np.zeros(4))[1])
checks.check_value(
    "dx of a batch, stride 1 and no padding", input_gradient(dout, w, x.shape, 1, 0, 1), dx, batch=3, reveal=False
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "input--padding", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

rng = np.random.default_rng(13)
x, w = rng.standard_normal((2, 2, 6, 5)), rng.standard_normal((3, 2, 3, 3))
dout, forward = rng.standard_normal((2, 3, 6, 5)), checks.reference("convolution").conv2d_forward
checks.check_gradient(
    "dx with padding 1",
    input_gradient(dout, w, x.shape, 1, 1, 1),
    lambda x: np.sum(dout * forward(x, w, np.zeros(3), 1, 1)[0]),
    x,
    batch=2,
)
### BEGIN HIDDEN TESTS
backward = checks.reference("convolution").conv2d_backward
for shape, padding in (((1, 2, 4, 7), 2), ((2, 2, 3, 3), 1)):
    x, w = rng.standard_normal(shape), rng.standard_normal((2, 2, 3, 3))
    z, cache = forward(x, w, np.zeros(2), 1, padding)
    dout = rng.standard_normal(z.shape)
    checks.check_value(
        f"dx of {shape} with padding {padding}",
        input_gradient(dout, w, shape, 1, padding, 1),
        backward(dout, cache)[0],
        reveal=False,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "input--stride", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from course_lib import checks

dout, w = np.array([[[[1.0, 10.0]]]]), np.array([[[[1.0, 2.0, 3.0]]]])
column = input_gradient(dout.reshape(1, 1, 2, 1), w.reshape(1, 1, 3, 1), (1, 1, 6, 1), 2, 0, 1)
checks.check_value(
    "dx of one row of six pixels with stride 2: the last pixel was never looked at, the third twice",
    input_gradient(dout, w, (1, 1, 1, 6), 2, 0, 1),
    [[[[1.0, 2.0, 13.0, 20.0, 30.0, 0.0]]]],
)
checks.check_value("dx of the same as a column", column, np.reshape([1.0, 2.0, 13.0, 20.0, 30.0, 0.0], (1, 1, 6, 1)))
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(14)
reference = checks.reference("convolution")
for dilation, stride, padding in ((1, 3, 0), (2, 1, 2), (2, 2, 1), (3, 2, 3)):
    x, w = rng.standard_normal((2, 3, 8, 9)), rng.standard_normal((2, 3, 3, 2))
    spread = np.zeros((2, 3, 2 * dilation + 1, dilation + 1))
    spread[:, :, ::dilation, ::dilation] = w
    z, cache = reference.conv2d_forward(x, spread, np.zeros(2), stride, padding)
    dout = rng.standard_normal(z.shape)
    checks.check_value(
        f"dx with dilation {dilation}, stride {stride} and padding {padding}",
        input_gradient(dout, w, x.shape, stride, padding, dilation),
        reference.conv2d_backward(dout, cache)[0],
        batch=2,
        reveal=False,
    )
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## An experiment: what did the camera do?
#
# A test card of grey noise was photographed twice: once with the camera on a stand, once while it was moved with the shutter open. Each pixel of the second picture is a weighted sum of pixels along the way, the same sum everywhere: a convolution, with a kernel that nobody wrote down. The cell below looks for it with your
# `layer_forward` and `weight_gradients`, starting from zeros and going downhill. Along which line did the camera move, and at which end did it stay longest?

# %% nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "schema_version": 3, "solution": false, "task": false}
rng = np.random.default_rng(15)
card = rng.standard_normal((1, 1, 22, 22))
path = np.zeros((1, 1, 5, 5))
path[0, 0, [4, 3, 2, 2, 1, 0], [0, 1, 1, 2, 3, 4]] = [0.35, 0.2, 0.15, 0.1, 0.1, 0.1]
shaken = layer_forward(card, path, np.zeros(1), 1, 0, 1) + 0.02 * rng.standard_normal((1, 1, 18, 18))

found, offset, losses = np.zeros((1, 1, 5, 5)), np.zeros(1), []
for _ in range(40):
    error = layer_forward(card, found, offset, 1, 0, 1) - shaken
    losses.append(np.mean(error**2))
    dw, db = weight_gradients(2 * error / error.size, card, (5, 5), 1, 0, 1)
    found, offset = found - 0.3 * dw, offset - 0.3 * db

figure, panels = plots.new_axes(columns=4, width=8.6, height=2.4)
panels[0].semilogy(losses)
plots.label(panels[0], "step", "mean squared error")
for axes, image, name in zip(
    panels[1:], (shaken, path, found), ("shaken card", "what the camera did", "what you found"), strict=True
):
    axes.imshow(image[0, 0])
    axes.grid(False)
    axes.set(xticks=[], yticks=[], title=name)

# %% [markdown] nbgrader={"grade": false, "grade_id": "sharing-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Question 9: in your own words (10 points)
#
# A factory takes grey pictures of 200×200 pixels of its tiles and wants to mark scratches. A colleague proposes a dense layer with 64 units on the pixels; you propose a convolution layer with 64 kernels of 5×5. In six to ten sentences: how many weights has each; what does the second assume about scratches, and what follows for a scratch that turns up where
# none was in the training pictures; how does the gradient of a kernel's weight come about, and what does it learn from one picture that a dense weight does not; and name a task with pictures for which the assumption would be wrong.

# %% [markdown] nbgrader={"grade": true, "grade_id": "sharing--written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# === BEGIN MARK SCHEME ===
#
# Ten points: 2 for the counts (dense $64 \cdot 40{,}000 = 2{,}560{,}000$, convolution $64 \cdot 25 = 1{,}600$; biases, 64 each, may be mentioned or not); 3 for the assumption (a scratch looks the same and means the same wherever it is, and is recognisable from a small neighbourhood) and its consequence (a moved scratch makes the same response at the moved place; the dense layer has never seen it there); 3 for
# the gradient (each place contributes as if it had a weight of its own, the contributions are summed over places and samples; so one picture is many examples, where a dense weight sees one pixel of it); 2 for a task in which the place matters, with the reason (a form with fixed boxes, an aligned face where the eye is always at one place, a picture from a fixed camera in which only one region counts).
#
# **Full (10).** "The dense layer has 64 · 40,000 = 2,560,000 weights, the convolution 64 · 25 = 1,600, since its weights do not depend on the size of the picture. It assumes that a scratch can be told from a small neighbourhood and looks the same at every place. Then a kernel that answers to a scratch at the left answers to it at the right, at the place to which it moved, even if no training picture had one
# there; for the dense layer that corner is made of pixels whose weights never saw a scratch. The gradient of a shared weight is what each of its 196 · 196 places would give to a weight of its own, summed over the places and the pictures. So every picture holds tens of thousands of small examples for the same 25 numbers, while a dense weight sees one pixel per picture. On a scanned form, where the upper box
# holds a name and the lower one a date, the same stroke means different things at different places, and sharing would be wrong."
#
# **Half (5).** "The convolution has 1,600 weights and the dense layer 2.56 million. It finds a scratch wherever it is because the same kernel is used everywhere. The gradients of the places are added." (Counts 2, consequence without the assumption 1.5, gradient without what it learns 1.5; no task.)
#
# **None (0).** "Convolution is better for pictures because it is the modern method."
#
# === END MARK SCHEME ===
# ### END SOLUTION
