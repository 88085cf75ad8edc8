"""Convolution against SciPy, autograd, differences and counting; the fast layer against the loops; known edges.

Most comparisons use small integers: their products and sums are exact in floating point whatever the order, so two
right ways agree to the last bit and nothing needs a tolerance.
"""

import tracemalloc

import autograd
import autograd.numpy as anp
import autograd.scipy.signal
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from hypothesis import assume, example, given
from hypothesis import strategies as st
from proof import assert_gradient, assert_slope_along_random_directions, call_and_compare_arguments, no_warnings

from course_lib import convolution as cv

WAYS = {"fast": (cv.conv2d_forward, cv.conv2d_backward), "loops": (cv.conv2d_forward_loops, cv.conv2d_backward_loops)}
both_ways = pytest.mark.parametrize(("forward", "backward"), WAYS.values(), ids=WAYS)


def whole_numbers(rng, *shape):
    """Return a float array of small integers, none of them 0."""
    return rng.choice([-5.0, -4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0], shape)


@st.composite
def axes(draw):
    """Return size, kernel, stride and padding along one axis; the kernel fits, and some pixels may be left over."""
    kernel, stride, padding = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(0, 2))
    return max(1, kernel - 2 * padding) + draw(st.integers(0, 6)), kernel, stride, padding


@st.composite
def layers(draw):
    """Return x, w, b, stride, padding of a small layer, all numbers whole, and dout for it."""
    (h, kh, sh, ph), (w, kw, sw, pw) = draw(axes()), draw(axes())
    n, c, f = (draw(st.integers(1, 3)) for _ in range(3))
    return layer((n, c, h, w), (f, kh, kw), (sh, sw), (ph, pw), draw(st.integers(0, 999)))


def layer(x_shape, kernels, stride, padding, seed=0):
    rng, (f, kh, kw) = np.random.default_rng(seed), kernels
    x, w, b = whole_numbers(rng, *x_shape), whole_numbers(rng, f, x_shape[1], kh, kw), whole_numbers(rng, f)
    maps = [counted(*axis) for axis in zip(x_shape[2:], (kh, kw), stride, padding, strict=True)]
    return x, w, b, stride, padding, whole_numbers(rng, x_shape[0], f, *maps)


def counted(size, kernel, stride, padding):
    """Return the number of places of a kernel by trying every position."""
    return sum(start % stride == 0 for start in range(size + 2 * padding) if start + kernel <= size + 2 * padding)


def padded(x, padding):
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(p, p) for p in padding])


def by_scipy(x, w, b, stride, padding):
    """Return the layer's output by scipy.signal.correlate2d, one channel and one filter at a time."""
    out = [
        [
            sum(
                scipy.signal.correlate2d(padded(channel, padding), k, "valid")
                for channel, k in zip(image, kernel, strict=True)
            )
            for kernel in w
        ]
        for image in x
    ]
    return np.array(out)[:, :, :: stride[0], :: stride[1]] + b[:, None, None]


def by_autograd(x, w, b, stride, padding):
    """Return the layer's output by autograd's convolution, which flips its kernel; it can be differentiated."""
    x = anp.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)], mode="constant")
    flipped = w[:, :, ::-1, ::-1]
    out = autograd.scipy.signal.convolve(x, flipped, axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
    return out[:, :, :: stride[0], :: stride[1]] + b[:, None, None]


# ---- the layer ----------------------------------------------------------------------------------------------------


@given(layers())
@example(layer((1, 1, 4, 7), (1, 4, 1), (3, 2), (0, 2)))
@example(layer((2, 2, 8, 9), (2, 2, 3), (3, 3), (1, 0)))
def test_the_fast_layer_is_the_loops(case):
    x, w, b, stride, padding, dout = case
    out, cache = cv.conv2d_forward(x, w, b, stride, padding)
    out_loops, cache_loops = cv.conv2d_forward_loops(x, w, b, stride, padding)
    np.testing.assert_array_equal(out, out_loops)
    for mine, other in ((cache, cache_loops), (cache_loops, cache)):  # either way takes either cache
        fast, loops = cv.conv2d_backward(dout, mine), cv.conv2d_backward_loops(dout, other)
        for one, two in zip(fast, loops, strict=True):
            np.testing.assert_array_equal(one, two)


@both_ways
@given(case=layers())
def test_output_is_the_sum_of_correlations_by_scipy(forward, backward, case):
    *arguments, dout = case
    out = forward(*arguments)[0]
    assert out.shape == dout.shape
    np.testing.assert_array_equal(out, by_scipy(*arguments))


@both_ways
@given(case=layers())
def test_gradients_are_those_of_autograd(forward, backward, case):
    x, w, b, stride, padding, dout = case
    # autograd goes round in circles where the two arrays of a full convolution have equally many entries
    assume(forward(x, w, b, 1, padding)[0].size != w.size)
    gradients = backward(dout, forward(x, w, b, stride, padding)[1])

    def weighted(x, w, b):
        return anp.sum(dout * by_autograd(x, w, b, stride, padding))

    for i, gradient in enumerate(gradients):
        np.testing.assert_array_equal(gradient, autograd.grad(weighted, i)(x, w, b))


SHAPES = {
    "plain": ((2, 2, 4, 5), (2, 2, 3), (1, 1), (0, 0)),
    "padding and stride": ((1, 3, 5, 4), (2, 3, 2), (2, 1), (1, 2)),
    "stride 3, remainder": ((2, 1, 6, 9), (1, 2, 2), (3, 3), (0, 1)),
    "one pixel a kernel": ((2, 2, 3, 3), (3, 1, 1), (1, 2), (0, 0)),
    "kernel as large as the image": ((2, 2, 3, 2), (2, 3, 2), (1, 1), (0, 0)),
}


@both_ways
@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_gradients_agree_with_differences_entry_by_entry(forward, backward, shapes):
    *_, stride, padding, dout = layer(*shapes)
    rng = np.random.default_rng(1)
    x, w, b = (rng.standard_normal(part.shape) for part in layer(*shapes)[:3])
    dx, dw, db = backward(dout, forward(x, w, b, stride, padding)[1])
    assert_gradient(dx, lambda x: np.sum(dout * forward(x, w, b, stride, padding)[0]), x)
    assert_gradient(dw, lambda w: np.sum(dout * forward(x, w, b, stride, padding)[0]), w)
    assert_gradient(db, lambda b: np.sum(dout * forward(x, w, b, stride, padding)[0]), b)


@pytest.mark.parametrize(("stride", "padding"), [(1, 1), (2, 2), ((3, 2), (0, 1))])
def test_gradients_of_a_large_layer_agree_with_differences_along_random_directions(stride, padding):
    rng = np.random.default_rng(2)
    x, w, b = rng.standard_normal((4, 8, 14, 15)), rng.standard_normal((6, 8, 5, 3)) / 10, rng.standard_normal(6)
    out, cache = cv.conv2d_forward(x, w, b, stride, padding)
    dout = rng.standard_normal(out.shape) / np.sqrt(out.size)
    dx, dw, db = cv.conv2d_backward(dout, cache)
    for gradient, at, f in (
        (dx, x, lambda t: cv.conv2d_forward(t, w, b, stride, padding)),
        (dw, w, lambda t: cv.conv2d_forward(x, t, b, stride, padding)),
        (db, b, lambda t: cv.conv2d_forward(x, w, t, stride, padding)),
    ):
        assert_slope_along_random_directions(gradient, lambda t, f=f: np.sum(dout * f(t)[0]), at, rng)


@both_ways
@given(case=layers())
def test_back_is_the_adjoint_of_forth(forward, backward, case):
    x, w, b, stride, padding, y = case
    out, cache = forward(x, w, 0 * b, stride, padding)
    dx, dw, db = backward(y, cache)
    assert np.sum(out * y) == np.sum(x * dx) == np.sum(w * dw)
    assert np.sum(b[:, None, None] * y) == np.sum(b * db)


@given(layers(), st.integers(0, 999))
def test_the_layer_is_linear_in_image_and_weights(case, seed):
    x, w, b, stride, padding, _ = case
    rng = np.random.default_rng(seed)
    x2, w2 = whole_numbers(rng, *x.shape), whole_numbers(rng, *w.shape)

    def conv(x, w):
        return cv.conv2d_forward(x, w, 0 * b, stride, padding)[0]

    np.testing.assert_array_equal(conv(3 * x - 2 * x2, w), 3 * conv(x, w) - 2 * conv(x2, w))
    np.testing.assert_array_equal(conv(x, 3 * w - 2 * w2), 3 * conv(x, w) - 2 * conv(x, w2))
    with_bias = cv.conv2d_forward(x, w, b, stride, padding)[0]
    np.testing.assert_array_equal(with_bias - conv(x, w), np.broadcast_to(b[:, None, None], with_bias.shape))


@given(layers(), st.integers(0, 2), st.integers(0, 2))
def test_moving_the_image_by_strides_moves_the_maps(case, down, right):
    x, w, b, (sh, sw), padding, _ = case
    room = [(0, 0), (0, 0), (12, 12), (12, 12)]  # wide enough that neither picture nor map reaches the border
    framed = np.pad(x, room)
    out = cv.conv2d_forward(framed, w, b, (sh, sw), padding)[0]
    moved = cv.conv2d_forward(np.roll(framed, (down * sh, right * sw), axis=(2, 3)), w, b, (sh, sw), padding)[0]
    np.testing.assert_array_equal(moved, np.roll(out, (down, right), axis=(2, 3)))


@given(layers())
def test_images_do_not_see_each_other_and_weights_see_them_all(case):
    x, w, b, stride, padding, dout = case
    out, cache = cv.conv2d_forward(x, w, b, stride, padding)
    dx, dw, db = cv.conv2d_backward(dout, cache)
    singles = [cv.conv2d_forward(x[n : n + 1], w, b, stride, padding) for n in range(len(x))]
    np.testing.assert_array_equal(out, np.concatenate([single for single, _ in singles]))
    backs = [cv.conv2d_backward(dout[n : n + 1], single[1]) for n, single in enumerate(singles)]
    np.testing.assert_array_equal(dx, np.concatenate([back[0] for back in backs]))
    np.testing.assert_array_equal(dw, sum(back[1] for back in backs))
    np.testing.assert_array_equal(db, sum(back[2] for back in backs))


@both_ways
def test_a_layer_worked_out_by_hand(forward, backward):
    # two channels, stride 2 along the columns: z = 1·x[0] + 10·x[1] over two pixels side by side, plus 100
    x = [[[[1, 2, 3, 4]], [[5, 6, 7, 8]]]]
    w = [[[[1, 1]], [[10, -10]]]]
    out, cache = forward(x, w, [100], stride=(1, 2))
    np.testing.assert_array_equal(out, [[[[1 + 2 + 50 - 60 + 100, 3 + 4 + 70 - 80 + 100]]]])
    dx, dw, db = backward([[[[1, 2]]]], cache)
    np.testing.assert_array_equal(dx, [[[[1, 1, 2, 2]], [[10, -10, 20, -20]]]])
    np.testing.assert_array_equal(dw, [[[[1 + 2 * 3, 2 + 2 * 4]], [[5 + 2 * 7, 6 + 2 * 8]]]])
    np.testing.assert_array_equal(db, [3])


@both_ways
def test_shared_weights_receive_the_sum_of_what_edges_of_their_own_would(forward, backward):
    x, w, b, stride, padding, dout = layer((1, 1, 9, 9), (1, 3, 3), (2, 2), (2, 2))
    patches = np.array(
        [padded(x, padding)[0, 0, i : i + 3, j : j + 3] for i in range(0, 11, 2) for j in range(0, 11, 2)]
    )
    own = np.repeat(w[0], 36, axis=0)  # 324 weights: nine for each of the 36 places

    def unshared(own):
        return anp.sum(dout.ravel() * (anp.sum(own * patches, axis=(1, 2)) + b))

    gradient_of_each = autograd.grad(unshared)(own)
    assert gradient_of_each.size == 324
    np.testing.assert_array_equal(
        backward(dout, forward(x, w, b, stride, padding)[1])[1][0, 0], gradient_of_each.sum(0)
    )


@both_ways
def test_a_nan_reaches_the_places_that_see_it_and_no_others(forward, backward):
    x, w, b, stride, padding, dout = layer((2, 2, 7, 8), (2, 3, 2), (2, 3), (1, 0), seed=4)
    x[1, 0, 3, 4] = np.nan
    with no_warnings():
        out, cache = forward(x, w, b, stride, padding)
        dx, dw, db = backward(dout, cache)
    np.testing.assert_array_equal(out, by_scipy(x, w, b, stride, padding))  # where NaN counts as equal to NaN
    assert np.isnan(out).any(axis=(1, 2, 3)).tolist() == [False, True]
    assert np.isfinite(dx).all()
    assert np.isfinite(db).all()
    assert np.isfinite(dw[:, 1]).all()  # the other channel's weights never met it
    # padded row 4 and column 4 are met by the kernel's rows 0 (from place 2) and 2 (from place 1), and its column 1
    np.testing.assert_array_equal(np.isnan(dw[0, 0]), [[False, True], [False, False], [False, True]])


@both_ways
def test_a_nan_in_pixels_left_over_changes_nothing(forward, backward):
    x, w, b, stride, padding, dout = layer((1, 1, 6, 6), (2, 2, 2), (3, 3), (0, 0))
    clean = forward(x, w, b, stride, padding), backward(dout, forward(x, w, b, stride, padding)[1])
    x[:, :, 2::3] = x[:, :, :, 2::3] = np.nan
    out, cache = forward(x, w, b, stride, padding)
    np.testing.assert_array_equal(out, clean[0][0])
    for gradient, expected in zip(backward(dout, cache), clean[1], strict=True):
        np.testing.assert_array_equal(gradient, expected)


@both_ways
@given(case=layers())
def test_float32_stays_and_is_close_to_float64(forward, backward, case):
    x, w, b, stride, padding, dout = case
    exact = forward(x, w, b, stride, padding), backward(dout, forward(x, w, b, stride, padding)[1])
    x, w, b, dout = (part.astype(np.float32) for part in (x, w, b, dout))
    out, cache = forward(x, w, b, stride, padding)
    gradients = backward(dout.astype(float), cache)  # the layer's precision rules, not the upstream's
    for mine, right in zip((out, *gradients), (exact[0][0], *exact[1]), strict=True):
        assert mine.dtype == np.float32
        np.testing.assert_array_equal(mine, right)  # small integers are exact in float32 too


@both_ways
def test_one_float64_argument_makes_the_layer_float64(forward, backward):
    x, w, b, _, _, dout = layer((1, 2, 4, 4), (2, 2, 2), (1, 1), (0, 0))
    for name in ("x", "w", "b"):
        arguments = {k: v.astype(np.float64 if k == name else np.float32) for k, v in {"x": x, "w": w, "b": b}.items()}
        out, cache = forward(**arguments)
        assert {out.dtype, *(part.dtype for part in backward(dout, cache))} == {np.dtype(np.float64)}
    out, cache = forward(x.astype(int), w.astype(np.int8), b.astype(np.float16))
    assert {out.dtype, *(part.dtype for part in backward(dout, cache))} == {np.dtype(np.float64)}


@both_ways
def test_arguments_stay_and_results_are_new_arrays(forward, backward):
    x, w, b, _, _, dout = layer((2, 2, 5, 5), (2, 3, 3), (1, 1), (0, 0))
    call_and_compare_arguments(lambda x, w, b: forward(x, w, b)[0], x, w, b)
    _, cache = forward(x, w, b)
    for i in range(3):
        call_and_compare_arguments(lambda dout, x, w, i=i: backward(dout, cache)[i], dout, x, w)
    first, second = backward(dout, cache), backward(dout, cache)
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)
        assert not np.shares_memory(one, two)
        assert one.flags.c_contiguous
        assert one.base is None
    assert [part.shape for part in first] == [x.shape, w.shape, b.shape]


@both_ways
def test_arrays_in_any_order_of_memory_will_do(forward, backward):
    x, w, b, stride, padding, dout = layer((2, 2, 6, 5), (3, 2, 3), (2, 1), (1, 1))
    expected = forward(x, w, b, stride, padding)[0], *backward(dout, forward(x, w, b, stride, padding)[1])
    x, w, dout = (np.asfortranarray(part) for part in (x, w, dout))
    out, cache = forward(x, w, np.repeat(b, 2)[::2], stride, padding)
    for mine, right in zip((out, *backward(dout, cache)), expected, strict=True):
        np.testing.assert_array_equal(mine, right)


def test_one_number_stands_for_both_axes():
    x, w, b, _, _, _ = layer((1, 1, 7, 9), (1, 3, 2), (1, 1), (0, 0))
    for forward, _ in WAYS.values():
        np.testing.assert_array_equal(forward(x, w, b, 2, 1)[0], forward(x, w, b, (2, 2), [1, 1])[0])
        np.testing.assert_array_equal(forward(x, w, b)[0], forward(x, w, b, (1, 1), (0, 0))[0])
        same = forward(x, w, b, np.int64(2), (np.int32(1), 0))[0]
        np.testing.assert_array_equal(same, forward(x, w, b, stride=2, padding=(1, 0))[0])


@both_ways
def test_bad_layers_are_named(forward, backward):
    x, w, b = np.ones((2, 3, 5, 6)), np.ones((4, 3, 3, 2)), np.ones(4)
    for (x_, w_, b_, *rest), message in (
        ((x[0], w, b), r"x has shape \(3, 5, 6\), expected \(N, C=3, H, W\)"),
        ((x[:, :2], w, b), r"x has shape \(2, 2, 5, 6\), expected \(N, C=3, H, W\)"),
        ((x, w[0], b), r"w has shape \(3, 3, 2\), expected \(F, C, kh, kw\)"),
        ((x, w, b[:3]), r"b has shape \(3,\), expected \(F=4,\)"),
        ((x[:0], w, b), r"x is empty \(shape \(0, 3, 5, 6\)\)"),
        ((x, w[:0], b[:0]), r"w is empty \(shape \(0, 3, 3, 2\)\)"),
        (
            (x[:, :, :2], w, b),
            r"w has shape \(4, 3, 3, 2\), expected a kernel of at most \(2, 6\), the size of x with",
        ),
        ((x[..., :1], w, b), r"expected a kernel of at most \(5, 1\)"),
        ((x[:, :, :1, :1], w, b, 1, (0, 1)), r"expected a kernel of at most \(1, 3\)"),
        ((x[:, :, :1], np.ones((4, 3, 4, 2)), b, 1, (1, 0)), r"expected a kernel of at most \(3, 6\)"),
        ((x[..., :1], np.ones((4, 3, 2, 4)), b, 1, (0, 1)), r"expected a kernel of at most \(5, 3\)"),
        ((x + 1j, w, b), "x must hold real numbers"),
        ((x, w.astype(str), b), "w must hold real numbers"),
        ((x, w, [None] * 4), "b must hold real numbers"),
        ((x, w, b, 0), r"stride must be an integer of at least 1, or a pair \(rows, columns\) of them, but is 0"),
        ((x, w, b, (1, -2)), r"stride must be .* but is \(1, -2\)"),
        ((x, w, b, 1.0), r"stride must be .* but is 1\.0"),
        ((x, w, b, True), r"stride must be .* but is True"),
        ((x, w, b, (1, 2, 3)), r"stride must be .* but is \(1, 2, 3\)"),
        ((x, w, b, None), r"stride must be .* but is None"),
        ((x, w, b, 1, -1), r"padding must be an integer of at least 0, or a pair .* but is -1"),
        ((x, w, b, 1, "same"), r"padding must be .* but is 'same'"),
        ((x, w, b, 1, (0, 0.5)), r"padding must be .* but is \(0, 0\.5\)"),
    ):
        with pytest.raises(ValueError, match=message):
            forward(x_, w_, b_, *rest)
    cache = forward(x, w, b)[1]
    with pytest.raises(ValueError, match=r"dout has shape \(2, 4, 3, 4\), expected \(2, 4, 3, 5\)"):
        backward(np.ones((2, 4, 3, 4)), cache)
    with pytest.raises(ValueError, match="dout must hold real numbers"):
        backward(np.full((2, 4, 3, 5), 1j), cache)


def test_workspace_is_that_of_one_image():
    # The matrix of all 64 images would have 400 · 576 · 64 entries, 56 MiB in float32; that of one has 0.9 MiB.
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 16, 28, 28), dtype=np.float32)
    w, b = rng.standard_normal((32, 16, 5, 5), dtype=np.float32), np.zeros(32, np.float32)
    dout = rng.standard_normal((64, 32, 24, 24), dtype=np.float32)
    tracemalloc.start()
    try:
        out, cache = cv.conv2d_forward(x, w, b)
        results = (out, *cv.conv2d_backward(dout, cache))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - sum(result.nbytes for result in results) < 3 * 2**20


# ---- one kernel on one picture -------------------------------------------------------------------------------------


@st.composite
def pictures(draw):
    """Return an image, a kernel, stride and padding."""
    (h, kh, sh, ph), (w, kw, sw, pw) = draw(axes()), draw(axes())
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    return whole_numbers(rng, h, w), whole_numbers(rng, kh, kw), (sh, sw), (ph, pw)


@given(pictures())
def test_correlation_and_convolution_are_those_of_scipy(case):
    image, kernel, (sh, sw), padding = case
    wide = padded(image, padding)
    for mine, theirs in ((cv.correlate2d, scipy.signal.correlate2d), (cv.convolve2d, scipy.signal.convolve2d)):
        result = mine(image, kernel, stride=(sh, sw), padding=padding)
        np.testing.assert_array_equal(result, theirs(wide, kernel, "valid")[::sh, ::sw])


@given(pictures())
def test_convolution_is_correlation_with_the_flipped_kernel(case):
    image, kernel, stride, padding = case
    convolved = cv.convolve2d(image, kernel, stride=stride, padding=padding)
    flipped = np.flip(kernel)
    np.testing.assert_array_equal(convolved, cv.correlate2d(image, flipped, stride=stride, padding=padding))
    out = cv.conv2d_forward(image[None, None], kernel[None, None], [0.0], stride, padding)[0][0, 0]
    np.testing.assert_array_equal(out, cv.correlate2d(image, kernel, stride=stride, padding=padding))  # no flip there


@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (1, 3)])
def test_a_large_picture_is_correlated_like_a_small_one(stride):
    rng = np.random.default_rng(0)
    image, kernel = whole_numbers(rng, 420, 401), whole_numbers(rng, 3, 2)  # more places than fit into one band of rows
    expected = scipy.signal.correlate2d(image, kernel, "valid")[:: stride[0], :: stride[1]]
    np.testing.assert_array_equal(cv.correlate2d(image, kernel, stride=stride), expected)
    wide = whole_numbers(rng, 2, 70000)  # and a row that is longer than a band
    np.testing.assert_array_equal(cv.correlate2d(wide, [[1, 2]]), wide[:, :-1] + 2 * wide[:, 1:])


def test_a_dot_becomes_the_kernel_under_convolution_and_its_half_turn_under_correlation():
    dot, kernel = np.zeros((5, 7)), np.arange(6.0).reshape(2, 3) ** 2
    dot[2, 3] = 1
    for result, seen in ((cv.convolve2d(dot, kernel), kernel), (cv.correlate2d(dot, kernel), kernel[::-1, ::-1])):
        np.testing.assert_array_equal(result, np.pad(seen, 1))


def test_convolution_commutes_and_correlation_does_not():
    rng = np.random.default_rng(0)
    a, b = whole_numbers(rng, 4, 5), whole_numbers(rng, 3, 2)
    full = {"padding": (3, 4)}
    whole = cv.convolve2d(b, a, **full)  # (3 + 6 − 3, 2 + 8 − 4) = (6, 6): every place where they meet
    np.testing.assert_array_equal(whole, cv.convolve2d(a, b, padding=(2, 1)))
    assert not np.array_equal(cv.correlate2d(b, a, **full), cv.correlate2d(a, b, padding=(2, 1)))


def test_a_picture_keeps_its_precision_and_a_nan_its_place():
    image = np.arange(20, dtype=np.float32).reshape(4, 5)
    for function in (cv.correlate2d, cv.convolve2d):
        call_and_compare_arguments(function, image, np.ones((2, 2)))
        assert function(image, np.ones((2, 2))).dtype == np.float32
        assert function(image.astype(int), np.ones((2, 2), np.float32)).dtype == np.float64
        third = np.full((2, 2), 1 / 3)  # is read in the image's precision before anything is multiplied
        np.testing.assert_array_equal(function(image, third), function(image, third.astype(np.float32)))
    call_and_compare_arguments(cv.correlate2d, np.ones((2, 2)), np.ones((1, 1)))
    image[0, 2] = np.nan
    seen = np.isnan(cv.correlate2d(image, [[1, 0], [0, 1]]))
    np.testing.assert_array_equal(seen, [[False, True, True, False], *2 * [4 * [False]]])


def test_bad_pictures_are_named():
    image, kernel = np.ones((4, 5)), np.ones((3, 3))
    for function in (cv.correlate2d, cv.convolve2d):
        for arguments, options, message in (
            ((image[0], kernel), {}, r"image has shape \(5,\), expected \(H, W\)"),
            ((image, kernel[0]), {}, r"kernel has shape \(3,\), expected \(kh, kw\)"),
            (
                (image[:2], kernel),
                {},
                r"kernel has shape \(3, 3\), expected a kernel of at most \(2, 5\), the size of image",
            ),
            ((image[:0], kernel), {}, r"image is empty \(shape \(0, 5\)\)"),
            ((image, kernel[:0]), {}, r"kernel is empty \(shape \(0, 3\)\)"),
            ((image, kernel), {"stride": 0}, "stride must be an integer of at least 1"),
            ((image, kernel), {"padding": (1, -1)}, "padding must be an integer of at least 0"),
            ((image, [[1j]]), {}, "kernel must hold real numbers"),
            (([["a"]], kernel), {}, "image must hold real numbers"),
        ):
            with pytest.raises(ValueError, match=message):
                function(*arguments, **options)


# ---- blurring ------------------------------------------------------------------------------------------------------

# A quarter of the well-known 7×7 table for σ = 0.84089642, that is 2σ² = √2; the rest are its mirror images.
TABLE = [
    [0.00000067, 0.00002292, 0.00019117, 0.00038771],
    [0.00002292, 0.00078633, 0.00655965, 0.01330373],
    [0.00019117, 0.00655965, 0.05472157, 0.11098164],
    [0.00038771, 0.01330373, 0.11098164, 0.22508352],
]


def test_gaussian_kernel_is_the_table_with_the_centre_corrected():
    kernel = cv.gaussian_kernel(7, 0.84089642)
    full = np.pad(TABLE, (0, 3), mode="reflect")
    np.testing.assert_allclose(
        kernel, full, rtol=0, atol=6e-9
    )  # the table has eight digits; one entry is cut, not rounded
    assert abs(kernel[3, 3] - 0.22508352) < 5e-9 < abs(kernel[3, 3] - 0.22518352)
    assert full.sum() == pytest.approx(1, abs=49 * 6e-9)
    assert full.sum() - 0.22508352 + 0.22518352 > 1.00009  # with the slip it is no longer an average


@given(st.integers(1, 12), st.floats(0.05, 50))
def test_gaussian_kernel_is_a_symmetric_average_that_falls_off_as_the_bell_does(size, sigma):
    with no_warnings():
        kernel = cv.gaussian_kernel(size, sigma)
    assert kernel.shape == (size, size)
    assert kernel.sum() == pytest.approx(1, rel=1e-14)
    for turned in (kernel.T, kernel[::-1], kernel[:, ::-1]):
        np.testing.assert_allclose(turned, kernel, rtol=1e-13)
    u = np.arange(size) - (size - 1) / 2
    squares = u[:, None] ** 2 + u**2
    exponents = (squares - squares.min()) / (2 * sigma**2)
    seen = exponents < 700  # beyond, numbers become subnormal
    # the exponential turns a rounding error of its argument, 700 · 1e-16, into a relative one
    np.testing.assert_allclose((kernel / kernel.max())[seen], np.exp(-exponents[seen]), rtol=1e-12)


def test_a_gaussian_of_any_width_is_finite():
    with no_warnings():
        for size in (1, 2, 3, 6, 7):
            for sigma in (1e-300, 1e-10, 1e10, 1e300):
                kernel = cv.gaussian_kernel(size, sigma)
                assert kernel.sum() == pytest.approx(1, rel=1e-14)
    np.testing.assert_array_equal(cv.gaussian_kernel(3, 1e-10), [[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(cv.gaussian_kernel(4, 1e10), np.full((4, 4), 1 / 16), rtol=1e-15)


def test_blurring_with_a_column_and_a_row_is_blurring_with_the_kernel():
    image = np.random.default_rng(0).random((20, 23))
    kernel = cv.gaussian_kernel(7, 1.3)
    column, row = kernel.sum(axis=1, keepdims=True), kernel.sum(axis=0, keepdims=True)
    in_two_steps = cv.correlate2d(cv.correlate2d(image, column, padding=(3, 0)), row, padding=(0, 3))
    np.testing.assert_allclose(in_two_steps, cv.correlate2d(image, kernel, padding=3), rtol=1e-13)
    np.testing.assert_allclose(cv.convolve2d(image, kernel), cv.correlate2d(image, kernel), rtol=1e-13)
    flat = np.full((9, 9), 0.7)
    np.testing.assert_allclose(cv.correlate2d(flat, kernel), np.full((3, 3), 0.7), rtol=1e-14)
    assert cv.correlate2d(image, kernel).std() < image.std() / 3


@pytest.mark.parametrize(
    ("size", "sigma", "message"),
    [
        (0, 1.0, "size must be an integer of at least 1, but is 0"),
        (3.0, 1.0, r"size must be an integer of at least 1, but is 3\.0"),
        (True, 1.0, "size must be an integer of at least 1, but is True"),
        (3, 0.0, r"sigma must be a positive number, but is 0\.0"),
        (3, -1.0, "sigma must be a positive number"),
        (3, np.nan, "sigma must be a positive number, but is nan"),
        (3, np.inf, "sigma must be a positive number, but is inf"),
        (3, [1.0], r"sigma must be a positive number, but is \[1\.0\]"),
        (3, "wide", "sigma must hold real numbers"),
    ],
)
def test_bad_gaussians_are_named(size, sigma, message):
    with pytest.raises(ValueError, match=message):
        cv.gaussian_kernel(size, sigma)


# ---- edges ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("down", [-2.0, 0.0, 3.0])
@pytest.mark.parametrize("right", [-1.0, 0.0, 0.5])
def test_a_ramp_has_its_slope_and_direction_everywhere(down, right):
    rows, columns = np.mgrid[0:6, 0:8]
    gx, gy = cv.sobel(down * rows + right * columns)
    np.testing.assert_array_equal(gx, np.full((4, 6), 8 * right))
    np.testing.assert_array_equal(gy, np.full((4, 6), 8 * down))
    np.testing.assert_allclose(cv.sobel_magnitude(gx, gy), 8 * np.sqrt(down**2 + right**2), rtol=1e-15)
    uphill = np.stack([np.cos(cv.sobel_direction(gx, gy)), np.sin(cv.sobel_direction(gx, gy))])
    if down or right:
        steepest = np.array([right, down]) / np.sqrt(down**2 + right**2)
        np.testing.assert_allclose(uphill, np.broadcast_to(steepest[:, None, None], uphill.shape), atol=1e-15)
    else:
        np.testing.assert_array_equal(cv.sobel_direction(gx, gy), np.zeros((4, 6)))


def test_the_edge_of_a_bright_disc_points_inwards_in_all_four_quadrants():
    y, x = np.mgrid[-20:21, -20:21]
    radius = np.hypot(x, y)
    disc = np.clip(12.5 - radius, 0, 1)
    gx, gy = cv.sobel(disc, padding=1)
    direction, magnitude = cv.sobel_direction(gx, gy), cv.sobel_magnitude(gx, gy)
    edge = magnitude > 4
    assert np.all(np.abs(radius[edge] - 12) < 2)
    inwards = np.arctan2(-y, -x)
    apart = np.angle(np.exp(1j * (direction - inwards)))[edge]
    assert np.abs(apart).max() < np.radians(8)  # the pixels are a coarse circle; a lost quadrant would be 180 degrees
    for quadrant in ((x > 0) & (y > 0), (x > 0) & (y < 0), (x < 0) & (y > 0), (x < 0) & (y < 0)):
        assert np.sum(edge & quadrant) > 10
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = np.arctan(gy / gx)
    wrong = np.abs(np.angle(np.exp(1j * (plain - inwards)))) > np.pi / 2
    np.testing.assert_array_equal(wrong[edge & (x != 0)], (x > 0)[edge & (x != 0)])  # arctan loses where G_x < 0


def test_sobel_is_that_of_scipy_away_from_the_border():
    image = whole_numbers(np.random.default_rng(0), 9, 7)
    gx, gy = cv.sobel(image)
    np.testing.assert_array_equal(gx, scipy.ndimage.sobel(image, axis=1)[1:-1, 1:-1])
    np.testing.assert_array_equal(gy, scipy.ndimage.sobel(image, axis=0)[1:-1, 1:-1])
    for part, same_size in zip((gx, gy), cv.sobel(image, padding=1), strict=True):
        assert same_size.shape == image.shape
        np.testing.assert_array_equal(same_size[1:-1, 1:-1], part)
    for part, zeros_around in zip(cv.sobel(image, 1), (1, 0), strict=True):
        np.testing.assert_array_equal(part, scipy.ndimage.sobel(image, axis=zeros_around, mode="constant"))


def test_magnitude_and_direction_are_exact_where_squares_would_not_be():
    with no_warnings():
        assert cv.sobel_magnitude(3e200, 4e200) == pytest.approx(5e200, rel=1e-15)
        assert cv.sobel_magnitude(3e-200, -4e-200) == pytest.approx(5e-200, rel=1e-15, abs=0)
    angles = np.radians([-135.0, -90.0, -45.0, 0.0, 45.0, 90.0, 135.0, 180.0])
    np.testing.assert_allclose(
        cv.sobel_direction(8 * np.cos(angles), 8 * np.sin(angles)), angles, rtol=1e-15, atol=1e-15
    )
    assert cv.sobel_direction(0.0, 0.0) == 0


def test_edges_keep_precision_arguments_and_nan():
    image = np.arange(25, dtype=np.float32).reshape(5, 5) ** 2
    for i in (0, 1):
        part = call_and_compare_arguments(lambda image, i=i: cv.sobel(image)[i], image)
        assert part.dtype == np.float32
    gx, gy = cv.sobel(image)
    for function in (cv.sobel_magnitude, cv.sobel_direction):
        assert call_and_compare_arguments(function, gx, gy).dtype == np.float32
        assert np.isnan(function([np.nan, 1.0], [1.0, np.nan])).all()
    image[0, 0] = np.nan
    assert np.isnan(cv.sobel(image)[0]).sum() == 1
    for kernel in (cv.SOBEL_X, cv.SOBEL_Y):
        with pytest.raises(ValueError, match="read-only"):
            kernel[0, 0] = 7


def test_bad_edges_are_named():
    with pytest.raises(ValueError, match=r"image has shape \(3,\), expected \(H, W\)"):
        cv.sobel([1, 2, 3])
    with pytest.raises(ValueError, match=r"expected a kernel of at most \(2, 3\)"):
        cv.sobel(np.ones((2, 3)))
    for function in (cv.sobel_magnitude, cv.sobel_direction):
        with pytest.raises(ValueError, match=r"gy has shape \(2,\), expected \(3,\)"):
            function(np.ones(3), np.ones(2))
        with pytest.raises(ValueError, match="gx must hold real numbers"):
            function([1j], [1.0])
        with pytest.raises(ValueError, match="gy must hold real numbers"):
            function([1.0], [1j])


# ---- padding and counting -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 3), (2, 1, 3, 2)])
@pytest.mark.parametrize("padding", [0, 2, (1, 0), (0, 3)])
def test_padding_is_that_of_numpy(shape, padding):
    x = whole_numbers(np.random.default_rng(0), *shape)
    pair = padding if isinstance(padding, tuple) else (padding, padding)
    result = call_and_compare_arguments(cv.zero_pad, x, padding)
    np.testing.assert_array_equal(result, padded(x, pair))
    assert cv.zero_pad(x.astype(np.float32), padding).dtype == np.float32


def test_bad_padding_is_named():
    with pytest.raises(ValueError, match=r"x has shape \(3,\), expected \(H, W\) or \(C, H, W\) or \(N, C, H, W\)"):
        cv.zero_pad(np.ones(3), 1)
    with pytest.raises(ValueError, match="padding must be an integer of at least 0, or a pair"):
        cv.zero_pad(np.ones((3, 3)), (1, 2, 3))
    with pytest.raises(ValueError, match="x must hold real numbers"):
        cv.zero_pad([["a"]], 1)


@given(axes())
def test_output_size_counts_the_places(axis):
    size, kernel, stride, padding = axis
    assert cv.output_size(*axis) == counted(*axis)
    if kernel <= size:
        assert cv.output_size(size, kernel) == counted(size, kernel, 1, 0)
        assert cv.output_size(size, kernel, stride) == counted(size, kernel, stride, 0)
    assert cv.output_size(size, kernel, padding=padding) == counted(size, kernel, 1, padding)


def test_nine_by_nine_with_padding_two_and_stride_two_has_six_by_six_places():
    assert cv.output_size(9, kernel=3, stride=2, padding=2) == counted(9, 3, 2, 2) == 6
    out, _ = cv.conv2d_forward(np.ones((1, 1, 9, 9)), np.ones((1, 1, 3, 3)), [0.0], stride=2, padding=2)
    assert out.shape == (1, 1, 6, 6)
    shared = cv.conv2d_parameter_count(1, 1, 3, bias=False)
    assert (shared, out.size * shared) == (9, 324)
    assert isinstance(cv.output_size(np.int8(100), np.int8(3), np.int8(1), np.int8(100)), int)
    assert cv.output_size(np.int8(100), np.int8(3), np.int8(1), np.int8(100)) == 298  # no overflow in 8 bits


def test_bad_sizes_are_named():
    for arguments, message in (
        ((0, 1), "size must be an integer of at least 1, but is 0"),
        ((3, 0), "kernel must be an integer of at least 1, but is 0"),
        ((3, 1, 0), "stride must be an integer of at least 1, but is 0"),
        ((3, 1, 1, -1), "padding must be an integer of at least 0, but is -1"),
        ((3, 2.0), r"kernel must be an integer of at least 1, but is 2\.0"),
        ((3, 4), "kernel is 4, expected at most the padded size 3"),
        ((1, 4, 1, 1), "kernel is 4, expected at most the padded size 3"),
    ):
        with pytest.raises(ValueError, match=message):
            cv.output_size(*arguments)


@pytest.mark.parametrize(
    ("channels", "filters", "kernel", "weights"), [(1, 1, 3, 9), (3, 1, 3, 27), (3, 3, 3, 81), (2, 5, (4, 3), 120)]
)
def test_parameters_are_counted(channels, filters, kernel, weights):
    assert cv.conv2d_parameter_count(channels, filters, kernel, bias=False) == weights
    assert cv.conv2d_parameter_count(channels, filters, kernel) == weights + filters
    kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    x, w, b, _, _, dout = layer((1, channels, 6, 6), (filters, kh, kw), (1, 1), (0, 0))
    _, dw, db = cv.conv2d_backward(dout, cv.conv2d_forward(x, w, b)[1])
    assert dw.size + db.size == cv.conv2d_parameter_count(channels, filters, kernel)


def test_bad_counts_are_named():
    for arguments, message in (
        ((0, 1, 3), "channels must be an integer of at least 1, but is 0"),
        ((1, -1, 3), "filters must be an integer of at least 1, but is -1"),
        ((1, 1, 0), r"kernel must be an integer of at least 1, or a pair \(rows, columns\) of them, but is 0"),
        ((1, 1, (3, 3, 3)), "kernel must be an integer of at least 1, or a pair"),
    ):
        with pytest.raises(ValueError, match=message):
            cv.conv2d_parameter_count(*arguments)
    assert cv.conv2d_parameter_count(np.int8(100), np.int8(100), 1) == 10100  # no overflow in 8 bits
