"""Initialisers: their moments, their bounds, and what becomes of a signal in a deep network that starts with them.

Sampled moments are compared within z = 5 standard errors, which chance leaves once in two million draws; the seeds are
fixed, so a test that passes goes on passing.
"""

import numpy as np
import pytest

from course_lib import activations, initializers

Z = 5.0
SHAPES = [(200, 300), (300, 50), (32, 16, 5, 5), (64, 8, 3, 1)]
KINDS = {  # name: (variance from the fans, uniform)
    "glorot_normal": (lambda n_in, n_out: 2 / (n_in + n_out), False),
    "glorot_uniform": (lambda n_in, n_out: 2 / (n_in + n_out), True),
    "he_normal": (lambda n_in, n_out: 2 / n_in, False),
    "he_uniform": (lambda n_in, n_out: 2 / n_in, True),
}


def rng(seed=0):
    return np.random.default_rng(seed)


def assert_moments(w, variance, uniform):
    """Assert mean, variance and kurtosis: of n draws they err by √(v/n), v√((κ−1)/n) and, for κ, √(24/n) or less."""
    n, kurtosis = w.size, 1.8 if uniform else 3.0
    assert abs(w.mean()) < Z * np.sqrt(variance / n)
    assert abs(w.var() - variance) < Z * variance * np.sqrt((kurtosis - 1) / n)
    assert abs(np.mean(w**4) / np.mean(w**2) ** 2 - kurtosis) < Z * np.sqrt(24 / n)


def test_fans_by_hand():
    assert initializers.fans((10, 784)) == (784, 10)
    assert initializers.fans([16, 3, 5, 5]) == (75, 400)
    assert initializers.fans((4, 2, 3, 1)) == (6, 12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", KINDS)
def test_weights_have_the_moments_of_their_distribution(name, shape):
    variance, uniform = KINDS[name]
    w = getattr(initializers, name)(shape, rng())
    assert w.shape == shape
    assert w.dtype == np.float64
    expected = variance(*initializers.fans(shape))
    assert_moments(w, expected, uniform)
    if uniform:
        radius = np.sqrt(3 * expected)
        assert np.abs(w).max() < radius
        assert np.abs(w).max() > radius * (1 - 20 / w.size)  # and comes near it: missed once in e²⁰ draws


@pytest.mark.parametrize("scale", [0.0, 0.01, 3.0])
def test_scaled_normal_has_its_scale(scale):
    w = initializers.scaled_normal((100, 100), scale, rng())
    if scale == 0:
        assert not w.any()
    else:
        assert_moments(w, scale**2, uniform=False)


def test_zeros_are_zeros_of_any_shape():
    for shape in ((3,), (2, 3), (2, 3, 4)):
        w = initializers.zeros(shape)
        assert w.shape == shape
        assert not w.any()


@pytest.mark.parametrize("name", KINDS)
def test_the_same_generator_gives_the_same_weights_and_another_others(name):
    make = getattr(initializers, name)
    np.testing.assert_array_equal(make((5, 4), rng(1)), make((5, 4), rng(1)))
    assert not np.array_equal(make((5, 4), rng(1)), make((5, 4), rng(2)))
    source = rng(1)
    assert not np.array_equal(make((5, 4), source), make((5, 4), source))


def signal_through(make, activation, depth=30, width=400):
    """Return the mean square of the signal after each of many equal layers."""
    source = rng(3)
    a, sizes = source.normal(size=(200, width)), []
    for _ in range(depth):
        a = activation(a @ make((width, width), source).T)
        sizes.append(np.mean(a**2))
    return np.array(sizes)


def test_he_keeps_the_size_of_a_signal_through_rectifiers_and_glorot_halves_it():
    kept = signal_through(initializers.he_normal, activations.relu)
    halved = signal_through(initializers.glorot_normal, activations.relu)
    # a layer multiplies the mean square by 1 and ½, up to √(5/width) a layer, which adds up like a random walk
    spread = np.exp(Z * np.sqrt(5 / 400) * np.sqrt(np.arange(1, 31)))
    for sizes, factor in ((kept, 1.0), (halved, 0.5)):
        expected = factor ** np.arange(1, 31)
        assert np.all(sizes < expected * spread)
        assert np.all(sizes > expected / spread)
    assert halved[-1] < 1e-6 < kept[-1]


def test_glorot_keeps_linear_signals_and_gradients_where_widths_are_equal():
    kept = signal_through(initializers.glorot_uniform, activations.linear)
    assert np.all((kept > 0.5) & (kept < 2))
    backwards = signal_through(lambda shape, source: initializers.glorot_uniform(shape, source).T, activations.linear)
    assert np.all((backwards > 0.5) & (backwards < 2))


def test_small_weights_let_a_signal_die_and_large_ones_saturate_it():
    small = signal_through(lambda shape, source: initializers.scaled_normal(shape, 0.01, source), activations.tanh)
    large = signal_through(lambda shape, source: initializers.scaled_normal(shape, 1.0, source), activations.tanh)
    assert small[-1] < 1e-15
    assert np.all(large > 0.9)


def test_units_that_start_at_zero_stay_alike():
    from course_lib import backprop
    from course_lib.networks import Layer

    x, y = rng(5).normal(size=(8, 3)), rng(6).normal(size=(8, 2))
    layers = [
        Layer(initializers.zeros((4, 3)), initializers.zeros((4,)), "tanh"),
        Layer(initializers.zeros((2, 4)), initializers.zeros((2,)), "linear"),
    ]
    _, gradients = backprop.backpropagate(x, y, layers, "half_squared")
    assert not gradients[0][0].any()  # nothing comes back through weights of 0
    assert np.ptp(gradients[1][0], axis=1).max() == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: initializers.fans((3,)), r"^shape is \(3,\), expected \(M, D\) or \(F, C, kh, kw\)$"),
        (lambda: initializers.he_normal((2, 3, 4), rng()), r"^shape is \(2, 3, 4\), expected"),
        (lambda: initializers.glorot_normal((2, 0), rng()), r"^shape must hold positive integers, but is \(2, 0\)$"),
        (lambda: initializers.glorot_uniform((2, 3.0), rng()), r"^shape must hold positive integers"),
        (lambda: initializers.he_uniform(5, rng()), r"^shape must hold positive integers, but is 5$"),
        (lambda: initializers.zeros((True, 2)), r"^shape must hold positive integers"),
        (lambda: initializers.zeros(()), r"^shape must hold positive integers"),
        (lambda: initializers.scaled_normal((2, 3), -1, rng()), r"^scale must be a number of at least 0, but is -1$"),
    ],
)
def test_what_is_no_shape_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
