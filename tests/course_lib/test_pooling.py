"""Pooling against loops, SciPy, differences and adjointness, ties included; a convolutional network that reads digits.

Where numbers are small integers, and windows have a power of two of entries, sums are exact in floating point and two
right ways agree to the last bit.
"""

import autograd
import autograd.numpy as anp
import autograd.scipy.signal
import numpy as np
import pytest
import scipy.signal
from hypothesis import example, given
from hypothesis import strategies as st
from proof import assert_gradient, assert_slope_along_random_directions, call_and_compare_arguments, no_warnings

from course_lib import convolution, datasets, networks, pooling
from course_lib.pooling import ConvNet

KINDS = {
    "max": (pooling.max_pool2d_forward, pooling.max_pool2d_backward),
    "average": (pooling.average_pool2d_forward, pooling.average_pool2d_backward),
}
both_kinds = pytest.mark.parametrize(("forward", "backward"), KINDS.values(), ids=KINDS)


@st.composite
def poolings(draw, values=(-2.0, -1.0, 0.0, 1.0, 2.0)):
    """Return maps with many ties, a window, a stride and an upstream gradient of whole numbers."""
    (kh, kw), (sh, sw) = ((draw(st.integers(1, 4)), draw(st.integers(1, 4))) for _ in range(2))
    shape = draw(st.integers(1, 3)), draw(st.integers(1, 3)), kh + draw(st.integers(0, 7)), kw + draw(st.integers(0, 7))
    return pooling_problem(shape, (kh, kw), (sh, sw), draw(st.integers(0, 999)), values)


def pooling_problem(shape, window, stride, seed=0, values=(-2.0, -1.0, 0.0, 1.0, 2.0)):
    rng = np.random.default_rng(seed)
    x = rng.choice(values, shape)
    maps = [(n - k) // s + 1 for n, k, s in zip(shape[2:], window, stride, strict=True)]
    return x, window, stride, rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], (*shape[:2], *maps))


def places(window, stride, out_shape):
    """Return every output position with the slices of the window it looks at."""
    for n, c, i, j in np.ndindex(out_shape):
        rows = slice(i * stride[0], i * stride[0] + window[0])
        columns = slice(j * stride[1], j * stride[1] + window[1])
        yield (n, c, i, j), (n, c, rows, columns)


def max_by_loops(x, window, stride, dout):
    """Return maxima and gradient, one window at a time; argmax takes the first maximum, and the first NaN."""
    out, dx = np.empty(dout.shape), np.zeros(x.shape)
    for position, place in places(window, stride, dout.shape):
        winner = np.unravel_index(np.argmax(x[place]), window)
        out[position] = x[place][winner]
        dx[place][winner] += dout[position]
    return out, dx


# ---- max-pooling ---------------------------------------------------------------------------------------------------


@given(poolings())
@example(pooling_problem((1, 1, 9, 9), (3, 3), (3, 3)))
@example(pooling_problem((2, 2, 7, 8), (3, 2), (1, 3)))
def test_max_pooling_is_the_first_maximum_of_every_window(case):
    x, window, stride, dout = case
    out, cache = pooling.max_pool2d_forward(x, window, stride)
    expected = max_by_loops(x, window, stride, dout)
    np.testing.assert_array_equal(out, expected[0])
    np.testing.assert_array_equal(pooling.max_pool2d_backward(dout, cache), expected[1])


@given(poolings(values=(np.nan, -np.inf, -np.inf, 0.0, -0.0, 1.0, np.inf)))
@example(pooling_problem((1, 1, 4, 4), (2, 2), (2, 2), values=(-np.inf,)))
@example(pooling_problem((1, 1, 4, 4), (2, 2), (2, 2), values=(np.nan,)))
def test_max_pooling_lets_nan_and_infinities_pass_and_the_first_of_them_win(case):
    x, window, stride, dout = case
    with no_warnings():
        out, cache = pooling.max_pool2d_forward(x, window, stride)
        dx = pooling.max_pool2d_backward(dout, cache)
    expected = max_by_loops(x, window, stride, dout)
    np.testing.assert_array_equal(out, expected[0])
    np.testing.assert_array_equal(dx, expected[1])


def test_max_pooling_worked_out_by_hand():
    x = [[[[1, 7, 3, 3], [7, 0, 3, 2], [0, 0, -1, -4], [0, 0, -2, -3]]]]
    out, cache = pooling.max_pool2d_forward(x)
    np.testing.assert_array_equal(out, [[[[7, 3], [0, -1]]]])
    dx = pooling.max_pool2d_backward([[[[10, 20], [30, 40]]]], cache)
    np.testing.assert_array_equal(dx, [[[[0, 10, 20, 0], [0, 0, 0, 0], [30, 0, 40, 0], [0, 0, 0, 0]]]])
    # windows that overlap: the 7 in the middle is the largest of all four, the upper one of two
    x = [[[[1, 2, 3], [4, 7, 5], [6, 7, 0]]]]
    out, cache = pooling.max_pool2d_forward(x, 2, 1)
    np.testing.assert_array_equal(out, [[[[7, 7], [7, 7]]]])
    dx = pooling.max_pool2d_backward([[[[1, 10], [100, 1000]]]], cache)
    np.testing.assert_array_equal(dx, [[[[0, 0, 0], [0, 1111, 0], [0, 0, 0]]]])


def test_nine_by_nine_in_regions_of_three_gives_three_by_three():
    x = np.arange(81.0).reshape(1, 1, 9, 9)
    out, cache = pooling.max_pool2d_forward(x, 3)
    np.testing.assert_array_equal(out, [[[[20, 23, 26], [47, 50, 53], [74, 77, 80]]]])  # the last of each region
    np.testing.assert_array_equal(
        np.flatnonzero(pooling.max_pool2d_backward(np.ones((1, 1, 3, 3)), cache)), out.ravel()
    )
    np.testing.assert_array_equal(pooling.average_pool2d_forward(x, 3)[0], out - 10)


@pytest.mark.parametrize(("window", "stride"), [(2, None), ((3, 2), (1, 2)), (2, 3), ((1, 4), (2, 1))])
@both_kinds
def test_gradients_agree_with_differences(forward, backward, window, stride):
    rng = np.random.default_rng(0)
    x = rng.permutation(2 * 2 * 5 * 6).reshape(2, 2, 5, 6) / 10  # entries 0.1 apart: a step of 0.002 changes no winner
    out, cache = forward(x, window, stride)
    dout = rng.standard_normal(out.shape)
    assert_gradient(backward(dout, cache), lambda x: np.sum(dout * forward(x, window, stride)[0]), x)
    large = rng.permutation(4 * 3 * 12 * 11).reshape(4, 3, 12, 11) / 100
    out, cache = forward(large, window, stride)
    dout = rng.standard_normal(out.shape) / np.sqrt(out.size)
    gradient = backward(dout, cache)

    def f(x):
        return np.sum(dout * forward(x, window, stride)[0])

    assert_slope_along_random_directions(
        gradient, f, large, rng
    )  # in a unit direction no entry moves further than 0.002


def test_max_pooling_agrees_with_autograd_where_nothing_ties():
    x = np.random.default_rng(0).permutation(3 * 2 * 8 * 6).reshape(3, 2, 8, 6) / 7
    dout = np.random.default_rng(1).standard_normal((3, 2, 4, 3))

    def weighted(x):
        return anp.sum(dout * anp.max(anp.max(anp.reshape(x, (3, 2, 4, 2, 3, 2)), axis=5), axis=3))

    out, cache = pooling.max_pool2d_forward(x)
    np.testing.assert_allclose(np.sum(dout * out), weighted(x), rtol=1e-14)
    np.testing.assert_array_equal(pooling.max_pool2d_backward(dout, cache), autograd.grad(weighted)(x))


@given(poolings(), st.floats(-5, 5))
def test_max_pooling_follows_a_shift_and_keeps_all_of_the_gradient(case, shift):
    x, window, stride, dout = case
    out, cache = pooling.max_pool2d_forward(x, window, stride)
    np.testing.assert_array_equal(pooling.max_pool2d_forward(x + shift, window, stride)[0], out + shift)
    np.testing.assert_array_equal(pooling.max_pool2d_forward(3 * x, window, stride)[0], 3 * out)
    dx = pooling.max_pool2d_backward(dout, cache)
    np.testing.assert_array_equal(dx.sum(axis=(2, 3)), dout.sum(axis=(2, 3)))
    assert np.sum(dx * x) == np.sum(dout * out)  # Euler's rule for a function that grows in proportion


# ---- average-pooling -----------------------------------------------------------------------------------------------


@given(poolings())
def test_average_pooling_is_correlation_with_an_even_kernel(case):
    x, window, (sh, sw), dout = case
    out, cache = pooling.average_pool2d_forward(x, window, (sh, sw))
    ones = np.ones(window)
    sums = np.array([[scipy.signal.correlate2d(map_, ones, "valid")[::sh, ::sw] for map_ in image] for image in x])
    np.testing.assert_array_equal(out, sums / ones.size)
    dx = np.zeros(x.shape)
    for position, place in places(window, (sh, sw), dout.shape):
        dx[place] += dout[position]
    np.testing.assert_allclose(pooling.average_pool2d_backward(dout, cache), dx / ones.size, rtol=1e-14, atol=1e-15)


@given(poolings())
def test_average_pooling_back_is_the_adjoint_of_forth(case):
    x, window, stride, y = case
    out, cache = pooling.average_pool2d_forward(x, window, stride)
    dx = pooling.average_pool2d_backward(y, cache)
    # sums of up to some hundred numbers of size 10 that may cancel
    assert np.sum(out * y) == pytest.approx(np.sum(x * dx), rel=1e-12, abs=1e-12)


def test_average_pooling_worked_out_by_hand():
    out, cache = pooling.average_pool2d_forward([[[[1, 2, 3], [4, 5, 6]]]], window=2, stride=1)
    np.testing.assert_array_equal(out, [[[[3, 4]]]])
    np.testing.assert_array_equal(pooling.average_pool2d_backward([[[[4, 8]]]], cache), [[[[1, 3, 2], [1, 3, 2]]]])


def test_average_pooling_lets_a_nan_pass_to_the_windows_that_hold_it():
    x = np.ones((1, 1, 5, 5))
    x[0, 0, 2, 3] = x[0, 0, 4, 0] = np.nan  # the second in a row that fills no window
    out, cache = pooling.average_pool2d_forward(x)
    np.testing.assert_array_equal(out, [[[[1, 1], [1, np.nan]]]])
    assert np.isfinite(pooling.average_pool2d_backward(np.ones((1, 1, 2, 2)), cache)).all()


# ---- both ----------------------------------------------------------------------------------------------------------


@both_kinds
@given(case=poolings())
def test_every_map_is_pooled_by_itself(forward, backward, case):
    x, window, stride, dout = case
    out, cache = forward(x, window, stride)
    dx = backward(dout, cache)
    for n, c in np.ndindex(x.shape[:2]):
        single, cache = forward(x[n : n + 1, c : c + 1], window, stride)
        np.testing.assert_array_equal(single[0, 0], out[n, c])
        np.testing.assert_array_equal(backward(dout[n : n + 1, c : c + 1], cache)[0, 0], dx[n, c])


@both_kinds
def test_windows_lie_side_by_side_unless_a_stride_is_given(forward, backward):
    x, _, _, _ = pooling_problem((2, 2, 7, 8), (2, 2), (2, 2))
    for window, stride in ((2, (2, 2)), (3, (3, 3)), ((2, 3), (2, 3))):
        np.testing.assert_array_equal(forward(x, window)[0], forward(x, window, stride)[0])
    np.testing.assert_array_equal(forward(x)[0], forward(x, (2, 2), (2, 2))[0])
    np.testing.assert_array_equal(forward(x, 3, 2)[0], forward(x, [3, 3], (np.int64(2), 2))[0])
    np.testing.assert_array_equal(forward(x, 1)[0], x)


@both_kinds
def test_float32_stays_and_integers_become_float64(forward, backward):
    x, window, stride, dout = pooling_problem((2, 2, 7, 8), (4, 2), (1, 3))
    exact, cache = forward(x, window, stride)
    right = backward(dout, cache)
    for dtype, kept in ((np.float32, np.float32), (int, np.float64)):
        out, cache = forward(x.astype(dtype), window, stride)
        dx = backward(dout, cache)  # the precision of the maps rules, not the upstream's
        assert (out.dtype, dx.dtype) == (kept, kept)
        np.testing.assert_array_equal(out, exact)
        np.testing.assert_array_equal(dx, right)


@both_kinds
@pytest.mark.parametrize("window", [1, 2, (3, 1)])
def test_arguments_stay_and_results_are_new_arrays(forward, backward, window):
    x, _, _, _ = pooling_problem((2, 2, 6, 6), (1, 1), (1, 1))
    out = call_and_compare_arguments(lambda x: forward(x, window)[0], x)
    cache = forward(x, window)[1]
    dout = np.ones(out.shape)
    first = call_and_compare_arguments(lambda dout, x: backward(dout, cache), dout, x)
    np.testing.assert_array_equal(backward(dout, cache), first)
    np.testing.assert_array_equal(backward(np.asfortranarray(dout), forward(np.asfortranarray(x), window)[1]), first)


@both_kinds
def test_bad_poolings_are_named(forward, backward):
    x = np.ones((2, 3, 5, 6))
    for arguments, message in (
        ((x[0],), r"x has shape \(3, 5, 6\), expected \(N, C, H, W\)"),
        ((x[:0],), r"x is empty \(shape \(0, 3, 5, 6\)\)"),
        ((x + 1j,), "x must hold real numbers"),
        ((x, (6, 1)), r"window is \(6, 1\), expected at most \(5, 6\), the size of a map"),
        ((x, (1, 7)), r"window is \(1, 7\), expected at most \(5, 6\)"),
        ((x, 0), r"window must be an integer of at least 1, or a pair \(rows, columns\) of them, but is 0"),
        ((x, 2.0), r"window must be .* but is 2\.0"),
        ((x, 2, 0), "stride must be an integer of at least 1, or a pair .* but is 0"),
        ((x, 2, (1, -1)), r"stride must be .* but is \(1, -1\)"),
        ((x, 2, (1, 1, 1)), r"stride must be .* but is \(1, 1, 1\)"),
    ):
        with pytest.raises(ValueError, match=message):
            forward(*arguments)
    cache = forward(x)[1]
    with pytest.raises(ValueError, match=r"dout has shape \(2, 3, 3, 3\), expected \(2, 3, 2, 3\)"):
        backward(np.ones((2, 3, 3, 3)), cache)
    with pytest.raises(ValueError, match="dout must hold real numbers"):
        backward(np.full((2, 3, 2, 3), 1j), cache)


def test_flattening_writes_maps_one_after_another_and_back():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    out = call_and_compare_arguments(lambda x: pooling.flatten_forward(x)[0], x)
    assert out.shape == (2, 60)
    for n, c, i, j in np.ndindex(x.shape):
        assert out[n, (c * 4 + i) * 5 + j] == x[n, c, i, j]
    cache = pooling.flatten_forward(x)[1]
    np.testing.assert_array_equal(call_and_compare_arguments(pooling.flatten_backward, out, cache), x)
    narrow = x.astype(np.float32)
    assert pooling.flatten_forward(narrow)[0].dtype == np.float32
    assert pooling.flatten_backward(out.astype(np.float32), cache).dtype == np.float32
    for bad, message in (
        (x[0], r"x has shape \(3, 4, 5\), expected \(N, C, H, W\)"),
        (x[:0], r"x is empty \(shape \(0, 3, 4, 5\)\)"),
        (x + 1j, "x must hold real numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            pooling.flatten_forward(bad)
    with pytest.raises(ValueError, match=r"dout has shape \(2, 3, 4, 5\), expected \(2, 60\)"):
        pooling.flatten_backward(x, cache)
    with pytest.raises(ValueError, match="dout must hold real numbers"):
        pooling.flatten_backward(1j * out, cache)


# ---- the convolutional network -------------------------------------------------------------------------------------


def small_net(seed=0, n=3):
    """Return a network whose sizes all differ, images and labels."""
    rng = np.random.default_rng(seed)
    net = pooling.initial_convnet((2, 7, 6), 3, 4, rng, kernel=(2, 3), padding=(1, 0), window=(2, 3))
    net = net._replace(kernel_bias=rng.standard_normal(3), bias=rng.standard_normal(4))
    return net, rng.standard_normal((n, 2, 7, 6)), rng.integers(0, 4, n)


def loss_by_autograd(theta, net, images, labels):
    """Return the loss by the formulas alone, with autograd's convolution."""
    parts, start = [], 0
    for shape in (part.shape for part in net[:4]):
        parts.append(anp.reshape(theta[start : start + int(np.prod(shape))], shape))
        start += int(np.prod(shape))
    kernels, kernel_bias, weights, bias = parts
    x = anp.pad(images, [(0, 0), (0, 0), *((p, p) for p in net.padding)], mode="constant")
    flipped = kernels[:, :, ::-1, ::-1]
    z = autograd.scipy.signal.convolve(x, flipped, axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
    a = anp.maximum(z + kernel_bias[:, None, None], 0)
    n, f, h, w = a.shape
    kh, kw = net.window
    whole = a[:, :, : h // kh * kh, : w // kw * kw]
    pooled = anp.max(anp.max(anp.reshape(whole, (n, f, h // kh, kh, w // kw, kw)), axis=5), axis=3)
    logits = anp.dot(anp.reshape(pooled, (n, -1)), weights.T) + bias
    return anp.mean(anp.log(anp.sum(anp.exp(logits), axis=1)) - logits[np.arange(n), labels])


@given(st.integers(0, 999), st.integers(1, 4))
def test_the_network_agrees_with_autograd(seed, n):
    net, images, labels = small_net(seed, n)
    theta = pooling.flatten_convnet(net)
    value, gradient = pooling.convnet_loss_and_gradient(theta, net, images, labels)
    assert value == pytest.approx(loss_by_autograd(theta, net, images, labels), rel=1e-12)
    expected = autograd.grad(loss_by_autograd)(theta, net, images, labels)
    # A window without a positive entry is all zeros after the ReLU; whoever gets its gradient there, the slope is 0.
    np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=1e-13)


def away_from_bends(margin=0.01):
    """Return a network none of whose maxima and rectifiers changes sides within `margin`."""
    for seed in range(2000):
        net, images, labels = small_net(seed, n=2)
        z = convolution.conv2d_forward(images, net.kernels, net.kernel_bias, padding=net.padding)[0][:, :, :8, :3]
        windows = np.maximum(z, 0).reshape(2, 3, 4, 2, 1, 3).swapaxes(3, 4).reshape(-1, 6)
        largest = np.sort(windows, axis=1)
        if np.abs(z).min() > margin and np.all((np.diff(largest)[:, -1] > margin) | (largest[:, -1] == 0)):
            return net, images, labels
    raise AssertionError("no network away from its bends")


def test_the_network_agrees_with_differences_entry_by_entry():
    net, images, labels = away_from_bends()
    theta = pooling.flatten_convnet(net)
    _, gradient = pooling.convnet_loss_and_gradient(theta, net, images, labels)
    assert_gradient(gradient, lambda t: pooling.convnet_loss_and_gradient(t, net, images, labels)[0], theta)
    logits, cache = pooling.convnet_forward(images, net)
    dlogits = np.random.default_rng(0).standard_normal(logits.shape)
    dimages = pooling.convnet_backward(dlogits, cache)[0]
    assert_gradient(dimages, lambda x: np.sum(dlogits * pooling.convnet_forward(x, net)[0]), images)


def test_the_network_is_its_layers_one_after_another():
    net, images, _ = small_net()
    maps, pooled = pooling.convnet_maps(images, net)
    z = convolution.conv2d_forward_loops(images, net.kernels, net.kernel_bias, padding=(1, 0))[0]
    np.testing.assert_allclose(maps, np.where(z > 0, z, 0), rtol=1e-13, atol=1e-14)
    assert (maps.shape, pooled.shape) == ((3, 3, 8, 4), (3, 3, 4, 1))
    np.testing.assert_array_equal(pooled, maps[..., :3].reshape(3, 3, 4, 2, 3).max(axis=(3, 4))[..., None])
    logits, _ = pooling.convnet_forward(images, net)
    np.testing.assert_allclose(logits, pooled.reshape(3, -1) @ net.weights.T + net.bias, rtol=1e-13)
    h = pooling.convnet_probabilities(images, net)
    np.testing.assert_allclose(h, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), rtol=1e-13)


def test_loss_and_gradient_are_means_of_the_images():
    net, images, labels = small_net(n=4)
    theta = pooling.flatten_convnet(net)
    value, gradient = pooling.convnet_loss_and_gradient(theta, net, images, labels)
    singles = [pooling.convnet_loss_and_gradient(theta, net, images[[i]], labels[[i]]) for i in range(4)]
    assert value == pytest.approx(np.mean([single[0] for single in singles]), rel=1e-13)
    np.testing.assert_allclose(gradient, np.mean([single[1] for single in singles], axis=0), rtol=1e-11, atol=1e-14)


def test_parameters_are_one_vector_and_a_network_again():
    net, images, labels = small_net()
    theta = pooling.flatten_convnet(net)
    assert theta.size == convolution.conv2d_parameter_count(2, 3, (2, 3)) + networks.parameter_count([12, 4])
    np.testing.assert_array_equal(theta, np.concatenate([np.ravel(part) for part in net[:4]]))
    other = pooling.unflatten_convnet(2 * theta, net)
    for twice, part in zip(other[:4], net[:4], strict=True):
        np.testing.assert_array_equal(twice, 2 * part)
    assert other[4:] == net[4:] == ((1, 0), (2, 3))
    for part in pooling.unflatten_convnet(theta, net)[:4]:
        assert not np.shares_memory(part, theta)
    for part in net[:4]:
        assert not np.shares_memory(part, theta)
    before = [np.copy(part) for part in (theta, images, labels, *net[:4])]
    pooling.convnet_loss_and_gradient(theta, net, images, labels)
    for part, copy in zip((theta, images, labels, *net[:4]), before, strict=True):
        np.testing.assert_array_equal(part, copy)


def test_the_network_keeps_float32():
    net, images, labels = small_net()
    theta = pooling.flatten_convnet(net).astype(np.float32)
    narrow = pooling.unflatten_convnet(theta, net)
    assert {part.dtype for part in narrow[:4]} == {np.dtype(np.float32)}
    value, gradient = pooling.convnet_loss_and_gradient(theta, net, images.astype(np.float32), labels)
    assert (value.dtype, gradient.dtype) == (np.float32, np.float32)
    _, exact = pooling.convnet_loss_and_gradient(theta.astype(float), net, images, labels)
    assert np.linalg.norm(gradient - exact) < 1e-5 * np.linalg.norm(exact)


def test_a_start_has_the_spread_it_says():
    rng = np.random.default_rng(0)
    net = pooling.initial_convnet((3, 20, 20), 200, 50, rng, kernel=5)
    assert [np.shape(part) for part in net[:4]] == [(200, 3, 5, 5), (200,), (50, 200 * 9 * 9), (50,)]
    assert net.kernels.std() == pytest.approx(np.sqrt(2 / 75), rel=0.02)  # 15000 draws: 0.6 % is one standard error
    assert net.weights.std() == pytest.approx(np.sqrt(1 / 16200), rel=0.01)
    assert abs(net.kernels.mean()) < 0.01
    assert abs(net.weights.mean()) < 1e-4
    assert not net.kernel_bias.any()
    assert not net.bias.any()
    assert net[4:] == ((1, 1), (2, 2))
    again = pooling.initial_convnet((3, 20, 20), 200, 50, np.random.default_rng(0), kernel=5)
    np.testing.assert_array_equal(again.kernels, net.kernels)
    assert ConvNet(*net[:4])[4:] == (1, 2)


def test_bad_networks_are_named():
    rng = np.random.default_rng(0)
    for arguments, options, message in (
        (((8, 8), 4, 10, rng), {}, r"image_shape is \(8, 8\), expected \(C, H, W\)"),
        (((1, 8, 0), 4, 10, rng), {}, "image_shape must be an integer of at least 1, but is 0"),
        (((1, 8, 8), 0, 10, rng), {}, "filters must be an integer of at least 1, but is 0"),
        (((1, 8, 8), 4, 2.5, rng), {}, r"classes must be an integer of at least 1, but is 2\.5"),
        (((1, 8, 8), 4, 10, rng), {"kernel": 0}, "kernel must be an integer of at least 1, or a pair"),
        (((1, 8, 8), 4, 10, rng), {"kernel": 11}, "kernel is 11, expected at most the padded size 10"),
        (((1, 8, 8), 4, 10, rng), {"padding": -1}, "padding must be an integer of at least 0, or a pair"),
        (((1, 8, 8), 4, 10, rng), {"window": 0}, "window must be an integer of at least 1, or a pair"),
        (
            ((1, 8, 8), 4, 10, rng),
            {"window": (9, 1)},
            r"window is \(9, 1\), expected at most \(8, 8\), the size of a map",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            pooling.initial_convnet(*arguments, **options)
    net, images, labels = small_net()
    theta = pooling.flatten_convnet(net)
    for arguments, message in (
        ((theta[:-1], net, images, labels), r"theta has shape \(90,\), expected \(91,\)"),
        ((theta, net, images[:0], labels[:0]), r"x is empty \(shape \(0, 2, 7, 6\)\)"),
        ((theta, net, images[:, :1], labels), r"x has shape \(3, 1, 7, 6\), expected \(N, C=2, H, W\)"),
        (
            (theta, net, images[..., :3], labels),
            r"window is \(2, 3\), expected at most \(8, 1\), the size of a map",
        ),
        ((theta, net, images[:, :, :4], labels), r"x has shape \(3, 6\), expected \(N, D=12\)"),
        ((theta, net, images, labels[:2]), r"labels has shape \(2,\), expected \(N=3,\)"),
        ((theta, net, images, labels + 4), r"labels must lie in 0\.\.3"),
        ((1j * theta, net, images, labels), "theta must hold real numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            pooling.convnet_loss_and_gradient(*arguments)
    with pytest.raises(ValueError, match=r"dlogits has shape \(3, 5\), expected \(3, 4\)"):
        pooling.convnet_backward(np.ones((3, 5)), pooling.convnet_forward(images, net)[1])
    with pytest.raises(ValueError, match="dlogits must hold real numbers"):
        pooling.convnet_backward(np.full((3, 4), 1j), pooling.convnet_forward(images, net)[1])
    with pytest.raises(ValueError, match="net must hold real numbers"):
        pooling.flatten_convnet(net._replace(bias=["a"]))


@pytest.mark.parametrize("seed", [0, 1])
def test_digits_never_seen_are_read(seed):
    images, labels = datasets.digits()
    images = images[:, None]
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images))
    train, held_out = order[:1350], order[1350:]
    net = pooling.initial_convnet((1, 8, 8), filters=32, classes=10, rng=rng)
    theta = pooling.flatten_convnet(net)
    mean, square, step = np.zeros_like(theta), np.zeros_like(theta), 0
    for _ in range(20):
        for rows in np.split(rng.permutation(train), range(32, len(train), 32)):
            _, gradient = pooling.convnet_loss_and_gradient(theta, net, images[rows], labels[rows])
            step += 1
            mean = 0.9 * mean + 0.1 * gradient
            square = 0.999 * square + 0.001 * gradient**2
            theta = theta - 3e-3 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    guesses = pooling.convnet_probabilities(images[held_out], pooling.unflatten_convnet(theta, net)).argmax(axis=1)
    assert np.mean(guesses == labels[held_out]) >= 0.98
